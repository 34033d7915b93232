/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_local.h - the admin queue pair of a controller that this process owns: what its operations, its beginning
 * and end, and resets share.
 */
#ifndef NVMI_AQ_LOCAL_H
#define NVMI_AQ_LOCAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "controller/aq.h"
#include "controller/aq_rings.h"

/**
 * struct nvmi_local_aq - an admin queue pair of this process
 * @ref: common head
 * @lock: guards @rings, and CC from the beginning to the end
 * @rings: the queues and the commands in flight
 * @mem: memory of the rings
 * @users: threads inside an operation
 * @closing: the operations shall come to an end
 */
struct nvmi_local_aq {
	struct nvm_admin_reference ref;
	pthread_mutex_t lock;
	struct nvmi_aq_rings rings;
	const nvm_dma_t *mem;
	atomic_uint users;
	atomic_bool closing;
};

static inline struct nvmi_local_aq *nvmi_local_of(nvm_aq_ref ref)
{
	return (struct nvmi_local_aq *)ref;
}

static inline const char *nvmi_local_name(const struct nvmi_local_aq *aq)
{
	return aq->ref.ctrl->be->name;
}

/* --- aq_local.c */

extern const struct nvmi_aq_ops nvmi_local_ops;

/* Every operation runs between these two, so that destruction can wait for the last of them. */
bool nvmi_local_enter(struct nvmi_local_aq *aq);
int nvmi_local_leave(struct nvmi_local_aq *aq, int status);

/* A command from beginning to end; without the lock. */
int nvmi_local_run(struct nvmi_local_aq *aq, const nvm_cmd_t *cmd, nvm_cpl_t *cpl,
		   uint64_t timeout_ms);

/* --- aq_open.c */

/* Disable, clear the rings when the controller does not use them any more, enable. 0 or errno. */
int nvmi_local_start(struct nvmi_local_aq *aq);
void nvmi_local_destroy(nvm_aq_ref ref);

/* --- aq_reset.c */
int nvmi_local_reset(nvm_aq_ref ref, const unsigned int *seen);
void nvmi_local_halt(nvm_aq_ref ref, unsigned int seen);

#endif
