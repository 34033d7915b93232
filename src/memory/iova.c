// SPDX-License-Identifier: BSD-2-Clause
/*
 * iova.c - allocator of I/O virtual addresses.
 *
 * The windows are tiled with extents, each free or in use, no two free ones side by side. The
 * extents are in a list by address and in a treap over the same order, in which every node knows the
 * largest free extent below it: first fit is one walk down. Giving back needs no memory.
 */
#include "memory/iova.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define UNIT 4096ULL

/* Writes here are interrupts on x86, whatever the IOMMU's tables say. */
#define MSI_FIRST 0xfee00000ULL
#define MSI_LAST  0xfeefffffULL

/**
 * struct extent - a range of addresses in one state
 * @addr, @size: where
 * @best: size of the largest free extent in the subtree of which this is the root
 * @parent, @left, @right: treap: ordered by address, no child's @priority above its parent's
 * @prev, @next: by address
 * @used: handed out
 */
struct extent {
	uint64_t addr;
	uint64_t size;
	uint64_t best;
	struct extent *parent, *left, *right;
	struct extent *prev, *next;
	uint32_t priority;
	bool used;
};

struct nvmi_iova {
	pthread_mutex_t lock;
	struct extent *root;
	struct extent *first;
	struct extent *last;
	uint32_t random;
};

static uint64_t best_of(const struct extent *e)
{
	return e == NULL ? 0 : e->best;
}

static void update(struct extent *e)
{
	e->best = e->used ? 0 : e->size;
	if (e->left != NULL && e->left->best > e->best)
		e->best = e->left->best;
	if (e->right != NULL && e->right->best > e->best)
		e->best = e->right->best;
}

static void update_upwards(struct extent *e)
{
	for (; e != NULL; e = e->parent)
		update(e);
}

/* Put @new where @old hangs. */
static void replace_child(struct nvmi_iova *iova, struct extent *old, struct extent *new)
{
	struct extent *parent = old->parent;

	if (parent == NULL)
		iova->root = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
	if (new != NULL)
		new->parent = parent;
}

/* Move @e up by one: its parent becomes its child, the order stays. */
static void rotate_up(struct nvmi_iova *iova, struct extent *e)
{
	struct extent *parent = e->parent;
	struct extent *moved;

	replace_child(iova, parent, e);
	if (parent->left == e) {
		moved = e->right;
		e->right = parent;
		parent->left = moved;
	} else {
		moved = e->left;
		e->left = parent;
		parent->right = moved;
	}
	if (moved != NULL)
		moved->parent = parent;
	parent->parent = e;
	update(parent);
	update(e);
}

static uint32_t next_random(struct nvmi_iova *iova)
{
	uint32_t r = iova->random;

	r ^= r << 13;
	r ^= r >> 17;
	r ^= r << 5;
	iova->random = r;
	return r;
}

/* Put @e behind @prev (NULL: at the very start), in list and treap. */
static void insert_after(struct nvmi_iova *iova, struct extent *prev, struct extent *e)
{
	struct extent *next = prev != NULL ? prev->next : iova->first;

	e->prev = prev;
	e->next = next;
	*(prev != NULL ? &prev->next : &iova->first) = e;
	*(next != NULL ? &next->prev : &iova->last) = e;

	/* Of two neighbours in order, the lower one has no right child or the upper one no left. */
	e->left = NULL;
	e->right = NULL;
	e->priority = next_random(iova);
	if (prev != NULL && prev->right == NULL) {
		prev->right = e;
		e->parent = prev;
	} else if (next != NULL) {
		next->left = e;
		e->parent = next;
	} else {
		iova->root = e;
		e->parent = NULL;
	}
	update_upwards(e);
	while (e->parent != NULL && e->parent->priority < e->priority)
		rotate_up(iova, e);
}

/* Take @e out of list and treap and free it. */
static void erase(struct nvmi_iova *iova, struct extent *e)
{
	struct extent *child;

	while (e->left != NULL && e->right != NULL)
		rotate_up(iova, e->left->priority > e->right->priority ? e->left : e->right);
	child = e->left != NULL ? e->left : e->right;
	replace_child(iova, e, child);
	update_upwards(e->parent);

	*(e->prev != NULL ? &e->prev->next : &iova->first) = e->next;
	*(e->next != NULL ? &e->next->prev : &iova->last) = e->prev;
	free(e);
}

/* Add [first, last] at the end, as a free extent. */
static int append(struct nvmi_iova *iova, uint64_t first, uint64_t last)
{
	struct extent *e;

	if (first > UINT64_MAX - (UNIT - 1))
		return 0;
	first = (first + UNIT - 1) & ~(UNIT - 1);
	if (first == 0)
		first = UNIT;
	if (last < first || last - first < UNIT - 1)
		return 0;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return ENOMEM;
	e->addr = first;
	e->size = (last - first + 1) & ~(UNIT - 1);
	insert_after(iova, iova->last, e);
	return 0;
}

/* Add a window without the addresses that are never handed out. */
static int append_window(struct nvmi_iova *iova, const struct nvmi_iova_range *r)
{
	int err = 0;

	if (r->last < MSI_FIRST || r->first > MSI_LAST)
		return append(iova, r->first, r->last);
	if (r->first < MSI_FIRST)
		err = append(iova, r->first, MSI_FIRST - 1);
	if (err == 0 && r->last > MSI_LAST)
		err = append(iova, MSI_LAST + 1, r->last);
	return err;
}

