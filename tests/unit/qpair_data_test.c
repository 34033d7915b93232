/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_data_test.c - data pointers of requests, read from the ring and walked like a device does: PRPs,
 * buffer tables, chained list pages, SGLs; at all edges, and at random beyond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "support/qpair_device.h"
#include "support/qpair_walker.h"

#define BLOCK 512

/* One queue pair and some buffers whose pages lie on the bus in different ways. */
struct data_fixture {
	struct qd *d;
	nvm_qpair_t *qp;
	nvm_ns_t ns;
	nvm_buf_t *bufs[3];
};

static struct data_fixture begin_data(uint32_t page_size, bool prp_only, uint32_t n_lists,
				      size_t buf_size)
{
	static const enum qd_layout layouts[] = {QD_CONTIGUOUS, QD_SCATTERED, QD_RUNS};
	struct data_fixture t = {.d = qd_start(page_size)};

	for (int i = 0; i < 3; ++i) {
		t.d->layout = layouts[i];
		t.bufs[i] = qd_buf(t.d, buf_size);
	}
	assert_true(t.bufs[0]->contiguous);
	assert_false(t.bufs[1]->contiguous);
	t.d->layout = QD_SCATTERED;
	t.qp = qd_qpair(t.d, page_size == 4096 ? 64 : 16, n_lists, prp_only);
	assert_int_equal(t.qp->use_sgl, !prp_only);
	t.ns = qd_ns(t.d);
	assert_int_equal(t.ns.max_blocks, 65536);
	return t;
}

static void end_data(struct data_fixture *t)
{
	assert_int_equal(nvm_qpair_in_flight(t->qp), 0);
	assert_int_equal(t->qp->priv->requests.lists.n_free, t->qp->priv->requests.lists.n);
	nvm_qpair_destroy(t->qp);
	for (int i = 0; i < 3; ++i)
		nvm_buf_destroy(t->bufs[i]);
	qd_stop(t->d);
}

/* Fetch, check and complete whatever is submitted for a request of @vec, until it has completed. */
static unsigned int serve(struct data_fixture *t, const struct nvm_io_vec *vec, size_t n,
			  uint64_t lba, uint64_t n_blocks)
{
	struct qwalk w = {.d = t->d, .vec = vec, .n = n};
	unsigned int n_commands = 0;
	struct nvm_sqe sqe;
	nvm_done_t done;

	while (qd_fetch(t->d, &sqe)) {
		assert_int_equal(qd_lba(&sqe), lba);
		assert_true(qd_blocks(&sqe) <= n_blocks);
		qwalk(&w, &sqe, (uint64_t)qd_blocks(&sqe) * BLOCK);
		lba += qd_blocks(&sqe);
		n_blocks -= qd_blocks(&sqe);
		qd_post(t->d, sqe.cid, 0, 0);
		++n_commands;
		if (nvm_qpair_reap(t->qp, &done, 1) == 1) {
			assert_int_equal(done.status, 0);
			assert_ptr_equal(done.arg, t);
			assert_int_equal(n_blocks, 0);
			assert_int_equal(w.n, 0);
			return n_commands;
		}
	}
	fail_msg("a request does not go on, %llu blocks before its end",
		 (unsigned long long)n_blocks);
	return 0;
}

static void check_one(struct data_fixture *t, const nvm_buf_t *buf, size_t offset, size_t size)
{
	struct nvm_io_vec vec = {.buf = buf, .offset = offset, .size = size};

	if (offset + size > buf->size)
		return;
	if (nvm_qpair_read(t->qp, &t->ns, buf, offset, 77, (uint32_t)(size / BLOCK), NULL, t) != 0)
		fail_msg("%s", nvm_errmsg());
	serve(t, &vec, 1, 77, size / BLOCK);
}

/* Sizes and offsets around every number of entries that matters, in each buffer. */
static void check_edges(uint32_t page_size, bool prp_only)
{
	const size_t per = page_size / 8;
	const size_t counts[] = {0,           1,       2,   3,       per / 2 - 1, per / 2,
				 per / 2 + 1, per - 1, per, per + 1, 2 * per};
	const size_t pages[] = {0,           1,       2,       per / 2 - 1, per / 2,
				per / 2 + 1, per - 2, per - 1, per,         per + 1};
	const size_t in_page[] = {0, 4, BLOCK, page_size / 2, page_size - BLOCK, page_size - 4};
	struct data_fixture t = begin_data(page_size, prp_only, 0, (3 * per + 4) * page_size);

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); ++c)
		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); ++p)
			for (size_t i = 0; i < sizeof(in_page) / sizeof(in_page[0]); ++i)
				for (size_t b = 0; b < 3; ++b) {
					size_t offset = pages[p] * page_size + in_page[i];
					size_t size = counts[c] * page_size;

					if (size >= BLOCK)
						check_one(&t, t.bufs[b], offset,
							  size - BLOCK + BLOCK);
					if (size > BLOCK)
						check_one(&t, t.bufs[b], offset, size - BLOCK);
					check_one(&t, t.bufs[b], offset, size + BLOCK);
				}
	end_data(&t);
}

