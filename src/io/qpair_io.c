/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_io.c - requests on ranges of blocks: into commands, and into the queue as there is room.
 *
 * What fits one command and needs no list page goes out at once, like the inline functions'. Everything
 * else is a struct nvmi_request: those that have commands to submit stand in a line and take turns, a
 * command at a time. It goes on whenever a command of any of them completes, which is enough: as long as
 * somebody stands in line, such a command is in flight. Whoever waits for list pages waits for some that
 * one of them holds; and no request is accepted while no slot is free, nor does a completed command's
 * slot go to anybody else before the line has been looked at.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/error.h"
#include "io/qpair.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* NLB has 16 bits, 0's based: the limit of commands that transfer nothing. */
#define MAX_NLB 65536

uint32_t nvmi_qpair_put(struct nvmi_qpair *p, const nvm_cmd_t *cmd, nvm_io_fn *fn, void *arg,
			uint32_t more)
{
	nvm_qpair_t *qp = &p->qp;
	struct nvm_qpair_slot *slot = qp->free;
	nvm_cmd_t *sqe = (nvm_cmd_t *)qp->sqe;

	qp->free = slot->next;
	slot->fn = fn != NULL ? fn : nvm_qpair_forget_;
	slot->arg = arg;
	slot->id += qp->id_step;
	slot->state = nvmi_slot_state(more);
	*sqe = *cmd;
	sqe->dword[0] = (cmd->dword[0] & 0xffffU) | slot->id;
	qp->sqe += sizeof(*sqe) / sizeof(*qp->sqe);
	if (qp->sqe == qp->sqe_end)
		qp->sqe = (nvm_qword_t_ *)(uintptr_t)qp->sq.vaddr;
	return (uint32_t)(slot - qp->slots);
}

uint32_t nvmi_request_take(struct nvmi_qpair *p)
{
	struct nvmi_requests *r = &p->requests;
	uint32_t index = r->free;

	if (index == NVMI_QPAIR_NONE)
		return index;
	r->free = r->request[index].next;
	r->request[index] = (struct nvmi_request){.next = NVMI_QPAIR_NONE};
	++r->n_open;
	return index;
}

void nvmi_request_give(struct nvmi_qpair *p, uint32_t index)
{
	struct nvmi_requests *r = &p->requests;

	free(r->request[index].copied);
	r->request[index].copied = NULL;
	r->request[index].next = r->free;
	r->free = index;
	--r->n_open;
}

static void stand_in_line(struct nvmi_requests *r, uint32_t index)
{
	r->request[index].next = NVMI_QPAIR_NONE;
	if (r->first == NVMI_QPAIR_NONE)
		r->first = index;
	else
		r->request[r->last].next = index;
	r->last = index;
}

static uint32_t next_in_line(struct nvmi_requests *r)
{
	uint32_t index = r->first;

	r->first = r->request[index].next;
	if (r->first == NVMI_QPAIR_NONE)
		r->last = NVMI_QPAIR_NONE;
	return index;
}

void nvmi_request_drop(struct nvmi_qpair *p, uint32_t index)
{
	struct nvmi_requests *r = &p->requests;
	uint32_t *link = &r->first;
	uint32_t before = NVMI_QPAIR_NONE;

	if (r->request[index].n_blocks == 0)
		return;
	r->request[index].n_blocks = 0;
	while (*link != index) {
		before = *link;
		link = &r->request[before].next;
	}
	*link = r->request[index].next;
	if (r->last == index)
		r->last = before;
	if (r->lists.waiter == index)
		r->lists.waiter = NVMI_QPAIR_NONE;
}

/* Blocks of the next command, as far as the namespace goes. */
static uint32_t part_blocks(const struct nvmi_request *q)
{
	uint64_t n = q->n_blocks < q->max_blocks ? q->n_blocks : q->max_blocks;
	uint64_t to_boundary;

	if (q->boundary == 0)
		return (uint32_t)n;
	to_boundary = q->boundary - q->lba % q->boundary;
	return (uint32_t)(n < to_boundary ? n : to_boundary);
}

