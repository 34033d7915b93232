/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup.c - the controller, and a queue and a buffer for each worker.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "cpus.h"
#include "nvm_admin.h"
#include "nvm_error.h"

/* Buffers of queues that are deeper share memory between commands, unless it is to be verified. */
#define BUFFER_SHARED_FROM ((size_t)256 << 20)
#define BUFFER_LIMIT       ((size_t)4 << 30)
/* The largest command where the controller knows no limit. */
#define COMMAND_LIMIT ((size_t)1 << 20)

/* Units of the command line in blocks, rounded up; UINT64_MAX if there are no so many. */
static uint64_t to_blocks(const struct bench *b, uint64_t n)
{
	uint64_t bytes = n;

	if (b->args->unit == UNIT_BLOCKS)
		return n;
	if (b->args->unit == UNIT_PAGES && __builtin_mul_overflow(n, b->page_size, &bytes))
		return UINT64_MAX;
	return bytes / b->block_size + (bytes % b->block_size != 0);
}

static int find_range(struct bench *b)
{
	uint64_t size = b->ns.n_blocks;

	b->first = to_blocks(b, b->args->offset);
	if (b->first >= size)
		return tool_fail("--offset: block %" PRIu64
				 " is beyond the end of namespace %" PRIu32 ", which has %" PRIu64
				 " blocks",
				 b->first, b->ns.ns_id, size);
	b->n_blocks = b->args->count != 0 ? to_blocks(b, b->args->count) : size - b->first;
	if (b->n_blocks > size - b->first)
		return tool_fail("%" PRIu64 " blocks from block %" PRIu64
				 " on reach beyond the end of namespace %" PRIu32
				 ", which has %" PRIu64 " blocks",
				 b->n_blocks, b->first, b->ns.ns_id, size);
	return 0;
}

/* To whole pages, whose size is a power of two. */
static uint64_t round_up(const struct bench *b, uint64_t bytes)
{
	return (bytes + b->page_size - 1) & ~((uint64_t)b->page_size - 1);
}

/* How large the commands of a queue are. */
static int find_command_size(struct worker *w)
{
	const struct bench *b = w->bench;
	const struct arguments *args = b->args;
	uint64_t largest = (uint64_t)b->ns.max_blocks * b->block_size;
	uint64_t bytes = (uint64_t)w->spec->pages * b->page_size;

	if (bytes == 0)
		bytes = args->command_size;
	if (bytes == 0 && args->random && !args->largest)
		bytes = b->page_size > b->block_size ? b->page_size : b->block_size;
	if (bytes == 0)
		bytes = largest > COMMAND_LIMIT ? COMMAND_LIMIT : largest;
	if (bytes > largest)
		return tool_fail("queue %u: commands of %" PRIu64
				 " bytes are more than the %" PRIu64
				 " that this controller transfers at once: give a smaller prps= or "
				 "--bs=",
				 (unsigned int)w->spec->no, bytes, largest);
	if (bytes >> b->ns.lba_shift << b->ns.lba_shift != bytes)
		return tool_fail("queue %u: commands of %" PRIu64
				 " bytes are no whole number of blocks of %zu bytes",
				 (unsigned int)w->spec->no, bytes, b->block_size);
	w->command_blocks = (uint32_t)(bytes >> b->ns.lba_shift);
	w->pages = (uint32_t)(round_up(b, bytes) >> __builtin_ctzll(b->page_size));
	return 0;
}

/* The part of the range that a queue accesses: all of it, or its share in whole pages. */
static int find_share(struct worker *w)
{
	const struct bench *b = w->bench;
	uint64_t page = b->page_size > b->block_size ? b->page_size / b->block_size : 1;
	uint64_t share = ((b->n_blocks - 1) / page + 1) / b->n_workers * page;
	uint64_t first = b->first, n = b->n_blocks;

	if (!b->args->parallel && b->n_workers > 1) {
		first += w->index * share;
		n = w->index + 1 < b->n_workers ? share : b->n_blocks - w->index * share;
		if (share == 0 || n == 0)
			return tool_fail("%" PRIu64 " blocks are not enough for %zu queues: give a "
					 "larger --count, or --parallel",
					 b->n_blocks, b->n_workers);
	}
	if (b->args->repeat > INT64_MAX / n)
		return tool_fail("--repeat=%" PRIu64 " is too many for %" PRIu64 " blocks",
				 b->args->repeat, n);
	pattern_init(&w->pattern, first, n, w->command_blocks, b->args->repeat, b->args->random,
		     b->args->seed + w->index);
	return 0;
}

