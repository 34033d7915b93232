/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_soak_test.c - queue pairs under load on the software controller: random reads and writes of all
 * kinds, completed out of order, several threads with a queue pair each, every byte checked.
 *
 * NVM_SOAK_IOS=N in the environment: so many requests, as fast as the controller goes, mostly small; and as many again
 * that it completes out of order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_qpair.h"

#define N_WORKERS  2
#define DEPTH      64
#define BLOCK      512
#define MAX_BLOCKS 80
/* Room for a request's data in up to three pieces. */
#define AREA   (64 << 10)
#define REGION 16384 /* blocks of a worker */

struct worker;

/* Data begins at any multiple of 4. */
typedef uint64_t __attribute__((aligned(4), may_alias)) word_t;

/* A request in flight. */
struct op {
	struct worker *w;
	struct nvm_io_vec vec[3];
	unsigned int n_vec;
	uint32_t lba; /* in the worker's region */
	uint32_t n_blocks;
	bool write;
};

/**
 * struct worker - a queue pair with its own blocks
 * @next: of the same thread
 * @version: of every block: how often it was written; 0 = zeroes
 * @busy: blocks that a request in flight is about
 * @free: of @ops
 */
struct worker {
	pthread_t thread;
	struct worker *next;
	nvm_qpair_t *qp;
	nvm_ns_t ns;
	nvm_buf_t *buf;
	uint64_t first;
	uint64_t seed;
	uint64_t n_wanted; /* 0 = until @end_ns */
	uint64_t end_ns;
	uint64_t n_submitted, n_done;
	bool use_functions;
	uint32_t version[REGION];
	uint8_t busy[REGION];
	struct op ops[DEPTH];
	struct op *free[DEPTH];
	unsigned int n_free;
	unsigned char linear[MAX_BLOCKS * BLOCK];
	char error[256];
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

static uint32_t rnd(struct worker *w, uint32_t below)
{
	w->seed = w->seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)((w->seed >> 33) % below);
}

static uint64_t word_of(uint64_t lba, uint32_t version, uint64_t i)
{
	return version == 0 ? 0
			    : (lba + 1) * 0x9e3779b97f4a7c15U + version * 0xd6e8feb86659fd93U +
				      i * 0xa0761d6478bd642fU;
}

static void fill_blocks(struct worker *w, const struct op *op, unsigned char *to)
{
	for (uint32_t b = 0; b < op->n_blocks; ++b) {
		word_t *word = (word_t *)(void *)(to + (size_t)b * BLOCK);

		for (uint64_t i = 0; i < BLOCK / 8; ++i)
			word[i] = word_of(w->first + op->lba + b, w->version[op->lba + b], i);
	}
}

static bool blocks_are_right(struct worker *w, const struct op *op, const unsigned char *data)
{
	uint64_t wrong = 0;

	for (uint32_t b = 0; b < op->n_blocks; ++b) {
		const word_t *word = (const word_t *)(const void *)(data + (size_t)b * BLOCK);

		for (uint64_t i = 0; i < BLOCK / 8; ++i)
			wrong |= word[i] ^
				 word_of(w->first + op->lba + b, w->version[op->lba + b], i);
	}
	return wrong == 0;
}

static unsigned char *vaddr(const struct worker *w, const struct nvm_io_vec *v)
{
	return (unsigned char *)w->buf->vaddr + v->offset;
}

static void give_up(struct worker *w, const char *what, const struct op *op, int status)
{
	if (w->error[0] == '\0')
		snprintf(w->error, sizeof(w->error), "%s: %s of %u blocks at %u in %u pieces: %s",
			 what, op->write ? "write" : "read", op->n_blocks, op->lba, op->n_vec,
			 status == 0 ? "" : nvm_strerror(status));
}

/* Where the data of a request lies: in one piece usually, in three if there are SGLs, else in two. */
static void lay_out(struct worker *w, struct op *op, bool pieces)
{
	size_t area = (size_t)(op - w->ops) * AREA, size = (size_t)op->n_blocks * BLOCK, first;

	op->n_vec = 1;
	if (!pieces) {
		op->vec[0] = (struct nvm_io_vec){w->buf, area + rnd(w, 2048) * 4, size};
		return;
	}
	if (w->qp->use_sgl) {
		size_t a = 4 + rnd(w, (uint32_t)(size / 8) - 1) * 4, b = (size - a) / 8 * 4;

		op->n_vec = 3;
		op->vec[0] = (struct nvm_io_vec){w->buf, area + 44 * 1024, a};
		op->vec[1] = (struct nvm_io_vec){w->buf, area + 4, b};
		op->vec[2] =
			(struct nvm_io_vec){w->buf, area + b + 4 * (1 + rnd(w, 2)), size - a - b};
		return;
	}
	first = (1 + rnd(w, 8)) * BLOCK;
	if (first > size)
		first = size;
	op->vec[0] = (struct nvm_io_vec){w->buf, area + AREA - 4096 - first, first};
	op->vec[1] = (struct nvm_io_vec){w->buf, area + 8192, size - first};
	op->n_vec = size > first ? 2 : 1;
}

