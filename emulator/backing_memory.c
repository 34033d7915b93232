/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backing_memory.c - namespaces in memory, and namespaces that are nothing at all.
 *
 * Memory is reserved when a block is first written: a large namespace costs what is used of it. One
 * that fits the machine is made of huge pages, as far as the system has them: blocks far apart then
 * cost a walk of page tables less, which is as long as it takes to copy one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "namespace.h"

#define MADVISE_MIN (1U << 20) /* bytes from which giving pages back is faster than zeroing */
#define HUGE_PAGE   (2U << 20) /* bytes, of every system that has them and pages of 4 KiB */

static emu_status_t memory_readv(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
				 unsigned int n, uint64_t bytes)
{
	const uint8_t *from = ns->mem + offset;

	(void)bytes;
	for (unsigned int i = 0; i < n; i++) {
		if (i + 1 < n)
			emu_fetch_ahead(from + iov[i].iov_len, iov[i + 1].iov_len);
		memcpy(iov[i].iov_base, from, iov[i].iov_len);
		from += iov[i].iov_len;
	}
	return NVM_SC_SUCCESS;
}

static emu_status_t memory_writev(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
				  unsigned int n, uint64_t bytes, bool durable)
{
	uint8_t *to = ns->mem + offset;

	(void)bytes;
	(void)durable; /* memory is as durable as it gets */
	for (unsigned int i = 0; i < n; i++) {
		if (i + 1 < n)
			emu_fetch_ahead(iov[i + 1].iov_base, iov[i + 1].iov_len);
		memcpy(to, iov[i].iov_base, iov[i].iov_len);
		to += iov[i].iov_len;
	}
	return NVM_SC_SUCCESS;
}

static emu_status_t memory_zero(struct emu_ns *ns, uint64_t offset, uint64_t bytes, bool deallocate)
{
	/* A huge page of which a part is given back is none any more, and the part stays. */
	uint64_t page = ns->huge ? HUGE_PAGE : (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t end = offset + bytes;
	uint64_t first = (offset + page - 1) & ~(page - 1), last = end & ~(page - 1);

	if ((deallocate || bytes >= MADVISE_MIN) && first < last &&
	    !madvise(ns->mem + first, last - first, MADV_DONTNEED)) {
		memset(ns->mem + offset, 0, first - offset);
		memset(ns->mem + last, 0, end - last);
	} else {
		memset(ns->mem + offset, 0, bytes);
	}
	return NVM_SC_SUCCESS;
}

static emu_status_t nothing_to_flush(struct emu_ns *ns)
{
	(void)ns;
	return NVM_SC_SUCCESS;
}

static uint64_t all_used(struct emu_ns *ns)
{
	return ns->size;
}

static int memory_close(struct emu_ns *ns)
{
	munmap(ns->mem, ns->size);
	return 0;
}

static const struct emu_backing memory_ops = {
	.readv = memory_readv,
	.writev = memory_writev,
	.zero = memory_zero,
	.flush = nothing_to_flush,
	.used = all_used,
	.close = memory_close,
};

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
}

/*
 * Would it fit, if all of it was written? If not, it is for little data here and there, for which
 * huge pages are a waste.
 */
static bool is_for_huge_pages(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return page == 4096 && size >= HUGE_PAGE &&
	       size / page <= (uint64_t)sysconf(_SC_PHYS_PAGES) / 2;
}

/* As map(), beginning with a huge page. NULL if there are none for it, or no address space. */
static void *map_huge(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t end = (size + page - 1) & ~(page - 1);
	uint8_t *mem, *all;
	size_t before;

	if (!is_for_huge_pages(size))
		return NULL;
	all = map(end + HUGE_PAGE);
	if (all == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)all & (HUGE_PAGE - 1);
	mem = all + before;
	if (before)
		munmap(all, before);
	munmap(mem + end, HUGE_PAGE - before);
	/* Huge pages that an administrator set aside are for those who ask for them. */
	if (madvise(mem, end, MADV_HUGEPAGE)) {
		munmap(mem, end);
		return NULL;
	}
	return mem;
}

int emu_backing_memory(struct emu_ns *ns, const struct emu_ns_config *config, char *err,
		       size_t err_size)
{
	void *mem = map_huge(config->size);

	ns->huge = mem != NULL;
	if (!mem)
		mem = map(config->size);
	if (mem == MAP_FAILED) {
		int error = errno;

		snprintf(
			err, err_size,
			"namespace %u: no address space for %llu bytes of memory (%s); give a smaller "
			"size= or a file",
			ns->nsid, (unsigned long long)config->size, strerror(error));
		return error;
	}
	ns->mem = mem;
	ns->size = config->size;
	ns->can_deallocate = true;
	ns->ops = &memory_ops;
	return 0;
}

/*
 * Nothing: reads leave the host's memory as it is, writes are dropped.
 */
static emu_status_t null_readv(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
			       unsigned int n, uint64_t bytes)
{
	(void)ns;
	(void)offset;
	(void)iov;
	(void)n;
	(void)bytes;
	return NVM_SC_SUCCESS;
}

static emu_status_t null_writev(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
				unsigned int n, uint64_t bytes, bool durable)
{
	(void)durable;
	return null_readv(ns, offset, iov, n, bytes);
}

static emu_status_t null_zero(struct emu_ns *ns, uint64_t offset, uint64_t bytes, bool deallocate)
{
	(void)ns;
	(void)offset;
	(void)bytes;
	(void)deallocate;
	return NVM_SC_SUCCESS;
}

static int null_close(struct emu_ns *ns)
{
	(void)ns;
	return 0;
}

static const struct emu_backing null_ops = {
	.readv = null_readv,
	.writev = null_writev,
	.zero = null_zero,
	.flush = nothing_to_flush,
	.used = all_used,
	.close = null_close,
};

void emu_backing_null(struct emu_ns *ns, const struct emu_ns_config *config)
{
	ns->null = true;
	ns->size = config->size;
	ns->ops = &null_ops;
}
