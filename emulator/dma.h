/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dma.h - what the controller can reach: a table of bus address ranges and the memory behind them.
 *
 * Readers are the controller's threads, each with a slot of its own. They translate without a lock
 * and without writing shared memory. Writers (map, unmap) publish changed copies, and unmap waits
 * until every slot has left, or entered anew, since: then nobody can still hold an address.
 *
 * A reader's round:
 *	emu_dma_enter(slot);		once per poll round, nearly free while nothing is unmapped
 *	... translate, copy ...
 *	emu_dma_leave(slot);		only before it sleeps, blocks for long, or ends
 */
#ifndef EMU_DMA_H
#define EMU_DMA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EMU_DMA_CACHE 16   /* mappings a slot remembers, each for many addresses; a power of two */
#define EMU_DMA_PAGES 4096 /* and by page, for those who map page by page; a power of two */

struct emu_dma;

/* A mapping. The last byte is named instead of the size, so that 2^64 - 1 can be mapped. */
struct emu_dma_range {
	uint64_t first;
	uint64_t last;
	uint8_t *vaddr;
	bool writable;
};

/* What was found for a page. */
struct emu_dma_found {
	struct emu_dma_range range;
	uint64_t epoch; /* valid in that one only */
};

/* One reader. Only its own thread uses it; epoch and faults are looked at by others. */
struct emu_dma_slot {
	_Alignas(128) _Atomic uint64_t epoch; /* 0 = outside */
	_Atomic uint64_t faults;
	struct emu_dma *dma;
	uint64_t cached; /* the epoch the cache belongs to */
	struct emu_dma_range cache[EMU_DMA_CACHE];
	struct emu_dma_found *pages; /* EMU_DMA_PAGES of them */
};

/**
 * emu_dma_new() - make an empty table
 * @dma: where it goes; release with emu_dma_free()
 * @n_slots: readers, at least 1
 *
 * Return: 0 or errno.
 */
int emu_dma_new(struct emu_dma **dma, unsigned int n_slots);

/* No reader is inside any more. */
void emu_dma_free(struct emu_dma *dma);

/**
 * emu_dma_add() - map [ioaddr, ioaddr + size) to memory at vaddr
 * @dma: the table
 * @ioaddr: bus address, any alignment
 * @vaddr: memory, stays the caller's
 * @size: bytes, more than 0; the range does not pass 2^64
 * @writable: false = the controller may only read it
 *
 * Any thread that is not inside a read section. Return: 0, EINVAL, EEXIST if it overlaps a
 * mapping, ENOMEM.
 */
int emu_dma_add(struct emu_dma *dma, uint64_t ioaddr, void *vaddr, size_t size, bool writable);

/**
 * emu_dma_remove() - unmap every mapping that lies in [ioaddr, ioaddr + size)
 * @dma: the table
 * @ioaddr: bus address
 * @size: bytes, more than 0
 *
 * Waits until no reader can touch the memory any more. Any thread that is not inside a read
 * section. Return: 0, ENOENT if there is no mapping, EINVAL if one lies across the borders (nothing
 * is unmapped then), ENOMEM.
 */
int emu_dma_remove(struct emu_dma *dma, uint64_t ioaddr, size_t size);

/* The reader with that index, 0..n_slots - 1. */
struct emu_dma_slot *emu_dma_slot(struct emu_dma *dma, unsigned int index);

/* Accesses outside all mappings or against their permission, over all slots. Any thread. */
uint64_t emu_dma_faults(struct emu_dma *dma);

/* What emu_dma_enter() does when something was unmapped, or on the way in. */
void emu_dma_enter_slow(struct emu_dma_slot *slot, const _Atomic uint64_t *epoch);

/* Search further than the cache, remember the result. NULL = not mapped. */
const struct emu_dma_range *emu_dma_search(struct emu_dma_slot *slot, uint64_t ioaddr);

/* The first member of struct emu_dma, so that entering can be inline. */
struct emu_dma_epoch {
	_Alignas(128) _Atomic uint64_t now;
};

/**
 * emu_dma_enter() - begin a read section, or say that the addresses got so far are forgotten
 * @slot: the calling thread's
 *
 * Addresses got from the slot are valid until the next enter or leave.
 */