static void every_edge_with_prps(void **state)
{
	(void)state;
	check_edges(4096, true);
}

static void every_edge_with_sgls(void **state)
{
	(void)state;
	check_edges(4096, false);
}

static void every_edge_with_pages_of_8k(void **state)
{
	(void)state;
	check_edges(8192, true);
}

/* All small sizes at all offsets; with larger pages, at many. */
static void check_small(uint32_t page_size, bool prp_only)
{
	struct data_fixture t = begin_data(page_size, prp_only, 0, 8 * page_size);
	size_t step = page_size == 4096 ? 4 : page_size / 32 - 4;

	for (size_t size = BLOCK; size <= 4 * page_size; size += BLOCK * (page_size / 4096))
		for (size_t offset = 0; offset < 2 * page_size; offset += step)
			for (size_t b = 0; b < 3; ++b)
				check_one(&t, t.bufs[b], offset, size);
	end_data(&t);
}

static void all_page_sizes(void **state)
{
	(void)state;
	for (uint32_t page_size = 4096; page_size <= 65536; page_size *= 2) {
		check_small(page_size, true);
		check_small(page_size, false);
	}
}

static void check_random(bool prp_only, uint32_t n_lists)
{
	struct data_fixture t = begin_data(4096, prp_only, n_lists, 5 << 20);

	for (int i = 0; i < 3000; ++i) {
		size_t size = (1 + qd_random(t.d, 8192)) * BLOCK;
		size_t offset = qd_random(t.d, (uint32_t)(((5 << 20) - size) / 4 + 1)) * 4;

		check_one(&t, t.bufs[i % 3], offset, size);
	}
	end_data(&t);
}

static void random_sizes_and_offsets(void **state)
{
	(void)state;
	check_random(true, 0);
	check_random(false, 0);
	/* One list page: what is longer goes out in several commands. */
	check_random(true, 1);
	check_random(false, 1);
}

#define MAX_VEC 600

/* Pieces that PRPs can describe: all edges but the first and the last at pages. */
static size_t paged_pieces(struct data_fixture *t, struct nvm_io_vec *vec, size_t most)
{
	size_t n = 1 + qd_random(t->d, 8), total = 0;

	for (size_t i = 0; i < n; ++i) {
		size_t pages = 1 + qd_random(t->d, (uint32_t)(most / n));
		size_t first = i == 0 ? qd_random(t->d, 1024) * 4 : 0;

		vec[i].buf = t->bufs[qd_random(t->d, 3)];
		vec[i].offset = qd_random(t->d, 64) * 4096 + first;
		vec[i].size = pages * 4096 - first;
		total += vec[i].size;
	}
	/* Whole blocks, and an end inside of a page now and then. */
	vec[n - 1].size += BLOCK - total % BLOCK;
	if (vec[n - 1].size > 4096 && qd_random(t->d, 2) == 0)
		vec[n - 1].size -= BLOCK * qd_random(t->d, 7);
	return n;
}

/* Pieces of any length and place, multiples of 4. */
static size_t any_pieces(struct data_fixture *t, struct nvm_io_vec *vec, size_t most)
{
	size_t n = 1 + qd_random(t->d, MAX_VEC - 1), total = 0;

	for (size_t i = 0; i < n; ++i) {
		vec[i].buf = t->bufs[qd_random(t->d, 3)];
		vec[i].offset = qd_random(t->d, 200000) * 4;
		vec[i].size = (1 + qd_random(t->d, (uint32_t)most)) * 4;
		/* Often where the last one ended. */
		if (i > 0 && qd_random(t->d, 3) == 0) {
			vec[i].buf = vec[i - 1].buf;
			vec[i].offset = vec[i - 1].offset + vec[i - 1].size;
		}
		if (vec[i].offset + vec[i].size + BLOCK > vec[i].buf->size)
			vec[i].offset = 0;
		total += vec[i].size;
	}
	vec[n - 1].size += BLOCK - total % BLOCK;
	return n;
}

static unsigned int check_vec(struct data_fixture *t, const struct nvm_io_vec *vec, size_t n)
{
	struct nvm_io io = {
		.ns = &t->ns,
		.opcode = NVM_IO_WRITE,
		.lba = 1234,
		.data = vec,
		.n_data = n,
		.arg = t,
	};
	size_t size = 0;

	for (size_t i = 0; i < n; ++i)
		size += vec[i].size;
	io.n_blocks = size / BLOCK;
	if (nvm_qpair_io(t->qp, &io) != 0)
		fail_msg("%s", nvm_errmsg());
	return serve(t, vec, n, 1234, io.n_blocks);
}

