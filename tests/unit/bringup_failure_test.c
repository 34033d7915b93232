/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup_failure_test.c - controllers that report a fatal error, or are gone, during bring-up.
 */
#include "support/bringup_fixture.h"

/* CSTS.CFS at each stage */

static void fatal_while_enabling_is_reported_at_once(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init(&f);
	f.cfs_after_en = true;
	f.up_ns = FAKE_NEVER;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), EIO);
	assert_in_range(ms, 0, 3);
	assert_message_has("CSTS.CFS");
	assert_int_equal(NVM_CC_EN(f.cc), 0);
}

static void ready_and_fatal_is_not_ready(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init(&f);
	f.cfs_after_en = true;
	f.up_ns = 0;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), EIO);
}

static void fatal_at_attach_is_cured_by_a_reset(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.cfs = true;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);

	/* On the way up already: there is nothing to wait for. */
	fake_init_running(&f);
	f.cfs = true;
	f.rdy = false;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
}

static void fatal_on_somebody_elses_way_up_ends_the_wait(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.rdy = false;
	fake_later(&f, FAKE_FATAL, 100 * FAKE_MS);
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
	assert_in_range(ms, 103, 108);
}

static void fatal_while_disabling_does_not_stop_it(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.cfs_after_disable = true;
	assert_int_equal(bring(&f, NVMI_GOAL_DISABLED, NULL), 0);
	assert_false(f.rdy);
}

static void fatal_and_stuck_at_rdy_1_is_a_fatal_error(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.cfs = true;
	f.cfs_sticks = true;
	f.down_ns = FAKE_NEVER;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), EIO);
	assert_in_range(ms, 5000, 5005);
	assert_message_has("CSTS.CFS");
}

static void fatal_that_survives_the_reset_is_reported(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.cfs = true;
	f.cfs_sticks = true;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), EIO);
}

static void fatal_during_shutdown_disables_and_is_reported(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.cfs_after_shn = true;
	f.shutdown_ns = FAKE_NEVER;
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, &ms), EIO);
	assert_in_range(ms, 0, 10);
	assert_writes(&f, {NVM_REG_CC, 4, CC_ON | CC_WRR | SHN}, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
	assert_false(f.rdy);
}

static void a_failed_controller_is_not_asked_to_shut_down(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.cfs = true;
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, NULL), EIO);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
}

/* The device gone at each stage: every register access of every goal in turn */

static void gone_at_any_access_is_enodev_at_once(void **state)
{
	static const enum nvmi_bringup_goal goals[] = {NVMI_GOAL_DISABLED, NVMI_GOAL_ENABLED,
						       NVMI_GOAL_SHUTDOWN};

	(void)state;
	for (size_t g = 0; g < sizeof(goals) / sizeof(goals[0]); g++) {
		uint64_t n_accesses;
		struct fake_ctrl f;

		fake_init_running(&f);
		assert_int_equal(bring(&f, goals[g], NULL), 0);
		n_accesses = f.n_accesses;
		assert_true(n_accesses > 4);
		for (uint64_t at = 0; at < n_accesses; at++) {
			uint64_t ms;

			fake_init_running(&f);
			f.gone_at = at;
			assert_int_equal(bring(&f, goals[g], &ms), ENODEV);
			assert_message_has("all ones");
			/* The first read tells, and nothing is touched any more. */
			assert_int_equal(f.n_gone_reads, 1);
			assert_int_equal(f.n_in_vain, 0);
			assert_in_range(ms, 0, 60);
		}
	}
}

static void gone_while_stuck_is_enodev(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init(&f);
	f.up_ns = FAKE_NEVER;
	f.gone_at = 1000;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), ENODEV);
	assert_int_equal(f.n_gone_reads, 1);
	assert_int_equal(f.n_in_vain, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fatal_while_enabling_is_reported_at_once),
		cmocka_unit_test(ready_and_fatal_is_not_ready),
		cmocka_unit_test(fatal_at_attach_is_cured_by_a_reset),
		cmocka_unit_test(fatal_on_somebody_elses_way_up_ends_the_wait),
		cmocka_unit_test(fatal_while_disabling_does_not_stop_it),
		cmocka_unit_test(fatal_and_stuck_at_rdy_1_is_a_fatal_error),
		cmocka_unit_test(fatal_that_survives_the_reset_is_reported),
		cmocka_unit_test(fatal_during_shutdown_disables_and_is_reported),
		cmocka_unit_test(a_failed_controller_is_not_asked_to_shut_down),
		cmocka_unit_test(gone_at_any_access_is_enodev_at_once),
		cmocka_unit_test(gone_while_stuck_is_enodev),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
