/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_qpair.h - the request layer: asynchronous I/O on one SQ + CQ.
 *
 * Submit: nvm_qpair_read() and friends; each call is one request, whatever its size. Collect:
 * nvm_qpair_poll() calls every completed request's function, nvm_qpair_reap() fills an array instead.
 * Every accepted request completes exactly once with its own status, also when the disk hangs, fails or
 * is unplugged. What is refused (wrong range, unknown buffer, queue full) is refused before anything of it is
 * submitted.
 *
 * One thread at a time drives a queue pair; give every thread its own.
 *
 * Beneath it lie the raw queues (nvm_queue.h). Identifiers (CIDs) belong to requests, not to ring slots: a
 * slow command holds up nothing but itself. A request never holds more than one ring slot at a time
 * that has not been fetched, and there are fewer requests than slots, so the SQ cannot overflow.
 */
#ifndef NVM_QPAIR_H
#define NVM_QPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvm_buf.h"
#include "nvm_cmd.h"
#include "nvm_ns.h"
#include "nvm_queue.h"
#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * nvm_io_fn - what nvm_qpair_poll() calls when a request has completed
 * @arg: as given with the request
 * @status: packed status: 0, a negative NVMe status (of the failed command with the lowest block, where the
 *	request was split), or an errno: ETIME (not completed in time, and given up), ENODEV (the controller is gone), EIO (the
 *	controller failed, or was disabled by somebody else), ECANCELED (the queue pair is being destroyed)
 * @result: dword 0 of the completion; 0 for requests that were split
 *
 * A request that takes too long is aborted first: if that works, its status is what the controller says (Command
 * Abort Requested, 07h). If not, the queue pair is taken away from the controller and made anew, and the controller is
 * reset if need be (nvm_aq_reset()): the request ends with ETIME, and all others that were in flight with Command
 * Aborted due to SQ Deletion (08h), also those of other queue pairs where there was a reset. These, and those that
 * ended with an errno, may have been executed or not. When a request has ended, the controller does not use its
 * memory any more.
 *
 * May submit requests to the same queue pair; may not destroy it.
 */
typedef void nvm_io_fn(void *arg, int status, uint32_t result);

/**
 * nvm_done_t - a completed request, from nvm_qpair_reap()
 * @arg: as given with the request
 * @status: packed status, as for nvm_io_fn
 * @result: dword 0 of the completion
 */
typedef struct {
	void *arg;
	int status;
	uint32_t result;
} nvm_done_t;

/* How nvm_qpair_wait() waits. */
enum nvm_wait_mode {
	NVM_WAIT_POLL, /* spin, then yield, then sleep for up to 1 ms at a time: no interrupt is used */
	NVM_WAIT_IRQ,      /* sleep until the interrupt: nvm_qpair_fd() */
	NVM_WAIT_ADAPTIVE, /* spin for about as long as requests take, then as NVM_WAIT_IRQ */
};

/**
 * struct nvm_qpair_options - how to make a queue pair
 * @size: sizeof(struct nvm_qpair_options) as the caller was compiled
 * @depth: entries per queue, 2..the controller's max_entries; 0 = 128, or max_entries if that is less, or what a
 *	page holds where the controller wants rings contiguous (CAP.CQR) and no memory is
 * @qid: queue identifier; 0 = the library chooses a free one
 * @wait: how nvm_qpair_wait() waits; the IRQ modes take an interrupt vector
 * @vector: interrupt vector for the IRQ modes, which no other queue pair may have; -1 = one that is free
 * @timeout_ms: how long a request may take before it is given up, ms; 0 = 30000
 * @n_lists: PRP list pages for requests that the tables of nvm_buf_t do not serve (several buffers, more than
 *	half a table page); 0 = 16. Requests that find none free wait for one
 * @prp_only: never use SGLs, though the controller has them
 * @no_shadow: do not switch the Doorbell Buffer of the controller on, if it has one. Raw queues (nvm_sq_create())
 *	cannot be made while it is on; where there are raw queues already, it is not switched on. Once it is on, all
 *	queue pairs use it
 */
