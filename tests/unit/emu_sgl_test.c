/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_sgl_test.c - the software controller's walk of SGLs, held against a second, naive one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data.h"
#include "support/emu_walker.h"

static struct nvm_sgl_desc descriptor(unsigned int type, uint64_t addr, uint32_t len)
{
	return (struct nvm_sgl_desc){
		.addr = addr, .length = len, .type = (uint8_t)NVM_FIELD(SGL_TYPE, type)};
}

/* A random piece of the host's memory, of any alignment; may span pages. */
static struct nvm_sgl_desc random_block(struct host *host, uint32_t len)
{
	uint32_t room = (host->n_pages - 4) * host->page_size - len;

	/* The last pages hold the segments. */
	return descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE + rnd(host, room), len);
}

/*
 * len bytes as an SGL: blocks, empty blocks and bit buckets, cut into segments. Returns the number
 * of segments and how many descriptors the last one has.
 */
static unsigned int build_sgl(struct host *host, struct nvm_sqe *sqe, uint64_t len, bool to_host)
{
	uint64_t at = BASE + (uint64_t)(host->n_pages - 4) * host->page_size;
	struct nvm_sgl_desc *link = &sqe->sgl1;
	uint64_t link_at = 0;
	unsigned int n_segments = 0;

	memset(sqe, 0, sizeof(*sqe));
	sqe->flags = (uint8_t)NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER);
	for (bool last = false; !last; n_segments++) {
		unsigned int n = 1 + rnd(host, 40), i;
		struct nvm_sgl_desc desc[64], to_here;

		last = !rnd(host, 3) || n_segments == 5;
		for (i = 0; i < n; i++) {
			uint32_t some = len > 1 ? 1 + rnd(host, (uint32_t)len / 2) : (uint32_t)len;

			if (!rnd(host, 5))
				some = 0;
			else if (last && i == n - 1)
				some = (uint32_t)len;
			desc[i] = random_block(host, some);
			if (!rnd(host, 6))
				desc[i] = descriptor(NVM_SGL_TYPE_BIT_BUCKET, 0x123, some);
			if (to_host || NVM_SGL_TYPE(desc[i].type) != NVM_SGL_TYPE_BIT_BUCKET)
				len -= some;
		}
		if (last && len) {
			desc[n++] = random_block(host, (uint32_t)len);
			len = 0;
		}
		to_here = descriptor(last ? NVM_SGL_TYPE_LAST_SEGMENT : NVM_SGL_TYPE_SEGMENT, at,
				     (n + !last) * 16);
		if (link)
			*link = to_here;
		else
			host_write(host, link_at, &to_here, 16);
		link = NULL;
		host_write(host, at, desc, n * 16);
		link_at = at + n * 16;
		at = link_at + 16 + 8 * (uint64_t)rnd(host, 8);
	}
	return n_segments;
}

static void damage_sgl(struct host *host, struct nvm_sqe *sqe)
{
	struct nvm_sgl_desc desc;
	uint32_t n = sqe->sgl1.length / 16;
	uint64_t at = sqe->sgl1.addr + 16ULL * rnd(host, n);

	switch (rnd(host, 9)) {
	case 0:
		sqe->sgl1.length -= 1 + rnd(host, 15);
		break;
	case 1:
		sqe->sgl1.addr += 1 + rnd(host, 7);
		break;
	case 2:
		sqe->sgl1.length -= 16; /* loses the link, or the last block */
		break;
	case 3:
		sqe->sgl1.type |= 0x1;
		break;
	case 4:
		sqe->sgl1.type ^= 0x10; /* segment <-> last segment */
		break;
	default:
		host_read(host, at, &desc, 16);
		if (rnd(host, 2))
			desc.type = (uint8_t)(rnd(host, 7) << 4);
		else if (rnd(host, 2))
			desc.length += 5;
		else
			desc.addr = UINT64_MAX - rnd(host, 100);
		host_write(host, at, &desc, 16);
		break;
	}
}

static void random_sgls_agree(void **state)
{
	unsigned int good = 0, bad = 0;
	struct host host;

	(void)state;
	host_init(&host, 4096, 20, 77);
	for (unsigned int i = 0; i < 2000; i++) {
		uint64_t len = 1 + rnd(&host, 50000);
		bool to_host = rnd(&host, 2);
		struct nvm_sqe sqe;

		fill(&host);
		build_sgl(&host, &sqe, len, to_host);
		if (i % 2)
			damage_sgl(&host, &sqe);
		if (to_host)
			compare_to_host(&host, &sqe, len);
		else
			compare_from_host(&host, &sqe, len);
		good += !walk.status;
		bad += !!walk.status;
		if (!walk.status && !to_host)
			compare_pieces(&host, &sqe, len, 1 + rnd(&host, 8));
	}
	assert_true(good > 800 && bad > 500);
	host_release(&host);
}

