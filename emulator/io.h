/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io.h - the NVM command set: one command, executed from start to end by the calling thread.
 */
#ifndef EMU_IO_H
#define EMU_IO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "data.h"
#include "namespace.h"
#include "nvm_spec.h"

/* Identify Controller fields for what is implemented here */
#define EMU_ONCS \
	(NVM_ONCS_COMPARE | NVM_ONCS_DSM | NVM_ONCS_WRITE_ZEROES | NVM_ONCS_VERIFY | NVM_ONCS_COPY)
#define EMU_FUSES 0 /* no fused operations */
#define EMU_OCFS  1 /* Copy descriptor format 0h */
#define EMU_FNA   0 /* format and erase per namespace, FFFFFFFFh allowed, no crypto erase */
#define EMU_AWUN  0 /* 0's based */
#define EMU_AWUPF EMU_NAWUPF
#define EMU_ACWU  0

/* Commands Supported and Effects (NVM_EFFECTS_*) of an I/O opcode; 0 = not supported */
uint32_t emu_io_effects(uint8_t opcode);

#define EMU_IO_IOV     512            /* pieces of memory handled at once */
#define EMU_IO_SCRATCH (128U * 1024U) /* bytes */

/* Written by the thread, read by others: relaxed atomics without a locked instruction. */
struct emu_io_stats {
	_Atomic uint64_t read_blocks;    /* blocks transferred to the host */
	_Atomic uint64_t written_blocks; /* ... and from it */
	_Atomic uint64_t read_bytes;     /* SMART data units: Read, Compare, Verify */
	_Atomic uint64_t written_bytes;  /* ... Write, Copy */
	_Atomic uint64_t reads;          /* SMART host read commands: the same ones */
	_Atomic uint64_t writes;
	_Atomic uint64_t media_errors; /* SMART: unrecovered read errors and write faults */
};

/* What a thread needs to execute I/O commands. */
struct emu_io {
	struct emu_data_ctx data; /* the host of this changes page_size and sgl as CC.MPS changes */
	struct emu_ns_table *ns;
	uint64_t max_transfer; /* MDTS in bytes, 0 = unlimited */
	struct emu_io_stats stats;
	struct iovec *iov;  /* EMU_IO_IOV of them */
	uint8_t *scratch;   /* EMU_IO_SCRATCH bytes */
	uint64_t error_lba; /* for the error log: first LBA of the last command that failed */
};

/**
 * emu_io_init() - make a thread ready to execute I/O commands
 * @io: filled in, release with emu_io_release(); page size 4096 and SGLs on until changed in
 *	io->data
 * @slot: the thread's
 * @ns: namespaces, stay the caller's
 * @max_transfer: MDTS in bytes, 0 = unlimited
 *
 * Return: 0 or ENOMEM.
 */
int emu_io_init(struct emu_io *io, struct emu_dma_slot *slot, struct emu_ns_table *ns,
		uint64_t max_transfer);
void emu_io_release(struct emu_io *io);

/**
 * emu_io_execute() - execute one command of an I/O queue
 * @io: the calling thread's
 * @sqe: the command, a copy that the host cannot change
 * @dw0: dword 0 of the completion, always set
 *
 * The thread is inside a read section of its slot and stays there. Return: 0 or status.
 */
emu_status_t emu_io_execute(struct emu_io *io, const struct nvm_sqe *sqe, uint32_t *dw0);

/**
 * emu_io_prepare() - say that a command will be executed soon
 * @io: the calling thread's
 * @sqe: the command, anything
 *
 * Where its blocks are memory, the processor begins to fetch them, while the thread still executes
 * the command before: blocks here and there take several times as long without. It is a hint:
 * nothing is locked, checked or changed.
 *
 * Return: it will take no time that the host of the command before would notice. False also
 * where that is not known.
 */
bool emu_io_prepare(const struct emu_io *io, const struct nvm_sqe *sqe);

/**
 * emu_admin_format() - Format NVM for one namespace or, with NSID FFFFFFFFh, all
 * @ns: the controller's namespaces
 * @sqe: the command; FUSE and PSDT are the caller's to check
 *
 * Return: 0 or status.
 */
emu_status_t emu_admin_format(struct emu_ns_table *ns, const struct nvm_sqe *sqe);

#endif
