// SPDX-License-Identifier: BSD-2-Clause
/*
 * emu.c - the backend "emu": the software controller in this process.
 *
 * Its bus addresses are made to be wrong for everything else: no pointer looks like them, and using
 * one as a pointer faults. What lies next to a mapping is never mapped, so that an overrun by the
 * controller is a DMA fault and not somebody else's data.
 */
#include "backend/emu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/emu.h"
#include "backend/backend.h"
#include "controller/controller.h"
#include "controller/error.h"
#include "memory/iova.h"

/*
 * 2^46 bytes in the middle of the addresses that neither x86-64 (bits 63..47 alike) nor arm64 (bits
 * 55..48 alike, also where the top byte is ignored) can have as pointers, also with five levels of
 * page tables.
 */
#define WINDOW_FIRST 0x4ae5a7330000d000ULL
#define WINDOW_LAST  (WINDOW_FIRST + (1ULL << 46) - 1)

/* Never mapped, behind every mapping. */
#define GUARD 4096

struct emu_backend {
	struct nvmi_backend be;
	struct emu *emu;
	struct nvmi_iova *iova;
};

static struct emu_backend *of(struct nvmi_backend *be)
{
	return (struct emu_backend *)be;
}

static uint32_t emu_be_read32(struct nvmi_backend *be, uint32_t offset)
{
	return (uint32_t)emu_reg_read(of(be)->emu, offset, 4);
}

static uint64_t emu_be_read64(struct nvmi_backend *be, uint32_t offset)
{
	return emu_reg_read(of(be)->emu, offset, 8);
}

static void emu_be_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	emu_reg_write(of(be)->emu, offset, 4, value);
}

static void emu_be_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	emu_reg_write(of(be)->emu, offset, 8, value);
}

static int emu_be_map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct emu_backend *eb = of(be);
	uint64_t addr;
	size_t i;
	int err;

	if (m->size > SIZE_MAX - GUARD)
		return nvmi_fail(ENOMEM, "%s cannot map %zu bytes: map less", be->name, m->size);
	err = nvmi_iova_alloc(eb->iova, m->size + GUARD, m->page_size, &addr);
	if (err == ENOSPC)
		return nvmi_fail(ENOMEM,
				 "%s has no bus addresses left for %zu bytes: unmap "
				 "something first",
				 be->name, m->size);
	if (err != 0)
		return nvmi_fail(err, "%s cannot map %zu bytes: %s", be->name, m->size,
				 strerror(err));

	err = emu_dma_map(eb->emu, addr, m->vaddr, m->size, true);
	if (err != 0) {
		nvmi_iova_free(eb->iova, addr, m->size + GUARD);
		return nvmi_fail(err, "%s cannot map %zu bytes: %s", be->name, m->size,
				 strerror(err));
	}
	for (i = 0; i < m->size / m->page_size; i++)
		m->ioaddrs[i] = addr + i * m->page_size;
	return 0;
}

static void emu_be_unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct emu_backend *eb = of(be);

	emu_dma_unmap(eb->emu, m->ioaddrs[0], m->size);
	nvmi_iova_free(eb->iova, m->ioaddrs[0], m->size + GUARD);
}

static int emu_be_irq(struct nvmi_backend *be, unsigned int vector, int eventfd)
{
	int err;

	if (vector >= be->n_irqs)
		return nvmi_fail(EINVAL,
				 "%s has no interrupt vector %u: it has %u, see vectors=", be->name,
				 vector, be->n_irqs);
	err = emu_set_irq(of(be)->emu, vector, eventfd);
	if (err != 0)
		return nvmi_fail(err, "%s cannot connect interrupt vector %u: %s", be->name, vector,
				 strerror(err));
	return 0;
}

static int emu_be_reset(struct nvmi_backend *be)
{
	emu_function_reset(of(be)->emu);
	return 0;
}

static void emu_be_close(struct nvmi_backend *be)
{
	struct emu_backend *eb = of(be);

	emu_destroy(eb->emu);
	nvmi_iova_delete(eb->iova);
	free(eb);
}

static const struct nvmi_backend_ops emu_ops = {
	.read32 = emu_be_read32,
	.read64 = emu_be_read64,
	.write32 = emu_be_write32,
	.write64 = emu_be_write64,
	.map_host = emu_be_map_host,
	.unmap = emu_be_unmap,
	.irq = emu_be_irq,
	.reset = emu_be_reset,
	.close = emu_be_close,
};

/* The controller that a specification describes. */
static int create(struct emu **emu, const char *spec)
{
	struct emu_config config;
	/* What is wrong quotes a part of it; nvm_errmsg() shortens what is too long. */
	size_t err_size = strlen(spec) + 512;
	char *err = calloc(1, err_size);
	int status;

	if (err == NULL)
		return nvmi_fail(ENOMEM, "emu:%s: out of memory", spec);
	emu_config_init(&config);
	status = emu_config_parse(&config, spec, err, err_size);
	if (status == 0)
		status = emu_create(emu, &config, err, err_size);
	emu_config_free(&config);
	if (status != 0)
		nvmi_fail(status, "emu:%s: %s", spec, err);
	free(err);
	return status;
}

int nvmi_emu_open(struct nvmi_backend **be, const char *spec)
{
	const struct nvmi_iova_range window = {.first = WINDOW_FIRST, .last = WINDOW_LAST};
	struct emu_backend *eb;
	int err;

	*be = NULL;
	eb = calloc(1, sizeof(*eb));
	if (eb == NULL)
		return nvmi_fail(ENOMEM, "emu:%s: out of memory", spec);
	err = nvmi_iova_new(&eb->iova, &window, 1);
	if (err != 0) {
		free(eb);
		return nvmi_fail(err, "emu:%s: %s", spec, strerror(err));
	}
	err = create(&eb->emu, spec);
	if (err != 0) {
		nvmi_iova_delete(eb->iova);
		free(eb);
		return err;
	}

	eb->be.ops = &emu_ops;
	eb->be.bar = emu_bar(eb->emu, &eb->be.bar_size);
	eb->be.n_irqs = emu_n_irqs(eb->emu);
	eb->be.doorbells_are_memory = true;
	snprintf(eb->be.name, sizeof(eb->be.name), "emu:%s", spec);
	*be = &eb->be;
	return 0;
}

struct emu *nvmi_emu_of(const nvm_ctrl_t *ctrl)
{
	struct nvmi_backend *be = nvmi_ctrl_of(ctrl)->be;

	return be->ops == &emu_ops ? of(be)->emu : NULL;
}
