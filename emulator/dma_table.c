/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dma_table.c - the table of DMA mappings: a sorted array cut into leaves.
 *
 * Readers follow top -> leaf -> entry. Writers, one at a time, never change what readers may be
 * looking at: they copy a leaf and swap the pointer to it, or, where a leaf only grows at its end,
 * fill in the entry before they raise the count. Millions of mappings cost a leaf's copy each, in
 * ascending order not even that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dma_table.h"

#define LEAF_CAP 256

struct leaf {
	struct emu_dma_retired retired;
	_Atomic unsigned int n;
	struct emu_dma_range range[LEAF_CAP];
};

/* Child i holds mappings that begin at child[i].first or above, below child[i + 1].first. */
struct child {
	uint64_t first;
	struct leaf *_Atomic leaf;
};

struct top {
	struct emu_dma_retired retired;
	unsigned int n;
	struct child child[];
};

static struct leaf *leaf_of(struct top *top, unsigned int i)
{
	/* Pairs with the release of the writer that made the leaf. */
	return atomic_load_explicit(&top->child[i].leaf, memory_order_acquire);
}

static unsigned int leaf_count(struct leaf *leaf)
{
	/* Pairs with the release in append(): the entries below the count are filled in. */
	return atomic_load_explicit(&leaf->n, memory_order_acquire);
}

