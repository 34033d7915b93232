#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A test that was interrupted, or killed, goes on where it was: every block is written and checked, what was
# found before is not forgotten and not counted twice. A state file of another test or disk is refused.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-integrity-util nvm-identify
need jq

fast='emu:disk.img?size=4M'
# 64 chunks of 128 blocks, 15 or 50 ms each, two at a time: half a second, or 1.6, per step.
slow="$fast&latency=15ms"
slower="$fast&latency=50ms"
slowly=(--depth=2 --chunk=128)
state() { jq -r "$1" state; }
field() { jq -r "$1" out; }

# end_with SIGNAL STATUS CONDITION COMMAND...: start it, signal it once the state file fulfils a condition.
end_with() {
	local signal=$1 want=$2 condition=$3 got=0 pid i
	shift 3
	echo "# $signal: $*"
	# Background programs of a script have SIGINT ignored; env gives it back.
	env --default-signal=INT "$@" >out 2>err </dev/null &
	pid=$!
	for ((i = 0; i < 600; i++)); do
		if [ -e state ] && jq -e "$condition" state >/dev/null; then break; fi
		sleep 0.02
	done
	sleep 0.3
	kill -"$signal" $pid
	wait $pid || got=$?
	[ $got = "$want" ] || die "exit status $got instead of $want: $(cat err)"
}

# --- the blocks that an uninterrupted test leaves
works nvm-integrity-util --ctrl="$fast" --test --count=all --passes=2 --seed=7
mv disk.img wanted.img
options=(--test --count=all --passes=2 --seed=7 --state=state)

# --- a signal while it fills, another while it checks
for order in '' --random; do
	rm -f disk.img state
	truncate -s 4M disk.img
	# shellcheck disable=SC2086 # an option, or none
	end_with INT 130 '.step == 0' nvm-integrity-util --ctrl="$slow" "${slowly[@]}" "${options[@]}" $order
	one_line 'interrupted after .*: --resume goes on'
	[ ! -e state.new ] || die "half a state file is left"
	works nvm-identify --ctrl="$fast"

	# More of it, with other queues; by the state file alone.
	end_with TERM 143 '.step >= 1' nvm-integrity-util --ctrl="$slow" --state=state --resume --queues=2 --depth=1
	one_line 'interrupted'
	[ "$(state .step)" -ge 1 ] || die "no step further: $(cat state)"
	[ "$(state .found.written)" -ge 8192 ] || die "a step is done, but not all is written: $(cat state)"
	works nvm-integrity-util --ctrl="$fast" "${options[@]}" --resume --output-format=json
	jq -e '.complete and .written_blocks == 16384 and .checked_blocks == 16384 and .bad_blocks == 0' out >/dev/null ||
		die "not every block was written and checked: $(cat out)"
	same disk.img wanted.img
	[ "$(state .finished)" = true ] || die "it does not say that it has finished: $(cat state)"
done

# What has finished is not done again: only the result is said.
cp state finished
random 4096 new
patch disk.img 4096 3 new
cp disk.img changed
works nvm-integrity-util --ctrl="$fast" --state=state --resume
grep -q '^Filled and checked 8192 blocks .*, 2 passes' out || die "no result: $(cat out)"
same disk.img changed
# A new test may take its place.
works nvm-integrity-util --ctrl="$fast" --test --count=8 --state=state
[ "$(state .test.count),$(state .count)" = null,8 ] || die "an old state file: $(cat state)"

# --- interrupted in the middle of the first step: just what it says is written
rm state
end_with INT 130 .fill nvm-integrity-util --ctrl="$slower" "${slowly[@]}" --fill --count=all --seed=9 --state=state
position=$(state .position)
[ "$position" -gt 0 ] && [ "$position" -lt 64 ] || die "not in the middle: $(cat state)"
[ "$(state .found.written)" = $((position * 128)) ] || die "written blocks do not fit: $(cat state)"
works nvm-integrity-util --ctrl="$fast" --check --count=$((position * 128)) --seed=9 --generation=1
[ "$(stat -c %s disk.img)" = 4194304 ] || die "the disk has another size"
# Without a state file, it is just an interruption.
end_with INT 130 .fill nvm-integrity-util --ctrl="$slower" "${slowly[@]}" --test --count=all --quiet
one_line 'interrupted after [0-9.]+ [KM]?i?B$'

