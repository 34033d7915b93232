/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu.h - the way from a controller to the software controller behind it, for tests and benchmarks.
 */
#ifndef NVMI_EMU_H
#define NVMI_EMU_H

#include "nvm_types.h"

struct emu;

/* The software controller behind a controller opened with "emu:…"; NULL if it is of another kind. */
struct emu *nvmi_emu_of(const nvm_ctrl_t *ctrl);

#endif
