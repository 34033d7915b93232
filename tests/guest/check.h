/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check.h - what the programs that check the request layer on a real controller share: opening it,
 * memory whose pages lie in no order on the bus, bytes that say which block they belong to, waiting.
 *
 * A check that fails ends the program with status 1.
 */
#ifndef TESTS_GUEST_CHECK_H
#define TESTS_GUEST_CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_buf.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_ns.h"
#include "nvm_qpair.h"
#include "nvm_spec.h"

#define TIMEOUT_MS 20000
#define MAX_NS     16

#define CHECK(condition, ...)                                                   \
	do {                                                                    \
		if (!(condition)) {                                             \
			fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);         \
			fprintf(stderr, __VA_ARGS__);                           \
			fprintf(stderr, " [last message: %s]\n", nvm_errmsg()); \
			exit(1);                                                \
		}                                                               \
	} while (0)

struct target {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_ns_t ns[MAX_NS];
	size_t n_ns;
};

static inline uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Open the controller that the only argument names, and learn its namespaces. */
static inline void target_open(struct target *t, int argc, char **argv)
{
	uint32_t ns_ids[MAX_NS];
	nvm_dma_t *page;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2 || strncmp(argv[1], "--ctrl=", 7) != 0) {
		fprintf(stderr, "usage: %s --ctrl=URI\n", argv[0]);
		exit(2);
	}
	status = nvm_ctrl_open(&t->ctrl, argv[1] + 7, NULL);
	CHECK(status == 0, "open: %s", nvm_strerror(status));
	status = nvm_aq_open(&t->aq, t->ctrl);
	CHECK(status == 0, "admin queue: %s", nvm_strerror(status));
	CHECK(nvm_dma_create(&page, t->ctrl, 4096) == 0, "memory");
	t->n_ns = MAX_NS;
	status = nvm_admin_active_ns(t->aq, ns_ids, &t->n_ns, page->vaddr, page->ioaddrs[0]);
	CHECK(status == 0 && t->n_ns >= 1 && t->n_ns <= MAX_NS, "%zu namespaces: %s", t->n_ns,
	      nvm_strerror(status));
	nvm_dma_unmap(page);
	for (size_t i = 0; i < t->n_ns; i++) {
		status = nvm_ns_init(&t->ns[i], t->aq, ns_ids[i]);
		CHECK(status == 0, "namespace %u: %s", ns_ids[i], nvm_strerror(status));
	}
}

static inline void target_close(struct target *t)
{
	nvm_aq_destroy(t->aq);
	nvm_ctrl_free(t->ctrl);
}

/* Disks of the guest tests are told apart by their serial numbers. */
static inline bool target_is(struct target *t, const char *serial)
{
	struct nvm_ctrl_info info;
	nvm_dma_t *page;

	CHECK(nvm_dma_create(&page, t->ctrl, 4096) == 0, "memory");
	CHECK(nvm_admin_ctrl_info(t->aq, &info, page->vaddr, page->ioaddrs[0]) == 0, "identify");
	nvm_dma_unmap(page);
	return memcmp(info.serial_no, serial, strlen(serial)) == 0;
}

static inline nvm_qpair_t *make_qpair(struct target *t, const struct nvm_qpair_options *options)
{
	nvm_qpair_t *qp;
	int status = nvm_qpair_create(&qp, t->aq, options);

	CHECK(status == 0, "queue pair: %s", nvm_strerror(status));
	return qp;
}

/**
 * struct memory - registered memory; page i of @buf is page @order[i] of @dma
 */
struct memory {
	nvm_dma_t *dma;
	nvm_dma_t *mixed;
	nvm_buf_t *buf;
	size_t *order;
};

