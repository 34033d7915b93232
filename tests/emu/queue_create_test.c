/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue_create_test.c - I/O queues of any depth in any memory, on the software controller: created,
 * driven around their rings, deleted.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "controller/aq.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_queue.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

struct pair {
	nvm_queue_t cq, sq;
};

static int status_code(int status)
{
	return NVM_ERR_UNPACK_SCT(status) << 8 | NVM_ERR_UNPACK_SC(status);
}

/* Flush commands, as many at a time as fit, so that the rings are filled and go around. */
static void drive(struct pair *p, uint32_t n_commands)
{
	uint32_t n_sent = 0, n_done = 0;

	while (n_done < n_commands) {
		nvm_cmd_t *cmd;
		nvm_cpl_t *cpl;

		while (n_sent < n_commands && n_sent - n_done + 1 < p->cq.max_entries &&
		       (cmd = nvm_sq_enqueue(&p->sq)) != NULL)
			nvm_cmd_header(cmd, (uint16_t)n_sent++, NVM_IO_FLUSH, 1);
		nvm_sq_submit(&p->sq);
		cpl = nvm_cq_dequeue_block(&p->cq, 5000);
		assert_non_null(cpl);
		while (cpl != NULL) {
			assert_true(NVM_ERR_OK(cpl));
			assert_int_equal(cpl->dword[3] & 0xffff, n_done & 0xffff);
			assert_int_equal(cpl->dword[2] >> 16, p->sq.no);
			nvm_sq_update(&p->sq);
			n_done++;
			cpl = nvm_cq_dequeue(&p->cq);
		}
		nvm_cq_update(&p->cq);
	}
}

static void create_pair(struct target *t, struct pair *p, uint16_t id, uint32_t depth,
			const nvm_dma_t *mem, size_t cq_size)
{
	int status = nvm_cq_create(t->ref, &p->cq, id, depth, mem, 0, -1);

	if (status == 0)
		status = nvm_sq_create(t->ref, &p->sq, &p->cq, id, depth, mem, cq_size);
	if (status != 0)
		fail_msg("depth %u: %s", depth, nvm_errmsg());
}

static void delete_pair(struct target *t, struct pair *p)
{
	assert_int_equal(nvm_admin_sq_delete(t->ref, &p->sq, &p->cq), 0);
	assert_int_equal(nvm_admin_cq_delete(t->ref, &p->cq), 0);
}

static void any_depth_works(void **state)
{
	static const uint32_t depths[] = {2,   3,   7,    63,   64,   65,   100,   255,   256,
					  257, 513, 1000, 1024, 4095, 4097, 30000, 65535, 65536};
	struct target t = open_target("emu:?size=1M");

	(void)state;
	assert_int_equal(t.ctrl->max_entries, 65536);
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		uint32_t depth = depths[i];
		size_t cq_size = nvm_queue_mem_size(t.ctrl, true, depth);
		size_t sq_size = nvm_queue_mem_size(t.ctrl, false, depth);
		struct pair pair;
		nvm_dma_t *mem;

		assert_int_equal(nvm_dma_create(&mem, t.ctrl, cq_size + sq_size), 0);
		memset(mem->vaddr, 0xff, cq_size + sq_size);
		create_pair(&t, &pair, 1, depth, mem, cq_size);
		assert_int_equal(pair.cq.max_entries, depth);
		assert_int_equal(pair.sq.max_entries, depth);
		drive(&pair, depth < 1000 ? 3 * depth + 1 : depth + depth / 2);
		delete_pair(&t, &pair);
		nvm_dma_unmap(mem);
	}
	assert_true(target_stats(&t).dma_faults == 0);
	close_target(&t);
}

/*
 * Memory whose pages are contiguous here and in disorder on the bus: mapped page by page, last one
 * first, with gaps. The single mappings stay, the whole only names their addresses.
 */
struct scattered {
	unsigned char *vaddr;
	size_t n_pages;
	nvm_dma_t *single[2600];
	nvm_dma_t *whole;
};