struct nvm_qpair_options {
	size_t size;
	uint32_t depth;
	uint16_t qid;
	enum nvm_wait_mode wait;
	int vector;
	uint64_t timeout_ms;
	uint32_t n_lists;
	bool prp_only;
	bool no_shadow;
};

/* All defaults. */
#define NVM_QPAIR_OPTIONS_INIT                                                                \
	{                                                                                     \
		sizeof(struct nvm_qpair_options), 0, 0, NVM_WAIT_POLL, -1, 0, 0, false, false \
	}

/* A bit of nvm_qpair_slot.state: no command is in flight. */
#define NVM_QPAIR_FREE (1U << 31)

/**
 * struct nvm_qpair_slot - a command in flight
 * @fn: of the request; never NULL
 * @arg: of the request
 * @id: CID it was submitted with, in the upper half; the lower half is 0
 * @state: 0 = in flight, a whole request of one command without anything to release. NVM_QPAIR_FREE, or what is
 *	known of it out of line: how long it has been in flight (age), the record of a part of a split request or
 *	of list pages
 * @next: the free slot beneath this one, while it is free
 *
 * Together, @id and @state are what a completion is compared with: eight bytes in one load.
 */
struct nvm_qpair_slot {
	nvm_io_fn *fn;
	void *arg;
	uint32_t id __attribute__((aligned(8)));
	uint32_t state;
	struct nvm_qpair_slot *next;
};

struct nvmi_qpair;

/*
 * The functions of the I/O path are part of the loop that calls them: compilers, which judge by size, would make
 * calls with nine arguments of them.
 */
#define NVM_INLINE_ static inline __attribute__((always_inline))

/* Ring memory is of no type of its own: an SQE is stored as eight of these. */
typedef uint64_t __attribute__((may_alias)) nvm_qword_t_;

/**
 * nvm_qpair_t - a request engine
 * @sq: submission queue
 * @cq: completion queue
 * @slots: commands in flight, found by CID & @cid_mask; a power of two of them
 * @free: the free slot to use next, the others behind it; NULL also when the queue pair has failed
 * @cid_mask: the bits of a CID that number the slot
 * @slot_mask: the same, as bytes from @slots
 * @id_step: added to nvm_qpair_slot.id with every use, so that a completion that comes twice is not taken for that
 *	of the next command: the bits above @cid_mask change
 * @sqe: next SQ entry to fill; sq.tail follows it when the doorbell is rung
 * @sqe_limit: @sqe_end while the doorbell is held back; NULL: ring it with every command
 * @sqe_end: end of the SQ's memory
 * @cqe: next CQ entry to look at; cq.head follows it at the end of nvm_qpair_poll()
 * @cqe_end: end of the CQ's memory
 * @phase: cq.phase, in the width it is used
 * @n_polls: nvm_qpair_poll() calls, to look at the clock every so often
 * @n_unrung: completions taken since the CQ doorbell was rung
 * @lazy: ring it after that many
 * @n_ready: requests that ended without a completion of their own and wait to be collected
 * @plugged: nvm_qpair_plug() calls without nvm_qpair_unplug()
 * @use_sgl: the controller takes SGLs
 * @shadow: doorbells go through the Doorbell Buffer
 * @next_tick: value of nvm_ticks() at which to look for late requests
 * @priv: the library's
 *
 * Its fields are for the inline functions below, and for looking at.
 */
typedef struct nvm_qpair {
	nvm_queue_t sq;
	nvm_queue_t cq;
	struct nvm_qpair_slot *slots;
	struct nvm_qpair_slot *free;
	nvm_qword_t_ *sqe;
	nvm_qword_t_ *sqe_limit;
	nvm_qword_t_ *sqe_end;
	const nvm_cpl_t *cqe;
	const nvm_cpl_t *cqe_end;
	uint64_t phase;
	uint64_t slot_mask;
	uint32_t cid_mask;
	uint32_t id_step;
	uint32_t n_polls;
	uint32_t n_unrung;
	uint32_t lazy;
	uint32_t n_ready;
	uint16_t plugged;
	bool use_sgl;
	bool shadow;
	uint64_t next_tick;
	struct nvmi_qpair *priv;
} nvm_qpair_t;

