/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pages.h - memory for DMA: huge pages where there are any, ordinary pages otherwise.
 */
#ifndef NVMI_PAGES_H
#define NVMI_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Memory of nvmi_pages_alloc(). */
struct nvmi_pages {
	void *vaddr;
	size_t size;
	size_t page_size; /* of the pages behind it */
};

/**
 * nvmi_pages_alloc() - allocate zeroed, touched memory that forked children do not share
 * @p: filled in
 * @size: bytes; rounded up to whole pages of the kind taken
 * @huge: take huge pages even for small sizes, if there are any free
 *
 * It is aligned to the largest power of two that fits into @size, up to 2 MiB.
 *
 * Return: 0 or ENOMEM with message.
 */
int nvmi_pages_alloc(struct nvmi_pages *p, size_t size, bool huge);
void nvmi_pages_free(struct nvmi_pages *p);

#endif
