/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tools_histogram_test.c - percentiles of a histogram against those of the sorted samples.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The tools' common code is no library: the test is built with the file itself. */
#include "../tools/common/histogram.c"

static struct histogram h, other;

static uint64_t random_state = 42;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Any size from nothing to an hour, each power of two as likely as the other. */
static uint64_t random_time(void)
{
	uint64_t value = next_random() >> (22 + next_random() % 42);

	return value > HISTOGRAM_LIMIT ? HISTOGRAM_LIMIT : value;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void assert_three_digits(uint64_t got, uint64_t want)
{
	/* Never less than the exact value, and at most a thousandth more. */
	assert_true(got >= want);
	assert_true(got - want <= want / 1000);
}

static void percentiles_are_those_of_the_sorted_samples(void **state)
{
	static const double percents[] = {0,  1,  5,    10,    25,     50, 75,
					  90, 99, 99.9, 99.99, 99.999, 100};
	enum {
		N = 250000
	};
	uint64_t *sorted = malloc(N * sizeof(*sorted));
	double sum = 0;

	(void)state;
	assert_non_null(sorted);
	histogram_clear(&h);
	for (size_t i = 0; i < N; ++i) {
		sorted[i] = random_time();
		sum += (double)sorted[i];
		histogram_record(&h, sorted[i]);
	}
	qsort(sorted, N, sizeof(*sorted), compare);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); ++i) {
		/* The nearest rank, in whole numbers: percent * N / 100, rounded up. */
		uint64_t rank = ((uint64_t)(percents[i] * 1000 + 0.5) * N + 99999) / 100000;

		assert_three_digits(histogram_percentile(&h, percents[i]),
				    sorted[rank > 0 ? rank - 1 : 0]);
	}
	assert_int_equal(histogram_percentile(&h, 0), sorted[0]);
	assert_int_equal(histogram_percentile(&h, 100), sorted[N - 1]);
	assert_true(histogram_mean(&h) > sum / N * 0.999999 &&
		    histogram_mean(&h) < sum / N * 1.000001);
	free(sorted);
}

static void every_rank_of_a_few_samples_is_found(void **state)
{
	(void)state;
	histogram_clear(&h);
	for (uint64_t i = 1; i <= 1000; ++i)
		histogram_record(&h, i);
	for (uint64_t i = 1; i <= 1000; ++i)
		assert_int_equal(histogram_percentile(&h, (double)i / 10), i);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t value = 0; value < 2 * HISTOGRAM_STEPS; ++value) {
		size_t index = histogram_index(value);

		assert_int_equal(histogram_lowest(index), value);
		assert_int_equal(histogram_highest(index), value);
	}
}

static void steps_follow_each_other_without_a_gap(void **state)
{
	(void)state;
	assert_true(histogram_index(HISTOGRAM_LIMIT) < HISTOGRAM_SIZE);
	for (size_t i = 0; i <= histogram_index(HISTOGRAM_LIMIT); ++i) {
		uint64_t lowest = histogram_lowest(i), highest = histogram_highest(i);

		assert_true(lowest <= highest);
		assert_true(highest - lowest <= lowest / 1000);
		if (highest <= HISTOGRAM_LIMIT)
			assert_int_equal(histogram_index(highest), i);
		assert_int_equal(histogram_index(lowest), i);
		assert_int_equal(histogram_lowest(i + 1), highest + 1);
	}
}

static void more_than_an_hour_is_counted_and_the_largest_kept(void **state)
{
	(void)state;
	histogram_clear(&h);
	histogram_record(&h, UINT64_MAX / 4);
	histogram_record(&h, 5);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.max, UINT64_MAX / 4);
	assert_int_equal(histogram_percentile(&h, 100), UINT64_MAX / 4);
	assert_int_equal(histogram_percentile(&h, 50), 5);
}

static void sums_are_those_of_the_parts(void **state)
{
	(void)state;
	histogram_clear(&h);
	histogram_clear(&other);
	for (uint64_t i = 1; i <= 50; ++i)
		histogram_record(&h, i);
	for (uint64_t i = 51; i <= 100; ++i)
		histogram_record(&other, i);
	histogram_add(&h, &other);
	assert_int_equal(h.n, 100);
	assert_int_equal(h.min, 1);
	assert_int_equal(h.max, 100);
	assert_int_equal(histogram_percentile(&h, 75), 75);
	assert_true(histogram_mean(&h) > 50.4999 && histogram_mean(&h) < 50.5001);
	/* (n^2 - 1) / 12 of the first n numbers. */
	assert_true(histogram_variance(&h) > 833.24 && histogram_variance(&h) < 833.26);
}

static void nothing_is_zero(void **state)
{
	(void)state;
	histogram_clear(&h);
	assert_int_equal(histogram_percentile(&h, 50), 0);
	assert_true(histogram_mean(&h) <= 0);
	assert_true(histogram_variance(&h) <= 0);
	histogram_clear(&other);
	histogram_record(&other, 7);
	histogram_add(&other, &h);
	assert_int_equal(other.min, 7);
	assert_int_equal(other.max, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_those_of_the_sorted_samples),
		cmocka_unit_test(every_rank_of_a_few_samples_is_found),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(steps_follow_each_other_without_a_gap),
		cmocka_unit_test(more_than_an_hour_is_counted_and_the_largest_kept),
		cmocka_unit_test(sums_are_those_of_the_parts),
		cmocka_unit_test(nothing_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
