#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nvm-integrity-util writes files and compares what the disk gives back, reads them back, and touches nothing
# else; what is wrong with the command line, the file or the range is said in one line.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-integrity-util
need jq

# --- a file: written from block 0 on, padded with zeroes to the end of its last block, and read back
for lba in 512 4096; do
	uri="emu:disk$lba.img?size=8M&lba=$lba"
	random 8M disk$lba.img
	cp disk$lba.img wanted
	for size in 1 511 512 513 4096 5000 131072 131073 1000001; do
		random $size in
		cp in padded
		truncate -s $(((size + lba - 1) / lba * lba)) padded
		for options in '' '--queues=3 --depth=2 --chunk=7' '--no-compare -q 2'; do
			# shellcheck disable=SC2086 # several options
			works nvm-integrity-util --ctrl="$uri" $options in
			grep -q "^Wrote $(((size + lba - 1) / lba)) blocks of $lba bytes" out || die "no summary: $(cat out)"
			patch wanted $lba 0 padded
			same disk$lba.img wanted
			# shellcheck disable=SC2086
			works nvm-integrity-util --ctrl="$uri" ${options/--no-compare/} --read=$size back
			grep -q "^Read $size bytes from block 0 on" out || die "no summary: $(cat out)"
			same in back
		done
	done
	same disk$lba.img wanted

	# Elsewhere, up to the very end.
	random 5000 in
	cp in padded
	truncate -s $(((5000 + lba - 1) / lba * lba)) padded
	at=$((8 * 1024 * 1024 / lba - (5000 + lba - 1) / lba))
	works nvm-integrity-util --ctrl="$uri" --offset=$at in
	patch wanted $lba $at padded
	same disk$lba.img wanted
	works nvm-integrity-util --ctrl="$uri" -o $at -r 5000 back
	same in back
	refused 'reach beyond the end of namespace 1' nvm-integrity-util --ctrl="$uri" -o $((at + 1)) in
	refused 'reach beyond the end of namespace 1' nvm-integrity-util --ctrl="$uri" -o $((at + 1)) -r 5000 back
	same in back
	same disk$lba.img wanted
done
uri='emu:disk512.img?size=8M'

# A longer file that was there is replaced; --read takes units.
random 64K in
works nvm-integrity-util --ctrl="$uri" in
random 1M back
works nvm-integrity-util --ctrl="$uri" --read=64K back
same in back
[ "$(stat -c %s back)" = 65536 ] || die "the end of the old file is still there"
works nvm-integrity-util --ctrl="$uri" --read=512 /dev/null

# What cannot be split over the MDTS of the controller is.
works nvm-integrity-util --ctrl="$uri&mdts=8K" --chunk=1000 --depth=3 -q 2 in
works nvm-integrity-util --ctrl="$uri&mdts=8K" --chunk=1000 --depth=3 -q 2 --read=65536 back
same in back
works nvm-integrity-util --ctrl="$uri&depth=3" --depth=10 in

# JSON
works nvm-integrity-util --ctrl="$uri" --output-format=json in
jq -e '.operation == "write" and .compared and .complete and .blocks == 128 and .written_blocks == 128 and
	.checked_blocks == 128 and .bad_blocks == 0 and .file == "in" and .list == [] and .bytes == 131072' out \
	>/dev/null || die "JSON: $(cat out)"
works nvm-integrity-util --ctrl="$uri" --output-format=json --read=1000 back
jq -e '.operation == "read" and .file_bytes == 1000 and .blocks == 2 and .complete' out >/dev/null ||
	die "JSON: $(cat out)"
works nvm-integrity-util --ctrl="$uri" --quiet in
[ ! -s out ] || die "--quiet is not quiet"

# Another namespace.
uri2="$uri&ns=second.img&size=1M&lba=4096"
cp disk512.img before
works nvm-integrity-util --ctrl="$uri2" --namespace=2 in
same second.img in -n 65536
same disk512.img before

