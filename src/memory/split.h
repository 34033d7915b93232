/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * split.h - pages of one size described as pages of another: arithmetic only.
 */
#ifndef NVMI_SPLIT_H
#define NVMI_SPLIT_H

#include <stddef.h>
#include <stdint.h>

/**
 * nvmi_split_pages() - bus addresses of the controller's pages from those of other pages
 * @ioaddrs: filled in, @page_size * @n_pages / @ctrl_page elements
 * @ctrl_page: controller page, bytes, a power of two
 * @addrs: bus address of every page
 * @page_size: bytes per element of @addrs, a power of two
 * @n_pages: elements in @addrs; @page_size * @n_pages is a multiple of @ctrl_page
 * @bad: set to the index in @addrs of the page that does not fit, on failure
 *
 * Pages larger than the controller's are split, smaller ones joined.
 *
 * Return: 0; EINVAL for an address that is not aligned to the smaller of the two sizes, or a page
 * that wraps around; ERANGE for pages that do not join to a contiguous, aligned controller page.
 */
int nvmi_split_pages(uint64_t *ioaddrs, size_t ctrl_page, const uint64_t *addrs, size_t page_size,
		     size_t n_pages, size_t *bad);

#endif
