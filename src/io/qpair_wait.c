/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_wait.c - waiting for completions: spinning, then giving the processor away (NVM_WAIT_POLL), or
 * sleeping until the interrupt of the completion queue.
 *
 * No completion is missed between the last look and the sleep: the eventfd is emptied first and the queue
 * looked at afterwards, so what comes later than that look makes the eventfd readable.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "controller/aq.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "io/qpair.h"
#include "nvm_queue.h"

#define NS_PER_S 1000000000U

/* Spinning for longer costs more than the sleep that it saves. */
#define MAX_SPIN_NS 50000

int nvmi_qpair_wait_init(struct nvmi_qpair *p)
{
	struct nvmi_qpair_waiting *w = &p->waiting;
	int wanted = p->options.vector;
	unsigned int vector;
	int err;

	w->fd = w->vector = p->options.vector = -1;
	if (p->options.wait == NVM_WAIT_POLL)
		return 0;
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->fd < 0)
		return nvmi_fail(errno, "no eventfd for an interrupt: %s", strerror(errno));
	err = nvmi_ctrl_take_irq(p->aq->ctrl, wanted, p->qid, w->fd, &vector);
	if (err != 0) {
		close(w->fd);
		w->fd = -1;
		return err;
	}
	w->vector = p->options.vector = (int)vector;
	return 0;
}

void nvmi_qpair_wait_fini(struct nvmi_qpair *p)
{
	if (p->waiting.fd < 0)
		return;
	nvmi_ctrl_return_irq(p->aq->ctrl, (unsigned int)p->waiting.vector);
	close(p->waiting.fd);
	p->waiting.fd = p->waiting.vector = -1;
}

int nvm_qpair_fd(const nvm_qpair_t *qp)
{
	return qp->priv->waiting.fd;
}

/* Is there something to collect? Looks after deadlines, too, when it is time. */
static bool look(struct nvmi_qpair *p)
{
	nvm_qpair_t *qp = &p->qp;

	if (qp->n_ready != 0 || nvm_cq_poll(&qp->cq) != NULL)
		return true;
	if (nvmi_now_ns() < p->recovery.look_ns)
		return false;
	nvm_qpair_tick_(qp);
	return qp->n_ready != 0;
}

static bool wait_polling(struct nvmi_qpair *p, uint64_t deadline_ns)
{
	struct nvmi_waiter waiter;

	nvmi_wait_begin(&waiter, deadline_ns);
	do
		if (look(p))
			return true;
	while (nvmi_wait_again(&waiter));
	return look(p);
}

/* For how long: about as long as the last ones have taken; not at all if that is hopeless. */
static bool spin(struct nvmi_qpair *p, uint64_t start_ns, uint64_t deadline_ns)
{
	uint64_t mean_ns = p->waiting.mean_ns;
	uint64_t spin_ns = 2 * mean_ns < MAX_SPIN_NS ? 2 * mean_ns : MAX_SPIN_NS;
	uint64_t end_ns = start_ns + spin_ns < deadline_ns ? start_ns + spin_ns : deadline_ns;

	if (mean_ns > MAX_SPIN_NS)
		return false;
	while (nvmi_now_ns() < end_ns)
		if (look(p))
			return true;
	return false;
}

/* Weighted mean of the times that waits have taken, the latest by an eighth. */
static void note_wait(struct nvmi_qpair *p, uint64_t start_ns)
{
	uint64_t ns = nvmi_now_ns() - start_ns;

	/* A long break says nothing about the disk, and would be remembered for long. */
	if (ns > 4 * MAX_SPIN_NS)
		ns = 4 * MAX_SPIN_NS;
	p->waiting.mean_ns += ns / 8;
	p->waiting.mean_ns -= p->waiting.mean_ns / 8;
}

/* From now on the eventfd becomes readable with the next completion. */
static void arm(struct nvmi_qpair *p)
{
	uint64_t count;

	/* Entries that were not given back yet may keep the controller from signalling others. */
	if (p->qp.n_unrung != 0) {
		if (p->qp.shadow)
			nvm_qpair_ring_shadow_(&p->qp, true);
		else
			nvm_cq_update(&p->qp.cq);
		p->qp.n_unrung = 0;
	}
	/* EAGAIN: it was empty. */
	if (read(p->waiting.fd, &count, sizeof(count)) < 0)
		return;
}

/* Until the interrupt, the deadline, or the time for the next look at requests in flight. */
static void sleep_on_fd(struct nvmi_qpair *p, uint64_t now_ns, uint64_t deadline_ns)
{
	struct pollfd fd = {.fd = p->waiting.fd, .events = POLLIN};
	uint64_t until_ns = deadline_ns;
	struct timespec ts;

	if (nvm_qpair_in_flight(&p->qp) != 0 && p->recovery.look_ns < until_ns)
		until_ns = p->recovery.look_ns;
	if (until_ns <= now_ns)
		return;
	until_ns -= now_ns;
	ts.tv_sec = until_ns / NS_PER_S > INT32_MAX ? INT32_MAX : (time_t)(until_ns / NS_PER_S);
	ts.tv_nsec = (long)(until_ns % NS_PER_S);
	/* A signal ends the sleep early: the caller looks again, which does no harm. */
	(void)ppoll(&fd, 1, &ts, NULL);
}

static bool wait_for_irq(struct nvmi_qpair *p, uint64_t deadline_ns)
{
	uint64_t now_ns;

	for (;;) {
		arm(p);
		if (look(p))
			return true;
		now_ns = nvmi_now_ns();
		if (now_ns >= deadline_ns)
			return false;
		sleep_on_fd(p, now_ns, deadline_ns);
	}
}

int nvm_qpair_wait(nvm_qpair_t *qp, uint64_t timeout_ms)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	uint64_t start_ns = nvmi_now_ns();
	uint64_t deadline_ns = nvmi_deadline_ns(timeout_ms);
	bool found;

	/* Where polling has got to, if a function that it calls waits. */
	qp->cq.head = (uint32_t)(qp->cqe - (const nvm_cpl_t *)(uintptr_t)qp->cq.vaddr);
	nvm_qpair_submit(qp);
	if (p->waiting.fd < 0) {
		found = wait_polling(p, deadline_ns);
	} else {
		found = p->options.wait == NVM_WAIT_ADAPTIVE && spin(p, start_ns, deadline_ns);
		found = found || wait_for_irq(p, deadline_ns);
		if (found)
			note_wait(p, start_ns);
	}
	return found ? 0
		     : nvmi_fail(ETIME, "queue %u: nothing completed within %" PRIu64 " ms", p->qid,
				 timeout_ms);
}
