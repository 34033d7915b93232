/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latency_pattern_test.c - commands of nvm-latency-bench: each block of the range as often as asked for, in
 * every pass, and no other block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The tools' code is no library: the test is built with the file itself. */
#include "../tools/latency_bench/pattern.c"

#define MAX_BLOCKS 5000

static unsigned int seen[MAX_BLOCKS];

/* Go through a pass and count how often each block occurs. */
static void one_pass(struct pattern *p)
{
	uint64_t pass = p->pass;

	memset(seen, 0, sizeof(seen));
	for (uint64_t i = 0; i < p->length; ++i) {
		struct access a = pattern_next(p);

		assert_int_equal(a.pass, pass);
		assert_true(a.n_blocks >= 1 && a.n_blocks <= p->command_blocks);
		assert_true(a.lba >= p->first && a.lba + a.n_blocks <= p->first + p->n_blocks);
		for (uint32_t k = 0; k < a.n_blocks; ++k)
			++seen[a.lba - p->first + k];
	}
	assert_int_equal(p->pass, pass + 1);
	assert_int_equal(p->position, 0);
}

static void every_block_occurs_as_often_as_asked_for(void **state)
{
	struct pattern p;

	(void)state;
	for (uint64_t n = 1; n < 70; ++n)
		for (uint32_t size = 1; size < 12; size += 5)
			for (unsigned int repeat = 1; repeat <= 3; ++repeat)
				for (int random = 0; random < 2; ++random) {
					pattern_init(&p, 1000, n, size, repeat, random != 0, n);
					for (int pass = 0; pass < 2; ++pass) {
						one_pass(&p);
						for (uint64_t i = 0; i < n; ++i)
							assert_int_equal(seen[i], repeat);
					}
				}
}

static void large_ranges_as_well(void **state)
{
	struct pattern p;

	(void)state;
	for (uint64_t n = 4000; n <= MAX_BLOCKS; n += 499) {
		pattern_init(&p, UINT64_MAX / 2, n, 1, 1, true, 7);
		one_pass(&p);
		for (uint64_t i = 0; i < n; ++i)
			assert_int_equal(seen[i], 1);
	}
}

static void sequential_is_in_order(void **state)
{
	struct pattern p;

	(void)state;
	pattern_init(&p, 10, 20, 8, 2, false, 1);
	for (int i = 0; i < 3; ++i) {
		static const uint64_t lbas[] = {10, 18, 26, 10, 18, 26};

		for (int k = 0; k < 6; ++k) {
			struct access a = pattern_next(&p);

			assert_int_equal(a.lba, lbas[k]);
			assert_int_equal(a.n_blocks, lbas[k] == 26 ? 4 : 8);
		}
	}
}

/* Commands that are where they would be in order, of all in a pass. */
static unsigned int in_place(struct pattern *p)
{
	unsigned int n = 0;

	for (uint64_t i = 0; i < p->length; ++i)
		n += pattern_next(p).lba == p->first + i * p->command_blocks;
	return n;
}

static void random_orders_differ_by_seed_and_pass_and_come_back(void **state)
{
	uint64_t first[100], again[100];
	struct pattern p;

	(void)state;
	pattern_init(&p, 0, 1000, 1, 1, true, 5);
	assert_true(in_place(&p) < 20);
	assert_true(in_place(&p) < 20);
	for (int same = 0; same < 2; ++same) {
		pattern_init(&p, 0, 1000, 1, 1, true, 5);
		for (int i = 0; i < 100; ++i)
			first[i] = pattern_next(&p).lba;
		if (same == 0)
			pattern_init(&p, 0, 1000, 1, 1, true, 6);
		else
			pattern_init(&p, 0, 1000, 1, 1, true, 5);
		for (int i = 0; i < 100; ++i)
			again[i] = pattern_next(&p).lba;
		assert_int_equal(memcmp(first, again, sizeof(first)) == 0, same);
	}
	pattern_init(&p, 0, 1000, 1, 1, true, 5);
	pattern_restart(&p);
	for (int i = 0; i < 100; ++i)
		again[i] = pattern_next(&p).lba;
	assert_memory_not_equal(first, again, sizeof(first));
}

static void a_disk_of_many_terabytes_needs_no_memory(void **state)
{
	const uint64_t n = UINT64_C(1) << 37; /* 64 TiB of 512 bytes */
	uint64_t halves[2] = {0, 0};
	struct pattern p;

	(void)state;
	pattern_init(&p, 0, n, 8, 1, true, 3);
	assert_int_equal(p.length, n / 8);
	for (int i = 0; i < 10000; ++i) {
		struct access a = pattern_next(&p);

		assert_true(a.lba < n && a.lba % 8 == 0);
		++halves[a.lba >= n / 2];
	}
	assert_true(halves[0] > 4500 && halves[1] > 4500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_occurs_as_often_as_asked_for),
		cmocka_unit_test(large_ranges_as_well),
		cmocka_unit_test(sequential_is_in_order),
		cmocka_unit_test(random_orders_differ_by_seed_and_pass_and_come_back),
		cmocka_unit_test(a_disk_of_many_terabytes_needs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
