/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_walker.h - for tests of data pointers: a host's memory, and a naive walk of PRPs and SGLs that
 * goes byte range by byte range through the specification's rules. Include after cmocka.h.
 */
#ifndef TESTS_EMU_WALKER_H
#define TESTS_EMU_WALKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"

#define BASE      0x700000000ULL
#define BUCKET    0x1234567ULL /* no address of a page */
#define MAX_CHUNK 4096

/*
 * A host: pages that are adjacent on the bus and scattered in memory. Every page is a mapping.
 */
struct host {
	uint32_t page_size;
	unsigned int n_pages;
	unsigned int n_used; /* pages handed out */
	uint8_t *memory;
	unsigned int *page; /* bus page -> page of memory */
	unsigned int *free; /* bus pages in the order they are handed out */
	struct emu_dma *dma;
	struct emu_data_ctx ctx;
	uint8_t discard[1000];
	uint32_t seed;
};

/* What a data pointer describes. */
struct chunk {
	uint64_t ioaddr; /* or BUCKET */
	uint64_t len;
};

struct walk {
	unsigned int n;
	uint64_t bytes;
	emu_status_t status;
	struct chunk chunk[MAX_CHUNK];
};

static struct walk walk;

static inline uint32_t rnd(struct host *host, uint32_t below)
{
	host->seed = host->seed * 1664525U + 1013904223U;
	return (host->seed >> 8) % below;
}

static inline void shuffle(struct host *host, unsigned int *array)
{
	for (unsigned int i = 0; i < host->n_pages; i++)
		array[i] = i;
	for (unsigned int i = host->n_pages - 1; i; i--) {
		unsigned int k = rnd(host, i + 1), t = array[i];

		array[i] = array[k];
		array[k] = t;
	}
}

static inline void host_init(struct host *host, uint32_t page_size, unsigned int n_pages,
			     uint32_t seed)
{
	memset(host, 0, sizeof(*host));
	host->page_size = page_size;
	host->n_pages = n_pages;
	host->seed = seed;
	host->memory = aligned_alloc(4096, (size_t)page_size * n_pages);
	host->page = calloc(n_pages, sizeof(*host->page));
	host->free = calloc(n_pages, sizeof(*host->free));
	assert_true(host->memory && host->page && host->free);
	shuffle(host, host->page);
	shuffle(host, host->free);
	assert_int_equal(emu_dma_new(&host->dma, 1), 0);
	for (unsigned int i = 0; i < n_pages; i++) {
		uint8_t *vaddr = host->memory + (size_t)host->page[i] * page_size;

		assert_int_equal(emu_dma_add(host->dma, BASE + (uint64_t)i * page_size, vaddr,
					     page_size, true),
				 0);
	}
	host->ctx.slot = emu_dma_slot(host->dma, 0);
	host->ctx.page_size = page_size;
	host->ctx.sgl = true;
	host->ctx.discard = host->discard;
	host->ctx.discard_size = sizeof(host->discard);
	emu_dma_enter(host->ctx.slot);
}

static inline void host_release(struct host *host)
{
	emu_dma_leave(host->ctx.slot);
	emu_dma_free(host->dma);
	free(host->memory);
	free(host->page);
	free(host->free);
}

static inline uint8_t *host_at(const struct host *host, uint64_t ioaddr)
{
	uint64_t offset = ioaddr - BASE;

	if (ioaddr < BASE || offset >= (uint64_t)host->n_pages * host->page_size)
		return NULL;
	return host->memory + (size_t)host->page[offset / host->page_size] * host->page_size +
	       offset % host->page_size;
}

static inline bool host_read(const struct host *host, uint64_t ioaddr, void *to, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const uint8_t *byte = host_at(host, ioaddr + i);

		if (!byte)
			return false;
		((uint8_t *)to)[i] = *byte;
	}
	return true;
}

static inline void host_write(const struct host *host, uint64_t ioaddr, const void *from,
			      size_t size)
{
	for (size_t i = 0; i < size; i++)
		*host_at(host, ioaddr + i) = ((const uint8_t *)from)[i];
}

static inline uint64_t host_page(struct host *host)
{
	assert_true(host->n_used < host->n_pages);
	return BASE + (uint64_t)host->free[host->n_used++] * host->page_size;
}

