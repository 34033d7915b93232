/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live.c - one line on the terminal while it runs.
 */
#include "bench.h"
#include "common/human.h"

void live_draw(const struct bench *b, double seconds, double iops, double latency_us)
{
	static const char *const doing[] = {"reading", "writing", "reading and writing"};
	double total = (double)b->args->runtime_ns / 1e9;
	char of[48] = "";

	if (total > 0)
		snprintf(of, sizeof(of), " of %s", human_time(total).text);
	fprintf(stderr, "\r%s %s%s: %.0f IOPS, %.1f us\033[K", doing[b->operation],
		human_time(seconds).text, of, iops, latency_us);
	fflush(stderr);
}

void live_clear(void)
{
	fputs("\r\033[K", stderr);
	fflush(stderr);
}
