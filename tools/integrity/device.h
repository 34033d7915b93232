/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device.h - the disk: a controller, one namespace, and queue pairs with buffers.
 */
#ifndef INTEGRITY_DEVICE_H
#define INTEGRITY_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvm_buf.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_ns.h"
#include "nvm_qpair.h"

/* A queue pair and memory for what it has in flight. Driven by one thread. */
struct lane {
	nvm_qpair_t *qp;
	nvm_dma_t *dma;
	nvm_buf_t *buf;
};

/**
 * struct device - the disk
 * @ctrl, @aq, @ns: as open
 * @names: memory that Identify has been read to
 * @serial, @model: of the controller, without padding
 * @block_size: bytes
 * @lanes: queue pairs, @n_lanes elements
 * @depth: requests in flight per lane
 * @chunk: blocks of the largest request
 * @stride: bytes from the memory of one request in a lane to that of the next
 */
struct device {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_ns_t ns;
	nvm_dma_t *names;
	char serial[21];
	char model[41];
	size_t block_size;
	struct lane *lanes;
	unsigned int n_lanes;
	unsigned int depth;
	uint32_t chunk;
	size_t stride;
};

/* Bring the controller up and learn its namespace. Return 0 or an exit status after the line. */
int device_open(struct device *d, const char *uri, uint32_t ns_id, bool force);

/* Make queue pairs and buffers. Return 0 or an exit status after the line. */
int device_make_lanes(struct device *d, unsigned int n, unsigned int depth, uint32_t chunk);

/* Shut the controller down and release everything; also what was opened half. */
void device_close(struct device *d);

#endif
