// SPDX-License-Identifier: BSD-2-Clause
/*
 * io.c - random reads from a controller, end to end: I/Os per second at a queue depth, latency at depth 1;
 * with the raw layer and with the request layer.
 *
 * One thread drives all queue pairs in turn, pinned to the first processor; the threads of a software controller
 * are pinned to the others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/support/bench.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_buf.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_qpair.h"

#define MAX_REPEATS 32
#define MAX_SAMPLES (1U << 20)
#define RING_DEPTH  1024
#define MAX_REAP    128
#define MAX_QUEUES  1024

static struct {
	const char *ctrl;
	const char *layer;
	uint64_t qd, queues, size, ms, repeat, memory, fill;
} args = {.ctrl = "emu:null?size=1G",
	  .layer = "poll",
	  .qd = 32,
	  .queues = 1,
	  .size = 4096,
	  .ms = 200,
	  .repeat = 5,
	  .memory = 64U << 20};

static const struct bench_option options[] = {
	{"ctrl", NULL, &args.ctrl, "controller"},
	{"layer", NULL, &args.layer, "raw, poll or reap"},
	{"qd", &args.qd, NULL, "requests in flight per queue pair, 1 to 1000"},
	{"queues", &args.queues, NULL, "queue pairs, 1 to 1024"},
	{"size", &args.size, NULL, "bytes per request, up to two pages in the raw layer"},
	{"ms", &args.ms, NULL, "how long one measurement takes"},
	{"repeat", &args.repeat, NULL, "measurements, 1 to 32"},
	{"memory", &args.memory, NULL, "bytes of registered memory that is read into"},
	{"fill", &args.fill, NULL, "1: write all blocks first, so that each has memory of its own"},
	{NULL, NULL, NULL, NULL},
};

/* A queue pair and what is in flight in it. */
struct lane {
	nvm_qpair_t *qp;
	nvm_queue_t sq;
	nvm_queue_t cq;
	uint32_t n_idle; /* requests that may be submitted */
};

static struct {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_ns_t ns;
	nvm_dma_t *dma;
	nvm_buf_t *buf;
	struct lane lanes[MAX_QUEUES];
	uint32_t n_blocks;
	uint64_t n_ranges; /* that the namespace has of this size */
	uint64_t n_pieces; /* that the memory has of this size */
	uint64_t random;
	uint64_t piece;
	uint64_t n_done;
	nvm_done_t done[MAX_REAP];
} io = {.random = 88172645463325252U};

static void check(int status, const char *what)
{
	if (status != 0)
		bench_fail(status, what);
}

static uint64_t next_lba(void)
{
	/* The upper half of a product: a range without a division. There are fewer than 2^32 ranges. */
	return ((bench_random(&io.random) >> 32) * io.n_ranges >> 32) * io.n_blocks;
}

static size_t next_offset(void)
{
	if (++io.piece == io.n_pieces)
		io.piece = 0;
	return io.piece * args.size;
}

static void on_done(void *arg, int status, uint32_t result)
{
	struct lane *lane = arg;

	(void)result;
	check(status, "read");
	++lane->n_idle;
	++io.n_done;
}

/* Submit all that is idle, with one doorbell write. */
static void submit_requests(struct lane *lane, nvm_io_fn *fn)
{
	nvm_qpair_plug(lane->qp);
	for (; lane->n_idle != 0; --lane->n_idle) {
		int status = nvm_qpair_read(lane->qp, &io.ns, io.buf, next_offset(), next_lba(),
					    io.n_blocks, fn, lane);

		check(status, "submit");
	}
	nvm_qpair_unplug(lane->qp);
}

static void step_poll(struct lane *lane)
{
	if (lane->n_idle != 0)
		submit_requests(lane, on_done);
	nvm_qpair_poll(lane->qp, MAX_REAP);
}

static void step_reap(struct lane *lane)
{
	uint32_t n;

	if (lane->n_idle != 0)
		submit_requests(lane, NULL);
	n = nvm_qpair_reap(lane->qp, io.done, MAX_REAP);
	for (uint32_t i = 0; i < n; ++i)
		on_done(io.done[i].arg, io.done[i].status, io.done[i].result);
}

