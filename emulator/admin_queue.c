/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_queue.c - creating and deleting I/O queues (Base, "Create I/O Completion Queue command"
 * and following).
 */
#include "admin.h"
#include "controller.h"
#include "doorbell.h"

/* What both kinds of Create have in common. */
static emu_status_t check_create(const struct emu *emu, const struct nvm_sqe *sqe,
				 bool entry_size_set)
{
	uint32_t qsize = NVM_QCREATE_QSIZE(sqe->cdw10);

	/* 0's based: 0 would be a queue of one entry. CC.IOSQES or IOCQES not set counts too. */
	if (!qsize || qsize >= emu->config.max_entries || !entry_size_set)
		return EMU_FAIL(NVM_SC_INVALID_QUEUE_SIZE);
	/* the same bit for both */
	if (!NVM_SQCREATE_PC(sqe->cdw11) && emu->config.cqr)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	return 0;
}

emu_status_t emu_admin_create_cq(struct emu_thread *thread, const struct nvm_sqe *sqe)
{
	struct emu *emu = thread->emu;
	uint16_t qid = (uint16_t)NVM_QCREATE_QID(sqe->cdw10);
	uint16_t vector = (uint16_t)NVM_CQCREATE_IV(sqe->cdw11);
	uint32_t cc = atomic_load(&emu->regs.cc);
	struct emu_ring ring;
	emu_status_t status;
	struct emu_cq *cq;

	if (!qid || qid > emu_features_n_cqs(emu) || emu->cqs[qid])
		return EMU_FAIL(NVM_SC_INVALID_QID);
	status = check_create(emu, sqe, NVM_CC_IOCQES(cc) == EMU_CQE_SHIFT);
	if (status)
		return status;
	if (vector >= emu->config.n_vectors)
		return EMU_FAIL(NVM_SC_INVALID_INTERRUPT_VECTOR);
	status = emu_ring_init(&ring, thread->slot, sqe->prp1, NVM_CQCREATE_PC(sqe->cdw11),
			       NVM_QCREATE_QSIZE(sqe->cdw10) + 1, EMU_CQE_SHIFT, emu->page_size);
	if (status)
		return status;
	cq = emu_cq_new(emu, qid, &ring);
	if (!cq) {
		emu_ring_free(&ring);
		return NVM_SC_INTERNAL_ERROR;
	}
	cq->vector = vector;
	cq->irq_enabled = NVM_CQCREATE_IEN(sqe->cdw11);
	emu_doorbell_attach(emu, thread->slot, &cq->db, qid, true, 0);
	emu_pause(emu, thread);
	if (emu_thread_add_cq(cq->thread, cq)) {
		emu_cq_free(cq);
		status = NVM_SC_INTERNAL_ERROR;
	} else {
		emu->cqs[qid] = cq;
		emu->queues_created = true;
	}
	emu_resume(emu);
	return status;
}

emu_status_t emu_admin_create_sq(struct emu_thread *thread, const struct nvm_sqe *sqe)
{
	struct emu *emu = thread->emu;
	uint16_t qid = (uint16_t)NVM_QCREATE_QID(sqe->cdw10);
	uint16_t cqid = (uint16_t)NVM_SQCREATE_CQID(sqe->cdw11);
	uint32_t cc = atomic_load(&emu->regs.cc);
	struct emu_ring ring;
	emu_status_t status;
	struct emu_sq *sq;

	if (!qid || qid > emu_features_n_sqs(emu) || emu->sqs[qid])
		return EMU_FAIL(NVM_SC_INVALID_QID);
	if (!cqid || cqid > emu->config.n_queue_pairs)
		return EMU_FAIL(NVM_SC_INVALID_QID);
	if (!emu->cqs[cqid])
		return EMU_FAIL(NVM_SC_CQ_INVALID);
	status = check_create(emu, sqe, NVM_CC_IOSQES(cc) == EMU_SQE_SHIFT);
	if (status)
		return status;
	status = emu_ring_init(&ring, thread->slot, sqe->prp1, NVM_SQCREATE_PC(sqe->cdw11),
			       NVM_QCREATE_QSIZE(sqe->cdw10) + 1, EMU_SQE_SHIFT, emu->page_size);
	if (status)
		return status;
	emu_pause(emu, thread);
	sq = emu_sq_new(emu, qid, &ring, emu->cqs[cqid]);
	if (!sq) {
		emu_ring_free(&ring);
		status = NVM_SC_INTERNAL_ERROR;
	} else if (emu_thread_add_sq(sq->cq->thread, sq)) {
		emu_sq_free(sq);
		status = NVM_SC_INTERNAL_ERROR;
	} else {
		emu_doorbell_attach(emu, thread->slot, &sq->db, qid, false, 0);
		emu->sqs[qid] = sq;
		emu->queues_created = true;
	}
	emu_resume(emu);
	return status;
}

/*
 * Commands of the queue whose completion is pending end with it. Those not fetched were never
 * seen (Base, "Delete I/O Submission Queue command").
 */
static void abort_pending(struct emu_thread *thread, struct emu_sq *sq)
{
	struct emu_pending *pending = &sq->cq->thread->pending;
	struct emu_completion completion;

	while (emu_pending_take_any(pending, sq, &completion)) {
		completion.dw0 = 0;
		completion.status = NVM_SC_ABORTED_SQ_DELETION;
		completion.wrong_phase = false;
		emu_cq_post(thread, completion.sq->cq, &completion, 1);
	}
	emu_cq_notify(thread, sq->cq);
}

emu_status_t emu_admin_delete_sq(struct emu_thread *thread, const struct nvm_sqe *sqe)
{
	struct emu *emu = thread->emu;
	uint32_t qid = NVM_QCREATE_QID(sqe->cdw10);
	struct emu_sq *sq;

	if (!qid || qid > emu->config.n_queue_pairs || !emu->sqs[qid])
		return EMU_FAIL(NVM_SC_INVALID_QID);
	sq = emu->sqs[qid];
	emu_pause(emu, thread);
	abort_pending(thread, sq);
	emu->sqs[qid] = NULL;
	emu_thread_remove_sq(sq->cq->thread, sq);
	emu_sq_free(sq);
	emu_resume(emu);
	return 0;
}

emu_status_t emu_admin_delete_cq(struct emu_thread *thread, const struct nvm_sqe *sqe)
{
	struct emu *emu = thread->emu;
	uint32_t qid = NVM_QCREATE_QID(sqe->cdw10);
	struct emu_cq *cq;

	if (!qid || qid > emu->config.n_queue_pairs || !emu->cqs[qid])
		return EMU_FAIL(NVM_SC_INVALID_QID);
	cq = emu->cqs[qid];
	if (cq->n_sqs)
		return EMU_FAIL(NVM_SC_INVALID_QUEUE_DELETION);
	emu_pause(emu, thread);
	emu->cqs[qid] = NULL;
	emu_thread_remove_cq(cq->thread, cq);
	emu_cq_free(cq);
	emu_resume(emu);
	return 0;
}
