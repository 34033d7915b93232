/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_data_test.c - the software controller's cursor over data pointers, and its walk of PRP lists,
 * held against a second, naive one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data.h"
#include "support/emu_walker.h"

/* Describe len bytes in new pages, the first one from offset on, the list from list_offset on. */
static void build_prp(struct host *host, struct nvm_sqe *sqe, uint64_t len, uint32_t offset,
		      uint32_t list_offset)
{
	uint64_t left, list, slot;

	memset(sqe, 0, sizeof(*sqe));
	host->n_used = 0;
	sqe->prp1 = host_page(host) + offset;
	sqe->prp2 = 0xdeadbeefdeadbeefULL; /* not looked at, if not needed */
	if (len <= host->page_size - offset)
		return;
	left = len - (host->page_size - offset);
	if (left <= host->page_size) {
		sqe->prp2 = host_page(host);
		return;
	}
	list = host_page(host);
	sqe->prp2 = list + list_offset;
	slot = list_offset / 8;
	while (left) {
		uint64_t entry = host_page(host);

		host_write(host, list + slot * 8, &entry, 8);
		if (slot == host->page_size / 8 - 1 && left > host->page_size) {
			list = entry;
			slot = 0;
			continue;
		}
		slot++;
		left -= left < host->page_size ? left : host->page_size;
	}
}

static void prps_agree_around_page_edges(void **state)
{
	static const uint32_t offsets[] = {0, 4, 8, 508, 512, 2048, 4088, 4092};
	struct host host;
	struct nvm_sqe sqe;

	(void)state;
	host_init(&host, 4096, 16, 1);
	fill(&host);
	for (unsigned int o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
		for (uint64_t pages = 0; pages <= 4; pages++) {
			for (int64_t around = -8; around <= 8; around += 4) {
				int64_t len = (int64_t)(pages * 4096) + around;

				if (len <= 0)
					continue;
				build_prp(&host, &sqe, (uint64_t)len, offsets[o], 0);
				compare_from_host(&host, &sqe, (uint64_t)len);
				compare_to_host(&host, &sqe, (uint64_t)len);
				/* And ending exactly with a page. */
				len = (int64_t)(pages * 4096) - offsets[o];
				if (len <= 0)
					continue;
				build_prp(&host, &sqe, (uint64_t)len, offsets[o], 8);
				compare_from_host(&host, &sqe, (uint64_t)len);
			}
		}
	}
	host_release(&host);
}

static void prp_lists_agree_around_list_edges(void **state)
{
	static const unsigned int entries[] = {2,    3,    31,   32,   33,   510,  511,
					       512,  513,  514,  1022, 1023, 1024, 1025,
					       1026, 1533, 1534, 1535, 1536};
	static const uint32_t list_offsets[] = {0, 8, 2048, 3832, 4080, 4088};
	struct host host;
	struct nvm_sqe sqe;

	(void)state;
	host_init(&host, 4096, 1560, 2);
	fill(&host);
	for (unsigned int e = 0; e < sizeof(entries) / sizeof(entries[0]); e++) {
		for (unsigned int l = 0; l < sizeof(list_offsets) / sizeof(list_offsets[0]); l++) {
			uint64_t full = 4096 * (uint64_t)(entries[e] + 1);

			build_prp(&host, &sqe, full, 0, list_offsets[l]);
			compare_from_host(&host, &sqe, full);
			build_prp(&host, &sqe, full - 4096 - 512, 1024, list_offsets[l]);
			compare_from_host(&host, &sqe, full - 4096 - 512);
			compare_pieces(&host, &sqe, full - 4096 - 512, 3);
		}
	}
	host_release(&host);
}

