/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpus.h - which CPU a thread runs on, and from which NUMA node its memory comes.
 */
#ifndef LATENCY_BENCH_CPUS_H
#define LATENCY_BENCH_CPUS_H

#include <stdbool.h>
#include <stddef.h>

/* "0,2-4": *cpus is malloc(3)ed, *n elements. Return: 0, EINVAL, ENOMEM. */
int cpus_parse(const char *text, int **cpus, size_t *n);

/* The calling thread runs on this CPU only. Return: 0 or errno. */
int cpus_pin(int cpu);

/* May the calling thread run on this CPU? */
bool cpus_may_run(int cpu);

/* The node of a CPU; -1 if nobody knows. */
int cpus_node(int cpu);

/* The calling thread's memory comes from this node; -1: from any. Return: 0 or errno. */
int cpus_memory_from(int node);

#endif
