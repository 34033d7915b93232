/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_queue.h - the raw layer: rings, slots, phase tags and doorbells.
 *
 * Submit: nvm_sq_enqueue() a slot, fill it (nvm_cmd.h), nvm_sq_submit() rings the doorbell for all
 * slots taken since. Reap: nvm_cq_dequeue() an entry, nvm_sq_update() the SQ it names,
 * nvm_cq_update() tells the controller. One thread at a time drives a queue.
 *
 * Memory order (Base Specification, "Memory-based Transport Queue Model"):
 *  - the stores to an SQ slot come before the doorbell store that hands it over: nvm_db_write()
 *    pairs with the controller's read of the doorbell;
 *  - the load of an entry's phase tag comes before the loads of its other fields and of the data:
 *    nvm_cq_poll() pairs with the controller's store of the phase tag;
 *  - all loads of an entry come before the CQ doorbell store that gives it back: nvm_db_write().
 */
#ifndef NVM_QUEUE_H
#define NVM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvm_cmd.h"
#include "nvm_types.h"
#include "nvm_util.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For the compiler: what rarely happens, and what is always so. */
#define NVM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define NVM_ASSUME(condition)                    \
	do {                                     \
		if (!(condition))                \
			__builtin_unreachable(); \
	} while (0)

/* Where doorbells start in BAR0 (Base Specification, "Controller Registers"). */
#define NVM_QUEUE_DB_OFFSET 0x1000

/**
 * nvm_db_write() - write a doorbell register
 * @db: doorbell
 * @value: new tail or head
 *
 * Every earlier load and store of this thread to ordinary memory is seen by the controller before
 * the doorbell is. Pairs with the controller's read of the doorbell.
 */
NVM_HOST_DEVICE static inline void nvm_db_write(volatile uint32_t *db, uint32_t value)
{
#if defined(__CUDA_ARCH__)
	__threadfence_system();
	*db = value;
#else
#if defined(__aarch64__)
	/*
	 * The controller is an outer shareable observer; a store-release alone orders only
	 * observers in the memory's own domain. Loads too: a CQ entry is given back by this store.
	 */
	__asm__ volatile("dmb osh" ::: "memory");
#endif
	__atomic_store_n(db, value, __ATOMIC_RELEASE);
#endif
}

/**
 * nvm_queue_doorbell() - the doorbell of a queue
 * @ctrl: controller
 * @no: queue identifier
 * @cq: completion queue (head doorbell) or submission queue (tail doorbell)
 *
 * Return: the register, NULL if it lies outside the mapped BAR.
 */
static inline volatile uint32_t *nvm_queue_doorbell(const nvm_ctrl_t *ctrl, uint16_t no, bool cq)
{
	size_t offset = NVM_QUEUE_DB_OFFSET + (((size_t)no * 2 + cq) << (2 + ctrl->dstrd));

	if (ctrl->mm_ptr == NULL || offset + sizeof(uint32_t) > ctrl->mm_size)
		return NULL;
	return (volatile uint32_t *)_REG(ctrl->mm_ptr, offset, 32);
}

/**
 * nvm_queue_init() - set up the descriptor of a ring of any depth
 * @q: queue descriptor, written whole
 * @ctrl: controller
 * @cq: completion queue or submission queue
 * @no: queue identifier
 * @n_entries: ring size, 2..65536; for an I/O queue at most @ctrl->max_entries
 * @vaddr: the ring, cleared by the caller if it is a CQ
 * @ioaddr: its bus address
 *
 * Tells the controller nothing: see nvm_cq_create() and nvm_sq_create() in nvm_admin.h.
 */
static inline void nvm_queue_init(nvm_queue_t *q, const nvm_ctrl_t *ctrl, bool cq, uint16_t no,
				  uint32_t n_entries, volatile void *vaddr, uint64_t ioaddr)
{
	q->no = no;
	q->entry_size = cq ? (uint16_t)sizeof(nvm_cpl_t) : (uint16_t)sizeof(nvm_cmd_t);
	q->max_entries = n_entries;
	q->head = 0;
	q->tail = 0;
	q->phase = 1;
	q->last = 0;
	q->db = nvm_queue_doorbell(ctrl, no, cq);
	q->vaddr = vaddr;
	q->ioaddr = ioaddr;
}

/**
 * nvm_queue_clear() - set up the descriptor of a one-page ring
 * @q: queue descriptor, written whole
 * @ctrl: controller
 * @cq: completion queue or submission queue
 * @no: queue identifier
 * @vaddr: the ring, one controller page; a CQ must be cleared by the caller
 * @ioaddr: its bus address
 *
 * The ring has as many entries as fit the page, at most @ctrl->max_entries, and at most 4096 if it is
 * an admin queue (AQA holds no more).
 */
static inline void nvm_queue_clear(nvm_queue_t *q, const nvm_ctrl_t *ctrl, bool cq, uint16_t no,
				   volatile void *vaddr, uint64_t ioaddr)
{
	size_t entry_size = cq ? sizeof(nvm_cpl_t) : sizeof(nvm_cmd_t);
	size_t n = ctrl->page_size / entry_size;

	if (n > ctrl->max_entries)
		n = ctrl->max_entries;
	if (no == 0 && n > 4096)
		n = 4096;
	nvm_queue_init(q, ctrl, cq, no, (uint32_t)n, vaddr, ioaddr);
}

