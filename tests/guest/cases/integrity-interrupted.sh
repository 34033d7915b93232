# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Ctrl-C in the middle of a test of the disk: exit status 130, the controller shut down, and it goes on where it was.
# kernel: 6.12

need nvm-integrity-util
set_driver "$SLOW" "$USER_DRIVER"
before=$(shutdowns)
# 10 MiB twice at 4 MiB/s.
test=(nvm-integrity-util --ctrl="$SLOW" --state=state --quiet)
expect 130 timeout --preserve-status -k 10 -s INT 2 "${test[@]}" --test --count=20480 --offset=1000 --queues=2
[ "$(shutdowns)" -gt "$before" ] || die "the controller was not told to shut down"
[ -s state ] || die "no state is kept"
expect 0 "${test[@]}" --resume
set_driver "$SLOW" nvme
kernel_read "$SLOW" 1 125 8 back
