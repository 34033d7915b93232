/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine.c - what has become of a block that is not what it should be.
 *
 * A block whose checksum fits was written by this program, the question is only what for. If it does not
 * fit, the blocks that its stamps name are made again, and the bytes are compared with theirs: where every
 * byte is that of one of them the block is torn, otherwise it is corrupted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examine.h"

#define MAX_VERSIONS 8

/* What parts of a block may be of: versions[0] is what it should be. */
struct versions {
	struct stamp stamps[MAX_VERSIONS];
	unsigned char *blocks; /* each as it was written */
	size_t size;           /* of a block */
	unsigned int n;
};

static const unsigned char *version(const struct versions *v, unsigned int i)
{
	return v->blocks + i * v->size;
}

static bool same(const struct stamp *a, const struct stamp *b)
{
	return a->lba == b->lba && a->seed == b->seed && a->ns_id == b->ns_id &&
	       a->generation == b->generation;
}

static void add_version(struct versions *v, const struct stamp *stamp)
{
	for (unsigned int i = 0; i < v->n; ++i)
		if (same(&v->stamps[i], stamp))
			return;
	if (v->n == MAX_VERSIONS)
		return;
	stamp_write(v->blocks + v->n * v->size, v->size, stamp);
	v->stamps[v->n++] = *stamp;
}

/*
 * The end of a sector names a version only half: the rest is taken to be as it should be, if at least
 * something is.
 */
static void add_tail(struct versions *v, const unsigned char *sector)
{
	struct stamp stamp = v->stamps[0];
	uint32_t lba_low;

	stamp_read_tail(sector, &stamp.generation, &lba_low);
	if (lba_low != (uint32_t)stamp.lba && stamp.generation != v->stamps[0].generation)
		return;
	stamp.lba = (stamp.lba & ~UINT64_C(0xffffffff)) | lba_low;
	add_version(v, &stamp);
}

/* Whether there is any stamp at all. */
static bool find_versions(struct versions *v, const unsigned char *block)
{
	struct stamp stamp;
	bool any = false;

	for (size_t at = 0; at < v->size; at += STAMP_SECTOR) {
		if (stamp_read(block + at, &stamp)) {
			add_version(v, &stamp);
			any = true;
		}
	}
	for (size_t at = 0; at < v->size; at += STAMP_SECTOR)
		add_tail(v, block + at);
	return any;
}

/* "generation 3", with what else is not as it should be. */
static void name_version(char *text, size_t size, const struct stamp *stamp,
			 const struct stamp *wanted)
{
	int n = snprintf(text, size, "generation %" PRIu32, stamp->generation);

	if (stamp->lba != wanted->lba)
		n += snprintf(text + n, size - (size_t)n, " of block %" PRIu64, stamp->lba);
	if (stamp->ns_id != wanted->ns_id)
		n += snprintf(text + n, size - (size_t)n, " of namespace %" PRIu32, stamp->ns_id);
	if (stamp->seed != wanted->seed)
		snprintf(text + n, size - (size_t)n, " of seed 0x%" PRIx64, stamp->seed);
}

/* A whole block that is not the one. */
static void examine_whole(const struct stamp *stamp, const struct stamp *wanted, struct finding *f)
{
	char name[120];

	if (stamp->seed != wanted->seed)
		f->verdict = FOREIGN;
	else if (stamp->lba != wanted->lba || stamp->ns_id != wanted->ns_id)
		f->verdict = MISDIRECTED;
	else
		f->verdict = stamp->generation < wanted->generation ? STALE : NEWER;
	name_version(name, sizeof(name), stamp, wanted);
	snprintf(f->text, sizeof(f->text), "holds %s", name);
}

static void add_part(struct finding *f, size_t *length, const char *unit, size_t first, size_t last,
		     const char *name)
{
	int n = snprintf(f->text + *length, sizeof(f->text) - *length, "%s%s %zu to %zu are %s",
			 *length != 0 ? ", " : "", unit, first, last, name);

	*length += (size_t)n;
	if (*length >= sizeof(f->text))
		*length = sizeof(f->text) - 1;
}

/* Versions of which every sector is one. More than one version: the block is torn between sectors. */
static bool torn_between_sectors(const struct versions *v, const unsigned char *block,
				 struct finding *f)
{
	size_t n_sectors = v->size / STAMP_SECTOR, first = 0, length = 0;
	unsigned int current = 0;
	char name[120];

	for (size_t i = 0; i < n_sectors; ++i) {
		size_t at = i * STAMP_SECTOR;
		unsigned int k = 0;

		while (k < v->n && memcmp(block + at, version(v, k) + at, STAMP_SECTOR) != 0)
			++k;
		if (k == v->n)
			return false;
		if (i > 0 && k != current) {
			name_version(name, sizeof(name), &v->stamps[current], &v->stamps[0]);
			add_part(f, &length, "sectors", first, i - 1, name);
			first = i;
		}
		current = k;
	}
	name_version(name, sizeof(name), &v->stamps[current], &v->stamps[0]);
	add_part(f, &length, "sectors", first, n_sectors - 1, name);
	return first > 0;
}

