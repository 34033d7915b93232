/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_admin.h - admin commands: identify, features, log pages, I/O queues, abort.
 *
 * Every function returns a packed status (nvm_error.h) and may be called by any thread. Where a
 * function takes (buffer, ioaddr), the buffer is memory the controller can reach, 4 KiB or as said,
 * starting at bus address ioaddr, within one page of the controller; it stays the caller's. After ETIME,
 * EIO, ENODEV or ECANCELED the command may not have ended: see nvm_aq_exec().
 */
#ifndef NVM_ADMIN_H
#define NVM_ADMIN_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * nvm_admin_identify() - Identify, any CNS value
 * @ref: admin queue reference
 * @cns: what to identify (NVM_CNS_* in nvm_spec.h)
 * @ns_id: namespace identifier, or 0 where the CNS takes none
 * @cntid: controller identifier, or 0
 * @csi: command set identifier, or 0 (NVM)
 * @buffer: 4096 bytes; may be NULL if the caller does not look
 * @ioaddr: its bus address
 *
 * Base Specification, "Identify command". Return: packed status.
 */
int nvm_admin_identify(nvm_aq_ref ref, uint8_t cns, uint32_t ns_id, uint16_t cntid, uint8_t csi,
		       void *buffer, uint64_t ioaddr);

/**
 * nvm_admin_ctrl_info() - what the controller says of itself (Identify Controller, CAP, VS)
 * @ref: admin queue reference
 * @info: filled in
 * @buffer: 4096 bytes
 * @ioaddr: its bus address
 */
int nvm_admin_ctrl_info(nvm_aq_ref ref, struct nvm_ctrl_info *info, void *buffer, uint64_t ioaddr);

/**
 * nvm_admin_ns_info() - size and format of a namespace (Identify Namespace)
 * @ref: admin queue reference
 * @info: filled in
 * @ns_id: 1..NN
 * @buffer: 4096 bytes
 * @ioaddr: its bus address
 *
 * Return: packed status; an inactive namespace is Invalid Namespace or Format, whether the
 * controller says so or returns zeroes.
 */
int nvm_admin_ns_info(nvm_aq_ref ref, struct nvm_ns_info *info, uint32_t ns_id, void *buffer,
		      uint64_t ioaddr);

/**
 * nvm_admin_active_ns() - active namespace identifiers in increasing order
 * @ref: admin queue reference
 * @ns_ids: where they go, @n elements; may be NULL if @n is 0
 * @n: in: room in @ns_ids; out: active namespaces there are, which may be more
 * @buffer: 4096 bytes
 * @ioaddr: its bus address
 */
int nvm_admin_active_ns(nvm_aq_ref ref, uint32_t *ns_ids, size_t *n, void *buffer, uint64_t ioaddr);

/**
 * struct nvm_ns_descs - identifiers of a namespace (all zero where it has none)
 * @eui64: IEEE extended unique identifier
 * @nguid: namespace globally unique identifier
 * @uuid: namespace UUID
 * @csi: command set identifier (0 NVM, 1 key value, 2 zoned)
 */
struct nvm_ns_descs {
	uint8_t eui64[8];
	uint8_t nguid[16];
	uint8_t uuid[16];
	uint8_t csi;
};

/**
 * nvm_admin_ns_descs() - Namespace Identification Descriptor list
 * @ref: admin queue reference
 * @descs: filled in
 * @ns_id: 1..NN
 * @buffer: 4096 bytes
 * @ioaddr: its bus address
 */
int nvm_admin_ns_descs(nvm_aq_ref ref, struct nvm_ns_descs *descs, uint32_t ns_id, void *buffer,
		       uint64_t ioaddr);

/**
 * nvm_admin_get_feature() - Get Features
 * @ref: admin queue reference
 * @fid: feature identifier (NVM_FID_* in nvm_spec.h)
 * @sel: 0 current, 1 default, 2 saved, 3 supported capabilities
 * @ns_id: namespace identifier, or 0
 * @cdw11: feature-specific argument, or 0
 * @value: where dword 0 of the completion goes
 * @ioaddr: bus address of a 4096-byte buffer for features that return data, else 0
 */
