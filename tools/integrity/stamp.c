/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp.c - make blocks that say what they are, and recognise them.
 */
#include <endian.h>
#include <string.h>

#include "../common/crc32c.h"
#include "mix.h"
#include "stamp.h"

#define CHECKSUM_AT 28

/* The start of a sector as it lies in memory. */
struct head {
	char magic[4];
	uint16_t sector;
	uint16_t n_sectors;
	uint64_t lba;
	uint64_t seed;
	uint32_t generation;
	uint32_t checksum;
	uint32_t ns_id;
	uint32_t zero;
};

_Static_assert(sizeof(struct head) == STAMP_HEAD, "the stamp has no holes");
_Static_assert(offsetof(struct head, checksum) == CHECKSUM_AT,
	       "the checksum is where it is said to be");

static const char magic[4] = {'N', 'V', 'M', 'S'};

static struct head make_head(const struct stamp *stamp, size_t sector, size_t n_sectors)
{
	struct head head = {
		.sector = htole16((uint16_t)sector),
		.n_sectors = htole16((uint16_t)n_sectors),
		.lba = htole64(stamp->lba),
		.seed = htole64(stamp->seed),
		.generation = htole32(stamp->generation),
		.ns_id = htole32(stamp->ns_id),
	};

	memcpy(head.magic, magic, sizeof(magic));
	return head;
}

static void write_sector(unsigned char *p, const struct stamp *stamp, size_t sector,
			 size_t n_sectors)
{
	struct head head = make_head(stamp, sector, n_sectors);
	uint64_t key = mix64(stamp->seed ^ mix64(stamp->lba + 1));
	uint32_t tail[2] = {head.generation, htole32((uint32_t)stamp->lba)};

	key = mix64(key ^ ((uint64_t)stamp->generation << 32 | stamp->ns_id)) + sector;
	memcpy(p, &head, sizeof(head));
	for (size_t at = STAMP_HEAD; at < STAMP_TAIL; at += sizeof(uint64_t)) {
		uint64_t word;

		key += UINT64_C(0x9e3779b97f4a7c15);
		word = htole64(mix64(key));
		memcpy(p + at, &word, sizeof(word));
	}
	memcpy(p + STAMP_TAIL, tail, sizeof(tail));
}

static uint32_t checksum(const unsigned char *block, size_t size)
{
	static const unsigned char zeroes[4];
	uint32_t crc = crc32c(0, block, CHECKSUM_AT);

	crc = crc32c(crc, zeroes, sizeof(zeroes));
	return crc32c(crc, block + CHECKSUM_AT + sizeof(zeroes),
		      size - CHECKSUM_AT - sizeof(zeroes));
}

void stamp_write(void *block, size_t size, const struct stamp *stamp)
{
	size_t n_sectors = size / STAMP_SECTOR;
	unsigned char *p = block;
	uint32_t crc;

	for (size_t i = 0; i < n_sectors; ++i)
		write_sector(p + i * STAMP_SECTOR, stamp, i, n_sectors);
	crc = htole32(checksum(p, size));
	memcpy(p + CHECKSUM_AT, &crc, sizeof(crc));
}

bool stamp_is_whole(const void *block, size_t size)
{
	const unsigned char *p = block;
	uint32_t crc;

	memcpy(&crc, p + CHECKSUM_AT, sizeof(crc));
	return le32toh(crc) == checksum(p, size);
}

bool stamp_is(const void *block, size_t size, const struct stamp *wanted)
{
	struct head head = make_head(wanted, 0, size / STAMP_SECTOR);

	memcpy(&head.checksum, (const unsigned char *)block + CHECKSUM_AT, sizeof(head.checksum));
	return memcmp(block, &head, sizeof(head)) == 0 && stamp_is_whole(block, size);
}

bool stamp_read(const void *sector, struct stamp *stamp)
{
	struct head head;

	memcpy(&head, sector, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0)
		return false;
	*stamp = (struct stamp){
		.lba = le64toh(head.lba),
		.seed = le64toh(head.seed),
		.ns_id = le32toh(head.ns_id),
		.generation = le32toh(head.generation),
	};
	return true;
}

void stamp_read_tail(const void *sector, uint32_t *generation, uint32_t *lba_low)
{
	uint32_t tail[2];

	memcpy(tail, (const unsigned char *)sector + STAMP_TAIL, sizeof(tail));
	*generation = le32toh(tail[0]);
	*lba_low = le32toh(tail[1]);
}
