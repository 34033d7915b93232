/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_rings.c - admin SQ and CQ and the commands in flight: submission, completion by CID, faults.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "controller/aq_queues.h"
#include "controller/aq_rings.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "nvm_error.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

/* AQA has 12 bits, 0's based. */
#define MAX_ADMIN_ENTRIES 4096

/* CSTS is read that often while waiting: a register read costs about a microsecond. */
#define LOOK_INTERVAL_NS 1000000ULL

static const char *ctrl_name(const struct nvmi_aq_rings *r)
{
	return r->ctrl->be->name;
}

static uint32_t entries_in_page(const struct nvmi_ctrl *ctrl, size_t entry_size)
{
	size_t n = ctrl->handle.page_size / entry_size;

	return n < MAX_ADMIN_ENTRIES ? (uint32_t)n : MAX_ADMIN_ENTRIES;
}

/* One command fewer than the smaller ring has entries: neither can overflow, whatever happens. */
static int make_slots(struct nvmi_aq_rings *r)
{
	uint32_t n = r->sq.max_entries < r->cq.max_entries ? r->sq.max_entries : r->cq.max_entries;

	r->cid_step = n; /* a power of two, as pages are */
	r->n_slots = n - 1;
	r->slots = calloc(r->n_slots, sizeof(*r->slots));
	r->free = calloc(r->n_slots, sizeof(*r->free));
	if (r->slots == NULL || r->free == NULL) {
		nvmi_rings_fini(r);
		return nvmi_fail(ENOMEM, "no memory for the admin command table");
	}
	for (uint32_t i = r->n_slots; i-- > 0;) {
		r->slots[i].cid = (uint16_t)i;
		r->free[r->n_free++] = (uint16_t)i;
	}
	return 0;
}

int nvmi_rings_init(struct nvmi_aq_rings *r, struct nvmi_ctrl *ctrl, struct nvmi_aq_queues *queues,
		    const nvm_dma_t *mem)
{
	r->ctrl = ctrl;
	r->queues = queues;
	nvm_queue_init(&r->cq, &ctrl->handle, true, 0, entries_in_page(ctrl, sizeof(nvm_cpl_t)),
		       mem->vaddr, mem->ioaddrs[0]);
	nvm_queue_init(&r->sq, &ctrl->handle, false, 0, entries_in_page(ctrl, sizeof(nvm_cmd_t)),
		       (unsigned char *)mem->vaddr + mem->page_size, mem->ioaddrs[1]);
	if (r->sq.db == NULL || r->cq.db == NULL)
		return nvmi_fail(
			ERANGE,
			"%s: the admin doorbells lie outside the %zu bytes of BAR0 that are "
			"mapped",
			ctrl_name(r), ctrl->handle.mm_size);
	return make_slots(r);
}

void nvmi_rings_fini(struct nvmi_aq_rings *r)
{
	free(r->free);
	free(r->slots);
	r->free = NULL;
	r->slots = NULL;
}

/* The first cause stays. */
void nvmi_rings_fail(struct nvmi_aq_rings *r, int err, const char *cause)
{
	if (r->failed != 0)
		return;
	snprintf(r->cause, sizeof(r->cause), "%s", cause);
	r->failed = err;
	nvmi_log(NVMI_LOG_ERROR, "%s: %s", ctrl_name(r), r->cause);
}

/* A completion that cannot be. */
static void set_fault(struct nvmi_aq_rings *r, const char *what, uint32_t value)
{
	char cause[sizeof(r->cause)];

	snprintf(cause, sizeof(cause),
		 "controller fault: completion with %s 0x%04x; reset it with nvm_aq_reset()", what,
		 value);
	nvmi_rings_fail(r, EIO, cause);
}

/* Fail as every other thread does. */
static int fail_again(const struct nvmi_aq_rings *r)
{
	return nvmi_fail(r->failed, "%s: %s", ctrl_name(r), r->cause);
}

