/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aq_queues.c - bookkeeping of the I/O queues behind an admin queue reference: which exist, which
 * memory they need, which identifiers are free.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "controller/aq_queues.h"
#include "controller/error.h"
#include "memory/dma.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define MAX_QUEUES 65536
#define MAX_QID    65534

/* Queue identifiers as bits: all there can be, so that noting one never fails. */
struct qid_set {
	uint64_t word[MAX_QUEUES / 64];
};

/* Memory that outlives its user's mapping because a queue lies in it (or something else, @qid 0). */
struct queue_memory {
	struct queue_memory *next;
	const nvm_dma_t *dma;
	uint16_t qid;
	bool cq;
	bool active; /* the queue exists; before, a deletion cannot be meant for it */
};

/**
 * struct nvmi_aq_queues - the I/O queues behind a reference
 * @lock: guards everything below but @setup
 * @setup: held while Number of Queues is being set, so that it is asked for once
 * @sqs, @cqs: that exist
 * @taken: identifiers given out by nvmi_aq_take_qid()
 * @memory: kept memory
 * @granted: queue pairs the controller granted, 0 as long as nobody has asked
 * @granted_dw0: the same as the controller put it
 */
struct nvmi_aq_queues {
	pthread_mutex_t lock;
	pthread_mutex_t setup;
	struct qid_set sqs;
	struct qid_set cqs;
	struct qid_set taken;
	struct queue_memory *memory;
	uint32_t granted;
	uint32_t granted_dw0;
};

static bool qid_in(const struct qid_set *set, uint32_t qid)
{
	return (set->word[qid / 64] >> (qid % 64) & 1U) != 0;
}

static void qid_add(struct qid_set *set, uint32_t qid)
{
	set->word[qid / 64] |= UINT64_C(1) << (qid % 64);
}

static void qid_remove(struct qid_set *set, uint32_t qid)
{
	set->word[qid / 64] &= ~(UINT64_C(1) << (qid % 64));
}

int nvmi_aq_queues_new(struct nvmi_aq_queues **queues)
{
	struct nvmi_aq_queues *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return nvmi_fail(ENOMEM, "no memory for the list of I/O queues");
	pthread_mutex_init(&q->lock, NULL);
	pthread_mutex_init(&q->setup, NULL);
	*queues = q;
	return 0;
}

static void release_list(struct queue_memory *m)
{
	while (m != NULL) {
		struct queue_memory *next = m->next;

		nvmi_dma_put(m->dma);
		free(m);
		m = next;
	}
}

void nvmi_aq_queues_delete(struct nvmi_aq_queues *queues)
{
	if (queues == NULL)
		return;
	release_list(queues->memory);
	pthread_mutex_destroy(&queues->lock);
	pthread_mutex_destroy(&queues->setup);
	free(queues);
}

/* Unlink what a deleted queue needed; the caller releases it without the lock. */
static struct queue_memory *unlink_deleted(struct nvmi_aq_queues *q, bool cq, uint16_t qid)
{
	struct queue_memory **at = &q->memory;
	struct queue_memory *unlinked = NULL;

	while (*at != NULL) {
		struct queue_memory *m = *at;

		if (m->cq == cq && m->qid == qid && m->active) {
			*at = m->next;
			m->next = unlinked;
			unlinked = m;
		} else {
			at = &m->next;
		}
	}
	return unlinked;
}

static uint32_t granted_pairs(uint32_t dw0)
{
	uint32_t n_sqs = NVM_FEAT_NQ_NSQ(dw0);
	uint32_t n_cqs = NVM_FEAT_NQ_NCQ(dw0);

	/* 0's based, and the highest identifier is 65534. */
	return (n_sqs < n_cqs ? n_sqs : n_cqs) >= 65533 ? 65534
							: (n_sqs < n_cqs ? n_sqs : n_cqs) + 1;
}

