/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup_fixture.h - the CC/CSTS state machine driven over a plain register struct, by the clock of
 * that.
 */
#ifndef TESTS_SUPPORT_BRINGUP_FIXTURE_H
#define TESTS_SUPPORT_BRINGUP_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/bringup.h"
#include "support/errmsg.h"
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
static inline struct nvmi_ctrl *attach(struct fake_ctrl *f)
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

static inline void detach(struct nvmi_ctrl *c, struct fake_ctrl *f)
{
	nvm_ctrl_free(&c->handle);
	assert_int_equal(f->closed, 1);
}

/* Step once every millisecond to the end; *took_ms is how long that took by the fake's clock. */
static inline int drive(struct nvmi_ctrl *c, struct fake_ctrl *f, enum nvmi_bringup_goal goal,
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

static inline int bring(struct fake_ctrl *f, enum nvmi_bringup_goal goal, uint64_t *took_ms)
{
	struct nvmi_ctrl *c = attach(f);
	int status = drive(c, f, goal, &queues, took_ms);

	if (f->violations != 0)
		print_error("host fault: %s\n", f->last_violation);
	assert_int_equal(f->violations, 0);
	detach(c, f);
	return status;
}

static inline void check_writes(const struct fake_ctrl *f, const struct fake_write *expected,
				size_t n)
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

#endif
