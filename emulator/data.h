/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data.h - the memory a command's data pointer describes, by PRPs or by SGLs.
 *
 * A cursor walks the data pointer and gives pieces of host memory in order, as struct iovec, so
 * that data goes between namespace and host without a copy in between. Everything the host could
 * change meanwhile is read once.
 */
#ifndef EMU_DATA_H
#define EMU_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "dma.h"
#include "nvm_spec.h"

/*
 * Status of a command: (SCT << 8) | SC as in NVM_SC_*, and the DNR bit: what the completion's
 * status word is, shifted right by one.
 */
typedef uint16_t emu_status_t;

#define EMU_DNR        0x4000U
#define EMU_FAIL(code) ((emu_status_t)((code) | EMU_DNR)) /* the same command fails again */

/* Identify Controller SGLS for what is implemented here; 0 if SGLs are switched off. */
#define EMU_SGLS         (NVM_FIELD(SGLS_SUPPORT, NVM_SGLS_SUPPORT_BYTE) | NVM_SGLS_BIT_BUCKET)

#define EMU_SGL_MAX_DESC (1U << 17) /* descriptors per command, against endless chains */

/* What it takes to walk data pointers. One per thread and kind of queue. */
struct emu_data_ctx {
	struct emu_dma_slot *slot; /* the thread's */
	uint32_t page_size;        /* CC.MPS, bytes */
	bool sgl;                  /* SGLs allowed: never for admin commands */
	void *discard;             /* where bit buckets go; NULL = none supported */
	size_t discard_size;       /* bytes */
};

#define EMU_DATA_BATCH 32 /* PRP entries or SGL descriptors read at once */

/* A walk in progress. Opaque; copy it to look ahead. */
struct emu_data {
	const struct emu_data_ctx *ctx;
	uint64_t left;  /* bytes of data to come */
	uint64_t piece; /* bytes left of the current piece, address below */
	uint64_t addr;  /* bus address of the current piece */
	bool to_host;   /* the controller writes to the memory */
	bool is_sgl;
	bool in_bucket;       /* the current piece is a bit bucket */
	uint8_t segment;      /* SGL: what kind the current segment is, see sgl.c */
	uint64_t list;        /* bus address of the next unread entry or descriptor, or PRP2 */
	uint64_t list_left;   /* unread: PRP: slots in the list page; SGL: descriptors */
	uint32_t n_desc;      /* SGL: descriptors seen so far */
	unsigned int n_batch; /* entries read */
	unsigned int i_batch; /* entries used */
	union {
		uint64_t prp[EMU_DATA_BATCH];
		struct nvm_sgl_desc desc[EMU_DATA_BATCH];
	} batch;
};

/**
 * emu_data_page() - memory of a command whose data lies in one page, the usual case
 * @ctx: what it takes to walk data pointers
 * @sqe: the command
 * @len: bytes the command transfers, more than 0
 * @to_host: the controller will write to the memory
 *
 * Return: what a walk would give as its only piece, or NULL: walk then.
 */
static inline void *emu_data_page(const struct emu_data_ctx *ctx, const struct nvm_sqe *sqe,
				  uint64_t len, bool to_host)
{
	if (NVM_SQE_PSDT(sqe->flags) != NVM_PSDT_PRP || sqe->prp1 & 3 || len > ctx->page_size ||
	    (sqe->prp1 & (ctx->page_size - 1)) > ctx->page_size - len)
		return NULL;
	return emu_dma_peek(ctx->slot, sqe->prp1, len, to_host);
}

/**
 * emu_data_begin() - start a walk
 * @data: the cursor
 * @ctx: stays valid during the walk
 * @sqe: the command, copied as needed
 * @len: bytes the command transfers, more than 0
 * @to_host: the controller will write to the memory
 *
 * Return: 0, or the status to complete the command with.
 */
emu_status_t emu_data_begin(struct emu_data *data, const struct emu_data_ctx *ctx,
			    const struct nvm_sqe *sqe, uint64_t len, bool to_host);

/**
 * emu_data_next() - the next pieces of memory
 * @data: the cursor
 * @iov: filled in; contiguous pieces are joined
 * @max: elements at @iov, at least 1
 * @n: elements filled in, 0 if the walk was over before
 * @bytes: their sum
 *
 * With the last piece the data pointer is checked to its end, so a walk that fits @iov is
 * known to be right before a byte moves. emu_data_over() tells.
 *
 * Return: 0, or the status to complete the command with (*n is 0 then).
 */
emu_status_t emu_data_next(struct emu_data *data, struct iovec *iov, unsigned int max,
			   unsigned int *n, uint64_t *bytes);

static inline bool emu_data_over(const struct emu_data *data)
{
	return !data->left;
}

/* Walk to the end without using anything, on a copy of the cursor: is the rest right? */
emu_status_t emu_data_check(const struct emu_data *data);

/*
 * The two kinds of data pointer, prp.c and sgl.c. Next sets piece and addr, with more data to come;
 * piece does not exceed left. End looks at what follows the data: empty descriptors at most.
 */
emu_status_t emu_prp_begin(struct emu_data *data, const struct nvm_sqe *sqe);
emu_status_t emu_prp_next(struct emu_data *data);
void emu_sgl_begin(struct emu_data *data, const struct nvm_sqe *sqe);
emu_status_t emu_sgl_next(struct emu_data *data);
emu_status_t emu_sgl_end(struct emu_data *data);

/**
 * emu_data_to_host() - transfer a buffer to the memory of a command
 * @ctx: the walk's context
 * @sqe: the command
 * @buf: the data
 * @len: bytes; 0 does nothing
 *
 * Return: 0, or the status to complete the command with.
 */
emu_status_t emu_data_to_host(const struct emu_data_ctx *ctx, const struct nvm_sqe *sqe,
			      const void *buf, size_t len);

/* The other direction. */
emu_status_t emu_data_from_host(const struct emu_data_ctx *ctx, const struct nvm_sqe *sqe,
				void *buf, size_t len);

#endif
