/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's admin commands: queues, events, formatting, and the status of
 * everything that is wrong. Identify, features and log pages have tests of their own.
 */
#include "support/emu_admin_host.h"

static void data_of_admin_commands_goes_by_prps_only(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_IDENTIFY, .cdw10 = NVM_CNS_CTRL};
	uint8_t *two;
	uint64_t two_io;

	(void)state;
	start("");
	two = host_alloc(&host, 2 * HOST_PAGE, &two_io);
	/* across a page border */
	sqe.prp1 = two_io + 256;
	sqe.prp2 = two_io + HOST_PAGE;
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
	assert_int_equal(identify(NVM_CNS_CTRL, 0), 0);
	assert_memory_equal(two + 256, page, HOST_PAGE);
	assert_true(all_zero(two + 256 + HOST_PAGE, HOST_PAGE - 256));
	/* outside of all mappings */
	sqe.prp1 = 0x1000;
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(host_stats(&host).dma_faults, 1);
	sqe.prp1 = io + 2;
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_PRP_OFFSET_INVALID);
	sqe.prp1 = io;
	sqe.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER);
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_FIELD);
	sqe.flags = NVM_FIELD(SQE_FUSE, NVM_FUSE_FIRST);
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_FIELD);
}

static void unknown_opcodes_are_refused_in_all_256_values(void **state)
{
	(void)state;
	start("");
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		static const uint8_t known[] = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 0x7c, 0x80};
		struct nvm_sqe sqe = {.opc = (uint8_t)opcode, .nsid = 1, .prp1 = io};

		if (memchr(known, (int)opcode, sizeof(known)))
			continue;
		assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_OPCODE);
	}
	assert_true(host_stats(&host).failed_commands >= 244);
}

static void wrong_completion_queues_are_refused(void **state)
{
	uint64_t q;

	(void)state;
	start("?queues=4&depth=256&cqr=1&vectors=3");
	host_alloc(&host, 4 * HOST_PAGE, &q);
	assert_int_equal(host_create_cq(&host, 0, 16, q, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_cq(&host, 5, 16, q, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_cq(&host, 1, 1, q, 1), NVM_SC_INVALID_QUEUE_SIZE);
	assert_int_equal(host_create_cq(&host, 1, 257, q, 1), NVM_SC_INVALID_QUEUE_SIZE);
	assert_int_equal(host_create_cq(&host, 1, 16, q + 16, 1), NVM_SC_PRP_OFFSET_INVALID);
	assert_int_equal(host_create_cq(&host, 1, 16, q, 0), NVM_SC_INVALID_FIELD);
	assert_int_equal(host_create_cq(&host, 1, 16, q, 1 | NVM_FIELD(CQCREATE_IV, 3)),
			 NVM_SC_INVALID_INTERRUPT_VECTOR);
	assert_int_equal(host_create_cq(&host, 1, 16, 0x1000, 1), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(host_create_cq(&host, 1, 256, q, 1 | NVM_FIELD(CQCREATE_IV, 2)), 0);
	assert_int_equal(host_create_cq(&host, 1, 16, q, 1), NVM_SC_INVALID_QID);
}

static void wrong_submission_queues_are_refused(void **state)
{
	uint64_t q;

	(void)state;
	start("?queues=4&depth=256");
	host_alloc(&host, 4 * HOST_PAGE, &q);
	assert_int_equal(host_create_sq(&host, 1, 16, q, 1, 1), NVM_SC_CQ_INVALID);
	assert_int_equal(host_create_cq(&host, 1, 16, q, 1), 0);
	q += HOST_PAGE;
	assert_int_equal(host_create_sq(&host, 0, 16, q, 1, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_sq(&host, 5, 16, q, 1, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_sq(&host, 1, 16, q, 0, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_sq(&host, 1, 16, q, 5, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_sq(&host, 1, 16, q, 2, 1), NVM_SC_CQ_INVALID);
	assert_int_equal(host_create_sq(&host, 1, 1, q, 1, 1), NVM_SC_INVALID_QUEUE_SIZE);
	assert_int_equal(host_create_sq(&host, 1, 257, q, 1, 1), NVM_SC_INVALID_QUEUE_SIZE);
	assert_int_equal(host_create_sq(&host, 1, 16, q + 64, 1, 1), NVM_SC_PRP_OFFSET_INVALID);
	assert_int_equal(host_create_sq(&host, 3, 16, q, 1, 1), 0);
	assert_int_equal(host_create_sq(&host, 3, 16, q, 1, 1), NVM_SC_INVALID_QID);
}

static void entry_sizes_must_be_set_before_queues_are_created(void **state)
{
	uint64_t q;

	(void)state;
	host_start(&host, "");
	host_enable_sized(&host, 16, 16, NVM_FIELD(CC_EN, 1));
	host_alloc(&host, 2 * HOST_PAGE, &q);
	assert_int_equal(host_create_cq(&host, 1, 16, q, 1), NVM_SC_INVALID_QUEUE_SIZE);
	host_write32(&host, NVM_REG_CC, NVM_FIELD(CC_EN, 1) | NVM_FIELD(CC_IOCQES, 4));
	assert_int_equal(host_create_cq(&host, 1, 16, q, 1), 0);
	q += HOST_PAGE;
	assert_int_equal(host_create_sq(&host, 1, 16, q, 1, 1), NVM_SC_INVALID_QUEUE_SIZE);
	host_write32(&host, NVM_REG_CC, host_cc(0));
	assert_int_equal(host_create_sq(&host, 1, 16, q, 1, 1), 0);
}

static void queues_are_deleted_submission_first(void **state)
{
	struct host_queue q;

	(void)state;
	start("?queues=4");
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 0), NVM_SC_INVALID_QID);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 5), NVM_SC_INVALID_QID);
	host_queue_create(&host, &q, 1, 16, 16);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 1),
			 NVM_SC_INVALID_QUEUE_DELETION);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 1), 0);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 1), 0);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 1), NVM_SC_INVALID_QID);
}

