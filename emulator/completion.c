/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * completion.c - writing completion queue entries, and the interrupts that announce them.
 */
#include <unistd.h>

#include "controller.h"
#include "doorbell.h"

#define ENTRY_DWORDS 4

uint32_t emu_cq_room(struct emu_thread *thread, struct emu_cq *cq, uint32_t wanted)
{
	uint32_t n = cq->ring.n;
	uint32_t used = cq->tail >= cq->head ? cq->tail - cq->head : cq->tail + n - cq->head;

	/* The head doorbell is in the host's cache: look only when it matters. */
	if (n - 1 - used < wanted) {
		emu_cq_update_head(thread, cq);
		used = cq->tail >= cq->head ? cq->tail - cq->head : cq->tail + n - cq->head;
	}
	return n - 1 - used;
}

static void write_entry(const struct emu_cq *cq, uint32_t *entry,
			const struct emu_completion *completion)
{
	const struct emu_sq *sq = completion->sq;
	uint16_t status = (uint16_t)(completion->status << 1);

	status |= (uint16_t)(cq->phase ^ completion->wrong_phase);
	entry[0] = completion->dw0;
	entry[1] = 0;
	entry[2] = sq->head | (uint32_t)sq->id << 16;
	/* The phase tag last. Pairs with the host's acquire load of this dword. */
	__atomic_store_n(&entry[3], completion->cid | (uint32_t)status << 16, __ATOMIC_RELEASE);
}

uint32_t emu_cq_post(struct emu_thread *thread, struct emu_cq *cq,
		     const struct emu_completion *completions, uint32_t n)
{
	uint32_t room = emu_cq_room(thread, cq, n);
	uint32_t done = 0;

	if (n > room)
		n = room;
	while (done < n) {
		uint32_t chunk = n - done;
		uint32_t *entry = emu_ring_at(&cq->ring, thread->slot, cq->tail, &chunk, true);

		if (!entry || (uintptr_t)entry % sizeof(*entry)) {
			/* The queue is gone, there is nowhere to say so. */
			emu_fatal(thread->emu);
			return n;
		}
		for (uint32_t i = 0; i < chunk; i++)
			write_entry(cq, &entry[i * ENTRY_DWORDS], &completions[done++]);
		cq->tail += chunk;
		if (cq->tail == cq->ring.n) {
			cq->tail = 0;
			cq->phase = !cq->phase;
		}
		cq->irq_due = true;
	}
	return n;
}

void emu_cq_notify(struct emu_thread *thread, struct emu_cq *cq)
{
	if (!cq->irq_due)
		return;
	cq->irq_due = false;
	if (cq->irq_enabled)
		emu_irq_raise(thread, cq->vector);
}

void emu_irq_raise(struct emu_thread *thread, uint16_t vector)
{
	int fd = atomic_load_explicit(&thread->emu->irqs[vector], memory_order_acquire);
	uint64_t one = 1;

	emu_count(&thread->counters.interrupts, 1);
	/* An eventfd that cannot take one more is signalled already. */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}
