/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue_spec.c - what --queue says: "no=1,depth=32,prps=1,location=host", with the keys of 2018.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

enum key {
	KEY_NO,
	KEY_DEPTH,
	KEY_PAGES,
	KEY_LOCATION,
	KEY_UNKNOWN,
};

static const struct {
	const char *name;
	enum key key;
} keys[] = {
	{"no", KEY_NO},         {"id", KEY_NO},      {"number", KEY_NO},
	{"depth", KEY_DEPTH},   {"cmds", KEY_DEPTH}, {"commands", KEY_DEPTH},
	{"d", KEY_DEPTH},       {"c", KEY_DEPTH},    {"prps", KEY_PAGES},
	{"pages", KEY_PAGES},   {"p", KEY_PAGES},    {"chunk", KEY_PAGES},
	{"loc", KEY_LOCATION},  {"l", KEY_LOCATION}, {"location", KEY_LOCATION},
	{"host", KEY_LOCATION}, {"h", KEY_LOCATION},
};

static enum key find_key(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].key;
	return KEY_UNKNOWN;
}

static int check_location(const char *value)
{
	if (strcmp(value, "host") == 0 || strcmp(value, "local") == 0 || strcmp(value, "ram") == 0)
		return 0;
	if (strcmp(value, "remote") == 0 || strcmp(value, "target") == 0)
		return tool_usage("--queue: location=%s, memory beside the disk, needs a build "
				  "with SmartIO: use location=host",
				  value);
	return tool_usage("--queue: location=%s is no place for a queue: use location=host", value);
}

static int number(const char *name, const char *value, uint64_t min, uint64_t max, uint32_t *to)
{
	char option[64];
	uint64_t n = 0;
	int err;

	snprintf(option, sizeof(option), "--queue: %s", name);
	err = tool_number(option, value, min, max, &n);
	if (err == 0)
		*to = (uint32_t)n;
	return err;
}

static int take(struct queue_spec *spec, const char *name, const char *value)
{
	uint32_t no = 0;
	int err;

	switch (find_key(name)) {
	case KEY_NO:
		err = number(name, value, 1, UINT16_MAX, &no);
		spec->no = (uint16_t)no;
		return err;
	case KEY_DEPTH:
		return number(name, value, 1, UINT16_MAX, &spec->depth);
	case KEY_PAGES:
		return number(name, value, 1, UINT32_MAX, &spec->pages);
	case KEY_LOCATION:
		return check_location(value);
	default:
		return tool_usage("--queue: '%s' is no key: use no, depth, prps and location",
				  name);
	}
}

static int take_all(struct queue_spec *spec, char *text)
{
	char *rest = text;
	int err = 0;

	while (err == 0 && rest != NULL) {
		char *pair = strsep(&rest, ",");
		char *value = strchr(pair, '=');

		if (value == NULL)
			return tool_usage("--queue: '%s' is not key=value, as in "
					  "no=1,depth=32,prps=1",
					  pair);
		*value++ = '\0';
		err = take(spec, pair, value);
	}
	return err;
}

int queue_spec_add(struct arguments *args, const struct queue_spec *spec)
{
	struct queue_spec *queues = realloc(args->queues, (args->n_queues + 1) * sizeof(*queues));

	if (queues == NULL)
		return tool_fail("out of memory for the queues");
	args->queues = queues;
	queues[args->n_queues++] = *spec;
	return 0;
}

int queue_spec_parse(struct arguments *args, const char *text)
{
	struct queue_spec spec = {0};
	char *copy = strdup(text);
	int err = copy != NULL ? take_all(&spec, copy) : tool_fail("out of memory for the queues");

	free(copy);
	if (err != 0)
		return err;
	if (spec.no == 0)
		return tool_usage("--queue=%s: which queue? Say no=1 or another number", text);
	for (size_t i = 0; i < args->n_queues; ++i)
		if (args->queues[i].no == spec.no)
			return tool_usage("--queue: number %u is given twice",
					  (unsigned int)spec.no);
	return queue_spec_add(args, &spec);
}
