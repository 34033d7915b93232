/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_cmd.c - commands that are no transfers of blocks, and the commands with ranges in a list page.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "controller/error.h"
#include "io/qpair.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

#define MAX_DSM_RANGES  256
#define MAX_COPY_RANGES 128
#define DSM_ATTRIBUTES  (NVM_FIELD_BITS(DSM_IDR) | NVM_FIELD_BITS(DSM_IDW) | NVM_FIELD_BITS(DSM_AD))

int nvm_qpair_raw(nvm_qpair_t *qp, const nvm_cmd_t *cmd, nvm_io_fn *fn, void *arg)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	int err = cmd == NULL ? nvmi_fail(EINVAL, "no command was given") : nvmi_qpair_refuse(p);

	if (err != 0)
		return err;
	nvmi_qpair_put(p, cmd, fn, arg, 0);
	if (qp->plugged == 0)
		nvm_qpair_submit(qp);
	return 0;
}

int nvm_qpair_flush(nvm_qpair_t *qp, const nvm_ns_t *ns, nvm_io_fn *fn, void *arg)
{
	nvm_cmd_t cmd = {.dword = {NVM_IO_OPC_FLUSH}};
	int err = nvmi_qpair_check_ns(ns);

	if (err != 0)
		return err;
	cmd.dword[1] = ns->ns_id;
	return nvm_qpair_raw(qp, &cmd, fn, arg);
}

int nvm_qpair_compare(nvm_qpair_t *qp, const nvm_ns_t *ns, const nvm_buf_t *buf, size_t offset,
		      uint64_t lba, uint32_t n_blocks, nvm_io_fn *fn, void *arg)
{
	int err = nvmi_qpair_check_ns(ns);

	if (err == 0 && buf == NULL)
		err = nvmi_fail(EINVAL, "no buffer: register memory with nvm_buf_create()");
	if (err == 0)
		err = nvmi_qpair_check_opcode(ns, NVM_IO_OPC_COMPARE);
	if (err != 0)
		return err;
	return nvm_qpair_rw_(qp, NVM_IO_OPC_COMPARE, ns, buf, offset, lba, n_blocks, fn, arg);
}

int nvm_qpair_write_zeroes(nvm_qpair_t *qp, const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks,
			   bool deallocate, nvm_io_fn *fn, void *arg)
{
	struct nvm_io io = {
		.ns = ns,
		.opcode = NVM_IO_OPC_WRITE_ZEROES,
		.flags = NVM_FIELD(RW_DEAC, deallocate),
		.lba = lba,
		.n_blocks = n_blocks,
		.fn = fn,
		.arg = arg,
	};

	return nvm_qpair_io(qp, &io);
}

int nvm_qpair_verify(nvm_qpair_t *qp, const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks,
		     nvm_io_fn *fn, void *arg)
{
	struct nvm_io io = {
		.ns = ns,
		.opcode = NVM_IO_OPC_VERIFY,
		.lba = lba,
		.n_blocks = n_blocks,
		.fn = fn,
		.arg = arg,
	};

	return nvm_qpair_io(qp, &io);
}

static int check_ranges(const nvm_ns_t *ns, const struct nvm_block_range *ranges, size_t n,
			size_t most)
{
	int err = 0;

	if (ranges == NULL || n == 0 || n > most)
		return nvmi_fail(EINVAL, "%zu ranges: give 1..%zu", ranges == NULL ? 0 : n, most);
	for (size_t i = 0; i < n && err == 0; ++i) {
		err = nvmi_qpair_check_range(ns, ranges[i].lba, ranges[i].n_blocks);
		if (err != 0)
			err = nvmi_fail_more(err, "range %zu", i);
	}
	return err;
}

/* Room for a command with a list page of its own. */
static int check_room(struct nvmi_qpair *p)
{
	struct nvmi_requests *r = &p->requests;
	int err = nvmi_qpair_refuse(p);

	if (err != 0)
		return err;
	if (r->free == NVMI_QPAIR_NONE || r->lists.n_free == 0 ||
	    r->lists.waiter != NVMI_QPAIR_NONE)
		return nvmi_fail(EAGAIN,
				 "all %" PRIu32
				 " list pages of queue pair %u are in use: collect some "
				 "requests with nvm_qpair_poll(), or make it with more "
				 "(options.n_lists)",
				 r->lists.n, p->qid);
	return 0;
}

