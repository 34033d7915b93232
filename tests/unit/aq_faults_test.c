/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_faults_test.c - the admin queue pair against a device that forgets, lies or dies.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "nvm_cmd.h"
#include "nvm_error.h"
#include "support/aq_fixture.h"

/* Aborts by the book: the command comes back as aborted, then Abort says so. */
struct dropped {
	uint16_t cid;
	bool heed_abort;  /* complete the command when it is aborted */
	bool lose_abort;  /* do not even complete Abort */
	atomic_bool late; /* complete the dropped command with the next one */
	uint16_t aborted_cid;
};

static void drop_and_abort(struct device *d, const struct nvm_sqe *sqe)
{
	struct dropped *x = d->arg;

	if (sqe->opc == OP_SPECIAL) {
		x->cid = sqe->cid;
		return;
	}
	if (sqe->opc == NVM_ADMIN_ABORT) {
		x->aborted_cid = (uint16_t)NVM_ABORT_CID(sqe->cdw10);
		if (x->heed_abort)
			device_post(d, x->aborted_cid, NVM_SC_ABORT_REQUESTED, 0);
		if (!x->lose_abort)
			device_post(d, sqe->cid, 0, !x->heed_abort);
		return;
	}
	if (atomic_exchange(&x->late, false))
		device_post(d, x->cid, 0, 0);
	device_echo(d, sqe);
}

static void a_late_command_is_aborted(void **state)
{
	struct dropped x = {.heed_abort = true};
	struct fixture f = begin(drop_and_abort, &x);
	nvm_cmd_t cmd = command(OP_SPECIAL, 0);
	double start = seconds();

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 3), ETIME);
	assert_int_equal(x.aborted_cid, x.cid);
	assert_true(seconds() - start < 10);
	check_echo(f.ref, 1);
	end(&f);
}

static void a_lost_command_keeps_its_cid_until_it_comes_back(void **state)
{
	struct dropped x = {.heed_abort = false};
	struct fixture f = begin(drop_and_abort, &x);
	nvm_cmd_t cmd = command(OP_SPECIAL, 0);
	uint16_t cids[201];
	uint16_t lost;
	unsigned int n;

	(void)state;
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 3), ETIME);
	assert_non_null(strstr(nvm_errmsg(), "memory"));
	lost = x.cid;
	assert_int_equal(nvm_aq_poll(f.ref, lost, NULL), EINVAL);
	n = fill(f.ref, 0xc0, cids);
	assert_int_equal(n, ROOM - 1);
	for (unsigned int i = 0; i < n; i++) {
		assert_int_not_equal(cids[i], lost);
		assert_int_equal(nvm_aq_wait(f.ref, cids[i], NULL, 0), 0);
	}

	atomic_store(&x.late, true);
	check_echo(f.ref, 5);
	n = fill(f.ref, 0xc0, cids);
	assert_int_equal(n, ROOM);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(nvm_aq_wait(f.ref, cids[i], NULL, 0), 0);
	end(&f);
}

static void a_lost_abort_is_survived(void **state)
{
	struct dropped x = {.lose_abort = true};
	struct fixture f = begin(drop_and_abort, &x);
	nvm_cmd_t cmd = command(OP_SPECIAL, 0);
	double start = seconds();

	(void)state;
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 3), ETIME);
	assert_true(seconds() - start < 5);
	check_echo(f.ref, 1);
	end(&f);
}

static void abort_has_room_when_everything_is_stuck(void **state)
{
	struct dropped x = {.heed_abort = true};
	struct fixture f = begin(drop_and_abort, &x);
	nvm_cmd_t cmd = command(OP_SPECIAL, 0);
	uint16_t cids[201];

	(void)state;
	/* All but one slot are taken by commands that never complete. */
	for (int i = 0; i < ROOM - 1; i++)
		assert_int_equal(nvm_aq_submit(f.ref, &cmd, &cids[i]), 0);
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 3), ETIME);
	assert_int_equal(x.aborted_cid, x.cid);
	assert_non_null(strstr(nvm_errmsg(), "aborted"));
	/* And with none left, a command does not wait for ever. */
	assert_int_equal(nvm_aq_submit(f.ref, &cmd, &cids[0]), 0);
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 3), ETIME);
	end(&f);
}

/* What a lying device puts into its completions. */
enum lie {
	LIE_UNKNOWN_CID,
	LIE_OUT_OF_RANGE_CID,
	LIE_ALL_ONES_CID,
	LIE_REPEATED_CID,
	LIE_REPEATED_UNCOLLECTED,
	LIE_SQ_HEAD,
	N_LIES,
};

struct liar {
	enum lie what;
	int repeat; /* CID to complete once more before the next command, -1 = none */
};

