/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_test.c - the admin queue pair: rings, CIDs, threads, creation and destruction.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "nvm_cmd.h"
#include "nvm_error.h"
#include "nvm_rpc.h"
#include "support/aq_fixture.h"

static void sizes_and_addresses_reach_the_right_registers(void **state)
{
	struct fixture f = begin(NULL, NULL);

	(void)state;
	assert_int_equal(NVM_AQA_ASQS(atomic_load(&f.device->aqa)), 4096 / 64 - 1);
	assert_int_equal(NVM_AQA_ACQS(atomic_load(&f.device->aqa)), 4096 / 16 - 1);
	assert_true(atomic_load(&f.device->acq) == DEVICE_BUS_BASE);
	assert_true(atomic_load(&f.device->asq) == DEVICE_BUS_BASE + 4096);
	end(&f);
}

static void larger_pages_give_larger_queues(void **state)
{
	struct fixture f = {.device = device_start(NULL, NULL)};

	(void)state;
	open_device(&f, 65536);
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	assert_int_equal(NVM_AQA_ASQS(atomic_load(&f.device->aqa)), 1023);
	assert_int_equal(NVM_AQA_ACQS(atomic_load(&f.device->aqa)), 4095);
	for (uint32_t i = 0; i < 10000; i++)
		check_echo(f.ref, i);
	end(&f);
}

static void a_hundred_thousand_commands_in_a_row(void **state)
{
	struct fixture f = begin(NULL, NULL);

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		check_echo(f.ref, i * 2654435761U);
	assert_true(f.device->cq_full_rounds == 0);
	end(&f);
}

/* Checks that a slot has nothing of its earlier use. */
static void expect_whole_slot(struct device *d, const struct nvm_sqe *sqe)
{
	bool clean = true;

	for (int i = 1; i < 16; i++)
		clean &= sqe->dword[i] == (i == 11 ? sqe->cdw11 : 0);
	device_post(d, sqe->cid, clean ? 0 : NVM_SC_INVALID_FIELD, sqe->opc);
}

static void every_opcode_passes_unchanged(void **state)
{
	struct fixture f = begin(expect_whole_slot, NULL);

	(void)state;
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		nvm_cmd_t cmd = command((uint8_t)opcode, opcode);
		nvm_cpl_t cpl;

		assert_int_equal(nvm_aq_exec(f.ref, &cmd, &cpl, 0), 0);
		assert_int_equal(cpl.dword[0], opcode);
	}
	end(&f);
}

static void the_callers_cid_comes_back(void **state)
{
	struct fixture f = begin(NULL, NULL);
	nvm_cmd_t cmd = command(0xc0, 7);
	nvm_cpl_t cpl;

	(void)state;
	cmd.dword[0] |= 0xbeefU << 16;
	assert_int_equal(nvm_raw_rpc(f.ref, &cmd, &cpl), 0);
	assert_int_equal(*NVM_CPL_CID(&cpl), 0xbeef);
	assert_int_equal(cpl.dword[0], 7);
	assert_int_equal(nvm_aq_exec(f.ref, &cmd, NULL, 0), 0);
	end(&f);
}

static void refuse(struct device *d, const struct nvm_sqe *sqe)
{
	device_post(d, sqe->cid, 0x4000 | NVM_SC_INVALID_OPCODE, 5);
}

static void a_status_is_packed_with_its_dnr_bit(void **state)
{
	struct fixture f = begin(refuse, NULL);
	nvm_cmd_t cmd = command(0xc0, 0);
	nvm_cpl_t cpl;
	int status;

	(void)state;
	status = nvm_aq_exec(f.ref, &cmd, &cpl, 0);
	assert_int_equal(status, -(0x4000 | NVM_SC_INVALID_OPCODE));
	assert_int_equal(NVM_ERR_UNPACK_DNR(status), 1);
	assert_int_equal(cpl.dword[0], 5);
	assert_non_null(strstr(nvm_errmsg(), "0xc0"));
	end(&f);
}

/* Holds commands back and completes them last one first. */
struct batch {
	struct nvm_sqe held[64];
	unsigned int n, size;
};

static void complete_backwards(struct device *d, const struct nvm_sqe *sqe)
{
	struct batch *b = d->arg;

	b->held[b->n++] = *sqe;
	if (b->n < b->size)
		return;
	while (b->n > 0)
		device_echo(d, &b->held[--b->n]);
}

static void completions_out_of_order_find_their_commands(void **state)
{
	struct batch batch = {.size = 37};
	struct fixture f = begin(complete_backwards, &batch);
	uint16_t cids[37];
	nvm_cpl_t cpl;

	(void)state;
	for (uint32_t round = 0; round < 500; round++) {
		for (uint32_t i = 0; i < batch.size; i++) {
			nvm_cmd_t cmd = command(0xc0, round * 100 + i);

			assert_int_equal(nvm_aq_submit(f.ref, &cmd, &cids[i]), 0);
		}
		for (uint32_t i = 0; i < batch.size; i++) {
			assert_int_equal(nvm_aq_wait(f.ref, cids[i], &cpl, 0), 0);
			assert_int_equal(cpl.dword[0], round * 100 + i);
			assert_int_equal(*NVM_CPL_CID(&cpl), cids[i]);
		}
	}
	batch.size = 0;
	end(&f);
}

