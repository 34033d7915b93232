// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysfs.c - the backend "sysfs": a PCI function that no driver is bound to, with BAR0 mapped through
 * sysfs and physical addresses for DMA. For machines without an IOMMU; needs root.
 *
 * Nothing confines the device: it reaches all memory. So bus mastering is on only between the moment
 * the controller is enabled with our queues and the end of this backend.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/backend.h"
#include "backend/sysfs/pagemap.h"
#include "backend/pci/pci.h"
#include "backend/sysfs/pin.h"
#include "backend/sysfs/function.h"
#include "controller/error.h"
#include "memory/populate.h"
#include "memory/split.h"
#include "nvm_spec.h"

struct sysfs_backend {
	struct nvmi_backend be;
	struct nvmi_function function;
	int resource; /* open and locked "resource0" */
	int pagemap;
};

static struct sysfs_backend *of(struct nvmi_backend *be)
{
	return (struct sysfs_backend *)be;
}

/* The controller starts to fetch commands: from now on it may reach memory. */
static void before_cc(struct nvmi_backend *be, uint32_t cc)
{
	if (NVM_CC_EN(cc) != 0 && nvmi_function_master(&of(be)->function, true) != 0)
		nvmi_log(NVMI_LOG_ERROR, "bus mastering: %s", nvm_errmsg());
}

static void sysfs_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	if (offset == NVM_REG_CC)
		before_cc(be, value);
	nvmi_mmio_write32(be, offset, value);
}

static void sysfs_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	if (offset == NVM_REG_CC - 4)
		before_cc(be, (uint32_t)(value >> 32));
	nvmi_mmio_write64(be, offset, value);
}

static int fail_not_pinned(const struct nvmi_mapping *m)
{
	return nvmi_fail(ENOTSUP,
			 "%zu bytes at %p cannot be pinned, because io_uring is switched off: "
			 "sysctl kernel.io_uring_disabled=0, or use huge pages: sysctl "
			 "vm.nr_hugepages=64",
			 m->size, m->vaddr);
}

/*
 * After a fork, writing to private memory gives the writer a copy in another place, if the pages are
 * not pinned: so children do not get them. The whole huge pages, or the kernel refuses; how large
 * they are it does not tell for a range, but it takes no size that is too small.
 */
static int keep_from_children(const struct nvmi_mapping *m)
{
	uintptr_t first = (uintptr_t)m->vaddr, last = first + m->size, huge;

	for (huge = (uintptr_t)64 << 10; huge <= (uintptr_t)16 << 30; huge *= 2) {
		uintptr_t start = first & ~(huge - 1);
		uintptr_t end = (last + huge - 1) & ~(huge - 1);

		if (madvise((void *)start, end - start, MADV_DONTFORK) == 0)
			return 0;
		if (errno != EINVAL)
			break;
	}
	return nvmi_fail(ENOTSUP, "huge pages at %p cannot be kept from forked children: %s",
			 m->vaddr, strerror(errno));
}

/* Where pages cannot be pinned: only such that stay in place anyway. Looks up their addresses again. */
static int require_huge_pages(struct sysfs_backend *sb, const struct nvmi_mapping *m,
			      uint64_t *addrs, size_t n)
{
	int err = nvmi_pagemap_all_huge(addrs, n);

	if (err == ENOTSUP)
		return fail_not_pinned(m);
	if (err == 0)
		err = keep_from_children(m);
	/* A child that was there before had its share in them: this makes them ours, maybe elsewhere. */
	if (err == 0)
		err = nvmi_check_memory(m->vaddr, m->size);
	if (err == 0)
		err = nvmi_pagemap_read(sb->pagemap, m->vaddr, n, addrs);
	return err;
}

