/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_local.c - the admin queue pair of a controller that this process owns.
 *
 * Any number of threads have commands in flight. One lock guards the rings; whoever holds it takes
 * all completions there are and leaves each with its command, found by CID. Waiting threads look
 * again and again (wait.h), so nobody has to be woken up and no wake-up can be lost.
 */
#include <errno.h>
#include <inttypes.h>

#include "controller/aq_local.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* How long Abort, and then the aborted command, may take. */
#define ABORT_TIMEOUT_MS 1000

static int fail_closing(const struct nvmi_local_aq *aq)
{
	return nvmi_fail(ECANCELED, "%s: the admin queue pair is being destroyed",
			 nvmi_local_name(aq));
}

/* Submit, waiting for room until the deadline. */
static int submit_until(struct nvmi_local_aq *aq, const nvm_cmd_t *cmd, uint16_t *cid, bool abort,
			uint64_t deadline_ns)
{
	struct nvmi_waiter waiter;
	bool again = true;
	int err;

	nvmi_wait_begin(&waiter, deadline_ns);
	for (;;) {
		pthread_mutex_lock(&aq->lock);
		err = nvmi_rings_submit(&aq->rings, cmd, abort, cid);
		if (err == EAGAIN) {
			nvmi_rings_reap(&aq->rings);
			err = nvmi_rings_submit(&aq->rings, cmd, abort, cid);
		}
		pthread_mutex_unlock(&aq->lock);
		if (err != EAGAIN)
			return err;
		if (atomic_load(&aq->closing))
			return fail_closing(aq);
		if (!again)
			return nvmi_fail(ETIME,
					 "%s: admin command 0x%02x found no room in the queue in "
					 "time: %u commands are in flight",
					 nvmi_local_name(aq), cmd->dword[0] & 0xffU,
					 aq->rings.n_slots - 1);
		again = nvmi_wait_again(&waiter);
	}
}

/* Look for one command; @must: even if that means to wait for the lock. */
static int look_for(struct nvmi_local_aq *aq, uint16_t cid, nvm_cpl_t *cpl, bool must)
{
	int status;

	if (must || nvmi_rings_is_done(&aq->rings, cid))
		pthread_mutex_lock(&aq->lock);
	else if (pthread_mutex_trylock(&aq->lock) != 0)
		return EAGAIN;
	nvmi_rings_reap(&aq->rings);
	status = nvmi_rings_collect(&aq->rings, cid, cpl);
	pthread_mutex_unlock(&aq->lock);
	return status;
}

/* Wait for one command. ETIME, without a message, if it is still in flight at the deadline. */
static int wait_until(struct nvmi_local_aq *aq, uint16_t cid, nvm_cpl_t *cpl, uint64_t deadline_ns)
{
	struct nvmi_waiter waiter;
	bool again = true;

	nvmi_wait_begin(&waiter, deadline_ns);
	for (;;) {
		int status = look_for(aq, cid, cpl, !again);

		if (status != EAGAIN)
			return status;
		if (!again)
			return ETIME;
		if (atomic_load(&aq->closing))
			return fail_closing(aq);
		again = nvmi_wait_again(&waiter);
	}
}

static void abandon(struct nvmi_local_aq *aq, uint16_t cid)
{
	pthread_mutex_lock(&aq->lock);
	nvmi_rings_reap(&aq->rings);
	nvmi_rings_abandon(&aq->rings, cid);
	pthread_mutex_unlock(&aq->lock);
}

/* A command is late: abort it, and give it up if that does not bring it back either. */
static int give_up(struct nvmi_local_aq *aq, const nvm_cmd_t *cmd, uint16_t cid, nvm_cpl_t *cpl,
		   uint64_t timeout_ms)
{
	uint64_t deadline_ns = nvmi_deadline_ns(ABORT_TIMEOUT_MS);
	uint8_t opcode = (uint8_t)(cmd->dword[0] & 0xffU);
	nvm_cmd_t abort_cmd = {.dword = {NVM_ADMIN_ABORT}};
	bool abort = opcode != NVM_ADMIN_ABORT;
	uint16_t abort_cid;
	int status = ETIME;

	abort_cmd.dword[10] = NVM_FIELD(ABORT_SQID, 0) | NVM_FIELD(ABORT_CID, cid);
	if (abort && submit_until(aq, &abort_cmd, &abort_cid, true, deadline_ns) == 0) {
		status = wait_until(aq, cid, cpl, deadline_ns);
		/* What Abort says does not matter: the command is back or it is not. */
		if (wait_until(aq, abort_cid, NULL, deadline_ns) == ETIME)
			abandon(aq, abort_cid);
	}
	if (status < 0 && (-status & 0x7ff) == NVM_SC_ABORT_REQUESTED)
		return nvmi_fail(ETIME,
				 "%s: admin command 0x%02x did not complete within %" PRIu64
				 " ms and was aborted",
				 nvmi_local_name(aq), opcode, timeout_ms);
	if (status != ETIME)
		return status;

	abandon(aq, cid);
	return nvmi_fail(
		ETIME,
		"%s: admin command 0x%02x did not complete within %" PRIu64
		" ms, nor after Abort: leave its memory alone until the admin queue pair is "
		"destroyed",
		nvmi_local_name(aq), opcode, timeout_ms);
}

