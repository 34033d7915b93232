/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * classic_names_test.c - every type, field, function, macro and constant of the 2018 interface, used as
 * a program of 2018 used it; compiles as C and as C++ (tests/build/classic_cxx_test.sh).
 *
 * usage: classic_names_test [RESOURCE0_OR_DEVICE]
 * Without an argument: what can be computed without a controller.
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

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int failures;

static void expect(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "not so: %s\n", what);
		++failures;
	}
}

#define EXPECT(condition) expect((condition), #condition)

static void check_types(void)
{
	nvm_cmd_t cmd = {{0}};
	nvm_cpl_t cpl = {{0}};

	EXPECT(sizeof(nvm_cmd_t) == 64 && sizeof(cmd.dword) == 64 && sizeof(cmd.dword[0]) == 4);
	EXPECT(sizeof(nvm_cpl_t) == 16 && sizeof(cpl.dword) == 16 && sizeof(cpl.dword[0]) == 4);
	EXPECT(sizeof(nvm_queue_t) == 64);
	EXPECT(__alignof__(nvm_queue_t) == 64 && __alignof__(nvm_cmd_t) == 64);
	EXPECT(__alignof__(nvm_cpl_t) == 16 && __alignof__(nvm_dma_t) == 32);
	EXPECT(sizeof(((struct nvm_ctrl_info *)NULL)->pci_vendor) == 4);
	EXPECT(sizeof(((struct nvm_ctrl_info *)NULL)->serial_no) == 20);
	EXPECT(sizeof(((struct nvm_ctrl_info *)NULL)->model_no) == 40);
	EXPECT(sizeof(((struct nvm_ctrl_info *)NULL)->firmware) == 8);
	/* Numbers of blocks have 64 bits wherever size_t may have fewer. */
	EXPECT(sizeof(((struct nvm_ns_info *)NULL)->size) == 8);
}

static void check_opcodes(void)
{
	enum nvm_io_command_set io = NVM_IO_READ;
	enum nvm_admin_command_set admin = NVM_ADMIN_IDENTIFY;

	EXPECT(io == 2 && NVM_IO_FLUSH == 0 && NVM_IO_WRITE == 1 && NVM_IO_WRITE_ZEROES == 8);
	EXPECT(admin == 6);
	EXPECT(NVM_ADMIN_DELETE_SUBMISSION_QUEUE == 0 && NVM_ADMIN_CREATE_SUBMISSION_QUEUE == 1);
	EXPECT(NVM_ADMIN_DELETE_COMPLETION_QUEUE == 4 && NVM_ADMIN_CREATE_COMPLETION_QUEUE == 5);
	EXPECT(NVM_ADMIN_GET_LOG_PAGE == 2 && NVM_ADMIN_ABORT == 8);
	EXPECT(NVM_ADMIN_SET_FEATURES == 9 && NVM_ADMIN_GET_FEATURES == 10);
	EXPECT(NVM_CMD_NS_ALL == 0xffffffff);
	EXPECT(NVM_CTRL_MEM_MINSIZE == 0x2000);
}