/**
 * nvm_qpair_create() - make a queue pair on the controller
 * @qp: where it goes; NULL on failure
 * @ref: admin queue reference; must outlive the queue pair
 * @options: NULL for the defaults
 *
 * Asks the controller for a number of queues if nobody has before.
 *
 * Return: packed status; EINVAL (@options), ERANGE (depth beyond what the controller has, or doorbell not
 * mapped), ENOSPC (no queue pair left of those granted, or no interrupt vector), EBUSY (the vector is used), ENOTSUP
 * (an IRQ mode where there are no interrupts), and those of nvm_dma_create() and the admin commands. Any thread.
 */
int nvm_qpair_create(nvm_qpair_t **qp, nvm_aq_ref ref, const struct nvm_qpair_options *options);

/**
 * nvm_qpair_destroy() - delete a queue pair
 * @qp: queue pair; NULL is safe
 *
 * Requests in flight complete with ECANCELED by their functions (those without one are forgotten) once the
 * controller cannot reach their memory any more. One thread, when no other uses @qp.
 */
void nvm_qpair_destroy(nvm_qpair_t *qp);

/**
 * struct nvm_io_vec - a part of a buffer
 * @buf: registered buffer
 * @offset: bytes from its start
 * @size: bytes
 */
struct nvm_io_vec {
	const nvm_buf_t *buf;
	size_t offset;
	size_t size;
};

/**
 * struct nvm_io - a request with everything there is to say
 * @ns: namespace
 * @opcode: NVM_IO_READ, NVM_IO_WRITE, NVM_IO_OPC_COMPARE, NVM_IO_WRITE_ZEROES or NVM_IO_OPC_VERIFY
 * @flags: upper half of CDW12 (NVM_FIELD(RW_FUA, 1), RW_LR, RW_PRINFO, RW_DEAC), the rest 0
 * @lba: first block
 * @n_blocks: number of blocks, at least 1; split at MDTS and at the namespace's boundary
 * @data: where the data is; the sizes add up to that of the blocks (with metadata, if it is inline). Copied
 * @n_data: elements in @data; 0 for commands without data
 * @metadata: where separate metadata is (contiguous on the bus); buf = NULL: none
 * @fn: called when it has completed; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * Every part of @data but the first starts, and every one but the last ends, at a controller page's
 * boundary unless the controller has SGLs; all are multiples of 4.
 */
struct nvm_io {
	const nvm_ns_t *ns;
	uint8_t opcode;
	uint32_t flags;
	uint64_t lba;
	uint64_t n_blocks;
	const struct nvm_io_vec *data;
	size_t n_data;
	struct nvm_io_vec metadata;
	nvm_io_fn *fn;
	void *arg;
};

/**
 * nvm_qpair_io() - submit any request on a range of blocks
 * @qp: queue pair
 * @io: request, copied
 *
 * A request larger than one command may be goes out in parts, as slots become free.
 *
 * Return: 0, or nothing was submitted: EINVAL (no blocks, data that does not add up or is not aligned, a
 * namespace with metadata and none given), ERANGE (beyond the namespace, or beyond the buffer), ENOTSUP
 * (the controller does not have the command), EAGAIN (queue full: collect some), and the queue pair's own
 * failure (ENODEV, EIO).
 */
int nvm_qpair_io(nvm_qpair_t *qp, const struct nvm_io *io);

/* The out-of-line side of nvm_qpair_rw_(). */
int nvm_qpair_rw_closer_(nvm_qpair_t *qp, uint8_t opcode, const nvm_ns_t *ns, const nvm_buf_t *buf,
			 size_t offset, uint64_t lba, uint32_t n_blocks, nvm_io_fn *fn, void *arg);
/* Shadow doorbells: store, and ring the register if the controller asks for it. */
void nvm_qpair_ring_shadow_(nvm_qpair_t *qp, bool cq);
/* A completion that is not plain success of a whole request. True if @done is a completed request. */
bool nvm_qpair_complete_(nvm_qpair_t *qp, const nvm_cpl_t *cpl, nvm_io_fn **fn, nvm_done_t *done);
/* Take a request that ended without a completion (n_ready > 0). */
void nvm_qpair_take_ready_(nvm_qpair_t *qp, nvm_io_fn **fn, nvm_done_t *done);
/* Time may be up for somebody. */
void nvm_qpair_tick_(nvm_qpair_t *qp);

