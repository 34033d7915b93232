/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_device.h - a thread that acts as a controller on admin queues in plain memory, for unit tests
 * of the admin queue pair: it does with each command what the test says. Header only.
 */
#ifndef TESTS_SUPPORT_ADMIN_DEVICE_H
#define TESTS_SUPPORT_ADMIN_DEVICE_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "controller/controller.h"
#include "nvm_spec.h"

#define DEVICE_BUS_BASE 0x7000000000ULL /* unrelated to virtual addresses */
#define DEVICE_MEMORY   (256 * 1024)
#define DEVICE_MAX_LOG  4096

struct device;
typedef void (*device_handler)(struct device *d, const struct nvm_sqe *sqe);

/**
 * struct device - a controller
 * @be: backend
 * @cap: register, set before the controller is opened
 * @cc, @csts, @aqa, @asq, @acq: registers
 * @gone: every register reads all ones
 * @stop: the thread shall end
 * @doorbells: BAR0 from 0x1000 on
 * @memory: what the controller can reach, at DEVICE_BUS_BASE
 * @handler: what to do with a command; device_echo() if NULL
 * @arg: the handler's own
 * @sq_head, @cq_tail, @phase, @n_sq, @n_cq: the thread's view of the rings
 * @cq_full_rounds: rounds in which there was no room in the CQ
 * @opcodes, @cdw10s, @n_log: commands in the order they came
 * @shutdown_at: how many commands had come when CC.SHN was written, -1 = never
 */
struct device {
	struct nvmi_backend be;
	uint64_t cap;
	atomic_uint cc, csts, aqa;
	atomic_ullong asq, acq;
	atomic_bool gone;
	atomic_bool stop;
	uint32_t bar[0x2000 / 4];
	unsigned char *memory;
	pthread_t thread;
	device_handler handler;
	void *arg;
	bool active;
	uint32_t sq_head, cq_tail, phase, n_sq, n_cq;
	uint64_t cq_full_rounds;
	uint8_t opcodes[DEVICE_MAX_LOG];
	uint32_t cdw10s[DEVICE_MAX_LOG];
	atomic_uint n_log;
	atomic_int shutdown_at;
};

static inline void *device_at(struct device *d, uint64_t bus, size_t size)
{
	if (bus < DEVICE_BUS_BASE || bus + size > DEVICE_BUS_BASE + DEVICE_MEMORY) {
		fprintf(stderr, "device: access to bus address 0x%llx\n", (unsigned long long)bus);
		abort();
	}
	return d->memory + (bus - DEVICE_BUS_BASE);
}

static inline uint32_t device_doorbell(struct device *d, unsigned int n)
{
	return __atomic_load_n(&d->bar[0x1000 / 4 + n], __ATOMIC_ACQUIRE);
}

/* Post a completion with any SQ head. Waits for room in the CQ, unless the thread is stopped. */
static inline void device_post_head(struct device *d, uint16_t cid, uint16_t status, uint32_t dw0,
				    uint16_t sq_head)
{
	uint32_t *cqe = device_at(d, atomic_load(&d->acq) + d->cq_tail * 16ULL, 16);

	while ((d->cq_tail + 1) % d->n_cq == device_doorbell(d, 1) && !atomic_load(&d->stop)) {
		d->cq_full_rounds++;
		sched_yield();
	}
	cqe[0] = dw0;
	cqe[1] = 0;
	cqe[2] = sq_head;
	__atomic_store_n(&cqe[3], (uint32_t)status << 17 | d->phase << 16 | cid, __ATOMIC_RELEASE);
	d->cq_tail = (d->cq_tail + 1) % d->n_cq;
	if (d->cq_tail == 0)
		d->phase ^= 1;
}

static inline void device_post(struct device *d, uint16_t cid, uint16_t status, uint32_t dw0)
{
	device_post_head(d, cid, status, dw0, (uint16_t)d->sq_head);
}

/* Success, with CDW11 in dword 0. */
static inline void device_echo(struct device *d, const struct nvm_sqe *sqe)
{
	device_post(d, sqe->cid, 0, sqe->cdw11);
}

static inline void device_enable(struct device *d, bool enable)
{
	uint32_t aqa = atomic_load(&d->aqa);

	d->active = enable;
	d->sq_head = d->cq_tail = 0;
	d->phase = 1;
	d->n_sq = NVM_AQA_ASQS(aqa) + 1;
	d->n_cq = NVM_AQA_ACQS(aqa) + 1;
	atomic_store(&d->csts, enable ? NVM_FIELD(CSTS_RDY, 1) : 0);
}

