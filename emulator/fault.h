/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.h - asking the fault hooks of emu.h.
 */
#ifndef EMU_FAULT_H
#define EMU_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "emu.h"
#include "nvm_spec.h"

/* What shall happen to a command; without a hook: what would. Polling threads. */
void emu_fault_command(struct emu *emu, uint16_t sqid, const struct nvm_sqe *sqe,
		       struct emu_fault_command *fault);

/* Register accesses, any thread. */
uint64_t emu_fault_reg_read(struct emu *emu, uint32_t offset, unsigned int size, uint64_t value);
bool emu_fault_reg_write(struct emu *emu, uint32_t offset, unsigned int size, uint64_t value);

/* Shall CSTS.RDY stay as it is? */
bool emu_fault_stuck_ready(struct emu *emu, bool enabling);

#endif