/* Completes with an SQ head that never moves, as if every one had been overtaken. */
static void stuck_sq_head(struct device *d, const struct nvm_sqe *sqe)
{
	device_post_head(d, sqe->cid, 0, sqe->cdw11, 0);
}

static void an_old_sq_head_does_not_block_the_queue(void **state)
{
	struct fixture f = begin(stuck_sq_head, NULL);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		check_echo(f.ref, i);
	end(&f);
}

static void drop_special(struct device *d, const struct nvm_sqe *sqe)
{
	if (sqe->opc != OP_SPECIAL)
		device_echo(d, sqe);
}

static void the_queue_is_full_until_commands_are_collected(void **state)
{
	struct batch batch = {.size = ROOM};
	struct fixture f = begin(complete_backwards, &batch);
	uint16_t cids[201];
	nvm_cpl_t cpl;

	(void)state;
	assert_int_equal(fill(f.ref, 0xc0, cids), ROOM);
	assert_int_equal(nvm_aq_wait(f.ref, cids[3], &cpl, 0), 0);
	/* The others have completed too, but keep their CIDs until somebody collects them. */
	batch.size = 1;
	check_echo(f.ref, 99);
	assert_int_equal(nvm_aq_poll(f.ref, cids[4], NULL), 0);
	assert_int_equal(nvm_aq_poll(f.ref, cids[4], NULL), EINVAL);
	assert_int_equal(nvm_aq_poll(f.ref, 0xffff, NULL), EINVAL);
	assert_int_equal(nvm_aq_wait(f.ref, 0x003f, NULL, 5), EINVAL);
	end(&f);
}

static void a_wait_that_times_out_can_be_repeated(void **state)
{
	struct batch batch = {.size = 2};
	struct fixture f = begin(complete_backwards, &batch);
	nvm_cmd_t cmd = command(0xc0, 1);
	uint16_t first, second;

	(void)state;
	assert_int_equal(nvm_aq_submit(f.ref, &cmd, &first), 0);
	assert_int_equal(nvm_aq_poll(f.ref, first, NULL), EAGAIN);
	assert_int_equal(nvm_aq_wait(f.ref, first, NULL, 20), ETIME);
	assert_int_equal(nvm_aq_submit(f.ref, &cmd, &second), 0);
	assert_int_equal(nvm_aq_wait(f.ref, first, NULL, 0), 0);
	assert_int_equal(nvm_aq_wait(f.ref, second, NULL, 0), 0);
	batch.size = 0;
	end(&f);
}

/* Threads that share a queue: every one sees its own completions. */
struct worker {
	pthread_t thread;
	nvm_aq_ref ref;
	uint32_t number, n_commands;
	uint32_t n_good;
	int last;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	for (uint32_t i = 0; i < w->n_commands; i++) {
		nvm_cmd_t cmd = command(0xc0, w->number << 24 | i);
		nvm_cpl_t cpl = {.dword = {0}};

		w->last = nvm_aq_exec(w->ref, &cmd, &cpl, 0);
		w->n_good += w->last == 0 && cpl.dword[0] == (w->number << 24 | i);
	}
	return NULL;
}

static void eight_threads_share_the_queue(void **state)
{
	struct fixture f = begin(NULL, NULL);
	struct worker workers[8];

	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		workers[i] = (struct worker){.ref = f.ref, .number = i, .n_commands = 4000};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].n_good, 4000);
	}
	end(&f);
}

static void *exec_special(void *arg)
{
	struct worker *w = arg;
	nvm_cmd_t cmd = command(OP_SPECIAL, w->number);

	w->last = nvm_aq_exec(w->ref, &cmd, NULL, 0);
	return NULL;
}

static void wait_for_log(struct device *d, unsigned int n)
{
	while (atomic_load(&d->n_log) < n)
		sched_yield();
}

static void all_waiters_see_the_same_failure(void **state)
{
	struct fixture f = begin(drop_special, NULL);
	struct worker workers[8];

	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		workers[i] = (struct worker){.ref = f.ref};
		assert_int_equal(
			pthread_create(&workers[i].thread, NULL, exec_special, &workers[i]), 0);
	}
	wait_for_log(f.device, 8);
	atomic_fetch_or(&f.device->csts, NVM_FIELD(CSTS_CFS, 1));
	for (int i = 0; i < 8; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].last, EIO);
	}
	end(&f);
}

