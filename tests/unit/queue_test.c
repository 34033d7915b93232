/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue_test.c - rings of any depth: nvm_queue.h against a device in the same thread, and against one
 * in another (for ThreadSanitizer).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nvm_cmd.h"
#include "nvm_queue.h"

/* A queue pair and the device's view of it. */
struct pair {
	nvm_ctrl_t ctrl;
	uint32_t bar[0x1000];
	nvm_queue_t sq, cq;
	uint32_t depth;
	uint32_t sq_head, cq_tail;
	uint16_t phase;
	uint64_t completed;
};

static struct pair *pair_new(uint32_t depth)
{
	struct pair *p = aligned_alloc(64, (sizeof(*p) + 63) / 64 * 64);

	assert_non_null(p);
	memset(p, 0, sizeof(*p));
	p->ctrl.page_size = 4096;
	p->ctrl.max_entries = 65536;
	p->ctrl.mm_ptr = p->bar;
	p->ctrl.mm_size = sizeof(p->bar);
	p->depth = depth;
	p->phase = 1;
	nvm_queue_init(&p->sq, &p->ctrl, false, 1, depth, aligned_alloc(4096, (size_t)65536 * 64),
		       0);
	nvm_queue_init(&p->cq, &p->ctrl, true, 1, depth, aligned_alloc(4096, (size_t)65536 * 16),
		       0);
	assert_non_null(p->sq.vaddr);
	assert_non_null(p->cq.vaddr);
	memset((void *)(uintptr_t)p->sq.vaddr, 0xee, (size_t)65536 * 64);
	memset((void *)(uintptr_t)p->cq.vaddr, 0, (size_t)65536 * 16);
	return p;
}

static void pair_free(struct pair *p)
{
	free((void *)(uintptr_t)p->sq.vaddr);
	free((void *)(uintptr_t)p->cq.vaddr);
	free(p);
}

/* The device: complete what the doorbells allow, echoing CDW10 in DW0. Returns commands done. */
static unsigned int device(struct pair *p)
{
	uint32_t tail = __atomic_load_n(p->sq.db, __ATOMIC_ACQUIRE);
	uint32_t head = __atomic_load_n(p->cq.db, __ATOMIC_ACQUIRE);
	const nvm_cmd_t *commands = (const nvm_cmd_t *)(uintptr_t)p->sq.vaddr;
	nvm_cpl_t *completions = (nvm_cpl_t *)(uintptr_t)p->cq.vaddr;
	unsigned int n = 0;

	if (tail >= p->depth || head >= p->depth)
		return 0;
	while (p->sq_head != tail && (p->cq_tail + 1) % p->depth != head) {
		const nvm_cmd_t *cmd = &commands[p->sq_head];
		nvm_cpl_t *cpl = &completions[p->cq_tail];

		p->sq_head = (p->sq_head + 1) % p->depth;
		cpl->dword[0] = cmd->dword[10];
		cpl->dword[1] = 0;
		cpl->dword[2] = p->sq_head | 1U << 16;
		__atomic_store_n(&cpl->dword[3], cmd->dword[0] >> 16 | (uint32_t)p->phase << 16,
				 __ATOMIC_RELEASE);
		if (++p->cq_tail == p->depth) {
			p->cq_tail = 0;
			p->phase ^= 1;
		}
		++n;
	}
	return n;
}

static unsigned int fill(struct pair *p, uint32_t *next)
{
	nvm_cmd_t *cmd;
	unsigned int n = 0;

	while ((cmd = nvm_sq_enqueue(&p->sq)) != NULL) {
		for (int i = 0; i < 16; ++i)
			assert_int_equal(cmd->dword[i], 0); /* slots come cleared */
		nvm_cmd_header(cmd, (uint16_t)(*next & 0xffff), NVM_IO_READ, 1);
		cmd->dword[10] = (*next)++;
		memset(&cmd->dword[13], 0xee, 12); /* something to be found stale */
		++n;
	}
	return n;
}

static unsigned int drain(struct pair *p, uint32_t *expected)
{
	nvm_cpl_t *cpl;
	unsigned int n = 0;

	while ((cpl = nvm_cq_dequeue(&p->cq)) != NULL) {
		assert_int_equal(cpl->dword[0], *expected);
		assert_int_equal(*NVM_CPL_CID(cpl), *expected & 0xffff);
		++*expected;
		nvm_sq_update(&p->sq);
		++n;
	}
	nvm_cq_update(&p->cq);
	return n;
}

static void every_depth_carries_three_laps(void **state)
{
	static const uint32_t depths[] = {2,   3,   5,    7,    63,   64,    100,  255,
					  256, 257, 1000, 1023, 4095, 65535, 65536};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); ++i) {
		struct pair *p = pair_new(depths[i]);
		uint32_t next = 0, expected = 0;

		while (expected < 3 * depths[i] + 5) {
			/* A full ring holds one entry less than its size, whatever the offset. */
			assert_int_equal(fill(p, &next), depths[i] - 1);
			assert_null(nvm_sq_enqueue(&p->sq));
			nvm_sq_submit(&p->sq);
			assert_int_equal(device(p), depths[i] - 1);
			assert_int_equal(drain(p, &expected), depths[i] - 1);
			assert_null(nvm_cq_poll(&p->cq));
		}
		pair_free(p);
	}
}

