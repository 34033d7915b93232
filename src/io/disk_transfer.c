/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_transfer.c - one synchronous call on one queue pair: cut into requests, data copied where it has
 * to be, until nothing is in flight. Limits of commands, deadlines and recovery are the queue pair's.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "controller/aq.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "io/disk.h"
#include "io/qpair.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* How long to wait for a completion before looking again, ms: the queue pair has its own deadlines. */
#define WAIT_MS 1000

/* How often a request is submitted again that was lost with its queue. */
#define MAX_AGAIN 3

#define NS_PER_MS 1000000U

/* What is left to submit of a call, and how it went so far. */
struct nvmi_disk_transfer {
	struct nvm_disk *disk;
	struct nvmi_disk_queue *q;
	uint8_t opcode;
	unsigned char *buffer;
	const nvm_buf_t *memory; /* that @buffer lies in, or NULL to copy */
	uint64_t first_lba;
	unsigned int n_faults; /* of the controller, before the call */
	uint64_t lba;
	size_t n_blocks;
	size_t chunk; /* blocks per request */
	int status;   /* of the failed request with the lowest LBA; an errno goes before those */
	uint64_t failed_lba;
};

static void note_failure(struct nvmi_disk_transfer *t, int status, uint64_t lba)
{
	bool worse = t->status == 0 || (status > 0 && t->status < 0);
	bool lower = (status > 0) == (t->status > 0) && lba < t->failed_lba;

	if (!worse && !lower)
		return;
	t->status = status;
	t->failed_lba = lba;
}

static size_t bounce_offset(const struct nvmi_disk_transfer *t, const struct nvmi_disk_slot *slot)
{
	return (size_t)(slot - t->q->slots) * t->disk->bounce_size;
}

static unsigned char *bounce_part(const struct nvmi_disk_transfer *t,
				  const struct nvmi_disk_slot *slot)
{
	return (unsigned char *)t->q->bounce->vaddr + bounce_offset(t, slot);
}

static void give_slot(struct nvmi_disk_queue *q, const struct nvmi_disk_slot *slot)
{
	--q->n_busy;
	q->free[q->n_slots - q->n_busy - 1] = (uint8_t)(slot - q->slots);
}

static void has_completed(void *arg, int status, uint32_t result);

static int submit(struct nvmi_disk_slot *slot)
{
	struct nvmi_disk_transfer *t = slot->transfer;

	slot->start_ns = nvmi_now_ns();
	if (t->opcode == NVM_IO_FLUSH)
		return nvm_qpair_flush(t->q->qp, &t->disk->ns, has_completed, slot);
	return nvm_qpair_rw_(t->q->qp, t->opcode, &t->disk->ns, slot->buf, slot->offset, slot->lba,
			     (uint32_t)(slot->size / t->disk->ns_info.lba_data_size), has_completed,
			     slot);
}

/*
 * Was the request lost with its queue, and for no fault of this queue's? Another queue's recovery has reset
 * the controller then. It may have been executed, which does not matter: it is the same once more.
 */
static bool is_innocent(const struct nvmi_disk_transfer *t, int status)
{
	return status < 0 && (-status & 0x7ff) == NVM_SC_ABORTED_SQ_DELETION && t->status == 0 &&
	       t->q->qp->priv->recovery.n_faults == t->n_faults;
}

static void has_completed(void *arg, int status, uint32_t result)
{
	struct nvmi_disk_slot *slot = arg;
	struct nvmi_disk_transfer *t = slot->transfer;

	(void)result;
	if (is_innocent(t, status) && slot->n_again++ < MAX_AGAIN && submit(slot) == 0)
		return;
	if (status == 0 && slot->copy_to != NULL)
		memcpy(slot->copy_to, bounce_part(t, slot), slot->size);
	/* A queue pair that fails over commands that are late ends them all in the same way. */
	if (status == EIO && (nvmi_now_ns() - slot->start_ns) / NS_PER_MS > t->disk->timeout_ms)
		status = ETIME;
	if (status != 0)
		note_failure(t, status, slot->lba);
	give_slot(t->q, slot);
}

/* The next request; false if it must wait for others to complete. */
static bool submit_next(struct nvmi_disk_transfer *t)
{
	struct nvmi_disk_queue *q = t->q;
	size_t n = t->n_blocks < t->chunk ? t->n_blocks : t->chunk;
	struct nvmi_disk_slot *slot = &q->slots[q->free[q->n_slots - q->n_busy - 1]];
	size_t size = n * t->disk->ns_info.lba_data_size;
	int err;

	*slot = (struct nvmi_disk_slot){
		.transfer = t, .lba = t->lba, .buf = t->memory, .size = size};
	if (t->memory != NULL) {
		slot->offset = (size_t)(t->buffer - (unsigned char *)t->memory->vaddr);
	} else {
		slot->buf = q->bounce;
		slot->offset = bounce_offset(t, slot);
		if (t->opcode == NVM_IO_READ)
			slot->copy_to = t->buffer;
		else
			memcpy(bounce_part(t, slot), t->buffer, size);
	}
	err = submit(slot);
	if (err == EAGAIN)
		return false;
	if (err != 0) {
		note_failure(t, err, t->lba);
		return false;
	}
	++q->n_busy;
	t->buffer += size;
	t->lba += n;
	t->n_blocks -= n;
	return true;
}

