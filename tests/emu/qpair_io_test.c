/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_io_test.c - requests of all kinds on the software controller: what they do to the blocks, and the
 * status that comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_qpair.h"
#include "nvm_spec.h"

#define BUF_SIZE ((size_t)8 << 20)

struct io_fixture {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_ns_t ns;
	nvm_qpair_t *qp;
	nvm_buf_t *buf;
	unsigned char *data;
};

static nvm_buf_t *make_buf(const nvm_ctrl_t *ctrl, size_t size)
{
	nvm_dma_t *dma = NULL;
	nvm_buf_t *buf = NULL;

	if (nvm_dma_create(&dma, ctrl, size) != 0 || nvm_buf_create(&buf, ctrl, dma) != 0)
		fail_msg("%s", nvm_errmsg());
	nvm_dma_unmap(dma);
	return buf;
}

static struct io_fixture begin_io(const char *uri, uint32_t depth, uint32_t page_size,
				  bool prp_only)
{
	struct nvm_ctrl_options ctrl_options = NVM_CTRL_OPTIONS_INIT;
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct io_fixture t = {.ctrl = NULL};

	ctrl_options.page_size = page_size;
	options.depth = depth;
	options.prp_only = prp_only;
	if (nvm_ctrl_open(&t.ctrl, uri, &ctrl_options) != 0 || nvm_aq_open(&t.aq, t.ctrl) != 0 ||
	    nvm_ns_init(&t.ns, t.aq, 0) != 0 || nvm_qpair_create(&t.qp, t.aq, &options) != 0)
		fail_msg("%s: %s", uri, nvm_errmsg());
	t.buf = make_buf(t.ctrl, BUF_SIZE);
	t.data = t.buf->vaddr;
	return t;
}

static void end_io(struct io_fixture *t)
{
	assert_int_equal(nvm_qpair_in_flight(t->qp), 0);
	nvm_qpair_destroy(t->qp);
	nvm_buf_destroy(t->buf);
	nvm_aq_destroy(t->aq);
	nvm_ctrl_free(t->ctrl);
}

static void fill(unsigned char *p, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; ++i) {
		seed = seed * 1664525U + 1013904223U;
		p[i] = (unsigned char)(seed >> 24);
	}
}

/* The status of the only request in flight. */
static int finish(struct io_fixture *t, int submitted)
{
	nvm_done_t done;

	if (submitted != 0)
		fail_msg("%d: %s", submitted, nvm_errmsg());
	while (nvm_qpair_reap(t->qp, &done, 1) == 0)
		(void)nvm_qpair_wait(t->qp, 1000);
	return done.status;
}

/* SCT and SC. */
static int code(int status)
{
	return -status & 0x7ff;
}

static int write_at(struct io_fixture *t, size_t offset, uint64_t lba, uint32_t n)
{
	return finish(t, nvm_qpair_write(t->qp, &t->ns, t->buf, offset, lba, n, NULL, NULL));
}

static int read_at(struct io_fixture *t, size_t offset, uint64_t lba, uint32_t n)
{
	return finish(t, nvm_qpair_read(t->qp, &t->ns, t->buf, offset, lba, n, NULL, NULL));
}

/* Write and read back all sizes around a page, and long ones, at different offsets. */
static void check_round_trips(const char *uri, uint32_t depth, uint32_t page_size, bool prp_only)
{
	struct io_fixture t = begin_io(uri, depth, page_size, prp_only);
	const size_t half = BUF_SIZE / 2, bs = (size_t)1 << t.ns.lba_shift;
	static const size_t sizes[] = {4096,    8192,    12288,   65536,           69632,
				       1 << 20, 3 << 19, 2 << 20, (4 << 20) - 8192};
	uint32_t seed = 7;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i)
		for (size_t offset = 0; offset <= 4096 + 512; offset += offset == 0 ? 4 : 500) {
			uint32_t n = (uint32_t)(sizes[i] / bs);
			uint64_t lba = seed % 100;

			fill(t.data + offset, sizes[i], ++seed);
			memset(t.data + half, 0xdd, half);
			assert_int_equal(write_at(&t, offset, lba, n), 0);
			assert_int_equal(read_at(&t, half + offset, lba, n), 0);
			assert_memory_equal(t.data + offset, t.data + half + offset, sizes[i]);
			/* Not a byte around it. */
			for (size_t k = 0; k < offset; ++k)
				assert_int_equal(t.data[half + k], 0xdd);
			for (size_t k = half + offset + sizes[i];
			     k < BUF_SIZE && k < half + offset + sizes[i] + 8192; ++k)
				assert_int_equal(t.data[k], 0xdd);
		}
	end_io(&t);
}

static void data_goes_out_and_comes_back(void **state)
{
	(void)state;
	check_round_trips("emu:?size=16M&lba=512", 0, 0, false);
	check_round_trips("emu:?size=16M&lba=512&mdts=8K", 0, 0, true);
	check_round_trips("emu:?size=16M&lba=4096&mdts=64K&sgl=0", 2, 0, false);
	check_round_trips("emu:?size=16M&lba=4096&mdts=0", 65536, 0, true);
	check_round_trips("emu:?size=16M&lba=512&mdts=0", 17, 8192, true);
	check_round_trips("emu:?size=16M&lba=512&mdts=128K", 17, 65536, true);
	check_round_trips("emu:?size=16M&lba=512&mdts=0", 17, 65536, false);
}

