// SPDX-License-Identifier: BSD-2-Clause
/*
 * populate.c - is a range of addresses memory that a controller may read and write?
 */
#include "memory/populate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "controller/error.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

int nvmi_populate(void *vaddr, size_t size)
{
	/* An empty range is all right for every advice the kernel knows. */
	if (madvise(vaddr, 0, MADV_POPULATE_WRITE) != 0)
		return ENOSYS;
	while (madvise(vaddr, size, MADV_POPULATE_WRITE) != 0) {
		if (errno != EINTR && errno != EAGAIN)
			return errno;
	}
	return 0;
}

/* The first address from @at on that is not mapped readable and writable; @end if there is none. */
static int first_unusable(uint64_t *at, uint64_t end, bool *mapped)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t first, last;
	char *line = NULL;
	size_t len = 0;
	char mode[2];

	if (maps == NULL)
		return errno;
	while (*at < end && getline(&line, &len, maps) > 0) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %c%c", &first, &last, &mode[0],
			   &mode[1]) != 4 ||
		    last <= *at)
			continue;
		*mapped = first <= *at;
		if (!*mapped || mode[0] != 'r' || mode[1] != 'w')
			break;
		*at = last;
		*mapped = false;
	}
	free(line);
	fclose(maps);
	return 0;
}

int nvmi_check_memory(void *vaddr, size_t size)
{
	int populated = nvmi_populate(vaddr, size);
	uint64_t at = (uint64_t)(uintptr_t)vaddr;
	uint64_t end = at + size;
	bool mapped = false;
	int err;

	if (populated == 0)
		return 0;
	err = first_unusable(&at, end, &mapped);
	if (err != 0)
		return nvmi_fail(err, "cannot read /proc/self/maps: %s: mount /proc",
				 strerror(err));
	if (at < end)
		return nvmi_fail(EFAULT,
				 "0x%" PRIx64 " is not %s: map memory that is allocated, "
				 "readable and writable from end to end",
				 at, mapped ? "readable and writable" : "mapped memory");
	switch (populated) {
	case ENOSYS:
	case EINVAL: /* a mapping of something that is not memory, such as another device's BAR */
		return 0;
	case ENOMEM:
		return nvmi_fail(ENOMEM, "out of memory while touching %zu bytes", size);
	default:
		return nvmi_fail(EFAULT,
				 "%zu bytes at %p cannot all be touched (%s): they lie "
				 "beyond the end of a file, or there are no huge pages left",
				 size, vaddr, strerror(populated));
	}
}