static void check_status(void)
{
	nvm_cpl_t cpl = {{0}};
	int status;

	/* SCT 2, SC 81h: Unrecovered Read Error. */
	*NVM_CPL_STATUS(&cpl) = (uint16_t)(2U << 9 | 0x81U << 1 | 1U);
	EXPECT(NVM_ERR_SCT(&cpl) == 2 && NVM_ERR_SC(&cpl) == 0x81 && NVM_ERR_DNR(&cpl) == 0);
	EXPECT(!NVM_ERR_OK(&cpl));
	EXPECT(NVM_ERR_STATUS(&cpl) == -0x281);
	EXPECT(NVM_ERR_STATUS((const nvm_cpl_t *)NULL) == 0);
	status = NVM_ERR_PACK(&cpl, 0);
	EXPECT(status == -0x281 && !nvm_ok(status));
	EXPECT(NVM_ERR_UNPACK_SCT(status) == 2 && NVM_ERR_UNPACK_SC(status) == 0x81);
	EXPECT(NVM_ERR_UNPACK_ERRNO(status) == 0);
	EXPECT(strcmp(nvm_strerror(NVM_ERR_STATUS(&cpl)), nvm_strerror(status)) == 0);
	EXPECT(strcmp(nvm_strerror(status), strerror(EIO)) != 0);

	/* The retry bits do not get into what a program of 2018 compares. */
	*NVM_CPL_STATUS(&cpl) |= (uint16_t)(1U << 15 | 3U << 12);
	EXPECT(NVM_ERR_DNR(&cpl) == 1 && NVM_ERR_STATUS(&cpl) == -0x281);
	status = NVM_ERR_PACK(&cpl, 0);
	EXPECT(NVM_ERR_UNPACK_SCT(status) == 2 && NVM_ERR_UNPACK_SC(status) == 0x81);

	status = NVM_ERR_PACK(NULL, ETIME);
	EXPECT(status == ETIME && NVM_ERR_UNPACK_ERRNO(status) == ETIME);
	EXPECT(NVM_ERR_UNPACK_SCT(status) == 0 && NVM_ERR_UNPACK_SC(status) == 0);
	EXPECT(strcmp(nvm_strerror(status), strerror(ETIME)) == 0);
	EXPECT(NVM_ERR_PACK(&cpl, ENOMEM) == ENOMEM);
	*NVM_CPL_STATUS(&cpl) = 1;
	EXPECT(NVM_ERR_OK(&cpl) && NVM_ERR_STATUS(&cpl) == 0 && nvm_ok(NVM_ERR_PACK(&cpl, 0)));
}

static void check_arithmetic(void)
{
	static unsigned char memory[4 * 4096];
	volatile uint32_t *reg;

	EXPECT(NVM_PAGE_TO_BLOCK(4096, 512, 3) == 24 && NVM_BLOCK_TO_PAGE(4096, 512, 25) == 3);
	/* The mask keeps the page, it does not keep the offset. */
	EXPECT((0x12345 & NVM_PAGE_MASK(4096)) == 0x12000);
	EXPECT((UINT64_C(0xabcdef0123456789) & NVM_PAGE_MASK(4096)) == 0xabcdef0123456000);
	EXPECT(NVM_ADDR_MASK(UINT64_C(0xabcdef0123456789), 4096) == 0xabcdef0123456000);
	EXPECT(NVM_ADDR_MASK(&memory[0], 1) == (uintptr_t)memory);
	EXPECT(NVM_PAGE_ALIGN(4097, 4096) == 8192 && NVM_PAGE_ALIGN(8192, 4096) == 8192);
	EXPECT(NVM_ADDR_OFFSET(UINT64_C(0x100000000), 4096, 2) == 0x100002000);
	EXPECT(NVM_PTR_OFFSET(memory, 4096, 2) == (void *)(memory + 8192));
	EXPECT(_RB(0xabcd, 15, 8) == 0xab && _RB(UINT64_MAX, 63, 0) == UINT64_MAX);
	EXPECT(_WB(0x3, 9, 8) == 0x300 && _WB(0x7, 9, 8) == 0x300);
	reg = _REG(memory, 8, 32);
	EXPECT(reg == (volatile uint32_t *)(void *)(memory + 8));
	*_REG(memory, 0, 8) = 0x12;
	*_REG(memory, 16, 64) = 1;
	EXPECT(memory[0] == 0x12 && memory[16] == 1);
	nvm_cache_flush(memory, sizeof(memory));
	nvm_cache_invalidate(memory, sizeof(memory));
	nvm_wcb_flush();
}