/**
 * nvm_sq_enqueue() - take the next free slot
 * @sq: submission queue
 *
 * Return: the slot, cleared; NULL if the queue is full (max_entries - 1 slots are taken and not
 * given back by nvm_sq_update()).
 */
NVM_HOST_DEVICE static inline nvm_cmd_t *nvm_sq_enqueue(nvm_queue_t *sq)
{
	uint32_t tail = sq->tail;
	uint32_t next = tail + 1;
	nvm_cmd_t *cmd = (nvm_cmd_t *)(uintptr_t)sq->vaddr + tail;

	if (NVM_UNLIKELY(next == sq->max_entries)) {
		/* Read apart, so that the usual case compares with memory and needs no register. */
		if (*(volatile uint32_t *)&sq->head == 0)
			return NULL;
		next = 0;
		*(volatile int16_t *)&sq->phase = !*(volatile int16_t *)&sq->phase;
	} else if (NVM_UNLIKELY(next == sq->head)) {
		return NULL;
	}
	sq->tail = next;
	nvm_cmd_clear(cmd);
	return cmd;
}

/**
 * nvm_sq_submit() - ring the doorbell for every slot taken since the last call
 * @sq: submission queue
 *
 * One doorbell write however many commands; none if nothing is new.
 */
NVM_HOST_DEVICE static inline void nvm_sq_submit(nvm_queue_t *sq)
{
	if (sq->last != sq->tail && sq->db != NULL) {
		nvm_db_write(sq->db, sq->tail);
		sq->last = sq->tail;
	}
}

/**
 * nvm_sq_update() - give back one slot, in ring order
 * @sq: submission queue
 *
 * Call once per completion. With controllers that complete out of order this may give back a slot
 * that is still to be fetched only if more commands complete than were fetched, which cannot be.
 */
NVM_HOST_DEVICE static inline void nvm_sq_update(nvm_queue_t *sq)
{
	uint32_t next = sq->head + 1;

	if (NVM_UNLIKELY(next == sq->max_entries))
		next = 0;
	sq->head = next;
}

/* The last dword of a completion: CID, phase tag, status. Pairs with the controller's store of the phase tag. */
static inline uint32_t nvm_cpl_load_(const nvm_cpl_t *cpl)
{
	uint32_t dw3 = __atomic_load_n(&cpl->dword[3], __ATOMIC_ACQUIRE);

#if defined(__aarch64__)
	/* Load-acquire serves the inner shareable domain; the controller is an outer observer. */
	__asm__ volatile("dmb oshld" ::: "memory");
#endif
	return dw3;
}

/**
 * nvm_cq_poll() - look at the next completion without taking it
 * @cq: completion queue
 *
 * Return: the entry, valid until nvm_cq_update() after nvm_cq_dequeue(); NULL if there is none.
 */
NVM_HOST_DEVICE static inline nvm_cpl_t *nvm_cq_poll(const nvm_queue_t *cq)
{
	nvm_cpl_t *cpl = (nvm_cpl_t *)(uintptr_t)cq->vaddr + cq->head;
	uint32_t dw3;

	/* Pairs with the controller's store of the phase tag, its last one to the entry. */
#if defined(__CUDA_ARCH__)
	dw3 = *(volatile uint32_t *)&cpl->dword[3];
	__threadfence_system();
#else
	dw3 = __atomic_load_n(&cpl->dword[3], __ATOMIC_ACQUIRE);
#if defined(__aarch64__)
	/* Load-acquire serves the inner shareable domain; the controller is an outer observer. */
	__asm__ volatile("dmb oshld" ::: "memory");
#endif
#endif
	if ((int16_t)(dw3 >> 16 & 1U) != cq->phase)
		return NULL;
	NVM_ASSUME(cpl != NULL);
	return cpl;
}

/**
 * nvm_cq_dequeue() - take the next completion
 * @cq: completion queue
 *
 * Return: the entry, valid until nvm_cq_update(); NULL if there is none.
 */
NVM_HOST_DEVICE static inline nvm_cpl_t *nvm_cq_dequeue(nvm_queue_t *cq)
{
	nvm_cpl_t *cpl = nvm_cq_poll(cq);

	uint32_t next = cq->head + 1;

	if (cpl == NULL)
		return NULL;
	if (NVM_UNLIKELY(next == cq->max_entries)) {
		next = 0;
		cq->phase = !cq->phase;
	}
	cq->head = next;
	return cpl;
}

/**
 * nvm_cq_update() - tell the controller which entries may be overwritten
 * @cq: completion queue
 *
 * One doorbell write for all entries taken since the last call; none if nothing is new.
 */
NVM_HOST_DEVICE static inline void nvm_cq_update(nvm_queue_t *cq)
{
	if (cq->last != cq->head && cq->db != NULL) {
		nvm_db_write(cq->db, cq->head);
		cq->last = cq->head;
	}
}

/**
 * nvm_cq_dequeue_block() - take the next completion, waiting for it
 * @cq: completion queue
 * @timeout_ms: how long to wait, ms
 *
 * Spins, then yields, then sleeps.
 *
 * Return: the entry, valid until nvm_cq_update(); NULL if none came in time.
 */
nvm_cpl_t *nvm_cq_dequeue_block(nvm_queue_t *cq, uint64_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