/* Bus addresses of pinned memory. */
static int find_addresses(struct sysfs_backend *sb, struct nvmi_mapping *m)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t n = m->size / page, bad;
	uint64_t *addrs;
	int err;

	addrs = calloc(n, sizeof(*addrs));
	if (addrs == NULL)
		return nvmi_fail(ENOMEM, "out of memory while mapping %zu bytes", m->size);
	err = nvmi_pagemap_read(sb->pagemap, m->vaddr, n, addrs);
	if (err == 0 && m->priv == NULL)
		err = require_huge_pages(sb, m, addrs, n);
	if (err == 0) {
		err = nvmi_split_pages(m->ioaddrs, m->page_size, addrs, page, n, &bad);
		if (err != 0)
			err = nvmi_fail(ENOMEM,
					"the host's pages at %p do not make up controller pages "
					"of %zu bytes: use huge pages: sysctl vm.nr_hugepages=64",
					m->vaddr, m->page_size);
	}
	free(addrs);
	return err;
}

static int sysfs_map_host(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct nvmi_pin *pin;
	int err;

	/* Pinning may move pages, so addresses are looked up afterwards. */
	err = nvmi_pin_new(&pin, m->vaddr, m->size);
	if (err != 0 && err != ENOTSUP)
		return err;
	m->priv = pin;
	err = find_addresses(of(be), m);
	if (err != 0)
		nvmi_pin_delete(pin);
	return err;
}

static void sysfs_unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	(void)be;
	nvmi_pin_delete(m->priv);
}

static int sysfs_reset(struct nvmi_backend *be)
{
	return nvmi_function_reset(&of(be)->function);
}

static void sysfs_stop_dma(struct nvmi_backend *be)
{
	if (nvmi_function_master(&of(be)->function, false) != 0)
		nvmi_log(NVMI_LOG_ERROR, "bus mastering: %s", nvm_errmsg());
}

static void sysfs_close(struct nvmi_backend *be)
{
	struct sysfs_backend *sb = of(be);

	nvmi_function_close(&sb->function);
	munmap((void *)(uintptr_t)be->bar, be->bar_size);
	close(sb->pagemap);
	close(sb->resource);
	free(sb);
}

static const struct nvmi_backend_ops sysfs_ops = {
	.read32 = nvmi_mmio_read32,
	.read64 = nvmi_mmio_read64,
	.write32 = sysfs_write32,
	.write64 = sysfs_write64,
	.map_host = sysfs_map_host,
	.unmap = sysfs_unmap,
	.reset = sysfs_reset,
	.stop_dma = sysfs_stop_dma,
	.close = sysfs_close,
};

/* Can the function be driven by physical addresses, as it is set up? */
static int check_function(const char *bdf)
{
	char driver[NVMI_NAME_SIZE];

	nvmi_pci_driver(bdf, driver);
	if (strcmp(driver, "vfio-pci") == 0)
		return nvmi_fail(
			EBUSY, "%s is bound to vfio-pci: open it by its address, not by resource0",
			bdf);
	if (nvmi_pci_iommu_translates(bdf))
		return nvmi_fail(ENOTSUP,
				 "%s is behind an IOMMU that translates addresses: run nvm-bind %s "
				 "--driver=vfio-pci",
				 bdf, bdf);
	if (driver[0] != '\0' && strcmp(driver, "uio_pci_generic") != 0)
		return nvmi_fail(EBUSY,
				 "%s is bound to %s, which has its registers: run nvm-bind %s "
				 "--driver=none",
				 bdf, driver, bdf);
	return 0;
}

/* Open and lock "resource0". */
static int open_resource(int *fd, const char *bdf)
{
	char path[PATH_MAX];
	int err;

	err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf);
	if (err != 0)
		return err;
	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT)
		return nvmi_fail(ENODEV, "%s has no BAR0 that could be mapped: see lspci -v -s %s",
				 bdf, bdf);
	if (*fd < 0)
		return nvmi_fail(errno, "cannot open %s: %s%s", path, strerror(errno),
				 errno == EACCES || errno == EPERM ? ": run as root" : "");
	err = nvmi_pci_lock(*fd, bdf);
	if (err != 0)
		close(*fd);
	return err;
}

