/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_io_test.c - the software controller's NVM command set, command by command, on memory and on
 * files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io.h"
#include "support/emu_io_host.h"

static void what_was_written_is_read(void **state)
{
	struct fixture *f = *state;

	assert_fill(f, 0, 16, 0);
	write_fill(f, 5, 3, 0xa5);
	assert_fill(f, 5, 3, 0xa5);
	assert_fill(f, 4, 1, 0);
	assert_fill(f, 8, 1, 0);
	write_fill(f, N_BLOCKS - 1, 1, 0x5a);
	assert_fill(f, N_BLOCKS - 1, 1, 0x5a);
}

static void transfers_through_prps_arrive(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = block_command(f, NVM_IO_OPC_WRITE, 1, MDTS / f->lba_size);
	uint64_t *list = (void *)(f->memory + (1U << 20));

	/* Pages in descending order, from the middle of the first one. */
	sqe.flags = 0;
	sqe.prp1 = MEMORY_AT + 0x80000 + 512;
	sqe.prp2 = LIST_AT;
	for (unsigned int i = 0; i < MDTS / 4096; i++)
		list[i] = MEMORY_AT + 0x7f000 - i * 4096ULL;
	for (uint32_t i = 0; i < 0x81000; i++)
		f->memory[i] = (uint8_t)(i / 509);
	assert_int_equal(execute(f, &sqe), 0);

	for (uint64_t at = 0; at < MDTS; at += f->lba_size) {
		uint64_t page = (at + 512) / 4096, in_page = (at + 512) % 4096;
		uint8_t expect[4096];

		for (uint64_t i = 0; i < f->lba_size; i++, in_page++) {
			uint64_t from;

			if (in_page == 4096) {
				page++;
				in_page = 0;
			}
			from = (page ? 0x7f000 - (page - 1) * 4096 : 0x80000) + in_page;
			expect[i] = (uint8_t)(from / 509);
		}
		sqe = block_command(f, NVM_IO_OPC_READ, 1 + at / f->lba_size, 1);
		sqe.sgl1.addr = LIST_AT + 4096;
		assert_int_equal(execute(f, &sqe), 0);
		assert_memory_equal(f->memory + (1U << 20) + 4096, expect, f->lba_size);
	}
}

static void blocks_outside_of_the_namespace_are_refused(void **state)
{
	static const uint8_t opcodes[] = {NVM_IO_OPC_READ, NVM_IO_OPC_WRITE, NVM_IO_OPC_COMPARE,
					  NVM_IO_OPC_WRITE_ZEROES, NVM_IO_OPC_VERIFY};
	const emu_status_t out = EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE);
	struct fixture *f = *state;

	for (unsigned int i = 0; i < sizeof(opcodes); i++) {
		assert_int_equal(blocks(f, opcodes[i], N_BLOCKS, 1), out);
		assert_int_equal(blocks(f, opcodes[i], N_BLOCKS - 1, 2), out);
		assert_int_equal(blocks(f, opcodes[i], UINT64_MAX, 1), out);
		assert_int_equal(blocks(f, opcodes[i], UINT64_MAX, 2), out); /* wraps to 1 */
		assert_int_equal(blocks(f, opcodes[i], UINT64_MAX / f->lba_size + 1, 1), out);
		assert_int_equal(f->io.error_lba, UINT64_MAX / f->lba_size + 1);
		assert_int_equal(blocks(f, opcodes[i], N_BLOCKS - 1, 1), 0);
	}
}

