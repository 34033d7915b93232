/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identify.c - Identify (Base, "Identify command").
 */
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "controller.h"

/* ASCII, padded with spaces. */
static void text(char *field, size_t size, const char *value)
{
	size_t len = strnlen(value, size);

	memset(field, ' ', size);
	memcpy(field, value, len);
}

/* A UUID of the controller's names: version 8 (custom), from two FNV-1a hashes. */
static void make_nqn(const struct emu *emu, char *nqn, size_t size)
{
	const char *names[] = {emu->config.serial, emu->config.model};
	uint64_t hash[2];

	for (int i = 0; i < 2; i++) {
		hash[i] = 0xcbf29ce484222325u + (unsigned int)i;
		for (int j = 0; j < 2; j++) {
			for (const char *p = names[j]; *p; p++)
				hash[i] = (hash[i] ^ (uint8_t)*p) * 0x100000001b3u;
		}
	}
	snprintf(nqn, size, "nqn.2014-08.org.nvmexpress:uuid:%08x-%04x-8%03x-%04x-%012llx",
		 (unsigned int)(hash[0] >> 32), (unsigned int)(hash[0] >> 16) & 0xffff,
		 (unsigned int)hash[0] & 0xfff, (unsigned int)(hash[1] >> 50) | 0x8000,
		 (unsigned long long)hash[1] & 0xffffffffffffULL);
}

static void optional_parts(const struct emu *emu, struct nvm_id_ctrl *id)
{
	const struct emu_config *config = &emu->config;

	id->oaes = NVM_OAES_NS_ATTR;
	id->ctratt = NVM_CTRATT_HOSTID_128;
	id->oacs = NVM_OACS_FORMAT;
	if (config->doorbell_buffer)
		id->oacs |= NVM_OACS_DOORBELL_BUFFER;
	id->frmw = (uint8_t)(NVM_FIELD(FRMW_SLOT1_RO, 1) | NVM_FIELD(FRMW_SLOTS, 1));
	id->lpa = NVM_LPA_CMD_EFFECTS | NVM_LPA_EXTENDED;
	id->oncs = EMU_ONCS | NVM_ONCS_FEATURE_SAVE | NVM_ONCS_TIMESTAMP;
	id->fuses = EMU_FUSES;
	id->fna = EMU_FNA;
	id->ocfs = EMU_OCFS;
	id->vwc = (uint8_t)(NVM_FIELD(VWC_PRESENT, config->volatile_cache) |
			    NVM_FIELD(VWC_FLUSH, NVM_VWC_FLUSH_BROADCAST));
	id->sgls = config->sgl ? EMU_SGLS : 0;
}

static void identify_ctrl(const struct emu *emu, struct nvm_id_ctrl *id)
{
	const struct emu_config *config = &emu->config;

	text(id->sn, sizeof(id->sn), config->serial);
	text(id->mn, sizeof(id->mn), config->model);
	text(id->fr, sizeof(id->fr), EMU_FIRMWARE);
	/* MDTS counts pages of MPSMIN, the configuration pages of 4 KiB */
	id->mdts = config->mdts ? (uint8_t)(config->mdts - config->mpsmin) : 0;
	id->cntlid = EMU_CNTLID;
	id->ver = EMU_VERSION;
	id->cntrltype = NVM_CNTRLTYPE_IO;
	id->acl = EMU_ACL;
	id->aerl = EMU_MAX_AER - 1;
	id->elpe = EMU_ERROR_ENTRIES - 1;
	id->wctemp = EMU_WCTEMP;
	id->cctemp = EMU_CCTEMP;
	id->sqes = (uint8_t)(NVM_FIELD(QES_MIN, EMU_SQE_SHIFT) | NVM_FIELD(QES_MAX, EMU_SQE_SHIFT));
	id->cqes = (uint8_t)(NVM_FIELD(QES_MIN, EMU_CQE_SHIFT) | NVM_FIELD(QES_MAX, EMU_CQE_SHIFT));
	id->maxcmd = (uint16_t)(config->max_entries - 1);
	id->nn = EMU_MAX_NAMESPACES;
	id->awun = EMU_AWUN;
	id->awupf = EMU_AWUPF;
	id->acwu = EMU_ACWU;
	for (unsigned int i = 0; i < emu->ns.n; i++)
		id->tnvmcap[0] += emu->ns.ns[i]->size;
	optional_parts(emu, id);
	make_nqn(emu, id->subnqn, sizeof(id->subnqn));
}

/* Active, or 0 with the status for what else the identifier may be. */
static emu_status_t find_ns(struct emu *emu, uint32_t nsid, struct emu_ns **ns)
{
	*ns = emu_ns_get(&emu->ns, nsid);
	if (*ns)
		return 0;
	if (!nsid || nsid > EMU_MAX_NAMESPACES)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);
	return EMU_FAIL(NVM_SC_INVALID_FIELD);
}

