/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_json.c - what was measured, for programs, --compare among them.
 */
#include <math.h>

#include "bench.h"
#include "common/json.h"

static struct json_object *latency(const struct histogram *h)
{
	struct json_object *o = json_make_object(), *p;

	json_add_double(o, "min", h->n != 0 ? (double)h->min / 1e3 : 0);
	json_add_double(o, "mean", histogram_mean(h) / 1e3);
	json_add_double(o, "stdev", sqrt(histogram_variance(h)) / 1e3);
	json_add_double(o, "max", (double)h->max / 1e3);
	p = json_make_object();
	for (size_t i = 0; i < LATENCY_RANKS; ++i)
		json_add_double(p, latency_rank_names[i],
				(double)histogram_percentile(h, latency_ranks[i]) / 1e3);
	json_add(o, "percentiles", p);
	return o;
}

static struct json_object *result(const struct bench *b, uint64_t commands, uint64_t blocks,
				  double seconds, const struct histogram *h)
{
	struct json_object *o = json_make_object();
	double bytes = (double)blocks * (double)b->block_size;

	json_add_uint(o, "commands", commands);
	json_add_uint(o, "blocks", blocks);
	json_add_uint(o, "bytes", blocks * b->block_size);
	json_add_double(o, "iops", seconds > 0 ? (double)commands / seconds : 0);
	json_add_double(o, "bandwidth_mb_s", seconds > 0 ? bytes / seconds / 1e6 : 0);
	json_add(o, "latency_us", latency(h));
	return o;
}

/* The tables of 2018. */
static struct json_object *tables(const struct bench *b, const struct events *e)
{
	static const char *const names[MEASURES] = {
		"bandwidth_mb_s", "adjusted_iops", "command_latency_us",
		"prp_latency_us", "time_us",
	};
	static const char *const rows[EVENTS_ROWS] = {"max",  "0.99", "0.97", "0.95",
						      "0.90", "0.75", "0.50", "0.25",
						      "0.10", "0.05", "0.01", "min"};
	struct json_object *o = json_make_object();
	double values[EVENTS_ROWS];

	json_add_uint(o, "samples", e->n);
	json_add_uint(o, "samples_kept", events_n_kept(e));
	for (int m = 0; m < MEASURES && e->n != 0; ++m) {
		struct json_object *column = json_make_object();

		if (events_percentiles(e, (enum measure)m, b->block_size, b->page_size, values) !=
		    0)
			json_add(column, "max", NULL);
		for (int i = 0; i < EVENTS_ROWS; ++i)
			json_add_double(column, rows[i], values[i]);
		json_add(o, names[m], column);
	}
	return o;
}

static struct json_object *queue_result(const struct bench *b, const struct phase *phase, size_t i)
{
	const struct worker *w = &b->workers[i];
	const struct tally *t = &phase->tallies[i];
	uint64_t ns = b->continuous ? clock_ns(&b->clock, t->end - t->begin) : t->measured_ns;
	double seconds = (double)ns / 1e9;
	struct json_object *o = json_make_object();

	json_add_uint(o, "no", w->spec->no);
	json_add_double(o, "measured_seconds", seconds);
	json_add_uint(o, "errors", t->errors);
	for (int op = 0; op < 2; ++op)
		if (t->latency[op] != NULL)
			json_add(
				o, operation_name((enum operation)op),
				result(b, t->commands[op], t->blocks[op], seconds, t->latency[op]));
	json_add(o, "measurements", tables(b, &t->events));
	return o;
}

static struct json_object *steadiness(const struct steady *s)
{
	struct json_object *o = json_make_object();

	json_add_bool(o, "reached", s->reached);
	json_add_uint(o, "seconds", s->n);
	json_add_uint(o, "window_seconds", STEADY_WINDOW);
	json_add_double(o, "limit_percent", s->limit);
	json_add_double(o, "iops", s->mean);
	json_add_double(o, "range_percent", s->range);
	json_add_double(o, "slope_percent", s->slope);
	return o;
}

static struct json_object *phase_result(const struct bench *b, const struct phase *phase)
{
	struct json_object *o = json_make_object(), *list = json_make_array();