/* A clock of unknown rate that costs next to nothing to read; 0 where there is none. */
static inline uint64_t nvm_ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
	return 0;
#endif
}

/* Requests without a function have this one. */
void nvm_qpair_forget_(void *arg, int status, uint32_t result);

/* The rings are as sq and cq say: take the positions from there. */
static inline void nvm_qpair_reload_(nvm_qpair_t *qp)
{
	nvm_cmd_t *sqes = (nvm_cmd_t *)(uintptr_t)qp->sq.vaddr;
	const nvm_cpl_t *cqes = (const nvm_cpl_t *)(uintptr_t)qp->cq.vaddr;

	qp->sqe = (nvm_qword_t_ *)(sqes + qp->sq.tail);
	qp->sqe_end = (nvm_qword_t_ *)(sqes + qp->sq.max_entries);
	qp->sqe_limit = qp->plugged != 0 ? qp->sqe_end : NULL;
	qp->cqe = cqes + qp->cq.head;
	qp->cqe_end = cqes + qp->cq.max_entries;
	qp->phase = (uint64_t)qp->cq.phase;
}

/* Hand over all commands before @end. */
NVM_INLINE_ void nvm_qpair_ring_(nvm_qpair_t *qp, const nvm_qword_t_ *end)
{
	uint32_t tail = (uint32_t)(((uintptr_t)end - (uintptr_t)qp->sq.vaddr) / sizeof(nvm_cmd_t));

	qp->sq.tail = tail;
	if (__builtin_expect(qp->shadow, 0)) {
		nvm_qpair_ring_shadow_(qp, false);
	} else {
		nvm_db_write(qp->sq.db, tail);
		qp->sq.last = tail;
	}
}

/**
 * nvm_qpair_submit() - hand over everything submitted so far, plugged or not
 * @qp: queue pair
 */
static inline void nvm_qpair_submit(nvm_qpair_t *qp)
{
	if ((nvm_cmd_t *)qp->sqe != (nvm_cmd_t *)(uintptr_t)qp->sq.vaddr + qp->sq.last)
		nvm_qpair_ring_(qp, qp->sqe);
}

/**
 * nvm_qpair_plug() - hold the doorbell back
 * @qp: queue pair
 *
 * Requests submitted until the matching nvm_qpair_unplug() are handed over together, with one doorbell
 * write. Nests.
 */
static inline void nvm_qpair_plug(nvm_qpair_t *qp)
{
	++qp->plugged;
	qp->sqe_limit = qp->sqe_end;
}

/** nvm_qpair_unplug() - the end of nvm_qpair_plug(); the outermost one rings the doorbell */
static inline void nvm_qpair_unplug(nvm_qpair_t *qp)
{
	if (--qp->plugged == 0) {
		qp->sqe_limit = NULL;
		nvm_qpair_submit(qp);
	}
}

/** nvm_qpair_depth() - most commands in flight at once */
static inline uint32_t nvm_qpair_depth(const nvm_qpair_t *qp)
{
	return qp->sq.max_entries - 1;
}

/* Four quadwords. */
NVM_INLINE_ void nvm_qpair_clear_(volatile nvm_qword_t_ *to)
{
	volatile nvm_clear_t_ *part = (volatile nvm_clear_t_ *)to;
	const nvm_clear_t_ zero = {0};

	for (size_t i = 0; i < 4 * sizeof(uint64_t) / sizeof(zero); ++i)
		part[i] = zero;
}

/*
 * A command of a whole request: take the slot on top of the free ones, fill in the next SQ entry.
 * Stores to the entry are volatile so that compilers leave them as they are, one per quadword.
 */
