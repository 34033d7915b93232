/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - the command line of nvm-latency-bench.
 */
#ifndef LATENCY_BENCH_OPTIONS_H
#define LATENCY_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/tool.h"
#include "nvm_qpair.h"

/* What --queue says. */
struct queue_spec {
	uint16_t no;
	uint32_t depth; /* commands in flight; 0 = as many as the controller takes */
	uint32_t pages; /* controller pages per command; 0 = not given */
};

/* What --count and --offset count. */
enum unit {
	UNIT_BLOCKS,
	UNIT_PAGES,
	UNIT_BYTES,
};

enum verify {
	VERIFY_NO,
	VERIFY_WRITTEN, /* what this run has written, or the input file */
	VERIFY_ONLY,    /* what an earlier run has written */
};

/* Values of arguments.numa besides node numbers. */
#define NUMA_NONE (-1)
#define NUMA_AUTO (-2)

/* What the command line says. */
struct arguments {
	struct tool_common common;
	uint32_t ns_id;
	struct queue_spec *queues; /* n_queues elements, malloc(3) */
	size_t n_queues;
	bool queues_given;

	enum unit unit;
	uint64_t count; /* units; 0 = not given */
	uint64_t offset;
	uint64_t command_size; /* bytes per command; 0 = not given */
	bool random;
	bool largest; /* commands as large as can be, though random */
	bool parallel;
	bool shared;
	uint64_t seed;

	bool bandwidth;
	bool first_form; /* --pattern: output of the earliest form */
	uint64_t iterations;
	bool iterations_given;
	uint64_t repeat;
	uint64_t runtime_ns;      /* 0 = not given */
	uint64_t warmup_ns;       /* 0 = none */
	uint64_t warmup_commands; /* per queue; 0 = none */
	uint64_t rate;            /* commands per second, all queues together; 0 = closed loop */
	double steady;            /* percent; 0 = do not look */

	bool write;
	int rwmix; /* percent of reads; -1 = not given */
	enum verify verify;
	const char *input;
	const char *output;

	int *cpus; /* n_cpus elements, malloc(3) */
	size_t n_cpus;
	int numa;
	enum nvm_wait_mode wait;

	bool info;
	bool stats;
	const char *stats_file; /* NULL = standard output */
	bool histogram;
	const char *plot;       /* NULL = none */
	const char *compare[2]; /* NULL = measure */
};

/*
 * Return: 0, or TOOL_USAGE after the line. After success, see args->common.done. The texts in args
 * are those of argv. options_free() whatever is returned.
 */
int options_parse(struct arguments *args, int argc, char **argv);

void options_free(struct arguments *args);

/* Options that say something together: 0, or TOOL_USAGE after the line. */
int options_check(struct arguments *args);

/* Append what "no=1,depth=32,prps=1,location=host" says: 0, or TOOL_USAGE after the line. */
int queue_spec_parse(struct arguments *args, const char *text);

/* Append a queue: 0, or TOOL_FAILURE after the line. */
int queue_spec_add(struct arguments *args, const struct queue_spec *spec);

#endif
