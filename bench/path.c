// SPDX-License-Identifier: BSD-2-Clause
/*
 * path.c - what the I/O path itself costs: requests submitted to and collected from a device in plain memory
 * that completes them at once. Run by itself it gives ns per I/O; under callgrind, which bench/run does,
 * instructions per I/O.
 *
 * The queue pairs are real ones, made on the software controller with nvm_qpair_create(); their doorbells
 * then point to the device instead of the controller, which sees nothing any more until they are deleted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/path.h"
#include "bench/support/bench.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_buf.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"

#define MAX_REPEATS 32

static struct {
	const char *layer;
	uint64_t size, batch, count, repeat, depth, queues, mapped, prp;
} args = {.layer = "poll",
	  .size = 4096,
	  .batch = 32,
	  .count = 1U << 20,
	  .repeat = 5,
	  .depth = 1024,
	  .queues = 1,
	  .mapped = 1U << 30};

static const struct bench_option options[] = {
	{"layer", NULL, &args.layer, "raw, poll, reap; none, none-raw, none-reap: the loop alone"},
	{"size", &args.size, NULL, "bytes per request, 512 to 1M"},
	{"batch", &args.batch, NULL, "requests submitted together, a power of two to 128"},
	{"count", &args.count, NULL, "requests, rounded up to a multiple of 4096"},
	{"repeat", &args.repeat, NULL, "times, 1 to 32"},
	{"depth", &args.depth, NULL, "entries per queue"},
	{"queues", &args.queues, NULL, "queue pairs, used in turn"},
	{"mapped", &args.mapped, NULL, "bytes of registered memory, at least 1M"},
	{"prp", &args.prp, NULL, "1 = PRP lists though the controller has SGLs"},
	{NULL, NULL, NULL, NULL},
};

static const struct {
	const char *name;
	bench_loop *loop;
	bench_loop *one; /* batches of one are not plugged */
} loops[] = {
	{"none", bench_loop_none, bench_loop_none},
	{"none-raw", bench_loop_none_raw, bench_loop_none_raw},
	{"none-reap", bench_loop_none_reap, bench_loop_none_reap},
	{"raw", bench_loop_raw, bench_loop_raw},
	{"poll", bench_loop_poll, bench_loop_poll_one},
	{"reap", bench_loop_reap, bench_loop_reap_one},
};

static struct bench_path path;

static bench_loop *find_loop(void)
{
	if (strcmp(args.layer, "raw") == 0 && args.size > path.page_size)
		return bench_loop_raw_list;
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); ++i) {
		if (strcmp(loops[i].name, args.layer) == 0)
			return args.batch == 1 ? loops[i].one : loops[i].loop;
	}
	bench_fail(0, "no such --layer: use raw, poll, reap, none, none-raw or none-reap");
}

static void check_args(void)
{
	if (args.size < 512 || args.size > 1U << 20 || args.size % 512 != 0)
		bench_fail(0, "--size is a multiple of 512, 512 to 1M");
	if (args.batch == 0 || args.batch > BENCH_MAX_BATCH || (args.batch & (args.batch - 1)) != 0)
		bench_fail(0, "--batch is a power of two, 1 to 128");
	if (args.batch >= args.depth)
		bench_fail(0, "--batch does not fit in --depth");
	if (args.repeat == 0 || args.repeat > MAX_REPEATS)
		bench_fail(0, "--repeat is 1 to 32");
	if (args.mapped < 1U << 20 || args.queues == 0 || args.queues > 1024)
		bench_fail(0, "--mapped is at least 1M, --queues 1 to 1024");
	args.count = (args.count + BENCH_STEPS - 1) & ~(uint64_t)(BENCH_STEPS - 1);
}

