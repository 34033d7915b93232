/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_test.c - command fields and PRP entries: nvm_cmd.h against a walker that reads PRPs as a
 * controller does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nvm_cmd.h"
#include "nvm_error.h"
#include "nvm_util.h"

#define MAX_PAGES 2200

/* Bus addresses without a pattern that contiguity could hide behind. */
static uint64_t data_address(size_t page, size_t page_size)
{
	return (UINT64_C(0x1000000) + (page * 7919 % 65536)) * page_size;
}

static uint64_t list_address(size_t page, size_t page_size)
{
	return (UINT64_C(0x9000000) - page * 3) * page_size;
}

/* The bus as the walker sees it: list pages by their address. */
struct bus {
	size_t page_size;
	size_t n_lists;
	const uint64_t *lists;
	size_t lists_read;
};

static uint64_t bus_read(struct bus *bus, uint64_t address)
{
	for (size_t i = 0; i < bus->n_lists; ++i) {
		uint64_t start = list_address(i, bus->page_size);

		if (address >= start && address < start + bus->page_size) {
			if (i + 1 > bus->lists_read)
				bus->lists_read = i + 1;
			return bus->lists[(i * bus->page_size + (address - start)) / 8];
		}
	}
	fail_msg("the walker left the list pages: %#llx", (unsigned long long)address);
	return 0;
}

/* Base Specification, "Physical Region Page Entry and List", from the controller's side. */
static size_t walk(struct bus *bus, const nvm_cmd_t *cmd, size_t size, uint64_t *pieces)
{
	uint64_t prp1 = cmd->dword[6] | (uint64_t)cmd->dword[7] << 32;
	uint64_t prp2 = cmd->dword[8] | (uint64_t)cmd->dword[9] << 32;
	size_t first = bus->page_size - prp1 % bus->page_size;
	size_t left = size > first ? size - first : 0;
	size_t n = 0;
	uint64_t entry = prp2;

	pieces[n++] = prp1;
	if (left == 0)
		return n;
	if (left <= bus->page_size) {
		assert_int_equal(prp2 % bus->page_size, 0);
		pieces[n++] = prp2;
		return n;
	}
	while (left > 0) {
		size_t slots = (bus->page_size - entry % bus->page_size) / 8;
		uint64_t page = entry;

		for (size_t i = 0; i < slots && left > 0; ++i) {
			entry = bus_read(bus, page + i * 8);
			assert_int_equal(entry % bus->page_size, 0);
			/* The last slot is a pointer only if more than one page is left. */
			if (i == slots - 1 && left > bus->page_size)
				break;
			pieces[n++] = entry;
			left -= left < bus->page_size ? left : bus->page_size;
		}
	}
	return n;
}

static void check_chain(size_t page_size, size_t n_pages, size_t offset, size_t tail)
{
	static uint64_t ioaddrs[MAX_PAGES], list_ioaddrs[16], pieces[MAX_PAGES];
	size_t n_lists = n_pages > 2 ? nvm_prp_chain_pages(page_size, n_pages - 1) : 0;
	uint64_t *lists = malloc((n_lists + 1) * page_size);
	struct bus bus = {.page_size = page_size, .n_lists = n_lists, .lists = lists};
	nvm_cmd_t cmd;
	size_t n;

	assert_non_null(lists);
	assert_true(n_pages <= MAX_PAGES && n_lists <= 16);
	memset(lists, 0xee, (n_lists + 1) * page_size);
	for (size_t i = 0; i < n_pages; ++i)
		ioaddrs[i] = data_address(i, page_size);
	for (size_t i = 0; i < n_lists; ++i)
		list_ioaddrs[i] = list_address(i, page_size);

	nvm_cmd_clear(&cmd);
	nvm_cmd_data_chain(&cmd, page_size, n_pages, offset, lists, list_ioaddrs, ioaddrs);
	n = walk(&bus, &cmd, n_pages * page_size - offset - tail, pieces);

	assert_int_equal(n, n_pages);
	for (size_t i = 0; i < n; ++i)
		assert_int_equal(pieces[i], ioaddrs[i] + (i == 0 ? offset : 0));
	/* No more list pages than were asked for, all of them used, nothing written behind them. */
	assert_int_equal(bus.lists_read, n_lists);
	for (size_t i = 0; i < page_size; ++i)
		assert_int_equal(((unsigned char *)lists)[n_lists * page_size + i], 0xee);
	free(lists);
}

