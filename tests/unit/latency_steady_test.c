/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latency_steady_test.c - what counts as steady.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The tools' code is no library: the test is built with the file itself. */
#include "../tools/latency_bench/steady.c"

static struct steady s;

/* Take samples; is the last window steady? */
static bool add(const double *samples, size_t n)
{
	bool steady = false;

	for (size_t i = 0; i < n; ++i)
		steady = steady_add(&s, samples[i]);
	return steady;
}

static void a_constant_rate_is_steady_after_a_window(void **state)
{
	(void)state;
	steady_begin(&s, 20);
	for (int i = 0; i < 20; ++i)
		assert_int_equal(steady_add(&s, 1000), i >= STEADY_WINDOW - 1);
	assert_true(s.mean > 999.9 && s.mean < 1000.1);
	assert_true(s.range < 0.001 && s.slope < 0.001);
}

static void a_wide_range_is_not_steady(void **state)
{
	static const double inside[] = {100, 119, 100, 119, 100};
	static const double outside[] = {100, 125, 100, 125, 100};

	(void)state;
	steady_begin(&s, 20);
	assert_true(add(inside, 5));
	assert_true(s.range > 17 && s.range < 18);
	steady_begin(&s, 20);
	assert_false(add(outside, 5));
	steady_begin(&s, 30);
	assert_true(add(outside, 5));
}

static void a_drift_within_the_range_is_not_steady(void **state)
{
	/* 15 % from the first to the last, all on a line. */
	static const double rising[] = {925, 962.5, 1000, 1037.5, 1075};
	static const double falling[] = {1075, 1037.5, 1000, 962.5, 925};

	(void)state;
	steady_begin(&s, 20);
	assert_false(add(rising, 5));
	assert_true(s.slope > 14.99 && s.slope < 15.01);
	steady_begin(&s, 20);
	assert_false(add(falling, 5));
	assert_true(s.slope > 14.99 && s.slope < 15.01);
}

static void what_is_before_the_window_does_not_count(void **state)
{
	static const double start[] = {5000, 4000, 3000, 2000, 1500, 1200};
	static const double end[] = {1000, 1010, 1000, 1010};
	static const double last = 1000;

	(void)state;
	steady_begin(&s, 20);
	assert_false(add(start, 6));
	/* Of the start, the last sample is still in the window. */
	assert_false(add(end, 4));
	assert_true(add(&last, 1));
	assert_true(s.mean > 1003 && s.mean < 1005);
}

static void nothing_is_not_steady(void **state)
{
	(void)state;
	steady_begin(&s, 20);
	for (int i = 0; i < 10; ++i)
		assert_false(steady_add(&s, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_rate_is_steady_after_a_window),
		cmocka_unit_test(a_wide_range_is_not_steady),
		cmocka_unit_test(a_drift_within_the_range_is_not_steady),
		cmocka_unit_test(what_is_before_the_window_does_not_count),
		cmocka_unit_test(nothing_is_not_steady),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