void nvmi_aq_queues_saw(struct nvmi_aq_queues *q, uint8_t opcode, uint32_t cdw10, uint32_t dw0)
{
	uint16_t qid = (uint16_t)NVM_QCREATE_QID(cdw10);
	struct queue_memory *unlinked = NULL;

	pthread_mutex_lock(&q->lock);
	switch (opcode) {
	case NVM_ADMIN_CREATE_SUBMISSION_QUEUE:
		qid_add(&q->sqs, qid);
		break;
	case NVM_ADMIN_CREATE_COMPLETION_QUEUE:
		qid_add(&q->cqs, qid);
		break;
	case NVM_ADMIN_DELETE_SUBMISSION_QUEUE:
		qid_remove(&q->sqs, qid);
		unlinked = unlink_deleted(q, false, qid);
		break;
	case NVM_ADMIN_DELETE_COMPLETION_QUEUE:
		qid_remove(&q->cqs, qid);
		unlinked = unlink_deleted(q, true, qid);
		break;
	case NVM_ADMIN_SET_FEATURES:
		if (NVM_FEAT_FID(cdw10) == NVM_FID_NUM_QUEUES) {
			q->granted = granted_pairs(dw0);
			q->granted_dw0 = dw0;
		}
		break;
	default:
		break;
	}
	pthread_mutex_unlock(&q->lock);
	release_list(unlinked);
}

uint16_t nvmi_aq_queues_next(struct nvmi_aq_queues *q, bool cq, uint32_t from)
{
	const struct qid_set *set = cq ? &q->cqs : &q->sqs;
	uint16_t found = 0;

	pthread_mutex_lock(&q->lock);
	for (uint32_t qid = from; qid < MAX_QUEUES && found == 0; ++qid) {
		if (qid_in(set, qid))
			found = (uint16_t)qid;
	}
	pthread_mutex_unlock(&q->lock);
	return found;
}

void nvmi_aq_queues_forget(struct nvmi_aq_queues *q)
{
	struct queue_memory *unlinked = NULL;
	struct queue_memory **at;

	pthread_mutex_lock(&q->lock);
	memset(&q->sqs, 0, sizeof(q->sqs));
	memset(&q->cqs, 0, sizeof(q->cqs));
	/* What is not active may be that of a queue which is about to be created. */
	for (at = &q->memory; *at != NULL;) {
		struct queue_memory *m = *at;

		if (m->active) {
			*at = m->next;
			m->next = unlinked;
			unlinked = m;
		} else {
			at = &m->next;
		}
	}
	pthread_mutex_unlock(&q->lock);
	release_list(unlinked);
}

bool nvmi_aq_queues_granted(struct nvmi_aq_queues *q, uint32_t *cdw11)
{
	bool asked;

	pthread_mutex_lock(&q->lock);
	asked = q->granted != 0;
	*cdw11 = q->granted_dw0;
	pthread_mutex_unlock(&q->lock);
	return asked;
}

int nvmi_aq_keep_queue_memory(nvm_aq_ref ref, bool cq, uint16_t qid, const nvm_dma_t *qmem)
{
	struct nvmi_aq_queues *q = ref->queues;
	struct queue_memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return nvmi_fail(ENOMEM, "no memory to keep the memory of queue %u", qid);
	nvmi_dma_get(qmem);
	m->dma = qmem;
	m->cq = cq;
	m->qid = qid;

	pthread_mutex_lock(&q->lock);
	m->next = q->memory;
	q->memory = m;
	pthread_mutex_unlock(&q->lock);
	return 0;
}

void nvmi_aq_keep_memory(nvm_aq_ref ref, const nvm_dma_t *dma)
{
	if (nvmi_aq_keep_queue_memory(ref, false, 0, dma) != 0)
		nvmi_dma_get(dma);
}

void nvmi_aq_release_memory(nvm_aq_ref ref, nvm_dma_t *dma, int status)
{
	/* A command that has not come back may still write there. */
	if (status == ETIME || status == EIO || status == ENODEV || status == ECANCELED)
		nvmi_aq_keep_memory(ref, dma);
	nvm_dma_unmap(dma);
}

