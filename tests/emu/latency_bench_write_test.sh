#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nvm-latency-bench writes where it was told to and nowhere else, and finds every block that is not what
# it was written as. Asked to end, it says what it has measured, and leaves the disk usable.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-latency-bench nvm-identify
need jq

disk='emu:disk.img?size=8M'
bench() { nvm-latency-bench --ctrl="$disk" "$@"; }
# outside FIRST N: disk.img is as in before.img, except for N blocks from FIRST on
outside() {
	same disk.img before.img -n $(($1 * 512))
	same disk.img before.img -i $((($1 + $2) * 512))
}

random 8M before.img
cp before.img disk.img

# --- reading changes nothing
works bench --count=4096 --iterations=2 --random
same disk.img before.img

# --- the range, nothing else, whatever the sizes are
for options in '--bs=4K' '--random --queues=3' '--bandwidth --queue=no=1,depth=7,prps=3' \
	'--runtime=200ms --rwmix=50 --random' '--parallel --queues=2 --rwmix=0' '--shared --queues=2 --verify' \
	'--rate=2000 --runtime=200ms --rwmix=30 --verify --random'; do
	cp before.img disk.img
	# shellcheck disable=SC2086 # several options
	works bench --write --offset=1001 --blocks=777 --iterations=3 $options
	grep -q '^Overwriting blocks 1001..1777 (388.5 KiB) of namespace 1 of emu:' out || die "what is overwritten is not said"
	outside 1001 777
	cmp -s disk.img before.img && die "nothing was written"
done

# --- a disk that cannot be written: errors, and no results
cp before.img disk.img
expect 1 nvm-latency-bench --ctrl="$disk&ro=1" --write --rwmix=0 --count=64 --bs=4K --iterations=2 \
	--output-format=json
one_line '16 commands failed and are not in the results; the first: write of 8 blocks from block 0 on, queue 1: .*(read only|protected)'
jq -e '.errors == 16 and .phases[0].write.commands == 0 and .phases[0].write.latency_us.max == 0' out >/dev/null ||
	die "commands that failed are results: $(jq -c . out)"
same disk.img before.img

# --- what was written is there, later as well
works bench --write --verify --offset=16 --blocks=4000 --iterations=3 --queues=2 --output-format=json
jq -e '.verified and .errors == 0 and (.phases | map(.operation)) == ["write", "read"]' out >/dev/null ||
	die "no phases of writing and reading: $(jq -c . out)"
works bench --verify=only --offset=16 --blocks=4000 --random --iterations=1
works bench --verify=only --offset=100 --blocks=1 --iterations=1 --bs=512
refused '8 blocks from block 16 on, queue 1: block 16: it was written with another --seed' bench \
	--verify=only --offset=16 --blocks=8 --iterations=1 --seed=2

# --- a block that changes behind its back
cp disk.img good.img
printf 'x' | dd of=disk.img bs=1 seek=$((123 * 512 + 300)) conv=notrunc status=none
refused '^nvm-latency-bench: 1 command failed .* block 123: its contents are damaged from byte 296 on' bench \
	--verify=only --offset=16 --blocks=4000 --iterations=1 --bs=4K
dd if=good.img of=disk.img bs=512 skip=200 seek=123 count=1 conv=notrunc status=none
refused 'block 123: it holds another block \(LBA 200, ' bench --verify=only --offset=16 --blocks=4000 --iterations=1
dd if=/dev/zero of=disk.img bs=512 seek=123 count=1 conv=notrunc status=none
refused 'block 123: it holds no pattern' bench --verify=only --offset=16 --blocks=4000 --iterations=1
# One bad block of eight commands: the others are results.
expect 1 bench --verify=only --offset=96 --blocks=64 --iterations=1 --bs=4K --output-format=json
jq -e '.errors == 1 and .phases[0].read.commands == 7' out >/dev/null || die "$(jq -c .phases out)"

# --- files
random 512000 input
cp before.img disk.img
works bench --write --infile=input --verify --offset=8 --blocks=1000 --iterations=2 --random --outfile=output
same input output
outside 8 1000
same disk.img input -i $((8 * 512)):0 -n 512000
expect 0 bench --infile=input --verify --offset=8 --blocks=1000 --iterations=1 --outfile=- --queues=2
same out input
printf 'x' | dd of=disk.img bs=1 seek=$((40 * 512)) conv=notrunc status=none
refused 'differs from the input file' bench --infile=input --verify --offset=8 --blocks=1000 --iterations=1
refused 'input is too short' bench --write --infile=input --blocks=1001
refused 'cannot read missing: No such file' bench --write --infile=missing --blocks=1
for option in --outfile --stats --plot; do
	cp before.img disk.img
	if [ $option = --plot ] && ! command -v gnuplot >/dev/null; then continue; fi
	refused 'disk.img is in use as a disk' bench $option=disk.img --blocks=8 --iterations=1
	same disk.img before.img
done

# --- signals: what was measured, and the disk can be used at once
for mode in '--runtime=60s' '--iterations=100000' '--iterations=100000 --bandwidth --queues=2' \
	'--rate=100 --wait=irq --runtime=60s' '--write --verify --runtime=60s'; do
	status=0
	# shellcheck disable=SC2086 # several options
	env --default-signal=INT nvm-latency-bench --ctrl="$disk&latency=5ms" --count=4096 --random $mode \
		--output-format=json >out 2>err </dev/null &
	pid=$!
	sleep 0.7
	kill -INT $pid
	wait $pid || status=$?
	[ $status = 130 ] || die "exit status $status after Ctrl-C: $mode: $(cat err)"
	one_line 'interrupted'
	jq -e '.interrupted and .errors == 0 and (.phases[0] | (.read // .write).commands > 0)' out >/dev/null ||
		die "no results of what was measured: $mode: $(jq -c . out)"
	works nvm-identify --ctrl="$disk"
done
