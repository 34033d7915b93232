/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup.h - the CC/CSTS state machine: enable, disable, shut down.
 *
 * One step function that never waits, so that unit tests drive it over a plain register struct with
 * a clock of their own; one function that steps it to its end.
 */
#ifndef NVMI_BRINGUP_H
#define NVMI_BRINGUP_H

#include <stdint.h>

#include "controller.h"

enum nvmi_bringup_goal {
	NVMI_GOAL_DISABLED, /* CC.EN = 0 and CSTS.RDY = 0 */
	NVMI_GOAL_ENABLED,  /* disabled first, then CC.EN = 1 and CSTS.RDY = 1 */
	NVMI_GOAL_SHUTDOWN, /* CC.SHN, CSTS.SHST = complete, then disabled */
};

/* Admin queues to enable with: bus addresses, entries (2..4096 each). */
struct nvmi_admin_queues {
	uint64_t asq_ioaddr;
	uint64_t acq_ioaddr;
	uint32_t asq_entries;
	uint32_t acq_entries;
};

/**
 * struct nvmi_bringup - a state machine on its way
 * @ctrl: controller
 * @goal: where to
 * @aq: for NVMI_GOAL_ENABLED
 * @state: private
 * @deadline_ns: private: when the present wait gives up
 */
struct nvmi_bringup {
	struct nvmi_ctrl *ctrl;
	enum nvmi_bringup_goal goal;
	struct nvmi_admin_queues aq;
	int state;
	uint64_t deadline_ns;
};

void nvmi_bringup_begin(struct nvmi_bringup *b, struct nvmi_ctrl *ctrl, enum nvmi_bringup_goal goal,
			const struct nvmi_admin_queues *aq);

/**
 * nvmi_bringup_step() - look at CC and CSTS, do what comes next
 * @b: state machine
 * @now_ns: present time
 *
 * Return: 0 when the goal is reached; EAGAIN while there is something to wait for; otherwise an
 * errno with message: ETIME, EIO (CSTS.CFS where that stops it), ENODEV (all ones), EINVAL.
 */
int nvmi_bringup_step(struct nvmi_bringup *b, uint64_t now_ns);

/* Step until done, waiting in between. */
int nvmi_bringup_run(struct nvmi_ctrl *ctrl, enum nvmi_bringup_goal goal,
		     const struct nvmi_admin_queues *aq);

/*
 * Stop a controller that does not do what it is told: disable it or, where it does not even do that,
 * keep it from memory. Afterwards the memory of its queues and commands may be unmapped and reused.
 */
void nvmi_bringup_halt(struct nvmi_ctrl *ctrl);

#endif
