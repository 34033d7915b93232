/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reset.c - the transitions of a controller: enable, ready, shutdown, reset, failure.
 */
#include <string.h>

#include "controller.h"
#include "doorbell.h"
#include "fault.h"
#include "registers.h"

static void set_mode(struct emu *emu, enum emu_mode mode)
{
	atomic_store_explicit(&emu->mode, mode, memory_order_release);
}

static bool has_io_queues(const struct emu *emu)
{
	for (uint32_t qid = 1; qid <= emu->config.n_queue_pairs; qid++) {
		if (emu->sqs[qid] || emu->cqs[qid])
			return true;
	}
	return false;
}

/* During a pause: no queues, no commands, nothing that refers to them. */
void emu_ctrl_drop_queues(struct emu *emu)
{
	for (unsigned int i = 0; i < emu->n_threads; i++) {
		emu_rota_clear(&emu->threads[i].rota);
		emu->threads[i].n_cqs = 0;
		emu_pending_clear(&emu->threads[i].pending);
	}
	for (uint32_t qid = 0; qid <= emu->config.n_queue_pairs; qid++) {
		emu_sq_free(emu->sqs[qid]);
		emu->sqs[qid] = NULL;
	}
	for (uint32_t qid = 0; qid <= emu->config.n_queue_pairs; qid++) {
		emu_cq_free(emu->cqs[qid]);
		emu->cqs[qid] = NULL;
	}
	emu->admin_sq = NULL;
	emu->admin_cq = NULL;
	emu->queues_created = false;
	emu->shadow_doorbells = false;
}

/* A Controller Level Reset but for the registers that survive it. */
static void reset(struct emu *emu)
{
	if (has_io_queues(emu) && !NVM_CC_SHN(atomic_load(&emu->regs.cc)))
		atomic_fetch_add(&emu->unclean_disables, 1);
	emu_pause(emu, NULL);
	set_mode(emu, EMU_DISABLED);
	emu_ctrl_drop_queues(emu);
	emu_doorbells_clear(emu);
	emu_event_reset(emu);
	emu_features_reset(emu);
	atomic_store(&emu->shutdown_requested, false);
	atomic_store(&emu->regs.int_mask, 0);
	emu_resume(emu);
}

void emu_ctrl_disable(struct emu *emu)
{
	uint32_t keep = NVM_FIELD_BITS(CSTS_NSSRO);

	reset(emu);
	if (emu_fault_stuck_ready(emu, false))
		keep |= NVM_FIELD_BITS(CSTS_RDY);
	atomic_fetch_and(&emu->regs.csts, keep);
}

void emu_ctrl_power_on(struct emu *emu)
{
	reset(emu);
	emu_registers_reset(emu);
}

void emu_function_reset(struct emu *emu)
{
	pthread_mutex_lock(&emu->lock);
	emu_ctrl_power_on(emu);
	emu_registers_publish(emu);
	pthread_mutex_unlock(&emu->lock);
}

void emu_fatal(struct emu *emu)
{
	/*
	 * Called by anyone in any state and without the lock, from within a round too. Whoever
	 * reads the status sees it; commands end with the mode. Only a reset brings both back.
	 */
	int mode = EMU_RUNNING;

	atomic_fetch_or(&emu->regs.csts, NVM_FIELD_BITS(CSTS_CFS));
	atomic_compare_exchange_strong(&emu->mode, &mode, EMU_FAILED);
}

/* Is CC, with AQA, ASQ and ACQ, one this controller can be enabled with? */
static bool check_enable(const struct emu *emu, uint32_t cc)
{
	uint32_t aqa = atomic_load(&emu->regs.aqa);
	uint32_t page_size = 4096u << NVM_CC_MPS(cc);

	if (NVM_CC_MPS(cc) < emu->config.mpsmin || NVM_CC_MPS(cc) > emu->config.mpsmax)
		return false;
	if (NVM_CC_CSS(cc) != NVM_CC_CSS_NVM || NVM_CC_AMS(cc) != NVM_CC_AMS_RR)
		return false;
	/* 0 may stay until the first I/O queue is created. */
	if (NVM_CC_IOSQES(cc) && NVM_CC_IOSQES(cc) != EMU_SQE_SHIFT)
		return false;
	if (NVM_CC_IOCQES(cc) && NVM_CC_IOCQES(cc) != EMU_CQE_SHIFT)
		return false;
	/* A queue of one entry holds nothing. */
	if (!NVM_AQA_ASQS(aqa) || !NVM_AQA_ACQS(aqa))
		return false;
	return atomic_load(&emu->regs.asq) % page_size == 0 &&
	       atomic_load(&emu->regs.acq) % page_size == 0;
}

