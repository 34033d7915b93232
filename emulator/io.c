/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io.c - the NVM command set: dispatch, and the commands on one range of blocks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "io_internal.h"

static uint64_t slba_of(const struct nvm_sqe *sqe)
{
	return sqe->cdw10 | (uint64_t)sqe->cdw11 << 32;
}

bool emu_target_lock(struct emu_target *target, struct emu_ns *ns, uint64_t geometry, uint64_t slba,
		     uint64_t n_blocks, bool exclusive)
{
	target->ns = ns;
	target->geometry = geometry;
	target->offset = slba << emu_geometry_shift(geometry);
	target->bytes = n_blocks << emu_geometry_shift(geometry);
	target->exclusive = exclusive;
	emu_stripes_lock(ns->stripes, target->offset, target->bytes, exclusive);
	/* Format changes it with all stripes locked. */
	if (atomic_load_explicit(&ns->geometry, memory_order_relaxed) == geometry)
		return true;
	emu_target_unlock(target);
	return false;
}

/* The range of a command: CDW10 to CDW12. limit: of the transfer, bytes, 0 = none. */
static emu_status_t lock_target(struct emu_target *target, struct emu_ns *ns,
				const struct nvm_sqe *sqe, uint64_t limit, bool exclusive)
{
	uint64_t n_blocks = (uint64_t)NVM_RW_NLB(sqe->cdw12) + 1;
	uint64_t geometry;

	do {
		geometry = atomic_load_explicit(&ns->geometry, memory_order_relaxed);
		if (limit && n_blocks << emu_geometry_shift(geometry) > limit)
			return EMU_FAIL(NVM_SC_INVALID_FIELD);
		if (!emu_in_range(geometry, slba_of(sqe), n_blocks))
			return EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE);
	} while (!emu_target_lock(target, ns, geometry, slba_of(sqe), n_blocks, exclusive));
	return NVM_SC_SUCCESS;
}

static emu_status_t read_data(struct emu_io *io, const struct emu_target *target,
			      const struct nvm_sqe *sqe)
{
	const struct emu_backing *ops = target->ns->ops;
	struct iovec page = {.iov_len = target->bytes};
	struct emu_data data;
	unsigned int n;
	uint64_t bytes;
	emu_status_t status;

	page.iov_base = emu_data_page(&io->data, sqe, target->bytes, true);
	if (page.iov_base)
		return ops->readv(target->ns, target->offset, &page, 1, target->bytes);
	status = emu_data_begin(&data, &io->data, sqe, target->bytes, true);
	for (uint64_t done = 0; !status && done < target->bytes; done += bytes) {
		status = emu_data_next(&data, io->iov, EMU_IO_IOV, &n, &bytes);
		if (!status)
			status = ops->readv(target->ns, target->offset + done, io->iov, n, bytes);
	}
	return status;
}

static emu_status_t io_read(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe)
{
	struct emu_target target;
	emu_status_t status = lock_target(&target, ns, sqe, io->max_transfer, false);

	if (status)
		return status;
	emu_count(&io->stats.reads, 1);
	emu_count(&io->stats.read_blocks, (uint64_t)NVM_RW_NLB(sqe->cdw12) + 1);
	emu_count(&io->stats.read_bytes, target.bytes);
	if (ns->null)
		return NVM_SC_SUCCESS; /* has no locks */

	/* What a FUA read returns is on the medium. */
	if (NVM_RW_FUA(sqe->cdw12))
		status = ns->ops->flush(ns);
	if (!status)
		status = read_data(io, &target, sqe);
	emu_target_unlock(&target);
	return status;
}

static emu_status_t write_data(struct emu_io *io, const struct emu_target *target,
			       const struct nvm_sqe *sqe, bool durable)
{
	const struct emu_backing *ops = target->ns->ops;
	struct iovec page = {.iov_len = target->bytes};
	struct emu_data data;
	unsigned int n;
	uint64_t bytes, offset = target->offset;
	emu_status_t status;

	page.iov_base = emu_data_page(&io->data, sqe, target->bytes, false);
	if (page.iov_base)
		return ops->writev(target->ns, offset, &page, 1, target->bytes, durable);
	status = emu_data_begin(&data, &io->data, sqe, target->bytes, false);
	if (!status)
		status = emu_data_next(&data, io->iov, EMU_IO_IOV, &n, &bytes);
	/* A wrong data pointer changes nothing, least of all half a block. */
	if (!status && !emu_data_over(&data))
		status = emu_data_check(&data);
	while (!status) {
		status = ops->writev(target->ns, offset, io->iov, n, bytes, durable);
		if (status || emu_data_over(&data))
			break;
		offset += bytes;
		status = emu_data_next(&data, io->iov, EMU_IO_IOV, &n, &bytes);
	}
	return status;
}

