/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lane.c - a thread that moves chunks through a queue pair of its own, as many at once as it may.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lane.h"
#include "nvm_error.h"

/* Completions taken at once. */
#define BATCH 32

/* How long to wait for one before looking whether there is something else to do, ms. */
#define WAIT_MS 100

/* A chunk on its way; @index numbers its part of the lane's buffer. */
struct request {
	struct request *next; /* free, or ready to be submitted */
	size_t index;
	uint64_t position;
	uint64_t lba;
	uint32_t n_blocks;
};

struct worker {
	struct shared *s;
	struct lane *lane;
	struct request *requests;
	struct request *free;
	struct request *ready; /* the queue had no room for it */
	unsigned int n_busy;
	bool ended; /* there is nothing more to begin */
};

void lane_fail(struct shared *s, const struct reason *why)
{
	pthread_mutex_lock(&s->lock);
	if (!s->failed)
		s->why = *why;
	s->failed = true;
	s->stop = true;
	pthread_cond_broadcast(&s->moved);
	pthread_mutex_unlock(&s->lock);
}

uint32_t lane_chunk(const struct shared *s, uint64_t position, uint64_t *lba)
{
	uint32_t chunk = s->e->device->chunk;
	uint64_t first = order_at(&s->pass->order, position) * chunk;
	uint64_t left = s->pass->n_blocks - first;

	*lba = s->pass->lba + first;
	return left < chunk ? (uint32_t)left : chunk;
}

static void fail_chunk(struct worker *w, const struct request *r, const char *why)
{
	struct reason reason;

	snprintf(reason.text, sizeof(reason.text),
		 "cannot %s %" PRIu32 " blocks from block %" PRIu64 " on: %s",
		 w->s->pass->write ? "write" : "read", r->n_blocks, r->lba, why);
	lane_fail(w->s, &reason);
}

static unsigned char *data_of(const struct worker *w, const struct request *r)
{
	return (unsigned char *)w->lane->dma->vaddr + r->index * w->s->e->device->stride;
}

static void release(struct worker *w, struct request *r)
{
	r->next = w->free;
	w->free = r;
}

/* A chunk is done. All that are done without a gap are counted, in their order. */
static void retire(struct shared *s, const struct request *r, struct tally *tally)
{
	struct outcome *o;

	pthread_mutex_lock(&s->lock);
	s->bytes += r->n_blocks * s->e->device->block_size;
	o = &s->outcomes[r->position % s->window];
	o->tally = *tally;
	o->done = true;
	for (o = &s->outcomes[s->retired % s->window]; o->done;
	     o = &s->outcomes[s->retired % s->window]) {
		tally_merge(s->e->tally, &o->tally);
		o->done = false;
		++s->retired;
		pthread_cond_broadcast(&s->moved);
	}
	pthread_mutex_unlock(&s->lock);
}

/* Submit a request that is prepared. False if there was no room, or it has failed. */
static bool submit(struct worker *w, struct request *r)
{
	const struct device *d = w->s->e->device;
	size_t offset = r->index * d->stride;
	int err;

	if (w->s->pass->write)
		err = nvm_qpair_write(w->lane->qp, &d->ns, w->lane->buf, offset, r->lba,
				      r->n_blocks, NULL, r);
	else
		err = nvm_qpair_read(w->lane->qp, &d->ns, w->lane->buf, offset, r->lba, r->n_blocks,
				     NULL, r);
	if (err == 0) {
		++w->n_busy;
		return true;
	}
	if (err == EAGAIN && w->n_busy > 0) {
		w->ready = r;
		return false;
	}
	fail_chunk(w, r, nvm_errmsg());
	release(w, r);
	return false;
}

static bool prepare(struct worker *w, struct request *r)
{
	const struct pass *pass = w->s->pass;
	struct reason why;

	r->n_blocks = lane_chunk(w->s, r->position, &r->lba);
	if (!pass->write)
		return true;
	if (pass->content(pass->arg, data_of(w, r), r->lba, r->n_blocks, NULL, &why) == 0)
		return true;
	lane_fail(w->s, &why);
	release(w, r);
	return false;
}

/*
 * The next position, if there is one to be had. With nothing else to do, wait until there is, or
 * never will be.
 */
static bool take(struct worker *w, uint64_t *position)
{
	struct shared *s = w->s;
	bool taken = false;

	pthread_mutex_lock(&s->lock);
	while (w->n_busy == 0 && !s->stop && s->next < s->pass->order.n &&
	       s->next >= s->retired + s->window)
		pthread_cond_wait(&s->moved, &s->lock);
	w->ended = s->stop || s->next >= s->pass->order.n;
	if (!w->ended && s->next < s->retired + s->window) {
		*position = s->next++;
		taken = true;
	}
	pthread_mutex_unlock(&s->lock);
	return taken;
}

