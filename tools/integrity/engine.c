/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.c - moving every chunk of a range once: start the threads, show and save how far they are.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/tool.h"
#include "engine.h"
#include "lane.h"
#include "nvm_error.h"

/* How far the fastest thread may be ahead of the slowest chunk: times what is in flight. */
#define AHEAD      4

#define TICK_NS    50000000 /* look at signals and the clock */
#define SAVE_EVERY 1.0      /* seconds */

/* What is saved once it is flushed. */
struct snapshot {
	double taken;
	uint64_t position;
	struct tally tally;
	bool pending;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static bool init(struct shared *s, struct engine *e, const struct pass *pass, uint64_t position)
{
	pthread_condattr_t attr;

	*s = (struct shared){.e = e, .pass = pass, .next = position, .retired = position};
	s->window = (uint64_t)AHEAD * e->device->n_lanes * e->device->depth;
	s->outcomes = calloc(s->window, sizeof(*s->outcomes));
	if (s->outcomes == NULL)
		return false;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->moved, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->ended, &attr);
	pthread_condattr_destroy(&attr);
	return true;
}

static void fini(struct shared *s)
{
	pthread_cond_destroy(&s->ended);
	pthread_cond_destroy(&s->moved);
	pthread_mutex_destroy(&s->lock);
	for (uint64_t i = 0; i < s->window; ++i)
		tally_free(&s->outcomes[i].tally);
	free(s->outcomes);
}

/* With all signals blocked: they are for the thread that looks for them. */
static unsigned int start(struct shared *s, struct lane_thread *threads)
{
	unsigned int n = s->e->device->n_lanes, i;
	sigset_t all, before;
	int err = 0;

	s->n_running = n;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (i = 0; i < n && err == 0; ++i) {
		threads[i] = (struct lane_thread){.s = s, .lane = &s->e->device->lanes[i]};
		err = pthread_create(&threads[i].thread, NULL, lane_main, &threads[i]);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err != 0) {
		struct reason why = {"cannot start a thread: reduce --queues"};

		--i;
		lane_fail(s, &why);
		pthread_mutex_lock(&s->lock);
		s->n_running -= n - i;
		pthread_mutex_unlock(&s->lock);
	}
	return i;
}

/* With the lock held: time to remember how far we are? */
static void take_snapshot(struct shared *s, struct snapshot *snap)
{
	if (s->e->save == NULL || snap->pending || now() - snap->taken < SAVE_EVERY)
		return;
	snap->taken = now();
	snap->position = s->retired;
	snap->tally = tally_copy(s->e->tally);
	snap->pending = true;
	s->flush = s->pass->write ? FLUSH_WANTED : FLUSH_DONE;
}

/* With the lock held: what was remembered is flushed, or will not be. */
static bool snapshot_ready(struct shared *s, struct snapshot *snap, bool *drop)
{
	if (!snap->pending)
		return false;
	*drop = s->flush == FLUSH_NONE;
	return *drop || s->flush == FLUSH_DONE;
}

/* Without the lock: this writes a file. */
static void save(struct shared *s, struct snapshot *snap, bool drop)
{
	struct reason why;

	if (!drop && s->e->save(s->e->save_arg, snap->position, &snap->tally, &why) != 0)
		lane_fail(s, &why);
	tally_free(&snap->tally);
	snap->pending = false;
}

static void sleep_a_tick(struct shared *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		++until.tv_sec;
	}
	pthread_cond_timedwait(&s->ended, &s->lock, &until);
}

/* Until all threads have ended. */
static void supervise(struct shared *s)
{
	struct snapshot snap = {.taken = now()};
	uint64_t bytes;
	bool ready, drop = false;

	pthread_mutex_lock(&s->lock);
	while (s->n_running > 0) {
		sleep_a_tick(s);
		if (tool_interrupted()) {
			s->stop = true;
			pthread_cond_broadcast(&s->moved);
		}
		bytes = s->bytes;
		take_snapshot(s, &snap);
		ready = snapshot_ready(s, &snap, &drop);
		pthread_mutex_unlock(&s->lock);
		progress_update(s->e->progress, s->e->moved + bytes);
		if (ready)
			save(s, &snap, drop);
		pthread_mutex_lock(&s->lock);
	}
	s->e->moved += s->bytes;
	pthread_mutex_unlock(&s->lock);
	/* The caller saves what is true now. */
	tally_free(&snap.tally);
}

/* What was written survives a power loss from now on. */
static int flush(struct engine *e)
{
	nvm_qpair_t *qp = e->device->lanes[0].qp;
	int err = nvm_qpair_flush(qp, &e->device->ns, NULL, NULL);
	nvm_done_t done;

	if (err != 0)
		return tool_fail("cannot flush: %s", nvm_errmsg());
	while (nvm_qpair_reap(qp, &done, 1) == 0)
		nvm_qpair_wait(qp, 100);
	return done.status != 0 ? tool_fail("cannot flush: %s", nvm_strerror(done.status)) : 0;
}

int engine_run(struct engine *e, const struct pass *pass, uint64_t *position)
{
	struct lane_thread *threads = calloc(e->device->n_lanes, sizeof(*threads));
	unsigned int n;
	struct shared s;
	int status = 0;

	if (threads == NULL || !init(&s, e, pass, *position)) {
		free(threads);
		return tool_fail("out of memory");
	}
	n = start(&s, threads);
	supervise(&s);
	for (unsigned int i = 0; i < n; ++i)
		pthread_join(threads[i].thread, NULL);
	*position = s.retired;
	if (s.failed)
		status = tool_fail("%s", s.why.text);
	e->uncertain = false;
	if (pass->write && status == 0)
		e->uncertain = (status = flush(e)) != 0;
	else if (pass->write)
		/* One line about what has failed is enough. */
		e->uncertain = true;
	if (status == 0 && *position < pass->order.n)
		status = INTERRUPTED;
	fini(&s);
	free(threads);
	return status;
}
