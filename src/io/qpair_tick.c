/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_tick.c - a queue pair's look at the time, at the controller, and at requests that take too long.
 *
 * Polling reads nvm_ticks(), which costs next to nothing, and comes here when it has reached a value that was
 * extrapolated to be the time of the next look.
 *
 * Time is counted in epochs of an eighth of the timeout, and however long the last look was ago, it is at most
 * one epoch further: nothing is late because this program was not running. Completions that wait to be
 * collected are not late either.
 */
#include <errno.h>

#include "controller/aq.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "io/qpair.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define NS_PER_MS 1000000ULL

/* A register read costs a microsecond, or an exit of a virtual machine. */
#define MAX_LOOK_NS (50 * NS_PER_MS)
#define MIN_LOOK_NS (NS_PER_MS / 10)

/* Longer than any program runs, and short enough to calculate with. */
#define MAX_TIMEOUT_MS 1000000000000ULL

/* The rate of nvm_ticks() is taken from an interval of that length at least, when there was one. */
#define RATE_NS (10 * NS_PER_MS)

/* What the tick counter will say at the time of the next look. */
static void plan_tick(struct nvmi_qpair *p, uint64_t now_ns)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	uint64_t ticks = nvm_ticks();
	uint64_t passed_ns = now_ns - r->base_ns;
	uint64_t wanted_ns = r->look_ns > now_ns ? r->look_ns - now_ns : 0;

	/* No counter, or one that was set back: the next time is at the next chance. */
	p->qp.next_tick = ticks;
	if (ticks > r->base_ticks && passed_ns > 0) {
		double rate = (double)(ticks - r->base_ticks) / (double)passed_ns;

		/* Of a short interval the rate is a rough one: do not go too far with it. */
		if (passed_ns < RATE_NS && wanted_ns > 8 * passed_ns)
			wanted_ns = 8 * passed_ns;
		p->qp.next_tick = ticks + (uint64_t)(rate * (double)wanted_ns);
		if (passed_ns < RATE_NS)
			return;
	}
	r->base_ticks = ticks;
	r->base_ns = now_ns;
}

void nvmi_qpair_recover_init(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	uint64_t ms = p->timeout_ms < MAX_TIMEOUT_MS ? p->timeout_ms : MAX_TIMEOUT_MS;
	uint64_t now_ns = nvmi_now_ns();

	r->epoch_length_ns = ms * (NS_PER_MS / (NVMI_QPAIR_LATE_EPOCHS - 1));
	r->look_every_ns = r->epoch_length_ns < MAX_LOOK_NS ? r->epoch_length_ns : MAX_LOOK_NS;
	if (r->look_every_ns < MIN_LOOK_NS)
		r->look_every_ns = MIN_LOOK_NS;
	r->seen_ns = now_ns;
	r->look_ns = now_ns + r->look_every_ns;
	r->epoch_ns = now_ns + r->epoch_length_ns;
	r->base_ns = now_ns;
	r->base_ticks = nvm_ticks();
	p->qp.next_tick = 0;
	r->generation = nvmi_aq_settled_generation(p->aq);
	nvmi_qpair_shadow_prepare(p);
}

bool nvmi_qpair_is_late(const struct nvmi_qpair *p, uint32_t slot)
{
	const struct nvm_qpair_slot *s = &p->qp.slots[slot];

	return nvmi_slot_in_flight(s) && nvmi_slot_age(s) >= NVMI_QPAIR_LATE_EPOCHS;
}

static bool any_late(const struct nvmi_qpair *p)
{
	for (uint32_t i = 0; i < p->n_slots; ++i)
		if (nvmi_qpair_is_late(p, i))
			return true;
	return false;
}

/* Commands whose completions wait to be collected are as good as new. */
static void spare_completed(struct nvmi_qpair *p)
{
	nvm_queue_t cq = p->qp.cq;
	const nvm_cpl_t *cpl;

	for (uint32_t i = 0; i < p->depth && (cpl = nvm_cq_dequeue(&cq)) != NULL; ++i) {
		uint16_t cid = (uint16_t)cpl->dword[3];
		struct nvm_qpair_slot *s = &p->qp.slots[cid & p->qp.cid_mask];

		if (nvmi_slot_has(s, cid))
			nvmi_slot_rejuvenate(s);
	}
}

