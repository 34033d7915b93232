/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * human.c - numbers with units, for people.
 */
#include <inttypes.h>
#include <stdio.h>

#include "human.h"

struct human human_bytes(uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	unsigned int unit = 0;
	struct human h;

	if (bytes < 1024) {
		snprintf(h.text, sizeof(h.text), "%" PRIu64 " B", bytes);
		return h;
	}
	/* 1023.95 would be rounded up to 1024.0. */
	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		++unit;
	}
	snprintf(h.text, sizeof(h.text), "%.1f %s", value, units[unit]);
	return h;
}

struct human human_time(double seconds)
{
	struct human h = {"-:--"};
	unsigned int s;

	if (!(seconds >= 0 && seconds < 1000 * 3600.0))
		return h;
	s = (unsigned int)(seconds + 0.5);
	if (s >= 3600)
		snprintf(h.text, sizeof(h.text), "%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(h.text, sizeof(h.text), "%u:%02u", s / 60, s % 60);
	return h;
}