# --- files that cannot be used
: >empty
refused 'empty is empty' nvm-integrity-util --ctrl="$uri" empty
refused 'missing: No such file' nvm-integrity-util --ctrl="$uri" missing
refused 'is a directory' nvm-integrity-util --ctrl="$uri" .
mkfifo pipe
refused 'pipe.*nvm-read-blocks' nvm-integrity-util --ctrl="$uri" pipe
refused 'No such (device|file)' nvm-integrity-util --ctrl="$uri" --read=512 pipe
refused 'cannot write no/such: No such file' nvm-integrity-util --ctrl="$uri" --read=512 no/such
ln disk512.img hard
refused 'hard is in use as a disk' nvm-integrity-util --ctrl="$uri" hard
refused 'hard is in use as a disk' nvm-integrity-util --ctrl="$uri" --read=512 hard
random 16M big
refused '32768 blocks from block 0 on reach beyond' nvm-integrity-util --ctrl="$uri" big
same disk512.img before
refused 'no namespace 3|namespace 3 is not' nvm-integrity-util --ctrl="$uri2" -n 3 in
refused 'grants 2 queue pairs, not 3: --queues=2' nvm-integrity-util --ctrl="$uri&queues=2" -q 3 --chunk=1 in
(
	ulimit -f 64
	refused 'cannot write back2: File too large' nvm-integrity-util --ctrl="$uri" --read=128K back2
)

# --- what the disk refuses
refused 'cannot write [0-9]+ blocks from block [0-9]+ on: .*(read.only|write protect)' \
	nvm-integrity-util --ctrl="$uri&ro=1" in
same disk512.img before

# --- wrong usage, before any controller is touched
misused '--ctrl=URI is required' nvm-integrity-util in
use() { nvm-integrity-util --ctrl=emu: "$@"; }
misused 'there is no FILE' use
misused "'more' is not expected" use in more
misused 'either a file or a test' use --test in
misused 'either a file or a test' use --state=s in
misused 'are for tests' use --count=1 in
misused 'are for tests' use --random in
misused '--read=BYTES needs a FILE' use --read=512
misused '--read=BYTES needs a FILE' use --read=512 --test
misused '--no-compare' use --read=512 --no-compare back
misused '--no-compare' use --test --count=1 --no-compare
misused '--count=N is required' use --test
misused '--count=N is required' use --fill
misused '--check needs the --seed' use --check --count=1
misused '--check needs the --seed' use --check --count=1 --seed=1
misused '--resume needs --state' use --resume
misused '--state=FILE is empty' use --test --count=1 --state=
misused 'FILE is empty' use ''
misused 'beyond' use --test --count=1 --generation=4294967295 --passes=2
for n in 0 -1 x 18446744073709551616; do
	misused '--count=' use --test "--count=$n"
	misused '--queues=' use "--queues=$n" in
	misused '--depth=' use "--depth=$n" in
	misused '--chunk=' use "--chunk=$n" in
	misused '--read=' use "--read=$n" in
	misused '--passes=' use --test --count=1 "--passes=$n"
	misused '--generation=' use --test --count=1 "--generation=$n"
	misused '--namespace=' use "-n$n" in
done
misused '--queues=65535' use --queues=65535 in
misused '--seed=' use --test --count=1 --seed=x
misused '--chunk=4294967295: at most' use --chunk=4294967295 in
misused '--adapter is for SmartIO' use --adapter=0 in
misused '--id-offset is for SmartIO' use --id-offset=5 in
misused '-a is for SmartIO' use -a 0 in
misused '--nonsense is not an option' use --nonsense in
for option in --help -h; do
	works nvm-integrity-util $option
	grep -q '^Usage: nvm-integrity-util' out || die "$option does not print the usage"
done
works nvm-integrity-util --version

# --- completion
# shellcheck source=packaging/completions/nvm-tools
. "$SOURCE/packaging/completions/nvm-tools"
proposes() { # LINE WANTED
	# shellcheck disable=SC2034 # for _nvm_tools
	COMP_LINE=$1 COMP_POINT=${#1}
	_nvm_tools nvm-integrity-util
	reply=$(printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"} | sort | paste -sd' ')
	[ "$reply" = "$2" ] || die "'$1' gives '$reply' instead of '$2'"
}
proposes 'nvm-integrity-util --re' '--read= --resume'
proposes 'nvm-integrity-util --count=' 'all'
proposes 'nvm-integrity-util --state=padd' 'padded'
proposes 'nvm-integrity-util --ctrl=emu: padd' 'padded'
complete -p nvm-integrity-util >/dev/null || die "there is no completion"
