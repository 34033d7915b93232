/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_reset_test.c - resets of the software controller under load: queue pairs of several threads lose no
 * request and none ends twice, admin commands end, what was granted before is granted again.
 */
#include <pthread.h>

#include "nvm_admin.h"
#include "support/qpair_faults.h"

#define N_THREADS 4
#define N_ENTRIES 64

struct worker {
	struct rig *r;
	atomic_bool *stop;
	unsigned int first_block;
	unsigned int n_wrong;
	unsigned int n_aborted;
	unsigned int n_ok;
};

struct ticket {
	struct worker *w;
	atomic_uint n_done;
	unsigned int n_submitted;
};

static void ticket_done(void *arg, int status, uint32_t result)
{
	struct ticket *t = arg;

	(void)result;
	if (status == ABORTED_SQ)
		t->w->n_aborted++;
	else if (status == 0)
		t->w->n_ok++;
	else
		t->w->n_wrong++;
	t->n_done++;
}

/* Keep requests in flight; every one is submitted again only when it has ended. */
static void *load(void *arg)
{
	struct ticket tickets[N_ENTRIES];
	struct worker *w = arg;
	struct rig *r = w->r;
	nvm_qpair_t *qp;

	memset(tickets, 0, sizeof(tickets));
	if (nvm_qpair_create(&qp, r->t.ref, NULL) != 0) {
		w->n_wrong++;
		return NULL;
	}
	for (bool stop = false; !stop || nvm_qpair_in_flight(qp) != 0;) {
		stop = atomic_load(w->stop);
		for (unsigned int i = 0; i < N_ENTRIES && !stop; i++) {
			struct ticket *t = &tickets[i];

			t->w = w;
			if (t->n_done != t->n_submitted)
				continue;
			t->n_submitted++;
			if (nvm_qpair_read(qp, &r->ns, r->buf, (size_t)(w->first_block + i) * BLOCK,
					   w->first_block + i, 1, ticket_done, t) != 0)
				t->n_submitted--;
		}
		nvm_qpair_poll(qp, N_ENTRIES);
	}
	for (unsigned int i = 0; i < N_ENTRIES; i++)
		w->n_wrong += tickets[i].n_done != tickets[i].n_submitted;
	nvm_qpair_destroy(qp);
	return NULL;
}

static void queue_pairs_of_several_threads_survive_resets(void **state)
{
	struct worker w[N_THREADS];
	pthread_t threads[N_THREADS];
	atomic_bool stop = false;
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&threads=2&read=20us&jitter=100us", 30000);
	for (unsigned int i = 0; i < r.buf->size; i++)
		((unsigned char *)r.buf->vaddr)[i] = 0xa5;
	for (unsigned int i = 0; i < N_THREADS; i++) {
		w[i] = (struct worker){.r = &r, .stop = &stop, .first_block = i * N_ENTRIES};
		assert_int_equal(pthread_create(&threads[i], NULL, load, &w[i]), 0);
	}
	for (unsigned int i = 0; i < 8; i++) {
		wait_ms(70);
		assert_int_equal(nvm_aq_reset(r.t.ref), 0);
	}
	wait_ms(100);
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].n_wrong, 0);
		assert_true(w[i].n_ok > 0);
		assert_true(w[i].n_aborted > 0);
	}
	/* What was read is there: zeroes. */
	for (unsigned int i = 0; i < N_THREADS * N_ENTRIES * BLOCK; i++)
		assert_int_equal(((unsigned char *)r.buf->vaddr)[i], 0);
	let_notice(r.qp);
	check_data(&r, r.qp, 1);
	end_rig(&r);
}

/* Queue pairs that find the controller hanging at the same time: one reset serves all. */
static void *lose_one(void *arg)
{
	struct worker *w = arg;
	nvm_qpair_t *qp = make_qpair(w->r, 100, NVM_WAIT_POLL);
	struct entry e[4];

	for (unsigned int i = 0; i < 4; i++)
		read_block(w->r, qp, &e[i], w->first_block + i);
	(void)finish(qp, e, 4);
	for (unsigned int i = 0; i < 4; i++)
		w->n_wrong += e[i].status != ETIME && e[i].status != ABORTED_SQ;
	atomic_store(&w->r->x.ignore_delete, false);
	read_block(w->r, qp, &e[0], w->first_block);
	(void)finish(qp, e, 1);
	w->n_wrong += e[0].status != 0 && e[0].status != ABORTED_SQ;
	nvm_qpair_destroy(qp);
	return NULL;
}

