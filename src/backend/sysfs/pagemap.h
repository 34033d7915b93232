/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pagemap.h - physical addresses of this process's memory, as the kernel tells them.
 */
#ifndef NVMI_PAGEMAP_H
#define NVMI_PAGEMAP_H

#include <stddef.h>
#include <stdint.h>

/**
 * nvmi_pagemap_open() - open this process's page map
 * @fd: where the descriptor goes; the caller closes it
 *
 * Return: 0; EPERM if the kernel hides physical addresses from this process; with message.
 */
int nvmi_pagemap_open(int *fd);

/**
 * nvmi_pagemap_read() - physical addresses of pages
 * @fd: from nvmi_pagemap_open()
 * @vaddr: start, aligned to the host's page
 * @n_pages: number of host pages; they must be pinned, or what is read is old at once
 * @addrs: filled in, one per host page
 *
 * Return: 0 or errno with message: EFAULT (a page is not in memory), EPERM, EIO. Any thread.
 */
int nvmi_pagemap_read(int fd, const void *vaddr, size_t n_pages, uint64_t *addrs);

/**
 * nvmi_pagemap_all_huge() - do pages belong to hugetlbfs (MAP_HUGETLB)?
 * @addrs: physical addresses of host pages
 * @n_pages: their number
 *
 * Such pages stay in place as long as they are mapped: the kernel neither swaps nor compacts them.
 *
 * Return: 0; ENOTSUP if not all of them do (no message); otherwise an errno with message.
 */
int nvmi_pagemap_all_huge(const uint64_t *addrs, size_t n_pages);

#endif
