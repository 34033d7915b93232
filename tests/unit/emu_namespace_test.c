/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_namespace_test.c - the software controller's namespaces: Identify and Format NVM.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "namespace.h"
#include "support/emu_stores.h"

static void identify_tells_size_and_formats(void **state)
{
	struct fixture *f = *state;
	struct nvm_id_ns id;

	f->config.n_ns = 2;
	f->config.ns[0].size = 1 * MIB;
	f->config.ns[1].size = 2 * MIB;
	f->config.ns[1].lba_size = 4096;
	f->config.ns[1].read_only = true;
	assert_int_equal(open_table(f), 0);

	emu_ns_identify(emu_ns_get(&f->table, 1), &id);
	assert_int_equal(id.nsze, 2048);
	assert_int_equal(id.ncap, 2048);
	assert_int_equal(id.nuse, 2048);
	assert_int_equal(id.nlbaf, 1);
	assert_int_equal(id.lbaf[0].lbads, 9);
	assert_int_equal(id.lbaf[1].lbads, 12);
	assert_int_equal(id.flbas, 0);
	assert_int_equal(NVM_DLFEAT_READ(id.dlfeat), NVM_DLFEAT_READ_ZEROES);
	assert_int_equal(id.nvmcap[0], MIB);
	assert_int_equal(id.nsattr, 0);

	emu_ns_identify(emu_ns_get(&f->table, 2), &id);
	assert_int_equal(id.nsze, 512);
	assert_int_equal(id.flbas, 1);
	assert_int_equal(id.nsattr, NVM_NSATTR_WRITE_PROTECTED);
}

static void only_open_namespaces_are_found(void **state)
{
	volatile uint32_t all = NVM_NSID_ALL; /* keeps the compiler from warning of the index */
	struct fixture *f = *state;

	f->config.n_ns = 2;
	f->config.ns[1] = f->config.ns[0];
	assert_int_equal(open_table(f), 0);
	assert_null(emu_ns_get(&f->table, 0));
	assert_non_null(emu_ns_get(&f->table, 1));
	assert_non_null(emu_ns_get(&f->table, 2));
	assert_null(emu_ns_get(&f->table, 3));
	assert_null(emu_ns_get(&f->table, all));
	/* The default size. */
	assert_int_equal(emu_geometry_blocks(f->table.ns[0]->geometry) * 512, 256 * MIB);
}

static void memory_reads_as_zeroes_until_written(void **state)
{
	static uint8_t zero[8192], buf[8192];
	struct fixture *f = *state;
	struct emu_ns *ns;

	/* Far more than there is: only what is written takes memory. */
	f->config.ns[0].size = 1ULL << 36;
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	memset(buf, 1, sizeof(buf));
	read_bytes(ns, (1ULL << 36) - sizeof(buf), buf, sizeof(buf));
	assert_memory_equal(buf, zero, sizeof(buf));
	memset(buf, 2, sizeof(buf));
	write_bytes(ns, 512, buf, sizeof(buf));
	memset(buf, 3, sizeof(buf));
	read_bytes(ns, 0, buf, 1024);
	assert_memory_equal(buf, zero, 512);
	assert_int_equal(buf[512], 2);
	assert_int_equal(ns->ops->zero(ns, 0, 1ULL << 36, true), 0);
	read_bytes(ns, 512, buf, sizeof(buf));
	assert_memory_equal(buf, zero, sizeof(buf));
}

/* How much of a range is there. */
static uint64_t resident(const struct emu_ns *ns, uint64_t offset, uint64_t size)
{
	static unsigned char present[8 * MIB / 4096];
	uint64_t n = 0;

	assert_true(size / 4096 <= sizeof(present));
	assert_int_equal(mincore(ns->mem + offset, size, present), 0);
	for (uint64_t i = 0; i < size / 4096; i++)
		n += present[i] & 1;
	return n * 4096;
}

static void memory_of_huge_pages_zeroes_exactly_its_blocks(void **state)
{
	static const uint64_t ranges[][2] = {
		{512, 512},
		{2 * MIB - 512, 1024},
		{MIB, 2 * MIB},
		{2 * MIB, 2 * MIB},
		{2 * MIB - 512, 2 * MIB + 1024},
		{MIB + 512, 5 * MIB},
		{5 * MIB, 2 * MIB + 512}, /* to the end, which is within a huge page */
		{0, 7 * MIB + 512},
	};
	static uint8_t model[7 * MIB + 512], buf[sizeof(model)];
	struct fixture *f = *state;
	struct emu_ns *ns;

	f->config.ns[0].size = sizeof(model);
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	for (unsigned int i = 0; i < 2 * sizeof(ranges) / sizeof(ranges[0]); i++) {
		const uint64_t *range = ranges[i / 2];

		memset(model, (int)i + 1, sizeof(model));
		write_bytes(ns, 0, model, sizeof(model));
		memset(model + range[0], 0, range[1]);
		assert_int_equal(ns->ops->zero(ns, range[0], range[1], i % 2), 0);
		read_bytes(ns, 0, buf, sizeof(buf));
		assert_memory_equal(buf, model, sizeof(model));
	}
}

