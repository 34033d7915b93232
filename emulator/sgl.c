/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sgl.c - data pointers made of SGL descriptors (Base, "Scatter Gather Lists").
 *
 * The command holds one descriptor: the data block, or the segment that describes it. A segment's
 * last descriptor may name the next segment; a Last Segment descriptor says that there is none.
 * The lengths add up to the transfer exactly: longer is an error, too.
 */
#include "data.h"

enum segment {
	SEGMENT_SQE,  /* the descriptor in the command */
	SEGMENT_MORE, /* another segment follows */
	SEGMENT_LAST,
};

static emu_status_t refill(struct emu_data *data)
{
	uint64_t n = data->list_left < EMU_DATA_BATCH ? data->list_left : EMU_DATA_BATCH;
	size_t size = n * sizeof(data->batch.desc[0]);

	data->n_desc += (uint32_t)n;
	if (data->n_desc > EMU_SGL_MAX_DESC)
		return EMU_FAIL(NVM_SC_SGL_INVALID_NUMBER);
	if (!emu_dma_read(data->ctx->slot, data->list, data->batch.desc, size))
		return NVM_SC_DATA_TRANSFER_ERROR;
	data->list += size;
	data->list_left -= n;
	data->n_batch = (unsigned int)n;
	data->i_batch = 0;
	return NVM_SC_SUCCESS;
}

/* The descriptor is the last one of its segment. */
static bool ends_segment(const struct emu_data *data)
{
	return data->i_batch == data->n_batch && !data->list_left;
}

/* Passes the end of the address space; not empty. */
static bool wraps(const struct nvm_sgl_desc *desc)
{
	return desc->length - 1 > UINT64_MAX - desc->addr;
}

static emu_status_t no_memory(struct emu_data *data)
{
	emu_dma_fault(data->ctx->slot);
	return NVM_SC_DATA_TRANSFER_ERROR;
}

static emu_status_t enter_segment(struct emu_data *data, const struct nvm_sgl_desc *desc)
{
	size_t size = sizeof(*desc);

	if (!ends_segment(data))
		return EMU_FAIL(NVM_SC_SGL_INVALID_NUMBER);
	if (data->segment == SEGMENT_LAST)
		return EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT);
	if (!desc->length || desc->length % size || desc->addr % sizeof(uint64_t))
		return EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT);
	if (wraps(desc))
		return no_memory(data);
	data->segment =
		NVM_SGL_TYPE(desc->type) == NVM_SGL_TYPE_LAST_SEGMENT ? SEGMENT_LAST : SEGMENT_MORE;
	data->list = desc->addr;
	data->list_left = desc->length / size;
	return NVM_SC_SUCCESS;
}

/* A descriptor of data: becomes the current piece, unless it describes nothing. */
static emu_status_t take_data(struct emu_data *data, const struct nvm_sgl_desc *desc)
{
	data->in_bucket = NVM_SGL_TYPE(desc->type) == NVM_SGL_TYPE_BIT_BUCKET;
	if (data->in_bucket && !data->ctx->discard)
		return EMU_FAIL(NVM_SC_SGL_TYPE_INVALID);
	/* The segment promised another one. */
	if (ends_segment(data) && data->segment == SEGMENT_MORE)
		return EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT);
	/* From host to controller, a bit bucket has no effect. */
	if (!desc->length || (data->in_bucket && !data->to_host))
		return NVM_SC_SUCCESS;
	if (desc->length > data->left)
		return EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID);
	if (!data->in_bucket && wraps(desc))
		return no_memory(data);
	data->addr = desc->addr;
	data->piece = desc->length;
	return NVM_SC_SUCCESS;
}

static emu_status_t take(struct emu_data *data, const struct nvm_sgl_desc *desc)
{
	if (NVM_SGL_SUBTYPE(desc->type) != NVM_SGL_SUBTYPE_ADDRESS)
		return EMU_FAIL(NVM_SC_SGL_TYPE_INVALID);

	switch (NVM_SGL_TYPE(desc->type)) {
	case NVM_SGL_TYPE_DATA_BLOCK:
	case NVM_SGL_TYPE_BIT_BUCKET:
		return take_data(data, desc);
	case NVM_SGL_TYPE_SEGMENT:
	case NVM_SGL_TYPE_LAST_SEGMENT:
		return enter_segment(data, desc);
	default:
		return EMU_FAIL(NVM_SC_SGL_TYPE_INVALID);
	}
}

/* Go on until there is a piece, or no descriptor any more. */
static emu_status_t walk(struct emu_data *data)
{
	emu_status_t status = NVM_SC_SUCCESS;

	while (!status && !data->piece) {
		if (data->i_batch == data->n_batch) {
			if (!data->list_left)
				break;
			status = refill(data);
		}
		if (!status)
			status = take(data, &data->batch.desc[data->i_batch++]);
	}
	return status;
}

emu_status_t emu_sgl_next(struct emu_data *data)
{
	emu_status_t status = walk(data);

	if (!status && !data->piece)
		status = EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID);
	return status;
}

emu_status_t emu_sgl_end(struct emu_data *data)
{
	/* A piece would exceed what is left, which is nothing. */
	return walk(data);
}

void emu_sgl_begin(struct emu_data *data, const struct nvm_sqe *sqe)
{
	data->segment = SEGMENT_SQE;
	data->batch.desc[0] = sqe->sgl1;
	data->n_batch = 1;
	data->n_desc = 1;
}
