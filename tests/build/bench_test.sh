#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every benchmark runs and says something; how fast is nobody's business here. And two runs can be compared.
# usage: bench_test.sh BUILD_DIR
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
if ! command -v python3 >/dev/null; then
	echo "SKIP: no python3"
	exit 77
fi
smoke() { # NAME OPTION...
	local program=$1
	shift
	"$1/bin/bench-$program" "${@:2}" >"$results/out"
	python3 -m json.tool <"$results/out" >/dev/null
}
cpu=$(grep -m 1 '^flags' /proc/cpuinfo || true)
if [[ $(uname -m) != x86_64 || ($cpu = *" avx2 "* && $cpu = *" bmi2 "*) ]]; then
	for layer in none none-raw none-reap raw poll reap; do
		smoke path "$1" --layer=$layer --count=4096 --repeat=1
		smoke path "$1" --layer=$layer --count=4096 --repeat=1 --batch=1 --queues=3 --depth=2
	done
	smoke path "$1" --size=1M --prp=1 --count=4096 --repeat=1
	smoke path "$1" --layer=raw --size=128K --count=4096 --repeat=1
fi
for layer in raw poll reap; do
	smoke io "$1" --layer=$layer --ms=5 --repeat=1
	smoke io "$1" --layer=$layer --ms=5 --repeat=1 --qd=1 --ctrl='emu:?size=16M' --memory=1M
done
smoke ring "$1" --ms=2 --repeat=1 --memory=1M
smoke memory "$1" --queues=2
"$1/bin/bench-io" --help >"$results/out"
grep -q -- --qd "$results/out"
if "$1/bin/bench-io" --nonsense=1 2>/dev/null; then
	echo "not ok: an unknown option is accepted"
	exit 1
fi
# A queue pair of 1024 entries: at most 256 KiB, rings included.
size=$("$1/bin/bench-memory" --depth=1024 --queues=16 | sed -E 's/.*"address_space_bytes": ([0-9]+).*/\1/')
if ! grep -qE '^NVM_SANITIZE:.*=.' "$1/CMakeCache.txt" && [ "$size" -gt 262144 ]; then
	echo "not ok: a queue pair of 1024 entries takes $size bytes"
	exit 1
fi
"$root/bench/run" --bin "$1/bin" --quick --only=memory "$results/a"
"$root/bench/run" --bin "$1/bin" --quick --only=memory "$results/b"
"$root/bench/run" --compare "$results/a" "$results/b" >"$results/out"
grep -q heap_bytes "$results/out"
