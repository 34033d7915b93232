/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_file.h - is a file the disk of a software controller?
 */
#ifndef TOOLS_DISK_FILE_H
#define TOOLS_DISK_FILE_H

/**
 * tool_check_not_a_disk() - refuse a file that a controller keeps its blocks in
 * @fd: open file; what is no regular file passes
 * @name: its name, for the message
 * @operation: LOCK_SH to read it, LOCK_EX to write it: the lock it is left with
 *
 * Opened for output it would be emptied, and writing it to itself would read what was just written.
 * Controllers, above all ours, lock their files.
 *
 * Return: 0, or TOOL_FAILURE after a line.
 */
int tool_check_not_a_disk(int fd, const char *name, int operation);

#endif
