// SPDX-License-Identifier: BSD-2-Clause
/*
 * dma.c - DMA descriptors: memory and its bus addresses, all of it or nothing.
 *
 * A descriptor is an nvm_dma_t with a head in front. The head of a mapping owns what there is to
 * undo and counts a reference for every view of it; a view owns but that reference.
 */
#include "memory/dma.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/controller.h"
#include "controller/error.h"
#include "memory/pages.h"
#include "memory/populate.h"
#include "memory/split.h"

/**
 * struct dma_head - what stands in front of an nvm_dma_t
 * @refs: the user's, the library's (nvmi_dma_get()), one per view
 * @root: view: the mapping it is a part of, referenced; mapping: NULL
 * @ctrl: mapping: controller, referenced
 * @map: mapping: as the backend was given it, for unmap; size 0 if it was not
 * @pages: mapping: memory to free; vaddr NULL if it is the user's
 */
struct __attribute__((aligned(32))) dma_head {
	atomic_uint refs;
	struct dma_head *root;
	struct nvmi_ctrl *ctrl;
	struct nvmi_mapping map;
	struct nvmi_pages pages;
};

static struct dma_head *head_of(const nvm_dma_t *dma)
{
	return (struct dma_head *)(uintptr_t)dma - 1;
}

static nvm_dma_t *dma_of(struct dma_head *head)
{
	return (nvm_dma_t *)(void *)(head + 1);
}

/* A descriptor with one reference, without addresses; NULL with message if there is no memory. */
static nvm_dma_t *new_dma(void *vaddr, size_t page_size, size_t n_ioaddrs)
{
	const size_t unit = _Alignof(struct dma_head);
	struct dma_head *head = NULL;
	nvm_dma_t *dma;
	size_t size;

	if (n_ioaddrs <= (SIZE_MAX - sizeof(*head) - sizeof(*dma) - unit) / sizeof(uint64_t)) {
		size = sizeof(*head) + sizeof(*dma) + n_ioaddrs * sizeof(uint64_t);
		head = aligned_alloc(unit, (size + unit - 1) & ~(unit - 1));
	}
	if (head == NULL) {
		nvmi_fail(ENOMEM, "out of memory for a descriptor of %zu pages", n_ioaddrs);
		return NULL;
	}
	memset(head, 0, sizeof(*head));
	atomic_init(&head->refs, 1);
	dma = dma_of(head);
	dma->vaddr = vaddr;
	dma->page_size = page_size;
	dma->n_ioaddrs = n_ioaddrs;
	return dma;
}

void nvmi_dma_get(const nvm_dma_t *dma)
{
	atomic_fetch_add_explicit(&head_of(dma)->refs, 1, memory_order_relaxed);
}

/* Undo a mapping that nobody refers to any more. */
static void release(struct dma_head *head)
{
	struct nvmi_ctrl *c = head->ctrl;

	if (head->map.size != 0)
		c->be->ops->unmap(c->be, &head->map);
	if (head->pages.vaddr != NULL)
		nvmi_pages_free(&head->pages);
	nvmi_ctrl_put(c);
}

void nvmi_dma_put(const nvm_dma_t *dma)
{
	struct dma_head *head = head_of(dma);
	struct dma_head *root;

	while (head != NULL) {
		/*
		 * The release half orders this thread's use of the memory before the decrement; the
		 * acquire half orders every other thread's use before undoing it here.
		 */
		if (atomic_fetch_sub_explicit(&head->refs, 1, memory_order_acq_rel) != 1)
			return;
		root = head->root;
		if (root == NULL)
			release(head);
		free(head);
		head = root;
	}
}

void nvm_dma_unmap(nvm_dma_t *dma)
{
	if (dma != NULL)
		nvmi_dma_put(dma);
}

