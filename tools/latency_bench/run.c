/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.c - the phases: threads are started, watched, and their results put together.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* How long steadiness is looked for, if nothing else ends it, ns. */
#define STEADY_TIME_NS UINT64_C(3600000000000)

#define SAMPLE_NS      UINT64_C(1000000000)
#define LIVE_NS        UINT64_C(250000000)

/* What the one who watches remembers. */
struct watch {
	bool live;
	uint64_t begin; /* ns */
	uint64_t next_sample, next_live;
	uint64_t sample_commands, live_commands, live_ns;
	uint64_t last_live;
};

static int allocate_tally(struct tally *t, enum operation operation)
{
	for (int i = 0; i < 2; ++i) {
		if (operation != OPERATION_MIXED && i != (int)operation)
			continue;
		t->latency[i] = malloc(sizeof(*t->latency[i]));
		if (t->latency[i] == NULL)
			return ENOMEM;
		histogram_clear(t->latency[i]);
	}
	return 0;
}

static int prepare(struct bench *b, struct phase *phase)
{
	int err = 0;

	phase->tallies = calloc(b->n_workers, sizeof(*phase->tallies));
	if (phase->tallies == NULL)
		return tool_fail("out of memory for the results");
	for (size_t i = 0; err == 0 && i < b->n_workers; ++i) {
		struct worker *w = &b->workers[i];

		w->tally = (struct tally){0};
		w->tally.events.state = b->args->seed + i;
		atomic_store(&w->seen_commands, 0);
		atomic_store(&w->seen_ns, 0);
		w->submitted = 0;
		err = allocate_tally(&w->tally, phase->operation);
	}
	return err == 0 ? 0 : tool_fail("out of memory for the results");
}

/* Threads that drive queues get no signals: the one who watches does. */
static int start(struct bench *b)
{
	sigset_t all, old;
	size_t n = 0;
	int err = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_mutex_lock(&b->gate);
	b->abandoned = false;
	for (; err == 0 && n < b->n_workers; ++n)
		err = pthread_create(&b->workers[n].thread, NULL, work, &b->workers[n]);
	b->abandoned = err != 0;
	pthread_mutex_unlock(&b->gate);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err == 0)
		return 0;
	while (--n > 0)
		pthread_join(b->workers[n - 1].thread, NULL);
	return tool_fail("cannot start a thread for each of %zu queues: %s", b->n_workers,
			 strerror(err));
}

static void totals(const struct bench *b, uint64_t *commands, uint64_t *ns)
{
	*commands = 0;
	*ns = 0;
	for (size_t i = 0; i < b->n_workers; ++i) {
		const struct worker *w = &b->workers[i];

		*commands += atomic_load_explicit(&w->seen_commands, memory_order_relaxed);
		*ns += atomic_load_explicit(&w->seen_ns, memory_order_relaxed);
	}
}

static void keep_sample(struct phase *phase, double iops)
{
	double *samples = realloc(phase->samples, (phase->n_samples + 1) * sizeof(*samples));

	if (samples == NULL)
		return;
	phase->samples = samples;
	samples[phase->n_samples++] = iops;
}

static void sample(struct bench *b, struct phase *phase, struct watch *watch, uint64_t now)
{
	uint64_t commands, ns;
	double iops;

	totals(b, &commands, &ns);
	iops = (double)(commands - watch->sample_commands) * 1e9 /
	       (double)(now - watch->next_sample + SAMPLE_NS);
	watch->sample_commands = commands;
	watch->next_sample = now + SAMPLE_NS;
	keep_sample(phase, iops);
	if (b->args->steady > 0 && steady_add(&phase->steady, iops))
		atomic_store(&b->stop, true);
}

static void show(const struct bench *b, struct watch *watch, uint64_t now)
{
	uint64_t commands, ns;
	double seconds = (double)(now - watch->last_live) / 1e9, n;

	totals(b, &commands, &ns);
	n = (double)(commands - watch->live_commands);
	if (seconds > 0)
		live_draw(b, (double)(now - watch->begin) / 1e9, n / seconds,
			  n > 0 ? (double)(ns - watch->live_ns) / n / 1e3 : 0);
	watch->live_commands = commands;
	watch->live_ns = ns;
	watch->last_live = now;
	watch->next_live = now + LIVE_NS;
}

