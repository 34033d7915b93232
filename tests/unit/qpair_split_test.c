/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_split_test.c - requests of several commands: where they are split, how they go on, what comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "support/qpair_device.h"
#include "support/qpair_walker.h"

#define BLOCK       512
#define MAX_FETCHED 4096

struct split_fixture {
	struct qd *d;
	nvm_qpair_t *qp;
	nvm_ns_t ns;
	nvm_buf_t *buf;
	struct nvm_sqe sqes[MAX_FETCHED];
	unsigned int n;      /* fetched */
	unsigned int n_done; /* requests completed */
	nvm_done_t done[MAX_FETCHED];
};

/* @mdts: log2 of pages of 4 KiB, 0 = none */
static struct split_fixture *begin_split(uint8_t mdts, uint16_t noiob, uint32_t depth,
					 uint32_t n_lists)
{
	struct split_fixture *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->d = qd_start(4096);
	t->d->id.mdts = mdts;
	t->d->ns.noiob = noiob;
	t->d->layout = QD_SCATTERED;
	t->buf = qd_buf(t->d, 8 << 20);
	t->qp = qd_qpair(t->d, depth, n_lists, true);
	t->ns = qd_ns(t->d);
	return t;
}

static void end_split(struct split_fixture *t)
{
	nvm_qpair_destroy(t->qp);
	nvm_buf_destroy(t->buf);
	qd_stop(t->d);
	free(t);
}

static unsigned int fetch_all(struct split_fixture *t)
{
	unsigned int n = 0;

	while (t->n < MAX_FETCHED && qd_fetch(t->d, &t->sqes[t->n])) {
		++t->n;
		++n;
	}
	return n;
}

/* Complete a fetched command, and collect what has ended with it. */
static void complete(struct split_fixture *t, unsigned int i, unsigned int status)
{
	qd_post(t->d, t->sqes[i].cid, status, 99);
	t->n_done += nvm_qpair_reap(t->qp, &t->done[t->n_done], 8);
}

static void completed_in_order(void *arg, int status, uint32_t result)
{
	(void)result;
	assert_int_equal(status, 0);
	++*(unsigned int *)arg;
}

static void read_blocks(struct split_fixture *t, uint64_t lba, uint32_t n, void *arg)
{
	if (nvm_qpair_read(t->qp, &t->ns, t->buf, 0, lba, n, NULL, arg) != 0)
		fail_msg("%s", nvm_errmsg());
}

/* All commands of a request, whatever the order of completion: exact tiling of its blocks. */
static void check_tiling(struct split_fixture *t, uint64_t lba, uint64_t n_blocks)
{
	struct nvm_io_vec vec = {.buf = t->buf, .size = n_blocks * BLOCK};
	struct qwalk w = {.d = t->d, .vec = &vec, .n = 1};
	unsigned int at = 0;

	t->n = t->n_done = 0;
	read_blocks(t, lba, (uint32_t)n_blocks, t);
	while (t->n_done == 0) {
		uint64_t n;

		fetch_all(t);
		assert_true(at < t->n);
		n = qd_blocks(&t->sqes[at]);
		assert_int_equal(qd_lba(&t->sqes[at]), lba);
		assert_true(n <= n_blocks && n <= t->ns.max_blocks);
		if (t->ns.boundary != 0) {
			assert_int_equal(lba / t->ns.boundary, (lba + n - 1) / t->ns.boundary);
			/* None is split without a reason. */
			assert_true(n == n_blocks || n == t->ns.max_blocks ||
				    (lba + n) % t->ns.boundary == 0);
		}
		qwalk(&w, &t->sqes[at], n * BLOCK);
		lba += n;
		n_blocks -= n;
		complete(t, at++, 0);
	}
	assert_int_equal(n_blocks, 0);
	assert_int_equal(t->done[0].status, 0);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 0);
}

