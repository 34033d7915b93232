/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vfio.h - inside the VFIO backend: devices, and the DMA domains that they share.
 */
#ifndef NVMI_VFIO_H
#define NVMI_VFIO_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "backend/pci/pci.h"
#include "memory/iova.h"

struct nvmi_vfio;
struct nvmi_vfio_domain;

/**
 * struct nvmi_vfio_domain_ops - the two interfaces of the kernel: group and container, or iommufd
 * @device: open a device and attach it: 0 or errno with message
 * @windows: I/O virtual addresses that can be used, an array to free(3): 0 or errno with message
 * @map, @unmap: 0 or errno, no message
 * @close: release everything
 */
struct nvmi_vfio_domain_ops {
	int (*device)(struct nvmi_vfio_domain *d, const char *bdf, int *fd);
	int (*windows)(struct nvmi_vfio_domain *d, struct nvmi_iova_range **ranges, size_t *n);
	int (*map)(struct nvmi_vfio_domain *d, void *vaddr, uint64_t iova, uint64_t size);
	int (*unmap)(struct nvmi_vfio_domain *d, uint64_t iova, uint64_t size);
	void (*close)(struct nvmi_vfio_domain *d);
};

/**
 * struct nvmi_vfio_domain - an I/O address space; one for every IOMMU group this process uses, because
 *	the kernel lets a group be opened once
 * @next: in the list of all
 * @ops: which interface
 * @group: IOMMU group number
 * @devices: those that this process has open
 * @group_fd: /dev/vfio/GROUP, -1 with iommufd
 * @iommu_fd: the container, or the iommufd
 * @ioas_id: address space in the iommufd
 * @iova: allocator
 */
struct nvmi_vfio_domain {
	struct nvmi_vfio_domain *next;
	const struct nvmi_vfio_domain_ops *ops;
	int group;
	struct nvmi_vfio *devices;
	int group_fd;
	int iommu_fd;
	uint32_t ioas_id;
	struct nvmi_iova *iova;
};

/**
 * struct nvmi_vfio - an open device
 * @be: what the library sees
 * @bdf: address
 * @domain: its I/O address space
 * @next: next device of the domain
 * @fd: device file
 * @null_fd: open /dev/null, to take the place of @fd when the kernel wants the device back
 * @gone: that has happened
 * @bar_offset: BAR0 in @fd
 * @config_offset: configuration space in @fd
 * @bar_size: bytes of BAR0, mapped at @be.bar
 * @can_reset: there is a function reset
 * @irq_lock: protects the next three
 * @irq_index: MSI-X or MSI
 * @n_irqs_on: vectors that the kernel has switched on
 * @irq_fds: duplicate of every vector's eventfd, -1 if none
 * @watcher: thread that waits for the kernel to want the device back
 * @watching: it runs
 * @request_fd: eventfd for that request
 * @stop_fd: eventfd that ends the thread
 */
struct nvmi_vfio {
	struct nvmi_backend be;
	char bdf[NVMI_BDF_SIZE];
	struct nvmi_vfio_domain *domain;
	struct nvmi_vfio *next;
	int fd;
	int null_fd;
	atomic_bool gone;
	uint64_t bar_offset;
	uint64_t config_offset;
	size_t bar_size;
	bool can_reset;
	pthread_mutex_t irq_lock;
	uint32_t irq_index;
	unsigned int n_irqs_on;
	int *irq_fds;
	pthread_t watcher;
	bool watching;
	int request_fd;
	int stop_fd;
};

/* --- domains (domain.c) */

/**
 * nvmi_vfio_domain_open() - open a device in the domain of its IOMMU group
 * @v: device whose address is set; gets its domain and its file
 *
 * Return: 0 or errno with message. After success nvmi_vfio_domain_close(), which closes the file.
 */
int nvmi_vfio_domain_open(struct nvmi_vfio *v);
void nvmi_vfio_domain_close(struct nvmi_vfio *v);

int nvmi_vfio_map(struct nvmi_backend *be, struct nvmi_mapping *m);
void nvmi_vfio_unmap(struct nvmi_backend *be, struct nvmi_mapping *m);

/*
 * The two ways to begin a domain whose group is set: 0 or errno with message. With iommufd ENOENT
 * says that the kernel does not have it.
 */
int nvmi_vfio_group_begin(struct nvmi_vfio_domain *d, const char *bdf);
int nvmi_vfio_iommufd_begin(struct nvmi_vfio_domain *d, const char *bdf);

/* EBUSY with message if another device of the group belongs to a driver of the kernel. */
int nvmi_vfio_check_group(int group, const char *bdf);

/* A message for a file that cannot be opened: who may open it is what the user must know. */
int nvmi_vfio_fail_open(int err, const char *path, const char *bdf);

/* --- what INFO calls return (caps.c) */

/**
 * nvmi_vfio_find_cap() - find a capability
 * @info: what the call returned
 * @size: bytes of it
 * @offset: of the first capability
 * @id: which one
 *
 * Old kernels put them at addresses that are not aligned: read them with nvmi_vfio_copy().
 *
 * Return: its offset in @info, 0 if it is not there.
 */
size_t nvmi_vfio_find_cap(const void *info, size_t size, uint32_t offset, uint16_t id);

/* Copy @n bytes at an offset of @info; false if they are not all there. */
bool nvmi_vfio_copy(void *to, size_t n, const void *info, size_t size, size_t offset);

/* --- interrupts and the kernel's request for the device (irq.c, watch.c) */

int nvmi_vfio_irq_init(struct nvmi_vfio *v);
int nvmi_vfio_irq(struct nvmi_backend *be, unsigned int vector, int eventfd);
void nvmi_vfio_irq_close(struct nvmi_vfio *v);

/* VFIO_DEVICE_SET_IRQS, triggers only; fds == NULL switches the whole index off. 0 or errno. */
int nvmi_vfio_set_irqs(struct nvmi_vfio *v, uint32_t index, unsigned int first, unsigned int n,
		       const int *fds);
int nvmi_vfio_watch(struct nvmi_vfio *v);
void nvmi_vfio_watch_end(struct nvmi_vfio *v);

/* --- for those (vfio.c) */

/* Set and clear bits of the PCI command register. 0 or errno. */
int nvmi_vfio_command(struct nvmi_vfio *v, uint16_t set, uint16_t clear);

/* Bits of the PCI command register. */
#define NVMI_PCI_COMMAND_MEMORY 0x2U
#define NVMI_PCI_COMMAND_MASTER 0x4U

#endif
