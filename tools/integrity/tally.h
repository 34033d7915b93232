/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally.h - what was found in the blocks: how many of each kind, and the first few that are not good.
 */
#ifndef INTEGRITY_TALLY_H
#define INTEGRITY_TALLY_H

#include <stddef.h>
#include <stdint.h>

/* What a block turns out to be. */
enum verdict {
	GOOD,
	CORRUPTED,   /* bytes have changed */
	MISDIRECTED, /* written to another block */
	STALE,       /* written before what should be there */
	NEWER,       /* written after it */
	TORN,        /* parts of several */
	FOREIGN,     /* written by another run */
	UNSTAMPED,   /* never written by this program */
	DIFFERENT,   /* not what the file holds */
	FAILED,      /* the disk could not read or write it */
	N_VERDICTS
};

/* "corrupted", "misdirected", …: of messages, state files and JSON. */
const char *verdict_name(enum verdict verdict);

/* A block that is not as it should be. */
struct finding {
	uint64_t lba;
	uint32_t generation; /* that should be there; 0 = of a file */
	enum verdict verdict;
	char text[200]; /* what was found */
};

/* Most findings that are kept, whatever is asked for. */
#define MAX_FINDINGS 10000

/**
 * struct tally - what was found
 * @n_written: blocks written
 * @n_blocks: blocks looked at, by verdict
 * @list: the first few that are not good; grows as needed
 * @n_list: elements in @list
 * @size: elements there is room for
 * @max: most elements to keep
 */
struct tally {
	uint64_t n_written;
	uint64_t n_blocks[N_VERDICTS];
	struct finding *list;
	size_t n_list;
	size_t size;
	size_t max;
};

void tally_init(struct tally *tally, size_t max);
void tally_free(struct tally *tally);

/* Blocks have been looked at and are good. */
void tally_add_good(struct tally *tally, uint64_t n_blocks);

/* Blocks are not. @finding: of the first of them. Without memory, they are counted all the same. */
void tally_add(struct tally *tally, const struct finding *finding, uint64_t n_blocks);

/* Move what is in @from, which becomes empty, behind what is in @to. */
void tally_merge(struct tally *to, struct tally *from);

/* A copy, which is to be freed. Without memory, it has fewer findings. */
struct tally tally_copy(const struct tally *tally);

/* All blocks looked at, and those of them that are not good. FAILED is neither. */
uint64_t tally_checked(const struct tally *tally);
uint64_t tally_bad(const struct tally *tally);

#endif
