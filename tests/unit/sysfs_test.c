// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysfs_test.c - the sysfs backend over a folder that looks like a PCI function in sysfs, and physical
 * addresses of real memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "backend/backend.h"
#include "backend/sysfs/pagemap.h"
#include "backend/pci/pci.h"
#include "nvm_error.h"
#include "nvm_spec.h"

#define BDF    "0000:05:00.0"
#define DEVICE "/sys/bus/pci/devices/" BDF
#define MEMORY 0x0002
#define MASTER 0x0004
#define NOINTX 0x0400

static char root[] = "/tmp/libnvm-sysfs-XXXXXX";

/* --- the tree */

static void run(const char *fmt, ...)
{
	char command[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s" DEVICE "/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static void assert_text(const char *name, const char *want)
{
	char text[64];

	assert_int_equal(nvmi_pci_attr(BDF, name, text, sizeof(text)), 0);
	assert_string_equal(text, want);
}

static void write_config(uint16_t command)
{
	uint8_t config[64] = {0};

	config[4] = (uint8_t)command;
	config[5] = (uint8_t)(command >> 8);
	write_file("config", config, sizeof(config));
}

static uint16_t command_register(void)
{
	char path[256];
	uint8_t b[2];
	int fd;

	snprintf(path, sizeof(path), "%s" DEVICE "/config", root);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, b, 2, 4), 2);
	close(fd);
	return (uint16_t)(b[0] | b[1] << 8);
}

static int open_resource(int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s" DEVICE "/resource0", root);
	fd = open(path, flags);
	assert_true(fd >= 0);
	return fd;
}

/* A controller without driver and IOMMU, left enabled for bus mastering by somebody. */
static int new_tree(void **state)
{
	static const uint8_t bar[16384] = {0xff, 0x03, 0x01};

	(void)state;
	run("rm -rf %s && mkdir -p %s" DEVICE " %s/sys/kernel %s/dev", root, root, root, root);
	write_text("class", "0x010802\n");
	write_text("enable", "0");
	write_file("resource0", bar, sizeof(bar));
	write_config(MASTER);
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	run("rm -rf %s", root);
	return 0;
}

static void bind_driver(const char *driver)
{
	run("cd %s/sys && mkdir -p bus/pci/drivers/%s && ln -sfn ../../drivers/%s ../%s/driver",
	    root, driver, driver, DEVICE);
}

static void set_iommu(const char *type)
{
	run("cd %s/sys && mkdir -p kernel/iommu_groups/7 && echo %s >kernel/iommu_groups/7/type && "
	    "ln -sfn ../../../../kernel/iommu_groups/7 ../%s/iommu_group",
	    root, type, DEVICE);
}

