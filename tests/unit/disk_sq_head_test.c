/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_sq_head_test.c - nvm_disk_t on a controller whose completions tell old SQ heads: what was the
 * head when the command was fetched, many commands ago, or nothing useful at all. Every block is
 * transferred nevertheless. The software controller tells the head of the moment and cannot show this.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nvm_cmd.h"
#include "nvm_disk.h"
#include "nvm_error.h"
#include "support/aq_fixture.h"

#define N_BLOCKS   4096
#define BLOCK_SIZE 512
#define MDTS_SIZE  8192

enum head {
	HEAD_AT_FETCH, /* one command is overtaken by all others */
	HEAD_IS_ZERO,
};

/* A device with one I/O queue pair, whose bus addresses are the addresses of this process. */
struct disk_device {
	struct device *d;
	struct nvmi_backend_ops ops;
	enum head head;
	unsigned char *blocks;
	pthread_t thread;
	atomic_bool stop;
	atomic_uint ready; /* 2: both queues exist */
	uint64_t cq, sq;
	uint32_t depth;
	uint32_t sq_head, cq_tail, phase;
	atomic_uint n_commands;
};

static void *at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static int map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	for (size_t i = 0; i < m->size / m->page_size; i++)
		m->ioaddrs[i] = (uintptr_t)m->vaddr + i * m->page_size;
	return 0;
}

static void unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	(void)m;
}

static void identify(const struct nvm_sqe *sqe)
{
	struct nvm_id_ctrl *ctrl = at(sqe->prp1);
	struct nvm_id_ns *ns = at(sqe->prp1);

	memset(at(sqe->prp1), 0, 4096);
	switch (sqe->cdw10 & 0xff) {
	case NVM_CNS_CTRL:
		ctrl->mdts = 1;
		ctrl->nn = 1;
		break;
	case NVM_CNS_NS:
		ns->nsze = ns->ncap = ns->nuse = N_BLOCKS;
		ns->lbaf[0].lbads = 9;
		break;
	case NVM_CNS_ACTIVE_NS_LIST:
		*(uint32_t *)at(sqe->prp1) = 1;
		break;
	default:
		break;
	}
}

static void administer(struct device *d, const struct nvm_sqe *sqe)
{
	struct disk_device *x = d->arg;

	if (sqe->opc == NVM_ADMIN_IDENTIFY)
		identify(sqe);
	if (sqe->opc == NVM_ADMIN_CREATE_COMPLETION_QUEUE) {
		x->cq = sqe->prp1;
		x->depth = (sqe->cdw10 >> 16) + 1;
		x->cq_tail = 0;
		x->phase = 1;
		atomic_store(&x->ready, 1);
	}
	if (sqe->opc == NVM_ADMIN_CREATE_SUBMISSION_QUEUE) {
		x->sq = sqe->prp1;
		x->sq_head = 0;
		atomic_store(&x->ready, 2);
	}
	if (sqe->opc == NVM_ADMIN_DELETE_SUBMISSION_QUEUE)
		atomic_store(&x->ready, 0);
	/* One queue pair is granted. */
	device_post(d, sqe->cid, 0, 0);
}

static void execute(struct disk_device *x, const struct nvm_sqe *sqe)
{
	size_t size = ((sqe->cdw12 & 0xffff) + 1) * BLOCK_SIZE;
	uint64_t lba = sqe->cdw10 | (uint64_t)sqe->cdw11 << 32;
	unsigned char *block = x->blocks + lba * BLOCK_SIZE;
	size_t first = 4096 - sqe->prp1 % 4096;

	atomic_fetch_add(&x->n_commands, 1);
	if (sqe->opc == NVM_IO_FLUSH)
		return;
	if (first > size)
		first = size;
	for (size_t done = 0; done < size; done += first, first = size - first) {
		unsigned char *data = at(done == 0 ? sqe->prp1 : sqe->prp2);

		if (sqe->opc == NVM_IO_WRITE)
			memcpy(block + done, data, first);
		else
			memcpy(data, block + done, first);
	}
}

static void post(struct disk_device *x, uint16_t cid, uint32_t sq_head)
{
	uint32_t *cqe = at(x->cq + x->cq_tail * 16ULL);

	while ((x->cq_tail + 1) % x->depth == device_doorbell(x->d, 3) && !atomic_load(&x->stop))
		sched_yield();
	cqe[0] = cqe[1] = 0;
	cqe[2] = (x->head == HEAD_IS_ZERO ? 0 : sq_head) | 1U << 16;
	__atomic_store_n(&cqe[3], x->phase << 16 | cid, __ATOMIC_RELEASE);
	x->cq_tail = (x->cq_tail + 1) % x->depth;
	if (x->cq_tail == 0)
		x->phase ^= 1;
}

