/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_recover_test.c - requests that are late, on controllers that do less and less about it: every request ends
 * once, in bounded time, and what comes afterwards is right.
 */
#include "io/qpair.h"
#include "support/qpair_faults.h"

static void a_late_request_is_aborted_and_has_the_status_of_that(void **state)
{
	struct entry e[8];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 200);
	atomic_store(&r.x.delay_ns, 3600 * 1000000000ULL);
	atomic_store(&r.x.delay, 6);
	for (unsigned int i = 0; i < 8; i++)
		read_block(&r, r.qp, &e[i], i);
	assert_true(finish(r.qp, e, 8) < 10);
	/* More than Abort commands are sent at a time. */
	assert_int_equal(count_status(e, 8, ABORTED), 6);
	assert_int_equal(count_status(e, 8, 0), 2);
	assert_int_equal(atomic_load(&r.x.n_aborts), 6);
	check_data(&r, r.qp, 1);
	end_rig(&r);
}

/* In epochs: time that this program had, whatever else the machine does. */
static uint32_t oldest(const nvm_qpair_t *qp)
{
	uint32_t age = 0;

	for (uint32_t i = 0; i < qp->priv->n_slots; i++)
		if (nvmi_slot_in_flight(&qp->slots[i]) && nvmi_slot_age(&qp->slots[i]) > age)
			age = nvmi_slot_age(&qp->slots[i]);
	return age;
}

static void a_lost_request_is_given_up_and_the_others_are_not_lost(void **state)
{
	struct entry e[12];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 800);
	atomic_store(&r.x.drop, 2);
	for (unsigned int i = 0; i < 8; i++)
		read_block(&r, r.qp, &e[i], i);
	(void)nvm_qpair_wait(r.qp, 1000);
	while (nvm_qpair_in_flight(r.qp) > 2)
		nvm_qpair_poll(r.qp, 8);
	/* These are in flight, and not late yet, when the queue is deleted. */
	while (oldest(r.qp) < 6)
		nvm_qpair_poll(r.qp, 8);
	atomic_store(&r.x.delay_ns, 3600 * 1000000000ULL);
	atomic_store(&r.x.delay, 4);
	for (unsigned int i = 8; i < 12; i++)
		read_block(&r, r.qp, &e[i], i);
	assert_true(finish(r.qp, e, 12) < 20);
	assert_int_equal(count_status(e, 2, ETIME), 2);
	assert_int_equal(count_status(e, 12, ETIME), 2);
	assert_int_equal(count_status(e + 2, 6, 0), 6);
	assert_int_equal(count_status(e + 8, 4, ABORTED_SQ), 4);
	check_data(&r, r.qp, 2);
	assert_int_equal(atomic_load(&r.x.drop), 0);
	end_rig(&r);
}

static void a_controller_that_ignores_abort_loses_the_queue(void **state)
{
	struct entry e[4];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 200);
	for (unsigned int round = 0; round < 3; round++) {
		atomic_store(&r.x.ignore_abort, true);
		atomic_store(&r.x.delay_ns, 3600 * 1000000000ULL);
		atomic_store(&r.x.delay, 4);
		for (unsigned int i = 0; i < 4; i++)
			read_block(&r, r.qp, &e[i], i);
		assert_true(finish(r.qp, e, 4) < 20);
		assert_int_equal(count_status(e, 4, ETIME), 4);
		check_data(&r, r.qp, round);
	}
	end_rig(&r);
}

static void a_controller_that_ignores_deletion_is_reset(void **state)
{
	struct entry e[4], other[4];
	nvm_qpair_t *qp;
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 200);
	qp = make_qpair(&r, 60000, NVM_WAIT_POLL);
	atomic_store(&r.x.ignore_delete, true);
	atomic_store(&r.x.drop, 1);
	read_block(&r, r.qp, &e[0], 0);
	while (atomic_load(&r.x.drop) != 0)
		wait_ms(1);
	atomic_store(&r.x.delay_ns, 3600 * 1000000000ULL);
	atomic_store(&r.x.delay, 4);
	for (unsigned int i = 0; i < 4; i++)
		read_block(&r, qp, &other[i], i);
	assert_true(finish(r.qp, e, 1) < 30);
	assert_int_equal(e[0].status, ETIME);
	atomic_store(&r.x.ignore_delete, false);
	/* The other queue pair did not do anything wrong, but its queues are gone as well. */
	assert_true(finish(qp, other, 4) < 10);
	assert_int_equal(count_status(other, 4, ABORTED_SQ), 4);
	check_data(&r, r.qp, 3);
	check_data(&r, qp, 4);
	nvm_qpair_destroy(qp);
	end_rig(&r);
}

