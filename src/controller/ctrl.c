/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctrl.c - the controller object: made of an open backend, counted, asked for registers and resets.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "controller/bringup.h"
#include "controller/caps.h"
#include "controller/controller.h"
#include "controller/error.h"
#include "nvm_spec.h"

/* Registers end where doorbells begin. */
#define REGISTERS_SIZE NVM_REG_DBS

#define SQ_ENTRY_SIZE  64
#define CQ_ENTRY_SIZE  16

/* AQA has 12 bits for each size, 0's based. */
#define MAX_ADMIN_ENTRIES 4096

static int fail_gone(const struct nvmi_ctrl *c)
{
	return nvmi_fail(ENODEV,
			 "%s: registers read all ones: the device is gone, or its memory space is "
			 "switched off",
			 c->be->name);
}

/* CAP, VS and, if there is one, CRTO. */
static int read_capabilities(struct nvmi_ctrl *c, uint32_t *crto)
{
	*crto = 0;
	c->cap = nvmi_read64(c, NVM_REG_CAP);
	if (c->cap == UINT64_MAX)
		return fail_gone(c);
	if (NVM_CAP_CRMS(c->cap) != 0)
		*crto = nvmi_read32(c, NVM_REG_CRTO);
	/* All ones is a possible CRTO, but not a version: read last, it vouches for the others. */
	c->vs = nvmi_read32(c, NVM_REG_VS);
	if (c->vs == UINT32_MAX)
		return fail_gone(c);
	return 0;
}

static int describe(struct nvmi_ctrl *c, const struct nvm_ctrl_options *options)
{
	size_t wanted = options != NULL ? options->page_size : 0;
	nvm_ctrl_t *handle = &c->handle;
	uint32_t crto, css;
	int status;

	status = read_capabilities(c, &crto);
	if (status != 0)
		return status;

	if (NVM_CAP_MQES(c->cap) == 0)
		return nvmi_fail(
			EIO,
			"%s: CAP is 0x%016llx: a controller with queues of one entry cannot "
			"be used, or this is not an NVMe controller",
			c->be->name, (unsigned long long)c->cap);
	if (nvmi_caps_css(&css, c->cap) != 0)
		return nvmi_fail(
			ENOTSUP,
			"%s: CAP.CSS is 0x%02x: the controller supports no command set that "
			"libnvm knows",
			c->be->name, (unsigned int)NVM_CAP_CSS(c->cap));

	status = nvmi_caps_page_size(&handle->page_size, (size_t)sysconf(_SC_PAGESIZE), c->cap,
				     wanted);
	if (status != 0)
		return nvmi_fail_more(status, "%s", c->be->name);

	handle->timeout =
		nvmi_caps_timeout_ms(c->cap, crto, options != NULL ? options->timeout_ms : 0);
	handle->max_entries = nvmi_caps_max_entries(c->cap);
	handle->dstrd = (uint8_t)NVM_CAP_DSTRD(c->cap);
	handle->mm_ptr = c->be->bar;
	handle->mm_size = c->be->bar_size;
	return 0;
}

/* Whatever goes wrong here, the message is about something else. */
static void close_backend(struct nvmi_backend *be)
{
	struct nvmi_message message;

	nvmi_message_save(&message);
	be->ops->close(be);
	nvmi_message_restore(&message);
}

int nvmi_ctrl_new(nvm_ctrl_t **ctrl, struct nvmi_backend *be,
		  const struct nvm_ctrl_options *options)
{
	struct nvmi_ctrl *c = calloc(1, sizeof(*c));
	int status;

	*ctrl = NULL;
	if (c == NULL) {
		status = nvmi_fail(ENOMEM, "%s: no memory for the controller", be->name);
		close_backend(be);
		return status;
	}

	c->be = be;
	atomic_init(&c->refs, 1);
	atomic_init(&c->has_aq, false);
	pthread_mutex_init(&c->irq_lock, NULL);
	status = describe(c, options);
	if (status != 0) {
		close_backend(be);
		pthread_mutex_destroy(&c->irq_lock);
		free(c);
		return status;
	}
	nvmi_log(NVMI_LOG_INFO,
		 "%s: NVMe %u.%u, CAP 0x%016llx, page %zu bytes, timeout %llu ms, queues up to %u "
		 "entries",
		 be->name, NVM_VS_MJR(c->vs), NVM_VS_MNR(c->vs), (unsigned long long)c->cap,
		 c->handle.page_size, (unsigned long long)c->handle.timeout, c->handle.max_entries);
	*ctrl = &c->handle;
	return 0;
}