static void step_raw(struct lane *lane)
{
	nvm_cpl_t *cpl;

	for (; lane->n_idle != 0; --lane->n_idle) {
		uint16_t cid = NVM_DEFAULT_CID(&lane->sq);
		nvm_cmd_t *cmd = nvm_sq_enqueue(&lane->sq);
		size_t page = next_offset() / io.dma->page_size;

		nvm_cmd_header(cmd, cid, NVM_IO_READ, io.ns.ns_id);
		nvm_cmd_data_ptr(cmd, io.dma->ioaddrs[page],
				 args.size > io.dma->page_size ? io.dma->ioaddrs[page + 1] : 0);
		nvm_cmd_rw_blks(cmd, next_lba(), io.n_blocks);
	}
	nvm_sq_submit(&lane->sq);
	while ((cpl = nvm_cq_dequeue(&lane->cq)) != NULL) {
		nvm_sq_update(&lane->sq);
		on_done(lane, nvm_err_from_cpl(cpl), 0);
	}
	nvm_cq_update(&lane->cq);
}

static void (*find_step(void))(struct lane *)
{
	if (strcmp(args.layer, "raw") == 0)
		return step_raw;
	if (strcmp(args.layer, "poll") == 0)
		return step_poll;
	if (strcmp(args.layer, "reap") == 0)
		return step_reap;
	bench_fail(0, "no such --layer: use raw, poll or reap");
}

static void make_lane(struct lane *lane, uint32_t no)
{
	size_t cq_size = nvm_queue_mem_size(io.ctrl, true, RING_DEPTH);
	struct nvm_qpair_options o = NVM_QPAIR_OPTIONS_INIT;
	nvm_dma_t *rings;

	lane->n_idle = (uint32_t)args.qd;
	o.depth = RING_DEPTH;
	if (strcmp(args.layer, "raw") != 0) {
		check(nvm_qpair_create(&lane->qp, io.aq, &o), "queue pair");
		return;
	}
	check(nvm_dma_create(&rings, io.ctrl,
			     cq_size + nvm_queue_mem_size(io.ctrl, false, RING_DEPTH)),
	      "memory for queues");
	check(nvm_cq_create(io.aq, &lane->cq, (uint16_t)no, RING_DEPTH, rings, 0, -1), "CQ");
	check(nvm_sq_create(io.aq, &lane->sq, &lane->cq, (uint16_t)no, RING_DEPTH, rings, cq_size),
	      "SQ");
	nvm_dma_unmap(rings); /* the queues keep it */
}

/* Blocks of the software controller that were never written are all the same few pages, which caches hold. */
static void fill(void)
{
	uint32_t n =
		(uint32_t)(args.memory < (1U << 20) ? args.memory : 1U << 20) >> io.ns.lba_shift;
	nvm_qpair_t *qp;
	nvm_done_t done;

	memset(io.dma->vaddr, 0x5a, args.memory);
	check(nvm_qpair_create(&qp, io.aq, NULL), "queue pair");
	for (uint64_t lba = 0; lba < io.ns.n_blocks; lba += n) {
		if (n > io.ns.n_blocks - lba)
			n = (uint32_t)(io.ns.n_blocks - lba);
		check(nvm_qpair_write(qp, &io.ns, io.buf, 0, lba, n, NULL, NULL), "write");
		while (nvm_qpair_reap(qp, &done, 1) == 0)
			;
		check(done.status, "write");
	}
	nvm_qpair_destroy(qp);
}

static void set_up(void)
{
	uint16_t n_cqs = (uint16_t)args.queues, n_sqs = (uint16_t)args.queues;

	check(nvm_ctrl_open(&io.ctrl, args.ctrl, NULL), args.ctrl);
	check(nvm_aq_open(&io.aq, io.ctrl), args.ctrl);
	check(nvm_ns_init(&io.ns, io.aq, 0), args.ctrl);
	check(nvm_admin_request_num_queues(io.aq, &n_cqs, &n_sqs), "number of queues");
	if (args.size < (1U << io.ns.lba_shift) || args.size % (1U << io.ns.lba_shift) != 0 ||
	    args.size > args.memory)
		bench_fail(0, "--size is no multiple of the block, or larger than --memory");
	if (strcmp(args.layer, "raw") == 0 &&
	    (args.size % io.ctrl->page_size != 0 || args.size > 2 * io.ctrl->page_size))
		bench_fail(0, "--size is one or two pages in the raw layer");
	io.n_blocks = (uint32_t)(args.size >> io.ns.lba_shift);
	io.n_ranges = io.ns.n_blocks / io.n_blocks;
	io.n_pieces = args.memory / args.size;
	if (io.n_ranges == 0 || io.n_ranges > UINT32_MAX)
		bench_fail(0, "the namespace is smaller than --size, or has more than 2^32 of it");
	check(nvm_dma_create(&io.dma, io.ctrl, args.memory), "memory");
	check(nvm_buf_create(&io.buf, io.ctrl, io.dma), "memory");
	if (io.buf == NULL)
		bench_fail(0, "no buffer"); /* said to those who read the code without running it */
	if (args.fill != 0)
		fill();
	for (uint32_t i = 0; i < args.queues; ++i)
		make_lane(&io.lanes[i], i + 1);
}