/* One segment with the given descriptors; what does a transfer of len bytes end with? */
static emu_status_t sgl_status(struct host *host, const struct nvm_sgl_desc *desc, unsigned int n,
			       unsigned int kind, uint64_t len)
{
	static uint8_t buf[65536];
	uint64_t at = BASE + 2ULL * host->page_size;
	struct nvm_sqe sqe = {.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER)};

	host_write(host, at, desc, n * 16);
	sqe.sgl1 = descriptor(kind, at, n * 16);
	return emu_data_from_host(&host->ctx, &sqe, buf, len);
}

static void sgl_errors_have_the_specified_status(void **state)
{
	const unsigned int last = NVM_SGL_TYPE_LAST_SEGMENT, segment = NVM_SGL_TYPE_SEGMENT;
	struct nvm_sgl_desc block = descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE, 512);
	struct nvm_sgl_desc link = descriptor(last, BASE + 3 * 4096, 16);
	struct nvm_sgl_desc d[3] = {block, block, block};
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 9);
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), NVM_SC_SUCCESS);
	assert_int_equal(sgl_status(&host, d, 2, last, 1025),
			 EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	assert_int_equal(sgl_status(&host, d, 2, last, 1023),
			 EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	assert_int_equal(sgl_status(&host, d, 3, last, 1024),
			 EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	d[2].length = 0;
	assert_int_equal(sgl_status(&host, d, 3, last, 1024), NVM_SC_SUCCESS);
	d[2] = link;
	assert_int_equal(sgl_status(&host, d, 3, last, 1024), EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT));
	d[1] = link;
	assert_int_equal(sgl_status(&host, d, 3, last, 1024), EMU_FAIL(NVM_SC_SGL_INVALID_NUMBER));
	d[1] = block;
	/* A segment that is not the last one names the next. */
	assert_int_equal(sgl_status(&host, d, 2, segment, 1024),
			 EMU_FAIL(NVM_SC_SGL_INVALID_SEGMENT));
	d[0].type = NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_KEYED_DATA_BLOCK);
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), EMU_FAIL(NVM_SC_SGL_TYPE_INVALID));
	d[0].type = NVM_FIELD(SGL_SUBTYPE, NVM_SGL_SUBTYPE_OFFSET);
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), EMU_FAIL(NVM_SC_SGL_TYPE_INVALID));
	d[0] = block;
	d[0].addr = 0x10;
	assert_int_equal(sgl_status(&host, d, 2, last, 1024), NVM_SC_DATA_TRANSFER_ERROR);
	assert_int_equal(emu_dma_faults(host.dma), 1);
	host_release(&host);
}

static void an_endless_chain_of_segments_ends(void **state)
{
	uint64_t at = BASE + 2 * 4096;
	struct nvm_sgl_desc self = descriptor(NVM_SGL_TYPE_SEGMENT, at, 16);
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 10);
	assert_int_equal(sgl_status(&host, &self, 1, NVM_SGL_TYPE_SEGMENT, 512),
			 EMU_FAIL(NVM_SC_SGL_INVALID_NUMBER));
	host_release(&host);
}

static void a_contiguous_block_needs_no_segment(void **state)
{
	struct nvm_sqe sqe = {.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER)};
	struct host host;

	(void)state;
	host_init(&host, 4096, 8, 11);
	fill(&host);
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE + 1, 20000);
	compare_from_host(&host, &sqe, 20000);
	assert_int_equal(walk.status, 0);
	compare_to_host(&host, &sqe, 20000);
	compare_from_host(&host, &sqe, 19999);
	assert_int_equal(walk.status, EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	compare_from_host(&host, &sqe, 20001);
	assert_int_equal(walk.status, EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID));
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_BIT_BUCKET, 0, 5000);
	compare_to_host(&host, &sqe, 5000);
	assert_int_equal(walk.status, 0);
	host_release(&host);
}

static void what_is_not_supported_is_refused(void **state)
{
	struct nvm_sqe sqe = {.flags = 0};
	uint8_t buf[512];
	struct host host;

	(void)state;
	host_init(&host, 4096, 4, 12);
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_DATA_BLOCK, BASE, 512);
	for (unsigned int psdt = 2; psdt < 4; psdt++) {
		sqe.flags = (uint8_t)NVM_FIELD(SQE_PSDT, psdt);
		assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512),
				 EMU_FAIL(NVM_SC_INVALID_FIELD));
	}
	sqe.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER);
	assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512), 0);
	host.ctx.sgl = false;
	assert_int_equal(emu_data_from_host(&host.ctx, &sqe, buf, 512),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
	host.ctx.sgl = true;
	host.ctx.discard = NULL;
	sqe.sgl1 = descriptor(NVM_SGL_TYPE_BIT_BUCKET, 0, 512);
	assert_int_equal(emu_data_to_host(&host.ctx, &sqe, buf, 512),
			 EMU_FAIL(NVM_SC_SGL_TYPE_INVALID));
	host_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sgls_agree),
		cmocka_unit_test(sgl_errors_have_the_specified_status),
		cmocka_unit_test(an_endless_chain_of_segments_ends),
		cmocka_unit_test(a_contiguous_block_needs_no_segment),
		cmocka_unit_test(what_is_not_supported_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
