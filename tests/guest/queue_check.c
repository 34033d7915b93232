/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue_check.c - the raw layer against a real controller: admin commands beyond many laps of the admin
 * queues, I/O queues of many depths, PRP lists and chains over shuffled pages with every byte compared.
 * Overwrites the start of namespace 1.
 *
 * usage: queue_check --ctrl=URI
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_cmd.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_queue.h"
#include "nvm_spec.h"
#include "nvm_util.h"

#define MAX_PAGES  1100
#define TIMEOUT_MS 10000

struct check {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	struct nvm_ctrl_info ctrl_info;
	struct nvm_ns_info ns_info;
	nvm_dma_t *rings, *lists, *data;
	nvm_queue_t cq, sq;
	uint16_t next_cid;
};

#define CHECK(condition, ...)                                         \
	do {                                                          \
		if (!(condition)) {                                   \
			fprintf(stderr, "queue_check: " __VA_ARGS__); \
			fprintf(stderr, " (%s)\n", nvm_errmsg());     \
			return 1;                                     \
		}                                                     \
	} while (0)

static int many_admin_commands(struct check *c)
{
	uint16_t n_cqs, n_sqs;

	/* Far beyond the wrap of the 64-entry ASQ and the 256-entry ACQ. */
	for (int i = 0; i < 2000; ++i)
		CHECK(nvm_admin_get_num_queues(c->aq, &n_cqs, &n_sqs) == 0, "admin command %d", i);
	printf("2000 admin commands, %u CQs, %u SQs\n", n_cqs, n_sqs);
	return 0;
}

/* One command to its end. */
static int execute(struct check *c, const nvm_cmd_t *filled)
{
	nvm_cmd_t *slot = nvm_sq_enqueue(&c->sq);
	nvm_cpl_t *cpl;

	CHECK(slot != NULL, "the queue is full with nothing in flight");
	*slot = *filled;
	nvm_sq_submit(&c->sq);
	cpl = nvm_cq_dequeue_block(&c->cq, TIMEOUT_MS);
	CHECK(cpl != NULL, "no completion");
	nvm_sq_update(&c->sq);
	nvm_cq_update(&c->cq);
	CHECK(*NVM_CPL_CID(cpl) == *NVM_CMD_CID(filled), "CID %u came back as %u",
	      *NVM_CMD_CID(filled), *NVM_CPL_CID(cpl));
	CHECK(NVM_ERR_OK(cpl), "opcode %u: %s", filled->dword[0] & 0xff,
	      nvm_strerror(NVM_ERR_PACK(cpl, 0)));
	return 0;
}

static int create(struct check *c, uint32_t depth)
{
	size_t cq_size = nvm_queue_mem_size(c->ctrl, true, depth);

	CHECK(nvm_cq_create(c->aq, &c->cq, 1, depth, c->rings, 0, -1) == 0, "CQ of depth %u",
	      depth);
	CHECK(nvm_sq_create(c->aq, &c->sq, &c->cq, 1, depth, c->rings, cq_size) == 0,
	      "SQ of depth %u", depth);
	return 0;
}

static int destroy(struct check *c)
{
	CHECK(nvm_admin_sq_delete(c->aq, &c->sq, &c->cq) == 0, "delete SQ");
	CHECK(nvm_admin_cq_delete(c->aq, &c->cq) == 0, "delete CQ");
	return 0;
}

/* A full ring of reads at a time, until the ring has wrapped twice. */
static int laps(struct check *c, uint32_t depth)
{
	uint32_t done = 0;

	while (done < 2 * depth + 3) {
		uint32_t n = 0, left;
		nvm_cmd_t *cmd;

		while ((cmd = nvm_sq_enqueue(&c->sq)) != NULL) {
			nvm_cmd_header(cmd, (uint16_t)n, NVM_IO_READ, 1);
			nvm_cmd_data_ptr(cmd, c->data->ioaddrs[n % MAX_PAGES], 0);
			nvm_cmd_rw_blks(cmd, n % 1000, 1);
			++n;
		}
		CHECK(n == depth - 1, "a ring of %u took %u commands", depth, n);
		nvm_sq_submit(&c->sq);
		for (left = n; left > 0; --left) {
			nvm_cpl_t *cpl = nvm_cq_dequeue_block(&c->cq, TIMEOUT_MS);

			CHECK(cpl != NULL, "depth %u: %u of %u completions missing", depth, left,
			      n);
			CHECK(NVM_ERR_OK(cpl) && *NVM_CPL_CID(cpl) < n, "depth %u: status or CID",
			      depth);
			nvm_sq_update(&c->sq);
			nvm_cq_update(&c->cq);
		}
		done += n;
	}
	return 0;
}

static int depths(struct check *c)
{
	static const uint32_t list[] = {2, 3, 5, 64, 65, 255, 256, 257, 1000, 1024, 2048};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); ++i) {
		if (list[i] > c->ctrl->max_entries)
			break;
		if (create(c, list[i]) != 0 || laps(c, list[i]) != 0 || destroy(c) != 0)
			return 1;
		printf("depth %u\n", list[i]);
	}
	return 0;
}

/* Page i of the transfer is page (i * 7 + 3) mod n of the memory, so that no run is contiguous. */
static size_t shuffled(size_t i, size_t n)
{
	return n % 7 == 0 ? n - 1 - i : (i * 7 + 3) % n;
}

