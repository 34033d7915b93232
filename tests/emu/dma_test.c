// SPDX-License-Identifier: BSD-2-Clause
/*
 * dma_test.c - DMA mappings on the software controller: data arrives where it was mapped, and nowhere
 * else; what is not mapped, or no more, is out of the controller's reach.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "backend/emu.h"
#include "emu.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_spec.h"

#define PAGE      ((size_t)4096)
#define PATTERN   0xa5
#define DMA_FAULT NVM_SC_DATA_TRANSFER_ERROR

/* A controller with its admin queue, and what Identify Controller says of it. */
struct target {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	unsigned char identity[4096];
};

static int identify(nvm_aq_ref aq, uint64_t ioaddr)
{
	return nvm_admin_identify(aq, NVM_CNS_CTRL, 0, 0, 0, NULL, ioaddr);
}

static void open_target(struct target *t, const struct nvm_ctrl_options *options)
{
	nvm_dma_t *dma;

	if (nvm_ctrl_open(&t->ctrl, "emu:?size=1M", options) != 0 ||
	    nvm_aq_open(&t->aq, t->ctrl) != 0)
		fail_msg("%s", nvm_errmsg());
	assert_int_equal(nvm_dma_create(&dma, t->ctrl, 4096), 0);
	assert_int_equal(identify(t->aq, dma->ioaddrs[0]), 0);
	memcpy(t->identity, dma->vaddr, sizeof(t->identity));
	assert_int_not_equal(t->identity[77], 0); /* version 1.x */
	nvm_dma_unmap(dma);
}

static void close_target(struct target *t)
{
	nvm_aq_destroy(t->aq);
	nvm_ctrl_free(t->ctrl);
}

static uint64_t dma_faults(const struct target *t)
{
	struct emu_stats stats;

	emu_get_stats(nvmi_emu_of(t->ctrl), &stats);
	return stats.dma_faults;
}

static void assert_out_of_reach(const struct target *t, uint64_t ioaddr)
{
	uint64_t before = dma_faults(t);

	assert_int_equal(NVM_ERR_UNPACK_SC(identify(t->aq, ioaddr)), DMA_FAULT);
	assert_true(dma_faults(t) > before);
}

static void assert_pattern(const unsigned char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		assert_int_equal(bytes[i], PATTERN);
}

/* Identify into one page of a mapping; all the rest of it stays as it was. */
static void identify_into(const struct target *t, const nvm_dma_t *dma, size_t page)
{
	size_t size = dma->page_size * dma->n_ioaddrs, at = page * dma->page_size;
	unsigned char *bytes = dma->vaddr;

	memset(bytes, PATTERN, size);
	assert_int_equal(identify(t->aq, dma->ioaddrs[page]), 0);
	assert_memory_equal(bytes + at, t->identity, sizeof(t->identity));
	assert_pattern(bytes, at);
	assert_pattern(bytes + at + 4096, size - at - 4096);
}

static void *host_memory(size_t size)
{
	void *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(m, MAP_FAILED);
	return m;
}

static void data_arrives_in_the_page_it_was_meant_for(void **state)
{
	char *m = host_memory(20 * PAGE);
	struct target t;
	nvm_dma_t *dma;
	size_t i;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, m + PAGE, 16 * PAGE), 0);
	memset(m, PATTERN, 20 * PAGE);
	for (i = 0; i < dma->n_ioaddrs; i++)
		identify_into(&t, dma, i);
	assert_pattern((unsigned char *)m, PAGE);
	assert_pattern((unsigned char *)m + 17 * PAGE, 3 * PAGE);
	assert_int_equal(dma_faults(&t), 0);
	nvm_dma_unmap(dma);
	close_target(&t);
	munmap(m, 20 * PAGE);
}