NVM_INLINE_ void nvm_qpair_put_(nvm_qpair_t *qp, struct nvm_qpair_slot *slot, uint32_t dw0,
				uint32_t ns_id, uint64_t prp1, uint64_t prp2, uint64_t lba,
				uint64_t nlb, nvm_io_fn *fn, void *arg)
{
	volatile nvm_qword_t_ *sqe = qp->sqe;
	nvm_qword_t_ *next = qp->sqe + sizeof(nvm_cmd_t) / sizeof(*sqe);
	uint64_t id = (uint32_t)(slot->id + qp->id_step);

	/* One register for both widths it is used in. */
	__asm__("" : "+r"(id));
	qp->free = slot->next;
	slot->fn = fn;
	slot->arg = arg;
	*(nvm_reg64_t *)&slot->id = id;                        /* and state = 0 */
	((volatile nvm_reg32_t *)sqe)[0] = (uint32_t)id + dw0; /* |, in one instruction */
	((volatile nvm_reg32_t *)sqe)[1] = ns_id;
	nvm_qpair_clear_(sqe + 1);
	sqe[3] = prp1;
	if (!__builtin_constant_p(prp2) || prp2 != 0)
		sqe[4] = prp2;
	sqe[5] = lba;
	sqe[6] = nlb;
	sqe[7] = 0;
	if (__builtin_expect(next >= qp->sqe_limit, 0)) {
		if (next == qp->sqe_end)
			next = (nvm_qword_t_ *)(uintptr_t)qp->sq.vaddr;
		if (qp->plugged == 0)
			nvm_qpair_ring_(qp, next);
	}
	qp->sqe = next;
}

/* One read or write: the usual cases inline, all others out of line. */
NVM_INLINE_ int nvm_qpair_rw_(nvm_qpair_t *qp, uint8_t opcode, const nvm_ns_t *ns,
			      const nvm_buf_t *buf, size_t offset, uint64_t lba, uint32_t n_blocks,
			      nvm_io_fn *fn, void *arg)
{
	uint64_t nlb =
		(uint64_t)n_blocks - 1; /* 0's based, and beyond any limit if there are none */
	size_t size = (size_t)n_blocks << ns->lba_shift;
	size_t page = offset >> buf->page_shift;
	size_t first = offset & (((size_t)1 << buf->page_shift) - 1);
	size_t end = first + size;
	struct nvm_qpair_slot *slot = qp->free;
	size_t n_more, list_slot;
	uint64_t prp2;

	/* The offset is turned so that one comparison finds it beyond the buffer, or not a multiple of 4. */
	if (__builtin_expect(nlb >= ns->plain_blocks || lba > ns->plain_lba ||
				     (offset >> 2 | offset << 62) >= buf->n_dwords || slot == NULL,
			     0))
		goto closer;
	if (fn == NULL)
		fn = nvm_qpair_forget_;

	if (__builtin_expect(end <= buf->page_size, 1)) {
		nvm_qpair_put_(qp, slot, opcode, ns->ns_id, buf->ioaddrs[page] + first, 0, lba, nlb,
			       fn, arg);
		return 0;
	}
	/* offset lies within the buffer, and size within a command: no overflow. */
	if (__builtin_expect(offset + size > buf->size, 0))
		goto closer;
	n_more = (end - 1) >> buf->page_shift;
	if (__builtin_expect(qp->use_sgl, 0) && buf->contiguous && n_more != 1) {
		/* One SGL data block descriptor: address, length, type 0. */
		nvm_qpair_put_(qp, slot, opcode | 1U << 14, ns->ns_id, buf->ioaddrs[page] + first,
			       size, lba, nlb, fn, arg);
		return 0;
	}
	if (__builtin_expect(n_more == 1, 0)) {
		prp2 = buf->ioaddrs[page + 1];
	} else {
		/* nvm_buf_list(), but for the very last entry of a page. */
		list_slot = page & buf->list_mask;
		prp2 = buf->lists[page >> buf->list_shift] + list_slot * 8 + 8;
		/* The mask is compared with where it is: registers are few here. */
		__asm__("" ::: "memory");
		if (__builtin_expect(list_slot + n_more > buf->list_mask, 0)) {
			prp2 = nvm_buf_list_shifted_(buf, page + 1, n_more);
			if (prp2 == 0)
				goto closer;
		}
	}
	nvm_qpair_put_(qp, slot, opcode, ns->ns_id, buf->ioaddrs[page] + first, prp2, lba, nlb, fn,
		       arg);
	return 0;
closer:
	return nvm_qpair_rw_closer_(qp, opcode, ns, buf, offset, lba, n_blocks, fn, arg);
}