static void splits_at_mdts(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 16, 0);
	static const uint64_t sizes[] = {1, 31, 32, 33, 63, 64, 65, 1000, 4096};

	(void)state;
	assert_int_equal(t->ns.max_blocks, 32);
	assert_int_equal(t->ns.plain_blocks, 32);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
		check_tiling(t, 0, sizes[i]);
		check_tiling(t, t->ns.n_blocks - sizes[i], sizes[i]);
	}
	end_split(t);
}

/* NOIOB need not be a power of two. */
static void splits_at_boundaries(void **state)
{
	static const uint16_t boundaries[] = {1, 2, 7, 24, 32, 33, 100, 256, 999};

	(void)state;
	for (size_t i = 0; i < sizeof(boundaries) / sizeof(boundaries[0]); ++i) {
		struct split_fixture *t = begin_split(2, boundaries[i], 16, 0);

		assert_int_equal(t->ns.boundary, boundaries[i]);
		assert_int_equal(t->ns.plain_blocks, 0);
		for (uint64_t lba = 0; lba < 80; lba += 7)
			for (uint64_t n = 1; n < 140; n += 13)
				check_tiling(t, lba, n);
		end_split(t);
	}
}

static void splits_at_65536_blocks(void **state)
{
	struct split_fixture *t = begin_split(0, 0, 16, 0);
	uint64_t lba = 5;

	(void)state;
	assert_int_equal(nvm_qpair_write_zeroes(t->qp, &t->ns, lba, 3 * 65536 + 1, true, NULL, t),
			 0);
	for (unsigned int i = 0; i < 4; ++i) {
		fetch_all(t);
		assert_int_equal(t->sqes[i].opc, NVM_IO_OPC_WRITE_ZEROES);
		assert_int_equal(qd_lba(&t->sqes[i]), lba);
		assert_int_equal(qd_blocks(&t->sqes[i]), i < 3 ? 65536 : 1);
		assert_int_equal(t->sqes[i].cdw12 & 0xffff0000U, NVM_FIELD(RW_DEAC, 1));
		assert_int_equal(t->sqes[i].prp1, 0);
		lba += 65536;
		assert_int_equal(t->n_done, 0);
		complete(t, i, 0);
	}
	assert_int_equal(t->n_done, 1);
	assert_int_equal(t->done[0].result, 0);
	end_split(t);
}

/* The lowest block counts, in whatever order failures come in; and nothing is submitted after one. */
static void lowest_failed_block_gives_the_status(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 16, 0);

	(void)state;
	read_blocks(t, 0, 32 * 100, t);
	assert_int_equal(fetch_all(t), 7); /* half of the queue */
	complete(t, 4, 0x281);             /* 281h: Unrecovered Read Error */
	assert_int_equal(fetch_all(t), 0);
	complete(t, 2, 0x280);
	complete(t, 6, 0x282);
	complete(t, 0, 0);
	complete(t, 1, 0);
	complete(t, 5, 0x283);
	assert_int_equal(t->n_done, 0);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 1);
	complete(t, 3, 0x284);
	assert_int_equal(t->n_done, 1);
	assert_int_equal(t->done[0].status, -0x280);
	assert_int_equal(fetch_all(t), 0);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 0);
	end_split(t);
}

/* Parts go on from poll alone, with all other slots taken by plain requests. */
static void goes_on_in_a_full_queue(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 8, 0);
	unsigned int n_done = 0, n_plain = 0, n_parts = 0, at = 0;

	(void)state;
	while (nvm_qpair_read(t->qp, &t->ns, t->buf, 0, 0, 1, completed_in_order, &n_done) == 0)
		++n_plain;
	assert_int_equal(n_plain, 7);
	/* One free slot. */
	fetch_all(t);
	qd_post(t->d, t->sqes[0].cid, 0, 0);
	assert_int_equal(nvm_qpair_poll(t->qp, 8), 1);
	assert_int_equal(
		nvm_qpair_read(t->qp, &t->ns, t->buf, 0, 0, 32 * 20, completed_in_order, &n_done),
		0);
	assert_int_equal(nvm_qpair_read(t->qp, &t->ns, t->buf, 0, 0, 1, NULL, NULL), EAGAIN);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 7);
	at = t->n;
	while (n_done < 2) {
		assert_int_equal(fetch_all(t), 1);
		++n_parts;
		assert_int_equal(qd_blocks(&t->sqes[at]), 32);
		qd_post(t->d, t->sqes[at].cid, 0, 0);
		nvm_qpair_poll(t->qp, 8);
		++at;
	}
	assert_int_equal(n_parts, 20);
	for (unsigned int i = 1; i < 7; ++i)
		qd_post(t->d, t->sqes[i].cid, 0, 0);
	assert_int_equal(nvm_qpair_poll(t->qp, 8), 6);
	end_split(t);
}

