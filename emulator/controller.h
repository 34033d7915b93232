/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * controller.h - the software controller's state, for its own files.
 *
 * Who may touch what:
 *   - emu->lock is held by whoever changes the controller: register writes (host's threads), admin
 *     commands (first polling thread, which only tries, so a holder may wait for it).
 *   - queues, features and hooks are looked at by polling threads without a lock and change only
 *     under the lock and during a pause (thread.h).
 *   - registers, counters and events are atomic.
 */
#ifndef EMU_CONTROLLER_H
#define EMU_CONTROLLER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "dma.h"
#include "emu.h"
#include "event.h"
#include "feature.h"
#include "log.h"
#include "namespace.h"
#include "nvm_spec.h"
#include "queue.h"
#include "thread.h"

#define EMU_VERSION   NVM_VS(1, 4, 0)
#define EMU_CNTLID    1
#define EMU_FIRMWARE  "1.0"
#define EMU_SQE_SHIFT 6
#define EMU_CQE_SHIFT 4

/* What the polling threads do */
enum emu_mode {
	EMU_DISABLED,
	EMU_ENABLING, /* CC.EN set, CSTS.RDY not yet */
	EMU_RUNNING,
	EMU_SHUTDOWN, /* CC.SHN: no commands until the next reset */
	EMU_FAILED,   /* CSTS.CFS */
};

struct emu_registers {
	uint64_t cap;
	_Atomic uint32_t cc;
	_Atomic uint32_t csts;
	_Atomic uint32_t aqa;
	_Atomic uint64_t asq;
	_Atomic uint64_t acq;
	_Atomic uint32_t int_mask;
};

struct emu {
	struct emu_config config;
	pthread_mutex_t lock;

	/* looked at in every round */
	_Alignas(128) _Atomic uint32_t pause; /* 0, or the number of the pause */
	_Atomic int mode;                     /* enum emu_mode */
	_Atomic bool stop;
	_Atomic bool shutdown_requested;
	_Atomic uint32_t events; /* event.h: happened, not reported */
	bool delayed;            /* config.latency says something */
	struct emu_sq *admin_sq; /* NULL unless enabled */
	struct emu_cq *admin_cq;

	_Alignas(128) struct emu_registers regs;
	uint8_t *bar;
	size_t bar_size;
	uint32_t pause_count;
	_Atomic uint64_t ready_at_ns;

	struct emu_dma *dma;
	struct emu_ns_table ns;
	struct emu_thread *threads;
	unsigned int n_threads;

	/* set at CC.EN 0 -> 1 */
	uint32_t page_size;
	/* by queue identifier, n_queue_pairs + 1 of them; [0] are the admin queues */
	struct emu_sq **sqs;
	struct emu_cq **cqs;
	bool queues_created; /* since the last reset */
	/* Doorbell Buffer Config: bus addresses, one page each */
	bool shadow_doorbells;
	uint64_t shadow_base;
	uint64_t event_idx_base;

	struct emu_data_ctx admin_data;
	struct emu_features features;
	struct emu_event_state event_state;
	struct emu_log log;
	_Atomic int *irqs; /* eventfd by vector, -1 = off */

	pthread_rwlock_t hooks_lock; /* for the hooks of register accesses */
	struct emu_fault_hooks hooks;
	void *hooks_arg;

	_Atomic uint64_t unclean_disables;
	uint64_t created_ns;
};

static inline int emu_mode(struct emu *emu)
{
	return atomic_load_explicit(&emu->mode, memory_order_acquire);
}

/* MDTS in bytes, 0 = unlimited. */
static inline uint64_t emu_max_transfer(const struct emu *emu)
{
	return emu->config.mdts ? (uint64_t)4096 << emu->config.mdts : 0;
}

/* An interrupt of that vector. */
void emu_irq_raise(struct emu_thread *thread, uint16_t vector);

#endif
