# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# One process drives two controllers at once: of one IOMMU group, which it can open only once, and of two.
# iommu: on

program=$BUILD/tests/guest/vfio_check
[ -x "$program" ] || die "$program is not built"
for bdf in "$PAIR_A" "$PAIR_B" "$MAIN"; do set_driver "$bdf" vfio-pci; done
expect 0 "$program" --ctrl="$PAIR_A" --ctrl="$PAIR_B"
expect 0 "$program" --ctrl="$MAIN" --ctrl="$PAIR_A"
