# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A disk with a mounted file system is refused by every tool and stays intact.

need nvm-identify nvm-read-blocks nvm-bind
modprobe ext4
disk=$(block_of "$FS")
mkdir -p /run/mnt
mount -t ext4 "${disk}p1" /run/mnt
find /run/mnt -type f -exec sha256sum {} + | sort >before
[ "$(wc -l <before)" = 2 ] || die "the file system has not the files it should"

for driver in vfio-pci uio_pci_generic none; do refused 'mounted' nvm-bind "$FS" --driver=$driver; done
refused 'mounted|nvm-bind' nvm-identify --ctrl="$FS"
refused 'mounted|nvm-bind' nvm-read-blocks --ctrl="$FS" --blocks=1024 --write="$PATTERN"

[ "$(driver_of "$FS")" = nvme ] || die "the disk was taken from the kernel"
sync
echo 3 >/proc/sys/vm/drop_caches
find /run/mnt -type f -exec sha256sum {} + | sort >after
same before after
umount /run/mnt
dd if="${disk}p1" of=part bs=1M status=none
e2fsck -fn part

# Not mounted any more, it can be had.
expect 0 nvm-bind "$FS" --driver="$USER_DRIVER"
expect 0 nvm-bind --restore "$FS"
wait_for block_of "$FS"
