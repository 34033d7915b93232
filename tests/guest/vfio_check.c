// SPDX-License-Identifier: BSD-2-Clause
/*
 * vfio_check.c - the VFIO backend against a real controller: mappings and their limits, interrupts, function
 * reset, memory decoding off, a second open, and the kernel taking the device away. Reads only.
 *
 * usage: vfio_check --ctrl=ADDRESS
 *        vfio_check --ctrl=ADDRESS --ctrl=ADDRESS: two controllers in one process, no more than that
 *
 * Skips (77) a controller that is not bound to vfio-pci.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "backend/vfio/vfio.h"
#include "controller/controller.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_pci.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define CHECK(condition, ...)                                        \
	do {                                                         \
		if (!(condition)) {                                  \
			fprintf(stderr, "vfio_check: " __VA_ARGS__); \
			fprintf(stderr, " (%s)\n", nvm_errmsg());    \
			exit(1);                                     \
		}                                                    \
	} while (0)

static const char *address;

static void *memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED, "no memory");
	return p;
}

static nvm_ctrl_t *open_ctrl(void)
{
	nvm_ctrl_t *ctrl;
	int status = nvm_ctrl_open(&ctrl, address, NULL);

	CHECK(status == 0, "open: %s", nvm_strerror(status));
	return ctrl;
}

static nvm_aq_ref open_aq(const nvm_ctrl_t *ctrl)
{
	nvm_aq_ref aq;
	int status = nvm_aq_open(&aq, ctrl);

	CHECK(status == 0, "admin queue: %s", nvm_strerror(status));
	return aq;
}

static void identify(nvm_aq_ref aq, const nvm_dma_t *dma, size_t page, void *at)
{
	struct nvm_ctrl_info info;
	int status = nvm_admin_ctrl_info(aq, &info, at, dma->ioaddrs[page]);

	CHECK(status == 0, "identify: %s", nvm_strerror(status));
	CHECK(memcmp(info.serial_no, "nvm-", 4) == 0, "the serial number did not arrive");
}

/* Every size from a page to 64 MiB, all mapped at the same time, DMA into first and last page of each. */
static void many_sizes(nvm_ctrl_t *ctrl, nvm_aq_ref aq)
{
	nvm_dma_t *dmas[16];
	char *bases[16];
	int n = 0;

	for (size_t size = 4096; size <= 64U << 20; size *= 2, n++) {
		int status;

		bases[n] = memory(size);
		status = nvm_dma_map_host(&dmas[n], ctrl, bases[n], size);
		CHECK(status == 0, "map %zu: %s", size, nvm_strerror(status));
		CHECK(nvm_dma_contiguous(dmas[n], 0, size), "%zu bytes are not contiguous", size);
		for (int i = 0; i < n; i++)
			CHECK(dmas[n]->ioaddrs[0] >=
					      dmas[i]->ioaddrs[dmas[i]->n_ioaddrs - 1] + 4096 ||
				      dmas[n]->ioaddrs[dmas[n]->n_ioaddrs - 1] + 4096 <=
					      dmas[i]->ioaddrs[0],
			      "mappings overlap");
	}
	for (int i = 0; i < n; i++) {
		size_t last = dmas[i]->n_ioaddrs - 1;

		identify(aq, dmas[i], 0, bases[i]);
		identify(aq, dmas[i], last, bases[i] + last * dmas[i]->page_size);
	}
	for (int i = 0; i < n; i++) {
		nvm_dma_unmap(dmas[i]);
		munmap(bases[i], (size_t)4096 << i);
	}
	printf("%d sizes mapped together\n", n);
}

static void map_and_unmap(nvm_ctrl_t *ctrl, nvm_aq_ref aq)
{
	char *base = memory(1 << 20);
	uint64_t first = 0;

	for (int i = 0; i < 3000; i++) {
		nvm_dma_t *dma;

		CHECK(nvm_dma_map_host(&dma, ctrl, base, 1 << 20) == 0, "mapping %d", i);
		if (i == 0)
			first = dma->ioaddrs[0];
		if (i % 500 == 0)
			identify(aq, dma, 17, base + 17L * 4096);
		CHECK(dma->ioaddrs[0] < first + (64 << 20), "I/O addresses are used up");
		nvm_dma_unmap(dma);
	}
	munmap(base, 1 << 20);
	printf("3000 mappings made and undone\n");
}

