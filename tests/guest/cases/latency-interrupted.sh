# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Ctrl-C ends a benchmark: exit status 130, what was measured is printed, the controller is shut down and
# the kernel reads the bytes that were there.
# kernel: 6.12

need nvm-latency-bench
kernel_write "$SLOW" 1 0 64 "$PATTERN"
set_driver "$SLOW" "$USER_DRIVER"
waits=(poll)
if [ "$IOMMU" = on ]; then waits+=(irq); fi
for wait in "${waits[@]}"; do
	before=$(shutdowns)
	expect 130 timeout --preserve-status -k 10 -s INT 2 nvm-latency-bench --ctrl="$SLOW" --blocks=100000 \
		--random --bs=4096 --runtime=60s --wait="$wait"
	[ -s "$WORK/out" ] || die "nothing is printed"
	[ "$(shutdowns)" -gt "$before" ] || die "the controller was not told to shut down"
done
set_driver "$SLOW" nvme
kernel_read "$SLOW" 1 0 64 back
same back "$PATTERN" -n 262144
