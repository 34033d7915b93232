#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A program outside the tree builds against a staged installation, found by CMake's find_package and by
# pkg-config, shared and static, and runs.
# usage: consumer_test.sh BUILD_DIR
set -euo pipefail
build=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
if grep -q '^NVM_SANITIZE:STRING=.' "$build/CMakeCache.txt"; then
	echo "a library with sanitizers is not one to install"
	exit 77
fi

cmake --install "$build" --prefix "$tmp/stage" >/dev/null
cp "$source/examples/first.c" "$tmp/main.c"

cat >"$tmp/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer C)
find_package(libnvm 2.0 REQUIRED)
add_executable(shared main.c)
target_link_libraries(shared PRIVATE libnvm::libnvm)
add_executable(static main.c)
target_link_libraries(static PRIVATE libnvm::libnvm_static)
END
cmake -S "$tmp" -B "$tmp/build" -G Ninja -DCMAKE_PREFIX_PATH="$tmp/stage" >/dev/null
cmake --build "$tmp/build" >/dev/null
"$tmp/build/shared" "emu:?size=1M"
"$tmp/build/static" "emu:?size=1M"

libdir=$(dirname "$(find "$tmp/stage" -name libnvm.pc)")
export PKG_CONFIG_PATH=$libdir
# shellcheck disable=SC2046
gcc "$tmp/main.c" -o "$tmp/pc" $(pkg-config --cflags --libs libnvm)
LD_LIBRARY_PATH=$(dirname "$libdir") "$tmp/pc" "emu:?size=1M"
# shellcheck disable=SC2046
g++ -x c++ -std=c++17 -fpermissive -w "$tmp/main.c" -o "$tmp/cxx" $(pkg-config --cflags --libs libnvm)

if grep -q '^NVM_TOOLS:BOOL=OFF' "$build/CMakeCache.txt"; then exit 0; fi
for tool in nvm-identify nvm-identify-userspace nvm-read-blocks nvm-list nvm-bind; do
	LD_LIBRARY_PATH=$(dirname "$libdir") "$tmp/stage/bin/$tool" --version >/dev/null
done
for page in nvm-identify.1 nvm-read-blocks.1 nvm-list.1 nvm-bind.8; do
	if [ -z "$(find "$tmp/stage" -name "$page")" ]; then
		echo "not ok: no man page $page"
		exit 1
	fi
done
