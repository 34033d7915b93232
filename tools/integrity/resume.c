/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resume.c - going on with a test that its state file describes: only with the same test, on the same disk.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/tool.h"
#include "resume.h"

/* An option that was given although the file has it must say the same. */
static int differ(const char *path, const char *option, uint64_t saved)
{
	return tool_fail("%s is of another test, with %s=%" PRIu64
			 ": leave the option out, or start again without --resume",
			 path, option, saved);
}

static int check_arguments(const struct test *t, const struct arguments *args)
{
	uint32_t given = args->given;

	if ((given & GIVEN_NAMESPACE) && args->ns_id != t->ns_id)
		return differ(args->state, "--namespace", t->ns_id);
	if ((given & GIVEN_OFFSET) && args->offset != t->offset)
		return differ(args->state, "--offset", t->offset);
	if ((given & GIVEN_COUNT) && args->count != t->count && args->count != COUNT_ALL)
		return differ(args->state, "--count", t->count);
	/* A chunk is not larger than the range. */
	if ((given & GIVEN_CHUNK) && args->chunk != t->chunk &&
	    !(args->chunk > t->count && t->chunk == t->count))
		return differ(args->state, "--chunk", t->chunk);
	if ((given & GIVEN_SEED) && args->seed != t->seed)
		return differ(args->state, "--seed", t->seed);
	if ((given & GIVEN_GENERATION) && args->generation != t->generation)
		return differ(args->state, "--generation", t->generation);
	if ((given & GIVEN_PASSES) && args->passes != t->passes)
		return differ(args->state, "--passes", t->passes);
	if ((args->fill || args->check) && (args->fill != t->fill || args->check != t->check))
		return tool_fail("%s is of another test, with --%s: leave the option out, or start "
				 "again without --resume",
				 args->state,
				 t->fill && t->check ? "test"
				 : t->fill           ? "fill"
						     : "check");
	if ((given & GIVEN_RANDOM) && !t->random)
		return tool_fail("%s is of another test, without --random: leave the option out, "
				 "or start again without --resume",
				 args->state);
	return 0;
}

int resume_load(struct state *state, const struct arguments *args)
{
	int err;

	memset(state, 0, sizeof(*state));
	if (args->state == NULL)
		return 0;
	err = state_load(state, args->state);
	if (err == ENOENT && args->resume)
		return tool_fail("there is no state file %s: start without --resume", args->state);
	if (err == ENOENT)
		return 0;
	if (err != 0)
		return TOOL_FAILURE;
	if (args->resume)
		return check_arguments(&state->test, args);
	if (!state->finished)
		return tool_fail("%s is of a test that has not ended: go on with --resume, or "
				 "remove the file",
				 args->state);
	tally_free(&state->tally);
	memset(state, 0, sizeof(*state));
	return 0;
}

int resume_check_disk(const struct state *state, const struct device *d,
		      const struct arguments *args)
{
	const struct test *t = &state->test;
	const char *path = args->state;

	if (strcmp(t->serial, d->serial) != 0 || strcmp(t->model, d->model) != 0)
		return tool_fail("%s is of another disk, %s with serial number %s: this is %s, %s",
				 path, t->model, t->serial, d->model, d->serial);
	if (t->block_size != d->block_size)
		return tool_fail("%s is of blocks of %" PRIu64 " bytes: this namespace has blocks "
				 "of %zu bytes",
				 path, t->block_size, d->block_size);
	if (args->count == COUNT_ALL && t->count != d->ns.n_blocks - t->offset)
		return differ(path, "--count", t->count);
	return 0;
}
