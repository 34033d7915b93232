/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * range_work.c - fill a range of blocks, check it, or both, several times; go on where an earlier run ended.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/tool.h"
#include "examine.h"
#include "mix.h"
#include "report.h"
#include "resume.h"
#include "stamp.h"
#include "state.h"
#include "work.h"

struct range_work {
	const struct arguments *args;
	struct device device;
	struct state state;
	struct progress progress;
	struct engine engine;
	double seconds_before; /* by the runs before */
	bool unsaved;          /* the state file could not be written, and the line says so */
	uint32_t generation;   /* of the step that is done */
	char what[60];         /* it is doing */
};

/* A step is half a pass where passes fill and check. */
static bool step_fills(const struct test *t, uint32_t step)
{
	return t->fill && !(t->check && step % 2 == 1);
}

static uint32_t step_pass(const struct test *t, uint32_t step)
{
	return t->fill && t->check ? step / 2 : step;
}

static struct stamp stamp_of(const struct range_work *w, uint64_t lba)
{
	return (struct stamp){
		.lba = lba,
		.seed = w->state.test.seed,
		.ns_id = w->state.test.ns_id,
		.generation = w->generation,
	};
}

static int fill(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
		struct reason *why)
{
	const struct range_work *w = arg;
	size_t size = w->device.block_size;

	(void)tally;
	(void)why;
	for (uint32_t i = 0; i < n_blocks; ++i) {
		struct stamp stamp = stamp_of(w, lba + i);

		stamp_write((unsigned char *)data + i * size, size, &stamp);
	}
	return 0;
}

static int check(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
		 struct reason *why)
{
	const struct range_work *w = arg;
	size_t size = w->device.block_size;
	struct finding finding;

	(void)why;
	for (uint32_t i = 0; i < n_blocks; ++i) {
		const unsigned char *block = (unsigned char *)data + i * size;
		struct stamp wanted = stamp_of(w, lba + i);

		if (stamp_is(block, size, &wanted)) {
			tally_add_good(tally, 1);
			continue;
		}
		examine(block, size, &wanted, &finding);
		tally_add(tally, &finding, 1);
	}
	return 0;
}

/* Called by the engine while a step is being done, and by this file after one. */
static int save(void *arg, uint64_t position, const struct tally *tally, struct reason *why)
{
	struct range_work *w = arg;
	struct state now = w->state;
	int err;

	if (w->args->state == NULL)
		return 0;
	now.position = position;
	now.tally = *tally;
	now.seconds = w->seconds_before + progress_seconds(&w->progress);
	err = state_save(&now, w->args->state, why);
	w->unsaved = err != 0;
	return err;
}

static int save_now(struct range_work *w)
{
	struct reason why;

	if (save(w, w->state.position, &w->state.tally, &why) != 0)
		return tool_fail("%s", why.text);
	return 0;
}

static int do_step(struct range_work *w)
{
	struct state *state = &w->state;
	const struct test *t = &state->test;
	uint32_t n_pass = step_pass(t, state->step);
	struct pass pass = {
		.lba = t->offset,
		.n_blocks = t->count,
		.write = step_fills(t, state->step),
		.arg = w,
	};

	pass.content = pass.write ? fill : check;
	w->generation = t->generation + (t->fill ? n_pass : 0);
	snprintf(w->what, sizeof(w->what), "%s %" PRIu32 "/%" PRIu32,
		 pass.write ? "filling" : "checking", n_pass + 1, t->passes);
	if (t->passes == 1)
		*strchr(w->what, ' ') = '\0';
	order_init(&pass.order, (t->count - 1) / t->chunk + 1, t->random,
		   mix64(t->seed + state->step + 1));
	return engine_run(&w->engine, &pass, &state->position);
}

/* After a step that has ended whole; it was flushed if it had to be. */
static int next_step(struct range_work *w)
{
	++w->state.step;
	w->state.position = 0;
	w->state.finished = w->state.step == state_n_steps(&w->state.test);
	return save_now(w);
}

