/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * classic_test.c - the classic interface does on a controller what it is documented to do: one-page
 * queues in memory of the caller, raw commands, slots, doorbells. Classic names only, but for opening
 * the software controller and looking at its registers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

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

#define PAGE      ((size_t)4096)
#define N_PAGES   64
#define DATA_PAGE 16

/* The memory of a program: admin queues, a page for Identify, a queue pair, PRP list, data. */
struct program {
	nvm_ctrl_t *ctrl;
	void *vaddr;
	nvm_dma_t *memory;
	nvm_aq_ref ref;
};

static void *page_at(const struct program *p, size_t page)
{
	return NVM_DMA_OFFSET(p->memory, page);
}

static void start(struct program *p)
{
	assert_int_equal(nvm_ctrl_open(&p->ctrl, "emu:?size=16M&ns=&size=8M&lba=4096", NULL), 0);
	assert_int_equal(posix_memalign(&p->vaddr, PAGE, N_PAGES * PAGE), 0);
	memset(p->vaddr, 0xee, N_PAGES * PAGE);
	assert_int_equal(nvm_dma_map_host(&p->memory, p->ctrl, p->vaddr, N_PAGES * PAGE), 0);
	assert_int_equal(nvm_aq_create(&p->ref, p->ctrl, p->memory), 0);
}

static void stop(struct program *p)
{
	nvm_aq_destroy(p->ref);
	nvm_dma_unmap(p->memory);
	nvm_ctrl_free(p->ctrl);
	free(p->vaddr);
}

static void handles_describe_controller_and_memory(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	assert_int_equal(p.ctrl->page_size, PAGE);
	assert_int_equal(p.ctrl->dstrd, 0);
	assert_int_equal(p.ctrl->timeout, 10000);
	assert_int_equal(p.ctrl->max_entries, 65536);
	assert_true(p.ctrl->mm_size >= NVM_CTRL_MEM_MINSIZE && p.ctrl->mm_ptr != NULL);
	assert_ptr_equal(p.memory->vaddr, p.vaddr);
	assert_int_equal(p.memory->page_size, PAGE);
	assert_int_equal(p.memory->n_ioaddrs, N_PAGES);
	assert_int_equal((uintptr_t)p.memory % 32, 0);
	for (size_t i = 0; i < N_PAGES; i++)
		assert_int_equal(p.memory->ioaddrs[i] % PAGE, 0);
	assert_ptr_equal(nvm_ctrl_from_aq_ref(p.ref), p.ctrl);
	assert_int_equal(NVM_CTRL_PAGES(p.ctrl, PAGE + 1), 2);
	assert_int_equal(NVM_CTRL_ALIGN(p.ctrl, 1), PAGE);
	assert_int_equal(NVM_DMA_ALIGN(p.memory, PAGE + 1), 2 * PAGE);
	assert_ptr_equal(page_at(&p, 3), (char *)p.vaddr + 3 * PAGE);
	stop(&p);

	nvm_aq_destroy(NULL);
	nvm_dma_unmap(NULL);
	nvm_ctrl_free(NULL);
}

/* Registers: AQA 24h, ASQ 28h, ACQ 30h. */
static void page_0_is_the_acq_and_page_1_the_asq(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	assert_true(nvm_ctrl_read64(p.ctrl, 0x30) == p.memory->ioaddrs[0]);
	assert_true(nvm_ctrl_read64(p.ctrl, 0x28) == p.memory->ioaddrs[1]);
	assert_int_equal(nvm_ctrl_read32(p.ctrl, 0x24), 255U << 16 | 63);
	/* The rest of the memory is the program's. */
	assert_int_equal(((unsigned char *)p.vaddr)[2 * PAGE], 0xee);
	nvm_aq_destroy(p.ref);
	assert_int_equal(nvm_ctrl_read32(p.ctrl, 0x14) & 1, 0);
	assert_int_equal(nvm_ctrl_read32(p.ctrl, 0x1c) & 1, 0);
	assert_int_equal(nvm_aq_create(&p.ref, p.ctrl, p.memory), 0);
	stop(&p);
}

