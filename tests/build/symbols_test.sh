#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# libnvm.so exports exactly the functions that the public headers declare, all of them nvm_*.
# usage: symbols_test.sh BUILD_DIR
set -euo pipefail
include=$(cd "$(dirname "$0")/../../include" && pwd)
library=$1/lib/libnvm.so
if [ ! -e "$library" ]; then
	echo "no shared library in $1: built with BUILD_SHARED_LIBS=OFF"
	exit 77
fi
exported=$(nm -D --defined-only "$library" | awk '$2 ~ /[TDBR]/ {print $3}' | sed 's/@.*//' | sort)
# Declarations as the compiler sees them: functions without a body.
declared=$(for header in "$include"/nvm_*.h; do echo "#include \"$header\""; done |
	gcc -std=gnu11 -I"$include" -E -P - | tr '\n' ' ' | sed 's/{[^{}]*}//g; s/{[^{}]*}//g; s/{[^{}]*}//g; s/typedef [^;]*;//g' |
	grep -oE '\bnvm_[a-z0-9_]+ ?\([^()]*(\([^()]*\)[^()]*)*\) ?;' | sed 's/ *(.*//' | sort -u)
if ! diff <(echo "$declared") <(echo "$exported"); then
	echo "not ok: declared in headers (<) and exported by the library (>) differ"
	exit 1
fi
echo "$(echo "$exported" | wc -l) functions declared and exported"