void nvmi_rings_look_at_status(struct nvmi_aq_rings *r)
{
	uint32_t csts = nvmi_read32(r->ctrl, NVM_REG_CSTS);

	r->next_look_ns = nvmi_now_ns() + LOOK_INTERVAL_NS;
	if (csts == UINT32_MAX)
		nvmi_rings_fail(
			r, ENODEV,
			"the controller is gone: registers read all ones; check power and link, "
			"then open it again");
	else if (NVM_CSTS_CFS(csts))
		nvmi_rings_fail(
			r, EIO,
			"controller fault: it reports a fatal error (CSTS.CFS); reset it with "
			"nvm_aq_reset()");
	else if (!NVM_CSTS_RDY(csts))
		nvmi_rings_fail(r, EIO,
				"the controller was reset or disabled behind the admin queue pair; "
				"nvm_aq_reset() brings it back");
}

/*
 * Let the SQ head follow: @fetched commands of all that were ever submitted. A head that was
 * overtaken changes nothing.
 */
static void advance_sq_head(struct nvmi_aq_rings *r, uint64_t fetched)
{
	if (fetched <= r->n_fetched)
		return;
	r->n_fetched = fetched;
	r->sq.head = (uint32_t)(fetched % r->sq.max_entries);
}

/* The number of commands fetched that an SQ head stands for; as it was if it is an old head. */
static uint64_t fetched_from_head(const struct nvmi_aq_rings *r, uint32_t head)
{
	uint32_t ahead = (head + r->sq.max_entries - r->sq.head) % r->sq.max_entries;

	return ahead <= r->n_submitted - r->n_fetched ? r->n_fetched + ahead : r->n_fetched;
}

/* The slot that a wire CID belongs to now; NULL if it is none of a command in flight. */
static struct nvmi_slot *slot_of(struct nvmi_aq_rings *r, uint16_t cid)
{
	uint32_t index = cid & (r->cid_step - 1);
	struct nvmi_slot *slot;

	if (index >= r->n_slots)
		return NULL;
	slot = &r->slots[index];
	if (slot->cid != cid ||
	    atomic_load_explicit(&slot->state, memory_order_relaxed) == NVMI_SLOT_FREE)
		return NULL;
	return slot;
}

/*
 * The next command in this slot gets another CID, so that a late or repeated completion
 * cannot pass for its own. 0xffff cannot come up: no slot has that index.
 */
static void free_slot(struct nvmi_aq_rings *r, struct nvmi_slot *slot)
{
	slot->cid = (uint16_t)(slot->cid + r->cid_step);
	atomic_store_explicit(&slot->state, NVMI_SLOT_FREE, memory_order_relaxed);
	r->free[r->n_free++] = (uint16_t)(slot - r->slots);
}

/* Take one completion: @cpl is a copy that the controller cannot change any more. */
static void complete(struct nvmi_aq_rings *r, const nvm_cpl_t *cpl)
{
	uint16_t cid = (uint16_t)(cpl->dword[3] & 0xffffU);
	uint32_t sq_head = cpl->dword[2] & 0xffffU;
	struct nvmi_slot *slot = slot_of(r, cid);
	int state;

	if (slot == NULL) {
		set_fault(r, "unknown CID (out of range, or of a command that had completed)", cid);
		return;
	}
	state = atomic_load_explicit(&slot->state, memory_order_relaxed);
	if (state == NVMI_SLOT_DONE || state == NVMI_SLOT_CANCELLED) {
		set_fault(r, state == NVMI_SLOT_DONE ? "repeated CID" : "CID from before a reset:",
			  cid);
		return;
	}
	if (sq_head >= r->sq.max_entries) {
		set_fault(r, "SQ head beyond the queue:", sq_head);
		return;
	}

	/* A command that has completed was fetched, whatever an overtaken SQ head says. */
	advance_sq_head(r, slot->number);
	advance_sq_head(r, fetched_from_head(r, sq_head));
	if (NVM_ERR_OK(cpl))
		nvmi_aq_queues_saw(r->queues, slot->opcode, slot->cdw10, cpl->dword[0]);
	if (state == NVMI_SLOT_ABANDONED) {
		free_slot(r, slot);
		return;
	}
	slot->cpl = *cpl;
	/* Pairs with the look of a waiter that does not hold the lock. */
	atomic_store_explicit(&slot->state, NVMI_SLOT_DONE, memory_order_release);
}