static void bus_addresses_are_no_pointers(void **state)
{
	struct target t;
	nvm_dma_t *dma;
	size_t i;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&dma, t.ctrl, 4 * PAGE), 0);
	for (i = 0; i < dma->n_ioaddrs; i++) {
		/* Neither a user's nor a kernel's address, on machines with 64-bit pointers. */
		assert_int_not_equal(dma->ioaddrs[i] >> 56, 0);
		assert_int_not_equal(dma->ioaddrs[i] >> 56, 0xff);
		assert_int_equal(dma->ioaddrs[i] % PAGE, 0);
	}
	memset(dma->vaddr, PATTERN, 4 * PAGE);
	assert_out_of_reach(&t, (uint64_t)(uintptr_t)dma->vaddr);
	assert_out_of_reach(&t, 0);
	assert_pattern(dma->vaddr, 4 * PAGE);
	nvm_dma_unmap(dma);
	close_target(&t);
}

static void neighbours_of_a_mapping_are_out_of_reach(void **state)
{
	struct target t;
	nvm_dma_t *a, *b;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&a, t.ctrl, 3 * PAGE), 0);
	assert_int_equal(nvm_dma_create(&b, t.ctrl, 3 * PAGE), 0);
	memset(a->vaddr, PATTERN, 3 * PAGE);
	memset(b->vaddr, PATTERN, 3 * PAGE);
	assert_out_of_reach(&t, a->ioaddrs[2] + PAGE);
	assert_out_of_reach(&t, b->ioaddrs[2] + PAGE);
	assert_out_of_reach(&t, (a->ioaddrs[0] < b->ioaddrs[0] ? a : b)->ioaddrs[0] - PAGE);
	assert_pattern(a->vaddr, 3 * PAGE);
	assert_pattern(b->vaddr, 3 * PAGE);
	nvm_dma_unmap(a);
	nvm_dma_unmap(b);
	close_target(&t);
}

static void unmapped_memory_is_out_of_reach(void **state)
{
	char *m = host_memory(4 * PAGE);
	struct target t;
	nvm_dma_t *dma, *other;
	uint64_t ioaddr;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&other, t.ctrl, PAGE), 0);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, m, 4 * PAGE), 0);
	identify_into(&t, dma, 3);
	ioaddr = dma->ioaddrs[3];
	nvm_dma_unmap(dma);
	memset(m, PATTERN, 4 * PAGE);
	assert_out_of_reach(&t, ioaddr);
	assert_pattern((unsigned char *)m, 4 * PAGE);
	identify_into(&t, other, 0);
	nvm_dma_unmap(other);
	close_target(&t);
	munmap(m, 4 * PAGE);
}

static void views_keep_the_memory_mapped(void **state)
{
	struct target t;
	nvm_dma_t *dma, *view, *inner;
	uint64_t ioaddr;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&dma, t.ctrl, 8 * PAGE), 0);
	assert_int_equal(nvm_dma_view(&view, dma, 2 * PAGE, 4 * PAGE), 0);
	assert_int_equal(nvm_dma_view(&inner, view, PAGE, 2 * PAGE), 0);
	nvm_dma_unmap(dma);
	identify_into(&t, view, 3);
	nvm_dma_unmap(view);
	identify_into(&t, inner, 1);
	ioaddr = inner->ioaddrs[1];
	nvm_dma_unmap(inner);
	assert_out_of_reach(&t, ioaddr);
	close_target(&t);
}

/* Pages of other mappings, put together by their addresses: what a discontiguous buffer looks like. */
static void pages_can_be_put_together(void **state)
{
	struct target t;
	nvm_dma_t *a, *b, *both;
	unsigned char *first, *second;
	uint64_t addrs[2];
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_OPC_IDENTIFY}};

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&a, t.ctrl, 2 * PAGE), 0);
	assert_int_equal(nvm_dma_create(&b, t.ctrl, 2 * PAGE), 0);
	addrs[0] = b->ioaddrs[1];
	addrs[1] = a->ioaddrs[0];
	assert_int_equal(nvm_dma_map(&both, t.ctrl, NULL, PAGE, 2, addrs), 0);
	assert_false(nvm_dma_contiguous(both, 0, 2 * PAGE));
	assert_true(nvm_dma_contiguous(a, 0, 2 * PAGE));

	/* 1 KiB at the end of the first page, 3 KiB at the start of the second. */
	cmd.dword[6] = (uint32_t)(both->ioaddrs[0] + 3072);
	cmd.dword[7] = (uint32_t)(both->ioaddrs[0] >> 32);
	cmd.dword[8] = (uint32_t)both->ioaddrs[1];
	cmd.dword[9] = (uint32_t)(both->ioaddrs[1] >> 32);
	cmd.dword[10] = NVM_CNS_CTRL;
	first = (unsigned char *)b->vaddr + PAGE;
	second = a->vaddr;
	memset(first, PATTERN, PAGE);
	memset(second, PATTERN, PAGE);
	assert_int_equal(nvm_aq_exec(t.aq, &cmd, NULL, 0), 0);
	assert_pattern(first, 3072);
	assert_memory_equal(first + 3072, t.identity, 1024);
	assert_memory_equal(second, t.identity + 1024, 3072);
	assert_pattern(second + 3072, 1024);
	nvm_dma_unmap(both);
	nvm_dma_unmap(a);
	nvm_dma_unmap(b);
	close_target(&t);
}