/* Bytes from @at on that are those of a version. */
static size_t equal_run(const struct versions *v, unsigned int k, const unsigned char *block,
			size_t at)
{
	const unsigned char *other = version(v, k);
	size_t end = at;

	while (end < v->size && block[end] == other[end])
		++end;
	return end - at;
}

/* Bytes of a part that no other version has there: a changed stamp names versions that never were. */
static size_t evidence(size_t at, size_t run)
{
	size_t n = 0;

	for (size_t i = at; i < at + run; ++i)
		n += i % STAMP_SECTOR >= STAMP_HEAD && i % STAMP_SECTOR < STAMP_TAIL;
	return n;
}

/* The same between any bytes: few long parts; many short ones would explain anything. */
static bool torn_between_bytes(const struct versions *v, const unsigned char *block,
			       struct finding *f)
{
	size_t max_parts = 2 * (v->size / STAMP_SECTOR), n_parts = 0, length = 0;
	char name[120];

	for (size_t at = 0; at < v->size; ++n_parts) {
		unsigned int best = 0;
		size_t run = 0;

		for (unsigned int k = 0; k < v->n; ++k) {
			size_t n = equal_run(v, k, block, at);

			if (n > run) {
				run = n;
				best = k;
			}
		}
		if (evidence(at, run) < sizeof(uint64_t) || n_parts == max_parts)
			return false;
		name_version(name, sizeof(name), &v->stamps[best], &v->stamps[0]);
		add_part(f, &length, "bytes", at, at + run - 1, name);
		at += run;
	}
	return n_parts > 1;
}

static size_t differences(const struct versions *v, unsigned int k, const unsigned char *block)
{
	size_t n = 0;

	for (size_t i = 0; i < v->size; ++i)
		n += block[i] != version(v, k)[i];
	return n;
}

static void describe_corrupted(const struct versions *v, unsigned int k, const unsigned char *block,
			       struct finding *f)
{
	size_t first = equal_run(v, k, block, 0);
	size_t n = differences(v, k, block);
	char name[120];

	name_version(name, sizeof(name), &v->stamps[k], &v->stamps[0]);
	snprintf(f->text, sizeof(f->text),
		 "%zu %s of %s, the first is byte %zu: 0x%02x instead of 0x%02x", n,
		 n == 1 ? "byte differs from that" : "bytes differ from those", name, first,
		 block[first], version(v, k)[first]);
}

static void describe_unstamped(const unsigned char *block, size_t size, struct finding *f)
{
	f->verdict = UNSTAMPED;
	if (memcmp(block, block + 1, size - 1) == 0)
		snprintf(f->text, sizeof(f->text), "holds nothing but bytes 0x%02x", block[0]);
	else
		snprintf(f->text, sizeof(f->text),
			 "holds other data: %02x %02x %02x %02x %02x %02x %02x %02x…", block[0],
			 block[1], block[2], block[3], block[4], block[5], block[6], block[7]);
}

/* A block whose checksum does not fit. */
static void examine_parts(struct versions *v, const unsigned char *block, struct finding *f)
{
	bool stamped = find_versions(v, block);
	size_t least = SIZE_MAX;
	unsigned int best = 0;

	f->verdict = TORN;
	if (torn_between_sectors(v, block, f) || torn_between_bytes(v, block, f))
		return;
	f->verdict = CORRUPTED;
	for (unsigned int k = 0; k < v->n; ++k) {
		size_t n = differences(v, k, block);

		if (n < least) {
			least = n;
			best = k;
		}
	}
	/* Of random bytes, one in 256 is right; so are the zeroes of a stamp in an empty block. */
	if (stamped || least < v->size - v->size / 8)
		describe_corrupted(v, best, block, f);
	else
		describe_unstamped(block, v->size, f);
}

void examine(const void *block, size_t size, const struct stamp *wanted, struct finding *finding)
{
	struct versions v = {.size = size};
	struct stamp stamp;

	*finding = (struct finding){
		.lba = wanted->lba, .generation = wanted->generation, .verdict = CORRUPTED};
	if (stamp_read(block, &stamp) && !same(&stamp, wanted) && stamp_is_whole(block, size)) {
		examine_whole(&stamp, wanted, finding);
		return;
	}
	v.blocks = malloc(MAX_VERSIONS * size);
	if (v.blocks == NULL) {
		snprintf(finding->text, sizeof(finding->text), "the checksum is wrong");
		return;
	}
	add_version(&v, wanted);
	examine_parts(&v, block, finding);
	free(v.blocks);
}
