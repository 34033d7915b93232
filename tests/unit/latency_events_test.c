/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latency_events_test.c - the measures of 2018 and their percentiles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The tools' code is no library: the test is built with the file itself. */
#include "../tools/latency_bench/events.c"

static struct events e;

static int clear(void **state)
{
	(void)state;
	events_free(&e);
	return 0;
}

static void record(uint64_t ns, uint64_t commands, uint64_t blocks)
{
	const struct event event = {.ns = ns, .commands = commands, .blocks = blocks};

	events_record(&e, &event);
}

static void assert_near(double got, double want)
{
	assert_true(got > want * 0.999999 && got < want * 1.000001);
}

static void measures_are_those_of_2018(void **state)
{
	/* 4 commands of 256 blocks of 512 bytes in 500 us. */
	const struct event event = {.ns = 500000, .commands = 4, .blocks = 1024};

	(void)state;
	assert_near(event_measure(&event, MEASURE_BANDWIDTH, 512, 4096), 524288.0 / 500);
	assert_near(event_measure(&event, MEASURE_IOPS, 512, 4096), 128 / 500e-6);
	assert_near(event_measure(&event, MEASURE_COMMAND_LATENCY, 512, 4096), 125);
	assert_near(event_measure(&event, MEASURE_PAGE_LATENCY, 512, 4096), 500.0 / 128);
	assert_near(event_measure(&event, MEASURE_TIME, 512, 4096), 500);
	/* IOPS are of 4 KiB whatever the page is. */
	assert_near(event_measure(&event, MEASURE_IOPS, 512, 65536), 128 / 500e-6);
	assert_near(event_measure(&event, MEASURE_PAGE_LATENCY, 512, 65536), 500.0 / 8);
}

static void percentiles_are_the_nearest_ranks(void **state)
{
	static const double want[EVENTS_ROWS] = {100, 99, 97, 95, 90, 75, 50, 25, 10, 5, 1, 1};
	double values[EVENTS_ROWS];

	(void)state;
	/* 1..100 us, not in order. */
	for (uint64_t i = 0; i < 100; ++i)
		record((i * 37 % 100 + 1) * 1000, 1, 8);
	assert_int_equal(events_percentiles(&e, MEASURE_TIME, 512, 4096, values), 0);
	for (int i = 0; i < EVENTS_ROWS; ++i)
		assert_near(values[i], want[i]);
	assert_int_equal(e.n, 100);
	assert_int_equal(e.blocks, 800);
	assert_int_equal(e.min_ns, 1000);
	assert_int_equal(e.max_ns, 100000);
	assert_int_equal(e.sum_ns, 5050000);
}

static void one_sample_is_every_percentile(void **state)
{
	double values[EVENTS_ROWS];

	(void)state;
	record(7000, 1, 8);
	assert_int_equal(events_percentiles(&e, MEASURE_TIME, 512, 4096, values), 0);
	for (int i = 0; i < EVENTS_ROWS; ++i)
		assert_near(values[i], 7);
}

static void of_too_many_a_fair_choice_is_kept(void **state)
{
	const uint64_t n = 3 * EVENTS_KEPT;
	double values[EVENTS_ROWS];

	(void)state;
	for (uint64_t i = 1; i <= n; ++i)
		record(i * 1000, 1, 8);
	assert_int_equal(e.n, n);
	assert_int_equal(events_n_kept(&e), EVENTS_KEPT);
	assert_int_equal(e.max_ns, n * 1000);
	assert_int_equal(events_percentiles(&e, MEASURE_TIME, 512, 4096, values), 0);
	/* Within half a percent of the exact ones. */
	for (int i = 1; i < EVENTS_ROWS - 1; ++i) {
		double want = events_ranks[i] * (double)n;

		assert_true(values[i] > want - 0.005 * (double)n &&
			    values[i] < want + 0.005 * (double)n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(measures_are_those_of_2018, clear, clear),
		cmocka_unit_test_setup_teardown(percentiles_are_the_nearest_ranks, clear, clear),
		cmocka_unit_test_setup_teardown(one_sample_is_every_percentile, clear, clear),
		cmocka_unit_test_setup_teardown(of_too_many_a_fair_choice_is_kept, clear, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
