/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_dma_test.c - the software controller's table of DMA mappings.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dma.h"

#define PAGE 4096U

static uint8_t memory[16 * PAGE];

struct fixture {
	struct emu_dma *dma;
	struct emu_dma_slot *slot;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(emu_dma_new(&f->dma, 2), 0);
	f->slot = emu_dma_slot(f->dma, 0);
	emu_dma_enter(f->slot);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	emu_dma_leave(f->slot);
	emu_dma_free(f->dma);
	free(f);
	return 0;
}

/* Unmap from outside of the read section, as a host's thread would. */
static int unmap(struct fixture *f, uint64_t ioaddr, size_t size)
{
	int err;

	emu_dma_leave(f->slot);
	err = emu_dma_remove(f->dma, ioaddr, size);
	emu_dma_enter(f->slot);
	return err;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static void nothing_mapped_is_a_counted_fault(void **state)
{
	struct fixture *f = *state;

	assert_null(emu_dma_translate(f->slot, 0, 1, false));
	assert_null(emu_dma_translate(f->slot, 0x1000, 4096, true));
	assert_int_equal(emu_dma_faults(f->dma), 2);
}

static void a_mapping_reaches_from_its_first_to_its_last_byte(void **state)
{
	struct fixture *f = *state;

	/* Not aligned to anything. */
	assert_int_equal(emu_dma_add(f->dma, 0x12345, memory + 7, 1000, true), 0);
	assert_ptr_equal(emu_dma_translate(f->slot, 0x12345, 1000, true), memory + 7);
	assert_ptr_equal(emu_dma_translate(f->slot, 0x12345 + 999, 1, true), memory + 7 + 999);
	assert_int_equal(emu_dma_faults(f->dma), 0);
	assert_null(emu_dma_translate(f->slot, 0x12344, 1, false));
	assert_null(emu_dma_translate(f->slot, 0x12345 + 1000, 1, false));
	assert_null(emu_dma_translate(f->slot, 0x12345 + 1, 1000, false));
	assert_int_equal(emu_dma_faults(f->dma), 3);
}

static void the_whole_address_space_can_be_mapped_up_to_its_last_byte(void **state)
{
	struct fixture *f = *state;
	uint64_t top = UINT64_MAX - (PAGE - 1);

	assert_int_equal(emu_dma_add(f->dma, top, memory, PAGE, true), 0);
	assert_ptr_equal(emu_dma_translate(f->slot, UINT64_MAX, 1, true), memory + PAGE - 1);
	assert_ptr_equal(emu_dma_translate(f->slot, top, PAGE, true), memory);
	/* No wrap to address 0. */
	assert_int_equal(emu_dma_add(f->dma, 0, memory + PAGE, PAGE, true), 0);
	assert_null(emu_dma_translate(f->slot, UINT64_MAX, 2, true));
}

static void nonsense_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(emu_dma_add(f->dma, 0, memory, 0, true), EINVAL);
	assert_int_equal(emu_dma_add(f->dma, 0, NULL, 1, true), EINVAL);
	assert_int_equal(emu_dma_add(f->dma, UINT64_MAX, memory, 2, true), EINVAL);
	assert_int_equal(emu_dma_remove(f->dma, 0, 0), EINVAL);
	assert_int_equal(emu_dma_remove(f->dma, UINT64_MAX, 2), EINVAL);
}

static void overlapping_mappings_are_refused_and_adjacent_ones_are_not(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(emu_dma_add(f->dma, 0x2000, memory, 0x1000, true), 0);
	assert_int_equal(emu_dma_add(f->dma, 0x2000, memory, 0x1000, true), EEXIST);
	assert_int_equal(emu_dma_add(f->dma, 0x1000, memory, 0x1001, true), EEXIST);
	assert_int_equal(emu_dma_add(f->dma, 0x2fff, memory, 1, true), EEXIST);
	assert_int_equal(emu_dma_add(f->dma, 0x1000, memory, 0x3000, true), EEXIST);
	assert_int_equal(emu_dma_add(f->dma, 0x2800, memory, 0x100, true), EEXIST);
	assert_int_equal(emu_dma_add(f->dma, 0x3000, memory + PAGE, 0x1000, true), 0);
	assert_int_equal(emu_dma_add(f->dma, 0x1000, memory + 2 * PAGE, 0x1000, true), 0);
	assert_ptr_equal(emu_dma_translate(f->slot, 0x2000, 0x1000, true), memory);
}

