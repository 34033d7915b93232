/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_open.c - beginning and end of an admin queue pair of this process: from reset to shutdown.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/aq_local.h"
#include "controller/aq_queues.h"
#include "controller/aq_shadow.h"
#include "controller/bringup.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "memory/dma.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* How long a controller may take to delete one queue before it is shut down with it. */
#define DELETE_TIMEOUT_MS 10000

/* Wait for the threads that are still inside; their waits end within a millisecond. */
static void drain_users(struct nvmi_local_aq *aq)
{
	struct nvmi_waiter waiter;

	atomic_store(&aq->closing, true);
	nvmi_wait_begin(&waiter, UINT64_MAX);
	while (atomic_load(&aq->users) != 0)
		(void)nvmi_wait_again(&waiter);
	atomic_store(&aq->closing, false);
}

/* Delete all SQs, or all CQs. An errno if the controller does not answer any more. */
static int delete_queues(struct nvmi_local_aq *aq, bool cq)
{
	nvm_cmd_t cmd = {.dword = {cq ? NVM_ADMIN_DELETE_COMPLETION_QUEUE
				      : NVM_ADMIN_DELETE_SUBMISSION_QUEUE}};
	uint32_t from = 1;
	uint16_t qid;

	while ((qid = nvmi_aq_queues_next(aq->ref.queues, cq, from)) != 0) {
		int status;

		cmd.dword[10] = NVM_FIELD(QCREATE_QID, qid);
		status = nvmi_local_run(aq, &cmd, NULL, DELETE_TIMEOUT_MS);
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
static void stop_controller(struct nvmi_local_aq *aq)
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

void nvmi_local_destroy(nvm_aq_ref ref)
{
	struct nvmi_local_aq *aq = nvmi_local_of(ref);
	struct nvmi_ctrl *ctrl = ref->ctrl;
	struct nvmi_message message;

	nvmi_message_save(&message);
	drain_users(aq);
	stop_controller(aq);
	nvmi_aq_queues_delete(ref->queues);
	nvmi_aq_shadow_delete(ref->shadow);
	nvmi_rings_fini(&aq->rings);
	nvmi_dma_put(aq->mem);
	pthread_mutex_destroy(&aq->lock);
	free(aq);
	atomic_store(&ctrl->has_aq, false);
	nvmi_ctrl_put(ctrl);
	nvmi_message_restore(&message);
}

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

int nvmi_local_start(struct nvmi_local_aq *aq)
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

static int make_local(struct nvmi_local_aq **made, struct nvmi_ctrl *ctrl, const nvm_dma_t *mem)
{
	struct nvmi_local_aq *aq = aligned_alloc(_Alignof(struct nvmi_local_aq), sizeof(*aq));
	int err;

	if (aq == NULL)
		return nvmi_fail(ENOMEM, "no memory for the admin queue pair");
	memset(aq, 0, sizeof(*aq));
	aq->ref.ops = &nvmi_local_ops;
	aq->ref.ctrl = ctrl;
	aq->mem = mem;
	err = nvmi_aq_queues_new(&aq->ref.queues);
	if (err == 0)
		err = nvmi_aq_shadow_new(&aq->ref.shadow);
	if (err == 0)
		err = nvmi_rings_init(&aq->rings, ctrl, aq->ref.queues, mem);
	if (err == 0)
		err = nvmi_local_start(aq);
	if (err != 0) {
		nvmi_rings_fini(&aq->rings);
		nvmi_aq_shadow_delete(aq->ref.shadow);
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
	struct nvmi_local_aq *aq = NULL;
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
