/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doorbell.c - reading doorbells, in the register or shadowed in host memory, and catching values
 * no host may write.
 */
#include "controller.h"
#include "doorbell.h"

volatile uint32_t *emu_doorbell_reg(struct emu *emu, uint16_t qid, bool cq)
{
	uint64_t offset = cq ? NVM_REG_CQHDBL(qid, emu->config.dstrd)
			     : NVM_REG_SQTDBL(qid, emu->config.dstrd);

	return (volatile uint32_t *)(void *)(emu->bar + offset);
}

void emu_doorbells_clear(struct emu *emu)
{
	for (uint32_t qid = 0; qid <= emu->config.n_queue_pairs; qid++) {
		for (int cq = 0; cq < 2; cq++)
			__atomic_store_n(emu_doorbell_reg(emu, (uint16_t)qid, cq), 0,
					 __ATOMIC_RELAXED);
	}
}

/* A dword of host memory, or NULL if it is not mapped, or not aligned as the host maps it. */
static uint32_t *shadow_dword(struct emu_dma_slot *slot, uint64_t addr, bool write)
{
	uint32_t *dword = emu_dma_translate(slot, addr, sizeof(*dword), write);

	return (uintptr_t)dword % sizeof(*dword) ? NULL : dword;
}

void emu_doorbell_attach(struct emu *emu, struct emu_dma_slot *slot, struct emu_doorbell *db,
			 uint16_t qid, bool cq, uint32_t value)
{
	uint64_t offset =
		(uint64_t)((uint8_t *)(uintptr_t)emu_doorbell_reg(emu, qid, cq) - emu->bar) -
		NVM_REG_DBS;
	uint32_t *dword;

	/* the buffers are one page: queues beyond keep their registers */
	if (!emu->shadow_doorbells || offset >= emu->page_size)
		return;
	db->shadow = emu->shadow_base + offset;
	db->event_idx = emu->event_idx_base + offset;
	db->shadowed = true;
	dword = shadow_dword(slot, db->shadow, true);
	if (dword)
		__atomic_store_n(dword, value, __ATOMIC_RELEASE);
	dword = shadow_dword(slot, db->event_idx, true);
	if (dword)
		__atomic_store_n(dword, value, __ATOMIC_RELEASE);
}

uint32_t emu_doorbell_load(struct emu_thread *thread, const struct emu_doorbell *db)
{
	uint32_t *dword;

	if (__builtin_expect(!db->shadowed, 1))
		return __atomic_load_n(db->reg, __ATOMIC_ACQUIRE);
	dword = shadow_dword(thread->slot, db->shadow, false);
	if (!dword) {
		emu_fatal(thread->emu);
		return db->seen;
	}
	return __atomic_load_n(dword, __ATOMIC_ACQUIRE);
}

void emu_doorbell_rearm(struct emu_thread *thread, const struct emu_doorbell *db, uint32_t value)
{
	uint32_t *dword;

	if (__builtin_expect(!db->shadowed, 1))
		return;
	dword = shadow_dword(thread->slot, db->event_idx, true);
	if (!dword)
		emu_fatal(thread->emu);
	else if (__atomic_load_n(dword, __ATOMIC_RELAXED) != value)
		/*
		 * A full barrier between this and the next look at the shadow. Pairs with the
		 * host's between its store to the shadow and its look at EventIdx.
		 */
		__atomic_exchange_n(dword, value, __ATOMIC_SEQ_CST);
}

/* The error is no command's: no queue, no CID, and the status that fits best. */
static void bad_doorbell(struct emu_thread *thread, enum emu_event event)
{
	bool no_queue = event == EMU_EVENT_INVALID_DB_REGISTER;
	struct nvm_log_error_entry entry = {
		.sqid = 0xffff,
		.cid = 0xffff,
		.pel = 0xffff,
		.status = (uint16_t)((no_queue ? NVM_SC_INVALID_QID : NVM_SC_INVALID_FIELD) << 1),
	};

	emu_count(&thread->counters.bad_doorbells, 1);
	emu_log_error(thread->emu, &entry);
	emu_event_raise(thread->emu, event);
}

/* How far b is ahead of a in a ring of n. */
static uint32_t ahead(uint32_t a, uint32_t b, uint32_t n)
{
	return b >= a ? b - a : b + n - a;
}

void emu_sq_update_tail(struct emu_thread *thread, struct emu_sq *sq)
{
	uint32_t raw = emu_doorbell_load(thread, &sq->db);
	uint32_t n = sq->ring.n;

	if (raw == sq->db.seen)
		return;
	sq->db.seen = raw;
	/* out of range, or more commands than there were free entries */
	if (raw >= n || ahead(sq->head, sq->tail, n) + ahead(sq->tail, raw, n) > n - 1) {
		bad_doorbell(thread, EMU_EVENT_INVALID_DB_VALUE);
		return;
	}
	sq->tail = raw;
}

void emu_cq_update_head(struct emu_thread *thread, struct emu_cq *cq)
{
	uint32_t raw = emu_doorbell_load(thread, &cq->db);
	uint32_t n = cq->ring.n;

	if (raw == cq->db.seen)
		return;
	cq->db.seen = raw;
	/* out of range, or entries taken that were never written */
	if (raw >= n || ahead(cq->head, raw, n) > ahead(cq->head, cq->tail, n)) {
		bad_doorbell(thread, EMU_EVENT_INVALID_DB_VALUE);
		return;
	}
	cq->head = raw;
	emu_doorbell_rearm(thread, &cq->db, raw);
}

void emu_doorbells_scan(struct emu_thread *thread)
{
	struct emu *emu = thread->emu;
	volatile uint32_t *reg;

	for (uint32_t qid = 1; qid <= emu->config.n_queue_pairs; qid++) {
		for (int cq = 0; cq < 2; cq++) {
			if (cq ? emu->cqs[qid] != NULL : emu->sqs[qid] != NULL)
				continue;
			reg = emu_doorbell_reg(emu, (uint16_t)qid, cq);
			if (!__atomic_load_n(reg, __ATOMIC_RELAXED))
				continue;
			__atomic_store_n(reg, 0, __ATOMIC_RELAXED);
			bad_doorbell(thread, EMU_EVENT_INVALID_DB_REGISTER);
		}
	}
}
