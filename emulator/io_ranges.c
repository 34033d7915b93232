/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io_ranges.c - the commands that come with a list of ranges: Dataset Management and Copy.
 *
 * The list is checked as a whole before anything happens. A Format NVM in between ends the command:
 * it then happened before the format, of which nothing is left.
 */
#include "io_internal.h"

/* Copy needs the list and a buffer: they share the scratch memory. */
#define LIST_SIZE   4096
#define BUFFER_SIZE (EMU_IO_SCRATCH - LIST_SIZE)

_Static_assert(NVM_DSM_MAX_RANGES * sizeof(struct nvm_dsm_range) <= LIST_SIZE, "list of ranges");
_Static_assert((EMU_MSRC + 1) * sizeof(struct nvm_copy_range) <= LIST_SIZE, "list of ranges");
_Static_assert(BUFFER_SIZE % 4096 == 0, "whole blocks");

static emu_status_t deallocate(struct emu_ns *ns, uint64_t geometry,
			       const struct nvm_dsm_range *range, bool *formatted)
{
	struct emu_target target;
	emu_status_t status;

	if (!range->nlb)
		return NVM_SC_SUCCESS;
	if (!emu_target_lock(&target, ns, geometry, range->slba, range->nlb, true)) {
		*formatted = true;
		return NVM_SC_SUCCESS;
	}
	status = ns->ops->zero(ns, target.offset, target.bytes, true);
	emu_target_unlock(&target);
	return status;
}

emu_status_t emu_io_dsm(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe)
{
	const struct nvm_dsm_range *range = (const void *)io->scratch;
	unsigned int n = NVM_DSM_NR(sqe->cdw10) + 1;
	uint64_t geometry = atomic_load_explicit(&ns->geometry, memory_order_relaxed);
	bool formatted = false;
	emu_status_t status;

	if (NVM_DSM_AD(sqe->cdw11) && ns->read_only)
		return EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED);
	status = emu_data_from_host(&io->data, sqe, io->scratch, n * sizeof(*range));
	for (unsigned int i = 0; i < n && !status; i++) {
		if (!emu_in_range(geometry, range[i].slba, range[i].nlb))
			status = EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE);
	}
	/* All other attributes are hints. So is this one, where there is no way to do it. */
	if (status || !NVM_DSM_AD(sqe->cdw11) || !ns->can_deallocate)
		return status;
	for (unsigned int i = 0; i < n && !status && !formatted; i++)
		status = deallocate(ns, geometry, &range[i], &formatted);
	if (!status && emu_is_durable(ns, false))
		status = ns->ops->flush(ns);
	return status;
}

struct copy {
	struct emu_io *io;
	struct emu_ns *ns;
	uint64_t geometry;
	uint64_t dest; /* next block to be written */
	bool durable;
	bool formatted;
};

/* Not more blocks than the buffer holds. */
static emu_status_t copy_some(struct copy *copy, uint64_t slba, uint64_t n_blocks)
{
	struct emu_ns *ns = copy->ns;
	struct emu_target target;
	struct iovec iov = {.iov_base = copy->io->scratch + LIST_SIZE};
	emu_status_t status;

	iov.iov_len = n_blocks << emu_geometry_shift(copy->geometry);
	copy->formatted = !emu_target_lock(&target, ns, copy->geometry, slba, n_blocks, false);
	if (copy->formatted)
		return NVM_SC_SUCCESS;
	status = ns->ops->readv(ns, target.offset, &iov, 1, target.bytes);
	emu_target_unlock(&target);
	if (status)
		return status;

	copy->formatted = !emu_target_lock(&target, ns, copy->geometry, copy->dest, n_blocks, true);
	if (copy->formatted)
		return NVM_SC_SUCCESS;
	status = ns->ops->writev(ns, target.offset, &iov, 1, target.bytes, copy->durable);
	emu_target_unlock(&target);
	copy->dest += n_blocks;
	return status;
}

static emu_status_t copy_range(struct copy *copy, const struct nvm_copy_range *range)
{
	uint64_t most = BUFFER_SIZE >> emu_geometry_shift(copy->geometry);
	uint64_t slba = range->slba, left = (uint64_t)range->nlb + 1;
	emu_status_t status = NVM_SC_SUCCESS;

	while (left && !status && !copy->formatted) {
		uint64_t n_blocks = left < most ? left : most;

		status = copy_some(copy, slba, n_blocks);
		slba += n_blocks;
		left -= n_blocks;
	}
	return status;
}

static emu_status_t check_copy(const struct copy *copy, const struct nvm_copy_range *range,
			       unsigned int n, uint64_t *total)
{
	*total = 0;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t n_blocks = (uint64_t)range[i].nlb + 1;

		*total += n_blocks;
		if (n_blocks > EMU_MSSRL || *total > EMU_MCL)
			return EMU_FAIL(NVM_SC_CMD_SIZE_LIMIT_EXCEEDED);
	}
	for (unsigned int i = 0; i < n; i++) {
		if (!emu_in_range(copy->geometry, range[i].slba, (uint64_t)range[i].nlb + 1))
			return EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE);
	}
	if (!emu_in_range(copy->geometry, copy->dest, *total))
		return EMU_FAIL(NVM_SC_LBA_OUT_OF_RANGE);
	return NVM_SC_SUCCESS;
}

emu_status_t emu_io_copy(struct emu_io *io, struct emu_ns *ns, const struct nvm_sqe *sqe,
			 uint32_t *dw0)
{
	const struct nvm_copy_range *range = (const void *)io->scratch;
	unsigned int n = NVM_COPY_NR(sqe->cdw12) + 1;
	struct copy copy = {.io = io, .ns = ns};
	uint64_t total;
	emu_status_t status;

	if (ns->read_only)
		return EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED);
	if (NVM_COPY_DESFMT(sqe->cdw12) || NVM_COPY_DTYPE(sqe->cdw12))
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (n > EMU_MSRC + 1)
		return EMU_FAIL(NVM_SC_CMD_SIZE_LIMIT_EXCEEDED);
	status = emu_data_from_host(&io->data, sqe, io->scratch, n * sizeof(*range));
	if (status)
		return status;

	copy.geometry = atomic_load_explicit(&ns->geometry, memory_order_relaxed);
	copy.dest = sqe->cdw10 | (uint64_t)sqe->cdw11 << 32;
	copy.durable = emu_is_durable(ns, NVM_COPY_FUA(sqe->cdw12));
	status = check_copy(&copy, range, n, &total);
	if (status)
		return status;
	emu_count(&io->stats.writes, 1);
	emu_count(&io->stats.written_bytes, total << emu_geometry_shift(copy.geometry));
	for (unsigned int i = 0; i < n && !status && !copy.formatted; i++) {
		status = copy_range(&copy, &range[i]);
		if (status)
			*dw0 = i; /* the first range that was not copied */
	}
	return status;
}
