/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_transfer.c - one synchronous call on one queue pair: split, keep the queue filled, reap by
 * CID, end with nothing in flight.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "controller/admin.h"
#include "controller/aq.h"
#include "controller/bringup.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "io/disk.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

/* However soon commands are to complete, so long may deleting a queue that has some take, ms. */
#define MIN_DELETE_MS 1000

/* What is left to submit of a call, and how it went so far. */
struct transfer {
	struct nvm_disk *disk;
	struct nvmi_disk_queue *q;
	uint8_t opcode;
	unsigned char *buffer;
	const nvm_dma_t *dma;
	uint64_t lba;
	size_t n_blocks;
	size_t chunk; /* blocks per command */
	int status;   /* of the failed command with the lowest LBA */
	uint64_t failed_lba;
};

static unsigned int free_slot(const struct nvmi_disk_queue *q)
{
	unsigned int i = 0;

	while (q->slots[i].busy)
		++i;
	return i;
}

/* The CID of a slot's next command. FFFFh is not used: some controllers give it a meaning. */
static uint16_t next_cid(uint16_t last, unsigned int index)
{
	uint16_t cid = (uint16_t)((last & ~(NVMI_DISK_SLOTS - 1)) + NVMI_DISK_SLOTS + index);

	return cid == UINT16_MAX ? (uint16_t)index : cid;
}

/* Point the command at memory that the slot owns, copying what is to be written. */
static void use_bounce(struct transfer *t, struct nvmi_disk_slot *slot, nvm_cmd_t *cmd,
		       unsigned int index)
{
	struct nvmi_disk_queue *q = t->q;
	size_t page_size = q->rings->page_size;
	size_t part = (size_t)index * t->disk->bounce_size;
	size_t list_page = q->lists / page_size + index;
	size_t n_pages = (slot->size + page_size - 1) / page_size;

	if (t->opcode == NVM_IO_READ)
		slot->copy_to = t->buffer;
	else
		memcpy((unsigned char *)q->bounce->vaddr + part, t->buffer, slot->size);
	/* Parts smaller than a page lie side by side in it; others are whole pages (powers of two). */
	nvm_cmd_data_chain(cmd, page_size, n_pages, part % page_size,
			   NVM_DMA_OFFSET(q->rings, list_page), &q->rings->ioaddrs[list_page],
			   &q->bounce->ioaddrs[part / page_size]);
}

/* Point the command at the caller's own memory. */
static void use_memory(struct transfer *t, struct nvmi_disk_slot *slot, nvm_cmd_t *cmd,
		       unsigned int index)
{
	struct nvmi_disk_queue *q = t->q;
	size_t page_size = t->dma->page_size;
	size_t start = (size_t)(t->buffer - (unsigned char *)t->dma->vaddr);
	size_t offset = start % page_size;
	size_t list_page = q->lists / page_size + index;
	size_t n_pages = (offset + slot->size + page_size - 1) / page_size;

	nvm_cmd_data_chain(cmd, page_size, n_pages, offset, NVM_DMA_OFFSET(q->rings, list_page),
			   &q->rings->ioaddrs[list_page], &t->dma->ioaddrs[start / page_size]);
}

/* Take the slot of the next command, with its header filled in. */
static nvm_cmd_t *begin_command(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode,
				unsigned int *index)
{
	struct nvmi_disk_slot *slot;
	nvm_cmd_t *cmd;

	if (q->n_busy == q->n_slots)
		return NULL;
	cmd = nvm_sq_enqueue(&q->sq);
	if (cmd == NULL)
		return NULL;
	*index = free_slot(q);
	slot = &q->slots[*index];
	*slot = (struct nvmi_disk_slot){
		.busy = true,
		.cid = next_cid(slot->cid, *index),
		.deadline_ns = nvmi_deadline_ns(disk->timeout_ms),
	};
	nvm_cmd_header(cmd, slot->cid, opcode, disk->ns_info.ns_id);
	++q->n_busy;
	return cmd;
}

