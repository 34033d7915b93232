/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * idle_test.c - a controller with nothing to do, and a program that waits for it, use next to no
 * processor time.
 */
#include <errno.h>

#include "nvm_disk.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

/* Processor time of all threads of this process. */
static double processor_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void sleep_ms(long ms)
{
	const struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

static void an_idle_controller_sleeps(void **state)
{
	static unsigned char data[65536];
	double before, used;
	nvm_disk_t *disk;

	(void)state;
	assert_int_equal(nvm_disk_open(&disk, "emu:?size=1M&threads=4", NULL), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(nvm_disk_read(disk, data, 0, 128), 0);
	sleep_ms(200); /* to settle */
	before = processor_seconds();
	sleep_ms(1000);
	used = processor_seconds() - before;
	print_message("idle: %.2f %% of a processor\n", used * 100);
	assert_true(used < 0.05);
	/* And wakes up again. */
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), 0);
	nvm_disk_close(disk);
}

static void a_long_wait_sleeps(void **state)
{
	struct target t = open_target("emu:?size=1M");
	/* Completes when an event occurs: not here. */
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST}};
	double before, used;
	uint16_t cid;

	(void)state;
	assert_int_equal(nvm_aq_submit(t.ref, &cmd, &cid), 0);
	assert_int_equal(nvm_aq_wait(t.ref, cid, NULL, 100), ETIME);
	before = processor_seconds();
	assert_int_equal(nvm_aq_wait(t.ref, cid, NULL, 1000), ETIME);
	used = processor_seconds() - before;
	print_message("waiting: %.2f %% of a processor\n", used * 100);
	assert_true(used < 0.2);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_controller_sleeps),
		cmocka_unit_test(a_long_wait_sleeps),
	};

	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}
