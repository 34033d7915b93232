/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * work.c - what a worker does in a phase.
 *
 * As in 2018, passes are made by all workers together, and a queue is filled and emptied again
 * (latency), or kept full until the end of the pass (bandwidth). For a time, at a rate, or with reads and
 * writes mixed, a queue is kept full, or on time, without regard to passes.
 */
#include <errno.h>

#include "bench.h"
#include "cpus.h"

/* Where there are no passes, this is measured together, ns. */
#define EVENT_NS 100000000U
/* Longest wait without a look at whether it is time to end, ms. */
#define WAIT_MS 100

static bool told_to_stop(const struct worker *w)
{
	return w->broken != 0 || atomic_load_explicit(&w->bench->stop, memory_order_relaxed);
}

static void event_begin(struct worker *w)
{
	w->event = (struct event){0};
	w->event_errors = 0;
}

/* Of @ticks. Nothing was measured if a command failed: part of the time is its own. */
static void event_end(struct worker *w, uint64_t ticks)
{
	w->event.ns = clock_ns(&w->bench->clock, ticks);
	if (w->recording)
		w->tally.measured_ns += w->event.ns;
	if (w->recording && w->event.commands != 0 && w->event_errors == 0)
		events_record(&w->tally.events, &w->event);
}

/* Fill the queue, hand it over at once, wait until it is empty, and again. */
static void pass_by_windows(struct worker *w)
{
	uint64_t left = w->pattern.length;
	uint64_t commands = 0, blocks = 0;

	while (left > 0 && !told_to_stop(w)) {
		uint64_t start;

		event_begin(w);
		nvm_qpair_plug(w->qp);
		for (; left > 0 && w->n_unused > 0 && w->broken == 0; --left)
			command_submit(w, 1);
		start = clock_now(&w->bench->clock);
		command_start_all(w, start);
		w->last_completion = start;
		nvm_qpair_unplug(w->qp);
		command_drain(w);
		event_end(w, w->last_completion - start);
		commands += w->event.commands;
		blocks += w->event.blocks;
	}
	/* Of the whole pass, for the aggregation. */
	w->event.commands = commands;
	w->event.blocks = blocks;
}

/* Submit as long as there is room. Return: commands submitted. */
static uint64_t fill_queue(struct worker *w, uint64_t limit)
{
	uint64_t n = 0;

	if (w->n_unused == 0 || limit == 0)
		return 0;
	nvm_qpair_plug(w->qp);
	for (; n < limit && w->n_unused > 0 && !told_to_stop(w); ++n)
		command_submit(w, 0);
	nvm_qpair_unplug(w->qp);
	return n;
}

/* Keep the queue full until the end of the pass. */
static void pass_at_once(struct worker *w)
{
	uint64_t left = w->pattern.length;
	uint64_t start = clock_now(&w->bench->clock);

	event_begin(w);
	w->last_completion = start;
	while ((left > 0 && !told_to_stop(w)) || command_in_flight(w) != 0) {
		left -= fill_queue(w, left);
		command_collect(w);
	}
	event_end(w, w->last_completion - start);
}

static void aggregate(struct bench *b, uint64_t ticks)
{
	struct event all = {.ns = clock_ns(&b->clock, ticks)};

	for (size_t i = 0; i < b->n_workers; ++i) {
		all.commands += b->workers[i].event.commands;
		all.blocks += b->workers[i].event.blocks;
	}
	if (all.commands != 0)
		events_record(&b->phases[b->n_phases].aggregated, &all);
}

/* All workers begin and end each pass together; the first one decides and takes the time. */
static void passes(struct worker *w)
{
	struct bench *b = w->bench;
	bool first = w->index == 0;

	for (uint64_t i = 0;; ++i) {
		uint64_t start;

		if (first)
			b->together = i < b->args->iterations && !atomic_load(&b->stop);
		pthread_barrier_wait(&b->barrier);
		if (!b->together)
			break;
		start = clock_now(&b->clock);
		if (b->args->bandwidth)
			pass_at_once(w);
		else
			pass_by_windows(w);
		if (w->broken != 0)
			atomic_store(&b->stop, true);
		pthread_barrier_wait(&b->barrier);
		if (first)
			aggregate(b, clock_now(&b->clock) - start);
		/* As in 2018: what was written is on the disk, but that is not measured. */
		if (w->operation == OPERATION_WRITE)
			command_flush(w);
	}
}

