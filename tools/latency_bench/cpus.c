/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpus.c - which CPU a thread runs on, and from which NUMA node its memory comes.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/parse.h"
#include "cpus.h"

#define MAX_NODES 1024

static int append(int **cpus, size_t *n, uint64_t cpu)
{
	int *more = realloc(*cpus, (*n + 1) * sizeof(*more));

	if (more == NULL)
		return ENOMEM;
	more[(*n)++] = (int)cpu;
	*cpus = more;
	return 0;
}

/* "2" or "2-4". */
static int parse_range(char *text, int **cpus, size_t *n)
{
	uint64_t first, last;
	char *dash = strchr(text, '-');
	int err;

	if (dash != NULL)
		*dash = '\0';
	if (parse_number(text, &first) != 0 ||
	    parse_number(dash != NULL ? dash + 1 : text, &last) != 0 || first > last ||
	    last >= CPU_SETSIZE)
		return EINVAL;
	for (err = 0; err == 0 && first <= last; ++first)
		err = append(cpus, n, first);
	return err;
}

int cpus_parse(const char *text, int **cpus, size_t *n)
{
	char *copy = strdup(text), *rest = copy;
	int err = copy != NULL ? 0 : ENOMEM;

	free(*cpus);
	*cpus = NULL;
	*n = 0;
	while (err == 0 && rest != NULL)
		err = parse_range(strsep(&rest, ","), cpus, n);
	free(copy);
	return err;
}

int cpus_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0 ? 0 : errno;
}

bool cpus_may_run(int cpu)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_ISSET((size_t)cpu, &set);
}

int cpus_node(int cpu)
{
	char path[64];
	struct dirent *entry;
	int node = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", cpu);
	dir = opendir(path);
	while (dir != NULL && node < 0 && (entry = readdir(dir)) != NULL) {
		uint64_t number;

		if (strncmp(entry->d_name, "node", 4) == 0 &&
		    parse_number(entry->d_name + 4, &number) == 0 && number < MAX_NODES)
			node = (int)number;
	}
	if (dir != NULL)
		closedir(dir);
	return node;
}

int cpus_memory_from(int node)
{
	enum {
		BITS = 8 * sizeof(unsigned long)
	};
	unsigned long nodes[MAX_NODES / BITS] = {0};
	int mode = MPOL_DEFAULT;

	if (node >= MAX_NODES)
		return EINVAL;
	if (node >= 0) {
		mode = MPOL_BIND;
		nodes[node / BITS] = 1UL << (node % BITS);
	}
	/* No libnuma for one system call. */
	if (syscall(SYS_set_mempolicy, mode, node >= 0 ? nodes : NULL, node >= 0 ? MAX_NODES : 0) ==
	    0)
		return 0;
	return errno;
}
