/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_wait_test.c - sleeping until an interrupt without missing one, against a thread that posts completions
 * at the worst moments; and which vector a queue pair gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "controller/controller.h"
#include "controller/wait.h"
#include "io/qpair.h"
#include "nvm_ctrl.h"
#include "nvm_error.h"
#include "nvm_queue.h"
#include "support/fake_ctrl.h"

#define DEPTH 4
#define COUNT 20000

/* A queue pair without a controller: a ring, a doorbell and an eventfd. */
struct bench {
	struct nvmi_qpair p;
	nvm_cpl_t ring[DEPTH];
	uint32_t db, sq_db;
	atomic_uint n_asked;
};

static struct bench *make_bench(enum nvm_wait_mode mode)
{
	struct bench *b = aligned_alloc(64, (sizeof(*b) + 63) / 64 * 64);
	nvm_qpair_t *qp;

	assert_non_null(b);
	memset(b, 0, sizeof(*b));
	qp = &b->p.qp;
	qp->priv = &b->p;
	qp->cq.vaddr = b->ring;
	qp->cq.db = &b->db;
	qp->sq.db = &b->sq_db;
	qp->cq.max_entries = DEPTH;
	qp->cq.phase = 1;
	nvm_qpair_reload_(qp);
	b->p.depth = DEPTH;
	/* Nobody looks after deadlines here, which would find what was missed. */
	qp->next_tick = UINT64_MAX;
	b->p.recovery.look_ns = UINT64_MAX;
	b->p.options.wait = mode;
	b->p.waiting.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(b->p.waiting.fd >= 0);
	return b;
}

static void free_bench(struct bench *b)
{
	close(b->p.waiting.fd);
	free(b);
}

/*
 * Posts a completion some time, at random, after it has been asked to: before the host looks, while it goes to sleep,
 * when it sleeps. The ring has no room for more than a few that were not given back.
 */
static void *device(void *arg)
{
	struct bench *b = arg;
	uint32_t random = 1;

	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t phase = i / DEPTH % 2 == 0;
		uint64_t one = 1;

		while (atomic_load(&b->n_asked) <= i ||
		       (i - __atomic_load_n(&b->db, __ATOMIC_ACQUIRE)) % DEPTH == DEPTH - 1)
			;
		random = random * 1664525 + 1013904223;
		for (volatile uint32_t spin = random >> 20; spin > 0;)
			spin = spin - 1;
		__atomic_store_n(&b->ring[i % DEPTH].dword[3], phase << 16 | (i & 0xff),
				 __ATOMIC_RELEASE);
		if (write(b->p.waiting.fd, &one, sizeof(one)) != sizeof(one))
			return (void *)1;
	}
	return NULL;
}

static void check_no_wake_up_is_lost(enum nvm_wait_mode mode)
{
	struct bench *b = make_bench(mode);
	pthread_t thread;
	void *failed;

	assert_int_equal(pthread_create(&thread, NULL, device, b), 0);
	for (uint32_t i = 0; i < COUNT; i++) {
		const nvm_cpl_t *cpl;

		atomic_store(&b->n_asked, i + 1);
		/* Also rings the doorbell for what was taken, which the device waits for in the end. */
		assert_int_equal(nvm_qpair_wait(&b->p.qp, 20000), 0);
		cpl = nvm_cq_dequeue(&b->p.qp.cq);
		assert_non_null(cpl);
		assert_int_equal(cpl->dword[3] & 0xffff, i & 0xff);
		nvm_qpair_reload_(&b->p.qp);
		b->p.qp.n_unrung++;
	}
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	free_bench(b);
}

static void no_wake_up_is_lost(void **state)
{
	(void)state;
	check_no_wake_up_is_lost(NVM_WAIT_IRQ);
	check_no_wake_up_is_lost(NVM_WAIT_ADAPTIVE);
}

/* What comes at the worst moment: before the call that is told, a completion is posted. */
static struct bench *at_read, *at_sleep;

static void post(struct bench **at)
{
	struct bench *b = *at;
	uint64_t one = 1;

	*at = NULL;
	if (b == NULL)
		return;
	__atomic_store_n(&b->ring[0].dword[3], 1U << 16 | 5, __ATOMIC_RELEASE);
	assert_int_equal(write(b->p.waiting.fd, &one, sizeof(one)), sizeof(one));
}

/* In place of the C library's, in this program. */
ssize_t read(int fd, void *buffer, size_t size)
{
	if (at_read != NULL && fd == at_read->p.waiting.fd)
		post(&at_read);
	return syscall(SYS_read, fd, buffer, size);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec copy = *timeout;

	post(&at_sleep);
	return (int)syscall(SYS_ppoll, fds, n, &copy, mask, _NSIG / 8);
}