# --- killed, while it fills and while it checks: a little is done again, nothing is left out
truncate -s 0 disk.img
truncate -s 4M disk.img
rm state
end_with KILL 137 '.step == 0 and .position > 0' nvm-integrity-util --ctrl="$slower" "${slowly[@]}" "${options[@]}" --passes=1
end_with KILL 137 '.step == 1 and .position > 0' \
	nvm-integrity-util --ctrl="$slower&read=90ms&write=1ms" --depth=2 --state=state --resume
# A block in what was checked already, and one in what was not.
patch disk.img 4096 0 new
patch disk.img 4096 1023 new
expect 3 nvm-integrity-util --ctrl="$fast" --state=state --resume --output-format=json
jq -e '.complete and .written_blocks == 8192 and .checked_blocks == 8192 and .bad.unstamped == 8 and .list[0].block == 8184' \
	out >/dev/null || die "after it was killed: $(cat out)"

# --- what was found before is neither forgotten nor counted again, and is listed
rm state
check=(nvm-integrity-util --ctrl="$slower" "${slowly[@]}" --check --count=all --seed=7 --generation=1 --state=state)
end_with INT 130 .check "${check[@]}" --output-format=json
one_line 'interrupted'
jq -e '(.complete | not) and .bad_blocks == 8 and .list[0].block == 0' out >/dev/null || die "nothing found: $(cat out)"
expect 3 nvm-integrity-util --ctrl="$fast" --state=state --resume --output-format=json
one_line '16 of 8192 blocks checked are not as written'
[ "$(field '[.list[].block] | join(" ")')" = '0 1 2 3 4 5 6 7 8184 8185' ] || die "the list: $(cat out)"
# The result again, with its status.
expect 3 nvm-integrity-util --ctrl="$fast" --state=state --resume
grep -q '^16 of 8192 blocks checked are not as written: 16 unstamped$' out || die "the result: $(cat out)"

# --- state files of something else
rm state
end_with INT 130 .fill nvm-integrity-util --ctrl="$slower" "${slowly[@]}" --test --offset=8 --count=8000 --seed=9 --state=state
cp state saved
cp disk.img before
resume() { nvm-integrity-util --ctrl="$fast" --state=state --resume "$@"; }
refused 'has not ended: go on with --resume, or remove' nvm-integrity-util --ctrl="$fast" --test --count=8 --state=state
refused 'with --seed=9' resume --seed=8
refused 'with --offset=8' resume --offset=0
refused 'with --count=8000' resume --count=8001
refused 'with --count=8000' resume --count=all
refused 'with --passes=1' resume --passes=2
refused 'with --generation=1' resume --generation=2
refused 'with --chunk=128' resume --chunk=64
refused 'with --namespace=1' resume --namespace=2
refused 'with --test' resume --check
refused 'without --random' resume --random
refused 'of another disk' nvm-integrity-util --ctrl='emu:other.img?size=4M' --state=state --resume
refused 'of another disk' nvm-integrity-util --ctrl="$fast&serial=OTHER" --state=state --resume
refused 'of blocks of 512 bytes' nvm-integrity-util --ctrl="$fast&lba=4096" --state=state --resume
refused 'no state file missing' nvm-integrity-util --ctrl="$fast" --state=missing --resume
same state saved
same disk.img before

# --- damaged ones
damaged() { # JQ FILTER
	jq "$1" saved >state
	refused 'no state file of nvm-integrity-util, or is damaged' resume
}
for filter in 'del(.seed)' '.seed = "x"' '.position = -1' '.position = 1000' '.step = 3' '.step = 2' '.finished = true' \
	'.count = 0' '.count = 18446744073709551615' '.chunk = 0' '.passes = 0' '.generation = 0' '.found = 1' \
	'.found.list = 1' '.found.list = [1]' '.found.good = "x"' '.version = 2' '.format = "x"' '.fill = 1' \
	'.serial = 1' '.serial = "123456789012345678901"' '[.]' 'del(.found)' '.namespace = 0' '.block_size = 100' \
	'.fill = false | .check = false' '.seconds = "x"'; do
	damaged "$filter"
done
head -c 300 saved >state
refused 'no state file' resume
: >state
refused 'no state file' resume
same disk.img before
refused 'no state file' nvm-integrity-util --ctrl="$fast" --test --count=8 --state=disk.img
same disk.img before

# --- one that cannot be written: found out before a block is
refused 'cannot write the state file no/such: No such file' \
	nvm-integrity-util --ctrl="$fast" --test --count=8 --state=no/such
same disk.img before
cp saved state
works resume
