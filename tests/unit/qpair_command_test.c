/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_command_test.c - what is in the submission queue entries of every kind of request, dword by dword.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "support/qpair_device.h"

struct command_fixture {
	struct qd *d;
	nvm_qpair_t *qp;
	nvm_ns_t ns;
	nvm_buf_t *buf;
	struct nvm_sqe sqe;
};

/* @ms: metadata; @flags: FLBAS */
static struct command_fixture begin_command(uint16_t ms, uint8_t flbas)
{
	struct command_fixture t = {.d = qd_start(4096)};

	t.d->ns.lbaf[0].ms = ms;
	t.d->ns.flbas = flbas;
	t.d->id.mdts = 2;
	t.d->layout = QD_SCATTERED;
	t.buf = qd_buf(t.d, 1 << 20);
	t.qp = qd_qpair(t.d, 16, 2, true);
	t.ns = qd_ns(t.d);
	/* Dirty slots: entries are written whole. */
	memset((void *)(uintptr_t)t.qp->sq.vaddr, 0xee, 16 * 64);
	return t;
}

/* The next command; it has completed afterwards. */
static void next(struct command_fixture *t)
{
	nvm_done_t done;

	assert_true(qd_fetch(t->d, &t->sqe));
	qd_post(t->d, t->sqe.cid, 0, 0);
	nvm_qpair_reap(t->qp, &done, 1);
	assert_int_equal(t->sqe.cdw2, 0);
	assert_int_equal(t->sqe.cdw3, 0);
	assert_int_equal(t->sqe.cdw13, 0);
	assert_int_equal(t->sqe.cdw14, 0);
	assert_int_equal(t->sqe.cdw15, 0);
}

static void end_command(struct command_fixture *t)
{
	assert_int_equal(nvm_qpair_in_flight(t->qp), 0);
	assert_int_equal(t->qp->priv->requests.lists.n_free, 2);
	nvm_qpair_destroy(t->qp);
	nvm_buf_destroy(t->buf);
	qd_stop(t->d);
}

static void expect(const struct command_fixture *t, uint8_t opcode, uint64_t lba, uint32_t cdw12)
{
	assert_int_equal(t->sqe.opc, opcode);
	assert_int_equal(t->sqe.flags, 0);
	assert_int_equal(t->sqe.nsid, 1);
	assert_int_equal(qd_lba(&t->sqe), lba);
	assert_int_equal(t->sqe.cdw12, cdw12);
}

