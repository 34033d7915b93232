// SPDX-License-Identifier: BSD-2-Clause
/*
 * watch.c - letting go of a device that the kernel wants back.
 *
 * Before it unplugs or unbinds a device that a program has open, the kernel asks for it and waits until
 * the program closes it, however long that takes. A thread that sleeps until then closes it at once:
 * plain memory takes the place of BAR0 (registers all ones, doorbells that nobody reads) and /dev/null
 * that of the device file, so that the program's other threads run on and find the device gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "backend/vfio/uapi.h"
#include "controller/error.h"

/* Put memory in place of BAR0, in one step: no access may find a hole. */
static int replace_bar(struct nvmi_vfio *v)
{
	void *memory = mmap(NULL, v->bar_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	memset(memory, 0xff, NVM_CTRL_MEM_MINSIZE / 2);
	if (mremap(memory, v->bar_size, v->bar_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)(uintptr_t)v->be.bar) == MAP_FAILED) {
		int err = errno;

		munmap(memory, v->bar_size);
		return err;
	}
	return 0;
}

static void let_go(struct nvmi_vfio *v)
{
	int err;

	nvmi_log(NVMI_LOG_WARN, "%s: the kernel wants the device back: letting go of it", v->bdf);
	atomic_store(&v->gone, true);
	nvmi_vfio_command(v, 0, NVMI_PCI_COMMAND_MASTER);
	err = replace_bar(v);
	if (err == 0 && dup3(v->null_fd, v->fd, O_CLOEXEC) < 0)
		err = errno;
	if (err != 0)
		nvmi_log(NVMI_LOG_ERROR, "%s: cannot let go of the device: %s", v->bdf,
			 strerror(err));
}

static void *watch(void *arg)
{
	struct nvmi_vfio *v = arg;
	struct pollfd fds[2] = {
		{.fd = v->stop_fd, .events = POLLIN},
		{.fd = v->request_fd, .events = POLLIN},
	};

	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	if (fds[0].revents == 0 && fds[1].revents != 0)
		let_go(v);
	return NULL;
}

/* Signals are for the program's own threads. */
static int start_thread(struct nvmi_vfio *v)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&v->watcher, NULL, watch, v);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int nvmi_vfio_watch(struct nvmi_vfio *v)
{
	struct vfio_irq_info info = {.argsz = sizeof(info), .index = VFIO_PCI_REQ_IRQ_INDEX};
	int err;

	if (ioctl(v->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) != 0 || info.count == 0)
		return 0; /* a kernel that does not ask */
	v->request_fd = eventfd(0, EFD_CLOEXEC);
	v->stop_fd = eventfd(0, EFD_CLOEXEC);
	v->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (v->request_fd < 0 || v->stop_fd < 0 || v->null_fd < 0)
		return nvmi_fail(errno, "%s: no file descriptor is left: %s", v->bdf,
				 strerror(errno));
	err = nvmi_vfio_set_irqs(v, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &v->request_fd);
	if (err == 0)
		err = start_thread(v);
	if (err != 0)
		return nvmi_fail(err, "%s: cannot watch for hot-unplug: %s", v->bdf, strerror(err));
	v->watching = true;
	return 0;
}

void nvmi_vfio_watch_end(struct nvmi_vfio *v)
{
	const uint64_t one = 1;

	if (v->watching) {
		while (write(v->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		pthread_join(v->watcher, NULL);
		v->watching = false;
	}
	if (v->request_fd >= 0)
		close(v->request_fd);
	if (v->stop_fd >= 0)
		close(v->stop_fd);
	if (v->null_fd >= 0)
		close(v->null_fd);
}
