/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_recover.h - what a queue pair remembers of time and of a recovery under way.
 */
#ifndef NVMI_QPAIR_RECOVER_H
#define NVMI_QPAIR_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

/* A request is late when so many epochs have begun since it was submitted: one more than the timeout has. */
#define NVMI_QPAIR_LATE_EPOCHS 9

/* Abort commands of one queue pair in flight at once; controllers take at least one, usually four. */
#define NVMI_QPAIR_ABORTS 4

/**
 * struct nvmi_qpair_recovery - deadlines and recovery of a queue pair
 * @base_ticks, @base_ns: one reading of both clocks, to know the rate of nvm_ticks() from
 * @look_ns: when to look at the controller, and at the requests, next
 * @look_every_ns: how often
 * @seen_ns: when that was done last
 * @epoch_ns: when the epoch ends
 * @epoch_length_ns: an eighth of the timeout
 * @generation: of the controller's resets, when the queues were made
 * @detached: the controller does not know the queues
 * @why: the queues were last made anew, or given up; NULL: never
 * @n_faults: how often the controller has sent what it must not
 * @fault: the controller has sent what it must not: the queues are to be made anew
 * @aborting: late requests are being aborted
 * @grace_ns: how long these may still take
 * @cursor: the first slot that Abort was not sent for yet
 * @n_aborts: Abort commands in flight
 * @aborts: their admin CIDs
 */
struct nvmi_qpair_recovery {
	uint64_t base_ticks;
	uint64_t base_ns;
	uint64_t look_ns;
	uint64_t look_every_ns;
	uint64_t seen_ns;
	uint64_t epoch_ns;
	uint64_t epoch_length_ns;
	unsigned int generation;
	const char *why;
	bool detached;
	unsigned int n_faults;
	bool fault;
	bool aborting;
	uint64_t grace_ns;
	uint32_t cursor;
	unsigned int n_aborts;
	uint16_t aborts[NVMI_QPAIR_ABORTS];
};

struct nvmi_qpair;

/* Does a command that is late wait in this slot? */
bool nvmi_qpair_is_late(const struct nvmi_qpair *p, uint32_t slot);

/*
 * Take the queues away from the controller, end what was in flight, make the queues anew; or find that this
 * cannot be done, and fail.
 */
void nvmi_qpair_rebuild(struct nvmi_qpair *p, const char *why);

/* The queues are gone, and the controller too, as far as this queue pair goes. @err: EIO or ENODEV. */
void nvmi_qpair_give_up(struct nvmi_qpair *p, int err);

/* It had failed, and somebody has reset the controller since: try again. */
void nvmi_qpair_come_back(struct nvmi_qpair *p);

/* --- qpair_abort.c */

/* Abort late requests, a few at a time; @elapsed_ns since the last call. False when the time for that is over. */
bool nvmi_qpair_abort_late(struct nvmi_qpair *p, uint64_t elapsed_ns);

/* Nobody is waited for any more. */
void nvmi_qpair_abort_end(struct nvmi_qpair *p);

#endif
