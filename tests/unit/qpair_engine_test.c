/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_engine_test.c - the engine of a queue pair: identifiers, rings, doorbells, completions of all
 * kinds, what it holds and what it takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "memory/dma.h"
#include "support/qpair_device.h"

struct engine_fixture {
	struct qd *d;
	nvm_qpair_t *qp;
	nvm_ns_t ns;
	nvm_buf_t *buf;
};

static struct engine_fixture begin_engine(uint32_t depth)
{
	struct engine_fixture t = {.d = qd_start(4096)};

	t.buf = qd_buf(t.d, 1 << 20);
	t.qp = qd_qpair(t.d, depth, 0, false);
	t.ns = qd_ns(t.d);
	return t;
}

static void end_engine(struct engine_fixture *t)
{
	nvm_qpair_destroy(t->qp);
	nvm_buf_destroy(t->buf);
	qd_stop(t->d);
}

static int read_block(struct engine_fixture *t, void *arg)
{
	return nvm_qpair_read(t->qp, &t->ns, t->buf, 0, (uintptr_t)arg, 1, NULL, arg);
}

/* Fill the queue, check the identifiers, complete in random order; many times. */
static void check_identifiers(uint32_t depth, unsigned int rounds)
{
	struct engine_fixture t = begin_engine(depth);
	struct nvm_sqe *sqes = calloc(depth, sizeof(*sqes));
	uint8_t *taken = calloc(1, 65536), *last = calloc(1, 65536);
	uint64_t number = 0, n_done = 0;
	nvm_done_t done[64];

	assert_true(sqes != NULL && taken != NULL && last != NULL);
	assert_int_equal(nvm_qpair_depth(t.qp), depth - 1);
	for (unsigned int round = 0; round < rounds; ++round) {
		uint32_t n = 0, left;

		while (read_block(&t, (void *)(uintptr_t)number) == 0)
			++number;
		assert_int_equal(nvm_qpair_in_flight(t.qp), depth - 1);
		while (qd_fetch(t.d, &sqes[n])) {
			/* Nobody else's in flight, not that of the last command in the slot, not FFFFh. */
			assert_int_not_equal(sqes[n].cid, 0xffff);
			assert_int_equal(taken[sqes[n].cid], 0);
			if (t.qp->cid_mask < 0x7fff)
				assert_int_equal(last[sqes[n].cid], 0);
			taken[sqes[n].cid] = 1;
			++n;
		}
		assert_int_equal(n, depth - 1);
		memset(last, 0, 65536);
		for (left = n; left > (round % 2 == 0 ? 0 : n / 2); --left) {
			uint32_t i = qd_random(t.d, left);

			if (qd_cq_full(t.d))
				n_done += nvm_qpair_reap(t.qp, done, 64);
			qd_post(t.d, sqes[i].cid, 0, 0);
			taken[sqes[i].cid] = 0;
			last[sqes[i].cid] = 1;
			sqes[i] = sqes[left - 1];
		}
		/* The others complete, too, before more are fetched. */
		for (; left > 0; --left) {
			if (qd_cq_full(t.d))
				n_done += nvm_qpair_reap(t.qp, done, 64);
			qd_post(t.d, sqes[left - 1].cid, 0, 0);
			taken[sqes[left - 1].cid] = 0;
			last[sqes[left - 1].cid] = 1;
		}
		while (n_done < number)
			n_done += nvm_qpair_reap(t.qp, done, 64);
		assert_int_equal(nvm_qpair_in_flight(t.qp), 0);
	}
	free(sqes);
	free(taken);
	free(last);
	end_engine(&t);
}

static void identifiers_are_unique_at_any_depth(void **state)
{
	static const uint32_t depths[] = {2,   3,   4,   5,    8,    9,    64,  65,
					  127, 128, 129, 1000, 1024, 1025, 4096};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); ++i)
		check_identifiers(depths[i], depths[i] > 1000 ? 70 : 300);
	check_identifiers(32768, 3);
	check_identifiers(65536, 3);
}

