/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hexdump.c - bytes for people: hexadecimal or text, runs of equal lines as one "*".
 */
#include <inttypes.h>
#include <string.h>

#include "hexdump.h"

void hexdump_begin(struct hexdump *h, FILE *file, uint64_t offset, bool ascii)
{
	*h = (struct hexdump){
		.file = file,
		.line_size = ascii ? 64 : 16,
		.ascii = ascii,
		.offset = offset,
	};
}

static size_t put_text(char *out, const unsigned char *data, size_t n)
{
	for (size_t i = 0; i < n; ++i)
		out[i] = data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.';
	return n;
}

static size_t put_hex(char *out, const unsigned char *data, size_t n, size_t line_size)
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (size_t i = 0; i < line_size; ++i) {
		*p++ = ' ';
		if (i == line_size / 2)
			*p++ = ' ';
		*p++ = i < n ? digits[data[i] >> 4] : ' ';
		*p++ = i < n ? digits[data[i] & 0xf] : ' ';
	}
	return (size_t)(p - out);
}

static void put_line(const struct hexdump *h, const unsigned char *data, size_t n)
{
	char line[4 * HEXDUMP_MAX_LINE];
	size_t used = 0;

	if (!h->ascii) {
		line[used++] = ' ';
		used += put_hex(line + used, data, n, h->line_size);
	}
	line[used++] = ' ';
	line[used++] = ' ';
	line[used++] = '|';
	used += put_text(line + used, data, n);
	line[used++] = '|';
	line[used++] = '\n';
	fprintf(h->file, "%08" PRIx64, h->offset);
	fwrite(line, 1, used, h->file);
}

void hexdump_add(struct hexdump *h, const void *data, size_t size)
{
	const unsigned char *p = data;

	/* After an error every further line would be another attempt, which may have to wait. */
	while (size > 0 && ferror(h->file) == 0) {
		size_t n = size < h->line_size ? size : h->line_size;

		if (h->has_last && n == h->line_size && memcmp(h->last, p, n) == 0) {
			if (!h->squeezing)
				fputs("*\n", h->file);
			h->squeezing = true;
		} else {
			put_line(h, p, n);
			h->squeezing = false;
			h->has_last = n == h->line_size;
			memcpy(h->last, p, n);
		}
		h->offset += n;
		p += n;
		size -= n;
	}
}

void hexdump_end(struct hexdump *h)
{
	fprintf(h->file, "%08" PRIx64 "\n", h->offset);
}
