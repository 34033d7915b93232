/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_host.h - the least a host needs to use the software controller: memory, rings of its own,
 * doorbells. For tests of the controller alone, so it shares nothing with the library.
 */
#ifndef TESTS_EMU_HOST_H
#define TESTS_EMU_HOST_H

#include <stdarg.h>
#include <sched.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "emu.h"
#include "nvm_spec.h"

#define HOST_PAGE    4096u
#define HOST_MEM     (32u << 20)
#define HOST_IO_BASE UINT64_C(0x7a5500000000) /* bus addresses are no pointers */
#define HOST_WAIT_NS UINT64_C(10000000000)

struct host_queue {
	struct nvm_sqe *sq;
	struct nvm_cqe *cq;
	uint64_t sq_io;
	uint64_t cq_io;
	uint32_t sq_n;
	uint32_t cq_n;
	uint32_t sq_tail;
	uint32_t sq_head; /* as the last completion said */
	uint32_t cq_head;
	unsigned int phase;
	uint16_t id;
	uint16_t cid; /* of the next command of host_exec() */
	uint32_t *sq_db;
	uint32_t *cq_db;
};

struct host {
	struct emu *emu;
	uint8_t *bar;
	size_t bar_size;
	uint8_t *mem;
	size_t used;
	unsigned int dstrd;
	struct host_queue admin;
};

static inline uint64_t host_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Zeroed pages; bus address at *io. */
static inline void *host_alloc(struct host *h, size_t size, uint64_t *io)
{
	uint8_t *p = h->mem + h->used;

	size = (size + HOST_PAGE - 1) & ~(size_t)(HOST_PAGE - 1);
	assert_true(h->used + size <= HOST_MEM);
	h->used += size;
	*io = HOST_IO_BASE + (uint64_t)(p - h->mem);
	memset(p, 0, size);
	return p;
}

static inline uint32_t host_read32(struct host *h, uint32_t offset)
{
	return (uint32_t)emu_reg_read(h->emu, offset, 4);
}

static inline void host_write32(struct host *h, uint32_t offset, uint32_t value)
{
	emu_reg_write(h->emu, offset, 4, value);
}

