// SPDX-License-Identifier: BSD-2-Clause
/*
 * caps.c - capabilities that follow the structure of an INFO call, as a chain of offsets.
 */
#include <string.h>

#include "backend/vfio/vfio.h"
#include "backend/vfio/uapi.h"

size_t nvmi_vfio_find_cap(const void *info, size_t size, uint32_t offset, uint16_t id)
{
	struct vfio_info_cap_header header;

	while (offset != 0 && offset <= size && size - offset >= sizeof(header)) {
		memcpy(&header, (const char *)info + offset, sizeof(header));
		if (header.id == id)
			return offset;
		/* Forwards only: no chain may be a circle. */
		if (header.next <= offset)
			break;
		offset = header.next;
	}
	return 0;
}

bool nvmi_vfio_copy(void *to, size_t n, const void *info, size_t size, size_t offset)
{
	if (offset > size || size - offset < n)
		return false;
	memcpy(to, (const char *)info + offset, n);
	return true;
}
