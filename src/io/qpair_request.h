/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_request.h - requests that are more than one plain command, and the list pages of commands.
 */
#ifndef NVMI_QPAIR_REQUEST_H
#define NVMI_QPAIR_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "nvm_qpair.h"

/* The end of a list that is linked by indices. */
#define NVMI_QPAIR_NONE UINT32_MAX

/* Most requests of a queue pair at once that are not plain commands. */
#define NVMI_QPAIR_REQUESTS 128

/* Most commands of a split request in flight at once, so that it leaves room to others. */
#define NVMI_QPAIR_PARTS 32

/**
 * struct nvmi_part - what there is to know of the command in a slot beyond struct nvm_qpair_slot
 * @lba: first block, where slot.more is set
 * @lists: first of its list pages, where slot.more is set; NVMI_QPAIR_NONE
 * @status: of a whole request that ended without a completion, until it is collected
 * @result: the same
 */
struct nvmi_part {
	uint64_t lba;
	uint32_t lists;
	int status;
	uint32_t result;
};

/**
 * struct nvmi_cursor - a place in the data of a request
 * @vec: the part of a buffer it is in, followed by the others
 * @n: elements in @vec
 * @offset: bytes of the first one that are behind
 */
struct nvmi_cursor {
	const struct nvm_io_vec *vec;
	size_t n;
	size_t offset;
};

/**
 * struct nvmi_request - a request that slot.more refers to (by index + 1)
 * @fn, @arg: of the request
 * @data: what is to be transferred next
 * @vec: the only part of @data, where there is no more than one
 * @copied: parts of @data, where there are more; freed with the request
 * @metadata: separate metadata of the block that comes next; buf = NULL: none
 * @lba: block that comes next
 * @n_blocks: blocks that no command was submitted for yet
 * @ns_id, @flags, @opcode: of all its commands; @flags is the upper half of CDW12
 * @block_size: bytes per block in @data
 * @metadata_size: bytes per block in @metadata
 * @max_blocks: most blocks per command
 * @boundary: blocks that commands do not cross multiples of; 0 = none
 * @n_commands: in flight
 * @next: in the list of those that have commands to submit, or of the free ones
 * @status: of the failed command with the lowest block, so far
 * @result: dword 0, of a request of one command
 * @failed_lba: that block
 * @split: more than one command
 */
struct nvmi_request {
	nvm_io_fn *fn;
	void *arg;
	struct nvmi_cursor data;
	struct nvm_io_vec vec;
	struct nvm_io_vec *copied;
	struct nvm_io_vec metadata;
	uint64_t lba;
	uint64_t n_blocks;
	uint32_t ns_id;
	uint32_t flags;
	uint32_t block_size;
	uint32_t metadata_size;
	uint32_t max_blocks;
	uint32_t boundary;
	uint32_t n_commands;
	uint32_t next;
	int status;
	uint32_t result;
	uint64_t failed_lba;
	uint8_t opcode;
	bool split;
};

/**
 * struct nvmi_lists - the list pages of a queue pair
 * @vaddr: the first one; the others follow
 * @ioaddrs: bus address of each
 * @next: links of the free ones, and of those that belong to a command
 * @page_size: bytes
 * @n: all of them
 * @n_free: of these, those that belong to no command
 * @free: first of these
 * @waiter: the request that gets the next ones, as they were too few for it; NVMI_QPAIR_NONE
 */
struct nvmi_lists {
	unsigned char *vaddr;
	const uint64_t *ioaddrs;
	uint32_t *next;
	size_t page_size;
	uint32_t n;
	uint32_t n_free;
	uint32_t free;
	uint32_t waiter;
};

/**
 * struct nvmi_requests - what a queue pair has besides plain commands
 * @parts: by slot
 * @request: all there can be, @n of them
 * @free: first free one
 * @first, @last: those that have commands to submit, in the order of their turns
 * @n_open: requests in use
 * @n_parts: slots with slot.more set
 * @n_kept: slots of requests that ended without a completion, until these are collected
 * @n_uncounted: CQ entries taken since the queues were made that ended no command by their coming, less commands
 *	that ended otherwise
 * @hidden: the free slots while the queue pair has failed
 * @ready: ring of what is ready to be collected: slots, which are still taken, and requests with
 *	NVMI_READY_REQUEST set
 * @ready_size: elements in @ready
 * @ready_head: next one to collect; there are qp.n_ready
 * @lists: list pages
 */
struct nvmi_requests {
	struct nvmi_part *parts;
	struct nvmi_request *request;
	uint32_t n;
	uint32_t free;
	uint32_t first;
	uint32_t last;
	uint32_t n_open;
	uint32_t n_parts;
	uint32_t n_kept;
	int64_t n_uncounted;
	struct nvm_qpair_slot *hidden;
	uint32_t *ready;
	uint32_t ready_size;
	uint32_t ready_head;
	struct nvmi_lists lists;
};

#define NVMI_READY_REQUEST 0x80000000U

#endif
