/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data.c - the cursor over a command's data pointer: bus addresses become pieces of memory.
 */
#include <string.h>

#include "data.h"

emu_status_t emu_data_begin(struct emu_data *data, const struct emu_data_ctx *ctx,
			    const struct nvm_sqe *sqe, uint64_t len, bool to_host)
{
	uint32_t psdt = NVM_SQE_PSDT(sqe->flags);

	/* Not the batch: half a KiB that most commands do not touch. */
	data->ctx = ctx;
	data->left = len;
	data->piece = 0;
	data->to_host = to_host;
	data->in_bucket = false;
	data->list_left = 0;
	data->n_batch = 0;
	data->i_batch = 0;
	data->is_sgl = psdt != NVM_PSDT_PRP;
	if (!data->is_sgl)
		return emu_prp_begin(data, sqe);
	if (!ctx->sgl || psdt != NVM_PSDT_SGL_MPTR_BUFFER)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	emu_sgl_begin(data, sqe);
	return NVM_SC_SUCCESS;
}

/* Memory at the beginning of the current piece, and how much of it is contiguous. */
static void *resolve(struct emu_data *data, uint64_t *len)
{
	const struct emu_data_ctx *ctx = data->ctx;

	if (data->in_bucket) {
		*len = data->piece < ctx->discard_size ? data->piece : ctx->discard_size;
		return ctx->discard;
	}
	return emu_dma_resolve(ctx->slot, data->addr, data->piece, data->to_host, len);
}

emu_status_t emu_data_next(struct emu_data *data, struct iovec *iov, unsigned int max,
			   unsigned int *n, uint64_t *bytes)
{
	uint64_t before = data->left, len = 0;
	emu_status_t status = NVM_SC_SUCCESS;
	const uint8_t *end = NULL; /* of the last element, if it can be continued */
	unsigned int i = 0;

	*n = 0;
	*bytes = 0;
	while (data->left) {
		uint8_t *vaddr;

		if (!data->piece) {
			status = data->is_sgl ? emu_sgl_next(data) : emu_prp_next(data);
			if (status)
				return status;
		}
		vaddr = resolve(data, &len);
		if (!vaddr)
			return NVM_SC_DATA_TRANSFER_ERROR;
		if (vaddr == end) {
			iov[i - 1].iov_len += len;
		} else {
			if (i == max)
				break;
			iov[i++] = (struct iovec){.iov_base = vaddr, .iov_len = len};
		}
		end = data->in_bucket ? NULL : vaddr + len;
		data->addr += len;
		data->piece -= len;
		data->left -= len;
	}
	if (!data->left && data->is_sgl && before) {
		status = emu_sgl_end(data);
		if (status)
			return status;
	}
	*n = i;
	*bytes = before - data->left;
	return NVM_SC_SUCCESS;
}

emu_status_t emu_data_check(const struct emu_data *data)
{
	struct emu_data copy = *data;
	struct iovec iov[16];
	emu_status_t status = NVM_SC_SUCCESS;
	unsigned int n;
	uint64_t bytes;

	while (!status && !emu_data_over(&copy))
		status = emu_data_next(&copy, iov, 16, &n, &bytes);
	return status;
}

/* Between a buffer and the memory of a command. */
static emu_status_t transfer(const struct emu_data_ctx *ctx, const struct nvm_sqe *sqe,
			     uint8_t *buf, size_t len, bool to_host)
{
	struct emu_data data;
	struct iovec iov[16];
	emu_status_t status;
	unsigned int n;
	uint64_t bytes;

	if (!len)
		return NVM_SC_SUCCESS;
	status = emu_data_begin(&data, ctx, sqe, len, to_host);
	while (!status && !emu_data_over(&data)) {
		status = emu_data_next(&data, iov, 16, &n, &bytes);
		for (unsigned int i = 0; i < n; i++) {
			if (to_host)
				memcpy(iov[i].iov_base, buf, iov[i].iov_len);
			else
				memcpy(buf, iov[i].iov_base, iov[i].iov_len);
			buf += iov[i].iov_len;
		}
	}
	return status;
}

emu_status_t emu_data_to_host(const struct emu_data_ctx *ctx, const struct nvm_sqe *sqe,
			      const void *buf, size_t len)
{
	return transfer(ctx, sqe, (uint8_t *)(uintptr_t)buf, len, true); /* is only read */
}

emu_status_t emu_data_from_host(const struct emu_data_ctx *ctx, const struct nvm_sqe *sqe,
				void *buf, size_t len)
{
	return transfer(ctx, sqe, buf, len, false);
}
