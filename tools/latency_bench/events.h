/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.h - measurements as in 2018: how long a number of commands took together.
 */
#ifndef LATENCY_BENCH_EVENTS_H
#define LATENCY_BENCH_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events kept; of more, a random choice is. */
#define EVENTS_KEPT ((size_t)1 << 20)

struct event {
	uint64_t ns;
	uint64_t blocks;
	uint64_t commands;
};

/**
 * struct events - a list of measurements
 * @kept: min(@n, EVENTS_KEPT) elements, malloc(3)
 * @room: elements allocated
 * @n: events recorded
 * @blocks: in all of them
 * @sum_ns: their times
 * @min_ns: least time
 * @max_ns: largest time
 * @state: of the random choice
 * @failed: out of memory
 */
struct events {
	struct event *kept;
	size_t room;
	uint64_t n;
	uint64_t blocks;
	uint64_t sum_ns;
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t state;
	bool failed;
};

void events_record(struct events *e, const struct event *event);
void events_free(struct events *e);
size_t events_n_kept(const struct events *e);

/* The rows of 2018 between the largest and the smallest. */
#define EVENTS_ROWS 12
extern const double events_ranks[EVENTS_ROWS]; /* 1 = largest, .99, ... .01, 0 = smallest */

/* What is computed from an event. */
enum measure {
	MEASURE_BANDWIDTH,       /* MB/s */
	MEASURE_IOPS,            /* per second, of 4 KiB */
	MEASURE_COMMAND_LATENCY, /* us per command */
	MEASURE_PAGE_LATENCY,    /* us per page */
	MEASURE_TIME,            /* us */
	MEASURES,
};

double event_measure(const struct event *event, enum measure measure, size_t block_size,
		     size_t page_size);

/* Value at each rank (the nearest one). Return: 0, or ENOMEM. */
int events_percentiles(const struct events *e, enum measure measure, size_t block_size,
		       size_t page_size, double values[EVENTS_ROWS]);

#endif
