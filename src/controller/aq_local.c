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
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "controller/aq_queues.h"
#include "controller/aq_rings.h"
#include "controller/bringup.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "memory/dma.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* How long Abort, and then the aborted command, may take. */
#define ABORT_TIMEOUT_MS 1000

/* How long a controller may take to delete one queue before it is shut down with it. */
#define DELETE_TIMEOUT_MS 10000

/**
 * struct local_aq - an admin queue pair of this process
 * @ref: common head
 * @lock: guards @rings
 * @rings: the queues and the commands in flight
 * @mem: memory of the rings
 * @users: threads inside an operation
 * @closing: the operations shall come to an end
 */
struct local_aq {
	struct nvm_admin_reference ref;
	pthread_mutex_t lock;
	struct nvmi_aq_rings rings;
	const nvm_dma_t *mem;
	atomic_uint users;
	atomic_bool closing;
};

static struct local_aq *local_of(nvm_aq_ref ref)
{
	return (struct local_aq *)ref;
}

static const char *ctrl_name(const struct local_aq *aq)
{
	return aq->ref.ctrl->be->name;
}

static int fail_closing(const struct local_aq *aq)
{
	return nvmi_fail(ECANCELED, "%s: the admin queue pair is being destroyed", ctrl_name(aq));
}

/* Submit, waiting for room until the deadline. */
static int submit_until(struct local_aq *aq, const nvm_cmd_t *cmd, uint16_t *cid, bool abort,
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
					 ctrl_name(aq), cmd->dword[0] & 0xffU,
					 aq->rings.n_slots - 1);
		again = nvmi_wait_again(&waiter);
	}
}

/* Look for one command; @must: even if that means to wait for the lock. */
static int look_for(struct local_aq *aq, uint16_t cid, nvm_cpl_t *cpl, bool must)
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
static int wait_until(struct local_aq *aq, uint16_t cid, nvm_cpl_t *cpl, uint64_t deadline_ns)
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

static void abandon(struct local_aq *aq, uint16_t cid)
{
	pthread_mutex_lock(&aq->lock);
	nvmi_rings_reap(&aq->rings);
	nvmi_rings_abandon(&aq->rings, cid);
	pthread_mutex_unlock(&aq->lock);
}

/* A command is late: abort it, and give it up if that does not bring it back either. */
static int give_up(struct local_aq *aq, const nvm_cmd_t *cmd, uint16_t cid, nvm_cpl_t *cpl,
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
				 ctrl_name(aq), opcode, timeout_ms);
	if (status != ETIME)
		return status;

	abandon(aq, cid);
	return nvmi_fail(
		ETIME,
		"%s: admin command 0x%02x did not complete within %" PRIu64
		" ms, nor after Abort: leave its memory alone until the admin queue pair is "
		"destroyed",
		ctrl_name(aq), opcode, timeout_ms);
}

/* A command from beginning to end. */
static int run(struct local_aq *aq, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	uint64_t deadline_ns = nvmi_deadline_ns(timeout_ms);
	uint16_t cid;
	int status = submit_until(aq, cmd, &cid, false, deadline_ns);

	if (status != 0)
		return status;
	status = wait_until(aq, cid, cpl, deadline_ns);
	return status == ETIME ? give_up(aq, cmd, cid, cpl, timeout_ms) : status;
}

/* Every operation runs between these two, so that destruction can wait for the last of them. */
static bool enter(struct local_aq *aq)
{
	atomic_fetch_add(&aq->users, 1);
	if (!atomic_load(&aq->closing))
		return true;
	atomic_fetch_sub(&aq->users, 1);
	(void)fail_closing(aq);
	return false;
}

static int leave(struct local_aq *aq, int status)
{
	atomic_fetch_sub(&aq->users, 1);
	return status;
}

static int local_submit(nvm_aq_ref ref, const nvm_cmd_t *cmd, uint16_t *cid)
{
	struct local_aq *aq = local_of(ref);
	int err;

	if (!enter(aq))
		return ECANCELED;
	pthread_mutex_lock(&aq->lock);
	nvmi_rings_reap(&aq->rings);
	err = nvmi_rings_submit(&aq->rings, cmd, false, cid);
	pthread_mutex_unlock(&aq->lock);
	if (err == EAGAIN)
		(void)nvmi_fail(
			EAGAIN,
			"%s: the admin queue is full, %u commands are in flight: collect some",
			ctrl_name(aq), aq->rings.n_slots - 1);
	return leave(aq, err);
}

