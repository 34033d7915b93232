/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io_internal.h - what the files of the NVM command set share.
 */
#ifndef EMU_IO_INTERNAL_H
#define EMU_IO_INTERNAL_H

#include "io.h"

/* The blocks of a namespace that a command is about, checked and locked. */
struct emu_target {
	struct emu_ns *ns;
	uint64_t geometry;
	uint64_t offset; /* bytes */
	uint64_t bytes;
	bool exclusive;
};

/* [slba, slba + n_blocks) lies in a namespace of that geometry; 64 bits do not wrap. */
static inline bool emu_in_range(uint64_t geometry, uint64_t slba, uint64_t n_blocks)
{
	uint64_t blocks = emu_geometry_blocks(geometry);

	return slba <= blocks && n_blocks <= blocks - slba;
}

/*
 * Lock blocks for reading or writing. False: the namespace was formatted since the geometry was
 * looked at; nothing is locked.
 */
bool emu_target_lock(struct emu_target *target, struct emu_ns *ns, uint64_t geometry, uint64_t slba,
		     uint64_t n_blocks, bool exclusive);

static inline void emu_target_unlock(const struct emu_target *target)
{
	emu_stripes_unlock(target->ns->stripes, target->offset, target->bytes, target->exclusive);
}

/* Does what is written have to survive loss of power when the command completes? */
static inline bool emu_is_durable(struct emu_ns *ns, bool fua)
{
	return fua || atomic_load_explicit(&ns->write_through, memory_order_relaxed);
}

/* Only the thread itself adds: no locked instruction. */
static inline void emu_count(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, old + n, memory_order_relaxed);
}

emu_status_t emu_io_dsm(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe);
emu_status_t emu_io_copy(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe,
			 uint32_t *dw0);

#endif