/**
 * nvm_qpair_read() - read blocks into a registered buffer
 * @qp: queue pair
 * @ns: namespace
 * @buf: registered buffer
 * @offset: bytes from its start, a multiple of 4
 * @lba: first block
 * @n_blocks: number of blocks, at least 1; more than one command can transfer is split
 * @fn: called by nvm_qpair_poll() when all has been read; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * NVM Command Set Specification, "Read command".
 *
 * Return: 0, or nothing was submitted: see nvm_qpair_io().
 */
NVM_INLINE_ int nvm_qpair_read(nvm_qpair_t *qp, const nvm_ns_t *ns, const nvm_buf_t *buf,
			       size_t offset, uint64_t lba, uint32_t n_blocks, nvm_io_fn *fn,
			       void *arg)
{
	return nvm_qpair_rw_(qp, NVM_IO_READ, ns, buf, offset, lba, n_blocks, fn, arg);
}

/** nvm_qpair_write() - write blocks from a registered buffer; as nvm_qpair_read() */
NVM_INLINE_ int nvm_qpair_write(nvm_qpair_t *qp, const nvm_ns_t *ns, const nvm_buf_t *buf,
				size_t offset, uint64_t lba, uint32_t n_blocks, nvm_io_fn *fn,
				void *arg)
{
	return nvm_qpair_rw_(qp, NVM_IO_WRITE, ns, buf, offset, lba, n_blocks, fn, arg);
}

/**
 * nvm_qpair_flush() - make completed writes survive a power loss
 * @qp: queue pair
 * @ns: namespace
 * @fn: called when it has completed; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * Return: as nvm_qpair_io().
 */
int nvm_qpair_flush(nvm_qpair_t *qp, const nvm_ns_t *ns, nvm_io_fn *fn, void *arg);

/**
 * nvm_qpair_compare() - compare blocks with a registered buffer; as nvm_qpair_read()
 *
 * Completes with Compare Failure (SCT 2h, SC 85h) if they differ. ENOTSUP if the controller cannot.
 */
int nvm_qpair_compare(nvm_qpair_t *qp, const nvm_ns_t *ns, const nvm_buf_t *buf, size_t offset,
		      uint64_t lba, uint32_t n_blocks, nvm_io_fn *fn, void *arg);

/**
 * nvm_qpair_write_zeroes() - have blocks read as zeroes
 * @qp: queue pair
 * @ns: namespace
 * @lba: first block
 * @n_blocks: number of blocks, at least 1
 * @deallocate: the controller may deallocate them (DEAC)
 * @fn: called when it has completed; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * Return: as nvm_qpair_io().
 */
int nvm_qpair_write_zeroes(nvm_qpair_t *qp, const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks,
			   bool deallocate, nvm_io_fn *fn, void *arg);

/** nvm_qpair_verify() - have the controller read and check blocks; as nvm_qpair_write_zeroes() */
int nvm_qpair_verify(nvm_qpair_t *qp, const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks,
		     nvm_io_fn *fn, void *arg);

/**
 * struct nvm_block_range - blocks for nvm_qpair_dsm() and nvm_qpair_copy()
 * @lba: first block
 * @n_blocks: number of blocks, at least 1
 */
struct nvm_block_range {
	uint64_t lba;
	uint32_t n_blocks;
};

/**
 * nvm_qpair_dsm() - Dataset Management
 * @qp: queue pair
 * @ns: namespace
 * @ranges: blocks, @n elements; copied
 * @n: 1..256
 * @attributes: NVM_DSM_* bits of CDW11 (deallocate, integral dataset for read, for write)
 * @fn: called when it has completed; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * Return: as nvm_qpair_io(); EAGAIN also if no list page is free.
 */
int nvm_qpair_dsm(nvm_qpair_t *qp, const nvm_ns_t *ns, const struct nvm_block_range *ranges,
		  size_t n, uint32_t attributes, nvm_io_fn *fn, void *arg);

