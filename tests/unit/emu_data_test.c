/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_data_test.c - the software controller's walk of PRP lists and SGLs, held against a second,
 * naive one that goes byte range by byte range through the specification's rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static uint32_t rnd(struct host *host, uint32_t below)
{
	host->seed = host->seed * 1664525U + 1013904223U;
	return (host->seed >> 8) % below;
}

static void shuffle(struct host *host, unsigned int *array)
{
	for (unsigned int i = 0; i < host->n_pages; i++)
		array[i] = i;
	for (unsigned int i = host->n_pages - 1; i; i--) {
		unsigned int k = rnd(host, i + 1), t = array[i];

		array[i] = array[k];
		array[k] = t;
	}
}

static void host_init(struct host *host, uint32_t page_size, unsigned int n_pages, uint32_t seed)
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

static void host_release(struct host *host)
{
	emu_dma_leave(host->ctx.slot);
	emu_dma_free(host->dma);
	free(host->memory);
	free(host->page);
	free(host->free);
}

static uint8_t *host_at(const struct host *host, uint64_t ioaddr)
{
	uint64_t offset = ioaddr - BASE;

	if (ioaddr < BASE || offset >= (uint64_t)host->n_pages * host->page_size)
		return NULL;
	return host->memory + (size_t)host->page[offset / host->page_size] * host->page_size +
	       offset % host->page_size;
}

static bool host_read(const struct host *host, uint64_t ioaddr, void *to, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const uint8_t *byte = host_at(host, ioaddr + i);

		if (!byte)
			return false;
		((uint8_t *)to)[i] = *byte;
	}
	return true;
}

static void host_write(const struct host *host, uint64_t ioaddr, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*host_at(host, ioaddr + i) = ((const uint8_t *)from)[i];
}

static uint64_t host_page(struct host *host)
{
	assert_true(host->n_used < host->n_pages);
	return BASE + (uint64_t)host->free[host->n_used++] * host->page_size;
}

static bool mapped(const struct host *host, uint64_t ioaddr, uint64_t len)
{
	return host_at(host, ioaddr) && host_at(host, ioaddr + len - 1) && ioaddr + len > ioaddr;
}

/*
 * The reference
 */
static bool failed(unsigned int code)
{
	walk.status = (emu_status_t)code;
	return false;
}

static bool add_chunk(const struct host *host, uint64_t ioaddr, uint64_t len)
{
	assert_true(walk.n < MAX_CHUNK);
	if (ioaddr != BUCKET && !mapped(host, ioaddr, len))
		return failed(NVM_SC_DATA_TRANSFER_ERROR);
	walk.chunk[walk.n++] = (struct chunk){ioaddr, len};
	walk.bytes += len;
	return true;
}

static bool reference_list(const struct host *host, uint64_t list, uint64_t left)
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

static bool reference_prp(const struct host *host, const struct nvm_sqe *sqe, uint64_t len)
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
static bool reference_segment(const struct host *host, const struct nvm_sgl_desc *desc,
			      uint64_t list, uint64_t n, char kind, uint64_t len, bool to_host)
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

