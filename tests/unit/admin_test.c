/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_test.c - admin commands as the device sees them, and hostile answers to them: the encodings
 * and lengths that the software controller cannot be made to show.
 */
#include <errno.h>
#include <string.h>

#include "nvm_admin.h"
#include "support/admin_fixture.h"

static void identify_is_encoded_whole(void **state)
{
	struct admin_fixture t = begin_admin();

	(void)state;
	assert_int_equal(
		nvm_admin_identify(t.f.ref, 0x1c, 0xfffffffe, 0x1234, 0x82, t.data, DATA_ADDRESS),
		0);
	assert_int_equal(last_seen(&t)->opc, 6);
	assert_int_equal(last_seen(&t)->nsid, 0xfffffffe);
	assert_int_equal(last_seen(&t)->cdw10, 0x1234001c);
	assert_int_equal(last_seen(&t)->cdw11, 0x82000000);
	assert_true(last_seen(&t)->prp1 == DATA_ADDRESS && last_seen(&t)->prp2 == 0);
	/* A buffer that crosses a page would need a second PRP. */
	assert_int_equal(nvm_admin_identify(t.f.ref, 1, 0, 0, 0, NULL, DATA_ADDRESS + 64), EINVAL);
	assert_int_equal(nvm_admin_identify(NULL, 1, 0, 0, 0, NULL, DATA_ADDRESS), EINVAL);
	end_admin(&t);
}

static void mdts_counts_in_smallest_pages(void **state)
{
	struct admin_fixture t = begin_admin();
	struct nvm_id_ctrl *id = (struct nvm_id_ctrl *)(void *)t.a->page;
	struct nvm_ctrl_info info;

	(void)state;
	id->mdts = 5;
	assert_int_equal(nvm_admin_ctrl_info(t.f.ref, &info, t.data, DATA_ADDRESS), 0);
	assert_int_equal(info.max_data_size, 131072);
	assert_int_equal(info.max_data_pages, 32);
	id->mdts = 0;
	assert_int_equal(nvm_admin_ctrl_info(t.f.ref, &info, t.data, DATA_ADDRESS), 0);
	assert_true(info.max_data_size == NVM_UNLIMITED && info.max_data_pages == NVM_UNLIMITED);
	id->mdts = 255;
	assert_int_equal(nvm_admin_ctrl_info(t.f.ref, &info, t.data, DATA_ADDRESS), 0);
	assert_true(info.max_data_size == NVM_UNLIMITED);
	end_admin(&t);
}

static int ns_info_with(struct admin_fixture *t, uint8_t nlbaf, uint8_t flbas, unsigned int index,
			uint8_t lbads, struct nvm_ns_info *info)
{
	struct nvm_id_ns *id = (struct nvm_id_ns *)(void *)t->a->page;

	memset(id, 0, sizeof(*id));
	id->nsze = 1000;
	id->ncap = 900;
	id->nuse = 800;
	id->nlbaf = nlbaf;
	id->flbas = flbas;
	id->lbaf[index] = (struct nvm_lbaf){.ms = 8, .lbads = lbads};
	return nvm_admin_ns_info(t->f.ref, info, 7, t->data, DATA_ADDRESS);
}

static void all_bits_of_the_format_index_count(void **state)
{
	struct admin_fixture t = begin_admin();
	struct nvm_ns_info info;

	(void)state;
	assert_int_equal(ns_info_with(&t, 63, 0x6f, 63, 12, &info), 0);
	assert_int_equal(info.ns_id, 7);
	assert_int_equal(info.size, 1000);
	assert_int_equal(info.capacity, 900);
	assert_int_equal(info.utilization, 800);
	assert_int_equal(info.lba_data_size, 4096);
	assert_int_equal(info.metadata_size, 8);
	/* With 16 formats or fewer the high bits are reserved. */
	assert_int_equal(ns_info_with(&t, 15, 0x6f, 15, 9, &info), 0);
	assert_int_equal(info.lba_data_size, 512);
	end_admin(&t);
}

static void formats_that_cannot_be_are_refused(void **state)
{
	struct admin_fixture t = begin_admin();
	struct nvm_ns_info info;

	(void)state;
	assert_int_equal(ns_info_with(&t, 0, 0, 0, 0, &info), ENOTSUP);
	assert_int_equal(ns_info_with(&t, 0, 0, 0, 8, &info), ENOTSUP);
	assert_int_equal(ns_info_with(&t, 0, 0, 0, 64, &info), ENOTSUP);
	assert_int_equal(ns_info_with(&t, 0, 0, 0, 255, &info), ENOTSUP);
	end_admin(&t);
}

