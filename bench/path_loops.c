// SPDX-License-Identifier: BSD-2-Clause
/*
 * path_loops.c - the measured loops. Every one is a function of its own, so that callgrind finds it by name,
 * and calls the device, which it does not see through, between submitting and collecting.
 */
#include "bench/path.h"

#include "nvm_error.h"

void bench_done(void *arg, int status, uint32_t result)
{
	struct bench_path *p = arg;

	(void)result;
	if (status != 0)
		++p->n_bad;
	++p->n_done;
}

/* The lane after this one. */
static inline struct bench_lane *next_lane(const struct bench_path *p, struct bench_lane *lane)
{
	return ++lane == p->lanes + p->n_lanes ? p->lanes : lane;
}

void bench_loop_none(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		for (const struct bench_step *end = s + batch; s != end; ++s)
			__asm__ volatile("" ::"r"(s->lba), "r"(s->offset), "r"(n_blocks));
		bench_device_run(&lane->device);
		lane = next_lane(p, lane);
	}
	p->n_done += n;
}

void bench_loop_none_raw(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		for (const struct bench_step *end = s + batch; s != end; ++s)
			__asm__ volatile("" ::"r"(s->lba), "r"(s->offset), "r"(n_blocks));
		bench_device_run(&lane->device);
		for (uint32_t j = 0; j < batch; ++j)
			__asm__ volatile("" ::"r"(lane));
		lane = next_lane(p, lane);
	}
	p->n_done += n;
}

void bench_loop_none_reap(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		for (const struct bench_step *end = s + batch; s != end; ++s)
			__asm__ volatile("" ::"r"(s->lba), "r"(s->offset), "r"(n_blocks));
		bench_device_run(&lane->device);
		for (uint32_t j = 0; j < batch; ++j)
			bench_done(p->done[j].arg, p->done[j].status, p->done[j].result);
		lane = next_lane(p, lane);
	}
}

/* The next completion of the raw layer; false if there is none, or it says that something is wrong. */
static inline bool collect_raw(struct bench_lane *lane)
{
	const nvm_cpl_t *cpl = nvm_cq_dequeue(&lane->cq);

	if (cpl == NULL || !NVM_ERR_OK(cpl))
		return false;
	nvm_sq_update(&lane->sq);
	return true;
}

/* Hand a batch over, and collect it; false if something is wrong. */
static inline bool finish_raw(struct bench_lane *lane, uint32_t batch)
{
	nvm_sq_submit(&lane->sq);
	bench_device_run(&lane->device);
	for (uint32_t j = 0; j < batch; ++j) {
		if (!collect_raw(lane))
			return false;
	}
	nvm_cq_update(&lane->cq);
	return true;
}

/* What is submitted is within a page each. */
void bench_loop_raw(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks, ns_id = p->ns.ns_id;
	const uint64_t *pages = p->buf->ioaddrs;
	const unsigned int shift = p->buf->page_shift;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		for (const struct bench_step *end = s + batch; s != end; ++s) {
			uint16_t cid = NVM_DEFAULT_CID(&lane->sq);
			nvm_cmd_t *cmd = nvm_sq_enqueue(&lane->sq);

			if (cmd == NULL) {
				++p->n_bad;
				return;
			}
			nvm_cmd_header(cmd, cid, NVM_IO_READ, ns_id);
			nvm_cmd_data_ptr(cmd, pages[s->offset >> shift], 0);
			nvm_cmd_rw_blks(cmd, s->lba, n_blocks);
		}
		if (!finish_raw(lane, batch)) {
			++p->n_bad;
			return;
		}
		lane = next_lane(p, lane);
	}
	p->n_done += n;
}

/* Several pages each: every slot has a list page, which is filled anew. */
void bench_loop_raw_list(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks, ns_id = p->ns.ns_id;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		for (const struct bench_step *end = s + batch; s != end; ++s) {
			uint16_t cid = NVM_DEFAULT_CID(&lane->sq);
			uint32_t slot = lane->sq.tail;
			nvm_cmd_t *cmd = nvm_sq_enqueue(&lane->sq);

			if (cmd == NULL) {
				++p->n_bad;
				return;
			}
			nvm_cmd_header(cmd, cid, NVM_IO_READ, ns_id);
			nvm_cmd_data(cmd, p->page_size, p->n_pages, p->lists + slot * p->page_size,
				     p->list_ioaddrs[slot],
				     &p->buf->ioaddrs[s->offset >> p->buf->page_shift]);
			nvm_cmd_rw_blks(cmd, s->lba, n_blocks);
		}
		if (!finish_raw(lane, batch)) {
			++p->n_bad;
			return;
		}
		lane = next_lane(p, lane);
	}
	p->n_done += n;
}

void bench_loop_poll(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks;
	const nvm_ns_t *ns = &p->ns;
	const nvm_buf_t *buf = p->buf;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];
		nvm_qpair_t *qp = lane->qp;

		nvm_qpair_plug(qp);
		for (const struct bench_step *end = s + batch; s != end; ++s) {
			if (nvm_qpair_read(qp, ns, buf, s->offset, s->lba, n_blocks, bench_done,
					   p) != 0)
				++p->n_bad;
		}
		nvm_qpair_unplug(qp);
		bench_device_run(&lane->device);
		nvm_qpair_poll(qp, batch);
		lane = next_lane(p, lane);
	}
}

void bench_loop_poll_one(struct bench_path *p, uint64_t n)
{
	const uint32_t n_blocks = p->n_blocks;
	const nvm_ns_t *ns = &p->ns;
	const nvm_buf_t *buf = p->buf;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; ++i) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		if (nvm_qpair_read(lane->qp, ns, buf, s->offset, s->lba, n_blocks, bench_done, p) !=
		    0)
			++p->n_bad;
		bench_device_run(&lane->device);
		nvm_qpair_poll(lane->qp, 1);
		lane = next_lane(p, lane);
	}
}

void bench_loop_reap(struct bench_path *p, uint64_t n)
{
	const uint32_t batch = p->batch, n_blocks = p->n_blocks;
	const nvm_ns_t *ns = &p->ns;
	const nvm_buf_t *buf = p->buf;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; i += batch) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];
		nvm_qpair_t *qp = lane->qp;
		uint32_t n_done;

		nvm_qpair_plug(qp);
		for (const struct bench_step *end = s + batch; s != end; ++s) {
			if (nvm_qpair_read(qp, ns, buf, s->offset, s->lba, n_blocks, NULL, p) != 0)
				++p->n_bad;
		}
		nvm_qpair_unplug(qp);
		bench_device_run(&lane->device);
		n_done = nvm_qpair_reap(qp, p->done, batch);
		for (uint32_t j = 0; j < n_done; ++j)
			bench_done(p->done[j].arg, p->done[j].status, p->done[j].result);
		lane = next_lane(p, lane);
	}
}

void bench_loop_reap_one(struct bench_path *p, uint64_t n)
{
	const uint32_t n_blocks = p->n_blocks;
	const nvm_ns_t *ns = &p->ns;
	const nvm_buf_t *buf = p->buf;
	struct bench_lane *lane = p->lanes;

	for (uint64_t i = 0; i < n; ++i) {
		const struct bench_step *s = &p->steps[i % BENCH_STEPS];

		if (nvm_qpair_read(lane->qp, ns, buf, s->offset, s->lba, n_blocks, NULL, p) != 0)
			++p->n_bad;
		bench_device_run(&lane->device);
		if (nvm_qpair_reap(lane->qp, p->done, 1) == 1)
			bench_done(p->done[0].arg, p->done[0].status, p->done[0].result);
		lane = next_lane(p, lane);
	}
}