static inline void host_create(struct host *h, const struct emu_config *config)
{
	char err[200];

	memset(h, 0, sizeof(*h));
	if (emu_create(&h->emu, config, err, sizeof(err)))
		fail_msg("emu_create: %s", err);
	h->bar = (uint8_t *)(uintptr_t)emu_bar(h->emu, &h->bar_size);
	h->dstrd = config->dstrd;
	h->mem = mmap(NULL, HOST_MEM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(h->mem, MAP_FAILED);
	assert_int_equal(emu_dma_map(h->emu, HOST_IO_BASE, h->mem, HOST_MEM, true), 0);
}

static inline void host_destroy(struct host *h)
{
	emu_destroy(h->emu);
	munmap(h->mem, HOST_MEM);
}

static inline void host_queue_init(struct host *h, struct host_queue *q, uint16_t id, uint32_t sq_n,
				   uint32_t cq_n)
{
	memset(q, 0, sizeof(*q));
	q->id = id;
	q->sq_n = sq_n;
	q->cq_n = cq_n;
	q->phase = 1;
	q->sq = host_alloc(h, sq_n * sizeof(*q->sq), &q->sq_io);
	q->cq = host_alloc(h, cq_n * sizeof(*q->cq), &q->cq_io);
	q->sq_db = (uint32_t *)(void *)(h->bar + NVM_REG_SQTDBL(id, h->dstrd));
	q->cq_db = (uint32_t *)(void *)(h->bar + NVM_REG_CQHDBL(id, h->dstrd));
}

static inline uint32_t host_cc(unsigned int mps)
{
	return NVM_FIELD(CC_EN, 1) | NVM_FIELD(CC_MPS, mps) | NVM_FIELD(CC_IOSQES, 6) |
	       NVM_FIELD(CC_IOCQES, 4);
}

/* Wait for bits of CSTS; false after ten seconds. */
static inline int host_wait_csts(struct host *h, uint32_t mask, uint32_t value)
{
	uint64_t end = host_now_ns() + HOST_WAIT_NS;

	while ((host_read32(h, NVM_REG_CSTS) & mask) != value) {
		if (host_now_ns() > end)
			return 0;
		usleep(100);
	}
	return 1;
}

static inline void host_enable_sized(struct host *h, uint32_t sq_n, uint32_t cq_n, uint32_t cc)
{
	host_queue_init(h, &h->admin, 0, sq_n, cq_n);
	host_write32(h, NVM_REG_AQA, NVM_FIELD(AQA_ASQS, sq_n - 1) | NVM_FIELD(AQA_ACQS, cq_n - 1));
	emu_reg_write(h->emu, NVM_REG_ASQ, 8, h->admin.sq_io);
	emu_reg_write(h->emu, NVM_REG_ACQ, 8, h->admin.cq_io);
	host_write32(h, NVM_REG_CC, cc);
	assert_true(host_wait_csts(h, NVM_FIELD_BITS(CSTS_RDY) | NVM_FIELD_BITS(CSTS_CFS), 1));
}

static inline void host_enable(struct host *h)
{
	host_enable_sized(h, 32, 64, host_cc(0));
}

static inline void host_push(struct host_queue *q, const struct nvm_sqe *sqe)
{
	q->sq[q->sq_tail] = *sqe;
	q->sq_tail = (q->sq_tail + 1) % q->sq_n;
}

static inline void host_ring(struct host_queue *q)
{
	__atomic_store_n(q->sq_db, q->sq_tail, __ATOMIC_RELEASE);
}

/* The next completion, if there is one. */
static inline int host_poll(struct host_queue *q, struct nvm_cqe *cqe)
{
	struct nvm_cqe *slot = &q->cq[q->cq_head];
	uint32_t dw3 = __atomic_load_n(&slot->dword[3], __ATOMIC_ACQUIRE);

	if (NVM_CQE_P(dw3 >> 16) != q->phase)
		return 0;
	cqe->dword[0] = slot->dword[0];
	cqe->dword[1] = slot->dword[1];
	cqe->dword[2] = slot->dword[2];
	cqe->dword[3] = dw3;
	q->sq_head = cqe->sqhd;
	if (++q->cq_head == q->cq_n) {
		q->cq_head = 0;
		q->phase ^= 1;
	}
	return 1;
}

static inline void host_ack(struct host_queue *q)
{
	__atomic_store_n(q->cq_db, q->cq_head, __ATOMIC_RELEASE);
}

static inline int host_wait_for(struct host_queue *q, struct nvm_cqe *cqe, uint64_t ns)
{
	uint64_t end = host_now_ns() + ns;

	for (unsigned int i = 0; !host_poll(q, cqe); i++) {
		if (i < 1000) {
			sched_yield();
			continue;
		}
		if (host_now_ns() > end)
			return 0;
		usleep(20);
	}
	host_ack(q);
	return 1;
}

static inline void host_wait(struct host_queue *q, struct nvm_cqe *cqe)
{
	if (!host_wait_for(q, cqe, HOST_WAIT_NS))
		fail_msg("no completion in queue %u", q->id);
}

static inline void host_start(struct host *h, const char *spec)
{
	struct emu_config config;
	char err[400];

	emu_config_init(&config);
	if (emu_config_parse(&config, spec, err, sizeof(err)))
		fail_msg("%s", err);
	host_create(h, &config);
	emu_config_free(&config);
}

/* One command from start to end. Returns SCT and SC; dword 0 at *dw0. */
static inline unsigned int host_exec_dw0(struct host_queue *q, struct nvm_sqe *sqe, uint32_t *dw0)
{
	struct nvm_cqe cqe = {0};

	sqe->cid = q->cid++;
	host_push(q, sqe);
	host_ring(q);
	host_wait(q, &cqe);
	assert_int_equal(cqe.cid, sqe->cid);
	assert_int_equal(cqe.sqid, q->id);
	assert_int_equal(cqe.sqhd, q->sq_tail);
	assert_int_equal(cqe.dword[1], 0);
	if (dw0)
		*dw0 = cqe.dw0;
	return NVM_CQE_STATUS(cqe.status);
}

static inline unsigned int host_exec(struct host_queue *q, struct nvm_sqe *sqe)
{
	return host_exec_dw0(q, sqe, NULL);
}

static inline unsigned int host_create_cq(struct host *h, uint16_t id, uint32_t n, uint64_t io,
					  uint32_t cdw11)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_CREATE_CQ, .prp1 = io};

	sqe.cdw10 = NVM_FIELD(QCREATE_QID, id) | NVM_FIELD(QCREATE_QSIZE, n - 1);
	sqe.cdw11 = cdw11;
	return host_exec(&h->admin, &sqe);
}

