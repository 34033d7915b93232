/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_admin_host.h - for tests of the software controller's admin commands: one enabled controller,
 * and a page for data. Include once in a program.
 */
#ifndef TESTS_EMU_ADMIN_HOST_H
#define TESTS_EMU_ADMIN_HOST_H

#include "support/emu_host.h"

static struct host host;
static uint8_t *page;
static uint64_t io; /* bus address of the page */

/* Every test starts the controller as it needs it; its teardown stops it. */
#define TEST(f) cmocka_unit_test_teardown(f, stop)

static inline void start(const char *spec)
{
	host_start(&host, spec);
	host_enable(&host);
	page = host_alloc(&host, HOST_PAGE, &io);
}

static inline int stop(void **state)
{
	(void)state;
	host_destroy(&host);
	return 0;
}

/* Identify into the page. Returns SCT and SC. */
static inline unsigned int identify(uint32_t cns, uint32_t nsid)
{
	memset(page, 0xee, HOST_PAGE);
	return host_identify(&host, cns, nsid, io);
}

static inline bool all_zero(const void *mem, size_t size)
{
	const uint8_t *p = mem;

	for (size_t i = 0; i < size; i++) {
		if (p[i])
			return false;
	}
	return true;
}

#endif
