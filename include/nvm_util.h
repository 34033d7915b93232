/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_util.h - page, block and field arithmetic (the classic macros).
 */
#ifndef NVM_UTIL_H
#define NVM_UTIL_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bits hi..lo of v, shifted down; and v shifted up into bits hi..lo. */
#define _RB(v, hi, lo) \
	(((uint64_t)(v) >> (lo)) & (UINT64_MAX >> (63U - ((unsigned)(hi) - (unsigned)(lo)))))
#define _WB(v, hi, lo) \
	(((uint64_t)(v) & (UINT64_MAX >> (63U - ((unsigned)(hi) - (unsigned)(lo))))) << (lo))

/* Integers that may be laid over other types: commands and completions are arrays of dwords. */
typedef uint8_t __attribute__((may_alias)) nvm_reg8_t;
typedef uint16_t __attribute__((may_alias)) nvm_reg16_t;
typedef uint32_t __attribute__((may_alias)) nvm_reg32_t;
typedef uint64_t __attribute__((may_alias)) nvm_reg64_t;

/* Volatile pointer to a register of 8, 16, 32 or 64 bits at a byte offset. */
#define _REG(ptr, offset, bits)                                                            \
	((volatile nvm_reg##bits##_t *)(volatile void *)((volatile unsigned char *)(ptr) + \
							 (offset)))

#define NVM_PAGE_TO_BLOCK(page_size, block_size, pageno)  (((page_size) * (pageno)) / (block_size))
#define NVM_BLOCK_TO_PAGE(page_size, block_size, blockno) (((block_size) * (blockno)) / (page_size))

/* The bits of an address that name its page; an address rounded down; a size rounded up. */
#define NVM_PAGE_MASK(page_size)       (~((uint64_t)(page_size)-1))
#define NVM_ADDR_MASK(addr, page_size) (NVM_PAGE_MASK(page_size) & (uint64_t)(addr))
#define NVM_PAGE_ALIGN(size, page_size) \
	(((uint64_t)(size) + ~NVM_PAGE_MASK(page_size)) & NVM_PAGE_MASK(page_size))

/* Address of page number pageno: as uint64_t and as void pointer. */
#define NVM_ADDR_OFFSET(addr, page_size, pageno) \
	((uint64_t)(addr) + (uint64_t)(page_size) * (uint64_t)(pageno))
#define NVM_PTR_OFFSET(ptr, page_size, pageno) \
	((void *)((unsigned char *)(ptr) + (size_t)(page_size) * (size_t)(pageno)))

/* The same with the page size of a controller or of a DMA mapping. */
#define NVM_CTRL_ALIGN(ctrl, size)  NVM_PAGE_ALIGN((size), (ctrl)->page_size)
#define NVM_CTRL_PAGES(ctrl, size)  (NVM_PAGE_ALIGN((size), (ctrl)->page_size) / (ctrl)->page_size)
#define NVM_DMA_ALIGN(dma, size)    NVM_PAGE_ALIGN((size), (dma)->page_size)
#define NVM_DMA_OFFSET(dma, pageno) NVM_PTR_OFFSET((dma)->vaddr, (dma)->page_size, (pageno))

/* Fields of commands and completions, as volatile pointers. */
#define NVM_CMD_CID(p)    _REG((p), 2, 16)
#define NVM_CMD_NSID(p)   _REG((p), 4, 32)
#define NVM_CPL_SQHD(p)   _REG((p), 8, 16)
#define NVM_CPL_SQID(p)   _REG((p), 10, 16)
#define NVM_CPL_CID(p)    _REG((p), 12, 16)
#define NVM_CPL_STATUS(p) _REG((p), 14, 16)

/*
 * A command identifier from tail and phase of an SQ: call it before the slot is taken. Unique among
 * the commands in flight as long as the queue has at most 32768 entries.
 */
#define NVM_DEFAULT_CID(sq) \
	((uint16_t)(((sq)->tail & 0x7fffU) | (((uint32_t)(sq)->phase & 1U) << 15)))

/*
 * Memory of hosts that libnvm runs on is coherent with device DMA, so these do nothing; they mark
 * the places where a host without coherence, or a write-combining mapping, would need an action.
 */
static inline void nvm_cache_flush(const volatile void *ptr, size_t size)
{
	(void)ptr;
	(void)size;
}

static inline void nvm_cache_invalidate(const volatile void *ptr, size_t size)
{
	(void)ptr;
	(void)size;
}

static inline void nvm_wcb_flush(void)
{
}

/**
 * nvm_ctrl_from_aq_ref() - the controller behind an admin queue reference
 * @ref: admin queue reference; NULL is safe
 *
 * Return: the controller, valid as long as @ref is; NULL if @ref is NULL. Any thread.
 */
const nvm_ctrl_t *nvm_ctrl_from_aq_ref(nvm_aq_ref ref);

#ifdef __cplusplus
}
#endif

#endif
