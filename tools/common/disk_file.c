/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_file.c - is a file the disk of a software controller?
 */
#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "disk_file.h"
#include "tool.h"

int tool_check_not_a_disk(int fd, const char *name, int operation)
{
	struct stat file;

	if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) ||
	    flock(fd, operation | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return tool_fail("%s is in use as a disk, or locked by another program: give another file",
			 name);
}
