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
#include "nvm_queue.h"
#include "nvm_spec.h"

#define DEFAULT_DEPTH      64
#define DEFAULT_TIMEOUT_MS 30000

int nvmi_disk_queue_create(struct nvm_disk *disk, struct nvmi_disk_queue *q, uint16_t wanted_total)
{
	const nvm_ctrl_t *ctrl = nvm_ctrl_from_aq_ref(disk->aq);
	size_t cq_size = nvm_queue_mem_size(ctrl, true, q->depth);
	size_t sq_size = nvm_queue_mem_size(ctrl, false, q->depth);
	int err;

	memset(q->slots, 0, sizeof(q->slots));
	q->n_busy = 0;
	q->n_slots = q->depth - 1 < NVMI_DISK_SLOTS ? q->depth - 1 : NVMI_DISK_SLOTS;
	q->lists = cq_size + sq_size;
	if (q->rings == NULL) {
		err = nvm_dma_create(&q->rings, ctrl, q->lists + q->n_slots * ctrl->page_size);
		if (err != 0)
			return err;
	}
	if (q->id == 0) {
		err = nvmi_aq_take_qid(disk->aq, wanted_total, &q->id);
		if (err != 0)
			return err;
	}
	err = nvm_cq_create(disk->aq, &q->cq, q->id, q->depth, q->rings, 0, -1);
	if (err != 0)
		return err;
	err = nvm_sq_create(disk->aq, &q->sq, &q->cq, q->id, q->depth, q->rings, cq_size);
	if (err != 0)
		nvm_admin_cq_delete(disk->aq, &q->cq);
	return err;
}

static void destroy_queue(struct nvm_disk *disk, struct nvmi_disk_queue *q)
{
	if (!q->broken && nvm_admin_sq_delete(disk->aq, &q->sq, &q->cq) == 0)
		nvm_admin_cq_delete(disk->aq, &q->cq);
	if (q->id != 0)
		nvmi_aq_return_qid(disk->aq, q->id);
	nvm_dma_unmap(q->bounce);
	nvm_dma_unmap(q->rings);
}

/* The namespace that the options name, or the first active one. */
static int find_namespace(struct nvm_disk *disk, uint32_t wanted, nvm_dma_t *buffer)
{
	struct nvm_ns_descs descs;
	uint32_t ns_id = wanted;
	size_t n = 1;
	int err;

	if (wanted == 0) {
		err = nvm_admin_active_ns(disk->aq, &ns_id, &n, buffer->vaddr, buffer->ioaddrs[0]);
		if (err != 0)
			return err;
		if (n == 0)
			return nvmi_fail(ENXIO,
					 "the controller has no active namespace: create and "
					 "attach one with nvme-cli");
	}
	if (ns_id > disk->ctrl_info.max_n_ns)
		return nvmi_fail(ENXIO, "there is no namespace %" PRIu32 ": the highest is %zu",
				 ns_id, disk->ctrl_info.max_n_ns);
	err = nvm_admin_ns_info(disk->aq, &disk->ns_info, ns_id, buffer->vaddr, buffer->ioaddrs[0]);
	if (err < 0 && (-err & 0x7ff) == NVM_SC_INVALID_NS_OR_FORMAT)
		return nvmi_fail(ENXIO,
				 "namespace %" PRIu32 " is not active: nvm-identify lists those "
				 "that are",
				 ns_id);
	if (err != 0)
		return err;
	if (disk->ns_info.metadata_size != 0)
		return nvmi_fail(ENOTSUP,
				 "namespace %" PRIu32
				 " has %zu bytes of metadata per block: nvm_disk_t "
				 "reads and writes plain blocks only; format it without metadata",
				 ns_id, disk->ns_info.metadata_size);
	/* Controllers before NVMe 1.3 have no descriptors, and only the NVM command set. */
	err = nvm_admin_ns_descs(disk->aq, &descs, ns_id, buffer->vaddr, buffer->ioaddrs[0]);
	if (err > 0)
		return err;
	if (err == 0 && descs.csi != 0)
		return nvmi_fail(ENOTSUP,
				 "namespace %" PRIu32 " is of command set %u, not NVM: use the "
				 "queue interface",
				 ns_id, (unsigned int)descs.csi);
	return 0;
}

static int learn(struct nvm_disk *disk, uint32_t ns_id)
{
	nvm_dma_t *buffer;
	size_t mdts;
	int err = nvm_dma_create(&buffer, nvm_ctrl_from_aq_ref(disk->aq), 4096);

	if (err != 0)
		return err;
	err = nvm_admin_ctrl_info(disk->aq, &disk->ctrl_info, buffer->vaddr, buffer->ioaddrs[0]);
	if (err == 0)
		err = find_namespace(disk, ns_id, buffer);
	/* A command that has not come back may still write there. */
	if (err == ETIME || err == EIO || err == ENODEV || err == ECANCELED)
		nvmi_aq_keep_memory(disk->aq, buffer);
	nvm_dma_unmap(buffer);

	mdts = disk->ctrl_info.max_data_size;
	disk->direct_size = mdts < NVMI_DISK_DIRECT_SIZE ? mdts : NVMI_DISK_DIRECT_SIZE;
	disk->bounce_size = mdts < NVMI_DISK_BOUNCE_SIZE ? mdts : NVMI_DISK_BOUNCE_SIZE;
	if (err == 0 && disk->ns_info.lba_data_size > disk->bounce_size)
		err = nvmi_fail(ENOTSUP,
				"blocks of %zu bytes do not fit a transfer of %zu bytes (MDTS)",
				disk->ns_info.lba_data_size, disk->bounce_size);
	return err;
}

