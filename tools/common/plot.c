/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plot.c - figures on a terminal.
 */
#include <inttypes.h>
#include <string.h>

#include "plot.h"

#define BAR_WIDTH 40
/* More ranges than this are joined by twos, then by fives. */
#define MAX_RANGES 24

void plot_bar(FILE *file, const char *label, double value, double largest)
{
	char bar[BAR_WIDTH + 1];
	size_t n = largest > 0 ? (size_t)(value / largest * BAR_WIDTH + 0.5) : 0;

	if (n == 0 && value > 0)
		n = 1;
	if (n > BAR_WIDTH)
		n = BAR_WIDTH;
	memset(bar, '#', n);
	bar[n] = '\0';
	fprintf(file, "%s |%s\n", label, bar);
}

/* Where range i ends: ten to each power of ten, in ns. */
static uint64_t range_end(unsigned int i)
{
	static const uint64_t ends[] = {100, 125, 160, 200, 250, 320, 400, 500, 640, 800};
	uint64_t end = ends[i % 10];

	for (i /= 10; i > 0; --i)
		end *= 10;
	return end;
}

/* From 100 ns, the first end, to more than an hour. */
#define N_RANGES 110

struct ranges {
	uint64_t counts[N_RANGES];
	unsigned int first;
	unsigned int last;
};

static void count(struct ranges *r, const struct histogram *h)
{
	unsigned int range = 0;

	*r = (struct ranges){.first = N_RANGES};
	for (size_t i = 0; i < HISTOGRAM_SIZE; ++i) {
		if (h->counts[i] == 0)
			continue;
		while (range + 1 < N_RANGES && histogram_lowest(i) >= range_end(range))
			++range;
		r->counts[range] += h->counts[i];
		if (r->first == N_RANGES)
			r->first = range;
		r->last = range;
	}
}

static uint64_t joined(const struct ranges *r, unsigned int from, unsigned int step)
{
	uint64_t sum = 0;

	for (unsigned int i = from; i < from + step && i < N_RANGES; ++i)
		sum += r->counts[i];
	return sum;
}

static double range_start(unsigned int i)
{
	return i > 0 ? (double)range_end(i - 1) / 1e3 : 0;
}

void plot_histogram(FILE *file, const struct histogram *h)
{
	struct ranges r;
	unsigned int step = 1;
	uint64_t largest = 0;
	char label[96];

	count(&r, h);
	if (h->n == 0)
		return;
	while ((r.last - r.first) / step >= MAX_RANGES)
		step = step == 1 ? 2 : step == 2 ? 5 : 10;
	r.first -= r.first % step;
	for (unsigned int i = r.first; i <= r.last; i += step)
		if (joined(&r, i, step) > largest)
			largest = joined(&r, i, step);
	for (unsigned int i = r.first; i <= r.last; i += step) {
		uint64_t n = joined(&r, i, step);

		snprintf(label, sizeof(label), "%11.2f .. %11.2f us %12" PRIu64 " %7.3f %%",
			 range_start(i), (double)range_end(i + step - 1) / 1e3, n,
			 (double)n / (double)h->n * 100);
		plot_bar(file, label, (double)n, (double)largest);
	}
}
