#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nvm-integrity-util finds what is wrong with a disk and says what it is: here the file behind the disk is
# changed behind its back.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-integrity-util
need jq

# block FILE LBA: on standard output
block() { dd if="$1" bs="$lba" skip="$2" count=1 status=none; }

flip() { # FILE BYTE: another value
	local value
	value=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059 # an escape is what it is to print
	printf "\\x$(printf %02x $((value ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# The value of a field of the last JSON output.
field() { jq -r "$1" out; }

# wrong VERDICT LBA TEXT: the check finds just this block.
wrong() {
	local json
	expect 3 "${check[@]}" --output-format=json
	one_line '1 of [0-9]+ blocks checked are not as written'
	json=$(jq -c '[.bad_blocks, .bad[$v], .complete, (.list | length), .list[0].block, .list[0].verdict]' --arg v "$1" out)
	[ "$json" = "[1,1,true,1,$2,\"$1\"]" ] || die "found $json instead of $1 in block $2: $(cat out)"
	field '.list[0].text' | grep -Eq -- "$3" || die "'$(field '.list[0].text')' does not match /$3/"
	expect 3 "${check[@]}"
	grep -Eq "^1 of [0-9]+ blocks checked are not as written: 1 $1\$" out || die "not summed up: $(cat out)"
	grep -Eq "^  block $2: $1, not generation [0-9]+: .*$3" out || die "not listed: $(cat out)"
	cp good.img disk.img
	works "${check[@]}" --quiet
}

for lba in 512 4096; do
	uri="emu:disk.img?size=4M&lba=$lba"
	n=$((4 * 1024 * 1024 / lba))
	rm -f disk.img
	random 4M disk.img
	cp disk.img random.img
	range=(--offset=10 --count=$((n - 20)) --seed=0x123)
	check=(nvm-integrity-util --ctrl="$uri" --check "${range[@]}" --generation=2)

	# Two generations: the range is filled and nothing else is touched.
	works nvm-integrity-util --ctrl="$uri" --fill "${range[@]}"
	grep -q "^Filled $((n - 20)) blocks of $lba bytes" out || die "no summary: $(cat out)"
	grep -q "^Check again: --check --offset=10 --count=$((n - 20)) --seed=0x123 --generation=1\$" out ||
		die "does not say how to check: $(cat out)"
	cp disk.img old.img
	works nvm-integrity-util --ctrl="$uri" --fill "${range[@]}" --generation=2 --random --queues=4 --chunk=5
	cp disk.img good.img
	same disk.img random.img -n $((10 * lba))
	same disk.img random.img -i $(((n - 10) * lba))
	works "${check[@]}"
	grep -q "^Checked $((n - 20)) blocks" out || die "no summary: $(cat out)"
	works "${check[@]}" --random --queues=3 --depth=1 --chunk=3
	# Looking changes nothing.
	same disk.img good.img

	# A flipped byte.
	flip disk.img $((100 * lba + 300))
	wrong corrupted 100 '1 byte differs from that of generation 2, the first is byte 300'
	# A block in the place of another.
	block good.img 77 >new
	patch disk.img $lba 20 new
	wrong misdirected 20 'holds generation 2 of block 77'
	# A write that never arrived.
	block old.img 11 >new
	patch disk.img $lba 11 new
	wrong stale 11 'holds generation 1'
	# Half a write.
	block old.img 30 | tail -c $((lba / 2)) >half
	dd if=half of=disk.img bs=$((lba / 2)) seek=61 conv=notrunc status=none
	if [ $lba = 512 ]; then
		wrong torn 30 'bytes 0 to 255 are generation 2, bytes 256 to 511 are generation 1'
	else
		wrong torn 30 'sectors 0 to 3 are generation 2, sectors 4 to 7 are generation 1'
	fi
	# What was there before there was a test.
	block random.img $((n - 11)) >new
	patch disk.img $lba $((n - 11)) new
	wrong unstamped $((n - 11)) 'holds other data'
	head -c $lba /dev/zero >new
	patch disk.img $lba 40 new
	wrong unstamped 40 'nothing but bytes 0x00'

	# Two blocks exchanged: both.
	block good.img 50 >a
	block good.img 60 >b
	patch disk.img $lba 50 b
	patch disk.img $lba 60 a
	expect 3 "${check[@]}" --output-format=json --list=1
	[ "$(field '[.bad_blocks, .bad.misdirected, (.list | length)] | @csv')" = 2,2,1 ] || die "swapped: $(cat out)"
	# Outside of the range, it is nobody's business.
	cp good.img disk.img
	patch disk.img $lba 9 b
	patch disk.img $lba $((n - 10)) b
	works "${check[@]}"
	cp good.img disk.img

	# Everything is of another run, or of another generation.
	expect 3 nvm-integrity-util --ctrl="$uri" --check "${range[@]}" --seed=5 --generation=2 --output-format=json
	[ "$(field '.bad.foreign')" = $((n - 20)) ] || die "another seed: $(cat out)"
	field '.list[9].text' | grep -q 'of seed 0x123' || die "no seed: $(cat out)"
	[ "$(field '.list | length')" = 10 ] || die "more than ten are listed"
	expect 3 nvm-integrity-util --ctrl="$uri" --check "${range[@]}" --generation=1 --output-format=json
	[ "$(field '.bad.newer')" = $((n - 20)) ] || die "an earlier generation: $(cat out)"
	expect 3 nvm-integrity-util --ctrl="$uri" --check "${range[@]}" --generation=3 --output-format=json
	[ "$(field '.bad.stale')" = $((n - 20)) ] || die "a later generation: $(cat out)"

	# Several passes: each is the next generation, and what is left can be checked.
	works nvm-integrity-util --ctrl="$uri" --test --count=all --passes=3 --queues=2 --random --output-format=json
	jq -e ".complete and .operation == \"test\" and .written_blocks == 3 * $n and .checked_blocks == 3 * $n and
		.passes == 3 and .order == \"random\" and .queues == 2" out >/dev/null || die "passes: $(cat out)"
	seed=$(field .seed)
	works nvm-integrity-util --ctrl="$uri" --check --count=all --seed="$seed" --generation=3 --passes=2
	grep -q "^Checked $n blocks .*, 2 passes, in" out || die "no summary: $(cat out)"
	works nvm-integrity-util --ctrl="$uri" --test --count=all --quiet
	expect 3 nvm-integrity-util --ctrl="$uri" --check --count=all --seed="$seed" --generation=3 --quiet
	grep -q "not as written: $n foreign" out || die "a run of its own does not have a seed of its own"
	rm disk.img
done

# --- a file that the disk does not give back: a byte of it is changed between writing and comparing
lba=512
random 1M in
uri='emu:disk.img?size=1M&latency=80ms'
nvm-integrity-util --ctrl="$uri" --depth=1 --chunk=256 in >out 2>err &
pid=$!
# The eight writes take two thirds of a second, the first comparison comes after them.
for ((i = 0; i < 400; i++)); do
	cmp -s in disk.img && break
	sleep 0.005
done
flip disk.img 1000000
status=0
wait $pid || status=$?
[ $status = 3 ] || die "exit status $status although the file differs: $(cat err)"
one_line '1 of 2048 blocks checked are not as written'
grep -q '^  block 1953: different: 1 byte differs from the file, the first is byte 64' out || die "not listed: $(cat out)"

# --- what the disk refuses: one line and status 1, or counted with --keep-going
rm disk.img
uri='emu:disk.img?size=1M'
works nvm-integrity-util --ctrl="$uri" --fill --count=all --seed=1
refused 'cannot write [0-9]+ blocks from block [0-9]+ on: ' nvm-integrity-util --ctrl="$uri&ro=1" --test --count=all
refused 'could not read or write 2048 blocks' \
	nvm-integrity-util --ctrl="$uri&ro=1" --fill --count=all --keep-going --output-format=json
jq -e '.complete and .failed_blocks == 2048 and .bad_blocks == 0 and .list[0].verdict == "failed"' out >/dev/null ||
	die "refused writes: $(cat out)"
refused 'reach beyond the end' nvm-integrity-util --ctrl="$uri" --test --count=2049
refused 'reach beyond the end' nvm-integrity-util --ctrl="$uri" --test --offset=2048 --count=all
refused 'reach beyond the end' nvm-integrity-util --ctrl="$uri" --test --offset=18446744073709551615 --count=2
works nvm-integrity-util --ctrl="$uri" --check --count=all --seed=1 --generation=1

# --- the end of the disk is lost while it is being checked: 16 chunks of 50 ms, the last of them unreadable
lose_end() { # COMMAND...
	works nvm-integrity-util --ctrl="$uri" --fill --count=all --seed=1
	"$@" >out 2>err &
	pid=$!
	sleep 0.25
	truncate -s 768K disk.img
	status=0
	wait $pid || status=$?
	[ $status = 1 ] || die "exit status $status although the end of the disk cannot be read: $(cat err)"
	truncate -s 1M disk.img
}
check=(nvm-integrity-util --ctrl="$uri&read=50ms" --check --count=all --seed=1 --generation=1 --depth=1 --chunk=128)
lose_end "${check[@]}"
one_line 'cannot read 128 blocks from block 1[5-9][0-9]+ on: Unrecovered'
lose_end "${check[@]}" --keep-going --output-format=json
one_line 'could not read or write 512 blocks'
jq -e '.complete and .failed_blocks == 512 and .checked_blocks == 1536 and .bad_blocks == 0 and .list[0].block == 1536' out \
	>/dev/null || die "unreadable blocks: $(cat out)"
# Just as much of a file is kept as could be read without a gap.
works nvm-integrity-util --ctrl="$uri" --fill --count=all --seed=1
cp disk.img good.img
lose_end nvm-integrity-util --ctrl="$uri&read=50ms" --depth=1 --chunk=128 --read=1M back
one_line 'cannot read 128 blocks from block 1536 on'
[ "$(stat -c %s back)" = 786432 ] || die "$(stat -c %s back) bytes were kept"
same back good.img -n 786432
