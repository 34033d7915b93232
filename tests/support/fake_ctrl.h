/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_ctrl.h - a controller's registers as a plain struct behind a backend, with a clock of its
 * own, for unit tests. Records every register write, counts what a host must not do, and fails in
 * the ways a test asks for. Header only; one thread.
 */
#ifndef TESTS_SUPPORT_FAKE_CTRL_H
#define TESTS_SUPPORT_FAKE_CTRL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "controller/controller.h"
#include "nvm_spec.h"

#define FAKE_MAX_WRITES 64
#define FAKE_NEVER      UINT64_MAX
#define FAKE_MS         1000000ULL

/* What a controller does some time after it was told to. */
enum fake_event {
	FAKE_NOTHING,
	FAKE_UP,
	FAKE_DOWN,
	FAKE_SHUT_DOWN,
	FAKE_RESET,
	FAKE_FATAL,
};

struct fake_write {
	uint32_t offset;
	unsigned int size;
	uint64_t value;
};

/**
 * struct fake_ctrl - a controller to play with
 * @be: backend
 * @cap, @vs, @crto, @cc, @aqa, @asq, @acq: registers
 * @rdy, @cfs, @shst: fields of CSTS
 * @now_ns: the clock
 * @up_ns, @down_ns, @shutdown_ns: how long these take, FAKE_NEVER = for ever
 * @cfs_after_en, @cfs_after_shn, @cfs_after_disable: set CSTS.CFS when that is written
 * @cfs_sticks: clearing EN does not clear CSTS.CFS
 * @gone_at: from this register access on (0 is the first) all reads are all ones
 * @event_ns, @event: private: what happens next, when
 * @n_accesses: register accesses
 * @n_gone_reads: reads after the device was gone
 * @n_in_vain: accesses after a read has told that the device is gone
 * @writes, @n_writes: the register writes
 * @violations: how often the host did what the specification forbids
 * @last_violation: the last of them in words
 * @closed: how often the backend was closed
 * @resets: function resets
 * @irq_vector, @irq_eventfd: last interrupt set
 */
struct fake_ctrl {
	struct nvmi_backend be;
	uint64_t cap;
	uint32_t vs, crto, cc, aqa;
	uint64_t asq, acq;
	bool rdy, cfs;
	uint32_t shst;
	uint64_t now_ns;
	uint64_t up_ns, down_ns, shutdown_ns;
	bool cfs_after_en, cfs_after_shn, cfs_after_disable, cfs_sticks;
	uint64_t gone_at;
	uint64_t event_ns;
	enum fake_event event;
	uint64_t n_accesses, n_gone_reads, n_in_vain;
	struct fake_write writes[FAKE_MAX_WRITES];
	unsigned int n_writes;
	unsigned int violations;
	const char *last_violation;
	unsigned int closed, resets;
	unsigned int irq_vector;
	int irq_eventfd;
};

static inline struct fake_ctrl *fake_of(struct nvmi_backend *be)
{
	return (struct fake_ctrl *)(void *)be;
}

static inline void fake_forbidden(struct fake_ctrl *f, const char *what)
{
	f->violations++;
	f->last_violation = what;
}

static inline void fake_later(struct fake_ctrl *f, enum fake_event event, uint64_t after_ns)
{
	f->event = event;
	f->event_ns = after_ns == FAKE_NEVER ? FAKE_NEVER : f->now_ns + after_ns;
}

static inline int fake_reset(struct nvmi_backend *be)
{
	struct fake_ctrl *f = fake_of(be);

	f->resets++;
	f->cc = 0;
	f->rdy = f->cfs = false;
	f->shst = NVM_SHST_NORMAL;
	f->event = FAKE_NOTHING;
	return 0;
}

