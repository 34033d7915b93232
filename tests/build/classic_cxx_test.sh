#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A program of 2018 that uses every name of the classic interface compiles as C and as C++, links
# against what the library exports, and finds the names to mean what they meant. And each classic
# header still brings along the headers that programs of 2018 could leave out.
# usage: classic_cxx_test.sh BUILD_DIR
set -uo pipefail
build=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

fail()
{
	echo "not ok: $*"
	failed=1
}

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror"
program=$source/tests/compat/classic_names_test.c
link=yes
if grep -q '^NVM_SANITIZE:STRING=.' "$build/CMakeCache.txt" || [ ! -e "$build/lib/libnvm.so" ]; then
	echo "compiling only: no shared library without sanitizers in $build"
	link=no
fi
for compiler in "gcc -std=gnu11 -xc" "clang -std=gnu11 -xc" "g++ -std=c++17 -xc++" "clang++ -std=c++17 -xc++"; do
	# shellcheck disable=SC2086
	if ! $compiler -D_GNU_SOURCE $warnings -I"$source/include" -c "$program" -o "$tmp/program.o"; then
		fail "$compiler"
		continue
	fi
	[ $link = yes ] || continue
	if ! ${compiler%% *} "$tmp/program.o" -o "$tmp/program" -L"$build/lib" -lnvm; then
		fail "linking after $compiler"
	elif ! LD_LIBRARY_PATH=$build/lib "$tmp/program"; then
		fail "running after $compiler"
	fi
done

# header, and an expression that it alone made possible in 2018
brings()
{
	cat >"$tmp/brings.c" <<-END
		#include <$1>
		int f(nvm_ctrl_t *c, nvm_aq_ref r)
		{
			return c != 0 && r != 0 && ($2);
		}
	END
	gcc -std=gnu11 -Wall -Wextra -Werror -I"$source/include" -fsyntax-only "$tmp/brings.c" ||
		fail "$1 no longer brings $2"
}
brings nvm_error.h "NVM_CTRL_ALIGN(c, 1)"
brings nvm_error.h "nvm_ctrl_from_aq_ref(r) == c"
brings nvm_error.h "NVM_DMA_OFFSET((nvm_dma_t *)0, 1) == (void *)0"
brings nvm_cmd.h "NVM_PAGE_ALIGN(1, 4096)"
brings nvm_queue.h "*NVM_CPL_CID((nvm_cpl_t *)0)"
brings nvm_util.h "sizeof(uint64_t) + sizeof(size_t)"
for header in nvm_types.h nvm_ctrl.h nvm_dma.h nvm_aq.h nvm_rpc.h nvm_admin.h; do
	brings "$header" "sizeof(nvm_queue_t) + sizeof(uint64_t) + sizeof(size_t)"
done
for header in nvm_queue.h nvm_dma.h nvm_aq.h nvm_admin.h; do
	brings "$header" "(bool)(c != NULL)"
done
exit $failed
