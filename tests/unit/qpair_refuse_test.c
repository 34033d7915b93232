/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_refuse_test.c - what queue pairs refuse: by name, and before anything of it is submitted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "support/errmsg.h"
#include "support/qpair_device.h"

struct refuse_fixture {
	struct qd *d;
	nvm_qpair_t *qp;
	nvm_ns_t ns;
	nvm_buf_t *buf;
	uint32_t n_free;
};

static struct refuse_fixture begin_refuse(bool prp_only)
{
	struct refuse_fixture t = {.d = qd_start(4096)};

	t.d->ns.nsze = 1000;
	t.d->layout = QD_SCATTERED;
	t.buf = qd_buf(t.d, 1 << 20);
	t.qp = qd_qpair(t.d, 8, 1, prp_only);
	t.ns = qd_ns(t.d);
	t.n_free = nvmi_qpair_n_free(t.qp->priv);
	return t;
}

/* Nothing has been submitted, and nothing is held. */
static void end_refuse(struct refuse_fixture *t)
{
	assert_int_equal(nvmi_qpair_n_free(t->qp->priv), t->n_free);
	assert_int_equal(t->qp->sq.tail, 0);
	assert_int_equal(qd_doorbell(t->d, false), 0);
	assert_int_equal(nvm_qpair_in_flight(t->qp), 0);
	assert_int_equal(t->qp->priv->requests.lists.n_free, 1);
	nvm_qpair_destroy(t->qp);
	nvm_buf_destroy(t->buf);
	qd_stop(t->d);
}

static void refused(int got, int wanted, const char *message)
{
	if (got != wanted)
		fail_msg("%d instead of %d (%s)", got, wanted, nvm_errmsg());
	assert_message_has(message);
}

static int read_at(struct refuse_fixture *t, size_t offset, uint64_t lba, uint32_t n)
{
	return nvm_qpair_read(t->qp, &t->ns, t->buf, offset, lba, n, NULL, NULL);
}

static void ranges_beyond_namespace_or_buffer(void **state)
{
	struct refuse_fixture t = begin_refuse(false);

	(void)state;
	refused(read_at(&t, 0, 0, 0), EINVAL, "no blocks");
	refused(read_at(&t, 0, 1000, 1), ERANGE, "which has 1000 blocks");
	refused(read_at(&t, 0, 999, 2), ERANGE, "reach beyond namespace 1");
	refused(read_at(&t, 0, 0, 1001), ERANGE, "1001 blocks from block 0");
	refused(read_at(&t, 0, UINT64_MAX, 1), ERANGE, "reach beyond namespace");
	refused(read_at(&t, 0, UINT64_MAX, UINT32_MAX), ERANGE, "reach beyond namespace");
	refused(read_at(&t, 0, UINT64_MAX - 9, 10), ERANGE, "reach beyond namespace");
	refused(read_at(&t, 1 << 20, 0, 1), ERANGE, "beyond the buffer, which has 1048576");
	refused(read_at(&t, (1 << 20) - 508, 0, 1), ERANGE, "beyond the buffer");
	refused(read_at(&t, SIZE_MAX - 511, 0, 1), ERANGE, "beyond the buffer");
	refused(read_at(&t, SIZE_MAX - 3, 0, 1), ERANGE, "beyond the buffer");
	refused(read_at(&t, 2, 0, 1), EINVAL, "multiples of 4");
	refused(read_at(&t, 4095, 0, 1), EINVAL, "multiples of 4");
	refused(nvm_qpair_write(t.qp, &t.ns, t.buf, 0, 1000, 1, NULL, NULL), ERANGE, "beyond");
	refused(nvm_qpair_compare(t.qp, &t.ns, t.buf, 0, 1000, 1, NULL, NULL), ERANGE, "beyond");
	refused(nvm_qpair_compare(t.qp, &t.ns, NULL, 0, 0, 1, NULL, NULL), EINVAL, "no buffer");
	refused(nvm_qpair_write_zeroes(t.qp, &t.ns, 999, UINT64_MAX, false, NULL, NULL), ERANGE,
		"beyond");
	refused(nvm_qpair_verify(t.qp, &t.ns, 0, 0, NULL, NULL), EINVAL, "no blocks");
	end_refuse(&t);
}

