/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair.c - queue pairs of the request layer: made, made anew, destroyed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/admin.h"
#include "controller/error.h"
#include "controller/options.h"
#include "io/qpair.h"
#include "nvm_admin.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define DEFAULT_DEPTH      128
#define DEFAULT_TIMEOUT_MS 30000
#define DEFAULT_LISTS      16
#define MAX_LISTS          4096

/*
 * The CQ doorbell is rung for so many completions at once, at most. The controller cannot stall for
 * ever over it: the CQ has as many entries as the SQ, so all commands in flight but the lazy - 1 that may
 * not have been given back have room at any time. If others have to wait for that, the CQ is full of
 * depth - lazy completions at least; whoever collects these comes to @lazy and rings, as lazy < depth.
 */
#define MAX_LAZY 32

static int take_options(struct nvm_qpair_options *taken, const nvm_ctrl_t *ctrl,
			const struct nvm_qpair_options *options)
{
	int err;

	*taken = (struct nvm_qpair_options)NVM_QPAIR_OPTIONS_INIT;
	err = nvmi_options_read(taken, sizeof(*taken), options, "NVM_QPAIR_OPTIONS_INIT");
	if (err != 0)
		return err;
	if (taken->depth == 0)
		taken->depth =
			DEFAULT_DEPTH < ctrl->max_entries ? DEFAULT_DEPTH : ctrl->max_entries;
	if (taken->timeout_ms == 0)
		taken->timeout_ms = DEFAULT_TIMEOUT_MS;
	if (taken->n_lists == 0)
		taken->n_lists = DEFAULT_LISTS;
	if (taken->depth < 2 || taken->depth > ctrl->max_entries)
		return nvmi_fail(ERANGE,
				 "options.depth is %" PRIu32 ": queues of this controller have "
				 "2..%" PRIu32 " entries (CAP.MQES)",
				 taken->depth, ctrl->max_entries);
	if (taken->n_lists > MAX_LISTS)
		return nvmi_fail(EINVAL,
				 "options.n_lists is %" PRIu32 ": give at most %d list pages",
				 taken->n_lists, MAX_LISTS);
	if ((unsigned int)taken->wait > NVM_WAIT_ADAPTIVE)
		return nvmi_fail(EINVAL, "options.wait is %d, which is no NVM_WAIT_* mode",
				 (int)taken->wait);
	if (taken->vector < -1 || taken->vector > UINT16_MAX)
		return nvmi_fail(EINVAL, "options.vector is %d: give an interrupt vector, or -1",
				 taken->vector);
	return 0;
}

/* Room for @n elements in the allocation behind a queue pair; its offset. */
static size_t reserve(size_t *size, size_t n, size_t element)
{
	size_t at = *size;

	*size += (n * element + 15) & ~(size_t)15;
	return at;
}

/* The structure and all its tables, in one piece; not a byte more is allocated while it works. */
static struct nvmi_qpair *allocate(const struct nvm_qpair_options *options)
{
	uint32_t n_slots = options->depth - 1;
	/* A power of two above every slot's number, so that no CID is FFFFh, which has a meaning to some. */
	uint32_t n_cids = (uint32_t)1 << (32 - __builtin_clz(n_slots));
	uint32_t n_requests = n_slots < NVMI_QPAIR_REQUESTS ? n_slots : NVMI_QPAIR_REQUESTS;
	size_t size = sizeof(struct nvmi_qpair);
	size_t slots = reserve(&size, n_cids, sizeof(struct nvm_qpair_slot));
	size_t parts = reserve(&size, n_slots, sizeof(struct nvmi_part));
	size_t requests = reserve(&size, n_requests, sizeof(struct nvmi_request));
	size_t ready = reserve(&size, n_slots + n_requests, sizeof(uint32_t));
	size_t lists = reserve(&size, options->n_lists, sizeof(uint32_t));
	struct nvmi_qpair *p;
	unsigned char *memory;

	size = (size + 63) & ~(size_t)63;
	memory = aligned_alloc(64, size);
	if (memory == NULL)
		return NULL;
	memset(memory, 0, size);
	p = (struct nvmi_qpair *)(void *)memory;
	p->size = size;
	p->options = *options;
	p->depth = options->depth;
	p->n_slots = n_slots;
	p->timeout_ms = options->timeout_ms;
	p->qp.priv = p;
	p->qp.slots = (struct nvm_qpair_slot *)(void *)(memory + slots);
	p->qp.cid_mask = n_cids - 1;
	p->qp.slot_mask = (uint64_t)p->qp.cid_mask * sizeof(struct nvm_qpair_slot);
	/* Beyond the largest CID there is nothing: no bits change where all number the slot. */
	p->qp.id_step = n_cids << 16;
	p->qp.lazy = p->depth / 4 < MAX_LAZY ? p->depth / 4 : MAX_LAZY;
	if (p->qp.lazy == 0)
		p->qp.lazy = 1;
	p->requests.parts = (struct nvmi_part *)(void *)(memory + parts);
	p->requests.request = (struct nvmi_request *)(void *)(memory + requests);
	p->requests.n = n_requests;
	p->requests.ready = (uint32_t *)(void *)(memory + ready);
	p->requests.ready_size = n_slots + n_requests;
	p->requests.lists.next = (uint32_t *)(void *)(memory + lists);
	p->requests.lists.n = options->n_lists;
	return p;
}

