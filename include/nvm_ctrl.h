/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_ctrl.h - reaching a controller: its registers, interrupts and resets.
 *
 * A child made by fork(2) must not use, nor release, what its parent has made with libnvm; as long as it
 * lives without calling exec(2), nobody else can open the controller.
 */
#ifndef NVM_CTRL_H
#define NVM_CTRL_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Least size of a mapped BAR0: the registers and the first page of doorbells. */
#define NVM_CTRL_MEM_MINSIZE 0x2000

/**
 * struct nvm_ctrl_options - how to open a controller
 * @size: sizeof(struct nvm_ctrl_options) as the caller was compiled
 * @flags: NVM_CTRL_* below, or 0
 * @page_size: memory page size to run the controller with (CC.MPS), bytes, a power of two;
 *	0 = the largest that both the host's page and the controller allow
 * @timeout_ms: upper bound for the controller to become ready, ms; 0 = what the controller says
 */
struct nvm_ctrl_options {
	size_t size;
	uint32_t flags;
	uint32_t page_size;
	uint64_t timeout_ms;
};

/* All defaults. */
#define NVM_CTRL_OPTIONS_INIT                            \
	{                                                \
		sizeof(struct nvm_ctrl_options), 0, 0, 0 \
	}

/* Open a disk although something on this machine seems to use it: data loss is likely. */
#define NVM_CTRL_ALLOW_IN_USE 0x1U

/**
 * nvm_ctrl_open() - reach a controller by its URI
 * @ctrl: where the controller goes; NULL on failure
 * @uri: "emu:", "emu:disk.img?size=4G&lba=4096", "05:00.0", "0000:05:00.0", "pci:0000:05:00.0"
 *	(docs/backends.md has every form and option)
 * @options: NULL for the defaults
 *
 * Does not touch the controller's state: nvm_aq_create() resets and enables it.
 *
 * Return: 0 or errno: EINVAL (URI malformed, option unknown), ENODEV (no such device, or not NVMe),
 * EBUSY (in use on this machine, or bound to the kernel's nvme driver, or open elsewhere), EACCES or
 * EPERM (permission), ENOTSUP (no backend can reach it as it is set up), ERANGE (no common page
 * size), EIO (registers that no controller may have), ENOMEM. nvm_errmsg() has cause and remedy. Any
 * thread.
 */
int nvm_ctrl_open(nvm_ctrl_t **ctrl, const char *uri, const struct nvm_ctrl_options *options);

#if defined(__unix__)
/**
 * nvm_ctrl_init() - reach a controller through a file descriptor
 * @ctrl: where the controller goes; NULL on failure
 * @fd: open "resource0" of a PCI device in sysfs; duplicated, so the caller may close it
 *
 * Return: 0 or errno: EBADF, EINVAL (not such a file), EBUSY (a driver has it, or it is open
 * elsewhere), ENOTSUP (an IOMMU translates its addresses), EPERM or EACCES, and those of
 * nvm_raw_ctrl_init(). Any thread.
 */
int nvm_ctrl_init(nvm_ctrl_t **ctrl, int fd);
#endif

/**
 * nvm_raw_ctrl_init() - use a BAR0 that the caller has mapped
 * @ctrl: where the controller goes; NULL on failure
 * @mm_ptr: BAR0, mapped uncached; must stay mapped until nvm_ctrl_free()
 * @mm_size: bytes mapped, at least NVM_CTRL_MEM_MINSIZE
 *
 * DMA memory of such a controller is mapped with addresses from the caller: nvm_dma_map().
 *
 * Return: 0 or errno: EINVAL (@mm_size too small, @mm_ptr not aligned to 8), ENODEV (reads all ones),
 * ERANGE (the controller's smallest page is larger than the host's), EIO (CAP.MQES = 0), ENOTSUP (no
 * usable command set), ENOMEM. Any thread.
 */
int nvm_raw_ctrl_init(nvm_ctrl_t **ctrl, volatile void *mm_ptr, size_t mm_size);

