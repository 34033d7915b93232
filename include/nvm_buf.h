/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_buf.h - a registered buffer: DMA memory with PRP lists made beforehand, so that a request's data
 * pointer costs the same whatever its size.
 */
#ifndef NVM_BUF_H
#define NVM_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * nvm_buf_t - a registered buffer
 * @vaddr: where this process sees it; NULL if it does not
 * @size: bytes
 * @ioaddrs: bus address of every controller page
 * @n_dwords: @size / 4
 * @page_size: controller page size, bytes
 * @page_shift: log2 of the controller page size
 * @list_shift: log2 of the entries that a page of the tables holds
 * @list_mask: that number of entries - 1
 * @contiguous: the whole buffer is contiguous on the bus
 * @lists: bus address of every page of the PRP table: entry i of the table is the address of page i, a page
 *	of the table holds 2^(page_shift - 3) entries, and no entry is a pointer to a further page
 * @shifted: the same table again, half a page of entries later: what crosses a page's end in one table does
 *	not in the other, as long as it is no longer than half a page
 *
 * Made by nvm_buf_create(), then read-only: any thread may use it until nvm_buf_destroy().
 */
typedef struct {
	void *vaddr;
	size_t size;
	const uint64_t *ioaddrs;
	const uint64_t *lists;
	const uint64_t *shifted;
	size_t n_dwords;
	size_t page_size;
	size_t list_mask;
	uint8_t list_shift;
	uint8_t page_shift;
	bool contiguous;
} nvm_buf_t;

/**
 * nvm_buf_create() - register DMA memory for requests
 * @buf: where the buffer goes; NULL on failure
 * @ctrl: controller that the memory is mapped for
 * @dma: the memory; kept mapped until nvm_buf_destroy()
 *
 * The tables take 16 bytes for each controller page (0.4 % for pages of 4 KiB).
 *
 * Return: 0 or errno: EINVAL (not mapped for @ctrl's page size), ENOMEM, and those of nvm_dma_create().
 * Any thread.
 */
int nvm_buf_create(nvm_buf_t **buf, const nvm_ctrl_t *ctrl, const nvm_dma_t *dma);

/**
 * nvm_buf_destroy() - give up a registered buffer
 * @buf: buffer; NULL is safe
 *
 * Requests that use it must have completed. Any thread, once.
 */
void nvm_buf_destroy(nvm_buf_t *buf);

/* The rest of nvm_buf_list(): a list that the end of a page of the first table would cut in two. */
uint64_t nvm_buf_list_shifted_(const nvm_buf_t *buf, size_t page, size_t n);

/**
 * nvm_buf_list() - find the PRP list of a transfer in a buffer's tables
 * @buf: buffer
 * @page: first page the list names
 * @n: pages it names, at least 1
 *
 * Return: bus address of the list; 0 where no single page of the tables holds it all, which is possible
 * only if @n is more than half of what a page holds.
 */
static inline uint64_t nvm_buf_list(const nvm_buf_t *buf, size_t page, size_t n)
{
	size_t slot = page & buf->list_mask;

	if (__builtin_expect(slot + n - 1 <= buf->list_mask, 1))
		return buf->lists[page >> buf->list_shift] + slot * 8;
	return nvm_buf_list_shifted_(buf, page, n);
}

#ifdef __cplusplus
}
#endif

#endif
