/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parse.c - numbers and sizes as people type them. Stricter than strtoull(3), which takes signs,
 * blanks and octal, and wraps negative numbers.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "parse.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* The number at the start of text; *end is what follows it. */
static int scan(const char *text, uint64_t *value, const char **end)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *p = hex ? text + 2 : text;
	const char *first = p;
	unsigned int base = hex ? 16 : 10;
	bool overflow = false;
	uint64_t sum = 0;

	for (; (unsigned int)digit_of(*p) < base; ++p) {
		overflow |= __builtin_mul_overflow(sum, (uint64_t)base, &sum);
		overflow |= __builtin_add_overflow(sum, (uint64_t)digit_of(*p), &sum);
	}
	*end = p;
	if (p == first)
		return EINVAL;
	*value = sum;
	return overflow ? ERANGE : 0;
}

int parse_number(const char *text, uint64_t *value)
{
	const char *end;
	uint64_t number;
	int err = scan(text, &number, &end);

	if (*end != '\0')
		return EINVAL;
	if (err == 0)
		*value = number;
	return err;
}

int parse_size(const char *text, uint64_t *value)
{
	static const char suffixes[] = "KMGT";
	const char *suffix, *end;
	uint64_t number;
	int err = scan(text, &number, &end);

	if (err == EINVAL)
		return EINVAL;
	suffix = *end != '\0' ? strchr(suffixes, *end & ~0x20) : NULL;
	if (suffix != NULL) {
		++end;
		if (strcmp(end, "iB") == 0)
			end += 2;
	}
	if (strcmp(end, "B") == 0)
		++end;
	if (*end != '\0')
		return EINVAL;
	if (suffix != NULL && err == 0 &&
	    __builtin_mul_overflow(number, 1024ULL << (10 * (suffix - suffixes)), &number))
		err = ERANGE;
	if (err == 0)
		*value = number;
	return err;
}
