/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_data.c - describing data to the controller: PRPs and their lists, SGLs and their segments.
 *
 * In order of preference: what needs no list (two PRPs, one SGL data block), a piece of a buffer's own
 * tables, and list pages of the queue pair, as a PRP list or as SGL segments, whichever is shorter.
 * Base Specification, "Physical Region Page Entry and List", "Scatter Gather List".
 */
#include "io/qpair.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

#define PSDT_SGL NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER) << 8

uint32_t nvmi_lists_take(struct nvmi_lists *lists, uint32_t n)
{
	uint32_t first = lists->free;
	uint32_t last = first;

	if (n == 0)
		return NVMI_QPAIR_NONE;
	for (uint32_t i = 1; i < n; ++i)
		last = lists->next[last];
	lists->free = lists->next[last];
	lists->next[last] = NVMI_QPAIR_NONE;
	lists->n_free -= n;
	return first;
}

void nvmi_lists_give(struct nvmi_lists *lists, uint32_t first)
{
	while (first != NVMI_QPAIR_NONE) {
		uint32_t next = lists->next[first];

		lists->next[first] = lists->free;
		lists->free = first;
		++lists->n_free;
		first = next;
	}
}

void nvmi_cursor_advance(struct nvmi_cursor *data, size_t size)
{
	data->offset += size;
	while (data->n != 0 && data->offset >= data->vec->size) {
		data->offset -= data->vec->size;
		++data->vec;
		--data->n;
	}
}

/* Bytes of the present part of a buffer that are left, at most @size. */
static size_t room(const struct nvmi_cursor *data, size_t size)
{
	size_t left = data->vec->size - data->offset;

	return left < size ? left : size;
}

static size_t buf_page(const struct nvmi_cursor *data)
{
	return (data->vec->offset + data->offset) >> data->vec->buf->page_shift;
}

static size_t page_offset(const struct nvmi_cursor *data)
{
	return (data->vec->offset + data->offset) & (((size_t)1 << data->vec->buf->page_shift) - 1);
}

static uint64_t bus_address(const struct nvmi_cursor *data)
{
	return data->vec->buf->ioaddrs[buf_page(data)] + page_offset(data);
}

/* How far the memory is contiguous on the bus from here on, within this part; at most @size. */
static size_t run(const struct nvmi_cursor *data, size_t size)
{
	const nvm_buf_t *buf = data->vec->buf;
	const uint64_t page_size = UINT64_C(1) << buf->page_shift;
	size_t want = room(data, size);
	size_t page = buf_page(data);
	size_t length = page_size - page_offset(data);

	if (buf->contiguous)
		return want;
	for (; length < want && buf->ioaddrs[page + 1] == buf->ioaddrs[page] + page_size; ++page)
		length += page_size;
	return length < want ? length : want;
}

/* The next piece that is contiguous on the bus, over the ends of parts; at most @size. Goes behind it. */
static size_t take_piece(struct nvmi_cursor *data, size_t size, uint64_t *address)
{
	size_t length = 0;

	*address = bus_address(data);
	do {
		size_t n = run(data, size - length);

		nvmi_cursor_advance(data, n);
		length += n;
	} while (length < size && bus_address(data) == *address + length);
	return length;
}

/* Pages that a chain of @n elements takes, of which @per_page fit a page; one may be the link. */
static size_t chain_pages(size_t per_page, size_t n)
{
	/* SGL segments are linked as PRP lists are, only of larger elements. */
	return nvm_prp_chain_pages(per_page * sizeof(uint64_t), n);
}

/* Elements that fit all list pages there are. */
static size_t chain_room(const struct nvmi_lists *lists, size_t element)
{
	return lists->n * (lists->page_size / element - 1) + 1;
}

size_t nvmi_data_max_pieces(const struct nvmi_qpair *p)
{
	return chain_room(&p->requests.lists, sizeof(struct nvm_sgl_desc));
}

/* Do parts begin and end at pages, as PRPs need it? */
static bool is_paged(const struct nvmi_cursor *data, size_t size)
{
	size_t mask = ((size_t)1 << data->vec->buf->page_shift) - 1;
	size_t at = room(data, size);

	for (size_t i = 0; at < size; ++i) {
		const struct nvm_io_vec *ends = &data->vec[i];
		const struct nvm_io_vec *begins = ends + 1;

		if (((ends->offset + ends->size) & mask) != 0 || (begins->offset & mask) != 0)
			return false;
		at += begins->size;
	}
	return true;
}

