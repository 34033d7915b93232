/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.c - what was measured, for people: the tables of 2018, and the latency of single commands.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "bench.h"
#include "common/human.h"

const double latency_ranks[LATENCY_RANKS] = {1, 10, 50, 90, 95, 99, 99.9, 99.99, 99.999};
const char *const latency_rank_names[LATENCY_RANKS] = {"1",  "10",   "50",    "90",    "95",
						       "99", "99.9", "99.99", "99.999"};

/* Index into events_ranks of those that the first form printed: without .10, and the ends. */
static const int first_form_rows[] = {1, 2, 3, 4, 5, 6, 7, 9, 10};

static void print_total(const struct bench *b, const struct worker *w, const struct events *e)
{
	fprintf(b->text,
		"Queue #%02u total-blocks=%" PRIu64 " count=%" PRIu64
		" min=%.3f avg=%.3f max=%.3f\n",
		(unsigned int)w->spec->no, e->blocks, e->n, (double)e->min_ns / 1e3,
		e->n != 0 ? (double)e->sum_ns / (double)e->n / 1e3 : 0, (double)e->max_ns / 1e3);
}

static int print_first_form(const struct bench *b, const struct worker *w, const struct events *e)
{
	double values[EVENTS_ROWS];

	print_total(b, w, e);
	if (events_percentiles(e, MEASURE_TIME, b->block_size, b->page_size, values) != 0)
		return ENOMEM;
	for (size_t i = 0; i < sizeof(first_form_rows) / sizeof(first_form_rows[0]); ++i)
		fprintf(b->text, "\t%4.2f: %14.3f\n", events_ranks[first_form_rows[i]],
			values[first_form_rows[i]]);
	return 0;
}

/* Largest to smallest of each measure. */
static int print_table(const struct bench *b, const struct events *e)
{
	double values[MEASURES][EVENTS_ROWS];

	for (int m = 0; m < MEASURES; ++m)
		if (events_percentiles(e, (enum measure)m, b->block_size, b->page_size,
				       values[m]) != 0)
			return ENOMEM;
	fprintf(b->text, "       %14s, %14s, %14s, %14s\n", "bandwidth", "adj iops", "cmd latency",
		"prp latency");
	for (int i = 0; i < EVENTS_ROWS; ++i) {
		if (i == 0 || i == EVENTS_ROWS - 1)
			fprintf(b->text, "  %s: ", i == 0 ? "max" : "min");
		else
			fprintf(b->text, " %4.2f: ", events_ranks[i]);
		fprintf(b->text, "%14.3f, %14.3f, %14.3f, %14.3f\n", values[MEASURE_BANDWIDTH][i],
			values[MEASURE_IOPS][i], values[MEASURE_COMMAND_LATENCY][i],
			values[MEASURE_PAGE_LATENCY][i]);
	}
	return 0;
}

static void print_samples(const struct bench *b, const struct events *e)
{
	fprintf(b->text, "(%" PRIu64 " samples", e->n);
	if (e->n > EVENTS_KEPT)
		fprintf(b->text, ", %zu of them at random", EVENTS_KEPT);
	fputs(")\n", b->text);
}

static int print_percentiles(const struct bench *b, const struct phase *phase)
{
	const char *name = operation_name(phase->operation);
	int err = 0;

	fputs("Calculating percentiles...\n", b->text);
	for (size_t i = 0; err == 0 && i < b->n_workers; ++i) {
		const struct worker *w = &b->workers[i];
		const struct events *e = &phase->tallies[i].events;

		if (e->n == 0)
			continue;
		print_total(b, w, e);
		fprintf(b->text, "Queue #%02u %s percentiles ", (unsigned int)w->spec->no, name);
		print_samples(b, e);
		err = print_table(b, e);
	}
	if (err == 0 && b->n_workers > 1 && phase->aggregated.n != 0) {
		fprintf(b->text, "Aggregated %s percentiles ", name);
		print_samples(b, &phase->aggregated);
		err = print_table(b, &phase->aggregated);
	}
	fputs("End percentiles\n", b->text);
	return err;
}