static int create_queue(struct worker *w)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	const nvm_ctrl_t *ctrl = w->bench->ctrl;
	int err;

	w->depth = w->spec->depth != 0 ? w->spec->depth : ctrl->max_entries - 1;
	if (w->depth > ctrl->max_entries - 1)
		return tool_fail("queue %u: %" PRIu32 " commands are more than the %" PRIu32
				 " that a queue of this controller holds: give a smaller depth",
				 (unsigned int)w->spec->no, w->depth, ctrl->max_entries - 1);
	options.depth = w->depth + 1;
	options.qid = w->spec->no;
	options.wait = w->bench->args->wait;
	err = nvm_qpair_create(&w->qp, w->bench->aq, &options);
	if (err != 0)
		return tool_fail("queue %u: %s", (unsigned int)w->spec->no, nvm_errmsg());
	w->commands = calloc(w->depth, sizeof(*w->commands));
	w->unused = calloc(w->depth, sizeof(*w->unused));
	if (w->commands == NULL || w->unused == NULL)
		return tool_fail("out of memory for queue %u", (unsigned int)w->spec->no);
	for (uint32_t i = 0; i < w->depth; ++i)
		w->unused[i] = w->depth - 1 - i;
	w->n_unused = w->depth;
	return 0;
}

/* What is written, unless it says who it is: bytes that no disk can compress. */
static void fill(unsigned char *data, size_t size, uint64_t seed)
{
	uint64_t x = seed | 1;

	for (size_t i = 0; i + sizeof(x) <= size; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(data + i, &x, sizeof(x));
	}
}

static bool data_matters(const struct arguments *args)
{
	return args->verify != VERIFY_NO || args->input != NULL;
}

/* A part of the buffer for each command that can be in flight. */
static int plan_buffer(struct worker *w)
{
	const struct bench *b = w->bench;
	bool one = w->pattern.n_blocks < w->command_blocks;
	size_t size = (one ? (size_t)w->pattern.n_blocks : w->command_blocks) * b->block_size;
	size_t stride = (size_t)round_up(b, size);
	size_t n = w->depth;

	if (n > w->pattern.length && !data_matters(b->args))
		n = (size_t)w->pattern.length;
	if (n * stride > BUFFER_SHARED_FROM && !data_matters(b->args))
		n = BUFFER_SHARED_FROM / stride;
	if (n == 0)
		n = 1;
	if (n * stride > BUFFER_LIMIT)
		return tool_fail("queue %u: %" PRIu32 " commands of %zu bytes, which must all be "
				 "held for --verify, take more than 4 GiB: give a smaller depth or "
				 "prps",
				 (unsigned int)w->spec->no, w->depth, size);
	for (uint32_t i = 0; i < w->depth; ++i) {
		w->commands[i].slot = i;
		w->commands[i].offset = i % n * stride;
	}
	w->buffer_size = n * stride;
	return 0;
}

static int create_buffer(struct worker *w, size_t size)
{
	int err = nvm_dma_create(&w->dma, w->bench->ctrl, size);

	if (err == 0)
		err = nvm_buf_create(&w->buf, w->bench->ctrl, w->dma);
	if (err != 0)
		return tool_fail_status(err);
	fill(w->dma->vaddr, size, w->bench->args->seed + w->index);
	return 0;
}

/*
 * One buffer for all, with --shared. Its commands overlap in it, as they did in 2018, unless their data
 * matters: then each has its part.
 */
static int create_shared_buffer(struct bench *b)
{
	bool apart = data_matters(b->args);
	size_t size = 0;
	int err;

	for (size_t i = 0; i < b->n_workers; ++i) {
		struct worker *w = &b->workers[i];

		w->buffer_offset = apart ? size : 0;
		if (apart)
			size += w->buffer_size;
		else if (w->buffer_size > size)
			size = w->buffer_size;
	}
	err = create_buffer(&b->workers[0], size);
	for (size_t i = 0; i < b->n_workers; ++i) {
		struct worker *w = &b->workers[i];

		w->buf = b->workers[0].buf;
		for (uint32_t k = 0; k < w->depth; ++k)
			w->commands[k].offset += w->buffer_offset;
	}
	return err;
}