static void lie(struct device *d, const struct nvm_sqe *sqe)
{
	struct liar *liar = d->arg;

	if (sqe->opc != OP_SPECIAL) {
		if (liar->repeat >= 0)
			device_post(d, (uint16_t)liar->repeat, 0, 0);
		device_echo(d, sqe);
		return;
	}
	switch (liar->what) {
	case LIE_UNKNOWN_CID:
		device_post(d, (uint16_t)(sqe->cid + 0x40), 0, 0);
		break;
	case LIE_OUT_OF_RANGE_CID:
		device_post(d, 0x003f, 0, 0);
		break;
	case LIE_ALL_ONES_CID:
		device_post(d, 0xffff, 0, 0);
		break;
	case LIE_REPEATED_CID:
		device_post(d, sqe->cid, 0, 0);
		liar->repeat = sqe->cid;
		break;
	case LIE_REPEATED_UNCOLLECTED:
		device_post(d, sqe->cid, 0, 0);
		device_post(d, sqe->cid, 0, 0);
		break;
	default:
		device_post_head(d, sqe->cid, 0, 0, 64);
		break;
	}
}

static void a_lie_is_a_controller_fault(void **state)
{
	nvm_cmd_t special = command(OP_SPECIAL, 0);
	nvm_cmd_t usual = command(0xc0, 0);

	(void)state;
	for (enum lie what = 0; what < N_LIES; what++) {
		struct liar liar = {what, -1};
		struct fixture f = begin(lie, &liar);
		char first[256];
		nvm_cpl_t cpl;
		uint16_t cid;
		int status;

		for (uint32_t i = 0; i < 100; i++)
			check_echo(f.ref, i);
		if (what == LIE_REPEATED_UNCOLLECTED) {
			assert_int_equal(nvm_aq_submit(f.ref, &special, &cid), 0);
			status = 0;
		} else {
			status = nvm_aq_exec(f.ref, &special, NULL, 2000);
		}
		/*
		 * The repeated completion may be found after the command has returned. It must not
		 * pass for that of the next one.
		 */
		for (uint32_t i = 1; status == 0 && i < 1000; i++) {
			usual.dword[11] = i;
			status = nvm_aq_exec(f.ref, &usual, &cpl, 2000);
			assert_true(status != 0 || cpl.dword[0] == i);
		}
		assert_int_equal(status, EIO);
		assert_non_null(strstr(nvm_errmsg(), "controller fault"));
		strncpy(first, nvm_errmsg(), sizeof(first) - 1);
		first[sizeof(first) - 1] = '\0';

		assert_int_equal(nvm_aq_submit(f.ref, &usual, &cid), EIO);
		assert_string_equal(nvm_errmsg(), first);
		assert_int_equal(nvm_aq_exec(f.ref, &usual, NULL, 0), EIO);
		assert_string_equal(nvm_errmsg(), first);
		end(&f);
	}
}

/* A device that stops answering, and shows why in its registers. */
static void die(struct device *d, const struct nvm_sqe *sqe)
{
	if (sqe->opc != OP_SPECIAL)
		device_echo(d, sqe);
	else if (sqe->cdw11 == ENODEV)
		atomic_store(&d->gone, true);
	else if (sqe->cdw11 == EIO)
		atomic_fetch_or(&d->csts, NVM_FIELD(CSTS_CFS, 1));
	else
		atomic_fetch_and(&d->csts, ~NVM_FIELD(CSTS_RDY, 1));
}

static void check_death(uint32_t how, int expected, const char *message)
{
	struct fixture f = begin(die, NULL);
	nvm_cmd_t cmd = command(OP_SPECIAL, how);
	double start = seconds();
	uint16_t cid;

	check_echo(f.ref, 1);
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 0), expected);
	assert_non_null(strstr(nvm_errmsg(), message));
	assert_true(seconds() - start < 2);
	assert_int_equal(nvm_aq_submit(f.ref, &cmd, &cid), expected);
	end(&f);
}

static void a_fatal_error_ends_the_wait(void **state)
{
	(void)state;
	check_death(EIO, EIO, "CSTS.CFS");
}

static void a_device_that_is_gone_ends_the_wait(void **state)
{
	(void)state;
	check_death(ENODEV, ENODEV, "all ones");
}

static void a_reset_by_somebody_else_ends_the_wait(void **state)
{
	(void)state;
	check_death(0, EIO, "reset");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_command_is_aborted),
		cmocka_unit_test(a_lost_command_keeps_its_cid_until_it_comes_back),
		cmocka_unit_test(a_lost_abort_is_survived),
		cmocka_unit_test(abort_has_room_when_everything_is_stuck),
		cmocka_unit_test(a_lie_is_a_controller_fault),
		cmocka_unit_test(a_fatal_error_ends_the_wait),
		cmocka_unit_test(a_device_that_is_gone_ends_the_wait),
		cmocka_unit_test(a_reset_by_somebody_else_ends_the_wait),
	};

	return cmocka_run_group_tests_name("aq faults", tests, NULL, NULL);
}
