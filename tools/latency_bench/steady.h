/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * steady.h - has a rate become steady? As in the SNIA Solid State Storage Performance Test
 * Specification: over a window of five samples, the largest and the smallest are no further apart than
 * 20 % of their mean, and the line fitted to them rises or falls by no more than half of that.
 */
#ifndef LATENCY_BENCH_STEADY_H
#define LATENCY_BENCH_STEADY_H

#include <stdbool.h>
#include <stddef.h>

#define STEADY_WINDOW 5

/**
 * struct steady - the last samples, and what they say
 * @limit: percent of the mean that largest and smallest may be apart
 * @samples: the last ones, @n % STEADY_WINDOW is the oldest
 * @n: samples taken
 * @mean: of the window
 * @range: largest less smallest, percent of the mean
 * @slope: rise of the fitted line over the window, percent of the mean, without sign
 * @reached: the window is steady
 */
struct steady {
	double limit;
	double samples[STEADY_WINDOW];
	size_t n;
	double mean;
	double range;
	double slope;
	bool reached;
};

/* @limit: percent, such as 20. */
void steady_begin(struct steady *s, double limit);

/* Take a sample. Return: is the window steady? */
bool steady_add(struct steady *s, double sample);

#endif