static void a_read_only_mapping_is_not_written(void **state)
{
	struct fixture *f = *state;
	uint8_t byte = 1;

	assert_int_equal(emu_dma_add(f->dma, 0x1000, memory, PAGE, false), 0);
	assert_ptr_equal(emu_dma_translate(f->slot, 0x1000, PAGE, false), memory);
	assert_null(emu_dma_translate(f->slot, 0x1000, PAGE, true));
	assert_false(emu_dma_write(f->slot, 0x1000, &byte, 1));
	assert_true(emu_dma_read(f->slot, 0x1000, &byte, 1));
	assert_int_equal(emu_dma_faults(f->dma), 2);
}

static void copies_span_adjacent_mappings_and_stop_at_a_gap(void **state)
{
	struct fixture *f = *state;
	uint8_t out[300], in[300];

	for (unsigned int i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7);
	/* Adjacent on the bus, apart in memory. */
	assert_int_equal(emu_dma_add(f->dma, 1000, memory, 100, true), 0);
	assert_int_equal(emu_dma_add(f->dma, 1100, memory + 2 * PAGE, 100, true), 0);
	assert_int_equal(emu_dma_add(f->dma, 1200, memory + PAGE, 100, true), 0);
	assert_null(emu_dma_translate(f->slot, 1050, 100, true));
	assert_true(emu_dma_write(f->slot, 1000, out, 300));
	assert_memory_equal(memory, out, 100);
	assert_memory_equal(memory + 2 * PAGE, out + 100, 100);
	assert_memory_equal(memory + PAGE, out + 200, 100);
	assert_true(emu_dma_read(f->slot, 1050, in, 250));
	assert_memory_equal(in, out + 50, 250);
	assert_false(emu_dma_read(f->slot, 1001, in, 300));
	assert_false(emu_dma_write(f->slot, 999, out, 2));
}

static void unmap_takes_all_that_lies_inside(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(emu_dma_add(f->dma, i * PAGE, memory + i * PAGE, PAGE, true), 0);
	assert_int_equal(unmap(f, 2 * PAGE, PAGE), 0);
	assert_int_equal(unmap(f, 2 * PAGE, PAGE), ENOENT);
	/* With the hole, and nothing mapped at the end. */
	assert_int_equal(unmap(f, PAGE + 0, 4 * PAGE), 0);
	assert_int_equal(unmap(f, 9 * PAGE, 100 * PAGE), 0);
	for (uint64_t i = 0; i < 12; i++) {
		bool there = i == 0 || (i >= 5 && i < 9);
		void *vaddr = emu_dma_translate(f->slot, i * PAGE, PAGE, true);

		assert_ptr_equal(vaddr, there ? memory + i * PAGE : NULL);
	}
}

static void unmap_does_not_cut_a_mapping(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(emu_dma_add(f->dma, PAGE, memory, PAGE, true), 0);
	assert_int_equal(emu_dma_add(f->dma, 2 * PAGE, memory, 4 * PAGE, true), 0);
	assert_int_equal(unmap(f, PAGE + 1, PAGE - 1), EINVAL);
	assert_int_equal(unmap(f, PAGE, 2 * PAGE), EINVAL);
	assert_int_equal(unmap(f, 3 * PAGE, PAGE), EINVAL);
	assert_int_equal(unmap(f, PAGE + 1, 5 * PAGE - 1), EINVAL);
	assert_non_null(emu_dma_translate(f->slot, PAGE, PAGE, true));
	assert_non_null(emu_dma_translate(f->slot, 2 * PAGE, 4 * PAGE, true));
	assert_int_equal(unmap(f, PAGE, 5 * PAGE), 0);
	assert_null(emu_dma_translate(f->slot, PAGE, 1, true));
}