int nvm_admin_get_feature(nvm_aq_ref ref, uint8_t fid, uint8_t sel, uint32_t ns_id, uint32_t cdw11,
			  uint32_t *value, uint64_t ioaddr);

/**
 * nvm_admin_set_feature() - Set Features
 * @ref: admin queue reference
 * @fid: feature identifier
 * @save: keep the value over resets
 * @ns_id: namespace identifier, or 0
 * @cdw11: value
 * @result: where dword 0 of the completion goes; may be NULL
 * @ioaddr: bus address of a 4096-byte buffer for features that take data, else 0
 */
int nvm_admin_set_feature(nvm_aq_ref ref, uint8_t fid, bool save, uint32_t ns_id, uint32_t cdw11,
			  uint32_t *result, uint64_t ioaddr);

/**
 * nvm_admin_set_num_queues() - ask for a number of I/O queues
 * @ref: admin queue reference
 * @n_cqs: completion queues, 1..65535
 * @n_sqs: submission queues, 1..65535
 *
 * The controller may grant fewer: nvm_admin_get_num_queues().
 */
int nvm_admin_set_num_queues(nvm_aq_ref ref, uint16_t n_cqs, uint16_t n_sqs);

/**
 * nvm_admin_get_num_queues() - number of I/O queues granted
 * @ref: admin queue reference
 * @n_cqs: completion queues
 * @n_sqs: submission queues
 */
int nvm_admin_get_num_queues(nvm_aq_ref ref, uint16_t *n_cqs, uint16_t *n_sqs);

/**
 * nvm_admin_request_num_queues() - ask for a number of I/O queues, learn how many were granted
 * @ref: admin queue reference
 * @n_cqs: in: wanted, out: granted
 * @n_sqs: in: wanted, out: granted
 *
 * Return: packed status; EINVAL if either is 0.
 */
int nvm_admin_request_num_queues(nvm_aq_ref ref, uint16_t *n_cqs, uint16_t *n_sqs);

/**
 * nvm_admin_log_page() - Get Log Page, any length and offset
 * @ref: admin queue reference
 * @ns_id: namespace identifier, NVM_CMD_NS_ALL for controller-wide pages
 * @log_id: log page identifier (NVM_LID_* in nvm_spec.h)
 * @lsp: log specific parameter, 0..127, usually 0
 * @rae: keep the asynchronous event this page would clear
 * @offset: first byte, a multiple of 4
 * @dma: where it goes
 * @dma_offset: bytes from the start of @dma, a multiple of 4
 * @size: bytes, a multiple of 4, at least 4
 *
 * Long pages are read in pieces of at most MDTS; all but the last piece keep the event, so that the
 * page does not change in between.
 */
int nvm_admin_log_page(nvm_aq_ref ref, uint32_t ns_id, uint8_t log_id, uint8_t lsp, bool rae,
		       uint64_t offset, const nvm_dma_t *dma, size_t dma_offset, size_t size);

/**
 * nvm_admin_get_log_page() - Get Log Page, one page of at most 4096 bytes
 * @ref: admin queue reference
 * @ns_id: namespace identifier or NVM_CMD_NS_ALL
 * @buffer: 4096 bytes
 * @ioaddr: its bus address
 * @log_id: log page identifier
 * @log_offset: first byte, a multiple of 4
 *
 * Transfers exactly 4096 bytes; the end of a shorter log is undefined by the specification.
 */
int nvm_admin_get_log_page(nvm_aq_ref ref, uint32_t ns_id, void *buffer, uint64_t ioaddr,
			   uint8_t log_id, uint64_t log_offset);

/**
 * nvm_admin_abort() - ask for a command to be aborted
 * @ref: admin queue reference
 * @sq_id: submission queue it was submitted to
 * @cid: its command identifier
 * @aborted: whether the controller says that it aborted it
 */