static void drain(void (*step)(struct lane *))
{
	/* What is in flight comes back without anything new being submitted. */
	for (uint64_t i = 0; i < args.queues; ++i) {
		struct lane *lane = &io.lanes[i];
		uint32_t n = 0;

		while (n + lane->n_idle < args.qd) {
			n += lane->n_idle;
			lane->n_idle = 0;
			step(lane);
		}
		lane->n_idle = (uint32_t)args.qd;
	}
}

/* I/Os per second. */
static double throughput(void (*step)(struct lane *))
{
	uint64_t start = bench_now_ns(), end = start + args.ms * 1000000U, now;

	io.n_done = 0;
	do {
		for (int i = 0; i < 256; ++i) {
			for (uint64_t j = 0; j < args.queues; ++j)
				step(&io.lanes[j]);
		}
		now = bench_now_ns();
	} while (now < end);
	drain(step);
	return (double)io.n_done * 1e9 / (double)(bench_now_ns() - start);
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* One request at a time, each timed; median and 99th percentile. What reading the clock takes is in them. */
static void latency(void (*step)(struct lane *), double *p50, double *p99)
{
	static uint32_t samples[MAX_SAMPLES];
	uint64_t begin = bench_now_ns(), ticks = nvm_ticks(), end = begin + args.ms * 1000000U;
	double ns_per_tick;
	size_t n = 0, middle, n_late;

	do {
		uint64_t seen = io.n_done, start = nvm_ticks();

		while (io.n_done == seen) {
			step(io.lanes);
			/* Not to submit the next one before this one's time is taken. */
		}
		samples[n++] = (uint32_t)(nvm_ticks() - start);
	} while (n < MAX_SAMPLES && (n % 64 != 0 || bench_now_ns() < end));
	ns_per_tick = (double)(bench_now_ns() - begin) / (double)(nvm_ticks() - ticks);
	qsort(samples, n, sizeof(samples[0]), compare);
	middle = n / 2;
	n_late = n / 100;
	*p50 = samples[middle] * ns_per_tick;
	*p99 = samples[n - 1 - n_late] * ns_per_tick;
}

static void tear_down(void)
{
	for (uint64_t i = 0; i < args.queues; ++i) {
		nvm_qpair_destroy(io.lanes[i].qp);
		if (io.lanes[i].qp == NULL) {
			nvm_admin_sq_delete(io.aq, &io.lanes[i].sq, &io.lanes[i].cq);
			nvm_admin_cq_delete(io.aq, &io.lanes[i].cq);
		}
	}
	nvm_buf_destroy(io.buf);
	nvm_dma_unmap(io.dma);
	nvm_aq_destroy(io.aq);
	nvm_ctrl_free(io.ctrl);
}

int main(int argc, char **argv)
{
	double first[MAX_REPEATS], second[MAX_REPEATS];
	void (*step)(struct lane *);
	bool is_latency;

	bench_options(argc, argv, "Random reads from a controller, end to end.", options);
	if (args.qd == 0 || args.qd > 1000 || args.queues == 0 || args.queues > MAX_QUEUES ||
	    args.repeat == 0 || args.repeat > MAX_REPEATS)
		bench_fail(0, "--qd is 1 to 1000, --queues 1 to 1024, --repeat 1 to 32");
	step = find_step();
	bench_pin(0);
	set_up();
	bench_pin_others();
	is_latency = args.qd == 1 && args.queues == 1;
	throughput(step); /* warm up */
	for (uint64_t i = 0; i < args.repeat; ++i) {
		first[i] = throughput(step);
		if (is_latency)
			latency(step, &first[i], &second[i]);
	}
	printf("{\"ctrl\": \"%s\", \"layer\": \"%s\", \"qd\": %" PRIu64 ", \"queues\": %" PRIu64
	       ", \"size\": %" PRIu64 ", ",
	       args.ctrl, args.layer, args.qd, args.queues, args.size);
	bench_print_array(is_latency ? "p50_ns" : "iops", first, args.repeat);
	if (is_latency) {
		printf(", ");
		bench_print_array("p99_ns", second, args.repeat);
	}
	puts("}");
	tear_down();
	return 0;
}