	json_add_text(o, "operation", operation_name(phase->operation));
	json_add_double(o, "seconds", phase->seconds);
	json_add_double(o, "measured_seconds", phase->measured);
	json_add_uint(o, "errors", phase->errors);
	if (b->args->rate != 0)
		json_add_uint(o, "not_started", phase->not_started);
	for (int op = 0; op < 2; ++op)
		if (phase->latency[op] != NULL)
			json_add(o, operation_name((enum operation)op),
				 result(b, phase->commands[op], phase->blocks[op], phase->measured,
					phase->latency[op]));
	for (size_t i = 0; i < b->n_workers; ++i)
		json_append(list, queue_result(b, phase, i));
	json_add(o, "queues", list);
	if (b->n_workers > 1)
		json_add(o, "aggregated", tables(b, &phase->aggregated));
	list = json_make_array();
	for (size_t i = 0; i < phase->n_samples; ++i)
		json_append(list, json_object_new_uint64((uint64_t)(phase->samples[i] + 0.5)));
	json_add(o, "iops_each_second", list);
	if (b->args->steady > 0)
		json_add(o, "steady", steadiness(&phase->steady));
	return o;
}

static struct json_object *queue_plan(const struct worker *w)
{
	struct json_object *o = json_make_object();

	json_add_uint(o, "no", w->spec->no);
	json_add_uint(o, "depth", w->depth);
	json_add_uint(o, "prps", w->pages);
	json_add_uint(o, "command_bytes", (uint64_t)w->command_blocks * w->bench->block_size);
	json_add_uint(o, "first_block", w->pattern.first);
	json_add_uint(o, "blocks", w->pattern.n_blocks);
	json_add_uint(o, "commands_per_iteration", w->pattern.length);
	if (w->cpu >= 0)
		json_add_uint(o, "cpu", (uint64_t)w->cpu);
	if (w->node >= 0)
		json_add_uint(o, "node", (uint64_t)w->node);
	return o;
}

static void add_plan(struct json_object *o, const struct bench *b)
{
	static const char *const waits[] = {"poll", "irq", "adaptive"};
	const struct arguments *args = b->args;
	struct json_object *list = json_make_array();

	json_add_text(o, "ctrl", args->common.uri);
	json_add_text(o, "name", nvm_ctrl_name(b->ctrl));
	json_add_uint(o, "namespace", b->ns.ns_id);
	json_add_uint(o, "block_size", b->block_size);
	json_add_uint(o, "page_size", b->page_size);
	json_add_uint(o, "first_block", b->first);
	json_add_uint(o, "blocks", b->n_blocks);
	json_add_text(o, "order", args->random ? "random" : "sequential");
	json_add_text(o, "type",
		      b->continuous     ? "continuous"
		      : args->bandwidth ? "bandwidth"
					: "latency");
	json_add_bool(o, "overwritten", args->write);
	json_add_bool(o, "verified", args->verify != VERIFY_NO);
	json_add_bool(o, "parallel", args->parallel);
	json_add_bool(o, "shared", args->shared);
	json_add_uint(o, "seed", args->seed);
	json_add_bool(o, "open_loop", args->rate != 0);
	if (args->rate != 0)
		json_add_uint(o, "rate", args->rate);
	if (args->rwmix >= 0)
		json_add_uint(o, "rwmix", (uint64_t)args->rwmix);
	json_add_text(o, "wait", waits[args->wait]);
	json_add_text(o, "clock", b->clock.counter ? "counter" : "CLOCK_MONOTONIC");
	json_add_double(o, "overhead_ns", b->overhead_ns);
	for (size_t i = 0; i < b->n_workers; ++i)
		json_append(list, queue_plan(&b->workers[i]));
	json_add(o, "queues", list);
}

int report_json(const struct bench *b)
{
	struct json_object *o = json_make_object(), *list = json_make_array();
	const struct failure *failure;
	uint64_t n_errors;

	json_add_text(o, "program", "nvm-latency-bench");
	add_plan(o, b);
	for (size_t i = 0; i < b->n_phases; ++i)
		json_append(list, phase_result(b, &b->phases[i]));
	json_add(o, "phases", list);
	failure = report_failure(b, &n_errors);
	json_add_uint(o, "errors", n_errors);
	if (failure != NULL)
		json_add_text(o, "first_error", failure->text);
	json_add_bool(o, "interrupted", tool_interrupted() != 0);
	return tool_json_print(o);
}
