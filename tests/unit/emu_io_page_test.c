/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_io_page_test.c - commands whose data lies in one page take a shorter way, and are announced
 * to the processor before: neither changes what they do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io.h"
#include "support/emu_io_host.h"

#define APART_AT 0x90000000ULL /* mappings of a few bytes and pages, in the second half of memory */

static struct nvm_sqe prp_command(struct fixture *f, uint8_t opc, uint32_t n_blocks, uint64_t prp1,
				  uint64_t prp2)
{
	struct nvm_sqe sqe = block_command(f, opc, 3, n_blocks);

	sqe.flags = 0;
	sqe.prp1 = prp1;
	sqe.prp2 = prp2;
	return sqe;
}

static void map(struct fixture *f, uint64_t ioaddr, uint64_t offset, size_t size, bool writable)
{
	emu_dma_leave(f->io.data.slot);
	assert_int_equal(emu_dma_add(f->dma, ioaddr, f->memory + offset, size, writable), 0);
	emu_dma_enter(f->io.data.slot);
}

/* Bytes of the page at MEMORY_AT + 1 MiB that differ from one another. */
static uint8_t pattern(uint64_t offset)
{
	return (uint8_t)(offset % 251);
}

static void data_in_one_page_arrives_from_any_offset(void **state)
{
	static const uint32_t offsets[] = {0, 4, 8, 508, 512, 516, 3580, 3584, 3588, 4092};
	struct fixture *f = *state;
	uint32_t len = f->lba_size;
	uint8_t *source = f->memory + (1U << 20), *dest = f->memory + (1U << 20) + 65536;

	for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		uint64_t from = LIST_AT + offsets[i], to = LIST_AT + 65536 + offsets[i];
		struct nvm_sqe sqe;

		for (unsigned int k = 0; k < 16384; k++)
			source[k] = pattern(k);
		memset(dest, 0xee, 16384);
		/* Across the end of the page the second one is another. */
		sqe = prp_command(f, NVM_IO_OPC_WRITE, len / f->lba_size, from, LIST_AT + 8192);
		assert_int_equal(execute(f, &sqe), 0);
		sqe = prp_command(f, NVM_IO_OPC_READ, len / f->lba_size, to,
				  LIST_AT + 65536 + 8192);
		assert_int_equal(execute(f, &sqe), 0);
		for (unsigned int k = 0; k < 16384; k++) {
			unsigned int first = 4096 - offsets[i] < len ? 4096 - offsets[i] : len;
			bool inside = (k >= offsets[i] && k < offsets[i] + first) ||
				      (k >= 8192 && k < 8192 + len - first);

			assert_int_equal(dest[k], inside ? pattern(k) : 0xee);
		}
	}
	assert_int_equal(emu_dma_faults(f->dma), 0);
}

static void a_misaligned_address_is_refused(void **state)
{
	struct fixture *f = *state;

	write_fill(f, 0, 8, 0x44);
	for (unsigned int offset = 1; offset < 4; offset++) {
		struct nvm_sqe sqe = prp_command(f, NVM_IO_OPC_WRITE, 1, MEMORY_AT + offset, 0);

		memset(f->memory, 0x55, 8192);
		assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID));
		sqe.opc = NVM_IO_OPC_READ;
		assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID));
		assert_int_equal(f->memory[offset], 0x55);
	}
	assert_fill(f, 0, 8, 0x44);
	assert_int_equal(emu_dma_faults(f->dma), 0);
}