/**
 * nvm_qpair_copy() - copy blocks within a namespace, by the controller
 * @qp: queue pair
 * @ns: namespace
 * @ranges: source blocks, @n elements; copied
 * @n: 1..128 and at most @ns->max_copy_ranges
 * @to: first destination block
 * @fn: called when it has completed; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * Return: as nvm_qpair_io(); EAGAIN also if no list page is free.
 */
int nvm_qpair_copy(nvm_qpair_t *qp, const nvm_ns_t *ns, const struct nvm_block_range *ranges,
		   size_t n, uint64_t to, nvm_io_fn *fn, void *arg);

/**
 * nvm_qpair_raw() - submit a command as it is
 * @qp: queue pair
 * @cmd: command, copied whole; its CID is replaced
 * @fn: called when it has completed; NULL for nvm_qpair_reap()
 * @arg: its argument
 *
 * Nothing but the room in the queue is checked: any opcode, any data pointer.
 *
 * Return: as nvm_qpair_io().
 */
int nvm_qpair_raw(nvm_qpair_t *qp, const nvm_cmd_t *cmd, nvm_io_fn *fn, void *arg);

/* The CQ entry after this one. */
NVM_INLINE_ const nvm_cpl_t *nvm_qpair_after_cqe_(nvm_qpair_t *qp, const nvm_cpl_t *cpl)
{
	if (__builtin_expect(++cpl == qp->cqe_end, 0)) {
		cpl = (const nvm_cpl_t *)(uintptr_t)qp->cq.vaddr;
		qp->cq.phase = !qp->cq.phase;
		qp->phase = (uint64_t)qp->cq.phase;
	}
	return cpl;
}

/* After completions were taken: give their entries back, look at the clock now and then. */
NVM_INLINE_ void nvm_qpair_after_(nvm_qpair_t *qp, uint32_t n)
{
	uint32_t unrung = qp->n_unrung + n;

	qp->cq.head = (uint32_t)(qp->cqe - (const nvm_cpl_t *)(uintptr_t)qp->cq.vaddr);
	if (unrung >= qp->lazy) {
		unrung = 0;
		if (__builtin_expect(qp->shadow, 0)) {
			nvm_qpair_ring_shadow_(qp, true);
		} else {
			nvm_db_write(qp->cq.db, qp->cq.head);
			qp->cq.last = qp->cq.head;
		}
	}
	qp->n_unrung = unrung;
	if (__builtin_expect((++qp->n_polls & 15U) == 0, 0) && nvm_ticks() >= qp->next_tick)
		nvm_qpair_tick_(qp);
}

/* A completed request goes to the array, or to its function. */
NVM_INLINE_ void nvm_qpair_deliver_(nvm_done_t **to, nvm_io_fn *fn, const nvm_done_t *done)
{
	if (*to != NULL)
		*(*to)++ = *done;
	else
		fn(done->arg, done->status, done->result);
}

/*
 * Take completions of up to @max requests, into an array or by calling their functions.
 *
 * The last dword of an entry with its halves exchanged is CID, status, phase tag; together with the phase tag that is
 * due, this is what the slot holds if all is as usual: one comparison finds out.
 */
NVM_INLINE_ uint32_t nvm_qpair_take_(nvm_qpair_t *qp, nvm_done_t *to, uint32_t max)
{
	struct nvm_qpair_slot *free = qp->free;
	const nvm_cpl_t *cqe = qp->cqe;
	uint32_t left = max;
	nvm_done_t other;
	nvm_io_fn *fn;

	while (left != 0) {
		const nvm_cpl_t *cpl = cqe;
		uint32_t dw3 = nvm_cpl_load_(cpl);
		uint64_t seen = (dw3 >> 16 | dw3 << 16) ^ qp->phase;
		struct nvm_qpair_slot *slot =
			(struct nvm_qpair_slot *)((uintptr_t)qp->slots +
						  ((seen >> 11 | seen << 53) & qp->slot_mask));
		bool usual = *(const nvm_reg64_t *)&slot->id == seen;

		if (__builtin_expect(!usual && (seen & 1) != 0, 0))
			break;
		cqe = nvm_qpair_after_cqe_(qp, cpl);
		if (__builtin_expect(usual, 1)) {
			slot->state = NVM_QPAIR_FREE;
			slot->next = free;
			free = slot;
			if (to != NULL) {
				to->arg = slot->arg;
				to->status = 0;
				to->result = cpl->dword[0];
				++to;
			} else {
				/* It may submit. */
				qp->free = free;
				qp->cqe = cqe;
				slot->fn(slot->arg, 0, cpl->dword[0]);
				free = qp->free;
				cqe = qp->cqe;
			}
		} else {
			bool ended;

			qp->free = free;
			qp->cqe = cqe;
			ended = nvm_qpair_complete_(qp, cpl, &fn, &other);
			if (ended)
				nvm_qpair_deliver_(&to, fn, &other);
			free = qp->free;
			cqe = qp->cqe;
			if (!ended)
				continue;
		}
		/* Counted after the call, which would leave no flags to branch on. */
		__asm__("" : "+r"(left));
		--left;
	}
	qp->free = free;
	qp->cqe = cqe;
	return max - left;
}

