/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_shadow_test.c - doorbells through the Doorbell Buffer: with a controller that looks nowhere else, on
 * queues that come and go, after resets, and where there is no buffer.
 */
#include "controller/controller.h"
#include "io/qpair.h"
#include "nvm_admin.h"
#include "support/qpair_faults.h"

/* As where writing a register is expensive. */
static struct rig *begin_shadow(const char *uri)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	begin_rig(r, uri, 30000);
	/* The one that the fixture has made does not use the buffer, and would keep others from it. */
	assert_false(r->qp->shadow);
	nvm_qpair_destroy(r->qp);
	r->qp = NULL;
	nvmi_ctrl_of(r->t.ctrl)->be->doorbells_are_memory = false;
	return r;
}

static void end_shadow(struct rig *r)
{
	struct emu_stats stats = target_stats(&r->t);

	assert_int_equal(stats.bad_doorbells, 0);
	end_rig(r);
	free(r);
}

static nvm_qpair_t *make(struct rig *r, uint16_t qid, bool no_shadow)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	nvm_qpair_t *qp;

	options.depth = 48;
	options.qid = qid;
	options.no_shadow = no_shadow;
	if (nvm_qpair_create(&qp, r->t.ref, &options) != 0)
		fail_msg("%s", nvm_errmsg());
	return qp;
}

static void doorbells_go_through_the_buffer(void **state)
{
	struct rig *r = begin_shadow("emu:?size=1M");
	nvm_qpair_t *qp[3];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		qp[i] = make(r, 0, false);
		assert_true(qp[i]->shadow);
	}
	for (unsigned int i = 0; i < 3; i++)
		check_data(r, qp[i], i);
	/* An identifier that was in use before: what is in the buffer is not the new queue's. */
	for (unsigned int round = 0; round < 3; round++) {
		nvm_qpair_destroy(qp[1]);
		qp[1] = make(r, 0, false);
		check_data(r, qp[1], round);
	}
	for (unsigned int i = 0; i < 3; i++)
		nvm_qpair_destroy(qp[i]);
	end_shadow(r);
}

static void the_controller_is_told_again_after_a_reset(void **state)
{
	struct rig *r = begin_shadow("emu:?size=1M");
	nvm_qpair_t *qp = make(r, 0, false);

	(void)state;
	for (unsigned int round = 0; round < 3; round++) {
		assert_int_equal(nvm_aq_reset(r->t.ref), 0);
		/* Notices that its queues are gone, and makes them. */
		let_notice(qp);
		assert_true(qp->shadow);
		check_data(r, qp, round);
	}
	nvm_qpair_destroy(qp);
	end_shadow(r);
}

static void a_recovered_queue_starts_with_clean_entries(void **state)
{
	struct rig *r = begin_shadow("emu:?size=1M");
	nvm_qpair_t *qp = make(r, 0, false);
	struct entry e[8];

	(void)state;
	for (unsigned int round = 0; round < 3; round++) {
		atomic_store(&r->x.duplicate, 1);
		for (unsigned int i = 0; i < 8; i++)
			read_block(r, qp, &e[i], i);
		(void)finish(qp, e, 8);
		check_data(r, qp, round);
	}
	nvm_qpair_destroy(qp);
	end_shadow(r);
}

struct watch {
	const uint32_t *entry[4];
	uint32_t seen[4];
	unsigned int n_looks;
};

/* What the controller finds when it is about to create a queue. */
static void look_at_entries(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;
	struct watch *w = arg;

	if (f->sqid != 0 || sqe->opc != NVM_ADMIN_OPC_CREATE_CQ)
		return;
	w->n_looks++;
	for (unsigned int i = 0; i < 4; i++)
		w->seen[i] = __atomic_load_n(w->entry[i], __ATOMIC_RELAXED);
}

static void entries_are_clean_when_queues_are_created(void **state)
{
	const struct emu_fault_hooks hooks = {.command = look_at_entries};
	struct rig *r = begin_shadow("emu:?size=1M");
	nvm_qpair_t *qp = make(r, 3, false);
	struct watch w = {.n_looks = 0};

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		w.entry[2 * i] = qp->priv->shadow.db[i];
		w.entry[2 * i + 1] = qp->priv->shadow.event[i];
	}
	nvm_qpair_destroy(qp);
	/* As a controller may leave them that goes on writing to EventIdx for a while. */
	for (unsigned int i = 0; i < 4; i++)
		__atomic_store_n((uint32_t *)(uintptr_t)w.entry[i], 17, __ATOMIC_RELAXED);
	memset(w.seen, 0xff, sizeof(w.seen));
	emu_set_fault_hooks(nvmi_emu_of(r->t.ctrl), &hooks, &w);
	qp = make(r, 3, false);
	emu_set_fault_hooks(nvmi_emu_of(r->t.ctrl), NULL, NULL);
	assert_int_equal(w.n_looks, 1);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(w.seen[i], 0);
	check_data(r, qp, 1);
	nvm_qpair_destroy(qp);
	end_shadow(r);
}

static void queues_beyond_the_page_keep_their_registers(void **state)
{
	/* 1 KiB per doorbell: entries of queue 1 are the last in a page. */
	struct rig *r = begin_shadow("emu:?size=1M&dstrd=8&queues=4");
	nvm_qpair_t *near = make(r, 1, false);
	nvm_qpair_t *far = make(r, 2, false);

	(void)state;
	assert_true(near->shadow);
	assert_false(far->shadow);
	check_data(r, near, 1);
	check_data(r, far, 2);
	nvm_qpair_destroy(near);
	nvm_qpair_destroy(far);
	end_shadow(r);
}

