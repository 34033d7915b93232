// SPDX-License-Identifier: BSD-2-Clause
/*
 * dma_test.c - DMA descriptors over a backend that fails when it is told to: page arithmetic, refused
 * arguments, views, references, and that a failure leaves nothing behind.
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

#include "controller/error.h"
#include "memory/dma.h"
#include "memory/split.h"
#include "support/fake_ctrl.h"

#define CTRL_PAGE ((size_t)4096)

/* What the backend was asked for, and what it shall answer. One thread changes it. */
static struct {
	atomic_int mapped;  /* mappings that exist */
	int map_error;      /* fail with this */
	int ordinary_error; /* fail with this unless the memory is aligned like a huge page */
	int n_calls;
	void *vaddr;
	size_t size;
} backend;

static struct fake_ctrl fake;
static struct nvmi_backend_ops ops;

static int map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	size_t i;

	(void)be;
	backend.n_calls++;
	backend.vaddr = m->vaddr;
	backend.size = m->size;
	if (backend.map_error != 0)
		return nvmi_fail(backend.map_error, "told to fail");
	if (backend.ordinary_error != 0)
		return nvmi_fail(backend.ordinary_error, "not for ordinary memory");
	/* Pages of pairs are neighbours, pairs are far apart. */
	for (i = 0; i < m->size / m->page_size; i++)
		m->ioaddrs[i] = 0x100000000ULL + i / 2 * 0x1000000 + i % 2 * m->page_size;
	m->priv = m->ioaddrs;
	atomic_fetch_add(&backend.mapped, 1);
	return 0;
}

static void unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	assert_int_equal(m->ioaddrs[0], 0x100000000ULL);
	assert_ptr_equal(m->priv, m->ioaddrs);
	atomic_fetch_sub(&backend.mapped, 1);
}

static nvm_ctrl_t *new_ctrl(size_t page_size)
{
	const struct nvm_ctrl_options options = {.size = sizeof(options),
						 .page_size = (uint32_t)page_size};
	nvm_ctrl_t *ctrl;

	memset(&backend, 0, sizeof(backend));
	fake_init(&fake);
	ops = *fake.be.ops;
	ops.map_host = map_host;
	ops.unmap = unmap;
	fake.be.ops = &ops;
	assert_int_equal(nvmi_ctrl_new(&ctrl, &fake.be, &options), 0);
	assert_int_equal(ctrl->page_size, page_size);
	return ctrl;
}

/* Everything undone: nothing mapped, and with the controller's last reference the backend closed. */
static void free_ctrl(nvm_ctrl_t *ctrl)
{
	assert_int_equal(backend.mapped, 0);
	assert_int_equal(fake.closed, 0);
	nvm_ctrl_free(ctrl);
	assert_int_equal(fake.closed, 1);
}

static void *host_memory(size_t size)
{
	void *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(m, MAP_FAILED);
	return m;
}

