/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_identify.c - Identify: controller, namespaces, lists.
 *
 * What comes back is read as data of a stranger: every length and index is checked.
 */
#include <errno.h>
#include <string.h>

#include "controller/admin.h"
#include "controller/error.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

#define NS_LIST_ENTRIES (NVMI_ADMIN_DATA_SIZE / sizeof(uint32_t))

/* NSIDs from here on are not namespaces. */
#define FIRST_SPECIAL_NSID 0xfffffffeU

int nvm_admin_identify(nvm_aq_ref ref, uint8_t cns, uint32_t ns_id, uint16_t cntid, uint8_t csi,
		       void *buffer, uint64_t ioaddr)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_IDENTIFY, ns_id}};
	int status = nvmi_admin_check_ref(ref);

	if (status == 0)
		status = nvmi_admin_check_buffer(ref, ioaddr);
	if (status != 0)
		return status;

	/* A controller that transfers less than it should does not make us read old data. */
	if (buffer != NULL)
		memset(buffer, 0, NVMI_ADMIN_DATA_SIZE);
	nvm_cmd_data_ptr(&cmd, ioaddr, 0);
	cmd.dword[10] = NVM_FIELD(IDENTIFY_CNS, cns) | NVM_FIELD(IDENTIFY_CNTID, cntid);
	cmd.dword[11] = NVM_FIELD(IDENTIFY_CSI, csi);
	status = nvm_aq_exec(ref, &cmd, NULL, 0);
	return status == 0 ? 0
			   : nvmi_fail_more(status, "Identify (CNS 0x%02x, NSID %u)", cns, ns_id);
}

static int no_buffer(const char *what)
{
	return nvmi_fail(EINVAL, "%s: no buffer, or no place for the result, was given", what);
}

/* MDTS counts in pages of CAP.MPSMIN, whatever page size the controller runs with. */
static size_t max_data_size(uint64_t cap, uint8_t mdts)
{
	unsigned int shift = 12U + (unsigned int)NVM_CAP_MPSMIN(cap) + mdts;

	return mdts == 0 || shift >= sizeof(size_t) * 8 ? NVM_UNLIMITED : (size_t)1 << shift;
}

int nvm_admin_ctrl_info(nvm_aq_ref ref, struct nvm_ctrl_info *info, void *buffer, uint64_t ioaddr)
{
	const struct nvm_id_ctrl *id = buffer;
	const struct nvmi_ctrl *ctrl;
	int status;

	if (info == NULL || buffer == NULL)
		return no_buffer("controller information");
	status = nvm_admin_identify(ref, NVM_CNS_CTRL, 0, 0, 0, buffer, ioaddr);
	if (status != 0)
		return status;

	ctrl = ref->ctrl;
	memset(info, 0, sizeof(*info));
	info->nvme_version = ctrl->vs;
	info->page_size = ctrl->handle.page_size;
	info->db_stride = (size_t)4 << ctrl->handle.dstrd;
	info->timeout = ctrl->handle.timeout;
	info->contiguous = NVM_CAP_CQR(ctrl->cap) != 0;
	info->max_entries = ctrl->handle.max_entries;
	memcpy(info->pci_vendor, &id->vid, 2);
	memcpy(info->pci_vendor + 2, &id->ssvid, 2);
	memcpy(info->serial_no, id->sn, sizeof(info->serial_no));
	memcpy(info->model_no, id->mn, sizeof(info->model_no));
	memcpy(info->firmware, id->fr, sizeof(info->firmware));
	info->max_data_size = max_data_size(ctrl->cap, id->mdts);
	info->max_data_pages = info->max_data_size == NVM_UNLIMITED
				       ? NVM_UNLIMITED
				       : info->max_data_size / info->page_size;
	info->cq_entry_size = (size_t)1 << NVM_QES_MIN(id->cqes);
	info->sq_entry_size = (size_t)1 << NVM_QES_MIN(id->sqes);
	info->max_out_cmds = id->maxcmd;
	info->max_n_ns = id->nn;
	return 0;
}

static int check_nsid(uint32_t ns_id)
{
	if (ns_id == 0 || ns_id >= FIRST_SPECIAL_NSID)
		return nvmi_fail(EINVAL, "0x%x is not the identifier of a namespace", ns_id);
	return 0;
}

