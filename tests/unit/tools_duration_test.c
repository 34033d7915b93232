/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tools_duration_test.c - times as people type them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The tools' common code is no library: the test is built with the file itself. */
#include "../tools/common/duration.c"

static void assert_duration(const char *text, uint64_t want)
{
	uint64_t ns = 1;

	assert_int_equal(parse_duration(text, &ns), 0);
	assert_int_equal(ns, want);
}

static void assert_refused(const char *text, int err)
{
	uint64_t ns = 42;

	assert_int_equal(parse_duration(text, &ns), err);
	assert_int_equal(ns, 42);
}

static void units_are_taken(void **state)
{
	(void)state;
	assert_duration("10", 10000000000);
	assert_duration("10s", 10000000000);
	assert_duration("500ms", 500000000);
	assert_duration("20us", 20000);
	assert_duration("7ns", 7);
	assert_duration("2m", 120000000000);
	assert_duration("1h", 3600000000000);
	assert_duration("1.5s", 1500000000);
	assert_duration("0.25ms", 250000);
	assert_duration(".5s", 500000000);
	assert_duration("0", 0);
}

static void anything_else_is_refused(void **state)
{
	static const char *const texts[] = {"",    "s",    "-1",  "+1s", " 1s",   "1 s",
					    "1s ", "1x",   "1e3", "0x1", "1.2.3", "inf",
					    "nan", "1mss", ".",   "1,5s"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i)
		assert_refused(texts[i], EINVAL);
	assert_refused("9000h", ERANGE);
	assert_refused("99999999999999999999999999999999h", ERANGE);
}

static void a_unit_makes_it_a_time(void **state)
{
	(void)state;
	assert_true(has_time_unit("10s"));
	assert_false(has_time_unit("10"));
	assert_false(has_time_unit(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_taken),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_unit_makes_it_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
