/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair.h - what lies behind nvm_qpair_t: the out-of-line side of the request engine.
 */
#ifndef NVMI_QPAIR_H
#define NVMI_QPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "io/qpair_recover.h"
#include "io/qpair_request.h"
#include "io/qpair_shadow.h"
#include "io/qpair_wait.h"
#include "nvm_aq.h"
#include "nvm_dma.h"
#include "nvm_qpair.h"

/**
 * struct nvmi_qpair - a queue pair with all that the hot path does not look at
 * @qp: what the user holds a pointer to
 * @aq: admin queue reference
 * @qid: identifier of both queues
 * @own_qid: taken from the library's own identifiers, to be returned
 * @depth: entries per queue
 * @n_slots: commands in flight at most: @depth - 1
 * @timeout_ms: of a request
 * @options: as taken, with defaults filled in
 * @size: bytes of this structure with all tables behind it
 * @rings: memory of the rings and list pages
 * @requests: split requests, list pages, and what waits to be collected
 * @failed: 0, or the errno with which every new request is refused: the controller is gone or has failed
 * @recovery, @waiting, @shadow: of the files of these names
 */
struct nvmi_qpair {
	nvm_qpair_t qp;
	nvm_aq_ref aq;
	uint16_t qid;
	bool own_qid;
	uint32_t depth;
	uint32_t n_slots;
	uint64_t timeout_ms;
	struct nvm_qpair_options options;
	size_t size;
	nvm_dma_t *rings;
	struct nvmi_requests requests;
	int failed;
	struct nvmi_qpair_recovery recovery;
	struct nvmi_qpair_waiting waiting;
	struct nvmi_qpair_shadow shadow;
};

static inline struct nvmi_qpair *nvmi_qpair_of(nvm_qpair_t *qp)
{
	return qp->priv;
}

/* --- What slot.state is made of: NVM_QPAIR_FREE, or age and record. */

#define NVMI_SLOT_AGE \
	0xfU /* epochs that ended since the command was submitted, as far as they fit */
#define NVMI_SLOT_MORE \
	4 /* index of its record + 1 from this bit on; 0 = a whole request by itself */

static inline uint32_t nvmi_slot_state(uint32_t more)
{
	return more << NVMI_SLOT_MORE;
}

static inline bool nvmi_slot_in_flight(const struct nvm_qpair_slot *s)
{
	return (s->state & NVM_QPAIR_FREE) == 0;
}

static inline uint32_t nvmi_slot_more(const struct nvm_qpair_slot *s)
{
	return (s->state & ~NVM_QPAIR_FREE) >> NVMI_SLOT_MORE;
}

static inline uint16_t nvmi_slot_cid(const struct nvm_qpair_slot *s)
{
	return (uint16_t)(s->id >> 16);
}

/* Is it the command with this CID that is in flight? */
static inline bool nvmi_slot_has(const struct nvm_qpair_slot *s, uint16_t cid)
{
	return nvmi_slot_in_flight(s) && nvmi_slot_cid(s) == cid;
}

static inline uint32_t nvmi_slot_age(const struct nvm_qpair_slot *s)
{
	return s->state & NVMI_SLOT_AGE;
}

/* An epoch has ended. Completions of aged commands take the way out of line. */
static inline void nvmi_slot_grow_older(struct nvm_qpair_slot *s)
{
	if (nvmi_slot_in_flight(s) && nvmi_slot_age(s) != NVMI_SLOT_AGE)
		++s->state;
}

static inline void nvmi_slot_rejuvenate(struct nvm_qpair_slot *s)
{
	s->state &= ~NVMI_SLOT_AGE;
}

/* --- qpair.c */

/*
 * Create CQ and SQ on the controller in the memory there is, for the first time or after they were
 * deleted: rings cleared, indices at their start. What was in flight must have been ended before. Packed status.
 */
int nvmi_qpair_make_queues(struct nvmi_qpair *p);

/*
 * Every new request is refused with @err from now on; 0 = no longer. Whoever calls it does not touch qp.free:
 * the free slots are put aside.
 */
void nvmi_qpair_set_failed(struct nvmi_qpair *p, int err);

/* --- qpair_complete.c */

/* Slots that no command has, nor a request that waits to be collected. */
uint32_t nvmi_qpair_n_free(const struct nvmi_qpair *p);

/*
 * A command in flight has ended without a completion (it was given up, or its queue was deleted): its slot
 * becomes free; if the request it belongs to has ended with it, that becomes ready to be collected, with
 * @result as dword 0 (its completion may have been found while its queue was taken away). Submits nothing.
 */
void nvmi_qpair_end_command(struct nvmi_qpair *p, uint32_t slot, int status, uint32_t result);

/* The same for all in flight; parts of split requests that were not submitted yet are dropped. */
void nvmi_qpair_end_all(struct nvmi_qpair *p, int status);

/* --- qpair_data.c: data pointers */