static void a_remembered_translation_dies_with_its_mapping(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(emu_dma_add(f->dma, 0, memory, PAGE, true), 0);
	assert_ptr_equal(emu_dma_translate(f->slot, 0, PAGE, true), memory);
	assert_int_equal(unmap(f, 0, PAGE), 0);
	assert_null(emu_dma_translate(f->slot, 0, PAGE, true));
	assert_int_equal(emu_dma_add(f->dma, 0, memory + PAGE, PAGE, true), 0);
	assert_ptr_equal(emu_dma_translate(f->slot, 0, PAGE, true), memory + PAGE);
}

/* As a host does that maps its buffers one by one, with something unmapped in between. */
static void translations_of_many_single_pages_stay_right(void **state)
{
	struct fixture *f = *state;
	const uint64_t n = 3 * EMU_DMA_PAGES; /* more than are remembered */

	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(
			emu_dma_add(f->dma, 2 * PAGE * i, memory + i % 16 * PAGE, PAGE, i % 3 != 0),
			0);
	for (unsigned int pass = 0; pass < 3; pass++) {
		for (uint64_t i = 0; i < n; i++) {
			uint64_t at = 2 * PAGE * i + i % PAGE;
			const uint8_t *expect = memory + i % 16 * PAGE + i % PAGE;

			assert_ptr_equal(emu_dma_translate(f->slot, at, 1, false), expect);
			assert_ptr_equal(emu_dma_translate(f->slot, at, PAGE - i % PAGE, false),
					 expect);
		}
	}
	assert_int_equal(emu_dma_faults(f->dma), 0);

	/* They are remembered now; all of them are gone or elsewhere after this. */
	assert_int_equal(unmap(f, 0, 2 * PAGE * n), 0);
	for (uint64_t i = 0; i < n; i += 2)
		assert_int_equal(
			emu_dma_add(f->dma, 2 * PAGE * i, memory + (i + 1) % 16 * PAGE, PAGE, true),
			0);
	for (uint64_t i = 0; i < n; i++) {
		uint8_t *expect = i % 2 ? NULL : memory + (i + 1) % 16 * PAGE;

		assert_ptr_equal(emu_dma_translate(f->slot, 2 * PAGE * i, PAGE, true), expect);
	}
	assert_int_equal(emu_dma_faults(f->dma), n / 2);
}

static void a_peek_finds_whole_ranges_and_counts_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(emu_dma_add(f->dma, PAGE, memory, PAGE, true), 0);
	assert_int_equal(emu_dma_add(f->dma, 2 * PAGE, memory + PAGE, PAGE, false), 0);
	assert_int_equal(emu_dma_add(f->dma, UINT64_MAX, memory, 1, true), 0);
	for (unsigned int pass = 0; pass < 2; pass++) {
		assert_ptr_equal(emu_dma_peek(f->slot, PAGE, PAGE, true), memory);
		assert_ptr_equal(emu_dma_peek(f->slot, 2 * PAGE - 1, 1, true), memory + PAGE - 1);
		assert_null(emu_dma_peek(f->slot, 2 * PAGE - 1, 2, false));
		assert_null(emu_dma_peek(f->slot, PAGE - 1, 2, false));
		assert_ptr_equal(emu_dma_peek(f->slot, 2 * PAGE, PAGE, false), memory + PAGE);
		assert_null(emu_dma_peek(f->slot, 2 * PAGE, 1, true));
		assert_null(emu_dma_peek(f->slot, 3 * PAGE, 1, false));
		assert_ptr_equal(emu_dma_peek(f->slot, UINT64_MAX, 1, true), memory);
		assert_null(emu_dma_peek(f->slot, UINT64_MAX, 2, true));
	}
	assert_int_equal(emu_dma_faults(f->dma), 0);
}

/*
 * Against a model: an array that says of every unit which mapping holds it.
 */