static void it_is_not_switched_on_behind_others(void **state)
{
	struct rig *r = begin_shadow("emu:?size=1M");
	nvm_qpair_t *a = make(r, 0, true);
	nvm_qpair_t *b = make(r, 0, false);

	(void)state;
	/* The first did not want it, and its doorbells are registers. */
	assert_false(a->shadow);
	assert_false(b->shadow);
	check_data(r, a, 1);
	check_data(r, b, 2);
	nvm_qpair_destroy(a);
	nvm_qpair_destroy(b);
	/* Alone now; and once it is on there is no other way. */
	a = make(r, 0, false);
	assert_true(a->shadow);
	b = make(r, 0, true);
	assert_true(b->shadow);
	check_data(r, a, 3);
	check_data(r, b, 4);
	nvm_qpair_destroy(a);
	nvm_qpair_destroy(b);
	end_shadow(r);
}

static void raw_queues_keep_it_off_and_it_keeps_them_off(void **state)
{
	struct rig *r = begin_shadow("emu:?size=1M");
	size_t page_size = r->t.ctrl->page_size;
	nvm_queue_t cq, sq;
	nvm_dma_t *mem;
	nvm_qpair_t *qp;

	(void)state;
	assert_int_equal(nvm_dma_create(&mem, r->t.ctrl, 2 * page_size), 0);
	assert_int_equal(nvm_cq_create(r->t.ref, &cq, 1, 16, mem, 0, -1), 0);
	assert_int_equal(nvm_sq_create(r->t.ref, &sq, &cq, 1, 16, mem, page_size), 0);
	qp = make(r, 0, false);
	assert_false(qp->shadow);
	check_data(r, qp, 1);
	nvm_qpair_destroy(qp);
	assert_int_equal(nvm_admin_sq_delete(r->t.ref, &sq, &cq), 0);
	assert_int_equal(nvm_admin_cq_delete(r->t.ref, &cq), 0);

	/* And when it is on they are refused, and do not hang; also with an identifier that a queue pair had. */
	qp = make(r, 1, false);
	assert_true(qp->shadow);
	for (unsigned int round = 0; round < 2; round++) {
		assert_int_equal(nvm_cq_create(r->t.ref, &cq, 2, 16, mem, 0, -1), EBUSY);
		assert_non_null(strstr(nvm_errmsg(), "no_shadow"));
		assert_int_equal(nvm_sq_create(r->t.ref, &sq, &qp->cq, 2, 16, mem, 0), EBUSY);
		nvm_qpair_destroy(qp);
		qp = make(r, 2, false);
		nvm_qpair_destroy(qp);
		qp = make(r, 1, false);
	}
	nvm_qpair_destroy(qp);
	nvm_dma_unmap(mem);
	end_shadow(r);
}

static void a_controller_without_it_is_used_without_it(void **state)
{
	struct rig *r = begin_shadow("emu:?size=1M&dbbuf=0");
	nvm_qpair_t *qp = make(r, 0, false);

	(void)state;
	assert_false(qp->shadow);
	check_data(r, qp, 1);
	nvm_qpair_destroy(qp);
	end_shadow(r);
}

static void refuse_config(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;

	(void)arg;
	if (f->sqid == 0 && sqe->opc == NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG)
		f->status = NVM_SC_INTERNAL_ERROR;
}

static void a_controller_that_refuses_it_is_used_without_it(void **state)
{
	const struct emu_fault_hooks hooks = {.command = refuse_config};
	struct rig *r = begin_shadow("emu:?size=1M");
	nvm_qpair_t *qp;

	(void)state;
	emu_set_fault_hooks(nvmi_emu_of(r->t.ctrl), &hooks, NULL);
	qp = make(r, 0, false);
	assert_false(qp->shadow);
	check_data(r, qp, 1);
	nvm_qpair_destroy(qp);
	emu_set_fault_hooks(nvmi_emu_of(r->t.ctrl), NULL, NULL);

	/* Or it was on, and is refused after a reset. */
	end_shadow(r);
	r = begin_shadow("emu:?size=1M");
	qp = make(r, 0, false);
	assert_true(qp->shadow);
	emu_set_fault_hooks(nvmi_emu_of(r->t.ctrl), &hooks, NULL);
	assert_int_equal(nvm_aq_reset(r->t.ref), 0);
	let_notice(qp);
	assert_false(qp->shadow);
	check_data(r, qp, 2);
	nvm_qpair_destroy(qp);
	end_shadow(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(doorbells_go_through_the_buffer),
		cmocka_unit_test(the_controller_is_told_again_after_a_reset),
		cmocka_unit_test(a_recovered_queue_starts_with_clean_entries),
		cmocka_unit_test(entries_are_clean_when_queues_are_created),
		cmocka_unit_test(queues_beyond_the_page_keep_their_registers),
		cmocka_unit_test(it_is_not_switched_on_behind_others),
		cmocka_unit_test(raw_queues_keep_it_off_and_it_keeps_them_off),
		cmocka_unit_test(a_controller_without_it_is_used_without_it),
		cmocka_unit_test(a_controller_that_refuses_it_is_used_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