/* Every completion reaches the request it is for, with its status and result. */
static void completions_reach_their_requests(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvm_sqe sqe[15];
	nvm_done_t done[15];

	(void)state;
	for (uintptr_t i = 0; i < 15; ++i)
		assert_int_equal(read_block(&t, (void *)i), 0);
	for (int i = 0; i < 15; ++i)
		assert_true(qd_fetch(t.d, &sqe[i]));
	for (unsigned int i = 0; i < 15; ++i) {
		unsigned int k = i * 7 % 15;

		qd_post(t.d, sqe[k].cid, k % 3 == 0 ? 0x4281 + k : 0, 1000 + k);
	}
	assert_int_equal(nvm_qpair_reap(t.qp, done, 15), 15);
	for (unsigned int i = 0; i < 15; ++i) {
		unsigned int k = i * 7 % 15;

		assert_int_equal((uintptr_t)done[i].arg, qd_lba(&sqe[k]));
		assert_int_equal(done[i].status, k % 3 == 0 ? -(int)(0x4281 + k) : 0);
		assert_int_equal(done[i].result, 1000 + k);
	}
	end_engine(&t);
}

struct chain {
	struct engine_fixture *t;
	unsigned int left;
	unsigned int n_called;
};

static void submit_next(void *arg, int status, uint32_t result)
{
	struct chain *c = arg;

	(void)result;
	assert_int_equal(status, 0);
	++c->n_called;
	if (c->left > 0) {
		--c->left;
		assert_int_equal(
			nvm_qpair_read(c->t->qp, &c->t->ns, c->t->buf, 0, 0, 1, submit_next, c), 0);
	}
}

static void functions_may_submit(void **state)
{
	struct engine_fixture t = begin_engine(4);
	struct chain c = {.t = &t, .left = 1000};
	struct nvm_sqe sqe;

	(void)state;
	submit_next(&c, 0, 0);
	while (c.n_called < 1001) {
		while (qd_fetch(t.d, &sqe))
			qd_post(t.d, sqe.cid, 0, 0);
		nvm_qpair_poll(t.qp, 1);
	}
	assert_int_equal(nvm_qpair_in_flight(t.qp), 0);
	end_engine(&t);
}

static void plugging_nests_and_rings_once(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvm_sqe sqe;

	(void)state;
	nvm_qpair_plug(t.qp);
	nvm_qpair_plug(t.qp);
	for (uintptr_t i = 0; i < 5; ++i)
		assert_int_equal(read_block(&t, (void *)i), 0);
	assert_int_equal(nvm_qpair_flush(t.qp, &t.ns, NULL, NULL), 0);
	nvm_qpair_unplug(t.qp);
	assert_int_equal(qd_doorbell(t.d, false), 0);
	nvm_qpair_submit(t.qp); /* plugged or not */
	assert_int_equal(qd_doorbell(t.d, false), 6);
	assert_int_equal(read_block(&t, NULL), 0);
	nvm_qpair_unplug(t.qp);
	assert_int_equal(qd_doorbell(t.d, false), 7);
	for (int i = 0; i < 7; ++i)
		assert_true(qd_fetch(t.d, &sqe));
	end_engine(&t);
}

/* The CQ doorbell is rung rarely, and still the device never has to wait for ever. */
static void lazy_doorbell_never_stalls(void **state)
{
	static const uint32_t depths[] = {2, 3, 4, 5, 7, 8, 33, 128, 1024};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); ++i) {
		struct engine_fixture t = begin_engine(depths[i]);
		unsigned int n_stalls = 0, n_rings = 0;
		uint32_t n = 0, last = 0;
		struct nvm_sqe sqe;
		nvm_done_t done;

		assert_true(t.qp->lazy >= 1 && t.qp->lazy < depths[i] && t.qp->lazy <= 32);
		while (n < 10000) {
			while (read_block(&t, NULL) == 0)
				;
			while (qd_fetch(t.d, &sqe)) {
				while (qd_cq_full(t.d)) {
					/* Full: whoever collects one after the other makes room. */
					assert_true(++n_stalls < 100000);
					n += nvm_qpair_reap(t.qp, &done, 1);
				}
				qd_post(t.d, sqe.cid, 0, 0);
			}
			n += nvm_qpair_reap(t.qp, &done, 1);
			n_rings += qd_doorbell(t.d, true) != last;
			last = qd_doorbell(t.d, true);
		}
		assert_true(n_rings <= n / t.qp->lazy + 1 || depths[i] < 8);
		end_engine(&t);
	}
}

/* What no controller may send is a fault, and never completes anything. */
static void faults_complete_nothing(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvm_sqe sqe;
	nvm_done_t done[4];

	(void)state;
	assert_int_equal(read_block(&t, NULL), 0);
	assert_true(qd_fetch(t.d, &sqe));
	for (uint32_t cid = 0; cid < 65536; cid += 1 + cid % 7) {
		if (cid == sqe.cid)
			continue;
		qd_post(t.d, (uint16_t)cid, cid % 2, 0);
		assert_false(t.qp->priv->recovery.fault);
		assert_int_equal(nvm_qpair_take_(t.qp, done, 4), 0);
		assert_true(t.qp->priv->recovery.fault);
		assert_int_equal(nvm_qpair_in_flight(t.qp), 1);
		t.qp->priv->recovery.fault = false;
		t.qp->cq.head =
			(uint32_t)(t.qp->cqe - (const nvm_cpl_t *)(uintptr_t)t.qp->cq.vaddr);
		nvm_cq_update(&t.qp->cq);
	}
	end_engine(&t);
}