static void all_1024_queue_pairs_can_exist(void **state)
{
	struct host_queue *q = calloc(1024, sizeof(*q));
	struct nvm_sqe sqe = {.opc = NVM_IO_OPC_FLUSH, .nsid = 1};

	(void)state;
	start("null?queues=1024&threads=2");
	for (uint16_t i = 0; i < 1024; i++)
		host_queue_create(&host, &q[i], (uint16_t)(i + 1), 4, 4);
	for (uint16_t i = 0; i < 1024; i++)
		assert_int_equal(host_exec(&q[i], &sqe), 0);
	assert_int_equal(host_stats(&host).io_commands, 1024);
	free(q);
}

static void event_requests_wait_and_are_limited(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST};
	struct nvm_sqe abort = {.opc = NVM_ADMIN_OPC_ABORT, .cid = 0x55};
	struct nvm_cqe cqe = {0};

	(void)state;
	start("");
	for (uint16_t i = 0; i < 5; i++) {
		sqe.cid = (uint16_t)(0x100 + i);
		host_push(&host.admin, &sqe);
	}
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x104);
	assert_int_equal(NVM_CQE_STATUS(cqe.status), NVM_SC_AER_LIMIT_EXCEEDED);
	assert_int_equal(NVM_CQE_DNR(cqe.status), 1);
	/* one that waits can be aborted, and then there is room for another */
	abort.cdw10 = NVM_FIELD(ABORT_CID, 0x102);
	host_push(&host.admin, &abort);
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x102);
	assert_int_equal(NVM_CQE_STATUS(cqe.status), NVM_SC_ABORT_REQUESTED);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x55);
	assert_int_equal(cqe.dw0, 0);
	sqe.cid = 0x200;
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	assert_false(host_wait_for(&host.admin, &cqe, 5000000));
}