/* Put one thing wrong, or nothing. */
static void damage_prp(struct host *host, struct nvm_sqe *sqe)
{
	uint64_t list = sqe->prp2 & ~(uint64_t)(host->page_size - 1), entry;
	uint32_t slot = rnd(host, host->page_size / 8);

	switch (rnd(host, 8)) {
	case 0:
		sqe->prp1 += 1 + rnd(host, 3);
		break;
	case 1:
		sqe->prp2 += 4 * (1 + rnd(host, 40));
		break;
	case 2:
		sqe->prp1 = 0x1000;
		break;
	case 3:
		sqe->prp2 = UINT64_MAX & ~4095ULL;
		break;
	case 4:
		if (host_read(host, list + slot * 8, &entry, 8)) {
			entry += 4;
			host_write(host, list + slot * 8, &entry, 8);
		}
		break;
	case 5:
		entry = 0;
		if (host_at(host, list))
			host_write(host, list + slot * 8, &entry, 8);
		break;
	default:
		break;
	}
}

static void random_prps_agree(void **state)
{
	static const uint32_t page_sizes[] = {4096, 8192, 65536};
	unsigned int good = 0, bad = 0;

	(void)state;
	for (unsigned int p = 0; p < 3; p++) {
		struct host host;

		host_init(&host, page_sizes[p], 40, 100 + p);
		for (unsigned int i = 0; i < (p == 2 ? 60U : 400U); i++) {
			uint64_t len = 4 * (1ULL + rnd(&host, host.page_size * 30 / 4));
			uint32_t offset = 4 * rnd(&host, host.page_size / 4);
			uint32_t list_offset = 8 * rnd(&host, host.page_size / 8);
			struct nvm_sqe sqe;

			/* Near the end of the page, where it gets interesting. */
			if (rnd(&host, 2))
				list_offset = host.page_size - 8 * (1 + rnd(&host, 30));
			fill(&host);
			build_prp(&host, &sqe, len, offset, list_offset);
			if (i % 2)
				damage_prp(&host, &sqe);
			compare_from_host(&host, &sqe, len);
			good += !walk.status;
			bad += !!walk.status;
			if (!walk.status)
				compare_pieces(&host, &sqe, len, 1 + rnd(&host, 8));
			compare_to_host(&host, &sqe, len);
		}
		host_release(&host);
	}
	/* Both kinds were there. */
	assert_true(good > 300 && bad > 100);
}

static void contiguous_pages_are_one_piece(void **state)
{
	static uint8_t memory[4 * 4096];
	struct emu_data data;
	struct host host;
	struct nvm_sqe sqe = {.prp1 = 0x1000, .prp2 = 0x2000};
	struct iovec iov[4];
	unsigned int n;
	uint64_t bytes;

	(void)state;
	host_init(&host, 4096, 4, 3);
	emu_dma_leave(host.ctx.slot);
	assert_int_equal(emu_dma_add(host.dma, 0x1000, memory, sizeof(memory), true), 0);
	emu_dma_enter(host.ctx.slot);
	assert_int_equal(emu_data_begin(&data, &host.ctx, &sqe, 8192, true), 0);
	assert_int_equal(emu_data_next(&data, iov, 1, &n, &bytes), 0);
	assert_int_equal(n, 1);
	assert_int_equal(bytes, 8192);
	assert_ptr_equal(iov[0].iov_base, memory);
	assert_true(emu_data_over(&data));
	host_release(&host);
}

static void a_read_only_mapping_is_no_destination(void **state)
{
	static uint8_t memory[4096];
	struct nvm_sqe sqe = {.prp1 = 0x1000};
	uint8_t buf[512] = {1};
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 13);
	emu_dma_leave(host.ctx.slot);
	assert_int_equal(emu_dma_add(host.dma, 0x1000, memory, sizeof(memory), false), 0);
	emu_dma_enter(host.ctx.slot);
	assert_int_equal(emu_data_to_host(&host.ctx, &sqe, buf, 512), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(memory[0], 0);
	assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512), 0);
	assert_int_equal(buf[0], 0);
	assert_int_equal(emu_dma_faults(host.dma), 1);
	host_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prps_agree_around_page_edges),
		cmocka_unit_test(prp_lists_agree_around_list_edges),
		cmocka_unit_test(random_prps_agree),
		cmocka_unit_test(contiguous_pages_are_one_piece),
		cmocka_unit_test(a_read_only_mapping_is_no_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
