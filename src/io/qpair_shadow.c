/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_shadow.c - doorbells through the Doorbell Buffer (Base Specification, "Doorbell Buffer Config
 * command"): a store to memory, and a register write only where the controller asks for one.
 */
#include <stddef.h>

#include "controller/aq_shadow.h"
#include "controller/controller.h"
#include "io/qpair.h"
#include "nvm_queue.h"

/* Where a queue's entry is in both pages; the page size if it has none. */
static size_t entry_offset(const struct nvmi_qpair *p, bool cq)
{
	const nvm_ctrl_t *ctrl = &p->aq->ctrl->handle;
	size_t offset = ((size_t)p->qid * 2 + cq) << (2 + ctrl->dstrd);

	return offset < ctrl->page_size ? offset : ctrl->page_size;
}

static void *entry_at(const nvm_dma_t *mem, unsigned int page, size_t offset)
{
	return (unsigned char *)mem->vaddr + page * mem->page_size + offset;
}

void nvmi_qpair_shadow_prepare(struct nvmi_qpair *p)
{
	const nvm_dma_t *mem = nvmi_aq_shadow_mem(p->aq);

	nvmi_aq_shadow_join(p->aq, p->qid);
	for (unsigned int cq = 0; cq < 2 && mem != NULL; ++cq) {
		size_t offset = entry_offset(p, cq != 0);

		if (offset == mem->page_size)
			continue;
		for (unsigned int page = 0; page < 2; ++page)
			__atomic_store_n((uint32_t *)entry_at(mem, page, offset), 0,
					 __ATOMIC_RELEASE);
	}
}

int nvmi_qpair_shadow_init(struct nvmi_qpair *p)
{
	bool may_start = !p->options.no_shadow && !p->aq->ctrl->be->doorbells_are_memory;
	const nvm_dma_t *mem;
	int status = nvmi_aq_shadow_use(p->aq, p->qid, may_start, &mem);

	p->qp.shadow = false;
	if (status != 0)
		return status;
	for (unsigned int cq = 0; cq < 2; ++cq) {
		size_t offset = mem != NULL ? entry_offset(p, cq != 0) : 0;
		bool has_entry = mem != NULL && offset < mem->page_size;

		p->shadow.db[cq] = has_entry ? entry_at(mem, 0, offset) : NULL;
		p->shadow.event[cq] = has_entry ? entry_at(mem, 1, offset) : NULL;
		p->qp.shadow |= has_entry;
	}
	return 0;
}

/*
 * Between our store to the shadow doorbell and our look at EventIdx. Pairs with the controller's between its
 * store to EventIdx and its last look at the shadow doorbell: one of the two sees the other's store.
 */
static void full_barrier(void)
{
#if defined(__x86_64__)
	__asm__ volatile("mfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dmb osh" ::: "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/*
 * Has the doorbell, on its way from @before to @now, gone past @event? Differences of 16 bits, so that it does
 * not matter where, between before and now, the ring's end is.
 */
static bool passes_event(uint32_t event, uint32_t now, uint32_t before)
{
	return (uint16_t)(now - event - 1) < (uint16_t)(now - before);
}

void nvm_qpair_ring_shadow_(nvm_qpair_t *qp, bool cq)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	nvm_queue_t *q = cq ? &qp->cq : &qp->sq;
	uint32_t now = cq ? q->head : q->tail;
	uint32_t before = (uint32_t)q->last;
	uint32_t *shadow = p->shadow.db[cq];

	if (now == before)
		return;
	q->last = now;
	if (shadow != NULL) {
		nvm_db_write(shadow, now);
		full_barrier();
		if (!passes_event(__atomic_load_n(p->shadow.event[cq], __ATOMIC_RELAXED), now,
				  before))
			return;
	}
	nvm_db_write(q->db, now);
}

void nvmi_qpair_shadow_remind(struct nvmi_qpair *p)
{
	nvm_qpair_t *qp = &p->qp;

	if (!qp->shadow)
		return;
	nvm_db_write(qp->sq.db, (uint32_t)qp->sq.last);
	nvm_db_write(qp->cq.db, (uint32_t)qp->cq.last);
}
