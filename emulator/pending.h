/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pending.h - completions whose time has not come: a heap by due time, one per thread.
 *
 * Not touched at all while commands complete as fast as they execute.
 */
#ifndef EMU_PENDING_H
#define EMU_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "queue.h"

#define EMU_MAX_PENDING 65536 /* per thread */

struct emu_pending {
	struct emu_completion *heap;
	uint32_t n;
	uint64_t seq;
};

/* Return: 0 or ENOMEM. */
int emu_pending_init(struct emu_pending *pending);
void emu_pending_release(struct emu_pending *pending);

/* How many more fit. */
static inline uint32_t emu_pending_room(const struct emu_pending *pending)
{
	return EMU_MAX_PENDING - pending->n;
}

/* Keep a completion until its due_ns. There is room. */
void emu_pending_push(struct emu_pending *pending, const struct emu_completion *completion);

/* When the next one is due, UINT64_MAX if there is none. */
static inline uint64_t emu_pending_next(const struct emu_pending *pending)
{
	return pending->n ? pending->heap[0].due_ns : UINT64_MAX;
}

/* Post what is due. Return: how many. */
unsigned int emu_pending_poll(struct emu_thread *thread, uint64_t now_ns);

/* Take out the command with that CID of that queue. False: there is none. */
bool emu_pending_take(struct emu_pending *pending, const struct emu_sq *sq, uint16_t cid,
		      struct emu_completion *completion);

/* Take out any one of that queue. False: there is none. */
bool emu_pending_take_any(struct emu_pending *pending, const struct emu_sq *sq,
			  struct emu_completion *completion);

void emu_pending_clear(struct emu_pending *pending);

#endif
