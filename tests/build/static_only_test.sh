#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Built as a static library only, without tools, and installed to a path with a blank, libnvm is found under
# the same name by a C++ program. And a Makefile build knows the targets and settings of 2018.
# usage: static_only_test.sh BUILD_DIR
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
finish() { # STATUS
	[ "$1" = 0 ] || cat "$tmp/log" >&3
	rm -rf "$tmp"
	exit "$1"
}
exec 3>&1 >"$tmp/log" 2>&1
trap 'finish $?' EXIT

build="$tmp/a build"
cmake -S "$source" -B "$build" -G 'Unix Makefiles' -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
	-DNVM_TOOLS=OFF -DNVM_TESTS=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
	-DDIS=/opt/DIS -DNVIDIA=/usr/src/nvidia -Dno_smartio=true -Dno_cuda=true -Dno_module=true
make -C "$build" -j2 libnvm examples samples benchmarks
"$build/bin/example-first"
make -C "$build" -j2
cmake --install "$build" --prefix "$tmp/a stage"

cat >"$tmp/main.cpp" <<'END'
#include <nvm_disk.h>
#include <nvm_error.h>
#include <nvm_queue.h>
#include <cstdio>

int main()
{
	nvm_disk_t *disk = nullptr;

	if (nvm_disk_open(&disk, "emu:?size=1M", nullptr) != 0) {
		std::fprintf(stderr, "%s\n", nvm_errmsg());
		return 1;
	}
	nvm_disk_close(disk);
	return 0;
}
END
cat >"$tmp/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer CXX)
find_package(libnvm 2.0 REQUIRED)
add_executable(consumer main.cpp)
target_link_libraries(consumer PRIVATE libnvm::libnvm)
END
cmake -S "$tmp" -B "$tmp/consumer" -G Ninja -DCMAKE_PREFIX_PATH="$tmp/a stage"
cmake --build "$tmp/consumer"
"$tmp/consumer/consumer"
