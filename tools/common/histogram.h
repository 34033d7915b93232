/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.h - how often each value occurred, with three significant digits, and no sample lost.
 *
 * Values are times in nanoseconds from 0 to an hour. Steps are 1 up to 2047, and no more than a
 * thousandth of the value beyond. A value of more than an hour counts as an hour; the largest is
 * kept exactly all the same.
 */
#ifndef TOOLS_HISTOGRAM_H
#define TOOLS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Each power of two has 2^10 steps. */
#define HISTOGRAM_STEP_BITS 10
#define HISTOGRAM_STEPS     ((size_t)1 << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_LIMIT     UINT64_C(3600000000000)
/* An hour lies between 2^41 and 2^42 ns. */
#define HISTOGRAM_SIZE (HISTOGRAM_STEPS * (42 - HISTOGRAM_STEP_BITS + 1))

struct histogram {
	uint64_t n;
	uint64_t sum;
	uint64_t min; /* UINT64_MAX if empty */
	uint64_t max;
	uint64_t counts[HISTOGRAM_SIZE];
};

void histogram_clear(struct histogram *h);

/* Which element of counts counts a value. */
static inline size_t histogram_index(uint64_t value)
{
	unsigned int shift;

	if (value < 2 * HISTOGRAM_STEPS)
		return (size_t)value;
	if (value > HISTOGRAM_LIMIT)
		value = HISTOGRAM_LIMIT;
	shift = 63U - HISTOGRAM_STEP_BITS - (unsigned int)__builtin_clzll(value);
	return (shift << HISTOGRAM_STEP_BITS) + (size_t)(value >> shift);
}

static inline void histogram_record(struct histogram *h, uint64_t value)
{
	++h->counts[histogram_index(value)];
	++h->n;
	h->sum += value;
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
}

/* Add all of @from to @to. */
void histogram_add(struct histogram *to, const struct histogram *from);

/**
 * histogram_percentile() - the value that so many percent of the samples do not exceed
 * @percent: 0..100; 0 is the least value, 100 the largest
 *
 * The nearest rank: a value that occurred, up to the width of its step. 0 if there are no samples.
 */
uint64_t histogram_percentile(const struct histogram *h, double percent);

/* 0 if there are no samples. */
double histogram_mean(const struct histogram *h);
double histogram_variance(const struct histogram *h);

/* The least and the largest value that element @index counts. */
uint64_t histogram_lowest(size_t index);
uint64_t histogram_highest(size_t index);

#endif
