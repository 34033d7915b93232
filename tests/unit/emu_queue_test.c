/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's queues: rings of any size and shape, back-pressure, interrupts, and what happens to commands when queues go away.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "support/emu_host.h"

#define SHUFFLE(i, n) (((i)*7919u + 13u) % (n)) /* n not a multiple of 7919 */

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

static void rings_of_any_size_wrap(void **state)
{
	static const uint32_t sizes[][2] = {{2, 2},   {2, 9},    {3, 3},      {5, 7},
					    {64, 64}, {100, 33}, {4096, 1000}};
	struct host_queue q;

	(void)state;
	start("null");
	for (uint16_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		host_queue_create(&host, &q, (uint16_t)(i + 1), sizes[i][0], sizes[i][1]);
		host_run(&q, sizes[i][0] * 3 + 50, 1);
	}
}

static void one_doorbell_may_announce_a_whole_ring(void **state)
{
	struct host_queue q;

	(void)state;
	start("null");
	host_queue_create(&host, &q, 1, 200, 200);
	host_run(&q, 199 * 10, 199);
}

static void the_admin_queue_takes_unequal_sizes(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES, .cdw10 = NVM_FID_ARBITRATION};

	(void)state;
	host_start(&host, "null");
	host_enable_sized(&host, 2, 3, host_cc(0));
	for (int i = 0; i < 100; i++)
		assert_int_equal(host_exec(&host.admin, &sqe), 0);
	host_write32(&host, NVM_REG_CC, 0);
	host_enable_sized(&host, 4096, 2, host_cc(0));
	for (int i = 0; i < 5000; i++)
		assert_int_equal(host_exec(&host.admin, &sqe), 0);
}

static void a_full_completion_queue_stops_fetching(void **state)
{
	struct nvm_cqe cqe = {0};
	struct host_queue q;

	(void)state;
	start("null");
	host_queue_create(&host, &q, 1, 64, 4);
	for (uint16_t i = 0; i < 20; i++)
		host_submit(&q, i);
	host_ring(&q);
	for (uint16_t i = 0; i < 18; i += 3) {
		uint64_t end = host_now_ns() + HOST_WAIT_NS;

		/* three entries, and no fourth however long we wait */
		for (uint16_t j = 0; j < 3; j++) {
			while (!host_poll(&q, &cqe))
				assert_true(host_now_ns() < end);
			assert_int_equal(cqe.cid, i + j);
			/* only what is completed was fetched */
			assert_true(cqe.sqhd <= i + 3);
		}
		usleep(3000);
		assert_false(host_poll(&q, &cqe));
		host_ack(&q);
	}
	host_wait(&q, &cqe);
	assert_int_equal(cqe.cid, 18);
	host_wait(&q, &cqe);
	assert_int_equal(cqe.cid, 19);
}

static void several_submission_queues_share_a_completion_queue(void **state)
{
	struct host_queue sq[4];
	struct host_queue cq;
	struct nvm_cqe cqe;
	unsigned int seen[4] = {0};

	(void)state;
	start("null?threads=2");
	host_queue_init(&host, &cq, 2, 2, 64);
	assert_int_equal(host_create_cq(&host, 2, 64, cq.cq_io, 1), 0);
	for (uint16_t i = 0; i < 4; i++) {
		host_queue_init(&host, &sq[i], (uint16_t)(i + 1), 16, 2);
		assert_int_equal(host_create_sq(&host, sq[i].id, 16, sq[i].sq_io, 2, 1), 0);
		for (uint16_t j = 0; j < 10; j++)
			host_submit(&sq[i], j);
		host_ring(&sq[i]);
	}
	for (int i = 0; i < 40; i++) {
		memset(&cqe, 0, sizeof(cqe));
		host_wait(&cq, &cqe);
		assert_in_range(cqe.sqid, 1, 4);
		assert_int_equal(cqe.cid, seen[cqe.sqid - 1]++);
	}
}

/*
 * A ring whose pages are anywhere, and the PRP list that names them. Returns the entries in the
 * order of the ring by page[].
 */
static uint64_t scattered(uint32_t n_pages, uint8_t **page)
{
	uint32_t n_lists = n_pages <= 512 ? 1 : (n_pages - 1 + 510) / 511;
	uint64_t list_io;
	uint64_t ring_io;
	uint64_t *list = host_alloc(&host, n_lists * HOST_PAGE, &list_io);
	uint8_t *ring = host_alloc(&host, (size_t)n_pages * HOST_PAGE, &ring_io);
	uint32_t slot = 0;

	for (uint32_t i = 0; i < n_pages; i++) {
		uint32_t at = n_pages > 1 ? SHUFFLE(i, n_pages) : 0;

		/* the last slot of a list page links to the next, if more than one page is left */
		if (slot % 512 == 511 && n_pages - i > 1) {
			list[slot] = list_io + (slot / 512 + 1) * HOST_PAGE;
			slot++;
		}
		list[slot++] = ring_io + (uint64_t)at * HOST_PAGE;
		page[i] = ring + (size_t)at * HOST_PAGE;
	}
	return list_io;
}

