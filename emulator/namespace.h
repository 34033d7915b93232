/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * namespace.h - namespaces: their attributes, and the backing store that holds their blocks.
 */
#ifndef EMU_NAMESPACE_H
#define EMU_NAMESPACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "data.h"
#include "emu.h"
#include "nvm_spec.h"
#include "stripes.h"

#define EMU_N_LBAF 2     /* formats: 0 = 512, 1 = 4096 bytes */
#define EMU_MSSRL  4096  /* Copy: blocks in a source range */
#define EMU_MCL    32768 /* Copy: blocks in all */
#define EMU_MSRC   127   /* Copy: source ranges, 0's based */
#define EMU_NAWUPF 0     /* 0's based: a block is written as a whole or not at all */

struct emu_ns;

/*
 * A backing store. Offsets and lengths are bytes, multiples of the block size, inside of the
 * namespace. The caller holds the lock on the range.
 */
struct emu_backing {
	emu_status_t (*readv)(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
			      unsigned int n, uint64_t bytes);
	/* durable: survives loss of power when the function returns */
	emu_status_t (*writev)(struct emu_ns *ns, uint64_t offset, const struct iovec *iov,
			       unsigned int n, uint64_t bytes, bool durable);
	/* the range reads as zeroes from now on; deallocate: give its space back, if possible */
	emu_status_t (*zero)(struct emu_ns *ns, uint64_t offset, uint64_t bytes, bool deallocate);
	emu_status_t (*flush)(struct emu_ns *ns);
	uint64_t (*used)(struct emu_ns *ns); /* bytes allocated */
	int (*close)(struct emu_ns *ns);     /* 0 or errno */
};

struct emu_ns {
	/* (blocks << 8) | log2(block size): changes as one, see emu_ns_format() */
	_Atomic uint64_t geometry;
	_Atomic bool write_through; /* no volatile write cache, or disabled: writes are durable */
	bool read_only;
	bool null;
	uint32_t nsid;
	const struct emu_backing *ops;
	struct emu_stripes *stripes; /* locks; NULL: a single thread executes commands */
	uint8_t *mem;                /* memory: all bytes; otherwise NULL */
	bool huge;                   /* memory: of huge pages, as far as there are any */
	int fd;                      /* file, otherwise -1 */
	char *created;               /* file: its path if it was made for this namespace */
	bool can_deallocate;         /* space can be given back */
	_Atomic bool no_zero_range;  /* file: the file system turned out not to do it */
	uint64_t size;               /* bytes */
	uint8_t nguid[16];
	uint8_t eui64[8];
};

/* All namespaces of a controller. NSID n is ns[n - 1]. */
struct emu_ns_table {
	unsigned int n;
	struct emu_ns *ns[EMU_MAX_NAMESPACES];
};

/**
 * emu_ns_table_open() - open the namespaces of a configuration
 * @table: filled in, release with emu_ns_table_close()
 * @config: n_ns, ns[], n_threads, volatile_cache and serial are used
 * @err: one line with cause and remedy on failure
 * @err_size: bytes at @err
 *
 * Return: 0 or errno; on failure everything is closed again.
 */
int emu_ns_table_open(struct emu_ns_table *table, const struct emu_config *config, char *err,
		      size_t err_size);

/* Write everything out and close. Returns 0, or the errno of the first write that failed. */
int emu_ns_table_close(struct emu_ns_table *table);

/* The namespace, or NULL: nsid is not that of an active namespace (0 and FFFFFFFFh never are). */
static inline struct emu_ns *emu_ns_get(const struct emu_ns_table *table, uint32_t nsid)
{
	return nsid - 1 < table->n ? table->ns[nsid - 1] : NULL;
}

#define EMU_AHEAD 4096 /* bytes fetched ahead: what a first level cache takes beside the rest */

/* Have the processor begin to fetch memory, EMU_AHEAD of it at most: a hint. */
static inline void emu_fetch_ahead(const uint8_t *mem, uint64_t bytes)
{
	if (bytes > EMU_AHEAD)
		bytes = EMU_AHEAD;
	for (uint64_t i = 0; i < bytes; i += 64)
		__builtin_prefetch(mem + i);
}

/* Blocks and block size belong together: take both from one load of geometry. */
static inline uint64_t emu_geometry_blocks(uint64_t geometry)
{
	return geometry >> 8;
}

static inline unsigned int emu_geometry_shift(uint64_t geometry)
{
	return (unsigned int)(geometry & 0xff);
}

/*
 * Volatile Write Cache feature: enabled or not, for all namespaces. Any thread. Return: 0, or the
 * status of the first namespace whose cache could not be written out; it is disabled all the same.
 */
emu_status_t emu_ns_table_write_cache(struct emu_ns_table *table, bool enabled);

/* Identify Namespace (CNS 00h), all of its fields. Any thread. */
void emu_ns_identify(struct emu_ns *ns, struct nvm_id_ns *id);

/* Can the namespace be formatted as dword 10 of Format NVM says? 0 or status. */
emu_status_t emu_ns_format_check(const struct emu_ns *ns, uint32_t cdw10);

/**
 * emu_ns_format() - Format NVM on one namespace
 * @ns: the namespace
 * @cdw10: of the command: LBA format, secure erase, ... all checked here
 *
 * All blocks read as zeroes afterwards. The calling thread is one that executes commands; those
 * of other threads happen before or after. The format is not stored in a file: the next controller
 * on it has the block size of its configuration. Return: 0 or status.
 */
emu_status_t emu_ns_format(struct emu_ns *ns, uint32_t cdw10);

/*
 * Backing stores: set ops, size and what belongs to them. Return 0, or errno and one line. The
 * file's name: malloc'ed, the absolute path that its identifiers are made from.
 */
int emu_backing_memory(struct emu_ns *ns, const struct emu_ns_config *config, char *err,
		       size_t err_size);
int emu_backing_file(struct emu_ns *ns, const struct emu_ns_config *config, char **name, char *err,
		     size_t err_size);
void emu_backing_null(struct emu_ns *ns, const struct emu_ns_config *config);

#endif
