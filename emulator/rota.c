/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rota.c - which of its submission queues a polling thread looks at in a round.
 */
#include <errno.h>
#include <stdlib.h>

#include "queue.h"
#include "rota.h"

#define IDLE_LOOKS   4    /* idle queues per round */
#define EMPTY_ROUNDS 1024 /* in a row: some 20 us */

static void swap(struct emu_rota *rota, unsigned int a, unsigned int b)
{
	struct emu_sq *sq = rota->sqs[a];

	rota->sqs[a] = rota->sqs[b];
	rota->sqs[b] = sq;
}

int emu_rota_add(struct emu_rota *rota, struct emu_sq *sq)
{
	struct emu_sq **sqs = realloc(rota->sqs, (rota->n + 1) * sizeof(struct emu_sq *));

	if (!sqs)
		return ENOMEM;
	rota->sqs = sqs;
	rota->sqs[rota->n++] = sq;
	return 0;
}

void emu_rota_remove(struct emu_rota *rota, const struct emu_sq *sq)
{
	unsigned int i = 0;

	while (i < rota->n && rota->sqs[i] != sq)
		i++;
	if (i == rota->n)
		return;
	if (i < rota->n_busy) {
		swap(rota, i, --rota->n_busy);
		i = rota->n_busy;
	}
	swap(rota, i, --rota->n);
}

void emu_rota_clear(struct emu_rota *rota)
{
	rota->n = 0;
	rota->n_busy = 0;
}

void emu_rota_release(struct emu_rota *rota)
{
	free(rota->sqs);
	rota->sqs = NULL;
	emu_rota_clear(rota);
}

static unsigned int poll_busy(struct emu_rota *rota, struct emu_thread *thread)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < rota->n_busy; i++) {
		struct emu_sq *sq = rota->sqs[i];
		unsigned int taken = emu_sq_poll(thread, sq);

		n += taken;
		sq->n_empty = taken ? 0 : sq->n_empty + 1;
		/* Its place is taken by one that has its turn in the next round. */
		if (sq->n_empty == EMPTY_ROUNDS)
			swap(rota, i, --rota->n_busy);
	}
	return n;
}

static unsigned int poll_idle(struct emu_rota *rota, struct emu_thread *thread, unsigned int looks)
{
	unsigned int n = 0;

	for (; looks; looks--) {
		unsigned int taken;

		if (rota->next >= rota->n)
			rota->next = rota->n_busy;
		taken = emu_sq_poll(thread, rota->sqs[rota->next]);
		if (taken) {
			rota->sqs[rota->next]->n_empty = 0;
			swap(rota, rota->next, rota->n_busy++);
		}
		rota->next++;
		n += taken;
	}
	return n;
}

unsigned int emu_rota_poll(struct emu_rota *rota, struct emu_thread *thread, bool all)
{
	unsigned int n = poll_busy(rota, thread);
	unsigned int n_idle = rota->n - rota->n_busy;

	if (n_idle) {
		if (rota->next < rota->n_busy)
			rota->next = rota->n_busy;
		n += poll_idle(rota, thread, all || n_idle < IDLE_LOOKS ? n_idle : IDLE_LOOKS);
	}
	return n;
}
