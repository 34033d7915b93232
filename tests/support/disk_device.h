/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_device.h - the device of admin_device.h with a namespace and one I/O queue pair, for what the
 * software controller cannot be made to do: the test decides when each command is executed and what its
 * completion says. Bus addresses are the addresses of this process. Header only.
 */
#ifndef TESTS_SUPPORT_DISK_DEVICE_H
#define TESTS_SUPPORT_DISK_DEVICE_H

#include <stdlib.h>
#include <string.h>

#include "nvm_cmd.h"
#include "nvm_disk.h"
#include "nvm_error.h"
#include "support/aq_fixture.h"

#define DISK_BLOCKS     4096
#define DISK_BLOCK_SIZE 512
#define DISK_MDTS_SIZE  8192

/**
 * struct disk_device - a disk
 * @d: its registers and admin queues
 * @fetched: what to do with an I/O command
 * @idle: nothing has been fetched for that many looks; may be NULL
 * @arg: the test's own
 * @blocks: what is on the disk
 * @lock: held while I/O commands are served, and while queues come and go
 * @up: both queues exist
 * @cq, @sq, @depth, @sq_head, @cq_tail, @phase: the queues
 * @n_commands: I/O commands fetched
 * @n_deleted: SQs deleted
 */
struct disk_device {
	struct device *d;
	struct nvmi_backend_ops ops;
	void (*fetched)(struct disk_device *x, const struct nvm_sqe *sqe);
	void (*idle)(struct disk_device *x, unsigned int looks);
	void *arg;
	unsigned char *blocks;
	pthread_t thread;
	pthread_mutex_t lock;
	atomic_bool stop;
	bool up;
	uint64_t cq, sq;
	uint32_t depth;
	uint32_t sq_head, cq_tail, phase;
	atomic_uint n_commands, n_deleted;
};

static inline void *disk_at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static inline int disk_map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	for (size_t i = 0; i < m->size / m->page_size; i++)
		m->ioaddrs[i] = (uintptr_t)m->vaddr + i * m->page_size;
	return 0;
}

static inline void disk_unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	(void)m;
}

static inline void disk_identify(const struct nvm_sqe *sqe)
{
	struct nvm_id_ctrl *ctrl = disk_at(sqe->prp1);
	struct nvm_id_ns *ns = disk_at(sqe->prp1);

	memset(disk_at(sqe->prp1), 0, 4096);
	switch (sqe->cdw10 & 0xff) {
	case NVM_CNS_CTRL:
		ctrl->mdts = 1;
		ctrl->nn = 1;
		break;
	case NVM_CNS_NS:
		ns->nsze = ns->ncap = ns->nuse = DISK_BLOCKS;
		ns->lbaf[0].lbads = 9;
		break;
	case NVM_CNS_ACTIVE_NS_LIST:
		*(uint32_t *)disk_at(sqe->prp1) = 1;
		break;
	default:
		break;
	}
}

static inline void disk_administer(struct device *d, const struct nvm_sqe *sqe)
{
	struct disk_device *x = d->arg;

	pthread_mutex_lock(&x->lock);
	if (sqe->opc == NVM_ADMIN_IDENTIFY)
		disk_identify(sqe);
	if (sqe->opc == NVM_ADMIN_CREATE_COMPLETION_QUEUE) {
		x->cq = sqe->prp1;
		x->depth = (sqe->cdw10 >> 16) + 1;
		x->cq_tail = 0;
		x->phase = 1;
		__atomic_store_n(&d->bar[0x1000 / 4 + 3], 0, __ATOMIC_RELAXED);
	}
	if (sqe->opc == NVM_ADMIN_CREATE_SUBMISSION_QUEUE) {
		x->sq = sqe->prp1;
		x->sq_head = 0;
		x->up = true;
		__atomic_store_n(&d->bar[0x1000 / 4 + 2], 0, __ATOMIC_RELAXED);
	}
	if (sqe->opc == NVM_ADMIN_DELETE_SUBMISSION_QUEUE) {
		x->up = false;
		atomic_fetch_add(&x->n_deleted, 1);
	}
	pthread_mutex_unlock(&x->lock);
	/* DW0 = 0: one queue pair is granted. */
	device_post(d, sqe->cid, 0, 0);
}

