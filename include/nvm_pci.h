/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_pci.h - the NVMe controllers on this machine's PCI bus: which there are, who uses them, and
 * which driver they are bound to.
 */
#ifndef NVM_PCI_H
#define NVM_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct nvm_pci_device - an NVMe controller on the PCI bus
 * @bdf: address, "0000:05:00.0"
 * @vendor: PCI vendor id
 * @device: PCI device id
 * @driver: driver it is bound to, "" if none
 * @iommu_group: IOMMU group number, -1 if there is none
 * @iommu_translates: an IOMMU translates the device's DMA addresses
 * @numa_node: NUMA node, -1 if not known
 * @block_devices: block devices of the kernel's nvme driver, "nvme0n1 nvme0n2", "" if none
 * @in_use: why the disk must be left alone ("/dev/nvme0n1p2 is mounted at /"), "" if nothing is known
 * @uri: URI for nvm_ctrl_open(), as it would be reached now or after binding
 */
struct nvm_pci_device {
	char bdf[16];
	uint16_t vendor;
	uint16_t device;
	char driver[64];
	int iommu_group;
	bool iommu_translates;
	int numa_node;
	char block_devices[256];
	char in_use[256];
	char uri[32];
};

/**
 * nvm_pci_list() - NVMe controllers (PCI class 0x010802), by address
 * @devices: where the array goes; free(3) it; NULL if there are none
 * @n: its elements
 *
 * Return: 0 or errno. Any thread.
 */
int nvm_pci_list(struct nvm_pci_device **devices, size_t *n);

/**
 * nvm_pci_info() - one controller
 * @device: filled in
 * @bdf: "05:00.0", "0000:05:00.0", or either after "pci:"
 *
 * Return: 0 or errno: EINVAL (not an address), ENODEV (no such device, or not an NVMe controller).
 * Any thread.
 */
int nvm_pci_info(struct nvm_pci_device *device, const char *bdf);

/* Bind although the disk is in use: data loss is likely. */
#define NVM_PCI_FORCE 0x1U

/**
 * nvm_pci_bind() - bind a controller to a driver
 * @bdf: as for nvm_pci_info()
 * @driver: "vfio-pci", "uio_pci_generic", "libnvm helper", "nvme", any other; "" or "none" unbinds
 * @flags: NVM_PCI_FORCE, or 0
 *
 * Uses driver_override. The driver it was bound to before is remembered (under /run/libnvm) for
 * nvm_pci_restore(). Nothing changes if it is bound to @driver already; if binding fails, the
 * previous driver gets it back.
 *
 * Return: 0 or errno: EBUSY (in use), ENOENT (driver not loaded), ENOTSUP (vfio-pci without an
 * IOMMU), EINVAL, ENODEV, EACCES. One thread at a time.
 */
int nvm_pci_bind(const char *bdf, const char *driver, unsigned int flags);

/**
 * nvm_pci_restore() - give a controller back to the driver it had before nvm_pci_bind()
 * @bdf: as for nvm_pci_info()
 *
 * Return: 0 or errno: ENOENT (nothing is remembered), EBUSY (open), ENODEV, EACCES. One thread at a
 * time.
 */
int nvm_pci_restore(const char *bdf);

#ifdef __cplusplus
}
#endif

#endif
