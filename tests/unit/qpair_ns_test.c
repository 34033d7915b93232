/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_ns_test.c - nvm_ns_init(): limits from what controller and namespace say of themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "support/errmsg.h"
#include "support/qpair_device.h"

static nvm_ns_t with(uint8_t lbads, uint8_t mdts, uint64_t n_blocks)
{
	struct qd *d = qd_start(4096);
	nvm_ns_t ns;

	d->ns.lbaf[0].lbads = lbads;
	d->ns.nsze = n_blocks;
	d->id.mdts = mdts;
	ns = qd_ns(d);
	qd_stop(d);
	assert_int_equal(ns.ns_id, 1);
	assert_int_equal(ns.lba_shift, lbads);
	assert_int_equal(ns.n_blocks, n_blocks);
	assert_int_equal(ns.plain_blocks, ns.max_blocks);
	assert_int_equal(ns.plain_lba, n_blocks - ns.max_blocks);
	return ns;
}

static void limits_of_commands(void **state)
{
	(void)state;
	assert_int_equal(with(9, 0, UINT64_MAX).max_blocks, 65536);
	assert_int_equal(with(9, 0, 65537).max_blocks, 65536);
	assert_int_equal(with(9, 0, 65536).max_blocks, 65536);
	assert_int_equal(with(9, 0, 100).max_blocks, 100);
	assert_int_equal(with(9, 0, 1).max_blocks, 1);
	assert_int_equal(with(9, 1, 1000).max_blocks, 16);
	assert_int_equal(with(12, 1, 1000).max_blocks, 2);
	assert_int_equal(with(12, 0, 1000000).max_blocks, 65536);
	/* Fewer bytes than 4 GiB, which no SGL descriptor could say. */
	assert_int_equal(with(16, 0, 1000000).max_blocks, 32768);
}

static void everything_is_learned(void **state)
{
	struct qd *d = qd_start(4096);
	nvm_ns_t ns;

	(void)state;
	d->id.oncs = 0x1ff;
	d->ns.noiob = 24;
	d->ns.lbaf[2] = (struct nvm_lbaf){.lbads = 12, .ms = 64};
	d->ns.nlbaf = 2;
	d->ns.flbas = NVM_FIELD(FLBAS_LBAFL, 2) | NVM_FIELD(FLBAS_EXTENDED, 1);
	d->ns.msrc = 4;
	d->ns.mssrl = 100;
	d->ns.mcl = 300;
	assert_int_equal(nvm_ns_init(&ns, &d->ref, 1), 0);
	assert_int_equal(ns.oncs, 0x1ff);
	assert_int_equal(ns.boundary, 24);
	assert_int_equal(ns.lba_shift, 12);
	assert_int_equal(ns.metadata_size, 64);
	assert_true(ns.metadata_inline);
	assert_int_equal(ns.plain_blocks, 0);
	assert_int_equal(ns.max_copy_ranges, 5);
	assert_int_equal(ns.max_copy_blocks, 100);
	assert_int_equal(ns.max_copy_total, 300);
	qd_stop(d);
}

static void refused(struct qd *d, uint32_t ns_id, int wanted, const char *message)
{
	nvm_ns_t ns;

	assert_int_equal(nvm_ns_init(&ns, &d->ref, ns_id), wanted);
	assert_message_has(message);
}

static void namespaces_that_cannot_be_used(void **state)
{
	struct qd *d = qd_start(4096);
	nvm_ns_t ns;

	(void)state;
	assert_int_equal(nvm_ns_init(NULL, &d->ref, 1), EINVAL);
	assert_int_equal(nvm_ns_init(&ns, NULL, 1), EINVAL);
	refused(d, 2, ENXIO, "the highest is 1");
	d->id.mdts = 1;
	d->ns.lbaf[0].lbads = 14;
	refused(d, 1, ENOTSUP,
		"blocks of 16384 bytes, and the controller transfers no more than 8192");
	d->ns.lbaf[0].lbads = 17;
	refused(d, 1, ENOTSUP, "blocks of 131072 bytes");
	d->ns.lbaf[0].lbads = 9;
	d->descs_csi = 2;
	refused(d, 1, ENOTSUP, "command set 2");
	d->descs_csi = 0;
	d->ns.nsze = 0;
	refused(d, 1, ENXIO, "is not active");
	d->refuse = NVM_ADMIN_IDENTIFY;
	d->refuse_status = -0x6;
	refused(d, 1, -0x6, "Identify");
	qd_stop(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_commands),
		cmocka_unit_test(everything_is_learned),
		cmocka_unit_test(namespaces_that_cannot_be_used),
	};

	return cmocka_run_group_tests_name("qpair_ns", tests, NULL, NULL);
}
