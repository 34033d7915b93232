#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nvm-read-blocks moves the blocks asked for, all of them and no other, for both block sizes, several
# namespaces, odd ranges and any chunk.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-read-blocks
need jq

# --- round trip through a file, by three processes; what is in the file is what was written
for lba in 512 4096; do
	uri="emu:disk$lba.img?size=64M&lba=$lba"
	random 16M in
	n=$((16 * 1024 * 1024 / lba))
	works nvm-read-blocks --ctrl="$uri" --offset=2048 --write=in
	grep -q "^Wrote $n blocks of $lba bytes (16.0 MiB) from block 2048 on" out || die "no summary"
	works nvm-read-blocks --ctrl="$uri" --offset=2048 --blocks=$n --output=back
	grep -q "^Read $n blocks" out || die "no summary"
	same in back
	same in disk$lba.img -i 0:$((2048 * lba)) -n 16777216
	same disk$lba.img /dev/zero -n $((2048 * lba))
	works nvm-read-blocks --ctrl="$uri" -o 2048 -b $n --output=- --quiet
	same in out

	# The whole namespace: it is 64 MiB and not a block more.
	works nvm-read-blocks --ctrl="$uri" --blocks=$((64 * 1024 * 1024 / lba)) --output=back
	same disk$lba.img back

	# Odd ranges, odd chunks: only these blocks change.
	cp disk$lba.img wanted
	while read -r start count chunk; do
		random $((count * lba)) new
		works nvm-read-blocks --ctrl="$uri" --offset="$start" --write=new --chunk="$chunk"
		patch wanted $lba "$start" new
		same disk$lba.img wanted
		works nvm-read-blocks --ctrl="$uri" --offset="$start" --blocks="$count" --chunk="$chunk" \
			--output=back
		same new back
	done <<-END
		0 1 1
		7 9 4
		15 17 16
		100 129 1000
		1 300 299
		$((64 * 1024 * 1024 / lba - 3)) 3 2
	END
done

# --- names of options, old and new
random 4096 four
uri='emu:disk512.img?size=64M'
works nvm-read-blocks -c "$uri" -n 1 -o 64 -w four -b 8 -s 3
for ns in --namespace=1 --ns=1 -n1; do
	works nvm-read-blocks --ctrl="$uri" $ns --offset 64 --blocks 0x8 --output back
	same four back
done

# --- several namespaces keep apart
uri='emu:a.img?size=8M&ns=b.img&size=8M&lba=4096'
random 8M one
random 8M two
works nvm-read-blocks --ctrl="$uri" --write=one
works nvm-read-blocks --ctrl="$uri" --ns=2 --write=two
same one a.img
same two b.img
works nvm-read-blocks --ctrl="$uri" --ns=2 --offset=2047 --blocks=1 --output=back
same two back -i 8384512:0 -n 4096

# --- how much of a file is written
uri='emu:a.img?size=8M'
cp a.img wanted
random 5000 odd
refused '5000 bytes.*512.*--pad' nvm-read-blocks --ctrl="$uri" --write=odd
refused 'odd.*too short: 5000 bytes.*11 blocks' nvm-read-blocks --ctrl="$uri" --write=odd --blocks=11
refused '11 blocks' nvm-read-blocks --ctrl="$uri" --write=odd --blocks=11 --pad
same a.img wanted
works nvm-read-blocks --ctrl="$uri" --write=odd --blocks=9 --offset=16
head -c 4608 odd >new
patch wanted 512 16 new
same a.img wanted
works nvm-read-blocks --ctrl="$uri" --write=odd --pad --offset=32
cp odd new
truncate -s 5120 new
patch wanted 512 32 new
same a.img wanted
refused '5000 bytes' nvm-read-blocks --ctrl="$uri" --write=odd --blocks=10
: >empty
refused 'empty' nvm-read-blocks --ctrl="$uri" --write=empty
same a.img wanted

# --- standard input
random 8192 new
nvm-read-blocks --ctrl="$uri" --write=- --blocks=16 --offset=99 <new >out
patch wanted 512 99 new
same a.img wanted
# From where it stands.
{
	dd bs=4096 count=1 status=none of=/dev/null
	nvm-read-blocks --ctrl="$uri" --write=- --blocks=8 --offset=120 >out
} <new
tail -c 4096 new >part
patch wanted 512 120 part
same a.img wanted
status=0
{
	dd bs=4096 count=1 status=none of=/dev/null
	nvm-read-blocks --ctrl="$uri" --write=- --blocks=16 --offset=140 >out 2>err || status=$?
} <new
[ $status = 1 ] || die "exit status $status for less input than blocks"
one_line 'too short: 4096 bytes'
same a.img wanted
# A pipe gives less than a chunk at a time.
for i in 1 2 3 4; do
	dd if=new bs=2048 skip=$((i - 1)) count=1 status=none
	sleep 0.05
done | nvm-read-blocks --ctrl="$uri" --write=- --blocks=16 --offset=199 --no-flush >out
patch wanted 512 199 new
same a.img wanted
status=0
head -c 5000 new | nvm-read-blocks --ctrl="$uri" --write=- --blocks=16 --chunk=4 --offset=299 >out 2>err ||
	status=$?
[ $status = 1 ] || die "exit status $status for input that ends early"
one_line 'ended after 5000 of 8192 bytes: 8 of 16 blocks are written'
head -c 4096 new >part
patch wanted 512 299 part
same a.img wanted
head -c 5000 new | nvm-read-blocks --ctrl="$uri" --write=- --blocks=10 --pad --offset=399 >out
head -c 5000 new >part
truncate -s 5120 part
patch wanted 512 399 part
same a.img wanted

# --- JSON summaries
works nvm-read-blocks --ctrl="$uri" --write=new --output-format=json
jq -e '.operation == "write" and .blocks == 16 and .bytes == 8192 and .flushed and .file == "new"' out \
	>/dev/null || die "JSON summary: $(cat out)"
works nvm-read-blocks --ctrl="$uri" --blocks=16 --output=back --output-format=json
jq -e '.operation == "read" and .offset == 0 and .block_size == 512 and .namespace == 1' out >/dev/null ||
	die "JSON summary: $(cat out)"
same new back
works nvm-read-blocks --ctrl="$uri" --blocks=16 --output=back --quiet
[ ! -s out ] || die "--quiet is not quiet"

# --- printed blocks
{
	printf 'Hello, disk!\n'
	head -c 499 /dev/zero
} >text
works nvm-read-blocks --ctrl="$uri" --write=text --offset=8
works nvm-read-blocks --ctrl="$uri" --blocks=1 --offset=8
cat >wanted.txt <<'END'
00001000  48 65 6c 6c 6f 2c 20 64  69 73 6b 21 0a 00 00 00  |Hello, disk!....|
00001010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00001200
END
diff wanted.txt out || die "the hexdump is wrong"
works nvm-read-blocks --ctrl="$uri" --blocks=1 --offset=8 --ascii
head -n 1 out | grep -Fq '00001000  |Hello, disk!....' || die "the characters are wrong"

# --- --identify before, or instead of, blocks
works nvm-read-blocks --ctrl="$uri" --identify
grep -q '^Namespace size          : 16384$' out || die "--identify alone does not identify"
works nvm-read-blocks --ctrl="$uri" --identify --blocks=1 --offset=8
grep -q '^Serial Number' out && grep -q '|Hello, disk!' out || die "--identify and blocks are not both there"
