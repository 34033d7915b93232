/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duration.c - times as people type them.
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "duration.h"

static const struct {
	const char *name;
	double ns;
} units[] = {
	{"", 1e9}, {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9},
};

static const double year = 365.0 * 24 * 3600e9;

/* Digits with at most one point. Not strtod(3): it follows the locale, and takes "inf". */
static const char *scan(const char *text, double *value)
{
	double scale = 0, sum = 0;
	bool digits = false;

	for (; isdigit((unsigned char)*text) || (*text == '.' && scale == 0); ++text) {
		if (*text == '.') {
			scale = 1;
			continue;
		}
		digits = true;
		scale /= 10;
		if (scale > 0)
			sum += (*text - '0') * scale;
		else
			sum = sum * 10 + (*text - '0');
	}
	*value = sum;
	return digits ? text : NULL;
}

int parse_duration(const char *text, uint64_t *ns)
{
	double value;
	const char *unit = scan(text, &value);

	for (size_t i = 0; unit != NULL && i < sizeof(units) / sizeof(units[0]); ++i) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (value * units[i].ns > year)
			return ERANGE;
		*ns = (uint64_t)(value * units[i].ns + 0.5);
		return 0;
	}
	return EINVAL;
}

bool has_time_unit(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && isalpha((unsigned char)text[length - 1]) != 0;
}
