/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * buf.c - nvm_buf_t: registering memory for requests.
 *
 * The tables are PRP lists of the whole buffer, in DMA memory of their own: a request's list is a piece
 * of one of them. A list must not run past its page without a pointer to the next one there, which
 * is why there are two tables, half a page apart.
 */
#include <errno.h>
#include <stdlib.h>

#include "controller/error.h"
#include "memory/dma.h"
#include "nvm_buf.h"
#include "nvm_util.h"

/* What lies behind an nvm_buf_t. */
struct buffer {
	nvm_buf_t buf;
	const nvm_dma_t *dma;
	nvm_dma_t *tables;
};

/* Both tables, for a buffer that requests of more than two pages fit in. */
static int make_tables(struct buffer *b, const nvm_ctrl_t *ctrl, size_t n_pages)
{
	size_t per_page = ctrl->page_size / sizeof(uint64_t);
	size_t n_lists = (n_pages + per_page - 1) / per_page;
	/* What lies within a single page of the first table needs no second one. */
	size_t n_shifted = n_lists == 1 ? 0 : (n_pages + per_page / 2 + per_page - 1) / per_page;
	uint64_t *table;
	int err = nvm_dma_create(&b->tables, ctrl, (n_lists + n_shifted) * ctrl->page_size);

	if (err != 0)
		return err;
	table = b->tables->vaddr;
	for (size_t i = 0; i < n_pages; ++i)
		table[i] = b->dma->ioaddrs[i];
	if (n_shifted != 0) {
		table += n_lists * per_page + per_page / 2;
		for (size_t i = 0; i < n_pages; ++i)
			table[i] = b->dma->ioaddrs[i];
	}
	b->buf.lists = b->tables->ioaddrs;
	b->buf.shifted = b->tables->ioaddrs + n_lists;
	return 0;
}

int nvm_buf_create(nvm_buf_t **buf, const nvm_ctrl_t *ctrl, const nvm_dma_t *dma)
{
	struct buffer *b;
	int err;

	if (buf == NULL)
		return nvmi_fail(EINVAL, "no place for the buffer: pass a pointer to one");
	*buf = NULL;
	if (ctrl == NULL || dma == NULL)
		return nvmi_fail(EINVAL, "no %s to register: pass one",
				 ctrl == NULL ? "controller" : "memory");
	if (dma->page_size != ctrl->page_size)
		return nvmi_fail(
			EINVAL,
			"the memory was mapped for pages of %zu bytes, the controller uses "
			"%zu: map it for this controller",
			dma->page_size, ctrl->page_size);
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return nvmi_fail(ENOMEM, "out of memory for a registered buffer");
	b->dma = dma;
	b->buf.vaddr = dma->vaddr;
	b->buf.size = nvmi_dma_size(dma);
	b->buf.ioaddrs = dma->ioaddrs;
	b->buf.n_dwords = b->buf.size / 4;
	b->buf.page_size = dma->page_size;
	b->buf.page_shift = (uint8_t)__builtin_ctzll(dma->page_size);
	b->buf.list_shift = (uint8_t)(b->buf.page_shift - 3);
	b->buf.list_mask = ((size_t)1 << b->buf.list_shift) - 1;
	b->buf.contiguous = nvm_dma_contiguous(dma, 0, b->buf.size) != 0;
	if (dma->n_ioaddrs > 2) {
		err = make_tables(b, ctrl, dma->n_ioaddrs);
		if (err != 0) {
			free(b);
			return err;
		}
	}
	nvmi_dma_get(dma);
	*buf = &b->buf;
	return 0;
}

void nvm_buf_destroy(nvm_buf_t *buf)
{
	struct buffer *b = (struct buffer *)buf;

	if (b == NULL)
		return;
	nvm_dma_unmap(b->tables);
	nvmi_dma_put(b->dma);
	free(b);
}

uint64_t nvm_buf_list_shifted_(const nvm_buf_t *buf, size_t page, size_t n)
{
	size_t slot;

	page += (buf->list_mask + 1) / 2;
	slot = page & buf->list_mask;
	return slot + n - 1 <= buf->list_mask ? buf->shifted[page >> buf->list_shift] + slot * 8
					      : 0;
}
