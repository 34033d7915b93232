/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.h - a progress bar on stderr, if that is a terminal, for what takes over a second.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "reading" */
	uint64_t total;   /* bytes */
	double start;     /* seconds */
	double shown;     /* when the bar was last drawn, 0 = never */
	bool enabled;
};

/* @enabled: false draws nothing, whatever stderr is. @total: bytes. */
void progress_begin(struct progress *p, const char *what, uint64_t total, bool enabled);

/* @done: bytes so far. Cheap enough to be called for every chunk. */
void progress_update(struct progress *p, uint64_t done);

/* Remove the bar, so that the next line of output starts at the left. */
void progress_end(struct progress *p);

/* Seconds since progress_begin(). */
double progress_seconds(const struct progress *p);

#endif
