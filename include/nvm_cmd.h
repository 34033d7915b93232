/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_cmd.h - filling in submission queue entries: header, data pointer (PRPs), block range.
 *
 * The functions write only the fields they name: clear a command (nvm_cmd_clear()) or use a slot
 * from nvm_sq_enqueue(), which is handed out cleared, before the first of them.
 */
#ifndef NVM_CMD_H
#define NVM_CMD_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"
#include "nvm_util.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The classic opcode names; every opcode of NVMe 2.0 is in nvm_spec.h. */
enum nvm_io_command_set {
	NVM_IO_FLUSH = 0x00,
	NVM_IO_WRITE = 0x01,
	NVM_IO_READ = 0x02,
	NVM_IO_WRITE_ZEROES = 0x08
};

enum nvm_admin_command_set {
	NVM_ADMIN_DELETE_SUBMISSION_QUEUE = 0x00,
	NVM_ADMIN_CREATE_SUBMISSION_QUEUE = 0x01,
	NVM_ADMIN_GET_LOG_PAGE = 0x02,
	NVM_ADMIN_DELETE_COMPLETION_QUEUE = 0x04,
	NVM_ADMIN_CREATE_COMPLETION_QUEUE = 0x05,
	NVM_ADMIN_IDENTIFY = 0x06,
	NVM_ADMIN_ABORT = 0x08,
	NVM_ADMIN_SET_FEATURES = 0x09,
	NVM_ADMIN_GET_FEATURES = 0x0a
};

/* Namespace identifier that means all namespaces. */
#define NVM_CMD_NS_ALL 0xffffffffU

/* What a command is cleared with: as few stores as the processor can. */
#if defined(__AVX__) && !defined(__CUDACC__)
typedef uint64_t __attribute__((vector_size(32), aligned(8), may_alias)) nvm_clear_t_;
#else
typedef nvm_reg64_t nvm_clear_t_;
#endif

/**
 * nvm_cmd_clear() - set a whole command to zero
 * @cmd: command, 64 bytes
 */
NVM_HOST_DEVICE static inline void nvm_cmd_clear(nvm_cmd_t *cmd)
{
	nvm_clear_t_ *part = (nvm_clear_t_ *)cmd;
	const nvm_clear_t_ zero = {0};

	for (size_t i = 0; i < sizeof(*cmd) / sizeof(*part); ++i)
		part[i] = zero;
}

/**
 * nvm_cmd_header() - set opcode, command identifier and namespace
 * @cmd: command
 * @cid: command identifier, unique among the queue's commands in flight; 0xffff is best avoided
 * @opcode: 0..255, all bits are kept
 * @ns_id: namespace identifier, 0 for commands without one, NVM_CMD_NS_ALL for all
 *
 * Sets FUSE and PSDT to 0: not fused, PRPs. Base Specification, "Command Dword 0".
 */
NVM_HOST_DEVICE static inline void nvm_cmd_header(nvm_cmd_t *cmd, uint16_t cid, uint8_t opcode,
						  uint32_t ns_id)
{
	/* One store: of two, compilers make a vector first. */
	*(nvm_reg64_t *)cmd = (uint64_t)ns_id << 32 | (uint32_t)cid << 16 | opcode;
}

/**
 * nvm_cmd_data_ptr() - set the data pointer (DPTR)
 * @cmd: command
 * @prp1: bus address of the first byte
 * @prp2: bus address of the second page, or of a PRP list, or 0
 */
NVM_HOST_DEVICE static inline void nvm_cmd_data_ptr(nvm_cmd_t *cmd, uint64_t prp1, uint64_t prp2)
{
	cmd->dword[6] = (uint32_t)prp1;
	cmd->dword[7] = (uint32_t)(prp1 >> 32);
	cmd->dword[8] = (uint32_t)prp2;
	cmd->dword[9] = (uint32_t)(prp2 >> 32);
}

/**
 * nvm_cmd_rw_blks() - set the block range of a read or write
 * @cmd: command
 * @start_lba: first logical block
 * @n_blks: number of blocks, 1..65536. 0 has no encoding and would mean 65536: do not pass it
 *
 * Keeps the upper half of CDW12 (LR, FUA, PRINFO, DTYPE). NVM Command Set Specification, "Read".
 */
NVM_HOST_DEVICE static inline void nvm_cmd_rw_blks(nvm_cmd_t *cmd, uint64_t start_lba,
						   uint32_t n_blks)
{
	cmd->dword[10] = (uint32_t)start_lba;
	cmd->dword[11] = (uint32_t)(start_lba >> 32);
	cmd->dword[12] = (cmd->dword[12] & 0xffff0000U) | ((n_blks - 1U) & 0xffffU);
}

/**
 * nvm_prp_list() - fill one page with PRP entries
 * @page_size: controller page size, bytes
 * @n_pages: pages to describe
 * @list_ptr: the list page, @page_size bytes
 * @ioaddrs: bus address of each page, @n_pages elements
 *
 * Return: entries written: @n_pages, or @page_size / 8 if that is less. nvm_prp_chain() has no such
 * limit.
 */
