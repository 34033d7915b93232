// SPDX-License-Identifier: BSD-2-Clause
/*
 * device.c - the device in plain memory. In a file of its own: the compiler must not see through it, and
 * what callgrind counts for it is told from the rest by its name.
 */
#include "bench/support/device.h"

void bench_device_attach(struct bench_device *d, nvm_queue_t *sq, nvm_queue_t *cq)
{
	d->sq_db = 0;
	d->cq_db = 0;
	d->sq = (nvm_cmd_t *)(uintptr_t)sq->vaddr;
	d->cq = (nvm_cpl_t *)(uintptr_t)cq->vaddr;
	d->depth = sq->max_entries;
	d->head = 0;
	d->tail = 0;
	d->phase = 1;
	sq->db = &d->sq_db;
	cq->db = &d->cq_db;
}

void bench_device_run(struct bench_device *d)
{
	uint32_t db = d->sq_db;
	uint32_t n = d->depth;

	while (d->head != db) {
		uint32_t next = d->tail + 1 == n ? 0 : d->tail + 1;
		uint32_t cid = d->sq[d->head].dword[0] >> 16;
		nvm_cpl_t *cpl = &d->cq[d->tail];

		if (next == d->cq_db)
			return;
		d->head = d->head + 1 == n ? 0 : d->head + 1;
		cpl->dword[0] = 0;
		cpl->dword[1] = 0;
		cpl->dword[2] = d->head;
		__atomic_store_n(&cpl->dword[3], d->phase << 16 | cid, __ATOMIC_RELEASE);
		if (next == 0)
			d->phase ^= 1;
		d->tail = next;
	}
}
