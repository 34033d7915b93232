/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_recovery_test.c - nvm_disk_t after a failure: what still works goes on, what does not is found
 * out soon, and nothing waits for longer than it was told to.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "nvm_cmd.h"
#include "nvm_disk.h"
#include "nvm_error.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

/* What becomes of commands. */
struct faults {
	atomic_int drop_io;       /* that many I/O commands never complete */
	atomic_int refuse_cqs;    /* that many completion queues are not created */
	atomic_int refuse_sqs;    /* the same for submission queues */
	atomic_bool drop_admin;   /* no admin command completes */
	atomic_int slow_io;       /* that many I/O commands take 60 ms */
	atomic_bool stall_a_look; /* reading CSTS takes 300 ms, once */
	atomic_bool gone;         /* registers read all ones */
	atomic_int die_at_cq;     /* fails for good when it is to create that CQ, counted from 1 */
	atomic_bool dead;         /* that has happened */
};

static bool take(atomic_int *left)
{
	return atomic_load(left) > 0 && atomic_fetch_sub(left, 1) > 0;
}

static void on_command(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;
	struct faults *x = arg;

	if (f->sqid != 0) {
		f->drop = take(&x->drop_io);
		if (take(&x->slow_io))
			f->delay_ns = 60000000;
		return;
	}
	if (sqe->opc == NVM_ADMIN_CREATE_COMPLETION_QUEUE &&
	    atomic_fetch_sub(&x->die_at_cq, 1) == 1)
		atomic_store(&x->dead, true);
	f->drop = atomic_load(&x->drop_admin) || atomic_load(&x->dead);
	if ((sqe->opc == NVM_ADMIN_CREATE_COMPLETION_QUEUE && take(&x->refuse_cqs)) ||
	    (sqe->opc == NVM_ADMIN_CREATE_SUBMISSION_QUEUE && take(&x->refuse_sqs)))
		f->status = NVM_SC_INTERNAL_ERROR;
}

static void on_read(void *arg, uint32_t offset, unsigned int size, uint64_t *value)
{
	const struct timespec stall = {.tv_nsec = 300000000};
	struct faults *x = arg;

	if (atomic_load(&x->gone))
		*value = size == 8 ? UINT64_MAX : UINT32_MAX;
	if (offset == NVM_REG_CSTS && atomic_load(&x->dead))
		*value |= NVM_FIELD(CSTS_CFS, 1);
	if (offset == NVM_REG_CSTS && atomic_exchange(&x->stall_a_look, false))
		nanosleep(&stall, NULL);
}

static nvm_disk_t *open_faulty(struct faults *x, uint32_t n_queues, uint64_t timeout_ms)
{
	const struct emu_fault_hooks hooks = {.command = on_command, .reg_read = on_read};
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	nvm_disk_t *disk;

	memset(x, 0, sizeof(*x));
	options.n_queues = n_queues;
	options.timeout_ms = timeout_ms;
	assert_int_equal(nvm_disk_open(&disk, "emu:?size=4M", &options), 0);
	emu_set_fault_hooks(nvmi_emu_of(nvm_ctrl_from_aq_ref(nvm_disk_aq(disk))), &hooks, x);
	return disk;
}

static uint32_t csts_of(nvm_disk_t *disk)
{
	return nvm_ctrl_read32(nvm_ctrl_from_aq_ref(nvm_disk_aq(disk)), NVM_REG_CSTS);
}