/* All slots, requests and list pages are free. */
static void fill_pools(struct nvmi_qpair *p)
{
	struct nvmi_requests *r = &p->requests;

	for (uint32_t i = 0; i <= p->qp.cid_mask; ++i)
		p->qp.slots[i] = (struct nvm_qpair_slot){.id = i << 16, .state = NVM_QPAIR_FREE};
	for (uint32_t i = p->n_slots; i-- > 0;) {
		p->qp.slots[i].next = p->qp.free;
		p->qp.free = &p->qp.slots[i];
	}
	for (uint32_t i = 0; i < r->n; ++i)
		r->request[i].next = i + 1 < r->n ? i + 1 : NVMI_QPAIR_NONE;
	r->first = r->last = NVMI_QPAIR_NONE;
	for (uint32_t i = 0; i < r->lists.n; ++i)
		r->lists.next[i] = i + 1 < r->lists.n ? i + 1 : NVMI_QPAIR_NONE;
	r->lists.n_free = r->lists.n;
	r->lists.waiter = NVMI_QPAIR_NONE;
}

/* Rings and list pages, in one mapping. */
static int map_memory(struct nvmi_qpair *p)
{
	const nvm_ctrl_t *ctrl = nvm_ctrl_from_aq_ref(p->aq);
	struct nvmi_lists *lists = &p->requests.lists;
	size_t size = nvm_queue_mem_size(ctrl, true, p->depth) +
		      nvm_queue_mem_size(ctrl, false, p->depth);
	int err = nvm_dma_create(&p->rings, ctrl, size + lists->n * ctrl->page_size);

	if (err != 0)
		return err;
	lists->page_size = ctrl->page_size;
	lists->vaddr = (unsigned char *)p->rings->vaddr + size;
	lists->ioaddrs = p->rings->ioaddrs + size / ctrl->page_size;
	return 0;
}

/* SGLs are the controller's property, and are used if it has them. */
static int learn_sgls(struct nvmi_qpair *p)
{
	const struct nvm_id_ctrl *id;
	struct nvm_ctrl_info info;
	nvm_dma_t *page;
	int err;

	if (p->options.prp_only)
		return 0;
	err = nvm_dma_create(&page, nvm_ctrl_from_aq_ref(p->aq), NVMI_ADMIN_DATA_SIZE);
	if (err != 0)
		return err;
	err = nvm_admin_ctrl_info(p->aq, &info, page->vaddr, page->ioaddrs[0]);
	id = page->vaddr;
	p->qp.use_sgl = err == 0 && NVM_SGLS_SUPPORT(id->sgls) != NVM_SGLS_SUPPORT_NONE;
	nvmi_aq_release_memory(p->aq, page, err);
	return err;
}

/* An identifier of the library's, or the caller's, whose number the controller has granted. */
static int choose_qid(struct nvmi_qpair *p)
{
	uint16_t n_cqs, n_sqs, granted, qid;
	int err = nvmi_aq_take_qid(p->aq, 1, &qid);

	if (err != 0)
		return err;
	if (p->options.qid == 0) {
		p->qid = qid;
		p->own_qid = true;
		return 0;
	}
	nvmi_aq_return_qid(p->aq, qid);
	err = nvm_admin_get_num_queues(p->aq, &n_cqs, &n_sqs);
	if (err != 0)
		return err;
	granted = n_cqs < n_sqs ? n_cqs : n_sqs;
	if (p->options.qid > granted)
		return nvmi_fail(
			ENOSPC,
			"options.qid is %u, and the controller granted %u queue pairs: use "
			"one of 1..%u, or ask for more with nvm_admin_request_num_queues() "
			"before the first queue is made",
			p->options.qid, granted, granted);
	p->qid = p->options.qid;
	return 0;
}