void nvmi_rings_reap(struct nvmi_aq_rings *r)
{
	const nvm_cpl_t *cpl;
	bool idle = true;

	if (r->failed != 0)
		return;
	while (r->failed == 0 && (cpl = nvm_cq_dequeue(&r->cq)) != NULL) {
		nvm_cpl_t copy = *cpl;

		complete(r, &copy);
		idle = false;
	}
	nvm_cq_update(&r->cq);
	if (idle && nvmi_now_ns() >= r->next_look_ns)
		nvmi_rings_look_at_status(r);
}

int nvmi_rings_collect(struct nvmi_aq_rings *r, uint16_t cid, nvm_cpl_t *cpl)
{
	struct nvmi_slot *slot = slot_of(r, cid);
	int state = slot == NULL ? NVMI_SLOT_FREE
				 : atomic_load_explicit(&slot->state, memory_order_relaxed);
	int status;

	if (state == NVMI_SLOT_FREE || state == NVMI_SLOT_ABANDONED)
		return nvmi_fail(EINVAL, "%s: no command with CID 0x%04x is in flight",
				 ctrl_name(r), cid);
	if (state == NVMI_SLOT_PENDING)
		return r->failed != 0 ? fail_again(r) : EAGAIN;
	if (state == NVMI_SLOT_CANCELLED) {
		free_slot(r, slot);
		return nvmi_fail(ECANCELED,
				 "%s: the controller was reset while admin command 0x%02x was in "
				 "flight: try again if it does no harm twice",
				 ctrl_name(r), slot->opcode);
	}

	status = nvm_err_from_cpl(&slot->cpl);
	if (cpl != NULL)
		*cpl = slot->cpl;
	if (status != 0)
		(void)nvmi_fail(status, "%s: admin command 0x%02x: %s", ctrl_name(r), slot->opcode,
				nvm_strerror(status));
	free_slot(r, slot);
	return status;
}

int nvmi_rings_submit(struct nvmi_aq_rings *r, const nvm_cmd_t *cmd, bool abort, uint16_t *cid)
{
	struct nvmi_slot *slot;
	nvm_cmd_t *entry;

	if (r->failed != 0)
		return fail_again(r);
	if (r->n_free <= (abort ? 0U : 1U) || (entry = nvm_sq_enqueue(&r->sq)) == NULL)
		return EAGAIN;

	if (r->n_free == r->n_slots)
		r->next_look_ns = nvmi_now_ns() + LOOK_INTERVAL_NS;
	slot = &r->slots[r->free[--r->n_free]];
	slot->opcode = (uint8_t)(cmd->dword[0] & 0xffU);
	slot->cdw10 = cmd->dword[10];
	slot->number = ++r->n_submitted;
	atomic_store_explicit(&slot->state, NVMI_SLOT_PENDING, memory_order_relaxed);

	*entry = *cmd;
	entry->dword[0] = (cmd->dword[0] & 0xffffU) | ((uint32_t)slot->cid << 16);
	*cid = slot->cid;
	nvm_sq_submit(&r->sq);
	return 0;
}

void nvmi_rings_abandon(struct nvmi_aq_rings *r, uint16_t cid)
{
	struct nvmi_slot *slot = slot_of(r, cid);
	int state;

	if (slot == NULL)
		return;
	state = atomic_load_explicit(&slot->state, memory_order_relaxed);
	if (state == NVMI_SLOT_DONE || state == NVMI_SLOT_CANCELLED)
		free_slot(r, slot);
	else
		atomic_store_explicit(&slot->state, NVMI_SLOT_ABANDONED, memory_order_relaxed);
}

static void restart_ring(nvm_queue_t *q)
{
	q->head = q->tail = q->last = 0;
	q->phase = 1;
}

void nvmi_rings_restart(struct nvmi_aq_rings *r)
{
	for (uint32_t i = 0; i < r->n_slots; i++) {
		struct nvmi_slot *slot = &r->slots[i];
		int state = atomic_load_explicit(&slot->state, memory_order_relaxed);

		if (state == NVMI_SLOT_ABANDONED)
			free_slot(r, slot);
		else if (state == NVMI_SLOT_PENDING)
			/* Pairs with the look of a waiter that does not hold the lock. */
			atomic_store_explicit(&slot->state, NVMI_SLOT_CANCELLED,
					      memory_order_release);
	}
	restart_ring(&r->sq);
	restart_ring(&r->cq);
	r->n_submitted = r->n_fetched = 0;
	r->failed = 0;
	r->next_look_ns = 0;
}
