/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strerror_test.c - every status has a text of its own, and no int breaks nvm_strerror().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nvm_error.h"
#include "nvm_spec.h"

#define DNR (1 << 14)
#define CRD (3 << 11)

static int is_generic(const char *text)
{
	return strstr(text, "(SCT ") != NULL || strncmp(text, "Unknown", 7) == 0;
}

static void success_and_errno_have_their_usual_texts(void **state)
{
	(void)state;
	assert_string_equal(nvm_strerror(0), "Success");
	assert_string_equal(nvm_strerror(EINVAL), "Invalid argument");
	assert_string_equal(nvm_strerror(ENODEV), "No such device");
	assert_string_equal(nvm_strerror(4000), "Unknown error 4000");
	assert_string_equal(nvm_strerror(INT_MAX), "Unknown error 2147483647");
}

static void each_status_code_type_has_its_own_table(void **state)
{
	(void)state;
	assert_string_equal(nvm_strerror(-0x001), "Invalid command opcode");
	assert_string_equal(nvm_strerror(-0x080), "LBA out of range");
	assert_string_equal(nvm_strerror(-0x101), "Invalid queue identifier");
	assert_string_equal(nvm_strerror(-0x280), "Write fault");
	assert_string_equal(nvm_strerror(-0x371), "Command aborted by host");
}

static void retry_bits_do_not_change_the_text(void **state)
{
	(void)state;
	assert_string_equal(nvm_strerror(-(0x285 | DNR)), nvm_strerror(-0x285));
	assert_string_equal(nvm_strerror(-(0x285 | CRD)), nvm_strerror(-0x285));
	assert_string_equal(nvm_strerror(-(0x285 | DNR | CRD)), "Compare failure");
}

static void vendor_specific_and_reserved_statuses_show_their_numbers(void **state)
{
	(void)state;
	assert_string_equal(nvm_strerror(-0x7a5), "Vendor specific status (SCT 7h, SC 0xA5)");
	assert_string_equal(nvm_strerror(-(0x7a5 | DNR)),
			    "Vendor specific status (SCT 7h, SC 0xA5)");
	assert_string_equal(nvm_strerror(-0x0c1), "Vendor specific status (SCT 0h, SC 0xC1)");
	assert_string_equal(nvm_strerror(-0x1ff), "Vendor specific status (SCT 1h, SC 0xFF)");
	assert_string_equal(nvm_strerror(-0x017), "Reserved status (SCT 0h, SC 0x17)");
	assert_string_equal(nvm_strerror(-0x412), "Reserved status (SCT 4h, SC 0x12)");
}

static int header_missing;

/* The header lies at a known place beside this file; builds that rewrite __FILE__ say where. */
static FILE *open_header(void)
{
	char path[1024];
	FILE *f;
#ifdef NVM_SOURCE_DIR
	const char *root = NVM_SOURCE_DIR "/";
	const size_t len = strlen(root);
#else
	const char *root = __FILE__;
	const size_t len = strlen(root) - strlen("tests/unit/strerror_test.c");
#endif

	snprintf(path, sizeof(path), "%.*sinclude/nvm_spec.h", (int)len, root);
	f = fopen(path, "r");
	if (!f)
		print_message("SKIP: cannot read %s\n", path);
	return f;
}

/* Reads the constants from the header itself, so that one added without a text fails here. */
static void every_status_constant_has_a_distinct_text(void **state)
{
	static const char *texts[0x800];
	unsigned int value, other, found = 0;
	char line[512], name[128];
	FILE *f;

	(void)state;
	f = open_header();
	if (!f) {
		header_missing = 1;
		skip();
	}

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "#define NVM_SC_%127s %x", name, &value) != 2 || value == 0)
			continue;
		found++;
		assert_in_range(value, 1, 0x7ff);
		texts[value] = nvm_strerror(-(int)value);
		if (is_generic(texts[value]))
			fail_msg("NVM_SC_%s has no text", name);
	}
	fclose(f);
	assert_true(found >= 130);

	for (value = 1; value < 0x800; value++) {
		for (other = value + 1; texts[value] && other < 0x800; other++) {
			if (texts[other] && strcmp(texts[value], texts[other]) == 0)
				fail_msg("%03x and %03x are both '%s'", value, other, texts[value]);
		}
	}
}

static void every_int_has_a_text(void **state)
{
	const char *text;
	int status;

	(void)state;
	for (status = -65536; status <= 4096; status++) {
		text = nvm_strerror(status);
		assert_non_null(text);
		assert_in_range(strlen(text), 5, 90);
		if (status < 0)
			assert_string_not_equal(text, "Success");
	}
	assert_non_null(nvm_strerror(INT_MIN));
	assert_non_null(nvm_strerror(INT_MIN + 1));
	assert_non_null(nvm_strerror(INT_MAX));
}

static void *other_thread(void *arg)
{
	*(const char **)arg = nvm_strerror(-0x7bb);
	return NULL;
}

static void a_made_text_survives_another_threads_call(void **state)
{
	const char *mine, *others = NULL;
	pthread_t thread;

	(void)state;
	mine = nvm_strerror(-0x7aa);
	assert_int_equal(pthread_create(&thread, NULL, other_thread, &others), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(mine, "Vendor specific status (SCT 7h, SC 0xAA)");
	assert_ptr_not_equal(mine, others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_and_errno_have_their_usual_texts),
		cmocka_unit_test(each_status_code_type_has_its_own_table),
		cmocka_unit_test(retry_bits_do_not_change_the_text),
		cmocka_unit_test(vendor_specific_and_reserved_statuses_show_their_numbers),
		cmocka_unit_test(every_status_constant_has_a_distinct_text),
		cmocka_unit_test(every_int_has_a_text),
		cmocka_unit_test(a_made_text_survives_another_threads_call),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed == 0 && header_missing ? 77 : failed;
}