static void a_dead_admin_queue_is_reset_too(void **state)
{
	struct entry e[2];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 100);
	atomic_store(&r.x.drop, 1);
	atomic_store(&r.x.ignore_admin, true);
	for (unsigned int i = 0; i < 2; i++)
		read_block(&r, r.qp, &e[i], i);
	assert_true(finish(r.qp, e, 2) < 30);
	assert_int_equal(count_status(e, 2, ETIME), 1);
	assert_int_equal(count_status(e, 2, 0), 1);
	check_data(&r, r.qp, 5);
	end_rig(&r);
}

static void a_controller_that_does_not_make_queues_again_is_reset(void **state)
{
	struct entry e[2];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 100);
	atomic_store(&r.x.drop, 1);
	atomic_store(&r.x.ignore_create, true);
	for (unsigned int i = 0; i < 2; i++)
		read_block(&r, r.qp, &e[i], i);
	assert_true(finish(r.qp, e, 2) < 30);
	assert_int_equal(count_status(e, 2, ETIME), 1);
	assert_false(atomic_load(&r.x.ignore_create));
	check_data(&r, r.qp, 5);
	end_rig(&r);
}

static void a_controller_that_cannot_be_reset_ends_everything(void **state)
{
	struct entry e[4];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&to=1", 100);
	atomic_store(&r.x.drop, 4);
	atomic_store(&r.x.ignore_delete, true);
	atomic_store(&r.x.cannot_be_enabled, true);
	for (unsigned int i = 0; i < 4; i++)
		read_block(&r, r.qp, &e[i], i);
	assert_true(finish(r.qp, e, 4) < 50);
	assert_int_equal(count_status(e, 4, EIO), 4);
	assert_int_equal(nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 1, entry_done, &e[0]), EIO);
	/* Power-cycled, so to speak. */
	atomic_store(&r.x.cannot_be_enabled, false);
	atomic_store(&r.x.ignore_delete, false);
	assert_int_equal(nvm_aq_reset(r.t.ref), 0);
	while (nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 1, entry_done, &e[0]) != 0)
		assert_int_equal(nvm_qpair_poll(r.qp, 1), 0);
	e[0].n_done = 0;
	(void)finish(r.qp, e, 1);
	check_data(&r, r.qp, 6);
	end_rig(&r);
}

/* As after SIGSTOP, or in a debugger: the time in between does not count. */
static void nothing_is_late_because_nobody_looked(void **state)
{
	struct entry e[2];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 100);
	atomic_store(&r.x.delay_ns, 700000000);
	atomic_store(&r.x.delay, 1);
	for (unsigned int i = 0; i < 2; i++)
		read_block(&r, r.qp, &e[i], i);
	/* Twice the timeout without a look, several times. */
	for (unsigned int i = 0; i < 3; i++) {
		wait_ms(200);
		for (unsigned int j = 0; j < 16; j++)
			nvm_qpair_poll(r.qp, 1);
	}
	wait_ms(200);
	(void)finish(r.qp, e, 2);
	assert_int_equal(count_status(e, 2, 0), 2);
	assert_int_equal(atomic_load(&r.x.n_aborts), 0);

	/* Completions that wait to be collected are not late: one is collected at a time, slowly. */
	for (unsigned int i = 0; i < 2; i++)
		read_block(&r, r.qp, &e[i], i);
	for (double start = seconds(); seconds() - start < 0.5;)
		nvm_qpair_tick_(r.qp);
	assert_int_equal(nvm_qpair_in_flight(r.qp), 2);
	(void)finish(r.qp, e, 2);
	assert_int_equal(count_status(e, 2, 0), 2);
	assert_int_equal(atomic_load(&r.x.n_aborts), 0);
	end_rig(&r);
}

struct guarded {
	struct rig *r;
	int n_let_go;
	unsigned int n_done;
};

static void note_let_go(void *arg, int status, uint32_t result)
{
	struct guarded *g = arg;

	(void)status;
	(void)result;
	g->n_done++;
	g->n_let_go = atomic_load(&g->r->x.n_let_go);
}

