/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_check.c - the request layer against a real controller: transfers of every kind, every byte
 * of them compared, the other commands, and what is refused. Overwrites every namespace without
 * metadata.
 *
 * usage: qpair_check --ctrl=URI
 */
#include "check.h"

/* QEMU takes at most 1024 fragments per command, whatever MDTS says. */
#define MAX_PAGES 1024
#define N_PAGES   (MAX_PAGES + 8)

struct check {
	struct target t;
	const nvm_ns_t *ns;
	nvm_qpair_t *qp;
	struct memory straight, mixed;
	char *want, *got;
	uint32_t generation;
	uint64_t bytes;
};

/* Write a request's worth of stamped blocks from @m and read it back; nothing around it changes. */
static void there_and_back(struct check *c, const struct memory *m, size_t offset, uint64_t lba,
			   uint32_t n_blocks)
{
	size_t size = (size_t)n_blocks << c->ns->lba_shift, guard = offset < 64 ? offset : 64;
	struct waiter w = {0};
	int status;

	stamp_blocks(c->want, c->ns, lba, n_blocks, ++c->generation);
	memory_put(m, offset, c->want, size);
	status = finish(
		c->qp, &w,
		nvm_qpair_write(c->qp, c->ns, m->buf, offset, lba, n_blocks, waiter_done, &w));
	CHECK(status == 0, "write %u blocks at offset %zu: %s", n_blocks, offset,
	      nvm_strerror(status));

	memset(c->got, 0xee, guard + size + 64);
	memory_put(m, offset - guard, c->got, guard + size + 64);
	status = finish(
		c->qp, &w,
		nvm_qpair_read(c->qp, c->ns, m->buf, offset, lba, n_blocks, waiter_done, &w));
	CHECK(status == 0, "read %u blocks at offset %zu: %s", n_blocks, offset,
	      nvm_strerror(status));
	memory_get(m, offset - guard, c->got, guard + size + 64);
	CHECK(memcmp(c->got + guard, c->want, size) == 0, "%u blocks at offset %zu differ",
	      n_blocks, offset);
	for (size_t i = 0; i < 64; i++)
		CHECK(c->got[guard + size + i] == '\xee' && (i >= guard || c->got[i] == '\xee'),
		      "%u blocks at offset %zu: written beyond them", n_blocks, offset);
	c->bytes += 2 * size;
}

static void transfers(struct check *c)
{
	static const size_t pages[] = {1,   2,   3,   4,   9,   64,  65,  128, 129, 256,
				       257, 258, 511, 512, 513, 514, 515, 769, 1024};
	static const size_t offsets[] = {0, 4, 512, 2048, 4092};
	size_t page_size = c->t.ctrl->page_size, block = (size_t)1 << c->ns->lba_shift;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		for (size_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
			size_t n_blocks = (pages[i] * page_size - offsets[j]) / block;
			/* Starting on different pages: the tables have edges of their own. */
			size_t page = (i + j) % 5;

			if (n_blocks == 0 || (pages[i] > 300 && offsets[j] % 512 == 0 && j > 0))
				continue;
			there_and_back(c, i % 2 == 0 ? &c->mixed : &c->straight,
				       page * page_size + offsets[j], i, (uint32_t)n_blocks);
		}
	for (uint32_t n = 1; n < 40; n++)
		there_and_back(c, &c->mixed, n * 512 + 12 * n, 100 + n, n);
}

static uint32_t seed = 1;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % n;
}