/* There are no more queues, or no more memory for them, but nothing is wrong with the controller. */
static bool is_shortage(int err)
{
	return err < 0 || err == ENOSPC || err == ENOMEM;
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
	/* nvm_queue_t asks for more alignment than calloc() gives. */
	disk->queues =
		aligned_alloc(_Alignof(struct nvmi_disk_queue), wanted * sizeof(*disk->queues));
	if (disk->queues == NULL)
		return nvmi_fail(ENOMEM, "out of memory for %" PRIu32 " queues", wanted);
	memset(disk->queues, 0, wanted * sizeof(*disk->queues));

	for (uint32_t i = 0; i < wanted; ++i) {
		struct nvmi_disk_queue *q = &disk->queues[i];

		q->depth = depth;
		err = nvmi_disk_queue_create(disk, q, (uint16_t)wanted);
		if (err != 0) {
			q->broken = true;
			destroy_queue(disk, q);
			/* Fewer queues than wished for will do, none will not. */
			return i > 0 && is_shortage(err) ? 0 : err;
		}
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
		destroy_queue(disk, &disk->queues[i]);
	free(disk->queues);
	if (disk->owns_aq)
		nvm_aq_destroy(disk->aq);
	/* Only now: no queue is left that could name this memory. */
	while (disk->memory != NULL)
		nvm_disk_free(disk, disk->memory->dma->vaddr);
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
static const nvm_dma_t *find_memory(struct nvm_disk *disk, const unsigned char *buffer, size_t size)
{
	const nvm_dma_t *found = NULL;

	if ((uintptr_t)buffer % 4 != 0)
		return NULL;
	pthread_rwlock_rdlock(&disk->memory_lock);
	for (struct nvmi_disk_memory *m = disk->memory; m != NULL && found == NULL; m = m->next) {
		uintptr_t start = (uintptr_t)m->dma->vaddr;
		size_t length = m->dma->n_ioaddrs * m->dma->page_size;

		if ((uintptr_t)buffer >= start && (uintptr_t)buffer - start < length &&
		    size <= length - ((uintptr_t)buffer - start))
			found = m->dma;
	}
	pthread_rwlock_unlock(&disk->memory_lock);
	return found;
}

static int transfer(struct nvm_disk *disk, uint8_t opcode, unsigned char *buffer, uint64_t lba,
		    size_t n_blocks)
{
	uint64_t size = disk->ns_info.size;
	struct nvmi_disk_queue *q;
	const nvm_dma_t *dma;
	int err;

	if (n_blocks == 0 || buffer == NULL)
		return nvmi_fail(EINVAL, "a transfer needs a buffer and at least one block");
	if (lba >= size || n_blocks > size - lba)
		return nvmi_fail(ERANGE,
				 "%zu blocks from block %" PRIu64
				 " reach beyond the namespace, which has "
				 "%" PRIu64 " blocks",
				 n_blocks, lba, size);

	dma = find_memory(disk, buffer, n_blocks * disk->ns_info.lba_data_size);
	q = take_queue(disk);
	if (q == NULL)
		return EIO;
	err = nvmi_disk_transfer(disk, q, opcode, buffer, dma, lba, n_blocks);
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
	err = nvmi_disk_command(disk, q, NVM_IO_FLUSH);
	return_queue(disk, q);
	return err;
}

void *nvm_disk_alloc(nvm_disk_t *disk, size_t size)
{
	struct nvmi_disk_memory *m = malloc(sizeof(*m));

	if (m == NULL) {
		nvmi_fail(ENOMEM, "out of memory");
		return NULL;
	}
	if (nvm_dma_create(&m->dma, nvm_ctrl_from_aq_ref(disk->aq), size) != 0) {
		free(m);
		return NULL;
	}
	pthread_rwlock_wrlock(&disk->memory_lock);
	m->next = disk->memory;
	disk->memory = m;
	pthread_rwlock_unlock(&disk->memory_lock);
	return m->dma->vaddr;
}

void nvm_disk_free(nvm_disk_t *disk, void *buffer)
{
	struct nvmi_disk_memory *found = NULL;

	if (buffer == NULL)
		return;
	pthread_rwlock_wrlock(&disk->memory_lock);
	for (struct nvmi_disk_memory **m = &disk->memory; *m != NULL; m = &(*m)->next) {
		if ((*m)->dma->vaddr != buffer)
			continue;
		found = *m;
		*m = found->next;
		break;
	}
	pthread_rwlock_unlock(&disk->memory_lock);
	if (found != NULL)
		nvm_dma_unmap(found->dma);
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