/* The same, with all that is to be done besides; then those that ended without a completion. */
NVM_INLINE_ uint32_t nvm_qpair_collect_(nvm_qpair_t *qp, nvm_done_t *to, uint32_t max)
{
	uint32_t n = nvm_qpair_take_(qp, to, max);

	nvm_qpair_after_(qp, n);
	for (; __builtin_expect(qp->n_ready != 0, 0) && n != max; ++n) {
		nvm_done_t *next = to != NULL ? to + n : NULL;
		nvm_done_t done;
		nvm_io_fn *fn;

		nvm_qpair_take_ready_(qp, &fn, &done);
		nvm_qpair_deliver_(&next, fn, &done);
	}
	return n;
}

/**
 * nvm_qpair_poll() - collect completed requests by calling their functions
 * @qp: queue pair
 * @max: most requests to collect, at least 1
 *
 * Also looks for requests that take too long: call it every now and then while any are in flight. Does not wait,
 * with one exception: when the queue pair has to be taken away from a controller that does not do what it should,
 * it waits for the admin commands that this takes, up to some seconds, and if they do not help for the reset of
 * the controller. Requests without a function are collected too, and forgotten.
 *
 * Return: requests collected.
 */
NVM_INLINE_ uint32_t nvm_qpair_poll(nvm_qpair_t *qp, uint32_t max)
{
	return nvm_qpair_collect_(qp, NULL, max);
}

/**
 * nvm_qpair_reap() - collect completed requests into an array
 * @qp: queue pair
 * @done: where they go, @max elements
 * @max: most requests to collect, at least 1
 *
 * As nvm_qpair_poll(), but no function is called.
 *
 * Return: elements filled in.
 */
NVM_INLINE_ uint32_t nvm_qpair_reap(nvm_qpair_t *qp, nvm_done_t *done, uint32_t max)
{
	return nvm_qpair_collect_(qp, done, max);
}

/**
 * nvm_qpair_wait() - wait until there is something to collect
 * @qp: queue pair
 * @timeout_ms: how long to wait, ms
 *
 * In the way the queue pair was made with (enum nvm_wait_mode); also hands over what was submitted.
 *
 * Return: 0, or ETIME if nothing completed in time.
 */
int nvm_qpair_wait(nvm_qpair_t *qp, uint64_t timeout_ms);

/**
 * nvm_qpair_fd() - a descriptor that becomes readable when something may have completed
 * @qp: queue pair made with an IRQ mode
 *
 * For epoll(7) and the like. When it is readable, read its 8 bytes, then call nvm_qpair_poll() until it collects
 * nothing. Before sleeping on it call nvm_qpair_wait() with a timeout of 0, which arms it: if that returns 0,
 * there is something to collect already. It stays the queue pair's.
 *
 * Return: the descriptor; -1 if the queue pair has no interrupt.
 */
int nvm_qpair_fd(const nvm_qpair_t *qp);

/** nvm_qpair_in_flight() - requests that were submitted and not collected yet */
uint32_t nvm_qpair_in_flight(const nvm_qpair_t *qp);

#ifdef __cplusplus
}
#endif

#endif
