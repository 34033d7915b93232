# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# nvm-latency-bench: several queues, data verified; what it writes stays within its range; its forms of
# waiting; without --write it writes nothing.
# limit: 120
# kernel: 6.12

need nvm-latency-bench
huge_pages 32
kernel_write "$MAIN" 1 0 16384 "$PATTERN"
set_driver "$MAIN" "$USER_DRIVER"

# Blocks 8192 to 16383, the 4 KiB blocks 1024 to 2047.
expect 0 nvm-latency-bench --ctrl="$MAIN" --blocks=8192 --offset=8192 --queues=4 --depth=32 --random --bs=4096 \
	--write --verify --iterations=2
expect 0 nvm-latency-bench --ctrl="$MAIN" --blocks=8192 --offset=8192 --queues=2 --random --bs=4096 --verify=only \
	--iterations=1
waits=(poll)
if [ "$IOMMU" = on ]; then waits+=(irq adaptive); fi
for wait in "${waits[@]}"; do
	expect 0 nvm-latency-bench --ctrl="$MAIN" --blocks=65536 --random --bs=4096 --queues=2 --depth=16 \
		--runtime=500ms --wait="$wait" --output-format=json
	jq -e . "$WORK/out" >/dev/null || die "no JSON"
done
if [ "$IOMMU" = off ]; then
	expect 1 nvm-latency-bench --ctrl="$MAIN" --blocks=64 --wait=irq --iterations=1
	one_line 'interrupt'
fi
# A file: what is there is what it says.
pattern 0 1048576 first
expect 0 nvm-latency-bench --ctrl="$MAIN" --blocks=2048 --infile=first --verify --iterations=1
pattern 1048576 1048576 second
expect 1 nvm-latency-bench --ctrl="$MAIN" --blocks=2048 --infile=second --verify --iterations=1

set_driver "$MAIN" nvme
kernel_read "$MAIN" 1 0 16384 back
same back "$PATTERN" -n 4194304
same back "$PATTERN" -i 8388608
if cmp -s back "$PATTERN"; then die "nothing was written"; fi
huge_pages 0