/* @mixed: no page is followed by its neighbour on the bus. */
static inline void memory_make(struct memory *m, struct target *t, size_t n_pages, bool mixed)
{
	size_t size = t->ctrl->page_size;
	uint64_t *ioaddrs = calloc(n_pages, sizeof(*ioaddrs));

	m->order = calloc(n_pages, sizeof(*m->order));
	CHECK(ioaddrs != NULL && m->order != NULL, "memory");
	CHECK(nvm_dma_create(&m->dma, t->ctrl, n_pages * size) == 0, "%zu pages", n_pages);
	for (size_t i = 0; i < n_pages; i++) {
		size_t half = (n_pages + 1) / 2;

		m->order[i] = !mixed ? i : i % 2 == 0 ? half - 1 - i / 2 : n_pages - 1 - i / 2;
		ioaddrs[i] = m->dma->ioaddrs[m->order[i]];
	}
	CHECK(nvm_dma_map(&m->mixed, t->ctrl, NULL, size, n_pages, ioaddrs) == 0, "description");
	CHECK(nvm_buf_create(&m->buf, t->ctrl, m->mixed) == 0, "buffer");
	CHECK(m->buf->size == n_pages * size, "a buffer of %zu bytes", m->buf->size);
	free(ioaddrs);
}

static inline void memory_free(struct memory *m)
{
	nvm_buf_destroy(m->buf);
	nvm_dma_unmap(m->mixed);
	nvm_dma_unmap(m->dma);
	free(m->order);
}

/* Bytes as the controller sees them from an offset on: copied to and from there. */
static inline void memory_copy(const struct memory *m, size_t offset, void *bytes, size_t size,
			       bool to_memory)
{
	size_t page = m->dma->page_size;

	while (size > 0) {
		size_t n = page - offset % page;
		char *at = (char *)m->dma->vaddr + m->order[offset / page] * page + offset % page;

		n = n < size ? n : size;
		memcpy(to_memory ? at : bytes, to_memory ? bytes : at, n);
		bytes = (char *)bytes + n;
		offset += n;
		size -= n;
	}
}

static inline void memory_put(const struct memory *m, size_t offset, void *bytes, size_t size)
{
	memory_copy(m, offset, bytes, size, true);
}

static inline void memory_get(const struct memory *m, size_t offset, void *bytes, size_t size)
{
	memory_copy(m, offset, bytes, size, false);
}

static inline void memory_set(const struct memory *m, int byte)
{
	memset(m->dma->vaddr, byte, m->dma->n_ioaddrs * m->dma->page_size);
}

/* Every eight bytes of a block differ from all others of any block and generation. */
static inline uint64_t stamp(uint64_t lba, uint32_t generation, size_t i)
{
	return (lba << 24 | i) * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)generation << 40;
}

static inline void stamp_block(void *block, size_t size, uint64_t lba, uint32_t generation)
{
	uint64_t *word = block;

	for (size_t i = 0; i < size / 8; i++)
		word[i] = stamp(lba, generation, i);
}

static inline void stamp_blocks(void *bytes, const nvm_ns_t *ns, uint64_t lba, uint64_t n_blocks,
				uint32_t generation)
{
	size_t size = (size_t)1 << ns->lba_shift;

	for (uint64_t i = 0; i < n_blocks; i++)
		stamp_block((char *)bytes + i * size, size, lba + i, generation);
}

/* A request that waits for its end. */
struct waiter {
	unsigned int n_calls;
	int status;
	uint32_t result;
};

static inline void waiter_done(void *arg, int status, uint32_t result)
{
	struct waiter *w = arg;

	w->n_calls++;
	w->status = status;
	w->result = result;
}

/* Wait for the end of a request; @submitted is what submitting it returned. Its status. */
static inline int finish(nvm_qpair_t *qp, struct waiter *w, int submitted)
{
	uint64_t until = now_ms() + TIMEOUT_MS;

	CHECK(submitted == 0, "refused: %s", nvm_strerror(submitted));
	while (w->n_calls == 0) {
		nvm_qpair_poll(qp, 64);
		CHECK(w->n_calls != 0 || now_ms() < until, "a request does not end");
	}
	nvm_qpair_poll(qp, 64);
	CHECK(w->n_calls == 1, "completed %u times", w->n_calls);
	w->n_calls = 0;
	CHECK(nvm_qpair_in_flight(qp) == 0, "%u in flight after the only request",
	      nvm_qpair_in_flight(qp));
	return w->status;
}

#endif
