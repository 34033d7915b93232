// SPDX-License-Identifier: BSD-2-Clause
/*
 * pagemap.c - physical addresses of this process's memory (/proc/self/pagemap).
 */
#include "backend/sysfs/pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "controller/error.h"

/* An entry of the page map: Documentation/admin-guide/mm/pagemap.rst. */
#define PM_PRESENT  (1ULL << 63)
#define PM_PFN_MASK ((1ULL << 55) - 1)

/* /proc/kpageflags: the page is part of a hugetlbfs page. */
#define KPF_HUGE (1ULL << 17)

#define BATCH    512

static uint64_t host_page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Entries of 8 bytes from an index on. 0 or errno. */
static int read_entries(int fd, uint64_t index, uint64_t *entries, size_t n)
{
	char *to = (char *)entries;
	size_t left = n * sizeof(*entries);
	off_t at = (off_t)(index * sizeof(*entries));
	ssize_t got;

	while (left > 0) {
		got = pread(fd, to, left, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			return EIO;
		to += got;
		at += got;
		left -= (size_t)got;
	}
	return 0;
}

static int fail_hidden(void)
{
	return nvmi_fail(EPERM,
			 "the kernel hides physical addresses from this process: run it as root, "
			 "give it CAP_SYS_ADMIN, or use vfio-pci");
}

int nvmi_pagemap_read(int fd, const void *vaddr, size_t n_pages, uint64_t *addrs)
{
	const uint64_t page = host_page_size();
	uint64_t index = (uint64_t)(uintptr_t)vaddr / page;
	size_t i;
	int err;

	err = read_entries(fd, index, addrs, n_pages);
	if (err != 0)
		return nvmi_fail(err, "cannot read /proc/self/pagemap: %s", strerror(err));
	for (i = 0; i < n_pages; i++) {
		if ((addrs[i] & PM_PRESENT) == 0)
			return nvmi_fail(EFAULT,
					 "page %zu of the memory at %p is not in memory: map "
					 "memory that is allocated and can be written",
					 i, vaddr);
		addrs[i] &= PM_PFN_MASK;
		if (addrs[i] == 0)
			return fail_hidden();
		addrs[i] *= page;
	}
	return 0;
}

int nvmi_pagemap_open(int *fd)
{
	const uint64_t page = host_page_size();
	volatile char here = 0; /* a page that is certainly present: this function's stack */
	uint64_t addr;
	int err;

	*fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return errno == EACCES || errno == EPERM
			       ? fail_hidden()
			       : nvmi_fail(errno,
					   "cannot open /proc/self/pagemap: %s: mount /proc, or "
					   "use vfio-pci",
					   strerror(errno));
	err = nvmi_pagemap_read(*fd, (const void *)((uintptr_t)&here & ~(uintptr_t)(page - 1)), 1,
				&addr);
	if (err != 0) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

/* Flags of pages; those that follow each other in memory are asked for together. */
static int all_huge(int fd, const uint64_t *addrs, size_t n_pages)
{
	const uint64_t page = host_page_size();
	uint64_t flags[BATCH];
	size_t i, j, n;
	int err;

	for (i = 0; i < n_pages; i += n) {
		for (n = 1; n < BATCH && i + n < n_pages; n++) {
			if (addrs[i + n] != addrs[i] + n * page)
				break;
		}
		err = read_entries(fd, addrs[i] / page, flags, n);
		if (err != 0)
			return nvmi_fail(err, "cannot read /proc/kpageflags: %s", strerror(err));
		for (j = 0; j < n; j++) {
			if ((flags[j] & KPF_HUGE) == 0)
				return ENOTSUP;
		}
	}
	return 0;
}

int nvmi_pagemap_all_huge(const uint64_t *addrs, size_t n_pages)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return nvmi_fail(errno,
				 "cannot open /proc/kpageflags: %s: run as root, or use vfio-pci",
				 strerror(errno));
	err = all_huge(fd, addrs, n_pages);
	close(fd);
	return err;
}