static void transfers_beyond_mdts_are_refused(void **state)
{
	struct fixture *f = *state;
	uint32_t most = MDTS / f->lba_size;

	assert_int_equal(blocks(f, NVM_IO_OPC_READ, 0, most), 0);
	assert_int_equal(blocks(f, NVM_IO_OPC_READ, 0, most + 1), EMU_FAIL(NVM_SC_INVALID_FIELD));
	assert_int_equal(blocks(f, NVM_IO_OPC_WRITE, 0, most + 1), EMU_FAIL(NVM_SC_INVALID_FIELD));
	assert_int_equal(blocks(f, NVM_IO_OPC_COMPARE, 0, most + 1),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
	/* No transfer, no limit. */
	assert_int_equal(blocks(f, NVM_IO_OPC_WRITE_ZEROES, 0, N_BLOCKS), 0);
	assert_int_equal(blocks(f, NVM_IO_OPC_VERIFY, 0, N_BLOCKS), 0);
	f->io.max_transfer = 0;
	assert_int_equal(blocks(f, NVM_IO_OPC_READ, 0, most + 1), 0);
}

static void unknown_namespaces_opcodes_and_fused_commands_are_refused(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = block_command(f, NVM_IO_OPC_READ, 0, 1);

	for (unsigned int i = 0; i < 3; i++) {
		sqe.nsid = i == 0 ? 0 : i == 1 ? 4 : NVM_NSID_ALL;
		assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT));
	}
	sqe.nsid = 1;
	for (unsigned int opc = 0; opc < 256; opc++) {
		sqe.opc = (uint8_t)opc;
		if (!emu_io_effects(sqe.opc))
			assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_INVALID_OPCODE));
	}
	assert_int_equal(emu_io_effects(NVM_IO_OPC_WRITE_UNCORRECTABLE), 0);
	sqe.opc = NVM_IO_OPC_COMPARE;
	for (unsigned int fuse = 1; fuse < 4; fuse++) {
		sqe.flags = (uint8_t)NVM_FIELD(SQE_FUSE, fuse);
		assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_INVALID_FIELD));
	}
	sqe = block_command(f, NVM_IO_OPC_WRITE, 0, 1);
	sqe.cdw12 |= NVM_FIELD(RW_DTYPE, 1);
	assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_INVALID_FIELD));
	/* Without protection information, its fields mean nothing. */
	sqe.cdw12 = NVM_FIELD(RW_PRINFO, 0xf);
	assert_int_equal(execute(f, &sqe), 0);
}

static void a_read_only_namespace_is_only_read(void **state)
{
	static const uint8_t writes[] = {NVM_IO_OPC_WRITE, NVM_IO_OPC_WRITE_ZEROES, NVM_IO_OPC_COPY,
					 NVM_IO_OPC_DATASET_MANAGEMENT};
	struct fixture *f = *state;
	struct nvm_sqe sqe;

	for (unsigned int i = 0; i < sizeof(writes); i++) {
		sqe = block_command(f, writes[i], 0, 1);
		sqe.nsid = 2;
		if (writes[i] == NVM_IO_OPC_DATASET_MANAGEMENT)
			sqe.cdw11 = NVM_FIELD(DSM_AD, 1);
		assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED));
	}
	sqe = block_command(f, NVM_IO_OPC_READ, 0, 1);
	sqe.nsid = 2;
	assert_int_equal(execute(f, &sqe), 0);
	sqe = (struct nvm_sqe){.opc = NVM_IO_OPC_FLUSH, .nsid = 2};
	assert_int_equal(execute(f, &sqe), 0);
}

static void flush_takes_one_namespace_or_all(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = {.opc = NVM_IO_OPC_FLUSH, .nsid = 1};

	assert_int_equal(execute(f, &sqe), 0);
	sqe.nsid = NVM_NSID_ALL;
	assert_int_equal(execute(f, &sqe), 0);
	sqe.nsid = 0;
	assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT));
	sqe.nsid = 4;
	assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT));
}

static void durable_writes_arrive_like_others(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = block_command(f, NVM_IO_OPC_WRITE, 3, 2);

	memset(f->memory, 0x11, 2 * (size_t)f->lba_size);
	sqe.cdw12 |= NVM_FIELD(RW_FUA, 1);
	assert_int_equal(execute(f, &sqe), 0);
	assert_fill(f, 3, 2, 0x11);
	sqe.opc = NVM_IO_OPC_READ;
	assert_int_equal(execute(f, &sqe), 0);
	sqe.opc = NVM_IO_OPC_WRITE_ZEROES;
	assert_int_equal(execute(f, &sqe), 0);
	assert_fill(f, 3, 2, 0);
	emu_ns_table_write_cache(&f->table, false);
	write_fill(f, 3, 2, 0x22);
	assert_fill(f, 3, 2, 0x22);
	emu_ns_table_write_cache(&f->table, true);
}

