# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A disk that is mounted where this process cannot see it (in another mount namespace, as containers have)
# is refused, too: the kernel has it open exclusively.

need nvm-bind nvm-identify
command -v unshare >/dev/null || skip "unshare is not installed"
modprobe ext4
disk=$(block_of "$FS")
mkdir -p /run/mnt
mkfifo ready go
unshare --mount --propagation private bash -c "mount -t ext4 ${disk}p1 /run/mnt && echo >ready && read -r <go" &
holder=$!
read -r <ready
! grep -q "$disk" /proc/self/mountinfo || die "the mount can be seen"

refused 'exclusively' nvm-bind "$FS" --driver="$USER_DRIVER"
refused 'exclusively|nvm-bind' nvm-identify --ctrl="$FS"
[ "$(driver_of "$FS")" = nvme ] || die "the disk was taken from the kernel"

echo >go
wait $holder
expect 0 nvm-bind "$FS" --driver="$USER_DRIVER"
expect 0 nvm-bind --restore "$FS"
wait_for block_of "$FS"