int nvmi_qpair_make_queues(struct nvmi_qpair *p)
{
	size_t cq_size = nvm_queue_mem_size(nvm_ctrl_from_aq_ref(p->aq), true, p->depth);
	uint64_t ms = nvmi_qpair_admin_ms(p);
	struct nvmi_message message;
	int err;

	err = nvmi_admin_create_cq(p->aq, &p->qp.cq, p->qid, p->depth, p->rings, 0,
				   p->options.vector, ms);
	if (err != 0)
		return err;
	p->qp.n_unrung = 0;
	err = nvmi_admin_create_sq(p->aq, &p->qp.sq, &p->qp.cq, p->qid, p->depth, p->rings, cq_size,
				   ms);
	if (err == 0) {
		nvm_qpair_reload_(&p->qp);
		p->requests.n_uncounted = 0;
		err = nvmi_qpair_shadow_init(p);
		if (err == 0)
			return 0;
		nvmi_message_save(&message);
		err = nvmi_admin_delete_queue(p->aq, false, p->qid, ms) != 0 ? EIO : err;
	} else {
		nvmi_message_save(&message);
	}
	(void)nvmi_admin_delete_queue(p->aq, true, p->qid, ms);
	nvmi_message_restore(&message);
	return err;
}

static void release(struct nvmi_qpair *p)
{
	if (p->own_qid)
		nvmi_aq_return_qid(p->aq, p->qid);
	nvm_dma_unmap(p->rings);
	free(p);
}

/* Everything on the controller's side. */
static int set_up(struct nvmi_qpair *p)
{
	int err = choose_qid(p);

	if (err == 0)
		err = learn_sgls(p);
	if (err == 0)
		err = map_memory(p);
	if (err != 0)
		return err;
	nvmi_qpair_recover_init(p);
	err = nvmi_qpair_wait_init(p);
	if (err != 0)
		return err;
	err = nvmi_qpair_make_queues(p);
	if (err != 0)
		nvmi_qpair_wait_fini(p);
	return err;
}

static int create(struct nvmi_qpair **made, nvm_aq_ref ref, const struct nvm_qpair_options *options)
{
	struct nvmi_message message;
	struct nvmi_qpair *p = allocate(options);
	int err;

	if (p == NULL)
		return nvmi_fail(ENOMEM, "out of memory for a queue pair of %" PRIu32 " entries",
				 options->depth);
	p->aq = ref;
	fill_pools(p);
	err = set_up(p);
	if (err != 0) {
		nvmi_message_save(&message);
		release(p);
		nvmi_message_restore(&message);
		return err;
	}
	*made = p;
	return 0;
}

int nvm_qpair_create(nvm_qpair_t **qp, nvm_aq_ref ref, const struct nvm_qpair_options *options)
{
	struct nvm_qpair_options taken;
	struct nvmi_qpair *p;
	uint32_t one_page;
	int err;

	if (qp == NULL)
		return nvmi_fail(EINVAL, "no place for the queue pair: pass a pointer to one");
	*qp = NULL;
	err = nvmi_admin_check_ref(ref);
	if (err == 0)
		err = take_options(&taken, nvm_ctrl_from_aq_ref(ref), options);
	if (err != 0)
		return err;
	err = create(&p, ref, &taken);
	/* Memory of several pages that the controller wants contiguous is not to be had everywhere. */
	one_page = (uint32_t)(nvm_ctrl_from_aq_ref(ref)->page_size / sizeof(nvm_cmd_t));
	if (err == ENOTSUP && (options == NULL || options->depth == 0) && taken.depth > one_page) {
		taken.depth = one_page;
		err = create(&p, ref, &taken);
	}
	if (err == 0)
		*qp = &p->qp;
	return err;
}

void nvmi_qpair_set_failed(struct nvmi_qpair *p, int err)
{
	struct nvmi_requests *r = &p->requests;

	/* The inline functions look at the free slots alone. */
	if (err != 0 && p->failed == 0) {
		r->hidden = p->qp.free;
		p->qp.free = NULL;
	} else if (err == 0 && p->failed != 0) {
		p->qp.free = r->hidden;
		r->hidden = NULL;
	}
	p->failed = err;
}

void nvm_qpair_destroy(nvm_qpair_t *qp)
{
	struct nvmi_message message;
	struct nvmi_qpair *p;
	nvm_done_t done;
	nvm_io_fn *fn;

	if (qp == NULL)
		return;
	p = nvmi_qpair_of(qp);
	nvmi_message_save(&message);
	/* The functions called below may try to submit. */
	nvmi_qpair_set_failed(p, ECANCELED);
	nvmi_qpair_take_away(p);
	nvmi_qpair_end_all(p, ECANCELED);
	while (qp->n_ready != 0) {
		nvm_qpair_take_ready_(qp, &fn, &done);
		if (fn != NULL)
			fn(done.arg, done.status, done.result);
	}
	nvmi_qpair_wait_fini(p);
	release(p);
	nvmi_message_restore(&message);
}
