/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_types.h - the types every other header is about.
 *
 * The classic types (nvm_ctrl_t, nvm_dma_t, nvm_queue_t, nvm_cmd_t, nvm_cpl_t, nvm_aq_ref) keep the
 * field names of 2018 so that programs written then compile unchanged; see docs/architecture.md.
 */
#ifndef NVM_TYPES_H
#define NVM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __CUDACC__
#define NVM_HOST_DEVICE __host__ __device__
#else
#define NVM_HOST_DEVICE
#endif

/* A size or count without a limit, as in nvm_ctrl_info.max_data_size when MDTS is 0. */
#define NVM_UNLIMITED SIZE_MAX

/**
 * nvm_ctrl_t - a controller: its registers and DMA domain
 * @page_size: memory page size the controller runs with (CC.MPS), bytes
 * @dstrd: doorbell stride as encoded in CAP.DSTRD (bytes between doorbells = 4 << dstrd)
 * @timeout: how long the controller may take to become ready, ms (CAP.TO, or CRTO if larger)
 * @max_entries: most entries in an I/O queue, 2..65536 (CAP.MQES + 1)
 * @mm_size: bytes at @mm_ptr
 * @mm_ptr: BAR0, or the doorbell part of it in the same place: doorbells start 0x1000 bytes in.
 *	The first 0x1000 bytes are registers only where the backend maps them; use
 *	nvm_ctrl_read32() and friends to reach registers of any controller.
 *
 * Lives inside a hidden container: made by nvm_ctrl_open() and the nvm_*ctrl_init() functions, never
 * copied by value. Read-only for its users, so any thread may use it between open and free.
 */
typedef struct {
	size_t page_size;
	uint8_t dstrd;
	uint64_t timeout;
	uint32_t max_entries;
	size_t mm_size;
	volatile void *mm_ptr;
} nvm_ctrl_t;

/**
 * nvm_dma_t - memory that a controller can reach
 * @vaddr: where this process sees it; NULL if it does not
 * @page_size: controller page size, bytes: what one element of @ioaddrs covers
 * @n_ioaddrs: elements in @ioaddrs
 * @ioaddrs: bus address of every controller page, in order
 *
 * Only the library allocates it (nvm_dma_map() and friends); immutable once made, so any thread may
 * read it until nvm_dma_unmap().
 */
/* A flexible array member is C99; C++ compilers have it as an extension, and some say so. */
#ifdef __cplusplus
#pragma GCC diagnostic push
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wc99-extensions"
#else
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
#endif
typedef struct __attribute__((aligned(32))) {
	void *vaddr;
	size_t page_size;
	size_t n_ioaddrs;
	uint64_t ioaddrs[];
} nvm_dma_t;
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

/**
 * nvm_queue_t - one submission queue (SQ) or completion queue (CQ)
 * @no: queue identifier; 0 is the admin queue
 * @max_entries: ring size, 2..65536
 * @entry_size: bytes per entry (64 for an SQ, 16 for a CQ)
 * @head: SQ: oldest slot not known to be fetched; CQ: next entry to look at
 * @tail: SQ: next slot to fill; unused in a CQ
 * @phase: CQ: phase tag that marks a new entry; SQ: flips at every wrap
 * @last: value last written to the doorbell
 * @db: doorbell register; NULL if it lies outside the controller's mapped BAR
 * @vaddr: the ring
 * @ioaddr: bus address of the ring (of its PRP list, if the ring is not contiguous)
 *
 * Driven by one thread at a time.
 */
typedef struct __attribute__((aligned(64))) {
	uint16_t no;
	uint16_t entry_size;
	uint32_t max_entries;
	uint32_t head;
	uint32_t tail;
	int16_t phase;
	uint32_t last;
	volatile uint32_t *db;
	volatile void *vaddr;
	uint64_t ioaddr;
} nvm_queue_t;

/** nvm_cmd_t - a submission queue entry, 64 bytes; structured view: struct nvm_sqe in nvm_spec.h */
typedef struct __attribute__((aligned(64))) {
	uint32_t dword[16];
} nvm_cmd_t;

/** nvm_cpl_t - a completion queue entry, 16 bytes; structured view: struct nvm_cqe in nvm_spec.h */
typedef struct __attribute__((aligned(16))) {
	uint32_t dword[4];
} nvm_cpl_t;

struct nvm_admin_reference;

/** nvm_aq_ref - reference to an admin queue pair: owned by this process, or by a remote owner */
typedef struct nvm_admin_reference *nvm_aq_ref;

/**
 * struct nvm_ctrl_info - what nvm_admin_ctrl_info() learns of a controller
 * @nvme_version: VS register (major << 16 | minor << 8 | tertiary)
 * @page_size: CC.MPS, bytes
 * @db_stride: bytes between doorbells
 * @timeout: ready timeout, ms
 * @contiguous: CAP.CQR: queues must be physically contiguous
 * @max_entries: most entries in an I/O queue
 * @pci_vendor: PCI vendor id (2 bytes, little-endian), then subsystem vendor id
 * @serial_no: ASCII, space padded, not NUL-terminated
 * @model_no: ASCII, space padded, not NUL-terminated
 * @firmware: ASCII, space padded, not NUL-terminated
 * @max_data_size: most bytes one command may transfer (MDTS); NVM_UNLIMITED if there is no limit
 * @max_data_pages: @max_data_size in controller pages; NVM_UNLIMITED likewise
 * @cq_entry_size: required CQ entry size, bytes
 * @sq_entry_size: required SQ entry size, bytes
 * @max_out_cmds: MAXCMD: most outstanding commands; 0 = not reported
 * @max_n_ns: NN: highest namespace identifier
 */
struct nvm_ctrl_info {
	uint32_t nvme_version;
	size_t page_size;
	size_t db_stride;
	uint64_t timeout;
	bool contiguous;
	uint32_t max_entries;
	uint8_t pci_vendor[4];
	char serial_no[20];
	char model_no[40];
	char firmware[8];
	size_t max_data_size;
	size_t max_data_pages;
	size_t cq_entry_size;
	size_t sq_entry_size;
	size_t max_out_cmds;
	size_t max_n_ns;
};

/**
 * struct nvm_ns_info - what nvm_admin_ns_info() learns of a namespace
 * @ns_id: namespace identifier
 * @size: NSZE, logical blocks
 * @capacity: NCAP, logical blocks
 * @utilization: NUSE, logical blocks
 * @lba_data_size: bytes of data in a logical block
 * @metadata_size: bytes of metadata per logical block
 */
struct nvm_ns_info {
	uint32_t ns_id;
	uint64_t size;
	uint64_t capacity;
	uint64_t utilization;
	size_t lba_data_size;
	size_t metadata_size;
};

#ifdef __cplusplus
}
#endif

#endif
