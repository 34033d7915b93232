/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream.h - all the bytes of a transfer through a file descriptor, whatever read(2) and write(2)
 * make of them, until somebody asks the program to end.
 */
#ifndef TOOLS_STREAM_H
#define TOOLS_STREAM_H

#include <stddef.h>

/* @done: bytes read, fewer than @size only at the end of the file. Return 0, errno, EINTR if asked
 * to end. */
int stream_read(int fd, void *data, size_t size, size_t *done);

/* Return 0, errno, EINTR if asked to end. */
int stream_write(int fd, const void *data, size_t size);

#endif
