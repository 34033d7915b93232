/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk.h - what lies behind nvm_disk_t: queue pairs that serve one synchronous call at a time each.
 */
#ifndef NVMI_DISK_H
#define NVMI_DISK_H

#include <pthread.h>
#include <stdbool.h>

#include "nvm_aq.h"
#include "nvm_buf.h"
#include "nvm_disk.h"
#include "nvm_ns.h"
#include "nvm_qpair.h"

/* Requests of one call that are in flight together, at most. */
#define NVMI_DISK_SLOTS 32U

/* Most bytes per request when data is transferred in place, and when it is copied. */
#define NVMI_DISK_DIRECT_SIZE ((size_t)1 << 20)
#define NVMI_DISK_BOUNCE_SIZE ((size_t)128 << 10)

struct nvmi_disk_transfer;

/* A request in flight. It owns the slot's part of the bounce buffer. */
struct nvmi_disk_slot {
	struct nvmi_disk_transfer *transfer;
	uint64_t lba;
	uint64_t start_ns;
	const nvm_buf_t *buf;
	size_t offset; /* in @buf */
	size_t size;
	unsigned char *copy_to; /* read into the bounce part: where the data goes; else NULL */
	unsigned int n_again;   /* times it was submitted anew */
};

/**
 * struct nvmi_disk_queue - a queue pair that serves one call at a time
 * @free_next: list of queues no call uses
 * @qp: queue pair
 * @bounce: copied data, NVMI_DISK_SLOTS parts; made when first needed
 * @broken: the queue could not be brought back after a failure: no call gets it any more
 * @n_slots: elements of @slots in use or in @free
 * @n_busy: requests in flight
 * @free: slots without a request, @n_slots - @n_busy of them
 */
struct nvmi_disk_queue {
	struct nvmi_disk_queue *free_next;
	nvm_qpair_t *qp;
	nvm_buf_t *bounce;
	bool broken;
	unsigned int n_slots;
	unsigned int n_busy;
	uint8_t free[NVMI_DISK_SLOTS];
	struct nvmi_disk_slot slots[NVMI_DISK_SLOTS];
};

/* Memory of nvm_disk_alloc(). */
struct nvmi_disk_memory {
	struct nvmi_disk_memory *next;
	nvm_buf_t *buf;
};

struct nvm_disk {
	nvm_ctrl_t *ctrl; /* owned, or NULL */
	nvm_aq_ref aq;
	bool owns_aq;
	struct nvm_ctrl_info ctrl_info;
	struct nvm_ns_info ns_info;
	nvm_ns_t ns;
	size_t direct_size; /* bytes per request, in place */
	size_t bounce_size; /* bytes per request, copied */
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

/*
 * A transfer on one queue, split into requests, to its end. @memory: what @buffer lies in, or NULL to
 * copy. @q->broken is set if the queue is of no use afterwards.
 */
int nvmi_disk_transfer(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode,
		       unsigned char *buffer, const nvm_buf_t *memory, uint64_t lba,
		       size_t n_blocks);

/* Flush, to its end. */
int nvmi_disk_flush(struct nvm_disk *disk, struct nvmi_disk_queue *q);

#endif
