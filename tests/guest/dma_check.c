// SPDX-License-Identifier: BSD-2-Clause
/*
 * dma_check.c --ctrl=URI - does the controller's data arrive in the memory that was mapped for it, there
 * and nowhere else? Ordinary, shared and huge pages, large and small mappings, many at once, while the
 * kernel tries to move them. Borrows 40 huge pages from the system, if it may.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_spec.h"

#define MiB     ((size_t)1 << 20)
#define PATTERN 0xa5

/* A child gets copies of pinned pages, and a guest has little memory and a slow processor. */
#define FORK_MAX (16 * MiB)

static nvm_ctrl_t *ctrl;
static nvm_aq_ref aq;
static unsigned char reference[4096]; /* what Identify Controller says */
static unsigned int n_identified;

static void die(const char *what, size_t number)
{
	printf("dma_check: %s (%zu): %s\n", what, number, nvm_errmsg());
	exit(1);
}

static void check(int status, const char *what, size_t number)
{
	if (status == 0)
		return;
	printf("dma_check: %s (%zu): %s\n", what, number, nvm_strerror(status));
	die(what, number);
}

static size_t read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t value = 0;

	if (f != NULL && fscanf(f, "%zu", &value) != 1)
		value = 0;
	if (f != NULL)
		fclose(f);
	return value;
}

static size_t free_huge_pages(void)
{
	return read_number("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
}

static void set_huge_pages(size_t n)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "we");

	if (f != NULL) {
		fprintf(f, "%zu", n);
		fclose(f);
	}
}

static size_t n_huge_before;

static void restore_huge_pages(void)
{
	set_huge_pages(n_huge_before);
}

