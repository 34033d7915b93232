/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_device.h - a controller for unit tests of queue pairs, without threads: admin commands are
 * executed when they are given, I/O commands when the test fetches them from the ring, and completions are
 * posted as the test says. Bus addresses are unrelated to addresses of this process, and scattered if the
 * test wishes. Header only; include after cmocka.h.
 */
#ifndef TESTS_SUPPORT_QPAIR_DEVICE_H
#define TESTS_SUPPORT_QPAIR_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/aq_queues.h"
#include "controller/aq_shadow.h"
#include "controller/controller.h"
#include "io/qpair.h"
#include "nvm_admin.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_qpair.h"
#include "nvm_spec.h"
#include "nvm_util.h"

#define QD_BUS_BASE UINT64_C(0x5a0000000000)
#define QD_BAR_SIZE (0x1000 + 65536 * 8)

/* How pages lie on the bus. */
enum qd_layout {
	QD_CONTIGUOUS,
	QD_SCATTERED,
	QD_RUNS
};

/**
 * struct qd - a controller
 * @ref: what the library takes for an admin queue
 * @be: backend
 * @ctrl: controller
 * @id, @ns: what it says of itself and of namespace 1
 * @descs_csi: command set of the namespace
 * @layout: of memory that is mapped from now on
 * @pages: address of every bus page; NULL: not mapped
 * @n_pages: bus pages given out
 * @granted: queue pairs
 * @refuse: opcode of an admin command to fail, with status @refuse_status; 0 = Delete SQ is not refused
 * @cq_bus, @sq_bus, @depth: of the queue pair; 0 = not there
 * @sq_head, @cq_tail, @phase: the device's side of it
 * @n_fetched, @n_posted: commands and completions
 * @seed: of the layout
 */
struct qd {
	struct nvm_admin_reference ref;
	struct nvmi_backend be;
	struct nvmi_backend_ops ops;
	nvm_ctrl_t *ctrl;
	struct nvm_id_ctrl id;
	struct nvm_id_ns ns;
	uint8_t descs_csi;
	uint64_t cap;
	enum qd_layout layout;
	void **pages;
	size_t n_pages;
	uint16_t granted;
	uint8_t refuse;
	int refuse_status;
	uint64_t cq_bus, sq_bus;
	uint16_t qid;
	uint32_t depth;
	uint32_t sq_head, cq_tail, phase;
	uint64_t n_fetched, n_posted;
	uint32_t seed;
	unsigned char *bar;
};

static inline uint32_t qd_random(struct qd *d, uint32_t below)
{
	d->seed = d->seed * 1664525U + 1013904223U;
	return (d->seed >> 8) % below;
}

static inline struct qd *qd_of(struct nvmi_backend *be)
{
	return (struct qd *)(void *)((char *)be - offsetof(struct qd, be));
}

/* Memory at a bus address; the range lies within a page. */
static inline void *qd_at(struct qd *d, uint64_t bus, size_t size)
{
	uint64_t offset = bus - QD_BUS_BASE;
	size_t page_size = d->ctrl->page_size;

	if (bus < QD_BUS_BASE || offset / page_size >= d->n_pages ||
	    d->pages[offset / page_size] == NULL || offset % page_size + size > page_size)
		fail_msg("access to %zu bytes at 0x%llx", size, (unsigned long long)bus);
	return (unsigned char *)d->pages[offset / page_size] + offset % page_size;
}

static inline uint32_t qd_read32(struct nvmi_backend *be, uint32_t offset)
{
	struct qd *d = qd_of(be);

	if (offset == NVM_REG_VS)
		return NVM_VS(2, 0, 0);
	if (offset == NVM_REG_CAP)
		return (uint32_t)d->cap;
	return offset == NVM_REG_CSTS || offset == NVM_REG_CC ? 1 : 0;
}

static inline uint64_t qd_read64(struct nvmi_backend *be, uint32_t offset)
{
	return offset == NVM_REG_CAP ? qd_of(be)->cap : 0;
}

static inline void qd_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	(void)be, (void)offset, (void)value;
}

static inline void qd_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	(void)be, (void)offset, (void)value;
}

static inline int qd_map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct qd *d = qd_of(be);
	size_t n = m->size / m->page_size;
	size_t first = d->n_pages + 1; /* a hole between mappings */
	size_t *order = calloc(n, sizeof(*order));

	d->n_pages = first + n;
	d->pages = realloc(d->pages, d->n_pages * sizeof(*d->pages));
	assert_true(order != NULL && d->pages != NULL);
	d->pages[first - 1] = NULL;
	for (size_t i = 0; i < n; ++i)
		order[i] = i;
	for (size_t i = n - 1; i > 0 && d->layout == QD_SCATTERED; --i) {
		size_t k = qd_random(d, (uint32_t)i + 1), t = order[i];

		order[i] = order[k];
		order[k] = t;
	}
	/* Runs of some pages, in the reverse order. */
	for (size_t i = 0; i < n && d->layout == QD_RUNS;) {
		size_t k = 1 + qd_random(d, 5);

		if (k > n - i)
			k = n - i;
		for (size_t j = 0; j < k; ++j)
			order[i + j] = n - i - k + j;
		i += k;
	}
	for (size_t i = 0; i < n; ++i) {
		m->ioaddrs[i] = QD_BUS_BASE + (first + order[i]) * m->page_size;
		d->pages[first + order[i]] = (unsigned char *)m->vaddr + i * m->page_size;
	}
	free(order);
	return 0;
}

