/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_walker.h - reads a command's data pointer as a device does, rule by rule (Base Specification,
 * "Physical Region Page Entry and List", "Scatter Gather List"), and compares what it describes with
 * the memory that was meant. Include after cmocka.h.
 */
#ifndef TESTS_SUPPORT_QPAIR_WALKER_H
#define TESTS_SUPPORT_QPAIR_WALKER_H

#include "support/qpair_device.h"

/**
 * struct qwalk - a walk through the memory that a command should describe
 * @d: the device
 * @vec, @n: what is meant, not yet seen
 * @offset: bytes of vec[0] that were seen
 * @left: bytes of the transfer not yet seen
 * @n_lists: list pages or segments looked at
 * @n_entries: entries and descriptors looked at
 */
struct qwalk {
	struct qd *d;
	const struct nvm_io_vec *vec;
	size_t n;
	size_t offset;
	uint64_t left;
	unsigned int n_lists;
	unsigned int n_entries;
};

/* Is this the memory that comes next? */
static inline void qwalk_piece(struct qwalk *w, uint64_t bus, uint64_t size)
{
	size_t page_size = w->d->ctrl->page_size;

	assert_true(size <= w->left);
	w->left -= size;
	while (size > 0) {
		const struct nvm_io_vec *v = w->vec;
		size_t at = v->offset + w->offset;
		uint64_t n = page_size - at % page_size;

		assert_true(w->n > 0);
		if (n > v->size - w->offset)
			n = v->size - w->offset;
		if (n > size)
			n = size;
		if (bus != v->buf->ioaddrs[at / page_size] + at % page_size)
			fail_msg("0x%llx instead of 0x%llx, %llu bytes before the end",
				 (unsigned long long)bus,
				 (unsigned long long)(v->buf->ioaddrs[at / page_size] +
						      at % page_size),
				 (unsigned long long)(w->left + size));
		bus += n;
		size -= n;
		w->offset += n;
		if (w->offset == v->size) {
			++w->vec;
			--w->n;
			w->offset = 0;
		}
	}
}

static inline void qwalk_list(struct qwalk *w, uint64_t list)
{
	size_t page_size = w->d->ctrl->page_size;

	assert_int_equal(list % 8, 0);
	++w->n_lists;
	while (w->left > 0) {
		uint64_t entry = *(uint64_t *)qd_at(w->d, list, 8);
		bool last_slot = list % page_size == page_size - 8;

		assert_int_equal(entry % page_size, 0);
		++w->n_entries;
		if (last_slot && w->left > page_size) {
			list = entry;
			++w->n_lists;
			continue;
		}
		qwalk_piece(w, entry, w->left < page_size ? w->left : page_size);
		list += 8;
	}
}

static inline void qwalk_prp(struct qwalk *w, const struct nvm_sqe *sqe)
{
	size_t page_size = w->d->ctrl->page_size;
	uint64_t first = page_size - sqe->prp1 % page_size;

	assert_int_equal(sqe->prp1 % 4, 0);
	qwalk_piece(w, sqe->prp1, first < w->left ? first : w->left);
	if (w->left == 0) {
		assert_int_equal(sqe->prp2, 0);
		return;
	}
	if (w->left <= page_size) {
		assert_int_equal(sqe->prp2 % page_size, 0);
		qwalk_piece(w, sqe->prp2, w->left);
		return;
	}
	qwalk_list(w, sqe->prp2);
}

static inline void qwalk_sgl(struct qwalk *w, const struct nvm_sqe *sqe)
{
	struct nvm_sgl_desc desc = sqe->sgl1;
	bool last = false;

	assert_int_equal(desc.rsvd[0] | desc.rsvd[1] | desc.rsvd[2], 0);
	if (desc.type == NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_DATA_BLOCK)) {
		assert_int_equal(desc.length, w->left);
		qwalk_piece(w, desc.addr, desc.length);
		return;
	}
	while (!last) {
		uint64_t n = desc.length / 16, list = desc.addr;

		last = desc.type == NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_LAST_SEGMENT);
		assert_true(last || desc.type == NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_SEGMENT));
		assert_true(n > 0 && desc.length % 16 == 0 && list % 8 == 0);
		++w->n_lists;
		for (uint64_t i = 0; i < n; ++i) {
			memcpy(&desc, qd_at(w->d, list + i * 16, 16), 16);
			assert_int_equal(desc.rsvd[0] | desc.rsvd[1] | desc.rsvd[2], 0);
			++w->n_entries;
			if (i == n - 1 && !last)
				break;
			assert_int_equal(desc.type, 0);
			assert_true(desc.length > 0 && desc.length % 4 == 0);
			qwalk_piece(w, desc.addr, desc.length);
		}
	}
}

/* Check the data pointer of a command against the next @size bytes of what is meant. */
static inline void qwalk(struct qwalk *w, const struct nvm_sqe *sqe, uint64_t size)
{
	w->left = size;
	w->n_lists = 0;
	w->n_entries = 0;
	if (NVM_SQE_PSDT(sqe->flags) == NVM_PSDT_SGL_MPTR_BUFFER)
		qwalk_sgl(w, sqe);
	else {
		assert_int_equal(sqe->flags, 0);
		qwalk_prp(w, sqe);
	}
	assert_int_equal(w->left, 0);
}

#endif
