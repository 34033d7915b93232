/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_recover_test.c - how a queue pair counts time, and how it aborts: over an admin queue that only takes
 * notes, and a controller that is only registers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "controller/aq.h"
#include "controller/wait.h"
#include "io/qpair.h"
#include "nvm_cmd.h"
#include "nvm_ctrl.h"
#include "nvm_spec.h"
#include "support/fake_ctrl.h"

#define N_SLOTS 16
#define MS      1000000ULL

/**
 * struct bench - a queue pair in memory
 * @p: the queue pair
 * @ref: admin queue reference
 * @aborted: CIDs that Abort was sent for, in order
 * @n_submitted, @n_out: Abort commands ever sent, and not collected nor abandoned
 * @max_out: most of these at a time
 * @answer: they complete
 */
struct bench {
	struct nvmi_qpair p;
	struct nvm_admin_reference ref;
	struct fake_ctrl fake;
	nvm_ctrl_t *ctrl;
	struct nvm_qpair_slot slots[N_SLOTS + 1];
	nvm_cmd_t commands[N_SLOTS + 1];
	nvm_cpl_t ring[N_SLOTS + 1];
	uint32_t db;
	uint16_t aborted[64];
	unsigned int n_submitted, n_out, max_out;
	bool answer;
};

static struct bench *bench_of(nvm_aq_ref ref)
{
	return (struct bench *)((char *)ref - offsetof(struct bench, ref));
}

static int note_submit(nvm_aq_ref ref, const nvm_cmd_t *cmd, uint16_t *cid)
{
	struct bench *b = bench_of(ref);

	assert_int_equal(cmd->dword[0] & 0xff, NVM_ADMIN_OPC_ABORT);
	assert_int_equal(NVM_ABORT_SQID(cmd->dword[10]), b->p.qid);
	assert_in_range(b->n_submitted, 0, 63);
	b->aborted[b->n_submitted] = (uint16_t)NVM_ABORT_CID(cmd->dword[10]);
	*cid = (uint16_t)b->n_submitted++;
	if (++b->n_out > b->max_out)
		b->max_out = b->n_out;
	return 0;
}

static int note_poll(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl)
{
	struct bench *b = bench_of(ref);

	(void)cid;
	(void)cpl;
	if (!b->answer)
		return EAGAIN;
	--b->n_out;
	return 0;
}

static void note_abandon(nvm_aq_ref ref, uint16_t cid)
{
	(void)cid;
	--bench_of(ref)->n_out;
}

static struct bench *make_bench(uint64_t timeout_ms)
{
	static const struct nvmi_aq_ops ops = {
		.submit = note_submit,
		.poll = note_poll,
		.abandon = note_abandon,
	};
	struct bench *b = aligned_alloc(64, (sizeof(*b) + 63) / 64 * 64);
	nvm_qpair_t *qp;

	assert_non_null(b);
	memset(b, 0, sizeof(*b));
	fake_init_running(&b->fake);
	assert_int_equal(nvmi_ctrl_new(&b->ctrl, &b->fake.be, NULL), 0);
	b->ref.ops = &ops;
	b->ref.ctrl = nvmi_ctrl_of(b->ctrl);
	b->p.aq = &b->ref;
	b->p.qid = 5;
	b->p.n_slots = N_SLOTS;
	b->p.depth = N_SLOTS + 1;
	b->p.timeout_ms = timeout_ms;
	qp = &b->p.qp;
	qp->priv = &b->p;
	qp->slots = b->slots;
	qp->cid_mask = 31;
	qp->slot_mask = 31 * sizeof(b->slots[0]);
	qp->sq.vaddr = b->commands;
	qp->sq.max_entries = N_SLOTS + 1;
	qp->cq.vaddr = b->ring;
	qp->cq.max_entries = N_SLOTS + 1;
	qp->cq.phase = 1;
	qp->cq.db = &b->db;
	qp->lazy = 1;
	for (uint32_t i = 0; i < N_SLOTS; i++)
		b->slots[i].state = NVM_QPAIR_FREE;
	nvm_qpair_reload_(qp);
	nvmi_qpair_recover_init(&b->p);
	return b;
}

static void free_bench(struct bench *b)
{
	nvm_ctrl_free(b->ctrl);
	free(b);
}

/* A command is in flight, submitted in the present epoch. */
static void put(struct bench *b, uint32_t slot)
{
	b->slots[slot].id = (slot + 32 * 7) << 16;
	b->slots[slot].state = 0;
	b->p.requests.n_uncounted++;
}

static void complete(struct bench *b, uint32_t slot)
{
	b->slots[slot].state = NVM_QPAIR_FREE;
	b->p.requests.n_uncounted--;
}

/* The next look is due, and so is the next epoch; @ns ago. */
static void let_pass(struct bench *b, uint64_t ns)
{
	uint64_t now = nvmi_now_ns();

	b->p.recovery.look_ns = b->p.recovery.epoch_ns = now - ns;
	b->p.recovery.seen_ns = now - ns - b->p.recovery.look_every_ns;
	nvm_qpair_tick_(&b->p.qp);
}

