/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mix.h - numbers that look random, and are the same every time.
 */
#ifndef INTEGRITY_MIX_H
#define INTEGRITY_MIX_H

#include <stdint.h>

/* A bijection of 64 bits in which every bit of the result depends on every bit of the argument. */
static inline uint64_t mix64(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

#endif