static void refused_ranges(nvm_ctrl_t *ctrl, nvm_aq_ref aq)
{
	struct rlimit limit, none = {0, 0};
	char *base = memory(16 << 20);
	nvm_dma_t *dma;
	int status;

	munmap(base + (8 << 20), 4096);
	status = nvm_dma_map_host(&dma, ctrl, base, 16 << 20);
	CHECK(status == EFAULT && dma == NULL, "a hole: %s", nvm_strerror(status));
	status = nvm_dma_map_host(&dma, ctrl, base + 512, 4096);
	CHECK(status == EINVAL, "unaligned: %s", nvm_strerror(status));

	/* Root may lock what it likes: the limit counts for others. */
	CHECK(getrlimit(RLIMIT_MEMLOCK, &limit) == 0, "getrlimit");
	none.rlim_max = limit.rlim_max;
	CHECK(setrlimit(RLIMIT_MEMLOCK, &none) == 0 && seteuid(65534) == 0, "setrlimit, seteuid");
	status = nvm_dma_map_host(&dma, ctrl, base, 1 << 20);
	CHECK(status == ENOMEM && strstr(nvm_errmsg(), "ulimit") != NULL, "limit: %s",
	      nvm_strerror(status));
	printf("%s\n", nvm_errmsg());
	CHECK(seteuid(0) == 0 && setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "setrlimit, seteuid");
	CHECK(nvm_dma_map_host(&dma, ctrl, base, 8 << 20) == 0, "after refusals");
	identify(aq, dma, 2047, base + 2047L * 4096);
	nvm_dma_unmap(dma);
	munmap(base, 16 << 20);
	printf("ranges that cannot be mapped are refused\n");
}

/* The module's limit for mappings counts for containers opened after it is set. */
static void mapping_limit(void)
{
	const char *file = "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit";
	nvm_dma_t *dmas[32];
	nvm_ctrl_t *ctrl;
	char *base;
	int n, status = 0;

	if (nvmi_pci_write_file(file, "8") != 0) {
		printf("dma_entry_limit cannot be set\n");
		return;
	}
	ctrl = open_ctrl();
	nvmi_pci_write_file(file, "65535");
	base = memory(32 * 4096);
	for (n = 0; n < 32; n++) {
		status = nvm_dma_map_host(&dmas[n], ctrl, base + n * 4096L, 4096);
		if (status != 0)
			break;
	}
	CHECK((n == 8 && status == ENOSPC && strstr(nvm_errmsg(), "dma_entry_limit") != NULL) ||
		      n == 32,
	      "%d mappings, then %s", n, nvm_strerror(status));
	printf("%d mappings with dma_entry_limit = 8\n", n);
	while (n-- > 0)
		nvm_dma_unmap(dmas[n]);
	munmap(base, 32 * 4096);
	nvm_ctrl_free(ctrl);
}

static void second_open(void)
{
	nvm_ctrl_t *ctrl;
	int status = nvm_ctrl_open(&ctrl, address, NULL);

	CHECK(status == EBUSY && ctrl == NULL, "second open: %s", nvm_strerror(status));
	printf("second open: %s\n", nvm_errmsg());
	status = nvm_pci_restore(address);
	CHECK(status == EBUSY || status == ENOENT, "restore while open: %s", nvm_strerror(status));
	status = nvm_pci_bind(address, "nvme", 0);
	CHECK(status == EBUSY, "bind while open: %s", nvm_strerror(status));
	printf("bind while open: %s\n", nvm_errmsg());
}

static bool signalled(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t count;

	return poll(&p, 1, 3000) == 1 && read(fd, &count, sizeof(count)) == sizeof(count);
}

/* Read block 0 through a queue pair that interrupts at the vector given. */
static void interrupted_read(nvm_ctrl_t *ctrl, nvm_aq_ref aq, uint16_t qid, unsigned int vector,
			     int fd)
{
	nvm_queue_t cq, sq;
	nvm_dma_t *dma;
	nvm_cmd_t *cmd;
	nvm_cpl_t *cpl;
	int status;

	CHECK(nvm_dma_create(&dma, ctrl, 4 * 4096) == 0, "queue memory");
	status = nvm_cq_create(aq, &cq, qid, 16, dma, 0, (int)vector);
	CHECK(status == 0, "CQ %u: %s", qid, nvm_strerror(status));
	status = nvm_sq_create(aq, &sq, &cq, qid, 16, dma, 4096);
	CHECK(status == 0, "SQ %u: %s", qid, nvm_strerror(status));
	for (int i = 0; i < 3; i++) {
		cmd = nvm_sq_enqueue(&sq);
		CHECK(cmd != NULL, "no slot");
		memset(cmd, 0, sizeof(*cmd));
		cmd->dword[0] = 0x02U | (uint32_t)i << 16;
		cmd->dword[1] = 1;
		cmd->dword[6] = (uint32_t)dma->ioaddrs[3];
		cmd->dword[7] = (uint32_t)(dma->ioaddrs[3] >> 32);
		nvm_sq_submit(&sq);
		/* Vector 0 also signals the completions of the admin queue. */
		do {
			CHECK(signalled(fd), "vector %u did not come", vector);
			cpl = nvm_cq_dequeue(&cq);
		} while (cpl == NULL);
		CHECK(NVM_ERR_OK(cpl), "reading failed");
		nvm_sq_update(&sq);
		nvm_cq_update(&cq);
	}
	CHECK(nvm_admin_sq_delete(aq, &sq, &cq) == 0 && nvm_admin_cq_delete(aq, &cq) == 0,
	      "delete");
	nvm_dma_unmap(dma);
}

