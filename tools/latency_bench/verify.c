/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c - blocks that say which block they are and when they were written.
 *
 * A block is words of 64 bits in the host's order: magic, LBA, generation, seed, checksum of all the
 * others, then numbers that follow from those.
 */
#include <inttypes.h>
#include <stdio.h>

#include "verify.h"

#define MAGIC UINT64_C(0x314b4c42206d766e) /* "nvm BLK1" */

enum {
	WORD_MAGIC,
	WORD_LBA,
	WORD_GENERATION,
	WORD_SEED,
	WORD_CHECKSUM,
	WORD_DATA,
};

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ (x >> 32);
}

static uint64_t data_start(const uint64_t *words)
{
	return mix(words[WORD_LBA] * UINT64_C(0x9e3779b97f4a7c15) + words[WORD_GENERATION]) +
	       mix(words[WORD_SEED]);
}

static uint64_t checksum(const uint64_t *words, size_t n)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; ++i) {
		if (i == WORD_CHECKSUM)
			continue;
		sum = (sum ^ words[i]) * UINT64_C(0x9fb21c651e98df25);
		sum ^= sum >> 29;
	}
	return sum;
}

void verify_fill(void *data, size_t block_size, uint64_t lba, uint32_t n_blocks, uint64_t seed,
		 uint64_t generation)
{
	size_t n = block_size / sizeof(uint64_t);
	uint64_t *words = data;

	for (uint32_t i = 0; i < n_blocks; ++i, words += n) {
		uint64_t start;

		words[WORD_MAGIC] = MAGIC;
		words[WORD_LBA] = lba + i;
		words[WORD_GENERATION] = generation;
		words[WORD_SEED] = seed;
		start = data_start(words);
		for (size_t k = WORD_DATA; k < n; ++k)
			words[k] = mix(start + k);
		words[WORD_CHECKSUM] = checksum(words, n);
	}
}

/* The first byte that is not what the block's own header makes of it; the block's size if none. */
static size_t first_damage(const uint64_t *words, size_t n)
{
	uint64_t start = data_start(words);

	for (size_t k = WORD_DATA; k < n; ++k)
		if (words[k] != mix(start + k))
			return k * sizeof(uint64_t);
	return n * sizeof(uint64_t);
}

/* Is it intact, but not the block that was asked for? */
static const char *misplaced(const uint64_t *words, uint64_t lba, const struct verify_want *want)
{
	if (words[WORD_LBA] != lba)
		return "it holds another block";
	if (words[WORD_SEED] != want->seed)
		return "it was written with another --seed";
	if (words[WORD_GENERATION] < want->first_generation)
		return "it holds an older write: the last one is lost";
	if (words[WORD_GENERATION] > want->last_generation)
		return "it holds a write that was not made";
	return NULL;
}

static const char *wrong(const uint64_t *words, size_t n, uint64_t lba,
			 const struct verify_want *want)
{
	if (words[WORD_MAGIC] != MAGIC)
		return "it holds no pattern of this program";
	if (words[WORD_CHECKSUM] != checksum(words, n))
		return "its contents are damaged";
	return misplaced(words, lba, want);
}

static void explain(const uint64_t *words, size_t n, uint64_t lba, const char *what, char *text,
		    size_t text_size)
{
	if (words[WORD_MAGIC] != MAGIC)
		snprintf(text, text_size, "block %" PRIu64 ": %s", lba, what);
	else if (words[WORD_CHECKSUM] != checksum(words, n) && first_damage(words, n) < n * 8)
		snprintf(text, text_size, "block %" PRIu64 ": %s from byte %zu on", lba, what,
			 words[WORD_LBA] == lba ? first_damage(words, n) : 0);
	else if (words[WORD_CHECKSUM] != checksum(words, n))
		snprintf(text, text_size, "block %" PRIu64 ": %s, in the checksum", lba, what);
	else
		snprintf(text, text_size,
			 "block %" PRIu64 ": %s (LBA %" PRIu64 ", generation %" PRIx64
			 ", seed %" PRIu64 ")",
			 lba, what, words[WORD_LBA], words[WORD_GENERATION], words[WORD_SEED]);
}

uint32_t verify_check(const void *data, size_t block_size, uint64_t lba, uint32_t n_blocks,
		      const struct verify_want *want, char *text, size_t text_size)
{
	size_t n = block_size / sizeof(uint64_t);
	const uint64_t *words = data;
	uint32_t n_wrong = 0;

	for (uint32_t i = 0; i < n_blocks; ++i, words += n) {
		const char *what = wrong(words, n, lba + i, want);

		if (what != NULL && n_wrong++ == 0)
			explain(words, n, lba + i, what, text, text_size);
	}
	return n_wrong;
}