static void assert_refused(int status, int errnum, struct nvmi_backend *const *be, const char *says)
{
	assert_int_equal(status, errnum);
	assert_null(*be);
	if (strstr(nvm_errmsg(), says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", nvm_errmsg(), says);
}

static bool skipped;

/* Open, or skip where the kernel does not tell us physical addresses. */
static struct nvmi_backend *open_or_skip(void)
{
	struct nvmi_backend *be;
	int err = nvmi_sysfs_open(&be, BDF);

	if (err == EPERM) {
		if (!skipped)
			print_message("SKIP: %s\n", nvm_errmsg());
		skipped = true;
		skip();
	}
	if (err != 0)
		fail_msg("%s", nvm_errmsg());
	return be;
}

/* --- opening */

static void lets_the_controller_at_memory_only_while_enabled(void **state)
{
	struct nvmi_backend *be = open_or_skip();

	(void)state;
	assert_string_equal(be->name, BDF " (sysfs)");
	assert_int_equal(be->bar_size, 16384);
	assert_int_equal(be->ops->read32(be, NVM_REG_CAP), 0x103ff);
	assert_int_equal(command_register(), MEMORY | NOINTX);
	assert_text("enable", "1");
	be->ops->write32(be, NVM_REG_CC, 0x460000);
	assert_int_equal(command_register(), MEMORY | NOINTX);
	be->ops->write32(be, NVM_REG_CC, 0x460001);
	assert_int_equal(command_register(), MEMORY | NOINTX | MASTER);
	assert_int_equal(be->ops->read32(be, NVM_REG_CC), 0x460001);
	be->ops->close(be);
	assert_int_equal(command_register(), MEMORY | NOINTX);
	assert_text("enable", "0");
}

static void keeps_a_controller_from_memory_that_cannot_be_disabled(void **state)
{
	struct nvmi_backend *be = open_or_skip();

	(void)state;
	be->ops->write32(be, NVM_REG_CC, NVM_FIELD(CC_EN, 1));
	assert_int_equal(command_register() & MASTER, MASTER);
	be->ops->stop_dma(be);
	assert_int_equal(command_register() & MASTER, 0);
	be->ops->write32(be, NVM_REG_CC, 0);
	assert_int_equal(command_register() & MASTER, 0);
	be->ops->write32(be, NVM_REG_CC, NVM_FIELD(CC_EN, 1));
	assert_int_equal(command_register() & MASTER, MASTER);
	be->ops->close(be);
}

static void is_refused_behind_an_iommu(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	set_iommu("DMA");
	assert_refused(nvmi_sysfs_open(&be, BDF), ENOTSUP, &be, "--driver=vfio-pci");
	set_iommu("DMA-FQ");
	assert_refused(nvmi_sysfs_open(&be, BDF), ENOTSUP, &be, "IOMMU");
	assert_int_equal(command_register(), MASTER);
	set_iommu("identity");
	be = open_or_skip();
	be->ops->close(be);
}

static void is_refused_while_a_kernel_driver_has_it(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	bind_driver("nvme");
	assert_refused(nvmi_sysfs_open(&be, BDF), EBUSY, &be, "nvm-bind " BDF);
	bind_driver("vfio-pci");
	assert_refused(nvmi_sysfs_open(&be, BDF), EBUSY, &be, "by its address");
	assert_int_equal(command_register(), MASTER);
}

static void works_beside_uio_pci_generic(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	bind_driver("uio_pci_generic");
	run("mkdir -p %s%s/uio/uio3 && touch %s/dev/uio3", root, DEVICE, root);
	be = open_or_skip();
	/* "enable" is the driver's then. */
	assert_text("enable", "0");
	assert_int_equal(command_register(), MEMORY | NOINTX);
	/* The kernel sees /dev/uio3 closed when we die, and ends bus mastering. */
	run("ls -l /proc/%d/fd | grep -q %s/dev/uio3", (int)getpid(), root);
	be->ops->close(be);
	assert_text("enable", "0");
}

static void is_open_once(void **state)
{
	struct nvmi_backend *be = open_or_skip(), *second;

	(void)state;
	be->ops->write32(be, NVM_REG_CC, 1);
	assert_refused(nvmi_sysfs_open(&second, BDF), EBUSY, &second, "open in another program");
	assert_int_equal(command_register(), MEMORY | NOINTX | MASTER);
	be->ops->close(be);
	be = open_or_skip();
	be->ops->close(be);
}

static void needs_registers_it_can_map(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	be = open_or_skip();
	be->ops->close(be);
	write_config(MASTER);
	run("truncate -s 4096 %s%s/resource0", root, DEVICE);
	assert_refused(nvmi_sysfs_open(&be, BDF), ENODEV, &be, "4096 bytes");
	run("rm %s%s/resource0", root, DEVICE);
	assert_refused(nvmi_sysfs_open(&be, BDF), ENODEV, &be, "BAR0");
	assert_int_equal(command_register(), MASTER);
}

static void notices_that_the_device_is_gone(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	be = open_or_skip();
	be->ops->close(be);
	write_config(0xffff);
	assert_refused(nvmi_sysfs_open(&be, BDF), ENODEV, &be, "all ones");
	assert_int_equal(command_register(), 0xffff);
	assert_text("enable", "0");
}

/* --- opening by descriptor */

static void opens_by_descriptor(void **state)
{
	struct nvmi_backend *be = open_or_skip(), *second;
	int fd = open_resource(O_RDWR);

	(void)state;
	be->ops->close(be);
	assert_int_equal(nvmi_sysfs_open_fd(&be, fd), 0);
	assert_string_equal(be->name, BDF " (sysfs)");
	assert_refused(nvmi_sysfs_open_fd(&second, fd), EBUSY, &second, "open in another program");
	close(fd);
	assert_int_equal(be->ops->read32(be, NVM_REG_CAP), 0x103ff);
	be->ops->close(be);
}

static void refuses_other_descriptors(void **state)
{
	struct nvmi_backend *be;
	char path[256];
	int fd;

	(void)state;
	assert_refused(nvmi_sysfs_open_fd(&be, -1), EBADF, &be, "resource0");
	fd = open("/dev/null", O_RDWR);
	assert_refused(nvmi_sysfs_open_fd(&be, fd), EINVAL, &be, "resource0");
	close(fd);
	snprintf(path, sizeof(path), "%s" DEVICE "/config", root);
	fd = open(path, O_RDWR);
	assert_refused(nvmi_sysfs_open_fd(&be, fd), EINVAL, &be, "resource0");
	close(fd);

	/* The right name in the wrong place. */
	run("mkdir -p %s/" BDF " && truncate -s 16384 %s/" BDF "/resource0", root, root);
	snprintf(path, sizeof(path), "%s/" BDF "/resource0", root);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_refused(nvmi_sysfs_open_fd(&be, fd), EINVAL, &be, "resource0");
	close(fd);

	write_text("class", "0x020000\n");
	fd = open_resource(O_RDWR);
	assert_refused(nvmi_sysfs_open_fd(&be, fd), ENODEV, &be, "class");
	close(fd);
}

/* --- reset */

static void comes_back_from_a_reset_as_it_was(void **state)
{
	struct nvmi_backend *be = open_or_skip();

	(void)state;
	assert_int_equal(be->ops->reset(be), ENOTSUP);
	write_text("reset", "");
	be->ops->write32(be, NVM_REG_CC, 1);
	assert_int_equal(be->ops->reset(be), 0);
	assert_text("reset", "1");
	assert_int_equal(command_register(), MEMORY | NOINTX | MASTER);
	be->ops->close(be);
}

/* --- memory */

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

#define MAX_PAGES 1024

static uint64_t addrs_a[MAX_PAGES], addrs_b[MAX_PAGES];

static int map_host(struct nvmi_backend *be, struct nvmi_mapping *m, void *vaddr, size_t size,
		    uint64_t *addrs)
{
	*m = (struct nvmi_mapping){vaddr, size, page_size(), addrs, NULL};
	return be->ops->map_host(be, m);
}

static void tells_the_same_memory_by_its_address(void **state)
{
	struct nvmi_backend *be = open_or_skip();
	size_t size = 64 * page_size(), i, j;
	struct nvmi_mapping a, b;
	int fd = memfd_create("sysfs_test", 0);
	char *first, *second;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	first = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	second = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(first, MAP_FAILED);
	assert_ptr_not_equal(second, MAP_FAILED);
	memset(first, 1, size);
	assert_int_equal(map_host(be, &a, first, size, addrs_a), 0);
	assert_int_equal(map_host(be, &b, second + page_size(), size - page_size(), addrs_b), 0);
	for (i = 0; i < 64; i++) {
		assert_int_not_equal(addrs_a[i], 0);
		assert_int_equal(addrs_a[i] % page_size(), 0);
		for (j = 0; j < i; j++)
			assert_int_not_equal(addrs_a[i], addrs_a[j]);
		if (i > 0)
			assert_int_equal(addrs_a[i], addrs_b[i - 1]);
	}
	be->ops->unmap(be, &a);
	be->ops->unmap(be, &b);
	munmap(first, size);
	munmap(second, size);
	close(fd);
	be->ops->close(be);
}

/* Things that would move ordinary pages do not move these, even when they are no longer mapped. */
static void keeps_pages_in_place(void **state)
{
	struct nvmi_backend *be = open_or_skip();
	size_t size = 512 * page_size();
	struct nvmi_mapping m;
	char *memory;
	int fd;

	(void)state;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	memset(memory, 1, size);
	assert_int_equal(map_host(be, &m, memory, size, addrs_a), 0);
	madvise(memory, size, MADV_HUGEPAGE);
	madvise(memory, size, 21 /* MADV_PAGEOUT */);
	madvise(memory, size, 25 /* MADV_COLLAPSE */);
	fd = open("/proc/sys/vm/compact_memory", O_WRONLY);
	if (fd >= 0 && write(fd, "1", 1) != 1)
		print_message("memory compaction cannot be started\n");
	if (fd >= 0)
		close(fd);
	memset(memory, 2, size);
	assert_int_equal(nvmi_pagemap_open(&fd), 0);
	assert_int_equal(nvmi_pagemap_read(fd, memory, size / page_size(), addrs_b), 0);
	assert_memory_equal(addrs_a, addrs_b, size / page_size() * sizeof(uint64_t));
	close(fd);
	be->ops->unmap(be, &m);
	munmap(memory, size);
	be->ops->close(be);
}

static void splits_and_joins_to_controller_pages(void **state)
{
	struct nvmi_backend *be = open_or_skip();
	struct nvmi_mapping m = {.size = 64 * page_size(), .ioaddrs = addrs_a};
	size_t i;
	int err;

	(void)state;
	m.vaddr = aligned_alloc(64 * page_size(), m.size);
	assert_non_null(m.vaddr);
	memset(m.vaddr, 1, m.size);
	/* Two pages of the host are one of the controller only if they happen to be neighbours. */
	m.page_size = 2 * page_size();
	err = be->ops->map_host(be, &m);
	if (err == 0) {
		for (i = 0; i < 32; i++)
			assert_int_equal(addrs_a[i] % m.page_size, 0);
		be->ops->unmap(be, &m);
	} else {
		assert_int_equal(err, ENOMEM);
		assert_non_null(strstr(nvm_errmsg(), "huge pages"));
	}
	free(m.vaddr);
	be->ops->close(be);
}

static void refuses_memory_that_cannot_be_pinned(void **state)
{
	struct nvmi_backend *be = open_or_skip();
	struct nvmi_mapping m;
	void *memory;

	(void)state;
	memory = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_int_equal(map_host(be, &m, memory, page_size(), addrs_a), EFAULT);
	munmap(memory, page_size());
	assert_int_equal(map_host(be, &m, memory, page_size(), addrs_a), EFAULT);
	be->ops->close(be);
}

/* Maps and unmaps more often than there are file descriptors. */
static void gives_back_what_it_takes(void **state)
{
	struct nvmi_backend *be = open_or_skip();
	struct nvmi_mapping m[64];
	char *memory = mmap(NULL, 64 * page_size(), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t round, i;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	for (round = 0; round < 40; round++) {
		for (i = 0; i < 64; i++)
			assert_int_equal(map_host(be, &m[i], memory + i * page_size(), page_size(),
						  addrs_a + i),
					 0);
		for (i = 0; i < 64; i++)
			be->ops->unmap(be, &m[i]);
	}
	munmap(memory, 64 * page_size());
	be->ops->close(be);
}

/* From now on io_uring_setup() fails in this process as where the administrator has switched it off. */
static int forbid_io_uring(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* 0 if it behaves as it should without io_uring; otherwise what went wrong. */
static int without_io_uring(struct nvmi_backend *be)
{
	struct nvmi_mapping m;
	char *memory;

	if (!forbid_io_uring())
		return 77;
	memory =
		mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(memory, 1, page_size());
	if (map_host(be, &m, memory, page_size(), addrs_a) != ENOTSUP)
		return 1;
	if (strstr(nvm_errmsg(), "nr_hugepages") == NULL ||
	    strstr(nvm_errmsg(), "io_uring_disabled") == NULL)
		return 2;
	memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << 26), -1, 0);
	if (memory == MAP_FAILED)
		return 0; /* there are none here */
	memset(memory, 1, 2 << 20);
	if (map_host(be, &m, memory, 512 * page_size(), addrs_a) != 0)
		return 3;
	if (addrs_a[511] != addrs_a[0] + 511 * page_size())
		return 4;
	be->ops->unmap(be, &m);
	return 0;
}

static void takes_only_huge_pages_without_io_uring(void **state)
{
	struct nvmi_backend *be;
	int status = -1;
	pid_t child;

	(void)state;
	be = open_or_skip();
	be->ops->close(be);
	child = fork(); /* the filter stays for good */
	assert_true(child >= 0);
	if (child == 0)
		_exit(nvmi_sysfs_open(&be, BDF) != 0 ? 99 : without_io_uring(be));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, new_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lets_the_controller_at_memory_only_while_enabled),
		TEST(keeps_a_controller_from_memory_that_cannot_be_disabled),
		TEST(is_refused_behind_an_iommu),
		TEST(is_refused_while_a_kernel_driver_has_it),
		TEST(works_beside_uio_pci_generic),
		TEST(is_open_once),
		TEST(needs_registers_it_can_map),
		TEST(notices_that_the_device_is_gone),
		TEST(opens_by_descriptor),
		TEST(refuses_other_descriptors),
		TEST(comes_back_from_a_reset_as_it_was),
		TEST(tells_the_same_memory_by_its_address),
		TEST(keeps_pages_in_place),
		TEST(splits_and_joins_to_controller_pages),
		TEST(refuses_memory_that_cannot_be_pinned),
		TEST(gives_back_what_it_takes),
		TEST(takes_only_huge_pages_without_io_uring),
	};

	int failed;

	if (mkdtemp(root) == NULL)
		return 1;
	nvmi_pci_root = root;
	failed = cmocka_run_group_tests_name("sysfs", tests, NULL, NULL);
	return failed == 0 && skipped ? 77 : failed;
}
