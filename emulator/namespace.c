/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * namespace.c - the namespaces of a controller: opening, Identify Namespace, Format NVM.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "namespace.h"

#define DEFAULT_SIZE (256ULL << 20) /* bytes, of memory */

static const uint8_t lbads[EMU_N_LBAF] = {9, 12};

static uint64_t make_geometry(uint64_t size, unsigned int shift)
{
	return (size >> shift) << 8 | shift;
}

static unsigned int lbaf_of(uint64_t geometry)
{
	return emu_geometry_shift(geometry) == lbads[0] ? 0 : 1;
}

/* FNV-1a: spreads a name over an identifier; equal names give equal identifiers. */
static void hash_name(const char *name, uint64_t seed, uint8_t id[8])
{
	uint64_t hash = 0xcbf29ce484222325ULL ^ seed;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3ULL;
	for (unsigned int i = 0; i < 8; i++)
		id[i] = (uint8_t)(hash >> (56 - 8 * i));
}

static void make_identifiers(struct emu_ns *ns, const char *name)
{
	/* Without a registered OUI: locally administered. NGUID has its OUI in bytes 8 to 10. */
	hash_name(name, 0, ns->eui64);
	ns->eui64[0] = (uint8_t)((ns->eui64[0] & 0xfc) | 0x02);
	hash_name(name, 0x5bd1e995, ns->nguid);
	memcpy(ns->nguid + 8, ns->eui64, 8);
}

static int check_config(const struct emu_ns_config *config, uint32_t nsid, char *err,
			size_t err_size)
{
	if (config->lba_size != 512 && config->lba_size != 4096) {
		snprintf(err, err_size, "namespace %u: block size %u is neither 512 nor 4096", nsid,
			 config->lba_size);
		return EINVAL;
	}
	if (config->path && !config->null)
		return 0; /* its file decides */
	if (config->size % config->lba_size || config->size > INT64_MAX) {
		snprintf(err, err_size,
			 "namespace %u: size %llu is not a multiple of the block size %u", nsid,
			 (unsigned long long)config->size, config->lba_size);
		return EINVAL;
	}
	return 0;
}

static int open_backing(struct emu_ns *ns, const struct emu_config *config, char *err,
			size_t err_size)
{
	struct emu_ns_config ns_config = config->ns[ns->nsid - 1];
	char memory[64] = "";
	char *name = NULL;
	int error = check_config(&ns_config, ns->nsid, err, err_size);

	if (error)
		return error;
	ns->read_only = ns_config.read_only;
	if (ns_config.path && !ns_config.null) {
		error = emu_backing_file(ns, &ns_config, &name, err, err_size);
	} else {
		if (!ns_config.size)
			ns_config.size = DEFAULT_SIZE;
		if (ns_config.null) {
			/* Nothing to tear. */
			free(ns->stripes);
			ns->stripes = NULL;
			emu_backing_null(ns, &ns_config);
		} else {
			error = emu_backing_memory(ns, &ns_config, err, err_size);
		}
		snprintf(memory, sizeof(memory), "memory:%.20s:%u", config->serial, ns->nsid);
	}
	if (error)
		return error;
	make_identifiers(ns, name ? name : memory);
	free(name);
	atomic_init(&ns->geometry, make_geometry(ns->size, ns_config.lba_size == 512 ? 9 : 12));
	return 0;
}

static int ns_close(struct emu_ns *ns)
{
	int error = ns->ops ? ns->ops->close(ns) : 0;

	free(ns->stripes);
	free(ns->created);
	free(ns);
	return error;
}

static int ns_open(struct emu_ns **out, const struct emu_config *config, uint32_t nsid, char *err,
		   size_t err_size)
{
	struct emu_ns *ns = calloc(1, sizeof(*ns));
	int error = ENOMEM;

	if (ns && config->n_threads > 1)
		ns->stripes = emu_stripes_new();
	if (!ns || (config->n_threads > 1 && !ns->stripes)) {
		snprintf(err, err_size, "namespace %u: out of memory", nsid);
	} else {
		ns->nsid = nsid;
		ns->fd = -1;
		atomic_init(&ns->write_through, !config->volatile_cache);
		error = open_backing(ns, config, err, err_size);
	}
	if (error) {
		if (ns)
			ns_close(ns);
		return error;
	}
	*out = ns;
	return 0;
}

/* Files are made for a controller, which there will not be. */
static void remove_created(const struct emu_ns_table *table)
{
	for (unsigned int i = 0; i < table->n; i++) {
		if (table->ns[i]->created)
			unlink(table->ns[i]->created);
	}
}

