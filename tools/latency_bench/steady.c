/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * steady.c - has a rate become steady?
 */
#include "steady.h"

void steady_begin(struct steady *s, double limit)
{
	*s = (struct steady){.limit = limit};
}

/* Rise per sample of the straight line with the least squares. */
static double fitted_slope(const struct steady *s)
{
	double middle = (STEADY_WINDOW - 1) / 2.0, above = 0, below = 0;

	for (size_t i = 0; i < STEADY_WINDOW; ++i) {
		double x = (double)i - middle;

		/* After n samples the oldest is where the next one goes. */
		above += x * s->samples[(s->n + i) % STEADY_WINDOW];
		below += x * x;
	}
	return above / below;
}

bool steady_add(struct steady *s, double sample)
{
	double sum = 0, least = sample, largest = sample, rise;

	s->samples[s->n++ % STEADY_WINDOW] = sample;
	if (s->n < STEADY_WINDOW)
		return false;
	for (size_t i = 0; i < STEADY_WINDOW; ++i) {
		sum += s->samples[i];
		if (s->samples[i] < least)
			least = s->samples[i];
		if (s->samples[i] > largest)
			largest = s->samples[i];
	}
	s->mean = sum / STEADY_WINDOW;
	rise = fitted_slope(s) * (STEADY_WINDOW - 1);
	s->range = s->mean > 0 ? (largest - least) / s->mean * 100 : 0;
	s->slope = s->mean > 0 ? (rise < 0 ? -rise : rise) / s->mean * 100 : 0;
	/* Nothing at all is no rate. */
	s->reached = s->mean > 0 && s->range <= s->limit && s->slope <= s->limit / 2;
	return s->reached;
}
