/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.c - admin commands: which there are, Abort, Doorbell Buffer Config, Format NVM, and the
 * transfer of their data.
 */
#include <string.h>

#include "admin.h"
#include "controller.h"
#include "doorbell.h"

uint32_t emu_admin_effects(const struct emu *emu, uint8_t opcode)
{
	switch (opcode) {
	case NVM_ADMIN_OPC_DELETE_SQ:
	case NVM_ADMIN_OPC_CREATE_SQ:
	case NVM_ADMIN_OPC_GET_LOG_PAGE:
	case NVM_ADMIN_OPC_DELETE_CQ:
	case NVM_ADMIN_OPC_CREATE_CQ:
	case NVM_ADMIN_OPC_IDENTIFY:
	case NVM_ADMIN_OPC_ABORT:
	case NVM_ADMIN_OPC_SET_FEATURES:
	case NVM_ADMIN_OPC_GET_FEATURES:
	case NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST:
		return NVM_EFFECTS_CSUPP;
	case NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG:
		return emu->config.doorbell_buffer ? NVM_EFFECTS_CSUPP : 0;
	case NVM_ADMIN_OPC_FORMAT_NVM:
		return NVM_EFFECTS_CSUPP | NVM_EFFECTS_LBCC | NVM_EFFECTS_NCC |
		       NVM_FIELD(EFFECTS_CSE, NVM_EFFECTS_CSE_NS);
	default:
		return 0;
	}
}

/*
 * Abort: a command can be aborted while its completion waits for its time, or while it is an
 * outstanding Asynchronous Event Request. Everything else is over before Abort is looked at.
 */
static emu_status_t abort_command(struct emu_thread *thread, const struct nvm_sqe *sqe,
				  uint32_t *dw0)
{
	struct emu *emu = thread->emu;
	uint32_t sqid = NVM_ABORT_SQID(sqe->cdw10);
	uint16_t cid = (uint16_t)NVM_ABORT_CID(sqe->cdw10);
	struct emu_completion completion = {.cid = cid};
	bool found = false;
	struct emu_sq *sq;

	*dw0 = NVM_FIELD(ABORT_NOT_ABORTED, 1);
	sq = sqid <= emu->config.n_queue_pairs ? emu->sqs[sqid] : NULL;
	if (!sq)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	emu_pause(emu, thread);
	/* Completed right now: without room for that, it is not aborted. */
	if (emu_cq_room(thread, sq->cq, 1) || emu_pending_room(&sq->cq->thread->pending)) {
		found = !sqid && emu_event_abort(emu, cid);
		completion.sq = sq;
		if (!found)
			found = emu_pending_take(&sq->cq->thread->pending, sq, cid, &completion);
	}
	if (found) {
		completion.dw0 = 0;
		completion.status = NVM_SC_ABORT_REQUESTED;
		completion.due_ns = 0;
		if (emu_cq_post(thread, completion.sq->cq, &completion, 1))
			emu_cq_notify(thread, sq->cq);
		else
			emu_pending_push(&sq->cq->thread->pending, &completion);
		*dw0 = 0;
	}
	emu_resume(emu);
	return 0;
}

static emu_status_t doorbell_buffer_config(struct emu_thread *thread, const struct nvm_sqe *sqe)
{
	struct emu *emu = thread->emu;

	if (sqe->prp1 % emu->page_size || sqe->prp2 % emu->page_size)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (!emu_dma_translate(thread->slot, sqe->prp1, emu->page_size, true) ||
	    !emu_dma_translate(thread->slot, sqe->prp2, emu->page_size, true))
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	emu_pause(emu, thread);
	emu->shadow_doorbells = true;
	emu->shadow_base = sqe->prp1;
	emu->event_idx_base = sqe->prp2;
	for (uint32_t qid = 1; qid <= emu->config.n_queue_pairs; qid++) {
		struct emu_sq *sq = emu->sqs[qid];
		struct emu_cq *cq = emu->cqs[qid];

		/* What was written to the registers so far is not lost. */
		if (sq) {
			emu_sq_update_tail(thread, sq);
			emu_doorbell_attach(emu, thread->slot, &sq->db, (uint16_t)qid, false,
					    sq->tail);
			sq->db.seen = sq->tail;
		}
		if (cq) {
			emu_cq_update_head(thread, cq);
			emu_doorbell_attach(emu, thread->slot, &cq->db, (uint16_t)qid, true,
					    cq->head);
			cq->db.seen = cq->head;
		}
	}
	emu_resume(emu);
	return 0;
}