static void compare_finds_every_difference(void **state)
{
	struct fixture *f = *state;
	size_t size = 300 * (size_t)512;
	uint32_t n = (uint32_t)(size / f->lba_size);

	for (size_t i = 0; i < size; i++)
		f->memory[i] = (uint8_t)(i * 5 + i / 512);
	assert_int_equal(blocks(f, NVM_IO_OPC_WRITE, 9, n), 0);
	assert_int_equal(blocks(f, NVM_IO_OPC_COMPARE, 9, n), 0);
	for (size_t i = 0; i < size; i += i % 512 == 511 ? 1 + 511 * 64 : 511) {
		f->memory[i] ^= 0x80;
		assert_int_equal(blocks(f, NVM_IO_OPC_COMPARE, 9, n),
				 i < n * (size_t)f->lba_size ? EMU_FAIL(NVM_SC_COMPARE_FAILURE)
							     : 0);
		f->memory[i] ^= 0x80;
	}
	assert_int_equal(blocks(f, NVM_IO_OPC_COMPARE, 9, n), 0);
}

static void write_zeroes_zeroes_exactly_its_blocks(void **state)
{
	struct fixture *f = *state;

	for (uint32_t deac = 0; deac < 2; deac++) {
		struct nvm_sqe sqe = block_command(f, NVM_IO_OPC_WRITE_ZEROES, 11, 37);

		write_fill(f, 10, 39, 0x77);
		sqe.cdw12 |= NVM_FIELD(RW_DEAC, deac);
		assert_int_equal(execute(f, &sqe), 0);
		assert_fill(f, 10, 1, 0x77);
		assert_fill(f, 11, 37, 0);
		assert_fill(f, 48, 1, 0x77);
	}
}

static void deallocated_blocks_read_as_zeroes(void **state)
{
	struct fixture *f = *state;
	struct nvm_dsm_range range[256] = {{0, 2, 20}, {0, 0, 25}, {0, 1, 29}};

	write_fill(f, 19, 12, 0x99);
	assert_int_equal(deallocate(f, range, 3), 0);
	assert_fill(f, 19, 1, 0x99);
	assert_fill(f, 20, 2, 0);
	assert_fill(f, 22, 7, 0x99);
	assert_fill(f, 29, 1, 0);
	assert_fill(f, 30, 1, 0x99);

	for (unsigned int i = 0; i < 256; i++)
		range[i] = (struct nvm_dsm_range){.nlb = 1, .slba = 2 * i};
	assert_int_equal(deallocate(f, range, 256), 0);
	/* One bad range: nothing happens at all. */
	range[0] = (struct nvm_dsm_range){.nlb = 1, .slba = 19};
	range[1] = (struct nvm_dsm_range){.nlb = 2, .slba = N_BLOCKS - 1};
	assert_int_equal(deallocate(f, range, 2), EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE));
	assert_fill(f, 19, 1, 0x99);
	range[1] = (struct nvm_dsm_range){.nlb = UINT32_MAX, .slba = UINT64_MAX - 5};
	assert_int_equal(deallocate(f, range, 2), EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE));
	range[1] = (struct nvm_dsm_range){.nlb = N_BLOCKS, .slba = 0};
	assert_int_equal(deallocate(f, range, 2), 0);
	assert_fill(f, 19, 12, 0);
}

static void hints_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = list_command(NVM_IO_OPC_DATASET_MANAGEMENT, 16);
	struct nvm_dsm_range range = {.nlb = 1, .slba = 7};

	write_fill(f, 7, 1, 0x33);
	memcpy(f->memory + (LIST_AT - MEMORY_AT), &range, sizeof(range));
	sqe.cdw11 = NVM_FIELD(DSM_IDR, 1) | NVM_FIELD(DSM_IDW, 1);
	assert_int_equal(execute(f, &sqe), 0);
	assert_fill(f, 7, 1, 0x33);
}

