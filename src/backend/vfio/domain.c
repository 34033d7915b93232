// SPDX-License-Identifier: BSD-2-Clause
/*
 * domain.c - the I/O address spaces of VFIO devices: one per IOMMU group, shared by its devices in
 * this process; memory is mapped at one range of addresses per mapping.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "controller/error.h"

#define HUGE_2M (UINT64_C(1) << 21)
#define HUGE_1G (UINT64_C(1) << 30)

static pthread_mutex_t domains_lock = PTHREAD_MUTEX_INITIALIZER;
static struct nvmi_vfio_domain *domains;

int nvmi_vfio_fail_open(int err, const char *path, const char *bdf)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return nvmi_fail(err,
				 "%s: no permission for %s: run as root, or make it yours (chown)",
				 bdf, path);
	case EBUSY:
		return nvmi_fail(err, "%s: %s is open in another process: end that first", bdf,
				 path);
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return nvmi_fail(ENODEV,
				 "%s: there is no %s: modprobe vfio-pci, and in a container"
				 " pass the device in",
				 bdf, path);
	default:
		return nvmi_fail(err, "%s: %s cannot be opened: %s", bdf, path, strerror(err));
	}
}

/* Devices of a group that stand in the way. */
struct group_check {
	const char *bdf;
	char others[160];
};

static int check_member(const char *bdf, void *arg)
{
	/* Those that do no DMA for the kernel: bridges (pcieport) are a matter of their own. */
	static const char *const harmless[] = {"", "vfio-pci", "pci-stub", "pcieport"};
	struct group_check *check = arg;
	char driver[NVMI_NAME_SIZE];
	size_t used = strlen(check->others);

	nvmi_pci_driver(bdf, driver);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcmp(driver, harmless[i]) == 0)
			return 0;
	snprintf(check->others + used, sizeof(check->others) - used, "%s%.20s (%.40s)",
		 used == 0 ? "" : ", ", bdf, driver);
	return 0;
}

int nvmi_vfio_check_group(int group, const char *bdf)
{
	struct group_check check = {.bdf = bdf};
	char path[PATH_MAX];

	if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/devices", bdf) ==
	    0)
		nvmi_pci_each_entry(path, check_member, &check);
	if (check.others[0] == '\0')
		return 0;
	return nvmi_fail(EBUSY,
			 "%s shares IOMMU group %d with devices that kernel drivers use: %s: bind "
			 "them to vfio-pci too (nvm-bind)",
			 bdf, group, check.others);
}

/* A new domain, through iommufd where the kernel has it; NVM_VFIO=group|iommufd decides otherwise. */
static int begin(struct nvmi_vfio_domain *d, const char *bdf)
{
	const char *way = secure_getenv("NVM_VFIO");
	int err = ENOENT;

	d->group_fd = -1;
	d->iommu_fd = -1;
	if (way == NULL || strcmp(way, "group") != 0)
		err = nvmi_vfio_iommufd_begin(d, bdf);
	if (err == 0 || (way != NULL && strcmp(way, "iommufd") == 0))
		return err;
	/* No permission for the device file may still mean permission for the group. */
	if (err == ENOENT || err == EACCES || err == EPERM)
		err = nvmi_vfio_group_begin(d, bdf);
	return err;
}

static int new_domain(struct nvmi_vfio_domain **domain, int group, const char *bdf)
{
	struct nvmi_vfio_domain *d = calloc(1, sizeof(*d));
	int err;

	if (d == NULL)
		return nvmi_fail(ENOMEM, "%s: out of memory", bdf);
	d->group = group;
	err = begin(d, bdf);
	if (err != 0) {
		free(d);
		return err;
	}
	d->next = domains;
	domains = d;
	*domain = d;
	return 0;
}

static void drop(struct nvmi_vfio_domain *d)
{
	struct nvmi_vfio_domain **link;

	for (link = &domains; *link != d; link = &(*link)->next)
		;
	*link = d->next;
	d->ops->close(d);
	nvmi_iova_delete(d->iova);
	free(d);
}

/* The windows are known once the first device is attached. */
static int make_allocator(struct nvmi_vfio_domain *d, const char *bdf)
{
	struct nvmi_iova_range *ranges = NULL;
	size_t n = 0;
	int err = d->ops->windows(d, &ranges, &n);

	if (err == 0) {
		err = nvmi_iova_new(&d->iova, ranges, n);
		if (err != 0)
			nvmi_fail(err, "%s: no I/O addresses can be used: %s", bdf, strerror(err));
	}
	free(ranges);
	return err;
}

/* The kernel would let a process open a device of its group twice; its queues would not survive that. */
static int check_closed(const struct nvmi_vfio_domain *d, const char *bdf)
{
	for (const struct nvmi_vfio *v = d->devices; v != NULL; v = v->next)
		if (strcmp(v->bdf, bdf) == 0)
			return nvmi_fail(EBUSY, "%s is open already, in this process", bdf);
	return 0;
}

