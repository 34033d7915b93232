# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A group is viable only with all its devices: the message names what is in the way.
# iommu: on

need nvm-identify
set_driver "$PAIR_A" vfio-pci
refused 'group|09\.1' nvm-identify --ctrl="$PAIR_A"
set_driver "$PAIR_B" vfio-pci
expect 0 nvm-identify --ctrl="$PAIR_A"
expect 0 nvm-identify --ctrl="$PAIR_B"
grep -q nvm-pair-b "$WORK/out" || die "not the disk asked for"