static void namespaces_and_buffers_of_others(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	nvm_buf_t other = *t.buf;
	nvm_ns_t none = {.ns_id = 0};

	(void)state;
	other.page_shift = 13;
	refused(nvm_qpair_read(t.qp, &none, t.buf, 0, 0, 1, NULL, NULL), EINVAL, "nvm_ns_init");
	refused(nvm_qpair_flush(t.qp, NULL, NULL, NULL), EINVAL, "no namespace");
	refused(nvm_qpair_flush(t.qp, &none, NULL, NULL), EINVAL, "no namespace");
	refused(nvm_qpair_raw(t.qp, NULL, NULL, NULL), EINVAL, "no command");
	/* Beyond the namespace, so that it comes to be looked at. */
	t.ns.plain_blocks = 0;
	refused(nvm_qpair_read(t.qp, &t.ns, &other, 0, 0, 1, NULL, NULL), EINVAL,
		"buffer for pages of 8192 bytes, the controller uses 4096");
	end_refuse(&t);
}

static struct nvm_io io_of(struct refuse_fixture *t, const struct nvm_io_vec *vec, size_t n)
{
	return (struct nvm_io){
		.ns = &t->ns, .opcode = NVM_IO_READ, .n_blocks = 2, .data = vec, .n_data = n};
}

static void data_that_does_not_add_up(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	struct nvm_io_vec vec[3] = {
		{t.buf, 0, 512}, {t.buf, 4096, 508}, {t.buf, 8192, SIZE_MAX - 3}};
	struct nvm_io io = io_of(&t, vec, 2);

	(void)state;
	refused(nvm_qpair_io(t.qp, &io), EINVAL,
		"1020 bytes of data were given for 2 blocks of 512");
	io.n_data = 3;
	refused(nvm_qpair_io(t.qp, &io), ERANGE, "beyond the buffer");
	io.n_data = 0;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "no data was given for 2 blocks");
	io.n_data = 2;
	io.data = NULL;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "no data was given");
	io.data = vec;
	vec[1].size = 0;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "not 0");
	vec[1].size = 514;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "multiples of 4");
	vec[1] = (struct nvm_io_vec){NULL, 0, 512};
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "without a buffer");
	vec[1].buf = t.buf;
	io.metadata = vec[0];
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "namespace 1 has no metadata");
	io.metadata.buf = NULL;
	io.flags = 1;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "upper half");
	io.flags = 0;
	io.opcode = NVM_IO_OPC_VERIFY;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "transfers no data");
	io.opcode = NVM_IO_OPC_RESV_REGISTER;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "nvm_qpair_raw()");
	end_refuse(&t);
}

static void edges_that_prps_cannot_describe(void **state)
{
	struct refuse_fixture t = begin_refuse(true);
	struct nvm_io_vec vec[3] = {{t.buf, 512, 512}, {t.buf, 4096, 512}, {t.buf, 8192, 512}};
	struct nvm_io io = io_of(&t, vec, 2);

	(void)state;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "part 0 of the data is 512 bytes from offset 512");
	vec[0].offset = 4096 - 512;
	vec[1].offset = 512;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "part 1 of the data");
	vec[1].offset = 4096;
	io.n_data = 3;
	io.n_blocks = 3;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "part 1 of the data");
	end_refuse(&t);
}

/* More pieces in a block than fit the list pages. */
static void blocks_in_too_many_pieces(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	struct nvm_io_vec vec[1024];
	struct nvm_io io = io_of(&t, vec, 1024);

	(void)state;
	for (size_t i = 0; i < 1024; ++i)
		vec[i] = (struct nvm_io_vec){t.buf, (1023 - i) * 8, 4};
	t.ns.lba_shift = 12;
	io.n_blocks = 1;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "larger options.n_lists");
	end_refuse(&t);
}

