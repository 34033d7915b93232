// SPDX-License-Identifier: BSD-2-Clause
/*
 * split.c - pages of one size described as pages of another.
 */
#include "memory/split.h"

#include <errno.h>

/* A page of the given size cannot start here. */
static int misplaced(uint64_t addr, uint64_t page_size, uint64_t align)
{
	return (addr & (align - 1)) != 0 || addr > UINT64_MAX - (page_size - 1);
}

static int split(uint64_t *ioaddrs, size_t ctrl_page, const uint64_t *addrs, size_t page_size,
		 size_t n_pages, size_t *bad)
{
	size_t i, offset;

	for (i = 0; i < n_pages; i++) {
		*bad = i;
		if (misplaced(addrs[i], page_size, ctrl_page))
			return EINVAL;
		for (offset = 0; offset < page_size; offset += ctrl_page)
			*ioaddrs++ = addrs[i] + offset;
	}
	return 0;
}

static int join(uint64_t *ioaddrs, size_t ctrl_page, const uint64_t *addrs, size_t page_size,
		size_t n_pages, size_t *bad)
{
	size_t per_page = ctrl_page / page_size;
	size_t i;

	for (i = 0; i < n_pages; i++) {
		*bad = i;
		if (misplaced(addrs[i], page_size, page_size))
			return EINVAL;
		if (i % per_page != 0) {
			if (addrs[i] != addrs[i - 1] + page_size)
				return ERANGE;
			continue;
		}
		if (misplaced(addrs[i], ctrl_page, ctrl_page))
			return ERANGE;
		*ioaddrs++ = addrs[i];
	}
	return 0;
}

int nvmi_split_pages(uint64_t *ioaddrs, size_t ctrl_page, const uint64_t *addrs, size_t page_size,
		     size_t n_pages, size_t *bad)
{
	if (page_size >= ctrl_page)
		return split(ioaddrs, ctrl_page, addrs, page_size, n_pages, bad);
	return join(ioaddrs, ctrl_page, addrs, page_size, n_pages, bad);
}
