/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pattern.h - which blocks the commands of a queue access: a range again and again, in order or in a
 * random order in which each command occurs once in every pass. Needs no memory, however large the range.
 */
#ifndef LATENCY_BENCH_PATTERN_H
#define LATENCY_BENCH_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct pattern - a range of blocks and how far it has been gone through
 * @first: first block
 * @n_blocks: blocks in the range
 * @command_blocks: blocks per command; the last one of the range may have fewer
 * @n_commands: commands that make up the range
 * @length: commands in a pass: @n_commands, each as often as asked for
 * @position: of the next command in the pass, 0..@length - 1
 * @pass: passes begun before this one
 * @random: in random order, another one in each pass
 * @seed: what that depends on
 * @half_bits: half of the bits that number the commands of a pass
 */
struct pattern {
	uint64_t first;
	uint64_t n_blocks;
	uint32_t command_blocks;
	uint64_t n_commands;
	uint64_t length;
	uint64_t position;
	uint64_t pass;
	bool random;
	uint64_t seed;
	unsigned int half_bits;
};

struct access {
	uint64_t lba;
	uint32_t n_blocks;
	uint64_t pass;
};

/* @n_blocks, @command_blocks, @repeat: at least 1; @n_blocks * @repeat fits 63 bits. */
void pattern_init(struct pattern *p, uint64_t first, uint64_t n_blocks, uint32_t command_blocks,
		  uint64_t repeat, bool random, uint64_t seed);

/* The next command. After the last one of a pass comes the first one of the next. */
struct access pattern_next(struct pattern *p);

/* Leave out the rest of a pass that has begun. */
void pattern_restart(struct pattern *p);

#endif
