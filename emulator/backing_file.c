/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backing_file.c - namespaces in files.
 *
 * A file belongs to one controller at a time (flock, shared if all of them only read), is never
 * made shorter or longer than it was found, and is created only if a size was given.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "namespace.h"

#define ZEROES_SIZE 65536

static emu_status_t read_status(int error)
{
	return error == EFAULT ? NVM_SC_DATA_TRANSFER_ERROR : NVM_SC_UNRECOVERED_READ_ERROR;
}

static emu_status_t write_status(int error)
{
	switch (error) {
	case EFAULT:
		return NVM_SC_DATA_TRANSFER_ERROR;
	case ENOSPC:
	case EDQUOT:
	case EFBIG: /* a limit of the process, RLIMIT_FSIZE */
		return EMU_FAIL(NVM_SC_CAPACITY_EXCEEDED);
	case EROFS:
	case EPERM:
	case EBADF:
		return EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED);
	default:
		return NVM_SC_WRITE_FAULT;
	}
}

/* One attempt from byte skip of the vector on: the rest of an element, or all elements left. */
static ssize_t transfer_some(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
			     unsigned int n, uint64_t skip, bool write, int flags)
{
	struct iovec part;
	off_t at = (off_t)(offset + skip);

	while (n && skip >= iov->iov_len) {
		skip -= iov->iov_len;
		iov++;
		n--;
	}
	if (skip) {
		part.iov_base = (uint8_t *)iov->iov_base + skip;
		part.iov_len = iov->iov_len - skip;
		iov = &part;
		n = 1;
	}
	if (write)
		return pwritev2(ns->fd, iov, (int)n, at, flags);
	return preadv2(ns->fd, iov, (int)n, at, flags);
}

