/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_queue_test.c - creating and deleting I/O queues as the device sees it, and the choice of
 * queue identifiers.
 */
#include <errno.h>
#include <string.h>

#include "controller/aq.h"
#include "nvm_admin.h"
#include "nvm_queue.h"
#include "support/admin_fixture.h"

static void queues_are_encoded_whole(void **state)
{
	struct admin_fixture t = begin_admin();
	nvm_queue_t cq, sq;

	(void)state;
	memset(t.data, 0xee, 8192);
	assert_int_equal(nvm_admin_cq_create(t.f.ref, &cq, 511, t.data, DATA_ADDRESS), 0);
	assert_int_equal(last_seen(&t)->opc, 5);
	assert_int_equal(last_seen(&t)->cdw10, 0x00ff01ff);
	assert_int_equal(last_seen(&t)->cdw11, 1);
	assert_true(last_seen(&t)->prp1 == DATA_ADDRESS);
	assert_int_equal(cq.max_entries, 256);
	assert_int_equal(((unsigned char *)t.data)[4095], 0);
	assert_int_equal(((unsigned char *)t.data)[4096], 0xee);

	assert_int_equal(nvm_admin_sq_create(t.f.ref, &sq, &cq, 3, t.data, DATA_ADDRESS), 0);
	assert_int_equal(last_seen(&t)->opc, 1);
	assert_int_equal(last_seen(&t)->cdw10, 0x003f0003);
	assert_int_equal(NVM_SQCREATE_PC(last_seen(&t)->cdw11), 1);
	assert_int_equal(NVM_SQCREATE_CQID(last_seen(&t)->cdw11), 511);
	assert_ptr_equal(sq.db, (volatile char *)t.f.ctrl->mm_ptr + 0x1000 + 3 * 8);

	assert_int_equal(nvm_admin_sq_delete(t.f.ref, &sq, &cq), 0);
	assert_int_equal(last_seen(&t)->opc, 0);
	assert_int_equal(last_seen(&t)->cdw10, 3);
	assert_int_equal(nvm_admin_cq_delete(t.f.ref, &cq), 0);
	assert_int_equal(last_seen(&t)->opc, 4);
	end_admin(&t);
}

static void impossible_queues_are_refused_without_a_command(void **state)
{
	struct admin_fixture t = begin_admin();
	nvm_queue_t cq = {.no = 1}, sq = {.no = 0};
	nvm_ctrl_t *ctrl = t.f.ctrl;
	uint64_t page = DATA_ADDRESS;
	nvm_dma_t *mem;

	(void)state;
	assert_int_equal(nvm_admin_cq_create(t.f.ref, &cq, 0, t.data, DATA_ADDRESS), EINVAL);
	assert_int_equal(nvm_admin_sq_create(t.f.ref, &sq, &cq, 0, t.data, DATA_ADDRESS), EINVAL);
	assert_int_equal(nvm_admin_cq_create(t.f.ref, &cq, 512, t.data, DATA_ADDRESS), ERANGE);
	assert_int_equal(nvm_admin_sq_create(t.f.ref, &sq, &cq, 512, t.data, DATA_ADDRESS), ERANGE);
	assert_int_equal(nvm_admin_sq_create(t.f.ref, &sq, &sq, 1, t.data, DATA_ADDRESS), EINVAL);
	assert_int_equal(nvm_admin_cq_create(t.f.ref, &cq, 1, t.data, DATA_ADDRESS + 64), EINVAL);
	assert_int_equal(nvm_admin_cq_create(t.f.ref, &cq, 1, NULL, DATA_ADDRESS), EINVAL);
	assert_int_equal(nvm_admin_sq_delete(t.f.ref, &sq, &cq), EINVAL);

	assert_int_equal(nvm_dma_map(&mem, ctrl, t.data, 4096, 1, &page), 0);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 1, mem, 0, -1), ERANGE);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 1025, mem, 0, -1), ERANGE);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 257, mem, 0, -1), ERANGE);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 16, mem, 4096, -1), ERANGE);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 16, mem, 64, -1), EINVAL);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 16, NULL, 0, -1), EINVAL);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 16, mem, 0, 65536), EINVAL);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 1, 16, mem, 0, -2), EINVAL);
	assert_int_equal(nvm_cq_create(t.f.ref, &cq, 512, 16, mem, 0, -1), ERANGE);
	assert_int_equal(nvm_sq_create(t.f.ref, &sq, NULL, 1, 16, mem, 0), EINVAL);
	assert_int_equal(t.a->n_seen, 0);
	assert_int_equal(nvm_queue_mem_size(ctrl, true, 1), 0);
	assert_int_equal(nvm_queue_mem_size(ctrl, true, 1025), 0);
	nvm_dma_unmap(mem);
	end_admin(&t);
}

