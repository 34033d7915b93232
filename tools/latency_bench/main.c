/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm-latency-bench - latency, bandwidth and IOPS of an NVMe disk.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* Where text goes: records and data on standard output, and JSON, must not mix with it. */
static FILE *text_stream(const struct arguments *args)
{
	if (args->common.format == TOOL_JSON)
		return NULL;
	if ((args->stats && args->stats_file == NULL) ||
	    (args->output != NULL && strcmp(args->output, "-") == 0))
		return stderr;
	return stdout;
}

static int results(const struct bench *b)
{
	int status = 0;

	if (b->text != NULL)
		status = report(b);
	if (status == 0)
		status = report_plots(b);
	if (status == 0 && b->args->stats)
		status = report_stats(b);
	if (status == 0 && b->args->common.format == TOOL_JSON)
		status = report_json(b);
	return status;
}

/* Commands that failed are the last thing said. */
static int verdict(const struct bench *b, int status)
{
	uint64_t n_errors;
	const struct failure *failure = report_failure(b, &n_errors);

	if (failure != NULL)
		return tool_fail("%" PRIu64 " %s failed and %s not in the results; the first: %s",
				 n_errors, n_errors == 1 ? "command" : "commands",
				 n_errors == 1 ? "is" : "are", failure->text);
	if (status == 0 && tool_interrupted()) {
		tool_fail(b->n_phases != 0
				  ? "interrupted: the results are of what was measured until then"
				  : "interrupted before anything was measured");
		return tool_interrupted_status();
	}
	if (status == 0 && b->text != NULL)
		fputs("OK!\n", b->text);
	return status;
}

static void free_results(struct bench *b)
{
	for (size_t p = 0; p < MAX_PHASES; ++p) {
		struct phase *phase = &b->phases[p];

		for (size_t i = 0; phase->tallies != NULL && i < b->args->n_queues; ++i) {
			free(phase->tallies[i].latency[0]);
			free(phase->tallies[i].latency[1]);
			events_free(&phase->tallies[i].events);
		}
		free(phase->tallies);
		free(phase->latency[0]);
		free(phase->latency[1]);
		free(phase->samples);
		events_free(&phase->aggregated);
	}
	free(b->input);
}

static int measure(const struct arguments *args)
{
	struct bench b = {.args = args, .text = text_stream(args)};
	int status = bench_open(&b);

	if (status == 0)
		status = files_load(&b);
	if (status == 0) {
		clock_calibrate(&b.clock);
		report_plan(&b);
		status = bench_run(&b);
	}
	if (status == 0)
		status = files_save(&b);
	if (b.n_phases != 0) {
		int err = results(&b);

		status = status != 0 ? status : err;
	}
	status = verdict(&b, status);
	bench_close(&b);
	free_results(&b);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments args;
	int status;

	tool_begin("nvm-latency-bench");
	status = options_parse(&args, argc, argv);
	if (status == 0 && !args.common.done) {
		tool_catch_signals();
		status = args.compare[0] != NULL ? compare_results(&args) : measure(&args);
	}
	options_free(&args);
	return tool_end(status);
}