static int local_poll(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl)
{
	struct local_aq *aq = local_of(ref);

	if (!enter(aq))
		return ECANCELED;
	return leave(aq, look_for(aq, cid, cpl, true));
}

static int local_wait(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	struct local_aq *aq = local_of(ref);
	int status;

	if (!enter(aq))
		return ECANCELED;
	status = wait_until(aq, cid, cpl, nvmi_deadline_ns(timeout_ms));
	if (status == ETIME)
		(void)nvmi_fail(ETIME,
				"%s: the admin command with CID 0x%04x did not complete within "
				"%" PRIu64 " ms; it is still in flight",
				ctrl_name(aq), cid, timeout_ms);
	return leave(aq, status);
}

static int local_exec(nvm_aq_ref ref, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	struct local_aq *aq = local_of(ref);
	nvm_cmd_t copy = *cmd; /* @cpl may lie over @cmd */
	int status;

	if (!enter(aq))
		return ECANCELED;
	status = run(aq, &copy, cpl, timeout_ms);
	if (cpl != NULL && status <= 0)
		cpl->dword[3] = (cpl->dword[3] & 0xffff0000U) | copy.dword[0] >> 16;
	return leave(aq, status);
}

/* Wait for the threads that are still inside; their waits end within a millisecond. */
static void drain_users(struct local_aq *aq)
{
	struct nvmi_waiter waiter;

	atomic_store(&aq->closing, true);
	nvmi_wait_begin(&waiter, UINT64_MAX);
	while (atomic_load(&aq->users) != 0)
		(void)nvmi_wait_again(&waiter);
	atomic_store(&aq->closing, false);
}

/* Delete all SQs, or all CQs. An errno if the controller does not answer any more. */
static int delete_queues(struct local_aq *aq, bool cq)
{
	nvm_cmd_t cmd = {.dword = {cq ? NVM_ADMIN_DELETE_COMPLETION_QUEUE
				      : NVM_ADMIN_DELETE_SUBMISSION_QUEUE}};
	uint32_t from = 1;
	uint16_t qid;

	while ((qid = nvmi_aq_queues_next(aq->ref.queues, cq, from)) != 0) {
		int status;

		cmd.dword[10] = NVM_FIELD(QCREATE_QID, qid);
		status = run(aq, &cmd, NULL, DELETE_TIMEOUT_MS);
		if (status != 0)
			nvmi_log(NVMI_LOG_WARN, "deleting %cQ %u: %s", cq ? 'C' : 'S', qid,
				 nvm_errmsg());
		if (status > 0)
			return status;
		from = qid + 1U;
	}
	return 0;
}

/* Bring the controller to rest: afterwards it does not touch memory any more. */
static void stop_controller(struct local_aq *aq)
{
	int err;

	pthread_mutex_lock(&aq->lock);
	nvmi_rings_reap(&aq->rings);
	nvmi_rings_look_at_status(&aq->rings);
	err = aq->rings.failed;
	pthread_mutex_unlock(&aq->lock);

	if (err == 0 && delete_queues(aq, false) == 0)
		(void)delete_queues(aq, true);
	if (nvmi_bringup_run(aq->ref.ctrl, NVMI_GOAL_SHUTDOWN, NULL) == 0)
		return;
	/* It would not shut down in order; at least it must let go of our memory. */
	nvmi_log(NVMI_LOG_WARN, "shutdown: %s", nvm_errmsg());
	nvmi_bringup_halt(aq->ref.ctrl);
}

static void local_destroy(nvm_aq_ref ref)
{
	struct local_aq *aq = local_of(ref);
	struct nvmi_ctrl *ctrl = ref->ctrl;
	struct nvmi_message message;

	nvmi_message_save(&message);
	drain_users(aq);
	stop_controller(aq);
	nvmi_aq_queues_delete(ref->queues);
	nvmi_rings_fini(&aq->rings);
	nvmi_dma_put(aq->mem);
	pthread_mutex_destroy(&aq->lock);
	free(aq);
	atomic_store(&ctrl->has_aq, false);
	nvmi_ctrl_put(ctrl);
	nvmi_message_restore(&message);
}

static const struct nvmi_aq_ops local_ops = {
	.submit = local_submit,
	.poll = local_poll,
	.wait = local_wait,
	.exec = local_exec,
	.destroy = local_destroy,
};