static bool is_power_of_two(size_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

static bool wraps(const void *vaddr, size_t size)
{
	return (uintptr_t)vaddr > UINTPTR_MAX - size;
}

/* Arguments of nvm_dma_map() that can be judged without looking at the addresses. */
static int check_pages(size_t ctrl_page, const void *vaddr, size_t page_size, size_t n_pages)
{
	if (!is_power_of_two(page_size) || page_size < 512)
		return nvmi_fail(EINVAL, "a page size of %zu bytes: use a power of two from 512",
				 page_size);
	if (n_pages == 0)
		return nvmi_fail(EINVAL, "no pages: map at least one");
	if (n_pages > SIZE_MAX / page_size || wraps(vaddr, page_size * n_pages))
		return nvmi_fail(EINVAL,
				 "%zu pages of %zu bytes at %p exceed the address space: "
				 "map fewer",
				 n_pages, page_size, vaddr);
	if (page_size * n_pages % ctrl_page != 0)
		return nvmi_fail(EINVAL,
				 "%zu bytes are not whole controller pages: map a multiple "
				 "of %zu bytes",
				 page_size * n_pages, ctrl_page);
	return 0;
}

int nvm_dma_map(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, void *vaddr, size_t page_size,
		size_t n_pages, const uint64_t *page_addrs)
{
	size_t bad = 0;
	nvm_dma_t *d;
	int err;

	if (dma == NULL)
		return nvmi_fail(EINVAL, "no place for the mapping: pass a pointer to one");
	*dma = NULL;
	if (ctrl == NULL || page_addrs == NULL)
		return nvmi_fail(EINVAL, "no %s to map for: pass one",
				 ctrl == NULL ? "controller" : "bus addresses");
	err = check_pages(ctrl->page_size, vaddr, page_size, n_pages);
	if (err != 0)
		return err;

	d = new_dma(vaddr, ctrl->page_size, page_size * n_pages / ctrl->page_size);
	if (d == NULL)
		return ENOMEM;
	err = nvmi_split_pages(d->ioaddrs, ctrl->page_size, page_addrs, page_size, n_pages, &bad);
	if (err != 0) {
		free(head_of(d));
		if (err == ERANGE)
			return nvmi_fail(EINVAL,
					 "page %zu at 0x%" PRIx64 " does not join the others to "
					 "an aligned controller page: give contiguous pages of %zu "
					 "bytes",
					 bad, page_addrs[bad], ctrl->page_size);
		return nvmi_fail(
			EINVAL, "page %zu cannot be at 0x%" PRIx64 ": align it to %zu bytes", bad,
			page_addrs[bad], page_size < ctrl->page_size ? page_size : ctrl->page_size);
	}
	head_of(d)->ctrl = nvmi_ctrl_of(ctrl);
	nvmi_ctrl_get(head_of(d)->ctrl);
	*dma = d;
	return 0;
}

/* What host memory must be aligned to: neither side can reach less than a page of its own. */
static size_t host_align(const nvm_ctrl_t *ctrl)
{
	size_t host_page = (size_t)sysconf(_SC_PAGESIZE);

	return host_page > ctrl->page_size ? host_page : ctrl->page_size;
}

static int check_host_range(const nvm_ctrl_t *ctrl, void *vaddr, size_t size)
{
	size_t align = host_align(ctrl);

	if (nvmi_ctrl_of(ctrl)->be->ops->map_host == NULL)
		return nvmi_fail(ENOTSUP,
				 "%s does not know the bus addresses of memory: find them "
				 "out yourself and pass them to nvm_dma_map()",
				 nvmi_ctrl_of(ctrl)->be->name);
	if (size == 0)
		return nvmi_fail(EINVAL, "no bytes to map: map at least %zu", align);
	if (((uintptr_t)vaddr & (align - 1)) != 0)
		return nvmi_fail(EINVAL, "memory at %p cannot be mapped: align it to %zu bytes",
				 vaddr, align);
	if ((size & (align - 1)) != 0)
		return nvmi_fail(EINVAL, "%zu bytes cannot be mapped: use a multiple of %zu", size,
				 align);
	if (wraps(vaddr, size))
		return nvmi_fail(EINVAL, "%zu bytes at %p exceed the address space", size, vaddr);
	return 0;
}

/* Descriptor of a checked range, mapped by the backend. */
static int map_range(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, void *vaddr, size_t size)
{
	struct nvmi_ctrl *c = nvmi_ctrl_of(ctrl);
	struct dma_head *head;
	nvm_dma_t *d;
	int err;

	d = new_dma(vaddr, ctrl->page_size, size / ctrl->page_size);
	if (d == NULL)
		return ENOMEM;
	head = head_of(d);
	head->map = (struct nvmi_mapping){
		.vaddr = vaddr,
		.size = size,
		.page_size = ctrl->page_size,
		.ioaddrs = d->ioaddrs,
	};
	err = c->be->ops->map_host(c->be, &head->map);
	if (err != 0) {
		free(head);
		return err;
	}
	head->ctrl = c;
	nvmi_ctrl_get(c);
	*dma = d;
	return 0;
}

int nvm_dma_map_host(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, void *vaddr, size_t size)
{
	int err;

	if (dma == NULL)
		return nvmi_fail(EINVAL, "no place for the mapping: pass a pointer to one");
	*dma = NULL;
	if (ctrl == NULL)
		return nvmi_fail(EINVAL, "no controller to map for: pass one");
	err = check_host_range(ctrl, vaddr, size);
	if (err == 0)
		err = nvmi_check_memory(vaddr, size);
	return err != 0 ? err : map_range(dma, ctrl, vaddr, size);
}

/* Allocate memory of one kind and map the first @size bytes of it. */
static int create_from(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, size_t size, bool huge,
		       bool *got_huge)
{
	struct nvmi_pages pages;
	int err;

	err = nvmi_pages_alloc(&pages, size, huge);
	if (err != 0)
		return err;
	*got_huge = pages.page_size > (size_t)sysconf(_SC_PAGESIZE);
	if (((uintptr_t)pages.vaddr & (ctrl->page_size - 1)) != 0)
		err = nvmi_fail(ENOMEM,
				"there is no memory aligned to %zu bytes: run the controller with "
				"smaller pages",
				ctrl->page_size);
	else
		err = map_range(dma, ctrl, pages.vaddr, size);
	if (err != 0)
		nvmi_pages_free(&pages);
	else
		head_of(*dma)->pages = pages;
	return err;
}

int nvm_dma_create(nvm_dma_t **dma, const nvm_ctrl_t *ctrl, size_t size)
{
	bool huge, got_huge = false;
	size_t align;
	int err;

	if (dma == NULL)
		return nvmi_fail(EINVAL, "no place for the mapping: pass a pointer to one");
	*dma = NULL;
	if (ctrl == NULL || size == 0)
		return nvmi_fail(EINVAL, ctrl == NULL ? "no controller to map for: pass one"
						      : "no bytes to allocate: ask for at least 1");
	align = host_align(ctrl);
	if (size > SIZE_MAX / 2)
		return nvmi_fail(ENOMEM, "%zu bytes exceed the address space: ask for less", size);
	size = (size + align - 1) & ~(align - 1);
	err = check_host_range(ctrl, NULL, size);
	if (err != 0)
		return err;

	/* A single page is contiguous anyway: no reason to spend a huge one on it. */
	huge = nvmi_ctrl_of(ctrl)->be->huge_pages_contiguous;
	err = create_from(dma, ctrl, size, huge && size > align, &got_huge);
	if (err == 0 || !huge || got_huge)
		return err;
	/* Such a backend may be able to map huge pages where it cannot map others. */
	return create_from(dma, ctrl, size, true, &got_huge);
}

int nvm_dma_view(nvm_dma_t **view, const nvm_dma_t *dma, size_t offset, size_t size)
{
	struct dma_head *root;
	nvm_dma_t *v;

	if (view == NULL)
		return nvmi_fail(EINVAL, "no place for the view: pass a pointer to one");
	*view = NULL;
	if (dma == NULL)
		return nvmi_fail(EINVAL, "no mapping to look into: pass one");
	if (size == 0 || size % dma->page_size != 0 || offset % dma->page_size != 0)
		return nvmi_fail(EINVAL,
				 "%zu bytes from %zu are not whole pages: use multiples of %zu",
				 size, offset, dma->page_size);
	if (offset > nvmi_dma_size(dma) || size > nvmi_dma_size(dma) - offset)
		return nvmi_fail(ERANGE, "%zu bytes from %zu exceed the mapping: it has %zu", size,
				 offset, nvmi_dma_size(dma));

	v = new_dma(dma->vaddr == NULL ? NULL : (char *)dma->vaddr + offset, dma->page_size,
		    size / dma->page_size);
	if (v == NULL)
		return ENOMEM;
	memcpy(v->ioaddrs, dma->ioaddrs + offset / dma->page_size,
	       v->n_ioaddrs * sizeof(v->ioaddrs[0]));
	root = head_of(dma)->root != NULL ? head_of(dma)->root : head_of(dma);
	nvmi_dma_get(dma_of(root));
	head_of(v)->root = root;
	*view = v;
	return 0;
}

int nvm_dma_contiguous(const nvm_dma_t *dma, size_t offset, size_t size)
{
	size_t i, last;

	if (dma == NULL || offset > nvmi_dma_size(dma) || size > nvmi_dma_size(dma) - offset)
		return 0;
	if (size == 0)
		return 1;
	last = (offset + size - 1) / dma->page_size;
	for (i = offset / dma->page_size; i < last; i++) {
		if (dma->ioaddrs[i + 1] != dma->ioaddrs[i] + dma->page_size)
			return 0;
	}
	return 1;
}
