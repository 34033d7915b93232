/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command.c - commands of a worker: submitted, collected, timed and checked.
 *
 * Completions are reaped into an array, and those found at once share one reading of the clock: that
 * costs less than the error it makes.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "nvm_error.h"

#define BATCH 32
/* Let somebody else run after so many polls in vain: the software controller may share this CPU. */
#define POLLS_BEFORE_YIELD 256

static struct failure *first_failure(struct worker *w)
{
	return w->tally.errors++ == 0 ? &w->tally.failure : NULL;
}

static void failed(struct worker *w, const struct command *c, const char *cause)
{
	struct failure *f = first_failure(w);

	if (f == NULL)
		return;
	f->when = clock_now(&w->bench->clock);
	snprintf(f->text, sizeof(f->text),
		 "%s of %" PRIu32 " blocks from block %" PRIu64 " on, queue %u: %s",
		 c->write ? "write" : "read", c->n_blocks, c->lba, (unsigned int)w->spec->no,
		 cause);
}

void command_failed(struct worker *w, const char *what, int status)
{
	struct failure *f = first_failure(w);

	if (f == NULL)
		return;
	f->when = clock_now(&w->bench->clock);
	snprintf(f->text, sizeof(f->text), "%s, queue %u: %s", what, (unsigned int)w->spec->no,
		 status > 0 && nvm_errmsg()[0] != '\0' ? nvm_errmsg() : nvm_strerror(status));
}

/* Does the next command of a mix read? */
static bool mix_reads(struct worker *w)
{
	uint64_t x = w->mix_state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (x >> 32) * 100 >> 32 < (uint64_t)w->bench->args->rwmix;
}

static uint64_t generation_of(const struct bench *b, uint64_t pass)
{
	return b->generation + pass;
}

static unsigned char *data_of(const struct worker *w, const struct command *c)
{
	return (unsigned char *)w->buf->vaddr + c->offset;
}

/* What the input file has for these blocks. */
static const unsigned char *input_of(const struct bench *b, const struct command *c)
{
	return b->input + (c->lba - b->first) * b->block_size;
}

static void prepare_data(struct worker *w, const struct command *c, uint64_t pass)
{
	const struct bench *b = w->bench;

	if (b->input != NULL)
		memcpy(data_of(w, c), input_of(b, c), c->n_blocks * b->block_size);
	else if (b->args->verify != VERIFY_NO)
		verify_fill(data_of(w, c), b->block_size, c->lba, c->n_blocks, b->args->seed,
			    generation_of(b, pass));
}

static void command_next(struct worker *w, struct command *c)
{
	const struct bench *b = w->bench;
	struct access a = pattern_next(&w->pattern);

	c->lba = a.lba;
	c->n_blocks = a.n_blocks;
	c->write = w->operation == OPERATION_WRITE ||
		   (w->operation == OPERATION_MIXED && !mix_reads(w));
	c->counted = w->recording;
	if (!c->write)
		return;
	w->last_pass_written = a.pass;
	if (b->input != NULL || b->args->verify != VERIFY_NO)
		prepare_data(w, c, a.pass);
}

void command_submit(struct worker *w, uint64_t start)
{
	const struct bench *b = w->bench;
	struct command *c = &w->commands[w->unused[--w->n_unused]];
	int err;

	command_next(w, c);
	++w->submitted;
	/* Making data takes time that is not the disk's; a start that was meant stays. */
	c->start = start != 0 ? start : clock_now(&b->clock);
	if (c->write)
		err = nvm_qpair_write(w->qp, &b->ns, w->buf, c->offset, c->lba, c->n_blocks, NULL,
				      c);
	else
		err = nvm_qpair_read(w->qp, &b->ns, w->buf, c->offset, c->lba, c->n_blocks, NULL,
				     c);
	if (__builtin_expect(err == 0, 1))
		return;
	failed(w, c, nvm_errmsg());
	w->unused[w->n_unused++] = c->slot;
	++w->event_errors;
	/* What is refused once is refused again. */
	w->broken = err;
}

void command_start_all(struct worker *w, uint64_t start)
{
	/* What was taken off the stack of unused ones still lies above its top. */
	for (uint32_t i = w->n_unused; i < w->depth; ++i)
		w->commands[w->unused[i]].start = start;
}