void nvmi_ctrl_get(struct nvmi_ctrl *c)
{
	/* Whoever takes a reference has one already, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
}

void nvmi_ctrl_put(struct nvmi_ctrl *c)
{
	/* Release pairs with the last holder's acquire: all use comes before the close. */
	if (atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	close_backend(c->be);
	pthread_mutex_destroy(&c->irq_lock);
	free(c);
}

void nvm_ctrl_free(nvm_ctrl_t *ctrl)
{
	if (ctrl != NULL)
		nvmi_ctrl_put(nvmi_ctrl_of(ctrl));
}

static bool is_register(uint32_t offset, uint32_t size)
{
	return offset % size == 0 && offset <= REGISTERS_SIZE - size;
}

static int fail_offset(uint32_t offset, uint32_t size)
{
	return nvmi_fail(EINVAL,
			 "0x%x is no register offset: it must be a multiple of %u below 0x%x",
			 offset, size, REGISTERS_SIZE);
}

uint32_t nvm_ctrl_read32(const nvm_ctrl_t *ctrl, uint32_t offset)
{
	return is_register(offset, 4) ? nvmi_read32(nvmi_ctrl_of(ctrl), offset) : UINT32_MAX;
}

uint64_t nvm_ctrl_read64(const nvm_ctrl_t *ctrl, uint32_t offset)
{
	return is_register(offset, 8) ? nvmi_read64(nvmi_ctrl_of(ctrl), offset) : UINT64_MAX;
}

int nvm_ctrl_write32(const nvm_ctrl_t *ctrl, uint32_t offset, uint32_t value)
{
	if (!is_register(offset, 4))
		return fail_offset(offset, 4);
	nvmi_write32(nvmi_ctrl_of(ctrl), offset, value);
	return 0;
}

int nvm_ctrl_write64(const nvm_ctrl_t *ctrl, uint32_t offset, uint64_t value)
{
	if (!is_register(offset, 8))
		return fail_offset(offset, 8);
	nvmi_write64(nvmi_ctrl_of(ctrl), offset, value);
	return 0;
}

int nvm_ctrl_function_reset(const nvm_ctrl_t *ctrl)
{
	struct nvmi_ctrl *c = nvmi_ctrl_of(ctrl);
	int status;

	if (c->be->ops->reset == NULL)
		return nvmi_fail(ENOTSUP,
				 "%s has no function reset: nvm_aq_create() resets the controller",
				 c->be->name);
	status = c->be->ops->reset(c->be);
	if (status != 0)
		return status;
	if (nvmi_read64(c, NVM_REG_CAP) == UINT64_MAX)
		return nvmi_fail(ENODEV,
				 "%s did not come back from its function reset: registers read all "
				 "ones; power-cycle the device",
				 c->be->name);
	return 0;
}

const char *nvm_ctrl_name(const nvm_ctrl_t *ctrl)
{
	return nvmi_ctrl_of(ctrl)->be->name;
}

/* As many entries as nvm_queue_clear() gives a one-page ring, within what AQA can say. */
static uint32_t one_page_entries(const nvm_ctrl_t *ctrl, uint32_t entry_size)
{
	size_t n = ctrl->page_size / entry_size;

	if (n > ctrl->max_entries)
		n = ctrl->max_entries;
	return (uint32_t)(n < MAX_ADMIN_ENTRIES ? n : MAX_ADMIN_ENTRIES);
}

int nvm_raw_ctrl_reset(const nvm_ctrl_t *ctrl, uint64_t acq_ioaddr, uint64_t asq_ioaddr)
{
	struct nvmi_ctrl *c = nvmi_ctrl_of(ctrl);
	struct nvmi_admin_queues aq = {
		.asq_ioaddr = asq_ioaddr,
		.acq_ioaddr = acq_ioaddr,
		.asq_entries = one_page_entries(ctrl, SQ_ENTRY_SIZE),
		.acq_entries = one_page_entries(ctrl, CQ_ENTRY_SIZE),
	};

	if (atomic_load_explicit(&c->has_aq, memory_order_acquire))
		return nvmi_fail(
			EBUSY, "%s has an admin queue pair: destroy it with nvm_aq_destroy() first",
			c->be->name);
	return nvmi_bringup_run(c, NVMI_GOAL_ENABLED, &aq);
}