/* One request over pieces of both buffers; with SGLs they may start and end anywhere. */
static void scattered(struct check *c, size_t n_pieces, bool anywhere)
{
	size_t page = c->t.ctrl->page_size, block = (size_t)1 << c->ns->lba_shift;
	struct nvm_io_vec pieces[32];
	size_t used[2] = {0, 0}, size = 0, at;
	struct waiter w = {0};
	struct nvm_io io = {0};
	int status;

	for (size_t i = 0; i < n_pieces; i++) {
		const struct memory *m = i % 2 == 0 ? &c->mixed : &c->straight;
		size_t start = 0, length = page * (1 + below(12)), tail;

		if (anywhere) {
			start = 4 * below(64);
			length = 4 * (1 + below(9000));
		} else if (i == 0) {
			start = 4 * below((uint32_t)page / 4);
			length -= start;
		}
		/* The last piece makes them whole blocks. */
		tail = (size + length) % block;
		if (i == n_pieces - 1 && tail != 0)
			length += block - tail;
		pieces[i] = (struct nvm_io_vec){m->buf, used[i % 2] + start, length};
		used[i % 2] += (start + length + page - 1) / page * page;
		size += length;
	}
	io.ns = c->ns;
	io.lba = 7;
	io.n_blocks = size / block;
	io.data = pieces;
	io.n_data = n_pieces;
	io.fn = waiter_done;
	io.arg = &w;

	stamp_blocks(c->want, c->ns, 7, io.n_blocks, ++c->generation);
	at = 0;
	for (size_t i = 0; i < n_pieces; at += pieces[i++].size)
		memory_put(i % 2 == 0 ? &c->mixed : &c->straight, pieces[i].offset, c->want + at,
			   pieces[i].size);
	io.opcode = NVM_IO_OPC_WRITE;
	io.flags = n_pieces % 2 == 0 ? NVM_FIELD(RW_FUA, 1) : 0;
	status = finish(c->qp, &w, nvm_qpair_io(c->qp, &io));
	CHECK(status == 0, "write of %zu pieces: %s", n_pieces, nvm_strerror(status));
	memory_set(&c->mixed, 0xee);
	memory_set(&c->straight, 0xee);
	io.opcode = NVM_IO_OPC_READ;
	status = finish(c->qp, &w, nvm_qpair_io(c->qp, &io));
	CHECK(status == 0, "read of %zu pieces: %s", n_pieces, nvm_strerror(status));
	at = 0;
	for (size_t i = 0; i < n_pieces; at += pieces[i++].size)
		memory_get(i % 2 == 0 ? &c->mixed : &c->straight, pieces[i].offset, c->got + at,
			   pieces[i].size);
	CHECK(memcmp(c->got, c->want, size) == 0, "%zu pieces of %zu bytes in all differ", n_pieces,
	      size);
	c->bytes += 2 * size;
}

/* A status of the controller, or success. */
static void ends_with(struct check *c, struct waiter *w, int submitted, unsigned int sct,
		      unsigned int sc, const char *what)
{
	int status = finish(c->qp, w, submitted);

	CHECK(status <= 0 && NVM_ERR_UNPACK_SCT(status) == sct && NVM_ERR_UNPACK_SC(status) == sc,
	      "%s: %s", what, nvm_strerror(status));
}

static void read_back(struct check *c, uint64_t lba, uint32_t n_blocks)
{
	struct waiter w = {0};

	memory_set(&c->straight, 0xee);
	ends_with(c, &w,
		  nvm_qpair_read(c->qp, c->ns, c->straight.buf, 0, lba, n_blocks, waiter_done, &w),
		  0, 0, "read back");
	memory_get(&c->straight, 0, c->got, (size_t)n_blocks << c->ns->lba_shift);
}

