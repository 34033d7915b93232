/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * job.h - what nvm-read-blocks does after reading its command line.
 *
 * Functions return 0, an exit status after the line, or INTERRUPTED.
 */
#ifndef READ_BLOCKS_JOB_H
#define READ_BLOCKS_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/hexdump.h"
#include "common/progress.h"
#include "nvm_disk.h"
#include "options.h"

/* Besides exit statuses: asked to end before a chunk was moved whole, no failure. */
#define INTERRUPTED (-1)

/* A transfer: the disk on one side, a file or a hexdump on the other. */
struct job {
	const struct arguments *args;
	nvm_disk_t *disk;
	size_t block_size;
	uint64_t n_blocks;
	uint64_t n_done;
	size_t chunk; /* blocks */
	unsigned char *buffer;

	const char *file_name; /* for messages */
	int fd;                /* -1 = hexdump */
	struct stat file;      /* of the input */
	struct hexdump dump;

	struct progress progress;
};

/* The file to write: what can be wrong with it is found before the controller is touched. */
int file_open_input(struct job *j);

/* How many blocks to write: what --blocks says, or what the file holds; all of it must be there. */
int file_size_input(struct job *j);

/* Only when everything else is known to be right: an existing file is emptied. */
int file_open_output(struct job *j);

/* Do the blocks go where standard output goes, maybe under another name? */
bool file_is_stdout(const struct job *j);

/* Bytes of a chunk to where they go. */
int file_put(struct job *j, size_t size);

/* Bytes of a chunk from where they come. @last: of all chunks, the one that may be padded. */
int file_get(struct job *j, size_t size, bool last);

/* Return @status, or TOOL_FAILURE if that was success and closing fails. */
int file_close(struct job *j, int status);

/* Move all blocks and say so. If interrupted, return 0 with fewer blocks done. */
int transfer(struct job *j);

/* What was transferred, and how fast, unless it would mix with the blocks. */
int summary(const struct job *j);

#endif
