/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_shadow_test.c - when a doorbell goes to memory only and when the register is written too: all values
 * that there can be on small rings, against counting by hand, and the end of the largest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "io/qpair.h"

#define UNTOUCHED 0xdeadbeefU

/* Does a doorbell that goes from @before to @now, step by step, leave @event behind? */
static bool leaves_behind(uint32_t event, uint32_t now, uint32_t before, uint32_t n)
{
	for (uint32_t at = before; at != now; at = (at + 1) % n)
		if (at == event)
			return true;
	return false;
}

struct bench {
	struct nvmi_qpair p;
	uint32_t db, shadow, event;
};

static struct bench *make_bench(bool cq, uint32_t n, bool has_entry)
{
	struct bench *b = aligned_alloc(64, (sizeof(*b) + 63) / 64 * 64);
	nvm_queue_t *q;

	assert_non_null(b);
	memset(b, 0, sizeof(*b));
	q = cq ? &b->p.qp.cq : &b->p.qp.sq;
	q->db = &b->db;
	q->max_entries = n;
	b->p.qp.priv = &b->p;
	if (has_entry) {
		b->p.shadow.db[cq] = &b->shadow;
		b->p.shadow.event[cq] = &b->event;
	}
	return b;
}

static void ring(struct bench *b, bool cq, uint32_t before, uint32_t now)
{
	nvm_queue_t *q = cq ? &b->p.qp.cq : &b->p.qp.sq;

	q->last = before;
	q->tail = cq ? 77 : now;
	q->head = cq ? now : 77;
	b->db = b->shadow = UNTOUCHED;
	nvm_qpair_ring_shadow_(&b->p.qp, cq);
	assert_int_equal(q->last, now);
}

static void check_step(struct bench *b, bool cq, uint32_t before, uint32_t now, uint32_t event,
		       uint32_t n)
{
	b->event = event;
	ring(b, cq, before, now);
	assert_int_equal(b->shadow, now);
	assert_int_equal(b->db, leaves_behind(event, now, before, n) ? now : UNTOUCHED);
}

static void the_register_is_written_when_the_event_is_passed(void **state)
{
	(void)state;
	for (unsigned int cq = 0; cq < 2; cq++) {
		for (uint32_t n = 2; n <= 17; n++) {
			struct bench *b = make_bench(cq != 0, n, true);

			for (uint32_t before = 0; before < n; before++)
				for (uint32_t now = 0; now < n; now++)
					for (uint32_t event = 0; event < n && now != before;
					     event++)
						check_step(b, cq != 0, before, now, event, n);
			free(b);
		}
	}
}

static void the_largest_ring_wraps_as_well(void **state)
{
	static const uint32_t places[] = {0, 1, 2, 32767, 32768, 65533, 65534, 65535};
	const unsigned int n = sizeof(places) / sizeof(places[0]);
	struct bench *b = make_bench(false, 65536, true);

	(void)state;
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < n; j++)
			for (unsigned int k = 0; k < n && i != j; k++)
				check_step(b, false, places[i], places[j], places[k], 65536);
	free(b);
}

static void nothing_new_is_not_rung(void **state)
{
	struct bench *b = make_bench(false, 16, true);

	(void)state;
	ring(b, false, 5, 5);
	assert_int_equal(b->shadow, UNTOUCHED);
	assert_int_equal(b->db, UNTOUCHED);
	free(b);
}

static void a_queue_without_an_entry_rings_its_register(void **state)
{
	(void)state;
	for (unsigned int cq = 0; cq < 2; cq++) {
		struct bench *b = make_bench(cq != 0, 16, false);

		ring(b, cq != 0, 3, 9);
		assert_int_equal(b->db, 9);
		assert_int_equal(b->shadow, UNTOUCHED);
		free(b);
	}
}

static void registers_are_written_again_for_those_who_missed_the_shadow(void **state)
{
	struct bench *b = make_bench(false, 16, true);
	uint32_t cq_db = UNTOUCHED;

	(void)state;
	b->p.qp.cq.db = &cq_db;
	b->p.qp.cq.last = 3;
	b->p.qp.sq.last = 9;
	/* Held back by a plug: not to be handed over. */
	b->p.qp.sq.tail = 11;
	b->db = UNTOUCHED;
	nvmi_qpair_shadow_remind(&b->p);
	assert_int_equal(b->db, UNTOUCHED);
	b->p.qp.shadow = true;
	nvmi_qpair_shadow_remind(&b->p);
	assert_int_equal(b->db, 9);
	assert_int_equal(cq_db, 3);
	free(b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_register_is_written_when_the_event_is_passed),
		cmocka_unit_test(the_largest_ring_wraps_as_well),
		cmocka_unit_test(nothing_new_is_not_rung),
		cmocka_unit_test(a_queue_without_an_entry_rings_its_register),
		cmocka_unit_test(registers_are_written_again_for_those_who_missed_the_shadow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
