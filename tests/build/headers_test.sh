#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Each public header compiles alone, twice in one file, as C11 and C++17, with gcc and clang, without a
# warning.
set -uo pipefail
include=$(cd "$(dirname "$0")/../../include" && pwd)
failed=0 n=0
for header in "$include"/nvm_*.h; do
	name=$(basename "$header")
	for compiler in "gcc -std=c11 -xc" "clang -std=c11 -xc" "g++ -std=c++17 -xc++" "clang++ -std=c++17 -xc++"; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		if ! printf '#include "%s"\n#include "%s"\nint x;\n' "$name" "$name" |
			$compiler -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
				-I"$include" -fsyntax-only -; then
			echo "not ok: $name with $compiler"
			failed=1
		fi
	done
done
echo "$n compilations"
exit $failed