static void check_commands(void)
{
	static const uint64_t pages[4] = {0x1000, 0x200000000, 0x3000, 0x4000};
	uint64_t list[512] = {0};
	nvm_cpl_t cpl = {{0x01020304, 0, 3U << 16 | 7, 0x00011234}};
	nvm_cmd_t cmd;

	memset(&cmd, 0, sizeof(cmd));
	nvm_cmd_header(&cmd, 0x55, NVM_IO_WRITE, 9);
	EXPECT(*NVM_CMD_CID(&cmd) == 0x55 && *NVM_CMD_NSID(&cmd) == 9);
	*NVM_CMD_CID(&cmd) = 0x66;
	*NVM_CMD_NSID(&cmd) = 10;
	EXPECT(cmd.dword[0] == 0x00660001 && cmd.dword[1] == 10);
	nvm_cmd_data_ptr(&cmd, pages[1], pages[0]);
	EXPECT(cmd.dword[6] == 0 && cmd.dword[7] == 2 && cmd.dword[8] == 0x1000);
	nvm_cmd_rw_blks(&cmd, UINT64_C(0x500000001), 8);
	EXPECT(cmd.dword[10] == 1 && cmd.dword[11] == 5 && cmd.dword[12] == 7);
	EXPECT(nvm_prp_list(4096, 4, list, pages) == 4 && list[3] == 0x4000);
	EXPECT(nvm_cmd_data(&cmd, 4096, 4, list, 0x9000, pages) == 4);
	EXPECT(cmd.dword[6] == 0x1000 && cmd.dword[8] == 0x9000 && list[0] == pages[1]);
	EXPECT(*NVM_CPL_CID(&cpl) == 0x1234 && *NVM_CPL_SQHD(&cpl) == 7 &&
	       *NVM_CPL_SQID(&cpl) == 3);
	EXPECT(*NVM_CPL_STATUS(&cpl) == 1);
}

/* Everything that needs a controller, as one program. */
static int identify(nvm_aq_ref ref, nvm_dma_t *memory)
{
	struct nvm_ctrl_info info;
	struct nvm_ns_info ns;
	uint16_t n_cqs = 1, n_sqs = 1;
	nvm_cmd_t cmd;
	nvm_cpl_t cpl;
	int status = nvm_admin_ctrl_info(ref, &info, NVM_DMA_OFFSET(memory, 2), memory->ioaddrs[2]);

	if (!nvm_ok(status))
		return status;
	printf("%x %zu %zu %lu %d %u %02x %.20s %.40s %.8s %zu %zu %zu %zu %zu %zu\n",
	       info.nvme_version, info.page_size, info.db_stride, (unsigned long)info.timeout,
	       (int)info.contiguous, (unsigned int)info.max_entries, info.pci_vendor[0],
	       info.serial_no, info.model_no, info.firmware, info.max_data_size,
	       info.max_data_pages, info.cq_entry_size, info.sq_entry_size, info.max_out_cmds,
	       info.max_n_ns);
	status = nvm_admin_ns_info(ref, &ns, 1, NVM_DMA_OFFSET(memory, 2), memory->ioaddrs[2]);
	if (!nvm_ok(status))
		return status;
	printf("%u %lu %lu %lu %zu %zu\n", ns.ns_id, (unsigned long)ns.size,
	       (unsigned long)ns.capacity, (unsigned long)ns.utilization, ns.lba_data_size,
	       ns.metadata_size);

	status = nvm_admin_set_num_queues(ref, 1, 1);
	if (nvm_ok(status))
		status = nvm_admin_get_num_queues(ref, &n_cqs, &n_sqs);
	if (nvm_ok(status))
		status = nvm_admin_request_num_queues(ref, &n_cqs, &n_sqs);
	if (nvm_ok(status))
		status = nvm_admin_get_log_page(ref, NVM_CMD_NS_ALL, NVM_DMA_OFFSET(memory, 2),
						memory->ioaddrs[2], 2, 0);
	if (!nvm_ok(status))
		return status;

	memset(&cmd, 0, sizeof(cmd));
	nvm_cmd_header(&cmd, 1, NVM_ADMIN_IDENTIFY, 0);
	nvm_cmd_data_ptr(&cmd, memory->ioaddrs[2], 0);
	cmd.dword[10] = 1;
	return nvm_raw_rpc(ref, &cmd, &cpl);
}

