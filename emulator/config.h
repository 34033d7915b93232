/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config.h - checks and derived values of a controller's configuration, inside the emulator.
 */
#ifndef EMU_CONFIG_H
#define EMU_CONFIG_H

#include "emu.h"

#define EMU_MAX_VECTORS 2048

/*
 * Is the configuration one that a controller can be made of? The text of a failure names the
 * field by its key in emu_config_parse(). Return: 0 or EINVAL.
 */
int emu_config_check(const struct emu_config *config, char *err, size_t err_size);

/* A deep copy, with what 0 stands for filled in (vectors, serial number). 0 or ENOMEM. */
int emu_config_copy(struct emu_config *to, const struct emu_config *from);

#endif
