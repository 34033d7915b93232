/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.c - how far a test has got, in a file of JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/parse.h"
#include "common/tool.h"
#include "state.h"

#define FORMAT  "nvm-integrity-util state"
#define VERSION 1

uint32_t state_n_steps(const struct test *test)
{
	return test->passes * (test->fill && test->check ? 2U : 1U);
}

static struct json_object *tally_to_json(const struct tally *tally)
{
	struct json_object *o = json_make_object();
	struct json_object *list = json_make_array();

	json_add_uint(o, "written", tally->n_written);
	for (size_t i = 0; i < N_VERDICTS; ++i)
		json_add_uint(o, verdict_name((enum verdict)i), tally->n_blocks[i]);
	for (size_t i = 0; i < tally->n_list; ++i) {
		const struct finding *f = &tally->list[i];
		struct json_object *one = json_make_object();

		json_add_uint(one, "block", f->lba);
		json_add_uint(one, "generation", f->generation);
		json_add_text(one, "verdict", verdict_name(f->verdict));
		json_add_text(one, "text", f->text);
		json_append(list, one);
	}
	json_add(o, "list", list);
	return o;
}

static struct json_object *state_to_json(const struct state *state)
{
	struct json_object *o = json_make_object();
	const struct test *t = &state->test;

	json_add_text(o, "format", FORMAT);
	json_add_uint(o, "version", VERSION);
	json_add_text(o, "serial", t->serial);
	json_add_text(o, "model", t->model);
	json_add_uint(o, "namespace", t->ns_id);
	json_add_uint(o, "block_size", t->block_size);
	json_add_uint(o, "offset", t->offset);
	json_add_uint(o, "count", t->count);
	json_add_uint(o, "chunk", t->chunk);
	/* Not a number: many readers of JSON have only 53 bits. */
	json_add_hex(o, "seed", t->seed, 16);
	json_add_uint(o, "generation", t->generation);
	json_add_uint(o, "passes", t->passes);
	json_add_bool(o, "fill", t->fill);
	json_add_bool(o, "check", t->check);
	json_add_bool(o, "random", t->random);
	json_add_uint(o, "step", state->step);
	json_add_uint(o, "position", state->position);
	json_add_double(o, "seconds", state->seconds);
	json_add_bool(o, "finished", state->finished);
	json_add(o, "found", tally_to_json(&state->tally));
	return o;
}

/* All that was written is on the disk when this returns 0. */
static int write_file(const char *path, const char *text)
{
	size_t size = strlen(text), done = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err = 0;

	if (fd < 0)
		return errno;
	while (err == 0 && done < size) {
		ssize_t n = write(fd, text + done, size - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			err = errno;
	}
	if (err == 0 && fsync(fd) != 0)
		err = errno;
	if (close(fd) != 0 && err == 0)
		err = errno;
	return err;
}

/* A new name survives a power loss once its folder is on the disk. */
static void sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

static int replace(const char *path, const char *text)
{
	char *new_path = NULL;
	int err;

	if (asprintf(&new_path, "%s.new", path) < 0)
		return ENOMEM;
	err = write_file(new_path, text);
	if (err == 0 && rename(new_path, path) != 0)
		err = errno;
	if (err != 0)
		unlink(new_path);
	else
		sync_folder(path);
	free(new_path);
	return err;
}

int state_save(const struct state *state, const char *path, struct reason *why)
{
	struct json_object *o = state_to_json(state);
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	int err = text != NULL ? replace(path, text) : ENOMEM;

	json_object_put(o);
	if (err == 0)
		return 0;
	snprintf(why->text, sizeof(why->text), "cannot write the state file %.200s: %s", path,
		 strerror(err));
	return -1;
}

/* Values of a file that may hold anything; *ok becomes false if one is not there or out of range. */
static uint64_t get_uint(struct json_object *o, const char *key, uint64_t max, bool *ok)
{
	struct json_object *v;
	uint64_t value;

	if (!json_object_object_get_ex(o, key, &v) || json_object_get_type(v) != json_type_int ||
	    json_object_get_int64(v) < 0 || json_object_get_uint64(v) > max) {
		*ok = false;
		return 0;
	}
	value = json_object_get_uint64(v);
	return value;
}

static bool get_bool(struct json_object *o, const char *key, bool *ok)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    json_object_get_type(v) != json_type_boolean) {
		*ok = false;
		return false;
	}
	return json_object_get_boolean(v) != 0;
}

static const char *get_text(struct json_object *o, const char *key, size_t max, bool *ok)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) || json_object_get_type(v) != json_type_string ||
	    strlen(json_object_get_string(v)) > max) {
		*ok = false;
		return "";
	}
	return json_object_get_string(v);
}

static double get_double(struct json_object *o, const char *key, bool *ok)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    (json_object_get_type(v) != json_type_double &&
	     json_object_get_type(v) != json_type_int)) {
		*ok = false;
		return 0;
	}
	return json_object_get_double(v);
}