static void scattered_rings_get_a_prp_list(void **state)
{
	struct admin_fixture t = begin_admin();
	/* 1000 entries of 64 bytes: 16 pages, all over the place, then the list page. */
	const uint64_t *list;
	uint64_t pages[17];
	nvm_queue_t cq = {.no = 1}, sq;
	nvm_dma_t *mem;

	(void)state;
	for (uint64_t i = 0; i < 17; i++)
		pages[i] = 0x100000 + (i * 7 % 17) * 8192;
	assert_int_equal(nvm_dma_map(&mem, t.f.ctrl, t.data, 4096, 17, pages), 0);
	assert_int_equal(nvm_queue_mem_size(t.f.ctrl, false, 1000), 17 * 4096);
	assert_int_equal(nvm_sq_create(t.f.ref, &sq, &cq, 2, 1000, mem, 0), 0);
	assert_int_equal(last_seen(&t)->cdw10, 999U << 16 | 2);
	assert_int_equal(NVM_SQCREATE_PC(last_seen(&t)->cdw11), 0);
	assert_true(last_seen(&t)->prp1 == pages[16]);
	list = (const uint64_t *)(const void *)((unsigned char *)t.data + 16 * 4096);
	assert_memory_equal(list, pages, 16 * sizeof(uint64_t));
	/* One page less, and there is no room for the list. */
	nvm_dma_unmap(mem);
	assert_int_equal(nvm_dma_map(&mem, t.f.ctrl, t.data, 4096, 16, pages), 0);
	assert_int_equal(nvm_sq_create(t.f.ref, &sq, &cq, 3, 1000, mem, 0), ERANGE);
	nvm_dma_unmap(mem);
	end_admin(&t);
}

static void queue_identifiers_come_from_the_top(void **state)
{
	struct admin_fixture t = begin_admin();
	nvm_queue_t cq;
	uint16_t qid;

	(void)state;
	t.a->dw0 = 0x00090004; /* 10 CQs, 5 SQs */
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 2, &qid), 0);
	assert_int_equal(qid, 5);
	assert_int_equal(t.a->n_seen, 1);
	assert_int_equal(nvm_admin_cq_create(t.f.ref, &cq, 4, t.data, DATA_ADDRESS), 0);
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 2, &qid), 0);
	assert_int_equal(qid, 3);
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 2, &qid), 0);
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 2, &qid), 0);
	assert_int_equal(qid, 1);
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 2, &qid), ENOSPC);
	nvmi_aq_return_qid(t.f.ref, 2);
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 2, &qid), 0);
	assert_int_equal(qid, 2);
	assert_int_equal(t.a->n_seen, 2);
	end_admin(&t);
}

static void a_programs_own_number_of_queues_counts(void **state)
{
	struct admin_fixture t = begin_admin();
	uint16_t qid;

	(void)state;
	t.a->dw0 = 0x00010001;
	assert_int_equal(nvm_admin_set_num_queues(t.f.ref, 2, 2), 0);
	t.a->dw0 = 0x00ff00ff;
	assert_int_equal(nvmi_aq_take_qid(t.f.ref, 9, &qid), 0);
	assert_int_equal(qid, 2);
	assert_int_equal(t.a->n_seen, 1);
	end_admin(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queues_are_encoded_whole),
		cmocka_unit_test(impossible_queues_are_refused_without_a_command),
		cmocka_unit_test(scattered_rings_get_a_prp_list),
		cmocka_unit_test(queue_identifiers_come_from_the_top),
		cmocka_unit_test(a_programs_own_number_of_queues_counts),
	};

	return cmocka_run_group_tests_name("admin queues", tests, NULL, NULL);
}
