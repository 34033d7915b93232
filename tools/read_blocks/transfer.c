/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transfer.c - blocks between the disk and the file, chunk by chunk.
 */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "common/tool.h"
#include "job.h"

/* Bytes moved at once unless --chunk says otherwise: a huge page, and several commands. */
#define DEFAULT_CHUNK ((size_t)2 << 20)

static int check_range(const struct job *j)
{
	uint64_t size = nvm_disk_n_blocks(j->disk);
	uint64_t lba = j->args->lba;

	if (lba < size && j->n_blocks <= size - lba)
		return 0;
	return tool_fail("%" PRIu64 " blocks from block %" PRIu64 " on reach beyond the end of "
			 "namespace %" PRIu32 ", which has %" PRIu64 " blocks",
			 j->n_blocks, lba, j->args->ns_id, size);
}

static int allocate(struct job *j)
{
	uint64_t chunk = j->args->chunk;

	if (chunk > MAX_CHUNK / j->block_size)
		return tool_usage("--chunk=%" PRIu64 ": at most %zu blocks of %zu bytes", chunk,
				  MAX_CHUNK / j->block_size, j->block_size);
	if (chunk == 0)
		chunk = DEFAULT_CHUNK > j->block_size ? DEFAULT_CHUNK / j->block_size : 1;
	if (chunk > j->n_blocks)
		chunk = j->n_blocks;
	j->chunk = (size_t)chunk;
	j->buffer = nvm_disk_alloc(j->disk, j->chunk * j->block_size);
	return j->buffer != NULL ? 0 : tool_fail_status(ENOMEM);
}

static int move_chunk(struct job *j)
{
	uint64_t left = j->n_blocks - j->n_done;
	size_t n = left < j->chunk ? (size_t)left : j->chunk;
	uint64_t lba = j->args->lba + j->n_done;
	int status;

	if (j->args->input != NULL) {
		status = file_get(j, n * j->block_size, n == left);
		if (status != 0)
			return status;
		status = nvm_disk_write(j->disk, j->buffer, lba, n);
		if (status != 0)
			return tool_fail_status(status);
	} else {
		status = nvm_disk_read(j->disk, j->buffer, lba, n);
		if (status != 0)
			return tool_fail_status(status);
		status = file_put(j, n * j->block_size);
		if (status != 0)
			return status;
	}
	j->n_done += n;
	progress_update(&j->progress, j->n_done * j->block_size);
	return 0;
}

static int move_all(struct job *j)
{
	bool writes = j->args->input != NULL;
	/* Blocks printed on a terminal are progress enough. */
	bool bar = !j->args->quiet && (writes || j->fd > STDOUT_FILENO || !isatty(STDOUT_FILENO));
	int status = 0;

	progress_begin(&j->progress, writes ? "writing" : "reading", j->n_blocks * j->block_size,
		       bar);
	while (status == 0 && j->n_done < j->n_blocks && !tool_interrupted())
		status = move_chunk(j);
	progress_end(&j->progress);
	if (status == INTERRUPTED)
		return 0;
	if (status != 0 || j->n_done < j->n_blocks)
		return status;

	if (writes && !j->args->no_flush) {
		status = nvm_disk_flush(j->disk);
		if (status != 0)
			return tool_fail_status(status);
	}
	if (!writes && j->fd < 0)
		hexdump_end(&j->dump);
	return 0;
}

int transfer(struct job *j)
{
	int status = 0;

	if (j->args->input != NULL)
		status = file_size_input(j);
	else
		j->n_blocks = j->args->n_blocks;
	if (status == 0)
		status = check_range(j);
	if (status == 0)
		status = allocate(j);
	if (status == 0 && j->args->input == NULL)
		status = file_open_output(j);
	if (status == 0)
		status = move_all(j);
	if (status == 0 && j->n_done == j->n_blocks)
		status = summary(j);
	return status;
}
