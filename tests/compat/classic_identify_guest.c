/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * classic_identify_guest.c - a program as one wrote it in 2018: map resource0 by hand, find physical
 * addresses by hand, one-page queues, raw commands. Only classic names; it must compile unchanged.
 *
 * usage: classic_identify_guest BDF
 * Needs root, no driver (or uio_pci_generic) on the device, no IOMMU, and two free huge pages.
 */
#include <nvm_types.h>
#include <nvm_ctrl.h>
#include <nvm_dma.h>
#include <nvm_aq.h>
#include <nvm_rpc.h>
#include <nvm_admin.h>
#include <nvm_cmd.h>
#include <nvm_error.h>
#include <nvm_queue.h>
#include <nvm_util.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_SIZE ((size_t)2 << 20)
#define PAGE      4096

static uint64_t physical_address(const void *ptr)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)ptr / PAGE * sizeof(entry))) !=
	    (ssize_t)sizeof(entry))
		entry = 0;
	close(fd);
	return (entry & ((UINT64_C(1) << 55) - 1)) * PAGE;
}

static void *take_huge_page(void)
{
	void *ptr = mmap(NULL, HUGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);

	return ptr == MAP_FAILED ? NULL : ptr;
}

static int identify(nvm_aq_ref ref, const nvm_dma_t *window, struct nvm_ctrl_info *ctrl_info,
		    struct nvm_ns_info *ns_info)
{
	int status =
		nvm_admin_ctrl_info(ref, ctrl_info, NVM_DMA_OFFSET(window, 2), window->ioaddrs[2]);

	if (nvm_ok(status))
		status = nvm_admin_ns_info(ref, ns_info, 1, NVM_DMA_OFFSET(window, 2),
					   window->ioaddrs[2]);
	return status;
}

/* One command on a queue pair of its own, waited for the 2018 way. */
static int transfer(nvm_queue_t *sq, nvm_queue_t *cq, uint8_t opcode, const nvm_dma_t *window,
		    size_t first_page, size_t n_pages, uint64_t lba, uint16_t n_blocks)
{
	nvm_cmd_t *cmd = nvm_sq_enqueue(sq);
	nvm_cpl_t *cpl;
	size_t used;

	if (cmd == NULL)
		return 1;
	nvm_cmd_header(cmd, NVM_DEFAULT_CID(sq), opcode, 1);
	used = nvm_cmd_data(cmd, window->page_size, n_pages, NVM_DMA_OFFSET(window, 3),
			    window->ioaddrs[3], &window->ioaddrs[first_page]);
	if (used != n_pages)
		return 1;
	nvm_cmd_rw_blks(cmd, lba, n_blocks);
	nvm_sq_submit(sq);

	cpl = nvm_cq_dequeue_block(cq, 5000);
	if (cpl == NULL)
		return 1;
	nvm_sq_update(sq);
	nvm_cq_update(cq);
	return NVM_ERR_OK(cpl) ? 0 : NVM_ERR_PACK(cpl, 0);
}

