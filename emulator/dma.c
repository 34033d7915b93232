/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dma.c - DMA mappings: readers' slots, and waiting for readers before memory is given up.
 *
 * An epoch counts removals. A slot publishes the epoch it last entered in; a removal raises the
 * epoch and waits until every slot is outside or has entered in the new one.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dma.h"
#include "dma_table.h"

#define RETIRED_BYTES (4UL << 20) /* so much is kept before readers are waited for */

struct emu_dma {
	struct emu_dma_epoch epoch; /* first: emu_dma_enter() */
	struct emu_dma_table table;
	pthread_mutex_t lock; /* writers */
	unsigned int n_slots;
	struct emu_dma_slot *slots;
	struct emu_dma_found *pages; /* all slots' */
};

struct emu_dma_slot *emu_dma_slot(struct emu_dma *dma, unsigned int index)
{
	return &dma->slots[index];
}

static void cache_clear(struct emu_dma_slot *slot)
{
	/* Contains no address. */
	for (unsigned int i = 0; i < EMU_DMA_CACHE; i++)
		slot->cache[i] = (struct emu_dma_range){.first = 1, .last = 0};
}

void emu_dma_enter_slow(struct emu_dma_slot *slot, const _Atomic uint64_t *epoch)
{
	uint64_t now = atomic_load_explicit(epoch, memory_order_acquire);
	uint64_t seen;

	/*
	 * Pairs with synchronize(), which raises the epoch and then looks at the slots: either it
	 * sees this store and waits, or we see the new epoch and with it the new table.
	 */
	do {
		seen = now;
		atomic_store_explicit(&slot->epoch, seen, memory_order_seq_cst);
		now = atomic_load_explicit(epoch, memory_order_seq_cst);
	} while (now != seen);

	if (slot->cached != seen) {
		cache_clear(slot);
		slot->cached = seen;
	}
}

/* Of pages side by side, and of every second one, no two share a place. */
static struct emu_dma_found *found_of(const struct emu_dma_slot *slot, uint64_t ioaddr)
{
	uint64_t page = ioaddr >> 12;

	return &slot->pages[(page ^ (page >> 1)) & (EMU_DMA_PAGES - 1)];
}

const struct emu_dma_range *emu_dma_search(struct emu_dma_slot *slot, uint64_t ioaddr)
{
	struct emu_dma_found *found = found_of(slot, ioaddr);
	const struct emu_dma_range *range = &found->range;

	if (found->epoch != slot->cached || ioaddr < range->first || ioaddr > range->last) {
		range = emu_dma_table_find(&slot->dma->table, ioaddr);
		if (!range)
			return NULL;
		found->range = *range;
		found->epoch = slot->cached;
	}
	slot->cache[emu_dma_cache_index(ioaddr)] = *range;
	return range;
}

bool emu_dma_read(struct emu_dma_slot *slot, uint64_t ioaddr, void *to, size_t size)
{
	uint8_t *at = to;

	while (size) {
		uint64_t len;
		const void *from = emu_dma_resolve(slot, ioaddr, size, false, &len);

		if (!from)
			return false;
		memcpy(at, from, len);
		at += len;
		ioaddr += len;
		size -= len;
	}
	return true;
}

bool emu_dma_write(struct emu_dma_slot *slot, uint64_t ioaddr, const void *from, size_t size)
{
	const uint8_t *at = from;

	while (size) {
		uint64_t len;
		void *to = emu_dma_resolve(slot, ioaddr, size, true, &len);

		if (!to)
			return false;
		memcpy(to, at, len);
		at += len;
		ioaddr += len;
		size -= len;
	}
	return true;
}

uint64_t emu_dma_faults(struct emu_dma *dma)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < dma->n_slots; i++)
		n += atomic_load_explicit(&dma->slots[i].faults, memory_order_relaxed);
	return n;
}

static void pause_for(unsigned int *round)
{
	static const struct timespec nap = {.tv_nsec = 20000};

	/* A reader's round takes microseconds, or milliseconds where it waits for a file. */
	if (++*round < 100)
		sched_yield();
	else
		nanosleep(&nap, NULL);
}

/* Wait until no reader uses what it found before now; free what was retired before. */
static void synchronize(struct emu_dma *dma)
{
	uint64_t now = 1 + atomic_fetch_add_explicit(&dma->epoch.now, 1, memory_order_seq_cst);

	for (unsigned int i = 0; i < dma->n_slots; i++) {
		unsigned int round = 0;
		uint64_t seen;

		/* Pairs with the stores in enter and leave. */
		while ((seen = atomic_load_explicit(&dma->slots[i].epoch, memory_order_seq_cst)) &&
		       seen < now)
			pause_for(&round);
	}
	emu_dma_table_free_retired(&dma->table);
}

int emu_dma_add(struct emu_dma *dma, uint64_t ioaddr, void *vaddr, size_t size, bool writable)
{
	struct emu_dma_range range = {.first = ioaddr, .vaddr = vaddr, .writable = writable};
	int err;

	if (!size || !vaddr || size - 1 > UINT64_MAX - ioaddr)
		return EINVAL;
	range.last = ioaddr + (size - 1);

	pthread_mutex_lock(&dma->lock);
	err = emu_dma_table_add(&dma->table, &range);
	if (dma->table.retired_bytes > RETIRED_BYTES)
		synchronize(dma);
	pthread_mutex_unlock(&dma->lock);
	return err;
}

int emu_dma_remove(struct emu_dma *dma, uint64_t ioaddr, size_t size)
{
	int err;

	if (!size || size - 1 > UINT64_MAX - ioaddr)
		return EINVAL;

	pthread_mutex_lock(&dma->lock);
	err = emu_dma_table_remove(&dma->table, ioaddr, ioaddr + (size - 1));
	if (!err || err == ENOMEM)
		synchronize(dma);
	pthread_mutex_unlock(&dma->lock);
	return err;
}

int emu_dma_new(struct emu_dma **out, unsigned int n_slots)
{
	size_t size = n_slots * sizeof(struct emu_dma_slot);
	struct emu_dma *dma = aligned_alloc(128, sizeof(*dma));
	struct emu_dma_slot *slots = aligned_alloc(128, size);
	/* Touched where there are many mappings, otherwise it takes no memory. */
	struct emu_dma_found *pages = calloc(n_slots, EMU_DMA_PAGES * sizeof(*pages));

	if (!dma || !slots || !pages || emu_dma_table_init(&dma->table)) {
		free(dma);
		free(slots);
		free(pages);
		return ENOMEM;
	}
	pthread_mutex_init(&dma->lock, NULL); /* default attributes: does not fail */
	atomic_init(&dma->epoch.now, 1);
	dma->n_slots = n_slots;
	dma->slots = slots;
	dma->pages = pages;
	memset(slots, 0, size);
	for (unsigned int i = 0; i < n_slots; i++) {
		slots[i].dma = dma;
		slots[i].pages = pages + (size_t)i * EMU_DMA_PAGES;
		cache_clear(&slots[i]);
	}
	*out = dma;
	return 0;
}

void emu_dma_free(struct emu_dma *dma)
{
	if (!dma)
		return;
	emu_dma_table_destroy(&dma->table);
	pthread_mutex_destroy(&dma->lock);
	free(dma->pages);
	free(dma->slots);
	free(dma);
}
