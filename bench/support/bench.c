// SPDX-License-Identifier: BSD-2-Clause
/*
 * bench.c - what the benchmark programs share.
 */
#include "bench/support/bench.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nvm_error.h"

noreturn void bench_fail(int status, const char *what)
{
	if (status != 0)
		fprintf(stderr, "%s: %s: %s (%s)\n", program_invocation_short_name, what,
			nvm_strerror(status), nvm_errmsg());
	else
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(1);
}

static noreturn void usage_error(const char *what, const char *argument)
{
	fprintf(stderr, "%s: %s '%s'; see --help\n", program_invocation_short_name, what, argument);
	exit(2);
}

static void help(const char *about, const struct bench_option *options)
{
	printf("Usage: %s [OPTION...]\n%s\nResults as JSON on standard output.\n\n",
	       program_invocation_short_name, about);
	for (; options->name != NULL; ++options) {
		printf("  --%s=", options->name);
		if (options->number != NULL)
			printf("N  %s (default %" PRIu64 ")\n", options->help, *options->number);
		else
			printf("TEXT  %s (default %s)\n", options->help, *options->text);
	}
	exit(0);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end == 'K')
		value <<= 10, ++end;
	else if (*end == 'M')
		value <<= 20, ++end;
	else if (*end == 'G')
		value <<= 30, ++end;
	if (end == text || *end != '\0' || errno != 0 || *text == '-')
		usage_error("not a number:", text);
	return value;
}

static void take(const char *argument, const struct bench_option *options)
{
	size_t length = strcspn(argument, "=");

	for (; options->name != NULL; ++options) {
		if (strlen(options->name) != length || argument[length] != '=' ||
		    strncmp(options->name, argument, length) != 0)
			continue;
		if (options->number != NULL)
			*options->number = number(argument + length + 1);
		else
			*options->text = argument + length + 1;
		return;
	}
	usage_error("unknown option, or no value for it:", argument);
}

void bench_options(int argc, char **argv, const char *about, const struct bench_option *options)
{
	for (int i = 1; i < argc; ++i) {
		if (strcmp(argv[i], "--help") == 0)
			help(about, options);
		if (strncmp(argv[i], "--", 2) != 0)
			usage_error("not an option:", argv[i]);
		take(argv[i] + 2, options);
	}
}

/* The processors that the process had at its start, before any thread was pinned. */
static const cpu_set_t *processors(void)
{
	static cpu_set_t set;
	static bool known;

	if (!known) {
		CPU_ZERO(&set);
		known = sched_getaffinity(getpid(), sizeof(set), &set) == 0;
	}
	return &set;
}

static bool pin(pid_t thread, unsigned int number)
{
	const cpu_set_t *all = processors();
	cpu_set_t one;

	if (number >= (unsigned int)CPU_COUNT(all))
		return false;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
		if (!CPU_ISSET(cpu, all) || number-- != 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		return sched_setaffinity(thread, sizeof(one), &one) == 0;
	}
	return false;
}

bool bench_pin(unsigned int number)
{
	return pin(0, number);
}

void bench_pin_others(void)
{
	unsigned int n = (unsigned int)CPU_COUNT(processors());
	unsigned int next = 1;
	struct dirent *entry;
	DIR *tasks;

	if (n < 2)
		return;
	tasks = opendir("/proc/self/task");
	if (tasks == NULL)
		return;
	while ((entry = readdir(tasks)) != NULL) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

		if (thread <= 0 || thread == gettid())
			continue;
		pin(thread, next);
		next = next + 1 == n ? 1 : next + 1;
	}
	closedir(tasks);
}

void bench_print_array(const char *name, const double *values, size_t n)
{
	printf("\"%s\": [", name);
	for (size_t i = 0; i < n; ++i)
		printf("%s%.3f", i != 0 ? ", " : "", values[i]);
	printf("]");
}
