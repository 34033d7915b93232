// SPDX-License-Identifier: BSD-2-Clause
/*
 * list.c - the NVMe controllers on the PCI bus.
 */
#include "nvm_pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/pci/pci.h"
#include "controller/error.h"

/* Names appended to a list that is as long as it may be: what does not fit is left out whole. */
static int add_name(const char *name, void *arg)
{
	struct nvm_pci_device *device = arg;
	char *list = device->block_devices;
	size_t used = strlen(list);

	if (used + 1 + strlen(name) < sizeof(device->block_devices))
		snprintf(list + used, sizeof(device->block_devices) - used, "%s%s",
			 used == 0 ? "" : " ", name);
	return 0;
}

static int number(const char *bdf, const char *attr, int unknown)
{
	int64_t value;

	if (nvmi_pci_attr_number(bdf, attr, &value) != 0 || value < INT_MIN || value > INT_MAX)
		return unknown;
	return (int)value;
}

static void describe(struct nvm_pci_device *device, const char *bdf)
{
	memset(device, 0, sizeof(*device));
	snprintf(device->bdf, sizeof(device->bdf), "%s", bdf);
	snprintf(device->uri, sizeof(device->uri), "%s", bdf);
	device->vendor = (uint16_t)number(bdf, "vendor", 0);
	device->device = (uint16_t)number(bdf, "device", 0);
	device->numa_node = number(bdf, "numa_node", -1);
	nvmi_pci_driver(bdf, device->driver);
	device->iommu_group = nvmi_pci_iommu_group(bdf);
	device->iommu_translates = nvmi_pci_iommu_translates(bdf);
	nvmi_pci_each_block(bdf, add_name, device);
	if (!nvmi_pci_in_use(bdf, device->in_use, sizeof(device->in_use)))
		nvmi_pci_is_open(bdf, device->in_use, sizeof(device->in_use));
}

int nvm_pci_info(struct nvm_pci_device *device, const char *bdf)
{
	char address[NVMI_BDF_SIZE];
	int err;

	if (device == NULL || bdf == NULL)
		return nvmi_fail(EINVAL, "nvm_pci_info() needs a device and an address");
	err = nvmi_pci_parse(bdf, address);
	if (err == 0)
		err = nvmi_pci_check(address);
	if (err == 0)
		describe(device, address);
	return err;
}

/* An array that grows. */
struct list {
	struct nvm_pci_device *devices;
	size_t n;
	int err;
};

static int list_entry(const char *entry, void *arg)
{
	struct list *list = arg;
	struct nvm_pci_device *more;
	int64_t class;

	if (nvmi_pci_attr_number(entry, "class", &class) != 0 || class != NVMI_PCI_CLASS_NVME ||
	    strlen(entry) >= NVMI_BDF_SIZE)
		return 0;
	more = reallocarray(list->devices, list->n + 1, sizeof(*more));
	if (more == NULL)
		return list->err = nvmi_fail(ENOMEM, "out of memory");
	list->devices = more;
	describe(&more[list->n++], entry);
	return 0;
}

/* Domains may be of different length: "10000:01:00.0" comes after "0000:05:00.0". */
static int compare(const void *a, const void *b)
{
	const struct nvm_pci_device *x = a, *y = b;
	size_t m = strlen(x->bdf), n = strlen(y->bdf);

	return m != n ? (m < n ? -1 : 1) : strcmp(x->bdf, y->bdf);
}

int nvm_pci_list(struct nvm_pci_device **devices, size_t *n)
{
	struct list list = {NULL, 0, 0};
	char path[PATH_MAX];

	if (devices == NULL || n == NULL)
		return nvmi_fail(EINVAL, "nvm_pci_list() needs somewhere to put the list");
	*devices = NULL;
	*n = 0;
	list.err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices");
	if (list.err == 0)
		nvmi_pci_each_entry(path, list_entry, &list);
	if (list.err != 0) {
		free(list.devices);
		return list.err;
	}
	if (list.n > 0)
		qsort(list.devices, list.n, sizeof(*list.devices), compare);
	*devices = list.devices;
	*n = list.n;
	return 0;
}