static inline bool mapped(const struct host *host, uint64_t ioaddr, uint64_t len)
{
	return host_at(host, ioaddr) && host_at(host, ioaddr + len - 1) && ioaddr + len > ioaddr;
}

/*
 * The reference
 */
static inline bool failed(unsigned int code)
{
	walk.status = (emu_status_t)code;
	return false;
}

static inline bool add_chunk(const struct host *host, uint64_t ioaddr, uint64_t len)
{
	assert_true(walk.n < MAX_CHUNK);
	if (ioaddr != BUCKET && !mapped(host, ioaddr, len))
		return failed(NVM_SC_DATA_TRANSFER_ERROR);
	walk.chunk[walk.n++] = (struct chunk){ioaddr, len};
	walk.bytes += len;
	return true;
}

static inline bool reference_list(const struct host *host, uint64_t list, uint64_t left)
{
	for (;;) {
		uint64_t entry;
		bool last_slot = list % host->page_size == host->page_size - 8;

		if (!host_read(host, list, &entry, 8))
			return failed(NVM_SC_DATA_TRANSFER_ERROR);
		if (entry % host->page_size)
			return failed(NVM_SC_PRP_OFFSET_INVALID | EMU_DNR);
		if (last_slot && left > host->page_size) {
			list = entry;
			continue;
		}
		if (left <= host->page_size)
			return add_chunk(host, entry, left);
		if (!add_chunk(host, entry, host->page_size))
			return false;
		left -= host->page_size;
		list += 8;
	}
}

static inline bool reference_prp(const struct host *host, const struct nvm_sqe *sqe, uint64_t len)
{
	uint64_t first = host->page_size - sqe->prp1 % host->page_size;

	if (sqe->prp1 % 4)
		return failed(NVM_SC_PRP_OFFSET_INVALID | EMU_DNR);
	if (len <= first)
		return add_chunk(host, sqe->prp1, len);
	if (len - first <= host->page_size) {
		if (sqe->prp2 % host->page_size)
			return failed(NVM_SC_PRP_OFFSET_INVALID | EMU_DNR);
		return add_chunk(host, sqe->prp1, first) && add_chunk(host, sqe->prp2, len - first);
	}
	if (sqe->prp2 % 8)
		return failed(NVM_SC_PRP_OFFSET_INVALID | EMU_DNR);
	return add_chunk(host, sqe->prp1, first) && reference_list(host, sqe->prp2, len - first);
}

/* A segment of n descriptors; the one in the command is a segment of its own kind, 'c'. */
static inline bool reference_segment(const struct host *host, const struct nvm_sgl_desc *desc,
				     uint64_t list, uint64_t n, char kind, uint64_t len,
				     bool to_host)
{
	for (uint64_t i = 0; i < n; i++) {
		struct nvm_sgl_desc d;
		uint64_t left = len - walk.bytes;
		bool last = i == n - 1;

		if (desc)
			d = *desc;
		else if (!host_read(host, list + i * 16, &d, 16))
			return failed(NVM_SC_DATA_TRANSFER_ERROR);
		if (d.type & 0xf)
			return failed(NVM_SC_SGL_TYPE_INVALID | EMU_DNR);
		if (d.type == 0x20 || d.type == 0x30) {
			if (!last)
				return failed(NVM_SC_SGL_INVALID_NUMBER | EMU_DNR);
			if (kind == 'l' || d.length % 16 || !d.length || d.addr % 8)
				return failed(NVM_SC_SGL_INVALID_SEGMENT | EMU_DNR);
			return reference_segment(host, NULL, d.addr, d.length / 16,
						 d.type == 0x30 ? 'l' : 's', len, to_host);
		}
		if (d.type != 0x00 && d.type != 0x10)
			return failed(NVM_SC_SGL_TYPE_INVALID | EMU_DNR);
		if (last && kind == 's')
			return failed(NVM_SC_SGL_INVALID_SEGMENT | EMU_DNR);
		if (!d.length || (d.type == 0x10 && !to_host))
			continue;
		if (d.length > left)
			return failed(NVM_SC_SGL_DATA_LENGTH_INVALID | EMU_DNR);
		if (!add_chunk(host, d.type == 0x10 ? BUCKET : d.addr, d.length))
			return false;
	}
	return walk.bytes == len || failed(NVM_SC_SGL_DATA_LENGTH_INVALID | EMU_DNR);
}

