/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.c - the calling thread's last failure in one line.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/error.h"

/* What stays of the beginning of a line that is too long. */
#define HEAD_SIZE 200

static _Thread_local char thread_line[NVMI_LINE_SIZE];

/*
 * A line may quote what devices and other programs wrote: whatever could end it early or steer a
 * terminal becomes a blank. C1 controls are two bytes in UTF-8, 0xc2 and 0x80..0x9f.
 */
static void make_one_line(char *s)
{
	unsigned char *p = (unsigned char *)s;

	for (; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f) {
			*p = ' ';
		} else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
			p[0] = ' ';
			p[1] = ' ';
		}
	}
}

static bool within_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80; /* UTF-8 */
}

/* Make a line that fits of one that does not, without leaving half a UTF-8 character. */
static void cut(char *line, const char *all, size_t length)
{
	const char *tail = all + length - (NVMI_LINE_SIZE - HEAD_SIZE - sizeof("..."));
	size_t head = HEAD_SIZE;

	while (head > 0 && within_character(all[head]))
		head--;
	while (within_character(*tail))
		tail++;
	snprintf(line, NVMI_LINE_SIZE, "%.*s...%s", (int)head, all, tail);
}

/* The arguments may point into thread_line, so the new line is made beside it. */
static void set_line(const char *fmt, va_list ap, const char *previous)
{
	char line[NVMI_LINE_SIZE];
	char *all = NULL;
	va_list again;
	size_t length;
	int n;

	va_copy(again, ap);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	if (n < 0) {
		line[0] = '\0';
		n = 0;
	}
	length = (size_t)n + (previous[0] != '\0' ? strlen(": ") + strlen(previous) : 0);
	/* Without memory for the whole, its beginning must do. */
	if (length >= sizeof(line))
		all = malloc(length + 1);
	if (all != NULL)
		vsnprintf(all, length + 1, fmt, again);
	va_end(again);
	if (all != NULL && previous[0] != '\0')
		snprintf(all + n, length + 1 - (size_t)n, ": %s", previous);
	if (all != NULL)
		cut(line, all, length);
	else if (previous[0] != '\0' && (size_t)n < sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n, ": %s", previous);
	free(all);
	make_one_line(line);
	memcpy(thread_line, line, strlen(line) + 1);
}

int nvmi_say(const char *fmt, ...)
{
	int saved_errno = errno;
	va_list ap;

	va_start(ap, fmt);
	set_line(fmt, ap, "");
	va_end(ap);
	nvmi_log(NVMI_LOG_DEBUG, "failure: %s", thread_line);
	errno = saved_errno;
	return 0;
}

int nvmi_say_more(const char *fmt, ...)
{
	int saved_errno = errno;
	va_list ap;

	va_start(ap, fmt);
	set_line(fmt, ap, thread_line);
	va_end(ap);
	errno = saved_errno;
	return 0;
}

void nvmi_message_save(struct nvmi_message *m)
{
	memcpy(m->line, thread_line, sizeof(m->line));
}

void nvmi_message_restore(const struct nvmi_message *m)
{
	memcpy(thread_line, m->line, sizeof(m->line));
}

const char *nvm_errmsg(void)
{
	return thread_line;
}
