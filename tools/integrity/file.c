/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.c - the file that is written to the disk, or that the disk is read to: by any thread, at any place.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/disk_file.h"
#include "common/tool.h"
#include "file.h"

/* Bytes of the file compared at once: a multiple of every block size. */
#define PIECE 65536

/* Parts of it are read and written in any order. */
static int check_seekable(const struct file *file, const char *remedy)
{
	if (lseek(file->fd, 0, SEEK_CUR) >= 0)
		return 0;
	return tool_fail("%s is a pipe or a terminal, of which the parts cannot be had in any "
			 "order: %s",
			 file->name, remedy);
}

int file_open_input(struct file *file, const char *name)
{
	struct stat st;
	off_t size;

	file->name = name;
	file->fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &st) != 0)
		return tool_fail("cannot read %s: %s", name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return tool_fail("cannot read %s: it is a directory", name);
	if (check_seekable(file, "nvm-read-blocks --write=- writes what comes from a pipe") != 0)
		return TOOL_FAILURE;
	size = lseek(file->fd, 0, SEEK_END);
	if (size < 0)
		return tool_fail("cannot tell the size of %s: %s", name, strerror(errno));
	if (size == 0)
		return tool_fail("%s is empty: there is nothing to write", name);
	file->size = (uint64_t)size;
	return 0;
}

int file_open_output(struct file *file, const char *name)
{
	file->name = name;
	file->fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	if (file->fd < 0)
		return tool_fail("cannot write %s: %s", name, strerror(errno));
	if (check_seekable(file, "nvm-read-blocks --output=- reads to a pipe") != 0 ||
	    tool_check_not_a_disk(file->fd, name, LOCK_EX) != 0)
		return TOOL_FAILURE;
	/* Emptied first, so that nothing old is left should this end early. A device has its size. */
	if ((ftruncate(file->fd, 0) != 0 || ftruncate(file->fd, (off_t)file->size) != 0) &&
	    errno != EINVAL)
		return tool_fail("cannot write %s: %s", name, strerror(errno));
	return 0;
}

void file_cut(const struct file *file, uint64_t size)
{
	/* The end of the tool says that it has failed; a device has its size. */
	if (size < file->size && ftruncate(file->fd, (off_t)size) != 0)
		return;
}

int file_close(struct file *file, int status)
{
	int err = 0;

	if (file->fd >= 0 && close(file->fd) != 0)
		err = errno;
	file->fd = -1;
	if (err != 0 && status == 0)
		return tool_fail("cannot write %s: %s", file->name, strerror(err));
	return status;
}

/* Where blocks are in the file, and how many bytes of them are. */
static uint64_t place(const struct file *file, uint64_t lba, size_t size, size_t *in_file)
{
	uint64_t at = (lba - file->lba) * file->block_size;

	*in_file = at + size > file->size ? (size_t)(file->size - at) : size;
	return at;
}

static int say(struct reason *why, const char *what, const struct file *file, const char *cause)
{
	snprintf(why->text, sizeof(why->text), "cannot %s %.200s: %s", what, file->name, cause);
	return -1;
}

/* The file's bytes from @at on, and zeroes behind its end. */
static int read_padded(const struct file *file, unsigned char *data, uint64_t at, size_t size,
		       size_t in_file, struct reason *why)
{
	size_t done = 0;

	while (done < in_file) {
		ssize_t n = pread(file->fd, data + done, in_file - done, (off_t)(at + done));

		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			return say(why, "read", file, "it has become shorter");
		else if (errno != EINTR)
			return say(why, "read", file, strerror(errno));
	}
	memset(data + done, 0, size - done);
	return 0;
}

int file_get(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
	     struct reason *why)
{
	const struct file *file = arg;
	size_t size = n_blocks * file->block_size, in_file;
	uint64_t at = place(file, lba, size, &in_file);

	(void)tally;
	return read_padded(file, data, at, size, in_file, why);
}

int file_put(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
	     struct reason *why)
{
	const struct file *file = arg;
	size_t in_file, done = 0;
	uint64_t at = place(file, lba, n_blocks * file->block_size, &in_file);

	(void)tally;
	while (done < in_file) {
		ssize_t n = pwrite(file->fd, (const unsigned char *)data + done, in_file - done,
				   (off_t)(at + done));

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return say(why, "write", file, strerror(errno));
	}
	return 0;
}

static void compare_block(const struct file *file, const unsigned char *disk,
			  const unsigned char *wanted, uint64_t lba, struct tally *tally)
{
	struct finding f = {.lba = lba, .verdict = DIFFERENT};
	size_t first = 0, n = 0;

	if (memcmp(disk, wanted, file->block_size) == 0) {
		tally_add_good(tally, 1);
		return;
	}
	for (size_t i = file->block_size; i-- > 0;) {
		if (disk[i] != wanted[i]) {
			first = i;
			++n;
		}
	}
	snprintf(f.text, sizeof(f.text),
		 "%zu %s from the file, the first is byte %zu: 0x%02x instead of 0x%02x", n,
		 n == 1 ? "byte differs" : "bytes differ", first, disk[first], wanted[first]);
	tally_add(tally, &f, 1);
}

int file_compare(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
		 struct reason *why)
{
	const struct file *file = arg;
	uint32_t per_piece = (uint32_t)(PIECE / file->block_size);
	unsigned char piece[PIECE];

	for (uint32_t i = 0; i < n_blocks; i += per_piece) {
		uint32_t n = n_blocks - i < per_piece ? n_blocks - i : per_piece;
		const unsigned char *disk = (unsigned char *)data + i * file->block_size;

		if (file_get(arg, piece, lba + i, n, NULL, why) != 0)
			return -1;
		for (uint32_t k = 0; k < n; ++k)
			compare_block(file, disk + k * file->block_size,
				      piece + k * file->block_size, lba + i + k, tally);
	}
	return 0;
}
