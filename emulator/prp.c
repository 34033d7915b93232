/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prp.c - data pointers made of PRP entries (Base, "Physical Region Page Entry and List").
 *
 * PRP1 may begin inside of a page. PRP2 is the second page, or the address of a list if there are
 * more; the list may begin inside of a page and ends with that page, whose last slot then is the
 * address of the next list page - but only if more entries are needed than there are slots.
 */
#include "data.h"

#define PRP_SIZE sizeof(uint64_t)

static emu_status_t read_entries(struct emu_data *data, uint64_t *to, unsigned int n)
{
	if (!emu_dma_read(data->ctx->slot, data->list, to, n * PRP_SIZE))
		return NVM_SC_DATA_TRANSFER_ERROR;
	data->list += n * PRP_SIZE;
	data->list_left -= n;
	return NVM_SC_SUCCESS;
}

static uint64_t offset_of(const struct emu_data *data, uint64_t entry)
{
	return entry & (data->ctx->page_size - 1);
}

/* Read further entries from the list, following it to its next page. */
static emu_status_t refill(struct emu_data *data)
{
	uint32_t page_size = data->ctx->page_size;
	uint64_t needed = (data->left + page_size - 1) / page_size;
	emu_status_t status;

	if (needed > 1 && data->list_left == 1) {
		uint64_t next;

		status = read_entries(data, &next, 1);
		if (status)
			return status;
		if (offset_of(data, next))
			return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
		data->list = next;
		data->list_left = page_size / PRP_SIZE;
	}
	if (needed > data->list_left)
		needed = data->list_left - 1; /* keep off the last slot */
	if (needed > EMU_DATA_BATCH)
		needed = EMU_DATA_BATCH;
	data->n_batch = (unsigned int)needed;
	data->i_batch = 0;
	return read_entries(data, data->batch.prp, data->n_batch);
}

emu_status_t emu_prp_next(struct emu_data *data)
{
	uint32_t page_size = data->ctx->page_size;

	if (data->i_batch == data->n_batch) {
		emu_status_t status = refill(data);

		if (status)
			return status;
	}
	data->addr = data->batch.prp[data->i_batch++];
	data->piece = data->left < page_size ? data->left : page_size;
	if (offset_of(data, data->addr))
		return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
	return NVM_SC_SUCCESS;
}

emu_status_t emu_prp_begin(struct emu_data *data, const struct nvm_sqe *sqe)
{
	uint32_t page_size = data->ctx->page_size;
	uint64_t rest;

	if (sqe->prp1 & 3)
		return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
	data->addr = sqe->prp1;
	data->piece = page_size - offset_of(data, sqe->prp1);
	if (data->piece >= data->left) {
		data->piece = data->left;
		return NVM_SC_SUCCESS;
	}

	rest = data->left - data->piece;
	if (rest <= page_size) {
		if (offset_of(data, sqe->prp2))
			return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
		data->batch.prp[0] = sqe->prp2;
		data->n_batch = 1;
		return NVM_SC_SUCCESS;
	}
	if (sqe->prp2 & (PRP_SIZE - 1))
		return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
	data->list = sqe->prp2;
	data->list_left = (page_size - offset_of(data, sqe->prp2)) / PRP_SIZE;
	return NVM_SC_SUCCESS;
}
