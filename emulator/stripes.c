/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stripes.c - reader-writer spin locks on stripes of a namespace.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "stripes.h"

#define WRITER  0x80000000U
#define WAITING 0x40000000U /* a writer waits: no further readers */

struct emu_stripes *emu_stripes_new(void)
{
	struct emu_stripes *stripes = aligned_alloc(64, sizeof(*stripes));

	if (stripes)
		memset(stripes, 0, sizeof(*stripes));
	return stripes;
}

/* The holder copies memory, or waits for a file: spin shortly, then let others run. */
static void relax(unsigned int *round)
{
	if (++*round > 64)
		sched_yield();
}

static void lock_shared(_Atomic uint32_t *state)
{
	unsigned int round = 0;

	for (;;) {
		uint32_t old = atomic_load_explicit(state, memory_order_relaxed);

		/* Pairs with the release in unlock(). */
		if (!(old & (WRITER | WAITING)) &&
		    atomic_compare_exchange_weak_explicit(
			    state, &old, old + 1, memory_order_acquire, memory_order_relaxed))
			return;
		relax(&round);
	}
}

static void lock_exclusive(_Atomic uint32_t *state)
{
	unsigned int round = 0;

	for (;;) {
		uint32_t old = atomic_load_explicit(state, memory_order_relaxed);

		/* Forgets other waiting writers; they say so again. Pairs with unlock(). */
		if (!(old & ~WAITING)) {
			if (atomic_compare_exchange_weak_explicit(state, &old, WRITER,
								  memory_order_acquire,
								  memory_order_relaxed))
				return;
		} else if (!(old & WAITING)) {
			atomic_fetch_or_explicit(state, WAITING, memory_order_relaxed);
		}
		relax(&round);
	}
}

static void unlock(_Atomic uint32_t *state, bool exclusive)
{
	/* Pairs with the acquire of the next owner. */
	atomic_fetch_sub_explicit(state, exclusive ? WRITER : 1, memory_order_release);
}

/* The locks of a range: [0, end) and [begin, last], which overlap if it is all of them. */
struct span {
	unsigned int end, begin, last;
};

static struct span span_of(uint64_t offset, uint64_t bytes)
{
	uint64_t first = offset >> EMU_STRIPE_SHIFT;
	uint64_t last = (offset + bytes - 1) >> EMU_STRIPE_SHIFT;
	struct span span = {.end = 0};

	if (last - first >= EMU_STRIPES) {
		span.last = EMU_STRIPES - 1;
		return span;
	}
	span.begin = (unsigned int)(first % EMU_STRIPES);
	span.last = (unsigned int)(last % EMU_STRIPES);
	if (span.begin > span.last) {
		span.end = span.last + 1;
		span.last = EMU_STRIPES - 1;
	}
	return span;
}

static void lock_one(struct emu_stripe *stripe, bool exclusive)
{
	if (exclusive)
		lock_exclusive(&stripe->state);
	else
		lock_shared(&stripe->state);
}

void emu_stripes_lock_range(struct emu_stripes *stripes, uint64_t offset, uint64_t bytes,
			    bool exclusive)
{
	struct span span = span_of(offset, bytes);

	for (unsigned int i = 0; i < span.end; i++)
		lock_one(&stripes->stripe[i], exclusive);
	for (unsigned int i = span.begin; i <= span.last; i++)
		lock_one(&stripes->stripe[i], exclusive);
}

void emu_stripes_unlock_range(struct emu_stripes *stripes, uint64_t offset, uint64_t bytes,
			      bool exclusive)
{
	struct span span = span_of(offset, bytes);

	for (unsigned int i = 0; i < span.end; i++)
		unlock(&stripes->stripe[i].state, exclusive);
	for (unsigned int i = span.begin; i <= span.last; i++)
		unlock(&stripes->stripe[i].state, exclusive);
}
