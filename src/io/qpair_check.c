/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_check.c - what is refused, by name, before anything of it is submitted.
 */
#include <errno.h>
#include <inttypes.h>

#include "controller/error.h"
#include "io/qpair.h"
#include "nvm_ctrl.h"
#include "nvm_spec.h"
#include "nvm_util.h"

/* The flags of nvm_io that are not CDW12's block count. */
#define FLAG_BITS 0xffff0000U

int nvmi_qpair_refuse(struct nvmi_qpair *p)
{
	const char *name = nvm_ctrl_name(nvm_ctrl_from_aq_ref(p->aq));

	if (p->failed == ECANCELED)
		return nvmi_fail(ECANCELED,
				 "queue pair %u of %s is being destroyed: it takes no "
				 "more requests",
				 p->qid, name);
	if (p->failed == ENODEV)
		return nvmi_fail(ENODEV,
				 "%s is gone, and queue pair %u with it: removed or powered "
				 "off?",
				 name, p->qid);
	if (p->failed != 0)
		return nvmi_fail(
			p->failed,
			"queue pair %u of %s has failed and could not be brought back: open "
			"the controller again",
			p->qid, name);
	/* Many programs submit until they get here: a message that takes no time to make. */
	if (p->qp.free == NULL)
		return nvmi_fail(EAGAIN,
				 "the queue pair is full: collect some with nvm_qpair_poll()");
	return 0;
}

int nvmi_qpair_check_ns(const nvm_ns_t *ns)
{
	if (ns == NULL || ns->ns_id == 0)
		return nvmi_fail(EINVAL, "no namespace was given: fill one in with nvm_ns_init()");
	return 0;
}

int nvmi_qpair_check_opcode(const nvm_ns_t *ns, uint8_t opcode)
{
	static const struct {
		uint8_t opcode;
		uint16_t oncs;
		const char *name;
	} optional[] = {
		{NVM_IO_OPC_COMPARE, NVM_ONCS_COMPARE, "Compare"},
		{NVM_IO_OPC_WRITE_ZEROES, NVM_ONCS_WRITE_ZEROES, "Write Zeroes"},
		{NVM_IO_OPC_DATASET_MANAGEMENT, NVM_ONCS_DSM, "Dataset Management"},
		{NVM_IO_OPC_VERIFY, NVM_ONCS_VERIFY, "Verify"},
		{NVM_IO_OPC_COPY, NVM_ONCS_COPY, "Copy"},
	};

	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); ++i) {
		if (optional[i].opcode == opcode && (ns->oncs & optional[i].oncs) == 0)
			return nvmi_fail(ENOTSUP, "the controller does not have the %s command",
					 optional[i].name);
	}
	return 0;
}

int nvmi_qpair_check_range(const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks)
{
	if (n_blocks == 0)
		return nvmi_fail(EINVAL, "no blocks: a request is for at least one");
	if (lba >= ns->n_blocks || n_blocks > ns->n_blocks - lba)
		return nvmi_fail(ERANGE,
				 "%" PRIu64 " blocks from block %" PRIu64
				 " reach beyond namespace %" PRIu32 ", which has %" PRIu64
				 " blocks",
				 n_blocks, lba, ns->ns_id, ns->n_blocks);
	return 0;
}

/* A part of a buffer, of data or metadata. */
static int check_vec(const struct nvmi_qpair *p, const struct nvm_io_vec *v, const char *what)
{
	if (v->buf == NULL)
		return nvmi_fail(EINVAL,
				 "%s without a buffer: register memory with "
				 "nvm_buf_create()",
				 what);
	if ((size_t)1 << v->buf->page_shift != p->requests.lists.page_size)
		return nvmi_fail(EINVAL,
				 "%s in a buffer for pages of %zu bytes, the controller uses %zu: "
				 "register it for this controller",
				 what, (size_t)1 << v->buf->page_shift,
				 p->requests.lists.page_size);
	if (v->offset > v->buf->size || v->size > v->buf->size - v->offset)
		return nvmi_fail(
			ERANGE,
			"%zu bytes of %s from offset %zu reach beyond the buffer, which has "
			"%zu bytes",
			v->size, what, v->offset, v->buf->size);
	if (v->size == 0 || (v->offset & 3U) != 0 || (v->size & 3U) != 0)
		return nvmi_fail(
			EINVAL,
			"%zu bytes of %s from offset %zu: both must be multiples of 4, and "
			"the size not 0",
			v->size, what, v->offset);
	return 0;
}

/* Without SGLs, pages are described whole but for the beginning and the end. */
static int check_paged(const struct nvmi_qpair *p, const struct nvm_io *io, size_t i)
{
	size_t mask = p->requests.lists.page_size - 1;
	const struct nvm_io_vec *v = &io->data[i];

	if (p->qp.use_sgl || ((i == 0 || (v->offset & mask) == 0) &&
			      (i + 1 == io->n_data || ((v->offset + v->size) & mask) == 0)))
		return 0;
	return nvmi_fail(
		EINVAL,
		"part %zu of the data is %zu bytes from offset %zu: without SGLs all but the "
		"first must begin, and all but the last end, at a multiple of %zu",
		i, v->size, v->offset, mask + 1);
}