static inline void qd_unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct qd *d = qd_of(be);

	for (size_t i = 0; i < m->size / m->page_size; ++i)
		d->pages[(m->ioaddrs[i] - QD_BUS_BASE) / m->page_size] = NULL;
}

static inline void qd_close(struct nvmi_backend *be)
{
	(void)be;
}

static inline void qd_identify(struct qd *d, const nvm_cmd_t *cmd)
{
	uint8_t *page = qd_at(d, cmd->dword[6] | (uint64_t)cmd->dword[7] << 32, 4096);

	memset(page, 0, 4096);
	switch (cmd->dword[10] & 0xff) {
	case NVM_CNS_CTRL:
		memcpy(page, &d->id, sizeof(d->id));
		break;
	case NVM_CNS_NS:
		memcpy(page, &d->ns, sizeof(d->ns));
		break;
	case NVM_CNS_ACTIVE_NS_LIST:
		*(uint32_t *)(void *)page = 1;
		break;
	case NVM_CNS_NS_DESC_LIST:
		page[0] = NVM_NIDT_CSI;
		page[1] = NVM_NIDT_CSI_LEN;
		page[4] = d->descs_csi;
		break;
	default:
		break;
	}
}

static inline void qd_create_queue(struct qd *d, const nvm_cmd_t *cmd, bool cq)
{
	uint64_t bus = cmd->dword[6] | (uint64_t)cmd->dword[7] << 32;

	/* Where the ring is not contiguous the list says where it is: these tests give it whole. */
	assert_true((cmd->dword[11] & 1) != 0);
	d->qid = (uint16_t)cmd->dword[10];
	d->depth = (cmd->dword[10] >> 16) + 1;
	if (cq) {
		d->cq_bus = bus;
		d->cq_tail = 0;
		d->phase = 1;
	} else {
		d->sq_bus = bus;
		d->sq_head = 0;
	}
	*(uint32_t *)(void *)(d->bar + 0x1000 + d->qid * 8 + (cq ? 4 : 0)) = 0;
}

static inline int qd_exec(nvm_aq_ref ref, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	struct qd *d = (struct qd *)(void *)ref;
	uint8_t opcode = (uint8_t)cmd->dword[0];
	uint32_t dw0 = 0;

	(void)timeout_ms;
	if (cpl != NULL)
		memset(cpl, 0, sizeof(*cpl));
	if (d->refuse_status != 0 && opcode == d->refuse)
		return d->refuse_status;
	if (opcode == NVM_ADMIN_IDENTIFY)
		qd_identify(d, cmd);
	else if (opcode == NVM_ADMIN_CREATE_COMPLETION_QUEUE)
		qd_create_queue(d, cmd, true);
	else if (opcode == NVM_ADMIN_CREATE_SUBMISSION_QUEUE)
		qd_create_queue(d, cmd, false);
	else if (opcode == NVM_ADMIN_DELETE_SUBMISSION_QUEUE)
		d->sq_bus = 0;
	else if (opcode == NVM_ADMIN_DELETE_COMPLETION_QUEUE)
		d->cq_bus = 0;
	else if (opcode == NVM_ADMIN_SET_FEATURES || opcode == NVM_ADMIN_GET_FEATURES)
		dw0 = (d->granted - 1U) << 16 | (d->granted - 1U);
	else
		return -NVM_SC_INVALID_OPCODE;
	if (cpl != NULL)
		cpl->dword[0] = dw0;
	nvmi_aq_queues_saw(ref->queues, opcode, cmd->dword[10], dw0);
	return 0;
}

/**
 * qd_start() - a controller with a namespace of 2^40 blocks of 512 bytes, MDTS unlimited, SGLs
 * @page_size: bytes, 4096..65536
 */