static int place(struct worker *w)
{
	const struct arguments *args = w->bench->args;

	w->cpu = args->n_cpus != 0 ? args->cpus[w->index % args->n_cpus] : -1;
	if (w->cpu >= 0 && !cpus_may_run(w->cpu))
		return tool_fail("--cpus: there is no CPU %d that this program may run on: "
				 "taskset -p $$ shows which",
				 w->cpu);
	w->node = args->numa;
	if (args->numa == NUMA_AUTO)
		w->node = cpus_node(w->cpu);
	else if (args->numa == NUMA_NONE)
		w->node = -1;
	return 0;
}

static int setup_worker(struct worker *w)
{
	int err = place(w);

	if (err != 0)
		return err;
	err = cpus_memory_from(w->node);
	if (err != 0 && w->node >= 0)
		return tool_fail("memory cannot be had from NUMA node %d: %s: give another --numa",
				 w->node, strerror(err));
	err = find_command_size(w);
	if (err == 0)
		err = find_share(w);
	if (err == 0)
		err = create_queue(w);
	if (err == 0)
		err = plan_buffer(w);
	if (err == 0 && !w->bench->args->shared)
		err = create_buffer(w, w->buffer_size);
	return err;
}

/* As many queues as the highest number of any. */
static int request_queues(const struct bench *b)
{
	uint16_t n = 1, n_cqs, n_sqs;
	int err;

	for (size_t i = 0; i < b->args->n_queues; ++i)
		if (b->args->queues[i].no > n)
			n = b->args->queues[i].no;
	n_cqs = n_sqs = n;
	err = nvm_admin_request_num_queues(b->aq, &n_cqs, &n_sqs);
	if (err != 0)
		return tool_fail_status(err);
	if (n_cqs < n || n_sqs < n)
		return tool_fail("the controller grants %u queues: queue %u cannot be, give lower "
				 "numbers",
				 (unsigned int)(n_cqs < n_sqs ? n_cqs : n_sqs), (unsigned int)n);
	return 0;
}

static int setup_workers(struct bench *b)
{
	const struct arguments *args = b->args;
	int err = 0;

	b->workers = calloc(args->n_queues, sizeof(*b->workers));
	if (b->workers == NULL)
		return tool_fail("out of memory for %zu queues", args->n_queues);
	b->n_workers = args->n_queues;
	err = request_queues(b);
	for (size_t i = 0; err == 0 && i < b->n_workers; ++i) {
		struct worker *w = &b->workers[i];

		w->bench = b;
		w->index = i;
		w->spec = &args->queues[i];
		w->mix_state = args->seed * UINT64_C(0x9e3779b97f4a7c15) + i;
		err = setup_worker(w);
	}
	if (err == 0 && args->shared)
		err = create_shared_buffer(b);
	cpus_memory_from(-1);
	return err;
}

int bench_open(struct bench *b)
{
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
	int err;

	if (b->args->common.force)
		options.flags |= NVM_CTRL_ALLOW_IN_USE;
	if (b->text != NULL) {
		fputs(b->args->first_form ? "Resetting controller...\n"
					  : "Resetting controller... ",
		      b->text);
		fflush(b->text);
	}
	err = nvm_ctrl_open(&b->ctrl, b->args->common.uri, &options);
	if (err == 0)
		err = nvm_aq_open(&b->aq, b->ctrl);
	if (err == 0)
		err = nvm_ns_init(&b->ns, b->aq, b->args->ns_id);
	if (b->text != NULL && !b->args->first_form)
		fputs(err == 0 ? "DONE\n" : "\n", b->text);
	if (err != 0)
		return tool_fail_status(err);
	if (b->ns.metadata_size != 0)
		return tool_fail("namespace %" PRIu32 " has %" PRIu32
				 " bytes of metadata per block, which this program does not "
				 "transfer: format it without metadata",
				 b->ns.ns_id, b->ns.metadata_size);
	b->block_size = (size_t)1 << b->ns.lba_shift;
	b->page_size = b->ctrl->page_size;
	err = find_range(b);
	return err != 0 ? err : setup_workers(b);
}

void bench_close(struct bench *b)
{
	for (size_t i = 0; i < b->n_workers; ++i)
		nvm_qpair_destroy(b->workers[i].qp);
	/* Only when no queue is left can nothing reach the buffers. */
	for (size_t i = 0; i < b->n_workers; ++i) {
		struct worker *w = &b->workers[i];

		if (w->dma != NULL)
			nvm_buf_destroy(w->buf);
		nvm_dma_unmap(w->dma);
		free(w->commands);
		free(w->unused);
	}
	free(b->workers);
	b->workers = NULL;
	b->n_workers = 0;
	nvm_aq_destroy(b->aq);
	nvm_ctrl_free(b->ctrl);
}
