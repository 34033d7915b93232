/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_recover_faults_test.c - requests on controllers that repeat, mix up and hide completions, that fail and go
 * away: every request ends once, in bounded time, and what comes afterwards is right.
 */
#include "support/qpair_faults.h"

static void check_fault(struct rig *r, atomic_int *fault, unsigned int n_wrong)
{
	struct entry e[16];

	atomic_store(fault, (int)n_wrong);
	for (unsigned int i = 0; i < 16; i++)
		read_block(r, r->qp, &e[i], i);
	assert_true(finish(r->qp, e, 16) < 20);
	for (unsigned int i = 0; i < 16; i++)
		assert_true(e[i].status == 0 || e[i].status == ABORTED_SQ);
	assert_int_equal(atomic_load(fault), 0);
	check_data(r, r->qp, n_wrong);
}

static void a_repeated_completion_costs_the_queue_but_no_request(void **state)
{
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	for (unsigned int i = 1; i < 4; i++)
		check_fault(&r, &r.x.duplicate, i);
	end_rig(&r);
}

static void an_unknown_cid_costs_the_queue_but_no_request(void **state)
{
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	for (unsigned int i = 1; i < 4; i++)
		check_fault(&r, &r.x.unknown_cid, i);
	end_rig(&r);
}

static void an_invisible_completion_ends_in_time(void **state)
{
	struct entry e[8];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 200);
	atomic_store(&r.x.wrong_phase, 1);
	for (unsigned int i = 0; i < 8; i++)
		read_block(&r, r.qp, &e[i], i);
	assert_true(finish(r.qp, e, 8) < 20);
	/* What comes after it in the ring cannot be seen either. */
	assert_true(count_status(e, 8, ETIME) >= 1);
	assert_int_equal(count_status(e, 8, ETIME) + count_status(e, 8, 0), 8);
	check_data(&r, r.qp, 7);
	end_rig(&r);
}

static void a_fatal_error_under_load_ends_everything_at_once(void **state)
{
	struct entry e[32];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 60000);
	atomic_store(&r.x.delay_ns, 3600 * 1000000000ULL);
	atomic_store(&r.x.delay, 20);
	for (unsigned int i = 0; i < 32; i++)
		read_block(&r, r.qp, &e[i], i);
	emu_fatal(nvmi_emu_of(r.t.ctrl));
	assert_true(finish(r.qp, e, 32) < 10);
	atomic_store(&r.x.delay, 0);
	assert_true(count_status(e, 32, EIO) >= 1);
	assert_int_equal(count_status(e, 32, EIO) + count_status(e, 32, 0), 32);
	/* It must not write any more: it was disabled. */
	assert_int_equal(NVM_CC_EN(nvm_ctrl_read32(r.t.ctrl, NVM_REG_CC)), 0);
	assert_int_equal(nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 1, entry_done, &e[0]), EIO);
	assert_int_equal(nvm_aq_reset(r.t.ref), 0);
	while (nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 1, entry_done, &e[0]) != 0)
		assert_int_equal(nvm_qpair_poll(r.qp, 1), 0);
	e[0].n_done = 0;
	(void)finish(r.qp, e, 1);
	assert_int_equal(e[0].status, 0);
	check_data(&r, r.qp, 8);
	end_rig(&r);
}

static void a_controller_that_is_gone_ends_everything_at_once(void **state)
{
	struct entry e[16];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 60000);
	atomic_store(&r.x.drop, 16);
	for (unsigned int i = 0; i < 16; i++)
		read_block(&r, r.qp, &e[i], i);
	while (atomic_load(&r.x.drop) != 0)
		wait_ms(1);
	atomic_store(&r.x.gone, true);
	assert_true(finish(r.qp, e, 16) < 10);
	assert_int_equal(count_status(e, 16, ENODEV), 16);
	assert_int_equal(nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 1, entry_done, &e[0]), ENODEV);
	atomic_store(&r.x.gone, false);
	end_rig(&r);
}

static void a_controller_that_somebody_disables_ends_everything_at_once(void **state)
{
	struct entry e[4];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 60000);
	atomic_store(&r.x.drop, 4);
	for (unsigned int i = 0; i < 4; i++)
		read_block(&r, r.qp, &e[i], i);
	while (atomic_load(&r.x.drop) != 0)
		wait_ms(1);
	assert_int_equal(nvm_ctrl_write32(r.t.ctrl, NVM_REG_CC, 0), 0);
	assert_true(finish(r.qp, e, 4) < 10);
	assert_int_equal(count_status(e, 4, EIO), 4);
	end_rig(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repeated_completion_costs_the_queue_but_no_request),
		cmocka_unit_test(an_unknown_cid_costs_the_queue_but_no_request),
		cmocka_unit_test(an_invisible_completion_ends_in_time),
		cmocka_unit_test(a_fatal_error_under_load_ends_everything_at_once),
		cmocka_unit_test(a_controller_that_is_gone_ends_everything_at_once),
		cmocka_unit_test(a_controller_that_somebody_disables_ends_everything_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
