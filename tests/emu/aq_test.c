/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_test.c - the admin queue pair on the software controller: life from reset to shutdown, many
 * commands, many threads, and everything that can go wrong in between.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_rpc.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

/* A feature that handlers below leave alone: what healthy commands of these tests are. */
static int healthy_command(nvm_aq_ref ref)
{
	uint32_t value;

	return nvm_admin_get_feature(ref, NVM_FID_ARBITRATION, 0, 0, 0, &value, 0);
}

/* What happens to Identify commands; others are left alone. */
struct plan {
	bool drop, duplicate, wrong_phase, wrong_cid, ignore_abort;
	uint64_t delay_ns;
	struct emu *emu;
	atomic_uint n_hit;
};

static void spoil(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;
	struct plan *plan = arg;

	if (sqe->opc == NVM_ADMIN_ABORT && plan->ignore_abort)
		f->drop = true;
	if (sqe->opc != NVM_ADMIN_IDENTIFY)
		return;
	atomic_fetch_add(&plan->n_hit, 1);
	f->drop = plan->drop;
	f->duplicate = plan->duplicate;
	f->wrong_phase = plan->wrong_phase;
	f->delay_ns = plan->delay_ns;
	if (plan->wrong_cid)
		f->cid = 0x7777;
}

static struct target open_spoiled(struct plan *plan)
{
	const struct emu_fault_hooks hooks = {.command = spoil};
	struct target t = open_target("emu:?size=1M");

	plan->emu = nvmi_emu_of(t.ctrl);
	emu_set_fault_hooks(plan->emu, &hooks, plan);
	return t;
}

static int identify(struct target *t, uint64_t timeout_ms)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_IDENTIFY}};

	nvm_cmd_data_ptr(&cmd, t->ioaddr, 0);
	cmd.dword[10] = NVM_CNS_CTRL;
	return nvm_aq_exec(t->ref, &cmd, NULL, timeout_ms);
}

static void a_hundred_thousand_commands_in_a_row(void **state)
{
	struct target t = open_target("emu:?size=1M");

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_int_equal(healthy_command(t.ref), 0);
	assert_true(target_stats(&t).admin_commands >= 100000);
	close_target(&t);
}

static void larger_pages_work(void **state)
{
	const struct nvm_ctrl_options options = {sizeof(options), 0, 65536, 0};
	struct target t = {.ctrl = NULL};

	(void)state;
	assert_int_equal(nvm_ctrl_open(&t.ctrl, "emu:?size=1M", &options), 0);
	assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	assert_int_equal(NVM_AQA_ASQS(nvm_ctrl_read32(t.ctrl, NVM_REG_AQA)), 1023);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

static void readiness_takes_its_time(void **state)
{
	struct target t;
	double start;

	(void)state;
	start = seconds();
	t = open_target("emu:?size=1M&ready=60ms");
	assert_true(seconds() - start >= 0.055);
	assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);

	start = seconds();
	t = open_target("emu:?size=1M&to=0");
	assert_true(seconds() - start < 2);
	close_target(&t);
}

static bool stuck(void *arg, bool enabling)
{
	(void)arg;
	return enabling;
}

static void a_controller_that_never_gets_ready_is_an_error(void **state)
{
	const struct nvm_ctrl_options options = {sizeof(options), 0, 0, 50};
	const struct emu_fault_hooks hooks = {.stuck_ready = stuck};
	nvm_aq_ref ref;
	nvm_ctrl_t *ctrl;

	(void)state;
	assert_int_equal(nvm_ctrl_open(&ctrl, "emu:?size=1M", &options), 0);
	emu_set_fault_hooks(nvmi_emu_of(ctrl), &hooks, NULL);
	assert_int_equal(nvm_aq_open(&ref, ctrl), ETIME);
	assert_null(ref);
	emu_set_fault_hooks(nvmi_emu_of(ctrl), NULL, NULL);
	assert_int_equal(nvm_aq_open(&ref, ctrl), 0);
	assert_int_equal(healthy_command(ref), 0);
	nvm_aq_destroy(ref);
	nvm_ctrl_free(ctrl);
}

static void a_pair_can_be_made_again(void **state)
{
	struct target t = open_target("emu:?size=1M");

	(void)state;
	for (int i = 0; i < 100; i++) {
		nvm_aq_ref second;

		assert_int_equal(nvm_aq_open(&second, t.ctrl), EBUSY);
		assert_null(second);
		assert_int_equal(healthy_command(t.ref), 0);
		nvm_aq_destroy(t.ref);
		assert_int_equal(nvm_ctrl_read32(t.ctrl, NVM_REG_CC) & 1, 0);
		assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	}
	close_target(&t);
}

