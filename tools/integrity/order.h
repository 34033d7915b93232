/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order.h - in which order the chunks of a range have their turn.
 */
#ifndef INTEGRITY_ORDER_H
#define INTEGRITY_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct order - the numbers 0..@n - 1, each exactly once, in an order that takes no memory
 * @n: how many, at least 1
 * @key: of a random order
 * @half_bits: a random order permutes numbers of twice so many bits
 * @random: not ascending
 */
struct order {
	uint64_t n;
	uint64_t key;
	unsigned int half_bits;
	bool random;
};

/* The same @n, @random and @key always give the same order. */
void order_init(struct order *order, uint64_t n, bool random, uint64_t key);

/* What has its turn at @position, 0..n - 1. Any thread. */
uint64_t order_at(const struct order *order, uint64_t position);

#endif
