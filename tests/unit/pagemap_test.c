/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pagemap_test.c - what is taken for a physical address: entries of a page map made by the test, those
 * that a kernel gives only at times that cannot be had (a page swapped out, one that migrates) among
 * them. A wrong address would be DMA to somebody else's memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "backend/sysfs/pagemap.h"
#include "nvm_error.h"

/* Bits of an entry: Linux, Documentation/admin-guide/mm/pagemap.rst. */
#define PRESENT   (UINT64_C(1) << 63)
#define SWAPPED   (UINT64_C(1) << 62)
#define FILE_PAGE (UINT64_C(1) << 61)
#define GUARD     (UINT64_C(1) << 58)
#define WP        (UINT64_C(1) << 57)
#define EXCLUSIVE (UINT64_C(1) << 56)
#define DIRTY     (UINT64_C(1) << 55)

#define FIRST     7 /* number of the first page */

/* Read the addresses of pages with these entries. */
static int addresses_of(const uint64_t *entries, size_t n, size_t n_asked, uint64_t *addrs)
{
	uint64_t vaddr = FIRST * (uint64_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("pagemap_test", MFD_CLOEXEC);
	ssize_t size = (ssize_t)(n * sizeof(*entries));
	int err;

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, entries, (size_t)size, FIRST * 8), size);
	err = nvmi_pagemap_read(fd, (const void *)(uintptr_t)vaddr, n_asked, addrs);
	close(fd);
	return err;
}

static void flags_are_no_part_of_an_address(void **state)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const uint64_t entries[] = {
		PRESENT | 1,
		PRESENT | DIRTY | EXCLUSIVE | 0x123456,
		PRESENT | WP | FILE_PAGE | DIRTY | 0xffffffffff,
	};
	uint64_t addrs[3];

	(void)state;
	assert_int_equal(addresses_of(entries, 3, 3, addrs), 0);
	assert_true(addrs[0] == page && addrs[1] == 0x123456 * page);
	assert_true(addrs[2] == 0xffffffffff * page);
}

static void a_page_that_is_not_there_is_refused(void **state)
{
	/* Nothing; swapped out or migrating, when the other bits are no page number; a guard. */
	static const uint64_t absent[] = {0, SWAPPED | 0x12345, SWAPPED | DIRTY | 0x7fffff, GUARD,
					  EXCLUSIVE | 0x1000};

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		for (size_t at = 0; at < 3; at++) {
			uint64_t entries[] = {PRESENT | 5, PRESENT | 6, PRESENT | 7};
			uint64_t addrs[3];

			entries[at] = absent[i];
			assert_int_equal(addresses_of(entries, 3, 3, addrs), EFAULT);
			assert_non_null(strstr(nvm_errmsg(), "not in memory"));
		}
	}
}

static void a_hidden_address_is_refused(void **state)
{
	const uint64_t entries[] = {PRESENT | 5, PRESENT | EXCLUSIVE};
	uint64_t addrs[2];

	(void)state;
	assert_int_equal(addresses_of(entries, 2, 2, addrs), EPERM);
	assert_non_null(strstr(nvm_errmsg(), "root"));
}

static void a_map_that_ends_early_is_an_error(void **state)
{
	const uint64_t entries[] = {PRESENT | 5, PRESENT | 6};
	uint64_t addrs[3];

	(void)state;
	assert_int_equal(addresses_of(entries, 2, 3, addrs), EIO);
	assert_int_equal(nvmi_pagemap_read(-1, NULL, 1, addrs), EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_no_part_of_an_address),
		cmocka_unit_test(a_page_that_is_not_there_is_refused),
		cmocka_unit_test(a_hidden_address_is_refused),
		cmocka_unit_test(a_map_that_ends_early_is_an_error),
	};

	return cmocka_run_group_tests_name("page map", tests, NULL, NULL);
}