/* When commands are due at a rate: this worker's are evenly spread between those of the others. */
struct schedule {
	bool open;       /* there is one */
	double first;    /* ticks */
	double interval; /* ticks */
	uint64_t n;      /* commands that were due so far */
};

static void schedule_begin(struct schedule *s, const struct worker *w, uint64_t now)
{
	const struct bench *b = w->bench;
	double all;

	*s = (struct schedule){.open = b->args->rate != 0};
	if (!s->open)
		return;
	all = (double)clock_ticks(&b->clock, 1000000000U) / (double)b->args->rate;
	s->interval = all * (double)b->n_workers;
	s->first = (double)now + all * (double)w->index;
}

static uint64_t schedule_due(const struct schedule *s)
{
	return (uint64_t)(s->first + (double)s->n * s->interval);
}

/* Of those due until @end, how many were not started? */
static uint64_t schedule_missed(const struct schedule *s, uint64_t end)
{
	double n = s->open ? ((double)end - s->first) / s->interval : 0;

	return n > (double)s->n ? (uint64_t)n - s->n : 0;
}

/*
 * Data of a pass and of the next one must not be in flight at once if it matters which of them is on
 * the disk in the end.
 */
static bool held_back(const struct worker *w)
{
	return w->operation != OPERATION_READ && w->bench->args->verify != VERIFY_NO &&
	       w->pattern.position == 0 && command_in_flight(w) != 0;
}

static uint64_t commands_until_held_back(const struct worker *w, uint64_t limit)
{
	uint64_t left = w->pattern.length - w->pattern.position;

	if (held_back(w))
		return 0;
	if (w->operation == OPERATION_READ || w->bench->args->verify == VERIFY_NO)
		return limit;
	return limit < left ? limit : left;
}

/* Start what is due; what finds no room starts later, but counts from when it was due. */
static void start_due(struct worker *w, struct schedule *s, uint64_t limit, uint64_t now)
{
	uint64_t due;

	limit = commands_until_held_back(w, limit);
	if (!s->open) {
		fill_queue(w, limit);
		return;
	}
	nvm_qpair_plug(w->qp);
	for (due = schedule_due(s); limit > 0 && w->n_unused > 0 && due <= now && !told_to_stop(w);
	     due = schedule_due(s)) {
		command_submit(w, due);
		++s->n;
		--limit;
	}
	nvm_qpair_unplug(w->qp);
	w->wait_ms = WAIT_MS;
	if (w->n_unused > 0 && limit > 0) {
		uint64_t ms = due > now ? clock_ns(&w->bench->clock, due - now) / 1000000U : 0;

		w->wait_ms = ms < WAIT_MS ? ms : WAIT_MS;
	}
}

/* Sleep until a command is due, if interrupts are used and nothing else is to be waited for. */
static void sleep_until_due(const struct worker *w, const struct schedule *s, uint64_t now)
{
	uint64_t due = schedule_due(s);
	struct timespec ts = {0};

	if (!s->open || w->bench->args->wait == NVM_WAIT_POLL || due <= now)
		return;
	due = clock_ns(&w->bench->clock, due - now);
	ts.tv_nsec = due < 10000000U ? (long)due : 10000000L;
	nanosleep(&ts, NULL);
}

struct limits {
	uint64_t ticks;    /* 0 = none */
	uint64_t commands; /* UINT64_MAX = none */
	bool cover;        /* though the time is up: until every block was accessed */
};

/* The end of an event where there are no passes. */
static uint64_t cut_event(struct worker *w, uint64_t since, uint64_t now)
{
	w->event_errors = 0;
	event_end(w, now - since);
	event_begin(w);
	return now;
}