static void reference(const struct host *host, const struct nvm_sqe *sqe, uint64_t len,
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
static void compare_from_host(struct host *host, const struct nvm_sqe *sqe, uint64_t len)
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

static void compare_to_host(struct host *host, const struct nvm_sqe *sqe, uint64_t len)
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
static void compare_pieces(struct host *host, const struct nvm_sqe *sqe, uint64_t len,
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

/*
 * PRP
 */

/* Describe len bytes in new pages, the first one from offset on, the list from list_offset on. */
static void build_prp(struct host *host, struct nvm_sqe *sqe, uint64_t len, uint32_t offset,
		      uint32_t list_offset)
{
	uint64_t left, list, slot;

	memset(sqe, 0, sizeof(*sqe));
	host->n_used = 0;
	sqe->prp1 = host_page(host) + offset;
	sqe->prp2 = 0xdeadbeefdeadbeefULL; /* not looked at, if not needed */
	if (len <= host->page_size - offset)
		return;
	left = len - (host->page_size - offset);
	if (left <= host->page_size) {
		sqe->prp2 = host_page(host);
		return;
	}
	list = host_page(host);
	sqe->prp2 = list + list_offset;
	slot = list_offset / 8;
	while (left) {
		uint64_t entry = host_page(host);

		host_write(host, list + slot * 8, &entry, 8);
		if (slot == host->page_size / 8 - 1 && left > host->page_size) {
			list = entry;
			slot = 0;
			continue;
		}
		slot++;
		left -= left < host->page_size ? left : host->page_size;
	}
}

static void fill(struct host *host)
{
	size_t size = (size_t)host->page_size * host->n_pages;

	for (size_t i = 0; i < size; i += 4) {
		uint32_t word = (uint32_t)(i * 2654435761U);

		memcpy(host->memory + i, &word, 4);
	}
}

static void prps_agree_around_page_edges(void **state)
{
	static const uint32_t offsets[] = {0, 4, 8, 508, 512, 2048, 4088, 4092};
	struct host host;
	struct nvm_sqe sqe;

	(void)state;
	host_init(&host, 4096, 16, 1);
	fill(&host);
	for (unsigned int o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
		for (uint64_t pages = 0; pages <= 4; pages++) {
			for (int64_t around = -8; around <= 8; around += 4) {
				int64_t len = (int64_t)(pages * 4096) + around;

				if (len <= 0)
					continue;
				build_prp(&host, &sqe, (uint64_t)len, offsets[o], 0);
				compare_from_host(&host, &sqe, (uint64_t)len);
				compare_to_host(&host, &sqe, (uint64_t)len);
				/* And ending exactly with a page. */
				len = (int64_t)(pages * 4096) - offsets[o];
				if (len <= 0)
					continue;
				build_prp(&host, &sqe, (uint64_t)len, offsets[o], 8);
				compare_from_host(&host, &sqe, (uint64_t)len);
			}
		}
	}
	host_release(&host);
}

static void prp_lists_agree_around_list_edges(void **state)
{
	static const unsigned int entries[] = {2,    3,    31,   32,   33,   510,  511,
					       512,  513,  514,  1022, 1023, 1024, 1025,
					       1026, 1533, 1534, 1535, 1536};
	static const uint32_t list_offsets[] = {0, 8, 2048, 4080, 4088};
	struct host host;
	struct nvm_sqe sqe;

	(void)state;
	host_init(&host, 4096, 1560, 2);
	fill(&host);
	for (unsigned int e = 0; e < sizeof(entries) / sizeof(entries[0]); e++) {
		for (unsigned int l = 0; l < sizeof(list_offsets) / sizeof(list_offsets[0]); l++) {
			uint64_t full = 4096 * (uint64_t)(entries[e] + 1);

			build_prp(&host, &sqe, full, 0, list_offsets[l]);
			compare_from_host(&host, &sqe, full);
			build_prp(&host, &sqe, full - 4096 - 512, 1024, list_offsets[l]);
			compare_from_host(&host, &sqe, full - 4096 - 512);
			compare_pieces(&host, &sqe, full - 4096 - 512, 3);
		}
	}
	host_release(&host);
}

/* Put one thing wrong, or nothing. */
static void damage_prp(struct host *host, struct nvm_sqe *sqe)
{
	uint64_t list = sqe->prp2 & ~(uint64_t)(host->page_size - 1), entry;
	uint32_t slot = rnd(host, host->page_size / 8);

	switch (rnd(host, 8)) {
	case 0:
		sqe->prp1 += 1 + rnd(host, 3);
		break;
	case 1:
		sqe->prp2 += 4 * (1 + rnd(host, 40));
		break;
	case 2:
		sqe->prp1 = 0x1000;
		break;
	case 3:
		sqe->prp2 = UINT64_MAX & ~4095ULL;
		break;
	case 4:
		if (host_read(host, list + slot * 8, &entry, 8)) {
			entry += 4;
			host_write(host, list + slot * 8, &entry, 8);
		}
		break;
	case 5:
		entry = 0;
		if (host_at(host, list))
			host_write(host, list + slot * 8, &entry, 8);
		break;
	default:
		break;
	}
}

static void random_prps_agree(void **state)
{
	static const uint32_t page_sizes[] = {4096, 8192, 65536};
	unsigned int good = 0, bad = 0;

	(void)state;
	for (unsigned int p = 0; p < 3; p++) {
		struct host host;

		host_init(&host, page_sizes[p], 40, 100 + p);
		for (unsigned int i = 0; i < (p == 2 ? 60U : 400U); i++) {
			uint64_t len = 4 * (1ULL + rnd(&host, host.page_size * 30 / 4));
			uint32_t offset = 4 * rnd(&host, host.page_size / 4);
			uint32_t list_offset = 8 * rnd(&host, host.page_size / 8);
			struct nvm_sqe sqe;

			/* Near the end of the page, where it gets interesting. */
			if (rnd(&host, 2))
				list_offset = host.page_size - 8 * (1 + rnd(&host, 30));
			fill(&host);
			build_prp(&host, &sqe, len, offset, list_offset);
			if (i % 2)
				damage_prp(&host, &sqe);
			compare_from_host(&host, &sqe, len);
			good += !walk.status;
			bad += !!walk.status;
			if (!walk.status)
				compare_pieces(&host, &sqe, len, 1 + rnd(&host, 8));
			compare_to_host(&host, &sqe, len);
		}
		host_release(&host);
	}
	/* Both kinds were there. */
	assert_true(good > 300 && bad > 100);
}

static void contiguous_pages_are_one_piece(void **state)
{
	static uint8_t memory[4 * 4096];
	struct emu_data data;
	struct host host;
	struct nvm_sqe sqe = {.prp1 = 0x1000, .prp2 = 0x2000};
	struct iovec iov[4];
	unsigned int n;
	uint64_t bytes;

	(void)state;
	host_init(&host, 4096, 4, 3);
	emu_dma_leave(host.ctx.slot);
	assert_int_equal(emu_dma_add(host.dma, 0x1000, memory, sizeof(memory), true), 0);
	emu_dma_enter(host.ctx.slot);
	assert_int_equal(emu_data_begin(&data, &host.ctx, &sqe, 8192, true), 0);
	assert_int_equal(emu_data_next(&data, iov, 1, &n, &bytes), 0);
	assert_int_equal(n, 1);
	assert_int_equal(bytes, 8192);
	assert_ptr_equal(iov[0].iov_base, memory);
	assert_true(emu_data_over(&data));
	host_release(&host);
}

/*
 * SGL
 */
static struct nvm_sgl_desc descriptor(unsigned int type, uint64_t addr, uint32_t len)
{
	return (struct nvm_sgl_desc){
		.addr = addr, .length = len, .type = (uint8_t)NVM_FIELD(SGL_TYPE, type)};
}

/* A random piece of the host's memory, of any alignment; may span pages. */
static struct nvm_sgl_desc random_block(struct host *host, uint32_t len)
{
	uint32_t room = (host->n_pages - 4) * host->page_size - len;

	/* The last pages hold the segments. */
	return descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE + rnd(host, room), len);
}

/*
 * len bytes as an SGL: blocks, empty blocks and bit buckets, cut into segments. Returns the number
 * of segments and how many descriptors the last one has.
 */
static unsigned int build_sgl(struct host *host, struct nvm_sqe *sqe, uint64_t len, bool to_host)
{
	uint64_t at = BASE + (uint64_t)(host->n_pages - 4) * host->page_size;
	struct nvm_sgl_desc *link = &sqe->sgl1;
	uint64_t link_at = 0;
	unsigned int n_segments = 0;

	memset(sqe, 0, sizeof(*sqe));
	sqe->flags = (uint8_t)NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER);
	for (bool last = false; !last; n_segments++) {
		unsigned int n = 1 + rnd(host, 40), i;
		struct nvm_sgl_desc desc[64], to_here;

		last = !rnd(host, 3) || n_segments == 5;
		for (i = 0; i < n; i++) {
			uint32_t some = len > 1 ? 1 + rnd(host, (uint32_t)len / 2) : (uint32_t)len;

			if (!rnd(host, 5))
				some = 0;
			else if (last && i == n - 1)
				some = (uint32_t)len;
			desc[i] = random_block(host, some);
			if (!rnd(host, 6))
				desc[i] = descriptor(NVM_SGL_TYPE_BIT_BUCKET, 0x123, some);
			if (to_host || NVM_SGL_TYPE(desc[i].type) != NVM_SGL_TYPE_BIT_BUCKET)
				len -= some;
		}
		if (last && len) {
			desc[n++] = random_block(host, (uint32_t)len);
			len = 0;
		}
		to_here = descriptor(last ? NVM_SGL_TYPE_LAST_SEGMENT : NVM_SGL_TYPE_SEGMENT, at,
				     (n + !last) * 16);
		if (link)
			*link = to_here;
		else
			host_write(host, link_at, &to_here, 16);
		link = NULL;
		host_write(host, at, desc, n * 16);
		link_at = at + n * 16;
		at = link_at + 16 + 8 * (uint64_t)rnd(host, 8);
	}
	return n_segments;
}