/* Address space to name in commands; nobody touches it. */
static void map_buffer(const nvm_ctrl_t *ctrl)
{
	void *memory = mmap(NULL, args.mapped, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	nvm_dma_t *dma;
	int status;

	if (memory == MAP_FAILED)
		bench_fail(0, "no address space for --mapped");
	status = nvm_dma_map_host(&dma, ctrl, memory, args.mapped);
	if (status == 0)
		status = nvm_buf_create(&path.buf, ctrl, dma);
	if (status != 0)
		bench_fail(status, "register memory");
}

static void make_steps(void)
{
	uint64_t state = 88172645463325252U;
	uint64_t n_pieces = args.mapped / args.size;

	for (size_t i = 0; i < BENCH_STEPS; ++i) {
		path.steps[i].lba = bench_random(&state) % (path.ns.n_blocks / path.n_blocks - 1) *
				    path.n_blocks;
		/* Through all of the buffer, far from the piece before. */
		path.steps[i].offset = i * 40503 % n_pieces * args.size;
	}
}

static void make_raw_lane(struct bench_lane *lane, const nvm_ctrl_t *ctrl, uint16_t no)
{
	uint32_t depth = (uint32_t)args.depth;
	size_t cq_size = nvm_queue_mem_size(ctrl, true, depth);
	nvm_dma_t *rings;
	int status;

	status = nvm_dma_create(&rings, ctrl, cq_size + nvm_queue_mem_size(ctrl, false, depth));
	if (status != 0)
		bench_fail(status, "memory for queues");
	nvm_queue_init(&lane->cq, ctrl, true, no, depth, rings->vaddr, rings->ioaddrs[0]);
	nvm_queue_init(&lane->sq, ctrl, false, no, depth, (char *)rings->vaddr + cq_size,
		       rings->ioaddrs[cq_size / ctrl->page_size]);
	bench_device_attach(&lane->device, &lane->sq, &lane->cq);
}

static void make_lane(struct bench_lane *lane, nvm_aq_ref aq)
{
	struct nvm_qpair_options o = NVM_QPAIR_OPTIONS_INIT;
	int status;

	o.depth = (uint32_t)args.depth;
	o.prp_only = args.prp != 0;
	o.no_shadow = true;
	status = nvm_qpair_create(&lane->qp, aq, &o);
	if (status != 0)
		bench_fail(status, "queue pair");
	bench_device_attach(&lane->device, &lane->qp->sq, &lane->qp->cq);
}

static void make_lanes(const nvm_ctrl_t *ctrl, nvm_aq_ref aq)
{
	bool raw = strcmp(args.layer, "raw") == 0;
	nvm_dma_t *lists;
	int status;

	path.n_lanes = (uint32_t)args.queues;
	path.lanes = aligned_alloc(64, path.n_lanes * sizeof(*path.lanes));
	if (path.lanes == NULL)
		bench_fail(0, "out of memory");
	memset(path.lanes, 0, path.n_lanes * sizeof(*path.lanes));
	for (uint32_t i = 0; i < path.n_lanes; ++i) {
		if (raw)
			make_raw_lane(&path.lanes[i], ctrl, (uint16_t)(i + 1));
		else
			make_lane(&path.lanes[i], aq);
	}
	if (!raw || path.n_pages <= 2)
		return;
	status = nvm_dma_create(&lists, ctrl, args.depth * ctrl->page_size);
	if (status != 0)
		bench_fail(status, "PRP lists");
	path.lists = lists->vaddr;
	path.list_ioaddrs = lists->ioaddrs;
}

static void set_up(void)
{
	uint16_t n_cqs = (uint16_t)args.queues, n_sqs = (uint16_t)args.queues;
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq = NULL;
	char uri[64];
	int status;

	snprintf(uri, sizeof(uri), "emu:null?size=1T&queues=%" PRIu64, args.queues);
	status = nvm_ctrl_open(&ctrl, uri, NULL);
	if (status == 0)
		status = nvm_aq_open(&aq, ctrl);
	if (status == 0)
		status = nvm_admin_request_num_queues(aq, &n_cqs, &n_sqs);
	if (status == 0)
		status = nvm_ns_init(&path.ns, aq, 0);
	if (status != 0)
		bench_fail(status, uri);
	path.page_size = ctrl->page_size;
	path.n_pages = (args.size + ctrl->page_size - 1) / ctrl->page_size;
	path.n_blocks = (uint32_t)(args.size >> path.ns.lba_shift);
	path.batch = (uint32_t)args.batch;
	for (size_t i = 0; i < BENCH_MAX_BATCH; ++i)
		path.done[i].arg = &path;
	map_buffer(ctrl);
	make_steps();
	make_lanes(ctrl, aq);
}

int main(int argc, char **argv)
{
	double ns[MAX_REPEATS];
	bench_loop *loop;

	bench_options(argc, argv, "What the I/O path itself costs, without a controller.", options);
	check_args();
	bench_pin(0);
	set_up();
	loop = find_loop();
	for (uint64_t i = 0; i < args.repeat; ++i) {
		uint64_t start = bench_now_ns();

		loop(&path, args.count);
		ns[i] = (double)(bench_now_ns() - start) / (double)args.count;
	}
	if (path.n_bad != 0 || path.n_done != args.count * args.repeat)
		bench_fail(0, "requests failed or got lost");
	printf("{\"layer\": \"%s\", \"size\": %" PRIu64 ", \"batch\": %" PRIu64
	       ", \"depth\": %" PRIu64 ", \"queues\": %" PRIu64 ", \"mapped\": %" PRIu64
	       ", \"prp\": %" PRIu64 ", \"count\": %" PRIu64 ", ",
	       args.layer, args.size, args.batch, args.depth, args.queues, args.mapped, args.prp,
	       args.count);
	bench_print_array("ns_per_io", ns, args.repeat);
	puts("}");
	/* No goodbye to the controller: it has never heard of these requests, and goes with the process. */
	return 0;
}