int emu_ns_table_open(struct emu_ns_table *table, const struct emu_config *config, char *err,
		      size_t err_size)
{
	memset(table, 0, sizeof(*table));
	if (config->n_ns > EMU_MAX_NAMESPACES) {
		snprintf(err, err_size, "%u namespaces are more than the %d there can be",
			 config->n_ns, EMU_MAX_NAMESPACES);
		return EINVAL;
	}
	while (table->n < config->n_ns) {
		int error = ns_open(&table->ns[table->n], config, table->n + 1, err, err_size);

		if (error) {
			remove_created(table);
			emu_ns_table_close(table);
			return error;
		}
		table->n++;
	}
	return 0;
}

int emu_ns_table_close(struct emu_ns_table *table)
{
	int first_error = 0;

	while (table->n) {
		int error = ns_close(table->ns[--table->n]);

		if (!first_error)
			first_error = error;
	}
	return first_error;
}

emu_status_t emu_ns_table_write_cache(struct emu_ns_table *table, bool enabled)
{
	emu_status_t status = NVM_SC_SUCCESS;

	for (unsigned int i = 0; i < table->n; i++) {
		struct emu_ns *ns = table->ns[i];

		atomic_store_explicit(&ns->write_through, !enabled, memory_order_relaxed);
		/* What the cache holds goes with it. A file tells of its failures only once. */
		if (!enabled) {
			emu_status_t one = ns->ops->flush(ns);

			if (!status)
				status = one;
		}
	}
	return status;
}

void emu_ns_identify(struct emu_ns *ns, struct nvm_id_ns *id)
{
	uint64_t geometry = atomic_load_explicit(&ns->geometry, memory_order_relaxed);

	memset(id, 0, sizeof(*id));
	id->nsze = emu_geometry_blocks(geometry);
	id->ncap = id->nsze;
	id->nuse = ns->ops->used(ns) >> emu_geometry_shift(geometry);
	id->nlbaf = EMU_N_LBAF - 1;
	id->flbas = (uint8_t)NVM_FIELD(FLBAS_LBAFL, lbaf_of(geometry));
	id->dlfeat = (uint8_t)(NVM_FIELD(DLFEAT_READ, NVM_DLFEAT_READ_ZEROES) |
			       NVM_FIELD(DLFEAT_WZ_DEAC, 1));
	/* Where Dataset Management does nothing, blocks keep their data. */
	if (!ns->can_deallocate)
		id->dlfeat = 0;
	id->nvmcap[0] = id->ncap << emu_geometry_shift(geometry);
	id->mssrl = EMU_MSSRL;
	id->mcl = EMU_MCL;
	id->msrc = EMU_MSRC;
	id->nsattr = ns->read_only ? NVM_NSATTR_WRITE_PROTECTED : 0;
	memcpy(id->nguid, ns->nguid, sizeof(id->nguid));
	memcpy(id->eui64, ns->eui64, sizeof(id->eui64));
	for (unsigned int i = 0; i < EMU_N_LBAF; i++)
		id->lbaf[i].lbads = lbads[i];
	id->lbaf[0].rp = 1; /* 4096 is the better one */
}

emu_status_t emu_ns_format_check(const struct emu_ns *ns, uint32_t cdw10)
{
	uint32_t lbaf = NVM_FORMAT_LBAFL(cdw10) | NVM_FORMAT_LBAFU(cdw10) << 4;
	uint32_t ses = NVM_FORMAT_SES(cdw10);

	if (ns->read_only)
		return EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED);
	if (ses != NVM_FORMAT_SES_NONE && ses != NVM_FORMAT_SES_USER_DATA)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (lbaf >= EMU_N_LBAF || NVM_FORMAT_PI(cdw10) || !(ns->size >> lbads[lbaf]))
		return EMU_FAIL(NVM_SC_INVALID_FORMAT);
	return NVM_SC_SUCCESS;
}

emu_status_t emu_ns_format(struct emu_ns *ns, uint32_t cdw10)
{
	emu_status_t status = emu_ns_format_check(ns, cdw10);

	if (status)
		return status;

	/*
	 * Commands look at the geometry again when they hold their locks, so those that were
	 * checked against the old one find out.
	 */
	emu_stripes_lock(ns->stripes, 0, ns->size, true);
	status = ns->ops->zero(ns, 0, ns->size, true);
	if (!status)
		status = ns->ops->flush(ns);
	if (!status) {
		uint64_t geometry = make_geometry(ns->size, lbads[NVM_FORMAT_LBAFL(cdw10)]);

		atomic_store_explicit(&ns->geometry, geometry, memory_order_relaxed);
	}
	emu_stripes_unlock(ns->stripes, 0, ns->size, true);
	return status;
}