static inline void reference(const struct host *host, const struct nvm_sqe *sqe, uint64_t len,
			     bool to_host)
{
	walk.n = 0;
	walk.bytes = 0;
	walk.status = 0;
	if (NVM_SQE_PSDT(sqe->flags))
		reference_segment(host, &sqe->sgl1, 0, 1, 'c', len, to_host);
	else
		reference_prp(host, sqe, len);
	/* The naive walk must get everywhere, or the test is worth nothing. */
	assert_true(walk.status || walk.bytes == len);
}

/*
 * The comparison
 */
static inline void compare_from_host(struct host *host, const struct nvm_sqe *sqe, uint64_t len)
{
	uint8_t *got = malloc(len), *expect = malloc(len);
	uint64_t done = 0;
	emu_status_t status;

	assert_true(got && expect);
	reference(host, sqe, len, false);
	status = emu_data_from_host(&host->ctx, sqe, got, len);
	assert_int_equal(status, walk.status);
	for (unsigned int i = 0; !status && i < walk.n; i++) {
		host_read(host, walk.chunk[i].ioaddr, expect + done, walk.chunk[i].len);
		done += walk.chunk[i].len;
	}
	if (!status)
		assert_memory_equal(got, expect, len);
	free(got);
	free(expect);
}

static inline void compare_to_host(struct host *host, const struct nvm_sqe *sqe, uint64_t len)
{
	size_t size = (size_t)host->page_size * host->n_pages;
	uint8_t *data = malloc(len), *before = malloc(size), *got = malloc(size);
	uint64_t done = 0;
	emu_status_t status;

	assert_true(data && before && got);
	for (uint64_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 131 + (i >> 8));
	reference(host, sqe, len, true);
	memcpy(before, host->memory, size);
	status = emu_data_to_host(&host->ctx, sqe, data, len);
	assert_int_equal(status, walk.status);
	if (!status) {
		memcpy(got, host->memory, size);
		memcpy(host->memory, before, size);
		for (unsigned int i = 0; i < walk.n; i++) {
			if (walk.chunk[i].ioaddr != BUCKET)
				host_write(host, walk.chunk[i].ioaddr, data + done,
					   walk.chunk[i].len);
			done += walk.chunk[i].len;
		}
		/* Every byte of the host, not only those of the transfer. */
		assert_memory_equal(got, host->memory, size);
	}
	free(data);
	free(before);
	free(got);
}

/* In pieces of at most max elements. */
static inline void compare_pieces(struct host *host, const struct nvm_sqe *sqe, uint64_t len,
				  unsigned int max)
{
	struct emu_data data;
	struct iovec iov[8];
	uint64_t sum = 0, bytes;
	unsigned int n, n_total = 0;
	emu_status_t status;

	reference(host, sqe, len, false);
	status = emu_data_begin(&data, &host->ctx, sqe, len, false);
	assert_int_equal(status, 0);
	assert_int_equal(emu_data_check(&data), 0);
	while (!emu_data_over(&data)) {
		uint64_t here = 0;

		assert_int_equal(emu_data_next(&data, iov, max, &n, &bytes), 0);
		assert_in_range(n, 1, max);
		for (unsigned int i = 0; i < n; i++)
			here += iov[i].iov_len;
		assert_int_equal(here, bytes);
		sum += bytes;
		n_total += n;
	}
	assert_int_equal(sum, len);
	assert_true(n_total <= walk.n || NVM_SQE_PSDT(sqe->flags));
	assert_int_equal(emu_data_next(&data, iov, max, &n, &bytes), 0);
	assert_int_equal(n, 0);
}

static inline void fill(struct host *host)
{
	size_t size = (size_t)host->page_size * host->n_pages;

	for (size_t i = 0; i < size; i += 4) {
		uint32_t word = (uint32_t)(i * 2654435761U);

		memcpy(host->memory + i, &word, 4);
	}
}

#endif
