# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A program written for the 2018 interface ($PROGRAM), run on a real controller.

if [ "$IOMMU" = on ]; then skip "it finds physical addresses by itself: the IOMMU must be off"; fi
huge_pages 16
set_driver "$MAIN" "$USER_DRIVER"
expect 0 "$PROGRAM" "$MAIN"
huge_pages 0
