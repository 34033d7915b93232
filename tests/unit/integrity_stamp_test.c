/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * integrity_stamp_test.c - what has become of a block is told apart: corrupted, misdirected, stale, torn,
 * of another run, never written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The tool is no library: the test is built with the files themselves. */
#include "../tools/common/crc32c.c"
#include "../tools/integrity/examine.c"
#include "../tools/integrity/stamp.c"
#include "../tools/integrity/tally.c"

#define MAX_BLOCK 65536

static const size_t sizes[] = {512, 1024, 4096, 8192, 65536};
#define N_SIZES (sizeof(sizes) / sizeof(sizes[0]))

static const struct stamp wanted = {
	.lba = UINT64_C(0x123456789), .seed = 0xfeed, .ns_id = 1, .generation = 3};

static unsigned char block[MAX_BLOCK], other[MAX_BLOCK];

static struct stamp with_generation(uint32_t generation)
{
	struct stamp stamp = wanted;

	stamp.generation = generation;
	return stamp;
}

/* What becomes of ./block; text is in found. */
static struct finding found;

static enum verdict verdict_of_block(size_t size)
{
	assert_false(stamp_is(block, size, &wanted));
	memset(&found, 0xee, sizeof(found));
	examine(block, size, &wanted, &found);
	assert_true(found.lba == wanted.lba);
	assert_int_equal(found.generation, wanted.generation);
	assert_true(strnlen(found.text, sizeof(found.text)) < sizeof(found.text));
	return found.verdict;
}

static void assert_text(const char *part)
{
	if (strstr(found.text, part) == NULL)
		fail_msg("'%s' does not say '%s'", found.text, part);
}

static void a_block_is_what_it_was_written_as(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SIZES; ++i) {
		struct stamp stamp = {0};

		stamp_write(block, sizes[i], &wanted);
		assert_true(stamp_is(block, sizes[i], &wanted));
		assert_true(stamp_is_whole(block, sizes[i]));
		assert_true(stamp_read(block, &stamp));
		assert_true(same(&stamp, &wanted));
		for (unsigned int field = 0; field < 4; ++field) {
			stamp = wanted;
			stamp.lba += field == 0;
			stamp.seed += field == 1;
			stamp.ns_id += field == 2;
			stamp.generation += field == 3;
			assert_false(stamp_is(block, sizes[i], &stamp));
		}
	}
}

static void the_format_is_the_documented_one(void **state)
{
	static const unsigned char start[40] = {'N',  'V',  'M', 'S', 0, 0, 8,    0,    0x89, 0x67,
						0x45, 0x23, 1,   0,   0, 0, 0xed, 0xfe, 0,    0,
						0,    0,    0,   0,   3, 0, 0,    0,    0,    0,
						0,    0,    1,   0,   0, 0, 0,    0,    0,    0};
	static const unsigned char end[8] = {3, 0, 0, 0, 0x89, 0x67, 0x45, 0x23};
	static const unsigned char zeroes[4];
	uint32_t crc;

	(void)state;
	stamp_write(block, 4096, &wanted);
	assert_memory_equal(block, start, 28);
	assert_memory_equal(block + 32, start + 32, 8);
	for (unsigned int sector = 1; sector < 8; ++sector) {
		assert_int_equal(block[512 * sector + 4], sector);
		assert_memory_equal(block + 512 * sector + 5, start + 5, 35);
		assert_memory_equal(block + 512 * sector + 504, end, 8);
	}
	crc = crc32c(0, block, 28);
	crc = crc32c(crc, zeroes, 4);
	crc = crc32c(crc, block + 32, 4096 - 32);
	assert_int_equal(crc, block[28] | (uint32_t)block[29] << 8 | (uint32_t)block[30] << 16 |
				      (uint32_t)block[31] << 24);
}

static void every_flipped_bit_is_corruption(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; ++i) {
		for (size_t byte = 0; byte < sizes[i]; ++byte) {
			stamp_write(block, sizes[i], &wanted);
			block[byte] ^= (unsigned char)(1U << byte % 8);
			if (verdict_of_block(sizes[i]) != CORRUPTED)
				fail_msg("byte %zu of %zu: %s: %s", byte, sizes[i],
					 verdict_name(found.verdict), found.text);
		}
	}
	stamp_write(block, 4096, &wanted);
	block[1000] = 0x5a;
	block[1001] ^= 1;
	verdict_of_block(4096);
	assert_text(
		"bytes differ from those of generation 3, the first is byte 1000: 0x5a instead");
}

