/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latency_verify_test.c - every way in which a block can be wrong is found, and told from the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The tools' code is no library: the test is built with the file itself. */
#include "../tools/latency_bench/verify.c"

#define BLOCK 512
#define N     8

static uint64_t data[N * BLOCK / 8];
static char text[200];
static const struct verify_want want = {.seed = 9, .first_generation = 5, .last_generation = 7};

static unsigned char *block(size_t i)
{
	return (unsigned char *)data + i * BLOCK;
}

static int fill(void **state)
{
	(void)state;
	memset(data, 0xee, sizeof(data));
	verify_fill(data, BLOCK, 100, N, 9, 6);
	text[0] = '\0';
	return 0;
}

static uint32_t check(void)
{
	return verify_check(data, BLOCK, 100, N, &want, text, sizeof(text));
}

static void what_was_written_is_right(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	for (uint64_t generation = 4; generation <= 8; ++generation) {
		verify_fill(data, BLOCK, 100, N, 9, generation);
		assert_int_equal(check(), generation >= 5 && generation <= 7 ? 0 : N);
	}
	/* Larger blocks. */
	verify_fill(data, 4096, 3, 1, 9, 6);
	assert_int_equal(verify_check(data, 4096, 3, 1, &want, text, sizeof(text)), 0);
}

static void any_bit_that_changes_is_found(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < BLOCK * 8; ++bit) {
		block(3)[bit / 8] ^= (unsigned char)(1U << (bit % 8));
		assert_int_equal(check(), 1);
		assert_non_null(strstr(text, "block 103: "));
		block(3)[bit / 8] ^= (unsigned char)(1U << (bit % 8));
	}
	assert_int_equal(check(), 0);
}

static void damage_is_located(void **state)
{
	(void)state;
	block(2)[303] ^= 1;
	assert_int_equal(check(), 1);
	assert_string_equal(text, "block 102: its contents are damaged from byte 296 on");
}

static void another_block_is_named(void **state)
{
	(void)state;
	memcpy(block(4), block(1), BLOCK);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(text, "block 104: it holds another block (LBA 101, "));
}

static void a_lost_write_is_named(void **state)
{
	(void)state;
	verify_fill(block(5), BLOCK, 105, 1, 9, 4);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(text, "block 105: it holds an older write"));
	verify_fill(block(5), BLOCK, 105, 1, 9, 8);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(text, "block 105: it holds a write that was not made"));
}

static void another_seed_and_no_pattern_are_named(void **state)
{
	(void)state;
	verify_fill(block(0), BLOCK, 100, 1, 10, 6);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(text, "another --seed"));
	memset(block(0), 0, BLOCK);
	assert_int_equal(check(), 1);
	assert_string_equal(text, "block 100: it holds no pattern of this program");
}

static void a_torn_block_is_found(void **state)
{
	uint64_t older[BLOCK / 8];

	(void)state;
	verify_fill(older, BLOCK, 106, 1, 9, 5);
	memcpy(block(6) + BLOCK / 2, (unsigned char *)older + BLOCK / 2, BLOCK / 2);
	assert_int_equal(check(), 1);
	assert_string_equal(text, "block 106: its contents are damaged from byte 256 on");
}

static void all_wrong_blocks_are_counted_and_the_first_is_told(void **state)
{
	(void)state;
	block(7)[100] ^= 1;
	block(1)[100] ^= 1;
	assert_int_equal(check(), 2);
	assert_non_null(strstr(text, "block 101: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_written_is_right, fill),
		cmocka_unit_test_setup(any_bit_that_changes_is_found, fill),
		cmocka_unit_test_setup(damage_is_located, fill),
		cmocka_unit_test_setup(another_block_is_named, fill),
		cmocka_unit_test_setup(a_lost_write_is_named, fill),
		cmocka_unit_test_setup(another_seed_and_no_pattern_are_named, fill),
		cmocka_unit_test_setup(a_torn_block_is_found, fill),
		cmocka_unit_test_setup(all_wrong_blocks_are_counted_and_the_first_is_told, fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