/*
 * Is the controller at work? 0 also while it is being reset, which is noticed by its generation. ENODEV, or EIO
 * with the controller stopped.
 */
static int look_at_controller(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	struct nvmi_ctrl *ctrl = p->aq->ctrl;
	uint32_t csts = nvmi_read32(ctrl, NVM_REG_CSTS);

	if (csts != UINT32_MAX && NVM_CSTS_RDY(csts) != 0 && NVM_CSTS_CFS(csts) == 0)
		return 0;
	if (nvmi_aq_generation(p->aq) != r->generation)
		return 0;
	if (csts == UINT32_MAX) {
		nvmi_log(NVMI_LOG_ERROR,
			 "%s: queue %u: the controller is gone (CSTS reads all ones)",
			 ctrl->be->name, p->qid);
		return ENODEV;
	}
	nvmi_log(NVMI_LOG_ERROR, "%s: queue %u: the controller %s (CSTS 0x%08x)", ctrl->be->name,
		 p->qid,
		 NVM_CSTS_CFS(csts) != 0 ? "reports a fatal error" : "was reset or disabled", csts);
	r->why = NVM_CSTS_CFS(csts) != 0 ? "the controller reports a fatal error (CSTS.CFS)"
					 : "the controller was reset or disabled";
	/* It may still write to memory, and must not when requests have ended. */
	nvmi_aq_halt_since(p->aq, r->generation);
	return nvmi_aq_generation(p->aq) != r->generation ? 0 : EIO;
}

/* Requests that are late: abort them, and rebuild the queue pair if that does not bring them back. */
static void chase_late(struct nvmi_qpair *p, uint64_t elapsed_ns)
{
	struct nvmi_qpair_recovery *r = &p->recovery;

	if (!any_late(p)) {
		if (r->aborting)
			nvmi_qpair_abort_end(p);
		return;
	}
	spare_completed(p);
	if (any_late(p) && !nvmi_qpair_abort_late(p, elapsed_ns))
		nvmi_qpair_rebuild(p, "requests that do not complete, nor can be aborted");
}

static void look(struct nvmi_qpair *p, uint64_t now_ns, uint64_t elapsed_ns)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	unsigned int generation = nvmi_aq_generation(p->aq);
	bool new_epoch = now_ns >= r->epoch_ns;
	int err;

	if (new_epoch) {
		for (uint32_t i = 0; i < p->n_slots; ++i)
			nvmi_slot_grow_older(&p->qp.slots[i]);
		r->epoch_ns = now_ns + r->epoch_length_ns;
	}
	/* Somebody else's reset is still going on: soon there will be more to see. */
	if ((generation & 1U) != 0)
		return;
	if (r->detached) {
		if (generation != r->generation)
			nvmi_qpair_come_back(p);
		return;
	}
	if (generation != r->generation) {
		nvmi_qpair_rebuild(p, "the controller was reset");
		return;
	}
	if (r->fault) {
		nvmi_qpair_rebuild(p, "a controller fault");
		return;
	}
	if (nvmi_qpair_n_free(p) == p->n_slots && !r->aborting)
		return;
	err = look_at_controller(p);
	if (err != 0) {
		nvmi_qpair_give_up(p, err);
		return;
	}
	nvmi_qpair_shadow_remind(p);
	if (new_epoch || r->aborting)
		chase_late(p, elapsed_ns);
}

void nvm_qpair_tick_(nvm_qpair_t *qp)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	struct nvmi_qpair_recovery *r = &p->recovery;
	uint64_t now_ns = nvmi_now_ns();
	struct nvmi_message message;
	uint64_t elapsed_ns;

	if (now_ns < r->look_ns && !r->fault) {
		plan_tick(p, now_ns);
		return;
	}
	/* As with epochs: a look at least every so often, or the time was not ours. */
	elapsed_ns = now_ns - r->seen_ns;
	if (elapsed_ns > 2 * r->look_every_ns)
		elapsed_ns = 2 * r->look_every_ns;
	/* Polling does not fail: whatever message the program has is not about this. */
	nvmi_message_save(&message);
	look(p, now_ns, elapsed_ns);
	nvmi_message_restore(&message);
	now_ns = nvmi_now_ns();
	r->seen_ns = now_ns;
	r->look_ns = now_ns + r->look_every_ns;
	plan_tick(p, now_ns);
}
