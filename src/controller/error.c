/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.c - the calling thread's last failure in one line.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "controller/error.h"

/* Longer lines are cut and end in "...". */
#define LINE_SIZE 512

static _Thread_local char thread_line[LINE_SIZE];

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

/* Replace the end of a line that did not fit, without leaving half a UTF-8 character. */
static void mark_cut(char *line)
{
	size_t end = LINE_SIZE - sizeof("...");

	while (end > 0 && ((unsigned char)line[end] & 0xc0) == 0x80)
		end--;
	memcpy(line + end, "...", sizeof("..."));
}

/* The arguments may point into thread_line, so the new line is made beside it. */
static void set_line(const char *fmt, va_list ap, const char *previous)
{
	char line[LINE_SIZE];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	if (n < 0) {
		line[0] = '\0';
		n = 0;
	}
	if (previous[0] != '\0' && (size_t)n < sizeof(line)) {
		size_t used = (size_t)n;
		int more = snprintf(line + used, sizeof(line) - used, ": %s", previous);

		if (more > 0)
			n += more;
	}
	if ((size_t)n >= sizeof(line))
		mark_cut(line);
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

const char *nvm_errmsg(void)
{
	return thread_line;
}