static int transfer(struct check *c, uint8_t opcode, size_t n_pages, size_t offset,
		    uint32_t n_blocks)
{
	uint64_t ioaddrs[MAX_PAGES];
	nvm_cmd_t cmd;

	for (size_t i = 0; i < n_pages; ++i)
		ioaddrs[i] = c->data->ioaddrs[shuffled(i, n_pages)];
	nvm_cmd_clear(&cmd);
	nvm_cmd_header(&cmd, c->next_cid++, opcode, 1);
	nvm_cmd_data_chain(&cmd, c->ctrl->page_size, n_pages, offset, c->lists->vaddr,
			   c->lists->ioaddrs, ioaddrs);
	nvm_cmd_rw_blks(&cmd, 16, n_blocks);
	return execute(c, &cmd);
}

static unsigned char *byte_at(struct check *c, size_t n_pages, size_t position)
{
	size_t page_size = c->ctrl->page_size;

	return (unsigned char *)c->data->vaddr +
	       shuffled(position / page_size, n_pages) * page_size + position % page_size;
}

static int prp_case(struct check *c, size_t n_pages, size_t offset)
{
	size_t block = c->ns_info.lba_data_size;
	uint32_t n_blocks = (uint32_t)((n_pages * c->ctrl->page_size - offset) / block);
	size_t size = n_blocks * block;
	size_t used = (offset + size + c->ctrl->page_size - 1) / c->ctrl->page_size;

	if (n_blocks == 0 || size > c->ctrl_info.max_data_size || n_blocks > 65536)
		return 0;
	for (size_t i = 0; i < size; i += 4) {
		uint32_t value = (uint32_t)(i * 2654435761U + n_pages * 97 + offset);

		memcpy(byte_at(c, used, offset + i), &value, 4);
	}
	if (transfer(c, NVM_IO_WRITE, used, offset, n_blocks) != 0)
		return 1;
	memset(c->data->vaddr, 0xee, c->data->n_ioaddrs * c->data->page_size);
	if (transfer(c, NVM_IO_READ, used, offset, n_blocks) != 0)
		return 1;
	for (size_t i = 0; i < size; i += 4) {
		uint32_t value = (uint32_t)(i * 2654435761U + n_pages * 97 + offset), got;

		memcpy(&got, byte_at(c, used, offset + i), 4);
		CHECK(got == value, "%zu pages, offset %zu: byte %zu differs", n_pages, offset, i);
	}
	/* The bytes before the first one are not the disk's to write. */
	for (size_t i = 0; i < offset; ++i)
		CHECK(*byte_at(c, used, i) == 0xee, "%zu pages, offset %zu: written before",
		      n_pages, offset);
	return 0;
}

static int prps(struct check *c)
{
	/* QEMU takes at most 1024 fragments per command, whatever MDTS says. */
	static const size_t pages[] = {1,   2,   3,   4,   9,   64,  65,  127,  128,
				       129, 130, 511, 512, 513, 514, 515, 1023, 1024};
	static const size_t offsets[] = {0, 4, 512, 2048, 4092};
	size_t largest = 0;

	if (create(c, 64) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); ++i)
		for (size_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); ++j) {
			if (prp_case(c, pages[i], offsets[j]) != 0)
				return 1;
			if (pages[i] * c->ctrl->page_size <= c->ctrl_info.max_data_size)
				largest = pages[i];
		}
	printf("PRPs of up to %zu pages\n", largest);
	return destroy(c);
}

static int prepare(struct check *c, const char *uri)
{
	size_t page_size;
	int status;

	CHECK(nvm_ctrl_open(&c->ctrl, uri, NULL) == 0, "open");
	CHECK(nvm_aq_open(&c->aq, c->ctrl) == 0, "admin queue");
	page_size = c->ctrl->page_size;
	CHECK(nvm_dma_create(&c->rings, c->ctrl, 2048 * 80 + 64 * page_size) == 0, "memory");
	CHECK(nvm_dma_create(&c->lists, c->ctrl, 4 * page_size) == 0, "memory");
	CHECK(nvm_dma_create(&c->data, c->ctrl, MAX_PAGES * page_size) == 0, "memory");
	CHECK(nvm_admin_ctrl_info(c->aq, &c->ctrl_info, c->data->vaddr, c->data->ioaddrs[0]) == 0,
	      "identify");
	status = nvm_admin_ns_info(c->aq, &c->ns_info, 1, c->data->vaddr, c->data->ioaddrs[0]);
	CHECK(status == 0, "identify namespace 1: %s", nvm_strerror(status));
	printf("%.20s: blocks of %zu bytes, %zu bytes per command\n", c->ctrl_info.serial_no,
	       c->ns_info.lba_data_size, c->ctrl_info.max_data_size);
	return 0;
}

int main(int argc, char **argv)
{
	struct check c = {0};
	int status;

	if (argc != 2 || strncmp(argv[1], "--ctrl=", 7) != 0) {
		fprintf(stderr, "usage: queue_check --ctrl=URI\n");
		return 2;
	}
	status = prepare(&c, argv[1] + 7) != 0 || many_admin_commands(&c) != 0 || depths(&c) != 0 ||
		 prps(&c) != 0;
	nvm_aq_destroy(c.aq);
	nvm_dma_unmap(c.data);
	nvm_dma_unmap(c.lists);
	nvm_dma_unmap(c.rings);
	nvm_ctrl_free(c.ctrl);
	return status;
}