static uint64_t metadata_address(const struct nvmi_request *q)
{
	const nvm_buf_t *buf = q->metadata.buf;
	size_t offset = q->metadata.offset;

	return buf->ioaddrs[offset >> buf->page_shift] +
	       (offset & (((size_t)1 << buf->page_shift) - 1));
}

/* The next command; its data pointer says which list pages it owns. */
static uint32_t build(struct nvmi_qpair *p, const struct nvmi_request *q,
		      const struct nvmi_data_plan *plan, nvm_cmd_t *cmd, struct nvmi_dptr *dptr)
{
	uint32_t n = part_blocks(q);

	*dptr = (struct nvmi_dptr){.lists = NVMI_QPAIR_NONE};
	if (q->data.n != 0) {
		n = (uint32_t)(plan->size / q->block_size);
		nvmi_data_build(p, &q->data, plan, dptr);
	}
	nvm_cmd_clear(cmd);
	nvm_cmd_header(cmd, 0, q->opcode, q->ns_id);
	cmd->dword[0] |= dptr->psdt;
	nvm_cmd_data_ptr(cmd, dptr->prp1, dptr->prp2);
	if (q->metadata.buf != NULL) {
		cmd->dword[4] = (uint32_t)metadata_address(q);
		cmd->dword[5] = (uint32_t)(metadata_address(q) >> 32);
	}
	cmd->dword[12] = q->flags;
	nvm_cmd_rw_blks(cmd, q->lba, n);
	return n;
}

static void plan_next(const struct nvmi_qpair *p, const struct nvmi_request *q,
		      struct nvmi_data_plan *plan)
{
	*plan = (struct nvmi_data_plan){.n_lists = 0};
	if (q->data.n != 0)
		nvmi_data_plan(p, &q->data, (size_t)part_blocks(q) * q->block_size, q->block_size,
			       plan);
}

/* Submit the next command of a request, for which a slot is free. False if it waits for list pages. */
static bool send_part(struct nvmi_qpair *p, uint32_t index)
{
	struct nvmi_requests *r = &p->requests;
	struct nvmi_request *q = &r->request[index];
	struct nvmi_data_plan plan;
	struct nvmi_dptr dptr;
	uint32_t n, slot;
	nvm_cmd_t cmd;

	plan_next(p, q, &plan);
	if (plan.n_lists != 0) {
		/* Whoever needs many must not be overtaken by those who need few. */
		if (r->lists.waiter != NVMI_QPAIR_NONE && r->lists.waiter != index)
			return false;
		r->lists.waiter = plan.n_lists > r->lists.n_free ? index : NVMI_QPAIR_NONE;
		if (r->lists.waiter == index)
			return false;
	}
	n = build(p, q, &plan, &cmd, &dptr);
	slot = nvmi_qpair_put(p, &cmd, NULL, NULL, index + 1);
	r->parts[slot].lba = q->lba;
	r->parts[slot].lists = dptr.lists;
	++r->n_parts;
	++q->n_commands;
	if (q->data.n != 0)
		nvmi_cursor_advance(&q->data, plan.size);
	q->metadata.offset += (size_t)n * q->metadata_size;
	q->lba += n;
	q->n_blocks -= n;
	q->split |= q->n_blocks != 0;
	return true;
}

/* One command for each in line that may have one more. Was there any? */
static bool pump_once(struct nvmi_qpair *p)
{
	struct nvmi_requests *r = &p->requests;
	uint32_t most = p->n_slots / 2 < NVMI_QPAIR_PARTS ? p->n_slots / 2 : NVMI_QPAIR_PARTS;
	uint32_t last = r->last;
	bool sent = false;
	uint32_t index;

	if (last == NVMI_QPAIR_NONE)
		return false;
	do {
		if (p->qp.free == NULL)
			return false;
		index = next_in_line(r);
		if (r->request[index].n_commands == 0 || r->request[index].n_commands < most)
			sent |= send_part(p, index);
		if (r->request[index].n_blocks != 0)
			stand_in_line(r, index);
	} while (index != last);
	return sent;
}

void nvmi_qpair_pump(struct nvmi_qpair *p)
{
	while (pump_once(p))
		;
	if (p->qp.plugged == 0)
		nvm_qpair_submit(&p->qp);
}

