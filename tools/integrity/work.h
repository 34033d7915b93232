/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * work.h - what nvm-integrity-util does, with a file or with a range of blocks.
 */
#ifndef INTEGRITY_WORK_H
#define INTEGRITY_WORK_H

#include "device.h"
#include "options.h"

/* Write a file and compare it, or read to a file. Return exit status. */
int work_with_file(const struct arguments *args);

/* Fill a range, check it, or both. Return exit status. */
int work_with_range(const struct arguments *args);

/*
 * Make the lanes that @args asks for and @n_blocks has use for. Return 0 or an exit status after the
 * line.
 */
int work_make_lanes(struct device *d, const struct arguments *args, uint64_t n_blocks,
		    uint64_t chunk);

/* Does the range lie in the namespace? Return 0 or TOOL_FAILURE after the line. */
int work_check_range(const struct device *d, uint64_t lba, uint64_t n_blocks);

#endif