static void a_namespace_of_zeroes_is_not_active(void **state)
{
	struct admin_fixture t = begin_admin();
	struct nvm_ns_info info;

	(void)state;
	memset(t.data, 0xff, 4096);
	assert_int_equal(nvm_admin_ns_info(t.f.ref, &info, 7, t.data, DATA_ADDRESS),
			 -NVM_SC_INVALID_NS_OR_FORMAT);
	t.a->status = 0x4000 | NVM_SC_INVALID_NS_OR_FORMAT;
	assert_int_equal(nvm_admin_ns_info(t.f.ref, &info, 7, t.data, DATA_ADDRESS),
			 -(0x4000 | NVM_SC_INVALID_NS_OR_FORMAT));
	assert_int_equal(nvm_admin_ns_info(t.f.ref, &info, 0, t.data, DATA_ADDRESS), EINVAL);
	assert_int_equal(nvm_admin_ns_info(t.f.ref, &info, UINT32_MAX, t.data, DATA_ADDRESS),
			 EINVAL);
	end_admin(&t);
}

static void a_namespace_list_of_several_pages_is_read_whole(void **state)
{
	static const uint32_t counts[] = {1, 1023, 1024, 1025, 2048, 5000};
	static uint32_t ns_ids[5000];
	struct admin_fixture t = begin_admin();

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		size_t n = 5000;

		t.a->n_active = counts[i];
		assert_int_equal(nvm_admin_active_ns(t.f.ref, ns_ids, &n, t.data, DATA_ADDRESS), 0);
		assert_int_equal(n, counts[i]);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(ns_ids[k], 2 * (k + 1));
	}
	end_admin(&t);
}

static void a_namespace_list_says_how_many_there_are(void **state)
{
	struct admin_fixture t = begin_admin();
	uint32_t ns_ids[4] = {0, 0, 0, 77};
	size_t n = 3;

	(void)state;
	t.a->n_active = 1500;
	assert_int_equal(nvm_admin_active_ns(t.f.ref, ns_ids, &n, t.data, DATA_ADDRESS), 0);
	assert_int_equal(n, 1500);
	assert_int_equal(ns_ids[2], 6);
	assert_int_equal(ns_ids[3], 77);
	n = 0;
	assert_int_equal(nvm_admin_active_ns(t.f.ref, NULL, &n, t.data, DATA_ADDRESS), 0);
	assert_int_equal(n, 1500);
	assert_int_equal(nvm_admin_active_ns(t.f.ref, NULL, &n, t.data, DATA_ADDRESS), EINVAL);
	end_admin(&t);
}

static void a_namespace_list_that_goes_in_circles_is_a_fault(void **state)
{
	struct admin_fixture t = begin_admin();
	uint32_t *list = (uint32_t *)(void *)t.a->page;
	size_t n = 0;

	(void)state;
	/* The same full page for ever. */
	for (uint32_t i = 0; i < 1024; i++)
		list[i] = i + 1;
	assert_int_equal(nvm_admin_active_ns(t.f.ref, NULL, &n, t.data, DATA_ADDRESS), EIO);
	assert_int_equal(t.a->n_seen, 2);
	end_admin(&t);
}

static void descriptors_are_taken_apart(void **state)
{
	struct admin_fixture t = begin_admin();
	struct nvm_ns_descs descs;
	unsigned char *p = t.a->page;

	(void)state;
	/* An unknown type and one of the wrong length are stepped over. */
	memcpy(p, "\x09\x03\0\0xyz", 7);
	memcpy(p + 7, "\x01\x08\0\0EUI64EUI", 12);
	memcpy(p + 19, "\x02\x08\0\0tooshort", 12);
	memcpy(p + 31, "\x03\x10\0\0UUIDUUIDUUIDUUID", 20);
	memcpy(p + 51, "\x04\x01\0\0\x02", 5);
	assert_int_equal(nvm_admin_ns_descs(t.f.ref, &descs, 1, t.data, DATA_ADDRESS), 0);
	assert_memory_equal(descs.eui64, "EUI64EUI", 8);
	assert_memory_equal(descs.uuid, "UUIDUUIDUUIDUUID", 16);
	assert_int_equal(descs.csi, 2);
	assert_int_equal(descs.nguid[0], 0);
	end_admin(&t);
}