/* Can any block be described with the list pages there are, however its pieces lie? */
static int check_pieces(const struct nvmi_qpair *p, const struct nvm_io *io, size_t block_size)
{
	size_t most = nvmi_data_max_pieces(p);
	size_t pages = block_size / p->requests.lists.page_size + 1;
	size_t first = 0, begin = 0, end = 0;

	/* Every part ends a piece, and so does every page within it. */
	if (!p->qp.use_sgl || io->n_data * 2 + pages <= most)
		return 0;
	for (size_t i = 0; i < io->n_data; ++i) {
		end += io->data[i].size;
		/* Parts from @first on may share a block with this one. */
		while (begin + io->data[first].size <= end - io->data[i].size &&
		       begin + io->data[first].size + block_size <= end)
			begin += io->data[first++].size;
		if ((i - first + 1) * 2 + pages > most)
			return nvmi_fail(
				EINVAL,
				"a block of %zu bytes in %zu parts takes more than the %" PRIu32
				" list pages of the queue pair: make it with a larger "
				"options.n_lists, or use larger parts",
				block_size, i - first + 1, p->requests.lists.n);
	}
	return 0;
}

static int check_data(const struct nvmi_qpair *p, const struct nvm_io *io)
{
	const nvm_ns_t *ns = io->ns;
	uint64_t block_size =
		(UINT64_C(1) << ns->lba_shift) + (ns->metadata_inline ? ns->metadata_size : 0);
	uint64_t wanted, size = 0;
	int err;

	if (io->n_data == 0 || io->data == NULL)
		return nvmi_fail(EINVAL, "no data was given for %" PRIu64 " blocks", io->n_blocks);
	for (size_t i = 0; i < io->n_data; ++i) {
		err = check_vec(p, &io->data[i], "data");
		if (err == 0)
			err = check_paged(p, io, i);
		if (err == 0 && __builtin_add_overflow(size, io->data[i].size, &size))
			err = nvmi_fail(EINVAL, "the data exceeds 16 EiB: check its sizes");
		if (err != 0)
			return err;
	}
	if (__builtin_mul_overflow(io->n_blocks, block_size, &wanted) || wanted != size)
		return nvmi_fail(EINVAL,
				 "%" PRIu64 " bytes of data were given for %" PRIu64
				 " blocks of %" PRIu64 " bytes%s",
				 size, io->n_blocks, block_size,
				 ns->metadata_inline ? " with their metadata" : "");
	return check_pieces(p, io, block_size);
}

static int check_metadata(const struct nvmi_qpair *p, const struct nvm_io *io)
{
	const struct nvm_io_vec *m = &io->metadata;
	const nvm_ns_t *ns = io->ns;
	uint64_t wanted;
	size_t page_size = p->requests.lists.page_size;
	int err;

	if (ns->metadata_size == 0 || ns->metadata_inline) {
		if (m->buf == NULL)
			return 0;
		return nvmi_fail(
			EINVAL, "a metadata buffer was given, and namespace %" PRIu32 " %s",
			ns->ns_id,
			ns->metadata_inline ? "has its metadata with the data" : "has no metadata");
	}
	if (m->buf == NULL)
		return nvmi_fail(EINVAL,
				 "namespace %" PRIu32 " has %" PRIu32
				 " bytes of metadata per block: "
				 "say where they are, with nvm_qpair_io()",
				 ns->ns_id, ns->metadata_size);
	err = check_vec(p, m, "metadata");
	if (err != 0)
		return err;
	if (__builtin_mul_overflow(io->n_blocks, ns->metadata_size, &wanted) || wanted != m->size)
		return nvmi_fail(EINVAL,
				 "%zu bytes of metadata were given for %" PRIu64
				 " blocks of %" PRIu32 " bytes",
				 m->size, io->n_blocks, ns->metadata_size);
	for (size_t i = m->offset / page_size; i < (m->offset + m->size - 1) / page_size; ++i) {
		if (m->buf->ioaddrs[i + 1] != m->buf->ioaddrs[i] + page_size)
			return nvmi_fail(EINVAL,
					 "the metadata is not contiguous on the bus at offset %zu: "
					 "use smaller requests, or huge pages",
					 (i + 1) * page_size);
	}
	/* The address of every part's metadata is a multiple of 4. */
	if (ns->metadata_size % 4 != 0 && io->n_blocks > 1)
		return nvmi_fail(EINVAL,
				 "metadata of %" PRIu32 " bytes per block is not aligned to 4: "
				 "request one block at a time",
				 ns->metadata_size);
	return 0;
}

static int check_no_data(const struct nvm_io *io)
{
	if (io->n_data == 0 && io->metadata.buf == NULL)
		return 0;
	return nvmi_fail(EINVAL, "opcode 0x%02x transfers no data, and some was given", io->opcode);
}

int nvmi_qpair_check_io(struct nvmi_qpair *p, const struct nvm_io *io)
{
	bool has_data = io->opcode == NVM_IO_OPC_READ || io->opcode == NVM_IO_OPC_WRITE ||
			io->opcode == NVM_IO_OPC_COMPARE;
	int err = nvmi_qpair_check_ns(io->ns);

	if (err == 0 && !has_data && io->opcode != NVM_IO_OPC_WRITE_ZEROES &&
	    io->opcode != NVM_IO_OPC_VERIFY)
		err = nvmi_fail(EINVAL,
				"opcode 0x%02x is not one that nvm_qpair_io() builds: use "
				"nvm_qpair_raw()",
				io->opcode);
	if (err == 0 && (io->flags & ~FLAG_BITS) != 0)
		err = nvmi_fail(EINVAL,
				"flags 0x%x: only the upper half is flags, the lower one is the "
				"number of blocks",
				io->flags);
	if (err == 0)
		err = nvmi_qpair_check_opcode(io->ns, io->opcode);
	if (err == 0)
		err = nvmi_qpair_check_range(io->ns, io->lba, io->n_blocks);
	if (err == 0)
		err = has_data ? check_data(p, io) : check_no_data(io);
	if (err == 0 && has_data)
		err = check_metadata(p, io);
	return err;
}