static int open_in(struct nvmi_vfio_domain *d, struct nvmi_vfio *v)
{
	int err = check_closed(d, v->bdf);

	if (err == 0)
		err = d->ops->device(d, v->bdf, &v->fd);
	if (err != 0)
		return err;
	if (d->iova == NULL)
		err = make_allocator(d, v->bdf);
	if (err != 0) {
		close(v->fd);
		return err;
	}
	v->domain = d;
	v->next = d->devices;
	d->devices = v;
	return 0;
}

int nvmi_vfio_domain_open(struct nvmi_vfio *v)
{
	int err = 0, group = nvmi_pci_iommu_group(v->bdf);
	struct nvmi_vfio_domain *d;

	if (group < 0)
		return nvmi_fail(
			ENOTSUP,
			"%s has no IOMMU group: switch the IOMMU on (firmware setup, kernel "
			"command line), or run nvm-bind %s --driver=none",
			v->bdf, v->bdf);
	pthread_mutex_lock(&domains_lock);
	for (d = domains; d != NULL && d->group != group; d = d->next)
		;
	if (d == NULL)
		err = new_domain(&d, group, v->bdf);
	if (err == 0)
		err = open_in(d, v);
	if (err != 0 && d != NULL && d->devices == NULL)
		drop(d);
	pthread_mutex_unlock(&domains_lock);
	return err;
}

void nvmi_vfio_domain_close(struct nvmi_vfio *v)
{
	struct nvmi_vfio_domain *d = v->domain;
	struct nvmi_vfio **link;

	pthread_mutex_lock(&domains_lock);
	for (link = &d->devices; *link != v; link = &(*link)->next)
		;
	*link = v->next;
	close(v->fd);
	if (d->devices == NULL)
		drop(d);
	pthread_mutex_unlock(&domains_lock);
}

/* Aligned as large pages are, so that the IOMMU can translate them with one entry. */
static uint64_t best_alignment(const struct nvmi_mapping *m)
{
	uint64_t vaddr = (uintptr_t)m->vaddr, page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (m->size >= HUGE_1G && vaddr % HUGE_1G == 0)
		return HUGE_1G;
	if (m->size >= HUGE_2M && vaddr % HUGE_2M == 0)
		return HUGE_2M;
	return m->page_size > page ? m->page_size : page;
}

static int fail_map(const struct nvmi_vfio *v, const struct nvmi_mapping *m, int err)
{
	const char *name = v->be.name;
	struct rlimit limit;
	size_t kib = m->size / 1024;

	switch (err) {
	case ENOMEM:
		if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
			return nvmi_fail(
				ENOMEM,
				"%s: %zu KiB more cannot be locked in memory, the limit is "
				"%llu KiB: raise it with ulimit -l (limits.conf)",
				name, kib, (unsigned long long)limit.rlim_cur / 1024);
		return nvmi_fail(ENOMEM, "%s: not enough memory to map %zu KiB", name, kib);
	case ENOSPC:
		return nvmi_fail(ENOSPC,
				 "%s: VFIO takes no more mappings: use fewer and larger ones, or "
				 "raise dma_entry_limit of the module vfio_iommu_type1",
				 name);
	case EFAULT:
		return nvmi_fail(EFAULT,
				 "%s: the %zu KiB at %p are not all mapped, writable memory", name,
				 kib, m->vaddr);
	default:
		return nvmi_fail(err, "%s: VFIO cannot map %zu KiB at %p: %s", name, kib, m->vaddr,
				 strerror(err));
	}
}

int nvmi_vfio_map(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)be;
	struct nvmi_vfio_domain *d = v->domain;
	uint64_t iova;
	int err;

	if (atomic_load(&v->gone))
		return nvmi_fail(ENODEV, "%s is gone", be->name);
	err = nvmi_iova_alloc(d->iova, m->size, best_alignment(m), &iova);
	if (err == ENOSPC)
		return nvmi_fail(ENOMEM, "%s: no range of %zu KiB is left in the I/O address space",
				 be->name, m->size / 1024);
	if (err != 0)
		return nvmi_fail(err, "%s: no I/O address for %zu KiB: %s", be->name,
				 m->size / 1024, strerror(err));
	err = d->ops->map(d, m->vaddr, iova, m->size);
	if (err != 0) {
		nvmi_iova_free(d->iova, iova, m->size);
		return fail_map(v, m, err);
	}
	for (size_t i = 0; i < m->size / m->page_size; i++)
		m->ioaddrs[i] = iova + i * m->page_size;
	return 0;
}

void nvmi_vfio_unmap(struct nvmi_backend *be, struct nvmi_mapping *m)
{
	struct nvmi_vfio_domain *d = ((struct nvmi_vfio *)be)->domain;
	int err = d->ops->unmap(d, m->ioaddrs[0], m->size);

	/* Addresses that may still be translated are never handed out again. */
	if (err == 0)
		nvmi_iova_free(d->iova, m->ioaddrs[0], m->size);
	else
		nvmi_log(NVMI_LOG_ERROR, "%s: VFIO cannot unmap %zu KiB: %s", be->name,
			 m->size / 1024, strerror(err));
}
