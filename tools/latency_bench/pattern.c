/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pattern.c - which blocks the commands of a queue access.
 */
#include "pattern.h"

/* Scatter the bits (the finaliser of SplitMix64). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

void pattern_init(struct pattern *p, uint64_t first, uint64_t n_blocks, uint32_t command_blocks,
		  uint64_t repeat, bool random, uint64_t seed)
{
	uint64_t n_commands = (n_blocks - 1) / command_blocks + 1;

	*p = (struct pattern){
		.first = first,
		.n_blocks = n_blocks,
		.command_blocks = command_blocks,
		.n_commands = n_commands,
		.length = n_commands * repeat,
		.random = random,
		.seed = mix(seed + UINT64_C(0x9e3779b97f4a7c15)),
		.half_bits = 1,
	};
	while (p->half_bits < 32 && p->length > UINT64_C(1) << (2 * p->half_bits))
		++p->half_bits;
}

/*
 * The place of a command in a random order: a permutation by a Feistel network over the next larger
 * even power of two, applied until the result is within the pass, which takes less than four times on average.
 */
static uint64_t shuffled(const struct pattern *p, uint64_t index)
{
	uint64_t mask = (UINT64_C(1) << p->half_bits) - 1;
	uint64_t key = p->seed + p->pass * UINT64_C(0xd1342543de82ef95);

	do {
		uint64_t left = index >> p->half_bits, right = index & mask;

		for (unsigned int round = 0; round < 4; ++round) {
			uint64_t next = left ^ (mix(right + key + round) & mask);

			left = right;
			right = next;
		}
		index = left << p->half_bits | right;
	} while (index >= p->length);
	return index;
}

struct access pattern_next(struct pattern *p)
{
	uint64_t index = p->random ? shuffled(p, p->position) : p->position;
	uint64_t offset, left;
	struct access a = {.pass = p->pass};

	/* A division only where commands are repeated. */
	if (index >= p->n_commands)
		index %= p->n_commands;
	offset = index * p->command_blocks;
	left = p->n_blocks - offset;
	a.lba = p->first + offset;
	a.n_blocks = left < p->command_blocks ? (uint32_t)left : p->command_blocks;
	if (++p->position == p->length)
		pattern_restart(p);
	return a;
}

void pattern_restart(struct pattern *p)
{
	p->position = 0;
	++p->pass;
}