NVM_HOST_DEVICE static inline size_t nvm_prp_list(size_t page_size, size_t n_pages, void *list_ptr,
						  const uint64_t *ioaddrs)
{
	volatile uint64_t *list = (volatile uint64_t *)list_ptr;
	size_t n = page_size / sizeof(uint64_t);

	if (n > n_pages)
		n = n_pages;
	for (size_t i = 0; i < n; ++i)
		list[i] = ioaddrs[i];
	return n;
}

/**
 * nvm_cmd_data() - set the data pointer for whole pages, with one PRP list page at most
 * @cmd: command
 * @page_size: controller page size, bytes
 * @n_pages: pages to transfer, at least 1
 * @list_ptr: the list page; may be NULL if @n_pages <= 2
 * @list_ioaddr: its bus address
 * @ioaddrs: bus address of each page, @n_pages elements
 *
 * Return: pages the command now covers: @n_pages, or 1 + @page_size / 8 if that is less (2 if
 * @list_ptr is NULL). nvm_cmd_data_chain() has no such limit.
 */
NVM_HOST_DEVICE static inline size_t nvm_cmd_data(nvm_cmd_t *cmd, size_t page_size, size_t n_pages,
						  void *list_ptr, uint64_t list_ioaddr,
						  const uint64_t *ioaddrs)
{
	uint64_t prp2 = 0;
	size_t n = 1;

	if (n_pages == 2 || (n_pages > 2 && list_ptr == NULL)) {
		prp2 = ioaddrs[1];
		n = 2;
	} else if (n_pages > 2) {
		n += nvm_prp_list(page_size, n_pages - 1, list_ptr, &ioaddrs[1]);
		prp2 = list_ioaddr;
	}
	nvm_cmd_data_ptr(cmd, ioaddrs[0], prp2);
	return n;
}

/**
 * nvm_prp_chain_pages() - list pages that a chain of PRP entries needs
 * @page_size: controller page size, bytes
 * @n_entries: entries in the chain
 *
 * The last slot of a list page points to the next page only if entries are left for it: 512 entries
 * fit one 4 KiB page, 513 need two.
 *
 * Return: number of pages, 0 for no entries.
 */
NVM_HOST_DEVICE static inline size_t nvm_prp_chain_pages(size_t page_size, size_t n_entries)
{
	size_t per_page = page_size / sizeof(uint64_t);

	if (n_entries <= per_page)
		return n_entries != 0;
	/* All pages but the last hold per_page - 1 entries, the last up to per_page. */
	return 1 + (n_entries - 2) / (per_page - 1);
}

/**
 * nvm_prp_chain() - write a chain of PRP list pages
 * @page_size: controller page size, bytes
 * @n_entries: entries to write
 * @list_ptr: list pages, one after the other, nvm_prp_chain_pages() of them
 * @list_ioaddrs: bus address of each list page
 * @ioaddrs: the entries: bus addresses, @n_entries elements
 *
 * Base Specification, "Physical Region Page List".
 */
NVM_HOST_DEVICE static inline void nvm_prp_chain(size_t page_size, size_t n_entries, void *list_ptr,
						 const uint64_t *list_ioaddrs,
						 const uint64_t *ioaddrs)
{
	volatile uint64_t *list = (volatile uint64_t *)list_ptr;
	size_t per_page = page_size / sizeof(uint64_t);
	size_t slot = 0;
	size_t page = 0;

	for (size_t i = 0; i < n_entries; ++i) {
		if (slot % per_page == per_page - 1 && i + 1 < n_entries)
			list[slot++] = list_ioaddrs[++page];
		list[slot++] = ioaddrs[i];
	}
}

/**
 * nvm_cmd_data_chain() - set the data pointer for any number of pages
 * @cmd: command
 * @page_size: controller page size, bytes
 * @n_pages: pages to transfer, at least 1
 * @offset: of the first byte in the first page, 0..@page_size - 1, a multiple of 4
 * @list_ptr: list pages, nvm_prp_chain_pages(@page_size, @n_pages - 1) of them if @n_pages > 2
 * @list_ioaddrs: bus address of each list page
 * @ioaddrs: bus address of each page, @n_pages elements
 */
NVM_HOST_DEVICE static inline void nvm_cmd_data_chain(nvm_cmd_t *cmd, size_t page_size,
						      size_t n_pages, size_t offset, void *list_ptr,
						      const uint64_t *list_ioaddrs,
						      const uint64_t *ioaddrs)
{
	uint64_t prp2 = 0;

	if (n_pages == 2) {
		prp2 = ioaddrs[1];
	} else if (n_pages > 2) {
		nvm_prp_chain(page_size, n_pages - 1, list_ptr, list_ioaddrs, &ioaddrs[1]);
		prp2 = list_ioaddrs[0];
	}
	nvm_cmd_data_ptr(cmd, ioaddrs[0] + offset, prp2);
}

#ifdef __cplusplus
}
#endif

#endif
