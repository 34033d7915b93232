/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - the command line of nvm-read-blocks.
 */
#ifndef READ_BLOCKS_OPTIONS_H
#define READ_BLOCKS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/tool.h"

/* Bytes moved at once at most. */
#define MAX_CHUNK ((size_t)1 << 30)

/* What the command line says. */
struct arguments {
	struct tool_common common;
	uint64_t n_blocks; /* 0 = not given */
	uint64_t chunk;    /* 0 = not given */
	uint64_t lba;
	uint32_t ns_id;
	const char *output; /* NULL = print */
	const char *input;  /* NULL = read */
	bool ascii;
	bool pad;
	bool no_flush;
	bool identify;
	bool quiet;
};

/*
 * Return: 0, or TOOL_USAGE after the line. After success, see args->common.done. The texts in args
 * are those of argv.
 */
int options_parse(struct arguments *args, int argc, char **argv);

#endif
