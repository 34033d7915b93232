/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_abort.c - the first thing done about late requests: Abort, while everything else goes on.
 *
 * Whether the controller says that it has aborted a command does not matter: the command comes back, with
 * whatever status, or it does not.
 */
#include <errno.h>

#include "controller/aq.h"
#include "controller/error.h"
#include "io/qpair.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

#define NS_PER_MS 1000000ULL

/* A quarter of the timeout, within these. */
#define MIN_GRACE_MS 100
#define MAX_GRACE_MS 5000

static uint64_t grace_ns(const struct nvmi_qpair *p)
{
	uint64_t ms = p->timeout_ms / 4;

	return (ms < MIN_GRACE_MS   ? MIN_GRACE_MS
		: ms > MAX_GRACE_MS ? MAX_GRACE_MS
				    : ms) *
	       NS_PER_MS;
}

/* Take back Abort commands that have come back, or will not. */
static void collect(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < r->n_aborts; ++i) {
		int status = nvm_aq_poll(p->aq, r->aborts[i], NULL);

		if (status == EAGAIN)
			r->aborts[kept++] = r->aborts[i];
		else if (status > 0)
			nvmi_aq_abandon(p->aq, r->aborts[i]);
	}
	r->n_aborts = kept;
}

/* Abort the late ones from the cursor on, as far as there may be more Abort commands. */
static void send(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;

	for (; r->cursor < p->n_slots && r->n_aborts < NVMI_QPAIR_ABORTS; ++r->cursor) {
		nvm_cmd_t cmd = {.dword = {NVM_ADMIN_OPC_ABORT}};
		uint16_t cid;

		if (!nvmi_qpair_is_late(p, r->cursor))
			continue;
		cmd.dword[10] = NVM_FIELD(ABORT_SQID, p->qid) |
				NVM_FIELD(ABORT_CID, nvmi_slot_cid(&p->qp.slots[r->cursor]));
		/* No room now, or no Abort at all through this reference: so be it. */
		if (nvm_aq_submit(p->aq, &cmd, &cid) != 0)
			return;
		r->aborts[r->n_aborts++] = cid;
	}
}

bool nvmi_qpair_abort_late(struct nvmi_qpair *p, uint64_t elapsed_ns)
{
	struct nvmi_qpair_recovery *r = &p->recovery;

	if (!r->aborting) {
		nvmi_log(NVMI_LOG_WARN, "%s: queue %u: no completion within %llu ms: sending Abort",
			 p->aq->ctrl->be->name, p->qid, (unsigned long long)p->timeout_ms);
		r->aborting = true;
		r->grace_ns = grace_ns(p);
		r->cursor = 0;
		elapsed_ns = 0;
	}
	collect(p);
	send(p);
	r->grace_ns -= elapsed_ns < r->grace_ns ? elapsed_ns : r->grace_ns;
	return r->grace_ns != 0;
}

void nvmi_qpair_abort_end(struct nvmi_qpair *p)
{
	struct nvmi_qpair_recovery *r = &p->recovery;

	r->aborting = false;
	if (r->n_aborts == 0)
		return;
	collect(p);
	while (r->n_aborts > 0)
		nvmi_aq_abandon(p->aq, r->aborts[--r->n_aborts]);
}