static void many_buffers_with_prps(void **state)
{
	struct nvm_io_vec vec[8];

	(void)state;
	for (uint32_t n_lists = 0; n_lists < 3; ++n_lists) {
		struct data_fixture t = begin_data(4096, true, n_lists, 5 << 20);

		for (int i = 0; i < 2000; ++i) {
			size_t n = paged_pieces(&t, vec, i % 16 == 0 ? 1024 : 20);

			check_vec(&t, vec, n);
		}
		end_data(&t);
	}
}

static void many_buffers_with_sgls(void **state)
{
	static struct nvm_io_vec vec[MAX_VEC];

	(void)state;
	for (uint32_t n_lists = 0; n_lists < 3; ++n_lists) {
		struct data_fixture t = begin_data(4096, false, n_lists, 5 << 20);

		for (int i = 0; i < 600; ++i) {
			size_t n = i % 3 == 0 ? paged_pieces(&t, vec, 300)
					      : any_pieces(&t, vec, i % 3 == 1 ? 40 : 4000);

			check_vec(&t, vec, n);
		}
		end_data(&t);
	}
}

/* The number of list pages, and how the last slot of one is used. */
static void list_pages_are_counted_exactly(void **state)
{
	static const struct {
		size_t n_entries;
		unsigned int n_lists;
	} cases[] = {{2, 1},    {511, 1},  {512, 1},  {513, 2},  {1022, 2},
		     {1023, 2}, {1024, 3}, {1533, 3}, {1534, 3}, {1535, 4}};
	struct data_fixture t = begin_data(4096, true, 0, 8 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
		/* Two buffers, so that no table serves it. */
		struct nvm_io_vec vec[2] = {
			{.buf = t.bufs[1], .offset = 0, .size = 4096},
			{.buf = t.bufs[0], .offset = 4096, .size = cases[i].n_entries * 4096},
		};
		struct nvm_io io = {
			.ns = &t.ns,
			.opcode = NVM_IO_READ,
			.n_blocks = (cases[i].n_entries + 1) * 8,
			.data = vec,
			.n_data = 2,
		};
		struct qwalk w = {.d = t.d, .vec = vec, .n = 2};
		const struct nvmi_lists *lists = &t.qp->priv->requests.lists;
		struct nvm_sqe sqe;
		nvm_done_t done;

		assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
		assert_int_equal(lists->n - lists->n_free, cases[i].n_lists);
		assert_true(qd_fetch(t.d, &sqe));
		qwalk(&w, &sqe, io.n_blocks * BLOCK);
		assert_int_equal(w.n_lists, cases[i].n_lists);
		assert_int_equal(w.n_entries, cases[i].n_entries + cases[i].n_lists - 1);
		qd_post(t.d, sqe.cid, 0, 0);
		assert_int_equal(nvm_qpair_reap(t.qp, &done, 1), 1);
		assert_int_equal(lists->n_free, lists->n);
	}
	end_data(&t);
}

static void what_is_contiguous_is_one_descriptor(void **state)
{
	struct data_fixture t = begin_data(4096, false, 0, 5 << 20);
	struct nvm_io_vec vec[3] = {
		{.buf = t.bufs[0], .offset = 4, .size = 1000},
		{.buf = t.bufs[0], .offset = 1004, .size = 100000},
		{.buf = t.bufs[0], .offset = 101004, .size = 512 * 200 - 101000},
	};
	struct nvm_io io = {
		.ns = &t.ns, .opcode = NVM_IO_READ, .n_blocks = 200, .data = vec, .n_data = 3};
	struct nvm_sqe sqe;
	nvm_done_t done;

	(void)state;
	assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	assert_true(qd_fetch(t.d, &sqe));
	assert_int_equal(NVM_SQE_PSDT(sqe.flags), NVM_PSDT_SGL_MPTR_BUFFER);
	assert_int_equal(sqe.sgl1.type, 0);
	assert_int_equal(sqe.sgl1.length, 200 * BLOCK);
	assert_int_equal(sqe.sgl1.addr, t.bufs[0]->ioaddrs[0] + 4);
	qd_post(t.d, sqe.cid, 0, 0);
	assert_int_equal(nvm_qpair_reap(t.qp, &done, 1), 1);
	end_data(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_edge_with_prps),
		cmocka_unit_test(every_edge_with_sgls),
		cmocka_unit_test(every_edge_with_pages_of_8k),
		cmocka_unit_test(all_page_sizes),
		cmocka_unit_test(random_sizes_and_offsets),
		cmocka_unit_test(many_buffers_with_prps),
		cmocka_unit_test(many_buffers_with_sgls),
		cmocka_unit_test(list_pages_are_counted_exactly),
		cmocka_unit_test(what_is_contiguous_is_one_descriptor),
	};

	return cmocka_run_group_tests_name("qpair_data", tests, NULL, NULL);
}
