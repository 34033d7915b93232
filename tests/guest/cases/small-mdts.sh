# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A controller that takes 8 KiB a command: larger transfers are split.
# kernel: 6.12

need nvm-read-blocks
pattern 0 4194304 new
set_driver "$SMALL" "$USER_DRIVER"
lib_write "$SMALL" 1 3 8192 new
lib_read "$SMALL" 1 3 8192 back
same back new
expect 0 nvm-identify --ctrl="$SMALL"
grep -Eq '^Max data transfer size *: *8192' "$WORK/out" || die "not 8192 bytes at most"