int nvmi_iova_new(struct nvmi_iova **iova, const struct nvmi_iova_range *ranges, size_t n)
{
	struct nvmi_iova *a;
	int err = 0;
	size_t i;

	*iova = NULL;
	for (i = 0; i < n; i++) {
		if (ranges[i].last < ranges[i].first ||
		    (i > 0 && ranges[i].first <= ranges[i - 1].last))
			return EINVAL;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return ENOMEM;
	a->random = 2463534242U;
	for (i = 0; i < n && err == 0; i++)
		err = append_window(a, &ranges[i]);
	if (err == 0 && a->root == NULL)
		err = EINVAL;
	if (err == 0)
		err = pthread_mutex_init(&a->lock, NULL);
	if (err != 0) {
		while (a->first != NULL)
			erase(a, a->first);
		free(a);
		return err;
	}
	*iova = a;
	return 0;
}

void nvmi_iova_delete(struct nvmi_iova *iova)
{
	struct extent *e, *next;

	if (iova == NULL)
		return;
	for (e = iova->first; e != NULL; e = next) {
		next = e->next;
		free(e);
	}
	pthread_mutex_destroy(&iova->lock);
	free(iova);
}

/* The lowest free extent of at least @size bytes. */
static struct extent *first_fit(struct nvmi_iova *iova, uint64_t size)
{
	struct extent *e = iova->root;

	if (best_of(e) < size)
		return NULL;
	for (;;) {
		if (best_of(e->left) >= size)
			e = e->left;
		else if (!e->used && e->size >= size)
			return e;
		else
			e = e->right;
	}
}

/* Does an aligned range fit into an extent, and where? */
static bool fits(const struct extent *e, uint64_t size, uint64_t align, uint64_t *addr)
{
	uint64_t gap = -e->addr & (align - 1);

	if (e->used || gap > e->size || e->size - gap < size)
		return false;
	*addr = e->addr + gap;
	return true;
}

/* Every free extent below @e that is large enough, lowest first, until one has the alignment. */
static struct extent *search(struct extent *e, uint64_t size, uint64_t align, uint64_t *addr)
{
	struct extent *found;

	if (best_of(e) < size)
		return NULL;
	found = search(e->left, size, align, addr);
	if (found != NULL)
		return found;
	if (fits(e, size, align, addr))
		return e;
	return search(e->right, size, align, addr);
}

static struct extent *find_free(struct nvmi_iova *iova, uint64_t size, uint64_t align,
				uint64_t *addr)
{
	struct extent *e = NULL;

	/* An extent this large holds an aligned range wherever it starts... */
	if (size <= UINT64_MAX - (align - UNIT))
		e = first_fit(iova, size + (align - UNIT));
	if (e != NULL && fits(e, size, align, addr))
		return e;
	/* ...and when there is none, a smaller one may happen to lie well. */
	return align == UNIT ? NULL : search(iova->root, size, align, addr);
}

static int carve(struct nvmi_iova *iova, uint64_t size, uint64_t align, uint64_t *addr)
{
	struct extent *e, *used, *rest;

	e = find_free(iova, size, align, addr);
	if (e == NULL)
		return ENOSPC;
	used = *addr > e->addr ? calloc(1, sizeof(*used)) : e;
	rest = e->size - (*addr - e->addr) > size ? calloc(1, sizeof(*rest)) : e;
	if (used == NULL || rest == NULL) {
		if (used != e)
			free(used);
		if (rest != e)
			free(rest);
		return ENOMEM;
	}
	if (rest != e) {
		rest->addr = *addr + size;
		rest->size = e->size - (rest->addr - e->addr);
		e->size -= rest->size;
		insert_after(iova, e, rest);
	}
	if (used != e) {
		used->addr = *addr;
		used->size = size;
		e->size -= size;
		insert_after(iova, e, used);
	}
	used->used = true;
	update_upwards(used);
	update_upwards(e);
	return 0;
}

int nvmi_iova_alloc(struct nvmi_iova *iova, uint64_t size, uint64_t align, uint64_t *addr)
{
	int err;

	if (size == 0 || size % UNIT != 0 || align < UNIT || (align & (align - 1)) != 0)
		return EINVAL;
	pthread_mutex_lock(&iova->lock);
	err = carve(iova, size, align, addr);
	pthread_mutex_unlock(&iova->lock);
	return err;
}

static struct extent *find(struct nvmi_iova *iova, uint64_t addr)
{
	struct extent *e = iova->root;

	while (e != NULL && e->addr != addr)
		e = addr < e->addr ? e->left : e->right;
	return e;
}

/* Let @e swallow the free extent that follows it directly. */
static void join_next(struct nvmi_iova *iova, struct extent *e)
{
	struct extent *next = e->next;

	if (e->used || next == NULL || next->used || e->addr + e->size != next->addr)
		return;
	e->size += next->size;
	erase(iova, next);
}

int nvmi_iova_free(struct nvmi_iova *iova, uint64_t addr, uint64_t size)
{
	struct extent *e;
	int err = EINVAL;

	pthread_mutex_lock(&iova->lock);
	e = find(iova, addr);
	if (e != NULL && e->used && e->size == size) {
		e->used = false;
		join_next(iova, e);
		if (e->prev != NULL && !e->prev->used && e->prev->addr + e->prev->size == addr) {
			e = e->prev;
			join_next(iova, e);
		}
		update_upwards(e);
		err = 0;
	}
	pthread_mutex_unlock(&iova->lock);
	return err;
}