static void deallocated_memory_is_given_back(void **state)
{
	static uint8_t buf[8 * MIB];
	struct fixture *f = *state;
	struct emu_ns *ns;

	f->config.ns[0].size = sizeof(buf);
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	memset(buf, 1, sizeof(buf));
	write_bytes(ns, 0, buf, sizeof(buf));
	assert_int_equal(resident(ns, 0, sizeof(buf)), sizeof(buf));
	assert_int_equal(ns->ops->zero(ns, MIB, 6 * MIB, true), 0);
	/* Whole huge pages at least. */
	assert_int_equal(resident(ns, 2 * MIB, 4 * MIB), 0);
	assert_int_equal(resident(ns, 0, MIB), MIB);
	assert_int_equal(resident(ns, 7 * MIB, MIB), MIB);
}

static void wrong_sizes_are_refused(void **state)
{
	struct fixture *f = *state;

	f->config.ns[0].lba_size = 520;
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "520");
	f->config.ns[0].lba_size = 4096;
	f->config.ns[0].size = 4096 + 512;
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "multiple");
	assert_int_equal(f->table.n, 0);
}

static void memory_has_identifiers_of_its_controller_and_nsid(void **state)
{
	struct fixture *f = *state;
	struct nvm_id_ns first, second, other;

	f->config.n_ns = 2;
	f->config.ns[1] = f->config.ns[0];
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &first);
	emu_ns_identify(f->table.ns[1], &second);
	emu_ns_table_close(&f->table);
	assert_memory_not_equal(first.nguid, second.nguid, 16);
	strcpy(f->config.serial, "SN2");
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &other);
	assert_memory_not_equal(first.nguid, other.nguid, 16);
}

static uint32_t format(unsigned int lbaf, unsigned int ses)
{
	return NVM_FIELD(FORMAT_LBAFL, lbaf) | NVM_FIELD(FORMAT_SES, ses);
}

static void format_erases_and_changes_the_block_size(void **state)
{
	static uint8_t zero[4096];
	struct fixture *f = *state;
	uint8_t buf[4096];

	for (int file = 0; file < 2; file++) {
		struct emu_ns *ns;

		f->config.ns[0].size = 1 * MIB;
		if (file)
			use_file(f, 1 * MIB);
		assert_int_equal(open_table(f), 0);
		ns = f->table.ns[0];
		memset(buf, 9, sizeof(buf));
		write_bytes(ns, 8192, buf, sizeof(buf));
		assert_int_equal(emu_ns_format(ns, format(1, NVM_FORMAT_SES_USER_DATA)), 0);
		assert_int_equal(emu_geometry_blocks(ns->geometry), 256);
		assert_int_equal(emu_geometry_shift(ns->geometry), 12);
		read_bytes(ns, 8192, buf, sizeof(buf));
		assert_memory_equal(buf, zero, sizeof(buf));
		assert_int_equal(emu_ns_format(ns, format(0, NVM_FORMAT_SES_NONE)), 0);
		assert_int_equal(emu_geometry_blocks(ns->geometry), 2048);
		emu_ns_table_close(&f->table);
	}
}

static void impossible_formats_are_refused(void **state)
{
	struct fixture *f = *state;
	struct emu_ns *ns;

	f->config.ns[0].size = 512; /* not even one block of 4096 */
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	assert_int_equal(emu_ns_format(ns, format(2, 0)), EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, NVM_FIELD(FORMAT_LBAFU, 1)),
			 EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, NVM_FIELD(FORMAT_PI, 1)),
			 EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, format(0, NVM_FORMAT_SES_CRYPTO)),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
	assert_int_equal(emu_ns_format(ns, format(1, 0)), EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, format(0, 0)), 0);
	emu_ns_table_close(&f->table);

	f->config.ns[0].read_only = true;
	assert_int_equal(open_table(f), 0);
	assert_int_equal(emu_ns_format(f->table.ns[0], format(0, 0)),
			 EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED));
}

static emu_status_t failing_flush(struct emu_ns *ns)
{
	(void)ns;
	return NVM_SC_WRITE_FAULT;
}

static void a_cache_that_cannot_be_written_out_is_not_disabled_in_silence(void **state)
{
	struct fixture *f = *state;
	struct emu_backing failing;

	f->config.n_ns = 2;
	f->config.ns[0].size = 1 * MIB;
	f->config.ns[1] = f->config.ns[0];
	assert_int_equal(open_table(f), 0);
	failing = *f->table.ns[0]->ops;
	failing.flush = failing_flush;
	f->table.ns[0]->ops = &failing;
	assert_int_equal(emu_ns_table_write_cache(&f->table, true), 0);
	assert_int_equal(emu_ns_table_write_cache(&f->table, false), NVM_SC_WRITE_FAULT);
	assert_true(f->table.ns[0]->write_through);
	assert_true(f->table.ns[1]->write_through);
	emu_ns_table_close(&f->table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(identify_tells_size_and_formats),
		TEST(only_open_namespaces_are_found),
		TEST(memory_reads_as_zeroes_until_written),
		TEST(memory_of_huge_pages_zeroes_exactly_its_blocks),
		TEST(deallocated_memory_is_given_back),
		TEST(wrong_sizes_are_refused),
		TEST(memory_has_identifiers_of_its_controller_and_nsid),
		TEST(format_erases_and_changes_the_block_size),
		TEST(impossible_formats_are_refused),
		TEST(a_cache_that_cannot_be_written_out_is_not_disabled_in_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
