/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench.h - what the benchmark programs share: clock, pinning, options, numbers in JSON.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <time.h>

static inline uint64_t bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

/* A number without pattern, good enough to choose blocks with (xorshift64). *state is not 0. */
static inline uint64_t bench_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x;
}

/* One line on stderr: "bench-NAME: what", with the library's message if @status is not 0; exit 1. */
noreturn void bench_fail(int status, const char *what);

/**
 * struct bench_option - a numeric or text option, --name=VALUE
 * @name: without the dashes; NULL ends the array
 * @number: where a number goes (suffixes K, M, G), or NULL
 * @text: where text goes, or NULL
 * @help: for --help
 */
struct bench_option {
	const char *name;
	uint64_t *number;
	const char **text;
	const char *help;
};

/* Read the command line; --help, and what is wrong, end the program (0, 2). */
void bench_options(int argc, char **argv, const char *about, const struct bench_option *options);

/* Pin the calling thread to a processor of those that the process may use; false if there are not so many. */
bool bench_pin(unsigned int number);

/* Pin all other threads of this process to processors 1, 2, ... in turn. */
void bench_pin_others(void);

/* JSON: "name": [v, v, ...] with three decimals. */
void bench_print_array(const char *name, const double *values, size_t n);

#endif