static void the_controller_outlives_its_handle(void **state)
{
	struct target t = open_target("emu:?size=1M");

	(void)state;
	nvm_ctrl_free(t.ctrl);
	assert_int_equal(healthy_command(t.ref), 0);
	nvm_aq_destroy(t.ref);
	nvm_dma_unmap(t.dma);
}

/* Queues that nobody deleted, one of them made by hand. */
static void destruction_cleans_up(void **state)
{
	struct target t = open_target("emu:?size=1M");
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_CREATE_COMPLETION_QUEUE}};
	nvm_queue_t cq, sq;
	nvm_cpl_t cpl;

	(void)state;
	nvm_cmd_data_ptr(&cmd, t.dma->ioaddrs[3], 0);
	cmd.dword[10] = NVM_FIELD(QCREATE_QID, 9) | NVM_FIELD(QCREATE_QSIZE, 15);
	cmd.dword[11] = NVM_FIELD(CQCREATE_PC, 1);
	assert_int_equal(nvm_raw_rpc(t.ref, &cmd, &cpl), 0);
	assert_int_equal(nvm_cq_create(t.ref, &cq, 2, 64, t.dma, 0, -1), 0);
	assert_int_equal(nvm_sq_create(t.ref, &sq, &cq, 2, 64, t.dma, 4096), 0);
	assert_int_equal(nvm_sq_create(t.ref, &sq, &cq, 3, 64, t.dma, 8192), 0);
	/* unclean_disables and failed_commands show a wrong order. */
	nvm_aq_destroy(t.ref);
	assert_true(target_stats(&t).failed_commands == 0);
	t.ref = NULL;
	close_target(&t);
}

struct worker {
	pthread_t thread;
	struct target *t;
	int n_commands;
	int n_good;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < w->n_commands; i++)
		w->n_good += healthy_command(w->t->ref) == 0;
	return NULL;
}

static void eight_threads_share_the_queue(void **state)
{
	struct target t = open_target("emu:?size=1M");
	struct worker workers[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		workers[i] = (struct worker){.t = &t, .n_commands = 2000};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].n_good, 2000);
	}
	close_target(&t);
}

static void a_slow_command_is_waited_for_beside_quick_ones(void **state)
{
	struct plan plan = {.delay_ns = 80000000};
	struct target t = open_spoiled(&plan);
	struct worker worker = {.t = &t, .n_commands = 1000};
	double start = seconds();

	(void)state;
	assert_int_equal(pthread_create(&worker.thread, NULL, work, &worker), 0);
	assert_int_equal(identify(&t, 5000), 0);
	assert_true(seconds() - start >= 0.08);
	pthread_join(worker.thread, NULL);
	assert_int_equal(worker.n_good, 1000);
	close_target(&t);
}