/* The first command waits until nothing else is left to do, and tells the head it was fetched at. */
static void *serve(void *arg)
{
	struct disk_device *x = arg;
	unsigned int idle = 0;
	uint32_t held_head = 0;
	uint16_t held_cid = 0;
	bool held = false;

	while (!atomic_load(&x->stop)) {
		struct nvm_sqe sqe;

		if (atomic_load(&x->ready) != 2) {
			sched_yield();
		} else if (x->sq_head != device_doorbell(x->d, 2)) {
			memcpy(&sqe, at(x->sq + x->sq_head * 64ULL), sizeof(sqe));
			x->sq_head = (x->sq_head + 1) % x->depth;
			execute(x, &sqe);
			idle = 0;
			if (held || x->head != HEAD_AT_FETCH) {
				post(x, sqe.cid, x->sq_head);
				continue;
			}
			held = true;
			held_cid = sqe.cid;
			held_head = x->sq_head;
		} else if (held && ++idle > 200) {
			post(x, held_cid, held_head);
			held = false;
		} else {
			sched_yield();
		}
	}
	return NULL;
}

struct disk_fixture {
	struct fixture f;
	struct disk_device *x;
	nvm_disk_t *disk;
};

static struct disk_fixture begin_disk(enum head head, uint32_t depth)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	struct disk_fixture t = {.x = calloc(1, sizeof(*t.x))};

	assert_non_null(t.x);
	t.x->head = head;
	t.x->blocks = calloc(N_BLOCKS, BLOCK_SIZE);
	assert_non_null(t.x->blocks);
	t.f.device = t.x->d = device_start(administer, t.x);
	t.x->ops = *t.x->d->be.ops;
	t.x->ops.map_host = map_host;
	t.x->ops.unmap = unmap;
	t.x->d->be.ops = &t.x->ops;
	assert_int_equal(pthread_create(&t.x->thread, NULL, serve, t.x), 0);

	open_device(&t.f, 4096);
	assert_int_equal(nvm_aq_create(&t.f.ref, t.f.ctrl, t.f.mem), 0);
	options.queue_depth = depth;
	options.timeout_ms = 5000;
	if (nvm_disk_attach(&t.disk, t.f.ref, &options) != 0)
		fail_msg("%s", nvm_errmsg());
	assert_int_equal(nvm_disk_n_blocks(t.disk), N_BLOCKS);
	return t;
}

static void end_disk(struct disk_fixture *t)
{
	nvm_disk_close(t->disk);
	atomic_store(&t->x->stop, true);
	pthread_join(t->x->thread, NULL);
	end(&t->f);
	free(t->x->blocks);
	free(t->x);
}

/* Calls of all lengths, so that the old head stands everywhere in the ring. */
static void check_calls(enum head head, uint32_t depth)
{
	struct disk_fixture t = begin_disk(head, depth);
	unsigned char *data = malloc(40 * MDTS_SIZE), *back = malloc(40 * MDTS_SIZE);

	assert_true(data != NULL && back != NULL);
	for (unsigned int n = 1; n <= 40; n++) {
		unsigned int before = atomic_load(&t.x->n_commands);
		size_t size = (size_t)n * MDTS_SIZE, n_blocks = size / BLOCK_SIZE;

		for (size_t i = 0; i < size; i++)
			data[i] = (unsigned char)(i / 512 * 7 + i + n * 31);
		assert_int_equal(nvm_disk_write(t.disk, data, n, n_blocks), 0);
		assert_int_equal(atomic_load(&t.x->n_commands) - before, n);
		assert_memory_equal(t.x->blocks + (size_t)n * BLOCK_SIZE, data, size);
		memset(back, 0xee, size);
		assert_int_equal(nvm_disk_read(t.disk, back, n, n_blocks), 0);
		assert_memory_equal(back, data, size);
		assert_int_equal(nvm_disk_flush(t.disk), 0);
		assert_int_equal(atomic_load(&t.x->n_commands) - before, 2 * n + 1);
	}
	free(data);
	free(back);
	end_disk(&t);
}

static void an_overtaken_command_does_not_turn_the_head_back(void **state)
{
	static const uint32_t depths[] = {3, 4, 7, 16, 64};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
		check_calls(HEAD_AT_FETCH, depths[i]);
}

static void a_head_that_never_moves_does_not_stop_the_disk(void **state)
{
	static const uint32_t depths[] = {2, 3, 8, 64};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
		check_calls(HEAD_IS_ZERO, depths[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_overtaken_command_does_not_turn_the_head_back),
		cmocka_unit_test(a_head_that_never_moves_does_not_stop_the_disk),
	};

	return cmocka_run_group_tests_name("old SQ heads", tests, NULL, NULL);
}
