/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp.h - blocks that say what they are: which block of which namespace, written when and by which run.
 *
 * Every sector of 512 bytes of a block, all numbers little-endian:
 *
 *	  0  "NVMS"
 *	  4  number of the sector in the block, 16 bits
 *	  6  sectors in the block, 16 bits
 *	  8  LBA, 64 bits
 *	 16  seed of the run, 64 bits
 *	 24  generation, 32 bits
 *	 28  sector 0: CRC-32C of the whole block with zeroes here; otherwise 0
 *	 32  namespace, 32 bits
 *	 36  0
 *	 40  58 words of 64 bits that follow from all of the above
 *	504  generation
 *	508  low half of the LBA
 *
 * The checksum tells that a block is whole, the stamps of a block that is not tell what became of it.
 */
#ifndef INTEGRITY_STAMP_H
#define INTEGRITY_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_SECTOR 512
/* Where the payload of a sector begins and ends. */
#define STAMP_HEAD 40
#define STAMP_TAIL 504

/* What a block is. */
struct stamp {
	uint64_t lba;
	uint64_t seed;
	uint32_t ns_id;
	uint32_t generation;
};

/* Make a block of @size bytes, a multiple of 512 up to 65536. */
void stamp_write(void *block, size_t size, const struct stamp *stamp);

/* Is it whole, and exactly what it should be? */
bool stamp_is(const void *block, size_t size, const struct stamp *wanted);

/* What the start of a sector says; false if there is no stamp. */
bool stamp_read(const void *sector, struct stamp *stamp);

/* What the end of a sector says, which is not all: @generation and the low half of an LBA. */
void stamp_read_tail(const void *sector, uint32_t *generation, uint32_t *lba_low);

/* Does the checksum in the first sector fit the block? */
bool stamp_is_whole(const void *block, size_t size);

#endif
