/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup_test.c - controllers in any state are brought to the goal: disabled, enabled, shut down.
 */
#include "support/bringup_fixture.h"

/* Healthy controllers */

static void enables_a_disabled_controller(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init(&f);
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), 0);
	assert_writes(&f, ENABLING);
	assert_true(f.rdy);
	assert_in_range(ms, 3, 5);
}

static void disables_a_running_controller_before_enabling_it(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), 0);
	/* The arbitration of the previous owner stays while EN goes to 0, and not longer. */
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
}

static void disables_a_running_controller(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	assert_int_equal(bring(&f, NVMI_GOAL_DISABLED, NULL), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
	assert_false(f.rdy);
}

static void leaves_a_disabled_controller_alone(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init(&f);
	assert_int_equal(bring(&f, NVMI_GOAL_DISABLED, &ms), 0);
	assert_int_equal(f.n_writes, 0);

	fake_init(&f);
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, &ms), 0);
	assert_int_equal(f.n_writes, 0);
	assert_in_range(ms, 0, 1);
}

static void shuts_down_before_disabling(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, &ms), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_ON | CC_WRR | SHN}, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
	assert_in_range(ms, 42, 46);
}

static void queue_sizes_go_in_the_right_halves_of_aqa(void **state)
{
	static const struct {
		uint32_t asq, acq, aqa;
	} rows[] = {{2, 4096, 0x0fff0001}, {4096, 2, 0x00010fff}, {64, 256, 0x00ff003f}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nvmi_admin_queues aq = queues;
		struct nvmi_ctrl *c;
		struct fake_ctrl f;

		fake_init(&f);
		c = attach(&f);
		aq.asq_entries = rows[i].asq;
		aq.acq_entries = rows[i].acq;
		assert_int_equal(drive(c, &f, NVMI_GOAL_ENABLED, &aq, NULL), 0);
		assert_int_equal(f.aqa, rows[i].aqa);
		assert_int_equal(f.asq, ASQ);
		assert_int_equal(f.acq, ACQ);
		detach(c, &f);
	}
}

static void impossible_queues_are_refused_before_any_write(void **state)
{
	static const struct nvmi_admin_queues rows[] = {
		{ASQ, ACQ, 1, 256},         {ASQ, ACQ, 4097, 256},
		{ASQ, ACQ, 64, 1},          {ASQ, ACQ, 64, 4097},
		{ASQ + 64, ACQ, 64, 64},    {ASQ, ACQ + 2048, 64, 64},
		{ASQ, ACQ, UINT32_MAX, 64}, {0, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nvmi_ctrl *c;
		struct fake_ctrl f;

		fake_init_running(&f);
		c = attach(&f);
		assert_int_equal(drive(c, &f, NVMI_GOAL_ENABLED, &rows[i], NULL), EINVAL);
		assert_int_equal(f.n_writes, 0);
		detach(c, &f);
	}
}

static void page_size_and_command_set_go_into_cc(void **state)
{
	static const struct {
		uint32_t caps, css;
	} rows[] = {
		{NVM_CAP_CSS_NVM, NVM_CC_CSS_NVM},
		{NVM_CAP_CSS_NVM | NVM_CAP_CSS_IOCSS, NVM_CC_CSS_NVM},
		{NVM_CAP_CSS_IOCSS | NVM_CAP_CSS_NOIOCSS, NVM_CC_CSS_ALL},
		{NVM_CAP_CSS_NOIOCSS, NVM_CC_CSS_ADMIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
		struct nvmi_admin_queues aq = queues;
		struct fake_ctrl f;
		nvm_ctrl_t *ctrl;

		fake_init(&f);
		f.cap &= ~NVM_FIELD64_BITS(CAP_CSS);
		f.cap |= NVM_FIELD64(CAP_CSS, rows[i].caps);
		options.page_size = 16384;
		aq.asq_ioaddr = 0x40000;
		aq.acq_ioaddr = 0x44000;
		assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, &options), 0);
		assert_int_equal(drive(nvmi_ctrl_of(ctrl), &f, NVMI_GOAL_ENABLED, &aq, NULL), 0);
		assert_int_equal(f.cc,
				 CC_ON | NVM_FIELD(CC_MPS, 2) | NVM_FIELD(CC_CSS, rows[i].css));
		nvm_ctrl_free(ctrl);
	}
}

/* A controller in any state at attach */