/* The buffer ends with the device's memory, so that AddressSanitizer sees a read beyond it. */
static void hostile_descriptor_lengths_do_no_harm(void **state)
{
	struct admin_fixture t = begin_admin();
	unsigned char *end_page = t.f.device->memory + DEVICE_MEMORY - 4096;
	uint64_t address = DEVICE_BUS_BASE + DEVICE_MEMORY - 4096;
	struct nvm_ns_descs descs;

	(void)state;
	for (unsigned int length = 0; length < 256; length++) {
		for (unsigned int type = 0; type < 6; type++) {
			for (int i = 0; i < 4096; i++)
				t.a->page[i] = (unsigned char)(i % 2 == 0 ? type : length);
			assert_int_equal(nvm_admin_ns_descs(t.f.ref, &descs, 1, end_page, address),
					 0);
		}
	}
	end_admin(&t);
}

static void number_of_queues_has_cqs_in_the_upper_half(void **state)
{
	struct admin_fixture t = begin_admin();
	uint16_t n_cqs = 7, n_sqs = 300;

	(void)state;
	t.a->dw0 = 0x00020010;
	assert_int_equal(nvm_admin_request_num_queues(t.f.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(last_seen(&t)->opc, 9);
	assert_int_equal(last_seen(&t)->cdw10, 7);
	assert_int_equal(last_seen(&t)->cdw11, 0x0006012b);
	assert_int_equal(n_cqs, 3);
	assert_int_equal(n_sqs, 17);
	assert_int_equal(nvm_admin_set_num_queues(t.f.ref, 65535, 1), 0);
	assert_int_equal(last_seen(&t)->cdw11, 0xfffe0000);
	t.a->dw0 = 0xffff0000;
	assert_int_equal(nvm_admin_get_num_queues(t.f.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(last_seen(&t)->opc, 10);
	assert_int_equal(n_cqs, 65535);
	assert_int_equal(n_sqs, 1);

	assert_int_equal(nvm_admin_set_num_queues(t.f.ref, 0, 1), EINVAL);
	n_cqs = 1;
	n_sqs = 0;
	assert_int_equal(nvm_admin_request_num_queues(t.f.ref, &n_cqs, &n_sqs), EINVAL);
	end_admin(&t);
}

static void features_are_encoded_whole(void **state)
{
	struct admin_fixture t = begin_admin();
	uint32_t value = 0;

	(void)state;
	t.a->dw0 = 0xcafe;
	assert_int_equal(nvm_admin_get_feature(t.f.ref, 0xd1, 2, 5, 0x77, &value, DATA_ADDRESS), 0);
	assert_int_equal(value, 0xcafe);
	assert_int_equal(last_seen(&t)->nsid, 5);
	assert_int_equal(last_seen(&t)->cdw10, 0x2d1);
	assert_int_equal(last_seen(&t)->cdw11, 0x77);
	assert_true(last_seen(&t)->prp1 == DATA_ADDRESS);
	assert_int_equal(nvm_admin_set_feature(t.f.ref, 0xd1, true, 6, 0x78, NULL, 0), 0);
	assert_int_equal(last_seen(&t)->cdw10, 0x800000d1);
	assert_int_equal(last_seen(&t)->nsid, 6);
	assert_int_equal(nvm_admin_get_feature(t.f.ref, 1, 4, 0, 0, &value, 0), EINVAL);
	assert_int_equal(nvm_admin_get_feature(t.f.ref, 1, 0, 0, 0, &value, DATA_ADDRESS + 2),
			 EINVAL);
	end_admin(&t);
}

/* Reads a log page of any length to any place and checks every byte, and those around it. */
static void check_log(struct admin_fixture *t, const nvm_dma_t *dma, uint64_t offset, size_t at,
		      size_t size)
{
	unsigned char *data = t->data;
	unsigned int n = 0;
	uint64_t done = 0;

	memset(data, 0xee, 65536);
	t->a->n_seen = 0;
	assert_int_equal(nvm_admin_log_page(t->f.ref, 3, 0x42, 0x5a, false, offset, dma, at, size),
			 0);
	for (size_t i = 0; i < size; i += 4)
		assert_int_equal(*(uint32_t *)(void *)(data + at + i),
				 (uint32_t)((offset + i) / 4));
	assert_true(at == 0 || data[at - 1] == 0xee);
	assert_int_equal(data[at + size], 0xee);

	for (n = 0; n < t->a->n_seen; n++) {
		const struct nvm_sqe *sqe = &t->a->seen[n];
		size_t piece = (NVM_LOG_NUMDL(sqe->cdw10) + 1) * 4;

		assert_int_equal(sqe->cdw10 & 0x7fff, 0x5a42);
		assert_int_equal(NVM_LOG_RAE(sqe->cdw10), n + 1 < t->a->n_seen);
		assert_true((sqe->cdw12 | (uint64_t)sqe->cdw13 << 32) == offset + done);
		assert_true(piece <= 8192);
		assert_true((sqe->prp2 != 0) == (sqe->prp1 % 4096 + piece > 4096));
		done += piece;
	}
	assert_true(done == size);
}

static void log_pages_of_any_length_go_anywhere(void **state)
{
	static const size_t sizes[] = {4, 8, 512, 4092, 4096, 4100, 8188, 8192, 8196, 20000, 60000};
	static const size_t places[] = {0, 4, 2048, 4092, 5000};
	struct admin_fixture t = begin_admin();
	uint64_t pages[16];
	nvm_dma_t *dma;

	(void)state;
	for (uint64_t i = 0; i < 16; i++)
		pages[i] = DATA_ADDRESS + i * 4096;
	assert_int_equal(nvm_dma_map(&dma, t.f.ctrl, t.data, 4096, 16, pages), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
			check_log(&t, dma, 0, places[k], sizes[i]);
			check_log(&t, dma, 0x123456789cULL, places[k], sizes[i]);
		}
	}
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 0, dma, 65532, 8), ERANGE);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 0, dma, 0, 65540), ERANGE);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 0, dma, 65540, 4), ERANGE);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 0, dma, 2, 4), EINVAL);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 0, dma, 0, 6), EINVAL);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 0, dma, 0, 0), EINVAL);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, 2, dma, 0, 4), EINVAL);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 128, 0, 0, dma, 0, 4), EINVAL);
	assert_int_equal(nvm_admin_log_page(t.f.ref, 0, 1, 0, 0, ~3ULL, dma, 0, 8), EINVAL);
	nvm_dma_unmap(dma);
	end_admin(&t);
}

