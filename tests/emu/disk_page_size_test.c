/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_page_size_test.c - nvm_disk_t on a controller that runs with large pages, as it does on machines
 * whose pages have 64 KiB: also where one page is more than a command may transfer.
 */
#include <stdlib.h>
#include <string.h>

#include "nvm_disk.h"
#include "support/emu_aq.h"

#define SIZE ((size_t)3 << 20)

static void check_transfers(const char *uri, uint32_t page_size)
{
	struct nvm_ctrl_options ctrl = NVM_CTRL_OPTIONS_INIT;
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	unsigned char *plain = malloc(SIZE), *wanted = malloc(SIZE), *dma;
	nvm_disk_t *disk;

	assert_true(plain != NULL && wanted != NULL);
	ctrl.page_size = page_size;
	options.ctrl = &ctrl;
	assert_int_equal(nvm_disk_open(&disk, uri, &options), 0);
	assert_int_equal(nvm_disk_ctrl_info(disk)->page_size, page_size);
	for (size_t i = 0; i < SIZE; i++)
		wanted[i] = (unsigned char)(i / 512 * 13 + i);

	/* Written by copying, read in place; then the other way round. */
	assert_int_equal(nvm_disk_write(disk, wanted, 1, SIZE / 512), 0);
	dma = nvm_disk_alloc(disk, SIZE + 512);
	assert_non_null(dma);
	assert_int_equal(nvm_disk_read(disk, dma + 512, 1, SIZE / 512), 0);
	assert_memory_equal(dma + 512, wanted, SIZE);
	assert_int_equal(nvm_disk_write(disk, dma + 512, 5000, SIZE / 512), 0);
	memset(plain, 0, SIZE);
	assert_int_equal(nvm_disk_read(disk, plain, 5000, SIZE / 512), 0);
	assert_memory_equal(plain, wanted, SIZE);

	nvm_disk_close(disk);
	free(plain);
	free(wanted);
}

static void commands_smaller_than_a_page_do_not_share_memory(void **state)
{
	(void)state;
	check_transfers("emu:?size=16M&mdts=8192", 65536);
	check_transfers("emu:?size=16M&mdts=8192", 16384);
	check_transfers("emu:?size=16M&mdts=32768", 65536);
}

static void commands_of_a_page_and_more_are_split(void **state)
{
	(void)state;
	check_transfers("emu:?size=16M&mdts=65536", 65536);
	check_transfers("emu:?size=16M", 65536);
	check_transfers("emu:?size=16M&mdts=0", 8192);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_smaller_than_a_page_do_not_share_memory),
		cmocka_unit_test(commands_of_a_page_and_more_are_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