/* The request as it is before its first command. */
static void begin(struct nvmi_request *q, const struct nvm_io *io)
{
	const nvm_ns_t *ns = io->ns;
	bool has_data = io->n_data != 0;

	*q = (struct nvmi_request){
		.fn = io->fn,
		.arg = io->arg,
		.data = {.vec = io->data, .n = io->n_data},
		.metadata = io->metadata,
		.lba = io->lba,
		.n_blocks = io->n_blocks,
		.ns_id = ns->ns_id,
		.flags = io->flags,
		.block_size = (1U << ns->lba_shift) + (ns->metadata_inline ? ns->metadata_size : 0),
		.metadata_size = io->metadata.buf != NULL ? ns->metadata_size : 0,
		.max_blocks = has_data ? ns->max_blocks : MAX_NLB,
		.boundary = has_data ? ns->boundary : 0,
		.opcode = io->opcode,
	};
}

/* A request of several commands, or with list pages. */
static int begin_long(struct nvmi_qpair *p, const struct nvmi_request *wanted)
{
	struct nvm_io_vec *copied = NULL;
	struct nvmi_request *q;
	uint32_t index;

	if (p->requests.free == NVMI_QPAIR_NONE)
		return nvmi_fail(EAGAIN,
				 "queue pair %u has %" PRIu32 " requests that are split, or have a "
				 "list, and takes no more of them: collect some with "
				 "nvm_qpair_poll()",
				 p->qid, p->requests.n_open);
	if (wanted->data.n > 1) {
		copied = calloc(wanted->data.n, sizeof(*copied));
		if (copied == NULL)
			return nvmi_fail(ENOMEM, "out of memory for a request of %zu parts",
					 wanted->data.n);
		memcpy(copied, wanted->data.vec, wanted->data.n * sizeof(*copied));
	}
	index = nvmi_request_take(p);
	q = &p->requests.request[index];
	*q = *wanted;
	q->copied = copied;
	if (q->data.n != 0)
		q->vec = wanted->data.vec[0];
	q->data.vec = copied != NULL ? copied : &q->vec;
	stand_in_line(&p->requests, index);
	nvmi_qpair_pump(p);
	return 0;
}

int nvm_qpair_io(nvm_qpair_t *qp, const struct nvm_io *io)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	struct nvmi_data_plan plan;
	struct nvmi_request q;
	struct nvmi_dptr dptr;
	nvm_cmd_t cmd;
	int err = nvmi_qpair_check_io(p, io);

	if (err == 0)
		err = nvmi_qpair_refuse(p);
	if (err != 0)
		return err;
	begin(&q, io);
	plan_next(p, &q, &plan);
	if (part_blocks(&q) != q.n_blocks || plan.n_lists != 0)
		return begin_long(p, &q);
	build(p, &q, &plan, &cmd, &dptr);
	nvmi_qpair_put(p, &cmd, io->fn, io->arg, 0);
	if (qp->plugged == 0)
		nvm_qpair_submit(qp);
	return 0;
}

int nvm_qpair_rw_closer_(nvm_qpair_t *qp, uint8_t opcode, const nvm_ns_t *ns, const nvm_buf_t *buf,
			 size_t offset, uint64_t lba, uint32_t n_blocks, nvm_io_fn *fn, void *arg)
{
	struct nvm_io_vec data = {
		.buf = buf,
		.offset = offset,
		.size = (size_t)n_blocks << ns->lba_shift,
	};
	struct nvm_io io = {
		.ns = ns,
		.opcode = opcode,
		.lba = lba,
		.n_blocks = n_blocks,
		.data = &data,
		.n_data = 1,
		.fn = fn,
		.arg = arg,
	};

	if (ns->metadata_size != 0)
		return nvmi_fail(EINVAL,
				 "namespace %" PRIu32 " has %" PRIu32
				 " bytes of metadata per block: "
				 "say where they are, with nvm_qpair_io()",
				 ns->ns_id, ns->metadata_size);
	return nvm_qpair_io(qp, &io);
}
