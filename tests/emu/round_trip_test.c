/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * round_trip_test.c - waiting for a controller that takes some microseconds takes no sleep: admin
 * commands, and the dequeue that blocks. The best of many tries is judged, because other programs run on
 * this machine too; one sleep of a millisecond per command would be in all of them.
 */

#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_queue.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

#define TRIES    1000
#define DELAY_NS 20000 /* no answer is there at the first look */
#define MOST_S   0.0005

static void delay(void *arg, struct emu_fault_command *f)
{
	(void)arg;
	f->delay_ns = DELAY_NS;
}

static struct target open_with_delay(void)
{
	const struct emu_fault_hooks hooks = {.command = delay};
	struct target t = open_target("emu:null?size=1M");

	emu_set_fault_hooks(nvmi_emu_of(t.ctrl), &hooks, NULL);
	return t;
}

static void check_best(const char *what, double best)
{
	print_message("best of %d %s: %.1f us\n", TRIES, what, best * 1e6);
	assert_true(best >= DELAY_NS / 1e9);
	assert_true(best < MOST_S);
}

static void an_admin_command_sleeps_not_once(void **state)
{
	struct target t = open_with_delay();
	double best = 1;

	(void)state;
	for (int i = 0; i < TRIES; i++) {
		double start = seconds();
		uint32_t value;

		assert_int_equal(
			nvm_admin_get_feature(t.ref, NVM_FID_ARBITRATION, 0, 0, 0, &value, 0), 0);
		if (seconds() - start < best)
			best = seconds() - start;
	}
	check_best("admin commands", best);
	close_target(&t);
}

static void a_blocking_dequeue_sleeps_not_once(void **state)
{
	struct target t = open_with_delay();
	nvm_queue_t cq, sq;
	double best = 1;

	(void)state;
	assert_int_equal(nvm_admin_cq_create(t.ref, &cq, 1, t.data, t.ioaddr), 0);
	assert_int_equal(nvm_admin_sq_create(t.ref, &sq, &cq, 1, t.data + 4096, t.dma->ioaddrs[1]),
			 0);
	for (int i = 0; i < TRIES; i++) {
		nvm_cmd_t *cmd = nvm_sq_enqueue(&sq);
		double start = seconds();

		assert_non_null(cmd);
		nvm_cmd_header(cmd, NVM_DEFAULT_CID(&sq), NVM_IO_FLUSH, 1);
		nvm_sq_submit(&sq);
		assert_non_null(nvm_cq_dequeue_block(&cq, 5000));
		if (seconds() - start < best)
			best = seconds() - start;
		nvm_sq_update(&sq);
		nvm_cq_update(&cq);
	}
	check_best("flushes", best);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_admin_command_sleeps_not_once),
		cmocka_unit_test(a_blocking_dequeue_sleeps_not_once),
	};

	return cmocka_run_group_tests_name("round trip", tests, NULL, NULL);
}
