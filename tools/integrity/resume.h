/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resume.h - going on with a test that its state file describes: only with the same test, on the same disk.
 */
#ifndef INTEGRITY_RESUME_H
#define INTEGRITY_RESUME_H

#include "device.h"
#include "options.h"
#include "state.h"

/**
 * resume_load() - what the state file says, if there is one to be gone on with
 * @state: filled in; for a new test, nothing but zeroes
 * @args: command line; what it says of the test must be what the file says
 *
 * A file of a test that has not finished is not overwritten by a new one.
 *
 * Return: 0 or an exit status after the line.
 */
int resume_load(struct state *state, const struct arguments *args);

/* Is it the disk of the state file? Return 0 or TOOL_FAILURE after the line. */
int resume_check_disk(const struct state *state, const struct device *d,
		      const struct arguments *args);

#endif
