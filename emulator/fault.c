/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.c - the fault hooks: setting them, and asking them at each point.
 *
 * Polling threads read the hooks without a lock, so they change during a pause. Register accesses
 * come from the host's threads: for these the hooks are behind hooks_lock.
 */
#include <string.h>

#include "controller.h"
#include "fault.h"

void emu_set_fault_hooks(struct emu *emu, const struct emu_fault_hooks *hooks, void *arg)
{
	pthread_mutex_lock(&emu->lock);
	emu_pause(emu, NULL);
	pthread_rwlock_wrlock(&emu->hooks_lock);
	if (hooks)
		emu->hooks = *hooks;
	else
		memset(&emu->hooks, 0, sizeof(emu->hooks));
	emu->hooks_arg = arg;
	pthread_rwlock_unlock(&emu->hooks_lock);
	emu_resume(emu);
	pthread_mutex_unlock(&emu->lock);
}

void emu_fault_command(struct emu *emu, uint16_t sqid, const struct nvm_sqe *sqe,
		       struct emu_fault_command *fault)
{
	*fault = (struct emu_fault_command){
		.sqid = sqid,
		.sqe = sqe,
		.status = -1,
		.cid = sqe->cid,
	};
	if (emu->hooks.command)
		emu->hooks.command(emu->hooks_arg, fault);
}

uint64_t emu_fault_reg_read(struct emu *emu, uint32_t offset, unsigned int size, uint64_t value)
{
	pthread_rwlock_rdlock(&emu->hooks_lock);
	if (emu->hooks.reg_read)
		emu->hooks.reg_read(emu->hooks_arg, offset, size, &value);
	pthread_rwlock_unlock(&emu->hooks_lock);
	return value;
}

bool emu_fault_reg_write(struct emu *emu, uint32_t offset, unsigned int size, uint64_t value)
{
	bool swallow = false;

	pthread_rwlock_rdlock(&emu->hooks_lock);
	if (emu->hooks.reg_write)
		swallow = emu->hooks.reg_write(emu->hooks_arg, offset, size, value);
	pthread_rwlock_unlock(&emu->hooks_lock);
	return swallow;
}

bool emu_fault_stuck_ready(struct emu *emu, bool enabling)
{
	bool stuck = false;

	pthread_rwlock_rdlock(&emu->hooks_lock);
	if (emu->hooks.stuck_ready)
		stuck = emu->hooks.stuck_ready(emu->hooks_arg, enabling);
	pthread_rwlock_unlock(&emu->hooks_lock);
	return stuck;
}
