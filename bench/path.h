/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * path.h - the loops whose instructions and time bench-path counts, and what they work on.
 */
#ifndef BENCH_PATH_H
#define BENCH_PATH_H

#include <stdint.h>

#include "bench/support/device.h"
#include "nvm_qpair.h"

/* Steps of the access pattern; a multiple of every batch. */
#define BENCH_STEPS 4096

/* Most requests that are submitted together. */
#define BENCH_MAX_BATCH 128

/* One request: a random block, the next piece of the buffer. */
struct bench_step {
	uint64_t lba;
	size_t offset;
};

/**
 * struct bench_lane - a queue pair and its device
 * @qp: queue pair of the request layer, NULL in the raw layer
 * @sq, @cq: of the raw layer
 * @device: what completes its commands
 */
struct bench_lane {
	nvm_qpair_t *qp;
	nvm_queue_t sq;
	nvm_queue_t cq;
	struct bench_device device;
};

/**
 * struct bench_path - all that a loop needs
 * @lanes: queue pairs, used in turn, @n_lanes of them
 * @ns: namespace
 * @buf: registered buffer
 * @page_size: of the controller
 * @lists: raw layer: a PRP list page per slot of a queue
 * @list_ioaddrs: their bus addresses
 * @n_pages: raw layer: pages of a request
 * @n_blocks: blocks of a request
 * @batch: requests submitted together
 * @n_done: requests that completed
 * @n_bad: those that were refused or failed
 * @done: for nvm_qpair_reap()
 * @steps: access pattern
 */
struct bench_path {
	struct bench_lane *lanes;
	uint32_t n_lanes;
	nvm_ns_t ns;
	nvm_buf_t *buf;
	size_t page_size;
	unsigned char *lists;
	const uint64_t *list_ioaddrs;
	size_t n_pages;
	uint32_t n_blocks;
	uint32_t batch;
	uint64_t n_done;
	uint64_t n_bad;
	nvm_done_t done[BENCH_MAX_BATCH];
	struct bench_step steps[BENCH_STEPS];
};

typedef void bench_loop(struct bench_path *p, uint64_t n);

/*
 * Do @n requests, a multiple of the batch. "none" does what the loop around the library does, and nothing else: to
 * be subtracted.
 */
bench_loop bench_loop_none, bench_loop_none_raw, bench_loop_none_reap, bench_loop_raw,
	bench_loop_raw_list, bench_loop_poll, bench_loop_poll_one, bench_loop_reap,
	bench_loop_reap_one;

/* The program's function that nvm_qpair_poll() calls. Its body is not counted as the library's. */
void bench_done(void *arg, int status, uint32_t result);

#endif
