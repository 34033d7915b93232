/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's doorbells: values no host may write, strides, and shadows in memory.
 */
#include "support/emu_host.h"

static struct host host;

static void start(const char *spec)
{
	host_start(&host, spec);
	host_enable(&host);
}

static int stop(void **state)
{
	(void)state;
	host_destroy(&host);
	return 0;
}

/* Wait until the controller has looked at the doorbells n times wrongly. */
static void wait_bad_doorbells(uint64_t n)
{
	uint64_t end = host_now_ns() + HOST_WAIT_NS;

	while (host_stats(&host).bad_doorbells < n)
		assert_true(host_now_ns() < end);
	usleep(5000);
	assert_int_equal(host_stats(&host).bad_doorbells, n);
}

static void store(uint32_t *doorbell, uint32_t value)
{
	__atomic_store_n(doorbell, value, __ATOMIC_RELEASE);
}

static void expect_event(uint32_t info)
{
	struct nvm_cqe cqe = {0};

	host_wait(&host.admin, &cqe);
	assert_int_equal(NVM_CQE_STATUS(cqe.status), 0);
	assert_int_equal(NVM_AER_TYPE(cqe.dw0), NVM_AER_TYPE_ERROR);
	assert_int_equal(NVM_AER_INFO(cqe.dw0), info);
	assert_int_equal(NVM_AER_LID(cqe.dw0), NVM_LID_ERROR);
}

static void request_event(void)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST, .cid = 0x777};

	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
}

static void read_error_log(unsigned int status)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_LOG_PAGE};
	uint64_t io;
	struct nvm_log_error_entry *entry = host_alloc(&host, HOST_PAGE, &io);

	sqe.prp1 = io;
	sqe.cdw10 = NVM_LID_ERROR | NVM_FIELD(LOG_NUMDL, 15);
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
	/* not a command's */
	assert_int_equal(entry->sqid, 0xffff);
	assert_int_equal(entry->cid, 0xffff);
	assert_int_equal(NVM_CQE_STATUS(entry->status), status);
	assert_true(entry->error_count > 0);
}

static void illegal_doorbell_values_are_ignored_counted_and_reported(void **state)
{
	struct host_queue q;

	(void)state;
	start("null");
	host_queue_create(&host, &q, 1, 16, 16);
	request_event();
	/* beyond the ring */
	store(q.sq_db, 16);
	wait_bad_doorbells(1);
	expect_event(NVM_AER_INFO_ERROR_INVALID_DB_VALUE);
	store(q.sq_db, 0xffffffff);
	wait_bad_doorbells(2);
	store(q.cq_db, 16);
	wait_bad_doorbells(3);
	/* entries taken that were never there */
	store(q.cq_db, 1);
	wait_bad_doorbells(4);
	/* the event is not repeated until the log page is read */
	request_event();
	usleep(5000);
	struct nvm_cqe cqe;

	assert_false(host_poll(&host.admin, &cqe));
	/* reading it lets the next one through, which happened meanwhile */
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_LOG_PAGE};
	uint64_t io;

	host_alloc(&host, HOST_PAGE, &io);
	sqe.prp1 = io;
	sqe.cdw10 = NVM_LID_ERROR | NVM_FIELD(LOG_NUMDL, 15);
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(NVM_CQE_STATUS(cqe.status), 0);
	expect_event(NVM_AER_INFO_ERROR_INVALID_DB_VALUE);
	/* legal values still work */
	store(q.sq_db, 0);
	store(q.cq_db, 0);
	usleep(5000);
	host_run(&q, 40, 1);
	assert_int_equal(host_stats(&host).bad_doorbells, 4);
	read_error_log(NVM_SC_INVALID_FIELD);
}

static void more_commands_than_free_entries_are_illegal(void **state)
{
	struct host_queue q;
	struct nvm_cqe cqe;

	(void)state;
	start("null");
	host_queue_create(&host, &q, 1, 8, 2);
	/* With a completion queue of one usable entry one command is fetched, six are not. */
	for (uint16_t i = 0; i < 7; i++)
		host_submit(&q, i);
	host_ring(&q);
	while (!host_poll(&q, &cqe))
		usleep(10);
	assert_int_equal(cqe.sqhd, 1);
	usleep(5000);
	/* One more fits: tail 0 and head 1. Tail 2 would be two rounds ahead. */
	store(q.sq_db, 2);
	wait_bad_doorbells(1);
}

static void doorbells_of_missing_queues_are_reported(void **state)
{
	uint32_t *db = NULL;

	(void)state;
	start("null?queues=4");
	request_event();
	db = (uint32_t *)(void *)(host.bar + NVM_REG_SQTDBL(1, 0));
	store(db, 3);
	wait_bad_doorbells(1);
	expect_event(NVM_AER_INFO_ERROR_INVALID_DB_REGISTER);
	db = (uint32_t *)(void *)(host.bar + NVM_REG_CQHDBL(4, 0));
	store(db, 1);
	wait_bad_doorbells(2);
}

static void doorbells_are_strided(void **state)
{
	struct host_queue q;

	(void)state;
	start("null?dstrd=5&queues=8");
	host_queue_create(&host, &q, 8, 16, 16);
	host_run(&q, 100, 3);
}

/* Shadow doorbells */

static void shadow_doorbells_take_the_place_of_registers(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG};
	struct host_queue q[2];
	uint64_t shadow_io;
	uint64_t event_io;
	uint8_t *shadow;
	uint8_t *event;

	(void)state;
	start("null");
	host_queue_create(&host, &q[0], 1, 16, 16);
	host_run(&q[0], 21, 2);
	shadow = host_alloc(&host, HOST_PAGE, &shadow_io);
	event = host_alloc(&host, HOST_PAGE, &event_io);
	sqe.prp1 = shadow_io + 8;
	sqe.prp2 = event_io;
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_FIELD);
	sqe.prp1 = shadow_io;
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
	host_queue_create(&host, &q[1], 2, 16, 16);
	for (int i = 0; i < 2; i++) {
		uint32_t *event_idx = (uint32_t *)(void *)(event + q[i].id * 8);

		q[i].sq_db = (uint32_t *)(void *)(shadow + q[i].id * 8);
		q[i].cq_db = (uint32_t *)(void *)(shadow + q[i].id * 8 + 4);
		host_run(&q[i], 50, 3);
		/* all seen: the register is asked for with the next command */
		usleep(5000);
		assert_int_equal(__atomic_load_n(event_idx, __ATOMIC_ACQUIRE), q[i].sq_tail);
	}
	/* the admin queue keeps its registers; a reset ends it */
	host_write32(&host, NVM_REG_CC, 0);
	host_enable(&host);
	host_queue_create(&host, &q[0], 1, 16, 16);
	host_run(&q[0], 21, 2);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(illegal_doorbell_values_are_ignored_counted_and_reported),
		TEST(more_commands_than_free_entries_are_illegal),
		TEST(doorbells_of_missing_queues_are_reported),
		TEST(doorbells_are_strided),
		TEST(shadow_doorbells_take_the_place_of_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
