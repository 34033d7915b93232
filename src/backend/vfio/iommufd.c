// SPDX-License-Identifier: BSD-2-Clause
/*
 * iommufd.c - DMA domains through VFIO device files and iommufd (Linux 6.6 and later).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "backend/vfio/uapi.h"
#include "controller/error.h"

#define IOMMUFD "/dev/iommu"

static int first_entry(const char *name, void *arg)
{
	snprintf(arg, NVMI_NAME_SIZE, "/dev/vfio/devices/%.40s", name);
	return 1;
}

/* Device file of a device bound to vfio-pci; false if the kernel makes none. */
static bool device_path(const char *bdf, char path[NVMI_NAME_SIZE])
{
	char folder[PATH_MAX];

	return nvmi_pci_path(folder, sizeof(folder), "/sys/bus/pci/devices/%s/vfio-dev", bdf) ==
		       0 &&
	       nvmi_pci_each_entry(folder, first_entry, path) != 0 && access(path, F_OK) == 0;
}

static void iommufd_close(struct nvmi_vfio_domain *d)
{
	if (d->iommu_fd >= 0)
		close(d->iommu_fd);
	d->iommu_fd = -1;
}

static int fail_bind(const struct nvmi_vfio_domain *d, const char *bdf, const char *path, int err)
{
	/* The same error for a device open elsewhere and for a group that the kernel uses. */
	if (err == EBUSY || err == EINVAL || err == EPERM) {
		int group_err = nvmi_vfio_check_group(d->group, bdf);

		if (group_err != 0)
			return group_err;
	}
	if (err == EBUSY || err == EINVAL)
		return nvmi_fail(
			EBUSY,
			"%s: %s is open in another process, or its IOMMU group is: end that "
			"first",
			bdf, path);
	if (err == EPERM)
		return nvmi_fail(EPERM,
				 "%s: the IOMMU does not isolate interrupts: enable interrupt "
				 "remapping in the firmware setup",
				 bdf);
	return nvmi_fail(err, "%s: %s cannot be bound to %s: %s", bdf, path, IOMMUFD,
			 strerror(err));
}

static int iommufd_device(struct nvmi_vfio_domain *d, const char *bdf, int *fd)
{
	struct nvmi_vfio_bind bind = {.argsz = sizeof(bind), .iommufd = d->iommu_fd};
	struct nvmi_vfio_attach attach = {.argsz = sizeof(attach), .ioas_id = d->ioas_id};
	char path[NVMI_NAME_SIZE];
	int err;

	if (!device_path(bdf, path))
		return nvmi_fail(ENODEV, "%s has no device file in /dev/vfio/devices", bdf);
	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return nvmi_vfio_fail_open(errno, path, bdf);
	if (ioctl(*fd, NVMI_VFIO_BIND_IOMMUFD, &bind) != 0)
		err = fail_bind(d, bdf, path, errno);
	else if (ioctl(*fd, NVMI_VFIO_ATTACH, &attach) != 0)
		err = nvmi_fail(errno, "%s: the IOMMU cannot be used: %s", bdf, strerror(errno));
	else
		return 0;
	close(*fd);
	return err;
}

static int iommufd_windows(struct nvmi_vfio_domain *d, struct nvmi_iova_range **ranges, size_t *n)
{
	struct nvmi_ioas_iova_ranges query = {.size = sizeof(query), .ioas_id = d->ioas_id};

	/* The kernel's pairs of first and last are struct nvmi_iova_range. */
	for (query.n = 16;;) {
		uint32_t room = query.n;

		free(*ranges);
		*ranges = calloc(room, sizeof(**ranges));
		if (*ranges == NULL)
			return nvmi_fail(ENOMEM, "out of memory");
		query.ranges = (uintptr_t)*ranges;
		if (ioctl(d->iommu_fd, NVMI_IOAS_IOVA_RANGES, &query) == 0)
			break;
		if (errno != EMSGSIZE || query.n <= room)
			return nvmi_fail(errno, "the IOMMU's address windows cannot be read: %s",
					 strerror(errno));
	}
	*n = query.n;
	return 0;
}

static int iommufd_map(struct nvmi_vfio_domain *d, void *vaddr, uint64_t iova, uint64_t size)
{
	struct nvmi_ioas_map map = {
		.size = sizeof(map),
		.flags = NVMI_IOAS_MAP_FIXED | NVMI_IOAS_MAP_WRITE | NVMI_IOAS_MAP_READ,
		.ioas_id = d->ioas_id,
		.vaddr = (uintptr_t)vaddr,
		.length = size,
		.iova = iova,
	};

	return ioctl(d->iommu_fd, NVMI_IOAS_MAP, &map) == 0 ? 0 : errno;
}

static int iommufd_unmap(struct nvmi_vfio_domain *d, uint64_t iova, uint64_t size)
{
	struct nvmi_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = d->ioas_id,
		.iova = iova,
		.length = size,
	};

	return ioctl(d->iommu_fd, NVMI_IOAS_UNMAP, &unmap) == 0 ? 0 : errno;
}

static const struct nvmi_vfio_domain_ops iommufd_ops = {
	.device = iommufd_device,
	.windows = iommufd_windows,
	.map = iommufd_map,
	.unmap = iommufd_unmap,
	.close = iommufd_close,
};

int nvmi_vfio_iommufd_begin(struct nvmi_vfio_domain *d, const char *bdf)
{
	struct nvmi_ioas_alloc alloc = {.size = sizeof(alloc)};
	char path[NVMI_NAME_SIZE];
	int err;

	if (!device_path(bdf, path) || access(IOMMUFD, F_OK) != 0)
		return nvmi_fail(ENOENT, "%s: the kernel has no VFIO device files or no iommufd",
				 bdf);
	if (access(path, R_OK | W_OK) != 0)
		return nvmi_vfio_fail_open(errno, path, bdf);
	d->iommu_fd = open(IOMMUFD, O_RDWR | O_CLOEXEC);
	if (d->iommu_fd < 0)
		return nvmi_vfio_fail_open(errno, IOMMUFD, bdf);
	if (ioctl(d->iommu_fd, NVMI_IOAS_ALLOC, &alloc) != 0) {
		err = nvmi_fail(errno, "%s: iommufd has no address space left: %s", bdf,
				strerror(errno));
		iommufd_close(d);
		return err;
	}
	d->ioas_id = alloc.ioas_id;
	d->ops = &iommufd_ops;
	return 0;
}
