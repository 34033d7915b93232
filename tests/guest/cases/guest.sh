# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The guest is what the other cases take it for: disks, groups, drivers, and the way to QEMU. Kernel only.

i=0
for name in main multi fs small pair-a pair-b slow meta; do
	read -r serial <"/sys/class/nvme/$(kernel_ctrl "${ALL_DISKS[i]}")/serial"
	[ "$serial" = "nvm-$name" ] || die "${ALL_DISKS[i]} is $serial, not nvm-$name"
	i=$((i + 1))
done
for nsid in 1 2 3; do
	node=$(block_of "$MULTI" $nsid)
	read -r size <"/sys/block/${node##*/}/queue/logical_block_size"
	[ "$size" = $((nsid == 2 ? 4096 : 512)) ] || die "namespace $nsid has blocks of $size B"
done

if [ "$IOMMU" = on ]; then
	for bdf in "${ALL_DISKS[@]}"; do
		members=("/sys/bus/pci/devices/$bdf/iommu_group/devices"/*)
		case $bdf in "$PAIR_A" | "$PAIR_B") want=2 ;; *) want=1 ;; esac
		[ ${#members[@]} = $want ] || die "${#members[@]} devices in the group of $bdf"
	done
	[ "$(group_of "$PAIR_A")" = "$(group_of "$PAIR_B")" ] || die "the pair is in two groups"
else
	groups=(/sys/kernel/iommu_groups/*)
	[ ! -e "${groups[0]}" ] || die "there are IOMMU groups without an IOMMU"
	if (set_driver "$MAIN" vfio-pci) >/dev/null 2>&1; then die "vfio-pci works without an IOMMU"; fi
	set_driver "$MAIN" nvme
fi

kernel_write "$MAIN" 1 100 512 "$PATTERN"
for driver in "$USER_DRIVER" uio_pci_generic none nvme; do set_driver "$MAIN" "$driver"; done
kernel_read "$MAIN" 1 100 512 back
same back "$PATTERN" -n $((512 * 4096))

qmp query-status | grep -q '"running"' || die "QEMU does not answer"
if dd if="$(block_of "$SMALL")" of=/dev/null bs=512 skip="$BAD_BLOCK" count=1 iflag=direct 2>/dev/null; then
	die "the bad block can be read"
fi
huge_pages 16
huge_pages 0