static void submit_what_fits(struct transfer *t)
{
	size_t block_size = t->disk->ns_info.lba_data_size;

	while (t->n_blocks > 0 && t->status == 0) {
		size_t n = t->n_blocks < t->chunk ? t->n_blocks : t->chunk;
		struct nvmi_disk_slot *slot;
		unsigned int index;
		nvm_cmd_t *cmd = begin_command(t->disk, t->q, t->opcode, &index);

		if (cmd == NULL)
			break;
		slot = &t->q->slots[index];
		slot->lba = t->lba;
		slot->size = n * block_size;
		if (t->dma != NULL)
			use_memory(t, slot, cmd, index);
		else
			use_bounce(t, slot, cmd, index);
		nvm_cmd_rw_blks(cmd, t->lba, (uint32_t)n);

		t->buffer += n * block_size;
		t->lba += n;
		t->n_blocks -= n;
	}
	nvm_sq_submit(&t->q->sq);
}

/* One completion: 0, or EIO if it is not one that the controller may send. */
static int complete(struct transfer *t, const nvm_cpl_t *cpl)
{
	struct nvmi_disk_queue *q = t->q;
	uint16_t cid = *NVM_CPL_CID(cpl);
	uint16_t sq_head = *NVM_CPL_SQHD(cpl);
	unsigned int index = cid % NVMI_DISK_SLOTS;
	struct nvmi_disk_slot *slot = &q->slots[index];
	int status = nvm_err_from_cpl(cpl);

	if (!slot->busy || slot->cid != cid || sq_head >= q->sq.max_entries)
		return nvmi_fail(
			EIO,
			"controller fault on queue %u: completion with CID %u and SQ head %u "
			"that no command in flight has",
			(unsigned int)q->id, (unsigned int)cid, (unsigned int)sq_head);
	/*
	 * One slot for one completion: a command that has completed was fetched, and fewer are in
	 * flight than the ring has slots. The SQ head of an overtaken completion is an old one.
	 */
	nvm_sq_update(&q->sq);
	if (status == 0 && slot->copy_to != NULL)
		memcpy(slot->copy_to,
		       (unsigned char *)q->bounce->vaddr + (size_t)index * t->disk->bounce_size,
		       slot->size);
	if (status != 0 && (t->status == 0 || slot->lba < t->failed_lba)) {
		t->status = status;
		t->failed_lba = slot->lba;
	}
	slot->busy = false;
	--q->n_busy;
	return 0;
}

static int reap(struct transfer *t, unsigned int *n)
{
	nvm_cpl_t *cpl;

	*n = 0;
	while ((cpl = nvm_cq_dequeue(&t->q->cq)) != NULL) {
		int err = complete(t, cpl);

		if (err != 0)
			return err;
		++*n;
	}
	nvm_cq_update(&t->q->cq);
	return 0;
}

/*
 * Is there a reason not to wait any longer? Called only when nothing completes. @seen_ns: a time after
 * which completions were looked for, so that nothing is late because this program was: stopped, or
 * without a processor.
 */
static int look_for_trouble(const struct transfer *t, uint64_t seen_ns)
{
	const nvm_ctrl_t *ctrl = nvm_ctrl_from_aq_ref(t->disk->aq);
	uint32_t csts = nvm_ctrl_read32(ctrl, NVM_REG_CSTS);

	if (csts == UINT32_MAX)
		return nvmi_fail(ENODEV, "%s does not answer any more: removed or powered off?",
				 nvm_ctrl_name(ctrl));
	if (NVM_CSTS_CFS(csts))
		return nvmi_fail(
			EIO, "%s reports a fatal error (CSTS.CFS): it must be reset; open it again",
			nvm_ctrl_name(ctrl));
	if (!NVM_CSTS_RDY(csts))
		return nvmi_fail(EIO,
				 "%s was reset or disabled, and its queues are gone: open it again",
				 nvm_ctrl_name(ctrl));
	for (unsigned int i = 0; i < t->q->n_slots; ++i)
		if (t->q->slots[i].busy && seen_ns > t->q->slots[i].deadline_ns)
			return nvmi_fail(ETIME,
					 "no completion within %" PRIu64
					 " ms for a command at block %" PRIu64
					 ": the disk hangs, or needs a longer timeout",
					 t->disk->timeout_ms, t->q->slots[i].lba);
	return 0;
}

