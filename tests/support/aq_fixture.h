/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_fixture.h - an admin queue pair on the device of admin_device.h, and commands for it.
 */
#ifndef TESTS_SUPPORT_AQ_FIXTURE_H
#define TESTS_SUPPORT_AQ_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <time.h>
#include <cmocka.h>

#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_util.h"
#include "support/admin_device.h"

/* Commands in flight that a 64-entry ASQ takes from users: one slot is Abort's. */
#define ROOM 62

/* A vendor specific command that handlers below treat in their own ways. */
#define OP_SPECIAL 0xc9

struct fixture {
	struct device *device;
	nvm_ctrl_t *ctrl;
	nvm_dma_t *mem;
	nvm_aq_ref ref;
};

static inline void open_device(struct fixture *f, size_t page_size)
{
	const struct nvm_ctrl_options options = {sizeof(options), 0, (uint32_t)page_size, 0};
	const uint64_t pages[] = {DEVICE_BUS_BASE, DEVICE_BUS_BASE + page_size};

	assert_int_equal(nvmi_ctrl_new(&f->ctrl, &f->device->be, &options), 0);
	assert_int_equal(nvm_dma_map(&f->mem, f->ctrl, f->device->memory, page_size, 2, pages), 0);
}

static inline struct fixture begin(device_handler handler, void *arg)
{
	struct fixture f = {.device = device_start(handler, arg)};

	open_device(&f, 4096);
	assert_int_equal(nvm_aq_create(&f.ref, f.ctrl, f.mem), 0);
	assert_ptr_equal(nvm_ctrl_from_aq_ref(f.ref), f.ctrl);
	return f;
}

static inline void end(struct fixture *f)
{
	nvm_aq_destroy(f->ref);
	nvm_dma_unmap(f->mem);
	nvm_ctrl_free(f->ctrl);
	device_stop(f->device);
}

static inline nvm_cmd_t command(uint8_t opcode, uint32_t cdw11)
{
	nvm_cmd_t cmd = {.dword = {opcode}};

	cmd.dword[11] = cdw11;
	return cmd;
}

/* One command that must succeed and bring back its own CDW11. */
static inline void check_echo(nvm_aq_ref ref, uint32_t value)
{
	nvm_cmd_t cmd = command(0xc0, value);
	nvm_cpl_t cpl;

	assert_int_equal(nvm_aq_exec(ref, &cmd, &cpl, 0), 0);
	assert_int_equal(cpl.dword[0], value);
}

/* Submit until the queue is full. */
static inline unsigned int fill(nvm_aq_ref ref, uint8_t opcode, uint16_t *cids)
{
	nvm_cmd_t cmd = command(opcode, 0);
	unsigned int n = 0;

	while (n < 200 && nvm_aq_submit(ref, &cmd, &cids[n]) == 0)
		n++;
	assert_int_equal(nvm_aq_submit(ref, &cmd, &cids[n]), EAGAIN);
	return n;
}

static inline double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

#endif