/* Two long requests in a queue with room for one command: each gets its turn. */
static void long_requests_take_turns(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 3, 0);
	unsigned int n[2] = {0, 0};
	int a, b;

	(void)state;
	read_blocks(t, 0, 32 * 10, &a);
	read_blocks(t, 100000, 32 * 10, &b);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 2);
	for (unsigned int i = 0; t->n_done < 2; ++i) {
		fetch_all(t);
		assert_true(i < t->n);
		++n[qd_lba(&t->sqes[i]) >= 100000];
		assert_true(n[0] <= n[1] + 2 && n[1] <= n[0] + 2);
		complete(t, i, 0);
	}
	assert_int_equal(n[0], 10);
	assert_int_equal(n[1], 10);
	end_split(t);
}

/* A long request leaves room: half of a small queue, and no more than 32 commands of a large one. */
static void leaves_room_for_others(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 1024, 0);

	(void)state;
	read_blocks(t, 0, 32 * 200, t);
	assert_int_equal(fetch_all(t), NVMI_QPAIR_PARTS);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 1);
	for (unsigned int i = 0; t->n_done == 0; ++i) {
		complete(t, i, 0);
		fetch_all(t);
	}
	assert_int_equal(t->n, 200);
	end_split(t);
}

/* Requests with lists, more of them than there are pages: they wait inside, in order. */
static void waits_for_list_pages(void **state)
{
	struct split_fixture *t = begin_split(0, 0, 64, 3);
	/* Of two pieces: the buffer's table does not serve it. Three list pages, then one each. */
	struct nvm_io_vec big[2] = {{t->buf, 4096, 4096}, {t->buf, 16384, 1100 * 4096}};
	struct nvm_io_vec small[2] = {{t->buf, 0, 4096}, {t->buf, 16384, 8192}};
	struct nvm_io io = {.ns = &t->ns, .opcode = NVM_IO_WRITE, .n_data = 2};
	int tags[5];

	(void)state;
	io.data = small;
	io.n_blocks = 24;
	io.arg = &tags[0];
	assert_int_equal(nvm_qpair_io(t->qp, &io), 0);
	io.data = big;
	io.n_blocks = 1101 * 8;
	io.arg = &tags[1];
	assert_int_equal(nvm_qpair_io(t->qp, &io), 0);
	/* There is a page for these, but the one before them is first. */
	io.data = small;
	io.n_blocks = 24;
	for (int i = 2; i < 5; ++i) {
		io.arg = &tags[i];
		assert_int_equal(nvm_qpair_io(t->qp, &io), 0);
	}
	/* The caller's array may change. */
	memset(small, 0, sizeof(small));
	memset(big, 0, sizeof(big));
	assert_int_equal(nvm_qpair_in_flight(t->qp), 5);
	assert_int_equal(fetch_all(t), 1);
	complete(t, 0, 0);
	assert_ptr_equal(t->done[0].arg, &tags[0]);
	assert_int_equal(fetch_all(t), 1);
	assert_int_equal(qd_blocks(&t->sqes[1]), 1101 * 8);
	complete(t, 1, 0);
	assert_ptr_equal(t->done[1].arg, &tags[1]);
	assert_int_equal(fetch_all(t), 3);
	/* Whichever completes first, completes. */
	complete(t, 4, 0);
	complete(t, 3, 0x281);
	complete(t, 2, 0);
	assert_int_equal(t->n_done, 5);
	assert_ptr_equal(t->done[2].arg, &tags[4]);
	assert_ptr_equal(t->done[3].arg, &tags[3]);
	assert_int_equal(t->done[3].status, -0x281);
	assert_int_equal(t->done[4].result, 99); /* of one command: it is not split */
	end_split(t);
}