/* Do what is due. */
static inline void fake_advance(struct fake_ctrl *f)
{
	enum fake_event event = f->event;

	if (event == FAKE_NOTHING || f->now_ns < f->event_ns)
		return;
	f->event = FAKE_NOTHING;
	if (event == FAKE_UP)
		f->rdy = true;
	if (event == FAKE_DOWN)
		f->rdy = false;
	if (event == FAKE_SHUT_DOWN)
		f->shst = NVM_SHST_COMPLETE;
	if (event == FAKE_FATAL)
		f->cfs = true;
	if (event == FAKE_RESET)
		fake_reset(&f->be);
}

static inline uint32_t fake_csts(struct fake_ctrl *f)
{
	fake_advance(f);
	return NVM_FIELD(CSTS_RDY, f->rdy) | NVM_FIELD(CSTS_CFS, f->cfs) |
	       NVM_FIELD(CSTS_SHST, f->shst);
}

/* Is this access after the device has gone? */
static inline bool fake_gone(struct fake_ctrl *f, bool read)
{
	bool gone = f->n_accesses++ >= f->gone_at;

	f->n_in_vain += f->n_gone_reads != 0;
	f->n_gone_reads += gone && read;
	return gone;
}

static inline uint64_t fake_read64(struct nvmi_backend *be, uint32_t offset)
{
	struct fake_ctrl *f = fake_of(be);

	if (fake_gone(f, true))
		return UINT64_MAX;
	switch (offset) {
	case NVM_REG_CAP:
		return f->cap;
	case NVM_REG_ASQ:
		return f->asq;
	case NVM_REG_ACQ:
		return f->acq;
	default:
		return 0;
	}
}

static inline uint32_t fake_read32(struct nvmi_backend *be, uint32_t offset)
{
	struct fake_ctrl *f = fake_of(be);

	if (fake_gone(f, true))
		return UINT32_MAX;
	switch (offset) {
	case NVM_REG_CAP:
		return (uint32_t)f->cap;
	case NVM_REG_VS:
		return f->vs;
	case NVM_REG_CC:
		return f->cc;
	case NVM_REG_CSTS:
		return fake_csts(f);
	case NVM_REG_AQA:
		return f->aqa;
	case NVM_REG_CRTO:
		return f->crto;
	default:
		return 0;
	}
}

static inline void fake_record(struct fake_ctrl *f, uint32_t offset, unsigned int size,
			       uint64_t value)
{
	if (f->n_writes < FAKE_MAX_WRITES)
		f->writes[f->n_writes++] = (struct fake_write){offset, size, value};
	else
		fake_forbidden(f, "more register writes than any sequence needs");
}

/* Admin queues are set up while the controller is disabled and has finished being disabled. */
static inline void fake_queue_write(struct fake_ctrl *f)
{
	if (NVM_CC_EN(f->cc) != 0 || NVM_CSTS_RDY(fake_csts(f)) != 0)
		fake_forbidden(f, "admin queue register written while EN or RDY is 1");
}

static inline void fake_enabled(struct fake_ctrl *f)
{
	if (f->rdy)
		fake_forbidden(f, "EN set while RDY is 1");
	if (NVM_CC_SHN(f->cc) != 0)
		fake_forbidden(f, "EN set with a shutdown notification");
	f->shst = NVM_SHST_NORMAL;
	f->cfs |= f->cfs_after_en;
	fake_later(f, FAKE_UP, f->up_ns);
}

static inline void fake_disabled(struct fake_ctrl *f, bool rdy_late)
{
	if (f->shst == NVM_SHST_OCCURRING && !f->cfs && f->shutdown_ns != FAKE_NEVER)
		fake_forbidden(f, "EN cleared in the middle of a shutdown");
	if (!f->rdy && !f->cfs && f->shst == NVM_SHST_NORMAL && !rdy_late)
		fake_forbidden(f, "EN cleared before RDY was 1");
	f->shst = NVM_SHST_NORMAL;
	f->cfs = (f->cfs && f->cfs_sticks) || f->cfs_after_disable;
	fake_later(f, FAKE_DOWN, f->down_ns);
}