static int map_bar(struct sysfs_backend *sb, const char *bdf)
{
	struct stat st;
	void *bar;

	if (fstat(sb->resource, &st) != 0)
		return nvmi_fail(errno, "%s: cannot tell the size of BAR0: %s", bdf,
				 strerror(errno));
	if (st.st_size < NVM_CTRL_MEM_MINSIZE)
		return nvmi_fail(ENODEV, "%s: BAR0 has %lld bytes, a controller at least %d", bdf,
				 (long long)st.st_size, NVM_CTRL_MEM_MINSIZE);
	bar = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, sb->resource, 0);
	if (bar == MAP_FAILED)
		return nvmi_fail(errno == EINVAL ? EBUSY : errno,
				 "BAR0 of %s cannot be mapped: %s: a "
				 "kernel driver may have claimed it, or the kernel is locked down",
				 bdf, strerror(errno));
	sb->be.bar = bar;
	sb->be.bar_size = (size_t)st.st_size;
	return 0;
}

/* The parts in order; what was opened is closed again on failure. */
static int open_parts(struct sysfs_backend *sb, const char *bdf)
{
	int err;

	err = open_resource(&sb->resource, bdf);
	if (err != 0)
		return err;
	err = nvmi_pagemap_open(&sb->pagemap);
	if (err != 0)
		goto close_resource;
	err = map_bar(sb, bdf);
	if (err != 0)
		goto close_pagemap;
	err = nvmi_function_open(&sb->function, bdf);
	if (err == 0)
		return 0;

	munmap((void *)(uintptr_t)sb->be.bar, sb->be.bar_size);
close_pagemap:
	close(sb->pagemap);
close_resource:
	close(sb->resource);
	return err;
}

int nvmi_sysfs_open(struct nvmi_backend **be, const char *bdf)
{
	struct sysfs_backend *sb;
	int err;

	*be = NULL;
	err = check_function(bdf);
	if (err != 0)
		return err;
	sb = calloc(1, sizeof(*sb));
	if (sb == NULL)
		return nvmi_fail(ENOMEM, "%s: out of memory", bdf);
	err = open_parts(sb, bdf);
	if (err != 0) {
		free(sb);
		return err;
	}
	sb->be.ops = &sysfs_ops;
	sb->be.huge_pages_contiguous = true;
	snprintf(sb->be.name, sizeof(sb->be.name), "%s (sysfs)", bdf);
	*be = &sb->be;
	return 0;
}

/* Is a descriptor the "resource0" of the function at that address? */
static bool is_resource(const struct stat *st, const char *bdf)
{
	char path[PATH_MAX];
	struct stat want;

	return nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf) == 0 &&
	       stat(path, &want) == 0 && st->st_dev == want.st_dev && st->st_ino == want.st_ino;
}

/* The path of an open file, split into its last folder and its name. */
static bool last_folder(int fd, char *path, size_t size, char **folder, char **name)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, size - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	*name = strrchr(path, '/');
	if (*name == NULL)
		return false;
	*(*name)++ = '\0';
	*folder = strrchr(path, '/');
	return *folder != NULL && *++*folder != '\0';
}

int nvmi_sysfs_open_fd(struct nvmi_backend **be, int fd)
{
	char path[PATH_MAX], bdf[NVMI_BDF_SIZE];
	char *folder, *name;
	struct stat st;
	int err;

	*be = NULL;
	if (fstat(fd, &st) != 0)
		return nvmi_fail(errno,
				 "%d is not an open file descriptor: pass resource0 of a PCI "
				 "device in sysfs",
				 fd);
	if (!last_folder(fd, path, sizeof(path), &folder, &name) ||
	    strcmp(name, "resource0") != 0 || nvmi_pci_parse(folder, bdf) != 0 ||
	    !is_resource(&st, bdf))
		return nvmi_fail(EINVAL,
				 "file descriptor %d is not resource0 of a PCI device: open "
				 "/sys/bus/pci/devices/0000:05:00.0/resource0 or the like",
				 fd);
	err = nvmi_pci_check(bdf);
	/* Opened again, for a lock that is ours alone and goes when we do. */
	return err != 0 ? err : nvmi_sysfs_open(be, bdf);
}