static emu_status_t identify_ns(struct emu *emu, uint32_t nsid, struct nvm_id_ns *id)
{
	struct emu_ns *ns;
	emu_status_t status = find_ns(emu, nsid, &ns);

	if (!status)
		emu_ns_identify(ns, id);
	/* an inactive namespace is all zeroes */
	return status == EMU_FAIL(NVM_SC_INVALID_FIELD) ? 0 : status;
}

static emu_status_t ns_list(const struct emu *emu, uint32_t nsid, uint32_t *list)
{
	if (nsid >= NVM_NSID_MAX)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);
	for (uint32_t next = nsid + 1; next <= emu->ns.n; next++)
		*list++ = next;
	return 0;
}

static uint8_t *put_desc(uint8_t *out, uint8_t type, const void *id, uint8_t len)
{
	struct nvm_id_ns_desc desc = {.nidt = type, .nidl = len};

	memcpy(out, &desc, sizeof(desc));
	memcpy(out + sizeof(desc), id, len);
	return out + sizeof(desc) + len;
}

static emu_status_t ns_descs(struct emu *emu, uint32_t nsid, uint8_t *out)
{
	struct emu_ns *ns;
	emu_status_t status = find_ns(emu, nsid, &ns);
	struct nvm_id_ns id;
	const uint8_t csi = NVM_CSI_NVM;

	if (status)
		return status;
	emu_ns_identify(ns, &id);
	out = put_desc(out, NVM_NIDT_NGUID, id.nguid, NVM_NIDT_NGUID_LEN);
	out = put_desc(out, NVM_NIDT_EUI64, id.eui64, NVM_NIDT_EUI64_LEN);
	put_desc(out, NVM_NIDT_CSI, &csi, NVM_NIDT_CSI_LEN);
	return 0;
}

/* Nothing but zeroes for an active namespace: no protection information. For an inactive one, too. */
static emu_status_t csi_ns(const struct nvm_sqe *sqe)
{
	if (NVM_IDENTIFY_CSI(sqe->cdw11) != NVM_CSI_NVM)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (!sqe->nsid || sqe->nsid > EMU_MAX_NAMESPACES)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);
	return 0;
}

static emu_status_t csi_ctrl(const struct nvm_sqe *sqe)
{
	/* No limits beyond MDTS: all zeroes. */
	return NVM_IDENTIFY_CSI(sqe->cdw11) == NVM_CSI_NVM ? 0 : EMU_FAIL(NVM_SC_INVALID_FIELD);
}

/* Controllers from that identifier on: there is one. */
static void ctrl_list(uint32_t cntid, struct nvm_ctrl_list *list)
{
	if (cntid <= EMU_CNTLID) {
		list->num = 1;
		list->id[0] = EMU_CNTLID;
	}
}

static emu_status_t ns_ctrl_list(struct emu *emu, const struct nvm_sqe *sqe,
				 struct nvm_ctrl_list *list)
{
	struct emu_ns *ns;
	emu_status_t status = find_ns(emu, sqe->nsid, &ns);

	if (!status)
		ctrl_list(NVM_IDENTIFY_CNTID(sqe->cdw10), list);
	return status;
}

emu_status_t emu_identify(struct emu *emu, const struct nvm_sqe *sqe)
{
	union {
		uint8_t bytes[4096];
		uint32_t list[1024];
		struct nvm_id_ns ns;
		struct nvm_id_ctrl ctrl;
		struct nvm_ctrl_list ctrls;
	} page;
	emu_status_t status = 0;

	memset(&page, 0, sizeof(page));
	switch (NVM_IDENTIFY_CNS(sqe->cdw10)) {
	case NVM_CNS_NS:
	case NVM_CNS_ALLOCATED_NS:
		status = identify_ns(emu, sqe->nsid, &page.ns);
		break;
	case NVM_CNS_CTRL:
		identify_ctrl(emu, &page.ctrl);
		break;
	case NVM_CNS_ACTIVE_NS_LIST:
	case NVM_CNS_ALLOCATED_NS_LIST:
		status = ns_list(emu, sqe->nsid, page.list);
		break;
	case NVM_CNS_NS_DESC_LIST:
		status = ns_descs(emu, sqe->nsid, page.bytes);
		break;
	case NVM_CNS_CSI_NS:
		status = csi_ns(sqe);
		break;
	case NVM_CNS_CSI_CTRL:
		status = csi_ctrl(sqe);
		break;
	case NVM_CNS_NS_CTRL_LIST:
		status = ns_ctrl_list(emu, sqe, &page.ctrls);
		break;
	case NVM_CNS_CTRL_LIST:
		ctrl_list(NVM_IDENTIFY_CNTID(sqe->cdw10), &page.ctrls);
		break;
	default:
		status = EMU_FAIL(NVM_SC_INVALID_FIELD);
		break;
	}
	return status ? status : emu_admin_send(emu, sqe, &page, sizeof(page), sizeof(page));
}