static void damage_sgl(struct host *host, struct nvm_sqe *sqe)
{
	struct nvm_sgl_desc desc;
	uint32_t n = sqe->sgl1.length / 16;
	uint64_t at = sqe->sgl1.addr + 16ULL * rnd(host, n);

	switch (rnd(host, 9)) {
	case 0:
		sqe->sgl1.length -= 1 + rnd(host, 15);
		break;
	case 1:
		sqe->sgl1.addr += 1 + rnd(host, 7);
		break;
	case 2:
		sqe->sgl1.length -= 16; /* loses the link, or the last block */
		break;
	case 3:
		sqe->sgl1.type |= 0x1;
		break;
	case 4:
		sqe->sgl1.type ^= 0x10; /* segment <-> last segment */
		break;
	default:
		host_read(host, at, &desc, 16);
		if (rnd(host, 2))
			desc.type = (uint8_t)(rnd(host, 7) << 4);
		else if (rnd(host, 2))
			desc.length += 5;
		else
			desc.addr = UINT64_MAX - rnd(host, 100);
		host_write(host, at, &desc, 16);
		break;
	}
}

static void random_sgls_agree(void **state)
{
	unsigned int good = 0, bad = 0;
	struct host host;

	(void)state;
	host_init(&host, 4096, 20, 77);
	for (unsigned int i = 0; i < 2000; i++) {
		uint64_t len = 1 + rnd(&host, 50000);
		bool to_host = rnd(&host, 2);
		struct nvm_sqe sqe;

		fill(&host);
		build_sgl(&host, &sqe, len, to_host);
		if (i % 2)
			damage_sgl(&host, &sqe);
		if (to_host)
			compare_to_host(&host, &sqe, len);
		else
			compare_from_host(&host, &sqe, len);
		good += !walk.status;
		bad += !!walk.status;
		if (!walk.status && !to_host)
			compare_pieces(&host, &sqe, len, 1 + rnd(&host, 8));
	}
	assert_true(good > 800 && bad > 500);
	host_release(&host);
}