static void optional_commands_do_what_they_say(void **state)
{
	struct io_fixture t = begin_io("emu:?size=16M&lba=512&mdts=64K", 0, 0, false);
	struct nvm_block_range ranges[2] = {{0, 8}, {100, 16}};

	(void)state;
	fill(t.data, 1 << 20, 5);
	assert_int_equal(write_at(&t, 0, 0, 2048), 0);
	assert_int_equal(finish(&t, nvm_qpair_flush(t.qp, &t.ns, NULL, NULL)), 0);
	/* In several commands. */
	assert_int_equal(finish(&t, nvm_qpair_compare(t.qp, &t.ns, t.buf, 0, 0, 2048, NULL, NULL)),
			 0);
	t.data[777777] ^= 1;
	assert_int_equal(
		code(finish(&t, nvm_qpair_compare(t.qp, &t.ns, t.buf, 0, 0, 2048, NULL, NULL))),
		NVM_SC_COMPARE_FAILURE);
	t.data[777777] ^= 1;
	assert_int_equal(finish(&t, nvm_qpair_verify(t.qp, &t.ns, 0, t.ns.n_blocks, NULL, NULL)),
			 0);
	/* 8 blocks from 0 and 16 from 100, to 5000. */
	assert_int_equal(finish(&t, nvm_qpair_copy(t.qp, &t.ns, ranges, 2, 5000, NULL, NULL)), 0);
	assert_int_equal(read_at(&t, 2 << 20, 5000, 24), 0);
	assert_memory_equal(t.data + (2 << 20), t.data, 8 * 512);
	assert_memory_equal(t.data + (2 << 20) + 8 * 512, t.data + 100 * 512, 16 * 512);
	assert_int_equal(
		finish(&t, nvm_qpair_dsm(t.qp, &t.ns, ranges, 2, NVM_FIELD(DSM_AD, 1), NULL, NULL)),
		0);
	assert_int_equal(finish(&t, nvm_qpair_write_zeroes(t.qp, &t.ns, 50, 3, false, NULL, NULL)),
			 0);
	assert_int_equal(read_at(&t, 2 << 20, 0, 2048), 0);
	memset(t.data + 50 * 512, 0, 3 * 512);
	assert_memory_equal(t.data + (2 << 20) + 8 * 512, t.data + 8 * 512, 92 * 512);
	assert_memory_equal(t.data + (2 << 20) + 116 * 512, t.data + 116 * 512, 1932 * 512);
	/* The whole namespace, in commands of 65536 blocks at most. */
	assert_int_equal(
		finish(&t, nvm_qpair_write_zeroes(t.qp, &t.ns, 0, t.ns.n_blocks, true, NULL, NULL)),
		0);
	assert_int_equal(read_at(&t, 2 << 20, 0, 8192), 0);
	for (size_t i = 0; i < 4 << 20; ++i)
		assert_int_equal(t.data[(2 << 20) + i], 0);
	end_io(&t);
}

static void statuses_reach_the_request(void **state)
{
	struct io_fixture t = begin_io("emu:?size=1M&lba=512&ns=&size=1M&ro=1", 0, 0, false);
	nvm_cmd_t cmd = {.dword = {NVM_IO_READ, 1}};
	nvm_ns_t second, gone = t.ns;

	(void)state;
	assert_int_equal(nvm_ns_init(&second, t.aq, 2), 0);
	/* The controller says so, as nobody else knows. */
	assert_int_equal(
		code(finish(&t, nvm_qpair_write(t.qp, &second, t.buf, 0, 0, 1, NULL, NULL))),
		NVM_SC_NS_WRITE_PROTECTED);
	gone.ns_id = 1000;
	assert_int_equal(code(finish(&t, nvm_qpair_read(t.qp, &gone, t.buf, 0, 0, 1, NULL, NULL))),
			 NVM_SC_INVALID_NS_OR_FORMAT);
	cmd.dword[6] = (uint32_t)t.buf->ioaddrs[0];
	cmd.dword[7] = (uint32_t)(t.buf->ioaddrs[0] >> 32);
	cmd.dword[10] = 2048;
	assert_int_equal(code(finish(&t, nvm_qpair_raw(t.qp, &cmd, NULL, NULL))),
			 NVM_SC_LBA_OUT_OF_RANGE);
	cmd.dword[10] = 2047;
	assert_int_equal(finish(&t, nvm_qpair_raw(t.qp, &cmd, NULL, NULL)), 0);
	cmd.dword[0] = 0x93;
	assert_int_equal(code(finish(&t, nvm_qpair_raw(t.qp, &cmd, NULL, NULL))),
			 NVM_SC_INVALID_OPCODE);
	end_io(&t);
}

