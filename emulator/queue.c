/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue.c - the life of a command: fetched from its submission queue, executed, completed.
 */
#include <stdlib.h>
#include <string.h>

#include "admin.h"
#include "controller.h"
#include "doorbell.h"
#include "fault.h"

#define TOGETHER 4 /* completion queue entries in a cache line of 64 bytes */

struct emu_cq *emu_cq_new(struct emu *emu, uint16_t id, const struct emu_ring *ring)
{
	struct emu_cq *cq = aligned_alloc(_Alignof(struct emu_cq), sizeof(*cq));

	if (!cq)
		return NULL;
	memset(cq, 0, sizeof(*cq));
	cq->ring = *ring;
	cq->id = id;
	cq->phase = true;
	cq->thread = emu_thread_of(emu, id);
	cq->db.reg = emu_doorbell_reg(emu, id, true);
	__atomic_store_n(cq->db.reg, 0, __ATOMIC_RELAXED);
	return cq;
}

struct emu_sq *emu_sq_new(struct emu *emu, uint16_t id, const struct emu_ring *ring,
			  struct emu_cq *cq)
{
	struct emu_sq *sq = aligned_alloc(_Alignof(struct emu_sq), sizeof(*sq));

	if (!sq)
		return NULL;
	memset(sq, 0, sizeof(*sq));
	sq->ring = *ring;
	sq->id = id;
	sq->cq = cq;
	cq->n_sqs++;
	sq->db.reg = emu_doorbell_reg(emu, id, false);
	__atomic_store_n(sq->db.reg, 0, __ATOMIC_RELAXED);
	return sq;
}

void emu_cq_free(struct emu_cq *cq)
{
	if (!cq)
		return;
	__atomic_store_n(cq->db.reg, 0, __ATOMIC_RELAXED);
	emu_ring_free(&cq->ring);
	free(cq);
}

void emu_sq_free(struct emu_sq *sq)
{
	if (!sq)
		return;
	__atomic_store_n(sq->db.reg, 0, __ATOMIC_RELAXED);
	sq->cq->n_sqs--;
	emu_ring_free(&sq->ring);
	free(sq);
}

/* A uniformly distributed value below n (splitmix64). */
static uint64_t random_below(struct emu_thread *thread, uint64_t n)
{
	uint64_t z = thread->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % n;
}

static uint64_t latency_of(struct emu_thread *thread, uint8_t opcode)
{
	const struct emu_latency *latency = &thread->emu->config.latency;
	uint64_t ns;

	switch (opcode) {
	case NVM_IO_OPC_READ:
	case NVM_IO_OPC_COMPARE:
		ns = latency->read_ns;
		break;
	case NVM_IO_OPC_WRITE:
	case NVM_IO_OPC_COPY:
		ns = latency->write_ns;
		break;
	default:
		ns = latency->other_ns;
		break;
	}
	return ns + (latency->jitter_ns ? random_below(thread, latency->jitter_ns + 1) : 0);
}

/* An inactive namespace is not an invalid one (Base, "Namespace Identifiers"). */
static emu_status_t check_inactive(const struct emu *emu, const struct nvm_sqe *sqe,
				   emu_status_t status)
{
	if ((status & 0x7ff) == NVM_SC_INVALID_NS_OR_FORMAT && sqe->nsid > emu->ns.n &&
	    sqe->nsid <= EMU_MAX_NAMESPACES)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	return status;
}

static emu_status_t execute(struct emu_thread *thread, const struct emu_sq *sq,
			    const struct nvm_sqe *sqe, uint32_t *dw0)
{
	emu_status_t status;

	*dw0 = 0;
	if (__builtin_expect(!sq->id, 0))
		return emu_admin_execute(thread, sqe, dw0);
	status = emu_io_execute(&thread->io, sqe, dw0);
	return __builtin_expect(!status, 1) ? 0 : check_inactive(thread->emu, sqe, status);
}

/* Complete commands of one queue now, or when there is room. */
static void complete(struct emu_thread *thread, struct emu_cq *cq,
		     struct emu_completion *completions, uint32_t n)
{
	for (uint32_t i = emu_cq_post(thread, cq, completions, n); i < n; i++) {
		completions[i].due_ns = 0;
		if (emu_pending_room(&thread->pending))
			emu_pending_push(&thread->pending, &completions[i]);
	}
}

static void note_failure(struct emu_thread *thread, const struct emu_sq *sq,
			 const struct nvm_sqe *sqe, struct emu_completion *completion)
{
	emu_count(&thread->counters.failed_commands, 1);
	emu_log_command(thread->emu, sq->id, sqe, completion->status,
			sq->id ? thread->io.error_lba : 0);
	completion->status |= NVM_FIELD(CQE_M, 1) >> 1;
}