static void destruction_cancels_commands_in_flight(void **state)
{
	struct fixture f = begin(drop_special, NULL);
	struct worker worker = {.ref = f.ref};

	(void)state;
	assert_int_equal(pthread_create(&worker.thread, NULL, exec_special, &worker), 0);
	wait_for_log(f.device, 1);
	end(&f);
	pthread_join(worker.thread, NULL);
	assert_int_equal(worker.last, ECANCELED);
}

static void destruction_deletes_queues_then_shuts_down(void **state)
{
	/* CQs 1 and 9, SQs 2, 3 and 7; SQ 7 is deleted again. Then what destruction sends. */
	static const uint8_t opcodes[] = {5, 5, 1, 1, 1, 0, 0, 0, 4, 4};
	static const uint32_t qids[] = {1, 9, 2, 3, 7, 7, 2, 3, 1, 9};
	struct fixture f = begin(NULL, NULL);
	struct device *d = f.device;
	nvm_cpl_t cpl;

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		nvm_cmd_t cmd = command(opcodes[i], 0);

		cmd.dword[10] = qids[i] | 0x003f0000U;
		assert_int_equal(nvm_raw_rpc(f.ref, &cmd, &cpl), 0);
	}
	nvm_aq_destroy(f.ref);
	assert_int_equal(atomic_load(&d->n_log), 10);
	assert_int_equal(atomic_load(&d->shutdown_at), 10);
	assert_int_equal(NVM_CC_EN(atomic_load(&d->cc)), 0);
	for (unsigned int i = 6; i < 10; i++) {
		assert_int_equal(d->opcodes[i], opcodes[i]);
		assert_int_equal(d->cdw10s[i], qids[i]);
	}
	f.ref = NULL;
	end(&f);
}

static void arguments_are_checked(void **state)
{
	struct fixture f = {.device = device_start(NULL, NULL)};
	nvm_aq_ref second = (nvm_aq_ref)&f;
	uint64_t pages[2] = {DEVICE_BUS_BASE, DEVICE_BUS_BASE + 4096};
	nvm_cmd_t cmd = command(0xc0, 0);
	nvm_dma_t *bad;

	(void)state;
	open_device(&f, 4096);
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, NULL), EINVAL);
	assert_int_equal(nvm_dma_map(&bad, f.ctrl, f.device->memory, 4096, 1, pages), 0);
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, bad), EINVAL);
	nvm_dma_unmap(bad);
	assert_int_equal(nvm_dma_map(&bad, f.ctrl, NULL, 4096, 2, pages), 0);
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, bad), EINVAL);
	assert_null(f.ref);
	nvm_dma_unmap(bad);

	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	assert_int_equal(nvm_aq_create(&second, f.ctrl, f.mem), EBUSY);
	assert_null(second);
	assert_int_equal(nvm_aq_exec(NULL, &cmd, NULL, 0), EINVAL);
	assert_int_equal(nvm_aq_exec(f.ref, NULL, NULL, 0), EINVAL);
	assert_int_equal(nvm_aq_submit(f.ref, &cmd, NULL), EINVAL);
	assert_null(nvm_ctrl_from_aq_ref(NULL));
	nvm_aq_destroy(NULL);
	end(&f);
}

static void a_pair_can_be_made_again_and_keeps_what_it_needs(void **state)
{
	struct fixture f = {.device = device_start(NULL, NULL)};

	(void)state;
	open_device(&f, 4096);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
		for (uint32_t j = 0; j < 150; j++)
			check_echo(f.ref, j);
		nvm_aq_destroy(f.ref);
	}
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	nvm_dma_unmap(f.mem);
	nvm_ctrl_free(f.ctrl);
	check_echo(f.ref, 3);
	nvm_aq_destroy(f.ref);
	device_stop(f.device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_addresses_reach_the_right_registers),
		cmocka_unit_test(larger_pages_give_larger_queues),
		cmocka_unit_test(a_hundred_thousand_commands_in_a_row),
		cmocka_unit_test(every_opcode_passes_unchanged),
		cmocka_unit_test(the_callers_cid_comes_back),
		cmocka_unit_test(a_status_is_packed_with_its_dnr_bit),
		cmocka_unit_test(completions_out_of_order_find_their_commands),
		cmocka_unit_test(an_old_sq_head_does_not_block_the_queue),
		cmocka_unit_test(the_queue_is_full_until_commands_are_collected),
		cmocka_unit_test(a_wait_that_times_out_can_be_repeated),
		cmocka_unit_test(eight_threads_share_the_queue),
		cmocka_unit_test(all_waiters_see_the_same_failure),
		cmocka_unit_test(destruction_cancels_commands_in_flight),
		cmocka_unit_test(destruction_deletes_queues_then_shuts_down),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(a_pair_can_be_made_again_and_keeps_what_it_needs),
	};

	return cmocka_run_group_tests_name("aq", tests, NULL, NULL);
}
