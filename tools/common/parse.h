/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parse.h - numbers and sizes as people type them.
 */
#ifndef TOOLS_PARSE_H
#define TOOLS_PARSE_H

#include <stdint.h>

/**
 * parse_number() - a whole number: decimal, or hexadecimal after 0x
 * @text: digits and nothing else: no sign, no blank, no suffix; leading zeroes are just zeroes
 * @value: where it goes; unchanged on failure
 *
 * Return: 0, EINVAL (not a number), ERANGE (more than 64 bits).
 */
int parse_number(const char *text, uint64_t *value);

/**
 * parse_size() - a number of bytes
 * @text: a number, optionally with K, M, G or T (powers of 1024), after that optionally B or iB
 * @value: bytes; unchanged on failure
 *
 * Return: as parse_number().
 */
int parse_size(const char *text, uint64_t *value);

#endif
