/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * option_values.h - values of options that are more than a number or a name.
 *
 * Each returns 0, or an exit status after the line.
 */
#ifndef LATENCY_BENCH_OPTION_VALUES_H
#define LATENCY_BENCH_OPTION_VALUES_H

#include "options.h"

/* --pattern: the form of early 2018. */
int option_pattern(struct arguments *args, const char *text);
int option_wait(struct arguments *args, const char *text);
int option_time(const char *option, const char *text, uint64_t *ns);

/* --warmup: a time with a unit, or a number of commands. */
int option_warmup(struct arguments *args, const char *text);

/* --steady and --verify: @text is NULL without a value. */
int option_steady(struct arguments *args, const char *text);
int option_verify(struct arguments *args, const char *text);
int option_cpus(struct arguments *args, const char *text);
int option_numa(struct arguments *args, const char *text);

#endif
