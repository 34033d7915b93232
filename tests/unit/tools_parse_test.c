/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tools_parse_test.c - numbers and sizes on the tools' command lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>

#include <cmocka.h>

/* The tools' common code is no library: the test is built with the file itself. */
#include "../tools/common/parse.c"

#define UNTOUCHED 0x5a5a5a5aU

static void assert_number(const char *text, uint64_t wanted)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_number(text, &value), 0);
	assert_true(value == wanted);
}

static void assert_size(const char *text, uint64_t wanted)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_size(text, &value), 0);
	assert_true(value == wanted);
}

static void assert_refused(int (*parse)(const char *, uint64_t *), const char *text, int wanted)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse(text, &value), wanted);
	assert_true(value == UNTOUCHED);
}

static void numbers_are_decimal_or_hexadecimal(void **state)
{
	(void)state;
	assert_number("0", 0);
	assert_number("32768", 32768);
	assert_number("0x10", 16);
	assert_number("0XfF", 255);
	assert_number("18446744073709551615", UINT64_MAX);
	assert_number("0xffffffffffffffff", UINT64_MAX);
}

static void leading_zeroes_are_not_octal(void **state)
{
	(void)state;
	assert_number("010", 10);
	assert_number("00000000000000000000000000000008", 8);
}

static void what_is_not_a_number_is_refused(void **state)
{
	static const char *const texts[] = {"",   " ",   "1 ",  " 1",  "-1",  "+1", "1.5", "1e3",
					    "0x", "0xg", "x10", "10h", "1,2", "K",  "1K",  "one"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i)
		assert_refused(parse_number, texts[i], EINVAL);
}

static void numbers_beyond_64_bits_are_refused_not_wrapped(void **state)
{
	(void)state;
	assert_refused(parse_number, "18446744073709551616", ERANGE);
	assert_refused(parse_number, "0x10000000000000000", ERANGE);
	assert_refused(parse_number, "99999999999999999999999999", ERANGE);
	assert_refused(parse_number, "99999999999999999999999999x", EINVAL);
}

static void sizes_take_suffixes_in_powers_of_1024(void **state)
{
	(void)state;
	assert_size("512", 512);
	assert_size("512B", 512);
	assert_size("64K", 65536);
	assert_size("64k", 65536);
	assert_size("64KiB", 65536);
	assert_size("64KB", 65536);
	assert_size("1M", 1048576);
	assert_size("2G", 2147483648ULL);
	assert_size("3T", 3298534883328ULL);
	assert_size("0x10K", 16384);
	assert_size("0T", 0);
	assert_size("16777215T", 16777215ULL << 40);
}

static void sizes_with_other_endings_are_refused(void **state)
{
	static const char *const texts[] = {"",   "K",  "1X",  "1KK", "1Ki", "1iB",
					    "1P", "-1", "1 K", "1K ", "1BK", "1.5M"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i)
		assert_refused(parse_size, texts[i], EINVAL);
}

static void sizes_beyond_64_bits_are_refused_not_wrapped(void **state)
{
	(void)state;
	assert_refused(parse_size, "16777216T", ERANGE);
	assert_refused(parse_size, "18446744073709551615K", ERANGE);
	assert_refused(parse_size, "18446744073709551616", ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal),
		cmocka_unit_test(leading_zeroes_are_not_octal),
		cmocka_unit_test(what_is_not_a_number_is_refused),
		cmocka_unit_test(numbers_beyond_64_bits_are_refused_not_wrapped),
		cmocka_unit_test(sizes_take_suffixes_in_powers_of_1024),
		cmocka_unit_test(sizes_with_other_endings_are_refused),
		cmocka_unit_test(sizes_beyond_64_bits_are_refused_not_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