static void assert_refused(int status, int errnum, nvm_dma_t **dma, const char *says)
{
	assert_int_equal(status, errnum);
	assert_null(*dma);
	if (strstr(nvm_errmsg(), says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", nvm_errmsg(), says);
}

/* --- page arithmetic */

static void splits_pages_of_64k_into_4k(void **state)
{
	const uint64_t addrs[] = {0x70000, 0xffff0000, 0x10000};
	uint64_t out[48];
	size_t bad = 99, i;

	(void)state;
	assert_int_equal(nvmi_split_pages(out, 4096, addrs, 65536, 3, &bad), 0);
	for (i = 0; i < 48; i++)
		assert_int_equal(out[i], addrs[i / 16] + i % 16 * 4096);
}

static void joins_contiguous_pages_only(void **state)
{
	const uint64_t good[] = {0x4000, 0x4400, 0x4800, 0x4c00, 0x1000, 0x1400, 0x1800, 0x1c00};
	const uint64_t gap[] = {0x4000, 0x4400, 0x4c00, 0x5000};
	const uint64_t off[] = {0x4400, 0x4800, 0x4c00, 0x5000};
	uint64_t out[2];
	size_t bad;

	(void)state;
	assert_int_equal(nvmi_split_pages(out, 4096, good, 1024, 8, &bad), 0);
	assert_int_equal(out[0], 0x4000);
	assert_int_equal(out[1], 0x1000);
	assert_int_equal(nvmi_split_pages(out, 4096, gap, 1024, 4, &bad), ERANGE);
	assert_int_equal(bad, 2);
	assert_int_equal(nvmi_split_pages(out, 4096, off, 1024, 4, &bad), ERANGE);
	assert_int_equal(bad, 0);
}

static void refuses_misaligned_and_wrapping_pages(void **state)
{
	const uint64_t misaligned[] = {0x10000, 0x20200};
	const uint64_t top = UINT64_MAX - 0xfff; /* the last page of 4 KiB */
	const uint64_t small = 0x4200;
	uint64_t out[32];
	size_t bad;

	(void)state;
	assert_int_equal(nvmi_split_pages(out, 4096, misaligned, 65536, 2, &bad), EINVAL);
	assert_int_equal(bad, 1);
	assert_int_equal(nvmi_split_pages(out, 4096, &top, 4096, 1, &bad), 0);
	assert_int_equal(nvmi_split_pages(out, 4096, &top, 8192, 1, &bad), EINVAL);
	assert_int_equal(nvmi_split_pages(out, 4096, &small, 1024, 4, &bad), EINVAL);
}

/* --- nvm_dma_map() */

static void describes_memory_of_the_caller(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	const uint64_t addrs[] = {0x200000, 0x800000};
	nvm_dma_t *dma;

	(void)state;
	assert_int_equal(nvm_dma_map(&dma, ctrl, NULL, 8192, 2, addrs), 0);
	assert_null(dma->vaddr);
	assert_int_equal((uintptr_t)dma % 32, 0);
	assert_int_equal(dma->page_size, CTRL_PAGE);
	assert_int_equal(dma->n_ioaddrs, 4);
	assert_int_equal(nvmi_dma_size(dma), 16384);
	assert_int_equal(dma->ioaddrs[1], 0x201000);
	assert_int_equal(dma->ioaddrs[3], 0x801000);
	assert_int_equal(backend.n_calls, 0);
	nvm_dma_unmap(dma);
	free_ctrl(ctrl);
}

static void refuses_what_cannot_be_described(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	const uint64_t good = 0x10000, odd = 0x10100;
	const uint64_t apart[] = {0x10000, 0x20000};
	nvm_dma_t *dma = NULL;
	void *top = (void *)(UINTPTR_MAX - 4095);

	(void)state;
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 0, 1, &good), EINVAL, &dma, "power of two");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 256, 16, &good), EINVAL, &dma, "512");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 6000, 1, &good), EINVAL, &dma, "power of two");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 4096, 0, &good), EINVAL, &dma, "at least one");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 512, 7, &good), EINVAL, &dma, "4096");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 4096, SIZE_MAX / 4096 + 1, &good), EINVAL,
		       &dma, "address space");
	assert_refused(nvm_dma_map(&dma, ctrl, top, 4096, 2, &good), EINVAL, &dma, "address space");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 4096, 1, NULL), EINVAL, &dma, "bus addresses");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 4096, 1, &odd), EINVAL, &dma, "0x10100");
	assert_refused(nvm_dma_map(&dma, ctrl, NULL, 2048, 2, apart), EINVAL, &dma, "contiguous");
	assert_refused(nvm_dma_map(&dma, NULL, NULL, 4096, 1, &good), EINVAL, &dma, "controller");
	assert_int_equal(nvm_dma_map(NULL, ctrl, NULL, 4096, 1, &good), EINVAL);
	free_ctrl(ctrl);
}

/* --- nvm_dma_map_host() */

static void maps_memory_of_this_process(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *m = host_memory(8 * page);
	nvm_dma_t *dma;

	(void)state;
	assert_int_equal(nvm_dma_map_host(&dma, ctrl, m + page, 4 * page), 0);
	assert_ptr_equal(dma->vaddr, m + page);
	assert_ptr_equal(backend.vaddr, m + page);
	assert_int_equal(backend.size, 4 * page);
	assert_int_equal(nvmi_dma_size(dma), 4 * page);
	assert_int_equal(dma->ioaddrs[2], 0x101000000ULL);
	assert_int_equal(backend.mapped, 1);
	nvm_dma_unmap(dma);
	free_ctrl(ctrl);
	munmap(m, 8 * page);
}

