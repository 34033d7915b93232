/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.c - measurements as in 2018: how long a number of commands took together.
 */
#include <errno.h>
#include <stdlib.h>

#include "events.h"

const double events_ranks[EVENTS_ROWS] = {1, .99, .97, .95, .90, .75, .50, .25, .10, .05, .01, 0};

size_t events_n_kept(const struct events *e)
{
	return e->n < EVENTS_KEPT ? (size_t)e->n : EVENTS_KEPT;
}

static bool grow(struct events *e)
{
	size_t room = e->room != 0 ? 2 * e->room : 1024;
	struct event *kept = realloc(e->kept, room * sizeof(*kept));

	if (kept == NULL)
		return false;
	e->kept = kept;
	e->room = room;
	return true;
}

static uint64_t next_random(struct events *e)
{
	e->state += UINT64_C(0x9e3779b97f4a7c15);
	return (e->state ^ (e->state >> 31)) * UINT64_C(0xbf58476d1ce4e5b9) >> 16;
}

void events_record(struct events *e, const struct event *event)
{
	uint64_t place = e->n;

	if (place < EVENTS_KEPT && place >= e->room && !grow(e)) {
		e->failed = true;
		return;
	}
	/* Each event so far is kept with the same probability. */
	if (place >= EVENTS_KEPT)
		place = next_random(e) % (e->n + 1);
	if (place < EVENTS_KEPT)
		e->kept[place] = *event;
	e->min_ns = e->n == 0 || event->ns < e->min_ns ? event->ns : e->min_ns;
	e->max_ns = event->ns > e->max_ns ? event->ns : e->max_ns;
	e->sum_ns += event->ns;
	e->blocks += event->blocks;
	++e->n;
}

void events_free(struct events *e)
{
	free(e->kept);
	*e = (struct events){0};
}

double event_measure(const struct event *event, enum measure measure, size_t block_size,
		     size_t page_size)
{
	double us = (double)(event->ns > 0 ? event->ns : 1) / 1e3;
	double bytes = (double)event->blocks * (double)block_size;

	switch (measure) {
	case MEASURE_BANDWIDTH:
		return bytes / us;
	case MEASURE_IOPS:
		return bytes / 4096 / us * 1e6;
	case MEASURE_COMMAND_LATENCY:
		return us / (double)event->commands;
	case MEASURE_PAGE_LATENCY:
		return us / bytes * (double)page_size;
	default:
		return us;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static size_t rank_index(double rank, size_t n)
{
	double wanted = rank * (double)n * (1 - 1e-12);
	size_t index = (size_t)wanted;

	/* The nearest rank is rounded up, and counts from 1: rounding down counts from 0. */
	return index < n ? index : n - 1;
}

int events_percentiles(const struct events *e, enum measure measure, size_t block_size,
		       size_t page_size, double values[EVENTS_ROWS])
{
	size_t n = events_n_kept(e);
	double *all = malloc((n > 0 ? n : 1) * sizeof(*all));

	if (all == NULL)
		return ENOMEM;
	for (size_t i = 0; i < n; ++i)
		all[i] = event_measure(&e->kept[i], measure, block_size, page_size);
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0; i < EVENTS_ROWS; ++i)
		values[i] = n > 0 ? all[rank_index(events_ranks[i], n)] : 0;
	free(all);
	return 0;
}