/* Wait for completion i of a scattered ring. */
static void scattered_completion(uint8_t **page, uint32_t n, uint32_t i)
{
	uint32_t at = i % n;
	struct nvm_cqe *cqe = (struct nvm_cqe *)(void *)(page[at / 256] + at % 256 * 16);
	uint64_t end = host_now_ns() + HOST_WAIT_NS;

	while ((__atomic_load_n(&cqe->dword[3], __ATOMIC_ACQUIRE) >> 16 & 1) == (i / n & 1)) {
		assert_true(host_now_ns() < end);
		sched_yield();
	}
	assert_int_equal(cqe->cid, (uint16_t)i);
	assert_int_equal(cqe->dword[3] >> 17, 0);
}

static void scattered_rings(uint32_t sq_pages, uint32_t cq_pages, uint32_t commands)
{
	uint32_t sq_n = sq_pages * HOST_PAGE / 64;
	uint32_t cq_n = cq_pages * HOST_PAGE / 16;
	uint8_t **sq_page = calloc(sq_pages, sizeof(*sq_page));
	uint8_t **cq_page = calloc(cq_pages, sizeof(*cq_page));
	uint64_t sq_list = scattered(sq_pages, sq_page);
	uint64_t cq_list = scattered(cq_pages, cq_page);
	struct host_queue q;

	host_queue_init(&host, &q, 1, 2, 2);
	assert_int_equal(host_create_cq(&host, 1, cq_n, cq_list, 0), 0);
	assert_int_equal(host_create_sq(&host, 1, sq_n, sq_list, 1, 0), 0);
	for (uint32_t i = 0; i < commands; i += 50) {
		uint32_t batch = commands - i < 50 ? commands - i : 50;

		for (uint32_t j = i; j < i + batch; j++) {
			struct nvm_sqe sqe = host_flush((uint16_t)j);
			uint32_t at = j % sq_n;

			memcpy(sq_page[at / 64] + at % 64 * 64, &sqe, sizeof(sqe));
		}
		__atomic_store_n(q.sq_db, (i + batch) % sq_n, __ATOMIC_RELEASE);
		for (uint32_t j = i; j < i + batch; j++)
			scattered_completion(cq_page, cq_n, j);
		__atomic_store_n(q.cq_db, (i + batch) % cq_n, __ATOMIC_RELEASE);
	}
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 1), 0);
	assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 1), 0);
	free(sq_page);
	free(cq_page);
}

static void rings_may_be_scattered_over_pages(void **state)
{
	(void)state;
	start("null");
	scattered_rings(1, 1, 600);
	scattered_rings(3, 2, 1100);
}

static void the_longest_rings_have_chained_prp_lists(void **state)
{
	(void)state;
	start("null?depth=65536");
	/* 511, 512 and 513 pages: before, at and after the first link; 1024 pages: 65536 entries */
	scattered_rings(511, 1, 700);
	scattered_rings(512, 1, 32768 + 10);
	scattered_rings(513, 1, 32832 + 10);
	scattered_rings(1024, 256, 65536 + 10);
}

static void a_prp_list_with_an_offset_is_refused(void **state)
{
	uint64_t list_io;
	uint64_t *list;

	(void)state;
	start("null");
	list = host_alloc(&host, 2 * HOST_PAGE, &list_io);
	list[0] = HOST_IO_BASE + 0x100000;
	list[1] = HOST_IO_BASE + 0x101004;
	assert_int_equal(host_create_cq(&host, 1, 512, list_io, 0), NVM_SC_PRP_OFFSET_INVALID);
	assert_int_equal(host_create_cq(&host, 1, 512, list_io + 8, 0), NVM_SC_PRP_OFFSET_INVALID);
	list[1] = 0x1000;
	assert_int_equal(host_create_cq(&host, 1, 512, list_io, 0), NVM_SC_DATA_TRANSFER_ERROR);
	assert_true(host_stats(&host).dma_faults > 0);
}

