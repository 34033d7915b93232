/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_wait_test.c - waiting for completions in every mode: none is missed, nothing is waited for longer than
 * it takes, and sleeping costs no processor.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "support/qpair_faults.h"

static const enum nvm_wait_mode modes[] = {NVM_WAIT_POLL, NVM_WAIT_IRQ, NVM_WAIT_ADAPTIVE};

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int make_with_vector(struct rig *r, nvm_qpair_t **qp, enum nvm_wait_mode wait, int vector)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;

	options.wait = wait;
	options.vector = vector;
	return nvm_qpair_create(qp, r->t.ref, &options);
}

/* One request at a time: each wait is one chance to miss a completion. */
static void no_completion_is_missed(void **state)
{
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&read=10us&jitter=40us", 30000);
	for (unsigned int m = 0; m < 3; m++) {
		nvm_qpair_t *qp = make_qpair(&r, 30000, modes[m]);
		unsigned int n_slow = 0;

		for (unsigned int i = 0; i < 1000; i++) {
			double start = seconds();
			struct entry e;

			read_block(&r, qp, &e, i % 64);
			while (e.n_done == 0) {
				assert_int_equal(nvm_qpair_wait(qp, 10000), 0);
				nvm_qpair_poll(qp, 1);
			}
			assert_int_equal(e.status, 0);
			/* Who misses one finds it at the next look for trouble. */
			n_slow += seconds() - start > 0.04;
		}
		assert_true(n_slow < 50);
		nvm_qpair_destroy(qp);
	}
	end_rig(&r);
}

/* Fewer entries than the doorbell waits for, if it could: what is held back must not hold up interrupts. */
static void queues_of_all_depths_wait(void **state)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct entry e[64];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&read=5us&jitter=20us", 30000);
	for (unsigned int m = 0; m < 3; m++) {
		for (uint32_t depth = 2; depth <= 64; depth += depth < 8 ? 1 : 19) {
			nvm_qpair_t *qp;

			options.depth = depth;
			options.wait = modes[m];
			assert_int_equal(nvm_qpair_create(&qp, r.t.ref, &options), 0);
			for (unsigned int round = 0; round < 50; round++) {
				for (unsigned int i = 0; i < depth - 1; i++)
					read_block(&r, qp, &e[i], i);
				for (unsigned int n = 0; n < depth - 1;) {
					assert_int_equal(nvm_qpair_wait(qp, 10000), 0);
					n += nvm_qpair_poll(qp, 1);
				}
			}
			nvm_qpair_destroy(qp);
		}
	}
	end_rig(&r);
}

struct worker {
	struct rig *r;
	enum nvm_wait_mode mode;
	unsigned int n_errors;
};

static void *work(void *arg)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct worker *w = arg;
	struct entry e[4];
	nvm_qpair_t *qp;

	options.wait = w->mode;
	if (nvm_qpair_create(&qp, w->r->t.ref, &options) != 0) {
		w->n_errors++;
		return NULL;
	}
	for (unsigned int round = 0; round < 300; round++) {
		unsigned int n = 0;

		for (unsigned int i = 0; i < 4; i++)
			w->n_errors += nvm_qpair_write_zeroes(qp, &w->r->ns, i, 1, false,
							      entry_done, &e[i]) != 0;
		while (n < 4 && w->n_errors == 0) {
			w->n_errors += nvm_qpair_wait(qp, 10000) != 0;
			n += nvm_qpair_poll(qp, 8);
		}
	}
	nvm_qpair_destroy(qp);
	return NULL;
}

static void queue_pairs_of_several_threads_wait_by_themselves(void **state)
{
	struct worker w[6];
	pthread_t threads[6];
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M&read=5us&jitter=20us&vectors=5", 30000);
	for (unsigned int i = 0; i < 6; i++) {
		w[i] = (struct worker){.r = &r, .mode = modes[i % 3]};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &w[i]), 0);
	}
	for (unsigned int i = 0; i < 6; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].n_errors, 0);
	}
	end_rig(&r);
}

