/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare.c - ratios of two results. A file may hold several results of repeated runs, one after the other or
 * in an array: then their medians are compared.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "common/json.h"

struct metric {
	const char *name;
	const char *path[3]; /* below the operation */
};

static const struct metric metrics[] = {
	{"IOPS", {"iops"}},
	{"bandwidth (MB/s)", {"bandwidth_mb_s"}},
	{"latency min (us)", {"latency_us", "min"}},
	{"latency mean (us)", {"latency_us", "mean"}},
	{"latency 50 % (us)", {"latency_us", "percentiles", "50"}},
	{"latency 90 % (us)", {"latency_us", "percentiles", "90"}},
	{"latency 99 % (us)", {"latency_us", "percentiles", "99"}},
	{"latency 99.9 % (us)", {"latency_us", "percentiles", "99.9"}},
	{"latency 99.99 % (us)", {"latency_us", "percentiles", "99.99"}},
	{"latency max (us)", {"latency_us", "max"}},
};

#define N_METRICS (sizeof(metrics) / sizeof(metrics[0]))
#define MAX_RUNS  1000

/* Values of one metric in all runs of a file. */
struct values {
	double of_run[MAX_RUNS];
	size_t n;
};

struct spread {
	double median, min, max;
	size_t n;
};

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct spread spread_of(struct values *v)
{
	struct spread s = {.n = v->n};

	if (v->n == 0)
		return s;
	qsort(v->of_run, v->n, sizeof(v->of_run[0]), compare_doubles);
	s.min = v->of_run[0];
	s.max = v->of_run[v->n - 1];
	s.median = (v->of_run[(v->n - 1) / 2] + v->of_run[v->n / 2]) / 2;
	return s;
}

/* All JSON values in a text, as an array. */
static struct json_object *parse_all(const char *text, size_t size)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *list = json_object_new_array();
	size_t at = 0;

	while (tokener != NULL && list != NULL && at + strspn(text + at, " \t\r\n") < size) {
		struct json_object *value =
			json_tokener_parse_ex(tokener, text + at, (int)(size - at));

		if (value == NULL || json_object_array_add(list, value) != 0) {
			json_object_put(list);
			list = NULL;
			break;
		}
		at += json_tokener_get_parse_end(tokener);
	}
	if (tokener != NULL)
		json_tokener_free(tokener);
	return list;
}

static char *read_text(const char *name, size_t *size)
{
	FILE *file = fopen(name, "re");
	char *text = NULL;
	size_t room = 0;

	*size = 0;
	if (file == NULL)
		return NULL;
	/* No JSON text has a NUL in it. */
	errno = 0;
	if (getdelim(&text, &room, '\0', file) > 0) {
		*size = strlen(text);
	} else {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* The results in a file, as an array; NULL after the line. */
static struct json_object *load(const char *name)
{
	struct json_object *list, *first;
	size_t size;
	char *text = read_text(name, &size);

	if (text == NULL) {
		tool_fail("cannot read %s: %s", name, errno != 0 ? strerror(errno) : "it is empty");
		return NULL;
	}
	list = size <= INT32_MAX ? parse_all(text, size) : NULL;
	free(text);
	if (list == NULL || json_object_array_length(list) == 0) {
		json_object_put(list);
		tool_fail("%s is not JSON: give what --output-format=json has printed", name);
		return NULL;
	}
	first = json_object_array_get_idx(list, 0);
	if (json_object_is_type(first, json_type_array)) {
		first = json_object_get(first);
		json_object_put(list);
		list = first;
	}
	return list;
}

static bool number_at(struct json_object *o, const struct metric *m, double *value)
{
	for (size_t i = 0; i < 3 && m->path[i] != NULL; ++i)
		if (!json_object_object_get_ex(o, m->path[i], &o))
			return false;
	*value = json_object_get_double(o);
	return json_object_is_type(o, json_type_double) || json_object_is_type(o, json_type_int);
}

/* Collect what a run has to say on an operation. */
static void collect_run(struct json_object *run, const char *operation, const struct metric *m,
			struct values *values)
{
	struct json_object *phases, *o;
	double value;

	if (!json_object_object_get_ex(run, "phases", &phases) ||
	    !json_object_is_type(phases, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(phases); ++i)
		if (json_object_object_get_ex(json_object_array_get_idx(phases, i), operation,
					      &o) &&
		    number_at(o, m, &value) && values->n < MAX_RUNS)
			values->of_run[values->n++] = value;
}

static struct spread collect(struct json_object *runs, const char *operation,
			     const struct metric *m)
{
	static struct values values;

	values.n = 0;
	for (size_t i = 0; i < json_object_array_length(runs); ++i)
		collect_run(json_object_array_get_idx(runs, i), operation, m, &values);
	return spread_of(&values);
}

static double ratio(const struct spread *a, const struct spread *b)
{
	return a->median > 0 ? b->median / a->median : 0;
}

static struct json_object *spread_json(const struct spread *s)
{
	struct json_object *o = json_make_object();

	json_add_double(o, "median", s->median);
	json_add_double(o, "min", s->min);
	json_add_double(o, "max", s->max);
	json_add_uint(o, "runs", s->n);
	return o;
}

static void print_spread(const struct spread *s)
{
	printf(" %14.3f", s->median);
	if (s->n > 1)
		printf(" (%.3f..%.3f)", s->min, s->max);
}

/* Return: metrics that both have. */
static size_t compare_operation(struct json_object *runs[2], const char *operation,
				struct json_object *json)
{
	struct json_object *o = json != NULL ? json_make_object() : NULL;
	size_t n = 0;

	for (size_t i = 0; i < N_METRICS; ++i) {
		struct spread a = collect(runs[0], operation, &metrics[i]);
		struct spread b = collect(runs[1], operation, &metrics[i]);

		if (a.n == 0 || b.n == 0)
			continue;
		++n;
		if (json != NULL) {
			struct json_object *m = json_make_object();

			json_add(m, "a", spread_json(&a));
			json_add(m, "b", spread_json(&b));
			json_add_double(m, "ratio", ratio(&a, &b));
			json_add(o, metrics[i].name, m);
			continue;
		}
		printf("%-5s %-21s %8.3f", operation, metrics[i].name, ratio(&a, &b));
		print_spread(&a);
		print_spread(&b);
		putchar('\n');
	}
	if (json != NULL && n > 0)
		json_add(json, operation, o);
	else
		json_object_put(o);
	return n;
}

int compare_results(const struct arguments *args)
{
	static const char *const operations[] = {"read", "write"};
	struct json_object *runs[2] = {NULL, NULL}, *json = NULL;
	size_t n = 0;
	int status = 0;

	for (int i = 0; i < 2 && status == 0; ++i) {
		runs[i] = load(args->compare[i]);
		status = runs[i] != NULL ? 0 : TOOL_FAILURE;
	}
	if (status == 0 && args->common.format == TOOL_JSON)
		json = json_make_object();
	else if (status == 0)
		printf("A: %s\nB: %s\n%-5s %-21s %8s %14s %14s\n", args->compare[0],
		       args->compare[1], "", "median of the runs", "B/A", "A", "B");
	for (int i = 0; i < 2 && status == 0; ++i)
		n += compare_operation(runs, operations[i], json);
	json_object_put(runs[0]);
	json_object_put(runs[1]);
	if (status == 0 && n == 0) {
		json_object_put(json);
		return tool_fail("%s and %s have no result in common: give what "
				 "--output-format=json has printed",
				 args->compare[0], args->compare[1]);
	}
	return json != NULL ? tool_json_print(json) : status;
}
