/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backend.h - one way to reach a controller = one backend behind this table.
 *
 * Registers, DMA mapping, interrupts and resets go through it; queues and doorbells are plain memory,
 * so the I/O path never makes an indirect call.
 */
#ifndef NVMI_BACKEND_H
#define NVMI_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvm_ctrl.h"

struct nvmi_backend;

/**
 * struct nvmi_mapping - memory of this process that a backend makes reachable
 * @vaddr: start, aligned to the larger of the host's and the controller's page
 * @size: bytes, a multiple of the same
 * @page_size: controller page, bytes: what one element of @ioaddrs covers
 * @ioaddrs: filled in by the backend, @size / @page_size elements
 * @priv: the backend's own
 */
struct nvmi_mapping {
	void *vaddr;
	size_t size;
	size_t page_size;
	uint64_t *ioaddrs;
	void *priv;
};

/**
 * struct nvmi_backend_ops - what a backend does
 * @read32, @read64: read a register; all ones if the device cannot be reached any more. Any thread
 * @write32, @write64: write a register; no effect if the device cannot be reached. Any thread
 * @map_host: make memory reachable: all of it or nothing. Returns 0 or errno with nvmi_fail()'s
 *	message. NULL if the backend cannot. Any thread
 * @unmap: undo @map_host; afterwards the controller cannot reach the memory. Any thread
 * @irq: connect a vector to an eventfd, -1 disconnects; NULL if there are no interrupts
 * @reset: function reset: 0 or errno; NULL if there is none. The controller must come back as after
 *	power-on, with DMA still possible
 * @stop_dma: keep the device from reaching memory, whatever it does, until CC.EN is set again: for a
 *	controller that cannot be disabled. NULL where @unmap is enough to do that
 * @close: release everything; never fails
 */
struct nvmi_backend_ops {
	uint32_t (*read32)(struct nvmi_backend *be, uint32_t offset);
	uint64_t (*read64)(struct nvmi_backend *be, uint32_t offset);
	void (*write32)(struct nvmi_backend *be, uint32_t offset, uint32_t value);
	void (*write64)(struct nvmi_backend *be, uint32_t offset, uint64_t value);
	int (*map_host)(struct nvmi_backend *be, struct nvmi_mapping *m);
	void (*unmap)(struct nvmi_backend *be, struct nvmi_mapping *m);
	int (*irq)(struct nvmi_backend *be, unsigned int vector, int eventfd);
	int (*reset)(struct nvmi_backend *be);
	void (*stop_dma)(struct nvmi_backend *be);
	void (*close)(struct nvmi_backend *be);
};

/**
 * struct nvmi_backend - an open backend; each embeds it as its first member
 * @ops: its table
 * @bar: BAR0 (see nvm_ctrl_t.mm_ptr)
 * @bar_size: bytes at @bar
 * @n_irqs: interrupt vectors
 * @huge_pages_contiguous: bus addresses within a huge page are contiguous, and beyond it are not: worth
 *	taking huge pages even for small queues
 * @doorbells_are_memory: writing one costs no more than any store: the Doorbell Buffer would gain nothing
 * @name: for messages: "0000:05:00.0 (vfio)"
 */
struct nvmi_backend {
	const struct nvmi_backend_ops *ops;
	volatile void *bar;
	size_t bar_size;
	unsigned int n_irqs;
	bool huge_pages_contiguous;
	bool doorbells_are_memory;
	char name[96];
};

/* Registers of a BAR mapped into this process; used by the backends that have one. */
uint32_t nvmi_mmio_read32(struct nvmi_backend *be, uint32_t offset);
uint64_t nvmi_mmio_read64(struct nvmi_backend *be, uint32_t offset);
void nvmi_mmio_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value);
void nvmi_mmio_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value);

/*
 * Open functions, one per backend. 0 or errno with a message; *be is the caller's to close through
 * ops->close. flags: NVM_CTRL_ALLOW_IN_USE.
 */
int nvmi_emu_open(struct nvmi_backend **be, const char *spec);
int nvmi_vfio_open(struct nvmi_backend **be, const char *bdf);
int nvmi_sysfs_open(struct nvmi_backend **be, const char *bdf);
int nvmi_sysfs_open_fd(struct nvmi_backend **be, int fd);
int nvmi_raw_open(struct nvmi_backend **be, volatile void *mm_ptr, size_t mm_size);

/* A PCI address: in-use checks, then VFIO or sysfs by the driver that is bound. */
int nvmi_pci_open(struct nvmi_backend **be, const char *bdf, uint32_t flags);

#endif
