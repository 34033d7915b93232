/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ns.c - nvm_ns_t: what the controller and a namespace say of themselves, as the I/O path needs it.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "controller/admin.h"
#include "controller/error.h"
#include "nvm_admin.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_ns.h"
#include "nvm_spec.h"

/* NLB has 16 bits, 0's based. */
#define MAX_NLB 65536

/* An SGL descriptor has 32 bits for a length, so no command moves 4 GiB. */
#define MAX_TRANSFER ((size_t)1 << 31)

/* What is learned by Identify, one structure after the other, through the same page. */
struct learning {
	nvm_aq_ref ref;
	nvm_dma_t *page;
	struct nvm_ctrl_info ctrl;
	struct nvm_ns_info info;
};

static int learn_ctrl(struct learning *l, nvm_ns_t *ns)
{
	const struct nvm_id_ctrl *id = l->page->vaddr;
	int err = nvm_admin_ctrl_info(l->ref, &l->ctrl, l->page->vaddr, l->page->ioaddrs[0]);

	ns->oncs = id->oncs;
	return err;
}

static int first_active(struct learning *l, uint32_t *ns_id)
{
	size_t n = 1;
	int err = nvm_admin_active_ns(l->ref, ns_id, &n, l->page->vaddr, l->page->ioaddrs[0]);

	if (err == 0 && n == 0)
		err = nvmi_fail(ENXIO, "the controller has no active namespace: create and attach "
				       "one with nvme-cli");
	return err;
}

/* Controllers before NVMe 1.3 have no descriptors, and only the NVM command set. */
static int check_command_set(struct learning *l, uint32_t ns_id)
{
	struct nvm_ns_descs descs;
	int err = nvm_admin_ns_descs(l->ref, &descs, ns_id, l->page->vaddr, l->page->ioaddrs[0]);

	if (err > 0)
		return err;
	if (err == 0 && descs.csi != NVM_CSI_NVM)
		return nvmi_fail(ENOTSUP,
				 "namespace %" PRIu32 " is of command set %u, not NVM: use the "
				 "queue interface",
				 ns_id, (unsigned int)descs.csi);
	return 0;
}

/* Most blocks per command: MDTS counts metadata that lies between the blocks. */
static int limit_transfers(const struct learning *l, nvm_ns_t *ns)
{
	size_t block = (size_t)1 << ns->lba_shift;
	size_t mdts = l->ctrl.max_data_size;
	uint64_t n;

	if (ns->metadata_inline)
		block += ns->metadata_size;
	if (block > mdts)
		return nvmi_fail(ENOTSUP,
				 "namespace %" PRIu32
				 " has blocks of %zu bytes, and the controller "
				 "transfers no more than %zu bytes (MDTS)",
				 ns->ns_id, block, mdts);
	n = (mdts < MAX_TRANSFER ? mdts : MAX_TRANSFER) / block;
	if (n > MAX_NLB)
		n = MAX_NLB;
	if (n > ns->n_blocks)
		n = ns->n_blocks;
	ns->max_blocks = (uint32_t)n;
	if (ns->boundary == 0 && ns->metadata_size == 0) {
		ns->plain_blocks = ns->max_blocks;
		ns->plain_lba = ns->n_blocks - ns->max_blocks;
	}
	return 0;
}

static int learn_ns(struct learning *l, nvm_ns_t *ns, uint32_t ns_id)
{
	const struct nvm_id_ns *id = l->page->vaddr;
	int err;

	if (ns_id > l->ctrl.max_n_ns)
		return nvmi_fail(ENXIO, "there is no namespace %" PRIu32 ": the highest is %zu",
				 ns_id, l->ctrl.max_n_ns);
	err = nvm_admin_ns_info(l->ref, &l->info, ns_id, l->page->vaddr, l->page->ioaddrs[0]);
	if (err < 0 && (-err & 0x7ff) == NVM_SC_INVALID_NS_OR_FORMAT)
		return nvmi_fail(ENXIO,
				 "namespace %" PRIu32 " is not active: nvm-identify lists those "
				 "that are",
				 ns_id);
	if (err != 0)
		return err;
	if (l->info.lba_data_size > 65536)
		return nvmi_fail(ENOTSUP,
				 "namespace %" PRIu32 " has blocks of %zu bytes: those of the "
				 "request layer are of 512..65536",
				 ns_id, l->info.lba_data_size);
	ns->ns_id = ns_id;
	ns->lba_shift = (uint32_t)__builtin_ctzll(l->info.lba_data_size);
	ns->n_blocks = l->info.size;
	ns->boundary = id->noiob;
	ns->metadata_size = (uint32_t)l->info.metadata_size;
	ns->metadata_inline = ns->metadata_size != 0 && NVM_FLBAS_EXTENDED(id->flbas) != 0;
	ns->max_copy_ranges = id->msrc + 1U;
	ns->max_copy_blocks = id->mssrl;
	ns->max_copy_total = id->mcl;
	return check_command_set(l, ns_id);
}

int nvm_ns_init(nvm_ns_t *ns, nvm_aq_ref ref, uint32_t ns_id)
{
	struct learning l = {.ref = ref};
	int err = nvmi_admin_check_ref(ref);

	if (err == 0 && ns == NULL)
		err = nvmi_fail(EINVAL, "no place for the namespace was given");
	if (err != 0)
		return err;
	memset(ns, 0, sizeof(*ns));
	err = nvm_dma_create(&l.page, nvm_ctrl_from_aq_ref(ref), NVMI_ADMIN_DATA_SIZE);
	if (err != 0)
		return err;
	err = learn_ctrl(&l, ns);
	if (err == 0 && ns_id == 0)
		err = first_active(&l, &ns_id);
	if (err == 0)
		err = learn_ns(&l, ns, ns_id);
	if (err == 0)
		err = limit_transfers(&l, ns);
	nvmi_aq_release_memory(ref, l.page, err);
	return err;
}
