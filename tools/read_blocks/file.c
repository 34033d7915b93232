/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.c - where blocks come from or go to: a file, a standard stream, a hexdump.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/disk_file.h"
#include "common/stream.h"
#include "common/tool.h"
#include "job.h"

int file_open_input(struct job *j)
{
	const char *name = j->args->input;

	if (strcmp(name, "-") == 0) {
		j->file_name = "standard input";
		j->fd = STDIN_FILENO;
	} else {
		j->file_name = name;
		j->fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (j->fd < 0 && tool_interrupted())
		return INTERRUPTED;
	if (j->fd < 0 || fstat(j->fd, &j->file) != 0)
		return tool_fail("cannot read %s: %s", j->file_name, strerror(errno));
	if (S_ISDIR(j->file.st_mode))
		return tool_fail("cannot read %s: it is a directory", j->file_name);
	if (!S_ISREG(j->file.st_mode) && j->args->n_blocks == 0)
		return tool_fail("%s has no size of its own: say how many blocks with --blocks=N",
				 j->file_name);
	return 0;
}

/* Bytes from where the input stands, which for standard input need not be the start of the file. */
static uint64_t input_size(const struct job *j)
{
	off_t position = lseek(j->fd, 0, SEEK_CUR);

	return position < j->file.st_size ? (uint64_t)(j->file.st_size - position) : 0;
}

int file_size_input(struct job *j)
{
	uint64_t wanted = j->args->n_blocks;
	uint64_t size, whole;
	bool rest;

	if (j->fd != STDIN_FILENO && tool_check_not_a_disk(j->fd, j->file_name, LOCK_SH) != 0)
		return TOOL_FAILURE;
	j->n_blocks = wanted;
	if (!S_ISREG(j->file.st_mode))
		return 0;
	size = input_size(j);
	if (size == 0)
		return tool_fail("%s is empty: there is nothing to write", j->file_name);
	whole = size / j->block_size;
	rest = size % j->block_size != 0;
	if (wanted == 0)
		j->n_blocks = wanted = whole + rest;
	if (wanted <= whole || (wanted == whole + rest && j->args->pad))
		return 0;
	if (wanted == whole + rest)
		return tool_fail("%s has %" PRIu64 " bytes, which is not a multiple of the block "
				 "size of %zu bytes: --pad fills the last block with zeroes",
				 j->file_name, size, j->block_size);
	return tool_fail("%s is too short: %" PRIu64 " bytes, less than %" PRIu64
			 " blocks of %zu bytes",
			 j->file_name, size, wanted, j->block_size);
}

bool file_is_stdout(const struct job *j)
{
	struct stat a, b;

	if (j->fd <= STDOUT_FILENO)
		return true;
	return fstat(j->fd, &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int file_open_output(struct job *j)
{
	const char *name = j->args->output;
	int status;

	j->file_name = "standard output";
	if (name == NULL) {
		hexdump_begin(&j->dump, stdout, j->args->lba * j->block_size, j->args->ascii);
	} else if (strcmp(name, "-") == 0) {
		j->fd = STDOUT_FILENO;
	} else {
		j->file_name = name;
		j->fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (j->fd < 0 && tool_interrupted())
			return INTERRUPTED;
		if (j->fd < 0)
			return tool_fail("cannot write %s: %s", name, strerror(errno));
		status = tool_check_not_a_disk(j->fd, name, LOCK_EX);
		if (status != 0)
			return status;
		/* What is no file has no size to set. */
		if (ftruncate(j->fd, 0) != 0 && errno != EINVAL)
			return tool_fail("cannot write %s: %s", name, strerror(errno));
	}
	return 0;
}

int file_put(struct job *j, size_t size)
{
	int err = 0;

	if (j->fd >= 0) {
		err = stream_write(j->fd, j->buffer, size);
	} else {
		hexdump_add(&j->dump, j->buffer, size);
		if (ferror(stdout) != 0)
			err = errno;
	}
	if (err == 0)
		return 0;
	if (tool_interrupted())
		return INTERRUPTED;
	return tool_fail("cannot write %s: %s", j->file_name, strerror(err));
}

static int too_short(const struct job *j, size_t got)
{
	uint64_t bytes = j->n_done * j->block_size + got;

	return tool_fail("%s ended after %" PRIu64 " of %" PRIu64 " bytes: %" PRIu64 " of %" PRIu64
			 " blocks are written",
			 j->file_name, bytes, j->n_blocks * j->block_size, j->n_done, j->n_blocks);
}

int file_get(struct job *j, size_t size, bool last)
{
	size_t done;
	int err = stream_read(j->fd, j->buffer, size, &done);

	if (err != 0 && !tool_interrupted())
		return tool_fail("cannot read %s: %s", j->file_name, strerror(err));
	if (err != 0)
		return INTERRUPTED;
	/* Only the very last block may be padded, and only if there is some of it. */
	if (done < size && !(last && j->args->pad && size - done < j->block_size))
		return too_short(j, done);
	memset(j->buffer + done, 0, size - done);
	return 0;
}

/* An error may show only when a file is closed (NFS, quotas). */
int file_close(struct job *j, int status)
{
	int err = 0;

	if (j->fd > STDERR_FILENO && close(j->fd) != 0 && j->args->output != NULL)
		err = errno;
	j->fd = -1;
	if (err != 0 && status == 0)
		return tool_fail("cannot write %s: %s", j->file_name, strerror(err));
	return status;
}
