// SPDX-License-Identifier: BSD-2-Clause
/*
 * pages_test.c - memory for DMA: what it is aligned to, that it is there, and what happens when there is
 * none; and whether a range of addresses is memory at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "memory/pages.h"
#include "memory/populate.h"
#include "nvm_error.h"

#define MiB ((size_t)1 << 20)

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Without malloc(), which may map something there. */
static int is_mapped(void *vaddr, size_t size)
{
	unsigned char present[1024];

	assert_true(size <= sizeof(present) * page_size());
	return mincore(vaddr, size, present) == 0;
}

/* In memory now, so that nobody's first touch has to wait, or fails. */
static void assert_touched(const struct nvmi_pages *p)
{
	size_t n = p->size / page_size(), i;
	unsigned char *present = malloc(n);

	assert_non_null(present);
	assert_int_equal(mincore(p->vaddr, p->size, present), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(present[i] & 1, 1);
	free(present);
}

static void assert_zero(const struct nvmi_pages *p)
{
	const unsigned char *bytes = p->vaddr;

	assert_int_equal(bytes[0], 0);
	assert_memory_equal(bytes, bytes + 1, p->size - 1);
}

static void gives_zeroed_touched_aligned_memory(void **state)
{
	static const size_t sizes[] = {1,       4096, 8192,    65536,    65537,
				       MiB - 1, MiB,  3 * MiB, 64 * MiB, 5 * MiB + 123};
	size_t i, align;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct nvmi_pages p;
		int huge;

		for (huge = 0; huge < 2; huge++) {
			assert_int_equal(nvmi_pages_alloc(&p, sizes[i], huge), 0);
			assert_true(p.size >= sizes[i]);
			assert_true(p.size - sizes[i] < p.page_size);
			assert_int_equal(p.size % p.page_size, 0);
			for (align = page_size(); align * 2 <= sizes[i] && align < 2 * MiB;)
				align *= 2;
			assert_int_equal((uintptr_t)p.vaddr % align, 0);
			assert_touched(&p);
			assert_zero(&p);
			memset(p.vaddr, 0xa5, p.size);
			nvmi_pages_free(&p);
			assert_null(p.vaddr);
			nvmi_pages_free(&p);
		}
	}
}

static void gives_small_sizes_ordinary_pages(void **state)
{
	struct nvmi_pages p;

	(void)state;
	assert_int_equal(nvmi_pages_alloc(&p, MiB - 1, false), 0);
	assert_int_equal(p.page_size, page_size());
	nvmi_pages_free(&p);
}

/* More than there are huge pages free: ordinary memory, and no SIGBUS. */
static void falls_back_when_huge_pages_run_out(void **state)
{
	size_t free_huge = 0;
	struct nvmi_pages p;
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");

	(void)state;
	if (f != NULL) {
		if (fscanf(f, "%zu", &free_huge) != 1)
			free_huge = 0;
		fclose(f);
	}
	if (free_huge > 64)
		skip();
	assert_int_equal(nvmi_pages_alloc(&p, (free_huge + 1) * 2 * MiB, true), 0);
	assert_int_equal(p.page_size, page_size());
	memset(p.vaddr, 1, p.size);
	nvmi_pages_free(&p);
}

static void is_not_inherited_by_children(void **state)
{
	struct nvmi_pages p;
	int status = -1;
	pid_t child;

	(void)state;
	assert_int_equal(nvmi_pages_alloc(&p, 3 * MiB, false), 0);
	memset(p.vaddr, 0x5a, p.size);
	child = fork();
	assert_true(child >= 0);
	/* What is mapped there in the child, if anything (sanitizers do), is not our memory. */
	if (child == 0)
		_exit(is_mapped(p.vaddr, p.size) && *(volatile char *)p.vaddr == 0x5a);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	assert_true(is_mapped(p.vaddr, p.size));
	nvmi_pages_free(&p);
}

static void says_what_to_do_when_there_is_no_memory(void **state)
{
	struct nvmi_pages p;

	(void)state;
	assert_int_equal(nvmi_pages_alloc(&p, SIZE_MAX, false), ENOMEM);
	assert_null(p.vaddr);
	assert_int_equal(nvmi_pages_alloc(&p, (size_t)1 << 48, false), ENOMEM);
	assert_null(p.vaddr);
	assert_non_null(strstr(nvm_errmsg(), "nr_hugepages"));
}

static void knows_memory_from_what_is_not(void **state)
{
	const size_t page = page_size();
	char *m = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(m, MAP_FAILED);
	assert_int_equal(nvmi_check_memory(m, 8 * page), 0);
	assert_int_equal(mprotect(m + 2 * page, page, PROT_READ), 0);
	assert_int_equal(nvmi_check_memory(m, 8 * page), EFAULT);
	assert_non_null(strstr(nvm_errmsg(), "writable"));
	assert_int_equal(nvmi_check_memory(m + 3 * page, 5 * page), 0);
	assert_int_equal(mprotect(m + 4 * page, page, PROT_NONE), 0);
	assert_int_equal(nvmi_check_memory(m + 3 * page, 5 * page), EFAULT);
	assert_int_equal(munmap(m + 6 * page, page), 0);
	assert_int_equal(nvmi_check_memory(m + 5 * page, 3 * page), EFAULT);
	assert_non_null(strstr(nvm_errmsg(), "mapped"));
	assert_int_equal(nvmi_check_memory(m + 7 * page, page), 0);
	assert_int_equal(nvmi_check_memory(m + 6 * page, page), EFAULT);
	munmap(m, 8 * page);
	assert_int_equal(nvmi_check_memory(m, 8 * page), EFAULT);
	assert_int_equal(nvmi_check_memory(NULL, page), EFAULT);
}

static void knows_the_end_of_a_file(void **state)
{
	const size_t page = page_size();
	FILE *f = tmpfile();
	char *m;

	(void)state;
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), (off_t)(2 * page)), 0);
	m = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(f), 0);
	assert_ptr_not_equal(m, MAP_FAILED);
	assert_int_equal(nvmi_check_memory(m, 2 * page), 0);
	assert_int_equal(nvmi_check_memory(m, 4 * page), EFAULT);
	munmap(m, 4 * page);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_touched_aligned_memory),
		cmocka_unit_test(gives_small_sizes_ordinary_pages),
		cmocka_unit_test(falls_back_when_huge_pages_run_out),
		cmocka_unit_test(is_not_inherited_by_children),
		cmocka_unit_test(says_what_to_do_when_there_is_no_memory),
		cmocka_unit_test(knows_memory_from_what_is_not),
		cmocka_unit_test(knows_the_end_of_a_file),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
