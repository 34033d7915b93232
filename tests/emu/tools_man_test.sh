#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every man page renders, and names every option that --help names.

. "$(dirname "$0")/tools_lib.sh"
need scdoc

for page in "$SOURCE"/docs/man/*.scd; do
	name=$(basename "$page" .scd)
	scdoc <"$page" >"$name" 2>err || die "$page: $(cat err)"
	[ ! -s err ] || die "$page: $(cat err)"
	tool=${name%.*}
	[ -x "$BUILD/bin/$tool" ] || continue
	for option in $("$tool" --help | grep -Eo -- '--[a-z]+(-[a-z]+)*' | sort -u); do
		grep -Fq -- "$option" "$page" || die "$page does not explain $option"
	done
done
if command -v man >/dev/null; then
	for name in *.[178]; do
		MANROFFOPT='-ww' man --warnings -l "$name" >/dev/null 2>err || die "$name: $(cat err)"
		[ ! -s err ] || die "$name: $(cat err)"
	done
fi

# What the pages refer to is there: nvm-bind(8) is not nvm-bind(1).
grep -Eoh '\*(nvm-[a-z-]+|libnvm)\*\([1-8]\)' "$SOURCE"/docs/man/*.scd | sort -u | while read -r reference; do
	page=$(sed -E 's/\*(.*)\*\((.)\)/\1.\2/' <<<"$reference")
	[ -e "$SOURCE/docs/man/$page.scd" ] || die "there is no page for $reference"
done

# The program in libnvm(7), as a reader sees it, compiles and runs.
if command -v man >/dev/null && [ -e "$BUILD/lib/libnvm.a" ] && grep -q 'NVM_SANITIZE:STRING=$' "$BUILD/CMakeCache.txt"; then
	MANWIDTH=200 man -l libnvm.7 2>err | col -bx |
		sed -n '/#include/,/^SEE ALSO/{/^SEE ALSO/d;p}' >example.c
	cc -Wall -Werror -I"$SOURCE/include" example.c -o example "$BUILD/lib/libnvm.a" -pthread ||
		die "the example of libnvm(7) does not compile"
	truncate -s 1M disk.img
	printf 'U\252' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none
	works ./example emu:disk.img
	[ "$(cat out)" = '55 aa' ] || die "the example of libnvm(7) prints $(cat out)"
fi
