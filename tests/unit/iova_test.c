// SPDX-License-Identifier: BSD-2-Clause
/*
 * iova_test.c - the allocator of I/O virtual addresses, against a bitmap that does the same slowly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memory/iova.h"

#define PAGE 4096ULL

static struct nvmi_iova *new_window(uint64_t first, uint64_t last)
{
	const struct nvmi_iova_range window = {first, last};
	struct nvmi_iova *iova;

	assert_int_equal(nvmi_iova_new(&iova, &window, 1), 0);
	return iova;
}

static uint64_t alloc(struct nvmi_iova *iova, uint64_t size, uint64_t align)
{
	uint64_t addr = 0;

	assert_int_equal(nvmi_iova_alloc(iova, size, align, &addr), 0);
	assert_int_equal(addr % align, 0);
	return addr;
}

static uint32_t random_u32(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 32);
}

/* --- the reference: one byte per page, true if it is taken */

#define MODEL_PAGES 1000
#define MODEL_FIRST (7 * PAGE)

struct model {
	bool taken[MODEL_PAGES];
	uint64_t addr[MODEL_PAGES]; /* ranges handed out */
	uint64_t size[MODEL_PAGES];
	size_t n;
};

static bool model_is_free(const struct model *m, uint64_t addr, uint64_t size)
{
	uint64_t i;

	for (i = 0; i < size / PAGE; i++) {
		if (m->taken[(addr - MODEL_FIRST) / PAGE + i])
			return false;
	}
	return true;
}

static bool model_has_room(const struct model *m, uint64_t size, uint64_t align)
{
	const uint64_t end = MODEL_FIRST + MODEL_PAGES * PAGE;
	uint64_t addr = (MODEL_FIRST + align - 1) / align * align;

	for (; addr + size <= end; addr += align) {
		if (model_is_free(m, addr, size))
			return true;
	}
	return false;
}

static void model_mark(struct model *m, uint64_t addr, uint64_t size, bool taken)
{
	memset(m->taken + (addr - MODEL_FIRST) / PAGE, taken, size / PAGE);
}

static void model_alloc(struct model *m, struct nvmi_iova *iova, uint64_t size, uint64_t align)
{
	uint64_t addr = 0;
	int err = nvmi_iova_alloc(iova, size, align, &addr);

	if (err == ENOSPC) {
		assert_false(model_has_room(m, size, align));
		return;
	}
	assert_int_equal(err, 0);
	assert_int_equal(addr % align, 0);
	assert_true(addr >= MODEL_FIRST && addr + size <= MODEL_FIRST + MODEL_PAGES * PAGE);
	assert_true(model_is_free(m, addr, size));
	model_mark(m, addr, size, true);
	m->addr[m->n] = addr;
	m->size[m->n++] = size;
}

static void model_free(struct model *m, struct nvmi_iova *iova, size_t i)
{
	assert_int_equal(nvmi_iova_free(iova, m->addr[i], m->size[i]), 0);
	model_mark(m, m->addr[i], m->size[i], false);
	m->n--;
	m->addr[i] = m->addr[m->n];
	m->size[i] = m->size[m->n];
}

static void agrees_with_a_bitmap(void **state)
{
	struct nvmi_iova *iova = new_window(MODEL_FIRST, MODEL_FIRST + MODEL_PAGES * PAGE - 1);
	static struct model m;
	uint64_t seed = 20240607;
	int round;

	(void)state;
	for (round = 0; round < 60000; round++) {
		/* Fill up and drain in turns, so that full, empty and fragmented all happen. */
		bool filling = round / 500 % 2 == 0;

		if (m.n == 0 || random_u32(&seed) % 100 < (filling ? 70 : 30))
			model_alloc(&m, iova, (1 + random_u32(&seed) % 24) * PAGE,
				    PAGE << random_u32(&seed) % 7);
		else
			model_free(&m, iova, random_u32(&seed) % m.n);
	}
	while (m.n > 0)
		model_free(&m, iova, random_u32(&seed) % m.n);
	assert_int_equal(alloc(iova, MODEL_PAGES * PAGE, PAGE), MODEL_FIRST);
	nvmi_iova_delete(iova);
}

