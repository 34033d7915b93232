/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duration.h - times as people type them: "10s", "500ms", "2m".
 */
#ifndef TOOLS_DURATION_H
#define TOOLS_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/**
 * parse_duration() - a length of time
 * @text: digits, optionally with a fraction, then ns, us, ms, s, m or h; without a unit, seconds
 * @ns: nanoseconds; unchanged on failure
 *
 * Return: 0, EINVAL (not such a time), ERANGE (more than a year).
 */
int parse_duration(const char *text, uint64_t *ns);

/* Does it end in a unit? Only then is a number a time rather than a count. */
bool has_time_unit(const char *text);

#endif