static int check_memory(const nvm_ctrl_t *ctrl, const nvm_dma_t *mem)
{
	if (mem == NULL || mem->vaddr == NULL)
		return nvmi_fail(EINVAL, "admin queues need memory that this process can see");
	if (mem->page_size != ctrl->page_size)
		return nvmi_fail(
			EINVAL,
			"the memory was mapped for pages of %zu bytes, the controller uses "
			"%zu: map it for this controller",
			mem->page_size, ctrl->page_size);
	if (mem->n_ioaddrs < 2)
		return nvmi_fail(EINVAL, "admin queues need two controller pages, %zu bytes in all",
				 2 * ctrl->page_size);
	return 0;
}

/* Disable, clear the rings when the controller does not use them any more, enable. */
static int start_controller(struct local_aq *aq)
{
	struct nvmi_message message;
	struct nvmi_admin_queues queues = {
		.asq_ioaddr = aq->rings.sq.ioaddr,
		.acq_ioaddr = aq->rings.cq.ioaddr,
		.asq_entries = aq->rings.sq.max_entries,
		.acq_entries = aq->rings.cq.max_entries,
	};
	int err = nvmi_bringup_run(aq->ref.ctrl, NVMI_GOAL_DISABLED, NULL);

	if (err != 0)
		return err;
	memset(aq->mem->vaddr, 0, 2 * aq->mem->page_size);
	err = nvmi_bringup_run(aq->ref.ctrl, NVMI_GOAL_ENABLED, &queues);
	if (err == 0)
		return 0;
	/* The memory is the caller's again, to be freed perhaps. */
	nvmi_message_save(&message);
	nvmi_bringup_halt(aq->ref.ctrl);
	nvmi_message_restore(&message);
	return err;
}

static int make_local(struct local_aq **made, struct nvmi_ctrl *ctrl, const nvm_dma_t *mem)
{
	struct local_aq *aq = aligned_alloc(_Alignof(struct local_aq), sizeof(*aq));
	int err;

	if (aq == NULL)
		return nvmi_fail(ENOMEM, "no memory for the admin queue pair");
	memset(aq, 0, sizeof(*aq));
	aq->ref.ops = &local_ops;
	aq->ref.ctrl = ctrl;
	aq->mem = mem;
	err = nvmi_aq_queues_new(&aq->ref.queues);
	if (err == 0)
		err = nvmi_rings_init(&aq->rings, ctrl, aq->ref.queues, mem);
	if (err == 0)
		err = start_controller(aq);
	if (err != 0) {
		nvmi_rings_fini(&aq->rings);
		nvmi_aq_queues_delete(aq->ref.queues);
		free(aq);
		return err;
	}
	pthread_mutex_init(&aq->lock, NULL);
	*made = aq;
	return 0;
}

int nvm_aq_create(nvm_aq_ref *ref, const nvm_ctrl_t *ctrl, const nvm_dma_t *aq_mem)
{
	struct nvmi_ctrl *c;
	struct local_aq *aq = NULL;
	int err;

	if (ref == NULL)
		return nvmi_fail(EINVAL, "no place for the admin queue reference was given");
	*ref = NULL;
	if (ctrl == NULL)
		return nvmi_fail(EINVAL, "no controller was given");
	err = check_memory(ctrl, aq_mem);
	if (err != 0)
		return err;

	c = nvmi_ctrl_of(ctrl);
	if (atomic_exchange(&c->has_aq, true))
		return nvmi_fail(EBUSY,
				 "%s has an admin queue pair already: destroy that one first",
				 c->be->name);
	err = make_local(&aq, c, aq_mem);
	if (err != 0) {
		atomic_store(&c->has_aq, false);
		return err;
	}
	nvmi_dma_get(aq_mem);
	nvmi_ctrl_get(c);
	*ref = &aq->ref;
	return 0;
}

int nvm_aq_open(nvm_aq_ref *ref, const nvm_ctrl_t *ctrl)
{
	nvm_dma_t *mem;
	int err;

	if (ref == NULL)
		return nvmi_fail(EINVAL, "no place for the admin queue reference was given");
	*ref = NULL;
	if (ctrl == NULL)
		return nvmi_fail(EINVAL, "no controller was given");
	err = nvm_dma_create(&mem, ctrl, 2 * ctrl->page_size);
	if (err != 0)
		return err;
	err = nvm_aq_create(ref, ctrl, mem);
	/* The admin queue pair, if there is one, keeps the memory from now on. */
	nvm_dma_unmap(mem);
	return err;
}
