/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm-integrity-util - does a disk return what was written to it?
 */
#include <inttypes.h>

#include "common/tool.h"
#include "work.h"

/* Bytes of a request unless --chunk says otherwise. */
#define DEFAULT_CHUNK ((uint64_t)128 << 10)

/* Bytes of one request at most: the buffer of a queue pair is --depth times as large. */
#define MAX_CHUNK ((uint64_t)1 << 30)

int work_check_range(const struct device *d, uint64_t lba, uint64_t n_blocks)
{
	uint64_t size = d->ns.n_blocks;

	if (lba < size && n_blocks <= size - lba)
		return 0;
	return tool_fail("%" PRIu64 " blocks from block %" PRIu64 " on reach beyond the end of "
			 "namespace %" PRIu32 ", which has %" PRIu64 " blocks",
			 n_blocks, lba, d->ns.ns_id, size);
}

int work_make_lanes(struct device *d, const struct arguments *args, uint64_t n_blocks,
		    uint64_t chunk)
{
	uint64_t n_chunks;
	unsigned int n, depth;

	if (chunk == 0)
		chunk = DEFAULT_CHUNK > d->block_size ? DEFAULT_CHUNK / d->block_size : 1;
	if (chunk > MAX_CHUNK / d->block_size)
		return tool_usage("--chunk=%" PRIu64 ": at most %" PRIu64 " blocks of %zu bytes",
				  chunk, MAX_CHUNK / d->block_size, d->block_size);
	/* A range is not empty. */
	if (n_blocks != 0 && chunk > n_blocks)
		chunk = n_blocks;
	n_chunks = (n_blocks - 1) / chunk + 1;
	n = n_chunks < args->n_queues ? (unsigned int)n_chunks : args->n_queues;
	depth = n_chunks < args->depth ? (unsigned int)n_chunks : args->depth;
	return device_make_lanes(d, n, depth, (uint32_t)chunk);
}

int main(int argc, char **argv)
{
	struct arguments args;
	int status;

	tool_begin("nvm-integrity-util");
	status = options_parse(&args, argc, argv);
	if (status != 0 || args.common.done)
		return tool_end(status);
	tool_catch_signals();
	return tool_end(args.file != NULL ? work_with_file(&args) : work_with_range(&args));
}
