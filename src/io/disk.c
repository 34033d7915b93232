/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk.c - nvm_disk_t: open, close, and synchronous calls of any thread on a pool of queue pairs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/aq.h"
#include "controller/error.h"
#include "controller/options.h"
#include "io/disk.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_dma.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define DEFAULT_DEPTH      64
#define DEFAULT_TIMEOUT_MS 30000

static void destroy_queue(struct nvmi_disk_queue *q)
{
	nvm_qpair_destroy(q->qp);
	nvm_buf_destroy(q->bounce);
}

/* The namespace, and what there is to be told of it and its controller. */
static int learn(struct nvm_disk *disk, uint32_t ns_id)
{
	nvm_dma_t *page;
	size_t mdts;
	int err = nvm_ns_init(&disk->ns, disk->aq, ns_id);

	if (err == 0 && disk->ns.metadata_size != 0)
		err = nvmi_fail(ENOTSUP,
				"namespace %" PRIu32 " has %" PRIu32
				" bytes of metadata per block: nvm_disk_t "
				"reads and writes plain blocks only; format it without metadata",
				disk->ns.ns_id, disk->ns.metadata_size);
	if (err == 0)
		err = nvm_dma_create(&page, nvm_ctrl_from_aq_ref(disk->aq), 4096);
	if (err != 0)
		return err;
	err = nvm_admin_ctrl_info(disk->aq, &disk->ctrl_info, page->vaddr, page->ioaddrs[0]);
	if (err == 0)
		err = nvm_admin_ns_info(disk->aq, &disk->ns_info, disk->ns.ns_id, page->vaddr,
					page->ioaddrs[0]);
	nvmi_aq_release_memory(disk->aq, page, err);

	mdts = disk->ctrl_info.max_data_size;
	disk->direct_size = mdts < NVMI_DISK_DIRECT_SIZE ? mdts : NVMI_DISK_DIRECT_SIZE;
	disk->bounce_size = mdts < NVMI_DISK_BOUNCE_SIZE ? mdts : NVMI_DISK_BOUNCE_SIZE;
	return err;
}

/* There are no more queues, or no more memory for them, but nothing is wrong with the controller. */
static bool is_shortage(int err)
{
	return err < 0 || err == ENOSPC || err == ENOMEM;
}

static int make_queue(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint32_t depth)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;

	options.depth = depth;
	options.timeout_ms = disk->timeout_ms;
	/* No request is longer than what the tables of a buffer serve. */
	options.n_lists = 1;
	q->n_slots = depth - 1 < NVMI_DISK_SLOTS ? depth - 1 : NVMI_DISK_SLOTS;
	for (unsigned int i = 0; i < q->n_slots; ++i)
		q->free[i] = (uint8_t)(q->n_slots - 1 - i);
	return nvm_qpair_create(&q->qp, disk->aq, &options);
}

/* The number of queues is asked for once: say how many these are going to be. */
static int ask_for_queues(struct nvm_disk *disk, uint16_t wanted)
{
	uint16_t qid;
	int err = nvmi_aq_take_qid(disk->aq, wanted, &qid);

	if (err == 0)
		nvmi_aq_return_qid(disk->aq, qid);
	return err;
}

static int make_queues(struct nvm_disk *disk, const struct nvm_disk_options *options)
{
	const nvm_ctrl_t *ctrl = nvm_ctrl_from_aq_ref(disk->aq);
	uint32_t depth = options->queue_depth != 0 ? options->queue_depth : DEFAULT_DEPTH;
	uint32_t wanted = options->n_queues != 0 ? options->n_queues : 1;
	int err;

	if (depth < 2 || depth > 65536 || wanted > UINT16_MAX)
		return nvmi_fail(EINVAL, "queue_depth must be 2..65536 and n_queues at most 65535");
	if (depth > ctrl->max_entries)
		depth = ctrl->max_entries;
	err = ask_for_queues(disk, (uint16_t)wanted);
	if (err != 0)
		return err;
	disk->queues = calloc(wanted, sizeof(*disk->queues));
	if (disk->queues == NULL)
		return nvmi_fail(ENOMEM, "out of memory for %" PRIu32 " queues", wanted);

	for (uint32_t i = 0; i < wanted; ++i) {
		struct nvmi_disk_queue *q = &disk->queues[i];

		err = make_queue(disk, q, depth);
		/* Fewer queues than wished for will do, none will not. */
		if (err != 0)
			return i > 0 && is_shortage(err) ? 0 : err;
		q->free_next = disk->free_queues;
		disk->free_queues = q;
		++disk->n_queues;
	}
	return 0;
}

