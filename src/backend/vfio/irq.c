// SPDX-License-Identifier: BSD-2-Clause
/*
 * irq.c - interrupt vectors of a VFIO device as eventfds.
 *
 * The kernel takes the number of vectors when it switches them on; adding one more to a running set
 * works on new kernels only. So the set is switched off and on again with twice as many, and every
 * eventfd is signalled once, for what may have come in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "backend/vfio/uapi.h"
#include "controller/error.h"

int nvmi_vfio_set_irqs(struct nvmi_vfio *v, uint32_t index, unsigned int first, unsigned int n,
		       const int *fds)
{
	size_t size = sizeof(struct vfio_irq_set) + (fds == NULL ? 0 : n * sizeof(int));
	struct vfio_irq_set *set = calloc(1, size);
	int result;

	if (set == NULL)
		return ENOMEM;
	set->argsz = (uint32_t)size;
	set->index = index;
	set->start = first;
	set->count = n;
	set->flags = VFIO_IRQ_SET_ACTION_TRIGGER |
		     (fds == NULL ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD);
	if (fds != NULL)
		memcpy(set->data, fds, n * sizeof(int));
	result = ioctl(v->fd, VFIO_DEVICE_SET_IRQS, set);
	free(set);
	/* A positive result is the number of vectors that the system could have given. */
	return result == 0 ? 0 : result > 0 ? ENOSPC : errno;
}

int nvmi_vfio_irq_init(struct nvmi_vfio *v)
{
	static const uint32_t kinds[] = {VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && v->be.n_irqs == 0; i++) {
		struct vfio_irq_info info = {.argsz = sizeof(info), .index = kinds[i]};

		if (ioctl(v->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) != 0 ||
		    (info.flags & VFIO_IRQ_INFO_EVENTFD) == 0)
			continue;
		v->irq_index = kinds[i];
		v->be.n_irqs = info.count;
	}
	if (v->be.n_irqs == 0)
		return 0;
	v->irq_fds = malloc(v->be.n_irqs * sizeof(int));
	if (v->irq_fds == NULL)
		return nvmi_fail(ENOMEM, "%s: out of memory", v->bdf);
	for (unsigned int i = 0; i < v->be.n_irqs; i++)
		v->irq_fds[i] = -1;
	return 0;
}

static bool any_irq(const struct nvmi_vfio *v)
{
	for (unsigned int i = 0; i < v->be.n_irqs; i++)
		if (v->irq_fds[i] >= 0)
			return true;
	return false;
}

static void switch_off(struct nvmi_vfio *v)
{
	if (v->n_irqs_on > 0)
		nvmi_vfio_set_irqs(v, v->irq_index, 0, 0, NULL);
	v->n_irqs_on = 0;
}

static int switch_on(struct nvmi_vfio *v, unsigned int n)
{
	int err;

	switch_off(v);
	err = nvmi_vfio_set_irqs(v, v->irq_index, 0, n, v->irq_fds);
	if (err == 0)
		v->n_irqs_on = n;
	return err;
}

static void signal_all(const struct nvmi_vfio *v)
{
	const uint64_t one = 1;

	for (unsigned int i = 0; i < v->n_irqs_on; i++)
		if (v->irq_fds[i] >= 0 && write(v->irq_fds[i], &one, sizeof(one)) < 0)
			nvmi_log(NVMI_LOG_DEBUG, "%s: vector %u: eventfd is full", v->bdf, i);
}

/* Have more vectors on, at least the one given. */
static int grow(struct nvmi_vfio *v, unsigned int vector)
{
	unsigned int before = v->n_irqs_on, n = before == 0 ? 1 : before;
	int err;

	while (n <= vector)
		n = n > v->be.n_irqs / 2 ? v->be.n_irqs : n * 2;
	err = switch_on(v, n);
	if (err != 0 && n > vector + 1)
		err = switch_on(v, vector + 1);
	if (err != 0 && before > 0) {
		int again = switch_on(v, before);

		if (again != 0)
			nvmi_log(NVMI_LOG_ERROR, "%s: interrupts are lost: %s", v->bdf,
				 strerror(again));
	}
	signal_all(v);
	return err;
}

static int connect_irq(struct nvmi_vfio *v, unsigned int vector, int fd)
{
	int before = v->irq_fds[vector], err = 0;

	v->irq_fds[vector] = fd;
	if (!any_irq(v))
		switch_off(v);
	else if (vector < v->n_irqs_on)
		err = nvmi_vfio_set_irqs(v, v->irq_index, vector, 1, &fd);
	else if (fd >= 0)
		err = grow(v, vector);
	if (err != 0) {
		v->irq_fds[vector] = before;
		return err;
	}
	if (before >= 0)
		close(before);
	return 0;
}

int nvmi_vfio_irq(struct nvmi_backend *be, unsigned int vector, int eventfd)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)be;
	int fd = -1, err;

	if (be->n_irqs == 0)
		return nvmi_fail(ENOTSUP, "%s has neither MSI-X nor MSI", be->name);
	if (vector >= be->n_irqs)
		return nvmi_fail(EINVAL, "%s has no interrupt vector %u: it has %u", be->name,
				 vector, be->n_irqs);
	if (atomic_load(&v->gone))
		return nvmi_fail(ENODEV, "%s is gone", be->name);
	/* A duplicate: it is needed again when the set grows, whatever the caller does with its own. */
	if (eventfd >= 0) {
		fd = fcntl(eventfd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return nvmi_fail(errno == EBADF ? EINVAL : errno,
					 "%s: file descriptor %d cannot be used for vector %u: %s",
					 be->name, eventfd, vector, strerror(errno));
	}
	pthread_mutex_lock(&v->irq_lock);
	err = connect_irq(v, vector, fd);
	pthread_mutex_unlock(&v->irq_lock);
	if (err == 0)
		return 0;
	if (fd >= 0)
		close(fd);
	if (err == ENOSPC)
		return nvmi_fail(ENOSPC, "%s: the system has no interrupt left for vector %u",
				 be->name, vector);
	return nvmi_fail(err, "%s: vector %u cannot be connected to file descriptor %d: %s",
			 be->name, vector, eventfd, strerror(err));
}

void nvmi_vfio_irq_close(struct nvmi_vfio *v)
{
	switch_off(v);
	for (unsigned int i = 0; v->irq_fds != NULL && i < v->be.n_irqs; i++)
		if (v->irq_fds[i] >= 0)
			close(v->irq_fds[i]);
	free(v->irq_fds);
	v->irq_fds = NULL;
}