static void rounds_nothing(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(16384); /* more than most hosts' pages */
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t align = page > 16384 ? page : 16384;
	char *m = host_memory(4 * align), *start;
	nvm_dma_t *dma = NULL;
	char text[32];

	(void)state;
	start = m + (-(uintptr_t)m & (align - 1));
	snprintf(text, sizeof(text), "%zu", align);
	assert_refused(nvm_dma_map_host(&dma, ctrl, start + 512, align), EINVAL, &dma, text);
	assert_refused(nvm_dma_map_host(&dma, ctrl, start + align / 2, align), EINVAL, &dma, text);
	assert_refused(nvm_dma_map_host(&dma, ctrl, start, align / 2), EINVAL, &dma, text);
	assert_refused(nvm_dma_map_host(&dma, ctrl, start, align + 1), EINVAL, &dma, text);
	assert_refused(nvm_dma_map_host(&dma, ctrl, start, 0), EINVAL, &dma, text);
	assert_refused(nvm_dma_map_host(&dma, ctrl, start, -align), EINVAL, &dma, "address space");
	assert_refused(nvm_dma_map_host(&dma, NULL, start, align), EINVAL, &dma, "controller");
	assert_int_equal(nvm_dma_map_host(NULL, ctrl, start, align), EINVAL);
	assert_int_equal(backend.n_calls, 0);
	assert_int_equal(nvm_dma_map_host(&dma, ctrl, start, 2 * align), 0);
	nvm_dma_unmap(dma);
	free_ctrl(ctrl);
	munmap(m, 4 * align);
}

static void refuses_ranges_with_holes(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *m = host_memory(4 * page);
	nvm_dma_t *dma = NULL;

	(void)state;
	munmap(m + 2 * page, page);
	assert_refused(nvm_dma_map_host(&dma, ctrl, m, 4 * page), EFAULT, &dma, "mapped");
	assert_refused(nvm_dma_map_host(&dma, ctrl, m + page, 2 * page), EFAULT, &dma, "mapped");
	assert_refused(nvm_dma_map_host(&dma, ctrl, NULL, page), EFAULT, &dma, "mapped");
	assert_int_equal(backend.n_calls, 0);
	munmap(m, 4 * page);
	free_ctrl(ctrl);
}

static void needs_addresses_for_a_raw_controller(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *m = host_memory(page);
	nvm_dma_t *dma = NULL;

	(void)state;
	ops.map_host = NULL;
	assert_refused(nvm_dma_map_host(&dma, ctrl, m, page), ENOTSUP, &dma, "nvm_dma_map()");
	assert_refused(nvm_dma_create(&dma, ctrl, 100), ENOTSUP, &dma, "nvm_dma_map()");
	munmap(m, page);
	free_ctrl(ctrl);
}

static void leaves_nothing_behind_when_the_backend_fails(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *m = host_memory(4 * page);
	unsigned char present[8];
	nvm_dma_t *dma = NULL;

	(void)state;
	backend.map_error = ENOMEM;
	assert_refused(nvm_dma_map_host(&dma, ctrl, m, 4 * page), ENOMEM, &dma, "told to fail");
	assert_int_equal(mincore(m, page, present), 0);
	assert_refused(nvm_dma_create(&dma, ctrl, 4 * page), ENOMEM, &dma, "told to fail");
	/* The memory it had allocated is unmapped again. */
	assert_int_equal(mincore(backend.vaddr, page, present), -1);
	munmap(m, 4 * page);
	free_ctrl(ctrl);
}

/* --- nvm_dma_create() */

static void creates_zeroed_memory_of_whole_pages(void **state)
{
	static const size_t sizes[] = {1, 4096, 4097, 100000, 1 << 20, (1 << 22) + 1};
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;
	unsigned char present[8];
	nvm_dma_t *dma;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t want = (sizes[i] + page - 1) / page * page;
		char *m;

		assert_int_equal(nvm_dma_create(&dma, ctrl, sizes[i]), 0);
		m = dma->vaddr;
		assert_int_equal(nvmi_dma_size(dma), want);
		assert_int_equal(m[0], 0);
		assert_memory_equal(m, m + 1, want - 1);
		memset(m, 0x5a, want);
		nvm_dma_unmap(dma);
		assert_int_equal(mincore(m, page, present), -1);
	}
	assert_refused(nvm_dma_create(&dma, ctrl, 0), EINVAL, &dma, "at least 1");
	assert_refused(nvm_dma_create(&dma, ctrl, SIZE_MAX), ENOMEM, &dma, "");
	assert_refused(nvm_dma_create(&dma, ctrl, SIZE_MAX / 2), ENOMEM, &dma, "");
	assert_refused(nvm_dma_create(&dma, NULL, 1), EINVAL, &dma, "controller");
	assert_int_equal(nvm_dma_create(NULL, ctrl, 1), EINVAL);
	free_ctrl(ctrl);
}

static void aligns_memory_to_large_controller_pages(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(65536);
	nvm_dma_t *dma[16];
	size_t i;

	(void)state;
	for (i = 0; i < 16; i++) {
		assert_int_equal(nvm_dma_create(&dma[i], ctrl, 1 + i * 65536), 0);
		assert_int_equal((uintptr_t)dma[i]->vaddr % 65536, 0);
		assert_int_equal(dma[i]->n_ioaddrs, i + 1);
	}
	for (i = 0; i < 16; i++)
		nvm_dma_unmap(dma[i]);
	free_ctrl(ctrl);
}