static void move_pieces(struct worker *w, const struct op *op, bool out)
{
	unsigned char *at = w->linear;

	for (unsigned int i = 0; i < op->n_vec; ++i) {
		if (out)
			memcpy(vaddr(w, &op->vec[i]), at, op->vec[i].size);
		else
			memcpy(at, vaddr(w, &op->vec[i]), op->vec[i].size);
		at += op->vec[i].size;
	}
}

static void has_completed(void *arg, int status, uint32_t result)
{
	struct op *op = arg;
	struct worker *w = op->w;
	unsigned char *data = vaddr(w, &op->vec[0]);

	(void)result;
	if (status != 0)
		give_up(w, "failed", op, status);
	if (!op->write && op->n_vec > 1) {
		move_pieces(w, op, false);
		data = w->linear;
	}
	if (!op->write && !blocks_are_right(w, op, data))
		give_up(w, "wrong data", op, 0);
	memset(&w->busy[op->lba], 0, op->n_blocks);
	w->free[w->n_free++] = op;
	++w->n_done;
}

/* A range that no request in flight is about. */
static bool choose_range(struct worker *w, struct op *op)
{
	uint32_t kind = rnd(w, 64);

	op->n_blocks = 1 + (kind == 0 ? rnd(w, MAX_BLOCKS) : kind < 8 ? rnd(w, 16) : rnd(w, 4));
	op->lba = rnd(w, REGION - op->n_blocks + 1);
	for (uint32_t i = 0; i < op->n_blocks; ++i)
		if (w->busy[op->lba + i] != 0)
			return false;
	return true;
}

static int submit(struct worker *w, struct op *op)
{
	nvm_io_fn *fn = w->use_functions ? has_completed : NULL;
	struct nvm_io io = {
		.ns = &w->ns,
		.opcode = op->write ? NVM_IO_WRITE : NVM_IO_READ,
		.lba = w->first + op->lba,
		.n_blocks = op->n_blocks,
		.data = op->vec,
		.n_data = op->n_vec,
		.fn = fn,
		.arg = op,
	};

	if (op->n_vec > 1)
		return nvm_qpair_io(w->qp, &io);
	return (op->write ? nvm_qpair_write : nvm_qpair_read)(
		w->qp, &w->ns, w->buf, op->vec[0].offset, io.lba, op->n_blocks, fn, op);
}

static void start_one(struct worker *w)
{
	struct op *op = w->free[w->n_free - 1];
	int err;

	if (!choose_range(w, op))
		return;
	op->write = rnd(w, 3) == 0;
	lay_out(w, op, rnd(w, 32) == 0);
	for (uint32_t i = 0; op->write && i < op->n_blocks; ++i)
		++w->version[op->lba + i];
	if (op->write && op->n_vec == 1)
		fill_blocks(w, op, vaddr(w, &op->vec[0]));
	else if (op->write) {
		fill_blocks(w, op, w->linear);
		move_pieces(w, op, true);
	} else {
		memset(vaddr(w, &op->vec[0]), 0x5a, 8);
	}
	err = submit(w, op);
	if (err == EAGAIN) {
		for (uint32_t i = 0; op->write && i < op->n_blocks; ++i)
			--w->version[op->lba + i];
		return;
	}
	if (err != 0) {
		give_up(w, nvm_errmsg(), op, err);
		return;
	}
	memset(&w->busy[op->lba], 1, op->n_blocks);
	--w->n_free;
	++w->n_submitted;
}

static uint32_t collect(struct worker *w)
{
	nvm_done_t done[16];
	uint32_t n;

	if (w->use_functions)
		return nvm_qpair_poll(w->qp, 16);
	n = nvm_qpair_reap(w->qp, done, 16);
	for (uint32_t i = 0; i < n; ++i)
		has_completed(done[i].arg, done[i].status, done[i].result);
	return n;
}

static bool goes_on(const struct worker *w)
{
	if (w->error[0] != '\0')
		return false;
	if (w->n_wanted != 0)
		return w->n_submitted < w->n_wanted;
	return w->n_submitted < 500 || (w->n_submitted % 64 != 0 || now_ns() < w->end_ns);
}

/* One look at a queue pair. Was there anything to do? */
static bool step(struct worker *w)
{
	uint64_t n = w->n_submitted;

	nvm_qpair_plug(w->qp);
	for (int i = 0; i < 8 && w->n_free > 0 && goes_on(w); ++i)
		start_one(w);
	nvm_qpair_unplug(w->qp);
	return (collect(w) | (w->n_submitted - n)) != 0;
}

static bool has_ended(const struct worker *w)
{
	return w->error[0] != '\0' || (!goes_on(w) && w->n_free == DEPTH);
}