static void queue_pairs_that_recover_together_do_not_harm_each_other(void **state)
{
	struct worker w[N_THREADS];
	pthread_t threads[N_THREADS];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	atomic_store(&r.x.drop, 4 * N_THREADS);
	atomic_store(&r.x.ignore_delete, true);
	for (unsigned int i = 0; i < N_THREADS; i++) {
		w[i] = (struct worker){.r = &r, .first_block = i * 4};
		assert_int_equal(pthread_create(&threads[i], NULL, lose_one, &w[i]), 0);
	}
	for (unsigned int i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].n_wrong, 0);
	}
	let_notice(r.qp);
	check_data(&r, r.qp, 2);
	end_rig(&r);
}

static void *administer(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(w->stop)) {
		uint32_t value;
		int status =
			nvm_admin_get_feature(w->r->t.ref, NVM_FID_NUM_QUEUES, 0, 0, 0, &value, 0);

		if (status == 0)
			w->n_ok++;
		else if (status == ECANCELED)
			w->n_aborted++;
		else
			w->n_wrong++;
	}
	return NULL;
}

static void admin_commands_of_other_threads_end(void **state)
{
	struct worker w[N_THREADS];
	pthread_t threads[N_THREADS];
	atomic_bool stop = false;
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	for (unsigned int i = 0; i < N_THREADS; i++) {
		w[i] = (struct worker){.r = &r, .stop = &stop};
		assert_int_equal(pthread_create(&threads[i], NULL, administer, &w[i]), 0);
	}
	for (unsigned int i = 0; i < 50; i++) {
		wait_ms(2);
		assert_int_equal(nvm_aq_reset(r.t.ref), 0);
	}
	wait_ms(20);
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].n_wrong, 0);
		assert_true(w[i].n_ok > 0);
	}
	end_rig(&r);
}

static void what_was_granted_is_granted_again(void **state)
{
	uint16_t n_cqs = 5, n_sqs = 9;
	struct target t = open_target("emu:?size=1M&queues=64");

	(void)state;
	assert_int_equal(nvm_admin_request_num_queues(t.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(nvm_aq_reset(t.ref), 0);
	n_cqs = n_sqs = 0;
	assert_int_equal(nvm_admin_get_num_queues(t.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(n_cqs, 5);
	assert_int_equal(n_sqs, 9);
	close_target(&t);
}

static void raw_queues_are_gone_and_can_be_made_again(void **state)
{
	struct target t = open_target("emu:?size=1M");
	size_t page_size = t.ctrl->page_size;
	nvm_queue_t cq, sq;
	nvm_dma_t *mem;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(nvm_dma_create(&mem, t.ctrl, 2 * page_size), 0);
		assert_int_equal(nvm_cq_create(t.ref, &cq, 1, 16, mem, 0, -1), 0);
		assert_int_equal(nvm_sq_create(t.ref, &sq, &cq, 1, 16, mem, page_size), 0);
		assert_int_equal(nvm_aq_reset(t.ref), 0);
		assert_true(nvm_admin_sq_delete(t.ref, &sq, &cq) < 0);
		nvm_dma_unmap(mem);
	}
	nvm_aq_destroy(t.ref);
	nvm_dma_unmap(t.dma);
	nvm_ctrl_free(t.ctrl);
}

static void a_failed_controller_comes_back(void **state)
{
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&to=1", 30000);
	emu_fatal(nvmi_emu_of(r.t.ctrl));
	assert_int_equal(nvm_aq_reset(r.t.ref), 0);
	let_notice(r.qp);
	check_data(&r, r.qp, 1);

	/* Not if it cannot; and the reference is good for another try. */
	atomic_store(&r.x.cannot_be_enabled, true);
	assert_true(nvm_aq_reset(r.t.ref) > 0);
	assert_int_equal(nvm_admin_set_num_queues(r.t.ref, 1, 1), EIO);
	atomic_store(&r.x.cannot_be_enabled, false);
	assert_int_equal(nvm_aq_reset(r.t.ref), 0);
	let_notice(r.qp);
	check_data(&r, r.qp, 2);

	atomic_store(&r.x.gone, true);
	assert_int_equal(nvm_aq_reset(r.t.ref), ENODEV);
	atomic_store(&r.x.gone, false);
	assert_int_equal(nvm_aq_reset(NULL), EINVAL);
	end_rig(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_pairs_of_several_threads_survive_resets),
		cmocka_unit_test(queue_pairs_that_recover_together_do_not_harm_each_other),
		cmocka_unit_test(admin_commands_of_other_threads_end),
		cmocka_unit_test(what_was_granted_is_granted_again),
		cmocka_unit_test(raw_queues_are_gone_and_can_be_made_again),
		cmocka_unit_test(a_failed_controller_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
