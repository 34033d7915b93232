# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A disk bound to the kernel's driver is refused, and the message names the way out.

need nvm-identify nvm-read-blocks
refused 'nvm-bind' nvm-identify --ctrl="$MAIN"
refused 'nvm-bind' nvm-read-blocks --ctrl="$MAIN" --blocks=8 --write="$PATTERN"
refused 'nvm-bind' nvm-identify --ctrl="${MAIN#0000:}"
[ "$(driver_of "$MAIN")" = nvme ] || die "no longer bound to nvme"
kernel_read "$MAIN" 1 0 8 back