/* Until then the controller may write to its memory. */
static void a_request_ends_only_when_the_controller_has_let_go(void **state)
{
	enum {
		DELETED,
		RESET,
		FATAL,
		N_WAYS
	};

	(void)state;
	for (unsigned int i = 0; i < N_WAYS; i++) {
		struct guarded g = {.n_done = 0};
		double start = seconds();
		struct rig r;

		begin_rig(&r, "emu:?size=1M", 100);
		g.r = &r;
		atomic_store(&r.x.drop, 1);
		atomic_store(&r.x.ignore_delete, i == RESET);
		assert_int_equal(nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 1, note_let_go, &g), 0);
		while (atomic_load(&r.x.drop) != 0)
			wait_ms(1);
		if (i == FATAL)
			emu_fatal(nvmi_emu_of(r.t.ctrl));
		while (g.n_done == 0 && seconds() - start < TOO_LONG_S) {
			assert_int_equal(atomic_load(&r.x.n_let_go), 0);
			(void)nvm_qpair_wait(r.qp, 10);
			nvm_qpair_poll(r.qp, 1);
		}
		assert_int_equal(g.n_done, 1);
		assert_true(g.n_let_go > 0);
		atomic_store(&r.x.ignore_delete, false);
		end_rig(&r);
	}
}

/* Between the last look at the queue and its end: what the controller says counts. */
static void what_completes_while_the_queue_is_deleted_counts(void **state)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct entry late, e[400];
	unsigned int n = 0;
	nvm_qpair_t *qp;
	struct rig r;

	(void)state;
	/* Commands are served by one thread of the controller, while the other one deletes. */
	begin_rig(&r, "emu:?size=1M&threads=2&read=20ms", 30000);
	options.timeout_ms = 150;
	options.qid = 2;
	assert_int_equal(nvm_qpair_create(&qp, r.t.ref, &options), 0);
	atomic_store(&r.x.slow_delete, true);
	atomic_store(&r.x.drop, 1);
	read_block(&r, qp, &late, 0);
	while (late.n_done == 0 && n < 400) {
		read_block(&r, qp, &e[n], n);
		n++;
		(void)nvm_qpair_wait(qp, 5);
		nvm_qpair_poll(qp, 64);
	}
	(void)finish(qp, e, n);
	assert_int_equal(late.status, ETIME);
	assert_int_equal(count_status(e, n, 0), n);
	atomic_store(&r.x.slow_delete, false);
	nvm_qpair_destroy(qp);
	end_rig(&r);
}

static void a_split_request_ends_once_too(void **state)
{
	struct entry e = {.n_done = 0};
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&mdts=8K", 200);
	atomic_store(&r.x.drop, 1);
	assert_int_equal(nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 256, entry_done, &e), 0);
	assert_true(finish(r.qp, &e, 1) < 20);
	assert_int_equal(e.status, ETIME);
	check_data(&r, r.qp, 9);
	e.n_done = 0;
	assert_int_equal(nvm_qpair_read(r.qp, &r.ns, r.buf, 0, 0, 256, entry_done, &e), 0);
	(void)finish(r.qp, &e, 1);
	assert_int_equal(e.status, 0);
	end_rig(&r);
}

static void destruction_ends_what_is_in_flight(void **state)
{
	struct entry e[8];
	nvm_qpair_t *qp;
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 60000);
	for (unsigned int round = 0; round < 2; round++) {
		/* In the second round the controller has to be reset for it. */
		atomic_store(&r.x.ignore_delete, round == 1);
		qp = make_qpair(&r, 1000, NVM_WAIT_POLL);
		atomic_store(&r.x.drop, 8);
		for (unsigned int i = 0; i < 8; i++)
			read_block(&r, qp, &e[i], i);
		nvm_qpair_destroy(qp);
		for (unsigned int i = 0; i < 8; i++) {
			assert_int_equal(e[i].n_done, 1);
			assert_int_equal(e[i].status, ECANCELED);
		}
		atomic_store(&r.x.drop, 0);
		atomic_store(&r.x.ignore_delete, false);
		let_notice(r.qp);
		check_data(&r, r.qp, 10);
	}
	end_rig(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_request_is_aborted_and_has_the_status_of_that),
		cmocka_unit_test(a_lost_request_is_given_up_and_the_others_are_not_lost),
		cmocka_unit_test(a_controller_that_ignores_abort_loses_the_queue),
		cmocka_unit_test(a_controller_that_ignores_deletion_is_reset),
		cmocka_unit_test(a_dead_admin_queue_is_reset_too),
		cmocka_unit_test(a_controller_that_does_not_make_queues_again_is_reset),
		cmocka_unit_test(a_controller_that_cannot_be_reset_ends_everything),
		cmocka_unit_test(nothing_is_late_because_nobody_looked),
		cmocka_unit_test(a_request_ends_only_when_the_controller_has_let_go),
		cmocka_unit_test(what_completes_while_the_queue_is_deleted_counts),
		cmocka_unit_test(a_split_request_ends_once_too),
		cmocka_unit_test(destruction_ends_what_is_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
