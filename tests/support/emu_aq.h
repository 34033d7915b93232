/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_aq.h - an admin queue pair on a software controller of this process, and memory for data.
 */
#ifndef TESTS_SUPPORT_EMU_AQ_H
#define TESTS_SUPPORT_EMU_AQ_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "backend/emu.h"
#include "emu.h"
#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"

#define DATA_SIZE ((size_t)256 * 1024)

struct target {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref ref;
	nvm_dma_t *dma;
	unsigned char *data;
	uint64_t ioaddr;
};

static inline struct target open_target(const char *uri)
{
	struct target t = {.ctrl = NULL};

	if (nvm_ctrl_open(&t.ctrl, uri, NULL) != 0 || nvm_aq_open(&t.ref, t.ctrl) != 0 ||
	    nvm_dma_create(&t.dma, t.ctrl, DATA_SIZE) != 0)
		fail_msg("%s: %s", uri, nvm_errmsg());
	t.data = t.dma->vaddr;
	t.ioaddr = t.dma->ioaddrs[0];
	return t;
}

/* Counters of the controller. */
static inline struct emu_stats target_stats(const struct target *t)
{
	struct emu_stats stats;

	emu_get_stats(nvmi_emu_of(t->ctrl), &stats);
	return stats;
}

/* Whatever the test did, the controller must have been left in order. */
static inline void close_target(struct target *t)
{
	struct emu_stats stats;

	nvm_aq_destroy(t->ref);
	stats = target_stats(t);
	assert_true(stats.unclean_disables == 0);
	assert_true(stats.bad_doorbells == 0);
	nvm_dma_unmap(t->dma);
	nvm_ctrl_free(t->ctrl);
}

static inline double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

#endif