/*
 * Commands are in flight that will not be waited for: take the queue away from the controller, so
 * that it cannot write to their memory any more, and make it anew. Where it does not let go of the
 * queue, stopping it is what is left.
 */
static void recover(struct nvm_disk *disk, struct nvmi_disk_queue *q)
{
	/* Deleting may take as long as a command, and not the minute that admin commands have. */
	uint64_t ms = disk->timeout_ms > MIN_DELETE_MS ? disk->timeout_ms : MIN_DELETE_MS;
	int err = nvmi_admin_delete_queue(disk->aq, false, q->id, ms);

	if (err == 0)
		err = nvmi_admin_delete_queue(disk->aq, true, q->id, ms);
	q->broken = err != 0 || nvmi_disk_queue_create(disk, q, 0) != 0;
	if (!q->broken)
		return;
	nvmi_log(NVMI_LOG_ERROR, "queue %u cannot be recovered: %s", (unsigned int)q->id,
		 nvm_errmsg());
	if (err != 0)
		nvmi_bringup_halt(disk->aq->ctrl);
}

/* Submit and reap until everything is done. */
static int run(struct transfer *t)
{
	struct nvmi_waiter waiter;
	uint64_t seen_ns = 0;
	struct nvmi_message message;
	unsigned int n;
	int err = 0;

	submit_what_fits(t);
	nvmi_wait_begin(&waiter, nvmi_deadline_ns(1));
	while (t->q->n_busy > 0 && err == 0) {
		err = reap(t, &n);
		if (err == 0 && n > 0) {
			submit_what_fits(t);
			nvmi_wait_begin(&waiter, nvmi_deadline_ns(1));
		} else if (err == 0 && !nvmi_wait_again(&waiter)) {
			err = look_for_trouble(t, seen_ns);
			seen_ns = nvmi_now_ns();
			waiter.deadline_ns = nvmi_deadline_ns(1);
		}
	}
	if (err == 0)
		return t->status;
	/* What went wrong, and not what recovering from it met with. */
	nvmi_message_save(&message);
	recover(t->disk, t->q);
	nvmi_message_restore(&message);
	return err;
}

static int describe_failure(const struct transfer *t, int status)
{
	if (status >= 0)
		return status;
	return nvmi_fail(status, "%s of the command at block %" PRIu64 ": %s",
			 t->opcode == NVM_IO_READ    ? "read"
			 : t->opcode == NVM_IO_WRITE ? "write"
						     : "flush",
			 t->failed_lba, nvm_strerror(status));
}

int nvmi_disk_transfer(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode,
		       unsigned char *buffer, const nvm_dma_t *dma, uint64_t lba, size_t n_blocks)
{
	struct transfer t = {
		.disk = disk,
		.q = q,
		.opcode = opcode,
		.buffer = buffer,
		.dma = dma,
		.lba = lba,
		.n_blocks = n_blocks,
		.chunk = (dma != NULL ? disk->direct_size : disk->bounce_size) /
			 disk->ns_info.lba_data_size,
	};
	int err;

	if (dma == NULL && q->bounce == NULL) {
		err = nvm_dma_create(&q->bounce, nvm_ctrl_from_aq_ref(disk->aq),
				     q->n_slots * disk->bounce_size);
		if (err != 0)
			return err;
	}
	return describe_failure(&t, run(&t));
}

int nvmi_disk_command(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint8_t opcode)
{
	struct transfer t = {.disk = disk, .q = q, .opcode = opcode};
	unsigned int index;

	begin_command(disk, q, opcode, &index);
	return describe_failure(&t, run(&t));
}
