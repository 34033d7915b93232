# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A write changes the blocks asked for and no other, also where it is no whole page.
# kernel: 6.12

need nvm-read-blocks
kernel_write "$MAIN" 1 0 64 "$PATTERN"
pattern 0 262144 wanted
set_driver "$MAIN" "$USER_DRIVER"
while read -r lba n; do
	pattern $((lba * 1000000 % 40000000)) $((n * 512)) new
	lib_write "$MAIN" 1 "$lba" "$n" new
	dd if=new of=wanted bs=512 seek="$lba" conv=notrunc status=none
done <<<"1 1
7 9
15 17
100 129"
lib_read "$MAIN" 1 3 5 part
same part wanted -i 0:1536 -n 2560
set_driver "$MAIN" nvme
kernel_read "$MAIN" 1 0 64 back
same back wanted