static void waits_for_ready_before_clearing_en(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.rdy = false;
	fake_later(&f, FAKE_UP, 700 * FAKE_MS);
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
	assert_in_range(ms, 705, 712);
}

static void waits_for_ready_before_shutting_down(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.rdy = false;
	fake_later(&f, FAKE_UP, 700 * FAKE_MS);
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, NULL), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_ON | CC_WRR | SHN}, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
}

static void waits_for_the_end_of_somebody_elses_disabling(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init(&f);
	f.rdy = true;
	fake_later(&f, FAKE_DOWN, 300 * FAKE_MS);
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), 0);
	assert_writes(&f, ENABLING);
	assert_in_range(ms, 303, 308);
}

static void waits_for_the_end_of_a_shutdown_in_progress(void **state)
{
	static const enum nvmi_bringup_goal goals[] = {NVMI_GOAL_DISABLED, NVMI_GOAL_SHUTDOWN};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fake_ctrl f;
		uint64_t ms;

		fake_init_running(&f);
		f.cc |= SHN;
		f.shst = NVM_SHST_OCCURRING;
		fake_later(&f, FAKE_SHUT_DOWN, 800 * FAKE_MS);
		assert_int_equal(bring(&f, goals[i], &ms), 0);
		assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
		assert_in_range(ms, 802, 806);
	}
}

static void revives_a_controller_that_was_shut_down(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.cc |= SHN;
	f.shst = NVM_SHST_COMPLETE;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);

	/* Some clear RDY at the end of the shutdown: waiting for it would be in vain. */
	fake_init_running(&f);
	f.cc |= SHN;
	f.shst = NVM_SHST_COMPLETE;
	f.rdy = false;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
}

static void a_stale_notification_does_not_survive_enabling(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init(&f);
	f.cc = SHN;
	f.shst = NVM_SHST_COMPLETE;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, NULL), 0);
	assert_writes(&f, ENABLING);
}

static void a_foreign_shutdown_may_end_in_a_foreign_reset(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.cc |= SHN;
	f.shst = NVM_SHST_OCCURRING;
	fake_later(&f, FAKE_RESET, 100 * FAKE_MS);
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), 0);
	assert_writes(&f, ENABLING);
	assert_in_range(ms, 103, 108);
}

static void a_stuck_foreign_shutdown_ends_in_a_reset(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.cc |= SHN;
	f.shst = NVM_SHST_OCCURRING;
	f.shutdown_ns = FAKE_NEVER;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
	assert_in_range(ms, 10000, 10020);
}

/* With the real clock */

static void run_drives_to_the_goal(void **state)
{
	struct nvmi_ctrl *c;
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.up_ns = f.down_ns = f.shutdown_ns = 0;
	c = attach(&f);
	assert_int_equal(nvmi_bringup_run(c, NVMI_GOAL_ENABLED, &queues), 0);
	assert_true(f.rdy);
	assert_int_equal(nvmi_bringup_run(c, NVMI_GOAL_SHUTDOWN, NULL), 0);
	assert_false(f.rdy);
	assert_int_equal(f.violations, 0);
	detach(c, &f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enables_a_disabled_controller),
		cmocka_unit_test(disables_a_running_controller_before_enabling_it),
		cmocka_unit_test(disables_a_running_controller),
		cmocka_unit_test(leaves_a_disabled_controller_alone),
		cmocka_unit_test(shuts_down_before_disabling),
		cmocka_unit_test(queue_sizes_go_in_the_right_halves_of_aqa),
		cmocka_unit_test(impossible_queues_are_refused_before_any_write),
		cmocka_unit_test(page_size_and_command_set_go_into_cc),
		cmocka_unit_test(waits_for_ready_before_clearing_en),
		cmocka_unit_test(waits_for_ready_before_shutting_down),
		cmocka_unit_test(waits_for_the_end_of_somebody_elses_disabling),
		cmocka_unit_test(waits_for_the_end_of_a_shutdown_in_progress),
		cmocka_unit_test(revives_a_controller_that_was_shut_down),
		cmocka_unit_test(a_stale_notification_does_not_survive_enabling),
		cmocka_unit_test(a_foreign_shutdown_may_end_in_a_foreign_reset),
		cmocka_unit_test(a_stuck_foreign_shutdown_ends_in_a_reset),
		cmocka_unit_test(run_drives_to_the_goal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