int nvmi_local_run(struct nvmi_local_aq *aq, const nvm_cmd_t *cmd, nvm_cpl_t *cpl,
		   uint64_t timeout_ms)
{
	uint64_t deadline_ns = nvmi_deadline_ns(timeout_ms);
	uint16_t cid;
	int status = submit_until(aq, cmd, &cid, false, deadline_ns);

	if (status != 0)
		return status;
	status = wait_until(aq, cid, cpl, deadline_ns);
	if (status == ETIME)
		return give_up(aq, cmd, cid, cpl, timeout_ms);
	/* The controller has failed, and the command is not waited for: a reset sets its CID free. */
	if (status > 0)
		abandon(aq, cid);
	return status;
}

bool nvmi_local_enter(struct nvmi_local_aq *aq)
{
	atomic_fetch_add(&aq->users, 1);
	if (!atomic_load(&aq->closing))
		return true;
	atomic_fetch_sub(&aq->users, 1);
	(void)fail_closing(aq);
	return false;
}

int nvmi_local_leave(struct nvmi_local_aq *aq, int status)
{
	atomic_fetch_sub(&aq->users, 1);
	return status;
}

static int local_submit(nvm_aq_ref ref, const nvm_cmd_t *cmd, uint16_t *cid)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);
	int err;

	if (!nvmi_local_enter(aq))
		return ECANCELED;
	pthread_mutex_lock(&aq->lock);
	nvmi_rings_reap(&aq->rings);
	err = nvmi_rings_submit(&aq->rings, cmd, false, cid);
	pthread_mutex_unlock(&aq->lock);
	if (err == EAGAIN)
		(void)nvmi_fail(
			EAGAIN,
			"%s: the admin queue is full, %u commands are in flight: collect some",
			nvmi_local_name(aq), aq->rings.n_slots - 1);
	return nvmi_local_leave(aq, err);
}

static int local_poll(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);

	if (!nvmi_local_enter(aq))
		return ECANCELED;
	return nvmi_local_leave(aq, look_for(aq, cid, cpl, true));
}

static int local_wait(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);
	int status;

	if (!nvmi_local_enter(aq))
		return ECANCELED;
	status = wait_until(aq, cid, cpl, nvmi_deadline_ns(timeout_ms));
	if (status == ETIME)
		(void)nvmi_fail(ETIME,
				"%s: the admin command with CID 0x%04x did not complete within "
				"%" PRIu64 " ms; it is still in flight",
				nvmi_local_name(aq), cid, timeout_ms);
	return nvmi_local_leave(aq, status);
}

static int local_exec(nvm_aq_ref ref, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);
	nvm_cmd_t copy = *cmd; /* @cpl may lie over @cmd */
	int status;

	if (!nvmi_local_enter(aq))
		return ECANCELED;
	status = nvmi_local_run(aq, &copy, cpl, timeout_ms);
	if (cpl != NULL && status <= 0)
		cpl->dword[3] = (cpl->dword[3] & 0xffff0000U) | copy.dword[0] >> 16;
	return nvmi_local_leave(aq, status);
}

static void local_abandon(nvm_aq_ref ref, uint16_t cid)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);

	if (!nvmi_local_enter(aq))
		return;
	abandon(aq, cid);
	(void)nvmi_local_leave(aq, 0);
}

const struct nvmi_aq_ops nvmi_local_ops = {
	.submit = local_submit,
	.poll = local_poll,
	.wait = local_wait,
	.exec = local_exec,
	.abandon = local_abandon,
	.reset = nvmi_local_reset,
	.halt = nvmi_local_halt,
	.destroy = nvmi_local_destroy,
};
