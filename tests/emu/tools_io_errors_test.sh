#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A block that the disk cannot read or write is one line and exit status 1, in the first command or in the
# middle of many: here a file that lost its end, and a file that may not get that long.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-read-blocks

disk='emu:disk.img?size=8M'
random 8M disk.img
cp disk.img whole

# --- the end of the disk is lost while it is being read
mkfifo pipe
status=0
nvm-read-blocks --ctrl="$disk" --blocks=16384 --chunk=128 --output=pipe --quiet >out 2>err &
reader=$!
exec 9<pipe
# The tool waits for room in the pipe, a few chunks ahead.
head -c 4096 <&9 >part
truncate -s 4M disk.img
cat <&9 >rest
exec 9<&-
wait $reader || status=$?
[ $status = 1 ] || die "exit status $status although half of the disk cannot be read"
one_line 'read.*block [0-9]+.*unrecovered'
[ ! -s out ] || die "a read that failed is summed up as if it had not: $(cat out)"
cat part rest >back
# What was passed on is what was on the disk, and not more than could be read.
size=$(stat -c %s back)
[ "$size" -le 4194304 ] || die "$size bytes were passed on as data"
same back whole -n "$size"

# --- blocks that cannot be written: none of them, or only the later ones
cp whole disk.img
(
	trap '' XFSZ
	ulimit -f 2048 # 2 MiB; the disk has 8 already
	for flush in '' --no-flush; do
		# shellcheck disable=SC2086 # an option, or none
		refused 'write.*block 8192.*(fault|capacity)' nvm-read-blocks --ctrl="$disk" --offset=8192 \
			--write=/dev/zero --blocks=16 $flush
	done
	# The first command is good, a later one is not.
	refused 'write.*block [0-9]+.*(fault|capacity)' nvm-read-blocks --ctrl="$disk" --offset=3072 \
		--write=/dev/zero --blocks=2048 --chunk=512
)
# Up to the limit; nothing of what follows has changed.
dd if=/dev/zero of=whole bs=512 seek=3072 count=1024 conv=notrunc status=none
same disk.img whole
