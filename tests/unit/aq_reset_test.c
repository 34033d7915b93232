/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_reset_test.c - what a reset does to admin commands in flight: each ends, each CID comes back, and what the
 * controller says of commands from before is not taken for an answer.
 */
#include "controller/aq.h"
#include "nvm_admin.h"
#include "nvm_error.h"
#include "support/aq_fixture.h"

/* What a command of OP_SPECIAL meets with: nothing. */
struct memory {
	atomic_uint n_special;
	atomic_uint last_cid;
	atomic_bool answer_late;
};

static void ignore_special(struct device *d, const struct nvm_sqe *sqe)
{
	struct memory *m = d->arg;

	if (sqe->opc == OP_SPECIAL || sqe->opc == NVM_ADMIN_OPC_ABORT) {
		atomic_store(&m->last_cid, sqe->cid);
		atomic_fetch_add(&m->n_special, 1);
		return;
	}
	/* A completion that somebody has waited for long ago. */
	if (atomic_exchange(&m->answer_late, false))
		device_post(d, (uint16_t)atomic_load(&m->last_cid), 0, 0);
	if (sqe->opc == NVM_ADMIN_OPC_SET_FEATURES)
		device_post(d, sqe->cid, 0, sqe->cdw11);
	else
		device_echo(d, sqe);
}

static void commands_in_flight_are_cancelled(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	uint16_t cids[200];

	(void)state;
	for (unsigned int round = 0; round < 5; round++) {
		unsigned int n = fill(f.ref, OP_SPECIAL, cids);

		assert_int_equal(n, ROOM);
		assert_int_equal(nvm_aq_poll(f.ref, cids[0], NULL), EAGAIN);
		assert_int_equal(nvm_aq_reset(f.ref), 0);
		for (unsigned int i = 0; i < n; i++) {
			assert_int_equal(nvm_aq_poll(f.ref, cids[i], NULL), ECANCELED);
			assert_int_equal(nvm_aq_poll(f.ref, cids[i], NULL), EINVAL);
		}
		/* More than a ring: indices and phase are in order. */
		for (uint32_t i = 0; i < 1000; i++)
			check_echo(f.ref, i);
	}
	end(&f);
}

static void *exec_special(void *arg)
{
	nvm_cmd_t cmd = command(OP_SPECIAL, 0);

	return (void *)(uintptr_t)(unsigned int)nvm_aq_exec(arg, &cmd, NULL, 0);
}

static void a_thread_that_waits_learns_of_it(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	double start = seconds();
	pthread_t threads[8];
	void *status;

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, exec_special, f.ref), 0);
	while (atomic_load(&m.n_special) < 8)
		sched_yield();
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(threads[i], &status), 0);
		assert_int_equal((uintptr_t)status, ECANCELED);
	}
	assert_true(seconds() - start < 20);
	check_echo(f.ref, 1);
	end(&f);
}

static void abandoned_commands_give_their_cids_back(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	nvm_cmd_t cmd = command(OP_SPECIAL, 0);
	uint16_t cids[200];
	uint16_t cid;

	(void)state;
	/* Given up by its caller, with the Abort command that did not come back either. */
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 20), ETIME);
	assert_int_equal(nvm_aq_submit(f.ref, &cmd, &cid), 0);
	nvmi_aq_abandon(f.ref, cid);
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	assert_int_equal(fill(f.ref, OP_SPECIAL, cids), ROOM);
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	/* Cancelled and not collected, or not wanted any more. */
	for (unsigned int i = 0; i < ROOM; i++)
		nvmi_aq_abandon(f.ref, cids[i]);
	assert_int_equal(fill(f.ref, OP_SPECIAL, cids), ROOM);
	end(&f);
}

static void commands_that_were_in_flight_when_it_failed_give_their_cids_back(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	uint16_t cids[200];
	pthread_t thread;
	void *status;

	(void)state;
	for (unsigned int i = 0; i < 70; i++) {
		unsigned int n = atomic_load(&m.n_special);

		assert_int_equal(pthread_create(&thread, NULL, exec_special, f.ref), 0);
		while (atomic_load(&m.n_special) == n)
			sched_yield();
		atomic_fetch_or(&f.device->csts, NVM_FIELD(CSTS_CFS, 1));
		assert_int_equal(pthread_join(thread, &status), 0);
		assert_int_equal((uintptr_t)status, EIO);
		assert_int_equal(nvm_aq_reset(f.ref), 0);
	}
	assert_int_equal(fill(f.ref, OP_SPECIAL, cids), ROOM);
	end(&f);
}

