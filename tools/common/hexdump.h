/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hexdump.h - bytes for people: hexadecimal or text, runs of equal lines as one "*".
 */
#ifndef TOOLS_HEXDUMP_H
#define TOOLS_HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HEXDUMP_MAX_LINE 64

struct hexdump {
	FILE *file;
	size_t line_size; /* bytes per line */
	bool ascii;
	bool squeezing; /* the last lines were equal: a "*" stands for them */
	bool has_last;
	uint64_t offset; /* of the next byte */
	unsigned char last[HEXDUMP_MAX_LINE];
};

/* @offset: of the first byte. @ascii: characters only, 64 a line; else 16 bytes in both forms. */
void hexdump_begin(struct hexdump *h, FILE *file, uint64_t offset, bool ascii);

/* The next bytes: whole lines, except in the last call. Check ferror(file) afterwards. */
void hexdump_add(struct hexdump *h, const void *data, size_t size);

/* The offset behind the last byte, which also ends a run of equal lines. */
void hexdump_end(struct hexdump *h);

#endif
