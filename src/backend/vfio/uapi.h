/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uapi.h - the kernel's VFIO interface, with the parts that older kernel headers lack: VFIO device
 * files and iommufd (Linux 6.6).
 *
 * Declared under names of our own, so that headers that do have them do not collide.
 */
#ifndef NVMI_VFIO_UAPI_H
#define NVMI_VFIO_UAPI_H

#include <linux/vfio.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* On a device file: give it to an iommufd; attach it to an address space of that. */
#define NVMI_VFIO_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#define NVMI_VFIO_ATTACH       _IO(VFIO_TYPE, VFIO_BASE + 19)

struct nvmi_vfio_bind {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t devid; /* out */
};

struct nvmi_vfio_attach {
	uint32_t argsz;
	uint32_t flags;
	uint32_t ioas_id;
};

/* On /dev/iommu. @size is that of the structure. */
#define NVMI_IOAS_ALLOC       _IO(';', 0x81)
#define NVMI_IOAS_IOVA_RANGES _IO(';', 0x84)
#define NVMI_IOAS_MAP         _IO(';', 0x85)
#define NVMI_IOAS_UNMAP       _IO(';', 0x86)

struct nvmi_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id; /* out */
};

/* @ranges points to @n elements of struct nvmi_iova_range; EMSGSIZE and the number if too few. */
struct nvmi_ioas_iova_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t n;
	uint32_t reserved;
	uint64_t ranges;
	uint64_t alignment; /* out */
};

#define NVMI_IOAS_MAP_FIXED 0x1U
#define NVMI_IOAS_MAP_WRITE 0x2U
#define NVMI_IOAS_MAP_READ  0x4U

struct nvmi_ioas_map {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t vaddr;
	uint64_t length;
	uint64_t iova;
};

struct nvmi_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	uint64_t iova;
	uint64_t length;
};

#endif
