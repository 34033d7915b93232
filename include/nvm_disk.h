/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_disk.h - a controller, its admin queue and one namespace, ready to read and write.
 *
 * The ten-line program: nvm_disk_open(), nvm_disk_read() or nvm_disk_write(), nvm_disk_close().
 */
#ifndef NVM_DISK_H
#define NVM_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_ctrl.h"
#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** nvm_disk_t - a namespace of a controller, open for synchronous I/O by any thread */
typedef struct nvm_disk nvm_disk_t;

/**
 * struct nvm_disk_options - how to open a disk
 * @size: sizeof(struct nvm_disk_options) as the caller was compiled
 * @ns_id: namespace; 0 = the first active one
 * @queue_depth: entries per queue, 2..65536; 0 = 64; limited to what the controller has
 * @n_queues: queue pairs, 1..65535: calls that may be in progress at once; 0 = 1; limited to what the
 *	controller grants
 * @reserved: 0
 * @timeout_ms: how long one command may take, ms; 0 = 30000
 * @ctrl: how to open the controller; NULL for the defaults
 */
struct nvm_disk_options {
	size_t size;
	uint32_t ns_id;
	uint32_t queue_depth;
	uint32_t n_queues;
	uint32_t reserved;
	uint64_t timeout_ms;
	const struct nvm_ctrl_options *ctrl;
};

/* All defaults. */
#define NVM_DISK_OPTIONS_INIT                                        \
	{                                                            \
		sizeof(struct nvm_disk_options), 0, 0, 0, 0, 0, NULL \
	}

/**
 * nvm_disk_open() - reach a disk by its controller's URI
 * @disk: where the disk goes; NULL on failure
 * @uri: as for nvm_ctrl_open()
 * @options: NULL for the defaults
 *
 * Opens and enables the controller, creates the queues. Owned by the caller: nvm_disk_close().
 *
 * Return: packed status; those of nvm_ctrl_open(), nvm_aq_create() and the admin commands; EINVAL
 * (@options), ENXIO (no such, or no active, namespace), ENOTSUP (a namespace with metadata, not of the
 * NVM command set, or with blocks larger than MDTS), ENOSPC (no queue pair is left). Any thread.
 */
int nvm_disk_open(nvm_disk_t **disk, const char *uri, const struct nvm_disk_options *options);

/**
 * nvm_disk_attach() - a disk on a controller that is up already
 * @disk: where the disk goes; NULL on failure
 * @ref: admin queue reference; must outlive the disk
 * @options: NULL for the defaults; its ctrl field is not used
 *
 * For several namespaces of one controller, or programs with queues of their own. Sets the number
 * of queues only if none was set through @ref before. Queue identifiers are taken from the top of
 * what the controller grants, and has mapped doorbells for, downwards.
 *
 * Return: as nvm_disk_open(). Any thread.
 */
int nvm_disk_attach(nvm_disk_t **disk, nvm_aq_ref ref, const struct nvm_disk_options *options);

/**
 * nvm_disk_close() - close a disk
 * @disk: disk; NULL is safe
 *
 * Deletes its queues; if it was opened by nvm_disk_open(), shuts the controller down. Data that was
 * written is where the disk puts it: call nvm_disk_flush() first if it must survive a power loss.
 * One thread, when no other uses @disk any more.
 */
void nvm_disk_close(nvm_disk_t *disk);

/**
 * nvm_disk_read() - read blocks
 * @disk: disk
 * @buffer: any memory; memory from nvm_disk_alloc() at a multiple of 4 is read into directly, other
 *	memory by copying
 * @lba: first block
 * @n_blocks: number of blocks, at least 1; split at the controller's limits as needed
 *
 * A command that does not end in time is aborted; where that does not help either, its queue pair is
 * deleted and made anew, so that the controller does not reach @buffer any more when this returns. A
 * controller that does not let go of the queue pair is reset, which fails the calls of other threads, too.
 * If not even that helps, all calls fail from then on: close the disk and open it again.
 *
 * Return: packed status of the failed command with the lowest block, 0 if all succeeded; ERANGE (beyond
 * the namespace; nothing was read), EINVAL (no blocks), ETIME, ENODEV, EIO (controller fault, or reset, or
 * no queue pair is left), and those of nvm_dma_create() where data is copied. Any thread.
 */
int nvm_disk_read(nvm_disk_t *disk, void *buffer, uint64_t lba, size_t n_blocks);

/**
 * nvm_disk_write() - write blocks
 * @disk: disk
 * @buffer: any memory; as nvm_disk_read()
 * @lba: first block
 * @n_blocks: number of blocks, at least 1
 *
 * Return: as nvm_disk_read(). After a failure the range holds old or new blocks.
 */
int nvm_disk_write(nvm_disk_t *disk, const void *buffer, uint64_t lba, size_t n_blocks);

/**
 * nvm_disk_flush() - make completed writes survive a power loss
 * @disk: disk
 *
 * Return: packed status. Any thread.
 */
int nvm_disk_flush(nvm_disk_t *disk);

/**
 * nvm_disk_alloc() - memory that needs no copying
 * @disk: disk
 * @size: bytes, at least 1
 *
 * Return: memory aligned to the page, zeroed; NULL on failure (nvm_errmsg()). Freed by
 * nvm_disk_free(), at the latest by nvm_disk_close(). Any thread.
 */
void *nvm_disk_alloc(nvm_disk_t *disk, size_t size);

/** nvm_disk_free() - free memory from nvm_disk_alloc(); NULL is safe. Any thread. */
void nvm_disk_free(nvm_disk_t *disk, void *buffer);

/** nvm_disk_block_size() - bytes of data in a logical block. Any thread. */
size_t nvm_disk_block_size(const nvm_disk_t *disk);

/** nvm_disk_n_blocks() - logical blocks in the namespace. Any thread. */
uint64_t nvm_disk_n_blocks(const nvm_disk_t *disk);

/** nvm_disk_ctrl_info() - the controller; valid as long as @disk. Any thread. */
const struct nvm_ctrl_info *nvm_disk_ctrl_info(const nvm_disk_t *disk);

/** nvm_disk_ns_info() - the namespace; valid as long as @disk. Any thread. */
const struct nvm_ns_info *nvm_disk_ns_info(const nvm_disk_t *disk);

/** nvm_disk_aq() - the admin queue reference, valid as long as @disk. Any thread. */
nvm_aq_ref nvm_disk_aq(const nvm_disk_t *disk);

#ifdef __cplusplus
}
#endif

#endif