static void tries_huge_pages_where_others_cannot_be_mapped(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	nvm_dma_t *dma = NULL;

	(void)state;
	backend.ordinary_error = ENOTSUP;
	assert_refused(nvm_dma_create(&dma, ctrl, 1), ENOTSUP, &dma, "not for ordinary");
	assert_int_equal(backend.n_calls, 1);
	fake.be.huge_pages_contiguous = true;
	assert_refused(nvm_dma_create(&dma, ctrl, 1), ENOTSUP, &dma, "not for ordinary");
	assert_int_equal(backend.n_calls, 3);
	free_ctrl(ctrl);
}

/* --- views */

static void shows_a_part_of_a_mapping(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	nvm_dma_t *dma, *view, *inner;

	(void)state;
	assert_int_equal(nvm_dma_create(&dma, ctrl, 16 * CTRL_PAGE), 0);
	assert_int_equal(nvm_dma_view(&view, dma, 3 * CTRL_PAGE, 8 * CTRL_PAGE), 0);
	assert_ptr_equal(view->vaddr, (char *)dma->vaddr + 3 * CTRL_PAGE);
	assert_int_equal(view->n_ioaddrs, 8);
	assert_int_equal(view->page_size, CTRL_PAGE);
	assert_memory_equal(view->ioaddrs, dma->ioaddrs + 3, 8 * sizeof(uint64_t));
	assert_int_equal(nvm_dma_view(&inner, view, 7 * CTRL_PAGE, CTRL_PAGE), 0);
	assert_ptr_equal(inner->vaddr, (char *)dma->vaddr + 10 * CTRL_PAGE);
	assert_int_equal(inner->ioaddrs[0], dma->ioaddrs[10]);

	/* The memory stays until the last of them is gone, in whatever order. */
	nvm_dma_unmap(dma);
	nvm_dma_unmap(view);
	assert_int_equal(backend.mapped, 1);
	memset(inner->vaddr, 0xff, CTRL_PAGE);
	nvm_dma_unmap(inner);
	free_ctrl(ctrl);
}

static void refuses_views_beyond_the_mapping(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	nvm_dma_t *dma, *v = NULL;
	const size_t p = CTRL_PAGE;

	(void)state;
	assert_int_equal(nvm_dma_create(&dma, ctrl, 16 * p), 0);
	assert_refused(nvm_dma_view(&v, dma, 0, 0), EINVAL, &v, "whole pages");
	assert_refused(nvm_dma_view(&v, dma, 512, p), EINVAL, &v, "whole pages");
	assert_refused(nvm_dma_view(&v, dma, 0, p - 1), EINVAL, &v, "whole pages");
	assert_refused(nvm_dma_view(&v, dma, 0, 17 * p), ERANGE, &v, "exceed");
	assert_refused(nvm_dma_view(&v, dma, 16 * p, p), ERANGE, &v, "exceed");
	assert_refused(nvm_dma_view(&v, dma, p, SIZE_MAX - p + 1), ERANGE, &v, "exceed");
	assert_refused(nvm_dma_view(&v, dma, SIZE_MAX - p + 1, 2 * p), ERANGE, &v, "exceed");
	assert_refused(nvm_dma_view(&v, NULL, 0, p), EINVAL, &v, "mapping");
	assert_int_equal(nvm_dma_view(NULL, dma, 0, p), EINVAL);
	nvm_dma_unmap(dma);
	free_ctrl(ctrl);
}

static void shows_memory_without_vaddr(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	const uint64_t addrs[] = {0x1000, 0x9000};
	nvm_dma_t *dma, *view;

	(void)state;
	assert_int_equal(nvm_dma_map(&dma, ctrl, NULL, 4096, 2, addrs), 0);
	assert_int_equal(nvm_dma_view(&view, dma, 4096, 4096), 0);
	assert_null(view->vaddr);
	assert_int_equal(view->ioaddrs[0], 0x9000);
	nvm_dma_unmap(view);
	nvm_dma_unmap(dma);
	free_ctrl(ctrl);
}

/* --- references */

static void keeps_memory_and_controller_as_long_as_referenced(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	nvm_dma_t *dma, *view;

	(void)state;
	assert_int_equal(nvm_dma_create(&dma, ctrl, 2 * CTRL_PAGE), 0);
	assert_int_equal(nvm_dma_view(&view, dma, 0, CTRL_PAGE), 0);
	nvmi_dma_get(view);
	nvm_ctrl_free(ctrl);
	nvm_dma_unmap(view);
	nvm_dma_unmap(dma);
	assert_int_equal(backend.mapped, 1);
	assert_int_equal(fake.closed, 0);
	assert_int_equal(view->n_ioaddrs, 1);
	nvmi_dma_put(view);
	assert_int_equal(backend.mapped, 0);
	assert_int_equal(fake.closed, 1);
	nvm_dma_unmap(NULL);
}

