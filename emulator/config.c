/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config.c - a controller's configuration: defaults, limits, copies.
 *
 * Reading it from text is config_parse.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

#define DEFAULT_QUEUE_PAIRS 128
#define DEFAULT_MDTS        8 /* 1 MiB */
#define DEFAULT_MPSMAX      4 /* 64 KiB */
#define DEFAULT_TO          20
#define MAX_MDTS            20 /* 4 GiB */
#define MAX_THREADS         256

void emu_config_init(struct emu_config *config)
{
	memset(config, 0, sizeof(*config));
	config->n_ns = 1;
	config->ns[0].lba_size = 512;
	config->n_queue_pairs = DEFAULT_QUEUE_PAIRS;
	config->max_entries = EMU_MAX_ENTRIES;
	config->mdts = DEFAULT_MDTS;
	config->mpsmax = DEFAULT_MPSMAX;
	config->sgl = true;
	config->doorbell_buffer = true;
	config->to = DEFAULT_TO;
	config->n_threads = 1;
	strcpy(config->model, "libnvm software controller");
}

void emu_config_free(struct emu_config *config)
{
	for (unsigned int i = 0; i < EMU_MAX_NAMESPACES; i++) {
		free(config->ns[i].path);
		config->ns[i].path = NULL;
	}
	config->n_ns = 0;
}

static int fail(char *err, size_t err_size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(char *err, size_t err_size, const char *fmt, ...)
{
	va_list args;

	if (err && err_size) {
		va_start(args, fmt);
		vsnprintf(err, err_size, fmt, args);
		va_end(args);
	}
	return EINVAL;
}

static int check_namespace(const struct emu_ns_config *ns, unsigned int nsid, char *err,
			   size_t err_size)
{
	if (ns->lba_size != 512 && ns->lba_size != 4096)
		return fail(err, err_size, "namespace %u: lba=%" PRIu32 ": give 512 or 4096", nsid,
			    ns->lba_size);
	if (ns->size % ns->lba_size)
		return fail(err, err_size,
			    "namespace %u: size=%" PRIu64
			    ": give a multiple of the block size, %" PRIu32,
			    nsid, ns->size, ns->lba_size);
	if (ns->size > INT64_MAX)
		return fail(err, err_size, "namespace %u: size=%" PRIu64 ": give less than 8 EiB",
			    nsid, ns->size);
	return 0;
}

static int check_printable(const char *key, const char *text, char *err, size_t err_size)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return fail(err, err_size, "%s=: give printable ASCII only", key);
	}
	return 0;
}

static int check_pages(const struct emu_config *c, char *err, size_t err_size)
{
	if (c->mpsmin > 15 || c->mpsmax > 15)
		return fail(err, err_size, "mpsmin=, mpsmax=: give 4K to 128M");
	if (c->mpsmin > c->mpsmax)
		return fail(err, err_size,
			    "mpsmin=%u is above mpsmax=%u: swap them or raise mpsmax=",
			    4096u << c->mpsmin, 4096u << c->mpsmax);
	if (c->mdts > MAX_MDTS)
		return fail(err, err_size, "mdts=: give at most 4G, or 0 for unlimited");
	if (c->mdts && c->mdts <= c->mpsmin)
		return fail(err, err_size,
			    "mdts=%" PRIu64 ": give at least two pages of mpsmin=%u, or 0 for "
			    "unlimited",
			    (uint64_t)4096 << c->mdts, 4096u << c->mpsmin);
	return 0;
}

int emu_config_check(const struct emu_config *c, char *err, size_t err_size)
{
	int rc;

	if (c->n_ns > EMU_MAX_NAMESPACES)
		return fail(err, err_size, "%u namespaces: give at most %d", c->n_ns,
			    EMU_MAX_NAMESPACES);
	for (unsigned int i = 0; i < c->n_ns; i++) {
		rc = check_namespace(&c->ns[i], i + 1, err, err_size);
		if (rc)
			return rc;
	}
	if (c->n_queue_pairs < 1 || c->n_queue_pairs > EMU_MAX_QUEUE_PAIRS)
		return fail(err, err_size, "queues=%" PRIu32 ": give 1 to %d", c->n_queue_pairs,
			    EMU_MAX_QUEUE_PAIRS);
	if (c->max_entries < 2 || c->max_entries > EMU_MAX_ENTRIES)
		return fail(err, err_size, "depth=%" PRIu32 ": give 2 to %d", c->max_entries,
			    EMU_MAX_ENTRIES);
	if (c->latency.read_ns > INT64_MAX || c->latency.write_ns > INT64_MAX ||
	    c->latency.other_ns > INT64_MAX || c->latency.jitter_ns > INT64_MAX)
		return fail(err, err_size,
			    "latency=, read=, write=, jitter=: give less than 292 "
			    "years");
	if (c->dstrd > 8)
		return fail(err, err_size, "dstrd=%u: give 0 to 8", c->dstrd);
	if (c->n_threads < 1 || c->n_threads > MAX_THREADS)
		return fail(err, err_size, "threads=%" PRIu32 ": give 1 to %d", c->n_threads,
			    MAX_THREADS);
	if (c->n_vectors > EMU_MAX_VECTORS)
		return fail(err, err_size, "vectors=%" PRIu32 ": give 1 to %d", c->n_vectors,
			    EMU_MAX_VECTORS);
	rc = check_pages(c, err, err_size);
	if (!rc)
		rc = check_printable("serial", c->serial, err, err_size);
	if (!rc)
		rc = check_printable("model", c->model, err, err_size);
	return rc;
}

/*
 * A serial number that no other controller has: the same again for the same file, so that a disk
 * keeps its identity, otherwise from process and order of creation.
 */
static void make_serial(struct emu_config *config)
{
	static unsigned int n_created;
	const char *path = config->n_ns ? config->ns[0].path : NULL;
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	char *real;

	if (path && !config->ns[0].null) {
		real = realpath(path, NULL);
		for (const char *p = real ? real : path; *p; p++)
			hash = (hash ^ (uint8_t)*p) * 0x100000001b3u;
		free(real);
		snprintf(config->serial, sizeof(config->serial), "EMU%016" PRIX64, hash);
		return;
	}
	snprintf(config->serial, sizeof(config->serial), "EMU%08X%05X", (unsigned int)getpid(),
		 __atomic_add_fetch(&n_created, 1, __ATOMIC_RELAXED) & 0xfffffu);
}

int emu_config_copy(struct emu_config *to, const struct emu_config *from)
{
	*to = *from;
	for (unsigned int i = 0; i < EMU_MAX_NAMESPACES; i++)
		to->ns[i].path = NULL;
	for (unsigned int i = 0; i < from->n_ns; i++) {
		if (!from->ns[i].path)
			continue;
		to->ns[i].path = strdup(from->ns[i].path);
		if (!to->ns[i].path) {
			emu_config_free(to);
			return ENOMEM;
		}
	}
	if (!to->n_vectors)
		to->n_vectors = to->n_queue_pairs + 1;
	if (!to->serial[0])
		make_serial(to);
	return 0;
}
