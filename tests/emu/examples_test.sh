#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every example does what it teaches, and says why if it cannot. The first program is the one that
# README.md shows.

. "$(dirname "$0")/tools_lib.sh"

printf 'Hello' >disk.img
truncate -s 1M disk.img
cp disk.img before

for file in "$SOURCE"/examples/*.c; do
	name=$(basename "$file" .c)
	program=$BUILD/bin/example-$name
	[ -x "$program" ] || skip "$program is not built"
	[ "$(wc -l <"$file")" -le 80 ] || die "$file is longer than an example should be"
	for uri in '' 'emu:disk.img' 'emu:?lba=4096&cqr=1&dstrd=2&vectors=1' 'emu:?latency=1ms&depth=16'; do
		works "$program" ${uri:+"$uri"}
		[ -s out ] || die "$name says nothing"
	done
	expect 1 "$program" emu:missing.img
	[ "$(wc -l <err)" = 1 ] && grep -q "^$name: .*missing.img.*size=" err || die "$name: $(cat err)"
done
same before disk.img

works "$BUILD/bin/example-first" emu:disk.img
[ "$(cat out)" = '512 bytes, the first is 0x48' ] || die "first: $(cat out)"
works "$BUILD/bin/example-raw_queue" emu:disk.img
[ "$(cat out)" = 'block 0: Success, the first byte is 0x48' ] || die "raw_queue: $(cat out)"
works "$BUILD/bin/example-log_page"
grep -Eq '^temperature +[0-9]+ C$' out || die "log_page: $(cat out)"
works "$BUILD/bin/example-irq"
[ "$(cat out)" = 'completed, interrupts: 1' ] || die "irq: $(cat out)"

sed -n '/^## First program/,/^## /{/^```c$/,/^```$/{/^```/d;p}}' "$SOURCE/README.md" >readme.c
diff <(tail -n +3 "$SOURCE/examples/first.c") readme.c || die "README.md shows another program than first.c"