#define UNITS 4096

static void check_model(struct fixture *f, const uint16_t *begin, uint32_t *seed)
{
	for (unsigned int i = 0; i < 16; i++) {
		uint32_t unit = next_random(seed) % UNITS;
		uint64_t expect = 0;
		uint8_t *vaddr = emu_dma_translate(f->slot, unit * 16ULL + 3, 13, false);

		/* Memory at 1 MiB + address, never touched. */
		if (begin[unit])
			expect = 0x100000 + unit * 16ULL + 3;
		assert_int_equal((uintptr_t)vaddr, expect);
	}
}

static int model_add(uint16_t *begin, uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++) {
		if (begin[i])
			return EEXIST;
	}
	for (uint32_t i = first; i < first + n; i++)
		begin[i] = (uint16_t)(first + 1);
	return 0;
}

static int model_remove(uint16_t *begin, uint32_t first, uint32_t n)
{
	int found = ENOENT;

	for (uint32_t i = first; i < first + n; i++)
		found = begin[i] ? 0 : found;
	if (found)
		return found;
	if (first && begin[first] && begin[first - 1] == begin[first])
		return EINVAL;
	if (first + n < UNITS && begin[first + n] && begin[first + n - 1] == begin[first + n])
		return EINVAL;
	memset(begin + first, 0, n * sizeof(*begin));
	return 0;
}

static void random_changes_agree_with_a_model(void **state)
{
	struct fixture *f = *state;
	static uint16_t begin[UNITS];
	uint32_t seed = 20240229;

	memset(begin, 0, sizeof(begin));
	for (unsigned int round = 0; round < 10000; round++) {
		uint32_t first = next_random(&seed) % UNITS;
		/* Mostly small pieces, so that there are more of them than a leaf holds. */
		uint32_t n = 1 + next_random(&seed) % (round % 8 ? 3 : 60);
		uint64_t ioaddr = first * 16ULL;
		bool add = next_random(&seed) % 3;

		if (n > UNITS - first)
			n = UNITS - first;
		if (add) {
			void *vaddr = (void *)(uintptr_t)(0x100000 + ioaddr);

			assert_int_equal(emu_dma_add(f->dma, ioaddr, vaddr, n * 16ULL, true),
					 model_add(begin, first, n));
		} else {
			assert_int_equal(unmap(f, ioaddr, n * 16ULL),
					 model_remove(begin, first, n));
		}
		check_model(f, begin, &seed);
	}
}

/* 16 GiB in pieces of 256 KiB, in an order that the step decides. */
static void map_many(struct fixture *f, uint64_t step)
{
	const uint64_t n = 65536, size = 262144;

	emu_dma_leave(f->slot);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t ioaddr = i * step % n * size;
		void *vaddr = (void *)(uintptr_t)(ioaddr + size);

		assert_int_equal(emu_dma_add(f->dma, ioaddr, vaddr, size, true), 0);
	}
	emu_dma_enter(f->slot);
	for (uint64_t i = 0; i < n; i += 97) {
		void *vaddr = emu_dma_translate(f->slot, i * size + 5, size - 5, true);

		assert_int_equal((uintptr_t)vaddr, (i + 1) * size + 5);
	}
	/* Half of them one by one, the rest at once. */
	emu_dma_leave(f->slot);
	for (uint64_t i = 0; i < n; i += 2)
		assert_int_equal(emu_dma_remove(f->dma, i * size, size), 0);
	assert_int_equal(emu_dma_remove(f->dma, 0, n * size), 0);
	assert_int_equal(emu_dma_remove(f->dma, 0, n * size), ENOENT);
	emu_dma_enter(f->slot);
}

static void many_pieces_can_be_mapped_in_any_order(void **state)
{
	struct fixture *f = *state;

	map_many(f, 1);
	map_many(f, 65535);  /* descending */
	map_many(f, 104729); /* scattered */
}

/*
 * Readers translate and read while mappings come and go. The writer changes the memory as soon as
 * it is unmapped, so that a reader that is not waited for sees the wrong value (and the thread
 * sanitizer sees the race).
 */
