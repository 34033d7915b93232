/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stripes.h - locks on ranges of a namespace, for controllers with several threads.
 *
 * Without them a block could be seen half written, which the specification rules out: a command
 * that stays within the atomic write unit happens as a whole. A namespace is cut into stripes, many
 * of which share a lock; a command takes the locks of all its stripes in ascending order, so two
 * commands cannot wait for each other. Readers share.
 */
#ifndef EMU_STRIPES_H
#define EMU_STRIPES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define EMU_STRIPES      256 /* locks */
#define EMU_STRIPE_SHIFT 16  /* 64 KiB: a typical command needs one lock, or two */

struct emu_stripe {
	_Alignas(64) _Atomic uint32_t state;
};

struct emu_stripes {
	struct emu_stripe stripe[EMU_STRIPES];
};

/* NULL = out of memory; release with free(). */
struct emu_stripes *emu_stripes_new(void);

/*
 * Lock and unlock [offset, offset + bytes), for changing it (exclusive) or not. NULL stripes and
 * 0 bytes: nothing happens. Unlock with the same arguments.
 */
void emu_stripes_lock_range(struct emu_stripes *stripes, uint64_t offset, uint64_t bytes,
			    bool exclusive);
void emu_stripes_unlock_range(struct emu_stripes *stripes, uint64_t offset, uint64_t bytes,
			      bool exclusive);

static inline void emu_stripes_lock(struct emu_stripes *stripes, uint64_t offset, uint64_t bytes,
				    bool exclusive)
{
	if (stripes && bytes)
		emu_stripes_lock_range(stripes, offset, bytes, exclusive);
}

static inline void emu_stripes_unlock(struct emu_stripes *stripes, uint64_t offset, uint64_t bytes,
				      bool exclusive)
{
	if (stripes && bytes)
		emu_stripes_unlock_range(stripes, offset, bytes, exclusive);
}

#endif
