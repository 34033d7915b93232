# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A namespace behind the kernel's multipath head is in use when the head is mounted.

need nvm-bind
modprobe ext4
read -r id <"/sys/class/nvme/$(kernel_ctrl "$MULTI")/subsysnqn"
disk=$(block_of "$MULTI" 1)
say "$disk of $id"
mke2fs -q -t ext4 "$disk" 8192
mkdir -p /run/mnt
mount -t ext4 "$disk" /run/mnt
refused 'mounted' nvm-bind "$MULTI" --driver=none
[ "$(driver_of "$MULTI")" = nvme ] || die "the disk was taken from the kernel"
umount /run/mnt
expect 0 nvm-bind "$MULTI" --driver=none