static void unsuitable_admin_memory_is_refused(void **state)
{
	struct program p;
	nvm_dma_t *bad;
	nvm_aq_ref ref;

	(void)state;
	start(&p);
	assert_int_equal(nvm_aq_create(&ref, p.ctrl, p.memory), EBUSY);
	nvm_aq_destroy(p.ref);
	assert_int_equal(nvm_dma_map(&bad, p.ctrl, p.vaddr, PAGE, 1, p.memory->ioaddrs), 0);
	assert_int_equal(nvm_aq_create(&p.ref, p.ctrl, bad), EINVAL);
	nvm_dma_unmap(bad);
	assert_int_equal(nvm_dma_map(&bad, p.ctrl, NULL, PAGE, 2, p.memory->ioaddrs), 0);
	assert_int_equal(nvm_aq_create(&p.ref, p.ctrl, bad), EINVAL);
	assert_null(p.ref);
	nvm_dma_unmap(bad);
	stop(&p);
}

static void raw_commands_give_packed_status_and_their_own_cid(void **state)
{
	struct program p;
	nvm_cmd_t cmd;
	nvm_cpl_t cpl;
	int status;

	(void)state;
	start(&p);
	memset(&cmd, 0, sizeof(cmd));
	nvm_cmd_header(&cmd, 0xabcd, NVM_ADMIN_IDENTIFY, 0);
	nvm_cmd_data_ptr(&cmd, p.memory->ioaddrs[2], 0);
	cmd.dword[10] = 1;
	assert_int_equal(nvm_raw_rpc(p.ref, &cmd, &cpl), 0);
	assert_int_equal(*NVM_CPL_CID(&cpl), 0xabcd);
	assert_true(NVM_ERR_OK(&cpl));
	assert_memory_equal((char *)page_at(&p, 2) + 24, "libnvm software controller", 26);

	/* Identify with a CNS that there is not: Invalid Field in Command, 0/02h. */
	cmd.dword[10] = 0xfe;
	status = nvm_raw_rpc(p.ref, &cmd, &cpl);
	assert_true(status < 0 && !nvm_ok(status));
	assert_int_equal(NVM_ERR_UNPACK_SCT(status), 0);
	assert_int_equal(NVM_ERR_UNPACK_SC(status), 2);
	assert_int_equal(NVM_ERR_UNPACK_ERRNO(status), 0);
	assert_int_equal(*NVM_CPL_CID(&cpl), 0xabcd);
	assert_int_equal(NVM_ERR_STATUS(&cpl), -2);
	assert_string_equal(nvm_strerror(status), nvm_strerror(NVM_ERR_STATUS(&cpl)));

	/* Bit 7 of the opcode reaches the controller: 86h is unknown, Identify is 06h. */
	cmd.dword[10] = 1;
	nvm_cmd_header(&cmd, 1, 0x86, 0);
	status = nvm_raw_rpc(p.ref, &cmd, &cpl);
	assert_int_equal(status, NVM_ERR_PACK(&cpl, 0));
	assert_int_equal(NVM_ERR_STATUS(&cpl), -1);
	stop(&p);
}

