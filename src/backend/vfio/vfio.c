// SPDX-License-Identifier: BSD-2-Clause
/*
 * vfio.c - backend for controllers bound to vfio-pci: registers, BAR0, reset.
 *
 * Registers go through the device file, so that a device that is gone, or whose memory decoding is off,
 * is an error (all ones) and not a SIGBUS. BAR0 is mapped for the doorbells.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "backend/vfio/uapi.h"
#include "controller/error.h"

#define DOORBELLS   0x1000U /* where they begin in BAR0 */
#define PCI_COMMAND 4

static uint32_t vfio_read32(struct nvmi_backend *be, uint32_t offset)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)be;
	uint32_t value;

	if (pread(v->fd, &value, sizeof(value), (off_t)(v->bar_offset + offset)) != sizeof(value))
		return UINT32_MAX;
	return le32toh(value);
}

static uint64_t vfio_read64(struct nvmi_backend *be, uint32_t offset)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)be;
	uint64_t value;

	if (pread(v->fd, &value, sizeof(value), (off_t)(v->bar_offset + offset)) != sizeof(value))
		return UINT64_MAX;
	return le64toh(value);
}

static void write_register(struct nvmi_vfio *v, uint32_t offset, const void *value, size_t size)
{
	if (pwrite(v->fd, value, size, (off_t)(v->bar_offset + offset)) != (ssize_t)size)
		nvmi_log(NVMI_LOG_DEBUG, "%s: register 0x%x cannot be written", v->bdf, offset);
}

static void vfio_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	value = htole32(value);
	write_register((struct nvmi_vfio *)be, offset, &value, sizeof(value));
}

static void vfio_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	value = htole64(value);
	write_register((struct nvmi_vfio *)be, offset, &value, sizeof(value));
}

int nvmi_vfio_command(struct nvmi_vfio *v, uint16_t set, uint16_t clear)
{
	off_t at = (off_t)(v->config_offset + PCI_COMMAND);
	uint16_t command;

	if (pread(v->fd, &command, sizeof(command), at) != sizeof(command))
		return EIO;
	command = htole16((uint16_t)((le16toh(command) | set) & ~clear));
	return pwrite(v->fd, &command, sizeof(command), at) == sizeof(command) ? 0 : EIO;
}

static int enable(struct nvmi_vfio *v)
{
	if (nvmi_vfio_command(v, NVMI_PCI_COMMAND_MEMORY | NVMI_PCI_COMMAND_MASTER, 0) != 0)
		return nvmi_fail(EIO, "%s: memory space and bus mastering cannot be enabled",
				 v->bdf);
	return 0;
}

static int vfio_reset(struct nvmi_backend *be)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)be;

	if (atomic_load(&v->gone))
		return nvmi_fail(ENODEV, "%s is gone", be->name);
	if (!v->can_reset)
		return nvmi_fail(ENOTSUP, "%s has no function reset", be->name);
	if (ioctl(v->fd, VFIO_DEVICE_RESET) != 0)
		return nvmi_fail(errno, "%s: the function reset failed: %s", be->name,
				 strerror(errno));
	return enable(v);
}

/* A region of the device file with its capabilities; free(3) it. NULL with errno if there is none. */
static struct vfio_region_info *region_info(struct nvmi_vfio *v, uint32_t index)
{
	uint32_t size = sizeof(struct vfio_region_info);
	struct vfio_region_info *info = NULL;

	for (;;) {
		free(info);
		info = calloc(1, size);
		if (info == NULL)
			return NULL;
		info->argsz = size;
		info->index = index;
		if (ioctl(v->fd, VFIO_DEVICE_GET_REGION_INFO, info) != 0) {
			int err = errno;

			free(info);
			errno = err;
			return NULL;
		}
		if (info->argsz <= size)
			return info;
		size = info->argsz;
	}
}

/*
 * Map one part of BAR0 in its place. The doorbells that can be used end where the part that has the
 * first of them ends: the table of MSI-X vectors may follow.
 */
static int map_area(struct nvmi_vfio *v, uint64_t offset, uint64_t size)
{
	void *place = (void *)((uintptr_t)v->be.bar + offset);

	if (size == 0 || offset > v->bar_size || size > v->bar_size - offset)
		return 0;
	if (mmap(place, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, v->fd,
		 (off_t)(v->bar_offset + offset)) == MAP_FAILED)
		return nvmi_fail(errno, "%s: BAR0 cannot be mapped: %s", v->bdf, strerror(errno));
	if (offset <= DOORBELLS && offset + size > DOORBELLS)
		v->be.bar_size = offset + size;
	return 0;
}