static void a_queue_that_is_lost_leaves_the_others_at_work(void **state)
{
	unsigned char block[512];
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 2, 100);

	(void)state;
	/* Deleted in order, but not made anew, not even on a controller that was reset. */
	atomic_store(&x.drop_io, 1);
	atomic_store(&x.refuse_cqs, 2);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), ETIME);
	assert_int_equal(atomic_load(&x.refuse_cqs), 0);
	assert_int_equal(NVM_CSTS_RDY(csts_of(disk)), 1);
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(nvm_disk_read(disk, block, i, 1), 0);
	assert_int_equal(nvm_disk_flush(disk), 0);

	/* The last one: an error from now on, not a wait for a queue that never comes back. */
	atomic_store(&x.drop_io, 1);
	atomic_store(&x.refuse_sqs, 2);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), ETIME);
	assert_int_equal(NVM_CSTS_RDY(csts_of(disk)), 1);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), EIO);
	assert_int_equal(nvm_disk_flush(disk), EIO);
	assert_non_null(strstr(nvm_errmsg(), "close"));
	nvm_disk_close(disk);
}

struct reader {
	nvm_disk_t *disk;
	int status;
};

static void *read_a_block(void *arg)
{
	struct reader *r = arg;
	unsigned char block[512];

	r->status = nvm_disk_read(r->disk, block, 0, 1);
	return NULL;
}

static void a_call_that_waits_for_a_queue_learns_that_none_is_left(void **state)
{
	struct reader readers[3];
	pthread_t threads[3];
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 1, 200);

	(void)state;
	atomic_store(&x.drop_io, 1);
	atomic_store(&x.refuse_cqs, 2);
	for (unsigned int i = 0; i < 3; i++) {
		readers[i] = (struct reader){.disk = disk, .status = -1};
		assert_int_equal(pthread_create(&threads[i], NULL, read_a_block, &readers[i]), 0);
	}
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(readers[i].status == ETIME || readers[i].status == EIO);
	nvm_disk_close(disk);
}

static void *read_for_a_while(void *arg)
{
	double start = seconds();
	struct reader *r = arg;
	unsigned char block[512];

	while (seconds() - start < 1 && r->status == 0)
		r->status = nvm_disk_read(r->disk, block, 0, 1);
	return NULL;
}

/* One call's queue cannot be made anew without a reset of the controller: the other call goes on. */
static void a_reset_for_one_call_is_not_noticed_by_others(void **state)
{
	struct reader readers[2];
	pthread_t threads[2];
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 2, 100);
	int failed;

	(void)state;
	atomic_store(&x.refuse_cqs, 1);
	for (int i = 0; i < 2; i++) {
		readers[i] = (struct reader){.disk = disk, .status = 0};
		assert_int_equal(pthread_create(&threads[i], NULL, read_for_a_while, &readers[i]),
				 0);
	}
	atomic_store(&x.drop_io, 1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&x.refuse_cqs), 0);
	failed = readers[0].status != 0 ? 0 : 1;
	assert_int_equal(readers[failed].status, ETIME);
	assert_int_equal(readers[1 - failed].status, 0);
	nvm_disk_close(disk);
}

static void *disable(void *arg)
{
	const struct timespec soon = {.tv_nsec = 50000000};

	nanosleep(&soon, NULL);
	nvm_ctrl_write32(nvm_ctrl_from_aq_ref(nvm_disk_aq(arg)), NVM_REG_CC, 0);
	return NULL;
}

static void a_controller_that_was_disabled_is_noticed_before_the_timeout(void **state)
{
	unsigned char block[512];
	double start = seconds();
	pthread_t thread;
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 1, 60000);

	(void)state;
	atomic_store(&x.drop_io, 1);
	assert_int_equal(pthread_create(&thread, NULL, disable, disk), 0);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), EIO);
	assert_true(seconds() - start < 20);
	assert_non_null(strstr(nvm_errmsg(), "disabled"));
	assert_int_equal(pthread_join(thread, NULL), 0);
	nvm_disk_close(disk);
}

static void a_dead_admin_queue_does_not_hold_up_the_timeout(void **state)
{
	unsigned char block[512];
	double start = seconds();
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 1, 100);

	(void)state;
	atomic_store(&x.drop_io, 1);
	atomic_store(&x.drop_admin, true);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), ETIME);
	assert_non_null(strstr(nvm_errmsg(), "block 0"));
	assert_true(seconds() - start < 20);
	/* It cannot be told to forget the queue, so it is stopped. */
	assert_int_equal(NVM_CSTS_RDY(csts_of(disk)), 0);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), EIO);
	nvm_disk_close(disk);
}

