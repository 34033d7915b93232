/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - what nvm-integrity-util says at its end.
 */
#ifndef INTEGRITY_REPORT_H
#define INTEGRITY_REPORT_H

#include "device.h"
#include "options.h"
#include "state.h"
#include "tally.h"

/**
 * struct report - what there is to say
 * @args: what was asked for
 * @device: the disk
 * @test: the test; NULL: a file was written or read
 * @offset, @n_blocks: the range
 * @bytes: moved, by all passes
 * @seconds: it took
 * @complete: all was done
 * @tally: what was found
 */
struct report {
	const struct arguments *args;
	const struct device *device;
	const struct test *test;
	uint64_t offset;
	uint64_t n_blocks;
	uint64_t bytes;
	double seconds;
	bool complete;
	const struct tally *tally;
};

/* Blocks are not as written. */
#define EXIT_DIFFERENT 3

/**
 * report() - say it
 * @r: what
 * @status: how the work has ended: 0, an exit status after the line, or INTERRUPTED
 *
 * Return: exit status.
 */
int report(const struct report *r, int status);

/* The JSON object. */
struct json_object;
struct json_object *report_json(const struct report *r);

#endif
