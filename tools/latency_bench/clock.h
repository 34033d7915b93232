/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h - the clock that commands are timed with: the processor's counter where it runs evenly,
 * CLOCK_MONOTONIC otherwise.
 */
#ifndef LATENCY_BENCH_CLOCK_H
#define LATENCY_BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "nvm_qpair.h"

/**
 * struct bench_clock - a clock and its rate
 * @counter: ticks are those of nvm_ticks(); otherwise nanoseconds of CLOCK_MONOTONIC
 * @ns_per_tick: in 2^-32 ns
 * @read_ns: what reading it costs, ns
 */
struct bench_clock {
	bool counter;
	uint64_t ns_per_tick;
	double read_ns;
};

/* Takes 20 ms. */
void clock_calibrate(struct bench_clock *clock);

static inline uint64_t clock_monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

static inline uint64_t clock_now(const struct bench_clock *clock)
{
	return clock->counter ? nvm_ticks() : clock_monotonic();
}

static inline uint64_t clock_ns(const struct bench_clock *clock, uint64_t ticks)
{
	__extension__ unsigned __int128 product = (unsigned __int128)ticks * clock->ns_per_tick;

	return (uint64_t)(product >> 32);
}

static inline uint64_t clock_ticks(const struct bench_clock *clock, uint64_t ns)
{
	__extension__ unsigned __int128 product = (unsigned __int128)ns << 32;

	return (uint64_t)(product / clock->ns_per_tick);
}

#endif