/* The queue pairs of one thread, up to the last one. */
static void *work(void *arg)
{
	struct worker *first = arg;
	uint64_t seen_ns = now_ns();
	bool end;

	do {
		bool busy = false;

		end = true;
		for (struct worker *w = first; w != NULL; w = w->next) {
			busy |= step(w);
			end &= has_ended(w);
		}
		if (busy)
			seen_ns = now_ns();
		else if (first->next != NULL || nvm_qpair_wait(first->qp, 1) != 0)
			sched_yield();
		if (!busy && now_ns() - seen_ns > 20000000000U) {
			snprintf(first->error, sizeof(first->error), "%u requests do not complete",
				 nvm_qpair_in_flight(first->qp));
			end = true;
		}
	} while (!end);
	return NULL;
}

static struct worker *begin_worker(nvm_aq_ref aq, unsigned int number, bool prp_only)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct worker *w = calloc(1, sizeof(*w));
	nvm_dma_t *dma = NULL;

	assert_non_null(w);
	options.depth = DEPTH - 10; /* full at times */
	options.n_lists = 3;
	options.prp_only = prp_only;
	if (nvm_ns_init(&w->ns, aq, 1) != 0 || nvm_qpair_create(&w->qp, aq, &options) != 0 ||
	    nvm_dma_create(&dma, nvm_ctrl_from_aq_ref(aq), DEPTH * AREA) != 0 ||
	    nvm_buf_create(&w->buf, nvm_ctrl_from_aq_ref(aq), dma) != 0)
		fail_msg("%s", nvm_errmsg());
	nvm_dma_unmap(dma);
	assert_int_equal(w->ns.lba_shift, 9);
	w->first = (uint64_t)number * REGION;
	w->seed = number + 1;
	w->use_functions = number % 2 == 0;
	for (unsigned int i = 0; i < DEPTH; ++i) {
		w->ops[i].w = w;
		w->free[w->n_free++] = &w->ops[i];
	}
	return w;
}

/* @n_threads: that drive the queue pairs: one for all, or one for each */
static void soak(const char *uri, bool prp_only, unsigned int n_threads, uint64_t n_wanted,
		 uint64_t ms)
{
	struct worker *workers[N_WORKERS];
	uint64_t n_done = 0, start_ns;
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;

	if (nvm_ctrl_open(&ctrl, uri, NULL) != 0 || nvm_aq_open(&aq, ctrl) != 0)
		fail_msg("%s", nvm_errmsg());
	for (unsigned int i = 0; i < N_WORKERS; ++i)
		workers[i] = begin_worker(aq, i, prp_only);
	start_ns = now_ns();
	for (unsigned int i = 0; i < N_WORKERS; ++i) {
		workers[i]->n_wanted = n_wanted / N_WORKERS;
		workers[i]->end_ns = start_ns + ms * 1000000;
		if (n_threads == 1 && i > 0)
			workers[i - 1]->next = workers[i];
	}
	for (unsigned int i = 0; i < n_threads; ++i)
		assert_int_equal(pthread_create(&workers[i]->thread, NULL, work, workers[i]), 0);
	for (unsigned int i = 0; i < n_threads; ++i)
		pthread_join(workers[i]->thread, NULL);
	for (unsigned int i = 0; i < N_WORKERS; ++i) {
		struct worker *w = workers[i];

		if (w->error[0] != '\0')
			fail_msg("%s: after %llu requests: %s", uri, (unsigned long long)w->n_done,
				 w->error);
		assert_int_equal(w->n_done, w->n_submitted);
		assert_int_equal(nvm_qpair_in_flight(w->qp), 0);
		n_done += w->n_done;
		nvm_qpair_destroy(w->qp);
		nvm_buf_destroy(w->buf);
		free(w);
	}
	print_message("%s: %llu requests in %.2f s\n", uri, (unsigned long long)n_done,
		      (double)(now_ns() - start_ns) / 1e9);
	nvm_aq_destroy(aq);
	nvm_ctrl_free(ctrl);
}

static uint64_t wanted_ios(void)
{
	const char *text = getenv("NVM_SOAK_IOS");

	return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static void out_of_order(void **state)
{
	(void)state;
	soak("emu:?size=32M&lba=512&mdts=16K&read=20us&write=30us&jitter=50us", false, N_WORKERS, 0,
	     700);
	soak("emu:?size=32M&lba=512&mdts=16K&read=20us&write=10us&jitter=50us", true, N_WORKERS, 0,
	     700);
}

static void as_fast_as_it_goes(void **state)
{
	(void)state;
	soak("emu:?size=32M&lba=512&mdts=16K", false, 1, wanted_ios(), 500);
	/* Short enough not to be waited for, long enough to change their order. */
	soak("emu:?size=32M&lba=512&mdts=16K&jitter=3us", false, 1, wanted_ios(), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(as_fast_as_it_goes),
	};

	return cmocka_run_group_tests_name("qpair_soak", tests, NULL, NULL);
}
