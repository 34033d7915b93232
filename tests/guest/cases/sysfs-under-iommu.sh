# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Physical addresses are refused while an IOMMU translates, whatever is bound; nothing faults.
# iommu: on

need nvm-identify nvm-read-blocks
for driver in none uio_pci_generic; do
	set_driver "$MAIN" $driver
	refused 'vfio-pci' nvm-identify --ctrl="$MAIN"
	refused 'vfio-pci' nvm-read-blocks --ctrl="$MAIN" --blocks=8 --output=back
done
