/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.h - how the library reports: one line per failure (nvm_errmsg()), logging (NVM_LOG).
 */
#ifndef NVMI_ERROR_H
#define NVMI_ERROR_H

#include <stdarg.h>
#include "nvm_error.h"

/* Behind the two macros below: set or extend the calling thread's message; errno stays. Return 0. */
int nvmi_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int nvmi_say_more(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The status, whatever has been said: inline, so that compilers see that it is what was passed. */
static inline int nvmi_status(int status, int said)
{
	(void)said;
	return status;
}

/**
 * nvmi_fail() - set the calling thread's error message and return the status
 * @status: packed status to return
 * @...: printf format and arguments of cause and remedy, one line, no final period or newline
 *
 * return nvmi_fail(EBUSY, "%s is bound to nvme: run nvm-bind --driver=vfio-pci %s", bdf, bdf);
 */
#define nvmi_fail(status, ...) nvmi_status((status), nvmi_say(__VA_ARGS__))

/**
 * nvmi_fail_more() - put context in front of the message of the failure being passed on
 *
 * "context: previous message". Returns @status.
 */
#define nvmi_fail_more(status, ...) nvmi_status((status), nvmi_say_more(__VA_ARGS__))

/* Of longer messages the middle is replaced by "...": the cause is at the end. */
#define NVMI_LINE_SIZE 512

/* The calling thread's message, put aside. */
struct nvmi_message {
	char line[NVMI_LINE_SIZE];
};

/*
 * Put the message aside while cleaning up after a failure, which may fail too; and bring it back. What
 * returns nothing (close, free, destroy) leaves the message as it was.
 */
void nvmi_message_save(struct nvmi_message *m);
void nvmi_message_restore(const struct nvmi_message *m);

enum nvmi_log_level {
	NVMI_LOG_NONE,
	NVMI_LOG_ERROR,
	NVMI_LOG_WARN,
	NVMI_LOG_INFO,
	NVMI_LOG_DEBUG,
};

/* One line to stderr, "libnvm: info: …", if the environment variable NVM_LOG asks for the level. */
void nvmi_log(enum nvmi_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
