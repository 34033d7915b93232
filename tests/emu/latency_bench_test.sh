#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nvm-latency-bench: what it prints, in the forms of 2018 and as JSON; that percentiles are those of the
# disk; that commands that fail are errors and no results.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-latency-bench
need jq

bench() { nvm-latency-bench "$@"; }
json() { works nvm-latency-bench --output-format=json "$@"; }
# holds JQ_EXPRESSION: of the JSON in ./out
holds() {
	jq -e "$1" out >/dev/null || {
		jq -c . out | head -c 3000
		die "the JSON does not say: $1"
	}
}
# says PATTERN: a line of ./out
says() { grep -Eq -- "$1" out || { head -c 4000 out; die "there is no line /$1/"; }; }

disk='emu:?size=16M&mdts=128K'
number='[0-9]+\.[0-9]{3}'

# --- the earliest form
works bench --ctrl="$disk" --blocks=1000 --pattern=sequential
says '^Queue #01 local qd=32 blocks=1000 offset=0 pattern=sequential \(4 commands\)$'
says "^Queue #01 total-blocks=1000000 count=1000 min=$number avg=$number max=$number$"
for p in 0.99 0.97 0.95 0.90 0.75 0.50 0.25 0.05 0.01; do
	says "^	$p: +$number$"
done
[ "$(tail -n 1 out)" = 'OK!' ] || die "it does not end with OK!"
works bench --ctrl="$disk" --blocks=1000 --pattern=linear --queues=2 --iterations=10
says '^Queue #01 local qd=32 blocks=496 offset=0 pattern=linear'
says '^Queue #02 local qd=32 blocks=504 offset=496 pattern=linear'

# --- the tables of 2018
works bench --ctrl="$disk" --queue=no=1,depth=4,prps=1 --queue 'id=3,cmds=2,pages=2,location=local' \
	--blocks --count=800 --iterations=50 --info
says '^Queue #01 read percentiles \(650 samples\)$'
says '^Queue #03 read percentiles \(650 samples\)$'
says '^Aggregated read percentiles \(50 samples\)$'
says '^ +bandwidth, +adj iops, +cmd latency, +prp latency$'
for row in max 0.99 0.97 0.95 0.90 0.75 0.50 0.25 0.10 0.05 0.01 min; do
	[ "$(grep -Ec "^ +$row: +($number, +){3}$number$" out)" = 3 ] || die "not three rows of $row"
done
# Every column falls from the largest to the smallest.
for column in 2 3 4 5; do
	awk -v c=$column '/^ +(max|min|0\.[0-9]+):/ {
		v = $c + 0; if ($1 != "max:" && v > last) exit 1; last = v }' out || die "column $column rises"
done
says '^- QUEUE no=03 location=host cmds=2 prps=2$'
says '^- TRANSFER queue=01 pattern=sequential total-cmds=50 total-blocks=400 total-prps=50 block-start=0'
says '^- OVERHEAD of this program: [0-9.]+ ns per command'

# --- records
works bench --ctrl="$disk" --blocks=64 --iterations=20 --depth=2 --bs=4K --stats=records
[ "$(head -n 1 records | tr -d ' ')" = '#queue;rd/wr;commands;time;blocks;prps;size;cmd-latency;blk-latency;prp-latency;bandwidth;iops;blks-per-sec;prps-per-sec;' ] ||
	die "the columns are $(head -n 1 records)"
[ "$(grep -c '^ ' records)" = 80 ] || die "$(grep -c '^ ' records) records instead of 80"
awk -F';' '/^ / && ($3 != 2 || $5 != 16 || $6 != 2 || $7 != 8192 || $4 <= 0 ||
	$8 < $4 / 2 - .001 || $8 > $4 / 2 + .001) { exit 1 }' records || die "a record does not add up"
expect 0 bench --ctrl="$disk" --blocks=64 --iterations=3 --stats
[ "$(grep -c '^ .*read;' out)" = 3 ] || die "--stats does not print records alone"
grep -q '^Queue #01 read percentiles' err || die "with --stats, text is to be on stderr"

# --- JSON, and percentiles that are those of the disk
json --ctrl='emu:?size=16M&read=300us' --blocks=512 --random --depth=1 --iterations=3
holds '.type == "latency" and .order == "random" and .errors == 0 and .block_size == 512'
holds '.phases | length == 1 and .[0].operation == "read"'
holds '.phases[0].read | .commands == 192 and .blocks == 1536 and .bytes == 786432'
holds '.phases[0].read.latency_us | .min >= 300 and .mean >= .min and .max >= .mean'
holds '.phases[0].read.latency_us.percentiles |
	[.["1","10","50","90","95","99","99.9","99.99","99.999"]] | . == sort and .[2] >= 300'
holds '.phases[0].queues[0].measurements.prp_latency_us["0.50"] >= 300'
holds '.phases[0].read | .iops < 3334 and .bandwidth_mb_s < 14'
json --ctrl="$disk" --blocks=4096 --iterations=5 --queues=2 --parallel --bandwidth

