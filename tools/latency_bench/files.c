/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * files.c - --infile and --outfile: what is written, compared, or put into a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench.h"
#include "common/disk_file.h"
#include "common/progress.h"
#include "common/stream.h"
#include "nvm_error.h"

#define INPUT_LIMIT ((uint64_t)4 << 30)
/* Moved to the output file at once. */
#define CHUNK ((size_t)2 << 20)

int files_create(const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0) {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (fd < 0)
			tool_fail("cannot write to standard output: %s", strerror(errno));
		return fd;
	}
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0) {
		tool_fail("cannot write %s: %s", name, strerror(errno));
		return -1;
	}
	if (tool_check_not_a_disk(fd, name, LOCK_EX) != 0) {
		close(fd);
		return -1;
	}
	/* What is no file has no size to set. */
	if (ftruncate(fd, 0) != 0 && errno != EINVAL) {
		tool_fail("cannot write %s: %s", name, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int load(struct bench *b, int fd, const char *name, size_t size)
{
	size_t done;
	int err;

	b->input = malloc(size);
	if (b->input == NULL)
		return tool_fail("out of memory for %s", name);
	err = stream_read(fd, b->input, size, &done);
	if (err != 0)
		return tool_fail("cannot read %s: %s", name, strerror(err));
	if (done < size)
		return tool_fail("%s is too short: %zu bytes, less than the %" PRIu64
				 " blocks of %zu bytes: give a smaller --count",
				 name, done, b->n_blocks, b->block_size);
	return 0;
}

int files_load(struct bench *b)
{
	const char *name = b->args->input;
	uint64_t size = b->n_blocks * b->block_size;
	int fd, err;

	if (name == NULL)
		return 0;
	if (size > INPUT_LIMIT)
		return tool_fail("--infile: %" PRIu64
				 " bytes are more than the 4 GiB that are held "
				 "in memory: give a smaller --count",
				 size);
	fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tool_fail("cannot read %s: %s", name, strerror(errno));
	err = load(b, fd, name, (size_t)size);
	if (fd != STDIN_FILENO)
		close(fd);
	return err;
}

static int read_chunk(struct worker *w, const nvm_buf_t *buf, uint64_t lba, uint32_t n)
{
	nvm_done_t done;
	int err = nvm_qpair_read(w->qp, &w->bench->ns, buf, 0, lba, n, NULL, NULL);

	if (err != 0)
		return tool_fail_status(err);
	while (nvm_qpair_reap(w->qp, &done, 1) == 0)
		nvm_qpair_wait(w->qp, 100);
	if (done.status == 0)
		return 0;
	return tool_fail("read of %" PRIu32 " blocks from block %" PRIu64 " on: %s", n, lba,
			 nvm_strerror(done.status));
}

static int save(struct bench *b, int fd, const nvm_buf_t *buf)
{
	uint64_t n_done = 0, bytes = b->n_blocks * b->block_size;
	uint64_t largest = buf->size / b->block_size;
	struct progress bar;
	int status = 0;

	progress_begin(&bar, "saving", bytes, true);
	while (status == 0 && n_done < b->n_blocks && !tool_interrupted()) {
		uint64_t left = b->n_blocks - n_done;
		uint32_t n = (uint32_t)(left < largest ? left : largest);
		int err;

		status = read_chunk(&b->workers[0], buf, b->first + n_done, n);
		if (status != 0)
			break;
		err = stream_write(fd, buf->vaddr, n * b->block_size);
		if (err != 0 && !tool_interrupted())
			status = tool_fail("cannot write %s: %s", b->args->output, strerror(err));
		n_done += n;
		progress_update(&bar, n_done * b->block_size);
	}
	progress_end(&bar);
	return status;
}

int files_save(struct bench *b)
{
	nvm_dma_t *dma = NULL;
	nvm_buf_t *buf = NULL;
	int fd, status;

	if (b->args->output == NULL || tool_interrupted())
		return 0;
	fd = files_create(b->args->output);
	if (fd < 0)
		return TOOL_FAILURE;
	status = nvm_dma_create(&dma, b->ctrl, CHUNK);
	if (status == 0)
		status = nvm_buf_create(&buf, b->ctrl, dma);
	if (status != 0)
		status = tool_fail_status(status);
	else
		status = save(b, fd, buf);
	/* A command that has not come back may still write there: then all ends with the process. */
	if (status == 0 || nvm_qpair_in_flight(b->workers[0].qp) == 0) {
		nvm_buf_destroy(buf);
		nvm_dma_unmap(dma);
	}
	if (close(fd) != 0 && status == 0)
		status = tool_fail("cannot write %s: %s", b->args->output, strerror(errno));
	return status;
}
