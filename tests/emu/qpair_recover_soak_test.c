/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_recover_soak_test.c - several threads with a queue pair each, on a controller that does everything wrong
 * now and then, and is reset on top of that: every request ends once, and when the faults end all is well.
 *
 * NVM_SOAK_SECONDS=600 makes it longer.
 */
#include <pthread.h>

#include "support/qpair_faults.h"

#define N_THREADS 3
#define N_TICKETS 48

struct worker;

struct ticket {
	struct worker *w;
	bool pending;
};

struct worker {
	struct rig *r;
	enum nvm_wait_mode mode;
	atomic_bool *stop;
	unsigned int first_block;
	struct ticket tickets[N_TICKETS];
	unsigned int n_ok, n_ended, n_wrong, n_twice;
};

static void ticket_done(void *arg, int status, uint32_t result)
{
	struct ticket *t = arg;
	struct worker *w = t->w;

	(void)result;
	w->n_twice += !t->pending;
	t->pending = false;
	if (status == 0)
		w->n_ok++;
	else if (status == ETIME || status == ABORTED_SQ || status == ABORTED)
		w->n_ended++;
	else
		w->n_wrong++;
}

static void submit_all(struct worker *w, nvm_qpair_t *qp)
{
	for (unsigned int i = 0; i < N_TICKETS; i++) {
		struct ticket *t = &w->tickets[i];
		size_t block = w->first_block + i;
		/* Some of them in several commands. */
		uint32_t n_blocks = i % 8 == 0 && i + 40 < N_TICKETS ? 40 : 1;

		if (t->pending)
			continue;
		t->w = w;
		t->pending = nvm_qpair_read(qp, &w->r->ns, w->r->buf, block * BLOCK, block,
					    n_blocks, ticket_done, t) == 0;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	nvm_qpair_t *qp = make_qpair(w->r, 150, w->mode);

	while (!atomic_load(w->stop)) {
		submit_all(w, qp);
		(void)nvm_qpair_wait(qp, 5);
		nvm_qpair_poll(qp, 16);
	}
	for (double start = seconds(); nvm_qpair_in_flight(qp) != 0;) {
		(void)nvm_qpair_wait(qp, 5);
		nvm_qpair_poll(qp, 16);
		if (seconds() - start > TOO_LONG_S) {
			w->n_wrong++;
			break;
		}
	}
	for (unsigned int i = 0; i < N_TICKETS; i++)
		w->n_wrong += w->tickets[i].pending;
	nvm_qpair_destroy(qp);
	return NULL;
}

static void make_trouble(struct faults *x, unsigned int round)
{
	const struct timespec soon = {.tv_nsec = 20000000};
	atomic_int *const kinds[] = {&x->drop, &x->delay, &x->duplicate, &x->unknown_cid,
				     &x->wrong_phase};

	atomic_store(&x->delay_ns, round % 4 == 0 ? 3600 * 1000000000ULL : 50000000);
	atomic_store(kinds[round % 5], (int)(1 + round % 3));
	atomic_store(&x->ignore_abort, round % 7 == 0);
	nanosleep(&soon, NULL);
}

static void nothing_is_lost_whatever_goes_wrong(void **state)
{
	const char *wanted = getenv("NVM_SOAK_SECONDS");
	double duration = wanted != NULL ? atof(wanted) : 3;
	struct worker *w = calloc(N_THREADS, sizeof(*w));
	pthread_t threads[N_THREADS];
	atomic_bool stop = false;
	struct rig r;

	(void)state;
	assert_non_null(w);
	begin_rig(&r, "emu:?size=1M&mdts=8K&threads=2&jitter=200us", 30000);
	memset(r.buf->vaddr, 0xa5, r.buf->size);
	for (unsigned int i = 0; i < N_THREADS; i++) {
		w[i].r = &r;
		w[i].mode = (enum nvm_wait_mode)(i % 3);
		w[i].stop = &stop;
		w[i].first_block = i * N_TICKETS;
		assert_int_equal(pthread_create(&threads[i], NULL, work, &w[i]), 0);
	}
	for (unsigned int round = 0; duration > 0; round++) {
		double start = seconds();

		make_trouble(&r.x, round);
		if (round % 20 == 10)
			assert_int_equal(nvm_aq_reset(r.t.ref), 0);
		duration -= seconds() - start;
	}
	atomic_store(&r.x.ignore_abort, false);
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].n_wrong, 0);
		assert_int_equal(w[i].n_twice, 0);
		assert_true(w[i].n_ok > 0);
	}
	memset(&r.x, 0, sizeof(r.x));
	let_notice(r.qp);
	check_data(&r, r.qp, 1);
	end_rig(&r);
	free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_whatever_goes_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
