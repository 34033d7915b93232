/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_rota_test.c - the software controller looks at idle queues less often than at busy ones, and
 * misses none.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "support/emu_host.h"

#define N_QUEUES 100

static struct host host;
static struct host_queue queues[N_QUEUES];

static void start(const char *spec)
{
	host_start(&host, spec);
	host_enable(&host);
	for (uint16_t i = 0; i < N_QUEUES; i++)
		host_queue_create(&host, &queues[i], (uint16_t)(i + 1), 8, 8);
}

static int stop(void **state)
{
	(void)state;
	host_destroy(&host);
	return 0;
}

static void run_one(struct host_queue *q)
{
	struct nvm_sqe sqe = host_flush(0);

	assert_int_equal(host_exec(q, &sqe), 0);
}

/* Busy queues and how many there are change all the time. */
static void a_command_is_found_in_every_queue(void **state)
{
	uint32_t random = 1;

	(void)state;
	start("null?poll=busy");
	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int n;

		random = random * 1664525u + 1013904223u;
		n = i % 64 ? 1 + (random >> 8) % 4 : N_QUEUES;
		for (unsigned int k = 0; k < n; k++) {
			struct host_queue *q = &queues[(random / 4096 + k * 37) % N_QUEUES];

			run_one(q);
		}
		/* Long enough for all of them to be found empty again. */
		if (i % 500 == 499)
			usleep(5000);
	}
}

static void commands_in_all_queues_at_once_are_found(void **state)
{
	struct nvm_cqe cqe = {0};

	(void)state;
	start("null?poll=busy");
	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int i = 0; i < N_QUEUES; i++) {
			for (uint16_t k = 0; k < 7; k++)
				host_submit(&queues[i], k);
			host_ring(&queues[i]);
		}
		for (unsigned int i = 0; i < N_QUEUES; i++) {
			for (uint16_t k = 0; k < 7; k++) {
				host_wait(&queues[i], &cqe);
				assert_int_equal(cqe.cid, k);
			}
		}
		if (round % 50 == 49)
			usleep(3000);
	}
}

static void a_sleeping_controller_finds_them_too(void **state)
{
	(void)state;
	start("null");
	for (unsigned int i = 0; i < 60; i++) {
		usleep(2000);
		run_one(&queues[i * 71 % N_QUEUES]);
	}
}

static _Atomic bool over;

static void *keep_busy(void *arg)
{
	while (!atomic_load(&over))
		host_run(arg, 100, 7);
	return NULL;
}

static void queues_come_and_go_beside_busy_ones(void **state)
{
	pthread_t threads[2];

	(void)state;
	start("null?threads=2");
	atomic_store(&over, false);
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, keep_busy, &queues[i]);
	for (unsigned int round = 0; round < 40; round++) {
		/* Busy just now, or idle for long; the first, the last or one between. */
		uint16_t id = (uint16_t)(3 + round * 61 % (N_QUEUES - 2));
		struct host_queue *q = &queues[id - 1];

		if (round % 2)
			run_one(q);
		assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, id), 0);
		assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, id), 0);
		run_one(&queues[2 + (id - 2u) % (N_QUEUES - 2)]);
		host_queue_create(&host, q, id, 8, 8);
		run_one(q);
	}
	atomic_store(&over, true);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < N_QUEUES; i++)
		run_one(&queues[i]);
	assert_int_equal(host_stats(&host).failed_commands, 0);
	assert_int_equal(host_stats(&host).bad_doorbells, 0);
}

static void the_last_queues_are_served_when_others_are_deleted(void **state)
{
	(void)state;
	start("null?poll=busy");
	for (uint16_t n = N_QUEUES; n; n--) {
		struct host_queue *q = &queues[n % 2 ? N_QUEUES - n / 2 - 1 : n / 2 - 1];

		/* All that are left are busy. */
		for (unsigned int i = 0; i < N_QUEUES; i++) {
			if (queues[i].id)
				run_one(&queues[i]);
		}
		assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, q->id), 0);
		assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, q->id), 0);
		q->id = 0;
	}
	assert_int_equal(host_stats(&host).io_commands, N_QUEUES * (N_QUEUES + 1) / 2);
}

static void a_flood_in_some_queues_does_not_starve_others(void **state)
{
	pthread_t threads[2];

	(void)state;
	start("null?poll=busy");
	atomic_store(&over, false);
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, keep_busy, &queues[i]);
	for (unsigned int i = 2; i < N_QUEUES; i++)
		run_one(&queues[i]);
	atomic_store(&over, true);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* The entries of a batch are written together, over the end of the ring too. */
static void completions_of_a_batch_arrive_in_order(void **state)
{
	static const uint32_t sizes[][2] = {{64, 64}, {64, 5}, {33, 7}, {100, 33}, {9, 64}};
	struct host_queue q;

	(void)state;
	host_start(&host, "null?size=1M");
	host_enable(&host);
	for (uint16_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct nvm_sqe sqe = {.opc = NVM_IO_OPC_READ, .nsid = 1};
		struct nvm_cqe cqe = {0};
		uint32_t most;

		host_queue_create(&host, &q, (uint16_t)(i + 1), sizes[i][0], sizes[i][1]);
		most = q.sq_n - 1;
		for (uint32_t n = 1, done = 0; n <= 300; n++) {
			uint32_t batch = n % most + 1;

			for (uint32_t k = 0; k < batch; k++) {
				/* Some of them fail. */
				sqe.cid = (uint16_t)(done + k);
				sqe.cdw10 = sqe.cid % 5 == 3 ? UINT32_MAX : 0;
				sqe.opc = sqe.cid % 7 == 5 ? NVM_IO_OPC_FLUSH : NVM_IO_OPC_READ;
				host_push(&q, &sqe);
			}
			host_ring(&q);
			for (uint32_t k = 0; k < batch; k++, done++) {
				uint16_t cid = (uint16_t)done;
				bool fails = cid % 5 == 3 && cid % 7 != 5;

				host_wait(&q, &cqe);
				assert_int_equal(cqe.cid, cid);
				assert_int_equal(NVM_CQE_STATUS(cqe.status),
						 fails ? NVM_SC_LBA_OUT_OF_RANGE : 0);
			}
			assert_int_equal(q.sq_head, q.sq_tail);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_command_is_found_in_every_queue, stop),
		cmocka_unit_test_teardown(commands_in_all_queues_at_once_are_found, stop),
		cmocka_unit_test_teardown(a_sleeping_controller_finds_them_too, stop),
		cmocka_unit_test_teardown(queues_come_and_go_beside_busy_ones, stop),
		cmocka_unit_test_teardown(the_last_queues_are_served_when_others_are_deleted, stop),
		cmocka_unit_test_teardown(a_flood_in_some_queues_does_not_starve_others, stop),
		cmocka_unit_test_teardown(completions_of_a_batch_arrive_in_order, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