/* Some pieces of two buffers, on both sides of what PRPs can describe. */
static void many_buffers_make_one_request(void **state)
{
	(void)state;
	for (int prp_only = 0; prp_only < 2; ++prp_only) {
		struct io_fixture t = begin_io("emu:?size=16M&lba=512", 0, 0, prp_only != 0);
		nvm_buf_t *other = make_buf(t.ctrl, 1 << 20);
		unsigned char *o = other->vaddr, back[14 * 4096];
		struct nvm_io_vec vec[4] = {
			{t.buf, 4096 - 512, 512},
			{other, 8192, 3 * 4096},
			{t.buf, 65536, 8 * 4096},
			{other, 32768, 2 * 4096 + 1024},
		};
		struct nvm_io io = {.ns = &t.ns,
				    .opcode = NVM_IO_WRITE,
				    .n_blocks = 1 + 24 + 64 + 18,
				    .data = vec,
				    .n_data = 4};

		if (!prp_only) {
			vec[1].offset += 4;
			vec[2].size += 20;
			vec[3].size -= 20;
		}
		for (size_t i = 0; i < 4; ++i)
			fill((unsigned char *)vec[i].buf->vaddr + vec[i].offset, vec[i].size,
			     (uint32_t)i);
		assert_int_equal(finish(&t, nvm_qpair_io(t.qp, &io)), 0);
		assert_int_equal(read_at(&t, 4 << 20, 0, (uint32_t)io.n_blocks), 0);
		memcpy(back, t.data + (4 << 20), io.n_blocks * 512);
		for (size_t i = 0, at = 0; i < 4; at += vec[i++].size)
			assert_memory_equal(back + at,
					    (unsigned char *)vec[i].buf->vaddr + vec[i].offset,
					    vec[i].size);
		memset(o, 0, other->size);
		memset(t.data, 0, 1 << 20);
		io.opcode = NVM_IO_READ;
		assert_int_equal(finish(&t, nvm_qpair_io(t.qp, &io)), 0);
		for (size_t i = 0, at = 0; i < 4; at += vec[i++].size)
			assert_memory_equal(back + at,
					    (unsigned char *)vec[i].buf->vaddr + vec[i].offset,
					    vec[i].size);
		nvm_buf_destroy(other);
		end_io(&t);
	}
}

static void as_many_queue_pairs_as_there_are(void **state)
{
	struct io_fixture t = begin_io("emu:?size=1M&lba=512&queues=40", 0, 0, false);
	nvm_qpair_t *qps[40];
	unsigned int n = 0;
	nvm_done_t done;

	(void)state;
	while (n < 40 && nvm_qpair_create(&qps[n], t.aq, NULL) == 0)
		++n;
	assert_int_equal(n, 39);
	for (unsigned int i = 0; i < n; ++i)
		assert_int_equal(nvm_qpair_read(qps[i], &t.ns, t.buf, 0, i, 1, NULL, &qps[i]), 0);
	for (unsigned int i = 0; i < n; ++i) {
		while (nvm_qpair_reap(qps[i], &done, 1) == 0)
			(void)nvm_qpair_wait(qps[i], 1000);
		assert_ptr_equal(done.arg, &qps[i]);
		assert_int_equal(done.status, 0);
		nvm_qpair_destroy(qps[i]);
	}
	assert_int_equal(nvm_qpair_create(&qps[0], t.aq, NULL), 0);
	nvm_qpair_destroy(qps[0]);
	end_io(&t);
}

static void has_ended(void *arg, int status, uint32_t result)
{
	(void)result;
	*(int *)arg = status;
}

/* Slow commands in flight: when destroy returns, the disk does not write to the buffer any more. */
static void destroying_takes_the_memory_away(void **state)
{
	struct io_fixture t = begin_io("emu:?size=1M&lba=512&read=300ms", 0, 0, false);
	int status[2] = {1000, 1000};

	(void)state;
	assert_int_equal(nvm_qpair_read(t.qp, &t.ns, t.buf, 0, 0, 8, has_ended, &status[0]), 0);
	assert_int_equal(nvm_qpair_read(t.qp, &t.ns, t.buf, 0, 0, 2048, has_ended, &status[1]), 0);
	nvm_qpair_destroy(t.qp);
	assert_true(status[0] == ECANCELED || status[0] == -NVM_SC_ABORTED_SQ_DELETION);
	assert_true(status[1] == ECANCELED || status[1] == -NVM_SC_ABORTED_SQ_DELETION);
	memset(t.data, 0x77, 1 << 20);
	assert_int_equal(nvm_qpair_create(&t.qp, t.aq, NULL), 0);
	assert_int_equal(finish(&t, nvm_qpair_flush(t.qp, &t.ns, NULL, NULL)), 0);
	for (size_t i = 0; i < 1 << 20; ++i)
		assert_int_equal(t.data[i], 0x77);
	end_io(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_goes_out_and_comes_back),
		cmocka_unit_test(optional_commands_do_what_they_say),
		cmocka_unit_test(statuses_reach_the_request),
		cmocka_unit_test(many_buffers_make_one_request),
		cmocka_unit_test(as_many_queue_pairs_as_there_are),
		cmocka_unit_test(destroying_takes_the_memory_away),
	};

	return cmocka_run_group_tests_name("qpair_io", tests, NULL, NULL);
}