static void set_flush(struct shared *s, enum flush_state from, enum flush_state to, bool *changed)
{
	pthread_mutex_lock(&s->lock);
	*changed = s->flush == from;
	if (*changed)
		s->flush = to;
	pthread_mutex_unlock(&s->lock);
}

/* Whoever saves how far we are wants to have it for certain. */
static void flush_if_wanted(struct worker *w)
{
	bool mine;
	int err;

	if (!w->s->pass->write)
		return;
	set_flush(w->s, FLUSH_WANTED, FLUSH_BUSY, &mine);
	if (!mine)
		return;
	err = nvm_qpair_flush(w->lane->qp, &w->s->e->device->ns, NULL, w);
	if (err == 0)
		++w->n_busy;
	else
		/* Later; what is really wrong will be said by the next write. */
		set_flush(w->s, FLUSH_BUSY, err == EAGAIN ? FLUSH_WANTED : FLUSH_NONE, &mine);
}

static void end_flush(struct worker *w, int status)
{
	struct reason why;
	bool changed;

	set_flush(w->s, FLUSH_BUSY, status == 0 ? FLUSH_DONE : FLUSH_NONE, &changed);
	if (status == 0)
		return;
	snprintf(why.text, sizeof(why.text), "cannot flush: %s", nvm_strerror(status));
	lane_fail(w->s, &why);
}

static void begin(struct worker *w)
{
	struct request *r;

	flush_if_wanted(w);
	r = w->ready;
	if (r != NULL) {
		w->ready = NULL;
		if (!submit(w, r))
			return;
	}
	while (w->free != NULL && !w->ended) {
		r = w->free;
		if (!take(w, &r->position))
			return;
		w->free = r->next;
		if (prepare(w, r) && !submit(w, r))
			return;
	}
}

/* What the disk has refused, and may refuse: no errno, after which nothing works. */
static void count_failed(const struct worker *w, const struct request *r, int status,
			 struct tally *tally)
{
	struct finding f = {.lba = r->lba, .verdict = FAILED};

	snprintf(f.text, sizeof(f.text), "%" PRIu32 " blocks cannot be %s: %s", r->n_blocks,
		 w->s->pass->write ? "written" : "read", nvm_strerror(status));
	tally_add(tally, &f, r->n_blocks);
}

static void finish(struct worker *w, struct request *r, int status)
{
	const struct pass *pass = w->s->pass;
	struct tally tally;
	struct reason why;
	int err = 0;

	tally_init(&tally, w->s->e->tally->max);
	if (status < 0 && w->s->e->keep_going) {
		count_failed(w, r, status, &tally);
	} else if (status != 0) {
		fail_chunk(w, r, nvm_strerror(status));
		err = status;
	} else if (pass->write) {
		tally.n_written = r->n_blocks;
	} else {
		err = pass->content(pass->arg, data_of(w, r), r->lba, r->n_blocks, &tally, &why);
		if (err != 0)
			lane_fail(w->s, &why);
	}
	if (err == 0)
		retire(w->s, r, &tally);
	else
		tally_free(&tally);
	release(w, r);
}

static void collect(struct worker *w)
{
	nvm_done_t done[BATCH];
	uint32_t n = nvm_qpair_reap(w->lane->qp, done, BATCH);

	if (n == 0)
		nvm_qpair_wait(w->lane->qp, WAIT_MS);
	for (uint32_t i = 0; i < n; ++i) {
		--w->n_busy;
		if (done[i].arg == w)
			end_flush(w, done[i].status);
		else
			finish(w, done[i].arg, done[i].status);
	}
}

static void work(struct worker *w)
{
	unsigned int depth = w->s->e->device->depth;

	for (unsigned int i = depth; i > 0; --i) {
		w->requests[i - 1].index = i - 1;
		release(w, &w->requests[i - 1]);
	}
	while (!w->ended || w->n_busy > 0 || w->ready != NULL) {
		nvm_qpair_plug(w->lane->qp);
		begin(w);
		nvm_qpair_unplug(w->lane->qp);
		if (w->n_busy > 0)
			collect(w);
	}
}

void *lane_main(void *arg)
{
	struct lane_thread *t = arg;
	struct shared *s = t->s;
	struct worker w = {.s = s, .lane = t->lane};
	struct reason no_memory = {"out of memory"};

	w.requests = calloc(s->e->device->depth, sizeof(*w.requests));
	if (w.requests != NULL)
		work(&w);
	else
		lane_fail(s, &no_memory);
	free(w.requests);
	pthread_mutex_lock(&s->lock);
	if (--s->n_running == 0)
		pthread_cond_signal(&s->ended);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
