/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench.h - what nvm-latency-bench holds while it runs: a controller, workers (a queue, a buffer and
 * a thread each), and what they have measured.
 *
 * Functions return 0, or an exit status after the line.
 */
#ifndef LATENCY_BENCH_BENCH_H
#define LATENCY_BENCH_BENCH_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "clock.h"
#include "common/histogram.h"
#include "events.h"
#include "nvm_aq.h"
#include "nvm_buf.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_ns.h"
#include "nvm_qpair.h"
#include "options.h"
#include "pattern.h"
#include "steady.h"
#include "verify.h"

enum operation {
	OPERATION_READ,
	OPERATION_WRITE,
	OPERATION_MIXED,
};

/* A command in flight, and the part of the buffer that is its own. */
struct command {
	uint64_t start; /* ticks */
	uint64_t lba;
	uint32_t n_blocks;
	uint32_t slot;
	bool write;
	bool counted; /* its latency is a result */
	size_t offset;
};

/* The first command that went wrong. */
struct failure {
	uint64_t when; /* ticks */
	char text[400];
};

/* What a worker has measured in one phase. */
struct tally {
	struct histogram
		*latency[2]; /* of commands, ns; by enum operation, NULL if there are none */
	struct events events;
	uint64_t commands[2]; /* that succeeded */
	uint64_t blocks[2];
	uint64_t measured_ns; /* events, also those that do not count for an error */
	uint64_t errors;
	uint64_t not_started; /* commands that were due at the end */
	struct failure failure;
	uint64_t begin; /* ticks */
	uint64_t end;
};

struct bench;

/* A queue, its buffer, and the thread that drives them. */
struct worker {
	struct bench *bench;
	size_t index;
	const struct queue_spec *spec;
	uint32_t depth;
	uint32_t command_blocks;
	uint32_t pages; /* per command */
	int cpu;        /* -1 = any */
	int node;       /* -1 = any */
	nvm_qpair_t *qp;
	nvm_dma_t *dma; /* NULL where the buffer is another worker's */
	nvm_buf_t *buf;
	size_t buffer_offset;
	size_t buffer_size;
	struct pattern pattern;
	struct command *commands; /* depth elements */
	uint32_t *unused;         /* slots in commands: a stack */
	uint32_t n_unused;
	uint32_t n_empty; /* polls in vain, since one was not */
	uint64_t mix_state;
	bool recording;
	int broken; /* errno with which the queue refuses commands; 0 = it does not */

	uint64_t submitted; /* commands, also those not recorded */
	struct event event; /* that is being measured */
	uint64_t event_errors;
	uint64_t last_completion; /* ticks */
	uint64_t first_pass_kept; /* what is on the disk was written in this pass or later */
	uint64_t last_pass_written;
	uint64_t deadline; /* ticks; UINT64_MAX = none */
	uint64_t wait_ms;  /* longest wait without a look at whether it is time for something */
	enum operation operation;
	struct tally tally;
	pthread_t thread;

	/* For who watches. */
	_Atomic uint64_t seen_commands;
	_Atomic uint64_t seen_ns;
};

/* What all workers have measured in one phase. */
struct phase {
	enum operation operation;
	struct tally *tallies; /* one for each worker */
	struct events aggregated;
	struct histogram *latency[2];
	double seconds;  /* from beginning to end */
	double measured; /* without what is between iterations: rates are per second of this */
	uint64_t commands[2];
	uint64_t blocks[2];
	uint64_t errors;
	uint64_t not_started;
	double *samples; /* IOPS in each second */
	size_t n_samples;
	struct steady steady;
};

#define MAX_PHASES 2

struct bench {
	const struct arguments *args;
	FILE *text; /* what is printed for people goes there; NULL = nowhere */
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_ns_t ns;
	size_t block_size;
	size_t page_size;
	uint64_t first; /* blocks accessed */
	uint64_t n_blocks;
	struct bench_clock clock;
	double overhead_ns; /* of the benchmark itself, per command */
	unsigned char *input;
	struct worker *workers;
	size_t n_workers;
	uint64_t generation; /* of pass 0 of this run */

	/* The phase that runs. */
	enum operation operation;
	bool continuous; /* rather than pass by pass, together */
	bool together; /* go on with another pass? Written between barriers, by the first worker */
	pthread_mutex_t gate;
	pthread_barrier_t barrier;
	sem_t done;
	_Atomic bool stop;
	_Atomic size_t n_started; /* workers that measure */
	bool abandoned;

	struct phase phases[MAX_PHASES];
	size_t n_phases;
};

/* --- setup.c: controller, queues and buffers */
int bench_open(struct bench *b);
void bench_close(struct bench *b);

/* --- work.c: what a worker does in a phase; the thread's function, @arg is the worker */
void *work(void *arg);

/* --- command.c */

/* Submit the next command of the pattern. @start: ticks, 0 = the caller fills them in. */
void command_submit(struct worker *w, uint64_t start);

/* All commands in flight have this start. */
void command_start_all(struct worker *w, uint64_t start);

/* Collect what has completed. Return: how many commands. */
uint32_t command_collect(struct worker *w);

/* Collect until nothing is in flight. */
void command_drain(struct worker *w);

/* Flush what was written; an error counts. */
void command_flush(struct worker *w);

/* Commands in flight. */
static inline uint32_t command_in_flight(const struct worker *w)
{
	return w->depth - w->n_unused;
}

/* Something failed that is no command of the pattern. */
void command_failed(struct worker *w, const char *what, int status);

/* What submitting and collecting cost without a disk, ns per command. */
double command_overhead(struct worker *w);

/* --- run.c */

/* Run all phases; fills in phases. Return: 0 also if commands failed, or if asked to end. */
int bench_run(struct bench *b);

/* --- live.c: one line on the terminal while it runs. @iops, @latency_us: of late */
void live_draw(const struct bench *b, double seconds, double iops, double latency_us);
void live_clear(void);

/* --- plan.c: what is going to be done */
void report_plan(const struct bench *b);
void report_info(struct bench *b);

/* --- report.c, report_json.c, stats.c, plots.c: what was measured */
int report(const struct bench *b);
int report_json(const struct bench *b);
int report_stats(const struct bench *b);
int report_plots(const struct bench *b);

/* The first command of all that failed, and how many did; NULL if none. */
const struct failure *report_failure(const struct bench *b, uint64_t *n_errors);

/* Percentiles of the latency of commands that are shown. */
#define LATENCY_RANKS 9
extern const double latency_ranks[LATENCY_RANKS];
extern const char *const latency_rank_names[LATENCY_RANKS];

static inline const char *operation_name(enum operation operation)
{
	static const char *const names[] = {"read", "write", "mixed"};

	return names[operation];
}

/* Of a phase that both reads and writes, of reads or writes alone: are there any? */
static inline bool phase_has(const struct phase *phase, enum operation operation)
{
	return phase->latency[operation] != NULL;
}

/* --- files.c: --infile and --outfile */
int files_load(struct bench *b);
int files_save(struct bench *b);

/*
 * Open a file for writing, or standard output for "-", and empty it. A file that a software controller
 * keeps its blocks in is refused. Return: -1 after the line.
 */
int files_create(const char *name);

/* --- compare.c */
int compare_results(const struct arguments *args);

#endif
