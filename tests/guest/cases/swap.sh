# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A disk that is swap space is refused.

need nvm-bind
disk=$(block_of "$MAIN")
mkswap "$disk" >/dev/null
swapon "$disk"
refused 'swap' nvm-bind "$MAIN" --driver="$USER_DRIVER"
swapoff "$disk"
[ "$(driver_of "$MAIN")" = nvme ] || die "the disk was taken from the kernel"
expect 0 nvm-bind "$MAIN" --driver="$USER_DRIVER"
