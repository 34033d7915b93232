/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c - interrupt vectors: connected by the user, or taken by queue pairs.
 *
 * A vector of a queue pair is its own: what waits on an eventfd takes its count away, and would take it away
 * from the others that share it.
 */
#include <errno.h>

#include "controller/controller.h"
#include "controller/error.h"
#include "nvm_ctrl.h"

static bool bit_is_set(const uint64_t *bits, unsigned int n)
{
	return (bits[n / 64] >> (n % 64) & 1U) != 0;
}

static void set_bit(uint64_t *bits, unsigned int n, bool on)
{
	uint64_t bit = UINT64_C(1) << (n % 64);

	bits[n / 64] = on ? bits[n / 64] | bit : bits[n / 64] & ~bit;
}

unsigned int nvm_ctrl_n_irqs(const nvm_ctrl_t *ctrl)
{
	const struct nvmi_backend *be = nvmi_ctrl_of(ctrl)->be;

	if (be->ops->irq == NULL)
		return 0;
	return be->n_irqs < NVMI_MAX_IRQS ? be->n_irqs : NVMI_MAX_IRQS;
}

static int fail_no_irqs(const struct nvmi_ctrl *c)
{
	return nvmi_fail(ENOTSUP, "%s delivers no interrupts: poll the queues instead",
			 c->be->name);
}

static int fail_range(const struct nvmi_ctrl *c, unsigned int vector, unsigned int n_irqs)
{
	return nvmi_fail(EINVAL, "%s: there is no interrupt vector %u: 0 to %u exist", c->be->name,
			 vector, n_irqs - 1);
}

static int fail_taken(const struct nvmi_ctrl *c, unsigned int vector)
{
	return nvmi_fail(EBUSY,
			 "%s: interrupt vector %u is used: a vector serves one queue pair; choose "
			 "another, or -1 for any",
			 c->be->name, vector);
}

int nvm_ctrl_irq(const nvm_ctrl_t *ctrl, unsigned int vector, int eventfd)
{
	struct nvmi_ctrl *c = nvmi_ctrl_of(ctrl);
	unsigned int n_irqs = nvm_ctrl_n_irqs(ctrl);
	int err;

	if (n_irqs == 0)
		return fail_no_irqs(c);
	if (vector >= n_irqs)
		return fail_range(c, vector, n_irqs);
	if (eventfd < -1)
		return nvmi_fail(
			EINVAL,
			"%s: %d is no eventfd: pass an open one, or -1 to switch the vector "
			"off",
			c->be->name, eventfd);
	pthread_mutex_lock(&c->irq_lock);
	if (bit_is_set(c->irq_taken, vector)) {
		err = fail_taken(c, vector);
	} else {
		err = c->be->ops->irq(c->be, vector, eventfd);
		if (err == 0)
			set_bit(c->irq_used, vector, eventfd >= 0);
	}
	pthread_mutex_unlock(&c->irq_lock);
	return err;
}

static bool is_free(const struct nvmi_ctrl *c, unsigned int vector)
{
	return !bit_is_set(c->irq_taken, vector) && !bit_is_set(c->irq_used, vector);
}

/* A free vector; @n_irqs if there is none. Vector 0 last: it is the admin queue's as well. */
static unsigned int find_free(const struct nvmi_ctrl *c, unsigned int n_irqs,
			      unsigned int preferred)
{
	if (preferred != 0 && preferred < n_irqs && is_free(c, preferred))
		return preferred;
	for (unsigned int i = 1; i < n_irqs; i++)
		if (is_free(c, i))
			return i;
	return is_free(c, 0) ? 0 : n_irqs;
}

int nvmi_ctrl_take_irq(struct nvmi_ctrl *c, int wanted, unsigned int preferred, int eventfd,
		       unsigned int *vector)
{
	unsigned int n_irqs = nvm_ctrl_n_irqs(&c->handle);
	unsigned int found;
	int err = 0;

	if (n_irqs == 0)
		return fail_no_irqs(c);
	if (wanted >= 0 && (unsigned int)wanted >= n_irqs)
		return fail_range(c, (unsigned int)wanted, n_irqs);
	pthread_mutex_lock(&c->irq_lock);
	found = wanted >= 0 ? (unsigned int)wanted : find_free(c, n_irqs, preferred);
	if (found == n_irqs)
		err = nvmi_fail(ENOSPC,
				"%s: all %u interrupt vectors are used, one by each queue pair: "
				"let this one poll (NVM_WAIT_POLL)",
				c->be->name, n_irqs);
	else if (!is_free(c, found))
		err = fail_taken(c, found);
	else
		err = c->be->ops->irq(c->be, found, eventfd);
	if (err == 0) {
		set_bit(c->irq_taken, found, true);
		*vector = found;
	}
	pthread_mutex_unlock(&c->irq_lock);
	return err;
}

void nvmi_ctrl_return_irq(struct nvmi_ctrl *c, unsigned int vector)
{
	struct nvmi_message message;

	nvmi_message_save(&message);
	pthread_mutex_lock(&c->irq_lock);
	(void)c->be->ops->irq(c->be, vector, -1);
	set_bit(c->irq_taken, vector, false);
	pthread_mutex_unlock(&c->irq_lock);
	nvmi_message_restore(&message);
}
