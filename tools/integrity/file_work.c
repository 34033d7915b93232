/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file_work.c - write a file to the disk and compare it, or read such a file back: as in 2018, but for the
 * comparing.
 */
#include <sys/file.h>

#include "common/disk_file.h"
#include "common/progress.h"
#include "common/tool.h"
#include "file.h"
#include "report.h"
#include "work.h"

struct file_work {
	const struct arguments *args;
	struct device device;
	struct file file;
	struct tally tally;
	uint64_t n_blocks;
	uint64_t bytes;
	double seconds;
	bool complete;
};

static int run_pass(struct file_work *w, struct engine *e, bool write,
		    int (*content)(void *, void *, uint64_t, uint32_t, struct tally *,
				   struct reason *))
{
	struct pass pass = {
		.lba = w->args->offset,
		.n_blocks = w->n_blocks,
		.write = write,
		.content = content,
		.arg = &w->file,
	};
	uint64_t position = 0;
	int status;

	order_init(&pass.order, (w->n_blocks - 1) / w->device.chunk + 1, false, 0);
	status = engine_run(e, &pass, &position);
	/* What could not be read has no place in the file. */
	if (status != 0 && w->args->read != 0)
		file_cut(&w->file, position * w->device.chunk * w->device.block_size);
	return status;
}

static int move(struct file_work *w)
{
	bool compares = w->args->read == 0 && !w->args->no_compare;
	uint64_t size = w->n_blocks * w->device.block_size;
	struct progress progress;
	struct engine e = {
		.device = &w->device,
		.progress = &progress,
		.keep_going = w->args->keep_going,
		.tally = &w->tally,
	};
	int status;

	progress_begin(&progress, w->args->read != 0 ? "reading" : "writing",
		       compares ? 2 * size : size, !w->args->quiet);
	if (w->args->read != 0)
		status = run_pass(w, &e, false, file_put);
	else
		status = run_pass(w, &e, true, file_get);
	progress.what = "comparing";
	if (status == 0 && compares)
		status = run_pass(w, &e, false, file_compare);
	progress_end(&progress);
	w->seconds = progress_seconds(&progress);
	w->bytes = e.moved;
	w->complete = status == 0;
	return status;
}

static int prepare(struct file_work *w)
{
	const struct arguments *args = w->args;
	int status = device_open(&w->device, args->common.uri, args->ns_id, args->common.force);

	if (status != 0)
		return status;
	w->file.lba = args->offset;
	w->file.block_size = w->device.block_size;
	w->n_blocks = (w->file.size - 1) / w->file.block_size + 1;
	status = work_check_range(&w->device, args->offset, w->n_blocks);
	if (status == 0 && args->read == 0)
		status = tool_check_not_a_disk(w->file.fd, w->file.name, LOCK_SH);
	if (status == 0)
		status = work_make_lanes(&w->device, args, w->n_blocks, args->chunk);
	if (status == 0 && args->read != 0)
		status = file_open_output(&w->file, args->file);
	return status;
}

int work_with_file(const struct arguments *args)
{
	struct file_work w = {.args = args, .file = {.fd = -1, .size = args->read}};
	struct report r = {.args = args, .device = &w.device, .offset = args->offset};
	int status = 0;
	bool moved = false;

	tally_init(&w.tally, args->list);
	if (args->read == 0)
		status = file_open_input(&w.file, args->file);
	if (status == 0)
		status = prepare(&w);
	if (status == 0) {
		status = move(&w);
		moved = true;
	}
	status = file_close(&w.file, status);
	if (moved) {
		r.n_blocks = w.n_blocks;
		r.bytes = w.bytes;
		r.seconds = w.seconds;
		r.complete = w.complete;
		r.tally = &w.tally;
		status = report(&r, status);
	}
	device_close(&w.device);
	tally_free(&w.tally);
	return status;
}