/* Transfer the data of a command. */
static inline void disk_execute(struct disk_device *x, const struct nvm_sqe *sqe)
{
	size_t size = ((sqe->cdw12 & 0xffff) + 1) * DISK_BLOCK_SIZE;
	uint64_t lba = sqe->cdw10 | (uint64_t)sqe->cdw11 << 32;
	unsigned char *block = x->blocks + lba * DISK_BLOCK_SIZE;
	size_t first = 4096 - sqe->prp1 % 4096;

	if (sqe->opc == NVM_IO_FLUSH)
		return;
	if (first > size)
		first = size;
	for (size_t done = 0; done < size; done += first, first = size - first) {
		unsigned char *data = disk_at(done == 0 ? sqe->prp1 : sqe->prp2);

		if (sqe->opc == NVM_IO_WRITE)
			memcpy(block + done, data, first);
		else
			memcpy(data, block + done, first);
	}
}

static inline void disk_post(struct disk_device *x, uint16_t cid, uint16_t status, uint32_t sq_head)
{
	uint32_t *cqe = disk_at(x->cq + x->cq_tail * 16ULL);

	while ((x->cq_tail + 1) % x->depth == device_doorbell(x->d, 3) && !atomic_load(&x->stop))
		sched_yield();
	cqe[0] = cqe[1] = 0;
	cqe[2] = sq_head | 1U << 16;
	__atomic_store_n(&cqe[3], (uint32_t)status << 17 | x->phase << 16 | cid, __ATOMIC_RELEASE);
	x->cq_tail = (x->cq_tail + 1) % x->depth;
	if (x->cq_tail == 0)
		x->phase ^= 1;
}

/* One look at the queues: was there a command? */
static inline bool disk_look(struct disk_device *x)
{
	struct nvm_sqe sqe;

	if (!x->up || x->sq_head == device_doorbell(x->d, 2))
		return false;
	memcpy(&sqe, disk_at(x->sq + x->sq_head * 64ULL), sizeof(sqe));
	x->sq_head = (x->sq_head + 1) % x->depth;
	atomic_fetch_add(&x->n_commands, 1);
	x->fetched(x, &sqe);
	return true;
}

static inline void *disk_serve(void *arg)
{
	struct disk_device *x = arg;
	unsigned int looks = 0;

	while (!atomic_load(&x->stop)) {
		pthread_mutex_lock(&x->lock);
		looks = disk_look(x) ? 0 : looks + 1;
		if (looks > 0 && x->idle != NULL)
			x->idle(x, looks);
		pthread_mutex_unlock(&x->lock);
		if (looks > 0)
			sched_yield();
	}
	return NULL;
}

struct disk_fixture {
	struct fixture f;
	struct disk_device *x;
	nvm_disk_t *disk;
};

/* A disk, open, served as the test says; 0 = default depth and timeout. */
static inline struct disk_fixture begin_disk(void (*fetched)(struct disk_device *,
							     const struct nvm_sqe *),
					     void (*idle)(struct disk_device *, unsigned int),
					     void *arg, uint32_t depth, uint64_t timeout_ms)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	struct disk_fixture t = {.x = calloc(1, sizeof(*t.x))};

	assert_non_null(t.x);
	t.x->fetched = fetched;
	t.x->idle = idle;
	t.x->arg = arg;
	t.x->blocks = calloc(DISK_BLOCKS, DISK_BLOCK_SIZE);
	assert_non_null(t.x->blocks);
	pthread_mutex_init(&t.x->lock, NULL);
	t.f.device = t.x->d = device_start(disk_administer, t.x);
	t.x->ops = *t.x->d->be.ops;
	t.x->ops.map_host = disk_map_host;
	t.x->ops.unmap = disk_unmap;
	t.x->d->be.ops = &t.x->ops;
	assert_int_equal(pthread_create(&t.x->thread, NULL, disk_serve, t.x), 0);

	open_device(&t.f, 4096);
	assert_int_equal(nvm_aq_create(&t.f.ref, t.f.ctrl, t.f.mem), 0);
	options.queue_depth = depth;
	options.timeout_ms = timeout_ms;
	if (nvm_disk_attach(&t.disk, t.f.ref, &options) != 0)
		fail_msg("%s", nvm_errmsg());
	assert_int_equal(nvm_disk_n_blocks(t.disk), DISK_BLOCKS);
	return t;
}

static inline void end_disk(struct disk_fixture *t)
{
	nvm_disk_close(t->disk);
	atomic_store(&t->x->stop, true);
	pthread_join(t->x->thread, NULL);
	end(&t->f);
	pthread_mutex_destroy(&t->x->lock);
	free(t->x->blocks);
	free(t->x);
}

#endif