static void commands_that_the_controller_lacks(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	struct nvm_block_range range = {0, 1};

	(void)state;
	t.ns.oncs = 0;
	refused(nvm_qpair_compare(t.qp, &t.ns, t.buf, 0, 0, 1, NULL, NULL), ENOTSUP, "Compare");
	refused(nvm_qpair_write_zeroes(t.qp, &t.ns, 0, 1, 0, NULL, NULL), ENOTSUP, "Write Zeroes");
	refused(nvm_qpair_verify(t.qp, &t.ns, 0, 1, NULL, NULL), ENOTSUP, "Verify");
	refused(nvm_qpair_dsm(t.qp, &t.ns, &range, 1, 4, NULL, NULL), ENOTSUP,
		"Dataset Management");
	refused(nvm_qpair_copy(t.qp, &t.ns, &range, 1, 8, NULL, NULL), ENOTSUP, "Copy");
	end_refuse(&t);
}

static void ranges_of_dsm_and_copy(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	struct nvm_block_range range[300] = {{0, 1}, {999, 2}};

	(void)state;
	refused(nvm_qpair_dsm(t.qp, &t.ns, range, 2, 4, NULL, NULL), ERANGE, "range 1: ");
	refused(nvm_qpair_dsm(t.qp, &t.ns, range, 3, 4, NULL, NULL), ERANGE, "range 1: ");
	range[1] = (struct nvm_block_range){4, 0};
	refused(nvm_qpair_dsm(t.qp, &t.ns, range, 2, 4, NULL, NULL), EINVAL, "range 1: no blocks");
	refused(nvm_qpair_dsm(t.qp, &t.ns, range, 0, 4, NULL, NULL), EINVAL, "give 1..256");
	refused(nvm_qpair_dsm(t.qp, &t.ns, range, 257, 4, NULL, NULL), EINVAL, "257 ranges");
	refused(nvm_qpair_dsm(t.qp, &t.ns, NULL, 1, 4, NULL, NULL), EINVAL, "give 1..256");
	refused(nvm_qpair_dsm(t.qp, &t.ns, range, 1, 8, NULL, NULL), EINVAL, "attributes 0x8");
	refused(nvm_qpair_copy(t.qp, &t.ns, range, 129, 0, NULL, NULL), EINVAL, "give 1..128");
	t.ns.max_copy_ranges = 2;
	refused(nvm_qpair_copy(t.qp, &t.ns, range, 3, 0, NULL, NULL), EINVAL, "give 1..2");
	t.ns.max_copy_blocks = 100;
	range[1] = (struct nvm_block_range){4, 101};
	refused(nvm_qpair_copy(t.qp, &t.ns, range, 2, 0, NULL, NULL), EINVAL, "(MSSRL)");
	t.ns.max_copy_total = 100;
	range[1].n_blocks = 100;
	refused(nvm_qpair_copy(t.qp, &t.ns, range, 2, 0, NULL, NULL), EINVAL, "(MCL)");
	range[1].n_blocks = 99;
	refused(nvm_qpair_copy(t.qp, &t.ns, range, 2, 901, NULL, NULL), ERANGE, "destination");
	end_refuse(&t);
}

static void metadata_that_is_missing_or_wrong(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	struct nvm_io_vec vec = {t.buf, 0, 1024};
	struct nvm_io io = io_of(&t, &vec, 1);

	(void)state;
	t.d->ns.lbaf[0].ms = 8;
	t.ns = qd_ns(t.d);
	assert_int_equal(t.ns.plain_blocks, 0);
	refused(read_at(&t, 0, 0, 1), EINVAL, "8 bytes of metadata per block");
	refused(nvm_qpair_compare(t.qp, &t.ns, t.buf, 0, 0, 1, NULL, NULL), EINVAL,
		"nvm_qpair_io()");
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "say where they are");
	io.metadata = (struct nvm_io_vec){t.buf, 2048, 12};
	refused(nvm_qpair_io(t.qp, &io), EINVAL,
		"12 bytes of metadata were given for 2 blocks of 8");
	io.metadata.offset = 2050;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "multiples of 4");
	io.metadata = (struct nvm_io_vec){t.buf, 4096 - 8, 16};
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "not contiguous on the bus at offset 4096");
	io.metadata = (struct nvm_io_vec){t.buf, (1 << 20) - 8, 16};
	refused(nvm_qpair_io(t.qp, &io), ERANGE, "bytes of metadata from");
	/* Inline. */
	t.d->ns.flbas = NVM_FIELD(FLBAS_EXTENDED, 1);
	t.ns = qd_ns(t.d);
	assert_true(t.ns.metadata_inline);
	refused(read_at(&t, 0, 0, 1), EINVAL, "8 bytes of metadata per block");
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "2 blocks of 520 bytes with their metadata");
	vec.size = 1040;
	refused(nvm_qpair_io(t.qp, &io), EINVAL, "has its metadata with the data");
	end_refuse(&t);
}

