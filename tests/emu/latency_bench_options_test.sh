#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Options of nvm-latency-bench: every name of 2018 is known, what cannot be is refused by name, and nothing
# is written without a word.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-latency-bench

for option in --help -h; do
	works nvm-latency-bench $option
	grep -q '^Usage: nvm-latency-bench ' out || die "$option does not print the usage"
done
works nvm-latency-bench --version
grep -Eq '^nvm-latency-bench \(libnvm\) [0-9]+\.' out || die "no version: $(cat out)"

misused '--ctrl=URI is required' nvm-latency-bench
bench() { nvm-latency-bench --ctrl=emu:bench-disk.img?size=16M "$@"; }

# --- wrong usage touches no controller
misused '--blocks=N is required, or --runtime' bench
misused '--nonsense is not an option' bench --nonsense
misused "'extra' is not expected" bench --blocks=1 extra
for n in 0 -1 x 1K 99999999999999999999; do
	misused '--count=' bench --blocks="$n"
	misused '--count=' bench --pages --size="$n"
done
misused '--offset=-1' bench --blocks=1 --offset=-1
for n in 0 x 4294967295; do misused '--namespace=' bench --blocks=1 --ns=$n; done
for n in 0 x -1; do
	misused '--iterations=' bench --blocks=1 --outer=$n
	misused '--repeat=' bench --blocks=1 --inner=$n
	misused '--rate=' bench --blocks=1 --rate=$n
	misused '--runtime=' bench --runtime=$n
	misused '--warmup=' bench --blocks=1 --warmup=$n
done
misused '--runtime=10x' bench --runtime=10x
misused '--steady=0' bench --steady=0
misused '--rwmix=101' bench --blocks=1 --rwmix=101
misused '--pattern=zigzag' bench --blocks=1 --pattern=zigzag
misused '--wait=sleep' bench --blocks=1 --wait=sleep
misused '--cpus=2-1' bench --blocks=1 --cpus=2-1
misused '--cpus=' bench --blocks=1 --cpus=
misused '--cpus=LIST' bench --blocks=1 --numa=auto
misused '--verify=twice' bench --blocks=1 --verify=twice
misused '--bs=' bench --blocks=1 --bs=1

# --- queues
misused 'which queue' bench --blocks=1 --queue=depth=3
misused 'number 1 is given twice' bench --blocks=1 --queue=no=1 --queue=no=1,depth=2
misused "'x' is not key=value" bench --blocks=1 --queue=no=1,x
misused "'speed' is no key" bench --blocks=1 --queue=no=1,speed=9
misused 'queue: depth=0' bench --blocks=1 --queue=no=1,depth=0
misused 'queue: no=65536' bench --blocks=1 --queue=no=65536
misused '--queues and --depth' bench --blocks=1 --queue=no=1 --depth=2

# --- what this build has no part for, by name
misused '--rpc' bench --blocks=1 --rpc
misused '--rpc' bench --blocks=1 --client
misused '--gpu=0' bench --blocks=1 --gpu=0
misused 'needs a build with SmartIO' bench --blocks=1 --adapter=0
misused 'needs a build with SmartIO' bench --blocks=1 --segment=1
for location in remote target; do
	misused "location=$location.*SmartIO" bench --blocks=1 --queue=no=1,location=$location
done
misused 'location=moon' bench --blocks=1 --queue=no=1,location=moon

# --- writing is asked for in so many words
misused 'say so with --write' bench --blocks=8 --rwmix=70
misused 'say so with --write' bench --blocks=8 --verify
misused '--write needs --count' bench --write --runtime=1s
misused '--verify=only' bench --blocks=8 --write --verify=only
misused '--infile is for' bench --blocks=8 --infile=x
misused '--infile needs --count' bench --runtime=1s --infile=x --verify
misused '--outfile needs --count' bench --runtime=1s --outfile=x
misused 'infile=FILE is empty' bench --blocks=8 --write --infile=
misused 'mix' bench --blocks=8 --output-format=json --stats
misused 'mix' bench --blocks=8 --output-format=json --outfile=-
misused 'two files' nvm-latency-bench --compare a.json
[ ! -e bench-disk.img ] || die "wrong usage has made a disk"

# --- what only the disk can say is a failure
refused 'reach beyond the end' bench --blocks=32769
refused 'reach beyond the end' bench --blocks=1 --count=4 --offset=32765
refused 'beyond the end' bench --blocks=1 --offset=32768
refused 'reach beyond the end' bench --pages=18446744073709551615
refused 'queue 1: commands of 2097152 bytes are more than' bench --blocks=8 --bs=2M
refused 'no whole number of blocks' bench --blocks=8 --bs=1000
refused 'queue 300.*give lower numbers' bench --blocks=8 --queue=no=300
refused 'not enough for 4 queues' bench --blocks=8 --queues=4
refused 'a queue of this controller holds' nvm-latency-bench --ctrl='emu:?size=1M&depth=16' --blocks=8 --depth=16
refused 'there is no namespace 7|namespace 7 is not active' bench --blocks=8 --ns=7
refused 'CPU 1000' bench --blocks=8 --cpus=1000
refused 'NUMA node 1000' bench --blocks=8 --numa=1000

# --- all the names
for name in ctrl disk dev; do
	works nvm-latency-bench --$name='emu:?size=1M' --blks=8 --loops=1 --off=8 --namespace=1
done
works bench --bw --prps=4 --iterations=1 --inner=2 --offs=1 --statistics=stats --info --ns=1
works bench --size=8 --blocks --outer=1 --queue=number=2,c=3,chunk=1,host=ram
works nvm-latency-bench --ctrl='emu:?size=1M&depth=64' --blocks=8 --iterations=1 --queue=no=1
grep -q 'qd=63 ' out || die "a queue without depth= is not as deep as can be: $(grep qd= out)"

# --- completion
# shellcheck source=packaging/completions/nvm-tools
. "$SOURCE/packaging/completions/nvm-tools"
proposes() { # LINE WANTED
	COMP_LINE=$1 COMP_POINT=${#1}
	_nvm_tools nvm-latency-bench
	[ "$(printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"} | sort | paste -sd' ')" = "$2" ] ||
		die "'$1' gives '${COMPREPLY[*]-}' instead of '$2'"
}
complete -p nvm-latency-bench >/dev/null || die "there is no completion"
proposes 'nvm-latency-bench --rw' '--rwmix='
proposes 'nvm-latency-bench --wait=' 'adaptive irq poll'
proposes 'nvm-latency-bench --pattern=s' 'sequential'
proposes 'nvm-latency-bench --disk=em' 'emu:'
# bash replaces what is after the last "=".
proposes 'nvm-latency-bench --queue=no=1,de' '1,depth='
touch result.json
proposes 'nvm-latency-bench --compare=resu' 'result.json'
