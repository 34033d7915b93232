/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * integrity_order_test.c - every chunk of a range has its turn once, in any order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The tool is no library: the test is built with the file itself. */
#include "../tools/integrity/order.c"

static void assert_each_once(uint64_t n, bool random, uint64_t key)
{
	unsigned char *seen = calloc(1, n);
	struct order order;

	assert_non_null(seen);
	order_init(&order, n, random, key);
	for (uint64_t i = 0; i < n; ++i) {
		uint64_t at = order_at(&order, i);

		assert_true(at < n);
		assert_int_equal(seen[at], 0);
		seen[at] = 1;
	}
	free(seen);
}

static void every_number_comes_once(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 300; ++n) {
		assert_each_once(n, false, 0);
		assert_each_once(n, true, n * 12345);
	}
	for (unsigned int shift = 9; shift <= 17; ++shift)
		for (int more = -1; more <= 1; ++more)
			assert_each_once((UINT64_C(1) << shift) + (uint64_t)(int64_t)more, true,
					 shift);
}

static void sequential_is_ascending(void **state)
{
	struct order order;

	(void)state;
	order_init(&order, 1000, false, 7);
	for (uint64_t i = 0; i < 1000; ++i)
		assert_int_equal(order_at(&order, i), i);
}

static void the_order_depends_on_the_key_alone(void **state)
{
	struct order a, b, c;
	unsigned int same = 0, neighbours = 0;

	(void)state;
	order_init(&a, 10000, true, 1);
	order_init(&b, 10000, true, 1);
	order_init(&c, 10000, true, 2);
	for (uint64_t i = 0; i < 10000; ++i) {
		assert_int_equal(order_at(&a, i), order_at(&b, i));
		same += order_at(&a, i) == order_at(&c, i);
		neighbours += i > 0 && order_at(&a, i) == order_at(&a, i - 1) + 1;
	}
	assert_true(same < 20);
	assert_true(neighbours < 20);
}

static void the_largest_ranges_stay_in_range(void **state)
{
	static const uint64_t sizes[] = {UINT64_C(1) << 40, (UINT64_C(1) << 40) + 1,
					 (UINT64_C(1) << 63) + 5, UINT64_MAX};
	struct order order;

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); ++k) {
		order_init(&order, sizes[k], true, 99);
		for (uint64_t i = 0; i < 1000; ++i)
			assert_true(order_at(&order, sizes[k] - 1 - i) < sizes[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_comes_once),
		cmocka_unit_test(sequential_is_ascending),
		cmocka_unit_test(the_order_depends_on_the_key_alone),
		cmocka_unit_test(the_largest_ranges_stay_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