/* Borrow some, where we may. */
static void reserve_huge_pages(void)
{
	n_huge_before = read_number("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	set_huge_pages(n_huge_before + 40);
	atexit(restore_huge_pages);
}

static bool all_are(const unsigned char *bytes, size_t size, unsigned char value)
{
	return size == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* Identify Controller into one page of a mapping: the data must be there, and only there. */
static void identify_into(const nvm_dma_t *dma, size_t page)
{
	size_t size = dma->page_size;
	size_t first = page > 0 ? page - 1 : 0;
	size_t last = page + 1 < dma->n_ioaddrs ? page + 1 : page;
	unsigned char *bytes = (unsigned char *)dma->vaddr + page * size;
	size_t i;

	memset((unsigned char *)dma->vaddr + first * size, PATTERN, (last - first + 1) * size);
	check(nvm_admin_identify(aq, NVM_CNS_CTRL, 0, 0, 0, NULL, dma->ioaddrs[page]), "identify",
	      page);
	if (memcmp(bytes, reference, sizeof(reference)) != 0)
		die("data of Identify did not arrive in page", page);
	for (i = first; i <= last; i++) {
		bytes = (unsigned char *)dma->vaddr + i * size;
		if (i == page
			    ? !all_are(bytes + sizeof(reference), size - sizeof(reference), PATTERN)
			    : !all_are(bytes, size, PATTERN))
			die("data of Identify arrived in a neighbour of page", page);
	}
	n_identified++;
}

static void identify_at_many_places(const nvm_dma_t *dma)
{
	size_t step = dma->n_ioaddrs / 40 + 1, page;

	for (page = 0; page < dma->n_ioaddrs; page += step)
		identify_into(dma, page);
	identify_into(dma, dma->n_ioaddrs - 1);
}

/* Memory that the kernel would gladly move: swap out, compact, collapse, copy on write. */
static void disturb(void *vaddr, size_t size)
{
	/* Compaction goes through all memory of the machine: once for each kind of memory will do. */
	int fd = size == 2 * MiB ? open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC) : -1;
	pid_t child;

	if (fd >= 0) {
		if (write(fd, "1", 1) != 1)
			printf("dma_check: memory cannot be compacted\n");
		close(fd);
	}
	madvise(vaddr, size, MADV_HUGEPAGE);
	madvise(vaddr, size, 21 /* MADV_PAGEOUT */);
	madvise(vaddr, size, 25 /* MADV_COLLAPSE */);
	if (size > FORK_MAX)
		return;
	child = fork();
	if (child == 0) {
		usleep(20000);
		_exit(0);
	}
	/* The child has the memory too now: what we write must not send us to a copy. */
	memset(vaddr, PATTERN, size);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void check_memory(const char *kind, void *vaddr, size_t size)
{
	unsigned int before = n_identified;
	nvm_dma_t *dma;

	if (vaddr == MAP_FAILED) {
		printf("%-10s %4zu MiB: there is no such memory here\n", kind, size / MiB);
		return;
	}
	check(nvm_dma_map_host(&dma, ctrl, vaddr, size), kind, size / MiB);
	identify_at_many_places(dma);
	disturb(vaddr, size);
	identify_at_many_places(dma);
	nvm_dma_unmap(dma);
	munmap(vaddr, size);
	printf("%-10s %4zu MiB: %u pages ok\n", kind, size / MiB, n_identified - before);
}

static void check_kinds(void)
{
	const int prot = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
	static const size_t sizes[] = {1, 2, 16};
	size_t i, size;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size = sizes[i] * MiB;
		check_memory("ordinary", mmap(NULL, size, prot, anonymous, -1, 0), size);
		check_memory("shared", mmap(NULL, size, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
			     size);
		if (size % (2 * MiB) == 0)
			check_memory(
				"huge",
				mmap(NULL, size, prot, anonymous | MAP_HUGETLB | (21 << 26), -1, 0),
				size);
	}
	check_memory("ordinary", mmap(NULL, 64 * MiB, prot, anonymous, -1, 0), 64 * MiB);
}

/* Many mappings at once, some of them undone in between; views of the rest. */
static void check_many(void)
{
	enum {
		N = 64
	};
	static nvm_dma_t *dma[N];
	nvm_dma_t *view;
	size_t i, round;

	for (i = 0; i < N; i++)
		check(nvm_dma_create(&dma[i], ctrl, (1 + i % 16) * ctrl->page_size), "create", i);
	for (round = 0; round < 3; round++) {
		for (i = round; i < N; i += 3) {
			nvm_dma_unmap(dma[i]);
			check(nvm_dma_create(&dma[i], ctrl, (1 + i % 7) * ctrl->page_size),
			      "create", i);
		}
		for (i = 0; i < N; i++)
			identify_into(dma[i], dma[i]->n_ioaddrs - 1);
	}
	for (i = 0; i < N; i++) {
		check(nvm_dma_view(&view, dma[i], (dma[i]->n_ioaddrs - 1) * ctrl->page_size,
				   ctrl->page_size),
		      "view", i);
		nvm_dma_unmap(dma[i]);
		identify_into(view, 0);
		nvm_dma_unmap(view);
	}
	printf("%d mappings at once: ok\n", N);
}

static void open_admin_queue(void)
{
	nvm_dma_t *dma;

	check(nvm_aq_open(&aq, ctrl), "admin queue", 0);
	check(nvm_dma_create(&dma, ctrl, 4096), "create", 0);
	check(nvm_admin_identify(aq, NVM_CNS_CTRL, 0, 0, 0, dma->vaddr, dma->ioaddrs[0]),
	      "identify", 0);
	memcpy(reference, dma->vaddr, sizeof(reference));
	nvm_dma_unmap(dma);
	if (all_are(reference, sizeof(reference), reference[0]))
		die("Identify Controller returned one byte over and over", reference[0]);
}

/* From now on this process has no io_uring, as where the administrator has switched it off. */
static void forbid_io_uring(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		printf("dma_check: io_uring cannot be forbidden: %s\n", strerror(errno));
		exit(1);
	}
}

/* Physical addresses need pinned memory: without io_uring that is huge pages, and nothing else. */
static void check_without_io_uring(void)
{
	const int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	nvm_dma_t *small, *large, *dma = NULL;
	void *vaddr = mmap(NULL, MiB, prot, flags, -1, 0);
	int status;

	if (strstr(nvm_ctrl_name(ctrl), "(sysfs)") == NULL)
		return;
	forbid_io_uring();
	status = nvm_dma_map_host(&dma, ctrl, vaddr, MiB);
	if (status != ENOTSUP || dma != NULL || strstr(nvm_errmsg(), "huge pages") == NULL)
		die("ordinary memory was not refused without io_uring", (size_t)status);
	munmap(vaddr, MiB);
	if (free_huge_pages() < 8) {
		printf("without io_uring: there are no huge pages\n");
		return;
	}
	check_memory("huge", mmap(NULL, 4 * MiB, prot, flags | MAP_HUGETLB | (21 << 26), -1, 0),
		     4 * MiB);
	/* Not the whole of a huge page. */
	vaddr = mmap(NULL, 4 * MiB, prot, flags | MAP_HUGETLB | (21 << 26), -1, 0);
	check(nvm_dma_map_host(&dma, ctrl, (char *)vaddr + MiB, 2 * MiB), "half huge pages", 2);
	disturb(vaddr, 4 * MiB);
	identify_at_many_places(dma);
	nvm_dma_unmap(dma);
	munmap(vaddr, 4 * MiB);
	check(nvm_dma_create(&small, ctrl, 4096), "create without io_uring", 4096);
	check(nvm_dma_create(&large, ctrl, 3 * MiB), "create without io_uring", 3 * MiB);
	identify_into(small, 0);
	identify_at_many_places(large);
	nvm_dma_unmap(small);
	nvm_dma_unmap(large);
	printf("without io_uring: ok\n");
}

/* Mappings stay over a function reset. */
static void check_reset(void)
{
	nvm_dma_t *dma;
	int status;

	check(nvm_dma_create(&dma, ctrl, 2 * MiB), "create", 2);
	nvm_aq_destroy(aq);
	status = nvm_ctrl_function_reset(ctrl);
	if (status != ENOTSUP)
		check(status, "function reset", 0);
	open_admin_queue();
	identify_at_many_places(dma);
	nvm_dma_unmap(dma);
	printf("function reset: %s\n", status == ENOTSUP ? nvm_errmsg() : "ok");
}

int main(int argc, char **argv)
{
	const struct option options[] = {{"ctrl", required_argument, NULL, 'c'}, {0}};
	const char *uri = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'c')
			return 2;
		uri = optarg;
	}
	if (uri == NULL) {
		fprintf(stderr, "dma_check: --ctrl=URI is missing\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	check(nvm_ctrl_open(&ctrl, uri, NULL), uri, 0);
	printf("%s\n", nvm_ctrl_name(ctrl));
	reserve_huge_pages();
	open_admin_queue();
	check_kinds();
	check_many();
	check_reset();
	check_without_io_uring();
	nvm_aq_destroy(aq);
	nvm_ctrl_free(ctrl);
	return 0;
}
