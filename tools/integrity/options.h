/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - the command line of nvm-integrity-util.
 */
#ifndef INTEGRITY_OPTIONS_H
#define INTEGRITY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tool.h"

/* --count=all */
#define COUNT_ALL UINT64_MAX

/* Options of which it counts whether they were given. */
enum given {
	GIVEN_OFFSET = 1 << 0,
	GIVEN_SEED = 1 << 1,
	GIVEN_GENERATION = 1 << 2,
	GIVEN_PASSES = 1 << 3,
	GIVEN_CHUNK = 1 << 4,
	GIVEN_RANDOM = 1 << 5,
	GIVEN_NAMESPACE = 1 << 6,
	GIVEN_COUNT = 1 << 7,
};

/* What the command line says. */
struct arguments {
	struct tool_common common;
	uint32_t ns_id;
	unsigned int n_queues;
	unsigned int depth;
	uint32_t given; /* GIVEN_* */
	uint64_t offset;
	uint64_t chunk; /* blocks, 0 = not given */
	bool quiet;
	bool keep_going;
	uint64_t list; /* findings to show */

	const char *file; /* NULL = test */
	uint64_t read;    /* bytes, 0 = write */
	bool no_compare;

	bool fill;
	bool check;
	uint64_t count;
	uint64_t seed;
	uint32_t generation;
	uint32_t passes;
	bool random;
	const char *state;
	bool resume;
};

/*
 * Return: 0, or TOOL_USAGE after the line. After success, see args->common.done. The texts in args
 * are those of argv.
 */
int options_parse(struct arguments *args, int argc, char **argv);

#endif
