/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_rings.h - admin SQ and CQ of a controller that this process owns, and the table of commands
 * that are in flight in them.
 *
 * The controller is not trusted: a CID is an index into the table plus a generation, and one that
 * does not belong to a command in flight is a fault of the controller, never an access.
 *
 * No locks: the caller has one and holds it, unless a function says otherwise.
 */
#ifndef NVMI_AQ_RINGS_H
#define NVMI_AQ_RINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "controller/aq.h"
#include "controller/controller.h"
#include "nvm_types.h"

enum nvmi_slot_state {
	NVMI_SLOT_FREE,
	NVMI_SLOT_PENDING,   /* submitted, somebody will collect it */
	NVMI_SLOT_DONE,      /* completed, not collected yet */
	NVMI_SLOT_ABANDONED, /* nobody waits any more, but the CID stays taken until it completes */
	NVMI_SLOT_CANCELLED, /* the controller was reset: it will not complete; not collected yet */
};

/* A command, from submission until it is collected. */
struct nvmi_slot {
	atomic_int state;
	uint16_t cid;
	uint8_t opcode;
	uint32_t cdw10;
	uint64_t number; /* of all commands ever submitted, from 1 */
	nvm_cpl_t cpl;
};

/**
 * struct nvmi_aq_rings - the rings and the commands in flight
 * @ctrl: controller
 * @queues: learns of the queues that commands create and delete
 * @sq, @cq: the rings
 * @n_submitted: commands ever submitted
 * @n_fetched: of these, those that the controller is known to have fetched
 * @failed: errno once the controller has failed or gone, for good
 * @cause: message that goes with @failed
 * @next_look_ns: when CSTS is read next
 * @cid_step: distance of two generations of a CID, a power of two above every index
 * @n_slots: elements in @slots
 * @n_free: elements in @free
 * @free: stack of free slots
 * @slots: commands
 */
struct nvmi_aq_rings {
	struct nvmi_ctrl *ctrl;
	struct nvmi_aq_queues *queues;
	nvm_queue_t sq;
	nvm_queue_t cq;
	uint64_t n_submitted;
	uint64_t n_fetched;
	int failed;
	char cause[256];
	uint64_t next_look_ns;
	uint32_t cid_step;
	uint32_t n_slots;
	uint32_t n_free;
	uint16_t *free;
	struct nvmi_slot *slots;
};

/*
 * Set up zeroed @r for rings in the first two pages of @mem, CQ first. Does not touch the memory.
 * 0, ENOMEM or ERANGE.
 */
int nvmi_rings_init(struct nvmi_aq_rings *r, struct nvmi_ctrl *ctrl, struct nvmi_aq_queues *queues,
		    const nvm_dma_t *mem);
void nvmi_rings_fini(struct nvmi_aq_rings *r);

/*
 * Put a command into the SQ and ring the doorbell. One slot is kept for Abort (@abort), which has to
 * work when all the others are stuck. 0, EAGAIN without message if there is no room, EIO, ENODEV.
 */
int nvmi_rings_submit(struct nvmi_aq_rings *r, const nvm_cmd_t *cmd, bool abort, uint16_t *cid);

/* Take all completions there are; if there are none, see now and then why. */
void nvmi_rings_reap(struct nvmi_aq_rings *r);

/* The controller has failed: all commands end with this, the first cause stays. @err: EIO or ENODEV. */
void nvmi_rings_fail(struct nvmi_aq_rings *r, int err, const char *cause);

/*
 * The controller was disabled and forgets everything: commands in flight end with ECANCELED, both rings start
 * from their beginnings, failures are history. The caller clears the memory.
 */
void nvmi_rings_restart(struct nvmi_aq_rings *r);

/* Is the controller still there, alive and enabled? Sets @failed if not. */
void nvmi_rings_look_at_status(struct nvmi_aq_rings *r);

/*
 * The end of a command. Packed status, its CID is free then; EAGAIN without message while it is in
 * flight; EINVAL if it is not; EIO, ENODEV, or ECANCELED after a reset.
 */
int nvmi_rings_collect(struct nvmi_aq_rings *r, uint16_t cid, nvm_cpl_t *cpl);

/* Nobody will collect this command: its CID is free when it completes, or now if it has. */
void nvmi_rings_abandon(struct nvmi_aq_rings *r, uint16_t cid);

/* May a thread that waits for @cid learn something? Without the lock. */
static inline bool nvmi_rings_is_done(struct nvmi_aq_rings *r, uint16_t cid)
{
	uint32_t index = cid & (r->cid_step - 1);

	/* Pairs with the release store of a thread that has taken the completion. */
	return index >= r->n_slots ||
	       atomic_load_explicit(&r->slots[index].state, memory_order_acquire) !=
		       NVMI_SLOT_PENDING;
}

#endif
