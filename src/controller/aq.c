/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq.c - the public admin queue functions: checks that hold for every kind of reference, then the
 * reference's own operation.
 */
#include <errno.h>
#include <stddef.h>

#include "controller/aq.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "nvm_aq.h"
#include "nvm_rpc.h"
#include "nvm_util.h"

static int no_reference(void)
{
	return nvmi_fail(EINVAL, "no admin queue reference was given");
}

static int no_command(void)
{
	return nvmi_fail(EINVAL, "no command was given");
}

const nvm_ctrl_t *nvm_ctrl_from_aq_ref(nvm_aq_ref ref)
{
	return ref != NULL ? &ref->ctrl->handle : NULL;
}

void nvm_aq_destroy(nvm_aq_ref ref)
{
	if (ref != NULL)
		ref->ops->destroy(ref);
}

int nvm_aq_submit(nvm_aq_ref ref, const nvm_cmd_t *cmd, uint16_t *cid)
{
	if (ref == NULL)
		return no_reference();
	if (cmd == NULL)
		return no_command();
	if (cid == NULL)
		return nvmi_fail(EINVAL, "a submitted command needs its CID to be collected");
	return ref->ops->submit(ref, cmd, cid);
}

int nvm_aq_poll(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl)
{
	if (ref == NULL)
		return no_reference();
	return ref->ops->poll(ref, cid, cpl);
}

int nvm_aq_wait(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	if (ref == NULL)
		return no_reference();
	return ref->ops->wait(ref, cid, cpl, timeout_ms != 0 ? timeout_ms : NVM_AQ_TIMEOUT_MS);
}

int nvm_aq_exec(nvm_aq_ref ref, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms)
{
	if (ref == NULL)
		return no_reference();
	if (cmd == NULL)
		return no_command();
	return ref->ops->exec(ref, cmd, cpl, timeout_ms != 0 ? timeout_ms : NVM_AQ_TIMEOUT_MS);
}

static int cannot_reset(nvm_aq_ref ref)
{
	return nvmi_fail(ENOTSUP, "%s cannot be reset through this reference: its owner can",
			 ref->ctrl->be->name);
}

int nvm_aq_reset(nvm_aq_ref ref)
{
	if (ref == NULL)
		return no_reference();
	return ref->ops->reset != NULL ? ref->ops->reset(ref, NULL) : cannot_reset(ref);
}

unsigned int nvmi_aq_settled_generation(nvm_aq_ref ref)
{
	struct nvmi_waiter waiter;
	unsigned int generation;

	nvmi_wait_begin(&waiter, UINT64_MAX);
	while (((generation = nvmi_aq_generation(ref)) & 1U) != 0)
		(void)nvmi_wait_again(&waiter);
	return generation;
}

int nvmi_aq_reset_since(nvm_aq_ref ref, unsigned int seen)
{
	return ref->ops->reset != NULL ? ref->ops->reset(ref, &seen) : cannot_reset(ref);
}

bool nvmi_aq_halt_since(nvm_aq_ref ref, unsigned int seen)
{
	if (ref->ops->halt == NULL)
		return false;
	ref->ops->halt(ref, seen);
	return true;
}

void nvmi_aq_abandon(nvm_aq_ref ref, uint16_t cid)
{
	ref->ops->abandon(ref, cid);
}

int nvm_raw_rpc(nvm_aq_ref ref, nvm_cmd_t *cmd, nvm_cpl_t *cpl)
{
	return nvm_aq_exec(ref, cmd, cpl, NVM_AQ_TIMEOUT_MS);
}
