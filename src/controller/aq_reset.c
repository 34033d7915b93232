/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_reset.c - resetting a controller under its admin queue pair, and stopping it.
 *
 * Everything happens with the admin queue's lock held: commands of other threads wait, and find either their
 * completion or that they were cancelled. The generation is odd meanwhile.
 */
#include <errno.h>

#include "controller/aq_local.h"
#include "controller/aq_queues.h"
#include "controller/aq_shadow.h"
#include "controller/bringup.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "nvm_cmd.h"
#include "nvm_ctrl.h"
#include "nvm_spec.h"

/* For the few commands after a reset; the controller has nothing else to do. */
#define COMMAND_TIMEOUT_MS 10000

/* Disable the controller, by a function reset if it has to be. 0: it does not use memory any more. */
static int stop(struct nvmi_local_aq *aq)
{
	struct nvmi_ctrl *ctrl = aq->ref.ctrl;
	struct nvmi_message message;
	int err = nvmi_bringup_run(ctrl, NVMI_GOAL_DISABLED, NULL);

	if (err == 0 || err == ENODEV)
		return err;
	nvmi_log(NVMI_LOG_WARN, "%s; trying a function reset", nvm_errmsg());
	nvmi_message_save(&message);
	if (ctrl->be->ops->reset != NULL && nvm_ctrl_function_reset(&ctrl->handle) == 0)
		err = nvmi_bringup_run(ctrl, NVMI_GOAL_DISABLED, NULL);
	if (err != 0 && ctrl->be->ops->stop_dma != NULL)
		ctrl->be->ops->stop_dma(ctrl->be);
	nvmi_message_restore(&message);
	return err;
}

/* As nvmi_local_run(), with the lock held. */
static int run_locked(struct nvmi_local_aq *aq, const nvm_cmd_t *cmd)
{
	struct nvmi_waiter waiter;
	bool again = true;
	uint16_t cid;
	int status = nvmi_rings_submit(&aq->rings, cmd, true, &cid);

	if (status != 0)
		return status;
	nvmi_wait_begin(&waiter, nvmi_deadline_ns(COMMAND_TIMEOUT_MS));
	for (;;) {
		nvmi_rings_reap(&aq->rings);
		status = nvmi_rings_collect(&aq->rings, cid, NULL);
		if (status != EAGAIN)
			break;
		if (!again) {
			status = nvmi_fail(ETIME,
					   "%s: admin command 0x%02x did not complete within %u ms "
					   "of a reset",
					   nvmi_local_name(aq), cmd->dword[0] & 0xffU,
					   COMMAND_TIMEOUT_MS);
			break;
		}
		again = nvmi_wait_again(&waiter);
	}
	if (status > 0)
		nvmi_rings_abandon(&aq->rings, cid);
	return status;
}

/* Every slot may be taken by commands that were cancelled and not collected yet (EAGAIN). */
static bool can_do_without(int status)
{
	return status <= 0 || status == EAGAIN;
}

/* What the controller was told before, it must be told again. 0 or errno. */
static int tell_again(struct nvmi_local_aq *aq)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_SET_FEATURES}};
	int status = 0;

	cmd.dword[10] = NVM_FIELD(FEAT_FID, NVM_FID_NUM_QUEUES);
	if (nvmi_aq_queues_granted(aq->ref.queues, &cmd.dword[11]))
		status = run_locked(aq, &cmd);
	if (!can_do_without(status))
		return status;
	if (status != 0)
		nvmi_log(NVMI_LOG_WARN, "%s: Number of Queues could not be set again",
			 nvmi_local_name(aq));
	if (!nvmi_aq_shadow_again(&aq->ref, &cmd))
		return 0;
	status = run_locked(aq, &cmd);
	if (status != 0)
		nvmi_aq_shadow_off(&aq->ref);
	return can_do_without(status) ? 0 : status;
}

static void stop_quietly(struct nvmi_ctrl *ctrl)
{
	struct nvmi_message message;

	nvmi_message_save(&message);
	nvmi_bringup_halt(ctrl);
	nvmi_message_restore(&message);
}

static int reset_locked(struct nvmi_local_aq *aq)
{
	int err;

	nvmi_log(NVMI_LOG_WARN, "%s: resetting the controller", nvmi_local_name(aq));
	atomic_fetch_add(&aq->ref.generation, 1);
	err = stop(aq);
	nvmi_rings_restart(&aq->rings);
	if (err == 0) {
		nvmi_aq_queues_forget(aq->ref.queues);
		err = nvmi_local_start(aq);
	}
	if (err == 0) {
		err = tell_again(aq);
		if (err != 0)
			stop_quietly(aq->ref.ctrl);
	}
	if (err != 0)
		nvmi_rings_fail(&aq->rings, err == ENODEV ? ENODEV : EIO,
				err == ENODEV
					? "the controller is gone: registers read all ones"
					: "the controller could not be reset; power-cycle it, "
					  "then create the admin queue pair again");
	/* Release: whoever sees the new generation sees what was done above. */
	atomic_fetch_add(&aq->ref.generation, 1);
	return err;
}

int nvmi_local_reset(nvm_aq_ref ref, const unsigned int *seen)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);
	int err = 0;

	if (!nvmi_local_enter(aq))
		return ECANCELED;
	pthread_mutex_lock(&aq->lock);
	if (seen == NULL || *seen == nvmi_aq_generation(ref))
		err = reset_locked(aq);
	pthread_mutex_unlock(&aq->lock);
	return nvmi_local_leave(aq, err);
}

void nvmi_local_halt(nvm_aq_ref ref, unsigned int seen)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);

	if (!nvmi_local_enter(aq))
		return;
	pthread_mutex_lock(&aq->lock);
	if (seen == nvmi_aq_generation(ref)) {
		/* The cause is what it says now, not that it will have been disabled. */
		nvmi_rings_look_at_status(&aq->rings);
		nvmi_bringup_halt(ref->ctrl);
		nvmi_rings_fail(&aq->rings, EIO, "the controller was stopped");
	}
	pthread_mutex_unlock(&aq->lock);
	(void)nvmi_local_leave(aq, 0);
}
