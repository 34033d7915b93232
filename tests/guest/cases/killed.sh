# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A program that dies by SIGKILL in the middle of a transfer leaves a disk that can be taken over.

need nvm-read-blocks nvm-identify
set_driver "$SLOW" "$USER_DRIVER"
nvm-read-blocks --ctrl="$SLOW" --blocks=131072 --output=back >/dev/null 2>&1 &
pid=$!
wait_for holds_disk $pid
sleep 0.5
kill -9 $pid
wait $pid || [ $? = 137 ] || die "not killed"
expect 0 nvm-identify --ctrl="$SLOW"
set_driver "$SLOW" nvme
kernel_read "$SLOW" 1 0 8 back
