#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Options of the tools: --help and --version succeed, wrong usage is one line and exit status 2, before
# any controller is touched.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-identify nvm-identify-userspace nvm-read-blocks nvm-list nvm-bind nvm-latency-bench nvm-integrity-util

for tool in nvm-identify nvm-identify-userspace nvm-read-blocks nvm-list nvm-bind nvm-latency-bench \
	nvm-integrity-util; do
	for option in --help -h; do
		works $tool $option
		grep -q '^Usage: nvm-' out || die "$tool $option does not print the usage"
	done
	for option in --version -V; do
		works $tool $option
		grep -Eq '^nvm-[a-z-]+ \(libnvm\) [0-9]+\.' out || die "$tool $option does not print the version"
	done
done

# What holds for both.
for tool in nvm-identify nvm-read-blocks; do
	misused '--ctrl' $tool
	misused '--ctrl needs an argument' $tool --ctrl
	misused '-c needs an argument' $tool -c
	misused '--nonsense is not an option' $tool --nonsense
	misused '--nonsense is not an option' $tool --nonsense=1
	misused '-z is not an option' $tool -z
	misused '-z is not an option' $tool --force -zh
	misused '--force takes no argument' $tool --force=yes
	misused "'extra' is not expected" $tool --ctrl=emu: extra
	misused 'normal or json' $tool --ctrl=emu: --output-format=xml
	misused 'needs a build with SmartIO' $tool --ctrl=emu: --adapter=0
	for id in 0 -1 x 1x 4294967295 99999999999999999999 ''; do
		misused '--(ns|namespace)=' $tool --ctrl=emu: "--ns=$id"
	done
done
misused 'needs a build with SmartIO' nvm-identify --ctrl=emu: --segment=0
misused 'needs a build with SmartIO' nvm-read-blocks --ctrl=emu: --segment-id=0
misused 'either' nvm-identify --ctrl=emu: --all --ns=1

read_blocks() { nvm-read-blocks --ctrl=emu: "$@"; }
misused '--blocks=N is required' read_blocks
misused '--blocks=N is required' read_blocks --identify --output=file
for n in 0 -1 +1 ten 10x 1K ' 1' '' 0x 18446744073709551616 99999999999999999999999; do
	misused '--blocks=' read_blocks "--blocks=$n"
done
for n in -1 x 1.5 18446744073709551616; do
	misused '--offset=' read_blocks --blocks=1 "--offset=$n"
done
for n in 0 -1 x 18446744073709551615; do
	misused '--chunk=' read_blocks --blocks=1 "--chunk=$n"
done
misused 'either writing or reading' read_blocks --blocks=1 --write=a --output=b
misused '--ascii' read_blocks --blocks=1 --ascii --output=b
misused '--ascii' read_blocks --ascii --write=b
misused '--pad is for --write' read_blocks --blocks=1 --pad
misused '--identify' read_blocks --blocks=1 --identify --output=-
misused '--output-format=json' read_blocks --blocks=1 --output-format=json
misused '--output-format=json' read_blocks --blocks=1 --output-format=json --output=-
misused '--write=- needs --blocks' read_blocks --write=-
[ ! -e file ] && [ ! -e b ] || die "wrong usage has made a file"

# Control characters in an argument do not get to the terminal.
misused 'not expected' nvm-identify --ctrl=emu: $'a\e[31m\nb'

# A message that cannot be printed is a failure.
if [ -w /dev/full ]; then
	got=0
	nvm-identify --help >/dev/full 2>err || got=$?
	[ $got = 1 ] || die "exit status $got although stdout is full"
	one_line 'standard output: No space left'
fi