static void a_lost_piece_is_corruption(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SIZES; ++i) {
		stamp_write(block, sizes[i], &wanted);
		memset(block + sizes[i] / 2, 0, sizes[i] / 2);
		assert_int_equal(verdict_of_block(sizes[i]), CORRUPTED);
	}
}

static void an_older_block_is_stale_a_later_one_newer(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SIZES; ++i) {
		struct stamp stamp = with_generation(2);

		stamp_write(block, sizes[i], &stamp);
		assert_int_equal(verdict_of_block(sizes[i]), STALE);
		assert_text("holds generation 2");
		stamp = with_generation(4);
		stamp_write(block, sizes[i], &stamp);
		assert_int_equal(verdict_of_block(sizes[i]), NEWER);
	}
}

static void the_block_of_another_place_is_misdirected(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SIZES; ++i) {
		struct stamp stamp = wanted;

		stamp.lba = 77;
		stamp_write(block, sizes[i], &stamp);
		assert_int_equal(verdict_of_block(sizes[i]), MISDIRECTED);
		assert_text("holds generation 3 of block 77");
		/* Whenever it was written. */
		stamp.generation = 1;
		stamp_write(block, sizes[i], &stamp);
		assert_int_equal(verdict_of_block(sizes[i]), MISDIRECTED);
		assert_text("generation 1 of block 77");
		stamp = wanted;
		stamp.ns_id = 2;
		stamp_write(block, sizes[i], &stamp);
		assert_int_equal(verdict_of_block(sizes[i]), MISDIRECTED);
		assert_text("of namespace 2");
	}
}

static void the_block_of_another_run_is_foreign(void **state)
{
	struct stamp stamp = wanted;

	(void)state;
	stamp.seed = UINT64_MAX;
	stamp.lba = UINT64_MAX;
	stamp.ns_id = UINT32_MAX - 1;
	stamp.generation = UINT32_MAX;
	for (size_t i = 0; i < N_SIZES; ++i) {
		stamp_write(block, sizes[i], &stamp);
		assert_int_equal(verdict_of_block(sizes[i]), FOREIGN);
		assert_text("of seed 0xffffffffffffffff");
	}
}

static void a_block_torn_between_sectors_is_torn(void **state)
{
	struct stamp old = with_generation(2);

	(void)state;
	for (size_t i = 1; i < N_SIZES; ++i) {
		for (size_t cut = 512; cut < sizes[i]; cut += 512) {
			stamp_write(block, sizes[i], &wanted);
			stamp_write(other, sizes[i], &old);
			memcpy(block + cut, other + cut, sizes[i] - cut);
			assert_int_equal(verdict_of_block(sizes[i]), TORN);
			/* Either way round. */
			stamp_write(block, sizes[i], &wanted);
			memcpy(block, other, cut);
			assert_int_equal(verdict_of_block(sizes[i]), TORN);
		}
	}
	stamp_write(block, 4096, &wanted);
	memcpy(block + 2048, other + 2048, 2048);
	stamp_write(other, 4096, &old);
	memcpy(block + 2048, other + 2048, 2048);
	assert_int_equal(verdict_of_block(4096), TORN);
	assert_text("sectors 0 to 3 are generation 3, sectors 4 to 7 are generation 2");
}

static void a_block_torn_within_a_sector_is_torn(void **state)
{
	struct stamp old = with_generation(2);

	(void)state;
	for (size_t i = 0; i < 3; ++i) {
		stamp_write(other, sizes[i], &old);
		for (size_t cut = STAMP_HEAD + 8; cut + 16 < 512; ++cut) {
			size_t at = sizes[i] - 512 + cut;

			stamp_write(block, sizes[i], &wanted);
			memcpy(block + at, other + at, sizes[i] - at);
			if (verdict_of_block(sizes[i]) != TORN)
				fail_msg("%zu of %zu: %s: %s", at, sizes[i],
					 verdict_name(found.verdict), found.text);
		}
	}
	stamp_write(block, 512, &wanted);
	stamp_write(other, 512, &old);
	memcpy(block + 256, other + 256, 256);
	verdict_of_block(512);
	assert_text("bytes 0 to 255 are generation 3, bytes 256 to 511 are generation 2");
}

