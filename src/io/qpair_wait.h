/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_wait.h - how a queue pair waits.
 */
#ifndef NVMI_QPAIR_WAIT_H
#define NVMI_QPAIR_WAIT_H

#include <stdint.h>

/**
 * struct nvmi_qpair_waiting - interrupt of a queue pair
 * @fd: eventfd of the vector, -1 if the queue pair has none
 * @vector: interrupt vector, its own; -1 if it has none
 * @mean_ns: how long waits have taken lately (NVM_WAIT_ADAPTIVE)
 */
struct nvmi_qpair_waiting {
	int fd;
	int vector;
	uint64_t mean_ns;
};

#endif