static void interrupts(nvm_ctrl_t *ctrl, nvm_aq_ref aq)
{
	static const unsigned int vectors[] = {1, 0, 2, 7, 40};
	unsigned int n = nvm_ctrl_n_irqs(ctrl);
	uint16_t n_cqs = 8, n_sqs = 8;
	int fds[5], status;

	CHECK(n > 40, "%u vectors", n);
	CHECK(nvm_admin_request_num_queues(aq, &n_cqs, &n_sqs) == 0, "number of queues");
	CHECK(nvm_ctrl_irq(ctrl, n, 0) == EINVAL, "a vector that is not there");
	status = nvm_ctrl_irq(ctrl, 0, STDERR_FILENO);
	CHECK(status != 0, "a file that is no eventfd");
	for (int i = 0; i < 5; i++) {
		fds[i] = eventfd(0, EFD_CLOEXEC);
		status = nvm_ctrl_irq(ctrl, vectors[i], fds[i]);
		CHECK(status == 0, "vector %u: %s", vectors[i], nvm_strerror(status));
		/* What was on before is on again, and has been signalled once for safety. */
		for (int j = 0; j <= i; j++) {
			struct pollfd p = {.fd = fds[j], .events = POLLIN};

			if (poll(&p, 1, 0) == 1)
				signalled(fds[j]);
		}
		for (int j = 0; j <= i; j++)
			interrupted_read(ctrl, aq, (uint16_t)(j + 1), vectors[j], fds[j]);
	}
	for (int i = 0; i < 5; i++) {
		CHECK(nvm_ctrl_irq(ctrl, vectors[i], -1) == 0, "vector %u off", vectors[i]);
		close(fds[i]);
	}
	printf("interrupts on 5 of %u vectors\n", n);
}

static void function_reset(nvm_ctrl_t *ctrl, nvm_aq_ref *aq)
{
	nvm_dma_t *dma;
	int status;

	CHECK(nvm_dma_create(&dma, ctrl, 4096) == 0, "memory");
	nvm_aq_destroy(*aq);
	for (int i = 0; i < 3; i++) {
		status = nvm_ctrl_function_reset(ctrl);
		if (status == ENOTSUP) {
			printf("no function reset: %s\n", nvm_errmsg());
			i = 3;
		}
		CHECK(status == 0 || status == ENOTSUP, "reset: %s", nvm_strerror(status));
		*aq = open_aq(ctrl);
		identify(*aq, dma, 0, dma->vaddr);
		if (i < 2)
			nvm_aq_destroy(*aq);
	}
	nvm_dma_unmap(dma);
	printf("function reset\n");
}

/* Off, the registers read all ones, and on again the controller is there. */
static void memory_decoding(nvm_ctrl_t *ctrl)
{
	struct nvmi_vfio *v = (struct nvmi_vfio *)nvmi_ctrl_of(ctrl)->be;
	uint32_t version = nvm_ctrl_read32(ctrl, NVM_REG_VS);

	CHECK(version != UINT32_MAX && version != 0, "VS is 0x%x", version);
	CHECK(nvmi_vfio_command(v, 0, NVMI_PCI_COMMAND_MEMORY) == 0, "command register");
	CHECK(nvm_ctrl_read32(ctrl, NVM_REG_VS) == UINT32_MAX, "VS is not all ones");
	CHECK(nvm_ctrl_read64(ctrl, NVM_REG_CAP) == UINT64_MAX, "CAP is not all ones");
	nvm_ctrl_write32(ctrl, NVM_REG_AQA, 0);
	CHECK(nvmi_vfio_command(v, NVMI_PCI_COMMAND_MEMORY, 0) == 0, "command register");
	CHECK(nvm_ctrl_read32(ctrl, NVM_REG_VS) == version, "VS does not come back");
	printf("memory decoding off is all ones\n");
}

static void *unbind(void *arg)
{
	int *err = arg;

	*err = nvmi_pci_write_file("/sys/bus/pci/drivers/vfio-pci/unbind", address);
	return NULL;
}

