/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw.c - the backend for a BAR0 that the program has mapped itself. Bus addresses come from the
 * program too, so there is nothing to map, and neither interrupts nor a function reset.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "controller/error.h"

static void raw_close(struct nvmi_backend *be)
{
	/* The mapping stays the program's. */
	free(be);
}

static const struct nvmi_backend_ops raw_ops = {
	.read32 = nvmi_mmio_read32,
	.read64 = nvmi_mmio_read64,
	.write32 = nvmi_mmio_write32,
	.write64 = nvmi_mmio_write64,
	.close = raw_close,
};

int nvmi_raw_open(struct nvmi_backend **be, volatile void *mm_ptr, size_t mm_size)
{
	struct nvmi_backend *raw;

	*be = NULL;
	if (mm_ptr == NULL || (uintptr_t)mm_ptr % sizeof(uint64_t) != 0)
		return nvmi_fail(EINVAL,
				 "BAR0 at 0x%" PRIxPTR " is not a mapping of registers: they "
				 "start on a page",
				 (uintptr_t)mm_ptr);
	if (mm_size < NVM_CTRL_MEM_MINSIZE)
		return nvmi_fail(EINVAL,
				 "BAR0 mapping of %zu bytes is too small: registers and doorbells "
				 "need at least %d",
				 mm_size, NVM_CTRL_MEM_MINSIZE);

	raw = calloc(1, sizeof(*raw));
	if (raw == NULL)
		return nvmi_fail(ENOMEM, "no memory for the backend");
	raw->ops = &raw_ops;
	raw->bar = mm_ptr;
	raw->bar_size = mm_size;
	snprintf(raw->name, sizeof(raw->name), "BAR0 at 0x%" PRIxPTR " (raw)", (uintptr_t)mm_ptr);
	*be = raw;
	return 0;
}