/* Nothing is sampled before all workers measure. */
static void look(struct bench *b, struct phase *phase, struct watch *watch)
{
	uint64_t now = clock_monotonic(), ns;

	if (tool_interrupted())
		atomic_store(&b->stop, true);
	if (atomic_load(&b->n_started) < b->n_workers) {
		watch->begin = now;
		watch->next_sample = now + SAMPLE_NS;
		watch->last_live = now;
		totals(b, &watch->sample_commands, &ns);
		watch->live_commands = watch->sample_commands;
		watch->live_ns = ns;
		return;
	}
	if (now >= watch->next_sample)
		sample(b, phase, watch, now);
	if (watch->live && now >= watch->next_live)
		show(b, watch, now);
	if (b->args->steady > 0 && b->args->runtime_ns == 0 && now - watch->begin > STEADY_TIME_NS)
		atomic_store(&b->stop, true);
}

/* Until all workers are done. Wakes up as rarely as can be: it may share a CPU with a worker. */
static void watch_workers(struct bench *b, struct phase *phase)
{
	struct watch watch = {.live = isatty(STDERR_FILENO) != 0};
	size_t n_done = 0;

	watch.begin = clock_monotonic();
	watch.last_live = watch.begin;
	watch.next_sample = watch.begin + SAMPLE_NS;
	while (n_done < b->n_workers) {
		uint64_t until = watch.next_sample;
		struct timespec ts;

		/* Workers do not say when they begin to measure. */
		if (atomic_load(&b->n_started) < b->n_workers)
			until = clock_monotonic() + LIVE_NS / 10;
		else if (watch.live && watch.next_live < until)
			until = watch.next_live;
		ts.tv_sec = (time_t)(until / 1000000000U);
		ts.tv_nsec = (long)(until % 1000000000U);
		if (sem_clockwait(&b->done, CLOCK_MONOTONIC, &ts) == 0)
			++n_done;
		else
			look(b, phase, &watch);
	}
	if (watch.live)
		live_clear();
}

static void keep_tally(struct bench *b, struct phase *phase, size_t i, uint64_t *begin,
		       uint64_t *end)
{
	struct tally *t = &phase->tallies[i];

	*t = b->workers[i].tally;
	b->workers[i].tally = (struct tally){0};
	for (int k = 0; k < 2; ++k) {
		if (t->latency[k] != NULL && phase->latency[k] != NULL)
			histogram_add(phase->latency[k], t->latency[k]);
		phase->commands[k] += t->commands[k];
		phase->blocks[k] += t->blocks[k];
	}
	phase->errors += t->errors;
	phase->not_started += t->not_started;
	*begin = t->begin < *begin ? t->begin : *begin;
	*end = t->end > *end ? t->end : *end;
}

static int gather(struct bench *b, struct phase *phase)
{
	struct tally all = {0};
	uint64_t begin = UINT64_MAX, end = 0;
	bool failed = allocate_tally(&all, phase->operation) != 0;

	phase->latency[0] = all.latency[0];
	phase->latency[1] = all.latency[1];
	for (size_t i = 0; i < b->n_workers; ++i) {
		pthread_join(b->workers[i].thread, NULL);
		keep_tally(b, phase, i, &begin, &end);
		failed |= phase->tallies[i].events.failed;
	}
	phase->seconds = (double)clock_ns(&b->clock, end - begin) / 1e9;
	return failed ? tool_fail("out of memory for the results") : 0;
}