static void a_program_that_was_stopped_takes_what_has_completed(void **state)
{
	unsigned char block[512];
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 1, 100);

	(void)state;
	/* The thread is away for longer than the timeout; the command was on time. */
	atomic_store(&x.slow_io, 1);
	atomic_store(&x.stall_a_look, true);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), 0);
	assert_false(atomic_load(&x.stall_a_look));
	nvm_disk_close(disk);
}

/* Programs print the message when they have cleaned up: what that met with is not the cause. */
static void closing_a_disk_keeps_the_message(void **state)
{
	unsigned char block[512];
	struct faults x;
	nvm_disk_t *disk = open_faulty(&x, 1, 60000);

	(void)state;
	atomic_store(&x.drop_io, 1);
	atomic_store(&x.gone, true);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), ENODEV);
	assert_non_null(strstr(nvm_errmsg(), "removed or powered off?"));
	nvm_disk_close(disk);
	assert_non_null(strstr(nvm_errmsg(), "removed or powered off?"));
}

/* A disk may have fewer queues than were asked for, but not a controller that has failed. */
static void a_disk_is_not_opened_on_a_controller_that_fails_meanwhile(void **state)
{
	const struct emu_fault_hooks hooks = {.command = on_command, .reg_read = on_read};
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	struct target t = open_target("emu:?size=1M&queues=3");
	struct faults x = {.die_at_cq = 0};
	nvm_disk_t *disk;

	(void)state;
	emu_set_fault_hooks(nvmi_emu_of(t.ctrl), &hooks, &x);
	options.n_queues = 5;
	assert_int_equal(nvm_disk_attach(&disk, t.ref, &options), 0);
	nvm_disk_close(disk);
	atomic_store(&x.die_at_cq, 2);
	assert_int_equal(nvm_disk_attach(&disk, t.ref, &options), EIO);
	assert_null(disk);
	assert_non_null(strstr(nvm_errmsg(), "CSTS.CFS"));
	nvm_aq_destroy(t.ref);
	nvm_dma_unmap(t.dma);
	nvm_ctrl_free(t.ctrl);
}

/* As where BAR0 is small, or something else is behind the doorbells. */
static void queues_are_taken_from_those_whose_doorbells_are_mapped(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	struct target t = open_target("emu:?size=4M&dstrd=4&queues=128");
	unsigned char block[512];
	nvm_disk_t *disk;

	(void)state;
	((nvm_ctrl_t *)(uintptr_t)t.ctrl)->mm_size = 0x2000;
	options.n_queues = 64;
	assert_int_equal(nvm_disk_attach(&disk, t.ref, &options), 0);
	assert_int_equal(nvm_disk_write(disk, memset(block, 5, sizeof(block)), 0, 1), 0);
	assert_int_equal(nvm_disk_read(disk, block, 0, 1), 0);
	nvm_disk_close(disk);
	close_target(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_that_is_lost_leaves_the_others_at_work),
		cmocka_unit_test(a_call_that_waits_for_a_queue_learns_that_none_is_left),
		cmocka_unit_test(a_reset_for_one_call_is_not_noticed_by_others),
		cmocka_unit_test(a_controller_that_was_disabled_is_noticed_before_the_timeout),
		cmocka_unit_test(a_dead_admin_queue_does_not_hold_up_the_timeout),
		cmocka_unit_test(a_program_that_was_stopped_takes_what_has_completed),
		cmocka_unit_test(closing_a_disk_keeps_the_message),
		cmocka_unit_test(a_disk_is_not_opened_on_a_controller_that_fails_meanwhile),
		cmocka_unit_test(queues_are_taken_from_those_whose_doorbells_are_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