static void chains_are_what_a_controller_walks(void **state)
{
	static const size_t counts[] = {1, 2, 3, 511, 512, 513, 514, 1022, 1023, 1024, 1025, 2048};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); ++i) {
		check_chain(4096, counts[i], 0, 0);
		check_chain(4096, counts[i], 512, 0);
		check_chain(4096, counts[i], 4092, 0);
		check_chain(4096, counts[i], 0, 4095);
		if (counts[i] > 1)
			check_chain(4096, counts[i], 4, 4092);
	}
	for (size_t n = 1; n <= 1100; ++n)
		check_chain(4096, n, n % 1024 * 4, n % 3 == 0 && n > 1 ? 100 : 0);
	for (size_t n = 1; n <= 40; ++n)
		check_chain(65536, n * 50, 0, 0);
}

static void list_pages_are_counted_exactly(void **state)
{
	(void)state;
	assert_int_equal(nvm_prp_chain_pages(4096, 0), 0);
	assert_int_equal(nvm_prp_chain_pages(4096, 1), 1);
	assert_int_equal(nvm_prp_chain_pages(4096, 512), 1);
	assert_int_equal(nvm_prp_chain_pages(4096, 513), 2);
	assert_int_equal(nvm_prp_chain_pages(4096, 1023), 2);
	assert_int_equal(nvm_prp_chain_pages(4096, 1024), 3);
	assert_int_equal(nvm_prp_chain_pages(4096, 1534), 3);
	assert_int_equal(nvm_prp_chain_pages(4096, 1535), 4);
}

static void classic_data_says_how_many_pages_it_took(void **state)
{
	uint64_t ioaddrs[600], list[512];
	nvm_cmd_t cmd;

	(void)state;
	for (size_t i = 0; i < 600; ++i)
		ioaddrs[i] = data_address(i, 4096);
	nvm_cmd_clear(&cmd);
	assert_int_equal(nvm_cmd_data(&cmd, 4096, 1, NULL, 0, ioaddrs), 1);
	assert_int_equal(cmd.dword[8] | cmd.dword[9], 0);
	assert_int_equal(nvm_cmd_data(&cmd, 4096, 2, NULL, 0, ioaddrs), 2);
	assert_int_equal(cmd.dword[8] | (uint64_t)cmd.dword[9] << 32, ioaddrs[1]);
	assert_int_equal(nvm_cmd_data(&cmd, 4096, 3, NULL, 0, ioaddrs), 2);
	assert_int_equal(nvm_cmd_data(&cmd, 4096, 513, list, 0x5000, ioaddrs), 513);
	assert_int_equal(cmd.dword[8], 0x5000);
	assert_int_equal(list[511], ioaddrs[512]);
	assert_int_equal(nvm_cmd_data(&cmd, 4096, 514, list, 0x5000, ioaddrs), 513);
	assert_int_equal(nvm_prp_list(4096, 600, list, ioaddrs), 512);
}

static void header_keeps_every_opcode_bit(void **state)
{
	nvm_cmd_t cmd;

	(void)state;
	for (unsigned int opcode = 0; opcode < 256; ++opcode) {
		memset(&cmd, 0xff, sizeof(cmd));
		nvm_cmd_header(&cmd, 0xbeef, (uint8_t)opcode, 0x12345678);
		assert_int_equal(cmd.dword[0], 0xbeef0000U | opcode);
		assert_int_equal(*NVM_CMD_CID(&cmd), 0xbeef);
		assert_int_equal(*NVM_CMD_NSID(&cmd), 0x12345678);
	}
}

static void block_range_is_64_bits_and_zero_based(void **state)
{
	nvm_cmd_t cmd;

	(void)state;
	nvm_cmd_clear(&cmd);
	cmd.dword[12] = 0xc0000000;
	nvm_cmd_rw_blks(&cmd, UINT64_C(0x123456789abcdef0), 65536);
	assert_int_equal(cmd.dword[10], 0x9abcdef0);
	assert_int_equal(cmd.dword[11], 0x12345678);
	assert_int_equal(cmd.dword[12], 0xc000ffff);
	nvm_cmd_rw_blks(&cmd, 0, 1);
	assert_int_equal(cmd.dword[12], 0xc0000000);
}

