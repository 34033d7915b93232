/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.h - blocks that say which block they are and when they were written, so that each kind of
 * wrong data is told from the others.
 */
#ifndef LATENCY_BENCH_VERIFY_H
#define LATENCY_BENCH_VERIFY_H

#include <stddef.h>
#include <stdint.h>

/* The least block that holds a pattern. */
#define VERIFY_MIN_BLOCK 512

/**
 * struct verify_want - what a block must hold
 * @seed: it was written with
 * @first_generation: least generation
 * @last_generation: largest generation
 */
struct verify_want {
	uint64_t seed;
	uint64_t first_generation;
	uint64_t last_generation;
};

/**
 * verify_fill() - make blocks that say who they are
 * @data: @n_blocks * @block_size bytes, aligned to 8
 * @block_size: bytes, at least VERIFY_MIN_BLOCK, a multiple of 8
 * @lba: number of the first block
 * @n_blocks: number of blocks
 * @seed: of the contents
 * @generation: increases with each time that a block is written
 */
void verify_fill(void *data, size_t block_size, uint64_t lba, uint32_t n_blocks, uint64_t seed,
		 uint64_t generation);

/**
 * verify_check() - are these the blocks they should be?
 * @data: as for verify_fill()
 * @block_size: as for verify_fill()
 * @lba: number that the first block should have
 * @n_blocks: number of blocks
 * @want: what else they should say
 * @text: what is wrong with the first wrong block, if any
 * @text_size: bytes there
 *
 * Return: 0 if all is well, otherwise the number of wrong blocks.
 */
uint32_t verify_check(const void *data, size_t block_size, uint64_t lba, uint32_t n_blocks,
		      const struct verify_want *want, char *text, size_t text_size);

#endif