void nvmi_aq_settle_queue_memory(nvm_aq_ref ref, bool cq, uint16_t qid, const nvm_dma_t *qmem,
				 int status)
{
	struct nvmi_aq_queues *q = ref->queues;
	struct queue_memory *unlinked = NULL;
	struct queue_memory **at;

	if (status > 0)
		return;
	pthread_mutex_lock(&q->lock);
	for (at = &q->memory; *at != NULL; at = &(*at)->next) {
		struct queue_memory *m = *at;

		if (m->cq != cq || m->qid != qid || m->dma != qmem || m->active)
			continue;
		if (status == 0) {
			m->active = true;
		} else {
			*at = m->next;
			m->next = NULL;
			unlinked = m;
		}
		break;
	}
	pthread_mutex_unlock(&q->lock);
	release_list(unlinked);
}

/*
 * Ask for queues once. More than the caller wants: the number cannot be changed once a queue exists,
 * and the next disk on this controller wants some as well.
 */
static int ask_for_queues(nvm_aq_ref ref, uint16_t wanted)
{
	uint16_t n = wanted > 64 ? wanted : 64;
	uint16_t n_cqs = n;
	uint16_t n_sqs = n;
	int status = nvm_admin_request_num_queues(ref, &n_cqs, &n_sqs);

	/* Queues exist already, made without asking: what there is was decided by somebody else. */
	if (status < 0 && NVM_ERR_UNPACK_SCT(status) == NVM_SCT_GENERIC &&
	    NVM_ERR_UNPACK_SC(status) == NVM_SC_CMD_SEQUENCE_ERROR)
		status = nvm_admin_get_num_queues(ref, &n_cqs, &n_sqs);
	if (status != 0)
		return status;

	pthread_mutex_lock(&ref->queues->lock);
	ref->queues->granted = n_cqs < n_sqs ? n_cqs : n_sqs;
	ref->queues->granted_dw0 =
		NVM_FIELD(FEAT_NQ_NSQ, n_sqs - 1) | NVM_FIELD(FEAT_NQ_NCQ, n_cqs - 1);
	pthread_mutex_unlock(&ref->queues->lock);
	return 0;
}

/* Can queues with this identifier be used, and are there none yet? */
static bool is_free(const nvm_aq_ref ref, uint16_t qid)
{
	const struct nvmi_aq_queues *q = ref->queues;

	return !qid_in(&q->taken, qid) && !qid_in(&q->sqs, qid) && !qid_in(&q->cqs, qid) &&
	       nvm_queue_doorbell(&ref->ctrl->handle, qid, true) != NULL;
}

/* The highest free identifier; 0 if there is none. Also says how many were granted. */
static uint16_t highest_free(nvm_aq_ref ref, uint32_t *granted)
{
	struct nvmi_aq_queues *q = ref->queues;
	uint16_t found = 0;

	pthread_mutex_lock(&q->lock);
	*granted = q->granted;
	for (uint32_t qid = q->granted; qid > 0 && found == 0; --qid) {
		if (is_free(ref, (uint16_t)qid))
			found = (uint16_t)qid;
	}
	if (found != 0)
		qid_add(&q->taken, found);
	pthread_mutex_unlock(&q->lock);
	return found;
}

static bool asked_already(struct nvmi_aq_queues *q)
{
	bool asked;

	pthread_mutex_lock(&q->lock);
	asked = q->granted != 0;
	pthread_mutex_unlock(&q->lock);
	return asked;
}

int nvmi_aq_take_qid(nvm_aq_ref ref, uint16_t wanted_total, uint16_t *qid)
{
	struct nvmi_aq_queues *q = ref->queues;
	uint32_t granted = 0;
	int status = 0;

	pthread_mutex_lock(&q->setup);
	if (!asked_already(q))
		status = ask_for_queues(ref, wanted_total);
	pthread_mutex_unlock(&q->setup);
	if (status != 0)
		return status;

	*qid = highest_free(ref, &granted);
	if (*qid == 0)
		return nvmi_fail(
			ENOSPC,
			"of the %u queue pairs that the controller granted, all whose doorbells "
			"are mapped are in use: close a disk or queue, or ask for more with "
			"nvm_admin_request_num_queues() before the first queue is made",
			granted);
	return 0;
}

void nvmi_aq_return_qid(nvm_aq_ref ref, uint16_t qid)
{
	pthread_mutex_lock(&ref->queues->lock);
	qid_remove(&ref->queues->taken, qid);
	pthread_mutex_unlock(&ref->queues->lock);
}