static inline void device_fetch(struct device *d)
{
	struct nvm_sqe sqe;
	uint32_t n = atomic_load(&d->n_log);

	memcpy(&sqe, device_at(d, atomic_load(&d->asq) + d->sq_head * 64ULL, 64), 64);
	d->sq_head = (d->sq_head + 1) % d->n_sq;
	if (n < DEVICE_MAX_LOG) {
		d->opcodes[n] = sqe.opc;
		d->cdw10s[n] = sqe.cdw10;
		atomic_store(&d->n_log, n + 1);
	}
	if (d->handler != NULL)
		d->handler(d, &sqe);
	else
		device_echo(d, &sqe);
}

static inline void *device_thread(void *arg)
{
	struct device *d = arg;

	while (!atomic_load(&d->stop)) {
		bool enable = NVM_CC_EN(atomic_load(&d->cc)) != 0;

		if (enable != d->active)
			device_enable(d, enable);
		if (d->active && d->sq_head != device_doorbell(d, 0))
			device_fetch(d);
		else
			sched_yield();
	}
	return NULL;
}

static inline struct device *device_of(struct nvmi_backend *be)
{
	return (struct device *)(void *)be;
}

static inline uint32_t device_read32(struct nvmi_backend *be, uint32_t offset)
{
	struct device *d = device_of(be);

	if (atomic_load(&d->gone))
		return UINT32_MAX;
	switch (offset) {
	case NVM_REG_VS:
		return NVM_VS(1, 4, 0);
	case NVM_REG_CC:
		return atomic_load(&d->cc);
	case NVM_REG_CSTS:
		return atomic_load(&d->csts);
	case NVM_REG_AQA:
		return atomic_load(&d->aqa);
	default:
		return 0;
	}
}

static inline uint64_t device_read64(struct nvmi_backend *be, uint32_t offset)
{
	struct device *d = device_of(be);

	if (atomic_load(&d->gone))
		return UINT64_MAX;
	return offset == NVM_REG_CAP ? d->cap : 0;
}

static inline void device_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	struct device *d = device_of(be);

	if (offset == NVM_REG_AQA)
		atomic_store(&d->aqa, value);
	if (offset != NVM_REG_CC)
		return;
	if (NVM_CC_EN(value) != 0 && NVM_CC_EN(atomic_load(&d->cc)) == 0) {
		__atomic_store_n(&d->bar[0x1000 / 4], 0, __ATOMIC_RELAXED);
		__atomic_store_n(&d->bar[0x1000 / 4 + 1], 0, __ATOMIC_RELAXED);
	}
	if (NVM_CC_SHN(value) != 0) {
		atomic_store(&d->shutdown_at, (int)atomic_load(&d->n_log));
		atomic_fetch_or(&d->csts, NVM_FIELD(CSTS_SHST, NVM_SHST_COMPLETE));
	}
	atomic_store(&d->cc, value);
}

static inline void device_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	struct device *d = device_of(be);

	if (offset == NVM_REG_ASQ)
		atomic_store(&d->asq, value);
	if (offset == NVM_REG_ACQ)
		atomic_store(&d->acq, value);
}

/* Belongs to the test, which looks at it after the controller is closed. */
static inline void device_close(struct nvmi_backend *be)
{
	(void)be;
}

static inline struct device *device_start(device_handler handler, void *arg)
{
	static const struct nvmi_backend_ops ops = {
		.read32 = device_read32,
		.read64 = device_read64,
		.write32 = device_write32,
		.write64 = device_write64,
		.close = device_close,
	};
	struct device *d = calloc(1, sizeof(*d));

	if (d == NULL || posix_memalign((void **)&d->memory, 65536, DEVICE_MEMORY) != 0)
		abort();
	memset(d->memory, 0xa5, DEVICE_MEMORY);
	d->be.ops = &ops;
	d->be.bar = d->bar;
	d->be.bar_size = sizeof(d->bar);
	snprintf(d->be.name, sizeof(d->be.name), "device (test)");
	d->cap = NVM_FIELD64(CAP_MQES, 1023) | NVM_FIELD64(CAP_TO, 10) |
		 NVM_FIELD64(CAP_CSS, NVM_CAP_CSS_NVM) | NVM_FIELD64(CAP_MPSMAX, 4);
	d->handler = handler;
	d->arg = arg;
	atomic_store(&d->shutdown_at, -1);
	if (pthread_create(&d->thread, NULL, device_thread, d) != 0)
		abort();
	return d;
}

static inline void device_stop(struct device *d)
{
	atomic_store(&d->stop, true);
	pthread_join(d->thread, NULL);
	free(d->memory);
	free(d);
}

#endif
