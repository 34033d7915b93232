# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The examples run on a real controller as they do on the software controller; irq needs VFIO.

set_driver "$MAIN" "$USER_DRIVER"
for example in first raw_queue log_page async; do
	expect 0 "$BUILD/bin/example-$example" "$MAIN"
done
if [ "$IOMMU" = on ]; then expect 0 "$BUILD/bin/example-irq" "$MAIN"; fi