static void full_and_failed_queues(void **state)
{
	struct refuse_fixture t = begin_refuse(false);
	struct nvm_block_range range = {0, 1};
	struct nvm_sqe sqe;
	nvm_done_t done;

	(void)state;
	for (int i = 0; i < 7; ++i)
		assert_int_equal(read_at(&t, 0, 0, 1), 0);
	refused(read_at(&t, 0, 0, 1), EAGAIN, "is full: collect some");
	refused(nvm_qpair_flush(t.qp, &t.ns, NULL, NULL), EAGAIN, "is full");
	/* What is wrong for good is said first. */
	refused(read_at(&t, 0, 5000, 1), ERANGE, "beyond");
	while (qd_fetch(t.d, &sqe))
		qd_post(t.d, sqe.cid, 0, 0);
	for (int i = 0; i < 7; ++i)
		assert_int_equal(nvm_qpair_reap(t.qp, &done, 1), 1);
	/* The only list page. */
	assert_int_equal(nvm_qpair_dsm(t.qp, &t.ns, &range, 1, 4, NULL, NULL), 0);
	refused(nvm_qpair_dsm(t.qp, &t.ns, &range, 1, 4, NULL, NULL), EAGAIN, "all 1 list pages");
	assert_true(qd_fetch(t.d, &sqe));
	qd_post(t.d, sqe.cid, 0, 0);
	assert_int_equal(nvm_qpair_reap(t.qp, &done, 1), 1);

	nvmi_qpair_set_failed(t.qp->priv, ENODEV);
	refused(read_at(&t, 0, 0, 1), ENODEV, "test controller is gone");
	refused(nvm_qpair_flush(t.qp, &t.ns, NULL, NULL), ENODEV, "is gone");
	nvmi_qpair_set_failed(t.qp->priv, EIO);
	refused(nvm_qpair_verify(t.qp, &t.ns, 0, 1, NULL, NULL), EIO, "has failed");
	assert_int_equal(nvm_qpair_in_flight(t.qp), 0);
	nvmi_qpair_set_failed(t.qp->priv, 0);
	assert_int_equal(nvmi_qpair_n_free(t.qp->priv), 7);
	nvm_qpair_destroy(t.qp);
	nvm_buf_destroy(t.buf);
	qd_stop(t.d);
}

static int create(struct qd *d, const struct nvm_qpair_options *options)
{
	nvm_qpair_t *qp = (nvm_qpair_t *)d;
	int err = nvm_qpair_create(&qp, &d->ref, options);

	if (err != 0)
		assert_null(qp);
	nvm_qpair_destroy(qp);
	return err;
}