static void a_late_command_is_aborted(void **state)
{
	struct plan plan = {.delay_ns = 10000000000ULL};
	struct target t = open_spoiled(&plan);
	double start = seconds();

	(void)state;
	for (int i = 0; i < 70; i++)
		assert_int_equal(identify(&t, 5), ETIME);
	assert_true(seconds() - start < 10);
	assert_non_null(strstr(nvm_errmsg(), "aborted"));
	assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

static void a_dropped_command_costs_a_cid_not_the_queue(void **state)
{
	struct plan plan = {.drop = true};
	struct target t = open_spoiled(&plan);

	(void)state;
	assert_int_equal(identify(&t, 5), ETIME);
	plan.ignore_abort = true;
	assert_int_equal(identify(&t, 5), ETIME);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

/* A completion that cannot be seen is no completion; those after it stay hidden behind it. */
static void a_wrong_phase_tag_is_a_timeout(void **state)
{
	struct plan plan = {.wrong_phase = true};
	struct target t = open_spoiled(&plan);

	(void)state;
	assert_int_equal(identify(&t, 5), ETIME);
	nvm_aq_destroy(t.ref);
	emu_set_fault_hooks(plan.emu, NULL, NULL);
	assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

static void check_fault(struct plan *plan)
{
	struct target t = open_spoiled(plan);
	int status = identify(&t, 2000);

	for (int i = 0; status == 0 && i < 1000; i++)
		status = healthy_command(t.ref);
	assert_int_equal(status, EIO);
	assert_non_null(strstr(nvm_errmsg(), "controller fault"));
	assert_int_equal(healthy_command(t.ref), EIO);

	/* A new pair resets the controller, and all is well again. */
	nvm_aq_destroy(t.ref);
	emu_set_fault_hooks(plan->emu, NULL, NULL);
	assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

static void an_unknown_cid_is_a_fault(void **state)
{
	struct plan plan = {.wrong_cid = true};

	(void)state;
	check_fault(&plan);
}

static void a_repeated_completion_is_a_fault(void **state)
{
	struct plan plan = {.duplicate = true};

	(void)state;
	check_fault(&plan);
}

static void *make_fatal(void *arg)
{
	struct plan *plan = arg;

	while (atomic_load(&plan->n_hit) == 0)
		sched_yield();
	emu_fatal(plan->emu);
	return NULL;
}

static void a_fatal_error_ends_the_wait(void **state)
{
	struct plan plan = {.drop = true};
	struct target t = open_spoiled(&plan);
	double start = seconds();
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, make_fatal, &plan), 0);
	assert_int_equal(identify(&t, 30000), EIO);
	assert_non_null(strstr(nvm_errmsg(), "CSTS.CFS"));
	assert_true(seconds() - start < 5);
	pthread_join(thread, NULL);

	nvm_aq_destroy(t.ref);
	emu_set_fault_hooks(plan.emu, NULL, NULL);
	assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

static void gone(void *arg, uint32_t offset, unsigned int size, uint64_t *value)
{
	(void)arg;
	(void)offset;
	*value = size == 8 ? UINT64_MAX : UINT32_MAX;
}

static void a_device_that_is_gone_ends_the_wait(void **state)
{
	struct plan plan = {.drop = true};
	const struct emu_fault_hooks hooks = {.command = spoil, .reg_read = gone};
	struct target t = open_target("emu:?size=1M");
	double start = seconds();

	(void)state;
	emu_set_fault_hooks(nvmi_emu_of(t.ctrl), &hooks, &plan);
	assert_int_equal(identify(&t, 30000), ENODEV);
	assert_int_equal(healthy_command(t.ref), ENODEV);
	nvm_aq_destroy(t.ref);
	assert_true(seconds() - start < 5);
	nvm_dma_unmap(t.dma);
	nvm_ctrl_free(t.ctrl);
}

static void a_function_reset_ends_the_wait(void **state)
{
	struct plan plan = {.drop = true};
	struct target t = open_spoiled(&plan);
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_IDENTIFY}};
	uint16_t cid;

	(void)state;
	assert_int_equal(nvm_aq_submit(t.ref, &cmd, &cid), 0);
	assert_int_equal(nvm_ctrl_function_reset(t.ctrl), 0);
	assert_int_equal(nvm_aq_wait(t.ref, cid, NULL, 30000), EIO);
	nvm_aq_destroy(t.ref);
	emu_set_fault_hooks(plan.emu, NULL, NULL);
	assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	assert_int_equal(healthy_command(t.ref), 0);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_thousand_commands_in_a_row),
		cmocka_unit_test(larger_pages_work),
		cmocka_unit_test(readiness_takes_its_time),
		cmocka_unit_test(a_controller_that_never_gets_ready_is_an_error),
		cmocka_unit_test(a_pair_can_be_made_again),
		cmocka_unit_test(the_controller_outlives_its_handle),
		cmocka_unit_test(destruction_cleans_up),
		cmocka_unit_test(eight_threads_share_the_queue),
		cmocka_unit_test(a_slow_command_is_waited_for_beside_quick_ones),
		cmocka_unit_test(a_late_command_is_aborted),
		cmocka_unit_test(a_dropped_command_costs_a_cid_not_the_queue),
		cmocka_unit_test(a_wrong_phase_tag_is_a_timeout),
		cmocka_unit_test(an_unknown_cid_is_a_fault),
		cmocka_unit_test(a_repeated_completion_is_a_fault),
		cmocka_unit_test(a_fatal_error_ends_the_wait),
		cmocka_unit_test(a_device_that_is_gone_ends_the_wait),
		cmocka_unit_test(a_function_reset_ends_the_wait),
	};

	return cmocka_run_group_tests_name("admin queue pair", tests, NULL, NULL);
}