static int read_a_block(nvm_aq_ref ref, nvm_dma_t *memory)
{
	nvm_queue_t cq, sq;
	nvm_cpl_t *cpl = NULL;
	nvm_cmd_t *cmd;
	int status =
		nvm_admin_cq_create(ref, &cq, 1, NVM_DMA_OFFSET(memory, 3), memory->ioaddrs[3]);

	if (!nvm_ok(status))
		return status;
	status = nvm_admin_sq_create(ref, &sq, &cq, 1, NVM_DMA_OFFSET(memory, 4),
				     memory->ioaddrs[4]);
	if (!nvm_ok(status))
		return status;
	cmd = nvm_sq_enqueue(&sq);
	if (cmd != NULL) {
		nvm_cmd_header(cmd, (uint16_t)NVM_DEFAULT_CID(&sq), NVM_IO_READ, 1);
		nvm_cmd_data(cmd, memory->page_size, 1, NULL, 0, &memory->ioaddrs[5]);
		nvm_cmd_rw_blks(cmd, 0, 1);
		nvm_sq_submit(&sq);
		cpl = nvm_cq_poll(&cq);
		if (cpl == NULL)
			cpl = nvm_cq_dequeue_block(&cq, 1000);
		else
			cpl = nvm_cq_dequeue(&cq);
	}
	status = NVM_ERR_PACK(cpl, cpl == NULL ? ETIME : 0);
	nvm_sq_update(&sq);
	nvm_cq_update(&cq);
	printf("%u %u %u %u %u %d %u %p %p %lx\n", sq.no, (unsigned int)sq.max_entries,
	       sq.entry_size, sq.head, sq.tail, sq.phase, sq.last, (const volatile void *)sq.db,
	       sq.vaddr, (unsigned long)sq.ioaddr);
	nvm_admin_sq_delete(ref, &sq, &cq);
	nvm_admin_cq_delete(ref, &cq);
	return status;
}

static int use_controller(nvm_ctrl_t *ctrl)
{
	size_t size = NVM_CTRL_ALIGN(ctrl, 6 * ctrl->page_size);
	nvm_dma_t *memory = NULL, *host = NULL, *again = NULL;
	nvm_aq_ref ref = NULL;
	void *vaddr = NULL;
	int status = nvm_dma_create(&memory, ctrl, size);

	if (nvm_ok(status))
		status = nvm_aq_create(&ref, ctrl, memory);
	if (nvm_ok(status))
		status = identify(ref, memory);
	if (nvm_ok(status))
		status = read_a_block(ref, memory);
	if (nvm_ok(status) && nvm_ctrl_from_aq_ref(ref) != ctrl)
		status = EINVAL;
	nvm_aq_destroy(ref);

	if (nvm_ok(status))
		status = posix_memalign(&vaddr, ctrl->page_size, size);
	if (nvm_ok(status))
		status = nvm_dma_map_host(&host, ctrl, vaddr, size);
	if (nvm_ok(status))
		status = nvm_dma_map(&again, ctrl, host->vaddr, host->page_size, host->n_ioaddrs,
				     host->ioaddrs);
	if (nvm_ok(status)) {
		nvm_queue_t q;

		nvm_queue_clear(&q, ctrl, true, 0, NVM_DMA_OFFSET(again, 0), again->ioaddrs[0]);
		printf("%zu %lu\n", (size_t)NVM_CTRL_PAGES(ctrl, 1),
		       (unsigned long)NVM_DMA_ALIGN(again, 1));
		status = nvm_raw_ctrl_reset(ctrl, again->ioaddrs[0], again->ioaddrs[1]);
	}
	nvm_dma_unmap(again);
	nvm_dma_unmap(host);
	nvm_dma_unmap(memory);
	free(vaddr);
	return status;
}

static int use_file(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK);
	nvm_ctrl_t *ctrl = NULL;
	int status;

	if (fd < 0)
		return errno;
	status = nvm_ctrl_init(&ctrl, fd);
	if (!nvm_ok(status)) {
		volatile void *bar =
			mmap(NULL, NVM_CTRL_MEM_MINSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (bar != MAP_FAILED)
			status = nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE);
	}
	if (nvm_ok(status)) {
		printf("%zu %u %lu %u %zu %p\n", ctrl->page_size, ctrl->dstrd,
		       (unsigned long)ctrl->timeout, (unsigned int)ctrl->max_entries, ctrl->mm_size,
		       ctrl->mm_ptr);
		status = use_controller(ctrl);
	}
	nvm_ctrl_free(ctrl);
	close(fd);
	return status;
}

int main(int argc, char **argv)
{
	check_types();
	check_opcodes();
	check_status();
	check_arithmetic();
	check_commands();
	if (argc > 1) {
		int status = use_file(argv[1]);

		if (!nvm_ok(status)) {
			fprintf(stderr, "%s: %s\n", argv[1], nvm_strerror(status));
			++failures;
		}
	}
	return failures == 0 ? 0 : 1;
}