static void a_vector_serves_one_queue_pair(void **state)
{
	nvm_qpair_t *qp[4];
	struct rig r;
	int fd;

	(void)state;
	begin_rig(&r, "emu:?size=1M&vectors=3", 30000);
	/* All three, the admin queue's last. */
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(make_with_vector(&r, &qp[i], NVM_WAIT_IRQ, -1), 0);
	assert_int_equal(make_with_vector(&r, &qp[3], NVM_WAIT_IRQ, -1), ENOSPC);
	assert_non_null(strstr(nvm_errmsg(), "NVM_WAIT_POLL"));
	assert_int_equal(make_with_vector(&r, &qp[3], NVM_WAIT_IRQ, 1), EBUSY);
	assert_int_equal(make_with_vector(&r, &qp[3], NVM_WAIT_IRQ, 3), EINVAL);
	assert_null(qp[3]);
	assert_int_equal(make_with_vector(&r, &qp[3], NVM_WAIT_POLL, -1), 0);
	for (unsigned int i = 0; i < 4; i++)
		check_data(&r, qp[i], i);
	assert_int_equal(nvm_qpair_fd(qp[3]), -1);
	assert_int_equal(nvm_ctrl_irq(r.t.ctrl, 2, -1), EBUSY);
	for (unsigned int i = 0; i < 4; i++)
		nvm_qpair_destroy(qp[i]);

	/* Given back; and what the program uses itself is not taken away from it. */
	fd = eventfd(0, 0);
	assert_int_equal(nvm_ctrl_irq(r.t.ctrl, 2, fd), 0);
	assert_int_equal(make_with_vector(&r, &qp[0], NVM_WAIT_IRQ, 2), EBUSY);
	assert_int_equal(make_with_vector(&r, &qp[0], NVM_WAIT_IRQ, 1), 0);
	assert_int_equal(make_with_vector(&r, &qp[1], NVM_WAIT_IRQ, -1), 0);
	assert_int_equal(make_with_vector(&r, &qp[2], NVM_WAIT_IRQ, -1), ENOSPC);
	assert_int_equal(nvm_ctrl_irq(r.t.ctrl, 2, -1), 0);
	assert_int_equal(make_with_vector(&r, &qp[2], NVM_WAIT_IRQ, -1), 0);
	for (unsigned int i = 0; i < 3; i++)
		nvm_qpair_destroy(qp[i]);
	close(fd);
	end_rig(&r);
}

static void waiting_ends_in_time_and_costs_no_processor(void **state)
{
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	for (unsigned int m = 0; m < 3; m++) {
		nvm_qpair_t *qp = make_qpair(&r, 30000, modes[m]);
		double start = seconds(), cpu = cpu_seconds();
		struct entry e;

		assert_int_equal(nvm_qpair_wait(qp, 300), ETIME);
		assert_true(seconds() - start >= 0.3);
		atomic_store(&r.x.delay_ns, 300000000);
		atomic_store(&r.x.delay, 1);
		read_block(&r, qp, &e, 0);
		assert_int_equal(nvm_qpair_wait(qp, 60000), 0);
		assert_true(seconds() - start < 30);
		assert_int_equal(nvm_qpair_poll(qp, 1), 1);
		assert_true(cpu_seconds() - cpu < 0.3);
		nvm_qpair_destroy(qp);
	}
	end_rig(&r);
}

static void waiting_notices_late_requests(void **state)
{
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	for (unsigned int m = 0; m < 3; m++) {
		nvm_qpair_t *qp = make_qpair(&r, 100, modes[m]);
		double start = seconds();
		struct entry e;

		atomic_store(&r.x.drop, 1);
		read_block(&r, qp, &e, 0);
		assert_int_equal(nvm_qpair_wait(qp, 60000), 0);
		assert_true(seconds() - start < 30);
		assert_int_equal(nvm_qpair_poll(qp, 1), 1);
		assert_int_equal(e.status, ETIME);
		check_data(&r, qp, m);
		nvm_qpair_destroy(qp);
	}
	end_rig(&r);
}

static void the_descriptor_becomes_readable(void **state)
{
	nvm_qpair_t *qp;
	struct pollfd fd;
	uint64_t count;
	struct rig r;

	(void)state;
	begin_rig(&r, "emu:?size=1M", 30000);
	qp = make_qpair(&r, 30000, NVM_WAIT_IRQ);
	fd = (struct pollfd){.fd = nvm_qpair_fd(qp), .events = POLLIN};
	for (unsigned int i = 0; i < 100; i++) {
		struct entry e;

		assert_int_equal(nvm_qpair_wait(qp, 0), ETIME);
		assert_int_equal(poll(&fd, 1, 0), 0);
		atomic_store(&r.x.delay_ns, 1000000);
		atomic_store(&r.x.delay, i % 2 == 0);
		read_block(&r, qp, &e, i);
		if (nvm_qpair_wait(qp, 0) != 0) {
			assert_int_equal(poll(&fd, 1, 10000), 1);
			assert_int_equal(read(fd.fd, &count, sizeof(count)), sizeof(count));
		}
		assert_int_equal(nvm_qpair_poll(qp, 8), 1);
		assert_int_equal(e.status, 0);
	}
	nvm_qpair_destroy(qp);
	end_rig(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_completion_is_missed),
		cmocka_unit_test(queues_of_all_depths_wait),
		cmocka_unit_test(queue_pairs_of_several_threads_wait_by_themselves),
		cmocka_unit_test(a_vector_serves_one_queue_pair),
		cmocka_unit_test(waiting_ends_in_time_and_costs_no_processor),
		cmocka_unit_test(waiting_notices_late_requests),
		cmocka_unit_test(the_descriptor_becomes_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