static void parts_of_two_places_are_torn(void **state)
{
	struct stamp stamp = wanted;

	(void)state;
	stamp.lba = 8;
	stamp_write(block, 4096, &wanted);
	stamp_write(other, 4096, &stamp);
	memcpy(block, other, 1024);
	assert_int_equal(verdict_of_block(4096), TORN);
	assert_text("sectors 0 to 1 are generation 3 of block 8, sectors 2 to 7 are generation 3");
}

static void a_torn_block_with_a_flipped_bit_is_corrupted(void **state)
{
	struct stamp old = with_generation(2);

	(void)state;
	stamp_write(block, 4096, &wanted);
	stamp_write(other, 4096, &old);
	memcpy(block, other, 2048);
	block[600] ^= 4;
	assert_int_equal(verdict_of_block(4096), CORRUPTED);
}

static void a_stale_block_with_a_flipped_bit_says_which_it_was(void **state)
{
	struct stamp old = with_generation(2);

	(void)state;
	for (size_t i = 0; i < N_SIZES; ++i) {
		stamp_write(block, sizes[i], &old);
		block[100] ^= 4;
		assert_int_equal(verdict_of_block(sizes[i]), CORRUPTED);
		assert_text("1 byte differs from that of generation 2, the first is byte 100");
	}
}

static void what_was_never_written_is_unstamped(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SIZES; ++i) {
		memset(block, 0, sizes[i]);
		assert_int_equal(verdict_of_block(sizes[i]), UNSTAMPED);
		assert_text("nothing but bytes 0x00");
		memset(block, 0xff, sizes[i]);
		assert_int_equal(verdict_of_block(sizes[i]), UNSTAMPED);
		for (size_t k = 0; k < sizes[i]; ++k)
			block[k] = (unsigned char)(mix64(k) >> 17);
		assert_int_equal(verdict_of_block(sizes[i]), UNSTAMPED);
		assert_text("holds other data");
	}
}

/* Whatever is in a block, it is looked at within its bounds (with sanitizers). */
static void no_block_confuses_it(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned int round = 0; round < 3000; ++round) {
		size_t size = sizes[round % 3];
		struct stamp stamp = with_generation(1 + round % 5);

		stamp_write(block, size, &wanted);
		stamp_write(other, size, &stamp);
		for (unsigned int k = 0; k < 1 + round % 4; ++k) {
			size_t at, n;

			random = mix64(random + 0x9e3779b97f4a7c15U);
			at = random % size;
			n = (random >> 32) % (size - at) + 1;
			if ((random >> 60) % 2 == 0)
				memcpy(block + at, other + at, n);
			else
				memset(block + at, (int)(random >> 50 & 0xff), n);
		}
		if (!stamp_is(block, size, &wanted))
			verdict_of_block(size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_what_it_was_written_as),
		cmocka_unit_test(the_format_is_the_documented_one),
		cmocka_unit_test(every_flipped_bit_is_corruption),
		cmocka_unit_test(a_lost_piece_is_corruption),
		cmocka_unit_test(an_older_block_is_stale_a_later_one_newer),
		cmocka_unit_test(the_block_of_another_place_is_misdirected),
		cmocka_unit_test(the_block_of_another_run_is_foreign),
		cmocka_unit_test(a_block_torn_between_sectors_is_torn),
		cmocka_unit_test(a_block_torn_within_a_sector_is_torn),
		cmocka_unit_test(parts_of_two_places_are_torn),
		cmocka_unit_test(a_torn_block_with_a_flipped_bit_is_corrupted),
		cmocka_unit_test(a_stale_block_with_a_flipped_bit_says_which_it_was),
		cmocka_unit_test(what_was_never_written_is_unstamped),
		cmocka_unit_test(no_block_confuses_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