/* Pieces that the next @size bytes consist of; *covered: bytes in the first @max of them. */
static size_t count_pieces(struct nvmi_cursor data, size_t size, size_t max, size_t *covered)
{
	uint64_t address;
	size_t n = 0;

	for (*covered = 0; *covered < size && n < max; ++n)
		*covered += take_piece(&data, size - *covered, &address);
	return n;
}

/* A single part of a buffer, and no list page is needed. */
static bool plan_simple(const struct nvmi_qpair *p, const struct nvmi_cursor *data, size_t size,
			struct nvmi_data_plan *plan)
{
	const nvm_buf_t *buf = data->vec->buf;
	size_t n_more = (page_offset(data) + size - 1) >> buf->page_shift;

	if (room(data, size) < size)
		return false;
	if (n_more <= 1)
		plan->kind = NVMI_DATA_PRP;
	else if (buf->contiguous && p->qp.use_sgl)
		plan->kind = NVMI_DATA_BLOCK;
	else if (nvm_buf_list(buf, buf_page(data) + 1, n_more) != 0)
		plan->kind = NVMI_DATA_TABLE;
	else
		return false;
	plan->n_entries = n_more;
	return true;
}

/* As few blocks less as it takes to have no more than @max PRP entries beyond the first. */
static void plan_prp(const struct nvmi_qpair *p, const struct nvmi_cursor *data, size_t size,
		     size_t block_size, struct nvmi_data_plan *plan)
{
	const struct nvmi_lists *lists = &p->requests.lists;
	size_t most =
		(chain_room(lists, sizeof(uint64_t)) + 1) * lists->page_size - page_offset(data);

	plan->kind = NVMI_DATA_PRP;
	plan->size = size <= most ? size : most - most % block_size;
	plan->n_entries = (page_offset(data) + plan->size - 1) / lists->page_size;
	if (plan->n_entries > 1)
		plan->n_lists =
			(uint32_t)chain_pages(lists->page_size / sizeof(uint64_t), plan->n_entries);
}

static void plan_sgl(const struct nvmi_qpair *p, const struct nvmi_cursor *data, size_t size,
		     size_t block_size, struct nvmi_data_plan *plan)
{
	const struct nvmi_lists *lists = &p->requests.lists;
	size_t covered;

	plan->n_entries = count_pieces(*data, size, nvmi_data_max_pieces(p), &covered);
	plan->size = covered;
	if (covered < size) {
		plan->size = covered - covered % block_size;
		plan->n_entries = count_pieces(*data, plan->size, SIZE_MAX, &covered);
	}
	plan->kind = plan->n_entries == 1 ? NVMI_DATA_BLOCK : NVMI_DATA_SGL;
	if (plan->kind == NVMI_DATA_SGL)
		plan->n_lists = (uint32_t)chain_pages(
			lists->page_size / sizeof(struct nvm_sgl_desc), plan->n_entries);
}

void nvmi_data_plan(const struct nvmi_qpair *p, const struct nvmi_cursor *data, size_t size,
		    size_t block_size, struct nvmi_data_plan *plan)
{
	struct nvmi_data_plan sgl = {.n_lists = 0};

	*plan = (struct nvmi_data_plan){.size = size};
	if (plan_simple(p, data, size, plan))
		return;
	if (!p->qp.use_sgl) {
		plan_prp(p, data, size, block_size, plan);
		return;
	}
	plan_sgl(p, data, size, block_size, &sgl);
	if (is_paged(data, size))
		plan_prp(p, data, size, block_size, plan);
	if (plan->n_entries == 0 || sgl.kind == NVMI_DATA_BLOCK ||
	    (plan->n_entries > 1 && sgl.size >= plan->size &&
	     sgl.n_entries * sizeof(struct nvm_sgl_desc) <= plan->n_entries * sizeof(uint64_t)))
		*plan = sgl;
}

/* Where the next element of a chain goes. */
struct writer {
	const struct nvmi_lists *lists;
	uint32_t page;
	size_t at;   /* elements in the page */
	size_t left; /* elements to come */
};

static void *list_page(const struct nvmi_lists *lists, uint32_t page)
{
	return lists->vaddr + page * lists->page_size;
}

static void write_prp(struct writer *w, uint64_t address)
{
	size_t per_page = w->lists->page_size / sizeof(uint64_t);
	uint64_t *list = list_page(w->lists, w->page);

	/* The last entry of a page is a pointer only if more than one is left to come. */
	if (w->at == per_page - 1 && w->left > 1) {
		w->page = w->lists->next[w->page];
		list[w->at] = w->lists->ioaddrs[w->page];
		list = list_page(w->lists, w->page);
		w->at = 0;
	}
	list[w->at++] = address;
	--w->left;
}

