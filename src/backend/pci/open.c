// SPDX-License-Identifier: BSD-2-Clause
/*
 * open.c - opening a controller by its PCI address: which backend reaches it depends on the driver
 * that it is bound to.
 */
#include <errno.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/pci/pci.h"
#include "controller/error.h"

/* Driver to bind to: VFIO needs an IOMMU, physical addresses need that there is none. */
static const char *suggestion(const char *bdf)
{
	return nvmi_pci_iommu_group(bdf) < 0 ? "none" : "vfio-pci";
}

/* Reached by a user-space driver, or refused with what to do about it. */
int nvmi_pci_open(struct nvmi_backend **be, const char *bdf, uint32_t flags)
{
	char address[NVMI_BDF_SIZE], driver[NVMI_NAME_SIZE], why[256];
	int err;

	*be = NULL;
	err = nvmi_pci_parse(bdf, address);
	if (err == 0)
		err = nvmi_pci_check(address);
	if (err != 0)
		return err;
	if ((flags & NVM_CTRL_ALLOW_IN_USE) == 0 && nvmi_pci_in_use(address, why, sizeof(why)))
		return nvmi_fail(EBUSY, "%s is in use: %s", address, why);

	nvmi_pci_driver(address, driver);
	if (strcmp(driver, "vfio-pci") == 0)
		return nvmi_vfio_open(be, address);
	if (driver[0] == '\0' || strcmp(driver, "uio_pci_generic") == 0)
		return nvmi_sysfs_open(be, address);
	if (strcmp(driver, "nvme") == 0)
		return nvmi_fail(EBUSY,
				 "%s is bound to the kernel's nvme driver: run nvm-bind %s "
				 "--driver=%s",
				 address, address, suggestion(address));
	return nvmi_fail(ENOTSUP,
			 "%s is bound to %s, which libnvm cannot use: run nvm-bind %s "
			 "--driver=%s",
			 address, driver, address, suggestion(address));
}