/* The child in whose interval the address lies. */
static unsigned int find_child(const struct top *top, uint64_t ioaddr)
{
	unsigned int low = 0, high = top->n;

	while (high - low > 1) {
		unsigned int mid = low + (high - low) / 2;

		if (top->child[mid].first <= ioaddr)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* How many entries begin at or below the address. */
static unsigned int find_entry(const struct leaf *leaf, unsigned int n, uint64_t ioaddr)
{
	unsigned int low = 0, high = n;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (leaf->range[mid].first <= ioaddr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * The last mapping that begins at or below the address. It is in the child before, if the address
 * lies between that child's last mapping, which may reach across, and the first one of its own.
 */
static const struct emu_dma_range *find_at_or_below(struct top *top, uint64_t ioaddr)
{
	unsigned int i = find_child(top, ioaddr), n;
	struct leaf *leaf = leaf_of(top, i);

	n = find_entry(leaf, leaf_count(leaf), ioaddr);
	if (!n && i) {
		leaf = leaf_of(top, i - 1);
		n = leaf_count(leaf); /* not 0 where there is more than one child */
	}
	return n ? &leaf->range[n - 1] : NULL;
}

static const struct emu_dma_range *find(struct top *top, uint64_t ioaddr)
{
	const struct emu_dma_range *range = find_at_or_below(top, ioaddr);

	return range && range->last >= ioaddr ? range : NULL;
}

const struct emu_dma_range *emu_dma_table_find(struct emu_dma_table *table, uint64_t ioaddr)
{
	/* Pairs with the release in publish(). */
	return find(atomic_load_explicit(&table->top, memory_order_acquire), ioaddr);
}

void emu_dma_table_free_retired(struct emu_dma_table *table)
{
	while (table->retired) {
		struct emu_dma_retired *next = table->retired->next;

		free(table->retired);
		table->retired = next;
	}
	table->retired_bytes = 0;
}

static void retire(struct emu_dma_table *table, struct emu_dma_retired *old, size_t size)
{
	old->next = table->retired;
	table->retired = old;
	table->retired_bytes += size;
}

static size_t top_size(unsigned int n)
{
	return sizeof(struct top) + n * sizeof(struct child);
}

static struct leaf *leaf_new(void)
{
	struct leaf *leaf = malloc(sizeof(*leaf));

	if (leaf)
		atomic_init(&leaf->n, 0);
	return leaf;
}

static struct leaf *leaf_copy(const struct leaf *from, unsigned int begin, unsigned int end)
{
	struct leaf *leaf = leaf_new();

	if (leaf) {
		memcpy(leaf->range, from->range + begin, (end - begin) * sizeof(leaf->range[0]));
		atomic_init(&leaf->n, end - begin);
	}
	return leaf;
}

static void leaf_insert(struct leaf *leaf, unsigned int at, const struct emu_dma_range *range)
{
	unsigned int n = leaf_count(leaf);

	memmove(&leaf->range[at + 1], &leaf->range[at], (n - at) * sizeof(leaf->range[0]));
	leaf->range[at] = *range;
	atomic_store_explicit(&leaf->n, n + 1, memory_order_relaxed); /* not published yet */
}

/* Copy the top, with room for another child after i, which is left empty. */
static struct top *top_grow(struct top *from, unsigned int i)
{
	struct top *top = malloc(top_size(from->n + 1));

	if (!top)
		return NULL;
	top->n = from->n + 1;
	for (unsigned int k = 0; k < from->n; k++) {
		struct child *to = &top->child[k > i ? k + 1 : k];

		to->first = from->child[k].first;
		atomic_init(&to->leaf, leaf_of(from, k));
	}
	return top;
}

static void publish(struct emu_dma_table *table, struct top *old, struct top *top)
{
	/* Pairs with the acquire in emu_dma_table_find(). */
	atomic_store_explicit(&table->top, top, memory_order_release);
	retire(table, &old->retired, top_size(old->n));
}

static void replace_leaf(struct emu_dma_table *table, struct child *child, struct leaf *leaf)
{
	struct leaf *old = atomic_load_explicit(&child->leaf, memory_order_relaxed);

	/* Pairs with the acquire in leaf_of(). */
	atomic_store_explicit(&child->leaf, leaf, memory_order_release);
	retire(table, &old->retired, sizeof(*old));
}

/* The leaf is full: hang a second one behind it, cut at the entry that ascending order asks for. */
static int split(struct emu_dma_table *table, struct top *top, unsigned int i, unsigned int at,
		 const struct emu_dma_range *range)
{
	struct leaf *full = leaf_of(top, i);
	unsigned int cut = at == LEAF_CAP ? LEAF_CAP : LEAF_CAP / 2;
	struct leaf *left = cut == LEAF_CAP ? full : leaf_copy(full, 0, cut);
	struct leaf *right = leaf_copy(full, cut, LEAF_CAP);
	struct top *bigger = top_grow(top, i);

	if (!left || !right || !bigger) {
		if (left != full)
			free(left);
		free(right);
		free(bigger);
		return ENOMEM;
	}
	if (at > cut || cut == LEAF_CAP)
		leaf_insert(right, at - cut, range);
	else
		leaf_insert(left, at, range);
	atomic_init(&bigger->child[i].leaf, left);
	bigger->child[i + 1].first = right->range[0].first;
	atomic_init(&bigger->child[i + 1].leaf, right);
	publish(table, top, bigger);
	if (left != full)
		retire(table, &full->retired, sizeof(*full));
	return 0;
}

static int insert(struct emu_dma_table *table, const struct emu_dma_range *range)
{
	struct top *top = atomic_load_explicit(&table->top, memory_order_relaxed);
	unsigned int i = find_child(top, range->first);
	struct leaf *leaf = leaf_of(top, i), *copy;
	unsigned int n = leaf_count(leaf);
	unsigned int at = find_entry(leaf, n, range->first);

	if (n == LEAF_CAP)
		return split(table, top, i, at, range);
	if (at == n) {
		/* Beyond what readers look at, until the count is raised. Pairs with leaf_count(). */
		leaf->range[n] = *range;
		atomic_store_explicit(&leaf->n, n + 1, memory_order_release);
		return 0;
	}
	copy = leaf_copy(leaf, 0, n);
	if (!copy)
		return ENOMEM;
	leaf_insert(copy, at, range);
	replace_leaf(table, &top->child[i], copy);
	return 0;
}

/* The mapping that holds the address, or else the first one above; NULL = none. */
static const struct emu_dma_range *next_range(struct top *top, uint64_t ioaddr)
{
	const struct emu_dma_range *range = find(top, ioaddr);

	for (unsigned int i = find_child(top, ioaddr); !range && i < top->n; i++) {
		struct leaf *leaf = leaf_of(top, i);
		unsigned int n = leaf_count(leaf), at = find_entry(leaf, n, ioaddr);

		if (at < n)
			range = &leaf->range[at];
	}
	return range;
}

/* Take child i out; one is always left. */
static int drop_child(struct emu_dma_table *table, struct top *top, unsigned int i)
{
	struct leaf *leaf = leaf_of(top, i);
	struct top *smaller = malloc(top_size(top->n - 1));
	unsigned int k, n = 0;

	if (!smaller)
		return ENOMEM;
	for (k = 0; k < top->n; k++) {
		if (k == i)
			continue;
		smaller->child[n].first = top->child[k].first;
		atomic_init(&smaller->child[n++].leaf, leaf_of(top, k));
	}
	smaller->n = n;
	smaller->child[0].first = 0;
	publish(table, top, smaller);
	retire(table, &leaf->retired, sizeof(*leaf));
	return 0;
}

/* Take the mappings in [first, last] out of the leaf that holds the first of them. */
static int remove_some(struct emu_dma_table *table, uint64_t first, uint64_t last)
{
	struct top *top = atomic_load_explicit(&table->top, memory_order_relaxed);
	unsigned int i = find_child(top, first), n, begin, end;
	struct leaf *leaf = leaf_of(top, i), *copy;

	n = leaf_count(leaf);
	begin = find_entry(leaf, n, first) - 1; /* an entry begins exactly there */
	end = find_entry(leaf, n, last);
	if (end - begin == n && top->n > 1)
		return drop_child(table, top, i);

	copy = leaf_copy(leaf, 0, begin);
	if (!copy)
		return ENOMEM;
	memcpy(copy->range + begin, leaf->range + end, (n - end) * sizeof(copy->range[0]));
	atomic_init(&copy->n, begin + n - end);
	replace_leaf(table, &top->child[i], copy);
	return 0;
}

int emu_dma_table_remove(struct emu_dma_table *table, uint64_t first, uint64_t last)
{
	struct top *top = atomic_load_explicit(&table->top, memory_order_relaxed);
	const struct emu_dma_range *range = next_range(top, first), *end;
	int err = 0;

	if (!range || range->first > last)
		return ENOENT;
	end = find(top, last);
	if (range->first < first || (end && end->last > last))
		return EINVAL;

	while (!err && range && range->first <= last) {
		err = remove_some(table, range->first, last);
		top = atomic_load_explicit(&table->top, memory_order_relaxed);
		range = next_range(top, first);
	}
	return err;
}

int emu_dma_table_add(struct emu_dma_table *table, const struct emu_dma_range *range)
{
	struct top *top = atomic_load_explicit(&table->top, memory_order_relaxed);
	const struct emu_dma_range *next = next_range(top, range->first);

	return next && next->first <= range->last ? EEXIST : insert(table, range);
}

int emu_dma_table_init(struct emu_dma_table *table)
{
	struct top *top = malloc(top_size(1));
	struct leaf *leaf = leaf_new();

	if (!top || !leaf) {
		free(top);
		free(leaf);
		return ENOMEM;
	}
	top->n = 1;
	top->child[0].first = 0;
	atomic_init(&top->child[0].leaf, leaf);
	atomic_init(&table->top, top);
	table->retired = NULL;
	table->retired_bytes = 0;
	return 0;
}

void emu_dma_table_destroy(struct emu_dma_table *table)
{
	struct top *top = atomic_load_explicit(&table->top, memory_order_relaxed);

	emu_dma_table_free_retired(table);
	for (unsigned int i = 0; i < top->n; i++)
		free(leaf_of(top, i));
	free(top);
}
