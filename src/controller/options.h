/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - reading a structure of options from a program that was compiled with another version of it.
 */
#ifndef NVMI_OPTIONS_H
#define NVMI_OPTIONS_H

#include <stddef.h>

/**
 * nvmi_options_read() - the caller's options as this version knows them
 * @known: set to the defaults; what the caller has set is copied over them
 * @known_size: bytes of it
 * @options: the caller's; begins with a size_t, its size in bytes as compiled; NULL for the defaults
 * @init: what initialises the structure, for the message
 *
 * An older caller's structure is shorter: what it lacks keeps its default. A newer caller's is longer:
 * what this version does not know must be 0.
 *
 * Return: 0, or EINVAL with message.
 */
int nvmi_options_read(void *known, size_t known_size, const void *options, const char *init);

#endif