static void completion_fields_are_where_the_specification_has_them(void **state)
{
	nvm_cpl_t cpl = {{0x11111111, 0, 0x00070003, 0}};

	(void)state;
	/* CID 0x1234, phase 1, SC 0x81, SCT 2, CRD 1, M 1, DNR 1. */
	cpl.dword[3] = 0x1234U | 1U << 16 | 0x81U << 17 | 2U << 25 | 1U << 28 | 1U << 30 | 1U << 31;
	assert_int_equal(*NVM_CPL_CID(&cpl), 0x1234);
	assert_int_equal(*NVM_CPL_SQHD(&cpl), 3);
	assert_int_equal(*NVM_CPL_SQID(&cpl), 7);
	assert_int_equal(*NVM_CPL_STATUS(&cpl), cpl.dword[3] >> 16);
	assert_int_equal(NVM_ERR_SC(&cpl), 0x81);
	assert_int_equal(NVM_ERR_SCT(&cpl), 2);
	assert_int_equal(NVM_ERR_CRD(&cpl), 1);
	assert_int_equal(NVM_ERR_DNR(&cpl), 1);
	assert_false(NVM_ERR_OK(&cpl));
	assert_int_equal(NVM_ERR_PACK(&cpl, 0), -(1 << 14 | 1 << 11 | 2 << 8 | 0x81));
	assert_int_equal(NVM_ERR_UNPACK_SC(NVM_ERR_PACK(&cpl, 0)), 0x81);
	assert_int_equal(NVM_ERR_UNPACK_SCT(NVM_ERR_PACK(&cpl, 0)), 2);
	assert_int_equal(NVM_ERR_UNPACK_DNR(NVM_ERR_PACK(&cpl, 0)), 1);
	assert_int_equal(NVM_ERR_UNPACK_CRD(NVM_ERR_PACK(&cpl, 0)), 1);
	assert_int_equal(NVM_ERR_PACK(NULL, 5), 5);
	assert_int_equal(NVM_ERR_UNPACK_ERRNO(5), 5);
	/* Success stays success whatever the other bits say. */
	cpl.dword[3] = 1U << 31 | 1U << 30 | 1U << 16;
	assert_int_equal(NVM_ERR_PACK(&cpl, 0), 0);
}

static void page_macros_round_as_documented(void **state)
{
	static unsigned char memory[8192 + 1];

	(void)state;
	assert_int_equal(NVM_PAGE_ALIGN(1, 4096), 4096);
	assert_int_equal(NVM_PAGE_ALIGN(4096, 4096), 4096);
	assert_int_equal(NVM_PAGE_ALIGN(0, 4096), 0);
	assert_int_equal(NVM_PAGE_ALIGN(UINT64_C(0x100000001), 4096), 0x100001000);
	assert_int_equal(NVM_ADDR_MASK(UINT64_C(0xfffffffff123), 4096), 0xfffffffff000);
	assert_int_equal(NVM_PAGE_TO_BLOCK(4096, 512, 3), 24);
	assert_int_equal(NVM_BLOCK_TO_PAGE(4096, 512, 24), 3);
	assert_int_equal(NVM_ADDR_OFFSET(0x1000, 4096, 3), 0x4000);
	assert_ptr_equal(NVM_PTR_OFFSET(memory, 4096, 2), memory + 8192);
	assert_int_equal(_RB(UINT64_C(0xabcd000012345678), 63, 48), 0xabcd);
	assert_int_equal(_RB(UINT64_MAX, 63, 0), UINT64_MAX);
	assert_int_equal(_WB(0x1ff, 15, 8), 0xff00);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_are_what_a_controller_walks),
		cmocka_unit_test(list_pages_are_counted_exactly),
		cmocka_unit_test(classic_data_says_how_many_pages_it_took),
		cmocka_unit_test(header_keeps_every_opcode_bit),
		cmocka_unit_test(block_range_is_64_bits_and_zero_based),
		cmocka_unit_test(completion_fields_are_where_the_specification_has_them),
		cmocka_unit_test(page_macros_round_as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
