/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * far_doorbell_test.c - the doorbells of all queues there can be are mapped, with any stride: also those
 * that lie megabytes behind the first.
 */
#include <stdio.h>

#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_queue.h"
#include "support/emu_aq.h"

static void check_queue(struct target *t, uint16_t id)
{
	nvm_queue_t cq, sq;
	nvm_cpl_t *cpl;
	nvm_cmd_t *cmd;

	assert_int_equal(nvm_cq_create(t->ref, &cq, id, 4, t->dma, 0, -1), 0);
	assert_int_equal(nvm_sq_create(t->ref, &sq, &cq, id, 4, t->dma, 4096), 0);
	/* Around both rings, so that the CQ's doorbell is needed too. */
	for (uint16_t i = 0; i < 20; i++) {
		cmd = nvm_sq_enqueue(&sq);
		assert_non_null(cmd);
		nvm_cmd_header(cmd, i, NVM_IO_FLUSH, 1);
		nvm_sq_submit(&sq);
		cpl = nvm_cq_dequeue_block(&cq, 5000);
		assert_non_null(cpl);
		assert_true(NVM_ERR_OK(cpl));
		assert_int_equal(*NVM_CPL_CID(cpl), i);
		assert_int_equal(*NVM_CPL_SQID(cpl), id);
		nvm_sq_update(&sq);
		nvm_cq_update(&cq);
	}
	assert_int_equal(nvm_admin_sq_delete(t->ref, &sq, &cq), 0);
	assert_int_equal(nvm_admin_cq_delete(t->ref, &cq), 0);
}

static void every_stride_reaches_the_last_queue(void **state)
{
	(void)state;
	for (unsigned int dstrd = 0; dstrd <= 8; dstrd++) {
		struct target t;
		uint16_t n_cqs = 1024, n_sqs = 1024;
		char uri[64];

		snprintf(uri, sizeof(uri), "emu:?size=1M&queues=1024&dstrd=%u", dstrd);
		t = open_target(uri);
		assert_int_equal(t.ctrl->dstrd, dstrd);
		assert_true(t.ctrl->mm_size >= 0x1000 + ((size_t)2 * 1025 << (2 + dstrd)));
		assert_int_equal(nvm_admin_request_num_queues(t.ref, &n_cqs, &n_sqs), 0);
		assert_true(n_cqs == 1024 && n_sqs == 1024);
		check_queue(&t, 1);
		check_queue(&t, 511);
		check_queue(&t, 512);
		check_queue(&t, 1024);
		close_target(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stride_reaches_the_last_queue),
	};

	return cmocka_run_group_tests_name("far doorbells", tests, NULL, NULL);
}
