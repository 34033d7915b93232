/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tools_human_test.c - sizes and times as the tools print them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

/* The tools' common code is no library: the test is built with the file itself. */
#include "../tools/common/human.c"

static void sizes_have_one_decimal_and_a_unit(void **state)
{
	(void)state;
	assert_string_equal(human_bytes(0).text, "0 B");
	assert_string_equal(human_bytes(1023).text, "1023 B");
	assert_string_equal(human_bytes(1024).text, "1.0 KiB");
	assert_string_equal(human_bytes(1536).text, "1.5 KiB");
	assert_string_equal(human_bytes(16777216).text, "16.0 MiB");
	assert_string_equal(human_bytes(UINT64_MAX).text, "16.0 EiB");
}

static void no_size_is_rounded_up_to_1024_units(void **state)
{
	(void)state;
	assert_string_equal(human_bytes(1048575).text, "1.0 MiB");
	assert_string_equal(human_bytes(1023 * 1024).text, "1023.0 KiB");
}

static void times_grow_from_minutes_to_hours(void **state)
{
	(void)state;
	assert_string_equal(human_time(0).text, "0:00");
	assert_string_equal(human_time(6.6).text, "0:07");
	assert_string_equal(human_time(59.6).text, "1:00");
	assert_string_equal(human_time(754).text, "12:34");
	assert_string_equal(human_time(3723).text, "1:02:03");
}

static void times_that_nobody_knows_are_not_printed_as_numbers(void **state)
{
	(void)state;
	assert_string_equal(human_time(-1).text, "-:--");
	assert_string_equal(human_time(1e30).text, "-:--");
	assert_string_equal(human_time((double)NAN).text, "-:--");
	assert_string_equal(human_time((double)INFINITY).text, "-:--");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_one_decimal_and_a_unit),
		cmocka_unit_test(no_size_is_rounded_up_to_1024_units),
		cmocka_unit_test(times_grow_from_minutes_to_hours),
		cmocka_unit_test(times_that_nobody_knows_are_not_printed_as_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