static inline struct qd *qd_start(uint32_t page_size)
{
	static const struct nvmi_aq_ops aq_ops = {.exec = qd_exec};
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
	struct qd *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->seed = 1;
	d->granted = 64;
	d->bar = aligned_alloc(4096, QD_BAR_SIZE);
	assert_non_null(d->bar);
	memset(d->bar, 0, QD_BAR_SIZE);
	d->ops = (struct nvmi_backend_ops){
		.read32 = qd_read32,
		.read64 = qd_read64,
		.write32 = qd_write32,
		.write64 = qd_write64,
		.map_host = qd_map_host,
		.unmap = qd_unmap,
		.close = qd_close,
	};
	d->be.ops = &d->ops;
	d->be.bar = d->bar;
	d->be.bar_size = QD_BAR_SIZE;
	d->be.doorbells_are_memory = true;
	snprintf(d->be.name, sizeof(d->be.name), "test controller");
	d->cap =
		NVM_FIELD64(CAP_MQES, 65535) | NVM_FIELD64(CAP_CSS, 1) | NVM_FIELD64(CAP_MPSMAX, 4);
	d->id.nn = 1;
	d->id.oncs = 0xffff;
	d->id.sgls = NVM_FIELD(SGLS_SUPPORT, NVM_SGLS_SUPPORT_DWORD);
	d->ns.nsze = d->ns.ncap = UINT64_C(1) << 40;
	d->ns.lbaf[0].lbads = 9;
	d->ns.msrc = 127;
	options.page_size = page_size;
	if (nvmi_ctrl_new(&d->ctrl, &d->be, &options) != 0)
		fail_msg("%s", nvm_errmsg());
	d->ref.ops = &aq_ops;
	d->ref.ctrl = nvmi_ctrl_of(d->ctrl);
	assert_int_equal(nvmi_aq_queues_new(&d->ref.queues), 0);
	assert_int_equal(nvmi_aq_shadow_new(&d->ref.shadow), 0);
	return d;
}

static inline void qd_stop(struct qd *d)
{
	nvmi_aq_shadow_delete(d->ref.shadow);
	nvmi_aq_queues_delete(d->ref.queues);
	for (size_t i = 0; i < d->n_pages; ++i)
		assert_null(d->pages[i]); /* everything was unmapped */
	nvm_ctrl_free(d->ctrl);
	free(d->pages);
	free(d->bar);
	free(d);
}

/* A queue pair; 0 = defaults. */
static inline nvm_qpair_t *qd_qpair(struct qd *d, uint32_t depth, uint32_t n_lists, bool prp_only)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	enum qd_layout layout = d->layout;
	nvm_qpair_t *qp;

	options.depth = depth;
	options.n_lists = n_lists;
	options.prp_only = prp_only;
	/* Rings of several pages must be in one piece; list pages need not. */
	if (depth == 0 || depth > 64)
		d->layout = QD_CONTIGUOUS;
	if (nvm_qpair_create(&qp, &d->ref, &options) != 0)
		fail_msg("%s", nvm_errmsg());
	d->layout = layout;
	return qp;
}

static inline nvm_ns_t qd_ns(struct qd *d)
{
	nvm_ns_t ns;

	if (nvm_ns_init(&ns, &d->ref, 0) != 0)
		fail_msg("%s", nvm_errmsg());
	return ns;
}

/* A registered buffer; the mapping is the buffer's alone. */
static inline nvm_buf_t *qd_buf(struct qd *d, size_t size)
{
	nvm_buf_t *buf = NULL;
	nvm_dma_t *dma = NULL;

	if (nvm_dma_create(&dma, d->ctrl, size) != 0 || nvm_buf_create(&buf, d->ctrl, dma) != 0)
		fail_msg("%s", nvm_errmsg());
	nvm_dma_unmap(dma);
	return buf;
}

static inline uint32_t qd_doorbell(const struct qd *d, bool cq)
{
	const uint32_t *db = (const uint32_t *)(const void *)(d->bar + 0x1000 + d->qid * 8);

	return db[cq];
}

/* The next command that was handed over, copied; false if there is none. */
static inline bool qd_fetch(struct qd *d, struct nvm_sqe *sqe)
{
	uint32_t tail = qd_doorbell(d, false);

	assert_true(d->sq_bus != 0 && tail < d->depth);
	if (d->sq_head == tail)
		return false;
	memcpy(sqe, qd_at(d, d->sq_bus + d->sq_head * 64ULL, 64), sizeof(*sqe));
	d->sq_head = d->sq_head + 1 == d->depth ? 0 : d->sq_head + 1;
	++d->n_fetched;
	return true;
}

/* Is there room in the CQ, as far as the host has said? */
static inline bool qd_cq_full(const struct qd *d)
{
	return (d->cq_tail + 1) % d->depth == qd_doorbell(d, true);
}

static inline void qd_post(struct qd *d, uint16_t cid, unsigned int status, uint32_t dw0)
{
	uint32_t *cqe = qd_at(d, d->cq_bus + d->cq_tail * 16ULL, 16);

	assert_false(qd_cq_full(d));
	cqe[0] = dw0;
	cqe[1] = 0;
	cqe[2] = (uint32_t)d->qid << 16 | d->sq_head;
	cqe[3] = status << 17 | d->phase << 16 | cid;
	if (++d->cq_tail == d->depth) {
		d->cq_tail = 0;
		d->phase ^= 1;
	}
	++d->n_posted;
}

static inline uint64_t qd_lba(const struct nvm_sqe *sqe)
{
	return sqe->cdw10 | (uint64_t)sqe->cdw11 << 32;
}

static inline uint32_t qd_blocks(const struct nvm_sqe *sqe)
{
	return (sqe->cdw12 & 0xffff) + 1;
}

#endif