static struct emu_ring admin_ring(uint64_t base, uint32_t n, uint8_t shift, uint32_t page_size)
{
	return (struct emu_ring){
		.base = base,
		.n = n,
		.shift = shift,
		.page_shift = (uint8_t)__builtin_ctz(page_size),
	};
}

/* During a pause. False: no memory. */
static bool make_admin_queues(struct emu *emu)
{
	uint32_t aqa = atomic_load(&emu->regs.aqa);
	struct emu_ring ring;

	ring = admin_ring(atomic_load(&emu->regs.acq), NVM_AQA_ACQS(aqa) + 1, EMU_CQE_SHIFT,
			  emu->page_size);
	emu->cqs[0] = emu_cq_new(emu, 0, &ring);
	if (!emu->cqs[0])
		return false;
	emu->cqs[0]->irq_enabled = true; /* the admin queue always has interrupts, vector 0 */
	ring = admin_ring(atomic_load(&emu->regs.asq), NVM_AQA_ASQS(aqa) + 1, EMU_SQE_SHIFT,
			  emu->page_size);
	emu->sqs[0] = emu_sq_new(emu, 0, &ring, emu->cqs[0]);
	if (!emu->sqs[0])
		return false;
	emu->admin_cq = emu->cqs[0];
	emu->admin_sq = emu->sqs[0];
	return true;
}

void emu_ctrl_enable(struct emu *emu)
{
	uint32_t cc = atomic_load(&emu->regs.cc);

	atomic_store(&emu->shutdown_requested, false);
	atomic_fetch_and(&emu->regs.csts, ~(NVM_FIELD_BITS(CSTS_CFS) | NVM_FIELD_BITS(CSTS_SHST)));
	if (!check_enable(emu, cc)) {
		atomic_fetch_or(&emu->regs.csts, NVM_FIELD_BITS(CSTS_CFS));
		set_mode(emu, EMU_FAILED);
		return;
	}
	emu_pause(emu, NULL);
	emu->page_size = 4096u << NVM_CC_MPS(cc);
	emu->admin_data.page_size = emu->page_size;
	for (unsigned int i = 0; i < emu->n_threads; i++)
		emu->threads[i].io.data.page_size = emu->page_size;
	emu_doorbells_clear(emu);
	atomic_store(&emu->ready_at_ns, emu_now_ns() + emu->config.ready_ms * UINT64_C(1000000));
	set_mode(emu, EMU_ENABLING);
	emu_resume(emu);
	emu_ctrl_tick(emu, NULL);
}

bool emu_ctrl_due(struct emu *emu)
{
	return emu_mode(emu) == EMU_ENABLING && emu_now_ns() >= atomic_load(&emu->ready_at_ns);
}

void emu_ctrl_tick(struct emu *emu, const struct emu_thread *self)
{
	if (!emu_ctrl_due(emu))
		return;
	if (emu_fault_stuck_ready(emu, true)) {
		set_mode(emu, EMU_FAILED);
		return;
	}
	emu_pause(emu, self);
	if (make_admin_queues(emu)) {
		set_mode(emu, EMU_RUNNING);
		atomic_fetch_or(&emu->regs.csts, NVM_FIELD_BITS(CSTS_RDY));
	} else {
		emu_ctrl_drop_queues(emu);
		set_mode(emu, EMU_FAILED);
		atomic_fetch_or(&emu->regs.csts, NVM_FIELD_BITS(CSTS_CFS));
	}
	emu_resume(emu);
	emu_registers_publish(emu);
}

void emu_ctrl_shutdown(struct emu *emu)
{
	/* Bit by bit: a polling thread may set CSTS.CFS at any time. */
	atomic_fetch_or(&emu->regs.csts, NVM_FIELD(CSTS_SHST, NVM_SHST_OCCURRING));
	atomic_fetch_and(&emu->regs.csts, ~NVM_FIELD(CSTS_SHST, NVM_SHST_COMPLETE));
	atomic_store(&emu->shutdown_requested, true);
}

void emu_ctrl_finish_shutdown(struct emu *emu)
{
	int mode = EMU_RUNNING;
	bool failed = false;

	atomic_store(&emu->shutdown_requested, false);
	/* Other threads end their round: writes that are under way are flushed too. */
	emu_pause(emu, &emu->threads[0]);
	atomic_compare_exchange_strong(&emu->mode, &mode, EMU_SHUTDOWN);
	emu_resume(emu);
	for (unsigned int i = 0; i < emu->ns.n; i++)
		failed |= emu->ns.ns[i]->ops->flush(emu->ns.ns[i]) != 0;
	if (failed)
		emu_fatal(emu);
	atomic_fetch_xor(&emu->regs.csts, NVM_FIELD(CSTS_SHST, NVM_SHST_OCCURRING) |
						  NVM_FIELD(CSTS_SHST, NVM_SHST_COMPLETE));
	emu_registers_publish(emu);
}
