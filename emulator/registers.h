/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registers.h - the controller's registers and the transitions that writing them starts.
 */
#ifndef EMU_REGISTERS_H
#define EMU_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

struct emu;
struct emu_thread;

/* CAP from the configuration, everything else as after power-on. */
void emu_registers_init(struct emu *emu);

/* Those that can change, as after power-on. */
void emu_registers_reset(struct emu *emu);

/* Show the values in the BAR's memory. */
void emu_registers_publish(struct emu *emu);

/* Transitions, under the lock (reset.c). */
void emu_ctrl_enable(struct emu *emu);
void emu_ctrl_disable(struct emu *emu);
void emu_ctrl_shutdown(struct emu *emu);
/* All registers and state as after power-on. */
void emu_ctrl_power_on(struct emu *emu);

/* Become ready if the time has come: ENABLING -> RUNNING. Under the lock. */
void emu_ctrl_tick(struct emu *emu, const struct emu_thread *self);
/* Is there anything for emu_ctrl_tick() to do? */
bool emu_ctrl_due(struct emu *emu);

/* Finish a shutdown that CC.SHN asked for. First thread, under the lock. */
void emu_ctrl_finish_shutdown(struct emu *emu);

/* Delete all queues, without a word to the host. During a pause. */
void emu_ctrl_drop_queues(struct emu *emu);

#endif
