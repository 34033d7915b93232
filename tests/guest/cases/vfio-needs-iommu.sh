# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Without an IOMMU the kernel's vfio-pci takes no disk: said in one line, and the disk stays with the kernel.
# iommu: off

need nvm-bind
refused 'iommu' nvm-bind "$MAIN" --driver=vfio-pci
[ "$(driver_of "$MAIN")" = nvme ] || die "left with driver $(driver_of "$MAIN") instead of nvme"
wait_for block_of "$MAIN"
