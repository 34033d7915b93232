/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_recover.c - taking a queue pair away from its controller and making it anew.
 *
 * A request ends without a completion only when the controller cannot reach its memory any more: its SQ was
 * deleted, or the controller was reset or stopped. Late ones end with ETIME, the others that were in
 * flight with the status that the controller gives to commands of deleted queues; they may have been executed or
 * not.
 *
 * This waits: for the controller to delete two queues and to create them, usually microseconds. A controller that
 * does not answer is waited for as long as a request may take (up to ADMIN_MAX_MS) and then reset, which takes
 * as long as it says in CAP.TO.
 */
#include <errno.h>

#include "controller/admin.h"
#include "controller/aq_shadow.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "io/qpair.h"
#include "nvm_error.h"
#include "nvm_queue.h"
#include "nvm_spec.h"
#include "nvm_util.h"

#define ADMIN_MIN_MS 2000
#define ADMIN_MAX_MS 10000

/* While others reset the controller, making queues fails; how often that may happen in a row. */
#define MAX_TRIES 4

/* Packed, as nvm_err_from_cpl() gives them. */
#define ABORTED_SQ_DELETION (-NVM_SC_ABORTED_SQ_DELETION)
#define INVALID_QID         (-(NVM_SCT_CMD_SPECIFIC << 8 | NVM_SC_INVALID_QID))

void nvmi_qpair_fault(struct nvmi_qpair *p, const nvm_cpl_t *cpl)
{
	nvmi_log(NVMI_LOG_ERROR,
		 "%s: controller fault on queue %u: completion with CID 0x%04x and SQ head %u, "
		 "which no command in flight has",
		 p->aq->ctrl->be->name, p->qid, cpl->dword[3] & 0xffffU, cpl->dword[2] & 0xffffU);
	++p->recovery.n_faults;
	p->recovery.fault = true;
	/* The next look at the time is at the end of this poll. */
	p->qp.next_tick = 0;
	p->qp.n_polls |= 15U;
}

/* Completions that are there count, though their queue is being taken away. */
static void drain(struct nvmi_qpair *p)
{
	const nvm_cpl_t *entry;

	for (uint32_t i = 0; i < p->depth && (entry = nvm_cq_dequeue(&p->qp.cq)) != NULL; ++i) {
		nvm_cpl_t cpl = *(const volatile nvm_cpl_t *)entry;
		uint16_t cid = (uint16_t)cpl.dword[3];
		uint32_t slot = cid & p->qp.cid_mask;
		int status = nvm_err_from_cpl(&cpl);

		++p->requests.n_uncounted;
		if (!nvmi_slot_has(&p->qp.slots[slot], cid) || *NVM_CPL_SQHD(&cpl) >= p->depth)
			continue;
		if ((-status & 0x7ff) == NVM_SC_ABORTED_SQ_DELETION && nvmi_qpair_is_late(p, slot))
			status = ETIME;
		nvmi_qpair_end_command(p, slot, status, cpl.dword[0]);
	}
	nvm_qpair_reload_(&p->qp);
}

/* Room for what the deletion of the SQ may post. */
static void give_entries_back(struct nvmi_qpair *p)
{
	if (p->qp.shadow)
		nvm_qpair_ring_shadow_(&p->qp, true);
	else
		nvm_cq_update(&p->qp.cq);
	p->qp.n_unrung = 0;
}

uint64_t nvmi_qpair_admin_ms(const struct nvmi_qpair *p)
{
	return p->timeout_ms < ADMIN_MIN_MS   ? ADMIN_MIN_MS
	       : p->timeout_ms > ADMIN_MAX_MS ? ADMIN_MAX_MS
					      : p->timeout_ms;
}

static int delete_queue(struct nvmi_qpair *p, bool cq)
{
	int status = nvmi_admin_delete_queue(p->aq, cq, p->qid, nvmi_qpair_admin_ms(p));

	if (status < 0 && -(-status & 0x7ff) == INVALID_QID)
		return 0;
	return status;
}

static int delete_queues(struct nvmi_qpair *p)
{
	int status;

	drain(p);
	give_entries_back(p);
	status = delete_queue(p, false);
	return status == 0 ? delete_queue(p, true) : status;
}