static bool is_zero(const char *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* What is refused leaves a message, and nothing of it reaches the controller. */
static void refused(struct check *c, int got, int want, const char *what)
{
	CHECK(got == want, "%s: %s instead of %s", what, nvm_strerror(got), nvm_strerror(want));
	CHECK(nvm_errmsg()[0] != '\0' && strchr(nvm_errmsg(), '\n') == NULL, "%s: no message",
	      what);
	CHECK(nvm_qpair_in_flight(c->qp) == 0, "%s: something is in flight", what);
}

/* Blocks 0..63 are stamped; then 8..39 zeroed, those around them left. */
static void zeroes_and_compare(struct check *c)
{
	nvm_qpair_t *qp = c->qp;
	const nvm_buf_t *buf = c->mixed.buf;
	size_t block = (size_t)1 << c->ns->lba_shift;
	struct waiter w = {0};

	there_and_back(c, &c->mixed, 4096, 0, 64);
	if ((c->ns->oncs & NVM_ONCS_COMPARE) != 0) {
		ends_with(c, &w, nvm_qpair_compare(qp, c->ns, buf, 4096, 0, 64, waiter_done, &w), 0,
			  0, "compare");
		ends_with(c, &w, nvm_qpair_compare(qp, c->ns, buf, 4096, 1, 63, waiter_done, &w), 2,
			  0x85, "compare what differs");
	} else {
		CHECK(nvm_qpair_compare(qp, c->ns, buf, 0, 0, 1, waiter_done, &w) == ENOTSUP,
		      "compare");
	}
	if ((c->ns->oncs & NVM_ONCS_WRITE_ZEROES) != 0) {
		ends_with(c, &w, nvm_qpair_write_zeroes(qp, c->ns, 8, 32, false, waiter_done, &w),
			  0, 0, "write zeroes");
		read_back(c, 0, 64);
		CHECK(is_zero(c->got + 8 * block, 32 * block), "not zeroes");
		CHECK(memcmp(c->got, c->want, 8 * block) == 0, "before the zeroes");
		CHECK(memcmp(c->got + 40 * block, c->want + 40 * block, 24 * block) == 0,
		      "after the zeroes");
		/* More than one command can name. */
		if (c->ns->n_blocks > 65536 + 10000) {
			there_and_back(c, &c->mixed, 4096, 10000 + 65536 - 4, 16);
			ends_with(c, &w,
				  nvm_qpair_write_zeroes(qp, c->ns, 10000, 65536 + 8, true,
							 waiter_done, &w),
				  0, 0, "many zeroes");
			read_back(c, 10000 + 65536 - 4, 16);
			CHECK(is_zero(c->got, 12 * block), "not zeroes at the end");
			CHECK(memcmp(c->got + 12 * block, c->want + 12 * block, 4 * block) == 0,
			      "after many zeroes");
		}
	} else {
		CHECK(nvm_qpair_write_zeroes(qp, c->ns, 0, 1, false, waiter_done, &w) == ENOTSUP,
		      "write zeroes");
	}
}

static void ranges(struct check *c)
{
	static const struct nvm_block_range from[] = {{40, 8}, {3, 1}, {50, 14}};
	size_t block = (size_t)1 << c->ns->lba_shift, at = 0;
	nvm_qpair_t *qp = c->qp;
	struct waiter w = {0};

	there_and_back(c, &c->mixed, 0, 0, 128);
	if ((c->ns->oncs & NVM_ONCS_COPY) != 0 && c->ns->max_copy_ranges < 3) {
		/* QEMU's, where the namespace is no device of its own: MSRC, MSSRL and MCL are 0. */
		refused(c, nvm_qpair_copy(qp, c->ns, from, 3, 100, waiter_done, &w), EINVAL,
			"more ranges than MSRC");
	} else if ((c->ns->oncs & NVM_ONCS_COPY) != 0) {
		ends_with(c, &w, nvm_qpair_copy(qp, c->ns, from, 3, 100, waiter_done, &w), 0, 0,
			  "copy");
		read_back(c, 0, 128);
		for (size_t i = 0; i < 3; at += from[i++].n_blocks)
			CHECK(memcmp(c->got + (100 + at) * block, c->want + from[i].lba * block,
				     from[i].n_blocks * block) == 0,
			      "copied range %zu", i);
		CHECK(memcmp(c->got, c->want, 100 * block) == 0, "before the copy");
		CHECK(memcmp(c->got + 123 * block, c->want + 123 * block, 5 * block) == 0,
		      "after the copy");
	} else {
		CHECK(nvm_qpair_copy(qp, c->ns, from, 3, 100, waiter_done, &w) == ENOTSUP, "copy");
	}
	there_and_back(c, &c->mixed, 0, 0, 128);
	if ((c->ns->oncs & NVM_ONCS_DSM) != 0) {
		ends_with(c, &w,
			  nvm_qpair_dsm(qp, c->ns, from, 3, NVM_FIELD(DSM_AD, 1), waiter_done, &w),
			  0, 0, "deallocate");
		/* What was deallocated reads as it likes, the rest as it was. */
		read_back(c, 0, 128);
		CHECK(memcmp(c->got + 4 * block, c->want + 4 * block, 36 * block) == 0 &&
			      memcmp(c->got + 64 * block, c->want + 64 * block, 64 * block) == 0,
		      "around what was deallocated");
	} else {
		CHECK(nvm_qpair_dsm(qp, c->ns, from, 3, 4, waiter_done, &w) == ENOTSUP, "dsm");
	}
	if ((c->ns->oncs & NVM_ONCS_VERIFY) != 0)
		ends_with(c, &w, nvm_qpair_verify(qp, c->ns, 0, 100, waiter_done, &w), 0, 0,
			  "verify");
	else
		CHECK(nvm_qpair_verify(qp, c->ns, 0, 100, waiter_done, &w) == ENOTSUP, "verify");
}

static void flush_and_raw(struct check *c)
{
	struct waiter w = {0};
	nvm_cmd_t cmd = {{0}};

	ends_with(c, &w, nvm_qpair_flush(c->qp, c->ns, waiter_done, &w), 0, 0, "flush");
	cmd.dword[0] = 0xffff0000U | NVM_IO_OPC_FLUSH;
	cmd.dword[1] = c->ns->ns_id;
	ends_with(c, &w, nvm_qpair_raw(c->qp, &cmd, waiter_done, &w), 0, 0, "raw flush");
	cmd.dword[0] = 0x7e;
	ends_with(c, &w, nvm_qpair_raw(c->qp, &cmd, waiter_done, &w), 0, 1, "no such command");
	cmd.dword[0] = NVM_IO_OPC_READ;
	cmd.dword[1] = 4711;
	ends_with(c, &w, nvm_qpair_raw(c->qp, &cmd, waiter_done, &w), 0, 0x0b, "no such namespace");
}

static void refused_ranges(struct check *c)
{
	nvm_qpair_t *qp = c->qp;
	const nvm_ns_t *ns = c->ns;
	const nvm_buf_t *buf = c->mixed.buf;
	size_t block = (size_t)1 << ns->lba_shift;
	uint64_t end = ns->n_blocks;
	struct waiter w = {0};

#define READ(offset, lba, n) nvm_qpair_read(qp, ns, buf, (offset), (lba), (n), waiter_done, &w)
	refused(c, READ(0, 0, 0), EINVAL, "no blocks");
	refused(c, READ(0, end, 1), ERANGE, "the block after the last");
	refused(c, READ(0, end - 1, 2), ERANGE, "beyond the last block");
	refused(c, READ(0, UINT64_MAX, 1), ERANGE, "block 2^64 - 1");
	refused(c, READ(0, UINT64_MAX - 1, 3), ERANGE, "blocks that wrap around");
	refused(c, READ(buf->size, 0, 1), ERANGE, "after the buffer");
	refused(c, READ(buf->size - block + 4, 0, 1), ERANGE, "beyond the buffer");
	refused(c, READ(SIZE_MAX - 3, 0, 1), ERANGE, "an offset that wraps around");
	refused(c, READ(2, 0, 1), EINVAL, "an odd offset");
#undef READ
	refused(c, nvm_qpair_write_zeroes(qp, ns, end, 1, false, waiter_done, &w), ERANGE,
		"zeroes beyond");
	refused(c, nvm_qpair_write_zeroes(qp, ns, 1, UINT64_MAX, false, waiter_done, &w), ERANGE,
		"zeroes that wrap around");
	CHECK(w.n_calls == 0, "a refused request was completed");
}

static void refused_requests(struct check *c)
{
	size_t page = c->t.ctrl->page_size, block = (size_t)1 << c->ns->lba_shift;
	uint32_t n = (uint32_t)(4 * page / block);
	const nvm_buf_t *buf = c->mixed.buf;
	struct nvm_io_vec pieces[] = {{buf, 0, 2 * page}, {buf, 4 * page, 2 * page}};
	struct waiter w = {0};
	struct nvm_io io = {c->ns, NVM_IO_OPC_READ, 0, 0, n, pieces, 2, {0}, waiter_done, &w};

	io.n_data = 0;
	refused(c, nvm_qpair_io(c->qp, &io), EINVAL, "no data");
	io.n_data = 1;
	refused(c, nvm_qpair_io(c->qp, &io), EINVAL, "too little data");
	io.n_data = 2;
	io.n_blocks = n - 1;
	refused(c, nvm_qpair_io(c->qp, &io), EINVAL, "too much data");
	io.n_blocks = n;
	pieces[1].offset = buf->size - page;
	refused(c, nvm_qpair_io(c->qp, &io), ERANGE, "a piece beyond its buffer");
	pieces[1].offset = 4 * page + 2;
	refused(c, nvm_qpair_io(c->qp, &io), EINVAL, "a piece at an odd offset");
	pieces[1].offset = 4 * page + 8;
	if (!c->qp->use_sgl)
		refused(c, nvm_qpair_io(c->qp, &io), EINVAL, "a piece in the middle of a page");
	pieces[1].offset = 4 * page;
	CHECK(finish(c->qp, &w, nvm_qpair_io(c->qp, &io)) == 0, "the same, right");
}

static void refused_queue_pairs(struct check *c)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	uint32_t max = c->t.ctrl->max_entries;
	nvm_qpair_t *qp = NULL;

	options.depth = max + 1;
	refused(c, nvm_qpair_create(&qp, c->t.aq, &options), ERANGE, "a queue too deep");
	options.depth = 1;
	CHECK(nvm_qpair_create(&qp, c->t.aq, &options) != 0, "a queue of one entry");
	options.depth = 8;
	options.qid = 65000;
	CHECK(nvm_qpair_create(&qp, c->t.aq, &options) != 0, "queue 65000");
	CHECK(qp == NULL, "a queue pair in spite of it");
	options.qid = 0;
	options.wait = NVM_WAIT_IRQ;
	if (nvm_ctrl_n_irqs(c->t.ctrl) == 0)
		refused(c, nvm_qpair_create(&qp, c->t.aq, &options), ENOTSUP, "no interrupts");
}

