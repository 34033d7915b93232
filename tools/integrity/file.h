/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - the file that is written to the disk, or that the disk is read to.
 */
#ifndef INTEGRITY_FILE_H
#define INTEGRITY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "engine.h"

/**
 * struct file - a file next to a range of blocks
 * @name: for messages
 * @fd: -1 = not open
 * @size: bytes that belong to the range; its last block is padded with zeroes
 * @lba: first block of the range
 * @block_size: bytes
 */
struct file {
	const char *name;
	int fd;
	uint64_t size;
	uint64_t lba;
	size_t block_size;
};

/* A file to write to the disk, with its size. Return 0 or an exit status after the line. */
int file_open_input(struct file *file, const char *name);

/* A file to read @file->size bytes to: it gets this size. Return 0 or an exit status after the line. */
int file_open_output(struct file *file, const char *name);

/* Nothing was read to it behind so many bytes. */
void file_cut(const struct file *file, uint64_t size);

/* Return @status, or TOOL_FAILURE if that was success and closing fails. */
int file_close(struct file *file, int status);

/* What a pass does with blocks (struct pass): from the file, to the file, as the file? @arg is a struct file. */
int file_get(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
	     struct reason *why);
int file_put(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
	     struct reason *why);
int file_compare(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
		 struct reason *why);

#endif
