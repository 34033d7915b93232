/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metadata_check.c - namespaces with metadata on a real controller, apart from the data or in line
 * with it: data and metadata compared byte by byte, and requests that do not bring any refused.
 * Overwrites them from block 1000 on.
 *
 * usage: metadata_check --ctrl=URI
 */
#include "check.h"

#define FIRST   1000 /* before it a kernel looks for partitions */
#define N_PAGES 140

struct check {
	struct target t;
	const nvm_ns_t *ns;
	nvm_qpair_t *qp;
	struct memory data, metadata;
	char *want, *got;
	uint32_t generation;
};

/* Data and metadata of blocks from @lba on, as they lie in one buffer or two. */
static void stamp_all(struct check *c, uint64_t lba, uint32_t n)
{
	size_t size = (size_t)1 << c->ns->lba_shift, extra = c->ns->metadata_size;

	c->generation++;
	for (uint32_t i = 0; i < n; i++) {
		size_t step = c->ns->metadata_inline ? size + extra : size;
		char *metadata = c->ns->metadata_inline ? c->want + i * step + size
							: c->want + n * size + i * extra;

		stamp_block(c->want + i * step, size, lba + i, c->generation);
		stamp_block(metadata, extra, lba + i, c->generation + 0x800000);
	}
}

static int transfer(struct check *c, uint8_t opcode, size_t offset, uint64_t lba, uint32_t n)
{
	size_t size = (size_t)n << c->ns->lba_shift, extra = (size_t)n * c->ns->metadata_size;
	size_t inlined = c->ns->metadata_inline ? extra : 0;
	struct nvm_io_vec data = {c->data.buf, offset, size + inlined};
	struct waiter w = {0};
	struct nvm_io io = {c->ns, opcode, 0, lba, n, &data, 1, {0}, waiter_done, &w};

	if (!c->ns->metadata_inline)
		io.metadata = (struct nvm_io_vec){c->metadata.buf, 8, extra};
	return finish(c->qp, &w, nvm_qpair_io(c->qp, &io));
}

/* Where the bytes of @want are in memory: to or from there. */
static void copy_all(struct check *c, char *bytes, size_t offset, uint32_t n, bool to_memory)
{
	size_t size = (size_t)n << c->ns->lba_shift, extra = (size_t)n * c->ns->metadata_size;

	if (c->ns->metadata_inline) {
		memory_copy(&c->data, offset, bytes, size + extra, to_memory);
	} else {
		memory_copy(&c->data, offset, bytes, size, to_memory);
		memory_copy(&c->metadata, 8, bytes + size, extra, to_memory);
	}
}

static void there_and_back(struct check *c, size_t offset, uint64_t lba, uint32_t n)
{
	size_t size = ((size_t)n << c->ns->lba_shift) + (size_t)n * c->ns->metadata_size;
	int status;

	stamp_all(c, lba, n);
	copy_all(c, c->want, offset, n, true);
	status = transfer(c, NVM_IO_OPC_WRITE, offset, lba, n);
	CHECK(status == 0, "namespace %u: write %u blocks: %s", c->ns->ns_id, n,
	      nvm_strerror(status));
	memory_set(&c->data, 0xee);
	memory_set(&c->metadata, 0xee);
	status = transfer(c, NVM_IO_OPC_READ, offset, lba, n);
	CHECK(status == 0, "namespace %u: read %u blocks: %s", c->ns->ns_id, n,
	      nvm_strerror(status));
	copy_all(c, c->got, offset, n, false);
	for (size_t i = 0; i < size; i++)
		CHECK(c->got[i] == c->want[i], "namespace %u: %u blocks: byte %zu of %zu differs",
		      c->ns->ns_id, n, i, size);
	/* Nothing after them. */
	copy_all(c, c->got, offset, n + 1, false);
	CHECK(c->got[((size_t)n << c->ns->lba_shift) +
		     (c->ns->metadata_inline ? (size_t)n * c->ns->metadata_size : 0)] == '\xee',
	      "namespace %u: written beyond %u blocks", c->ns->ns_id, n);
}

