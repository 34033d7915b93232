# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the tests of the tools share: sourced by tools_*_test.sh, with the build folder in $1. A test ends
# with status 0 (ok), 77 (skip) or anything else (not ok); it works in an empty folder of its own.

set -eu

BUILD=$(cd "${1:?usage: $0 BUILD_DIR}" && pwd)
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$BUILD/bin:$PATH
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
unset NVM_LOG

die() {
	echo "FAILED: $*"
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 77
}

need() { # PROGRAM...
	local program
	for program; do
		command -v "$program" >/dev/null || skip "there is no $program here"
	done
}

tools() { # PROGRAM...: of ours, as built; a build without tools cannot test them
	local program
	for program; do
		[ -x "$BUILD/bin/$program" ] || skip "$BUILD/bin/$program is not built"
	done
}

# expect STATUS COMMAND...: run it, keep what it says in ./out and ./err, check its exit status.
expect() {
	local want=$1 got=0
	shift
	echo "# $*"
	"$@" >out 2>err </dev/null || got=$?
	[ "$got" = "$want" ] || {
		head -c 2000 out
		cat err
		die "exit status $got instead of $want: $*"
	}
}

# Success, and nothing on stderr.
works() {
	expect 0 "$@"
	[ ! -s err ] || die "succeeds, but says on stderr: $(cat err)"
}

# stderr was one line with the tool's name, matching the extended regular expression.
one_line() { # PATTERN
	[ "$(wc -l <err)" = 1 ] || die "stderr is not one line: $(cat err)"
	grep -Eq '^nvm-[a-z-]+: .' err || die "stderr does not start with the tool's name: $(cat err)"
	grep -Eqi -- "$1" err || die "stderr does not match /$1/: $(cat err)"
}

refused() { # PATTERN COMMAND...: a failure
	local pattern=$1
	shift
	expect 1 "$@"
	one_line "$pattern"
}

misused() { # PATTERN COMMAND...: wrong usage
	local pattern=$1
	shift
	expect 2 "$@"
	one_line "$pattern"
	[ ! -s out ] || die "wrong usage, but something is on stdout"
	grep -q -- '--help$' err || die "no hint to --help: $(cat err)"
}

same() { # FILE FILE [CMP OPTIONS]
	cmp "$@" || die "the bytes differ: $*"
}

random() { # SIZE FILE
	head -c "$1" /dev/urandom >"$2"
}

# Replace blocks of a file: the oracle of writes.
patch() { # FILE BLOCK_SIZE LBA NEW
	dd if="$4" of="$1" bs="$2" seek="$3" conv=notrunc status=none
}