/* Submit a command whose data is a list page; there is room. Returns where the data goes. */
static void *submit_list(struct nvmi_qpair *p, nvm_cmd_t *cmd, nvm_io_fn *fn, void *arg)
{
	struct nvmi_requests *r = &p->requests;
	uint32_t index = nvmi_request_take(p);
	uint32_t list = nvmi_lists_take(&r->lists, 1);
	uint32_t slot;

	r->request[index].fn = fn;
	r->request[index].arg = arg;
	r->request[index].n_commands = 1;
	nvm_cmd_data_ptr(cmd, r->lists.ioaddrs[list], 0);
	slot = nvmi_qpair_put(p, cmd, NULL, NULL, index + 1);
	r->parts[slot].lba = 0;
	r->parts[slot].lists = list;
	++r->n_parts;
	return r->lists.vaddr + list * r->lists.page_size;
}

int nvm_qpair_dsm(nvm_qpair_t *qp, const nvm_ns_t *ns, const struct nvm_block_range *ranges,
		  size_t n, uint32_t attributes, nvm_io_fn *fn, void *arg)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	nvm_cmd_t cmd = {.dword = {NVM_IO_OPC_DATASET_MANAGEMENT}};
	struct nvm_dsm_range *list;
	int err = nvmi_qpair_check_ns(ns);

	if (err == 0)
		err = nvmi_qpair_check_opcode(ns, NVM_IO_OPC_DATASET_MANAGEMENT);
	if (err == 0 && (attributes & ~DSM_ATTRIBUTES) != 0)
		err = nvmi_fail(EINVAL, "attributes 0x%x: Dataset Management has the bits 0x%x",
				attributes, DSM_ATTRIBUTES);
	if (err == 0)
		err = check_ranges(ns, ranges, n, MAX_DSM_RANGES);
	if (err == 0)
		err = check_room(p);
	if (err != 0)
		return err;
	cmd.dword[1] = ns->ns_id;
	cmd.dword[10] = NVM_FIELD(DSM_NR, n - 1);
	cmd.dword[11] = attributes;
	list = submit_list(p, &cmd, fn, arg);
	for (size_t i = 0; i < n; ++i)
		list[i] = (struct nvm_dsm_range){.nlb = ranges[i].n_blocks, .slba = ranges[i].lba};
	if (qp->plugged == 0)
		nvm_qpair_submit(qp);
	return 0;
}

/* What the namespace says of its Copy command: MSRC, MSSRL, MCL. */
static int check_copy(const nvm_ns_t *ns, const struct nvm_block_range *ranges, size_t n,
		      uint64_t to)
{
	uint32_t most = ns->max_copy_blocks != 0 ? ns->max_copy_blocks : 65536;
	uint64_t total = 0;
	int err;

	err = check_ranges(ns, ranges, n,
			   ns->max_copy_ranges < MAX_COPY_RANGES ? ns->max_copy_ranges
								 : MAX_COPY_RANGES);
	for (size_t i = 0; i < n && err == 0; ++i) {
		total += ranges[i].n_blocks;
		if (ranges[i].n_blocks > most)
			err = nvmi_fail(EINVAL,
					"range %zu has %" PRIu32
					" blocks, a source range of Copy at "
					"most %" PRIu32 " (MSSRL): split it",
					i, ranges[i].n_blocks, most);
	}
	if (err == 0 && ns->max_copy_total != 0 && total > ns->max_copy_total)
		err = nvmi_fail(EINVAL,
				"%" PRIu64 " blocks in all, and one Copy command copies at most "
				"%" PRIu32 " (MCL): use several",
				total, ns->max_copy_total);
	if (err != 0)
		return err;
	err = nvmi_qpair_check_range(ns, to, total);
	return err == 0 ? 0 : nvmi_fail_more(err, "destination");
}

int nvm_qpair_copy(nvm_qpair_t *qp, const nvm_ns_t *ns, const struct nvm_block_range *ranges,
		   size_t n, uint64_t to, nvm_io_fn *fn, void *arg)
{
	struct nvmi_qpair *p = nvmi_qpair_of(qp);
	nvm_cmd_t cmd = {.dword = {NVM_IO_OPC_COPY}};
	struct nvm_copy_range *list;
	int err = nvmi_qpair_check_ns(ns);

	if (err == 0)
		err = nvmi_qpair_check_opcode(ns, NVM_IO_OPC_COPY);
	if (err == 0)
		err = check_copy(ns, ranges, n, to);
	if (err == 0)
		err = check_room(p);
	if (err != 0)
		return err;
	cmd.dword[1] = ns->ns_id;
	cmd.dword[10] = (uint32_t)to;
	cmd.dword[11] = (uint32_t)(to >> 32);
	cmd.dword[12] = NVM_FIELD(COPY_NR, n - 1);
	list = submit_list(p, &cmd, fn, arg);
	for (size_t i = 0; i < n; ++i)
		list[i] = (struct nvm_copy_range){
			.slba = ranges[i].lba,
			.nlb = (uint16_t)(ranges[i].n_blocks - 1),
		};
	if (qp->plugged == 0)
		nvm_qpair_submit(qp);
	return 0;
}
