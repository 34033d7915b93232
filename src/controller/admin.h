/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.h - what the admin command functions share: checks of references and buffers.
 */
#ifndef NVMI_ADMIN_H
#define NVMI_ADMIN_H

#include <stdint.h>

#include "controller/aq.h"

/* Bytes that Identify and most features transfer. */
#define NVMI_ADMIN_DATA_SIZE 4096

/* 0, or EINVAL with message if there is no reference. */
int nvmi_admin_check_ref(nvm_aq_ref ref);

/* 0, or EINVAL if a 4096-byte buffer at @ioaddr cannot be named by one PRP entry. */
int nvmi_admin_check_buffer(nvm_aq_ref ref, uint64_t ioaddr);

/* nvm_cq_create() and nvm_sq_create(), within that time; 0 = the usual time. */
int nvmi_admin_create_cq(nvm_aq_ref ref, nvm_queue_t *cq, uint16_t id, uint32_t n_entries,
			 const nvm_dma_t *qmem, size_t offset, int vector, uint64_t timeout_ms);
int nvmi_admin_create_sq(nvm_aq_ref ref, nvm_queue_t *sq, const nvm_queue_t *cq, uint16_t id,
			 uint32_t n_entries, const nvm_dma_t *qmem, size_t offset,
			 uint64_t timeout_ms);

/* Delete the queue with that identifier; 0 = the usual time. Packed status with message. */
int nvmi_admin_delete_queue(nvm_aq_ref ref, bool cq, uint16_t id, uint64_t timeout_ms);

#endif