static inline void fake_cc_write(struct fake_ctrl *f, uint32_t cc)
{
	const uint32_t fixed = ~(NVM_FIELD_BITS(CC_EN) | NVM_FIELD_BITS(CC_SHN));
	uint32_t old = f->cc;

	fake_advance(f);
	if (NVM_CC_EN(old) != 0 && ((old ^ cc) & fixed) != 0)
		fake_forbidden(f, "CC fields changed while EN is 1");
	f->cc = cc;
	if (NVM_CC_SHN(cc) != 0 && NVM_CC_SHN(old) == 0) {
		f->shst = NVM_SHST_OCCURRING;
		f->cfs |= f->cfs_after_shn;
		fake_later(f, FAKE_SHUT_DOWN, f->shutdown_ns);
	}
	if (NVM_CC_EN(old) == 0 && NVM_CC_EN(cc) != 0)
		fake_enabled(f);
	if (NVM_CC_EN(old) != 0 && NVM_CC_EN(cc) == 0)
		fake_disabled(f, f->up_ns == FAKE_NEVER);
}

static inline void fake_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	struct fake_ctrl *f = fake_of(be);

	if (fake_gone(f, false))
		return;
	fake_record(f, offset, 4, value);
	if (offset == NVM_REG_CC)
		fake_cc_write(f, value);
	if (offset == NVM_REG_AQA) {
		fake_queue_write(f);
		f->aqa = value;
	}
}

static inline void fake_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	struct fake_ctrl *f = fake_of(be);

	if (fake_gone(f, false))
		return;
	fake_record(f, offset, 8, value);
	fake_queue_write(f);
	if (offset == NVM_REG_ASQ)
		f->asq = value;
	if (offset == NVM_REG_ACQ)
		f->acq = value;
}

static inline void fake_close(struct nvmi_backend *be)
{
	fake_of(be)->closed++;
}

static inline int fake_irq(struct nvmi_backend *be, unsigned int vector, int eventfd)
{
	fake_of(be)->irq_vector = vector;
	fake_of(be)->irq_eventfd = eventfd;
	return 0;
}

/* A healthy controller of version 1.4: TO = 5 s, pages of 4 to 64 KiB, 1024 entries, disabled. */
static inline void fake_init(struct fake_ctrl *f)
{
	static const struct nvmi_backend_ops ops = {
		.read32 = fake_read32,
		.read64 = fake_read64,
		.write32 = fake_write32,
		.write64 = fake_write64,
		.irq = fake_irq,
		.reset = fake_reset,
		.close = fake_close,
	};

	memset(f, 0, sizeof(*f));
	f->be.ops = &ops;
	f->be.n_irqs = 2;
	snprintf(f->be.name, sizeof(f->be.name), "controller (fake)");
	f->cap = NVM_FIELD64(CAP_MQES, 1023) | NVM_FIELD64(CAP_TO, 10) |
		 NVM_FIELD64(CAP_CSS, NVM_CAP_CSS_NVM) | NVM_FIELD64(CAP_MPSMAX, 4);
	f->vs = NVM_VS(1, 4, 0);
	f->up_ns = 3 * FAKE_MS;
	f->down_ns = 2 * FAKE_MS;
	f->shutdown_ns = 40 * FAKE_MS;
	f->gone_at = FAKE_NEVER;
	f->irq_eventfd = -2;
}

/* As fake_init(), and then left running by somebody else. */
static inline void fake_init_running(struct fake_ctrl *f)
{
	fake_init(f);
	f->cc = NVM_FIELD(CC_IOSQES, 6) | NVM_FIELD(CC_IOCQES, 4) | NVM_FIELD(CC_EN, 1) |
		NVM_FIELD(CC_AMS, NVM_CC_AMS_WRR);
	f->rdy = true;
}

#endif
