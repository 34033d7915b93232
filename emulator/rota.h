/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rota.h - which of its submission queues a polling thread looks at in a round.
 *
 * Busy queues have their turn in every round, idle ones a few in each: so a queue in use costs the
 * same, however many others there are. An idle queue with a command is busy again, and remains so
 * until it was found empty many times.
 *
 * Used by one thread; changed by others during a pause (thread.h).
 */
#ifndef EMU_ROTA_H
#define EMU_ROTA_H

#include <stdbool.h>

struct emu_sq;
struct emu_thread;

struct emu_rota {
	struct emu_sq **sqs; /* the busy ones first */
	unsigned int n;
	unsigned int n_busy;
	unsigned int next; /* idle one to look at next */
};

/* A queue joins, idle. Return: 0 or ENOMEM. */
int emu_rota_add(struct emu_rota *rota, struct emu_sq *sq);

/* A queue leaves; nothing happens if it is not there. */
void emu_rota_remove(struct emu_rota *rota, const struct emu_sq *sq);

/* All queues leave. */
void emu_rota_clear(struct emu_rota *rota);
void emu_rota_release(struct emu_rota *rota);

/**
 * emu_rota_poll() - have a round's queues fetch and execute what the host submitted
 * @rota: the thread's
 * @thread: the calling thread
 * @all: look at all idle queues: the next round may be long after
 *
 * Return: how many commands were taken.
 */
unsigned int emu_rota_poll(struct emu_rota *rota, struct emu_thread *thread, bool all);

#endif