static void thousands_of_mappings_are_told_apart(void **state)
{
	enum {
		N = 3000
	};
	static nvm_dma_t *dma[N];
	char *m = host_memory(N * PAGE);
	struct target t;
	size_t i, round;

	(void)state;
	open_target(&t, NULL);
	/* Neighbours in memory, so that a wrong one is noticed. */
	for (i = 0; i < N; i++)
		assert_int_equal(nvm_dma_map_host(&dma[i], t.ctrl, m + i * PAGE, PAGE), 0);
	for (round = 0; round < 3; round++) {
		for (i = round; i < N; i += 5) {
			nvm_dma_unmap(dma[i]);
			assert_int_equal(nvm_dma_map_host(&dma[i], t.ctrl, m + i * PAGE, PAGE), 0);
		}
		memset(m, 0, N * PAGE);
		for (i = round; i < N; i += 7)
			assert_int_equal(identify(t.aq, dma[i]->ioaddrs[0]), 0);
		for (i = 0; i < N; i++) {
			if (i >= round && (i - round) % 7 == 0)
				assert_memory_equal(m + i * PAGE, t.identity, 4096);
			else
				assert_int_equal(m[i * PAGE + 77], 0);
		}
	}
	for (i = 0; i < N; i++)
		nvm_dma_unmap(dma[i]);
	assert_int_equal(dma_faults(&t), 0);
	close_target(&t);
	munmap(m, N * PAGE);
}

static void memory_that_is_not_there_is_refused(void **state)
{
	char *m = host_memory(4 * PAGE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct target t;
	nvm_dma_t *dma;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(mprotect(m, page, PROT_NONE), 0);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, m, page), EFAULT);
	assert_null(dma);
	assert_int_equal(mprotect(m, page, PROT_READ), 0);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, m, page), EFAULT);
	assert_int_equal(munmap(m, page), 0);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, m, page), EFAULT);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, m + 1, page), EINVAL);
	munmap(m, 4 * PAGE);
	close_target(&t);
}

static void large_controller_pages_work(void **state)
{
	const struct nvm_ctrl_options options = {sizeof(options), 0, 65536, 0};
	char *m = host_memory(5 * 65536), *start;
	struct target t;
	nvm_dma_t *dma;

	(void)state;
	start = m + (-(uintptr_t)m & 65535);
	open_target(&t, &options);
	assert_int_equal(t.ctrl->page_size, 65536);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, start + 4096, 65536), EINVAL);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, start, 4096), EINVAL);
	assert_int_equal(nvm_dma_map_host(&dma, t.ctrl, start, 4 * 65536), 0);
	assert_int_equal(dma->n_ioaddrs, 4);
	identify_into(&t, dma, 0);
	identify_into(&t, dma, 3);
	nvm_dma_unmap(dma);
	assert_int_equal(nvm_dma_create(&dma, t.ctrl, 1), 0);
	assert_int_equal(dma->n_ioaddrs, 1);
	identify_into(&t, dma, 0);
	nvm_dma_unmap(dma);
	close_target(&t);
	munmap(m, 5 * 65536);
}

