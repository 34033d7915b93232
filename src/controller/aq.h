/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq.h - what lies behind nvm_aq_ref: operations that a local owner and, later, a remote reference
 * implement, and the bookkeeping of I/O queues that both share.
 */
#ifndef NVMI_AQ_H
#define NVMI_AQ_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "controller.h"
#include "nvm_aq.h"

/**
 * struct nvmi_aq_ops - how a reference reaches the admin queue
 * @submit, @poll, @wait, @exec: behind the nvm_aq_*() functions of the same names
 * @abandon: nobody will collect a submitted command any more
 * @reset: behind nvm_aq_reset(); @seen: do nothing if the generation is another one than that. NULL if the
 *	reference cannot
 * @halt: stop the controller for good, unless the generation is not @seen any more: afterwards it does not
 *	reach memory. NULL if the reference cannot
 * @destroy: give up: shut down (local) or unbind (remote), free the reference
 */
struct nvmi_aq_ops {
	int (*submit)(nvm_aq_ref ref, const nvm_cmd_t *cmd, uint16_t *cid);
	int (*poll)(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl);
	int (*wait)(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl, uint64_t timeout_ms);
	int (*exec)(nvm_aq_ref ref, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms);
	void (*abandon)(nvm_aq_ref ref, uint16_t cid);
	int (*reset)(nvm_aq_ref ref, const unsigned int *seen);
	void (*halt)(nvm_aq_ref ref, unsigned int seen);
	void (*destroy)(nvm_aq_ref ref);
};

struct nvmi_aq_queues;
struct nvmi_aq_shadow;

/**
 * struct nvm_admin_reference - the common head; the local admin queue pair embeds it first
 * @ops: its operations
 * @ctrl: controller
 * @queues: I/O queues that exist (aq_queues.h)
 * @shadow: Doorbell Buffer (aq_shadow.h); NULL if this kind of reference has none
 * @generation: counts resets, two for each: odd while one is going on. I/O queues made in an earlier generation
 *	are gone
 */
struct nvm_admin_reference {
	const struct nvmi_aq_ops *ops;
	struct nvmi_ctrl *ctrl;
	struct nvmi_aq_queues *queues;
	struct nvmi_aq_shadow *shadow;
	atomic_uint generation;
};

/* The present generation. Pairs with a reset's increments: what it did is seen with them. Any thread. */
static inline unsigned int nvmi_aq_generation(nvm_aq_ref ref)
{
	return atomic_load_explicit(&ref->generation, memory_order_acquire);
}

/* The same, after waiting for a reset that is going on. Any thread. */
unsigned int nvmi_aq_settled_generation(nvm_aq_ref ref);

/* nvm_aq_reset(), but nothing if somebody else has done it since generation @seen. Any thread. */
int nvmi_aq_reset_since(nvm_aq_ref ref, unsigned int seen);

/* Stop the controller, unless it was reset since generation @seen. False if it cannot be. Any thread. */
bool nvmi_aq_halt_since(nvm_aq_ref ref, unsigned int seen);

/* A submitted command will not be collected. Any thread. */
void nvmi_aq_abandon(nvm_aq_ref ref, uint16_t cid);

/*
 * I/O queue memory that must outlive the queue: kept from nvm_cq_create()/nvm_sq_create() to the
 * queue's deletion or the end of the reference. qid 1..65535. Any thread.
 */
int nvmi_aq_keep_queue_memory(nvm_aq_ref ref, bool cq, uint16_t qid, const nvm_dma_t *qmem);

/*
 * Keep memory as long as the reference: a command that names it has not come back. Where there is no
 * memory to note that, the memory is never freed. Any thread.
 */
void nvmi_aq_keep_memory(nvm_aq_ref ref, const nvm_dma_t *dma);

/*
 * Unmap the memory of commands, the last of which ended with @status; kept as above where a command may not
 * have come back. Any thread.
 */
void nvmi_aq_release_memory(nvm_aq_ref ref, nvm_dma_t *dma, int status);

/*
 * Queue identifiers for queues that the library makes by itself, from the top of what the controller
 * granted downwards. nvmi_aq_take_qid() asks for Number of Queues the first time, unless the program
 * has set it. Any thread.
 */
int nvmi_aq_take_qid(nvm_aq_ref ref, uint16_t wanted_total, uint16_t *qid);
void nvmi_aq_return_qid(nvm_aq_ref ref, uint16_t qid);

#endif