/* Bytes that are still to be moved, for the progress bar. */
static uint64_t bytes_left(const struct range_work *w)
{
	const struct test *t = &w->state.test;
	uint64_t done = w->state.position * t->chunk;
	uint64_t steps = state_n_steps(t) - w->state.step;

	if (steps == 0)
		return 0;
	return ((steps - 1) * t->count + (done < t->count ? t->count - done : 0)) * t->block_size;
}

static int do_steps(struct range_work *w)
{
	int status;

	w->engine = (struct engine){
		.device = &w->device,
		.progress = &w->progress,
		.keep_going = w->args->keep_going,
		.tally = &w->state.tally,
		.save = w->args->state != NULL ? save : NULL,
		.save_arg = w,
	};
	w->seconds_before = w->state.seconds;
	progress_begin(&w->progress, w->what, bytes_left(w), !w->args->quiet);
	/* Before the first block is written: a file that cannot be written is found out. */
	status = save_now(w);
	while (status == 0 && !w->state.finished) {
		status = tool_interrupted() ? INTERRUPTED : do_step(w);
		if (status == 0)
			status = next_step(w);
	}
	progress_end(&w->progress);
	w->state.seconds = w->seconds_before + progress_seconds(&w->progress);
	if (status != 0 && !w->engine.uncertain && !w->unsaved) {
		int saved = save_now(w);

		if (status == INTERRUPTED && saved != 0)
			status = saved;
	}
	return status;
}

static int choose_seed(struct test *t, const struct arguments *args)
{
	t->seed = args->seed;
	if ((args->given & GIVEN_SEED) == 0 &&
	    getrandom(&t->seed, sizeof(t->seed), 0) != (ssize_t)sizeof(t->seed))
		return tool_fail("no random seed: %s: give one with --seed", strerror(errno));
	return 0;
}

/* A new test, as the command line says. */
static int begin(struct range_work *w)
{
	const struct arguments *args = w->args;
	struct test *t = &w->state.test;
	uint64_t size = w->device.ns.n_blocks;

	t->ns_id = w->device.ns.ns_id;
	t->block_size = w->device.block_size;
	memcpy(t->serial, w->device.serial, sizeof(t->serial));
	memcpy(t->model, w->device.model, sizeof(t->model));
	t->offset = args->offset;
	t->count = args->count;
	if (args->count == COUNT_ALL)
		t->count = args->offset < size ? size - args->offset : 1;
	t->generation = args->generation;
	t->passes = args->passes;
	t->fill = args->fill;
	t->check = args->check;
	t->random = args->random;
	return choose_seed(t, args);
}

static int prepare(struct range_work *w)
{
	const struct arguments *args = w->args;
	struct test *t = &w->state.test;
	uint32_t ns_id = args->resume && !(args->given & GIVEN_NAMESPACE) ? t->ns_id : args->ns_id;
	int status = device_open(&w->device, args->common.uri, ns_id, args->common.force);

	if (status == 0)
		status = args->resume ? resume_check_disk(&w->state, &w->device, args) : begin(w);
	if (status == 0)
		status = work_check_range(&w->device, t->offset, t->count);
	if (status == 0)
		status = work_make_lanes(&w->device, args, t->count,
					 args->resume ? t->chunk : args->chunk);
	t->chunk = w->device.chunk;
	return status;
}

/* Bytes that were moved by all runs. */
static uint64_t bytes_moved(const struct range_work *w)
{
	const struct tally *tally = &w->state.tally;

	return (tally->n_written + tally_checked(tally)) * w->device.block_size;
}

int work_with_range(const struct arguments *args)
{
	struct range_work w = {.args = args};
	struct report r = {.args = args, .device = &w.device, .test = &w.state.test};
	bool ready = false;
	int status;

	status = resume_load(&w.state, args);
	w.state.tally.max = (size_t)args->list;
	if (status == 0)
		status = prepare(&w);
	if (status == 0) {
		status = do_steps(&w);
		ready = true;
	}
	if (ready) {
		r.offset = w.state.test.offset;
		r.n_blocks = w.state.test.count;
		r.bytes = bytes_moved(&w);
		r.seconds = w.state.seconds;
		r.complete = w.state.finished;
		r.tally = &w.state.tally;
		status = report(&r, status);
	}
	device_close(&w.device);
	tally_free(&w.state.tally);
	return status;
}
