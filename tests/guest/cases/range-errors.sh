# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A namespace that is not there and blocks beyond the end are refused; nothing is written.
# kernel: 6.12

need nvm-read-blocks nvm-identify
kernel_write "$MAIN" 1 32767 1 "$PATTERN" # the last 4 KiB of 128 MiB
head -c 8192 /dev/zero >zeros
set_driver "$MAIN" "$USER_DRIVER"
refused 'namespace' nvm-identify --ctrl="$MAIN" --ns=2
refused 'namespace' nvm-read-blocks --ctrl="$MAIN" --ns=7 --blocks=1 --output=back
refused 'block|range|end|capacity' nvm-read-blocks --ctrl="$MAIN" --offset=262144 --blocks=1 --output=back
refused 'block|range|end|capacity' nvm-read-blocks --ctrl="$MAIN" --offset=262136 --blocks=16 --write=zeros
refused 'block|range|end|capacity' nvm-read-blocks --ctrl="$MAIN" --offset=18446744073709551608 --blocks=16 \
	--write=zeros
lib_read "$MAIN" 1 262143 1 last
same last "$PATTERN" -i 0:3584 -n 512
set_driver "$MAIN" nvme
kernel_read "$MAIN" 1 32767 1 back
same back "$PATTERN" -n 4096
