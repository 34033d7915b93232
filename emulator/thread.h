/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread.h - polling threads: what each owns, and how the rest of the controller stops them for
 * a moment to change what they look at.
 */
#ifndef EMU_THREAD_H
#define EMU_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "pending.h"
#include "queue.h"
#include "rota.h"

struct emu;

/* Written by one thread, read by any. */
struct emu_counters {
	_Atomic uint64_t admin_commands;
	_Atomic uint64_t io_commands;
	_Atomic uint64_t bad_doorbells;
	_Atomic uint64_t failed_commands;
	_Atomic uint64_t interrupts;
};

/* Only for a counter that no other thread writes: no locked instruction. */
static inline void emu_count(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + n, memory_order_relaxed);
}

struct emu_thread {
	/* what others write: pauses and wake-ups */
	_Alignas(128) _Atomic uint32_t state; /* RUNNING, ASLEEP, HELD: thread.c */
	_Atomic uint32_t acked;               /* the last pause that was noticed */
	_Atomic uint32_t wake;                /* futex: changes with every kick */

	/* its own; changed by others only during a pause */
	_Alignas(128) struct emu *emu;
	unsigned int index;
	struct emu_dma_slot *slot;
	struct emu_rota rota; /* the I/O queues it serves */
	struct emu_cq **cqs;
	unsigned int n_cqs;
	uint64_t random;
	struct emu_pending pending;
	struct emu_counters counters;
	struct emu_io io;

	pthread_t handle;
	bool started;
};

/**
 * emu_threads_start() - start config.n_threads polling threads
 * @emu: complete but for its threads
 *
 * Return: 0 or errno; on failure none is left.
 */
int emu_threads_start(struct emu *emu);
void emu_threads_stop(struct emu *emu);

/* Which thread serves that completion queue. */
struct emu_thread *emu_thread_of(struct emu *emu, uint16_t cqid);

/**
 * emu_pause() - wait until no thread executes commands or looks at queues, and keep it so
 * @emu: its lock is held
 * @self: the calling thread, if it is one of them, otherwise NULL
 *
 * Afterwards queues, features and hooks may be changed and freed. Does not nest.
 */
void emu_pause(struct emu *emu, const struct emu_thread *self);
void emu_resume(struct emu *emu);

/* During a pause: a thread serves these, or no longer. emu_thread_add_*: 0 or ENOMEM. */
int emu_thread_add_sq(struct emu_thread *thread, struct emu_sq *sq);
int emu_thread_add_cq(struct emu_thread *thread, struct emu_cq *cq);
void emu_thread_remove_sq(struct emu_thread *thread, struct emu_sq *sq);
void emu_thread_remove_cq(struct emu_thread *thread, struct emu_cq *cq);

uint64_t emu_now_ns(void);

#endif