/**
 * nvm_raw_ctrl_reset() - disable the controller, set its admin queues and enable it
 * @ctrl: controller
 * @acq_ioaddr: bus address of the admin CQ, one controller page, page-aligned
 * @asq_ioaddr: bus address of the admin SQ, one controller page, page-aligned
 *
 * Base Specification, "Controller Initialization". The whole sequence: a controller that is on its
 * way up is waited for, then disabled, then enabled with queues of one page each.
 *
 * Return: 0 or errno: ETIME (not ready in time), EIO (CSTS.CFS), ENODEV (gone), EINVAL, EBUSY (an
 * admin queue pair exists). One thread at a time.
 */
int nvm_raw_ctrl_reset(const nvm_ctrl_t *ctrl, uint64_t acq_ioaddr, uint64_t asq_ioaddr);

/**
 * nvm_ctrl_function_reset() - reset the whole function (PCI FLR, or the backend's equivalent)
 * @ctrl: controller
 *
 * Registers and queues return to their initial state; DMA mappings stay. Destroy and create the
 * admin queue pair again afterwards.
 *
 * Return: 0 or errno: ENOTSUP (the backend has no reset), EIO, ENODEV. One thread at a time.
 */
int nvm_ctrl_function_reset(const nvm_ctrl_t *ctrl);

/**
 * nvm_ctrl_free() - let go of a controller
 * @ctrl: controller; NULL is safe
 *
 * Its admin queue pair and DMA mappings keep what they need until they are released themselves.
 * One thread.
 */
void nvm_ctrl_free(nvm_ctrl_t *ctrl);

/**
 * nvm_ctrl_read32() - read a 32-bit register
 * @ctrl: controller
 * @offset: in BAR0, bytes, a multiple of 4 below 0x1000 (NVM_REG_* in nvm_spec.h)
 *
 * Return: its value; all ones if the device is gone or @offset is out of range. Any thread.
 */
uint32_t nvm_ctrl_read32(const nvm_ctrl_t *ctrl, uint32_t offset);

/** nvm_ctrl_read64() - read a 64-bit register (@offset a multiple of 8); see nvm_ctrl_read32() */
uint64_t nvm_ctrl_read64(const nvm_ctrl_t *ctrl, uint32_t offset);

/**
 * nvm_ctrl_write32() - write a 32-bit register
 * @ctrl: controller
 * @offset: in BAR0, bytes, a multiple of 4 below 0x1000
 * @value: new value
 *
 * For test programs: the library's own use of CC, AQA, ASQ and ACQ assumes nobody else writes them.
 * Return: 0 or errno: EINVAL (@offset). Any thread.
 */
int nvm_ctrl_write32(const nvm_ctrl_t *ctrl, uint32_t offset, uint32_t value);

/** nvm_ctrl_write64() - write a 64-bit register (@offset a multiple of 8); see nvm_ctrl_write32() */
int nvm_ctrl_write64(const nvm_ctrl_t *ctrl, uint32_t offset, uint64_t value);

/**
 * nvm_ctrl_irq() - deliver an interrupt vector as an eventfd
 * @ctrl: controller
 * @vector: 0..nvm_ctrl_n_irqs() - 1
 * @eventfd: eventfd(2) descriptor that stays the caller's; -1 switches the vector off
 *
 * Return: 0 or errno: EINVAL, ENOTSUP (the backend has no interrupts), EBUSY (the vector belongs to a queue
 * pair, nvm_qpair.h). Any thread.
 */
int nvm_ctrl_irq(const nvm_ctrl_t *ctrl, unsigned int vector, int eventfd);

/** nvm_ctrl_n_irqs() - interrupt vectors that nvm_ctrl_irq() can deliver, 0 if none. Any thread. */
unsigned int nvm_ctrl_n_irqs(const nvm_ctrl_t *ctrl);

/**
 * nvm_ctrl_name() - what the controller is and how it is reached, for messages
 * @ctrl: controller
 *
 * Return: such as "0000:05:00.0 (vfio)", valid as long as @ctrl. Any thread.
 */
const char *nvm_ctrl_name(const nvm_ctrl_t *ctrl);

#ifdef __cplusplus
}
#endif

#endif