/* The address of every page of the next @size bytes but the first page. */
static void write_prps(struct writer *w, struct nvmi_cursor data, size_t size, uint64_t *second)
{
	bool first = true;

	while (size > 0) {
		const nvm_buf_t *buf = data.vec->buf;
		size_t n = room(&data, size);
		size_t page = buf_page(&data);
		size_t end = page + ((page_offset(&data) + n - 1) >> buf->page_shift);

		for (; page <= end; ++page) {
			if (!first && second != NULL)
				*second = buf->ioaddrs[page];
			else if (!first)
				write_prp(w, buf->ioaddrs[page]);
			first = false;
		}
		nvmi_cursor_advance(&data, n);
		size -= n;
	}
}

/* A descriptor of the next segment, of as many of the @left descriptors as a page holds. */
static struct nvm_sgl_desc segment(const struct nvmi_lists *lists, uint32_t page, size_t left)
{
	size_t per_page = lists->page_size / sizeof(struct nvm_sgl_desc);
	bool last = left <= per_page;

	return (struct nvm_sgl_desc){
		.addr = lists->ioaddrs[page],
		.length = (uint32_t)((last ? left : per_page) * sizeof(struct nvm_sgl_desc)),
		.type = (uint8_t)NVM_FIELD(SGL_TYPE,
					   last ? NVM_SGL_TYPE_LAST_SEGMENT : NVM_SGL_TYPE_SEGMENT),
	};
}

static void write_desc(struct writer *w, uint64_t address, size_t length)
{
	size_t per_page = w->lists->page_size / sizeof(struct nvm_sgl_desc);
	struct nvm_sgl_desc *list = list_page(w->lists, w->page);

	if (w->at == per_page - 1 && w->left > 1) {
		w->page = w->lists->next[w->page];
		list[w->at] = segment(w->lists, w->page, w->left);
		list = list_page(w->lists, w->page);
		w->at = 0;
	}
	list[w->at++] = (struct nvm_sgl_desc){.addr = address, .length = (uint32_t)length};
	--w->left;
}

static void build_prp(struct nvmi_qpair *p, const struct nvmi_cursor *data,
		      const struct nvmi_data_plan *plan, struct nvmi_dptr *dptr)
{
	struct nvmi_lists *lists = &p->requests.lists;
	struct writer w = {.lists = lists, .page = dptr->lists, .left = plan->n_entries};

	dptr->prp1 = bus_address(data);
	if (plan->n_entries == 1)
		write_prps(NULL, *data, plan->size, &dptr->prp2);
	else if (plan->n_entries > 1) {
		dptr->prp2 = lists->ioaddrs[dptr->lists];
		write_prps(&w, *data, plan->size, NULL);
	}
}

static void build_segments(struct nvmi_qpair *p, struct nvmi_cursor data,
			   const struct nvmi_data_plan *plan, struct nvmi_dptr *dptr)
{
	struct nvmi_lists *lists = &p->requests.lists;
	struct writer w = {.lists = lists, .page = dptr->lists, .left = plan->n_entries};
	struct nvm_sgl_desc first = segment(lists, dptr->lists, plan->n_entries);

	for (size_t done = 0; done < plan->size;) {
		uint64_t address;
		size_t n = take_piece(&data, plan->size - done, &address);

		write_desc(&w, address, n);
		done += n;
	}
	dptr->prp1 = first.addr;
	dptr->prp2 = first.length | (uint64_t)first.type << 56;
	dptr->psdt = PSDT_SGL;
}

void nvmi_data_build(struct nvmi_qpair *p, const struct nvmi_cursor *data,
		     const struct nvmi_data_plan *plan, struct nvmi_dptr *dptr)
{
	const nvm_buf_t *buf = data->vec->buf;

	*dptr = (struct nvmi_dptr){.lists = nvmi_lists_take(&p->requests.lists, plan->n_lists)};
	switch (plan->kind) {
	case NVMI_DATA_PRP:
		build_prp(p, data, plan, dptr);
		break;
	case NVMI_DATA_TABLE:
		dptr->prp1 = bus_address(data);
		dptr->prp2 = nvm_buf_list(buf, buf_page(data) + 1, plan->n_entries);
		break;
	case NVMI_DATA_BLOCK:
		dptr->prp1 = bus_address(data);
		dptr->prp2 = plan->size;
		dptr->psdt = PSDT_SGL;
		break;
	case NVMI_DATA_SGL:
		build_segments(p, *data, plan, dptr);
		break;
	}
}
