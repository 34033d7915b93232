/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_json.c - the result of nvm-integrity-util as JSON.
 */
#include "common/json.h"
#include "report.h"

static void add_test(struct json_object *o, const struct report *r)
{
	const struct test *t = r->test;

	json_add_text(o, "operation", t->fill && t->check ? "test" : t->fill ? "fill" : "check");
	json_add_hex(o, "seed", t->seed, 16);
	json_add_uint(o, "generation", t->generation);
	json_add_uint(o, "passes", t->passes);
	json_add_text(o, "order", t->random ? "random" : "sequential");
	if (r->args->state != NULL)
		json_add_text(o, "state", r->args->state);
}

static void add_file(struct json_object *o, const struct report *r)
{
	const struct arguments *args = r->args;

	json_add_text(o, "operation", args->read != 0 ? "read" : "write");
	json_add_text(o, "file", args->file);
	if (args->read != 0)
		json_add_uint(o, "file_bytes", args->read);
	else
		json_add_bool(o, "compared", !args->no_compare);
}

static struct json_object *bad_blocks(const struct tally *tally)
{
	struct json_object *o = json_make_object();

	for (int i = GOOD + 1; i < FAILED; ++i)
		json_add_uint(o, verdict_name((enum verdict)i), tally->n_blocks[i]);
	return o;
}

static struct json_object *list(const struct report *r)
{
	struct json_object *array = json_make_array();

	for (size_t i = 0; i < r->tally->n_list && i < r->args->list; ++i) {
		const struct finding *f = &r->tally->list[i];
		struct json_object *o = json_make_object();

		json_add_uint(o, "block", f->lba);
		json_add_text(o, "verdict", verdict_name(f->verdict));
		if (f->generation != 0)
			json_add_uint(o, "generation", f->generation);
		json_add_text(o, "text", f->text);
		json_append(array, o);
	}
	return array;
}

struct json_object *report_json(const struct report *r)
{
	struct json_object *o = json_make_object();
	const struct device *d = r->device;

	if (r->test != NULL)
		add_test(o, r);
	else
		add_file(o, r);
	json_add_text(o, "ctrl", r->args->common.uri);
	json_add_text(o, "serial", d->serial);
	json_add_text(o, "model", d->model);
	json_add_uint(o, "namespace", d->ns.ns_id);
	json_add_uint(o, "offset", r->offset);
	json_add_uint(o, "blocks", r->n_blocks);
	json_add_uint(o, "block_size", d->block_size);
	json_add_uint(o, "chunk", d->chunk);
	json_add_uint(o, "queues", d->n_lanes);
	json_add_uint(o, "depth", d->depth);
	json_add_bool(o, "complete", r->complete);
	json_add_uint(o, "written_blocks", r->tally->n_written);
	json_add_uint(o, "checked_blocks", tally_checked(r->tally));
	json_add_uint(o, "bad_blocks", tally_bad(r->tally));
	json_add_uint(o, "failed_blocks", r->tally->n_blocks[FAILED]);
	json_add(o, "bad", bad_blocks(r->tally));
	json_add(o, "list", list(r));
	json_add_uint(o, "bytes", r->bytes);
	json_add_double(o, "seconds", r->seconds);
	json_add_double(o, "bytes_per_second", r->seconds > 0 ? (double)r->bytes / r->seconds : 0);
	return o;
}
