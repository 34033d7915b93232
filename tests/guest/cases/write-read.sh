# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# 64 MiB written by the library are read back by it, and the blocks before and after are left alone.
# limit: 90

need nvm-read-blocks
huge_pages 64
kernel_write "$MAIN" 1 999 2 "$PATTERN"
kernel_write "$MAIN" 1 17384 1 "$PATTERN"
set_driver "$MAIN" "$USER_DRIVER"

lib_write "$MAIN" 1 8000 131072 "$PATTERN"
lib_read "$MAIN" 1 8000 131072 back
[ "$(stat -c %s back)" = 67108864 ] || die "$(stat -c %s back) bytes read instead of 64 MiB"
same back "$PATTERN"

set_driver "$MAIN" nvme
kernel_read "$MAIN" 1 999 1 before
same before "$PATTERN" -n 4096
kernel_read "$MAIN" 1 17384 1 after
same after "$PATTERN" -n 4096
huge_pages 0
