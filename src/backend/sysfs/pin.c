// SPDX-License-Identifier: BSD-2-Clause
/*
 * pin.c - keeping pages where they are, with io_uring.
 *
 * mlock() keeps pages in memory, but lets the kernel move them (compaction, NUMA balancing, huge
 * page collapse). Registering memory as a fixed buffer of an io_uring pins it for good, after moving
 * it out of areas that must stay movable; that nobody ever submits anything to the ring is its own
 * business. One ring per mapping: unregistering a ring's buffers waits until they are unpinned,
 * removing one buffer from a shared ring does not.
 */
#include "backend/sysfs/pin.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "controller/error.h"

/* Most bytes the kernel takes in one buffer, and most buffers in a ring. */
#define BUFFER_SIZE ((size_t)1 << 30)
#define MAX_BUFFERS 16384

struct nvmi_pin {
	int ring;
};

static int setup(unsigned int entries, struct io_uring_params *params)
{
	return (int)syscall(__NR_io_uring_setup, entries, params);
}

static int registration(int ring, unsigned int opcode, const void *arg, unsigned int n)
{
	return (int)syscall(__NR_io_uring_register, ring, opcode, arg, n);
}

/* A ring; 0, ENOTSUP without message, or another errno with one. */
static int open_ring(int *ring)
{
	struct io_uring_params params;

	memset(&params, 0, sizeof(params));
	*ring = setup(1, &params);
	if (*ring >= 0)
		return 0;
	if (errno == ENOSYS || errno == EPERM || errno == EACCES)
		return ENOTSUP;
	if (errno == EMFILE || errno == ENFILE)
		return nvmi_fail(errno,
				 "no file descriptor left to pin memory with: raise `ulimit -n`, "
				 "or map fewer, larger pieces");
	return nvmi_fail(errno, "memory cannot be pinned: io_uring_setup: %s", strerror(errno));
}

static int fail_register(int err, const void *vaddr, size_t size)
{
	switch (err) {
	case EOPNOTSUPP:
		return nvmi_fail(EFAULT,
				 "%zu bytes at %p belong to a file, whose pages cannot be "
				 "pinned: use anonymous or shared memory",
				 size, vaddr);
	case EFAULT:
		return nvmi_fail(EFAULT,
				 "%zu bytes at %p cannot be pinned: not all of it is memory "
				 "that may be written",
				 size, vaddr);
	case ENOMEM:
		return nvmi_fail(ENOMEM,
				 "%zu bytes cannot be pinned: free memory, or raise the limit "
				 "for locked memory, `ulimit -l`",
				 size);
	default:
		return nvmi_fail(err, "%zu bytes at %p cannot be pinned: io_uring_register: %s",
				 size, vaddr, strerror(err));
	}
}

static int register_buffers(int ring, void *vaddr, size_t size)
{
	size_t n = size / BUFFER_SIZE + (size % BUFFER_SIZE != 0);
	struct iovec *iov;
	size_t i;
	int err = 0;

	if (n > MAX_BUFFERS)
		return nvmi_fail(ENOMEM, "%zu bytes are too much to pin at once: map at most %zu",
				 size, BUFFER_SIZE * MAX_BUFFERS);
	iov = calloc(n, sizeof(*iov));
	if (iov == NULL)
		return nvmi_fail(ENOMEM, "out of memory while pinning %zu bytes", size);
	for (i = 0; i < n; i++) {
		iov[i].iov_base = (char *)vaddr + i * BUFFER_SIZE;
		iov[i].iov_len = i < n - 1 ? BUFFER_SIZE : size - i * BUFFER_SIZE;
	}
	while (registration(ring, IORING_REGISTER_BUFFERS, iov, (unsigned int)n) != 0) {
		err = errno;
		if (err != EINTR && err != EAGAIN)
			break;
		err = 0;
	}
	free(iov);
	return err == 0 ? 0 : fail_register(err, vaddr, size);
}

int nvmi_pin_new(struct nvmi_pin **pin, void *vaddr, size_t size)
{
	struct nvmi_pin *p;
	int err;

	*pin = NULL;
	p = malloc(sizeof(*p));
	if (p == NULL)
		return nvmi_fail(ENOMEM, "out of memory while pinning %zu bytes", size);
	err = open_ring(&p->ring);
	if (err != 0) {
		free(p);
		return err;
	}
	err = register_buffers(p->ring, vaddr, size);
	if (err != 0) {
		close(p->ring);
		free(p);
		return err;
	}
	*pin = p;
	return 0;
}

void nvmi_pin_delete(struct nvmi_pin *pin)
{
	if (pin == NULL)
		return;
	/* Closing alone would unpin at some later time. (Linux 6.1 takes 25 ms to do it now.) */
	while (registration(pin->ring, IORING_UNREGISTER_BUFFERS, NULL, 0) != 0 && errno == EINTR)
		;
	close(pin->ring);
	free(pin);
}