static void print_latency_line(const struct bench *b, const char *who, const char *what,
			       const struct histogram *h)
{
	fprintf(b->text, "%-4s %-5s %12" PRIu64 " %10.3f %10.3f %10.3f", who, what, h->n,
		h->n != 0 ? (double)h->min / 1e3 : 0, histogram_mean(h) / 1e3,
		sqrt(histogram_variance(h)) / 1e3);
	/* From the median on. */
	for (size_t i = 2; i < LATENCY_RANKS; ++i)
		fprintf(b->text, " %10.3f",
			(double)histogram_percentile(h, latency_ranks[i]) / 1e3);
	fprintf(b->text, " %10.3f\n", (double)h->max / 1e3);
}

static void print_latencies(const struct bench *b, const struct phase *phase)
{
	char who[16];

	fprintf(b->text, "Latency of commands (us)\n%-4s %-5s %12s %10s %10s %10s", "", "",
		"commands", "min", "mean", "stdev");
	for (size_t i = 2; i < LATENCY_RANKS; ++i)
		fprintf(b->text, " %9s%%", latency_rank_names[i]);
	fprintf(b->text, " %10s\n", "max");
	for (int op = 0; op < 2; ++op) {
		if (phase->latency[op] == NULL)
			continue;
		for (size_t i = 0; b->n_workers > 1 && i < b->n_workers; ++i) {
			snprintf(who, sizeof(who), "#%02u", (unsigned int)b->workers[i].spec->no);
			print_latency_line(b, who, operation_name((enum operation)op),
					   phase->tallies[i].latency[op]);
		}
		print_latency_line(b, "all", operation_name((enum operation)op),
				   phase->latency[op]);
	}
}

static void print_rates(const struct bench *b, const struct phase *phase)
{
	for (int op = 0; op < 2; ++op) {
		double bytes = (double)phase->blocks[op] * (double)b->block_size;
		double seconds = phase->measured > 0 ? phase->measured : 1;

		if (phase->latency[op] == NULL)
			continue;
		fprintf(b->text, "%s: %.0f IOPS, %.1f MB/s (%" PRIu64 " commands, %s in %.3f s)\n",
			op == OPERATION_READ ? "Read" : "Write",
			(double)phase->commands[op] / seconds, bytes / seconds / 1e6,
			phase->commands[op], human_bytes((uint64_t)bytes).text, phase->measured);
	}
}

static void print_missed(const struct bench *b, const struct phase *phase)
{
	if (phase->not_started != 0)
		fprintf(b->text,
			"%" PRIu64
			" commands were due and not started in the end: this rate was not "
			"kept\n",
			phase->not_started);
}

static void print_steady(const struct bench *b, const struct phase *phase)
{
	const struct steady *s = &phase->steady;

	if (b->args->steady <= 0)
		return;
	if (s->n < STEADY_WINDOW) {
		fprintf(b->text, "Not steady: it takes %d seconds at least to tell\n",
			STEADY_WINDOW);
		return;
	}
	fprintf(b->text,
		"%s after %zu s: %.0f IOPS on average in the last %d s, range %.1f %%, slope %.1f %% "
		"(limits %.0f %% and %.0f %%)\n",
		s->reached ? "Steady" : "Not steady", s->n, s->mean, STEADY_WINDOW, s->range,
		s->slope, s->limit, s->limit / 2);
}

const struct failure *report_failure(const struct bench *b, uint64_t *n_errors)
{
	const struct failure *first = NULL;

	*n_errors = 0;
	for (size_t p = 0; p < b->n_phases; ++p) {
		const struct failure *of_phase = NULL;

		for (size_t i = 0; i < b->n_workers; ++i) {
			const struct tally *t = &b->phases[p].tallies[i];

			*n_errors += t->errors;
			if (t->errors != 0 &&
			    (of_phase == NULL || t->failure.when < of_phase->when))
				of_phase = &t->failure;
		}
		if (first == NULL)
			first = of_phase;
	}
	return first;
}

int report(const struct bench *b)
{
	int err = 0;

	for (size_t p = 0; err == 0 && p < b->n_phases; ++p) {
		const struct phase *phase = &b->phases[p];

		if (!b->args->first_form) {
			err = print_percentiles(b, phase);
			print_latencies(b, phase);
			print_rates(b, phase);
			print_missed(b, phase);
			print_steady(b, phase);
			continue;
		}
		for (size_t i = 0; err == 0 && i < b->n_workers; ++i)
			err = print_first_form(b, &b->workers[i], &phase->tallies[i].events);
		print_steady(b, phase);
	}
	return err == 0 ? 0 : tool_fail("out of memory for the percentiles");
}
