/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_stripes_test.c - the software controller's locks on ranges of a namespace.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stripes.h"

/*
 * Threads add to counters that their range covers, without further protection.
 */
#define N_COUNTERS 400 /* more than there are locks, one per stripe */

struct counting {
	struct emu_stripes *stripes;
	uint64_t counter[N_COUNTERS];
	uint64_t expected[4][N_COUNTERS];
};

struct counter_thread {
	struct counting *shared;
	unsigned int index;
};

static void *count(void *arg)
{
	struct counter_thread *thread = arg;
	struct counting *shared = thread->shared;
	uint32_t seed = thread->index * 99 + 1;

	for (unsigned int round = 0; round < 1000; round++) {
		unsigned int first, n;
		uint64_t offset, bytes, sum = 0;
		bool exclusive;

		seed = seed * 1664525U + 1013904223U;
		first = (seed >> 8) % N_COUNTERS;
		n = 1 + (seed >> 20) % (round % 50 ? 4 : N_COUNTERS);
		n = n > N_COUNTERS - first ? N_COUNTERS - first : n;
		exclusive = seed >> 31;
		offset = ((uint64_t)first << EMU_STRIPE_SHIFT) + 5;
		bytes = ((uint64_t)n << EMU_STRIPE_SHIFT) - 9;
		emu_stripes_lock(shared->stripes, offset, bytes, exclusive);
		for (unsigned int i = first; i < first + n; i++) {
			if (exclusive) {
				shared->counter[i]++;
				shared->expected[thread->index][i]++;
			} else {
				sum += shared->counter[i];
			}
		}
		emu_stripes_unlock(shared->stripes, offset, bytes, exclusive);
		(void)sum;
	}
	return NULL;
}

static void locks_of_overlapping_ranges_exclude_each_other(void **state)
{
	struct counting *shared = calloc(1, sizeof(*shared));
	struct counter_thread thread[4];
	pthread_t id[4];

	(void)state;
	assert_non_null(shared);
	shared->stripes = emu_stripes_new();
	assert_non_null(shared->stripes);
	for (unsigned int i = 0; i < 4; i++) {
		thread[i] = (struct counter_thread){shared, i};
		assert_int_equal(pthread_create(&id[i], NULL, count, &thread[i]), 0);
	}
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	for (unsigned int i = 0; i < N_COUNTERS; i++) {
		uint64_t sum = 0;

		for (unsigned int t = 0; t < 4; t++)
			sum += shared->expected[t][i];
		assert_int_equal(shared->counter[i], sum);
	}
	for (unsigned int i = 0; i < EMU_STRIPES; i++) /* all given back */
		assert_int_equal(shared->stripes->stripe[i].state, 0);
	free(shared->stripes);
	free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks_of_overlapping_ranges_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