static void identify_fills_the_info_structures(void **state)
{
	struct nvm_ctrl_info info;
	struct nvm_ns_info ns;
	struct program p;
	int status;

	(void)state;
	start(&p);
	assert_int_equal(nvm_admin_ctrl_info(p.ref, &info, page_at(&p, 2), p.memory->ioaddrs[2]),
			 0);
	assert_int_equal(info.nvme_version, 0x10400);
	assert_int_equal(info.page_size, PAGE);
	assert_int_equal(info.db_stride, 4);
	assert_int_equal(info.timeout, p.ctrl->timeout);
	assert_int_equal(info.contiguous, 0);
	assert_int_equal(info.max_entries, p.ctrl->max_entries);
	assert_memory_equal(info.model_no, "libnvm software controller              ", 40);
	assert_int_equal(info.max_data_size, 1 << 20);
	assert_int_equal(info.max_data_pages, 256);
	assert_int_equal(info.cq_entry_size, 16);
	assert_int_equal(info.sq_entry_size, 64);
	assert_true(info.max_n_ns >= 2);

	assert_int_equal(nvm_admin_ns_info(p.ref, &ns, 1, page_at(&p, 2), p.memory->ioaddrs[2]), 0);
	assert_int_equal(ns.ns_id, 1);
	assert_int_equal(ns.size, 32768);
	assert_int_equal(ns.capacity, 32768);
	assert_int_equal(ns.lba_data_size, 512);
	assert_int_equal(ns.metadata_size, 0);
	assert_int_equal(nvm_admin_ns_info(p.ref, &ns, 2, page_at(&p, 2), p.memory->ioaddrs[2]), 0);
	assert_int_equal(ns.size, 2048);
	assert_int_equal(ns.lba_data_size, 4096);
	/* Invalid Namespace or Format. */
	status = nvm_admin_ns_info(p.ref, &ns, 3, page_at(&p, 2), p.memory->ioaddrs[2]);
	assert_true(status < 0);
	assert_int_equal(NVM_ERR_UNPACK_SC(status), 0x0b);
	/* SMART: 4096 bytes and not one more. */
	memset(page_at(&p, 2), 0xaa, 2 * PAGE);
	assert_int_equal(nvm_admin_get_log_page(p.ref, NVM_CMD_NS_ALL, page_at(&p, 2),
						p.memory->ioaddrs[2], 2, 0),
			 0);
	assert_int_equal(((unsigned char *)page_at(&p, 2))[0] & 0xe0, 0);
	assert_int_equal(((unsigned char *)page_at(&p, 3))[0], 0xaa);
	stop(&p);
}