static void submit_rings_once_for_many_and_never_for_none(void **state)
{
	struct pair *p = pair_new(8);

	(void)state;
	*p->sq.db = 0xffff;
	*p->cq.db = 0xffff;
	nvm_sq_submit(&p->sq);
	nvm_cq_update(&p->cq);
	assert_int_equal(*p->sq.db, 0xffff);
	assert_int_equal(*p->cq.db, 0xffff);
	for (int i = 0; i < 3; ++i)
		assert_non_null(nvm_sq_enqueue(&p->sq));
	assert_int_equal(*p->sq.db, 0xffff);
	nvm_sq_submit(&p->sq);
	assert_int_equal(*p->sq.db, 3);
	pair_free(p);
}

static void doorbells_outside_the_bar_are_refused(void **state)
{
	struct pair *p = pair_new(8);

	(void)state;
	p->ctrl.mm_size = 0x2000;
	assert_non_null(nvm_queue_doorbell(&p->ctrl, 511, true));
	assert_null(nvm_queue_doorbell(&p->ctrl, 512, false));
	assert_ptr_equal(nvm_queue_doorbell(&p->ctrl, 511, true), (char *)p->bar + 0x1ffc);
	p->ctrl.dstrd = 4;
	assert_ptr_equal(nvm_queue_doorbell(&p->ctrl, 1, false), (char *)p->bar + 0x1000 + 2 * 64);
	assert_null(nvm_queue_doorbell(&p->ctrl, 32, false));
	nvm_queue_clear(&p->sq, &p->ctrl, false, 32, p->sq.vaddr, 0);
	assert_null(p->sq.db);
	/* A queue without doorbell is not a crash. */
	assert_non_null(nvm_sq_enqueue(&p->sq));
	nvm_sq_submit(&p->sq);
	pair_free(p);
}

static void a_page_is_as_many_entries_as_fit(void **state)
{
	struct pair *p = pair_new(8);

	(void)state;
	nvm_queue_clear(&p->sq, &p->ctrl, false, 1, p->sq.vaddr, 0);
	nvm_queue_clear(&p->cq, &p->ctrl, true, 1, p->cq.vaddr, 0);
	assert_int_equal(p->sq.max_entries, 64);
	assert_int_equal(p->cq.max_entries, 256);
	p->ctrl.max_entries = 16;
	nvm_queue_clear(&p->cq, &p->ctrl, true, 1, p->cq.vaddr, 0);
	assert_int_equal(p->cq.max_entries, 16);
	pair_free(p);
}

static void default_cids_differ_while_in_flight(void **state)
{
	struct pair *p = pair_new(37);
	uint8_t *seen = calloc(1, 65536);

	(void)state;
	assert_non_null(seen);
	for (int lap = 0; lap < 37 * 4; ++lap) {
		uint16_t cid = NVM_DEFAULT_CID(&p->sq);

		/* The last ring-full of CIDs are all different. */
		assert_true(seen[cid] == 0 || lap - seen[cid] >= 36);
		seen[cid] = (uint8_t)lap;
		assert_non_null(nvm_sq_enqueue(&p->sq));
		nvm_sq_update(&p->sq);
	}
	free(seen);
	pair_free(p);
}

#define THREAD_COMMANDS 200000

static void *device_thread(void *arg)
{
	struct pair *p = (struct pair *)arg;

	while (p->completed < THREAD_COMMANDS) {
		unsigned int n = device(p);

		p->completed += n;
		if (n == 0)
			sched_yield();
	}
	return NULL;
}

static void a_device_on_another_core_sees_whole_commands(void **state)
{
	struct pair *p = pair_new(61);
	uint32_t next = 0, expected = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, device_thread, p), 0);
	while (expected < THREAD_COMMANDS) {
		nvm_cmd_t *cmd;

		while (next < THREAD_COMMANDS && (cmd = nvm_sq_enqueue(&p->sq)) != NULL) {
			nvm_cmd_header(cmd, (uint16_t)(next & 0xffff), NVM_IO_READ, 1);
			cmd->dword[10] = next++;
		}
		nvm_sq_submit(&p->sq);
		if (drain(p, &expected) == 0)
			sched_yield();
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	pair_free(p);
}

static void waiting_gives_up_in_time_and_finds_what_comes(void **state)
{
	struct pair *p = pair_new(4);
	uint32_t next = 0;

	(void)state;
	assert_null(nvm_cq_dequeue_block(&p->cq, 5));
	fill(p, &next);
	nvm_sq_submit(&p->sq);
	assert_int_equal(device(p), 3);
	for (uint32_t i = 0; i < 3; ++i) {
		nvm_cpl_t *cpl = nvm_cq_dequeue_block(&p->cq, 1000);

		assert_non_null(cpl);
		assert_int_equal(cpl->dword[0], i);
	}
	assert_null(nvm_cq_dequeue_block(&p->cq, 0));
	pair_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_depth_carries_three_laps),
		cmocka_unit_test(submit_rings_once_for_many_and_never_for_none),
		cmocka_unit_test(doorbells_outside_the_bar_are_refused),
		cmocka_unit_test(a_page_is_as_many_entries_as_fit),
		cmocka_unit_test(default_cids_differ_while_in_flight),
		cmocka_unit_test(a_device_on_another_core_sees_whole_commands),
		cmocka_unit_test(waiting_gives_up_in_time_and_finds_what_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