/* One segment with the given descriptors; what does a transfer of len bytes end with? */
static emu_status_t sgl_status(struct host *host, const struct nvm_sgl_desc *desc, unsigned int n,
			       unsigned int kind, uint64_t len)
{
	static uint8_t buf[65536];
	uint64_t at = BASE + 2ULL * host->page_size;
	struct nvm_sqe sqe = {.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER)};

	host_write(host, at, desc, n * 16);
	sqe.sgl1 = descriptor(kind, at, n * 16);
	return emu_data_from_host(&host->ctx, &sqe, buf, len);
}

static void sgl_errors_have_the_specified_status(void **state)
{
	const unsigned int last = NVM_SGL_TYPE_LAST_SEGMENT, segment = NVM_SGL_TYPE_SEGMENT;
	struct nvm_sgl_desc block = descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE, 512);
	struct nvm_sgl_desc link = descriptor(last, BASE + 3 * 4096, 16);
	struct nvm_sgl_desc d[3] = {block, block, block};
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 9);
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), NVM_SC_SUCCESS);
	assert_int_equal(sgl_status(&host, d, 2, last, 1025),
			 EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	assert_int_equal(sgl_status(&host, d, 2, last, 1023),
			 EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	assert_int_equal(sgl_status(&host, d, 3, last, 1024),
			 EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	d[2].length = 0;
	assert_int_equal(sgl_status(&host, d, 3, last, 1024), NVM_SC_SUCCESS);
	d[2] = link;
	assert_int_equal(sgl_status(&host, d, 3, last, 1024), EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT));
	d[1] = link;
	assert_int_equal(sgl_status(&host, d, 3, last, 1024), EMU_FAIL(NVM_SC_SGL_INVALID_NUMBER));
	d[1] = block;
	/* A segment that is not the last one names the next. */
	assert_int_equal(sgl_status(&host, d, 2, segment, 1024),
			 EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT));
	d[0].type = NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_KEYED_DATA_BLOCK);
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), EMU_FAIL(NVM_SC_SGL_TYPE_INVALID));
	d[0].type = NVM_FIELD(SGL_SUBTYPE, NVM_SGL_SUBTYPE_OFFSET);
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), EMU_FAIL(NVM_SC_SGL_TYPE_INVALID));
	d[0] = block;
	d[0].addr = 0x10;
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(emu_dma_faults(host.dma), 1);
	host_release(&host);
}

