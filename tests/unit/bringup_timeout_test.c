/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup_timeout_test.c - controllers that are stuck, and how long bring-up waits for those.
 */
#include "support/bringup_fixture.h"

/* Stuck controllers */

static void stuck_at_rdy_0_gives_up_in_time(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init(&f);
	f.up_ns = FAKE_NEVER;
	assert_int_equal(bring(&f, NVMI_GOAL_ENABLED, &ms), ETIME);
	assert_in_range(ms, 5000, 5005);
	assert_message_has("CSTS.RDY stayed 0 for 5000 ms");
	/* It must not come up when the caller has long reused the queues' memory. */
	assert_int_equal(NVM_CC_EN(f.cc), 0);
}

static void stuck_at_rdy_1_gives_up_in_time(void **state)
{
	static const enum nvmi_bringup_goal goals[] = {NVMI_GOAL_DISABLED, NVMI_GOAL_ENABLED};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fake_ctrl f;
		uint64_t ms;

		fake_init_running(&f);
		f.down_ns = FAKE_NEVER;
		assert_int_equal(bring(&f, goals[i], &ms), ETIME);
		assert_in_range(ms, 5000, 5005);
		assert_message_has("CSTS.RDY stayed 1 for 5000 ms");
		assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
	}
}

static void stuck_on_the_way_up_at_attach_is_cured_by_a_reset(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;
	struct nvmi_ctrl *c;

	(void)state;
	fake_init_running(&f);
	f.rdy = false;
	c = attach(&f);
	assert_int_equal(drive(c, &f, NVMI_GOAL_ENABLED, &queues, &ms), 0);
	assert_writes(&f, {NVM_REG_CC, 4, CC_OFF | CC_WRR}, ENABLING);
	assert_in_range(ms, 5000, 5010);
	detach(c, &f);
}

static void stuck_shutdown_still_disables_and_is_reported(void **state)
{
	struct fake_ctrl f;
	uint64_t ms;

	(void)state;
	fake_init_running(&f);
	f.shutdown_ns = FAKE_NEVER;
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, &ms), ETIME);
	assert_writes(&f, {NVM_REG_CC, 4, CC_ON | CC_WRR | SHN}, {NVM_REG_CC, 4, CC_OFF | CC_WRR});
	assert_false(f.rdy);
	assert_in_range(ms, 10000, 10010);
	assert_message_has("CSTS.SHST did not say complete within 10000 ms");
}

static void shutdown_may_take_as_long_as_becoming_ready(void **state)
{
	struct fake_ctrl f;

	(void)state;
	fake_init_running(&f);
	f.cap |= NVM_FIELD64(CAP_TO, 0xff);
	f.shutdown_ns = 60000 * FAKE_MS;
	assert_int_equal(bring(&f, NVMI_GOAL_SHUTDOWN, NULL), 0);
}

static void the_answer_counts_even_if_we_look_late(void **state)
{
	struct nvmi_bringup b;
	struct nvmi_ctrl *c;
	struct fake_ctrl f;
	int status;

	(void)state;
	fake_init(&f);
	c = attach(&f);
	nvmi_bringup_begin(&b, c, NVMI_GOAL_ENABLED, &queues);
	/* This process was not scheduled for an hour. */
	while ((status = nvmi_bringup_step(&b, f.now_ns)) == EAGAIN)
		f.now_ns += 3600 * 1000 * FAKE_MS;
	assert_int_equal(status, 0);
	detach(c, &f);
}

/* How long is long: CAP.TO, CRTO, the user's bound */

static void timeouts_follow_the_registers(void **state)
{
	static const struct {
		uint32_t to, crms, crto;
		uint64_t upper_ms, expected_ms;
	} rows[] = {
		{10, 0, 0, 0, 5000},
		{1, 0, 0, 0, 500},
		{0, 0, 0, 0, 5000},          /* no value: patience */
		{255, 0, 0, 0, 127500},      /* all that TO can say */
		{255, 1, 0x0400, 0, 512000}, /* CRWMT says more */
		{255, 3, 0x08000400, 0, 1024000},
		{10, 1, 0x08000004, 0, 5000},  /* CRTO below TO, CRIMT not supported */
		{10, 0, 0x08000400, 0, 5000},  /* there is no CRTO */
		{10, 2, 0x00140400, 0, 10000}, /* CRWMT not supported */
		{0, 1, 0x00000003, 0, 1500},
		{0, 1, 0, 0, 5000},
		{255, 1, 0x0400, 700, 700}, /* the user's bound is an upper one */
		{1, 0, 0, 700, 500},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
		struct fake_ctrl f;
		nvm_ctrl_t *ctrl;
		uint64_t ms;

		fake_init(&f);
		f.cap &= ~NVM_FIELD64_BITS(CAP_TO);
		f.cap |= NVM_FIELD64(CAP_TO, rows[i].to) | NVM_FIELD64(CAP_CRMS, rows[i].crms);
		f.crto = rows[i].crto;
		f.up_ns = FAKE_NEVER;
		options.timeout_ms = rows[i].upper_ms;
		options.page_size = 4096;
		assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, &options), 0);
		assert_int_equal(ctrl->timeout, rows[i].expected_ms);
		assert_int_equal(drive(nvmi_ctrl_of(ctrl), &f, NVMI_GOAL_ENABLED, &queues, &ms),
				 ETIME);
		assert_in_range(ms, rows[i].expected_ms, rows[i].expected_ms + 5);
		nvm_ctrl_free(ctrl);
	}
}

/* With the real clock */

static void run_gives_up_in_time(void **state)
{
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init(&f);
	f.up_ns = FAKE_NEVER;
	options.timeout_ms = 20;
	assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, &options), 0);
	assert_int_equal(nvm_raw_ctrl_reset(ctrl, 0x10000, 0x20000), ETIME);
	assert_message_has("20 ms");
	nvm_ctrl_free(ctrl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stuck_at_rdy_0_gives_up_in_time),
		cmocka_unit_test(stuck_at_rdy_1_gives_up_in_time),
		cmocka_unit_test(stuck_on_the_way_up_at_attach_is_cured_by_a_reset),
		cmocka_unit_test(stuck_shutdown_still_disables_and_is_reported),
		cmocka_unit_test(shutdown_may_take_as_long_as_becoming_ready),
		cmocka_unit_test(the_answer_counts_even_if_we_look_late),
		cmocka_unit_test(timeouts_follow_the_registers),
		cmocka_unit_test(run_gives_up_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
