/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream.c - all the bytes of a transfer through a file descriptor.
 */
#include <errno.h>
#include <unistd.h>

#include "stream.h"
#include "tool.h"

/* After a read or write that returned n: 0 to go on. */
static int reason_to_stop(ssize_t n)
{
	if (tool_interrupted())
		return EINTR;
	return n >= 0 || errno == EINTR ? 0 : errno;
}

int stream_read(int fd, void *data, size_t size, size_t *done)
{
	int err = 0;

	*done = 0;
	while (err == 0 && *done < size) {
		ssize_t n = read(fd, (unsigned char *)data + *done, size - *done);

		if (n == 0)
			break;
		if (n > 0)
			*done += (size_t)n;
		if (*done < size)
			err = reason_to_stop(n);
	}
	return err;
}

int stream_write(int fd, const void *data, size_t size)
{
	size_t done = 0;
	int err = 0;

	while (err == 0 && done < size) {
		ssize_t n = write(fd, (const unsigned char *)data + done, size - done);

		if (n > 0)
			done += (size_t)n;
		if (done < size)
			err = reason_to_stop(n);
	}
	return err;
}
