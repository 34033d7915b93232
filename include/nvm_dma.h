/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_dma.h - memory that a controller can reach.
 *
 * Nothing is rounded and nothing is half mapped: a range that cannot be mapped whole is refused.
 */
#ifndef NVM_DMA_H
#define NVM_DMA_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * nvm_dma_map() - describe memory whose bus addresses the caller knows
 * @dma: where the mapping goes; NULL on failure
 * @ctrl: controller
 * @vaddr: where this process sees the memory; may be NULL
 * @page_size: bytes per element of @page_addrs, a power of two, at least 512
 * @n_pages: elements in @page_addrs, at least 1
 * @page_addrs: bus address of every page, each aligned to the smaller of @page_size and the
 *	controller's page
 *
 * @page_size * @n_pages must be a multiple of the controller's page size. Pages larger than that
 * are split; smaller ones must join to contiguous controller pages. The memory stays the caller's
 * and must stay in place until nvm_dma_unmap().
 *
 * Return: 0 or errno: EINVAL, ENOMEM. Any thread.
 */
int nvm_dma_map(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, void *vaddr, size_t page_size,
		size_t n_pages, const uint64_t *page_addrs);

/**
 * nvm_dma_map_host() - map memory of this process
 * @dma: where the mapping goes; NULL on failure
 * @ctrl: controller
 * @vaddr: start, aligned to the larger of the host's and the controller's page
 * @size: bytes, a multiple of the same, at least one page
 *
 * The memory stays the caller's and must stay allocated until nvm_dma_unmap().
 *
 * Return: 0 or errno: EINVAL (unaligned, zero or wrapping range), EFAULT (not all of it is mapped
 * memory), ENOTSUP (the controller was given by nvm_raw_ctrl_init()), EPERM or ENOMEM (locked memory
 * limit, or no address space left), ENOSPC (as many mappings as the IOMMU driver allows), ENODEV. Any thread.
 */
int nvm_dma_map_host(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, void *vaddr, size_t size);

#if defined(__unix__)
/**
 * nvm_dma_create() - allocate memory and map it
 * @dma: where the mapping goes; NULL on failure
 * @ctrl: controller
 * @size: bytes wanted, at least 1; the library allocates whole pages
 *
 * Huge pages are taken for large sizes where the system has some free, ordinary memory otherwise.
 * The memory is zeroed and belongs to the library: nvm_dma_unmap() frees it. Children made by fork(2) do
 * not get it.
 *
 * Return: 0 or errno: EINVAL, ENOMEM, and those of nvm_dma_map_host(). Any thread.
 */
int nvm_dma_create(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, size_t size);
#endif

/**
 * nvm_dma_view() - a part of a mapping as a mapping of its own
 * @view: where the view goes; NULL on failure
 * @dma: mapping to look into
 * @offset: bytes from its start, a multiple of its page size
 * @size: bytes, a multiple of its page size, at least one page
 *
 * The memory stays mapped (and, from nvm_dma_create(), allocated) until the mapping and all its
 * views are unmapped.
 *
 * Return: 0 or errno: EINVAL, ERANGE (beyond the mapping), ENOMEM. Any thread.
 */
int nvm_dma_view(nvm_dma_t **view, const nvm_dma_t *dma, size_t offset, size_t size);

/**
 * nvm_dma_unmap() - undo a mapping
 * @dma: mapping or view; NULL is safe
 *
 * Commands that use it must have completed. While an admin queue pair or an I/O queue made by
 * nvm_cq_create()/nvm_sq_create() lies in it, the memory stays mapped until that is gone. Any
 * thread, once.
 */
void nvm_dma_unmap(nvm_dma_t *dma);

/**
 * nvm_dma_contiguous() - is a range contiguous on the bus?
 * @dma: mapping
 * @offset: bytes from its start
 * @size: bytes
 *
 * Return: 1 or 0; 0 if the range is not within the mapping. Any thread.
 */
int nvm_dma_contiguous(const nvm_dma_t *dma, size_t offset, size_t size);

#ifdef __cplusplus
}
#endif

#endif
