/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_ns.h - what the I/O path must know of a namespace.
 */
#ifndef NVM_NS_H
#define NVM_NS_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * nvm_ns_t - a namespace as its requests need it
 * @ns_id: namespace identifier
 * @lba_shift: log2 of the bytes of data in a logical block, 9..16
 * @n_blocks: logical blocks
 * @max_blocks: most blocks one command transfers: MDTS, 2 GiB, 65536 and @n_blocks, whichever is least
 * @boundary: commands do not cross multiples of so many blocks (NOIOB); 0 = no boundary
 * @plain_blocks: most blocks of a request that needs no closer look: @max_blocks; 0 where every request
 *	does (a boundary, metadata)
 * @plain_lba: last block that such a request may start at
 * @metadata_size: bytes of metadata per block, 0 = none
 * @metadata_inline: the metadata follows each block's data in the same buffer
 * @oncs: optional commands of the controller (NVM_ONCS_*)
 * @max_copy_ranges: Copy: most source ranges (MSRC)
 * @max_copy_blocks: Copy: most blocks of one source range (MSSRL), 0 = no limit
 * @max_copy_total: Copy: most blocks in all (MCL), 0 = no limit
 *
 * Filled in by nvm_ns_init(), then read-only: any thread may use it. It holds no resources.
 */
typedef struct {
	uint32_t ns_id;
	uint32_t lba_shift;
	uint64_t n_blocks;
	uint32_t max_blocks;
	uint32_t boundary;
	uint64_t plain_blocks;
	uint64_t plain_lba;
	uint32_t metadata_size;
	bool metadata_inline;
	uint16_t oncs;
	uint32_t max_copy_ranges;
	uint32_t max_copy_blocks;
	uint32_t max_copy_total;
} nvm_ns_t;

/**
 * nvm_ns_init() - learn a namespace (Identify Controller, Identify Namespace)
 * @ns: filled in
 * @ref: admin queue reference
 * @ns_id: namespace identifier; 0 = the first active one
 *
 * Return: packed status; ENXIO (no such, or no active, namespace), ENOTSUP (not of the NVM command set,
 * or blocks larger than MDTS), and those of nvm_dma_create(). Any thread.
 */
int nvm_ns_init(nvm_ns_t *ns, nvm_aq_ref ref, uint32_t ns_id);

#ifdef __cplusplus
}
#endif

#endif