static enum verdict verdict_of(const char *name, bool *ok)
{
	for (int i = GOOD + 1; i < N_VERDICTS; ++i)
		if (strcmp(name, verdict_name((enum verdict)i)) == 0)
			return (enum verdict)i;
	*ok = false;
	return CORRUPTED;
}

static void finding_from_json(struct tally *tally, struct json_object *o, bool *ok)
{
	struct finding f;

	f.lba = get_uint(o, "block", UINT64_MAX, ok);
	f.generation = (uint32_t)get_uint(o, "generation", UINT32_MAX, ok);
	f.verdict = verdict_of(get_text(o, "verdict", 20, ok), ok);
	snprintf(f.text, sizeof(f.text), "%s", get_text(o, "text", sizeof(f.text) - 1, ok));
	if (*ok)
		tally_add(tally, &f, 0);
}

static void tally_from_json(struct tally *tally, struct json_object *o, bool *ok)
{
	struct json_object *list;

	tally_init(tally, MAX_FINDINGS);
	tally->n_written = get_uint(o, "written", UINT64_MAX, ok);
	for (size_t i = 0; i < N_VERDICTS; ++i)
		tally->n_blocks[i] = get_uint(o, verdict_name((enum verdict)i), UINT64_MAX, ok);
	if (!json_object_object_get_ex(o, "list", &list) ||
	    json_object_get_type(list) != json_type_array) {
		*ok = false;
		return;
	}
	for (size_t i = 0; i < json_object_array_length(list) && i < MAX_FINDINGS; ++i)
		finding_from_json(tally, json_object_array_get_idx(list, i), ok);
}

static void test_from_json(struct test *t, struct json_object *o, bool *ok)
{
	snprintf(t->serial, sizeof(t->serial), "%s", get_text(o, "serial", 20, ok));
	snprintf(t->model, sizeof(t->model), "%s", get_text(o, "model", 40, ok));
	t->ns_id = (uint32_t)get_uint(o, "namespace", UINT32_MAX - 1, ok);
	t->block_size = get_uint(o, "block_size", 65536, ok);
	t->offset = get_uint(o, "offset", UINT64_MAX, ok);
	t->count = get_uint(o, "count", UINT64_MAX, ok);
	t->chunk = (uint32_t)get_uint(o, "chunk", UINT32_MAX, ok);
	if (parse_number(get_text(o, "seed", 18, ok), &t->seed) != 0)
		*ok = false;
	t->generation = (uint32_t)get_uint(o, "generation", UINT32_MAX, ok);
	t->passes = (uint32_t)get_uint(o, "passes", UINT32_MAX / 2, ok);
	t->fill = get_bool(o, "fill", ok);
	t->check = get_bool(o, "check", ok);
	t->random = get_bool(o, "random", ok);
}

/* What no run has written is not gone on with: not more than the range, not after the end. */
static bool is_sane(const struct state *state)
{
	const struct test *t = &state->test;
	uint64_t n_chunks;

	if (t->count == 0 || t->chunk == 0 || t->block_size < 512 || t->ns_id == 0 ||
	    t->passes == 0 || t->generation == 0 || (!t->fill && !t->check) ||
	    t->passes - 1 > UINT32_MAX - t->generation || t->count > UINT64_MAX - t->offset)
		return false;
	n_chunks = (t->count - 1) / t->chunk + 1;
	return state->step <= state_n_steps(t) && state->position <= n_chunks &&
	       state->finished == (state->step == state_n_steps(t));
}

static bool from_json(struct state *state, struct json_object *o)
{
	struct json_object *found;
	bool ok = true;

	if (strcmp(get_text(o, "format", 100, &ok), FORMAT) != 0 ||
	    get_uint(o, "version", VERSION, &ok) != VERSION)
		return false;
	test_from_json(&state->test, o, &ok);
	state->step = (uint32_t)get_uint(o, "step", UINT32_MAX, &ok);
	state->position = get_uint(o, "position", UINT64_MAX, &ok);
	state->seconds = get_double(o, "seconds", &ok);
	state->finished = get_bool(o, "finished", &ok);
	if (json_object_object_get_ex(o, "found", &found))
		tally_from_json(&state->tally, found, &ok);
	else
		ok = false;
	return ok && is_sane(state);
}

int state_load(struct state *state, const char *path)
{
	struct json_object *o;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = errno;
	bool ok;

	memset(state, 0, sizeof(*state));
	if (fd < 0 && err == ENOENT)
		return ENOENT;
	if (fd < 0) {
		tool_fail("cannot read the state file %s: %s", path, strerror(err));
		return EINVAL;
	}
	o = json_object_from_fd(fd);
	close(fd);
	ok = o != NULL && json_object_get_type(o) == json_type_object && from_json(state, o);
	json_object_put(o);
	if (ok)
		return 0;
	tally_free(&state->tally);
	tool_fail("%s is no state file of nvm-integrity-util, or is damaged: give another file, or "
		  "start again without it",
		  path);
	return EINVAL;
}