/* Plain requests need no list page: they pass those that wait. */
static void plain_requests_pass_those_that_wait(void **state)
{
	struct split_fixture *t = begin_split(0, 0, 64, 1);
	struct nvm_io_vec vec[2] = {{t->buf, 0, 4096}, {t->buf, 16384, 8192}};
	struct nvm_io io = {
		.ns = &t->ns, .opcode = NVM_IO_WRITE, .n_blocks = 24, .data = vec, .n_data = 2};

	(void)state;
	for (int i = 0; i < 3; ++i)
		assert_int_equal(nvm_qpair_io(t->qp, &io), 0);
	assert_int_equal(fetch_all(t), 1);
	read_blocks(t, 7, 8, t);
	assert_int_equal(fetch_all(t), 1);
	complete(t, 1, 0);
	assert_int_equal(t->n_done, 1);
	for (unsigned int i = 0; t->n_done < 4; i = t->n - 1) {
		complete(t, i, 0);
		fetch_all(t);
	}
	end_split(t);
}

/* Requests that are not plain have a limit of their own. */
static void too_many_long_requests_are_refused(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 1024, 0);
	int n = 0;

	(void)state;
	while (nvm_qpair_read(t->qp, &t->ns, t->buf, 0, 0, 64, NULL, NULL) == 0)
		++n;
	assert_int_equal(n, NVMI_QPAIR_REQUESTS);
	assert_int_equal(nvm_qpair_read(t->qp, &t->ns, t->buf, 0, 0, 64, NULL, NULL), EAGAIN);
	assert_int_equal(nvm_qpair_in_flight(t->qp), n);
	read_blocks(t, 0, 1, t); /* others go on */
	fetch_all(t);
	assert_int_equal(t->n, 2 * NVMI_QPAIR_REQUESTS + 1);
	for (unsigned int i = 0; i < t->n; ++i)
		complete(t, i, 0);
	assert_int_equal(t->n_done, n + 1);
	end_split(t);
}

/* Parts are held back while plugged, and handed over with one doorbell write. */
static void plugging_holds_parts_back(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 64, 0);

	(void)state;
	nvm_qpair_plug(t->qp);
	read_blocks(t, 0, 32 * 8, t);
	assert_int_equal(fetch_all(t), 0);
	nvm_qpair_unplug(t->qp);
	assert_int_equal(fetch_all(t), 8);
	for (unsigned int i = 0; i < 8; ++i)
		complete(t, i, 0);
	assert_int_equal(t->n_done, 1);
	end_split(t);
}

/* A ring of two: one command at a time, and the CQ doorbell has to be rung for each. */
static void works_with_a_queue_of_two(void **state)
{
	struct split_fixture *t = begin_split(2, 0, 2, 0);

	(void)state;
	for (int i = 0; i < 5; ++i)
		check_tiling(t, 0, 32 * 9);
	end_split(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_at_mdts),
		cmocka_unit_test(splits_at_boundaries),
		cmocka_unit_test(splits_at_65536_blocks),
		cmocka_unit_test(lowest_failed_block_gives_the_status),
		cmocka_unit_test(goes_on_in_a_full_queue),
		cmocka_unit_test(long_requests_take_turns),
		cmocka_unit_test(leaves_room_for_others),
		cmocka_unit_test(waits_for_list_pages),
		cmocka_unit_test(plain_requests_pass_those_that_wait),
		cmocka_unit_test(too_many_long_requests_are_refused),
		cmocka_unit_test(plugging_holds_parts_back),
		cmocka_unit_test(works_with_a_queue_of_two),
	};

	return cmocka_run_group_tests_name("qpair_split", tests, NULL, NULL);
}