/* Was the controller reset since the queues were made, or is it just being reset? */
static bool is_another_generation(const struct nvmi_qpair *p)
{
	return nvmi_aq_generation(p->aq) != p->recovery.generation;
}

/*
 * Have the controller let go of the queues. 0, or EIO or ENODEV if it does not work any more; either way
 * it does not reach the requests' memory afterwards.
 */
static int detach(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	int err = 0;

	if (!is_another_generation(p) && delete_queues(p) != 0 && !is_another_generation(p)) {
		nvmi_log(NVMI_LOG_WARN, "queue %u: %s: resetting the controller", p->qid,
			 nvm_errmsg());
		err = nvmi_aq_reset_since(p->aq, r->generation);
	}
	/* A reset by others: it must have got beyond disabling the controller. */
	(void)nvmi_aq_settled_generation(p->aq);
	/* Also what the deletion of the SQ has posted. */
	drain(p);
	nvmi_qpair_abort_end(p);
	r->detached = true;
	r->fault = false;
	return err == 0 || err == ENODEV ? err : EIO;
}

void nvmi_qpair_take_away(struct nvmi_qpair *p)
{
	if (!p->recovery.detached)
		(void)detach(p);
	nvmi_aq_shadow_leave(p->aq, p->qid);
}

static void end_late(struct nvmi_qpair *p)
{
	for (uint32_t i = 0; i < p->n_slots; ++i)
		if (nvmi_qpair_is_late(p, i))
			nvmi_qpair_end_command(p, i, ETIME, 0);
}

void nvmi_qpair_give_up(struct nvmi_qpair *p, int err)
{
	struct nvmi_qpair_recovery *r = &p->recovery;

	nvmi_log(NVMI_LOG_ERROR, "%s: queue %u has failed: %s", p->aq->ctrl->be->name, p->qid,
		 nvm_strerror(err));
	if (!r->detached)
		drain(p);
	nvmi_qpair_abort_end(p);
	r->detached = true;
	r->fault = false;
	/* Only a later reset makes a difference. */
	r->generation = nvmi_aq_generation(p->aq);
	nvmi_qpair_end_all(p, err);
	nvmi_qpair_set_failed(p, err);
}

/* Make the queues on a controller that does not have them; again if it is reset meanwhile. */
static int make(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	int err = EIO;

	for (int i = 0; i < MAX_TRIES; ++i) {
		r->generation = nvmi_aq_settled_generation(p->aq);
		nvmi_qpair_shadow_prepare(p);
		err = nvmi_qpair_make_queues(p);
		if (err == 0 || !is_another_generation(p))
			break;
	}
	if (err == 0)
		r->detached = false;
	return err;
}

/* The same, with a reset of the controller if it does not want to. 0, EIO or ENODEV. */
static int attach(struct nvmi_qpair *p)
{
	int err = make(p);

	/* With these it has failed, perhaps in a reset by another queue pair: not one more from each. */
	if (err == 0 || err == EIO || err == ENODEV)
		return err;
	nvmi_log(NVMI_LOG_WARN, "queue %u cannot be made: %s: resetting the controller", p->qid,
		 nvm_errmsg());
	err = nvmi_aq_reset_since(p->aq, p->recovery.generation);
	if (err == 0)
		err = make(p);
	return err == 0 || err == ENODEV ? err : EIO;
}

void nvmi_qpair_rebuild(struct nvmi_qpair *p, const char *why)
{
	int err;

	nvmi_log(NVMI_LOG_WARN, "%s: queue %u is made anew: %s", p->aq->ctrl->be->name, p->qid,
		 why);
	p->recovery.why = why;
	err = detach(p);
	if (err == 0) {
		end_late(p);
		nvmi_qpair_end_all(p, ABORTED_SQ_DELETION);
		err = attach(p);
	}
	if (err != 0)
		nvmi_qpair_give_up(p, err);
}

void nvmi_qpair_come_back(struct nvmi_qpair *p)
{
	if (make(p) != 0)
		return;
	nvmi_log(NVMI_LOG_WARN, "%s: queue %u works again, after a reset", p->aq->ctrl->be->name,
		 p->qid);
	nvmi_qpair_set_failed(p, 0);
}
