/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_sq_head_test.c - nvm_disk_t on a controller whose completions tell old SQ heads: what was the
 * head when the command was fetched, many commands ago, or nothing useful at all. Every block is
 * transferred nevertheless.
 */
#include "support/disk_device.h"

/* The first command waits until nothing else is left to do, and tells the head it was fetched at. */
struct held {
	bool is_held;
	uint16_t cid;
	uint32_t head;
};

static void overtake(struct disk_device *x, const struct nvm_sqe *sqe)
{
	struct held *held = x->arg;

	disk_execute(x, sqe);
	if (held->is_held)
		disk_post(x, sqe->cid, 0, x->sq_head);
	else
		*held = (struct held){true, sqe->cid, x->sq_head};
}

static void release(struct disk_device *x, unsigned int looks)
{
	struct held *held = x->arg;

	if (!held->is_held || looks < 200)
		return;
	disk_post(x, held->cid, 0, held->head);
	held->is_held = false;
}

static void tell_head_0(struct disk_device *x, const struct nvm_sqe *sqe)
{
	disk_execute(x, sqe);
	disk_post(x, sqe->cid, 0, 0);
}

/* Calls of all lengths, so that the old head stands everywhere in the ring. */
static void check_calls(struct disk_fixture *t)
{
	unsigned char *data = malloc((size_t)40 * DISK_MDTS_SIZE);
	unsigned char *back = malloc((size_t)40 * DISK_MDTS_SIZE);

	assert_true(data != NULL && back != NULL);
	for (unsigned int n = 1; n <= 40; n++) {
		unsigned int before = atomic_load(&t->x->n_commands);
		size_t size = (size_t)n * DISK_MDTS_SIZE, n_blocks = size / DISK_BLOCK_SIZE;

		for (size_t i = 0; i < size; i++)
			data[i] = (unsigned char)(i / 512 * 7 + i + n * 31);
		assert_int_equal(nvm_disk_write(t->disk, data, n, n_blocks), 0);
		assert_int_equal(atomic_load(&t->x->n_commands) - before, n);
		assert_memory_equal(t->x->blocks + (size_t)n * DISK_BLOCK_SIZE, data, size);
		memset(back, 0xee, size);
		assert_int_equal(nvm_disk_read(t->disk, back, n, n_blocks), 0);
		assert_memory_equal(back, data, size);
		assert_int_equal(nvm_disk_flush(t->disk), 0);
		assert_int_equal(atomic_load(&t->x->n_commands) - before, 2 * n + 1);
	}
	free(data);
	free(back);
}

static void an_overtaken_command_does_not_turn_the_head_back(void **state)
{
	static const uint32_t depths[] = {3, 4, 7, 16, 64};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		struct held held = {.is_held = false};
		struct disk_fixture t = begin_disk(overtake, release, &held, depths[i], 5000);

		check_calls(&t);
		end_disk(&t);
	}
}

static void a_head_that_never_moves_does_not_stop_the_disk(void **state)
{
	static const uint32_t depths[] = {2, 3, 8, 64};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		struct disk_fixture t = begin_disk(tell_head_0, NULL, NULL, depths[i], 5000);

		check_calls(&t);
		end_disk(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_overtaken_command_does_not_turn_the_head_back),
		cmocka_unit_test(a_head_that_never_moves_does_not_stop_the_disk),
	};

	return cmocka_run_group_tests_name("old SQ heads", tests, NULL, NULL);
}
