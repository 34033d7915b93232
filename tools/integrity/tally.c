/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally.c - what was found in the blocks: how many of each kind, and the first few that are not good.
 */
#include <stdlib.h>

#include "tally.h"

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[N_VERDICTS] = {
		[GOOD] = "good",       [CORRUPTED] = "corrupted", [MISDIRECTED] = "misdirected",
		[STALE] = "stale",     [NEWER] = "newer",         [TORN] = "torn",
		[FOREIGN] = "foreign", [UNSTAMPED] = "unstamped", [DIFFERENT] = "different",
		[FAILED] = "failed",
	};

	return names[verdict];
}

void tally_init(struct tally *tally, size_t max)
{
	*tally = (struct tally){.max = max};
}

void tally_free(struct tally *tally)
{
	free(tally->list);
	tally_init(tally, tally->max);
}

static void keep(struct tally *tally, const struct finding *finding)
{
	if (tally->n_list >= tally->max)
		return;
	if (tally->n_list == tally->size) {
		size_t size = tally->size != 0 ? 2 * tally->size : 4;
		struct finding *list = realloc(tally->list, size * sizeof(*list));

		if (list == NULL)
			return;
		tally->list = list;
		tally->size = size;
	}
	tally->list[tally->n_list++] = *finding;
}

void tally_add_good(struct tally *tally, uint64_t n_blocks)
{
	tally->n_blocks[GOOD] += n_blocks;
}

void tally_add(struct tally *tally, const struct finding *finding, uint64_t n_blocks)
{
	tally->n_blocks[finding->verdict] += n_blocks;
	keep(tally, finding);
}

void tally_merge(struct tally *to, struct tally *from)
{
	to->n_written += from->n_written;
	for (size_t i = 0; i < N_VERDICTS; ++i)
		to->n_blocks[i] += from->n_blocks[i];
	for (size_t i = 0; i < from->n_list; ++i)
		keep(to, &from->list[i]);
	tally_free(from);
}

struct tally tally_copy(const struct tally *tally)
{
	struct tally copy = {.n_written = tally->n_written, .max = tally->max};

	for (size_t i = 0; i < N_VERDICTS; ++i)
		copy.n_blocks[i] = tally->n_blocks[i];
	for (size_t i = 0; i < tally->n_list; ++i)
		keep(&copy, &tally->list[i]);
	return copy;
}

uint64_t tally_checked(const struct tally *tally)
{
	return tally->n_blocks[GOOD] + tally_bad(tally);
}

uint64_t tally_bad(const struct tally *tally)
{
	uint64_t sum = 0;

	for (size_t i = GOOD + 1; i < FAILED; ++i)
		sum += tally->n_blocks[i];
	return sum;
}