/* Events of workers that made no passes together are joined by when they were measured. */
static void aggregate_events(struct bench *b, struct phase *phase)
{
	size_t n = SIZE_MAX;

	for (size_t i = 0; i < b->n_workers; ++i)
		if (events_n_kept(&phase->tallies[i].events) < n)
			n = events_n_kept(&phase->tallies[i].events);
	for (size_t k = 0; b->continuous && k < n; ++k) {
		struct event all = {0};

		for (size_t i = 0; i < b->n_workers; ++i) {
			const struct event *event = &phase->tallies[i].events.kept[k];

			all.commands += event->commands;
			all.blocks += event->blocks;
			all.ns += event->ns / b->n_workers;
		}
		events_record(&phase->aggregated, &all);
	}
}

static void announce(const struct bench *b, enum operation operation)
{
	static const char *const doing[] = {"reading", "writing", "reading and writing"};
	const char *order = b->args->random ? "random" : "sequential";

	if (b->text == NULL)
		return;
	if (b->args->first_form)
		fputs("Running benchmark...\n", b->text);
	else if (b->continuous)
		fprintf(b->text, "Running benchmark (%s, %s)... ", doing[operation], order);
	else
		fprintf(b->text, "Running %s benchmark (%s, %s, %llu iterations)... ",
			b->args->bandwidth ? "bandwidth" : "latency", doing[operation], order,
			(unsigned long long)b->args->iterations);
	/* The line that is drawn while it runs would begin on this one. */
	if (isatty(STDERR_FILENO) && !b->args->first_form)
		fputc('\n', b->text);
	fflush(b->text);
}

static int run_phase(struct bench *b, enum operation operation)
{
	struct phase *phase = &b->phases[b->n_phases];
	int err;

	phase->operation = operation;
	b->operation = operation;
	err = prepare(b, phase);
	if (err != 0)
		return err;
	if (b->n_phases == 0)
		report_info(b);
	announce(b, operation);
	atomic_store(&b->stop, false);
	atomic_store(&b->n_started, 0);
	steady_begin(&phase->steady, b->args->steady);
	err = start(b);
	if (err != 0)
		return err;
	watch_workers(b, phase);
	err = gather(b, phase);
	++b->n_phases;
	aggregate_events(b, phase);
	phase->measured = b->continuous ? phase->seconds : (double)phase->aggregated.sum_ns / 1e9;
	if (b->text != NULL && !b->args->first_form)
		fputs(tool_interrupted() ? "INTERRUPTED\n" : "DONE\n", b->text);
	return err;
}

static size_t plan_phases(const struct arguments *args, enum operation operations[MAX_PHASES])
{
	size_t n = 0;

	if (args->rwmix > 0 && args->write) {
		operations[n++] = OPERATION_MIXED;
		return n;
	}
	if (args->write)
		operations[n++] = OPERATION_WRITE;
	/* All writes: without reading, unless that is to check them. */
	if (args->rwmix != 0 || args->verify != VERIFY_NO)
		operations[n++] = OPERATION_READ;
	return n;
}

/* Does a queue refuse commands? */
static bool is_broken(const struct bench *b)
{
	for (size_t i = 0; i < b->n_workers; ++i)
		if (b->workers[i].broken != 0)
			return true;
	return false;
}

int bench_run(struct bench *b)
{
	const struct arguments *args = b->args;
	enum operation operations[MAX_PHASES] = {OPERATION_READ};
	size_t n = plan_phases(args, operations);
	int err = 0;

	b->continuous = args->runtime_ns != 0 || args->rate != 0 || args->steady > 0 ||
			operations[0] == OPERATION_MIXED;
	/* No two runs write the same, so that what is left of an earlier one is not taken for it. */
	b->generation = (uint64_t)time(NULL) << 24;
	pthread_mutex_init(&b->gate, NULL);
	sem_init(&b->done, 0, 0);
	if (pthread_barrier_init(&b->barrier, NULL, (unsigned int)b->n_workers) != 0)
		return tool_fail("no barrier for %zu threads can be made", b->n_workers);
	for (size_t i = 0; err == 0 && i < n && !tool_interrupted() && !is_broken(b); ++i)
		err = run_phase(b, operations[i]);
	pthread_barrier_destroy(&b->barrier);
	sem_destroy(&b->done);
	pthread_mutex_destroy(&b->gate);
	return err;
}
