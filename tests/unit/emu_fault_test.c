/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's timing and fault hooks: completions that come late, out of order,
 * twice, wrong, or never; and Abort, which finds those that are late.
 */
#include "support/emu_host.h"

static struct host host;
static struct host_queue queue;

static void start(const char *spec)
{
	host_start(&host, spec);
	host_enable(&host);
	host_queue_create(&host, &queue, 1, 256, 256);
}

static int stop(void **state)
{
	(void)state;
	host_destroy(&host);
	return 0;
}

static void submit(uint8_t opcode, uint16_t cid)
{
	struct nvm_sqe sqe = {.opc = opcode, .nsid = 1, .cid = cid};

	sqe.prp1 = HOST_IO_BASE + HOST_MEM - HOST_PAGE;
	host_push(&queue, &sqe);
}

static unsigned int abort_cid(uint16_t sqid, uint16_t cid, uint32_t *dw0)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_ABORT};

	sqe.cdw10 = NVM_FIELD(ABORT_SQID, sqid) | NVM_FIELD(ABORT_CID, cid);
	return host_exec_dw0(&host.admin, &sqe, dw0);
}

static void each_kind_of_command_has_its_latency(void **state)
{
	static const struct {
		uint8_t opcode;
		uint64_t ns;
	} kinds[] = {{NVM_IO_OPC_READ, 20000000},
		     {NVM_IO_OPC_WRITE, 40000000},
		     {NVM_IO_OPC_FLUSH, 10000000}};
	struct nvm_cqe cqe = {0};

	(void)state;
	start("?size=1M&latency=10ms&read=20ms&write=40ms");
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t begin = host_now_ns();

		submit(kinds[i].opcode, (uint16_t)i);
		host_ring(&queue);
		host_wait(&queue, &cqe);
		assert_int_equal(NVM_CQE_STATUS(cqe.status), 0);
		assert_true(host_now_ns() - begin >= kinds[i].ns);
	}
	/* they pass one another */
	submit(NVM_IO_OPC_WRITE, 10);
	submit(NVM_IO_OPC_READ, 11);
	submit(NVM_IO_OPC_FLUSH, 12);
	host_ring(&queue);
	for (uint16_t cid = 12; cid >= 10; cid--) {
		host_wait(&queue, &cqe);
		assert_int_equal(cqe.cid, cid);
	}
}

static void a_constant_latency_keeps_the_order(void **state)
{
	struct nvm_cqe cqe = {0};

	(void)state;
	start("null?latency=2ms");
	for (uint16_t i = 0; i < 200; i++) {
		submit(NVM_IO_OPC_FLUSH, i);
		host_ring(&queue);
	}
	for (uint16_t i = 0; i < 200; i++) {
		host_wait(&queue, &cqe);
		assert_int_equal(cqe.cid, i);
	}
}

static void jitter_completes_every_command_once_out_of_order(void **state)
{
	unsigned int seen[200] = {0};
	unsigned int passed = 0;
	struct nvm_cqe cqe = {0};

	(void)state;
	start("null?latency=1ms&jitter=5ms");
	for (uint16_t i = 0; i < 200; i++)
		submit(NVM_IO_OPC_FLUSH, i);
	host_ring(&queue);
	for (uint16_t i = 0; i < 200; i++) {
		host_wait(&queue, &cqe);
		assert_in_range(cqe.cid, 0, 199);
		assert_int_equal(seen[cqe.cid]++, 0);
		passed += cqe.cid != i;
	}
	assert_true(passed > 20);
}

static void late_completions_wait_for_room(void **state)
{
	unsigned int seen[60] = {0};
	struct host_queue small;
	struct nvm_cqe cqe = {0};

	(void)state;
	start("null?latency=1ms&jitter=1ms");
	host_queue_create(&host, &small, 2, 64, 3);
	for (uint16_t i = 0; i < 60; i++) {
		struct nvm_sqe sqe = {.opc = NVM_IO_OPC_FLUSH, .nsid = 1, .cid = i};

		host_push(&small, &sqe);
	}
	host_ring(&small);
	for (uint16_t i = 0; i < 60; i++) {
		host_wait(&small, &cqe);
		assert_int_equal(seen[cqe.cid]++, 0);
	}
}

static void abort_finds_what_is_late(void **state)
{
	struct nvm_cqe cqe = {0};
	uint32_t dw0;

	(void)state;
	start("null?latency=100s&threads=2");
	submit(NVM_IO_OPC_FLUSH, 5);
	submit(NVM_IO_OPC_FLUSH, 6);
	host_ring(&queue);
	usleep(10000);
	assert_int_equal(abort_cid(1, 6, &dw0), 0);
	assert_int_equal(dw0, 0);
	host_wait(&queue, &cqe);
	assert_int_equal(cqe.cid, 6);
	assert_int_equal(NVM_CQE_STATUS(cqe.status), NVM_SC_ABORT_REQUESTED);
	/* unknown, and known but over */
	assert_int_equal(abort_cid(1, 6, &dw0), 0);
	assert_int_equal(dw0, 1);
	assert_int_equal(abort_cid(0, 99, &dw0), 0);
	assert_int_equal(dw0, 1);
	assert_int_equal(abort_cid(2, 5, &dw0), NVM_SC_INVALID_FIELD);
	assert_int_equal(abort_cid(0xffff, 5, &dw0), NVM_SC_INVALID_FIELD);
	assert_int_equal(dw0, 1);
	assert_int_equal(abort_cid(1, 5, &dw0), 0);
	assert_int_equal(dw0, 0);
}