/* The caller's options over the defaults, whatever size of structure it was compiled with. */
static int take_options(struct nvm_disk_options *taken, const struct nvm_disk_options *options)
{
	int err;

	*taken = (struct nvm_disk_options)NVM_DISK_OPTIONS_INIT;
	err = nvmi_options_read(taken, sizeof(*taken), options, "NVM_DISK_OPTIONS_INIT");
	if (err == 0 && taken->reserved != 0)
		err = nvmi_fail(EINVAL, "options.reserved is 0x%x: it must be 0", taken->reserved);
	return err;
}

int nvm_disk_attach(nvm_disk_t **disk, nvm_aq_ref ref, const struct nvm_disk_options *options)
{
	struct nvm_disk_options taken;
	struct nvm_disk *d;
	int err = take_options(&taken, options);

	*disk = NULL;
	if (err != 0)
		return err;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return nvmi_fail(ENOMEM, "out of memory for a disk");
	d->aq = ref;
	d->timeout_ms = taken.timeout_ms != 0 ? taken.timeout_ms : DEFAULT_TIMEOUT_MS;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->queue_free, NULL);
	pthread_rwlock_init(&d->memory_lock, NULL);

	err = learn(d, taken.ns_id);
	if (err == 0)
		err = make_queues(d, &taken);
	if (err != 0) {
		nvm_disk_close(d);
		return err;
	}
	*disk = d;
	return 0;
}

int nvm_disk_open(nvm_disk_t **disk, const char *uri, const struct nvm_disk_options *options)
{
	struct nvm_disk_options taken;
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	int err = take_options(&taken, options);

	*disk = NULL;
	if (err != 0)
		return err;
	err = nvm_ctrl_open(&ctrl, uri, taken.ctrl);
	if (err != 0)
		return err;
	err = nvm_aq_open(&aq, ctrl);
	if (err == 0) {
		err = nvm_disk_attach(disk, aq, &taken);
		if (err == 0) {
			(*disk)->ctrl = ctrl;
			(*disk)->owns_aq = true;
			return 0;
		}
		nvm_aq_destroy(aq);
	}
	nvm_ctrl_free(ctrl);
	return err;
}

void nvm_disk_close(nvm_disk_t *disk)
{
	struct nvmi_message message;

	if (disk == NULL)
		return;
	nvmi_message_save(&message);
	for (unsigned int i = 0; i < disk->n_queues; ++i)
		destroy_queue(&disk->queues[i]);
	free(disk->queues);
	if (disk->owns_aq)
		nvm_aq_destroy(disk->aq);
	/* Only now: no queue is left that could name this memory. */
	while (disk->memory != NULL)
		nvm_disk_free(disk, disk->memory->buf->vaddr);
	nvm_ctrl_free(disk->ctrl);
	pthread_rwlock_destroy(&disk->memory_lock);
	pthread_cond_destroy(&disk->queue_free);
	pthread_mutex_destroy(&disk->lock);
	free(disk);
	nvmi_message_restore(&message);
}

/* A queue that no other call uses; NULL with message if all are broken. */
static struct nvmi_disk_queue *take_queue(struct nvm_disk *disk)
{
	struct nvmi_disk_queue *q;

	pthread_mutex_lock(&disk->lock);
	while (disk->free_queues == NULL && disk->n_broken < disk->n_queues)
		pthread_cond_wait(&disk->queue_free, &disk->lock);
	q = disk->free_queues;
	if (q != NULL)
		disk->free_queues = q->free_next;
	pthread_mutex_unlock(&disk->lock);
	if (q == NULL)
		nvmi_fail(EIO,
			  "no queue is left after earlier failures: close the disk and open it "
			  "again");
	return q;
}

static void return_queue(struct nvm_disk *disk, struct nvmi_disk_queue *q)
{
	pthread_mutex_lock(&disk->lock);
	if (q->broken) {
		/* It may have been the last: nobody need wait for another then. */
		++disk->n_broken;
		pthread_cond_broadcast(&disk->queue_free);
	} else {
		q->free_next = disk->free_queues;
		disk->free_queues = q;
		pthread_cond_signal(&disk->queue_free);
	}
	pthread_mutex_unlock(&disk->lock);
}

