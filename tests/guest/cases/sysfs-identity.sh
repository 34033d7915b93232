# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# With the disk's IOMMU group passed through, physical addresses work under an IOMMU too.
# iommu: on

need nvm-read-blocks
set_driver "$MAIN" none
echo identity >"/sys/kernel/iommu_groups/$(group_of "$MAIN")/type"
huge_pages 16
pattern 0 1048576 new
status=0
(lib_write "$MAIN" 1 64 2048 new && lib_read "$MAIN" 1 64 2048 back && same back new) || status=1
huge_pages 0
echo DMA >"/sys/kernel/iommu_groups/$(group_of "$MAIN")/type"
exit $status