static void deleting_a_submission_queue_completes_what_is_late(void **state)
{
	struct nvm_cqe cqe = {0};
	unsigned int seen = 0;

	(void)state;
	start("null?latency=100s");
	for (uint16_t i = 0; i < 10; i++)
		submit(NVM_IO_OPC_FLUSH, i);
	host_ring(&queue);
	usleep(10000);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 1), 0);
	for (int i = 0; i < 10; i++) {
		assert_true(host_poll(&queue, &cqe));
		assert_int_equal(NVM_CQE_STATUS(cqe.status), NVM_SC_ABORTED_SQ_DELETION);
		seen |= 1u << cqe.cid;
	}
	assert_int_equal(seen, 0x3ff);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 1), 0);
}

static void a_reset_forgets_what_is_late(void **state)
{
	struct nvm_cqe cqe = {0};

	(void)state;
	start("null?latency=30ms");
	for (uint16_t i = 0; i < 10; i++)
		submit(NVM_IO_OPC_FLUSH, i);
	host_ring(&queue);
	usleep(3000);
	host_write32(&host, NVM_REG_CC, 0);
	host_enable(&host);
	host_queue_create(&host, &queue, 1, 16, 16);
	usleep(60000);
	assert_false(host_poll(&queue, &cqe));
}

/* Hooks */

struct script {
	uint16_t sqid; /* applies to this queue */
	uint16_t cid;  /* and this command */
	struct emu_fault_command does;
	unsigned int calls;
};

static void command_hook(void *arg, struct emu_fault_command *f)
{
	struct script *script = arg;
	const struct nvm_sqe *sqe = f->sqe;

	__atomic_fetch_add(&script->calls, 1, __ATOMIC_RELAXED);
	if (f->sqid != script->sqid || sqe->cid != script->cid)
		return;
	f->status = script->does.status;
	f->drop = script->does.drop;
	f->delay_ns = script->does.delay_ns;
	if (script->does.cid >= 0)
		f->cid = script->does.cid;
	f->duplicate = script->does.duplicate;
	f->wrong_phase = script->does.wrong_phase;
}

static const struct emu_fault_hooks hooks = {.command = command_hook};

/* Flush commands 0, 1, 2, the second one faulty. */
static struct script second(struct emu_fault_command does)
{
	return (struct script){.sqid = 1, .cid = 1, .does = does};
}

static void run_three(struct script *script)
{
	emu_set_fault_hooks(host.emu, &hooks, script);
	for (uint16_t i = 0; i < 3; i++)
		submit(NVM_IO_OPC_FLUSH, i);
	host_ring(&queue);
}

static unsigned int next(uint16_t cid)
{
	struct nvm_cqe cqe = {0};

	host_wait(&queue, &cqe);
	assert_int_equal(cqe.cid, cid);
	return NVM_CQE_STATUS(cqe.status);
}

static void nothing_more(void)
{
	struct nvm_cqe cqe;

	assert_false(host_wait_for(&queue, &cqe, 5000000));
}

static void a_hook_sets_the_status_without_execution(void **state)
{
	struct script script = second(
		(struct emu_fault_command){.status = NVM_SC_UNRECOVERED_READ_ERROR, .cid = -1});
	uint64_t io;
	uint8_t *data;

	(void)state;
	start("?size=1M");
	data = host_alloc(&host, HOST_PAGE, &io);
	emu_set_fault_hooks(host.emu, &hooks, &script);
	memset(data, 0x55, 512);
	for (uint16_t i = 0; i < 3; i++) {
		struct nvm_sqe sqe = {.opc = NVM_IO_OPC_WRITE, .nsid = 1, .cid = i, .prp1 = io};

		sqe.cdw10 = i;
		host_push(&queue, &sqe);
	}
	host_ring(&queue);
	assert_int_equal(next(0), 0);
	assert_int_equal(next(1), NVM_SC_UNRECOVERED_READ_ERROR);
	assert_int_equal(next(2), 0);
	assert_int_equal(host_stats(&host).failed_commands, 1);
	assert_int_equal(host_stats(&host).written_blocks, 2);
	/* removed: not asked any more */
	emu_set_fault_hooks(host.emu, NULL, NULL);
	unsigned int calls = script.calls;

	submit(NVM_IO_OPC_FLUSH, 1);
	host_ring(&queue);
	assert_int_equal(next(1), 0);
	assert_int_equal(script.calls, calls);
}

