# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A disk held by a device-mapper device (LVM, dm-crypt) is refused.

need nvm-bind
command -v dmsetup >/dev/null || skip "dmsetup is not installed"
modprobe dm-mod
disk=$(block_of "$MAIN")
dmsetup create --noudevsync nvmtest --table "0 8192 linear $disk 0"
refused 'dm-|holds|held|holder|device.mapper' nvm-bind "$MAIN" --driver="$USER_DRIVER"
[ "$(driver_of "$MAIN")" = nvme ] || die "the disk was taken from the kernel"
dmsetup remove --noudevsync nvmtest
expect 0 nvm-bind "$MAIN" --driver="$USER_DRIVER"
