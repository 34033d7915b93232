/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.c - the rate of the processor's counter, and whether it runs evenly.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"

/* x86 processors say that theirs does, whatever their frequency and in sleep; on aarch64 it always does. */
static bool counter_is_even(void)
{
#if defined(__aarch64__)
	return true;
#else
	char line[8192];
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool even = false;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "flags", 5) != 0)
			continue;
		even = strstr(line, " constant_tsc") != NULL &&
		       strstr(line, " nonstop_tsc") != NULL;
		break;
	}
	if (file != NULL)
		fclose(file);
	return even;
#endif
}

/* Both clocks at the same moment: of several tries the one with the least between the readings. */
static void read_both(uint64_t *ticks, uint64_t *ns)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 16; ++i) {
		uint64_t before = clock_monotonic();
		uint64_t t = nvm_ticks();
		uint64_t after = clock_monotonic();

		if (after - before < least) {
			least = after - before;
			*ticks = t;
			*ns = before + (after - before) / 2;
		}
	}
}

static void measure_reading(struct bench_clock *clock)
{
	enum {
		N = 10000
	};
	uint64_t start = clock_monotonic(), sum = 0;

	for (int i = 0; i < N; ++i)
		sum += clock_now(clock);
	/* The sum is needed as far as the compiler knows. */
	__asm__ volatile("" : : "r"(sum));
	clock->read_ns = (double)(clock_monotonic() - start) / N;
}

void clock_calibrate(struct bench_clock *clock)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	uint64_t ticks[2], ns[2];

	*clock = (struct bench_clock){.ns_per_tick = UINT64_C(1) << 32};
	read_both(&ticks[0], &ns[0]);
	nanosleep(&pause, NULL);
	read_both(&ticks[1], &ns[1]);
	if (counter_is_even() && ticks[1] > ticks[0] && ns[1] > ns[0]) {
		clock->counter = true;
		clock->ns_per_tick = (uint64_t)((double)(ns[1] - ns[0]) /
						(double)(ticks[1] - ticks[0]) * 0x1p32);
	}
	measure_reading(clock);
}
