#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The I/O path takes no more instructions than it may: bench-path under callgrind, which counts the same on every
# run. Built with another compiler than gcc, or with sanitizers, the counts say nothing.
# usage: instructions_test.sh BUILD_DIR
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! grep -qE '^CMAKE_C_COMPILER:.*gcc' "$1/CMakeCache.txt" && ! grep -qE '^CMAKE_C_COMPILER:.*/cc$' "$1/CMakeCache.txt"; then
	echo "SKIP: the goals are for gcc"
	exit 77
fi
if grep -qE '^NVM_SANITIZE:.*=.' "$1/CMakeCache.txt"; then
	echo "SKIP: sanitizers count too"
	exit 77
fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
"$root/bench/run" --bin "$1/bin" --only=instructions --check "$results"
