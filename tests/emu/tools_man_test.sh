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
	for name in *.[17]; do
		MANROFFOPT='-ww' man --warnings -l "$name" >/dev/null 2>err || die "$name: $(cat err)"
		[ ! -s err ] || die "$name: $(cat err)"
	done
fi
