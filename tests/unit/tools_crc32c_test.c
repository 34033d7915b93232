/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tools_crc32c_test.c - CRC-32C by the instruction and by tables, against published values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The tools' common code is no library: the test is built with the file itself. */
#include "../tools/common/crc32c.c"

typedef uint32_t crc_fn(uint32_t crc, const void *data, size_t size);

static void assert_published_values(crc_fn *crc)
{
	/* RFC 3720, B.4 */
	static const unsigned char command[48] = {
		0x01, 0xc0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0,    0, 0, 0, 0,
		0x14, 0,    0, 0, 0, 0, 0x04, 0, 0,    0, 0, 0x14, 0, 0, 0, 0x18,
		0x28, 0,    0, 0, 0, 0, 0,    0, 0x02, 0, 0, 0,    0, 0, 0, 0};
	unsigned char bytes[32];

	assert_int_equal(crc(0, "", 0), 0);
	assert_int_equal(crc(0, "123456789", 9), 0xe3069283);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc(0, bytes, sizeof(bytes)), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(crc(0, bytes, sizeof(bytes)), 0x62a8ab43);
	for (unsigned int i = 0; i < sizeof(bytes); ++i)
		bytes[i] = (unsigned char)i;
	assert_int_equal(crc(0, bytes, sizeof(bytes)), 0x46dd794e);
	for (unsigned int i = 0; i < sizeof(bytes); ++i)
		bytes[i] = (unsigned char)(31 - i);
	assert_int_equal(crc(0, bytes, sizeof(bytes)), 0x113fdb5c);
	assert_int_equal(crc(0, command, sizeof(command)), 0xd9963a56);
}

static void the_tables_give_the_published_values(void **state)
{
	(void)state;
	assert_published_values(crc32c_portable);
}

static void the_instruction_gives_the_published_values(void **state)
{
	(void)state;
	assert_published_values(crc32c);
}

static void pieces_and_alignment_do_not_matter(void **state)
{
	unsigned char bytes[300];
	uint32_t whole;

	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); ++i)
		bytes[i] = (unsigned char)(i * 37 + (i >> 3));
	for (size_t start = 0; start < 9; ++start) {
		whole = crc32c_portable(0, bytes + start, 280);
		assert_int_equal(crc32c(0, bytes + start, 280), whole);
		for (size_t cut = 0; cut <= 280; ++cut) {
			uint32_t first = crc32c(0, bytes + start, cut);

			assert_int_equal(crc32c(first, bytes + start + cut, 280 - cut), whole);
			first = crc32c_portable(0, bytes + start, cut);
			assert_int_equal(crc32c_portable(first, bytes + start + cut, 280 - cut),
					 whole);
		}
	}
}

static void every_changed_bit_shows(void **state)
{
	unsigned char block[512] = {0};
	uint32_t before = crc32c(0, block, sizeof(block));

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(block); ++bit) {
		block[bit / 8] ^= (unsigned char)(1U << bit % 8);
		assert_int_not_equal(crc32c(0, block, sizeof(block)), before);
		block[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_give_the_published_values),
		cmocka_unit_test(the_instruction_gives_the_published_values),
		cmocka_unit_test(pieces_and_alignment_do_not_matter),
		cmocka_unit_test(every_changed_bit_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