static void an_sq_head_out_of_range_is_a_fault(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvm_sqe sqe;
	nvm_done_t done;

	(void)state;
	assert_int_equal(read_block(&t, NULL), 0);
	assert_true(qd_fetch(t.d, &sqe));
	t.d->sq_head = 16;
	qd_post(t.d, sqe.cid, 0x281, 0);
	t.d->sq_head = 1;
	assert_int_equal(nvm_qpair_take_(t.qp, &done, 1), 0);
	assert_true(t.qp->priv->recovery.fault);
	assert_int_equal(nvm_qpair_in_flight(t.qp), 1);
	end_engine(&t);
}

static void a_completion_that_comes_twice_is_not_taken_twice(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvm_sqe sqe;
	nvm_done_t done;

	(void)state;
	assert_int_equal(read_block(&t, NULL), 0);
	assert_true(qd_fetch(t.d, &sqe));
	qd_post(t.d, sqe.cid, 0, 0);
	qd_post(t.d, sqe.cid, 0, 0);
	assert_int_equal(nvm_qpair_take_(t.qp, &done, 1), 1);
	/* The slot has a new command by now. */
	assert_int_equal(read_block(&t, NULL), 0);
	assert_int_equal(nvm_qpair_take_(t.qp, &done, 1), 0);
	assert_true(t.qp->priv->recovery.fault);
	assert_int_equal(nvm_qpair_in_flight(t.qp), 1);
	end_engine(&t);
}

static void note(void *arg, int status, uint32_t result)
{
	(void)result;
	*(int *)arg = status;
}

/* Whatever is in flight, or waits inside, ends; what had completed, with its own status. */
static void destroying_ends_requests(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvm_io_vec vec[2] = {{t.buf, 0, 4096}, {t.buf, 16384, 8192}};
	struct nvm_io io = {
		.ns = &t.ns, .opcode = NVM_IO_WRITE, .n_blocks = 24, .data = vec, .n_data = 2};
	int status[8] = {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000};
	struct nvm_sqe sqe[2];

	(void)state;
	nvm_qpair_destroy(t.qp);
	t.d->layout = QD_SCATTERED;
	nvm_buf_destroy(t.buf);
	t.buf = qd_buf(t.d, 1 << 20);
	vec[0].buf = vec[1].buf = t.buf;
	t.qp = qd_qpair(t.d, 16, 1, true);
	for (int i = 0; i < 2; ++i)
		assert_int_equal(nvm_qpair_read(t.qp, &t.ns, t.buf, 0, 0, 1, note, &status[i]), 0);
	assert_int_equal(
		nvm_qpair_write_zeroes(t.qp, &t.ns, 0, 65536 * 20, false, note, &status[2]), 0);
	io.fn = note;
	for (int i = 3; i < 6; ++i) {
		io.arg = &status[i];
		assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	}
	assert_int_equal(read_block(&t, NULL), 0); /* forgotten */
	assert_int_equal(nvm_qpair_in_flight(t.qp), 7);
	for (int i = 0; i < 2; ++i)
		assert_true(qd_fetch(t.d, &sqe[i]));
	qd_post(t.d, sqe[1].cid, 0x281, 0);
	end_engine(&t);
	assert_int_equal(status[0], ECANCELED);
	assert_int_equal(status[1], -0x281);
	for (int i = 2; i < 6; ++i)
		assert_int_equal(status[i], ECANCELED);
	assert_int_equal(status[6], 1000);
}

static void resubmit(void *arg, int status, uint32_t result)
{
	struct engine_fixture *t = arg;

	(void)result;
	assert_int_equal(status, ECANCELED);
	assert_int_equal(read_block(t, NULL), ECANCELED);
	assert_int_equal(nvm_qpair_verify(t->qp, &t->ns, 0, 1, NULL, NULL), ECANCELED);
}

static void nothing_is_submitted_while_destroying(void **state)
{
	struct engine_fixture t = begin_engine(16);

	(void)state;
	assert_int_equal(nvm_qpair_read(t.qp, &t.ns, t.buf, 0, 0, 1, resubmit, &t), 0);
	end_engine(&t);
}

