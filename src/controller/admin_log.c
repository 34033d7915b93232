/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_log.c - Get Log Page, any length and offset.
 *
 * A long page is read in pieces of at most two controller pages, and at most two pages of
 * CAP.MPSMIN: the smallest MDTS there can be. So it works without knowing MDTS, and the data pointer
 * never needs a PRP list, which would need memory of its own.
 */
#include <errno.h>
#include <inttypes.h>

#include "controller/admin.h"
#include "controller/error.h"
#include "memory/dma.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* A piece of a log page and where it goes. */
struct log_piece {
	uint32_t ns_id;
	uint8_t log_id;
	uint8_t lsp;
	bool rae;
	uint64_t offset;
	uint64_t prp1;
	uint64_t prp2;
	size_t size;
};

static int read_piece(nvm_aq_ref ref, const struct log_piece *p)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_GET_LOG_PAGE, p->ns_id}};
	uint32_t n_dwords = (uint32_t)(p->size / 4 - 1); /* 0's based */
	int status;

	nvm_cmd_data_ptr(&cmd, p->prp1, p->prp2);
	cmd.dword[10] = NVM_FIELD(LOG_LID, p->log_id) | NVM_FIELD(LOG_LSP, p->lsp) |
			NVM_FIELD(LOG_RAE, p->rae) | NVM_FIELD(LOG_NUMDL, n_dwords & 0xffff);
	cmd.dword[11] = NVM_FIELD(LOG_NUMDU, n_dwords >> 16);
	cmd.dword[12] = (uint32_t)p->offset;
	cmd.dword[13] = (uint32_t)(p->offset >> 32);
	status = nvm_aq_exec(ref, &cmd, NULL, 0);
	return status == 0 ? 0
			   : nvmi_fail_more(status, "Get Log Page 0x%02x, %zu bytes from %" PRIu64,
					    p->log_id, p->size, p->offset);
}

static int check_range(uint64_t offset, size_t size)
{
	if (offset % 4 == 0 && size % 4 == 0 && size != 0 && offset + size > offset)
		return 0;
	return nvmi_fail(EINVAL,
			 "a log page is read in dwords: offset %" PRIu64 " and size %zu must be "
			 "multiples of 4, the size not 0",
			 offset, size);
}

/* Older controllers would ignore the offset and give the beginning again. */
static int check_offsets_work(nvm_aq_ref ref)
{
	if (ref->ctrl->vs >= NVM_VS(1, 2, 1))
		return 0;
	return nvmi_fail(
		ENOTSUP,
		"log pages can be read from an offset, or in several pieces, since NVMe 1.2.1; "
		"this controller is older");
}

/* The piece that starts @dma_offset bytes into @dma: up to the end of the second page. */
static size_t place_piece(nvm_aq_ref ref, struct log_piece *p, const nvm_dma_t *dma,
			  size_t dma_offset, size_t left)
{
	size_t page = dma_offset / dma->page_size;
	size_t in_page = dma_offset % dma->page_size;
	size_t most = (size_t)2 << (12 + NVM_CAP_MPSMIN(ref->ctrl->cap));

	if (most > 2 * dma->page_size - in_page)
		most = 2 * dma->page_size - in_page;
	p->size = left < most ? left : most;
	p->prp1 = dma->ioaddrs[page] + in_page;
	p->prp2 = in_page + p->size > dma->page_size ? dma->ioaddrs[page + 1] : 0;
	return p->size;
}

int nvm_admin_log_page(nvm_aq_ref ref, uint32_t ns_id, uint8_t log_id, uint8_t lsp, bool rae,
		       uint64_t offset, const nvm_dma_t *dma, size_t dma_offset, size_t size)
{
	struct log_piece piece = {.ns_id = ns_id, .log_id = log_id, .lsp = lsp};
	size_t done = 0;
	int status = nvmi_admin_check_ref(ref);

	if (status == 0)
		status = check_range(offset, size);
	if (status != 0)
		return status;
	if (lsp > 0x7f || dma_offset % 4 != 0 || dma == NULL ||
	    dma->page_size != ref->ctrl->handle.page_size)
		return nvmi_fail(
			EINVAL,
			"log page: the LSP is 0..127, the memory mapped for this controller, "
			"the place in it a multiple of 4");
	if (dma_offset > nvmi_dma_size(dma) || size > nvmi_dma_size(dma) - dma_offset)
		return nvmi_fail(ERANGE,
				 "the log page does not fit the memory: %zu bytes at %zu of %zu",
				 size, dma_offset, nvmi_dma_size(dma));

	piece.offset = offset;
	while (status == 0 && done < size) {
		done += place_piece(ref, &piece, dma, dma_offset + done, size - done);
		/* Only the last piece may clear the event: until then the page must not change. */
		piece.rae = rae || done < size;
		if (piece.offset != 0 || done < size)
			status = check_offsets_work(ref);
		if (status == 0)
			status = read_piece(ref, &piece);
		piece.offset += piece.size;
	}
	return status;
}

int nvm_admin_get_log_page(nvm_aq_ref ref, uint32_t ns_id, void *buffer, uint64_t ioaddr,
			   uint8_t log_id, uint64_t log_offset)
{
	struct log_piece piece = {
		.ns_id = ns_id,
		.log_id = log_id,
		.offset = log_offset,
		.prp1 = ioaddr,
		.size = NVMI_ADMIN_DATA_SIZE,
	};
	int status = nvmi_admin_check_ref(ref);

	(void)buffer;
	if (status == 0)
		status = check_range(log_offset, piece.size);
	if (status == 0 && log_offset != 0)
		status = check_offsets_work(ref);
	if (status == 0)
		status = nvmi_admin_check_buffer(ref, ioaddr);
	return status == 0 ? read_piece(ref, &piece) : status;
}