static void interrupts_announce_entries_of_queues_that_want_them(void **state)
{
	struct host_queue q[2];
	int fd[3];
	uint64_t n;

	(void)state;
	start("null");
	for (unsigned int i = 0; i < 3; i++) {
		fd[i] = eventfd(0, EFD_NONBLOCK);
		assert_int_equal(emu_set_irq(host.emu, i, fd[i]), 0);
	}
	for (uint16_t i = 0; i < 2; i++) {
		host_queue_init(&host, &q[i], (uint16_t)(i + 1), 16, 16);
		assert_int_equal(host_create_cq(&host, q[i].id, 16, q[i].cq_io,
						1 | NVM_FIELD(CQCREATE_IEN, i == 0) |
							NVM_FIELD(CQCREATE_IV, i + 1)),
				 0);
		assert_int_equal(host_create_sq(&host, q[i].id, 16, q[i].sq_io, q[i].id, 1), 0);
		host_run(&q[i], 5, 1);
	}
	usleep(2000);
	assert_int_equal(read(fd[0], &n, sizeof(n)), sizeof(n)); /* admin queue */
	assert_int_equal(read(fd[1], &n, sizeof(n)), sizeof(n));
	assert_in_range(n, 1, 5);
	assert_int_equal(read(fd[2], &n, sizeof(n)), -1);
	/* switched off: the descriptor may be closed at once */
	assert_int_equal(emu_set_irq(host.emu, 1, -1), 0);
	close(fd[1]);
	host_run(&q[0], 5, 1);
	assert_int_equal(emu_set_irq(host.emu, emu_n_irqs(host.emu), -1), EINVAL);
	emu_set_irq(host.emu, 0, -1);
	emu_set_irq(host.emu, 2, -1);
	close(fd[0]);
	close(fd[2]);
}

static void unmapped_queue_memory_is_fatal(void **state)
{
	struct host_queue q;

	(void)state;
	start("null");
	host_queue_create(&host, &q, 1, 16, 16);
	host_run(&q, 20, 4);
	assert_int_equal(emu_dma_unmap(host.emu, HOST_IO_BASE, HOST_MEM), 0);
	host_submit(&q, 1);
	host_ring(&q);
	assert_true(host_wait_csts(&host, NVM_FIELD_BITS(CSTS_CFS), NVM_FIELD_BITS(CSTS_CFS)));
	assert_true(host_stats(&host).dma_faults > 0);
	/* and a reset cures it */
	assert_int_equal(emu_dma_map(host.emu, HOST_IO_BASE, host.mem, HOST_MEM, true), 0);
	host_write32(&host, NVM_REG_CC, 0);
	host_enable(&host);
	host_queue_create(&host, &q, 1, 16, 16);
	host_run(&q, 20, 4);
}

static void after_deletion_or_reset_queue_memory_is_the_hosts(void **state)
{
	struct host_queue q;

	(void)state;
	start("null?threads=2");
	for (int i = 0; i < 40; i++) {
		void *mem = mmap(NULL, 2 * HOST_PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		uint64_t io = 0x10000;

		assert_ptr_not_equal(mem, MAP_FAILED);
		assert_int_equal(emu_dma_map(host.emu, io, mem, 2 * HOST_PAGE, true), 0);
		host_queue_init(&host, &q, 2, 64, 64);
		assert_int_equal(host_create_cq(&host, 2, 64, io, 1), 0);
		assert_int_equal(host_create_sq(&host, 2, 64, io + HOST_PAGE, 2, 1), 0);
		q.sq = (struct nvm_sqe *)(void *)((uint8_t *)mem + HOST_PAGE);
		for (uint16_t j = 0; j < 63; j++)
			host_submit(&q, j);
		host_ring(&q);
		if (i % 3 == 0) {
			host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 2);
			host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 2);
		} else if (i % 3 == 1) {
			host_write32(&host, NVM_REG_CC, 0);
		} else {
			emu_function_reset(host.emu);
		}
		/* whoever touches it now faults */
		munmap(mem, 2 * HOST_PAGE);
		if (i % 3) {
			host.used = 0;
			host_enable(&host);
		}
		assert_int_equal(emu_dma_unmap(host.emu, io, 2 * HOST_PAGE), 0);
	}
	assert_int_equal(host_stats(&host).dma_faults, 0);
}

static void a_queue_identifier_can_be_used_again(void **state)
{
	struct host_queue q;

	(void)state;
	start("null?queues=2");
	for (int i = 0; i < 100; i++) {
		host.used = 1 << 20;
		host_queue_create(&host, &q, 2, 7, 5);
		host_run(&q, 13, 2);
		assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_SQ, 2), 0);
		assert_int_equal(host_delete(&host, NVM_ADMIN_OPC_DELETE_CQ, 2), 0);
	}
	assert_int_equal(host_stats(&host).bad_doorbells, 0);
}

