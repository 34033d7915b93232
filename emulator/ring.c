/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ring.c - where a queue's entries are in host memory, contiguous or by a PRP list.
 */
#include <stdlib.h>

#include "queue.h"

/*
 * The pages a PRP list names. A list page whose last entry is needed for more than one page of
 * queue holds a pointer to the next list page there (Base, "PRP Entry and List").
 */
static emu_status_t read_list(uint64_t *pages, uint32_t n_pages, struct emu_dma_slot *slot,
			      uint64_t list, uint32_t page_size)
{
	uint32_t per_page = page_size / 8;

	while (n_pages) {
		bool chained = n_pages > per_page;
		uint32_t n = chained ? per_page - 1 : n_pages;

		if (list % page_size)
			return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
		if (!emu_dma_read(slot, list, pages, (size_t)n * 8) ||
		    (chained && !emu_dma_read(slot, list + (uint64_t)n * 8, &list, 8)))
			return EMU_FAIL(NVM_SC_DATA_TRANSFER_ERROR);
		for (uint32_t i = 0; i < n; i++) {
			if (pages[i] % page_size)
				return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
		}
		pages += n;
		n_pages -= n;
	}
	return 0;
}

static emu_status_t check_mapped(const struct emu_ring *ring, struct emu_dma_slot *slot)
{
	uint32_t n;

	for (uint32_t i = 0; i < ring->n; i += n) {
		n = ring->n - i;
		if (!emu_ring_at(ring, slot, i, &n, false))
			return EMU_FAIL(NVM_SC_DATA_TRANSFER_ERROR);
	}
	return 0;
}

emu_status_t emu_ring_init(struct emu_ring *ring, struct emu_dma_slot *slot, uint64_t addr,
			   bool contiguous, uint32_t n, uint8_t shift, uint32_t page_size)
{
	uint64_t bytes = (uint64_t)n << shift;
	emu_status_t status = 0;
	uint32_t n_pages;

	*ring = (struct emu_ring){
		.base = addr,
		.n = n,
		.shift = shift,
		.page_shift = (uint8_t)__builtin_ctz(page_size),
	};
	if (addr % page_size)
		return EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID);
	if (!contiguous) {
		n_pages = (uint32_t)((bytes + page_size - 1) / page_size);
		ring->pages = malloc(n_pages * sizeof(*ring->pages));
		if (!ring->pages)
			return NVM_SC_INTERNAL_ERROR;
		status = read_list(ring->pages, n_pages, slot, addr, page_size);
	} else if (addr + bytes - 1 < addr) {
		status = EMU_FAIL(NVM_SC_DATA_TRANSFER_ERROR);
	}
	if (!status)
		status = check_mapped(ring, slot);
	if (status)
		emu_ring_free(ring);
	return status;
}

void emu_ring_free(struct emu_ring *ring)
{
	free(ring->pages);
	ring->pages = NULL;
}

void *emu_ring_at(const struct emu_ring *ring, struct emu_dma_slot *slot, uint32_t index,
		  uint32_t *n, bool write)
{
	uint64_t offset = (uint64_t)index << ring->shift;
	uint64_t addr = ring->base + offset;
	uint32_t wanted = ring->n - index;
	uint64_t len;
	void *entries;

	if (wanted > *n)
		wanted = *n;
	if (ring->pages) {
		uint64_t page_size = UINT64_C(1) << ring->page_shift;
		uint64_t in_page = offset & (page_size - 1);

		addr = ring->pages[offset >> ring->page_shift] + in_page;
		if (wanted > (page_size - in_page) >> ring->shift)
			wanted = (uint32_t)((page_size - in_page) >> ring->shift);
	}
	entries = emu_dma_resolve(slot, addr, (uint64_t)wanted << ring->shift, write, &len);
	if (!entries)
		return NULL;
	*n = (uint32_t)(len >> ring->shift);
	if (!*n) {
		/* a mapping that ends within the entry */
		emu_dma_fault(slot);
		return NULL;
	}
	return entries;
}
