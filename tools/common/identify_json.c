/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * identify_json.c - registers and Identify data structures as JSON: numbers where a field counts or
 * measures something (in the specification's units), "0x…" where it is a set of bits.
 */
#include <stdio.h>
#include <string.h>

#include "identify_json.h"
#include "json.h"

struct json_object *identify_json_cap(uint64_t cap)
{
	struct json_object *o = json_make_object();

	json_add_hex(o, "raw", cap, 16);
	json_add_uint(o, "mqes", NVM_CAP_MQES(cap));
	json_add_uint(o, "cqr", NVM_CAP_CQR(cap));
	json_add_uint(o, "ams", NVM_CAP_AMS(cap));
	json_add_uint(o, "to", NVM_CAP_TO(cap));
	json_add_uint(o, "dstrd", NVM_CAP_DSTRD(cap));
	json_add_uint(o, "nssrs", NVM_CAP_NSSRS(cap));
	json_add_hex(o, "css", NVM_CAP_CSS(cap), 2);
	json_add_uint(o, "bps", NVM_CAP_BPS(cap));
	json_add_uint(o, "cps", NVM_CAP_CPS(cap));
	json_add_uint(o, "mpsmin", NVM_CAP_MPSMIN(cap));
	json_add_uint(o, "mpsmax", NVM_CAP_MPSMAX(cap));
	json_add_uint(o, "pmrs", NVM_CAP_PMRS(cap));
	json_add_uint(o, "cmbs", NVM_CAP_CMBS(cap));
	json_add_uint(o, "nsss", NVM_CAP_NSSS(cap));
	json_add_uint(o, "crwms", NVM_CAP_CRWMS(cap));
	json_add_uint(o, "crims", NVM_CAP_CRIMS(cap));
	return o;
}

struct json_object *identify_json_vs(uint32_t vs)
{
	struct json_object *o = json_make_object();

	json_add_hex(o, "raw", vs, 8);
	json_add_uint(o, "mjr", NVM_VS_MJR(vs));
	json_add_uint(o, "mnr", NVM_VS_MNR(vs));
	json_add_uint(o, "ter", NVM_VS_TER(vs));
	return o;
}

/* Bytes 0 to 255 of Identify Controller: what it is. */
static void add_capabilities(struct json_object *o, const struct nvm_id_ctrl *id)
{
	uint32_t ieee = (uint32_t)id->ieee[2] << 16 | (uint32_t)id->ieee[1] << 8 | id->ieee[0];

	json_add_hex(o, "vid", id->vid, 4);
	json_add_hex(o, "ssvid", id->ssvid, 4);
	json_add_field(o, "sn", id->sn, sizeof(id->sn));
	json_add_field(o, "mn", id->mn, sizeof(id->mn));
	json_add_field(o, "fr", id->fr, sizeof(id->fr));
	json_add_uint(o, "rab", id->rab);
	json_add_hex(o, "ieee", ieee, 6);
	json_add_hex(o, "cmic", id->cmic, 2);
	json_add_uint(o, "mdts", id->mdts);
	json_add_uint(o, "cntlid", id->cntlid);
	json_add_hex(o, "ver", id->ver, 8);
	json_add_uint(o, "rtd3r", id->rtd3r);
	json_add_uint(o, "rtd3e", id->rtd3e);
	json_add_hex(o, "oaes", id->oaes, 8);
	json_add_hex(o, "ctratt", id->ctratt, 8);
	json_add_hex(o, "rrls", id->rrls, 4);
	json_add_uint(o, "cntrltype", id->cntrltype);
	json_add_uint(o, "crdt1", id->crdt1);
	json_add_uint(o, "crdt2", id->crdt2);
	json_add_uint(o, "crdt3", id->crdt3);
	json_add_hex(o, "nvmsr", id->nvmsr, 2);
	json_add_hex(o, "vwci", id->vwci, 2);
	json_add_hex(o, "mec", id->mec, 2);
}

/* Bytes 256 to 511: the admin command set and the controller's attributes. */
static void add_admin(struct json_object *o, const struct nvm_id_ctrl *id)
{
	json_add_hex(o, "oacs", id->oacs, 4);
	json_add_uint(o, "acl", id->acl);
	json_add_uint(o, "aerl", id->aerl);
	json_add_hex(o, "frmw", id->frmw, 2);
	json_add_hex(o, "lpa", id->lpa, 2);
	json_add_uint(o, "elpe", id->elpe);
	json_add_uint(o, "npss", id->npss);
	json_add_hex(o, "avscc", id->avscc, 2);
	json_add_hex(o, "apsta", id->apsta, 2);
	json_add_uint(o, "wctemp", id->wctemp);
	json_add_uint(o, "cctemp", id->cctemp);
	json_add_uint(o, "mtfa", id->mtfa);
	json_add_uint(o, "hmpre", id->hmpre);
	json_add_uint(o, "hmmin", id->hmmin);
	json_add_uint128(o, "tnvmcap", id->tnvmcap);
	json_add_uint128(o, "unvmcap", id->unvmcap);
	json_add_hex(o, "rpmbs", id->rpmbs, 8);
	json_add_uint(o, "edstt", id->edstt);
	json_add_hex(o, "dsto", id->dsto, 2);
	json_add_uint(o, "fwug", id->fwug);
	json_add_uint(o, "kas", id->kas);
	json_add_hex(o, "hctma", id->hctma, 4);
	json_add_uint(o, "mntmt", id->mntmt);
	json_add_uint(o, "mxtmt", id->mxtmt);
	json_add_hex(o, "sanicap", id->sanicap, 8);
	json_add_uint(o, "hmminds", id->hmminds);
	json_add_uint(o, "hmmaxd", id->hmmaxd);
	json_add_uint(o, "nsetidmax", id->nsetidmax);
	json_add_uint(o, "endgidmax", id->endgidmax);
	json_add_uint(o, "anatt", id->anatt);
	json_add_hex(o, "anacap", id->anacap, 2);
	json_add_uint(o, "anagrpmax", id->anagrpmax);
	json_add_uint(o, "nanagrpid", id->nanagrpid);
	json_add_uint(o, "pels", id->pels);
	json_add_uint(o, "domainid", id->domainid);
	json_add_uint128(o, "megcap", id->megcap);
}

/* Bytes 512 to 2047: I/O. */
static void add_io(struct json_object *o, const struct nvm_id_ctrl *id)
{
	json_add_hex(o, "sqes", id->sqes, 2);
	json_add_hex(o, "cqes", id->cqes, 2);
	json_add_uint(o, "maxcmd", id->maxcmd);
	json_add_uint(o, "nn", id->nn);
	json_add_hex(o, "oncs", id->oncs, 4);
	json_add_hex(o, "fuses", id->fuses, 4);
	json_add_hex(o, "fna", id->fna, 2);
	json_add_hex(o, "vwc", id->vwc, 2);
	json_add_uint(o, "awun", id->awun);
	json_add_uint(o, "awupf", id->awupf);
	json_add_hex(o, "icsvscc", id->icsvscc, 2);
	json_add_hex(o, "nwpc", id->nwpc, 2);
	json_add_uint(o, "acwu", id->acwu);
	json_add_hex(o, "ocfs", id->ocfs, 4);
	json_add_hex(o, "sgls", id->sgls, 8);
	json_add_uint(o, "mnan", id->mnan);
	json_add_uint128(o, "maxdna", id->maxdna);
	json_add_uint(o, "maxcna", id->maxcna);
	json_add_field(o, "subnqn", id->subnqn, sizeof(id->subnqn));
	json_add_uint(o, "ioccsz", id->ioccsz);
	json_add_uint(o, "iorcsz", id->iorcsz);
	json_add_uint(o, "icdoff", id->icdoff);
	json_add_hex(o, "fcatt", id->fcatt, 2);
	json_add_uint(o, "msdbd", id->msdbd);
	json_add_hex(o, "ofcs", id->ofcs, 4);
}

static struct json_object *power_states(const struct nvm_id_ctrl *id)
{
	struct json_object *array = json_make_array();
	const size_t max = sizeof(id->psd) / sizeof(id->psd[0]);

	for (size_t i = 0; i <= id->npss && i < max; ++i) {
		const struct nvm_psd *psd = &id->psd[i];
		struct json_object *o = json_make_object();

		json_add_uint(o, "mp", psd->mp);
		json_add_hex(o, "flags", psd->flags, 2);
		json_add_uint(o, "enlat", psd->enlat);
		json_add_uint(o, "exlat", psd->exlat);
		json_add_uint(o, "rrt", psd->rrt);
		json_add_uint(o, "rrl", psd->rrl);
		json_add_uint(o, "rwt", psd->rwt);
		json_add_uint(o, "rwl", psd->rwl);
		json_add_uint(o, "idlp", psd->idlp);
		json_add_uint(o, "ips", psd->ips >> 6);
		json_add_uint(o, "actp", psd->actp);
		json_add_uint(o, "apw", psd->apws & 0x7);
		json_add_uint(o, "aps", psd->apws >> 6);
		json_append(array, o);
	}
	return array;
}

struct json_object *identify_json_ctrl(const struct nvm_id_ctrl *id)
{
	struct json_object *o = json_make_object();

	add_capabilities(o, id);
	add_admin(o, id);
	add_io(o, id);
	json_add(o, "psd", power_states(id));
	return o;
}

struct json_object *identify_json_ns(const struct nvm_id_ns *id)
{
	struct json_object *o = json_make_object();

	json_add_uint(o, "nsze", id->nsze);
	json_add_uint(o, "ncap", id->ncap);
	json_add_uint(o, "nuse", id->nuse);
	json_add_hex(o, "nsfeat", id->nsfeat, 2);
	json_add_uint(o, "nlbaf", id->nlbaf);
	json_add_hex(o, "flbas", id->flbas, 2);
	json_add_hex(o, "mc", id->mc, 2);
	json_add_hex(o, "dpc", id->dpc, 2);
	json_add_hex(o, "dps", id->dps, 2);
	json_add_hex(o, "nmic", id->nmic, 2);
	json_add_hex(o, "rescap", id->rescap, 2);
	json_add_hex(o, "fpi", id->fpi, 2);
	json_add_hex(o, "dlfeat", id->dlfeat, 2);
	json_add_uint(o, "nawun", id->nawun);
	json_add_uint(o, "nawupf", id->nawupf);
	json_add_uint(o, "nacwu", id->nacwu);
	json_add_uint(o, "nabsn", id->nabsn);
	json_add_uint(o, "nabo", id->nabo);
	json_add_uint(o, "nabspf", id->nabspf);
	json_add_uint(o, "noiob", id->noiob);
	json_add_uint128(o, "nvmcap", id->nvmcap);
	json_add_uint(o, "npwg", id->npwg);
	json_add_uint(o, "npwa", id->npwa);
	json_add_uint(o, "npdg", id->npdg);
	json_add_uint(o, "npda", id->npda);
	json_add_uint(o, "nows", id->nows);
	json_add_uint(o, "mssrl", id->mssrl);
	json_add_uint(o, "mcl", id->mcl);
	json_add_uint(o, "msrc", id->msrc);
	json_add_uint(o, "anagrpid", id->anagrpid);
	json_add_hex(o, "nsattr", id->nsattr, 2);
	json_add_uint(o, "nvmsetid", id->nvmsetid);
	json_add_uint(o, "endgid", id->endgid);
	return o;
}

/* Digits of an identifier, with a "-" before the bytes that dashes has bits for. */
static void add_identifier(struct json_object *o, const char *key, const uint8_t *bytes, size_t n,
			   unsigned int dashes)
{
	char text[64];
	size_t used = 0;
	bool any = false;

	for (size_t i = 0; i < n; ++i) {
		any |= bytes[i] != 0;
		if (dashes >> i & 1U)
			text[used++] = '-';
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%02x", bytes[i]);
	}
	if (any)
		json_add_text(o, key, text);
	else
		json_add_null(o, key);
}

void identify_json_descs(struct json_object *ns, const struct nvm_ns_descs *descs)
{
	/* A UUID has dashes before bytes 4, 6, 8 and 10 (RFC 4122). */
	const unsigned int uuid_dashes = 1U << 4 | 1U << 6 | 1U << 8 | 1U << 10;

	add_identifier(ns, "eui64", descs->eui64, sizeof(descs->eui64), 0);
	add_identifier(ns, "nguid", descs->nguid, sizeof(descs->nguid), 0);
	add_identifier(ns, "uuid", descs->uuid, sizeof(descs->uuid), uuid_dashes);
	json_add_uint(ns, "csi", descs->csi);
}

struct json_object *identify_json_lba_formats(const struct nvm_id_ns *id)
{
	/* The high bits of the index count only if there are more formats than the low ones name. */
	unsigned int high = id->nlbaf >= 16 ? NVM_FLBAS_LBAFU(id->flbas) << 4 : 0;
	unsigned int in_use = high | NVM_FLBAS_LBAFL(id->flbas);
	struct json_object *array = json_make_array();

	for (unsigned int i = 0; i <= id->nlbaf && i < sizeof(id->lbaf) / sizeof(id->lbaf[0]);
	     ++i) {
		const struct nvm_lbaf *f = &id->lbaf[i];
		struct json_object *o;

		if (f->lbads < 9 || f->lbads > 63)
			continue;
		o = json_make_object();
		json_add_uint(o, "index", i);
		json_add_uint(o, "data_size", (uint64_t)1 << f->lbads);
		json_add_uint(o, "metadata_size", f->ms);
		json_add_uint(o, "relative_performance", f->rp & 0x3U);
		json_add_bool(o, "in_use", i == in_use);
		json_append(array, o);
	}
	return array;
}