static void continuous(struct worker *w, const struct limits *limits)
{
	const struct bench_clock *clock = &w->bench->clock;
	uint64_t now = clock_now(clock);
	uint64_t end = limits->ticks != 0 ? now + limits->ticks : UINT64_MAX;
	uint64_t length = clock_ticks(clock, EVENT_NS), since = now;
	uint64_t first_pass = w->pattern.pass, first_command = w->submitted;
	struct schedule schedule;
	uint64_t left;

	schedule_begin(&schedule, w, now);
	event_begin(w);
	for (;; now = clock_now(clock)) {
		bool covered = !limits->cover || w->pattern.pass != first_pass;

		left = limits->commands - (w->submitted - first_command);
		if (told_to_stop(w) || left == 0 || (now >= end && covered))
			break;
		start_due(w, &schedule, left, now);
		if (command_in_flight(w) == 0)
			sleep_until_due(w, &schedule, now);
		command_collect(w);
		if (now - since >= length)
			since = cut_event(w, since, now);
	}
	if (left != 0 && w->recording)
		w->tally.not_started = schedule_missed(&schedule, now < end ? now : end);
	command_drain(w);
	/* What is left is too short to say much, unless it is all there is. */
	now = clock_now(clock);
	if (now - since >= length / 2 || w->tally.events.n == 0)
		cut_event(w, since, now);
}

static void warm_up(struct worker *w)
{
	const struct arguments *args = w->bench->args;
	struct limits limits = {
		.ticks = clock_ticks(&w->bench->clock, args->warmup_ns),
		.commands = args->warmup_commands != 0 ? args->warmup_commands : UINT64_MAX,
	};

	if (args->warmup_ns != 0 || args->warmup_commands != 0)
		continuous(w, &limits);
}

/* What is to be checked while it is read and written must have been written before. */
static void write_all_once(struct worker *w)
{
	enum operation operation = w->operation;

	w->operation = OPERATION_WRITE;
	pass_at_once(w);
	w->operation = operation;
	w->first_pass_kept = w->pattern.pass - 1;
}

static void measure(struct worker *w)
{
	const struct bench *b = w->bench;
	const struct arguments *args = b->args;
	bool timed = args->runtime_ns != 0 || args->steady > 0;
	struct limits limits = {
		.ticks = clock_ticks(&b->clock, args->runtime_ns),
		.commands = UINT64_MAX,
		.cover = w->operation == OPERATION_WRITE && args->verify != VERIFY_NO,
	};

	if ((!timed || args->iterations_given) &&
	    __builtin_mul_overflow(args->iterations, w->pattern.length, &limits.commands))
		limits.commands = UINT64_MAX;
	if (b->continuous)
		continuous(w, &limits);
	else
		passes(w);
}

static void begin_phase(struct worker *w)
{
	w->operation = w->bench->operation;
	w->recording = false;
	w->wait_ms = WAIT_MS;
	if (w->pattern.position != 0)
		pattern_restart(&w->pattern);
	if (w->operation == OPERATION_MIXED && w->bench->args->verify != VERIFY_NO)
		write_all_once(w);
	warm_up(w);
	if (w->pattern.position != 0)
		pattern_restart(&w->pattern);
}

void *work(void *arg)
{
	struct worker *w = arg;
	struct bench *b = w->bench;
	int err = 0;

	/* Closed until all threads are there. */
	pthread_mutex_lock(&b->gate);
	pthread_mutex_unlock(&b->gate);
	if (b->abandoned)
		return NULL;
	if (w->cpu >= 0)
		err = cpus_pin(w->cpu);
	if (err != 0) {
		command_failed(w, "binding the thread to its CPU", err);
		w->broken = err;
	}
	begin_phase(w);
	pthread_barrier_wait(&b->barrier);
	w->recording = true;
	atomic_fetch_add(&b->n_started, 1);
	w->tally.begin = clock_now(&b->clock);
	w->last_completion = w->tally.begin;
	measure(w);
	w->tally.end = clock_now(&b->clock);
	if (w->operation != OPERATION_READ && b->continuous)
		command_flush(w);
	if (w->operation == OPERATION_WRITE)
		w->first_pass_kept = w->pattern.pass - 1;
	sem_post(&b->done);
	return NULL;
}