static void takes_100000_ranges_and_joins_them_again(void **state)
{
	enum {
		N = 100000
	};
	struct nvmi_iova *iova = new_window(1ULL << 32, (1ULL << 40) - 1);
	uint64_t *addr = malloc(N * sizeof(*addr));
	uint64_t seed = 1, tmp;
	size_t i, j;

	(void)state;
	assert_non_null(addr);
	for (i = 0; i < N; i++)
		addr[i] = alloc(iova, (1 + i % 5) * PAGE, i % 3 == 0 ? 2 * PAGE : PAGE);
	for (i = 0; i < N; i++) { /* free in random order, remembering sizes by index */
		j = i + random_u32(&seed) % (N - i);
		if ((j - i) % 5 != 0)
			j = i;
		tmp = addr[i];
		addr[i] = addr[j];
		addr[j] = tmp;
		assert_int_equal(nvmi_iova_free(iova, addr[i], (1 + i % 5) * PAGE), 0);
	}
	assert_int_equal(alloc(iova, (1ULL << 40) - (1ULL << 32), PAGE), 1ULL << 32);
	free(addr);
	nvmi_iova_delete(iova);
}

static void finds_the_last_place_that_is_aligned(void **state)
{
	struct nvmi_iova *iova = new_window(0x10000, 0x2ffff);
	uint64_t addr;

	(void)state;
	/* No free range is size + align long, but one happens to be aligned. */
	assert_int_equal(alloc(iova, 0x10000, 0x10000), 0x10000);
	assert_int_equal(alloc(iova, 0x10000, 0x10000), 0x20000);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, PAGE, &addr), ENOSPC);
	assert_int_equal(nvmi_iova_free(iova, 0x20000, 0x10000), 0);
	assert_int_equal(alloc(iova, 0x10000, 0x10000), 0x20000);
	nvmi_iova_delete(iova);
}

static void never_hands_out_page_0_and_the_msi_window(void **state)
{
	struct nvmi_iova *iova = new_window(0, UINT64_MAX);
	uint64_t addr, seen = 0;

	(void)state;
	/* All there is below the MSI window, all above it, and then nothing. */
	assert_int_equal(alloc(iova, 0xfee00000 - PAGE, PAGE), PAGE);
	seen = alloc(iova, UINT64_MAX - 0xfef00000 + 1, PAGE);
	assert_int_equal(seen, 0xfef00000);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, PAGE, &addr), ENOSPC);
	nvmi_iova_delete(iova);

	/* Windows that begin or end in it are cut, one inside it is nothing. */
	iova = new_window(0xfee80000, 0xfef00fff);
	assert_int_equal(alloc(iova, PAGE, PAGE), 0xfef00000);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, PAGE, &addr), ENOSPC);
	nvmi_iova_delete(iova);
	assert_int_equal(nvmi_iova_new(&iova, &(struct nvmi_iova_range){0xfee00000, 0xfee0ffff}, 1),
			 EINVAL);
}

static void uses_several_windows_and_whole_pages_only(void **state)
{
	const struct nvmi_iova_range windows[] = {
		{0x1001, 0x3ffe}, {0x10000, 0x10ffe}, {0x20000, 0x23fff}, {0x30800, 0x317ff}};
	struct nvmi_iova *iova;
	uint64_t addr;

	(void)state;
	assert_int_equal(nvmi_iova_new(&iova, windows, 4), 0);
	assert_int_equal(alloc(iova, 4 * PAGE, PAGE), 0x20000);
	assert_int_equal(alloc(iova, PAGE, PAGE), 0x2000);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, PAGE, &addr), ENOSPC);
	nvmi_iova_delete(iova);
}

static void refuses_windows_out_of_order(void **state)
{
	const struct nvmi_iova_range backwards = {0x2000, 0x1000};
	const struct nvmi_iova_range overlapping[] = {{0x1000, 0x2fff}, {0x2000, 0x4fff}};
	const struct nvmi_iova_range unsorted[] = {{0x8000, 0x8fff}, {0x1000, 0x1fff}};
	struct nvmi_iova *iova;

	(void)state;
	assert_int_equal(nvmi_iova_new(&iova, &backwards, 1), EINVAL);
	assert_int_equal(nvmi_iova_new(&iova, overlapping, 2), EINVAL);
	assert_int_equal(nvmi_iova_new(&iova, unsorted, 2), EINVAL);
	assert_int_equal(nvmi_iova_new(&iova, NULL, 0), EINVAL);
	assert_null(iova);
	nvmi_iova_delete(NULL);
}

