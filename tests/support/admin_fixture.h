/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_fixture.h - an admin queue pair on a device that gives prepared answers to admin commands
 * and remembers what it was asked.
 */
#ifndef TESTS_SUPPORT_ADMIN_FIXTURE_H
#define TESTS_SUPPORT_ADMIN_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "nvm_cmd.h"
#include "support/aq_fixture.h"

/* The buffer for data: the third page of the device's memory and what follows. */
#define DATA_OFFSET  8192
#define DATA_ADDRESS (DEVICE_BUS_BASE + DATA_OFFSET)

#define MAX_COMMANDS 64

/* What a device answers, and what it was asked. */
struct answers {
	unsigned char page[4096]; /* data of Identify */
	uint32_t dw0;
	uint16_t status;
	uint32_t n_active; /* active namespaces for CNS 2: 2, 4, 6 ... */
	struct nvm_sqe seen[MAX_COMMANDS];
	unsigned int n_seen;
};

static inline void active_ns_list(const struct answers *a, uint32_t after, uint32_t *list)
{
	uint32_t ns_id = (after & ~1U) + 2;

	for (int i = 0; i < 1024 && ns_id <= 2 * a->n_active; i++, ns_id += 2)
		list[i] = ns_id;
}

/* A log page whose dword n has the value n. */
static inline void log_data(struct device *d, const struct nvm_sqe *sqe)
{
	uint32_t n = (NVM_LOG_NUMDL(sqe->cdw10) | NVM_LOG_NUMDU(sqe->cdw11) << 16) + 1;
	uint64_t first = (sqe->cdw12 | (uint64_t)sqe->cdw13 << 32) / 4;
	uint64_t at = sqe->prp1;

	for (uint32_t i = 0; i < n; i++) {
		*(uint32_t *)device_at(d, at, 4) = (uint32_t)(first + i);
		at += 4;
		if (at % 4096 == 0)
			at = sqe->prp2;
	}
}

static inline void answer(struct device *d, const struct nvm_sqe *sqe)
{
	struct answers *a = d->arg;

	if (a->n_seen < MAX_COMMANDS)
		a->seen[a->n_seen++] = *sqe;
	if (sqe->opc == NVM_ADMIN_IDENTIFY && sqe->cdw10 == NVM_CNS_ACTIVE_NS_LIST &&
	    a->n_active != 0)
		active_ns_list(a, sqe->nsid, device_at(d, sqe->prp1, 4096));
	else if (sqe->opc == NVM_ADMIN_IDENTIFY)
		memcpy(device_at(d, sqe->prp1, 4096), a->page, 4096);
	else if (sqe->opc == NVM_ADMIN_GET_LOG_PAGE)
		log_data(d, sqe);
	device_post(d, sqe->cid, a->status, a->dw0);
}

struct admin_fixture {
	struct fixture f;
	struct answers *a;
	void *data;
};

static inline struct admin_fixture begin_admin(void)
{
	struct admin_fixture t = {.a = calloc(1, sizeof(*t.a))};

	assert_non_null(t.a);
	t.f = begin(answer, t.a);
	t.data = t.f.device->memory + DATA_OFFSET;
	return t;
}

static inline void end_admin(struct admin_fixture *t)
{
	end(&t->f);
	free(t->a);
}

static inline const struct nvm_sqe *last_seen(const struct admin_fixture *t)
{
	return &t->a->seen[t->a->n_seen - 1];
}

#endif