static void submit_what_fits(struct nvmi_disk_transfer *t)
{
	nvm_qpair_plug(t->q->qp);
	while (t->n_blocks > 0 && t->status == 0 && t->q->n_busy < t->q->n_slots && submit_next(t))
		;
	nvm_qpair_unplug(t->q->qp);
}

/*
 * Before anything is submitted: another queue's recovery may have reset the controller, and this one's
 * queues are gone then, which is better known now than when they do not answer.
 */
static void notice_reset(nvm_qpair_t *qp)
{
	struct nvmi_qpair_recovery *r = &qp->priv->recovery;

	if (nvmi_aq_settled_generation(qp->priv->aq) == r->generation)
		return;
	r->look_ns = 0;
	nvm_qpair_tick_(qp);
}

/* Collect, and submit what is left, until everything is done. */
static void run(struct nvmi_disk_transfer *t)
{
	nvm_qpair_t *qp = t->q->qp;

	while (t->q->n_busy > 0 || (t->n_blocks > 0 && t->status == 0)) {
		if (nvm_qpair_poll(qp, NVMI_DISK_SLOTS) == 0)
			(void)nvm_qpair_wait(qp, WAIT_MS);
		submit_what_fits(t);
	}
	t->q->broken = qp->priv->failed != 0;
	/* Who completes what was not submitted may be wrong about the rest. */
	if (t->status == 0 && qp->priv->recovery.n_faults != t->n_faults)
		note_failure(t, EIO, t->first_lba);
}

static const char *name_of(uint8_t opcode)
{
	return opcode == NVM_IO_READ ? "read" : opcode == NVM_IO_WRITE ? "write" : "flush";
}

/* Cause and remedy, in terms of the call. */
static int describe(const struct nvmi_disk_transfer *t)
{
	const struct nvm_disk *disk = t->disk;
	const char *name = nvm_ctrl_name(nvm_ctrl_from_aq_ref(disk->aq));
	const char *why = t->q->qp->priv->recovery.why;
	int code = -t->status & 0x7ff;

	if (t->status == 0)
		return 0;
	/* What the queue pair has aborted for being late has an NVMe status. */
	if (t->status == ETIME || (t->status < 0 && code == NVM_SC_ABORT_REQUESTED))
		return nvmi_fail(ETIME,
				 "no completion within %" PRIu64
				 " ms for a command at block %" PRIu64
				 ": the disk hangs, or needs a longer timeout",
				 disk->timeout_ms, t->failed_lba);
	if (t->status == ENODEV)
		return nvmi_fail(ENODEV, "%s does not answer any more: removed or powered off?",
				 name);
	/* It has taken all its commands with it, and not for being late. */
	if (t->status > 0 || code == NVM_SC_ABORTED_SQ_DELETION)
		return nvmi_fail(EIO, "%s of the command at block %" PRIu64 ": %s: %s%s",
				 name_of(t->opcode), t->failed_lba, name,
				 why != NULL ? why : "the queue pair has failed",
				 t->q->broken ? ": open it again" : "");
	return nvmi_fail(t->status, "%s of the command at block %" PRIu64 ": %s",
			 name_of(t->opcode), t->failed_lba, nvm_strerror(t->status));
}

static int make_bounce(struct nvm_disk *disk, struct nvmi_disk_queue *q)
{
	const nvm_ctrl_t *ctrl = nvm_ctrl_from_aq_ref(disk->aq);
	nvm_dma_t *dma;
	int err = nvm_dma_create(&dma, ctrl, q->n_slots * disk->bounce_size);

	if (err != 0)
		return err;
	err = nvm_buf_create(&q->bounce, ctrl, dma);
	nvm_dma_unmap(dma);
	return err;
}

int nvmi_disk_transfer(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode,
		       unsigned char *buffer, const nvm_buf_t *memory, uint64_t lba,
		       size_t n_blocks)
{
	struct nvmi_disk_transfer t = {
		.disk = disk,
		.q = q,
		.opcode = opcode,
		.buffer = buffer,
		.memory = memory,
		.lba = lba,
		.first_lba = lba,
		.n_faults = q->qp->priv->recovery.n_faults,
		.n_blocks = n_blocks,
		.chunk = (memory != NULL ? disk->direct_size : disk->bounce_size) /
			 disk->ns_info.lba_data_size,
	};
	int err;

	if (memory == NULL && q->bounce == NULL) {
		err = make_bounce(disk, q);
		if (err != 0)
			return err;
	}
	notice_reset(q->qp);
	submit_what_fits(&t);
	run(&t);
	return describe(&t);
}

int nvmi_disk_flush(struct nvm_disk *disk, struct nvmi_disk_queue *q)
{
	struct nvmi_disk_transfer t = {
		.disk = disk,
		.q = q,
		.opcode = NVM_IO_FLUSH,
		.n_faults = q->qp->priv->recovery.n_faults,
	};
	struct nvmi_disk_slot *slot = &q->slots[q->free[q->n_slots - 1]];
	int err;

	notice_reset(q->qp);
	*slot = (struct nvmi_disk_slot){.transfer = &t};
	err = submit(slot);
	if (err != 0)
		note_failure(&t, err, 0);
	else
		++q->n_busy;
	run(&t);
	return describe(&t);
}
