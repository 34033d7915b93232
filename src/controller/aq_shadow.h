/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_shadow.h - the Doorbell Buffer of a controller (Base Specification, "Doorbell Buffer Config command"):
 * one page of shadow doorbells and one of EventIdx values, laid out as the doorbell registers are.
 *
 * From the command on the controller may look at the buffer instead of the registers, for all I/O queues.
 * So it is switched on only while there are no queues but that of the queue pair which wants it, and raw queues
 * are refused from then on: they would hang.
 */
#ifndef NVMI_AQ_SHADOW_H
#define NVMI_AQ_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/aq.h"
#include "nvm_dma.h"

int nvmi_aq_shadow_new(struct nvmi_aq_shadow **shadow);

/* Also releases the buffer: the controller must not reach it any more. NULL is safe. */
void nvmi_aq_shadow_delete(struct nvmi_aq_shadow *shadow);

/* The queues with this identifier are, or are no longer, those of a queue pair that looks after the buffer. */
void nvmi_aq_shadow_join(nvm_aq_ref ref, uint16_t qid);
void nvmi_aq_shadow_leave(nvm_aq_ref ref, uint16_t qid);

/* May an I/O queue with that identifier be created? 0, or EBUSY: a raw queue, and the buffer is on. */
int nvmi_aq_shadow_check(nvm_aq_ref ref, uint16_t qid);

/**
 * nvmi_aq_shadow_use() - the Doorbell Buffer, switched on if need be
 * @ref: admin queue reference
 * @qid: queue pair that asks; its queues exist
 * @may_start: switch it on if it is off, and the controller can
 * @mem: where the buffer goes, shadow doorbells in its first page and EventIdx in its second; NULL if there is
 *	none. It stays mapped as long as the reference
 *
 * Return: packed status; 0 also if the controller has none. Any thread.
 */
int nvmi_aq_shadow_use(nvm_aq_ref ref, uint16_t qid, bool may_start, const nvm_dma_t **mem);

/* The buffer if it is on, or NULL. Any thread. */
const nvm_dma_t *nvmi_aq_shadow_mem(nvm_aq_ref ref);

/*
 * After a reset: clear the buffer and give the command that switches it on again. False if it was not on.
 * nvmi_aq_shadow_off() if that fails. Before queue pairs notice the reset.
 */
bool nvmi_aq_shadow_again(nvm_aq_ref ref, nvm_cmd_t *cmd);
void nvmi_aq_shadow_off(nvm_aq_ref ref);

#endif