static void named(int status, int want, const char *what)
{
	CHECK(status == want && strstr(nvm_errmsg(), "metadata") != NULL, "%s: %s", what,
	      nvm_strerror(status));
}

static void refusals(struct check *c)
{
	const nvm_buf_t *buf = c->data.buf;
	size_t size = (size_t)1 << c->ns->lba_shift, extra = c->ns->metadata_size;
	struct nvm_io_vec data = {buf, 0, size};
	struct waiter w = {0};
	struct nvm_io io = {c->ns, NVM_IO_OPC_READ, 0, FIRST, 1, &data, 1, {0}, waiter_done, &w};

	named(nvm_qpair_read(c->qp, c->ns, buf, 0, FIRST, 1, waiter_done, &w), EINVAL, "read");
	named(nvm_qpair_write(c->qp, c->ns, buf, 0, FIRST, 1, waiter_done, &w), EINVAL, "write");
	named(nvm_qpair_io(c->qp, &io), EINVAL, "data alone");
	if (!c->ns->metadata_inline) {
		io.metadata = (struct nvm_io_vec){c->metadata.buf, 0, extra - 4};
		named(nvm_qpair_io(c->qp, &io), EINVAL, "too little metadata");
		io.metadata = (struct nvm_io_vec){c->metadata.buf, 2, extra};
		named(nvm_qpair_io(c->qp, &io), EINVAL, "metadata at an odd offset");
		io.metadata = (struct nvm_io_vec){c->metadata.buf, c->metadata.buf->size, extra};
		CHECK(nvm_qpair_io(c->qp, &io) == ERANGE, "metadata beyond the buffer");
	}
	CHECK(w.n_calls == 0 && nvm_qpair_in_flight(c->qp) == 0, "something was submitted");
}

/*
 * QEMU 7.2 moves metadata that lies apart in sectors of 512 B, and of more than one sector leaves
 * out what does not fill the last.
 */
static bool qemu_fails(const nvm_ns_t *ns, uint32_t n_blocks)
{
	uint32_t most = n_blocks < ns->max_blocks ? n_blocks : ns->max_blocks;
	uint32_t size = most * ns->metadata_size;

	return !ns->metadata_inline && size > 512 && size % 512 != 0;
}

int main(int argc, char **argv)
{
	static const uint32_t counts[] = {1, 2, 3, 7, 8, 9, 16, 30, 31, 32, 33, 63, 64};
	struct check c = {0};
	unsigned int n = 0;

	target_open(&c.t, argc, argv);
	memory_make(&c.data, &c.t, N_PAGES, true);
	memory_make(&c.metadata, &c.t, 2, false);
	c.want = calloc(2, N_PAGES * 4096);
	c.got = calloc(2, N_PAGES * 4096);
	CHECK(c.want != NULL && c.got != NULL, "memory");
	for (size_t i = 0; i < c.t.n_ns; i++) {
		c.ns = &c.t.ns[i];
		if (c.ns->metadata_size == 0)
			continue;
		for (int prp_only = 0; prp_only < 2; prp_only++) {
			struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;

			options.prp_only = prp_only != 0;
			c.qp = make_qpair(&c.t, &options);
			for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
				if (!qemu_fails(c.ns, counts[j]))
					there_and_back(&c, j * 516, FIRST + j, counts[j]);
			refusals(&c);
			nvm_qpair_destroy(c.qp);
		}
		printf("namespace %u: blocks of %u + %u B, %s\n", c.ns->ns_id,
		       1U << c.ns->lba_shift, c.ns->metadata_size,
		       c.ns->metadata_inline ? "in line" : "apart");
		n++;
	}
	free(c.want);
	free(c.got);
	memory_free(&c.data);
	memory_free(&c.metadata);
	target_close(&c.t);
	if (n == 0) {
		printf("SKIP: no namespace with metadata\n");
		return 77;
	}
	return 0;
}