struct viewer {
	nvm_dma_t *dma;
	int failures;
};

static void *view_and_leave(void *arg)
{
	struct viewer *v = arg;
	nvm_dma_t *view;
	size_t i;

	for (i = 0; i < 2000; i++) {
		if (nvm_dma_view(&view, v->dma, i % 16 * CTRL_PAGE, CTRL_PAGE) != 0) {
			v->failures++;
			continue;
		}
		nvmi_dma_get(view);
		nvm_dma_unmap(view);
		v->failures += view->ioaddrs[0] != v->dma->ioaddrs[i % 16];
		nvmi_dma_put(view);
	}
	nvm_dma_unmap(v->dma);
	return NULL;
}

static void counts_references_of_all_threads(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	struct viewer v[4];
	pthread_t thread[4];
	nvm_dma_t *dma;
	size_t i;

	(void)state;
	assert_int_equal(nvm_dma_create(&dma, ctrl, 16 * CTRL_PAGE), 0);
	for (i = 0; i < 4; i++) {
		v[i].failures = nvm_dma_view(&v[i].dma, dma, 0, 16 * CTRL_PAGE);
		assert_int_equal(pthread_create(&thread[i], NULL, view_and_leave, &v[i]), 0);
	}
	nvm_dma_unmap(dma);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(v[i].failures, 0);
	}
	free_ctrl(ctrl);
}

static void knows_what_is_contiguous(void **state)
{
	nvm_ctrl_t *ctrl = new_ctrl(CTRL_PAGE);
	const uint64_t addrs[] = {0x10000, 0x11000, 0x12000, 0x20000, 0x1f000};
	const size_t p = CTRL_PAGE;
	nvm_dma_t *dma;

	(void)state;
	assert_int_equal(nvm_dma_map(&dma, ctrl, NULL, p, 5, addrs), 0);
	assert_true(nvm_dma_contiguous(dma, 0, 3 * p));
	assert_true(nvm_dma_contiguous(dma, 1, 3 * p - 1));
	assert_false(nvm_dma_contiguous(dma, 1, 3 * p));
	assert_false(nvm_dma_contiguous(dma, 3 * p - 1, 2));
	assert_true(nvm_dma_contiguous(dma, 3 * p, p));
	assert_false(nvm_dma_contiguous(dma, 3 * p, p + 1));
	assert_true(nvm_dma_contiguous(dma, 5 * p - 1, 1));
	assert_false(nvm_dma_contiguous(dma, 5 * p - 1, 2));
	assert_true(nvm_dma_contiguous(dma, 5 * p, 0));
	assert_false(nvm_dma_contiguous(dma, 5 * p + 1, 0));
	assert_false(nvm_dma_contiguous(dma, p, SIZE_MAX));
	assert_false(nvm_dma_contiguous(NULL, 0, 0));
	nvm_dma_unmap(dma);
	free_ctrl(ctrl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_pages_of_64k_into_4k),
		cmocka_unit_test(joins_contiguous_pages_only),
		cmocka_unit_test(refuses_misaligned_and_wrapping_pages),
		cmocka_unit_test(describes_memory_of_the_caller),
		cmocka_unit_test(refuses_what_cannot_be_described),
		cmocka_unit_test(maps_memory_of_this_process),
		cmocka_unit_test(rounds_nothing),
		cmocka_unit_test(refuses_ranges_with_holes),
		cmocka_unit_test(needs_addresses_for_a_raw_controller),
		cmocka_unit_test(leaves_nothing_behind_when_the_backend_fails),
		cmocka_unit_test(creates_zeroed_memory_of_whole_pages),
		cmocka_unit_test(aligns_memory_to_large_controller_pages),
		cmocka_unit_test(tries_huge_pages_where_others_cannot_be_mapped),
		cmocka_unit_test(shows_a_part_of_a_mapping),
		cmocka_unit_test(refuses_views_beyond_the_mapping),
		cmocka_unit_test(shows_memory_without_vaddr),
		cmocka_unit_test(keeps_memory_and_controller_as_long_as_referenced),
		cmocka_unit_test(counts_references_of_all_threads),
		cmocka_unit_test(knows_what_is_contiguous),
	};

	return cmocka_run_group_tests_name("dma", tests, NULL, NULL);
}