static void scatter(struct scattered *s, const nvm_ctrl_t *ctrl, size_t n_pages)
{
	static uint64_t addresses[2600];
	nvm_dma_t *gap;

	s->n_pages = n_pages;
	s->vaddr = mmap(NULL, n_pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	assert_ptr_not_equal(s->vaddr, MAP_FAILED);
	for (size_t i = n_pages; i-- > 0;) {
		assert_int_equal(nvm_dma_create(&gap, ctrl, 4096), 0);
		assert_int_equal(nvm_dma_map_host(&s->single[i], ctrl, s->vaddr + i * 4096, 4096),
				 0);
		addresses[i] = s->single[i]->ioaddrs[0];
		nvm_dma_unmap(gap);
	}
	assert_int_equal(nvm_dma_map(&s->whole, ctrl, s->vaddr, 4096, n_pages, addresses), 0);
}

static void gather(struct scattered *s)
{
	nvm_dma_unmap(s->whole);
	for (size_t i = 0; i < s->n_pages; i++)
		nvm_dma_unmap(s->single[i]);
	munmap(s->vaddr, s->n_pages * 4096);
}

static void scattered_memory_works(void **state)
{
	/* Rings of 2, 16, 512, 513 (chained list) and 1024 pages for the SQ. */
	static const uint32_t depths[] = {128, 1000, 32768, 32832, 65536};
	struct target t = open_target("emu:?size=1M");

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		size_t cq_size = nvm_queue_mem_size(t.ctrl, true, depths[i]);
		size_t sq_size = nvm_queue_mem_size(t.ctrl, false, depths[i]);
		static struct scattered s;
		struct pair pair;

		scatter(&s, t.ctrl, (cq_size + sq_size) / 4096);
		assert_false(nvm_dma_contiguous(s.whole, cq_size, 2 * 4096));
		create_pair(&t, &pair, 3, depths[i], s.whole, cq_size);
		drive(&pair, depths[i] * 2 + 5);
		delete_pair(&t, &pair);
		gather(&s);
	}
	assert_true(target_stats(&t).dma_faults == 0);
	close_target(&t);
}

static void a_controller_may_require_contiguous_rings(void **state)
{
	struct target t = open_target("emu:?size=1M&cqr=1");
	static struct scattered s;
	struct pair pair = {.cq = {.no = 1}};

	(void)state;
	assert_int_equal(nvm_queue_mem_size(t.ctrl, false, 1024), 1024 * 64);
	scatter(&s, t.ctrl, 32);
	assert_int_equal(nvm_cq_create(t.ref, &pair.cq, 1, 1024, s.whole, 0, -1), ENOTSUP);
	assert_int_equal(nvm_sq_create(t.ref, &pair.sq, &pair.cq, 1, 1024, s.whole, 0), ENOTSUP);
	assert_non_null(strstr(nvm_errmsg(), "CQR"));
	gather(&s);
	/* One page is always contiguous, and so is memory that was mapped in one piece. */
	create_pair(&t, &pair, 1, 64, t.dma, 4096);
	drive(&pair, 300);
	delete_pair(&t, &pair);
	create_pair(&t, &pair, 1, 1000, t.dma, 16384);
	drive(&pair, 3000);
	delete_pair(&t, &pair);
	close_target(&t);
}

static void one_page_queues_work(void **state)
{
	struct target t = open_target("emu:?size=1M&depth=1000");
	struct pair p;

	(void)state;
	memset(t.data, 0xff, 8192);
	assert_int_equal(nvm_admin_cq_create(t.ref, &p.cq, 2, t.data, t.ioaddr), 0);
	assert_int_equal(
		nvm_admin_sq_create(t.ref, &p.sq, &p.cq, 5, t.data + 4096, t.ioaddr + 4096), 0);
	assert_int_equal(p.cq.max_entries, 256);
	assert_int_equal(p.sq.max_entries, 64);
	drive(&p, 1000);
	delete_pair(&t, &p);
	close_target(&t);
}