# --- by time, at a rate: latency counts from when a command was due
json --ctrl='emu:?size=16M&read=2ms' --random --depth=1 --rate=1000 --runtime=500ms
holds '.open_loop and .rate == 1000 and .type == "continuous"'
# One command in 2 ms, but one due each 1 ms: the backlog shows. A closed loop would say 2 ms for all.
holds '.phases[0].read.latency_us.percentiles["90"] > 100000 and .phases[0].not_started > 100'
json --ctrl='emu:?size=16M&read=200us' --random --depth=4 --rate=500 --runtime=1s --warmup=10
# Not faster than asked; how much slower is the machine's affair, here as everywhere below.
holds '.phases[0].read.iops | . > 0 and . < 510'
json --ctrl="$disk" --random --runtime=300ms --warmup=50ms --queues=2 --cpus=0 --numa=auto
holds '.phases[0].seconds > 0.25'
holds '.queues | length == 2 and .[0].cpu == 0'
for wait in irq adaptive; do
	json --ctrl='emu:?size=16M&read=100us' --random --runtime=200ms --depth=8 --wait=$wait
	holds ".wait == \"$wait\" and .errors == 0 and .phases[0].read.commands > 0"
done

# --- all the data once in each iteration, and nothing else
for options in '' --random '--random --bandwidth' --bandwidth; do
	# shellcheck disable=SC2086 # several options
	json --ctrl="$disk" --offset=100 --blocks=1001 --bs=4K --iterations=7 --depth=5 $options
	holds '.phases[0].read | .blocks == 7007 and .commands == 882'
done
json --ctrl="$disk" --pages=10 --prps --repeat=3 --iterations=2 --depth=2 --bs=4K
holds '.blocks == 80 and .phases[0].read.commands == 60'
json --ctrl="$disk" --bytes --count=1M --offset=512 --iterations=1
holds '.blocks == 2048 and .first_block == 1'

# --- a disk that loses its end while it is read: errors, and the first is told
random 8M disk.img
nvm-latency-bench --ctrl='emu:disk.img?size=8M&read=100us' --random --runtime=1s --depth=4 \
	--output-format=json >out 2>err &
pid=$!
sleep 0.5
truncate -s 4M disk.img
status=0
wait $pid || status=$?
[ $status = 1 ] || die "exit status $status although reads failed"
one_line 'commands failed and are not in the results; the first: read of 8 blocks from block [0-9]+ on, queue 1: .*unrecovered'
holds '.errors > 0 and .phases[0].errors == .errors and (.first_error | test("block"))'
holds '.phases[0].read.commands > 0'

# --- comparison
for _ in 1 2 3; do
	json --ctrl='emu:?size=16M&read=200us' --random --count=64 --iterations=4 --depth=1
	cat out >>a.json
	json --ctrl='emu:?size=16M&read=4ms' --random --count=64 --iterations=4 --depth=1
	cat out >>b.json
done
works bench --compare a.json b.json
says '^read  latency 50 % \(us\) '
works bench --output-format=json --compare a.json b.json
holds '.read["latency 50 % (us)"] | .a.runs == 3 and .a.min <= .a.median and .b.min >= 4000 and
	(.ratio - .b.median / .a.median | fabs) < 0.001'
holds '.read.IOPS | .b.max <= 250 and (.ratio - .b.median / .a.median | fabs) < 0.001'
jq -s . a.json >array.json
works bench --compare array.json array.json
says '^read  IOPS +1\.000 '
refused 'cannot read missing.json: No such file' bench --compare a.json missing.json
refused 'records is not JSON' bench --compare records b.json
echo '{}' >empty.json
refused 'no result in common' bench --compare a.json empty.json

# --- until it is steady
json --ctrl='emu:?size=16M&read=5ms' --random --depth=1 --steady=100 --runtime=30s
holds '.phases[0].steady | .reached and .range_percent <= 100 and .slope_percent <= 50'
holds '.phases[0] | (.iops_each_second | length) == .steady.seconds'
works bench --ctrl='emu:?size=16M&read=5ms' --random --steady --runtime=1500ms
says '^Not steady: it takes 5 seconds at least to tell$'

# --- figures: on the terminal, or by a gnuplot that is not really one
works bench --ctrl='emu:?size=16M&read=100us' --random --count=64 --iterations=10 --histogram --plot=-
says '^ +[0-9.]+ \.\. +[0-9.]+ us +[0-9]+ +[0-9.]+ % \|#+$'
says '^ +99\.999 % +[0-9.]+ us \|#+$'
[ "$(awk '/ us .* % \|/ { n += $5 } END { print n }' out)" = 80 ] || die "the histogram has not 80 commands"
mkdir fake none
for program in bash cat sh; do ln -s "$(command -v $program)" none/; done
cat >fake/gnuplot <<'END'
#!/bin/sh
cat >script
echo drawing >"it's.svg"
END
chmod +x fake/gnuplot
PATH=$PWD/fake:$PATH works bench --ctrl="$disk" --blocks=64 --iterations=10 --plot="it's.svg"
[ "$(cat "it's.svg")" = drawing ] || die "gnuplot was not asked"
grep -Fqx "set output 'it''s.svg'" script && grep -q '^set terminal svg' script && grep -Eq '^1 [0-9.]+$' script ||
	die "this is no script: $(cat script)"
# Whoever is without gnuplot gets the figure on the terminal, and is told.
tool=$BUILD/bin/nvm-latency-bench
PATH=$PWD/none expect 0 "$tool" --ctrl="$disk" --blocks=64 --iterations=10 --plot=drawn.svg
says 'This is no drawn.svg: there is no gnuplot here'
says '^ +99\.999 % '
