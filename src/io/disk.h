/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk.h - what lies behind nvm_disk_t: queues that serve one synchronous call at a time each.
 */
#ifndef NVMI_DISK_H
#define NVMI_DISK_H

#include <pthread.h>
#include <stdbool.h>

#include "nvm_aq.h"
#include "nvm_disk.h"
#include "nvm_dma.h"

/* Commands of one call that are in flight together, at most: what fits the low bits of a CID. */
#define NVMI_DISK_SLOT_BITS 5
#define NVMI_DISK_SLOTS     (1U << NVMI_DISK_SLOT_BITS)

/* Most bytes per command when data is transferred in place, and when it is copied. */
#define NVMI_DISK_DIRECT_SIZE ((size_t)1 << 20)
#define NVMI_DISK_BOUNCE_SIZE ((size_t)128 << 10)

/*
 * A command in flight. It owns the slot's list page and bounce part. Its CID is the slot's index with a
 * number that changes at every use above it, so that a completion that comes twice is never taken for
 * the one of the slot's next command.
 */
struct nvmi_disk_slot {
	bool busy;
	uint16_t cid;
	uint64_t lba;
	uint64_t deadline_ns;
	unsigned char *copy_to; /* read into the bounce part: where the data goes; else NULL */
	size_t size;
};

/**
 * struct nvmi_disk_queue - a queue pair that serves one call at a time
 * @free_next: list of queues no call uses
 * @id: queue identifier, both queues; 0 = none taken
 * @depth: ring size
 * @rings: memory of the rings, followed by one PRP list page per slot
 * @lists: offset of the first list page in @rings
 * @bounce: copied data, NVMI_DISK_SLOTS parts; made when first needed
 * @broken: the queue could not be brought back after a failure: no call gets it any more
 */
struct nvmi_disk_queue {
	struct nvmi_disk_queue *free_next;
	nvm_queue_t sq;
	nvm_queue_t cq;
	uint16_t id;
	uint32_t depth;
	nvm_dma_t *rings;
	size_t lists;
	nvm_dma_t *bounce;
	bool broken;
	unsigned int n_slots;
	unsigned int n_busy;
	struct nvmi_disk_slot slots[NVMI_DISK_SLOTS];
};

/* Memory of nvm_disk_alloc(). */
struct nvmi_disk_memory {
	struct nvmi_disk_memory *next;
	nvm_dma_t *dma;
};

struct nvm_disk {
	nvm_ctrl_t *ctrl; /* owned, or NULL */
	nvm_aq_ref aq;
	bool owns_aq;
	struct nvm_ctrl_info ctrl_info;
	struct nvm_ns_info ns_info;
	size_t direct_size; /* bytes per command, in place */
	size_t bounce_size; /* bytes per command, copied */
	uint64_t timeout_ms;

	pthread_mutex_t lock;
	pthread_cond_t queue_free;
	struct nvmi_disk_queue *free_queues;
	struct nvmi_disk_queue *queues;
	unsigned int n_queues;
	unsigned int n_broken;

	pthread_rwlock_t memory_lock;
	struct nvmi_disk_memory *memory;
};

/* Make the queue pair of @q on the controller, for the first time or anew. */
int nvmi_disk_queue_create(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint16_t wanted_total);

/*
 * A transfer on one queue, split into commands, to its end. @dma: memory that @buffer lies in, or NULL
 * to copy.
 */
int nvmi_disk_transfer(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode,
		       unsigned char *buffer, const nvm_dma_t *dma, uint64_t lba, size_t n_blocks);

/* A command without data, to its end. */
int nvmi_disk_command(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode);

#endif
