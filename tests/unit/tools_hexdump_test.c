/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tools_hexdump_test.c - bytes as nvm-read-blocks prints them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The tools' common code is no library: the test is built with the file itself. */
#include "../tools/common/hexdump.c"

/* A dump into memory: begun by begin(), its text is given by end(), to be freed. */
struct memory_dump {
	struct hexdump h;
	FILE *file;
	char *text;
	size_t size;
};

static void begin(struct memory_dump *d, uint64_t offset, bool ascii)
{
	d->file = open_memstream(&d->text, &d->size);
	assert_non_null(d->file);
	hexdump_begin(&d->h, d->file, offset, ascii);
}

static void assert_ends_as(struct memory_dump *d, const char *wanted)
{
	hexdump_end(&d->h);
	assert_int_equal(fclose(d->file), 0);
	assert_string_equal(d->text, wanted);
	free(d->text);
}

static void a_line_has_offset_hexadecimal_and_text(void **state)
{
	struct memory_dump d;

	(void)state;
	begin(&d, 0x1200, false);
	hexdump_add(&d.h, "libnvm \x00\x1f\x7f\x80\xff|~!", 16);
	assert_ends_as(&d, "00001200  6c 69 62 6e 76 6d 20 00  1f 7f 80 ff 7c 7e 21 00  "
			   "|libnvm .....|~!.|\n"
			   "00001210\n");
}

static void a_last_short_line_is_aligned(void **state)
{
	struct memory_dump d;

	(void)state;
	begin(&d, 0, false);
	hexdump_add(&d.h, "abc", 3);
	assert_ends_as(&d, "00000000  61 62 63                                          |abc|\n"
			   "00000003\n");
}

static void equal_lines_are_one_star_also_across_calls(void **state)
{
	static const unsigned char zeroes[48];
	struct memory_dump d;

	(void)state;
	begin(&d, 0, false);
	hexdump_add(&d.h, zeroes, sizeof(zeroes));
	hexdump_add(&d.h, zeroes, sizeof(zeroes));
	hexdump_add(&d.h, "0123456789abcdef", 16);
	hexdump_add(&d.h, zeroes, 16);
	assert_ends_as(&d, "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
			   "|................|\n"
			   "*\n"
			   "00000060  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  "
			   "|0123456789abcdef|\n"
			   "00000070  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
			   "|................|\n"
			   "00000080\n");
}

static void offsets_beyond_4_gib_are_printed_whole(void **state)
{
	struct memory_dump d;

	(void)state;
	begin(&d, 0xfffffffffff0U, false);
	hexdump_add(&d.h, "x", 1);
	assert_ends_as(&d, "fffffffffff0  78"
			   "                                                "
			   "|x|\nfffffffffff1\n");
}

static void text_lines_have_64_characters(void **state)
{
	char data[128];
	struct memory_dump d;

	(void)state;
	memset(data, 'a', 64);
	memset(data + 64, '\n', 64);
	begin(&d, 0, true);
	hexdump_add(&d.h, data, sizeof(data));
	assert_ends_as(
		&d, "00000000  |aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|\n"
		    "00000040  |................................................................|\n"
		    "00000080\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_offset_hexadecimal_and_text),
		cmocka_unit_test(a_last_short_line_is_aligned),
		cmocka_unit_test(equal_lines_are_one_star_also_across_calls),
		cmocka_unit_test(offsets_beyond_4_gib_are_printed_whole),
		cmocka_unit_test(text_lines_have_64_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