static void an_endless_chain_of_segments_ends(void **state)
{
	uint64_t at = BASE + 2 * 4096;
	struct nvm_sgl_desc self = descriptor(NVM_SGL_TYPE_SEGMENT, at, 16);
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 10);
	assert_int_equal(sgl_status(&host, &self, 1, NVM_SGL_TYPE_SEGMENT, 512),
			 EMU_FAIL(NVM_SC_SGL_INVALID_NUMBER));
	host_release(&host);
}

static void a_contiguous_block_needs_no_segment(void **state)
{
	struct nvm_sqe sqe = {.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER)};
	struct host host;

	(void)state;
	host_init(&host, 4096, 8, 11);
	fill(&host);
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE + 1, 20000);
	compare_from_host(&host, &sqe, 20000);
	assert_int_equal(walk.status, 0);
	compare_to_host(&host, &sqe, 20000);
	compare_from_host(&host, &sqe, 19999);
	assert_int_equal(walk.status, EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	compare_from_host(&host, &sqe, 20001);
	assert_int_equal(walk.status, EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_BIT_BUCKET, 0, 5000);
	compare_to_host(&host, &sqe, 5000);
	assert_int_equal(walk.status, 0);
	host_release(&host);
}

static void what_is_not_supported_is_refused(void **state)
{
	struct nvm_sqe sqe = {.flags = 0};
	uint8_t buf[512];
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 12);
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE, 512);
	for (unsigned int psdt = 2; psdt < 4; psdt++) {
		sqe.flags = (uint8_t)NVM_FIELD(SQE_PSDT, psdt);
		assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512),
				 EMU_FAIL(NVM_SC_INVALID_FIELD));
	}
	sqe.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER);
	assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512), 0);
	host.ctx.sgl = false;
	assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
	host.ctx.sgl = true;
	host.ctx.discard = NULL;
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_BIT_BUCKET, 0, 512);
	assert_int_equal(emu_data_to_host(&host.ctx, &sqe, buf, 512),
			 EMU_FAIL(NVM_SC_SGL_TYPE_INVALID));
	host_release(&host);
}

static void a_read_only_mapping_is_no_destination(void **state)
{
	static uint8_t memory[4096];
	struct nvm_sqe sqe = {.prp1 = 0x1000};
	uint8_t buf[512] = {1};
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 13);
	emu_dma_leave(host.ctx.slot);
	assert_int_equal(emu_dma_add(host.dma, 0x1000, memory, sizeof(memory), false), 0);
	emu_dma_enter(host.ctx.slot);
	assert_int_equal(emu_data_to_host(&host.ctx, &sqe, buf, 512), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(memory[0], 0);
	assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512), 0);
	assert_int_equal(buf[0], 0);
	assert_int_equal(emu_dma_faults(host.dma), 1);
	host_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prps_agree_around_page_edges),
		cmocka_unit_test(prp_lists_agree_around_list_edges),
		cmocka_unit_test(random_prps_agree),
		cmocka_unit_test(contiguous_pages_are_one_piece),
		cmocka_unit_test(random_sgls_agree),
		cmocka_unit_test(sgl_errors_have_the_specified_status),
		cmocka_unit_test(an_endless_chain_of_segments_ends),
		cmocka_unit_test(a_contiguous_block_needs_no_segment),
		cmocka_unit_test(what_is_not_supported_is_refused),
		cmocka_unit_test(a_read_only_mapping_is_no_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