static void refuses_odd_sizes_and_alignments(void **state)
{
	struct nvmi_iova *iova = new_window(0, UINT64_MAX);
	uint64_t addr;

	(void)state;
	assert_int_equal(nvmi_iova_alloc(iova, 0, PAGE, &addr), EINVAL);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE + 512, PAGE, &addr), EINVAL);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, 512, &addr), EINVAL);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, 3 * PAGE, &addr), EINVAL);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, 0, &addr), EINVAL);
	assert_int_equal(nvmi_iova_alloc(iova, -PAGE, PAGE, &addr), ENOSPC);
	assert_int_equal(alloc(iova, PAGE, 1ULL << 63), 1ULL << 63);
	assert_int_equal(nvmi_iova_alloc(iova, PAGE, 1ULL << 63, &addr), ENOSPC);
	nvmi_iova_delete(iova);
}

static void takes_back_only_what_it_gave(void **state)
{
	struct nvmi_iova *iova = new_window(0x10000, 0xfffff);
	uint64_t addr = alloc(iova, 4 * PAGE, PAGE);

	(void)state;
	assert_int_equal(nvmi_iova_free(iova, addr, PAGE), EINVAL);
	assert_int_equal(nvmi_iova_free(iova, addr, 8 * PAGE), EINVAL);
	assert_int_equal(nvmi_iova_free(iova, addr + PAGE, 3 * PAGE), EINVAL);
	assert_int_equal(nvmi_iova_free(iova, addr + 4 * PAGE, 4 * PAGE), EINVAL);
	assert_int_equal(nvmi_iova_free(iova, 0x100000, PAGE), EINVAL);
	assert_int_equal(nvmi_iova_free(iova, addr, 4 * PAGE), 0);
	assert_int_equal(nvmi_iova_free(iova, addr, 4 * PAGE), EINVAL);
	nvmi_iova_delete(iova);
}

#define N_THREADS 4

struct worker {
	struct nvmi_iova *iova;
	uint64_t seed;
	unsigned int failures;
	uint8_t *owner; /* one byte per page: taken by anyone */
};

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t addr[16] = {0}, size[16] = {0};
	int round;

	for (round = 0; round < 20000; round++) {
		size_t i = random_u32(&w->seed) % 16, j;

		if (size[i] != 0) {
			for (j = 0; j < size[i] / PAGE; j++)
				w->failures += --w->owner[addr[i] / PAGE + j] != 0;
			w->failures += nvmi_iova_free(w->iova, addr[i], size[i]) != 0;
			size[i] = 0;
			continue;
		}
		size[i] = (1 + random_u32(&w->seed) % 8) * PAGE;
		w->failures += nvmi_iova_alloc(w->iova, size[i], PAGE, &addr[i]) != 0;
		/* A range of two owners shows here, and as a race to ThreadSanitizer. */
		for (j = 0; j < size[i] / PAGE; j++)
			w->failures += ++w->owner[addr[i] / PAGE + j] != 1;
	}
	return NULL;
}

static void gives_each_range_to_one_thread(void **state)
{
	struct nvmi_iova *iova = new_window(PAGE, 1024 * PAGE - 1);
	static uint8_t owner[1024];
	struct worker w[N_THREADS];
	pthread_t thread[N_THREADS];
	size_t i;

	(void)state;
	for (i = 0; i < N_THREADS; i++) {
		w[i] = (struct worker){iova, i + 1, 0, owner};
		assert_int_equal(pthread_create(&thread[i], NULL, work, &w[i]), 0);
	}
	for (i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(w[i].failures, 0);
	}
	nvmi_iova_delete(iova);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_bitmap),
		cmocka_unit_test(takes_100000_ranges_and_joins_them_again),
		cmocka_unit_test(finds_the_last_place_that_is_aligned),
		cmocka_unit_test(never_hands_out_page_0_and_the_msi_window),
		cmocka_unit_test(uses_several_windows_and_whole_pages_only),
		cmocka_unit_test(refuses_windows_out_of_order),
		cmocka_unit_test(refuses_odd_sizes_and_alignments),
		cmocka_unit_test(takes_back_only_what_it_gave),
		cmocka_unit_test(gives_each_range_to_one_thread),
	};

	return cmocka_run_group_tests_name("iova", tests, NULL, NULL);
}
