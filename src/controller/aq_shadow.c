/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_shadow.c - the Doorbell Buffer of a controller: memory, and the command that makes it known.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "controller/aq_queues.h"
#include "controller/aq_shadow.h"
#include "controller/error.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/**
 * struct nvmi_aq_shadow - the Doorbell Buffer behind a reference
 * @setup: held while it is being switched on; never taken by whoever holds the admin queue's lock
 * @tried: there is nothing left to try
 * @mem: its memory, as soon as there is some
 * @on: the same while the controller uses it
 * @members: identifiers of queue pairs, as bits
 */
struct nvmi_aq_shadow {
	pthread_mutex_t setup;
	bool tried;
	nvm_dma_t *mem;
	_Atomic(const nvm_dma_t *) on;
	atomic_ullong members[65536 / 64];
};

int nvmi_aq_shadow_new(struct nvmi_aq_shadow **shadow)
{
	struct nvmi_aq_shadow *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return nvmi_fail(ENOMEM, "no memory to keep track of the Doorbell Buffer");
	pthread_mutex_init(&s->setup, NULL);
	*shadow = s;
	return 0;
}

void nvmi_aq_shadow_delete(struct nvmi_aq_shadow *shadow)
{
	if (shadow == NULL)
		return;
	nvm_dma_unmap(shadow->mem);
	pthread_mutex_destroy(&shadow->setup);
	free(shadow);
}

const nvm_dma_t *nvmi_aq_shadow_mem(nvm_aq_ref ref)
{
	return ref->shadow != NULL ? atomic_load_explicit(&ref->shadow->on, memory_order_acquire)
				   : NULL;
}

void nvmi_aq_shadow_off(nvm_aq_ref ref)
{
	atomic_store_explicit(&ref->shadow->on, NULL, memory_order_release);
}

static unsigned long long bit_of(uint16_t qid)
{
	return 1ULL << (qid % 64);
}

void nvmi_aq_shadow_join(nvm_aq_ref ref, uint16_t qid)
{
	if (ref->shadow != NULL)
		atomic_fetch_or(&ref->shadow->members[qid / 64], bit_of(qid));
}

void nvmi_aq_shadow_leave(nvm_aq_ref ref, uint16_t qid)
{
	if (ref->shadow != NULL)
		atomic_fetch_and(&ref->shadow->members[qid / 64], ~bit_of(qid));
}

int nvmi_aq_shadow_check(nvm_aq_ref ref, uint16_t qid)
{
	if (nvmi_aq_shadow_mem(ref) == NULL ||
	    (atomic_load(&ref->shadow->members[qid / 64]) & bit_of(qid)) != 0)
		return 0;
	return nvmi_fail(
		EBUSY,
		"%s: queue %u cannot be rung: queue pairs have switched the Doorbell Buffer "
		"on; give them no_shadow in nvm_qpair_options to use raw queues as well",
		ref->ctrl->be->name, qid);
}

static nvm_cmd_t config_command(const nvm_dma_t *mem)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG}};

	nvm_cmd_data_ptr(&cmd, mem->ioaddrs[0], mem->ioaddrs[1]);
	return cmd;
}

bool nvmi_aq_shadow_again(nvm_aq_ref ref, nvm_cmd_t *cmd)
{
	const nvm_dma_t *mem = nvmi_aq_shadow_mem(ref);

	if (mem == NULL)
		return false;
	memset(mem->vaddr, 0, 2 * mem->page_size);
	*cmd = config_command(mem);
	return true;
}

/* Does the controller have the command? The memory serves as the buffer of Identify. */
static int ask_controller(nvm_aq_ref ref, const nvm_dma_t *mem, bool *has_it)
{
	const struct nvm_id_ctrl *id = mem->vaddr;
	int status = nvm_admin_identify(ref, NVM_CNS_CTRL, 0, 0, 0, mem->vaddr, mem->ioaddrs[0]);

	*has_it = status == 0 && (id->oacs & NVM_OACS_DOORBELL_BUFFER) != 0;
	memset(mem->vaddr, 0, 2 * mem->page_size);
	return status;
}

/*
 * Tell the controller. It counts as on from before, so that a reset in between, which makes an end of our command,
 * sends another.
 */
static int switch_on(nvm_aq_ref ref)
{
	struct nvmi_aq_shadow *s = ref->shadow;
	nvm_cmd_t cmd = config_command(s->mem);
	int status;

	atomic_store_explicit(&s->on, s->mem, memory_order_release);
	status = nvm_aq_exec(ref, &cmd, NULL, 0);
	if (status == 0 || status == ECANCELED)
		return 0;
	nvmi_aq_shadow_off(ref);
	return status;
}

/* The memory stays in any case: a command that did not come back may name it. */
static int start(nvm_aq_ref ref)
{
	struct nvmi_aq_shadow *s = ref->shadow;
	bool has_it = false;
	int status = 0;

	if (s->mem == NULL &&
	    nvm_dma_create(&s->mem, &ref->ctrl->handle, 2 * ref->ctrl->handle.page_size) != 0)
		return nvmi_fail_more(ENOMEM, "Doorbell Buffer");
	status = ask_controller(ref, s->mem, &has_it);
	if (status == 0 && has_it)
		status = switch_on(ref);
	return status;
}

/* Is this queue pair the only one? Others were made for registers. */
static bool is_alone(nvm_aq_ref ref, uint16_t qid)
{
	uint16_t first = nvmi_aq_queues_next(ref->queues, false, 1);

	return first == 0 ||
	       (first == qid && nvmi_aq_queues_next(ref->queues, false, first + 1U) == 0);
}

int nvmi_aq_shadow_use(nvm_aq_ref ref, uint16_t qid, bool may_start, const nvm_dma_t **mem)
{
	struct nvmi_aq_shadow *s = ref->shadow;
	int status = 0;

	*mem = NULL;
	if (s == NULL)
		return 0;
	pthread_mutex_lock(&s->setup);
	if (nvmi_aq_shadow_mem(ref) == NULL && may_start && !s->tried && is_alone(ref, qid)) {
		status = start(ref);
		s->tried = status <= 0 || status == ENOMEM;
		if (status < 0 || status == ENOMEM) {
			nvmi_log(NVMI_LOG_INFO, "%s: no Doorbell Buffer: %s", ref->ctrl->be->name,
				 nvm_errmsg());
			status = 0;
		}
	}
	*mem = nvmi_aq_shadow_mem(ref);
	pthread_mutex_unlock(&s->setup);
	return status;
}