/* The way of a command when something may happen to it: latency, or fault hooks. */
static void run_slow(struct emu_thread *thread, struct emu_sq *sq, const struct nvm_sqe *sqe)
{
	struct emu *emu = thread->emu;
	struct emu_completion completion = {.sq = sq, .cid = sqe->cid};
	struct emu_fault_command fault;
	uint64_t delay;

	emu_fault_command(emu, sq->id, sqe, &fault);
	if (fault.status < 0)
		completion.status = execute(thread, sq, sqe, &completion.dw0);
	else
		completion.status = (emu_status_t)(fault.status & 0x7fff);
	if (completion.status == EMU_PENDING || fault.drop)
		return;
	if (completion.status)
		note_failure(thread, sq, sqe, &completion);
	completion.cid = (uint16_t)fault.cid;
	completion.duplicate = fault.duplicate;
	completion.wrong_phase = fault.wrong_phase;

	delay = fault.delay_ns + (emu->delayed && sq->id ? latency_of(thread, sqe->opc) : 0);
	for (int i = 0; i < (fault.duplicate ? 2 : 1); i++) {
		if (!delay) {
			complete(thread, sq->cq, &completion, 1);
		} else {
			completion.due_ns = emu_now_ns() + delay;
			emu_pending_push(&thread->pending, &completion);
		}
	}
}

/* False: no completion yet. */
static bool run(struct emu_thread *thread, struct emu_sq *sq, const struct nvm_sqe *sqe,
		struct emu_completion *completion)
{
	completion->sq = sq;
	completion->cid = sqe->cid;
	completion->wrong_phase = false;
	completion->status = execute(thread, sq, sqe, &completion->dw0);
	if (__builtin_expect(completion->status, 0)) {
		if (completion->status == EMU_PENDING)
			return false;
		note_failure(thread, sq, sqe, completion);
	}
	return true;
}

/*
 * Execute commands, each while the next one's data is on its way. The host looks at the cache line
 * of the completion it waits for, so that every entry written there takes the line from it and
 * back: of many commands, those that share a line are completed together, unless the first would
 * have to wait.
 */
static void run_batch(struct emu_thread *thread, struct emu_sq *sq, const struct nvm_sqe *sqes,
		      uint32_t n)
{
	struct emu_completion done[TOGETHER];
	uint32_t n_done = 0, most = n > TOGETHER ? TOGETHER : 1;

	for (uint32_t i = 0; i < n; i++) {
		bool soon = sq->id && i + 1 < n && emu_io_prepare(&thread->io, &sqes[i + 1]);

		n_done += run(thread, sq, &sqes[i], &done[n_done]);
		if (soon && n_done < most)
			continue;
		complete(thread, sq->cq, done, n_done);
		n_done = 0;
	}
}

bool emu_sq_has_work(struct emu_thread *thread, struct emu_sq *sq)
{
	emu_sq_update_tail(thread, sq);
	return sq->head != sq->tail;
}

/* Copy n entries from the head: what the host does to them afterwards does not matter. */
static bool fetch(struct emu_thread *thread, struct emu_sq *sq, struct nvm_sqe *sqes, uint32_t n)
{
	while (n) {
		uint32_t chunk = n;
		const void *entries = emu_ring_at(&sq->ring, thread->slot, sq->head, &chunk, false);

		if (!entries)
			return false;
		memcpy(sqes, entries, chunk * sizeof(*sqes));
		sqes += chunk;
		n -= chunk;
		sq->head += chunk;
		if (sq->head == sq->ring.n)
			sq->head = 0;
	}
	return true;
}

unsigned int emu_sq_poll(struct emu_thread *thread, struct emu_sq *sq)
{
	struct nvm_sqe sqes[EMU_BATCH];
	uint32_t n;
	uint32_t room;
	bool slow;

	if (!emu_sq_has_work(thread, sq)) {
		emu_doorbell_rearm(thread, &sq->db, sq->tail);
		return 0;
	}
	n = sq->tail > sq->head ? sq->tail - sq->head : sq->tail + sq->ring.n - sq->head;
	if (n > EMU_BATCH)
		n = EMU_BATCH;
	room = emu_cq_room(thread, sq->cq, n);
	slow = thread->emu->delayed || thread->emu->hooks.command;
	if (slow && room > emu_pending_room(&thread->pending) / 2)
		room = emu_pending_room(&thread->pending) / 2;
	if (n > room)
		n = room;
	if (!n)
		return 0;
	if (!fetch(thread, sq, sqes, n)) {
		emu_fatal(thread->emu);
		return 0;
	}
	emu_count(sq->id ? &thread->counters.io_commands : &thread->counters.admin_commands, n);
	if (__builtin_expect(slow, 0)) {
		for (uint32_t i = 0; i < n; i++)
			run_slow(thread, sq, &sqes[i]);
	} else {
		run_batch(thread, sq, sqes, n);
	}
	emu_cq_notify(thread, sq->cq);
	return n;
}
