/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error_test.c - nvm_errmsg(): one line, per thread, with its context; NVM_LOG.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/error.h"

static void failure_returns_the_status_and_keeps_the_line(void **state)
{
	(void)state;
	assert_string_equal(nvm_errmsg(), "");
	assert_int_equal(nvmi_fail(EBUSY, "%s is bound to nvme: unbind it", "0000:05:00.0"), EBUSY);
	assert_string_equal(nvm_errmsg(), "0000:05:00.0 is bound to nvme: unbind it");
	assert_string_equal(nvm_errmsg(), "0000:05:00.0 is bound to nvme: unbind it");
	assert_int_equal(nvmi_fail(-0x4002, "refused"), -0x4002);
	assert_string_equal(nvm_errmsg(), "refused");
}

static void context_comes_first(void **state)
{
	(void)state;
	nvmi_fail(ENOMEM, "no memory");
	assert_int_equal(nvmi_fail_more(ENOMEM, "queue %d", 7), ENOMEM);
	assert_string_equal(nvm_errmsg(), "queue 7: no memory");
	nvmi_fail_more(ENOMEM, "disk");
	assert_string_equal(nvm_errmsg(), "disk: queue 7: no memory");
}

static void the_previous_line_may_be_an_argument(void **state)
{
	(void)state;
	nvmi_fail(EIO, "cause");
	nvmi_fail(EIO, "<%s> and <%s>", nvm_errmsg(), nvm_errmsg());
	assert_string_equal(nvm_errmsg(), "<cause> and <cause>");
}

static void errno_is_left_alone(void **state)
{
	(void)state;
	errno = 4711;
	nvmi_fail(EIO, "cause");
	nvmi_fail_more(EIO, "context");
	nvmi_log(NVMI_LOG_ERROR, "line");
	assert_int_equal(errno, 4711);
}

static void control_characters_become_blanks(void **state)
{
	(void)state;
	nvmi_fail(EIO, "a\nb\tc\r\x1b[31md\x7f.\xc2\x9b"
		       "e");
	assert_string_equal(nvm_errmsg(), "a b c  [31md .  e");
	nvmi_fail(EIO, "Gr\xc3\xb6\xc3\x9f"
		       "e \xc2\xb5s");
	assert_string_equal(nvm_errmsg(), "Gr\xc3\xb6\xc3\x9f"
					  "e \xc2\xb5s");
	nvmi_fail_more(EIO, "one\ntwo");
	assert_null(strchr(nvm_errmsg(), '\n'));
}

static void long_lines_are_cut_visibly(void **state)
{
	char text[2000];

	(void)state;
	for (size_t n = 490; n < 530; n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		nvmi_fail(EIO, "%s", text);
		if (n <= 511) {
			assert_string_equal(nvm_errmsg(), text);
		} else {
			assert_int_equal(strlen(nvm_errmsg()), 511);
			assert_memory_equal(nvm_errmsg() + 200, "...x", 4);
		}
	}

	/* A character of two bytes is not cut in half, wherever it lies. */
	for (size_t shift = 0; shift < 2; shift++) {
		const char *p;

		memset(text, 'x', sizeof(text));
		for (size_t i = shift; i + 1 < sizeof(text); i += 2)
			memcpy(text + i, "\xc3\xb6", 2);
		text[sizeof(text) - 1] = '\0';
		nvmi_fail(EIO, "%s", text);
		p = nvm_errmsg() + shift;
		while (memcmp(p, "\xc3\xb6", 2) == 0)
			p += 2;
		assert_memory_equal(p, "...", 3);
		p += 3;
		while (memcmp(p, "\xc3\xb6", 2) == 0)
			p += 2;
		assert_true(strlen(p) <= 1);
	}

	/* Context and cause stay, what is quoted between them is cut. */
	memset(text, 'x', sizeof(text) - 1);
	nvmi_fail(EIO, "%s: no such file", text);
	nvmi_fail_more(EIO, "context");
	assert_memory_equal(nvm_errmsg(), "context: ", 9);
	assert_non_null(strstr(nvm_errmsg(), "...x"));
	assert_string_equal(nvm_errmsg() + strlen(nvm_errmsg()) - 15, "x: no such file");
}

static void *other_thread(void *arg)
{
	(void)arg;
	if (strcmp(nvm_errmsg(), "") != 0)
		return NULL;
	for (int i = 0; i < 1000; i++) {
		nvmi_fail(EIO, "theirs %d", i);
		nvmi_fail_more(EIO, "more");
	}
	return strcmp(nvm_errmsg(), "more: theirs 999") == 0 ? arg : NULL;
}

static void every_thread_has_its_own_line(void **state)
{
	pthread_t thread;
	void *result;
	int token;

	(void)state;
	nvmi_fail(EIO, "ours");
	assert_int_equal(pthread_create(&thread, NULL, other_thread, &token), 0);
	pthread_join(thread, &result);
	assert_ptr_equal(result, &token);
	assert_string_equal(nvm_errmsg(), "ours");
}

/* What a process with this NVM_LOG writes to stderr when it logs one line of each level. */
static void log_output(const char *value, char *text, size_t size)
{
	size_t used = 0;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		if (value != NULL)
			setenv("NVM_LOG", value, 1);
		else
			unsetenv("NVM_LOG");
		nvmi_log(NVMI_LOG_ERROR, "e%d", 1);
		nvmi_log(NVMI_LOG_WARN, "w%d", 2);
		nvmi_log(NVMI_LOG_INFO, "i%d", 3);
		nvmi_log(NVMI_LOG_DEBUG, "d%d", 4);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Runs first: the level is read once per process. */
static void nvm_log_chooses_what_is_written(void **state)
{
	static const struct {
		const char *value, *expected;
	} rows[] = {
		{NULL, ""},
		{"", ""},
		{"nonsense", ""},
		{"none", ""},
		{"error", "libnvm: error: e1\n"},
		{"warn", "libnvm: error: e1\nlibnvm: warn: w2\n"},
		{"info", "libnvm: error: e1\nlibnvm: warn: w2\nlibnvm: info: i3\n"},
		{"debug", "libnvm: error: e1\nlibnvm: warn: w2\nlibnvm: info: i3\n"
			  "libnvm: debug: d4\n"},
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		log_output(rows[i].value, text, sizeof(text));
		assert_string_equal(text, rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nvm_log_chooses_what_is_written),
		cmocka_unit_test(failure_returns_the_status_and_keeps_the_line),
		cmocka_unit_test(context_comes_first),
		cmocka_unit_test(the_previous_line_may_be_an_argument),
		cmocka_unit_test(errno_is_left_alone),
		cmocka_unit_test(control_characters_become_blanks),
		cmocka_unit_test(long_lines_are_cut_visibly),
		cmocka_unit_test(every_thread_has_its_own_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