static void numbers_of_queues_keep_their_sides(void **state)
{
	uint16_t n_cqs = 5, n_sqs = 9;
	struct program p;

	(void)state;
	start(&p);
	assert_int_equal(nvm_admin_request_num_queues(p.ref, &n_cqs, &n_sqs), 0);
	assert_true(n_cqs >= 5 && n_sqs >= 9);
	n_cqs = n_sqs = 0;
	assert_int_equal(nvm_admin_set_num_queues(p.ref, 7, 3), 0);
	assert_int_equal(nvm_admin_get_num_queues(p.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(n_cqs, 7);
	assert_int_equal(n_sqs, 3);
	n_cqs = 0;
	assert_int_equal(nvm_admin_request_num_queues(p.ref, &n_cqs, &n_sqs), EINVAL);
	n_cqs = 1;
	n_sqs = 0;
	assert_int_equal(nvm_admin_request_num_queues(p.ref, &n_cqs, &n_sqs), EINVAL);
	stop(&p);
}

static void queues_are_created_and_deleted_by_number(void **state)
{
	nvm_queue_t cq, sq, admin;
	struct program p;

	(void)state;
	start(&p);
	assert_int_equal(nvm_admin_cq_create(p.ref, &cq, 0, page_at(&p, 4), p.memory->ioaddrs[4]),
			 EINVAL);
	assert_int_equal(nvm_admin_cq_create(p.ref, &cq, 3, page_at(&p, 4), p.memory->ioaddrs[4]),
			 0);
	assert_int_equal(cq.no, 3);
	assert_int_equal(cq.entry_size, 16);
	assert_int_equal(cq.max_entries, 256);
	assert_true(cq.head == 0 && cq.phase == 1 && cq.last == 0);
	assert_true(cq.ioaddr == p.memory->ioaddrs[4] && cq.vaddr == page_at(&p, 4));
	assert_ptr_equal(cq.db, (volatile char *)p.ctrl->mm_ptr + 0x1000 + 7 * 4);
	assert_int_equal(
		nvm_admin_sq_create(p.ref, &sq, &cq, 0, page_at(&p, 5), p.memory->ioaddrs[5]),
		EINVAL);
	assert_int_equal(
		nvm_admin_sq_create(p.ref, &sq, &cq, 2, page_at(&p, 5), p.memory->ioaddrs[5]), 0);
	assert_true(sq.no == 2 && sq.entry_size == 64 && sq.max_entries == 64 && sq.tail == 0);
	assert_ptr_equal(sq.db, (volatile char *)p.ctrl->mm_ptr + 0x1000 + 4 * 4);

	/* A CQ with an SQ on it stays: Invalid Queue Deletion, 1/0Ch. */
	assert_int_equal(NVM_ERR_UNPACK_SC(nvm_admin_cq_delete(p.ref, &cq)), 0x0c);
	assert_int_equal(nvm_admin_sq_delete(p.ref, &sq, &cq), 0);
	assert_int_equal(nvm_admin_cq_delete(p.ref, &cq), 0);
	nvm_queue_clear(&admin, p.ctrl, false, 0, page_at(&p, 1), p.memory->ioaddrs[1]);
	assert_int_equal(nvm_admin_sq_delete(p.ref, &admin, &cq), EINVAL);
	assert_int_equal(nvm_admin_cq_delete(p.ref, &admin), EINVAL);
	stop(&p);
}

/* One command, waited for the way programs did. */
static int transfer(struct program *p, nvm_queue_t *sq, nvm_queue_t *cq, uint8_t opcode,
		    size_t first_page, size_t n_pages, uint64_t lba)
{
	nvm_cmd_t *cmd = nvm_sq_enqueue(sq);
	nvm_cpl_t *cpl;
	uint16_t cid;
	int status;

	assert_non_null(cmd);
	cid = NVM_DEFAULT_CID(sq);
	nvm_cmd_header(cmd, cid, opcode, 1);
	assert_int_equal(nvm_cmd_data(cmd, PAGE, n_pages, page_at(p, 6), p->memory->ioaddrs[6],
				      &p->memory->ioaddrs[first_page]),
			 n_pages);
	nvm_cmd_rw_blks(cmd, lba, (uint16_t)NVM_PAGE_TO_BLOCK(PAGE, 512, n_pages));
	nvm_sq_submit(sq);
	cpl = nvm_cq_dequeue_block(cq, 5000);
	assert_non_null(cpl);
	assert_int_equal(*NVM_CPL_CID(cpl), cid);
	assert_int_equal(*NVM_CPL_SQID(cpl), sq->no);
	assert_int_equal(*NVM_CPL_SQHD(cpl), sq->tail);
	status = NVM_ERR_PACK(cpl, 0);
	nvm_sq_update(sq);
	nvm_cq_update(cq);
	return status;
}

static void blocks_come_back_over_many_laps(void **state)
{
	nvm_queue_t cq, sq;
	struct program p;
	unsigned char *data, *back;

	(void)state;
	start(&p);
	data = page_at(&p, DATA_PAGE);
	back = page_at(&p, DATA_PAGE + 20);
	assert_int_equal(nvm_admin_cq_create(p.ref, &cq, 1, page_at(&p, 4), p.memory->ioaddrs[4]),
			 0);
	assert_int_equal(
		nvm_admin_sq_create(p.ref, &sq, &cq, 1, page_at(&p, 5), p.memory->ioaddrs[5]), 0);
	for (unsigned int i = 0; i < 600; i++) {
		size_t n_pages = 1 + i % 20;

		for (size_t j = 0; j < n_pages * PAGE; j++)
			data[j] = (unsigned char)(i * 7 + j / PAGE * 3 + j);
		memset(back, 0, 20 * PAGE);
		assert_int_equal(transfer(&p, &sq, &cq, NVM_IO_WRITE, DATA_PAGE, n_pages, i * 8),
				 0);
		assert_int_equal(
			transfer(&p, &sq, &cq, NVM_IO_READ, DATA_PAGE + 20, n_pages, i * 8), 0);
		assert_memory_equal(data, back, n_pages * PAGE);
	}
	/* LBA Out of Range. */
	assert_int_equal(
		NVM_ERR_UNPACK_SC(transfer(&p, &sq, &cq, NVM_IO_READ, DATA_PAGE, 1, 32768)), 0x80);
	assert_int_equal(nvm_admin_sq_delete(p.ref, &sq, &cq), 0);
	assert_int_equal(nvm_admin_cq_delete(p.ref, &cq), 0);
	stop(&p);
}

static void a_ring_is_filled_submitted_and_reaped_at_once(void **state)
{
	uint8_t seen[64] = {0};
	nvm_queue_t cq, sq;
	struct program p;
	nvm_cmd_t *cmd;
	nvm_cpl_t *cpl;
	unsigned int n = 0;
	time_t give_up = time(NULL) + 10;

	(void)state;
	start(&p);
	assert_int_equal(nvm_admin_cq_create(p.ref, &cq, 1, page_at(&p, 4), p.memory->ioaddrs[4]),
			 0);
	assert_int_equal(
		nvm_admin_sq_create(p.ref, &sq, &cq, 1, page_at(&p, 5), p.memory->ioaddrs[5]), 0);
	assert_null(nvm_cq_poll(&cq));
	assert_null(nvm_cq_dequeue(&cq));
	while ((cmd = nvm_sq_enqueue(&sq)) != NULL)
		nvm_cmd_header(cmd, (uint16_t)n++, NVM_IO_FLUSH, NVM_CMD_NS_ALL);
	assert_int_equal(n, 63);
	assert_null(nvm_cq_dequeue_block(&cq, 20)); /* nothing was submitted */
	nvm_sq_submit(&sq);
	while (n > 0 && time(NULL) < give_up) {
		cpl = nvm_cq_poll(&cq);
		if (cpl == NULL)
			continue;
		assert_ptr_equal(nvm_cq_dequeue(&cq), cpl);
		assert_true(NVM_ERR_OK(cpl));
		assert_int_equal(seen[*NVM_CPL_CID(cpl)]++, 0);
		nvm_sq_update(&sq);
		n--;
	}
	assert_int_equal(n, 0);
	nvm_cq_update(&cq);
	assert_non_null(nvm_sq_enqueue(&sq));
	assert_int_equal(nvm_admin_sq_delete(p.ref, &sq, &cq), 0);
	assert_int_equal(nvm_admin_cq_delete(p.ref, &cq), 0);
	stop(&p);
}

/* A program that does without nvm_aq_create(): reset, and admin queues of its own. */
static void admin_queues_can_be_driven_by_hand(void **state)
{
	nvm_queue_t acq, asq;
	struct program p;

	(void)state;
	start(&p);
	assert_int_equal(nvm_raw_ctrl_reset(p.ctrl, p.memory->ioaddrs[0], p.memory->ioaddrs[1]),
			 EBUSY);
	nvm_aq_destroy(p.ref);
	p.ref = NULL;
	memset(p.vaddr, 0, 2 * PAGE);
	nvm_queue_clear(&acq, p.ctrl, true, 0, page_at(&p, 0), p.memory->ioaddrs[0]);
	nvm_queue_clear(&asq, p.ctrl, false, 0, page_at(&p, 1), p.memory->ioaddrs[1]);
	assert_int_equal(nvm_raw_ctrl_reset(p.ctrl, p.memory->ioaddrs[0] + 8, p.memory->ioaddrs[1]),
			 EINVAL);
	assert_int_equal(nvm_raw_ctrl_reset(p.ctrl, acq.ioaddr, asq.ioaddr), 0);
	assert_int_equal(nvm_ctrl_read32(p.ctrl, 0x1c) & 1, 1);
	/* More than either ring has entries, as both doorbells must be rung. */
	for (uint16_t i = 0; i < 1000; i++) {
		nvm_cmd_t *cmd = nvm_sq_enqueue(&asq);
		nvm_cpl_t *cpl;

		assert_non_null(cmd);
		nvm_cmd_header(cmd, i, NVM_ADMIN_IDENTIFY, 0);
		nvm_cmd_data_ptr(cmd, p.memory->ioaddrs[2], 0);
		cmd->dword[10] = 1;
		nvm_sq_submit(&asq);
		cpl = nvm_cq_dequeue_block(&acq, 5000);
		assert_non_null(cpl);
		assert_true(NVM_ERR_OK(cpl) && *NVM_CPL_CID(cpl) == i);
		nvm_sq_update(&asq);
		nvm_cq_update(&acq);
	}
	stop(&p);
}

static void known_bus_addresses_become_a_mapping(void **state)
{
	uint64_t addresses[2];
	struct program p;
	nvm_dma_t *big;

	(void)state;
	start(&p);
	/* Two "host pages" of 8 KiB: four controller pages, of which each has its own address. */
	addresses[0] = p.memory->ioaddrs[20];
	addresses[1] = p.memory->ioaddrs[40];
	assert_int_equal(nvm_dma_map(&big, p.ctrl, NULL, 2 * PAGE, 2, addresses), 0);
	assert_null(big->vaddr);
	assert_int_equal(big->n_ioaddrs, 4);
	assert_int_equal(big->page_size, PAGE);
	assert_true(big->ioaddrs[1] == addresses[0] + PAGE && big->ioaddrs[2] == addresses[1]);
	nvm_dma_unmap(big);
	/* Half a controller page. */
	assert_int_equal(nvm_dma_map(&big, p.ctrl, NULL, 2048, 1, addresses), EINVAL);
	assert_null(big);
	assert_int_equal(nvm_dma_map_host(&big, p.ctrl, (char *)p.vaddr + 8, PAGE), EINVAL);
	assert_int_equal(nvm_dma_map_host(&big, p.ctrl, NULL, PAGE), EFAULT);
	assert_int_equal(nvm_dma_create(&big, p.ctrl, 1), 0);
	assert_int_equal(((unsigned char *)big->vaddr)[PAGE - 1], 0);
	nvm_dma_unmap(big);
	stop(&p);
}

static void a_bar_that_is_too_small_is_refused(void **state)
{
	static uint64_t bar[NVM_CTRL_MEM_MINSIZE / 8];
	nvm_ctrl_t *ctrl;

	(void)state;
	/* CAP: MQES 63, TO 1, NVM command set, pages of 4 KiB. */
	bar[0] = 63U | (UINT64_C(1) << 24) | (UINT64_C(1) << 37);
	bar[1] = 0x10400;
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE - 1), EINVAL);
	assert_null(ctrl);
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE), 0);
	assert_int_equal(ctrl->max_entries, 64);
	assert_int_equal(ctrl->timeout, 500);
	assert_ptr_equal(ctrl->mm_ptr, bar);
	nvm_ctrl_free(ctrl);
	/* Smallest and largest page 8 KiB: not on a host with 4 KiB. */
	bar[0] |= UINT64_C(0x11) << 48;
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE), ERANGE);
	assert_int_equal(nvm_ctrl_init(&ctrl, -1), EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handles_describe_controller_and_memory),
		cmocka_unit_test(page_0_is_the_acq_and_page_1_the_asq),
		cmocka_unit_test(unsuitable_admin_memory_is_refused),
		cmocka_unit_test(raw_commands_give_packed_status_and_their_own_cid),
		cmocka_unit_test(identify_fills_the_info_structures),
		cmocka_unit_test(numbers_of_queues_keep_their_sides),
		cmocka_unit_test(queues_are_created_and_deleted_by_number),
		cmocka_unit_test(blocks_come_back_over_many_laps),
		cmocka_unit_test(a_ring_is_filled_submitted_and_reaped_at_once),
		cmocka_unit_test(admin_queues_can_be_driven_by_hand),
		cmocka_unit_test(known_bus_addresses_become_a_mapping),
		cmocka_unit_test(a_bar_that_is_too_small_is_refused),
	};

	return cmocka_run_group_tests_name("classic interface", tests, NULL, NULL);
}
