/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * buf_test.c - registered buffers: both tables, entry by entry, and what nvm_buf_list() finds in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "nvm_buf.h"
#include "support/errmsg.h"
#include "support/qpair_device.h"

/* Every list that there may be: all its entries, none beyond its page. */
static void check_lists(struct qd *d, const nvm_buf_t *buf)
{
	size_t page_size = d->ctrl->page_size, per_page = page_size / 8;
	size_t n_pages = buf->size / page_size;
	const size_t counts[] = {1,
				 2,
				 per_page / 2 - 1,
				 per_page / 2,
				 per_page / 2 + 1,
				 per_page - 1,
				 per_page,
				 per_page + 1};

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); ++c)
		for (size_t page = 1; page + counts[c] <= n_pages; ++page) {
			uint64_t list = nvm_buf_list(buf, page, counts[c]);
			const uint64_t *entries;

			if (list == 0) {
				assert_true(counts[c] > per_page / 2);
				continue;
			}
			assert_int_equal(list % 8, 0);
			entries = qd_at(d, list, counts[c] * 8);
			for (size_t i = 0; i < counts[c]; ++i)
				assert_int_equal(entries[i], buf->ioaddrs[page + i]);
		}
}

static void tables_name_every_page(void **state)
{
	static const size_t sizes[] = {3,   4,   255, 256, 257,  511, 512,
				       513, 767, 768, 769, 1024, 1600};

	(void)state;
	for (uint32_t page_size = 4096; page_size <= 8192; page_size *= 2)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
			struct qd *d = qd_start(page_size);
			nvm_buf_t *buf;

			d->layout = i % 2 == 0 ? QD_SCATTERED : QD_CONTIGUOUS;
			buf = qd_buf(d, sizes[i] * page_size);
			assert_int_equal(buf->size, sizes[i] * page_size);
			assert_int_equal(buf->contiguous, i % 2 != 0);
			assert_int_equal((size_t)1 << buf->page_shift, page_size);
			check_lists(d, buf);
			nvm_buf_destroy(buf);
			qd_stop(d);
		}
}

/* No more than half a page of entries is always in one piece. */
static void half_a_page_is_always_served(void **state)
{
	struct qd *d = qd_start(4096);
	nvm_buf_t *buf = qd_buf(d, 3000 * 4096);

	(void)state;
	for (size_t page = 1; page + 256 <= 3000; ++page)
		for (size_t n = 250; n <= 256; ++n)
			assert_int_not_equal(nvm_buf_list(buf, page, n), 0);
	nvm_buf_destroy(buf);
	qd_stop(d);
}

static void keeps_its_memory(void **state)
{
	struct qd *d = qd_start(4096);
	nvm_dma_t *dma;
	nvm_buf_t *buf;

	(void)state;
	assert_int_equal(nvm_dma_create(&dma, d->ctrl, 5 * 4096), 0);
	assert_int_equal(nvm_buf_create(&buf, d->ctrl, dma), 0);
	nvm_dma_unmap(dma);
	memset(buf->vaddr, 1, buf->size);
	qd_at(d, buf->ioaddrs[4], 4096);
	nvm_buf_destroy(buf);
	nvm_buf_destroy(NULL);
	qd_stop(d); /* checks that nothing is mapped */
}

/* Device memory: this process does not see it. */
static void memory_that_is_not_seen(void **state)
{
	struct qd *d = qd_start(4096);
	uint64_t addrs[4] = {0x1000, 0x2000, 0x3000, 0x4000};
	nvm_dma_t *dma;
	nvm_buf_t *buf;

	(void)state;
	assert_int_equal(nvm_dma_map(&dma, d->ctrl, NULL, 4096, 4, addrs), 0);
	assert_int_equal(nvm_buf_create(&buf, d->ctrl, dma), 0);
	assert_null(buf->vaddr);
	assert_true(buf->contiguous);
	assert_int_equal(buf->ioaddrs[3], 0x4000);
	nvm_buf_destroy(buf);
	nvm_dma_unmap(dma);
	qd_stop(d);
}

static void refusals(void **state)
{
	struct qd *d = qd_start(4096), *other = qd_start(8192);
	nvm_buf_t *buf = (nvm_buf_t *)(void *)d;
	nvm_dma_t *dma;

	(void)state;
	assert_int_equal(nvm_dma_create(&dma, other->ctrl, 8192), 0);
	assert_int_equal(nvm_buf_create(NULL, d->ctrl, dma), EINVAL);
	assert_int_equal(nvm_buf_create(&buf, d->ctrl, dma), EINVAL);
	assert_message_has("pages of 8192 bytes, the controller uses 4096");
	assert_null(buf);
	assert_int_equal(nvm_buf_create(&buf, NULL, dma), EINVAL);
	assert_int_equal(nvm_buf_create(&buf, d->ctrl, NULL), EINVAL);
	assert_message_has("no memory");
	nvm_dma_unmap(dma);
	qd_stop(d);
	qd_stop(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_name_every_page),
		cmocka_unit_test(half_a_page_is_always_served),
		cmocka_unit_test(keeps_its_memory),
		cmocka_unit_test(memory_that_is_not_seen),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
