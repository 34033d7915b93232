/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_queues.h - which I/O queues exist behind an admin queue reference, which memory they need.
 *
 * What exists is learned from the commands that pass, whoever sends them, so that queues made with
 * nvm_raw_rpc() are deleted at the end like all others.
 */
#ifndef NVMI_AQ_QUEUES_H
#define NVMI_AQ_QUEUES_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/aq.h"

int nvmi_aq_queues_new(struct nvmi_aq_queues **queues);

/* Also lets go of all queue memory: the controller must not reach it any more. NULL is safe. */
void nvmi_aq_queues_delete(struct nvmi_aq_queues *queues);

/**
 * nvmi_aq_queues_saw() - an admin command has succeeded
 * @queues: bookkeeping
 * @opcode: its opcode, any
 * @cdw10: its command dword 10
 * @dw0: dword 0 of its completion
 *
 * Any thread.
 */
void nvmi_aq_queues_saw(struct nvmi_aq_queues *queues, uint8_t opcode, uint32_t cdw10,
			uint32_t dw0);

/* The first queue that exists with an identifier of at least @from; 0 if there is none. */
uint16_t nvmi_aq_queues_next(struct nvmi_aq_queues *queues, bool cq, uint32_t from);

/*
 * The controller was reset, and none of its queues exists any more: their memory is let go. Identifiers stay with
 * those who have them.
 */
void nvmi_aq_queues_forget(struct nvmi_aq_queues *queues);

/* CDW11 of the Set Features command that asks for what was granted before; false if nobody has asked. */
bool nvmi_aq_queues_granted(struct nvmi_aq_queues *queues, uint32_t *cdw11);

/**
 * nvmi_aq_settle_queue_memory() - the create command for which memory was kept has ended
 * @ref: admin queue reference
 * @cq: completion queue or submission queue
 * @qid: queue identifier
 * @qmem: as given to nvmi_aq_keep_queue_memory() before
 * @status: packed status of the command
 *
 * Refused by the controller: the memory is let go. Success: kept until the queue is deleted. An
 * errno: the command may yet be executed, so the memory is kept as long as the reference.
 */
void nvmi_aq_settle_queue_memory(nvm_aq_ref ref, bool cq, uint16_t qid, const nvm_dma_t *qmem,
				 int status);

#endif