/* Memory of nvm_disk_alloc() that holds the whole buffer, or NULL. PRPs are multiples of 4. */
static const nvm_buf_t *find_memory(struct nvm_disk *disk, const unsigned char *buffer, size_t size)
{
	const nvm_buf_t *found = NULL;

	if ((uintptr_t)buffer % 4 != 0)
		return NULL;
	pthread_rwlock_rdlock(&disk->memory_lock);
	for (struct nvmi_disk_memory *m = disk->memory; m != NULL && found == NULL; m = m->next) {
		uintptr_t start = (uintptr_t)m->buf->vaddr;
		size_t length = m->buf->size;

		if ((uintptr_t)buffer >= start && (uintptr_t)buffer - start < length &&
		    size <= length - ((uintptr_t)buffer - start))
			found = m->buf;
	}
	pthread_rwlock_unlock(&disk->memory_lock);
	return found;
}

static int transfer(struct nvm_disk *disk, uint8_t opcode, unsigned char *buffer, uint64_t lba,
		    size_t n_blocks)
{
	uint64_t size = disk->ns_info.size;
	struct nvmi_disk_queue *q;
	const nvm_buf_t *memory;
	int err;

	if (n_blocks == 0 || buffer == NULL)
		return nvmi_fail(EINVAL, "a transfer needs a buffer and at least one block");
	if (lba >= size || n_blocks > size - lba)
		return nvmi_fail(ERANGE,
				 "%zu blocks from block %" PRIu64
				 " reach beyond the namespace, which has "
				 "%" PRIu64 " blocks",
				 n_blocks, lba, size);

	memory = find_memory(disk, buffer, n_blocks * disk->ns_info.lba_data_size);
	q = take_queue(disk);
	if (q == NULL)
		return EIO;
	err = nvmi_disk_transfer(disk, q, opcode, buffer, memory, lba, n_blocks);
	return_queue(disk, q);
	return err;
}

int nvm_disk_read(nvm_disk_t *disk, void *buffer, uint64_t lba, size_t n_blocks)
{
	return transfer(disk, NVM_IO_READ, buffer, lba, n_blocks);
}

int nvm_disk_write(nvm_disk_t *disk, const void *buffer, uint64_t lba, size_t n_blocks)
{
	return transfer(disk, NVM_IO_WRITE, (unsigned char *)(uintptr_t)buffer, lba, n_blocks);
}

int nvm_disk_flush(nvm_disk_t *disk)
{
	struct nvmi_disk_queue *q = take_queue(disk);
	int err;

	if (q == NULL)
		return EIO;
	err = nvmi_disk_flush(disk, q);
	return_queue(disk, q);
	return err;
}

void *nvm_disk_alloc(nvm_disk_t *disk, size_t size)
{
	const nvm_ctrl_t *ctrl = nvm_ctrl_from_aq_ref(disk->aq);
	struct nvmi_disk_memory *m = malloc(sizeof(*m));
	nvm_dma_t *dma;
	int err;

	if (m == NULL) {
		nvmi_fail(ENOMEM, "out of memory");
		return NULL;
	}
	err = nvm_dma_create(&dma, ctrl, size);
	if (err == 0) {
		err = nvm_buf_create(&m->buf, ctrl, dma);
		nvm_dma_unmap(dma);
	}
	if (err != 0) {
		free(m);
		return NULL;
	}
	pthread_rwlock_wrlock(&disk->memory_lock);
	m->next = disk->memory;
	disk->memory = m;
	pthread_rwlock_unlock(&disk->memory_lock);
	return m->buf->vaddr;
}

void nvm_disk_free(nvm_disk_t *disk, void *buffer)
{
	struct nvmi_disk_memory *found = NULL;

	if (buffer == NULL)
		return;
	pthread_rwlock_wrlock(&disk->memory_lock);
	for (struct nvmi_disk_memory **m = &disk->memory; *m != NULL; m = &(*m)->next) {
		if ((*m)->buf->vaddr != buffer)
			continue;
		found = *m;
		*m = found->next;
		break;
	}
	pthread_rwlock_unlock(&disk->memory_lock);
	if (found != NULL)
		nvm_buf_destroy(found->buf);
	free(found);
}

size_t nvm_disk_block_size(const nvm_disk_t *disk)
{
	return disk->ns_info.lba_data_size;
}

uint64_t nvm_disk_n_blocks(const nvm_disk_t *disk)
{
	return disk->ns_info.size;
}

const struct nvm_ctrl_info *nvm_disk_ctrl_info(const nvm_disk_t *disk)
{
	return &disk->ctrl_info;
}

const struct nvm_ns_info *nvm_disk_ns_info(const nvm_disk_t *disk)
{
	return &disk->ns_info;
}

nvm_aq_ref nvm_disk_aq(const nvm_disk_t *disk)
{
	return disk->aq;
}
