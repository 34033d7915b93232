/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_complete.c - the end of commands and requests, apart from the usual case, which is inline.
 */
#include "io/qpair.h"
#include "nvm_error.h"
#include "nvm_util.h"

void nvm_qpair_forget_(void *arg, int status, uint32_t result)
{
	(void)arg;
	(void)status;
	(void)result;
}

/* The slot is free for the next command, which will have another CID. */
static void push_slot(struct nvmi_qpair *p, struct nvm_qpair_slot *s)
{
	struct nvm_qpair_slot **free = p->failed == 0 ? &p->qp.free : &p->requests.hidden;

	s->state = NVM_QPAIR_FREE;
	s->next = *free;
	*free = s;
}

/* A command of an out-of-line request has ended: what the slot held is free. */
static struct nvmi_request *leave_slot(struct nvmi_qpair *p, uint32_t slot, uint32_t *index)
{
	struct nvmi_requests *r = &p->requests;
	struct nvm_qpair_slot *s = &p->qp.slots[slot];

	*index = nvmi_slot_more(s) - 1;
	nvmi_lists_give(&r->lists, r->parts[slot].lists);
	push_slot(p, s);
	--r->n_parts;
	--r->request[*index].n_commands;
	return &r->request[*index];
}

/*
 * An errno says that a command did not end by itself, which is so for the whole request then; of NVMe
 * statuses the one with the lowest block counts.
 */
static void note_status(struct nvmi_request *q, int status, uint64_t lba)
{
	if (status == 0)
		return;
	if (q->status == 0 || (status > 0 && q->status < 0) ||
	    ((status > 0) == (q->status > 0) && lba < q->failed_lba)) {
		q->status = status;
		q->failed_lba = lba;
	}
}

/* No further command of the request is going to be submitted, and none is in flight. */
static bool has_ended(const struct nvmi_request *q)
{
	return q->n_commands == 0 && (q->n_blocks == 0 || q->status != 0);
}

static void push_ready(struct nvmi_qpair *p, uint32_t what)
{
	struct nvmi_requests *r = &p->requests;
	uint32_t at = r->ready_head + p->qp.n_ready;

	r->ready[at >= r->ready_size ? at - r->ready_size : at] = what;
	++p->qp.n_ready;
}

static void finish_request(struct nvmi_qpair *p, uint32_t index, nvm_io_fn **fn, nvm_done_t *done)
{
	struct nvmi_request *q = &p->requests.request[index];

	*fn = q->fn;
	done->arg = q->arg;
	done->status = q->status;
	done->result = q->split ? 0 : q->result;
	nvmi_request_give(p, index);
}

/* A command that was a whole request has failed. */
static void finish_plain(struct nvmi_qpair *p, struct nvm_qpair_slot *s, const nvm_cpl_t *cpl,
			 nvm_io_fn **fn, nvm_done_t *done)
{
	push_slot(p, s);
	*fn = s->fn;
	done->arg = s->arg;
	done->status = nvm_err_from_cpl(cpl);
	done->result = cpl->dword[0];
}

bool nvm_qpair_complete_(nvm_qpair_t *qp, const nvm_cpl_t *cpl, nvm_io_fn **fn, nvm_done_t *done)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	/* What the controller wrote is read once: it may not keep its hands off. */
	nvm_cpl_t copy = *(volatile const nvm_cpl_t *)cpl;
	uint16_t cid = (uint16_t)copy.dword[3];
	uint32_t slot = cid & qp->cid_mask;
	struct nvm_qpair_slot *s = &qp->slots[slot];
	struct nvmi_request *q;
	uint32_t index;
	bool ended;

	if (!nvmi_slot_has(s, cid) || *NVM_CPL_SQHD(&copy) >= p->depth) {
		nvmi_qpair_fault(p, &copy);
		++p->requests.n_uncounted;
		++qp->n_unrung;
		return false;
	}
	if (nvmi_slot_more(s) == 0) {
		finish_plain(p, s, &copy, fn, done);
		return true;
	}
	q = leave_slot(p, slot, &index);
	note_status(q, nvm_err_from_cpl(&copy), p->requests.parts[slot].lba);
	q->result = copy.dword[0];
	if (q->status != 0)
		nvmi_request_drop(p, index);
	ended = has_ended(q);
	/* Its entry is to be given back all the same: the caller counts only what it gets to see. */
	if (ended)
		finish_request(p, index, fn, done);
	else
		++qp->n_unrung;
	nvmi_qpair_pump(p);
	return ended;
}