static void an_answer_from_before_is_a_fault(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	nvm_cmd_t cmd = command(OP_SPECIAL, 0), other = command(0xc0, 7);
	uint16_t cid;

	(void)state;
	for (unsigned int round = 0; round < 2; round++) {
		assert_int_equal(nvm_aq_submit(f.ref, &cmd, &cid), 0);
		while (atomic_load(&m.n_special) == round)
			sched_yield();
		assert_int_equal(nvm_aq_reset(f.ref), 0);
		/* Before it was collected, and after. */
		if (round == 1)
			assert_int_equal(nvm_aq_poll(f.ref, cid, NULL), ECANCELED);
		atomic_store(&m.answer_late, true);
		assert_int_equal(nvm_aq_exec(f.ref, &other, NULL, 0), EIO);
		assert_non_null(strstr(nvm_errmsg(), "controller fault"));
		assert_int_equal(nvm_aq_reset(f.ref), 0);
		check_echo(f.ref, round);
	}
	end(&f);
}

static void a_reset_counts_and_is_not_repeated_for_those_who_come_late(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	unsigned int before = nvmi_aq_generation(f.ref);

	(void)state;
	assert_int_equal(nvmi_aq_reset_since(f.ref, before), 0);
	assert_int_equal(nvmi_aq_generation(f.ref), before + 2);
	assert_int_equal(nvmi_aq_reset_since(f.ref, before), 0);
	assert_int_equal(nvmi_aq_generation(f.ref), before + 2);
	assert_int_equal(nvmi_aq_settled_generation(f.ref), before + 2);
	/* Nor does it stop a controller that has been reset since. */
	assert_true(nvmi_aq_halt_since(f.ref, before));
	check_echo(f.ref, 1);
	assert_true(nvmi_aq_halt_since(f.ref, before + 2));
	assert_int_equal(NVM_CC_EN(atomic_load(&f.device->cc)), 0);
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	check_echo(f.ref, 2);
	end(&f);
}

static void the_number_of_queues_is_asked_for_again(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	uint16_t n_cqs = 3, n_sqs = 4;
	unsigned int n;

	(void)state;
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	assert_int_equal(atomic_load(&f.device->n_log), 0);
	assert_int_equal(nvm_admin_request_num_queues(f.ref, &n_cqs, &n_sqs), 0);
	n = atomic_load(&f.device->n_log);
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	assert_int_equal(atomic_load(&f.device->n_log), n + 1);
	assert_int_equal(f.device->opcodes[n], NVM_ADMIN_OPC_SET_FEATURES);
	assert_int_equal(f.device->cdw10s[n] & 0xff, NVM_FID_NUM_QUEUES);
	end(&f);
}

static void a_controller_that_is_gone_is_not_reset(void **state)
{
	struct memory m = {.n_special = 0};
	struct fixture f = begin(ignore_special, &m);
	nvm_cmd_t cmd = command(0xc0, 0);

	(void)state;
	atomic_store(&f.device->gone, true);
	assert_int_equal(nvm_aq_reset(f.ref), ENODEV);
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 0), ENODEV);
	atomic_store(&f.device->gone, false);
	assert_int_equal(nvm_aq_reset(f.ref), 0);
	check_echo(f.ref, 3);
	assert_int_equal(nvm_aq_reset(NULL), EINVAL);
	end(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_in_flight_are_cancelled),
		cmocka_unit_test(a_thread_that_waits_learns_of_it),
		cmocka_unit_test(abandoned_commands_give_their_cids_back),
		cmocka_unit_test(commands_that_were_in_flight_when_it_failed_give_their_cids_back),
		cmocka_unit_test(an_answer_from_before_is_a_fault),
		cmocka_unit_test(a_reset_counts_and_is_not_repeated_for_those_who_come_late),
		cmocka_unit_test(the_number_of_queues_is_asked_for_again),
		cmocka_unit_test(a_controller_that_is_gone_is_not_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