static emu_status_t io_write(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe)
{
	struct emu_target target;
	emu_status_t status;

	if (ns->read_only)
		return EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED);
	if (NVM_RW_DTYPE(sqe->cdw12))
		return EMU_FAIL(NVM_SC_INVALID_FIELD); /* no directives */
	status = lock_target(&target, ns, sqe, io->max_transfer, true);
	if (status)
		return status;
	emu_count(&io->stats.writes, 1);
	emu_count(&io->stats.written_blocks, (uint64_t)NVM_RW_NLB(sqe->cdw12) + 1);
	emu_count(&io->stats.written_bytes, target.bytes);
	if (ns->null)
		return NVM_SC_SUCCESS; /* has no locks */

	status = write_data(io, &target, sqe, emu_is_durable(ns, NVM_RW_FUA(sqe->cdw12)));
	emu_target_unlock(&target);
	return status;
}

/* Hold pieces of the host's memory against blocks. */
static emu_status_t compare_pieces(struct emu_io *io, struct emu_ns *ns, uint64_t offset,
				   unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const uint8_t *given = io->iov[i].iov_base;
		uint64_t left = io->iov[i].iov_len;

		while (left) {
			uint64_t len = left < EMU_IO_SCRATCH ? left : EMU_IO_SCRATCH;
			struct iovec iov = {.iov_base = io->scratch, .iov_len = len};
			emu_status_t status = ns->ops->readv(ns, offset, &iov, 1, len);

			if (status)
				return status;
			if (memcmp(given, io->scratch, len) != 0)
				return EMU_FAIL(NVM_SC_COMPARE_FAILURE);
			given += len;
			offset += len;
			left -= len;
		}
	}
	return NVM_SC_SUCCESS;
}

static emu_status_t io_compare(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe)
{
	struct emu_target target;
	struct emu_data data;
	unsigned int n;
	uint64_t bytes;
	emu_status_t status = lock_target(&target, ns, sqe, io->max_transfer, false);

	if (status)
		return status;
	emu_count(&io->stats.reads, 1);
	emu_count(&io->stats.read_bytes, target.bytes);
	if (ns->null)
		return NVM_SC_SUCCESS; /* nothing to hold it against */

	status = emu_data_begin(&data, &io->data, sqe, target.bytes, false);
	for (uint64_t done = 0; !status && done < target.bytes; done += bytes) {
		status = emu_data_next(&data, io->iov, EMU_IO_IOV, &n, &bytes);
		if (!status)
			status = compare_pieces(io, ns, target.offset + done, n);
	}
	emu_target_unlock(&target);
	return status;
}

static emu_status_t io_write_zeroes(struct emu_ns *ns, const struct nvm_sqe *sqe)
{
	struct emu_target target;
	emu_status_t status;

	if (ns->read_only)
		return EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED);
	status = lock_target(&target, ns, sqe, 0, true);
	if (status)
		return status;
	status = ns->ops->zero(ns, target.offset, target.bytes, NVM_RW_DEAC(sqe->cdw12));
	if (!status && emu_is_durable(ns, NVM_RW_FUA(sqe->cdw12)))
		status = ns->ops->flush(ns);
	emu_target_unlock(&target);
	return status;
}

static emu_status_t io_verify(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe)
{
	struct emu_target target;
	emu_status_t status = lock_target(&target, ns, sqe, 0, false);

	if (status)
		return status;
	emu_count(&io->stats.reads, 1);
	emu_count(&io->stats.read_bytes, target.bytes);
	/* Memory does not decay; of a file, the blocks must be readable. */
	for (uint64_t done = 0; ns->fd >= 0 && !status && done < target.bytes;) {
		uint64_t left = target.bytes - done;
		struct iovec iov = {.iov_base = io->scratch, .iov_len = EMU_IO_SCRATCH};

		if (iov.iov_len > left)
			iov.iov_len = left;
		status = ns->ops->readv(ns, target.offset + done, &iov, 1, iov.iov_len);
		done += iov.iov_len;
	}
	emu_target_unlock(&target);
	return status;
}

static emu_status_t io_flush(struct emu_ns_table *table, uint32_t nsid)
{
	struct emu_ns *ns = emu_ns_get(table, nsid);
	emu_status_t status = NVM_SC_SUCCESS;

	if (ns)
		return ns->ops->flush(ns);
	if (nsid != NVM_NSID_ALL)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);
	/* All of them, even if one fails. */
	for (uint32_t i = 1; (ns = emu_ns_get(table, i)); i++) {
		emu_status_t one = ns->ops->flush(ns);

		if (!status)
			status = one;
	}
	return status;
}

