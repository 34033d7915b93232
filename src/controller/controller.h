/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * controller.h - what lies behind nvm_ctrl_t.
 */
#ifndef NVMI_CONTROLLER_H
#define NVMI_CONTROLLER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backend/backend.h"
#include "nvm_types.h"

/* MSI-X has no more vectors. */
#define NVMI_MAX_IRQS 2048

/**
 * struct nvmi_ctrl - the container of an nvm_ctrl_t
 * @handle: what the user holds a pointer to
 * @refs: the user's, one per DMA mapping and one for an admin queue pair; the last one closes
 * @be: backend, owned
 * @cap: CAP as read at open
 * @vs: VS as read at open
 * @has_aq: an admin queue pair exists (claimed with atomic_exchange)
 * @irq_lock: guards the two below
 * @irq_used: vectors that the user has connected, as bits
 * @irq_taken: vectors that belong to queue pairs
 */
struct nvmi_ctrl {
	nvm_ctrl_t handle;
	atomic_uint refs;
	struct nvmi_backend *be;
	uint64_t cap;
	uint32_t vs;
	atomic_bool has_aq;
	pthread_mutex_t irq_lock;
	uint64_t irq_used[NVMI_MAX_IRQS / 64];
	uint64_t irq_taken[NVMI_MAX_IRQS / 64];
};

/* The container of a handle. const is the user's view: the library may change what is behind. */
static inline struct nvmi_ctrl *nvmi_ctrl_of(const nvm_ctrl_t *ctrl)
{
	return (struct nvmi_ctrl *)((uintptr_t)ctrl - offsetof(struct nvmi_ctrl, handle));
}

/* Make a controller of an open backend; takes the backend over, closes it on failure. */
int nvmi_ctrl_new(nvm_ctrl_t **ctrl, struct nvmi_backend *be,
		  const struct nvm_ctrl_options *options);

void nvmi_ctrl_get(struct nvmi_ctrl *c);
void nvmi_ctrl_put(struct nvmi_ctrl *c);

/*
 * A vector of a queue pair's own, connected to @eventfd: @wanted, or one that nobody uses if that is -1,
 * @preferred before others. 0 or errno: EBUSY (@wanted is used), ENOSPC (all are), ENOTSUP. Any thread.
 */
int nvmi_ctrl_take_irq(struct nvmi_ctrl *c, int wanted, unsigned int preferred, int eventfd,
		       unsigned int *vector);
void nvmi_ctrl_return_irq(struct nvmi_ctrl *c, unsigned int vector);

static inline uint32_t nvmi_read32(const struct nvmi_ctrl *c, uint32_t offset)
{
	return c->be->ops->read32(c->be, offset);
}

static inline uint64_t nvmi_read64(const struct nvmi_ctrl *c, uint32_t offset)
{
	return c->be->ops->read64(c->be, offset);
}

static inline void nvmi_write32(const struct nvmi_ctrl *c, uint32_t offset, uint32_t value)
{
	c->be->ops->write32(c->be, offset, value);
}

static inline void nvmi_write64(const struct nvmi_ctrl *c, uint32_t offset, uint64_t value)
{
	c->be->ops->write64(c->be, offset, value);
}

#endif
