/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iova.h - allocator of I/O virtual addresses: aligned ranges out of the windows an IOMMU (or the
 * software controller) translates.
 */
#ifndef NVMI_IOVA_H
#define NVMI_IOVA_H

#include <stddef.h>
#include <stdint.h>

struct nvmi_iova;

/* A window of usable addresses, both ends included. */
struct nvmi_iova_range {
	uint64_t first;
	uint64_t last;
};

/**
 * nvmi_iova_new() - make an allocator
 * @iova: where it goes
 * @ranges: windows in increasing order, not overlapping
 * @n: their number
 *
 * The first page and the usual MSI window (0xfee00000, 1 MiB) are never handed out, whatever the
 * windows say. Return: 0, EINVAL or ENOMEM. Allocation and release are safe from any thread.
 */
int nvmi_iova_new(struct nvmi_iova **iova, const struct nvmi_iova_range *ranges, size_t n);
void nvmi_iova_delete(struct nvmi_iova *iova);

/**
 * nvmi_iova_alloc() - take a range
 * @size: bytes, a multiple of 4096, at least 4096
 * @align: power of two, at least 4096
 * @addr: its start
 *
 * Return: 0, EINVAL, ENOSPC, ENOMEM. Cost grows with the logarithm of the number of ranges.
 */
int nvmi_iova_alloc(struct nvmi_iova *iova, uint64_t size, uint64_t align, uint64_t *addr);

/* Give back a range exactly as it was allocated. EINVAL if it was not. */
int nvmi_iova_free(struct nvmi_iova *iova, uint64_t addr, uint64_t size);

#endif
