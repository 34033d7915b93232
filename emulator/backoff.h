/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backoff.h - what a polling thread does when it finds nothing to do: spin, then yield the core,
 * then sleep for longer and longer.
 */
#ifndef EMU_BACKOFF_H
#define EMU_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct emu_backoff {
	bool busy;         /* never sleep while enabled */
	uint32_t rounds;   /* without work */
	uint64_t since_ns; /* idle since then */
	uint64_t sleep_ns; /* the next sleep */
};

void emu_backoff_init(struct emu_backoff *backoff, bool busy);

/* A round found work. */
static inline void emu_backoff_work(struct emu_backoff *backoff)
{
	backoff->rounds = 0;
	backoff->sleep_ns = 0;
}

/* Is the next round one to look at things that can wait? */
static inline bool emu_backoff_scan(const struct emu_backoff *backoff)
{
	return backoff->rounds % 256 == 255 || backoff->sleep_ns;
}

/**
 * emu_backoff_idle() - a round found nothing: pass some time
 * @backoff: the thread's
 * @serving: there are queues to look at
 * @due_ns: when a completion is due, UINT64_MAX = none waits
 *
 * Return: nanoseconds to sleep, 0 = go on with the next round.
 */
uint64_t emu_backoff_idle(struct emu_backoff *backoff, bool serving, uint64_t due_ns);

#endif
