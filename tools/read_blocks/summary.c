/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * summary.c - what was transferred, and how fast.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/human.h"
#include "common/json.h"
#include "common/tool.h"
#include "job.h"

static int summary_json(const struct job *j, double seconds)
{
	uint64_t bytes = j->n_blocks * j->block_size;
	struct json_object *o = json_make_object();
	bool writes = j->args->input != NULL;

	json_add_text(o, "operation", writes ? "write" : "read");
	json_add_text(o, "ctrl", j->args->common.uri);
	json_add_uint(o, "namespace", j->args->ns_id);
	json_add_uint(o, "offset", j->args->lba);
	json_add_uint(o, "blocks", j->n_blocks);
	json_add_uint(o, "block_size", j->block_size);
	json_add_uint(o, "bytes", bytes);
	json_add_text(o, "file", j->file_name);
	if (writes)
		json_add_bool(o, "flushed", !j->args->no_flush);
	json_add_double(o, "seconds", seconds);
	json_add_double(o, "bytes_per_second", seconds > 0 ? (double)bytes / seconds : 0);
	return tool_json_print(o);
}

int summary(const struct job *j)
{
	double seconds = progress_seconds(&j->progress);
	uint64_t bytes = j->n_blocks * j->block_size;
	uint64_t rate = seconds > 0 ? (uint64_t)((double)bytes / seconds) : 0;

	if (j->args->common.format == TOOL_JSON)
		return summary_json(j, seconds);
	/* Where the blocks themselves go to standard output, nothing else does. */
	if (j->args->quiet || (j->args->input == NULL && file_is_stdout(j)))
		return 0;
	printf("%s %" PRIu64 " blocks of %zu bytes (%s) from block %" PRIu64
	       " on in %.3f s (%s/s)\n",
	       j->args->input != NULL ? "Wrote" : "Read", j->n_blocks, j->block_size,
	       human_bytes(bytes).text, j->args->lba, seconds, human_bytes(rate).text);
	return 0;
}
