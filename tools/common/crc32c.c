/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crc32c.c - the checksum CRC-32C, by the instruction of SSE4.2 or by tables.
 */
#include <endian.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "crc32c.h"

#define POLYNOMIAL 0x82f63b78U /* reflected */

/* tables[i][b]: what byte b does to the checksum when i more bytes follow it. */
static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
	for (uint32_t b = 0; b < 256; ++b) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; ++bit)
			crc = crc >> 1 ^ ((crc & 1U) != 0 ? POLYNOMIAL : 0);
		tables[0][b] = crc;
	}
	for (uint32_t b = 0; b < 256; ++b)
		for (int i = 1; i < 8; ++i)
			tables[i][b] = tables[i - 1][b] >> 8 ^ tables[0][tables[i - 1][b] & 0xff];
}

static uint64_t load(const unsigned char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return le64toh(value);
}

uint32_t crc32c_portable(uint32_t crc, const void *data, size_t size)
{
	const unsigned char *p = data;

	pthread_once(&tables_once, make_tables);
	crc = ~crc;
	for (; size >= 8; size -= 8, p += 8) {
		uint64_t v = load(p) ^ crc;

		crc = 0;
		for (int i = 0; i < 8; ++i)
			crc ^= tables[7 - i][v >> (8 * i) & 0xff];
	}
	for (; size > 0; --size)
		crc = crc >> 8 ^ tables[0][(crc ^ *p++) & 0xff];
	return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *data,
							       size_t size)
{
	const unsigned char *p = data;
	uint64_t sum = ~crc;

	for (; size >= 8; size -= 8, p += 8)
		sum = __builtin_ia32_crc32di(sum, load(p));
	for (; size > 0; --size)
		sum = __builtin_ia32_crc32qi((uint32_t)sum, *p++);
	return ~(uint32_t)sum;
}

static bool has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2") != 0;
}
#else
#define crc32c_sse42 crc32c_portable

static bool has_instruction(void)
{
	return false;
}
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t size)
{
	return has_instruction() ? crc32c_sse42(crc, data, size) : crc32c_portable(crc, data, size);
}
