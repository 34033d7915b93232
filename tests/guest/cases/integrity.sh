# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# nvm-integrity-util: 64 MiB through four queue pairs, read back the same; the kernel reads the same bytes;
# a block that somebody else changed is found.
# limit: 150

need nvm-integrity-util
huge_pages 32
set_driver "$MAIN" "$USER_DRIVER"
works nvm-integrity-util --ctrl="$MAIN" --queues=4 --quiet "$PATTERN"
expect 0 nvm-integrity-util --ctrl="$MAIN" --queues=2 --read=67108864 back
same back "$PATTERN"
works nvm-integrity-util --ctrl="$MAIN" --test --count=16384 --offset=140000 --queues=4 --depth=64 --random \
	--passes=2 --seed=7 --quiet

set_driver "$MAIN" nvme
kernel_read "$MAIN" 1 0 16384 back
same back "$PATTERN"
# Block 148000, and those around it that are 4 KiB together.
kernel_write "$MAIN" 1 18500 1 "$PATTERN"
set_driver "$MAIN" "$USER_DRIVER"
expect 3 nvm-integrity-util --ctrl="$MAIN" --check --count=16384 --offset=140000 --queues=4 --seed=7 \
	--generation=2
grep -q 148000 "$WORK/out" "$WORK/err" || die "block 148000 is not named"
huge_pages 0