/* All of it, or an errno; ENODATA: the file ends before. */
static int transfer(struct emu_ns *ns, uint64_t offset, const struct iovec *iov, unsigned int n,
		    uint64_t bytes, bool write, int flags)
{
	uint64_t done = 0;

	while (done < bytes) {
		ssize_t ret = transfer_some(ns, offset, iov, n, done, write, flags);

		if (ret > 0)
			done += (uint64_t)ret;
		else if (!ret)
			return write ? EIO : ENODATA;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

static emu_status_t file_readv(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
			       unsigned int n, uint64_t bytes)
{
	int error = transfer(ns, offset, iov, n, bytes, false, 0);

	return error ? read_status(error) : NVM_SC_SUCCESS;
}

static emu_status_t file_flush(struct emu_ns *ns)
{
	if (!ns->read_only && fdatasync(ns->fd))
		return write_status(errno);
	return NVM_SC_SUCCESS;
}

static emu_status_t file_writev(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
				unsigned int n, uint64_t bytes, bool durable)
{
	int error = transfer(ns, offset, iov, n, bytes, true, durable ? RWF_DSYNC : 0);

	if (durable && error == EOPNOTSUPP) {
		error = transfer(ns, offset, iov, n, bytes, true, 0);
		if (!error)
			return file_flush(ns);
	}
	return error ? write_status(error) : NVM_SC_SUCCESS;
}

/* Where the file system has no better way. */
static emu_status_t write_zeroes(struct emu_ns *ns, uint64_t offset, uint64_t bytes)
{
	static const uint8_t zeroes[ZEROES_SIZE];
	emu_status_t status = NVM_SC_SUCCESS;

	while (bytes && !status) {
		uint64_t len = bytes < ZEROES_SIZE ? bytes : ZEROES_SIZE;
		struct iovec iov = {.iov_base = (void *)(uintptr_t)zeroes, .iov_len = len};

		status = file_writev(ns, offset, &iov, 1, len, false);
		offset += len;
		bytes -= len;
	}
	return status;
}

static int fallocate_all(struct emu_ns *ns, int mode, uint64_t offset, uint64_t bytes)
{
	int ret;

	do {
		ret = fallocate(ns->fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes);
	} while (ret && errno == EINTR);
	return ret ? errno : 0;
}

static emu_status_t file_zero(struct emu_ns *ns, uint64_t offset, uint64_t bytes, bool deallocate)
{
	int error = EOPNOTSUPP;

	if (deallocate && ns->can_deallocate) {
		error = fallocate_all(ns, FALLOC_FL_PUNCH_HOLE, offset, bytes);
	} else if (!atomic_load_explicit(&ns->no_zero_range, memory_order_relaxed)) {
		error = fallocate_all(ns, FALLOC_FL_ZERO_RANGE, offset, bytes);
		if (error == EOPNOTSUPP)
			atomic_store_explicit(&ns->no_zero_range, true, memory_order_relaxed);
	}
	if (error == EOPNOTSUPP)
		return write_zeroes(ns, offset, bytes);
	return error ? write_status(error) : NVM_SC_SUCCESS;
}

static uint64_t file_used(struct emu_ns *ns)
{
	struct stat st;
	uint64_t used;

	if (fstat(ns->fd, &st))
		return ns->size;
	used = (uint64_t)st.st_blocks * 512;
	return used < ns->size ? used : ns->size;
}

static int file_close(struct emu_ns *ns)
{
	int error = 0;

	if (!ns->read_only && fdatasync(ns->fd))
		error = errno;
	if (close(ns->fd) && !error)
		error = errno;
	return error;
}

static const struct emu_backing file_ops = {
	.readv = file_readv,
	.writev = file_writev,
	.zero = file_zero,
	.flush = file_flush,
	.used = file_used,
	.close = file_close,
};

/*
 * Away from descriptors 0 to 2: in a program that was started with one of them closed, what it prints would
 * otherwise be written into the namespace.
 */
static int beyond_standard(int fd)
{
	int moved;

	if (fd < 0 || fd > 2)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return moved;
}

static int open_file(const struct emu_ns_config *config, bool *created)
{
	int access = config->read_only ? O_RDONLY : O_RDWR;
	int fd = open(config->path, access | O_CLOEXEC | O_NONBLOCK);

	*created = false;
	if (fd < 0 && errno == ENOENT && config->size && !config->read_only) {
		fd = open(config->path, access | O_CLOEXEC | O_CREAT | O_EXCL, 0666);
		*created = fd >= 0;
	}
	return beyond_standard(fd);
}

/* What is wrong with an open(), and what to do. */
static int open_failed(const struct emu_ns_config *config, int error, char *err, size_t err_size)
{
	const char *remedy = "";

	if (error == ENOENT && config->read_only)
		remedy = "; without ro=1 and with size= it is created";
	else if (error == ENOENT && !config->size)
		remedy = "; give size= to create it";
	else if (error == EACCES || error == EROFS)
		remedy = "; change its permissions or give ro=1";
	snprintf(err, err_size, "%s: cannot be opened%s: %s%s", config->path,
		 config->read_only ? "" : " for writing", strerror(error), remedy);
	return error;
}

/* Give a new file its size, hold an old one against what was asked for. */
static int check_size(struct emu_ns *ns, const struct emu_ns_config *config, const struct stat *st,
		      char *err, size_t err_size)
{
	uint64_t size = (uint64_t)st->st_size;

	if (!size && config->size && !config->read_only) {
		/* Empty: there is nothing to lose. */
		if (config->size % config->lba_size || config->size > INT64_MAX) {
			snprintf(err, err_size,
				 "%s: size %llu is not a multiple of the block size %u",
				 config->path, (unsigned long long)config->size, config->lba_size);
			return EINVAL;
		}
		if (ftruncate(ns->fd, (off_t)config->size)) {
			int error = errno;

			snprintf(err, err_size, "%s: cannot be made %llu bytes long: %s",
				 config->path, (unsigned long long)config->size, strerror(error));
			return error;
		}
		size = config->size;
	} else if (config->size && size != config->size) {
		snprintf(
			err, err_size,
			"%s: is %llu bytes long, not %llu as size= says; leave size= out, or remove "
			"the file if its data is not needed",
			config->path, (unsigned long long)size, (unsigned long long)config->size);
		return EINVAL;
	}
	if (!size || size % config->lba_size) {
		snprintf(err, err_size,
			 "%s: its size, %llu bytes, is not a multiple of the block size %u%s",
			 config->path, (unsigned long long)size, config->lba_size,
			 size ? "; give another lba= or file" : "; give size=");
		return EINVAL;
	}
	ns->size = size;
	return 0;
}

static int lock_and_check(struct emu_ns *ns, const struct emu_ns_config *config, char *err,
			  size_t err_size)
{
	struct stat st;

	if (fstat(ns->fd, &st))
		return open_failed(config, errno, err, err_size);
	if (!S_ISREG(st.st_mode)) {
		snprintf(err, err_size, "%s: is not a regular file", config->path);
		return EINVAL;
	}
	if (flock(ns->fd, (config->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB)) {
		int error = errno;

		if (error != EWOULDBLOCK) {
			snprintf(err, err_size, "%s: cannot be locked: %s", config->path,
				 strerror(error));
			return error;
		}
		snprintf(err, err_size,
			 "%s: is in use by another controller; stop that one or give another file",
			 config->path);
		return EBUSY;
	}
	/* Again: its size is certain only now. */
	if (fstat(ns->fd, &st))
		return open_failed(config, errno, err, err_size);
	return check_size(ns, config, &st, err, err_size);
}

/* The file's absolute path; of one that was created, the namespace keeps it. */
static int find_name(struct emu_ns *ns, const struct emu_ns_config *config, bool created,
		     char **name, char *err, size_t err_size)
{
	*name = realpath(config->path, NULL);
	if (!*name)
		return open_failed(config, errno, err, err_size);
	if (!created)
		return 0;
	ns->created = strdup(*name);
	if (ns->created)
		return 0;
	free(*name);
	return open_failed(config, ENOMEM, err, err_size);
}

int emu_backing_file(struct emu_ns *ns, const struct emu_ns_config *config, char **name, char *err,
		     size_t err_size)
{
	bool created;
	int error;

	ns->fd = open_file(config, &created);
	if (ns->fd < 0)
		return open_failed(config, errno, err, err_size);
	error = lock_and_check(ns, config, err, err_size);
	if (!error)
		error = find_name(ns, config, created, name, err, err_size);
	if (error) {
		if (created && error != EBUSY)
			unlink(config->path);
		close(ns->fd);
		return error;
	}
	/* A hole behind the end changes nothing, but tells whether there can be holes. */
	if (!config->read_only)
		ns->can_deallocate = !fallocate_all(ns, FALLOC_FL_PUNCH_HOLE, ns->size, 4096);
	ns->ops = &file_ops;
	return 0;
}
