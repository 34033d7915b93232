/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.c - what nvm-integrity-util says at its end, and its exit status.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/human.h"
#include "common/json.h"
#include "common/tool.h"
#include "report.h"

static void print_rate(const struct report *r)
{
	double rate = r->seconds > 0 ? (double)r->bytes / r->seconds : 0;

	printf(" in %.3f s (%s/s)\n", r->seconds, human_bytes((uint64_t)rate).text);
}

static void print_file(const struct report *r)
{
	const struct arguments *args = r->args;

	if (args->read != 0)
		printf("Read %" PRIu64 " bytes from block %" PRIu64 " on", args->read, r->offset);
	else
		printf("Wrote %" PRIu64 " blocks of %zu bytes (%s) from block %" PRIu64 " on%s",
		       r->n_blocks, r->device->block_size,
		       human_bytes(r->n_blocks * r->device->block_size).text, r->offset,
		       args->no_compare ? "" : " and compared them");
	print_rate(r);
}

/* How to check the blocks another time. */
static void print_seed(const struct test *t)
{
	uint32_t last = t->generation + (t->fill ? t->passes - 1 : 0);

	printf("Check again: --check --offset=%" PRIu64 " --count=%" PRIu64 " --seed=0x%" PRIx64
	       " --generation=%" PRIu32 "\n",
	       t->offset, t->count, t->seed, last);
}

static void print_test(const struct report *r)
{
	const struct test *t = r->test;

	printf("%s %" PRIu64 " blocks of %zu bytes (%s) from block %" PRIu64 " on",
	       t->fill && t->check ? "Filled and checked"
	       : t->fill           ? "Filled"
				   : "Checked",
	       t->count, r->device->block_size, human_bytes(t->count * r->device->block_size).text,
	       t->offset);
	if (t->passes > 1)
		printf(", %" PRIu32 " passes,", t->passes);
	print_rate(r);
	print_seed(t);
}

static void print_findings(const struct report *r)
{
	const char *separator = ": ";

	printf("%" PRIu64 " of %" PRIu64 " blocks checked are not as written", tally_bad(r->tally),
	       tally_checked(r->tally));
	for (int i = GOOD + 1; i < FAILED; ++i) {
		if (r->tally->n_blocks[i] == 0)
			continue;
		printf("%s%" PRIu64 " %s", separator, r->tally->n_blocks[i],
		       verdict_name((enum verdict)i));
		separator = ", ";
	}
	if (r->tally->n_blocks[FAILED] != 0)
		printf("; %" PRIu64 " could not be read or written", r->tally->n_blocks[FAILED]);
	putchar('\n');
	for (size_t i = 0; i < r->tally->n_list && i < r->args->list; ++i) {
		const struct finding *f = &r->tally->list[i];

		printf("  block %" PRIu64 ": %s", f->lba, verdict_name(f->verdict));
		if (f->generation != 0)
			printf(", not generation %" PRIu32, f->generation);
		printf(": %s\n", f->text);
	}
}

static void print_normal(const struct report *r)
{
	bool wrong = tally_bad(r->tally) + r->tally->n_blocks[FAILED] != 0;

	if (r->complete && !r->args->quiet) {
		if (r->test != NULL)
			print_test(r);
		else
			print_file(r);
	}
	if (wrong)
		print_findings(r);
}

/* The one line on stderr, if nothing has failed before, and the exit status. */
static int conclude(const struct report *r, int status)
{
	uint64_t bad = tally_bad(r->tally), failed = r->tally->n_blocks[FAILED];

	if (status == INTERRUPTED) {
		tool_fail("interrupted after %s%s", human_bytes(r->bytes).text,
			  r->args->state != NULL ? ": --resume goes on" : "");
		return tool_interrupted_status();
	}
	if (bad != 0 && status == 0)
		tool_fail("%" PRIu64 " of %" PRIu64 " blocks checked are not as written: do not "
			  "trust this disk, its connection or its driver",
			  bad, tally_checked(r->tally));
	else if (failed != 0 && status == 0)
		status = tool_fail("the disk could not read or write %" PRIu64 " blocks", failed);
	return bad != 0 ? EXIT_DIFFERENT : status;
}

int report(const struct report *r, int status)
{
	if (r->args->common.format == TOOL_JSON) {
		int printed = tool_json_print(report_json(r));

		if (printed != TOOL_OK && status == 0)
			return printed;
	} else {
		print_normal(r);
	}
	return conclude(r, status);
}
