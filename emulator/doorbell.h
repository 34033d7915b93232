/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doorbell.h - reading doorbells, in the register or shadowed in host memory, and catching values
 * no host may write.
 */
#ifndef EMU_DOORBELL_H
#define EMU_DOORBELL_H

#include <stdbool.h>
#include <stdint.h>

#include "queue.h"

struct emu;
struct emu_thread;

/* The register of a queue. */
volatile uint32_t *emu_doorbell_reg(struct emu *emu, uint16_t qid, bool cq);

/* All of them to 0, as after a reset. */
void emu_doorbells_clear(struct emu *emu);

/* Use the buffers of Doorbell Buffer Config for this queue, if configured and within them. */
void emu_doorbell_attach(struct emu *emu, struct emu_dma_slot *slot, struct emu_doorbell *db,
			 uint16_t qid, bool cq, uint32_t value);

/* Raw value; pairs with the host's release store after it wrote entries or took them. */
uint32_t emu_doorbell_load(struct emu_thread *thread, const struct emu_doorbell *db);

/* All seen up to value: ask for the register to be written again (EventIdx). */
void emu_doorbell_rearm(struct emu_thread *thread, const struct emu_doorbell *db, uint32_t value);

/* Take over what the host wrote, if it is legal; otherwise count it and report the event. */
void emu_sq_update_tail(struct emu_thread *thread, struct emu_sq *sq);
void emu_cq_update_head(struct emu_thread *thread, struct emu_cq *cq);

/* Look for writes to doorbells of queues that do not exist. First thread, not paused. */
void emu_doorbells_scan(struct emu_thread *thread);

#endif