/* A queue pair takes depth - 1 requests; more are refused, and all end. */
static void full_queue(struct check *c)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct waiter w = {0};
	uint64_t until = now_ms() + TIMEOUT_MS;
	nvm_qpair_t *qp;
	uint32_t n = 0;
	int status;

	options.depth = 17;
	qp = make_qpair(&c->t, &options);
	nvm_qpair_plug(qp);
	while ((status = nvm_qpair_read(qp, c->ns, c->mixed.buf, n * 4096, n, 1, waiter_done,
					&w)) == 0)
		n++;
	CHECK(status == EAGAIN && n == 16, "%u requests, then %s", n, nvm_strerror(status));
	CHECK(nvm_qpair_in_flight(qp) == 16, "%u in flight", nvm_qpair_in_flight(qp));
	nvm_qpair_unplug(qp);
	while (w.n_calls < n) {
		nvm_qpair_poll(qp, 5);
		CHECK(now_ms() < until, "%u of %u end", w.n_calls, n);
	}
	CHECK(w.n_calls == n && nvm_qpair_in_flight(qp) == 0, "%u of %u end", w.n_calls, n);
	nvm_qpair_destroy(qp);
}

/* Block 100000 of this disk fails: so does the request it is in, once, whatever became of others. */
static void bad_block(struct check *c)
{
	struct waiter w = {0};

	for (uint32_t n = 1; n <= 400; n += 57) {
		uint64_t lba = 100000 - n / 2;

		ends_with(c, &w,
			  nvm_qpair_read(c->qp, c->ns, c->mixed.buf, 0, lba, n, waiter_done, &w), 2,
			  0x81, "read of the bad block");
		ends_with(c, &w,
			  nvm_qpair_write(c->qp, c->ns, c->mixed.buf, 0, lba, n, waiter_done, &w),
			  2, 0x80, "write of the bad block");
	}
	there_and_back(c, &c->mixed, 0, 100001, 400);
	there_and_back(c, &c->mixed, 0, 100000 - 400, 400);
	printf("a block that fails\n");
}

