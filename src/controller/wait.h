/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wait.h - time, deadlines, and the library's one way of waiting: spin, then yield, then sleep.
 */
#ifndef NVMI_WAIT_H
#define NVMI_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t nvmi_now_ns(void);

/* A deadline that many milliseconds from now; saturates. */
uint64_t nvmi_deadline_ns(uint64_t timeout_ms);

/* A waiter: one per wait, on the stack. */
struct nvmi_waiter {
	uint64_t start_ns;
	uint64_t deadline_ns;
	unsigned int rounds;
};

void nvmi_wait_begin(struct nvmi_waiter *w, uint64_t deadline_ns);

/**
 * nvmi_wait_again() - pause before looking again
 *
 * Spins with pause instructions for the first tens of microseconds, then yields the processor, and
 * after about a millisecond sleeps for growing times up to 1 ms.
 *
 * Return: false once the deadline has passed; look one last time then.
 */
bool nvmi_wait_again(struct nvmi_waiter *w);

#endif