static void options_that_cannot_be(void **state)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct qd *d = qd_start(4096);
	nvm_qpair_t *qps[3];

	(void)state;
	d->granted = 2;
	options.depth = 1;
	refused(create(d, &options), ERANGE, "options.depth is 1");
	options.depth = 65537;
	refused(create(d, &options), ERANGE, "2..65536 entries");
	options.depth = 0;
	options.n_lists = 4097;
	refused(create(d, &options), EINVAL, "options.n_lists");
	options.n_lists = 0;
	options.vector = -2;
	refused(create(d, &options), EINVAL, "options.vector");
	options.vector = -1;
	options.size = 0;
	refused(create(d, &options), EINVAL, "NVM_QPAIR_OPTIONS_INIT");
	options.size = sizeof(options);
	options.qid = 3;
	refused(create(d, &options), ENOSPC, "granted 2 queue pairs");
	options.qid = 0;
	refused(nvm_qpair_create(NULL, &d->ref, NULL), EINVAL, "no place");
	refused(nvm_qpair_create(&qps[0], NULL, NULL), EINVAL, "no admin queue reference");
	for (int i = 0; i < 2; ++i)
		assert_int_equal(nvm_qpair_create(&qps[i], &d->ref, NULL), 0);
	assert_int_equal(qps[0]->priv->qid, 2);
	assert_int_equal(qps[1]->priv->qid, 1);
	refused(nvm_qpair_create(&qps[2], &d->ref, NULL), ENOSPC, "in use");
	nvm_qpair_destroy(qps[0]);
	/* Its identifier is free again; one that is asked for by number is taken. */
	options.qid = 2;
	assert_int_equal(create(d, &options), 0);
	assert_int_equal(nvm_qpair_create(&qps[0], &d->ref, NULL), 0);
	nvm_qpair_destroy(qps[0]);
	nvm_qpair_destroy(qps[1]);
	nvm_qpair_destroy(NULL);
	qd_stop(d);
}

/* QEMU's controller wants rings contiguous, and without an IOMMU only huge pages are. */
static void rings_that_are_not_contiguous(void **state)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct qd *d = qd_start(4096);
	nvm_qpair_t *qp;

	(void)state;
	d->ref.ctrl->cap |= NVM_FIELD64(CAP_CQR, 1);
	d->layout = QD_SCATTERED;
	d->seed = 2; /* no two pages of a ring are neighbours by chance */
	options.depth = 128;
	refused(create(d, &options), ENOTSUP, "CAP.CQR");
	/* Without a wish it is what a page holds. */
	assert_int_equal(nvm_qpair_create(&qp, &d->ref, NULL), 0);
	assert_int_equal(nvm_qpair_depth(qp), 63);
	nvm_qpair_destroy(qp);
	qd_stop(d);
}

/* Whatever fails on the way, nothing is left behind. */
static void creation_that_fails_leaves_nothing(void **state)
{
	static const uint8_t opcodes[] = {NVM_ADMIN_IDENTIFY, NVM_ADMIN_SET_FEATURES,
					  NVM_ADMIN_CREATE_COMPLETION_QUEUE,
					  NVM_ADMIN_CREATE_SUBMISSION_QUEUE};
	nvm_qpair_t *qp;

	(void)state;
	for (size_t i = 0; i < sizeof(opcodes); ++i) {
		struct qd *d = qd_start(4096);

		d->refuse = opcodes[i];
		d->refuse_status = -0x101;
		assert_int_equal(nvm_qpair_create(&qp, &d->ref, NULL), -0x101);
		assert_null(qp);
		assert_int_equal(d->cq_bus, 0);
		d->refuse_status = 0;
		assert_int_equal(nvm_qpair_create(&qp, &d->ref, NULL), 0);
		assert_int_equal(qp->priv->qid, 64);
		nvm_qpair_destroy(qp);
		qd_stop(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_beyond_namespace_or_buffer),
		cmocka_unit_test(namespaces_and_buffers_of_others),
		cmocka_unit_test(data_that_does_not_add_up),
		cmocka_unit_test(edges_that_prps_cannot_describe),
		cmocka_unit_test(blocks_in_too_many_pieces),
		cmocka_unit_test(commands_that_the_controller_lacks),
		cmocka_unit_test(ranges_of_dsm_and_copy),
		cmocka_unit_test(metadata_that_is_missing_or_wrong),
		cmocka_unit_test(full_and_failed_queues),
		cmocka_unit_test(options_that_cannot_be),
		cmocka_unit_test(rings_that_are_not_contiguous),
		cmocka_unit_test(creation_that_fails_leaves_nothing),
	};

	return cmocka_run_group_tests_name("qpair_refuse", tests, NULL, NULL);
}