bool emu_io_prepare(const struct emu_io *io, const struct nvm_sqe *sqe)
{
	const struct emu_ns *ns = emu_ns_get(io->ns, sqe->nsid);
	uint64_t geometry, bytes;

	if (!ns || (sqe->opc != NVM_IO_OPC_READ && sqe->opc != NVM_IO_OPC_WRITE))
		return false;
	if (!ns->mem)
		return ns->null;
	geometry = atomic_load_explicit(&ns->geometry, memory_order_relaxed);
	if (slba_of(sqe) >= emu_geometry_blocks(geometry))
		return false;
	bytes = ((uint64_t)NVM_RW_NLB(sqe->cdw12) + 1) << emu_geometry_shift(geometry);
	/* What lies beyond the namespace, of a command that will fail, is not fetched. */
	emu_fetch_ahead(ns->mem + (slba_of(sqe) << emu_geometry_shift(geometry)), bytes);
	return bytes <= EMU_AHEAD;
}

uint32_t emu_io_effects(uint8_t opcode)
{
	switch (opcode) {
	case NVM_IO_OPC_FLUSH:
	case NVM_IO_OPC_READ:
	case NVM_IO_OPC_COMPARE:
	case NVM_IO_OPC_VERIFY:
		return NVM_EFFECTS_CSUPP;
	case NVM_IO_OPC_WRITE:
	case NVM_IO_OPC_WRITE_ZEROES:
	case NVM_IO_OPC_DATASET_MANAGEMENT:
	case NVM_IO_OPC_COPY:
		return NVM_EFFECTS_CSUPP | NVM_EFFECTS_LBCC;
	default:
		return 0;
	}
}

static emu_status_t execute(struct emu_io *io, const struct nvm_sqe *sqe, uint32_t *dw0)
{
	struct emu_ns *ns = emu_ns_get(io->ns, sqe->nsid);

	if (!emu_io_effects(sqe->opc))
		return EMU_FAIL(NVM_SC_INVALID_OPCODE);
	if (NVM_SQE_FUSE(sqe->flags))
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (sqe->opc == NVM_IO_OPC_FLUSH)
		return io_flush(io->ns, sqe->nsid);
	if (!ns)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);

	switch (sqe->opc) {
	case NVM_IO_OPC_READ:
		return io_read(io, ns, sqe);
	case NVM_IO_OPC_WRITE:
		return io_write(io, ns, sqe);
	case NVM_IO_OPC_COMPARE:
		return io_compare(io, ns, sqe);
	case NVM_IO_OPC_WRITE_ZEROES:
		return io_write_zeroes(ns, sqe);
	case NVM_IO_OPC_VERIFY:
		return io_verify(io, ns, sqe);
	case NVM_IO_OPC_DATASET_MANAGEMENT:
		return emu_io_dsm(io, ns, sqe);
	default:
		return emu_io_copy(io, ns, sqe, dw0);
	}
}

emu_status_t emu_io_execute(struct emu_io *io, const struct nvm_sqe *sqe, uint32_t *dw0)
{
	emu_status_t status;

	*dw0 = 0;
	status = execute(io, sqe, dw0);
	if (__builtin_expect(status, 0)) {
		uint16_t code = status & NVM_CQE_STATUS_MASK;

		/* Dataset Management has its blocks in a list. */
		io->error_lba = sqe->opc == NVM_IO_OPC_DATASET_MANAGEMENT ? 0 : slba_of(sqe);
		if (code == NVM_SC_WRITE_FAULT || code == NVM_SC_UNRECOVERED_READ_ERROR)
			emu_count(&io->stats.media_errors, 1);
	}
	return status;
}

emu_status_t emu_admin_format(struct emu_ns_table *table, const struct nvm_sqe *sqe)
{
	struct emu_ns *ns = emu_ns_get(table, sqe->nsid);
	emu_status_t status = NVM_SC_SUCCESS;

	if (ns)
		return emu_ns_format(ns, sqe->cdw10);
	if (sqe->nsid != NVM_NSID_ALL)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);
	/* None, if one of them cannot be formatted. */
	for (uint32_t i = 1; !status && (ns = emu_ns_get(table, i)); i++)
		status = emu_ns_format_check(ns, sqe->cdw10);
	for (uint32_t i = 1; !status && (ns = emu_ns_get(table, i)); i++)
		status = emu_ns_format(ns, sqe->cdw10);
	return status;
}

int emu_io_init(struct emu_io *io, struct emu_dma_slot *slot, struct emu_ns_table *ns,
		uint64_t max_transfer)
{
	memset(io, 0, sizeof(*io));
	io->iov = malloc(EMU_IO_IOV * sizeof(*io->iov));
	io->scratch = aligned_alloc(4096, EMU_IO_SCRATCH);
	if (!io->iov || !io->scratch) {
		emu_io_release(io);
		return ENOMEM;
	}
	io->ns = ns;
	io->max_transfer = max_transfer;
	io->data.slot = slot;
	io->data.page_size = 4096;
	io->data.sgl = true;
	io->data.discard = io->scratch;
	io->data.discard_size = EMU_IO_SCRATCH;
	return 0;
}

void emu_io_release(struct emu_io *io)
{
	free(io->iov);
	free(io->scratch);
	io->iov = NULL;
	io->scratch = NULL;
}
