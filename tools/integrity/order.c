/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order.c - in which order the chunks of a range have their turn: ascending, or a permutation that is
 * computed (a Feistel network over the next power of four), so that a run that was interrupted goes on in
 * the same order with nothing but a position.
 */
#include "mix.h"
#include "order.h"

#define ROUNDS 6

void order_init(struct order *order, uint64_t n, bool random, uint64_t key)
{
	order->n = n;
	order->key = key;
	order->random = random;
	order->half_bits = 1;
	while (order->half_bits < 32 && (n - 1) >> (2 * order->half_bits) != 0)
		++order->half_bits;
}

static uint64_t permute(const struct order *order, uint64_t value)
{
	uint64_t mask = (UINT64_C(1) << order->half_bits) - 1;
	uint64_t left = value >> order->half_bits;
	uint64_t right = value & mask;

	for (uint64_t round = 1; round <= ROUNDS; ++round) {
		uint64_t next = left ^ (mix64(order->key ^ mix64(right + (round << 56))) & mask);

		left = right;
		right = next;
	}
	return left << order->half_bits | right;
}

uint64_t order_at(const struct order *order, uint64_t position)
{
	uint64_t value = position;

	if (!order->random)
		return position;
	/* What falls outside is permuted again: the walk returns inside, each to a place of its own. */
	do
		value = permute(order, value);
	while (value >= order->n);
	return value;
}
