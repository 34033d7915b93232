/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.c - NVM_LOG=error|warn|info|debug: what the library does, on stderr. Silent by default.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/error.h"

#define LEVEL_UNKNOWN (-1)

static const char *const level_names[] = {
	[NVMI_LOG_NONE] = "none", [NVMI_LOG_ERROR] = "error", [NVMI_LOG_WARN] = "warn",
	[NVMI_LOG_INFO] = "info", [NVMI_LOG_DEBUG] = "debug",
};

#define N_LEVELS ((int)(sizeof(level_names) / sizeof(level_names[0])))

static int level_from_environment(void)
{
	const char *text = getenv("NVM_LOG");

	if (text != NULL) {
		for (int i = 0; i < N_LEVELS; i++) {
			if (strcmp(text, level_names[i]) == 0)
				return i;
		}
	}
	return NVMI_LOG_NONE;
}

/* Does NVM_LOG ask for this level? It is read once. */
static bool log_on(enum nvmi_log_level level)
{
	static atomic_int current = LEVEL_UNKNOWN;
	int max = atomic_load_explicit(&current, memory_order_relaxed);

	/* Two threads may both get here first: they find the same. */
	if (max == LEVEL_UNKNOWN) {
		max = level_from_environment();
		atomic_store_explicit(&current, max, memory_order_relaxed);
	}
	return level != NVMI_LOG_NONE && (int)level <= max;
}

void nvmi_log(enum nvmi_log_level level, const char *fmt, ...)
{
	int saved_errno = errno;
	char line[1024];
	va_list ap;
	int n;

	if (!log_on(level))
		return;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* One call, so that lines of several threads do not mix. */
	if (n >= 0)
		fprintf(stderr, "libnvm: %s: %s\n", level_names[level], line);
	errno = saved_errno;
}