static void copy_gathers_ranges(void **state)
{
	struct fixture *f = *state;
	struct nvm_copy_range range[3] = {
		{.slba = 102, .nlb = 0}, {.slba = 100, .nlb = 1}, {.slba = 300, .nlb = 499}};

	write_fill(f, 100, 1, 0x10);
	write_fill(f, 101, 1, 0x11);
	write_fill(f, 102, 1, 0x12);
	for (uint64_t slba = 300; slba < 800; slba += 10)
		write_fill(f, slba, 10, (uint8_t)slba);
	assert_int_equal(copy(f, 1000, range, 3, NVM_FIELD(COPY_FUA, 1)), 0);
	assert_int_equal(f->dw0, 0);
	assert_fill(f, 999, 1, 0);
	assert_fill(f, 1000, 1, 0x12);
	assert_fill(f, 1001, 1, 0x10);
	assert_fill(f, 1002, 1, 0x11);
	for (uint64_t slba = 300; slba < 800; slba += 10)
		assert_fill(f, 1003 + slba - 300, 10, (uint8_t)slba);
	assert_fill(f, 1503, 1, 0);
	assert_fill(f, 100, 1, 0x10);
}

static void copy_keeps_to_its_limits(void **state)
{
	struct fixture *f = *state;
	struct nvm_copy_range range[129] = {{.nlb = 9}};

	assert_int_equal(copy(f, N_BLOCKS - 10, range, 1, 0), 0);
	assert_int_equal(copy(f, N_BLOCKS - 9, range, 1, 0), EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE));
	assert_int_equal(copy(f, UINT64_MAX, range, 1, 0), EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE));
	range[0].slba = N_BLOCKS - 9;
	assert_int_equal(copy(f, 0, range, 1, 0), EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE));
	range[0].slba = 0;
	range[0].nlb = EMU_MSSRL;
	assert_int_equal(copy(f, 0, range, 1, 0), EMU_FAIL(NVM_SC_CMD_SIZE_LIMIT_EXCEEDED));
	range[0].nlb = 0;
	assert_int_equal(copy(f, 0, range, 129, 0), EMU_FAIL(NVM_SC_CMD_SIZE_LIMIT_EXCEEDED));
	assert_int_equal(copy(f, 0, range, 128, 0), 0);
	for (unsigned int i = 0; i < 9; i++)
		range[i].nlb = EMU_MSSRL - 1;
	assert_int_equal(copy(f, 0, range, 9, 0), EMU_FAIL(NVM_SC_CMD_SIZE_LIMIT_EXCEEDED));
	assert_int_equal(copy(f, 0, range, 1, NVM_FIELD(COPY_DESFMT, 1)),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
	assert_int_equal(copy(f, 0, range, 1, NVM_FIELD(COPY_DTYPE, 1)),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
}

static void a_write_with_a_bad_data_pointer_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = block_command(f, NVM_IO_OPC_WRITE, 0, 8 * 4096 / f->lba_size);
	uint64_t *list = (void *)(f->memory + (LIST_AT - MEMORY_AT));

	write_fill(f, 0, sqe.cdw12 + 1, 0x44);
	memset(f->memory, 0x55, 1U << 20);
	sqe.flags = 0;
	sqe.prp1 = MEMORY_AT;
	sqe.prp2 = LIST_AT;
	for (unsigned int i = 0; i < 7; i++)
		list[i] = MEMORY_AT + 2 * 4096ULL * (i + 1);
	list[6] = 0x1000; /* nothing there */
	assert_int_equal(execute(f, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(emu_dma_faults(f->dma), 1);
	list[6] = MEMORY_AT + 512;
	assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_PRP_OFFSET_INVALID));
	assert_fill(f, 0, sqe.cdw12 + 1, 0x44);

	/* More pieces than are looked at in one go, the last of them wrong. */
	sqe = block_command(f, NVM_IO_OPC_WRITE, 0, 4096 / f->lba_size);
	memset(f->memory, 0x55, 1U << 20);
	for (unsigned int i = 0; i < 1024; i++) {
		struct nvm_sgl_desc desc = {.addr = MEMORY_AT + i * 8, .length = 4};

		if (i == 1023)
			desc.addr = 0x1000;
		memcpy((uint8_t *)list + i * sizeof(desc), &desc, sizeof(desc));
	}
	sqe.sgl1.addr = LIST_AT;
	sqe.sgl1.length = 1024 * 16;
	sqe.sgl1.type = NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_LAST_SEGMENT);
	assert_int_equal(execute(f, &sqe), NVM_SC_DATA_TRANSFER_ERROR);
	assert_fill(f, 0, sqe.cdw12 + 1, 0x44);
}