int nvm_admin_ns_info(nvm_aq_ref ref, struct nvm_ns_info *info, uint32_t ns_id, void *buffer,
		      uint64_t ioaddr)
{
	const struct nvm_id_ns *id = buffer;
	struct nvm_lbaf format;
	unsigned int index;
	uint8_t flbas;
	int status;

	if (info == NULL || buffer == NULL)
		return no_buffer("namespace information");
	status = check_nsid(ns_id);
	if (status == 0)
		status = nvm_admin_identify(ref, NVM_CNS_NS, ns_id, 0, 0, buffer, ioaddr);
	if (status != 0)
		return status;
	if (id->nsze == 0)
		return nvmi_fail(-NVM_SC_INVALID_NS_OR_FORMAT, "namespace %u is not active", ns_id);

	/* The high bits mean something only where there are more than 16 formats. */
	flbas = id->flbas;
	index = NVM_FLBAS_LBAFL(flbas);
	if (id->nlbaf >= 16)
		index |= NVM_FLBAS_LBAFU(flbas) << 4;
	format = id->lbaf[index];
	if (format.lbads < 9 || format.lbads > 31)
		return nvmi_fail(ENOTSUP,
				 "namespace %u: blocks of 2^%u bytes are not blocks of the NVM "
				 "command set",
				 ns_id, format.lbads);

	memset(info, 0, sizeof(*info));
	info->ns_id = ns_id;
	info->size = id->nsze;
	info->capacity = id->ncap;
	info->utilization = id->nuse;
	info->lba_data_size = (size_t)1 << format.lbads;
	info->metadata_size = format.ms;
	return 0;
}

/*
 * One page of the list: identifiers above @after, which becomes the last of them. Returns how many, or
 * SIZE_MAX if they do not increase.
 */
static size_t read_ns_list(const uint32_t *list, uint32_t *after, size_t at, uint32_t *ns_ids,
			   size_t room)
{
	size_t n;

	for (n = 0; n < NS_LIST_ENTRIES; ++n) {
		uint32_t ns_id = list[n];

		if (ns_id == 0)
			break;
		if (ns_id <= *after)
			return SIZE_MAX;
		*after = ns_id;
		if (at + n < room)
			ns_ids[at + n] = ns_id;
	}
	return n;
}

int nvm_admin_active_ns(nvm_aq_ref ref, uint32_t *ns_ids, size_t *n, void *buffer, uint64_t ioaddr)
{
	const uint32_t *list = buffer;
	uint32_t after = 0;
	size_t total = 0;
	size_t got;

	if (n == NULL || buffer == NULL || (ns_ids == NULL && *n != 0))
		return no_buffer("active namespaces");
	do {
		int status = nvm_admin_identify(ref, NVM_CNS_ACTIVE_NS_LIST, after, 0, 0, buffer,
						ioaddr);

		if (status != 0)
			return status;
		got = read_ns_list(list, &after, total, ns_ids, *n);
		if (got == SIZE_MAX)
			return nvmi_fail(EIO,
					 "controller fault: the list of active namespaces does not "
					 "increase");
		total += got;
	} while (got == NS_LIST_ENTRIES && after < FIRST_SPECIAL_NSID);
	*n = total;
	return 0;
}

/* Take an identifier if it has the length that its type must have. */
static void take_descriptor(struct nvm_ns_descs *descs, uint8_t type, uint8_t size,
			    const uint8_t *value)
{
	if (type == NVM_NIDT_EUI64 && size == NVM_NIDT_EUI64_LEN)
		memcpy(descs->eui64, value, size);
	else if (type == NVM_NIDT_NGUID && size == NVM_NIDT_NGUID_LEN)
		memcpy(descs->nguid, value, size);
	else if (type == NVM_NIDT_UUID && size == NVM_NIDT_UUID_LEN)
		memcpy(descs->uuid, value, size);
	else if (type == NVM_NIDT_CSI && size == NVM_NIDT_CSI_LEN)
		descs->csi = *value;
}

int nvm_admin_ns_descs(nvm_aq_ref ref, struct nvm_ns_descs *descs, uint32_t ns_id, void *buffer,
		       uint64_t ioaddr)
{
	const size_t head = sizeof(struct nvm_id_ns_desc);
	const uint8_t *list = buffer;
	size_t at = 0;
	int status;

	if (descs == NULL || buffer == NULL)
		return no_buffer("namespace identifiers");
	status = check_nsid(ns_id);
	if (status == 0)
		status = nvm_admin_identify(ref, NVM_CNS_NS_DESC_LIST, ns_id, 0, 0, buffer, ioaddr);
	if (status != 0)
		return status;

	memset(descs, 0, sizeof(*descs));
	while (at + head <= NVMI_ADMIN_DATA_SIZE) {
		uint8_t type = list[at];
		uint8_t size = list[at + 1];

		if (size == 0 || at + head + size > NVMI_ADMIN_DATA_SIZE)
			break;
		take_descriptor(descs, type, size, &list[at + head]);
		at += head + size;
	}
	return 0;
}
