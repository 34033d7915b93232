/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.h - what a test is and how far it has got, in memory and in a file that it can be resumed from.
 */
#ifndef INTEGRITY_STATE_H
#define INTEGRITY_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"
#include "tally.h"

/**
 * struct test - what a test does
 * @serial, @model: of the controller
 * @ns_id: namespace
 * @block_size: bytes
 * @offset, @count: the range, blocks
 * @chunk: blocks of a request
 * @seed: of the run
 * @generation: that is written, or is expected, in the first pass
 * @passes: how often
 * @fill, @check: what a pass does
 * @random: order of the chunks
 */
struct test {
	char serial[21];
	char model[41];
	uint32_t ns_id;
	uint64_t block_size;
	uint64_t offset;
	uint64_t count;
	uint32_t chunk;
	uint64_t seed;
	uint32_t generation;
	uint32_t passes;
	bool fill;
	bool check;
	bool random;
};

/**
 * struct state - a test and how far it has got
 * @test: what it does
 * @step: steps done: a pass that fills and checks has two
 * @position: chunks done in the step after these
 * @seconds: it took to get there
 * @finished: all is done
 * @tally: what was found
 */
struct state {
	struct test test;
	uint32_t step;
	uint64_t position;
	double seconds;
	bool finished;
	struct tally tally;
};

/* Steps of the whole test. */
uint32_t state_n_steps(const struct test *test);

/* Read a file. Return 0, ENOENT if there is none, or EINVAL after the line. @state->tally is to be freed. */
int state_load(struct state *state, const char *path);

/* Replace the file by one step, so that there is a whole one at any time. Return 0 or -1 with @why. */
int state_save(const struct state *state, const char *path, struct reason *why);

#endif