static void a_hundred_pairs_at_once(void **state)
{
	struct target t = open_target("emu:?size=1M&queues=100");
	static struct pair pairs[100];
	nvm_dma_t *mem;

	(void)state;
	for (uint16_t i = 0; i < 100; i++) {
		assert_int_equal(nvm_dma_create(&mem, t.ctrl, 8192), 0);
		create_pair(&t, &pairs[i], (uint16_t)(i + 1), 64, mem, 4096);
		/* The queues keep the memory. */
		nvm_dma_unmap(mem);
	}
	for (int i = 0; i < 100; i++)
		drive(&pairs[i], 200);
	for (int i = 0; i < 100; i += 2)
		delete_pair(&t, &pairs[i]);
	/* close_target() leaves the other half to nvm_aq_destroy(). */
	close_target(&t);
}

static void refusals_of_the_controller_are_passed_on(void **state)
{
	struct target t = open_target("emu:?size=1M&queues=8&depth=1024");
	struct pair p = {.cq = {.no = 7}}, other;
	uint16_t far = 9;

	(void)state;
	assert_int_equal(status_code(nvm_sq_create(t.ref, &p.sq, &p.cq, 1, 64, t.dma, 8192)),
			 NVM_SC_CQ_INVALID);
	assert_int_equal(status_code(nvm_cq_create(t.ref, &p.cq, far, 64, t.dma, 0, -1)),
			 NVM_SC_INVALID_QID);
	assert_int_equal(status_code(nvm_cq_create(t.ref, &p.cq, 1, 64, t.dma, 0, 60000)),
			 NVM_SC_INVALID_INTERRUPT_VECTOR);
	create_pair(&t, &p, 1, 64, t.dma, 4096);
	assert_int_equal(status_code(nvm_cq_create(t.ref, &other.cq, 1, 64, t.dma, 8192, -1)),
			 NVM_SC_INVALID_QID);
	assert_int_equal(status_code(nvm_admin_cq_delete(t.ref, &p.cq)),
			 NVM_SC_INVALID_QUEUE_DELETION);
	drive(&p, 100);
	delete_pair(&t, &p);
	assert_int_equal(status_code(nvm_admin_sq_delete(t.ref, &p.sq, &p.cq)), NVM_SC_INVALID_QID);
	assert_int_equal(nvm_cq_create(t.ref, &p.cq, 1, 1025, t.dma, 0, -1), ERANGE);
	assert_int_equal(nvm_cq_create(t.ref, &p.cq, 65000, 64, t.dma, 0, -1), ERANGE);
	assert_int_equal(nvm_cq_create(t.ref, &p.cq, 0, 64, t.dma, 0, -1), EINVAL);
	close_target(&t);
}

static void identifiers_are_handed_out_from_the_top(void **state)
{
	struct target t = open_target("emu:?size=1M&queues=4");
	uint16_t qid, n_cqs, n_sqs;

	(void)state;
	for (uint16_t expected = 4; expected > 0; expected--) {
		assert_int_equal(nvmi_aq_take_qid(t.ref, 1, &qid), 0);
		assert_int_equal(qid, expected);
	}
	assert_int_equal(nvmi_aq_take_qid(t.ref, 1, &qid), ENOSPC);
	assert_int_equal(nvm_admin_get_num_queues(t.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(n_cqs, 4);
	close_target(&t);
}

/* Queues made without asking for their number: it cannot be set any more, but it can be read. */
static void identifiers_are_found_beside_queues_that_exist(void **state)
{
	struct target t = open_target("emu:?size=1M&queues=4");
	struct pair p;
	uint16_t qid;

	(void)state;
	create_pair(&t, &p, 4, 64, t.dma, 4096);
	assert_int_equal(nvmi_aq_take_qid(t.ref, 1, &qid), 0);
	assert_int_equal(qid, 3);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_depth_works),
		cmocka_unit_test(scattered_memory_works),
		cmocka_unit_test(a_controller_may_require_contiguous_rings),
		cmocka_unit_test(one_page_queues_work),
		cmocka_unit_test(a_hundred_pairs_at_once),
		cmocka_unit_test(refusals_of_the_controller_are_passed_on),
		cmocka_unit_test(identifiers_are_handed_out_from_the_top),
		cmocka_unit_test(identifiers_are_found_beside_queues_that_exist),
	};

	return cmocka_run_group_tests_name("queue creation", tests, NULL, NULL);
}