static void an_epoch_is_an_epoch_however_long(void **state)
{
	struct bench *b = make_bench(30000);

	(void)state;
	put(b, 3);
	for (unsigned int i = 0; i < NVMI_QPAIR_LATE_EPOCHS; i++) {
		assert_false(nvmi_qpair_is_late(&b->p, 3));
		assert_int_equal(b->n_submitted, 0);
		let_pass(b, 3600 * 1000 * MS);
	}
	assert_true(nvmi_qpair_is_late(&b->p, 3));
	assert_int_equal(b->n_submitted, 1);
	assert_int_equal(b->aborted[0], 3 + 32 * 7);
	/* Nor does the time for that pass while nobody looks. */
	let_pass(b, 3600 * 1000 * MS);
	assert_true(b->p.recovery.grace_ns > 1000 * MS);
	complete(b, 3);
	let_pass(b, 0);
	assert_false(b->p.recovery.aborting);
	assert_int_equal(b->n_out, 0);
	free_bench(b);
}

static void only_the_late_ones_are_aborted_and_a_few_at_a_time(void **state)
{
	struct bench *b = make_bench(30000);

	(void)state;
	for (uint32_t i = 0; i < 12; i++)
		put(b, i);
	for (unsigned int i = 0; i < NVMI_QPAIR_LATE_EPOCHS - 1; i++)
		let_pass(b, 0);
	put(b, 13);
	let_pass(b, 0);
	assert_int_equal(b->n_submitted, NVMI_QPAIR_ABORTS);
	let_pass(b, 0);
	assert_int_equal(b->n_submitted, NVMI_QPAIR_ABORTS);
	b->answer = true;
	for (unsigned int i = 0; i < 4; i++)
		let_pass(b, 0);
	assert_int_equal(b->n_submitted, 12);
	assert_int_equal(b->max_out, NVMI_QPAIR_ABORTS);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(b->aborted[i], i + 32 * 7);
	free_bench(b);
}

static void what_waits_to_be_collected_is_not_late(void **state)
{
	struct bench *b = make_bench(30000);

	(void)state;
	put(b, 0);
	put(b, 1);
	b->ring[0].dword[3] = 1U << 16 | nvmi_slot_cid(&b->slots[1]);
	for (unsigned int i = 0; i < 2 * NVMI_QPAIR_LATE_EPOCHS; i++)
		let_pass(b, 0);
	assert_int_equal(b->n_submitted, 1);
	assert_int_equal(b->aborted[0], nvmi_slot_cid(&b->slots[0]));
	assert_int_equal(b->p.qp.cq.head, 0);
	free_bench(b);
}

/* Polling without a break: the clock is asked about as often as there is something to do. */
static void polling_looks_at_the_clock_seldom(void **state)
{
	struct bench *b = make_bench(30000);
	uint64_t end = nvmi_now_ns() + 500 * MS;
	unsigned int n_looks = 0, n_plans = 0;
	uint64_t look = b->p.recovery.look_ns, plan = 0;

	(void)state;
	while (nvmi_now_ns() < end) {
		assert_int_equal(nvm_qpair_poll(&b->p.qp, 1), 0);
		n_looks += b->p.recovery.look_ns != look;
		n_plans += b->p.qp.next_tick != plan;
		look = b->p.recovery.look_ns;
		plan = b->p.qp.next_tick;
	}
	/* Every 50 ms, less what the machine does besides; the rate of the counter has to be found first. */
	assert_in_range(n_looks, 2, 11);
	if (nvm_ticks() != 0)
		assert_in_range(n_plans, n_looks, 60);
	free_bench(b);
}

static void timeouts_of_all_lengths_can_be_counted(void **state)
{
	static const uint64_t timeouts[] = {
		1, 2, 8, 100, 30000, 86400000, UINT64_MAX / 1000000, UINT64_MAX};

	(void)state;
	for (unsigned int i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		struct bench *b = make_bench(timeouts[i]);
		const struct nvmi_qpair_recovery *r = &b->p.recovery;

		assert_true(r->epoch_length_ns >= 125000);
		assert_in_range(r->look_every_ns, 100000, 50 * MS);
		assert_true(r->epoch_ns > r->base_ns);
		put(b, 0);
		let_pass(b, 0);
		assert_int_equal(nvmi_slot_age(&b->slots[0]), 1);
		assert_true(r->epoch_ns > nvmi_now_ns() || timeouts[i] < 1000);
		free_bench(b);
	}
}

static void an_idle_queue_pair_leaves_the_controller_alone(void **state)
{
	struct bench *b = make_bench(30000);
	uint64_t n = b->fake.n_accesses;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		let_pass(b, 0);
	assert_int_equal(b->fake.n_accesses, n);
	put(b, 0);
	let_pass(b, 0);
	assert_true(b->fake.n_accesses > n);
	free_bench(b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_epoch_is_an_epoch_however_long),
		cmocka_unit_test(only_the_late_ones_are_aborted_and_a_few_at_a_time),
		cmocka_unit_test(what_waits_to_be_collected_is_not_late),
		cmocka_unit_test(polling_looks_at_the_clock_seldom),
		cmocka_unit_test(timeouts_of_all_lengths_can_be_counted),
		cmocka_unit_test(an_idle_queue_pair_leaves_the_controller_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
