/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dma_table.h - the sorted table behind dma.c.
 *
 * Any number of threads may search while one changes it. What was taken out stays in memory until
 * the caller, who knows its readers, has it freed.
 */
#ifndef EMU_DMA_TABLE_H
#define EMU_DMA_TABLE_H

#include "dma.h"

struct top;

/* Memory that readers may still look at. First member of what is freed late. */
struct emu_dma_retired {
	struct emu_dma_retired *next;
};

struct emu_dma_table {
	struct top *_Atomic top;
	struct emu_dma_retired *retired;
	size_t retired_bytes;
};

int emu_dma_table_init(struct emu_dma_table *table);
void emu_dma_table_destroy(struct emu_dma_table *table);

/* The mapping that holds the address; NULL = none. Any thread, inside a read section. */
const struct emu_dma_range *emu_dma_table_find(struct emu_dma_table *table, uint64_t ioaddr);

/* One thread at a time. 0, EEXIST, ENOMEM. */
int emu_dma_table_add(struct emu_dma_table *table, const struct emu_dma_range *range);

/*
 * Take out what lies in [first, last]. One thread at a time. 0, ENOENT, EINVAL (a mapping lies
 * across a border, nothing changed), ENOMEM (some are gone).
 */
int emu_dma_table_remove(struct emu_dma_table *table, uint64_t first, uint64_t last);

/* No reader uses anything that was taken out. */
void emu_dma_table_free_retired(struct emu_dma_table *table);

#endif