static inline unsigned int host_create_sq(struct host *h, uint16_t id, uint32_t n, uint64_t io,
					  uint16_t cqid, uint32_t pc)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_CREATE_SQ, .prp1 = io};

	sqe.cdw10 = NVM_FIELD(QCREATE_QID, id) | NVM_FIELD(QCREATE_QSIZE, n - 1);
	sqe.cdw11 = NVM_FIELD(SQCREATE_CQID, cqid) | pc;
	return host_exec(&h->admin, &sqe);
}

static inline unsigned int host_delete(struct host *h, uint8_t opcode, uint16_t id)
{
	struct nvm_sqe sqe = {.opc = opcode};

	sqe.cdw10 = NVM_FIELD(QCREATE_QID, id);
	return host_exec(&h->admin, &sqe);
}

/* A contiguous queue pair. */
static inline void host_queue_create(struct host *h, struct host_queue *q, uint16_t id,
				     uint32_t sq_n, uint32_t cq_n)
{
	host_queue_init(h, q, id, sq_n, cq_n);
	assert_int_equal(host_create_cq(h, id, cq_n, q->cq_io, 1), 0);
	assert_int_equal(host_create_sq(h, id, sq_n, q->sq_io, id, 1), 0);
}

static inline struct nvm_sqe host_flush(uint16_t cid)
{
	return (struct nvm_sqe){.opc = NVM_IO_OPC_FLUSH, .nsid = 1, .cid = cid};
}

static inline void host_submit(struct host_queue *q, uint16_t cid)
{
	struct nvm_sqe sqe = host_flush(cid);

	host_push(q, &sqe);
}

/* n Flush commands, never more than the rings hold, one doorbell each or per batch. */
static inline void host_run(struct host_queue *q, uint32_t n, uint32_t batch)
{
	uint32_t limit = (q->sq_n < q->cq_n ? q->sq_n : q->cq_n) - 1;
	uint32_t submitted = 0;
	uint32_t completed = 0;
	struct nvm_cqe cqe = {0};

	while (completed < n) {
		uint32_t now = n - submitted < batch ? n - submitted : batch;

		if (submitted + now - completed <= limit && now) {
			for (uint32_t i = 0; i < now; i++)
				host_submit(q, (uint16_t)submitted++);
			host_ring(q);
			continue;
		}
		host_wait(q, &cqe);
		assert_int_equal(cqe.cid, (uint16_t)completed);
		assert_int_equal(cqe.sqid, q->id);
		assert_int_equal(NVM_CQE_STATUS(cqe.status), 0);
		assert_true(cqe.sqhd < q->sq_n);
		completed++;
	}
	assert_int_equal(q->sq_head, q->sq_tail);
	assert_false(host_poll(q, &cqe));
}

static inline unsigned int host_identify(struct host *h, uint32_t cns, uint32_t nsid, uint64_t io)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_IDENTIFY, .nsid = nsid, .prp1 = io};

	sqe.cdw10 = cns;
	return host_exec(&h->admin, &sqe);
}

static inline struct emu_stats host_stats(struct host *h)
{
	struct emu_stats stats;

	emu_get_stats(h->emu, &stats);
	return stats;
}

#endif