static int read_and_write(nvm_aq_ref ref, const nvm_dma_t *window, size_t block_size)
{
	unsigned char *data = NVM_DMA_OFFSET(window, 16);
	uint16_t n_cqs = 1, n_sqs = 1;
	nvm_queue_t cq, sq;
	int status;

	status = nvm_admin_request_num_queues(ref, &n_cqs, &n_sqs);
	if (!nvm_ok(status))
		return status;
	status = nvm_admin_cq_create(ref, &cq, 1, NVM_DMA_OFFSET(window, 4), window->ioaddrs[4]);
	if (!nvm_ok(status))
		return status;
	status = nvm_admin_sq_create(ref, &sq, &cq, 1, NVM_DMA_OFFSET(window, 5),
				     window->ioaddrs[5]);
	if (!nvm_ok(status))
		return status;

	/* More commands than the rings have slots, 1 to 16 pages each. */
	for (unsigned int i = 0; i < 300 && nvm_ok(status); ++i) {
		size_t n_pages = 1 + i % 16;
		uint16_t n_blocks = (uint16_t)(n_pages * PAGE / block_size);

		for (size_t j = 0; j < n_pages * PAGE; ++j)
			data[j] = (unsigned char)(i * 7 + j / PAGE * 3 + j);
		status = transfer(&sq, &cq, NVM_IO_WRITE, window, 16, n_pages, i * 128, n_blocks);
		if (nvm_ok(status)) {
			memset(data + 16 * PAGE, 0, n_pages * PAGE);
			status = transfer(&sq, &cq, NVM_IO_READ, window, 32, n_pages, i * 128,
					  n_blocks);
		}
		if (nvm_ok(status) && memcmp(data, data + 16 * PAGE, n_pages * PAGE) != 0) {
			fprintf(stderr, "data differs at round %u\n", i);
			status = 1;
		}
	}
	if (nvm_ok(status))
		status = nvm_admin_sq_delete(ref, &sq, &cq);
	if (nvm_ok(status))
		status = nvm_admin_cq_delete(ref, &cq);
	return status;
}

int main(int argc, char **argv)
{
	struct nvm_ctrl_info ctrl_info;
	struct nvm_ns_info ns_info;
	nvm_ctrl_t *ctrl;
	nvm_dma_t *window;
	nvm_aq_ref ref;
	char path[128];
	uint64_t address;
	volatile void *bar;
	void *memory;
	int fd, status;

	if (argc < 2) {
		fprintf(stderr, "usage: %s BDF\n", argv[0]);
		return 2;
	}
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", argv[1]);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1) {
		perror(path);
		return 1;
	}
	close(fd);
	/* Bus mastering: bit 2 of the command register. */
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", argv[1]);
	fd = open(path, O_RDWR);
	if (fd >= 0) {
		uint16_t command = 0;

		if (pread(fd, &command, 2, 4) == 2) {
			command |= 0x6;
			if (pwrite(fd, &command, 2, 4) != 2)
				perror(path);
		}
		close(fd);
	}
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", argv[1]);
	fd = open(path, O_RDWR);
	if (fd < 0) {
		perror(path);
		return 1;
	}
	bar = mmap(NULL, NVM_CTRL_MEM_MINSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memory = take_huge_page();
	if (bar == MAP_FAILED || memory == NULL) {
		fprintf(stderr, "no BAR or no huge page\n");
		return 1;
	}
	memset(memory, 0, HUGE_SIZE);
	address = physical_address(memory);

	status = nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE);
	if (status != 0) {
		fprintf(stderr, "nvm_raw_ctrl_init: %s\n", nvm_strerror(status));
		return 1;
	}
	/* One "page" of 2 MiB: the library splits it into controller pages. */
	status = nvm_dma_map(&window, ctrl, memory, HUGE_SIZE, 1, &address);
	if (status != 0) {
		fprintf(stderr, "nvm_dma_map: %s\n", nvm_strerror(status));
		return 1;
	}
	status = nvm_aq_create(&ref, ctrl, window);
	if (status != 0) {
		fprintf(stderr, "nvm_aq_create: %s\n", nvm_strerror(status));
		return 1;
	}

	status = identify(ref, window, &ctrl_info, &ns_info);
	if (nvm_ok(status)) {
		printf("Serial Number           : %.20s\n", ctrl_info.serial_no);
		printf("Logical block size      : %zu\n", ns_info.lba_data_size);
		status = read_and_write(ref, window, ns_info.lba_data_size);
	}
	if (!nvm_ok(status))
		fprintf(stderr, "failed: %s\n", nvm_strerror(status));

	nvm_aq_destroy(ref);
	nvm_dma_unmap(window);
	nvm_ctrl_free(ctrl);
	munmap((void *)(uintptr_t)bar, NVM_CTRL_MEM_MINSIZE);
	munmap(memory, HUGE_SIZE);
	close(fd);
	return nvm_ok(status) ? 0 : 1;
}