static void mappings_outlive_the_handle_of_their_controller(void **state)
{
	struct target t;
	nvm_dma_t *dma;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&dma, t.ctrl, 2 * PAGE), 0);
	nvm_ctrl_free(t.ctrl);
	identify_into(&t, dma, 1);
	nvm_aq_destroy(t.aq);
	memset(dma->vaddr, 0, 2 * PAGE);
	nvm_dma_unmap(dma);
}

static void the_admin_queue_keeps_its_memory(void **state)
{
	nvm_ctrl_t *ctrl;
	nvm_dma_t *mem, *dma;
	nvm_aq_ref aq;
	int i;

	(void)state;
	assert_int_equal(nvm_ctrl_open(&ctrl, "emu:?size=1M", NULL), 0);
	assert_int_equal(nvm_dma_create(&mem, ctrl, 2 * ctrl->page_size), 0);
	assert_int_equal(nvm_aq_create(&aq, ctrl, mem), 0);
	nvm_dma_unmap(mem);
	assert_int_equal(nvm_dma_create(&dma, ctrl, PAGE), 0);
	for (i = 0; i < 200; i++)
		assert_int_equal(identify(aq, dma->ioaddrs[0]), 0);
	nvm_dma_unmap(dma);
	nvm_aq_destroy(aq);
	nvm_ctrl_free(ctrl);
}

static void mappings_stay_over_a_function_reset(void **state)
{
	struct target t;
	nvm_dma_t *dma;

	(void)state;
	open_target(&t, NULL);
	assert_int_equal(nvm_dma_create(&dma, t.ctrl, 4 * PAGE), 0);
	nvm_aq_destroy(t.aq);
	assert_int_equal(nvm_ctrl_function_reset(t.ctrl), 0);
	assert_int_equal(nvm_aq_open(&t.aq, t.ctrl), 0);
	identify_into(&t, dma, 2);
	nvm_dma_unmap(dma);
	close_target(&t);
}

#define N_THREADS 4

struct mapper {
	struct target *t;
	int failures;
};

static void *map_use_unmap(void *arg)
{
	struct mapper *w = arg;
	nvm_dma_t *dma;
	int i;

	for (i = 0; i < 200; i++) {
		if (nvm_dma_create(&dma, w->t->ctrl, (size_t)(1 + i % 5) * PAGE) != 0) {
			w->failures++;
			continue;
		}
		w->failures += identify(w->t->aq, dma->ioaddrs[dma->n_ioaddrs - 1]) != 0;
		w->failures += memcmp((char *)dma->vaddr + (dma->n_ioaddrs - 1) * dma->page_size,
				      w->t->identity, 4096) != 0;
		nvm_dma_unmap(dma);
	}
	return NULL;
}

static void any_thread_maps_and_unmaps(void **state)
{
	struct mapper w[N_THREADS];
	pthread_t thread[N_THREADS];
	struct target t;
	size_t i;

	(void)state;
	open_target(&t, NULL);
	for (i = 0; i < N_THREADS; i++) {
		w[i] = (struct mapper){&t, 0};
		assert_int_equal(pthread_create(&thread[i], NULL, map_use_unmap, &w[i]), 0);
	}
	for (i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(w[i].failures, 0);
	}
	assert_int_equal(dma_faults(&t), 0);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_arrives_in_the_page_it_was_meant_for),
		cmocka_unit_test(bus_addresses_are_no_pointers),
		cmocka_unit_test(neighbours_of_a_mapping_are_out_of_reach),
		cmocka_unit_test(unmapped_memory_is_out_of_reach),
		cmocka_unit_test(views_keep_the_memory_mapped),
		cmocka_unit_test(pages_can_be_put_together),
		cmocka_unit_test(thousands_of_mappings_are_told_apart),
		cmocka_unit_test(memory_that_is_not_there_is_refused),
		cmocka_unit_test(large_controller_pages_work),
		cmocka_unit_test(mappings_outlive_the_handle_of_their_controller),
		cmocka_unit_test(the_admin_queue_keeps_its_memory),
		cmocka_unit_test(mappings_stay_over_a_function_reset),
		cmocka_unit_test(any_thread_maps_and_unmaps),
	};

	return cmocka_run_group_tests_name("dma on the software controller", tests, NULL, NULL);
}