void nvmi_qpair_end_command(struct nvmi_qpair *p, uint32_t slot, int status, uint32_t result)
{
	struct nvm_qpair_slot *s = &p->qp.slots[slot];
	struct nvmi_part *part = &p->requests.parts[slot];
	struct nvmi_request *q;
	uint32_t index;

	--p->requests.n_uncounted;
	if (nvmi_slot_more(s) == 0) {
		/* The slot is kept until the request is collected: it has its function and argument. */
		push_ready(p, slot);
		++p->requests.n_kept;
		s->state = NVM_QPAIR_FREE;
		part->status = status;
		part->result = result;
		return;
	}
	q = leave_slot(p, slot, &index);
	note_status(q, status, part->lba);
	q->result = result;
	if (q->status != 0)
		nvmi_request_drop(p, index);
	if (has_ended(q))
		push_ready(p, NVMI_READY_REQUEST | index);
}

void nvmi_qpair_end_all(struct nvmi_qpair *p, int status)
{
	struct nvmi_requests *r = &p->requests;

	for (uint32_t i = 0; i < p->n_slots; ++i) {
		if (nvmi_slot_in_flight(&p->qp.slots[i]))
			nvmi_qpair_end_command(p, i, status, 0);
	}
	/* Those that have nothing in flight, and wait for their turn. */
	while (r->first != NVMI_QPAIR_NONE) {
		uint32_t index = r->first;
		struct nvmi_request *q = &r->request[index];

		note_status(q, status, q->lba);
		nvmi_request_drop(p, index);
		push_ready(p, NVMI_READY_REQUEST | index);
	}
}

void nvm_qpair_take_ready_(nvm_qpair_t *qp, nvm_io_fn **fn, nvm_done_t *done)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	struct nvmi_requests *r = &p->requests;
	uint32_t what = r->ready[r->ready_head];
	struct nvm_qpair_slot *s;
	struct nvmi_part *part;

	if (++r->ready_head == r->ready_size)
		r->ready_head = 0;
	--qp->n_ready;
	if ((what & NVMI_READY_REQUEST) != 0) {
		finish_request(p, what & ~NVMI_READY_REQUEST, fn, done);
		return;
	}
	s = &qp->slots[what];
	part = &r->parts[what];
	*fn = s->fn;
	done->arg = s->arg;
	done->status = part->status;
	done->result = part->result;
	push_slot(p, s);
	--r->n_kept;
}

uint32_t nvmi_qpair_n_free(const struct nvmi_qpair *p)
{
	const nvm_qpair_t *qp = &p->qp;
	int64_t tail = (const nvm_cmd_t *)qp->sqe - (const nvm_cmd_t *)(uintptr_t)qp->sq.vaddr;
	int64_t head = qp->cqe - (const nvm_cpl_t *)(uintptr_t)qp->cq.vaddr;
	int64_t n = (tail - head + p->requests.n_uncounted) % p->depth;

	return p->n_slots - (uint32_t)(n < 0 ? n + p->depth : n) - p->requests.n_kept;
}

uint32_t nvm_qpair_in_flight(const nvm_qpair_t *qp)
{
	const struct nvmi_qpair *p = qp->priv;
	const struct nvmi_requests *r = &p->requests;

	/* Commands that are requests by themselves, and requests of any number of commands. */
	return p->n_slots - nvmi_qpair_n_free(p) - r->n_parts + r->n_open;
}