int nvm_admin_abort(nvm_aq_ref ref, uint16_t sq_id, uint16_t cid, bool *aborted);

/**
 * nvm_admin_cq_create() - create a one-page completion queue
 * @ref: admin queue reference
 * @cq: descriptor, set up by this function
 * @id: queue identifier, 1..65534
 * @qmem: one controller page, cleared by this function
 * @ioaddr: its bus address
 *
 * Return: packed status; EINVAL if @id is 0, ERANGE if its doorbell lies outside the mapped BAR.
 */
int nvm_admin_cq_create(nvm_aq_ref ref, nvm_queue_t *cq, uint16_t id, volatile void *qmem,
			uint64_t ioaddr);

/** nvm_admin_cq_delete() - delete a completion queue; its SQs must be gone. EINVAL for queue 0 */
int nvm_admin_cq_delete(nvm_aq_ref ref, nvm_queue_t *cq);

/**
 * nvm_admin_sq_create() - create a one-page submission queue
 * @ref: admin queue reference
 * @sq: descriptor, set up by this function
 * @cq: completion queue that it reports to
 * @id: queue identifier, 1..65534
 * @qmem: one controller page
 * @ioaddr: its bus address
 *
 * Return: packed status; EINVAL if @id is 0, ERANGE if its doorbell lies outside the mapped BAR.
 */
int nvm_admin_sq_create(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id,
			volatile void *qmem, uint64_t ioaddr);

/** nvm_admin_sq_delete() - delete a submission queue; its commands are aborted. EINVAL for queue 0 */
int nvm_admin_sq_delete(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq);

/**
 * nvm_queue_mem_size() - bytes of DMA memory that a queue needs
 * @ctrl: controller
 * @cq: completion queue or submission queue
 * @n_entries: ring size, 2..@ctrl->max_entries
 *
 * Whole pages for the ring, and for the PRP list that describes it where the memory may turn out
 * not to be contiguous on the bus.
 *
 * Return: bytes; 0 if @n_entries is out of range. Any thread.
 */
size_t nvm_queue_mem_size(const nvm_ctrl_t *ctrl, bool cq, uint32_t n_entries);

/**
 * nvm_cq_create() - create a completion queue of any depth
 * @ref: admin queue reference
 * @cq: descriptor, set up by this function
 * @id: queue identifier, 1..65534
 * @n_entries: ring size, 2..max_entries of the controller
 * @qmem: memory with a vaddr for it; kept mapped until the queue is deleted
 * @offset: bytes from the start of @qmem, a multiple of the page size; nvm_queue_mem_size() bytes
 *	from there are the queue's
 * @vector: interrupt vector, -1 for none
 *
 * A ring that is contiguous on the bus is created so; otherwise the controller gets a PRP list, if
 * it takes one (CAP.CQR = 0).
 *
 * Return: packed status; EINVAL, ERANGE (depth, memory or doorbell), ENOTSUP (not contiguous, and
 * the controller requires it).
 */
int nvm_cq_create(nvm_aq_ref ref, nvm_queue_t *cq, uint16_t id, uint32_t n_entries,
		  const nvm_dma_t *qmem, size_t offset, int vector);

/**
 * nvm_sq_create() - create a submission queue of any depth
 * @ref: admin queue reference
 * @sq: descriptor, set up by this function
 * @cq: completion queue that it reports to
 * @id: queue identifier, 1..65534
 * @n_entries: ring size, 2..max_entries of the controller
 * @qmem: memory with a vaddr for it; kept mapped until the queue is deleted
 * @offset: bytes from the start of @qmem, a multiple of the page size
 *
 * Return: as nvm_cq_create().
 */
int nvm_sq_create(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id,
		  uint32_t n_entries, const nvm_dma_t *qmem, size_t offset);

#ifdef __cplusplus
}
#endif

#endif