static void check_moment(struct bench **at)
{
	struct bench *b = make_bench(NVM_WAIT_IRQ);
	uint64_t start = nvmi_now_ns();

	*at = b;
	assert_int_equal(nvm_qpair_wait(&b->p.qp, 5000), 0);
	assert_null(*at);
	assert_true(nvmi_now_ns() - start < 4000000000ULL);
	assert_non_null(nvm_cq_dequeue(&b->p.qp.cq));
	free_bench(b);
}

static void a_completion_while_the_interrupt_is_being_armed_is_seen(void **state)
{
	(void)state;
	check_moment(&at_read);
	check_moment(&at_sleep);
}

static void an_interrupt_without_a_completion_is_not_one(void **state)
{
	struct bench *b = make_bench(NVM_WAIT_IRQ);
	uint64_t start = nvmi_now_ns(), one = 1;

	(void)state;
	assert_int_equal(write(b->p.waiting.fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(nvm_qpair_wait(&b->p.qp, 50), ETIME);
	assert_true(nvmi_now_ns() - start >= 50000000);
	assert_non_null(strstr(nvm_errmsg(), "50 ms"));
	free_bench(b);
}

static nvm_ctrl_t *fake_open(struct fake_ctrl *f, unsigned int n_irqs)
{
	nvm_ctrl_t *ctrl;

	fake_init(f);
	f->be.n_irqs = n_irqs;
	assert_int_equal(nvmi_ctrl_new(&ctrl, &f->be, NULL), 0);
	return ctrl;
}

static void vectors_are_given_out_one_by_one(void **state)
{
	struct fake_ctrl fake;
	nvm_ctrl_t *ctrl = fake_open(&fake, 4);
	struct nvmi_ctrl *c = nvmi_ctrl_of(ctrl);
	unsigned int vector[5];

	(void)state;
	/* The preferred one, then any, the admin queue's last. */
	assert_int_equal(nvmi_ctrl_take_irq(c, -1, 2, 10, &vector[0]), 0);
	assert_int_equal(vector[0], 2);
	assert_int_equal(fake.irq_eventfd, 10);
	assert_int_equal(nvmi_ctrl_take_irq(c, -1, 2, 11, &vector[1]), 0);
	assert_int_equal(vector[1], 1);
	assert_int_equal(nvmi_ctrl_take_irq(c, -1, 100, 12, &vector[2]), 0);
	assert_int_equal(vector[2], 3);
	assert_int_equal(nvmi_ctrl_take_irq(c, -1, 100, 13, &vector[3]), 0);
	assert_int_equal(vector[3], 0);
	assert_int_equal(nvmi_ctrl_take_irq(c, -1, 100, 14, &vector[4]), ENOSPC);
	assert_int_equal(nvmi_ctrl_take_irq(c, 3, 0, 14, &vector[4]), EBUSY);
	assert_int_equal(nvmi_ctrl_take_irq(c, 4, 0, 14, &vector[4]), EINVAL);
	assert_int_equal(nvm_ctrl_irq(ctrl, 3, 14), EBUSY);

	nvmi_ctrl_return_irq(c, 3);
	assert_int_equal(fake.irq_vector, 3);
	assert_int_equal(fake.irq_eventfd, -1);
	assert_int_equal(nvm_ctrl_irq(ctrl, 3, 14), 0);
	assert_int_equal(nvmi_ctrl_take_irq(c, -1, 3, 15, &vector[4]), ENOSPC);
	assert_int_equal(nvm_ctrl_irq(ctrl, 3, -1), 0);
	assert_int_equal(nvmi_ctrl_take_irq(c, 3, 0, 15, &vector[4]), 0);
	nvm_ctrl_free(ctrl);
}

static void a_controller_without_interrupts_says_so(void **state)
{
	struct fake_ctrl fake;
	nvm_ctrl_t *ctrl = fake_open(&fake, 0);
	unsigned int vector;

	(void)state;
	assert_int_equal(nvmi_ctrl_take_irq(nvmi_ctrl_of(ctrl), -1, 1, 10, &vector), ENOTSUP);
	nvm_ctrl_free(ctrl);
	ctrl = fake_open(&fake, 100000);
	assert_int_equal(nvm_ctrl_n_irqs(ctrl), 2048);
	assert_int_equal(nvmi_ctrl_take_irq(nvmi_ctrl_of(ctrl), 2047, 1, 10, &vector), 0);
	assert_int_equal(nvmi_ctrl_take_irq(nvmi_ctrl_of(ctrl), 2048, 1, 10, &vector), EINVAL);
	nvm_ctrl_free(ctrl);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wake_up_is_lost),
		cmocka_unit_test(a_completion_while_the_interrupt_is_being_armed_is_seen),
		cmocka_unit_test(an_interrupt_without_a_completion_is_not_one),
		cmocka_unit_test(vectors_are_given_out_one_by_one),
		cmocka_unit_test(a_controller_without_interrupts_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