/* All of it, or the parts that the kernel lists. */
static int map_areas(struct nvmi_vfio *v, const struct vfio_region_info *info)
{
	struct vfio_region_info_cap_sparse_mmap sparse;
	struct vfio_region_sparse_mmap_area area;
	size_t size = info->argsz, at = 0;
	int err = 0;

	if ((info->flags & VFIO_REGION_INFO_FLAG_CAPS) != 0)
		at = nvmi_vfio_find_cap(info, size, info->cap_offset,
					VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	if (at == 0 || !nvmi_vfio_copy(&sparse, sizeof(sparse), info, size, at))
		return map_area(v, 0, v->bar_size);
	at += sizeof(sparse);
	for (uint32_t i = 0; i < sparse.nr_areas && err == 0; i++, at += sizeof(area))
		if (nvmi_vfio_copy(&area, sizeof(area), info, size, at))
			err = map_area(v, area.offset, area.size);
	return err;
}

static int map_bar(struct nvmi_vfio *v)
{
	struct vfio_region_info *info = region_info(v, VFIO_PCI_BAR0_REGION_INDEX);
	void *memory;
	int err;

	if (info == NULL)
		return nvmi_fail(errno, "%s: VFIO does not describe BAR0: %s", v->bdf,
				 strerror(errno));
	v->bar_offset = info->offset;
	v->bar_size = info->size;
	if (info->size < NVM_CTRL_MEM_MINSIZE || (info->flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) {
		err = nvmi_fail(ENOTSUP, "%s: BAR0 (%llu bytes) cannot be mapped", v->bdf,
				(unsigned long long)info->size);
		goto out;
	}
	/* Parts that cannot be mapped read all ones where the registers are, like a device gone. */
	memory = mmap(NULL, v->bar_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		err = nvmi_fail(errno, "%s: no room to map BAR0: %s", v->bdf, strerror(errno));
		goto out;
	}
	memset(memory, 0xff, DOORBELLS);
	v->be.bar = memory;
	err = map_areas(v, info);
	if (err == 0 && v->be.bar_size < NVM_CTRL_MEM_MINSIZE)
		err = nvmi_fail(ENOTSUP, "%s: the doorbells in BAR0 cannot be mapped", v->bdf);
out:
	free(info);
	return err;
}

static int find_config(struct nvmi_vfio *v)
{
	struct vfio_region_info *info = region_info(v, VFIO_PCI_CONFIG_REGION_INDEX);

	if (info == NULL)
		return nvmi_fail(errno, "%s: VFIO does not describe configuration space: %s",
				 v->bdf, strerror(errno));
	v->config_offset = info->offset;
	free(info);
	return 0;
}

static int describe(struct nvmi_vfio *v)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};

	if (ioctl(v->fd, VFIO_DEVICE_GET_INFO, &info) != 0)
		return nvmi_fail(errno, "%s: VFIO does not describe the device: %s", v->bdf,
				 strerror(errno));
	v->can_reset = (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0;
	return 0;
}

/* Interrupts, then DMA, then memory, then files: nothing may still be written where it is freed. */
static void vfio_close(struct nvmi_backend *be)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)be;

	nvmi_vfio_watch_end(v);
	nvmi_vfio_irq_close(v);
	if (v->config_offset != 0)
		nvmi_vfio_command(v, 0, NVMI_PCI_COMMAND_MASTER);
	if (v->be.bar != NULL)
		munmap((void *)(uintptr_t)v->be.bar, v->bar_size);
	nvmi_vfio_domain_close(v);
	pthread_mutex_destroy(&v->irq_lock);
	free(v);
}

static const struct nvmi_backend_ops vfio_ops = {
	.read32 = vfio_read32,
	.read64 = vfio_read64,
	.write32 = vfio_write32,
	.write64 = vfio_write64,
	.map_host = nvmi_vfio_map,
	.unmap = nvmi_vfio_unmap,
	.irq = nvmi_vfio_irq,
	.reset = vfio_reset,
	.close = vfio_close,
};

int nvmi_vfio_open(struct nvmi_backend **be, const char *bdf)
{
	struct nvmi_vfio *v = calloc(1, sizeof(*v));
	int err;

	*be = NULL;
	if (v == NULL)
		return nvmi_fail(ENOMEM, "%s: out of memory", bdf);
	v->be.ops = &vfio_ops;
	v->request_fd = v->stop_fd = v->null_fd = -1;
	snprintf(v->bdf, sizeof(v->bdf), "%s", bdf);
	snprintf(v->be.name, sizeof(v->be.name), "%s (vfio)", bdf);
	err = nvmi_vfio_domain_open(v);
	if (err != 0) {
		free(v);
		return err;
	}
	pthread_mutex_init(&v->irq_lock, NULL);
	err = describe(v);
	if (err == 0)
		err = find_config(v);
	if (err == 0)
		err = enable(v);
	if (err == 0)
		err = map_bar(v);
	if (err == 0)
		err = nvmi_vfio_irq_init(v);
	if (err == 0)
		err = nvmi_vfio_watch(v);
	if (err != 0) {
		vfio_close(&v->be);
		return err;
	}
	*be = &v->be;
	return 0;
}
