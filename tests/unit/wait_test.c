/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wait_test.c - time, deadlines, and the waiter: prompt at first, then cheap, always in time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "controller/wait.h"

#define MS 1000000ULL

static void deadlines_lie_ahead_and_saturate(void **state)
{
	uint64_t now = nvmi_now_ns();

	(void)state;
	assert_true(nvmi_deadline_ns(0) >= now);
	assert_true(nvmi_deadline_ns(0) < now + 10000 * MS);
	assert_true(nvmi_deadline_ns(60000) >= now + 60000 * MS);
	assert_true(nvmi_deadline_ns(UINT64_MAX) == UINT64_MAX);
	assert_true(nvmi_deadline_ns(UINT64_MAX / MS) == UINT64_MAX);
	assert_true(nvmi_deadline_ns(UINT64_MAX / MS / 2) < UINT64_MAX);
}

static void a_deadline_that_has_passed_ends_the_wait(void **state)
{
	struct nvmi_waiter w;

	(void)state;
	nvmi_wait_begin(&w, nvmi_now_ns());
	assert_false(nvmi_wait_again(&w));
	nvmi_wait_begin(&w, 0);
	assert_false(nvmi_wait_again(&w));
}

static void waits_until_the_deadline_and_not_much_longer(void **state)
{
	uint64_t start = nvmi_now_ns();
	struct nvmi_waiter w;

	(void)state;
	nvmi_wait_begin(&w, nvmi_deadline_ns(30));
	while (nvmi_wait_again(&w))
		;
	assert_true(nvmi_now_ns() - start >= 30 * MS);
	/* Generous: other programs run on this machine too. */
	assert_true(nvmi_now_ns() - start < 2000 * MS);
}

/* Nothing sleeps in the first tens of microseconds, or a quick answer would be seen late. */
static void looks_often_at_first(void **state)
{
	unsigned int most = 0;

	(void)state;
	/* The best of several: this process may lose the processor at any time. */
	for (int i = 0; i < 50; i++) {
		unsigned int looks = 0;
		struct nvmi_waiter w;

		nvmi_wait_begin(&w, UINT64_MAX);
		while (nvmi_now_ns() - w.start_ns < MS / 25) {
			assert_true(nvmi_wait_again(&w));
			looks++;
		}
		if (looks > most)
			most = looks;
	}
	assert_true(most >= 20);
}

static void long_waits_use_little_processor_time(void **state)
{
	clock_t before = clock();
	unsigned int looks = 0;
	struct nvmi_waiter w;

	(void)state;
	nvmi_wait_begin(&w, nvmi_deadline_ns(200));
	while (nvmi_wait_again(&w)) {
		if (nvmi_now_ns() - w.start_ns > 10 * MS)
			looks++;
	}
	/* 190 sleeps of 1 ms; a loaded machine makes fewer of them. */
	assert_in_range(looks, 1, 400);
	assert_true((uint64_t)(clock() - before) * 1000 / CLOCKS_PER_SEC < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlines_lie_ahead_and_saturate),
		cmocka_unit_test(a_deadline_that_has_passed_ends_the_wait),
		cmocka_unit_test(waits_until_the_deadline_and_not_much_longer),
		cmocka_unit_test(looks_often_at_first),
		cmocka_unit_test(long_waits_use_little_processor_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
