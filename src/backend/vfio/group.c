// SPDX-License-Identifier: BSD-2-Clause
/*
 * group.c - DMA domains through VFIO groups and containers with a type 1 IOMMU (any kernel).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "backend/vfio/uapi.h"
#include "controller/error.h"

#define CONTAINER "/dev/vfio/vfio"

static void group_close(struct nvmi_vfio_domain *d)
{
	/* The group keeps the container's mappings alive: it goes first. */
	if (d->group_fd >= 0)
		close(d->group_fd);
	if (d->iommu_fd >= 0)
		close(d->iommu_fd);
	d->group_fd = -1;
	d->iommu_fd = -1;
}

static int group_device(struct nvmi_vfio_domain *d, const char *bdf, int *fd)
{
	*fd = ioctl(d->group_fd, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (*fd >= 0)
		return 0;
	if (errno == EBUSY)
		return nvmi_fail(EBUSY, "%s is open already", bdf);
	return nvmi_fail(errno, "%s: VFIO does not give the device: %s", bdf, strerror(errno));
}

/* Before kernels said it: below what 39-bit IOMMUs translate, without the first 64 KiB. */
static int default_windows(struct nvmi_iova_range **ranges, size_t *n)
{
	*ranges = malloc(sizeof(**ranges));
	if (*ranges == NULL)
		return nvmi_fail(ENOMEM, "out of memory");
	(*ranges)[0] = (struct nvmi_iova_range){0x10000, (UINT64_C(1) << 39) - 1};
	*n = 1;
	return 0;
}

static int copy_windows(const void *info, size_t size, size_t at, struct nvmi_iova_range **ranges,
			size_t *n)
{
	struct vfio_iommu_type1_info_cap_iova_range cap;
	struct vfio_iova_range range;

	if (!nvmi_vfio_copy(&cap, sizeof(cap), info, size, at) || cap.nr_iovas == 0)
		return default_windows(ranges, n);
	*ranges = calloc(cap.nr_iovas, sizeof(**ranges));
	if (*ranges == NULL)
		return nvmi_fail(ENOMEM, "out of memory");
	at += sizeof(cap);
	for (*n = 0; *n < cap.nr_iovas; (*n)++, at += sizeof(range)) {
		if (!nvmi_vfio_copy(&range, sizeof(range), info, size, at))
			break;
		(*ranges)[*n] = (struct nvmi_iova_range){range.start, range.end};
	}
	return 0;
}

static int group_windows(struct nvmi_vfio_domain *d, struct nvmi_iova_range **ranges, size_t *n)
{
	struct vfio_iommu_type1_info small = {.argsz = sizeof(small)}, *info;
	size_t size, at = 0;
	int err;

	if (ioctl(d->iommu_fd, VFIO_IOMMU_GET_INFO, &small) != 0 || small.argsz <= sizeof(small))
		return default_windows(ranges, n);
	size = small.argsz;
	info = calloc(1, size);
	if (info == NULL)
		return nvmi_fail(ENOMEM, "out of memory");
	info->argsz = (uint32_t)size;
	if (ioctl(d->iommu_fd, VFIO_IOMMU_GET_INFO, info) == 0 &&
	    (info->flags & VFIO_IOMMU_INFO_CAPS) != 0)
		at = nvmi_vfio_find_cap(info, size, info->cap_offset,
					VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	err = at == 0 ? default_windows(ranges, n) : copy_windows(info, size, at, ranges, n);
	free(info);
	return err;
}

static int group_map(struct nvmi_vfio_domain *d, void *vaddr, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)vaddr,
		.iova = iova,
		.size = size,
	};

	return ioctl(d->iommu_fd, VFIO_IOMMU_MAP_DMA, &map) == 0 ? 0 : errno;
}

static int group_unmap(struct nvmi_vfio_domain *d, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	return ioctl(d->iommu_fd, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 ? 0 : errno;
}

static const struct nvmi_vfio_domain_ops group_ops = {
	.device = group_device,
	.windows = group_windows,
	.map = group_map,
	.unmap = group_unmap,
	.close = group_close,
};

static int open_group(struct nvmi_vfio_domain *d, const char *bdf)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/dev/vfio/%d", d->group);
	d->group_fd = open(path, O_RDWR | O_CLOEXEC);
	if (d->group_fd < 0)
		return nvmi_vfio_fail_open(errno, path, bdf);
	if (ioctl(d->group_fd, VFIO_GROUP_GET_STATUS, &status) != 0)
		return nvmi_fail(errno, "%s: %s is not a VFIO group: %s", bdf, path,
				 strerror(errno));
	if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) != 0)
		return 0;
	err = nvmi_vfio_check_group(d->group, bdf);
	if (err != 0)
		return err;
	return nvmi_fail(EBUSY, "%s: the kernel does not give up IOMMU group %d", bdf, d->group);
}

static int set_iommu(struct nvmi_vfio_domain *d, const char *bdf)
{
	static const int types[] = {VFIO_TYPE1v2_IOMMU, VFIO_TYPE1_IOMMU};
	int err = ENOTSUP;

	if (ioctl(d->group_fd, VFIO_GROUP_SET_CONTAINER, &d->iommu_fd) != 0)
		return nvmi_fail(errno, "%s: IOMMU group %d cannot be used: %s", bdf, d->group,
				 strerror(errno));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (ioctl(d->iommu_fd, VFIO_CHECK_EXTENSION, types[i]) <= 0)
			continue;
		if (ioctl(d->iommu_fd, VFIO_SET_IOMMU, types[i]) == 0)
			return 0;
		err = errno;
	}
	if (err == ENOTSUP)
		return nvmi_fail(ENOTSUP,
				 "%s: the kernel has no type 1 IOMMU: modprobe vfio_iommu_type1",
				 bdf);
	if (err == EPERM)
		return nvmi_fail(EPERM,
				 "%s: the IOMMU does not isolate interrupts: enable interrupt "
				 "remapping in the firmware setup",
				 bdf);
	return nvmi_fail(err, "%s: the IOMMU cannot be used: %s", bdf, strerror(err));
}

int nvmi_vfio_group_begin(struct nvmi_vfio_domain *d, const char *bdf)
{
	int err;

	d->ops = &group_ops;
	d->iommu_fd = open(CONTAINER, O_RDWR | O_CLOEXEC);
	if (d->iommu_fd < 0)
		return nvmi_vfio_fail_open(errno, CONTAINER, bdf);
	if (ioctl(d->iommu_fd, VFIO_GET_API_VERSION) != VFIO_API_VERSION)
		err = nvmi_fail(ENOTSUP, "%s: the kernel's VFIO has an unknown version", bdf);
	else
		err = open_group(d, bdf);
	if (err == 0)
		err = set_iommu(d, bdf);
	if (err != 0)
		group_close(d);
	return err;
}