static void check_namespace(struct check *c, bool prp_only)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;

	options.depth = 64;
	options.prp_only = prp_only;
	options.no_shadow = prp_only;
	c->qp = make_qpair(&c->t, &options);
	CHECK(!prp_only || !c->qp->use_sgl, "SGLs in spite of prp_only");
	c->bytes = 0;
	transfers(c);
	for (size_t n = 1; n <= 32; n += n < 6 ? 1 : 13) {
		scattered(c, n, false);
		if (c->qp->use_sgl)
			scattered(c, n, true);
	}
	if (prp_only) {
		zeroes_and_compare(c);
		ranges(c);
		flush_and_raw(c);
	}
	refused_ranges(c);
	refused_requests(c);
	if (target_is(&c->t, "nvm-small"))
		bad_block(c);
	printf("namespace %u, blocks of %u B, at most %u per command, %s: %llu MiB\n", c->ns->ns_id,
	       1U << c->ns->lba_shift, c->ns->max_blocks, c->qp->use_sgl ? "SGLs" : "PRPs",
	       (unsigned long long)c->bytes >> 20);
	nvm_qpair_destroy(c->qp);
}

int main(int argc, char **argv)
{
	struct check c = {0};

	target_open(&c.t, argc, argv);
	memory_make(&c.straight, &c.t, N_PAGES, false);
	memory_make(&c.mixed, &c.t, N_PAGES, true);
	c.want = calloc(N_PAGES + 1, c.t.ctrl->page_size);
	c.got = calloc(N_PAGES + 1, c.t.ctrl->page_size);
	CHECK(c.want != NULL && c.got != NULL, "memory");
	for (size_t i = 0; i < c.t.n_ns; i++) {
		c.ns = &c.t.ns[i];
		if (c.ns->metadata_size != 0)
			continue;
		check_namespace(&c, true);
		check_namespace(&c, false);
		c.qp = make_qpair(&c.t, NULL);
		refused_queue_pairs(&c);
		nvm_qpair_destroy(c.qp);
		full_queue(&c);
	}
	free(c.want);
	free(c.got);
	memory_free(&c.straight);
	memory_free(&c.mixed);
	target_close(&c.t);
	return 0;
}
