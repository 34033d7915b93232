/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pending.c - completions whose time has not come: a binary heap by due time.
 */
#include <errno.h>
#include <stdlib.h>

#include "controller.h"
#include "pending.h"

#define RETRY_NS 20000 /* when the completion queue was full */

int emu_pending_init(struct emu_pending *pending)
{
	/* Large, so the allocator leaves its pages untouched until they are used. */
	pending->heap = malloc(EMU_MAX_PENDING * sizeof(*pending->heap));
	pending->n = 0;
	pending->seq = 0;
	return pending->heap ? 0 : ENOMEM;
}

void emu_pending_release(struct emu_pending *pending)
{
	free(pending->heap);
	pending->heap = NULL;
}

void emu_pending_clear(struct emu_pending *pending)
{
	pending->n = 0;
}

static bool before(const struct emu_completion *a, const struct emu_completion *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->seq < b->seq;
}

static void sift_up(struct emu_pending *pending, uint32_t i)
{
	struct emu_completion *heap = pending->heap;
	struct emu_completion moved = heap[i];

	while (i && before(&moved, &heap[(i - 1) / 2])) {
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = moved;
}

static void sift_down(struct emu_pending *pending, uint32_t i)
{
	struct emu_completion *heap = pending->heap;
	struct emu_completion moved = heap[i];

	for (uint32_t child = 2 * i + 1; child < pending->n; child = 2 * i + 1) {
		if (child + 1 < pending->n && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &moved))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

void emu_pending_push(struct emu_pending *pending, const struct emu_completion *completion)
{
	uint32_t i = pending->n++;

	pending->heap[i] = *completion;
	pending->heap[i].seq = pending->seq++;
	sift_up(pending, i);
}

static void take_at(struct emu_pending *pending, uint32_t i, struct emu_completion *completion)
{
	*completion = pending->heap[i];
	if (i == --pending->n)
		return;
	pending->heap[i] = pending->heap[pending->n];
	sift_down(pending, i);
	sift_up(pending, i);
}

unsigned int emu_pending_poll(struct emu_thread *thread, uint64_t now_ns)
{
	struct emu_pending *pending = &thread->pending;
	struct emu_completion completion;
	unsigned int n = 0;

	while (n < EMU_BATCH && emu_pending_next(pending) <= now_ns) {
		take_at(pending, 0, &completion);
		if (emu_cq_post(thread, completion.sq->cq, &completion, 1)) {
			emu_cq_notify(thread, completion.sq->cq);
			n++;
			continue;
		}
		/* Others, of other queues, go on meanwhile; equal times stay in order. */
		completion.due_ns = now_ns + RETRY_NS;
		pending->heap[pending->n++] = completion;
		sift_up(pending, pending->n - 1);
	}
	return n;
}

bool emu_pending_take(struct emu_pending *pending, const struct emu_sq *sq, uint16_t cid,
		      struct emu_completion *completion)
{
	for (uint32_t i = 0; i < pending->n; i++) {
		if (pending->heap[i].sq == sq && pending->heap[i].cid == cid) {
			take_at(pending, i, completion);
			return true;
		}
	}
	return false;
}

bool emu_pending_take_any(struct emu_pending *pending, const struct emu_sq *sq,
			  struct emu_completion *completion)
{
	for (uint32_t i = 0; i < pending->n; i++) {
		if (pending->heap[i].sq == sq) {
			take_at(pending, i, completion);
			return true;
		}
	}
	return false;
}
