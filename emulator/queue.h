/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue.h - submission and completion queues as the controller sees them.
 *
 * A queue belongs to one polling thread, a submission queue to that of its completion queue, so
 * that nothing here is shared while commands run. Queues come and go only while the threads are
 * paused (thread.h).
 */
#ifndef EMU_QUEUE_H
#define EMU_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "data.h"
#include "dma.h"
#include "nvm_spec.h"

#define EMU_BATCH 32 /* commands fetched at once */

struct emu;
struct emu_thread;

/* Where the entries of a queue are. */
struct emu_ring {
	uint64_t base;   /* bus address of entry 0, if contiguous */
	uint64_t *pages; /* otherwise the bus address of each page; NULL if contiguous */
	uint32_t n;      /* entries */
	uint8_t shift;   /* log2(bytes per entry) */
	uint8_t page_shift;
};

/*
 * A doorbell: the register, and after Doorbell Buffer Config the dwords in host memory that take
 * its place.
 */
struct emu_doorbell {
	volatile uint32_t *reg;
	uint32_t seen;   /* last raw value, right or wrong */
	bool shadowed;   /* the two below are valid */
	uint64_t shadow; /* bus addresses */
	uint64_t event_idx;
};

struct emu_cq {
	_Alignas(128) struct emu_ring ring;
	struct emu_doorbell db;
	struct emu_thread *thread;
	uint32_t head; /* first entry the host has not released */
	uint32_t tail; /* next entry to write */
	uint16_t id;
	uint16_t vector;
	bool irq_enabled;
	bool irq_due; /* entries were written since the last interrupt */
	bool phase;
	unsigned int n_sqs; /* submission queues that use it */
};

struct emu_sq {
	_Alignas(128) struct emu_ring ring;
	struct emu_doorbell db;
	struct emu_cq *cq;
	uint32_t head; /* next entry to fetch */
	uint32_t tail;
	uint32_t n_empty; /* found without a command so many times in a row: rota.c */
	uint16_t id;
};

/* One command's result on its way to the completion queue. */
struct emu_completion {
	uint64_t due_ns; /* not before; CLOCK_MONOTONIC */
	uint64_t seq;    /* equal times keep their order */
	struct emu_sq *sq;
	uint32_t dw0;
	uint16_t cid;
	emu_status_t status;
	bool duplicate;
	bool wrong_phase;
};

/**
 * emu_ring_init() - describe a ring in host memory
 * @ring: filled in, release with emu_ring_free()
 * @slot: the calling thread's, entered
 * @addr: bus address of the entries, or of a PRP list that names their pages
 * @contiguous: which
 * @n: entries
 * @shift: log2(bytes per entry)
 * @page_size: CC.MPS in bytes
 *
 * Reads the PRP list, and checks that the ring is mapped. Return: 0 or status.
 */
emu_status_t emu_ring_init(struct emu_ring *ring, struct emu_dma_slot *slot, uint64_t addr,
			   bool contiguous, uint32_t n, uint8_t shift, uint32_t page_size);
void emu_ring_free(struct emu_ring *ring);

/**
 * emu_ring_at() - memory of entries
 * @ring: the ring
 * @slot: the calling thread's, entered
 * @index: first entry
 * @n: how many are wanted; reduced to how many are contiguous
 * @write: for writing
 *
 * Return: memory, or NULL if it is not mapped.
 */
void *emu_ring_at(const struct emu_ring *ring, struct emu_dma_slot *slot, uint32_t index,
		  uint32_t *n, bool write);

/* Make and free queues. Rings are moved into them. NULL = no memory. */
struct emu_cq *emu_cq_new(struct emu *emu, uint16_t id, const struct emu_ring *ring);
struct emu_sq *emu_sq_new(struct emu *emu, uint16_t id, const struct emu_ring *ring,
			  struct emu_cq *cq);
void emu_cq_free(struct emu_cq *cq);
void emu_sq_free(struct emu_sq *sq);

/**
 * emu_sq_poll() - fetch and execute what the host submitted
 * @thread: the owner of the queue, which calls
 * @sq: the queue
 *
 * Return: how many commands were taken, at most EMU_BATCH.
 */
unsigned int emu_sq_poll(struct emu_thread *thread, struct emu_sq *sq);

/* Anything submitted that was not fetched? Only looks at the doorbell. */
bool emu_sq_has_work(struct emu_thread *thread, struct emu_sq *sq);

/* Free entries, at least as many as wanted if the host has released them. */
uint32_t emu_cq_room(struct emu_thread *thread, struct emu_cq *cq, uint32_t wanted);

/* Write entries of one queue now. Return: how many, as far as there was room. */
uint32_t emu_cq_post(struct emu_thread *thread, struct emu_cq *cq,
		     const struct emu_completion *completions, uint32_t n);

/* Give the interrupt for entries written since the last call. */
void emu_cq_notify(struct emu_thread *thread, struct emu_cq *cq);

#endif