static void a_page_that_is_not_mapped_is_one_fault(void **state)
{
	static const uint8_t opcodes[] = {NVM_IO_OPC_READ, NVM_IO_OPC_WRITE};
	struct fixture *f = *state;
	uint64_t faults = 0;

	write_fill(f, 0, 8, 0x44);
	memset(f->memory, 0x55, 1U << 20);
	/* A mapping that ends within the page, and a first page without a second. */
	map(f, APART_AT, 1U << 20, f->lba_size - 4, true);
	map(f, APART_AT + 0x10000, (1U << 20) + 8192, 4096, true);
	for (unsigned int i = 0; i < sizeof(opcodes); i++) {
		struct nvm_sqe sqe = prp_command(f, opcodes[i], 1, 0x5000, 0);

		assert_int_equal(execute(f, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
		assert_int_equal(emu_dma_faults(f->dma), ++faults);
		sqe.prp1 = APART_AT;
		assert_int_equal(execute(f, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
		assert_int_equal(emu_dma_faults(f->dma), ++faults);
		sqe.prp1 = APART_AT + 0x10000 + 4096 - f->lba_size / 2;
		sqe.prp2 = APART_AT + 0x11000;
		assert_int_equal(execute(f, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
		assert_int_equal(emu_dma_faults(f->dma), ++faults);
	}
	/* The writes among them changed nothing. */
	assert_fill(f, 0, 8, 0x44);
}

static void a_page_of_several_mappings_is_one_page(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = prp_command(f, NVM_IO_OPC_WRITE, 1, APART_AT, 0);

	map(f, APART_AT, 1U << 20, 100, true);
	map(f, APART_AT + 100, (1U << 20) + 8192, f->lba_size - 100, true);
	memset(f->memory + (1U << 20), 0x66, 100);
	memset(f->memory + (1U << 20) + 8192, 0x77, f->lba_size - 100);
	assert_int_equal(execute(f, &sqe), 0);
	sqe = block_command(f, NVM_IO_OPC_READ, 3, 1);
	assert_int_equal(execute(f, &sqe), 0);
	assert_int_equal(f->memory[99], 0x66);
	assert_int_equal(f->memory[100], 0x77);
	assert_int_equal(f->memory[f->lba_size - 1], 0x77);
	assert_int_equal(emu_dma_faults(f->dma), 0);
}

static void a_read_only_page_is_written_to_the_disk_only(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = prp_command(f, NVM_IO_OPC_WRITE, 1, APART_AT, 0);

	map(f, APART_AT, 1U << 20, 4096, false);
	memset(f->memory + (1U << 20), 0x66, 4096);
	assert_int_equal(execute(f, &sqe), 0);
	assert_fill(f, 3, 1, 0x66);
	sqe.opc = NVM_IO_OPC_READ;
	sqe.cdw10 = 4;
	assert_int_equal(execute(f, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(emu_dma_faults(f->dma), 1);
	assert_int_equal(f->memory[1U << 20], 0x66);
}

static void larger_pages_take_more_blocks(void **state)
{
	struct fixture *f = *state;
	uint32_t n = 8192 / f->lba_size;
	struct nvm_sqe sqe = prp_command(f, NVM_IO_OPC_WRITE, n, LIST_AT + 4096, 1);

	f->io.data.page_size = 16384;
	for (unsigned int k = 0; k < 16384; k++)
		f->memory[(1U << 20) + k] = pattern(k);
	assert_int_equal(execute(f, &sqe), 0);
	sqe = block_command(f, NVM_IO_OPC_READ, 3, n);
	assert_int_equal(execute(f, &sqe), 0);
	for (unsigned int k = 0; k < 8192; k++)
		assert_int_equal(f->memory[k], pattern(4096 + k));
	/* Up to the end of the page, and no further: there, PRP2 is looked at. */
	sqe = prp_command(f, NVM_IO_OPC_WRITE, n, LIST_AT + 8192, 1);
	assert_int_equal(execute(f, &sqe), 0);
	sqe.prp1 += 4;
	assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID));
}

static void only_small_transfers_of_memory_take_no_time(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = prp_command(f, NVM_IO_OPC_READ, 1, LIST_AT, 0);
	bool memory = !f->path[0];

	assert_int_equal(emu_io_prepare(&f->io, &sqe), memory);
	sqe.opc = NVM_IO_OPC_WRITE;
	sqe.cdw12 = 4096 / f->lba_size - 1;
	assert_int_equal(emu_io_prepare(&f->io, &sqe), memory);
	sqe.cdw12++;
	assert_false(emu_io_prepare(&f->io, &sqe));
	sqe.cdw12 = 0;
	sqe.cdw10 = N_BLOCKS - 1;
	assert_int_equal(emu_io_prepare(&f->io, &sqe), memory);
	sqe.cdw10 = N_BLOCKS;
	assert_false(emu_io_prepare(&f->io, &sqe));
	sqe.cdw10 = 0;
	sqe.nsid = 3; /* no data at all */
	assert_true(emu_io_prepare(&f->io, &sqe));
	sqe.nsid = 4;
	assert_false(emu_io_prepare(&f->io, &sqe));
	sqe.nsid = 1;
	sqe.opc = NVM_IO_OPC_WRITE_ZEROES;
	assert_false(emu_io_prepare(&f->io, &sqe));
}

static void whatever_a_command_says_may_be_prepared(void **state)
{
	struct fixture *f = *state;

	write_fill(f, 0, 8, 0x44);
	memset(f->memory, 0x55, MEMORY_SIZE);
	for (unsigned int i = 0; i < 100000; i++) {
		struct nvm_sqe sqe;
		uint8_t *bytes = (uint8_t *)&sqe;

		for (unsigned int k = 0; k < sizeof(sqe); k++)
			bytes[k] = (uint8_t)rnd(f, 256);
		if (i % 2) {
			sqe.opc = (uint8_t)rnd(f, 8);
			sqe.nsid = rnd(f, 5);
			sqe.cdw10 = N_BLOCKS - 2 + rnd(f, 4);
			sqe.cdw11 = 0;
			sqe.cdw12 = rnd(f, 16);
		}
		emu_io_prepare(&f->io, &sqe);
	}
	assert_int_equal(emu_dma_faults(f->dma), 0);
	for (size_t k = 0; k < MEMORY_SIZE; k++)
		assert_int_equal(f->memory[k], 0x55);
	assert_fill(f, 0, 8, 0x44);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(data_in_one_page_arrives_from_any_offset),
		ON_ALL(a_misaligned_address_is_refused),
		ON_ALL(a_page_that_is_not_mapped_is_one_fault),
		ON_ALL(a_page_of_several_mappings_is_one_page),
		ON_ALL(a_read_only_page_is_written_to_the_disk_only),
		ON_ALL(larger_pages_take_more_blocks),
		ON_ALL(only_small_transfers_of_memory_take_no_time),
		ON_ALL(whatever_a_command_says_may_be_prepared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
