/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stats.c - one record per measurement, in the columns of 2018.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static void print_records(FILE *file, const struct bench *b, const char *queue,
			  enum operation operation, const struct events *events)
{
	static const char *const names[] = {"read", "write", "mixed"};

	for (size_t i = 0; i < events_n_kept(events); ++i) {
		const struct event *e = &events->kept[i];
		double us = (double)(e->ns > 0 ? e->ns : 1) / 1e3;
		uint64_t bytes = e->blocks * b->block_size;
		double pages = (double)bytes / (double)b->page_size;

		fprintf(file,
			"  %4s; %5s; %8" PRIu64 "; %12.3f; %12" PRIu64 "; %12" PRIu64 "; %12" PRIu64
			"; %12.3f; %12.3f; %12.3f; %12.3f; %12.3f; %12.3f; %12.3f;\n",
			queue, names[operation], e->commands, us, e->blocks, (uint64_t)pages, bytes,
			us / (double)e->commands, us / (double)e->blocks, us / pages,
			(double)bytes / us, (double)e->commands / us * 1e6,
			(double)e->blocks / us * 1e6, pages / us * 1e6);
	}
}

static void print_plan(FILE *file, const struct bench *b)
{
	static const char *const truth[] = {"false", "true"};
	const struct arguments *args = b->args;

	for (size_t i = 0; i < b->n_workers; ++i) {
		const struct worker *w = &b->workers[i];
		unsigned int no = w->spec->no;

		fprintf(file,
			"### queue[%x]: no=%x; cmds=%" PRIu32 "; prps=%" PRIu32
			"; transfer-size=%zu; remote=false; memory=ram;\n",
			no, no, w->depth, w->pages, (size_t)w->command_blocks * b->block_size);
	}
	for (size_t i = 0; i < b->n_workers; ++i) {
		const struct worker *w = &b->workers[i];

		fprintf(file,
			"### transfer[%x]: queue=%x; pattern=%s; buffer=ram; buffer-prps=%zu; "
			"block-count=%" PRIu64 "; block-offset=%" PRIu64 "; cmds=%" PRIu64 ";\n",
			(unsigned int)w->spec->no, (unsigned int)w->spec->no,
			args->random ? "random" : "sequential", w->buffer_size / b->page_size,
			w->pattern.n_blocks, w->pattern.first, w->pattern.length);
	}
	fprintf(file,
		"### benchmark: ctrl='%s'; block-size=%zu; prp-size=%zu; type=%s; write=%s; "
		"verified=%s; parallel=%s; shared=%s; random=%s; repeat=%" PRIu64
		"; iterations=%" PRIu64 "\n",
		args->common.uri, b->block_size, b->page_size,
		b->continuous     ? "continuous"
		: args->bandwidth ? "bandwidth"
				  : "latency",
		truth[args->write], truth[args->verify != VERIFY_NO], truth[args->parallel],
		truth[args->shared], truth[args->random], args->repeat, args->iterations);
}

static void print_all(FILE *file, const struct bench *b)
{
	char queue[16];

	if (b->args->info)
		print_plan(file, b);
	fprintf(file,
		"#%5s; %5s; %8s; %12s; %12s; %12s; %12s; %12s; %12s; %12s; %12s; %12s; %12s; %12s;\n",
		"queue", "rd/wr", "commands", "time", "blocks", "prps", "size", "cmd-latency",
		"blk-latency", "prp-latency", "bandwidth", "iops", "blks-per-sec", "prps-per-sec");
	for (size_t i = 0; i < b->n_workers; ++i) {
		snprintf(queue, sizeof(queue), "%x", (unsigned int)b->workers[i].spec->no);
		for (size_t p = 0; p < b->n_phases; ++p)
			print_records(file, b, queue, b->phases[p].operation,
				      &b->phases[p].tallies[i].events);
	}
	for (size_t p = 0; b->n_workers > 1 && p < b->n_phases; ++p)
		print_records(file, b, "aggr", b->phases[p].operation, &b->phases[p].aggregated);
}

int report_stats(const struct bench *b)
{
	const char *name = b->args->stats_file;
	FILE *file = stdout;
	int fd = -1, err;

	if (name != NULL) {
		fd = files_create(name);
		if (fd < 0)
			return TOOL_FAILURE;
		file = fdopen(fd, "w");
		if (file == NULL) {
			err = errno;
			close(fd);
			return tool_fail("cannot write %s: %s", name, strerror(err));
		}
	}
	print_all(file, b);
	if (file == stdout)
		return 0;
	errno = 0;
	err = ferror(file) != 0;
	if (fclose(file) != 0 || err != 0)
		return tool_fail("cannot write %s: %s", name,
				 errno != 0 ? strerror(errno) : "an earlier write failed");
	return 0;
}