/* Several controller threads, several host threads */

struct worker {
	struct host_queue q;
	uint64_t io;
	uint8_t *data;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	for (uint32_t i = 0; i < 1000; i++) {
		struct nvm_sqe sqe = {.opc = i & 1 ? NVM_IO_OPC_READ : NVM_IO_OPC_WRITE, .nsid = 1};

		sqe.prp1 = w->io + (i & 1) * 512;
		sqe.cdw10 = w->q.id;
		memset(w->data, (int)i, 512);
		if (host_exec(&w->q, &sqe))
			return "command failed";
		if ((i & 1) && w->data[512] != (uint8_t)(i - 1))
			return "wrong data";
	}
	return NULL;
}

static void threads_work_side_by_side(void **state)
{
	struct worker workers[4];
	pthread_t threads[4];
	void *result;

	(void)state;
	start("?threads=3&size=1M");
	for (uint16_t i = 0; i < 4; i++) {
		host_queue_create(&host, &workers[i].q, (uint16_t)(i + 1), 8, 8);
		workers[i].data = host_alloc(&host, HOST_PAGE, &workers[i].io);
	}
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, work, &workers[i]);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		if (result)
			fail_msg("%s", (char *)result);
	}
	assert_int_equal(host_stats(&host).io_commands, 4000);
	assert_int_equal(host_stats(&host).read_blocks, 2000);
	assert_int_equal(host_stats(&host).written_blocks, 2000);
	assert_int_equal(host_stats(&host).failed_commands, 0);
}

/* Everything a host may do at any time from any thread, while commands run and queues come and go */

static bool no_more;

static void *read_registers(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&no_more, __ATOMIC_RELAXED)) {
		emu_reg_read(host.emu, NVM_REG_CSTS, 4);
		emu_reg_read(host.emu, NVM_REG_CAP, 8);
		emu_kick(host.emu);
		host_stats(&host);
		usleep(50);
	}
	return NULL;
}

static void *map_and_unmap(void *arg)
{
	static uint8_t memory[HOST_PAGE];

	(void)arg;
	while (!__atomic_load_n(&no_more, __ATOMIC_RELAXED)) {
		emu_dma_map(host.emu, 0x5000, memory, sizeof(memory), true);
		emu_dma_unmap(host.emu, 0x5000, sizeof(memory));
		usleep(50);
	}
	return NULL;
}

static void *change_interrupts(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&no_more, __ATOMIC_RELAXED)) {
		int fd = eventfd(0, EFD_NONBLOCK);

		emu_set_irq(host.emu, 0, fd);
		usleep(50);
		emu_set_irq(host.emu, 0, -1);
		close(fd);
	}
	return NULL;
}

static void hosts_threads_do_not_disturb_one_another(void **state)
{
	void *(*const others[])(void *) = {read_registers, map_and_unmap, change_interrupts};
	pthread_t threads[3];
	struct host_queue q[3];

	(void)state;
	start("null?threads=2");
	no_more = false;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, others[i], NULL);
	for (int i = 0; i < 60; i++) {
		for (uint16_t j = 0; j < 3; j++)
			host_queue_create(&host, &q[j], (uint16_t)(j + 1), 8, 8);
		for (uint16_t j = 0; j < 3; j++)
			host_run(&q[j], 50, 4);
		host_submit(&q[1], 1);
		host_ring(&q[1]);
		if (i & 1)
			emu_function_reset(host.emu);
		else
			host_write32(&host, NVM_REG_CC, 0);
		host.used = 0;
		host_enable(&host);
	}
	__atomic_store_n(&no_more, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(host_stats(&host).dma_faults, 0);
	assert_int_equal(host_stats(&host).bad_doorbells, 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rings_of_any_size_wrap),
		TEST(one_doorbell_may_announce_a_whole_ring),
		TEST(the_admin_queue_takes_unequal_sizes),
		TEST(a_full_completion_queue_stops_fetching),
		TEST(several_submission_queues_share_a_completion_queue),
		TEST(rings_may_be_scattered_over_pages),
		TEST(the_longest_rings_have_chained_prp_lists),
		TEST(a_prp_list_with_an_offset_is_refused),
		TEST(interrupts_announce_entries_of_queues_that_want_them),
		TEST(unmapped_queue_memory_is_fatal),
		TEST(after_deletion_or_reset_queue_memory_is_the_hosts),
		TEST(a_queue_identifier_can_be_used_again),
		TEST(threads_work_side_by_side),
		TEST(hosts_threads_do_not_disturb_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