static unsigned int format(uint32_t nsid, uint32_t cdw10)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_FORMAT_NVM, .nsid = nsid, .cdw10 = cdw10};

	return host_exec(&host.admin, &sqe);
}

static void format_changes_the_block_size(void **state)
{
	const struct nvm_id_ns *id;

	(void)state;
	start("?size=8M&ns=&size=8M");
	id = (const void *)page;
	assert_int_equal(format(2, 1), 0);
	assert_int_equal(identify(NVM_CNS_NS, 2), 0);
	assert_int_equal(id->nsze, 2048);
	assert_int_equal(identify(NVM_CNS_NS, 1), 0);
	assert_int_equal(id->nsze, 16384);
	assert_int_equal(format(NVM_NSID_ALL, 1), 0);
	assert_int_equal(identify(NVM_CNS_NS, 1), 0);
	assert_int_equal(id->nsze, 2048);
	assert_int_equal(format(1, 2), NVM_SC_INVALID_FORMAT);
	assert_int_equal(format(3, 0), NVM_SC_INVALID_FIELD);
	assert_int_equal(format(65, 0), NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(format(0, 0), NVM_SC_INVALID_NS_OR_FORMAT);
}

static void failed_commands_say_whether_to_retry(void **state)
{
	struct nvm_sqe sqe = {.opc = 0xff};
	struct nvm_cqe cqe = {0};

	(void)state;
	start("");
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(NVM_CQE_SC(cqe.status), 1);
	assert_int_equal(NVM_CQE_SCT(cqe.status), 0);
	assert_int_equal(NVM_CQE_DNR(cqe.status), 1);
	assert_int_equal(NVM_CQE_M(cqe.status), 1);
	assert_int_equal(NVM_CQE_CRD(cqe.status), 0);
}

static void inactive_namespaces_are_no_invalid_ones_for_io(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_IO_OPC_READ};
	struct host_queue q;

	(void)state;
	start("null");
	host_queue_create(&host, &q, 1, 16, 16);
	sqe.prp1 = io;
	sqe.nsid = 2;
	assert_int_equal(host_exec(&q, &sqe), NVM_SC_INVALID_FIELD);
	sqe.nsid = 65;
	assert_int_equal(host_exec(&q, &sqe), NVM_SC_INVALID_NS_OR_FORMAT);
	sqe.nsid = 0;
	assert_int_equal(host_exec(&q, &sqe), NVM_SC_INVALID_NS_OR_FORMAT);
}

static void a_hundred_thousand_admin_commands_in_a_row(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES, .cdw10 = NVM_FID_ARBITRATION};
	struct nvm_cqe cqe = {0};

	(void)state;
	start("");
	for (uint32_t i = 0; i < 100000; i += 20) {
		for (uint16_t j = 0; j < 20; j++) {
			sqe.cid = j;
			host_push(&host.admin, &sqe);
		}
		host_ring(&host.admin);
		for (uint16_t j = 0; j < 20; j++) {
			host_wait(&host.admin, &cqe);
			assert_int_equal(cqe.cid, j);
		}
	}
	assert_int_equal(host_stats(&host).admin_commands, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(data_of_admin_commands_goes_by_prps_only),
		TEST(unknown_opcodes_are_refused_in_all_256_values),
		TEST(wrong_completion_queues_are_refused),
		TEST(wrong_submission_queues_are_refused),
		TEST(entry_sizes_must_be_set_before_queues_are_created),
		TEST(queues_are_deleted_submission_first),
		TEST(all_1024_queue_pairs_can_exist),
		TEST(event_requests_wait_and_are_limited),
		TEST(format_changes_the_block_size),
		TEST(failed_commands_say_whether_to_retry),
		TEST(inactive_namespaces_are_no_invalid_ones_for_io),
		TEST(a_hundred_thousand_admin_commands_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
