# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Without an IOMMU: with and without huge pages, with no driver and with uio_pci_generic.
# iommu: off

need nvm-read-blocks
n=0
for driver in none uio_pci_generic; do
	set_driver "$MAIN" $driver
	for pages in 64 0; do
		huge_pages $pages
		n=$((n + 1))
		pattern $((n * 12345)) 4194304 new
		lib_write "$MAIN" 1 $n 8192 new
		lib_read "$MAIN" 1 $n 8192 back
		same back new
	done
done
