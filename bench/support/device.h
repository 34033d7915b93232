/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device.h - a device in plain memory: it completes whatever the doorbell hands over, at once and in
 * order, so that what is left to measure is the host's side. Not a controller: it moves no data.
 */
#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H

#include <stdint.h>

#include "nvm_types.h"

/**
 * struct bench_device - one queue pair as its device sees it
 * @sq_db: SQ tail doorbell
 * @cq_db: CQ head doorbell; on a line of its own, as a device's doorbells are not the host's memory
 * @sq: submission queue
 * @cq: completion queue
 * @depth: entries in each
 * @head: next SQ entry to take
 * @tail: next CQ entry to write
 * @phase: phase tag to write
 */
struct bench_device {
	volatile uint32_t sq_db __attribute__((aligned(64)));
	volatile uint32_t cq_db;
	nvm_cmd_t *sq;
	nvm_cpl_t *cq;
	uint32_t depth;
	uint32_t head;
	uint32_t tail;
	uint32_t phase;
};

/* Take over a queue pair: its rings as they lie in memory, both empty, and its doorbells. */
void bench_device_attach(struct bench_device *d, nvm_queue_t *sq, nvm_queue_t *cq);

/* Complete all that was handed over, as long as the CQ has room. */
void bench_device_run(struct bench_device *d);

#endif
