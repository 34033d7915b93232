/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * human.h - numbers with units, for people.
 */
#ifndef TOOLS_HUMAN_H
#define TOOLS_HUMAN_H

#include <stdint.h>

/* Room for any of these texts. */
struct human {
	char text[32];
};

/* "512 B", "1.5 KiB", "16.0 MiB": powers of 1024, one decimal. */
struct human human_bytes(uint64_t bytes);

/* Time as "0:07", "12:34" or "1:02:03"; anything absurd is "-:--". */
struct human human_time(double seconds);

#endif