/* The kernel waits for the device: it must come back at once, and the program survive it. */
static void taken_away(nvm_ctrl_t *ctrl, nvm_aq_ref aq)
{
	volatile uint32_t *doorbell = (volatile uint32_t *)((volatile char *)ctrl->mm_ptr + 0x1000);
	struct timespec limit;
	nvm_dma_t *dma, *more;
	pthread_t thread;
	int err = -1, status;

	CHECK(nvm_dma_create(&dma, ctrl, 4096) == 0, "memory");
	CHECK(pthread_create(&thread, NULL, unbind, &err) == 0, "thread");
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 8;
	CHECK(pthread_timedjoin_np(thread, NULL, &limit) == 0, "the device was not given back");
	CHECK(err == 0, "unbind: %s", strerror(err));
	CHECK(nvm_ctrl_read32(ctrl, NVM_REG_CSTS) == UINT32_MAX, "a register of no device");
	CHECK(*(volatile uint32_t *)ctrl->mm_ptr == UINT32_MAX, "mapped register of no device");
	*doorbell = 1;
	status = nvm_admin_identify(aq, 1, 0, 0, 0, dma->vaddr, dma->ioaddrs[0]);
	CHECK(status == ENODEV, "command to no device: %s", nvm_strerror(status));
	CHECK(nvm_ctrl_irq(ctrl, 0, -1) == ENODEV, "interrupt of no device");
	CHECK(nvm_ctrl_function_reset(ctrl) == ENODEV, "reset of no device");
	status = nvm_dma_create(&more, ctrl, 4096);
	CHECK(status == ENODEV, "mapping for no device: %s", nvm_strerror(status));
	nvm_dma_unmap(dma);
	printf("taken away by the kernel\n");
}

/* Two controllers of this process, of one IOMMU group or not: each closes without harm to the other. */
static int two_controllers(const char *first, const char *second)
{
	nvm_ctrl_t *ctrls[2];
	nvm_aq_ref aqs[2];
	nvm_dma_t *dmas[2];

	for (int i = 0; i < 2; i++) {
		address = i == 0 ? first : second;
		ctrls[i] = open_ctrl();
		aqs[i] = open_aq(ctrls[i]);
		CHECK(nvm_dma_create(&dmas[i], ctrls[i], 1 << 20) == 0, "memory");
	}
	for (int round = 0; round < 5; round++)
		for (int i = 0; i < 2; i++)
			identify(aqs[i], dmas[i], (size_t)(round * 50),
				 (char *)dmas[i]->vaddr + round * 50 * 4096);
	for (int i = 0; i < 2; i++) {
		/* Closed and opened again while the other goes on. */
		nvm_dma_unmap(dmas[i]);
		nvm_aq_destroy(aqs[i]);
		nvm_ctrl_free(ctrls[i]);
		identify(aqs[1 - i], dmas[1 - i], 7, (char *)dmas[1 - i]->vaddr + 7 * 4096);
		address = i == 0 ? first : second;
		ctrls[i] = open_ctrl();
		aqs[i] = open_aq(ctrls[i]);
		CHECK(nvm_dma_create(&dmas[i], ctrls[i], 1 << 20) == 0, "memory");
		identify(aqs[i], dmas[i], 255, (char *)dmas[i]->vaddr + 255 * 4096);
	}
	for (int i = 0; i < 2; i++) {
		nvm_aq_destroy(aqs[i]);
		nvm_dma_unmap(dmas[i]);
		nvm_ctrl_free(ctrls[i]);
	}
	printf("%s and %s in one process\n", first, second);
	return 0;
}

int main(int argc, char **argv)
{
	struct nvm_pci_device device;
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++)
		CHECK(strncmp(argv[i], "--ctrl=", 7) == 0, "%s is not --ctrl=ADDRESS", argv[i]);
	if (argc == 3)
		return two_controllers(argv[1] + 7, argv[2] + 7);
	CHECK(argc == 2, "usage: vfio_check --ctrl=ADDRESS");
	address = argv[1] + 7;
	CHECK(nvm_pci_info(&device, address) == 0, "no such device");
	if (strcmp(device.driver, "vfio-pci") != 0) {
		printf("SKIP: %s is bound to \"%s\"\n", address, device.driver);
		return 77;
	}
	CHECK(device.in_use[0] == '\0', "in use: %s", device.in_use);
	mapping_limit();
	ctrl = open_ctrl();
	printf("%s: %zu bytes of BAR0\n", nvm_ctrl_name(ctrl), ctrl->mm_size);
	CHECK(nvm_pci_info(&device, address) == 0 && device.in_use[0] != '\0', "not in use");
	printf("nvm_pci_info: %s\n", device.in_use);
	second_open();
	memory_decoding(ctrl);
	aq = open_aq(ctrl);
	many_sizes(ctrl, aq);
	map_and_unmap(ctrl, aq);
	refused_ranges(ctrl, aq);
	interrupts(ctrl, aq);
	function_reset(ctrl, &aq);
	taken_away(ctrl, aq);
	nvm_aq_destroy(aq);
	nvm_ctrl_free(ctrl);
	return 0;
}
