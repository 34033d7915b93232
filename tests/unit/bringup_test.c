/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup_test.c - the CC/CSTS state machine over a plain register struct and a clock of its own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/bringup.h"
#include "nvm_error.h"
#include "support/fake_ctrl.h"

#define ASQ 0x123456000ULL
#define ACQ 0xfedcba9876543000ULL

static const struct nvmi_admin_queues queues = {
	.asq_ioaddr = ASQ, .acq_ioaddr = ACQ, .asq_entries = 64, .acq_entries = 256};

#define CC_OFF (NVM_FIELD(CC_IOSQES, 6) | NVM_FIELD(CC_IOCQES, 4))
#define CC_ON  (CC_OFF | NVM_FIELD(CC_EN, 1))
#define CC_WRR NVM_FIELD(CC_AMS, NVM_CC_AMS_WRR)
#define SHN    NVM_FIELD(CC_SHN, NVM_SHN_NORMAL)

/* The writes that bring a disabled controller up with the queues above. */
#define ENABLING                                                                    \
	{NVM_REG_AQA, 4, 0x00ff003f}, {NVM_REG_ASQ, 8, ASQ}, {NVM_REG_ACQ, 8, ACQ}, \
		{NVM_REG_CC, 4, CC_OFF},                                            \
	{                                                                           \
		NVM_REG_CC, 4, CC_ON                                                \
	}

/* A controller made of the fake; pages of 4 KiB, whatever this machine has. */
static struct nvmi_ctrl *attach(struct fake_ctrl *f)
{
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
	uint64_t gone_at = f->gone_at;
	nvm_ctrl_t *ctrl;

	options.page_size = 4096;
	f->gone_at = FAKE_NEVER;
	assert_int_equal(nvmi_ctrl_new(&ctrl, &f->be, &options), 0);
	f->gone_at = gone_at;
	f->n_accesses = 0;
	return nvmi_ctrl_of(ctrl);
}

static void detach(struct nvmi_ctrl *c, struct fake_ctrl *f)
{
	nvm_ctrl_free(&c->handle);
	assert_int_equal(f->closed, 1);
}

/* Step once every millisecond to the end; *took_ms is how long that took by the fake's clock. */
static int drive(struct nvmi_ctrl *c, struct fake_ctrl *f, enum nvmi_bringup_goal goal,
		 const struct nvmi_admin_queues *aq, uint64_t *took_ms)
{
	uint64_t start_ns = f->now_ns;
	struct nvmi_bringup b;
	int status;

	nvmi_bringup_begin(&b, c, goal, aq);
	while ((status = nvmi_bringup_step(&b, f->now_ns)) == EAGAIN) {
		f->now_ns += FAKE_MS;
		assert_true(f->now_ns - start_ns < 2000000 * FAKE_MS);
	}
	if (took_ms != NULL)
		*took_ms = (f->now_ns - start_ns) / FAKE_MS;
	return status;
}

static int bring(struct fake_ctrl *f, enum nvmi_bringup_goal goal, uint64_t *took_ms)
{
	struct nvmi_ctrl *c = attach(f);
	int status = drive(c, f, goal, &queues, took_ms);

	if (f->violations != 0)
		print_error("host fault: %s\n", f->last_violation);
	assert_int_equal(f->violations, 0);
	detach(c, f);
	return status;
}

static void check_writes(const struct fake_ctrl *f, const struct fake_write *expected, size_t n)
{
	assert_int_equal(f->n_writes, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(f->writes[i].offset, expected[i].offset);
		assert_int_equal(f->writes[i].size, expected[i].size);
		assert_int_equal(f->writes[i].value, expected[i].value);
	}
}

#define assert_writes(f, ...)                                                           \
	do {                                                                            \
		const struct fake_write expected_[] = {__VA_ARGS__};                    \
		check_writes((f), expected_, sizeof(expected_) / sizeof(expected_[0])); \
	} while (0)

static void assert_message_has(const char *text)
{
	if (strstr(nvm_errmsg(), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", nvm_errmsg(), text);
}

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
		cmocka_unit_test(stuck_at_rdy_0_gives_up_in_time),
		cmocka_unit_test(stuck_at_rdy_1_gives_up_in_time),
		cmocka_unit_test(stuck_on_the_way_up_at_attach_is_cured_by_a_reset),
		cmocka_unit_test(stuck_shutdown_still_disables_and_is_reported),
		cmocka_unit_test(shutdown_may_take_as_long_as_becoming_ready),
		cmocka_unit_test(the_answer_counts_even_if_we_look_late),
		cmocka_unit_test(timeouts_follow_the_registers),
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
		cmocka_unit_test(run_drives_to_the_goal),
		cmocka_unit_test(run_gives_up_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
