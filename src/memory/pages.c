// SPDX-License-Identifier: BSD-2-Clause
/*
 * pages.c - memory for DMA: huge pages where there are any, ordinary pages otherwise.
 */
#include "memory/pages.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "controller/error.h"
#include "memory/populate.h"

#define HUGE_SHIFT 21
#define HUGE_SIZE  ((size_t)1 << HUGE_SHIFT)

/* From here on huge pages are worth what rounding up to them wastes. */
#define HUGE_FROM ((size_t)1 << 20)

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

static size_t round_up(size_t size, size_t unit)
{
	return (size + unit - 1) & ~(unit - 1);
}

/* Anonymous memory that a forked child does not get: what it writes must not move our pages. */
static void *map(size_t size, int flags)
{
	void *vaddr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags,
			   -1, 0);

	if (vaddr == MAP_FAILED)
		return NULL;
	if (madvise(vaddr, size, MADV_DONTFORK) != 0) {
		munmap(vaddr, size);
		return NULL;
	}
	return vaddr;
}

/* Is there a page behind every address? Asks, where touching could raise a signal. */
static int all_present(void *vaddr, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char present[512];
	size_t at, i;

	for (at = 0; at < size; at += HUGE_SIZE) {
		/* One byte per page; 2 MiB of 4 KiB pages, or of larger ones, fill at most 512. */
		if (mincore((char *)vaddr + at, HUGE_SIZE, present) != 0)
			return 0;
		for (i = 0; i < HUGE_SIZE / page; i++) {
			if ((present[i] & 1) == 0)
				return 0;
		}
	}
	return 1;
}

/*
 * Huge pages, if there are enough free ones. mmap() reserves them, but limits of control groups and
 * memory policies strike only when a page is touched, and then with SIGBUS: so the kernel populates.
 */
static int alloc_huge(struct nvmi_pages *p, size_t size)
{
	void *vaddr;
	int err;

	size = round_up(size, HUGE_SIZE);
	vaddr = map(size, MAP_HUGETLB | (HUGE_SHIFT << MAP_HUGE_SHIFT) | MAP_POPULATE);
	if (vaddr == NULL)
		return ENOMEM;
	err = nvmi_populate(vaddr, size);
	if (err == ENOSYS)
		err = all_present(vaddr, size) ? 0 : ENOMEM;
	if (err != 0) {
		munmap(vaddr, size);
		return ENOMEM;
	}
	*p = (struct nvmi_pages){.vaddr = vaddr, .size = size, .page_size = HUGE_SIZE};
	return 0;
}

/* Memory aligned to a power of two: more of it, and the ends given back. */
static void *map_aligned(size_t size, size_t align)
{
	char *start, *aligned, *end;

	start = map(size + align, 0);
	if (start == NULL)
		return NULL;
	end = start + size + align;
	aligned = start + (-(uintptr_t)start & (align - 1));
	if (aligned > start)
		munmap(start, (size_t)(aligned - start));
	if (end > aligned + size)
		munmap(aligned + size, (size_t)(end - (aligned + size)));
	return aligned;
}

/* The largest power of two in @size, so that a controller page is aligned; at most a huge page. */
static size_t natural_align(size_t size, size_t page)
{
	size_t align = page;

	while (align < HUGE_SIZE && align * 2 <= size)
		align *= 2;
	return align;
}

static int alloc_ordinary(struct nvmi_pages *p, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *vaddr;
	size_t at, align;
	int err;

	size = round_up(size, page);
	align = natural_align(size, page);
	vaddr = align > page ? map_aligned(size, align) : map(size, 0);
	if (vaddr == NULL)
		return ENOMEM;
	/* Advice: without transparent huge pages in the kernel it fails, and nothing is lost. */
	if (align == HUGE_SIZE)
		madvise(vaddr, size, MADV_HUGEPAGE);
	err = nvmi_populate(vaddr, size);
	if (err == ENOSYS) {
		for (at = 0; at < size; at += page)
			*(volatile char *)(vaddr + at) = 0;
		err = 0;
	}
	if (err != 0) {
		munmap(vaddr, size);
		return ENOMEM;
	}
	*p = (struct nvmi_pages){.vaddr = vaddr, .size = size, .page_size = page};
	return 0;
}

int nvmi_pages_alloc(struct nvmi_pages *p, size_t size, bool huge)
{
	*p = (struct nvmi_pages){0};
	if (size > SIZE_MAX / 2)
		return nvmi_fail(ENOMEM, "%zu bytes exceed the address space: ask for less", size);
	if ((huge || size >= HUGE_FROM) && alloc_huge(p, size) == 0)
		return 0;
	if (alloc_ordinary(p, size) == 0)
		return 0;
	return nvmi_fail(ENOMEM,
			 "no memory for %zu bytes: ask for less, raise `ulimit -v`, or reserve "
			 "huge pages: sysctl vm.nr_hugepages=%zu",
			 size, round_up(size, HUGE_SIZE) / HUGE_SIZE);
}

void nvmi_pages_free(struct nvmi_pages *p)
{
	if (p->vaddr != NULL)
		munmap(p->vaddr, p->size);
	*p = (struct nvmi_pages){0};
}