/**
 * struct nvmi_dptr - a data pointer
 * @prp1, @prp2: DPTR
 * @psdt: CDW0.PSDT, in place
 * @lists: first list page it takes; NVMI_QPAIR_NONE
 */
struct nvmi_dptr {
	uint64_t prp1;
	uint64_t prp2;
	uint32_t psdt;
	uint32_t lists;
};

/* How the next bytes of a request are described: what nvmi_data_plan() finds. */
struct nvmi_data_plan {
	enum {
		NVMI_DATA_PRP,
		NVMI_DATA_TABLE,
		NVMI_DATA_BLOCK,
		NVMI_DATA_SGL
	} kind;
	size_t size;      /* bytes: whole blocks, at most what was asked for */
	size_t n_entries; /* of PRP lists, or SGL descriptors in segments */
	uint32_t n_lists; /* list pages */
};

/* Plan the next @size bytes, or less if there are not list pages enough for so many in all. */
void nvmi_data_plan(const struct nvmi_qpair *p, const struct nvmi_cursor *data, size_t size,
		    size_t block_size, struct nvmi_data_plan *plan);

/* Do what was planned; the list pages are free. The cursor stays. */
void nvmi_data_build(struct nvmi_qpair *p, const struct nvmi_cursor *data,
		     const struct nvmi_data_plan *plan, struct nvmi_dptr *dptr);

void nvmi_cursor_advance(struct nvmi_cursor *data, size_t size);

/* Most pieces of memory that a block may consist of, so that a command for it can be described. */
size_t nvmi_data_max_pieces(const struct nvmi_qpair *p);

/* Take @n list pages, linked; there are so many free. Give such a list back. */
uint32_t nvmi_lists_take(struct nvmi_lists *lists, uint32_t n);
void nvmi_lists_give(struct nvmi_lists *lists, uint32_t first);

/* --- qpair_check.c: what is refused, before anything is submitted. 0 or errno with message. */

/* No room, or no queue any more. */
int nvmi_qpair_refuse(struct nvmi_qpair *p);
int nvmi_qpair_check_ns(const nvm_ns_t *ns);
int nvmi_qpair_check_opcode(const nvm_ns_t *ns, uint8_t opcode);
int nvmi_qpair_check_range(const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks);
int nvmi_qpair_check_io(struct nvmi_qpair *p, const struct nvm_io *io);

/* --- qpair_io.c */

/* Put a command into the SQ, without ringing; its slot. There is a free one. @more: of the slot. */
uint32_t nvmi_qpair_put(struct nvmi_qpair *p, const nvm_cmd_t *cmd, nvm_io_fn *fn, void *arg,
			uint32_t more);

/* A free request, cleared, counted as open; NVMI_QPAIR_NONE if there is none. And back. */
uint32_t nvmi_request_take(struct nvmi_qpair *p);
void nvmi_request_give(struct nvmi_qpair *p, uint32_t index);

/* What it has not submitted yet is not going to be. */
void nvmi_request_drop(struct nvmi_qpair *p, uint32_t index);

/* Submit what has waited for slots or list pages. */
void nvmi_qpair_pump(struct nvmi_qpair *p);

/* --- qpair_recover.c */

/* How long admin commands that create and delete its queues may take, ms. */
uint64_t nvmi_qpair_admin_ms(const struct nvmi_qpair *p);

/* Start the clock; before the queues are made for the first time. */
void nvmi_qpair_recover_init(struct nvmi_qpair *p);

/*
 * Take the queues away from the controller, whatever that takes (it is reset or stopped if it does not let go of
 * them): afterwards it cannot reach the memory of any command. Commands whose completions were there end
 * with these, the others stay in flight for nvmi_qpair_end_all(). For nvm_qpair_destroy().
 */
void nvmi_qpair_take_away(struct nvmi_qpair *p);

/*
 * The controller completed a command that is not in flight, or gave an SQ head out of range: noted, and
 * the queue pair is taken away from the controller and made anew at the next tick, which is due at once.
 */
void nvmi_qpair_fault(struct nvmi_qpair *p, const nvm_cpl_t *cpl);

/* --- qpair_wait.c: eventfd and interrupt vector, by options.wait. */
int nvmi_qpair_wait_init(struct nvmi_qpair *p);
void nvmi_qpair_wait_fini(struct nvmi_qpair *p);

/* --- qpair_shadow.c: called after the queues were created: sets qp.shadow and what it needs. Packed status. */
int nvmi_qpair_shadow_init(struct nvmi_qpair *p);

/* Before the queues are created: they look after the buffer, and what earlier ones have left in it is not theirs. */
void nvmi_qpair_shadow_prepare(struct nvmi_qpair *p);

/*
 * Write both registers, with what was handed over already: a controller that has missed a shadow doorbell (QEMU's may)
 * looks again. Nothing where there are none.
 */
void nvmi_qpair_shadow_remind(struct nvmi_qpair *p);

#endif