static inline void emu_dma_enter(struct emu_dma_slot *slot)
{
	const struct emu_dma_epoch *epoch = (const struct emu_dma_epoch *)(const void *)slot->dma;

	/* Pairs with the increment in emu_dma_remove(): having seen it, we see the table after. */
	if (atomic_load_explicit(&epoch->now, memory_order_acquire) !=
	    atomic_load_explicit(&slot->epoch, memory_order_relaxed))
		emu_dma_enter_slow(slot, &epoch->now);
}

/* End the read section. */
static inline void emu_dma_leave(struct emu_dma_slot *slot)
{
	/* Pairs with the load in synchronize(): our accesses are over before the memory goes. */
	atomic_store_explicit(&slot->epoch, 0, memory_order_release);
}

/* Count an access that found nothing. Only the slot's thread writes the counter. */
static inline void emu_dma_fault(struct emu_dma_slot *slot)
{
	uint64_t n = atomic_load_explicit(&slot->faults, memory_order_relaxed);

	atomic_store_explicit(&slot->faults, n + 1, memory_order_relaxed);
}

/* Where a slot remembers the mapping of an address. */
static inline unsigned int emu_dma_cache_index(uint64_t ioaddr)
{
	return (unsigned int)((ioaddr >> 21) ^ (ioaddr >> 16)) & (EMU_DMA_CACHE - 1);
}

/* The mapping of an address, NULL = none. */
static inline const struct emu_dma_range *emu_dma_find(struct emu_dma_slot *slot, uint64_t ioaddr)
{
	const struct emu_dma_range *range = &slot->cache[emu_dma_cache_index(ioaddr)];

	if (ioaddr < range->first || ioaddr > range->last)
		range = emu_dma_search(slot, ioaddr);
	return range;
}

/**
 * emu_dma_peek() - memory at a bus address, if one mapping holds the whole range
 * @slot: the calling thread's, entered
 * @ioaddr: bus address
 * @size: bytes, more than 0
 * @write: for writing
 *
 * Return: memory, or NULL. Nothing is counted.
 */
static inline void *emu_dma_peek(struct emu_dma_slot *slot, uint64_t ioaddr, uint64_t size,
				 bool write)
{
	const struct emu_dma_range *range = emu_dma_find(slot, ioaddr);

	if (!range || range->last - ioaddr < size - 1 || (write && !range->writable))
		return NULL;
	return range->vaddr + (ioaddr - range->first);
}

/**
 * emu_dma_resolve() - memory at a bus address, as far as it reaches
 * @slot: the calling thread's, entered
 * @ioaddr: bus address
 * @size: bytes wanted, more than 0
 * @write: for writing
 * @len: how many of them are contiguous from there, 1..size
 *
 * Return: memory, or NULL (counted) if the first byte is not mapped or not writable.
 */
static inline void *emu_dma_resolve(struct emu_dma_slot *slot, uint64_t ioaddr, uint64_t size,
				    bool write, uint64_t *len)
{
	const struct emu_dma_range *range = emu_dma_find(slot, ioaddr);

	if (!range || (write && !range->writable)) {
		emu_dma_fault(slot);
		return NULL;
	}
	*len = range->last - ioaddr < size - 1 ? range->last - ioaddr + 1 : size;
	return range->vaddr + (ioaddr - range->first);
}

/**
 * emu_dma_translate() - memory at a bus address, if one mapping holds the whole range
 * @slot: the calling thread's, entered
 * @ioaddr: bus address
 * @size: bytes, more than 0
 * @write: for writing
 *
 * Return: memory, or NULL (counted).
 */
static inline void *emu_dma_translate(struct emu_dma_slot *slot, uint64_t ioaddr, uint64_t size,
				      bool write)
{
	uint64_t len;
	void *vaddr = emu_dma_resolve(slot, ioaddr, size, write, &len);

	if (vaddr && len != size) {
		emu_dma_fault(slot);
		return NULL;
	}
	return vaddr;
}

/*
 * Copy from and to bus addresses; a range may span mappings. False: not mapped (counted), part of
 * it may have been copied.
 */
bool emu_dma_read(struct emu_dma_slot *slot, uint64_t ioaddr, void *to, size_t size);
bool emu_dma_write(struct emu_dma_slot *slot, uint64_t ioaddr, const void *from, size_t size);

#endif