/* Requests that end without a completion are collected later, a few at a time. */
static void ended_requests_are_collected(void **state)
{
	struct engine_fixture t = begin_engine(16);
	nvm_done_t done[16];
	unsigned int n = 0, sum = 0;

	(void)state;
	for (uintptr_t i = 0; i < 10; ++i)
		assert_int_equal(read_block(&t, (void *)i), 0);
	assert_int_equal(nvm_qpair_write_zeroes(t.qp, &t.ns, 0, 65536 * 9, false, NULL, (void *)10),
			 0);
	nvmi_qpair_end_command(t.qp->priv, 3, ETIME, 77);
	assert_int_equal(t.qp->n_ready, 1);
	nvmi_qpair_end_all(t.qp->priv, -NVM_SC_ABORTED_SQ_DELETION);
	assert_int_equal(t.qp->n_ready, 11);
	assert_int_equal(nvm_qpair_in_flight(t.qp), 11);
	while (nvm_qpair_reap(t.qp, done, 3) != 0)
		for (n = 0; n < 3 && sum < 55; ++n) {
			uintptr_t i = (uintptr_t)done[n].arg;

			assert_int_equal(done[n].status,
					 i == 3 ? ETIME : -NVM_SC_ABORTED_SQ_DELETION);
			assert_int_equal(done[n].result, i == 3 ? 77 : 0);
			sum += (unsigned int)i;
		}
	assert_int_equal(sum, 55);
	assert_int_equal(nvm_qpair_in_flight(t.qp), 0);
	assert_int_equal(nvmi_qpair_n_free(t.qp->priv), 15);
	for (unsigned int i = 0; i < 16; ++i)
		assert_int_equal(t.qp->slots[i].state, NVM_QPAIR_FREE);
	end_engine(&t);
}

/* A failed queue pair takes nothing, and gives everything back once. */
static void failure_hides_what_is_free(void **state)
{
	struct engine_fixture t = begin_engine(16);
	struct nvmi_qpair *p = t.qp->priv;
	nvm_done_t done[16];

	(void)state;
	for (uintptr_t i = 0; i < 10; ++i)
		assert_int_equal(read_block(&t, (void *)i), 0);
	nvmi_qpair_end_all(p, EIO);
	nvmi_qpair_set_failed(p, EIO);
	assert_null(t.qp->free);
	assert_int_equal(nvm_qpair_in_flight(t.qp), 10);
	assert_int_equal(nvm_qpair_reap(t.qp, done, 4), 4);
	assert_int_equal(nvm_qpair_in_flight(t.qp), 6);
	assert_int_equal(read_block(&t, NULL), EIO);
	nvmi_qpair_set_failed(p, 0);
	assert_int_equal(nvmi_qpair_n_free(t.qp->priv), 9);
	assert_int_equal(nvm_qpair_reap(t.qp, done, 16), 6);
	assert_int_equal(nvmi_qpair_n_free(t.qp->priv), 15);
	end_engine(&t);
}

static void memory_of_1024_entries_is_within_bounds(void **state)
{
	struct engine_fixture t = begin_engine(1024);
	struct nvmi_qpair *p = t.qp->priv;
	size_t dma = nvmi_dma_size(p->rings);
	size_t size = p->size + dma + p->rings->n_ioaddrs * sizeof(uint64_t);

	(void)state;
	assert_int_equal(p->requests.lists.n, 16);
	assert_true(dma >= 1024 * (64 + 16) + 16 * 4096);
	print_message("a queue pair of 1024 entries takes %zu bytes\n", size);
	assert_true(size <= 256 << 10);
	end_engine(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers_are_unique_at_any_depth),
		cmocka_unit_test(completions_reach_their_requests),
		cmocka_unit_test(functions_may_submit),
		cmocka_unit_test(plugging_nests_and_rings_once),
		cmocka_unit_test(lazy_doorbell_never_stalls),
		cmocka_unit_test(faults_complete_nothing),
		cmocka_unit_test(an_sq_head_out_of_range_is_a_fault),
		cmocka_unit_test(a_completion_that_comes_twice_is_not_taken_twice),
		cmocka_unit_test(destroying_ends_requests),
		cmocka_unit_test(nothing_is_submitted_while_destroying),
		cmocka_unit_test(ended_requests_are_collected),
		cmocka_unit_test(failure_hides_what_is_free),
		cmocka_unit_test(memory_of_1024_entries_is_within_bounds),
	};

	return cmocka_run_group_tests_name("qpair_engine", tests, NULL, NULL);
}