static void reads_writes_and_compares(void **state)
{
	struct command_fixture t = begin_command(0, 0);
	const uint64_t lba = UINT64_C(0xfedcba9876);

	(void)state;
	assert_int_equal(nvm_qpair_read(t.qp, &t.ns, t.buf, 516, lba, 3, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_READ, lba, 2);
	assert_int_equal(t.sqe.prp1, t.buf->ioaddrs[0] + 516);
	assert_int_equal(t.sqe.prp2, 0);
	assert_int_equal(t.sqe.mptr, 0);
	assert_int_equal(nvm_qpair_write(t.qp, &t.ns, t.buf, 4096, 0, 16, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_WRITE, 0, 15);
	assert_int_equal(t.sqe.prp2, t.buf->ioaddrs[2]);
	assert_int_equal(nvm_qpair_compare(t.qp, &t.ns, t.buf, 8192, 7, 1, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_COMPARE, 7, 0);
	assert_int_equal(t.sqe.prp1, t.buf->ioaddrs[2]);
	end_command(&t);
}

static void flags_go_into_every_part(void **state)
{
	struct command_fixture t = begin_command(0, 0);
	const uint32_t flags = NVM_FIELD(RW_FUA, 1) | NVM_FIELD(RW_LR, 1);
	struct nvm_io_vec vec = {t.buf, 0, 64 * 512};
	struct nvm_io io = {.ns = &t.ns,
			    .opcode = NVM_IO_WRITE,
			    .flags = flags,
			    .lba = 10,
			    .n_blocks = 64,
			    .data = &vec,
			    .n_data = 1};

	(void)state;
	assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_WRITE, 10, flags | 31);
	next(&t);
	expect(&t, NVM_IO_OPC_WRITE, 42, flags | 31);
	io.n_blocks = 1;
	vec.size = 512;
	assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_WRITE, 10, flags);
	end_command(&t);
}

static void commands_without_data(void **state)
{
	struct command_fixture t = begin_command(0, 0);
	nvm_cmd_t raw = {.dword = {0xffff0181, 7, 0, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12}};

	(void)state;
	assert_int_equal(nvm_qpair_flush(t.qp, &t.ns, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_FLUSH, 0, 0);
	assert_int_equal(nvm_qpair_write_zeroes(t.qp, &t.ns, 5, 65536, false, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_WRITE_ZEROES, 5, 65535);
	assert_int_equal(nvm_qpair_write_zeroes(t.qp, &t.ns, 5, 1, true, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_WRITE_ZEROES, 5, NVM_FIELD(RW_DEAC, 1));
	assert_int_equal(nvm_qpair_verify(t.qp, &t.ns, 6, 2, NULL, NULL), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_VERIFY, 6, 1);
	/* All but the CID is as given. */
	assert_int_equal(nvm_qpair_raw(t.qp, &raw, NULL, NULL), 0);
	next(&t);
	assert_int_equal(t.sqe.cdw0 & 0xffff, 0x0181);
	assert_int_not_equal(t.sqe.cid, 0xffff);
	for (uint32_t i = 4; i < 13; ++i)
		assert_int_equal(t.sqe.dword[i], i);
	end_command(&t);
}

static void ranges_of_dataset_management(void **state)
{
	struct command_fixture t = begin_command(0, 0);
	struct nvm_block_range ranges[256];
	const struct nvm_dsm_range *list;

	(void)state;
	for (uint32_t i = 0; i < 256; ++i)
		ranges[i] = (struct nvm_block_range){UINT64_C(0x100000000) + i * 1000, 1 + i};
	for (uint32_t n = 1; n <= 256; n += 255) {
		assert_int_equal(nvm_qpair_dsm(t.qp, &t.ns, ranges, n, 5, NULL, NULL), 0);
		next(&t);
		assert_int_equal(t.sqe.opc, NVM_IO_OPC_DATASET_MANAGEMENT);
		assert_int_equal(t.sqe.nsid, 1);
		assert_int_equal(t.sqe.cdw10, n - 1);
		assert_int_equal(t.sqe.cdw11, 5);
		assert_int_equal(t.sqe.cdw12, 0);
		assert_int_equal(t.sqe.prp2, 0);
		list = qd_at(t.d, t.sqe.prp1, n * 16);
		for (uint32_t i = 0; i < n; ++i) {
			assert_int_equal(list[i].cattr, 0);
			assert_int_equal(list[i].slba, ranges[i].lba);
			assert_int_equal(list[i].nlb, ranges[i].n_blocks);
		}
	}
	end_command(&t);
}

static void ranges_of_copy(void **state)
{
	struct command_fixture t = begin_command(0, 0);
	struct nvm_block_range ranges[128];
	const struct nvm_copy_range *list;

	(void)state;
	for (uint32_t i = 0; i < 128; ++i)
		ranges[i] = (struct nvm_block_range){i * 70000, i == 0 ? 65536 : i};
	assert_int_equal(t.ns.max_copy_ranges, 128);
	assert_int_equal(
		nvm_qpair_copy(t.qp, &t.ns, ranges, 128, UINT64_C(0x1234567890), NULL, NULL), 0);
	next(&t);
	assert_int_equal(t.sqe.opc, NVM_IO_OPC_COPY);
	assert_int_equal(qd_lba(&t.sqe), UINT64_C(0x1234567890));
	assert_int_equal(t.sqe.cdw12, 127); /* descriptor format 0 */
	list = qd_at(t.d, t.sqe.prp1, 4096);
	for (uint32_t i = 0; i < 128; ++i) {
		const uint8_t *bytes = (const uint8_t *)&list[i];

		assert_int_equal(list[i].slba, ranges[i].lba);
		assert_int_equal(list[i].nlb, ranges[i].n_blocks - 1);
		for (int k = 0; k < 32; ++k)
			if (k < 8 || k >= 18)
				assert_int_equal(bytes[k], 0);
	}
	end_command(&t);
}

/* Each part's metadata is where the blocks before it leave off. */
static void separate_metadata(void **state)
{
	struct command_fixture t = begin_command(8, 0);
	struct nvm_io_vec vec = {t.buf, 0, 70 * 512};
	struct nvm_io io = {.ns = &t.ns,
			    .opcode = NVM_IO_READ,
			    .n_blocks = 70,
			    .data = &vec,
			    .n_data = 1,
			    .metadata = {t.buf, 128 * 1024 + 512, 70 * 8}};
	uint64_t mptr = t.buf->ioaddrs[32] + 512;

	(void)state;
	assert_false(t.ns.metadata_inline);
	assert_int_equal(t.ns.max_blocks, 32);
	assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	for (uint32_t i = 0; i < 3; ++i) {
		next(&t);
		expect(&t, NVM_IO_OPC_READ, i * 32, i < 2 ? 31 : 5);
		assert_int_equal(t.sqe.mptr, mptr + i * 32 * 8);
	}
	io.n_blocks = 2;
	vec.size = 1024;
	io.metadata.size = 16;
	assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	next(&t);
	assert_int_equal(t.sqe.mptr, mptr);
	/* Those without data have no metadata either. */
	assert_int_equal(nvm_qpair_verify(t.qp, &t.ns, 6, 2, NULL, NULL), 0);
	next(&t);
	assert_int_equal(t.sqe.mptr, 0);
	end_command(&t);
}

/* Blocks of 520 bytes: data and metadata are one, and MDTS counts both. */
static void inline_metadata(void **state)
{
	struct command_fixture t = begin_command(8, NVM_FIELD(FLBAS_EXTENDED, 1));
	struct nvm_io_vec vec = {t.buf, 0, 40 * 520};
	struct nvm_io io = {
		.ns = &t.ns, .opcode = NVM_IO_READ, .n_blocks = 40, .data = &vec, .n_data = 1};

	(void)state;
	assert_true(t.ns.metadata_inline);
	assert_int_equal(t.ns.max_blocks, 16384 / 520);
	assert_int_equal(nvm_qpair_io(t.qp, &io), 0);
	next(&t);
	expect(&t, NVM_IO_OPC_READ, 0, 30);
	assert_int_equal(t.sqe.prp1, t.buf->ioaddrs[0]);
	assert_int_equal(t.sqe.mptr, 0);
	next(&t);
	expect(&t, NVM_IO_OPC_READ, 31, 8);
	assert_int_equal(t.sqe.prp1, t.buf->ioaddrs[31 * 520 / 4096] + 31 * 520 % 4096);
	end_command(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_writes_and_compares),
		cmocka_unit_test(flags_go_into_every_part),
		cmocka_unit_test(commands_without_data),
		cmocka_unit_test(ranges_of_dataset_management),
		cmocka_unit_test(ranges_of_copy),
		cmocka_unit_test(separate_metadata),
		cmocka_unit_test(inline_metadata),
	};

	return cmocka_run_group_tests_name("qpair_command", tests, NULL, NULL);
}