/* Did a read bring what it should? */
static bool data_is_right(struct worker *w, const struct command *c)
{
	const struct bench *b = w->bench;
	struct verify_want want = {b->args->seed, 0, UINT64_MAX};
	char text[200];

	if (b->input != NULL) {
		if (memcmp(data_of(w, c), input_of(b, c), c->n_blocks * b->block_size) == 0)
			return true;
		failed(w, c, "the data differs from the input file");
		return false;
	}
	if (b->args->verify == VERIFY_WRITTEN) {
		want.first_generation = generation_of(b, w->first_pass_kept);
		want.last_generation = generation_of(b, w->last_pass_written);
	}
	/* With several queues on the same blocks, whoever was last is right. */
	if (b->args->verify == VERIFY_WRITTEN && b->args->parallel && b->n_workers > 1) {
		want.first_generation = b->generation;
		want.last_generation = UINT64_MAX;
	}
	if (verify_check(data_of(w, c), b->block_size, c->lba, c->n_blocks, &want, text,
			 sizeof(text)) == 0)
		return true;
	failed(w, c, text);
	return false;
}

static void record(struct worker *w, const struct command *c, uint64_t now)
{
	struct tally *t = &w->tally;
	uint64_t ns = clock_ns(&w->bench->clock, now > c->start ? now - c->start : 0);

	histogram_record(t->latency[c->write], ns);
	++t->commands[c->write];
	t->blocks[c->write] += c->n_blocks;
	++w->event.commands;
	w->event.blocks += c->n_blocks;
}

static void complete(struct worker *w, const nvm_done_t *done, uint64_t now)
{
	struct command *c = done->arg;

	w->unused[w->n_unused++] = c->slot;
	if (__builtin_expect(done->status != 0, 0)) {
		failed(w, c, nvm_strerror(done->status));
		++w->event_errors;
		/* The queue gave it up, or is gone: the next one would wait as long. */
		if (done->status > 0)
			w->broken = done->status;
	} else if (w->bench->args->verify != VERIFY_NO && !c->write && !data_is_right(w, c)) {
		++w->event_errors;
	} else if (c->counted) {
		record(w, c, now);
	}
}

/* Who watches may know. */
static void tell(struct worker *w)
{
	const struct tally *t = &w->tally;
	uint64_t ns = 0;

	for (int i = 0; i < 2; ++i)
		if (t->latency[i] != NULL)
			ns += t->latency[i]->sum;
	atomic_store_explicit(&w->seen_commands, t->commands[0] + t->commands[1],
			      memory_order_relaxed);
	atomic_store_explicit(&w->seen_ns, ns, memory_order_relaxed);
}

static void wait_for_some(struct worker *w)
{
	if (w->bench->args->wait != NVM_WAIT_POLL) {
		nvm_qpair_wait(w->qp, w->wait_ms);
		return;
	}
	if (++w->n_empty < POLLS_BEFORE_YIELD)
		return;
	w->n_empty = 0;
	sched_yield();
}

uint32_t command_collect(struct worker *w)
{
	nvm_done_t done[BATCH];
	uint32_t n = nvm_qpair_reap(w->qp, done, BATCH);
	uint64_t now;

	if (n == 0) {
		if (command_in_flight(w) != 0)
			wait_for_some(w);
		return 0;
	}
	w->n_empty = 0;
	now = clock_now(&w->bench->clock);
	w->last_completion = now;
	for (uint32_t i = 0; i < n; ++i)
		complete(w, &done[i], now);
	tell(w);
	return n;
}

void command_drain(struct worker *w)
{
	while (command_in_flight(w) != 0)
		command_collect(w);
}

void command_flush(struct worker *w)
{
	nvm_done_t done;
	int err = w->broken;

	if (err != 0)
		return;
	err = nvm_qpair_flush(w->qp, &w->bench->ns, NULL, NULL);
	if (err == 0) {
		while (nvm_qpair_reap(w->qp, &done, 1) == 0)
			wait_for_some(w);
		err = done.status;
	}
	if (err != 0)
		command_failed(w, "flush", err);
}

/*
 * Everything that is done for a command except handing it over and looking for its completion. What it
 * records is thrown away.
 */
double command_overhead(struct worker *w)
{
	enum {
		N = 20000
	};
	const struct pattern pattern = w->pattern;
	const struct tally tally = w->tally;
	struct histogram *h = malloc(sizeof(*h));
	uint64_t begin;

	if (h == NULL)
		return 0;
	histogram_clear(h);
	w->tally = (struct tally){.latency = {h, h}};
	begin = clock_monotonic();
	for (int i = 0; i < N; ++i) {
		struct command *c = &w->commands[w->unused[--w->n_unused]];
		struct access a = pattern_next(&w->pattern);

		c->lba = a.lba;
		c->n_blocks = a.n_blocks;
		c->start = clock_now(&w->bench->clock);
		record(w, c, clock_now(&w->bench->clock));
		w->unused[w->n_unused++] = c->slot;
	}
	w->pattern = pattern;
	w->tally = tally;
	free(h);
	return (double)(clock_monotonic() - begin) / N;
}