static void the_classic_log_page_is_exactly_4096_bytes(void **state)
{
	struct admin_fixture t = begin_admin();
	unsigned char *data = t.data;

	(void)state;
	memset(data, 0xee, 8192);
	assert_int_equal(nvm_admin_get_log_page(t.f.ref, NVM_CMD_NS_ALL, data, DATA_ADDRESS, 2, 0),
			 0);
	assert_int_equal(last_seen(&t)->cdw10, 0x03ff0002);
	assert_int_equal(last_seen(&t)->cdw11, 0);
	assert_int_equal(data[4096], 0xee);
	assert_int_equal(nvm_admin_get_log_page(t.f.ref, 1, data, DATA_ADDRESS, 2, 0x100000004), 0);
	assert_int_equal(last_seen(&t)->cdw12, 4);
	assert_int_equal(last_seen(&t)->cdw13, 1);
	assert_int_equal(nvm_admin_get_log_page(t.f.ref, 1, data, DATA_ADDRESS, 2, 3), EINVAL);
	assert_int_equal(nvm_admin_get_log_page(t.f.ref, 1, data, DATA_ADDRESS + 4, 2, 0), EINVAL);
	end_admin(&t);
}

static void abort_reads_the_inverted_bit(void **state)
{
	struct admin_fixture t = begin_admin();
	bool aborted = false;

	(void)state;
	assert_int_equal(nvm_admin_abort(t.f.ref, 0x12, 0x3456, &aborted), 0);
	assert_int_equal(last_seen(&t)->cdw10, 0x34560012);
	assert_true(aborted);
	t.a->dw0 = 1;
	assert_int_equal(nvm_admin_abort(t.f.ref, 0x12, 0x3456, &aborted), 0);
	assert_false(aborted);
	end_admin(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identify_is_encoded_whole),
		cmocka_unit_test(mdts_counts_in_smallest_pages),
		cmocka_unit_test(all_bits_of_the_format_index_count),
		cmocka_unit_test(formats_that_cannot_be_are_refused),
		cmocka_unit_test(a_namespace_of_zeroes_is_not_active),
		cmocka_unit_test(a_namespace_list_of_several_pages_is_read_whole),
		cmocka_unit_test(a_namespace_list_says_how_many_there_are),
		cmocka_unit_test(a_namespace_list_that_goes_in_circles_is_a_fault),
		cmocka_unit_test(descriptors_are_taken_apart),
		cmocka_unit_test(hostile_descriptor_lengths_do_no_harm),
		cmocka_unit_test(number_of_queues_has_cqs_in_the_upper_half),
		cmocka_unit_test(features_are_encoded_whole),
		cmocka_unit_test(log_pages_of_any_length_go_anywhere),
		cmocka_unit_test(the_classic_log_page_is_exactly_4096_bytes),
		cmocka_unit_test(abort_reads_the_inverted_bit),
	};

	return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