static emu_status_t format(struct emu *emu, const struct nvm_sqe *sqe)
{
	uint64_t before[EMU_MAX_NAMESPACES] = {0};
	emu_status_t status;

	if (sqe->nsid > emu->ns.n && sqe->nsid <= EMU_MAX_NAMESPACES)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	for (unsigned int i = 0; i < emu->ns.n; i++)
		before[i] = atomic_load(&emu->ns.ns[i]->geometry);
	status = emu_admin_format(&emu->ns, sqe);
	for (unsigned int i = 0; i < emu->ns.n; i++) {
		if (atomic_load(&emu->ns.ns[i]->geometry) != before[i])
			emu_log_ns_changed(emu, i + 1);
	}
	return status;
}

emu_status_t emu_admin_execute(struct emu_thread *thread, const struct nvm_sqe *sqe, uint32_t *dw0)
{
	struct emu *emu = thread->emu;

	if (!emu_admin_effects(emu, sqe->opc))
		return EMU_FAIL(NVM_SC_INVALID_OPCODE);
	/* No fused admin commands; SGLs are not for admin commands over PCIe. */
	if (sqe->flags)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	switch (sqe->opc) {
	case NVM_ADMIN_OPC_DELETE_SQ:
		return emu_admin_delete_sq(thread, sqe);
	case NVM_ADMIN_OPC_CREATE_SQ:
		return emu_admin_create_sq(thread, sqe);
	case NVM_ADMIN_OPC_GET_LOG_PAGE:
		return emu_log_get(emu, sqe);
	case NVM_ADMIN_OPC_DELETE_CQ:
		return emu_admin_delete_cq(thread, sqe);
	case NVM_ADMIN_OPC_CREATE_CQ:
		return emu_admin_create_cq(thread, sqe);
	case NVM_ADMIN_OPC_IDENTIFY:
		return emu_identify(emu, sqe);
	case NVM_ADMIN_OPC_ABORT:
		return abort_command(thread, sqe, dw0);
	case NVM_ADMIN_OPC_SET_FEATURES:
		return emu_features_set(emu, sqe, dw0);
	case NVM_ADMIN_OPC_GET_FEATURES:
		return emu_features_get(emu, sqe, dw0);
	case NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST:
		return emu_event_request(emu, sqe->cid);
	case NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG:
		return doorbell_buffer_config(thread, sqe);
	case NVM_ADMIN_OPC_FORMAT_NVM:
		return format(emu, sqe);
	default:
		return EMU_FAIL(NVM_SC_INVALID_OPCODE);
	}
}

emu_status_t emu_admin_send(struct emu *emu, const struct nvm_sqe *sqe, const void *buf,
			    size_t buf_len, uint64_t len)
{
	const uint8_t *from = buf;
	struct emu_data data;
	struct iovec iov[16];
	emu_status_t status;
	unsigned int n;
	uint64_t bytes;

	status = emu_data_begin(&data, &emu->admin_data, sqe, len, true);
	while (!status && !emu_data_over(&data)) {
		status = emu_data_next(&data, iov, 16, &n, &bytes);
		for (unsigned int i = 0; !status && i < n; i++) {
			size_t copy = iov[i].iov_len < buf_len ? iov[i].iov_len : buf_len;

			if (copy)
				memcpy(iov[i].iov_base, from, copy);
			memset((uint8_t *)iov[i].iov_base + copy, 0, iov[i].iov_len - copy);
			from += copy;
			buf_len -= copy;
		}
	}
	return status;
}
