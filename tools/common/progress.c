/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.c - a progress bar on stderr, if that is a terminal, for what takes over a second.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "human.h"
#include "progress.h"

#define FIRST_AFTER 1.0 /* seconds */
#define REDRAW      0.1

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

void progress_begin(struct progress *p, const char *what, uint64_t total, bool enabled)
{
	*p = (struct progress){
		.what = what,
		.total = total,
		.start = now(),
		.enabled = enabled && isatty(STDERR_FILENO),
	};
}

double progress_seconds(const struct progress *p)
{
	return now() - p->start;
}

static unsigned int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

static void draw(const struct progress *p, uint64_t done, double elapsed)
{
	double part = p->total > 0 ? (double)done / (double)p->total : 1;
	double rate = (double)done / elapsed;
	double left = rate > 0 ? (double)(p->total - done) / rate : -1;
	unsigned int width = terminal_width();
	char numbers[160], bar[64];
	size_t room, filled;
	int n;

	n = snprintf(numbers, sizeof(numbers), "%s of %s, %s/s, %s left", human_bytes(done).text,
		     human_bytes(p->total).text, human_bytes((uint64_t)rate).text,
		     human_time(left).text);
	/* "reading  42% [bar] numbers": 10 characters are neither text nor bar. */
	room = strlen(p->what) + (size_t)n + 10;
	room = width > room ? width - room : 0;
	if (room > sizeof(bar) - 1)
		room = sizeof(bar) - 1;
	filled = (size_t)(part * (double)room);
	memset(bar, ' ', room);
	memset(bar, '=', filled);
	bar[room] = '\0';
	if (room >= 5)
		fprintf(stderr, "\r%s %3.0f%% [%s] %s\033[K", p->what, part * 100, bar, numbers);
	else
		fprintf(stderr, "\r%.*s\033[K", (int)width - 1, numbers);
}

void progress_update(struct progress *p, uint64_t done)
{
	double t;

	if (!p->enabled)
		return;
	t = now();
	if (t - p->start < FIRST_AFTER || t - p->shown < REDRAW)
		return;
	draw(p, done, t - p->start);
	p->shown = t;
}

void progress_end(struct progress *p)
{
	if (p->shown > 0)
		fputs("\r\033[K", stderr);
	p->shown = 0;
	p->enabled = false;
}