#define RACE_PAGES 64

struct race {
	struct emu_dma *dma;
	_Atomic bool stop;
	_Atomic uint64_t hits;
	_Atomic uint64_t wrong;
	uint64_t *page[RACE_PAGES];
};

struct reader {
	struct race *race;
	unsigned int index;
};

static void *race_reader(void *arg)
{
	struct reader *reader = arg;
	struct race *race = reader->race;
	struct emu_dma_slot *slot = emu_dma_slot(race->dma, reader->index);
	uint32_t seed = reader->index + 1;

	for (unsigned int round = 0; !atomic_load(&race->stop); round++) {
		const uint64_t *word[8];
		uint64_t n[8];

		emu_dma_enter(slot);
		for (unsigned int i = 0; i < 8; i++) {
			n[i] = next_random(&seed) % RACE_PAGES;
			word[i] = emu_dma_translate(slot, n[i] * PAGE, PAGE, false);
		}
		/* Give the writer its chance while we hold addresses. */
		if (round % 8 == 0)
			sched_yield();
		for (unsigned int i = 0; i < 8; i++) {
			if (!word[i])
				continue;
			if (*word[i] != n[i])
				atomic_fetch_add(&race->wrong, 1);
			atomic_fetch_add(&race->hits, 1);
		}
		if (round % 16 == 0)
			emu_dma_leave(slot);
	}
	emu_dma_leave(slot);
	return NULL;
}

static void unmapped_memory_is_not_touched_any_more(void **state)
{
	struct race race = {.stop = false};
	struct reader reader[2] = {{&race, 0}, {&race, 1}};
	pthread_t thread[2];
	uint32_t seed = 5;
	bool mapped[RACE_PAGES] = {false};

	(void)state;
	assert_int_equal(emu_dma_new(&race.dma, 2), 0);
	for (uint64_t i = 0; i < RACE_PAGES; i++) {
		race.page[i] = calloc(1, PAGE);
		assert_non_null(race.page[i]);
	}
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race_reader, &reader[i]), 0);
	/* Long enough for the readers to get their share. */
	for (unsigned int round = 0; round < 10000 || atomic_load(&race.hits) < 100000; round++) {
		uint64_t n = next_random(&seed) % RACE_PAGES;

		if (mapped[n]) {
			assert_int_equal(emu_dma_remove(race.dma, n * PAGE, PAGE), 0);
			*race.page[n] = 0xdead;
		} else {
			*race.page[n] = n;
			assert_int_equal(emu_dma_add(race.dma, n * PAGE, race.page[n], PAGE, true),
					 0);
		}
		mapped[n] = !mapped[n];
	}
	atomic_store(&race.stop, true);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(atomic_load(&race.wrong), 0);
	emu_dma_free(race.dma);
	for (unsigned int i = 0; i < RACE_PAGES; i++)
		free(race.page[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_mapped_is_a_counted_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(a_mapping_reaches_from_its_first_to_its_last_byte,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_whole_address_space_can_be_mapped_up_to_its_last_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			overlapping_mappings_are_refused_and_adjacent_ones_are_not, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_read_only_mapping_is_not_written, setup,
						teardown),
		cmocka_unit_test_setup_teardown(copies_span_adjacent_mappings_and_stop_at_a_gap,
						setup, teardown),
		cmocka_unit_test_setup_teardown(unmap_takes_all_that_lies_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(unmap_does_not_cut_a_mapping, setup, teardown),
		cmocka_unit_test_setup_teardown(a_remembered_translation_dies_with_its_mapping,
						setup, teardown),
		cmocka_unit_test_setup_teardown(translations_of_many_single_pages_stay_right, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_peek_finds_whole_ranges_and_counts_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(random_changes_agree_with_a_model, setup, teardown),
		cmocka_unit_test_setup_teardown(many_pieces_can_be_mapped_in_any_order, setup,
						teardown),
		cmocka_unit_test(unmapped_memory_is_not_touched_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