static void a_null_namespace_transfers_nothing(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = block_command(f, NVM_IO_OPC_READ, 0, 8);

	memset(f->memory, 0x66, 8 * (size_t)f->lba_size);
	sqe.nsid = 3;
	assert_int_equal(execute(f, &sqe), 0);
	assert_int_equal(f->memory[0], 0x66);
	sqe.opc = NVM_IO_OPC_WRITE;
	assert_int_equal(execute(f, &sqe), 0);
	sqe.cdw10 = N_BLOCKS;
	assert_int_equal(execute(f, &sqe), EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE));
}

static void blocks_are_counted(void **state)
{
	struct fixture *f = *state;

	write_fill(f, 0, 5, 1);
	assert_fill(f, 0, 3, 1);
	assert_int_equal(f->io.stats.written_blocks, 5);
	assert_int_equal(f->io.stats.read_blocks, 3);
	assert_int_equal(f->io.stats.writes, 1);
	assert_int_equal(f->io.stats.reads, 1);
	assert_int_equal(f->io.stats.written_bytes, 5 * f->lba_size);
	assert_int_equal(f->io.stats.read_bytes, 3 * f->lba_size);
}

static void format_of_all_namespaces_is_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_FORMAT_NVM, .nsid = NVM_NSID_ALL};

	write_fill(f, 0, 1, 0x12);
	/* The second one is read-only. */
	assert_int_equal(emu_admin_format(&f->table, &sqe), EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED));
	sqe.cdw10 = f->lba_size == 512 ? 0 : 1;
	assert_fill(f, 0, 1, 0x12);
	sqe.nsid = 0;
	assert_int_equal(emu_admin_format(&f->table, &sqe), EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT));
	sqe.nsid = 4;
	assert_int_equal(emu_admin_format(&f->table, &sqe), EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT));
	sqe.nsid = 1;
	assert_int_equal(emu_admin_format(&f->table, &sqe), 0);
	assert_fill(f, 0, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(what_was_written_is_read),
		ON_ALL(transfers_through_prps_arrive),
		ON_ALL(blocks_outside_of_the_namespace_are_refused),
		ON_ALL(transfers_beyond_mdts_are_refused),
		ON_ALL(unknown_namespaces_opcodes_and_fused_commands_are_refused),
		ON_ALL(a_read_only_namespace_is_only_read),
		ON_ALL(flush_takes_one_namespace_or_all),
		ON_ALL(durable_writes_arrive_like_others),
		ON_ALL(compare_finds_every_difference),
		ON_ALL(write_zeroes_zeroes_exactly_its_blocks),
		ON_ALL(deallocated_blocks_read_as_zeroes),
		ON_ALL(hints_change_nothing),
		ON_ALL(copy_gathers_ranges),
		ON_ALL(copy_keeps_to_its_limits),
		ON_ALL(a_write_with_a_bad_data_pointer_changes_nothing),
		ON_ALL(a_null_namespace_transfers_nothing),
		ON_ALL(blocks_are_counted),
		ON_ALL(format_of_all_namespaces_is_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