static void a_hook_drops_a_command(void **state)
{
	struct script script =
		second((struct emu_fault_command){.status = -1, .cid = -1, .drop = true});
	uint32_t dw0;

	(void)state;
	start("null");
	run_three(&script);
	assert_int_equal(next(0), 0);
	assert_int_equal(next(2), 0);
	nothing_more();
	/* lost, so there is nothing to abort */
	assert_int_equal(abort_cid(1, 1, &dw0), 0);
	assert_int_equal(dw0, 1);
}

static void a_hook_delays_a_command(void **state)
{
	struct script script =
		second((struct emu_fault_command){.status = -1, .cid = -1, .delay_ns = 20000000});
	uint64_t begin = host_now_ns();

	(void)state;
	start("null");
	run_three(&script);
	assert_int_equal(next(0), 0);
	assert_int_equal(next(2), 0);
	assert_int_equal(next(1), 0);
	assert_true(host_now_ns() - begin >= 20000000);
}

static void a_hook_changes_the_cid(void **state)
{
	struct script script = second((struct emu_fault_command){.status = -1, .cid = 0xbeef});

	(void)state;
	start("null");
	run_three(&script);
	assert_int_equal(next(0), 0);
	assert_int_equal(next(0xbeef), 0);
	assert_int_equal(next(2), 0);
}

static void a_hook_completes_twice(void **state)
{
	struct script script =
		second((struct emu_fault_command){.status = -1, .cid = -1, .duplicate = true});

	(void)state;
	start("null");
	run_three(&script);
	assert_int_equal(next(0), 0);
	assert_int_equal(next(1), 0);
	assert_int_equal(next(1), 0);
	assert_int_equal(next(2), 0);
	nothing_more();
	/* late, both of them */
	script.does.delay_ns = 1000000;
	run_three(&script);
	assert_int_equal(next(0), 0);
	assert_int_equal(next(2), 0);
	assert_int_equal(next(1), 0);
	assert_int_equal(next(1), 0);
	nothing_more();
}

static void a_hook_leaves_the_old_phase(void **state)
{
	struct script script =
		second((struct emu_fault_command){.status = -1, .cid = -1, .wrong_phase = true});

	(void)state;
	start("null");
	run_three(&script);
	assert_int_equal(next(0), 0);
	nothing_more();
	assert_int_equal(queue.cq[1].cid, 1);
}

static void hooks_see_admin_commands_too(void **state)
{
	struct script script = {.sqid = 0, .does = {.status = -1, .cid = -1, .delay_ns = 20000000}};
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES, .cdw10 = NVM_FID_ARBITRATION};
	struct nvm_cqe cqe = {0};
	uint32_t dw0;

	(void)state;
	start("null");
	script.cid = 0x1234;
	emu_set_fault_hooks(host.emu, &hooks, &script);
	sqe.cid = 0x1234;
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	usleep(2000);
	assert_false(host_poll(&host.admin, &cqe));
	/* late admin commands can be aborted as well: both complete, in this order */
	struct nvm_sqe abort = {.opc = NVM_ADMIN_OPC_ABORT, .cid = 7, .cdw10 = 0x12340000};

	host_push(&host.admin, &abort);
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x1234);
	assert_int_equal(NVM_CQE_STATUS(cqe.status), NVM_SC_ABORT_REQUESTED);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 7);
	assert_int_equal(cqe.dw0, 0);
	script.does = (struct emu_fault_command){.status = NVM_SC_INTERNAL_ERROR, .cid = -1};
	script.cid = host.admin.cid;
	emu_set_fault_hooks(host.emu, &hooks, &script);
	assert_int_equal(host_exec_dw0(&host.admin, &sqe, &dw0), NVM_SC_INTERNAL_ERROR);
}

static void hooks_may_change_under_load(void **state)
{
	struct script script = second((struct emu_fault_command){.status = -1, .cid = -1});
	struct nvm_cqe cqe = {0};

	(void)state;
	start("null");
	for (int i = 0; i < 300; i++) {
		struct script other = script;

		for (uint16_t j = 0; j < 50; j++)
			submit(NVM_IO_OPC_FLUSH, j);
		host_ring(&queue);
		emu_set_fault_hooks(host.emu, &hooks, &other);
		emu_set_fault_hooks(host.emu, &hooks, &script);
		/* it is not asked any more: its memory may go */
		memset(&other, 0xff, sizeof(other));
		for (uint16_t j = 0; j < 50; j++) {
			host_wait(&queue, &cqe);
			assert_int_equal(cqe.cid, j);
		}
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_of_command_has_its_latency),
		TEST(a_constant_latency_keeps_the_order),
		TEST(jitter_completes_every_command_once_out_of_order),
		TEST(late_completions_wait_for_room),
		TEST(abort_finds_what_is_late),
		TEST(deleting_a_submission_queue_completes_what_is_late),
		TEST(a_reset_forgets_what_is_late),
		TEST(a_hook_sets_the_status_without_execution),
		TEST(a_hook_drops_a_command),
		TEST(a_hook_delays_a_command),
		TEST(a_hook_changes_the_cid),
		TEST(a_hook_completes_twice),
		TEST(a_hook_leaves_the_old_phase),
		TEST(hooks_see_admin_commands_too),
		TEST(hooks_may_change_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
