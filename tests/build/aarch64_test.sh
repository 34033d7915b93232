#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# On aarch64 the library builds without a warning, a program runs (qemu-user), and the barriers that the
# raw layer promises are in the code: outer shareable, before the doorbell and after the phase tag.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
for program in aarch64-linux-gnu-gcc aarch64-linux-gnu-objdump qemu-aarch64-static; do
	command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/order.c" <<'END'
#include <nvm_queue.h>
void ring(nvm_queue_t *sq);
void ring(nvm_queue_t *sq) { nvm_sq_submit(sq); }
void give_back(nvm_queue_t *cq);
void give_back(nvm_queue_t *cq) { nvm_cq_update(cq); }
uint32_t look(nvm_queue_t *cq);
uint32_t look(nvm_queue_t *cq) { nvm_cpl_t *cpl = nvm_cq_poll(cq); return cpl ? cpl->dword[0] : 0; }
END
aarch64-linux-gnu-gcc -std=gnu11 -O2 -I"$source/include" -c "$tmp/order.c" -o "$tmp/order.o"
function_code() {
	aarch64-linux-gnu-objdump -d --no-show-raw-insn "$tmp/order.o" | sed -n "/<$1>:/,/^\$/p"
}
in_order() { # FUNCTION FIRST SECOND: FIRST stands before SECOND
	if ! function_code "$1" | tr '\n' ' ' | grep -Eq "$2.*$3"; then
		function_code "$1"
		echo "not ok: $1 has no $2 before $3"
		exit 1
	fi
}
in_order ring 'dmb[[:space:]]+osh ' 'stlr'
in_order give_back 'dmb[[:space:]]+osh ' 'stlr'
in_order look 'ldar' 'dmb[[:space:]]+oshld'

cmake -S "$source" -B "$tmp/build" -G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
	-DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DNVM_TOOLS=OFF -DNVM_TESTS=OFF -DBUILD_SHARED_LIBS=OFF \
	-DCMAKE_COMPILE_WARNING_AS_ERROR=ON >/dev/null
cmake --build "$tmp/build" --target libnvm_static example-first
qemu-aarch64-static -L /usr/aarch64-linux-gnu "$tmp/build/bin/example-first" "emu:?size=1M"
