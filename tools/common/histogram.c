/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.c - how often each value occurred, with three significant digits, and no sample lost.
 */
#include <string.h>

#include "histogram.h"

void histogram_clear(struct histogram *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

void histogram_add(struct histogram *to, const struct histogram *from)
{
	for (size_t i = 0; i < HISTOGRAM_SIZE; ++i)
		to->counts[i] += from->counts[i];
	to->n += from->n;
	to->sum += from->sum;
	if (from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
}

uint64_t histogram_lowest(size_t index)
{
	size_t shift;

	if (index < 2 * HISTOGRAM_STEPS)
		return index;
	shift = (index >> HISTOGRAM_STEP_BITS) - 1;
	return (uint64_t)(index - (shift << HISTOGRAM_STEP_BITS)) << shift;
}

uint64_t histogram_highest(size_t index)
{
	return histogram_lowest(index + 1) - 1;
}

/* How many samples are that many percent of n, rounded up; what doubles cannot say does not count. */
static uint64_t rank_of(double percent, uint64_t n)
{
	double wanted = percent / 100 * (double)n * (1 - 1e-12);
	uint64_t rank;

	if (!(wanted > 0))
		return 0;
	if (wanted >= (double)n)
		return n;
	rank = (uint64_t)wanted;
	return (double)rank < wanted ? rank + 1 : rank;
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
	uint64_t rank = rank_of(percent, h->n);
	uint64_t seen = 0, value;

	if (h->n == 0)
		return 0;
	if (rank == 0)
		return h->min;
	if (rank == h->n)
		return h->max;
	for (size_t i = 0; i < HISTOGRAM_SIZE; ++i) {
		seen += h->counts[i];
		if (seen < rank)
			continue;
		/* The least and the largest are known exactly. */
		value = histogram_highest(i);
		return value > h->max ? h->max : value < h->min ? h->min : value;
	}
	return h->max;
}

double histogram_mean(const struct histogram *h)
{
	return h->n != 0 ? (double)h->sum / (double)h->n : 0;
}

/* What element @index counts is taken to be in the middle of its step. */
static double middle(size_t index)
{
	return ((double)histogram_lowest(index) + (double)histogram_highest(index)) / 2;
}

double histogram_variance(const struct histogram *h)
{
	double mean = 0, sum = 0;

	if (h->n == 0)
		return 0;
	for (size_t i = 0; i < HISTOGRAM_SIZE; ++i)
		if (h->counts[i] != 0)
			mean += (double)h->counts[i] * middle(i) / (double)h->n;
	for (size_t i = 0; i < HISTOGRAM_SIZE; ++i)
		if (h->counts[i] != 0)
			sum += (double)h->counts[i] * (middle(i) - mean) * (middle(i) - mean);
	return sum / (double)h->n;
}
