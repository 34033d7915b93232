/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_io.c - random reads of 4 KiB through the request layer for some seconds, as fast as one
 * queue pair can: what bench/guest compares with the kernel's driver.
 *
 * usage: qpair_io CTRL DEPTH SECONDS [no-shadow] [prp] [wait=poll|irq|adaptive]
 *
 * Prints I/Os per second. Exit status 1 if anything failed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nvm_aq.h"
#include "nvm_buf.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_ns.h"
#include "nvm_qpair.h"

#define SIZE 4096

struct bench {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_ns_t ns;
	nvm_dma_t *dma;
	nvm_buf_t *buf;
	nvm_qpair_t *qp;
	uint64_t random;
	uint64_t n_places;
	uint32_t n_blocks;
	uint64_t n_done;
	bool stop;
	int failed; /* first status that is not 0 */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

struct place {
	struct bench *b;
	size_t offset;
};

static nvm_io_fn done;

static void start(struct place *p)
{
	struct bench *b = p->b;
	uint64_t lba;
	int status;

	b->random = b->random * UINT64_C(6364136223846793005) + 1442695040888963407U;
	lba = (((b->random >> 32) * b->n_places) >> 32) * b->n_blocks;
	status = nvm_qpair_read(b->qp, &b->ns, b->buf, p->offset, lba, b->n_blocks, done, p);
	if (status != 0 && b->failed == 0)
		b->failed = status;
}

static void done(void *arg, int status, uint32_t result)
{
	struct place *p = arg;

	(void)result;
	if (status != 0 && p->b->failed == 0)
		p->b->failed = status;
	p->b->n_done++;
	if (!p->b->stop && p->b->failed == 0)
		start(p);
}

/* Returns I/Os per second of what lies between the first tenth of the time and its end. */
static double run(struct bench *b, uint32_t depth, unsigned int seconds, bool waits)
{
	struct place *places = calloc(depth, sizeof(*places));
	uint64_t begin = now_ns(), end = begin + seconds * UINT64_C(1000000000), now = begin;
	uint64_t n_first = 0, first = 0, looked = 0;

	if (places == NULL)
		return 0;
	nvm_qpair_plug(b->qp);
	for (uint32_t i = 0; i < depth; i++) {
		places[i] = (struct place){b, (size_t)i * SIZE};
		start(&places[i]);
	}
	nvm_qpair_unplug(b->qp);
	while (nvm_qpair_in_flight(b->qp) > 0) {
		if (waits)
			nvm_qpair_wait(b->qp, 1000);
		/* What a batch of completions starts goes out with one doorbell. */
		nvm_qpair_plug(b->qp);
		nvm_qpair_poll(b->qp, depth);
		nvm_qpair_unplug(b->qp);
		if (b->n_done - looked < 64)
			continue;
		looked = b->n_done;
		now = now_ns();
		if (first == 0 && now - begin > (end - begin) / 10) {
			first = now;
			n_first = b->n_done;
		}
		b->stop = now >= end;
	}
	free(places);
	return (double)(b->n_done - n_first) * 1e9 / (double)(now - first);
}

static bool check(int status, const char *what)
{
	if (status != 0)
		fprintf(stderr, "qpair_io: %s: %s: %s\n", what, nvm_strerror(status), nvm_errmsg());
	return status == 0;
}

static bool prepare(struct bench *b, const char *uri, const struct nvm_qpair_options *options)
{
	if (!check(nvm_ctrl_open(&b->ctrl, uri, NULL), "open") ||
	    !check(nvm_aq_open(&b->aq, b->ctrl), "admin queue") ||
	    !check(nvm_ns_init(&b->ns, b->aq, 0), "namespace") ||
	    !check(nvm_dma_create(&b->dma, b->ctrl, (size_t)options->depth * SIZE), "memory") ||
	    !check(nvm_buf_create(&b->buf, b->ctrl, b->dma), "buffer") ||
	    !check(nvm_qpair_create(&b->qp, b->aq, options), "queue pair"))
		return false;
	b->n_blocks = SIZE >> b->ns.lba_shift;
	b->n_places = b->n_blocks == 0 ? 0 : b->ns.n_blocks / b->n_blocks;
	b->random = 1;
	return b->n_places != 0;
}

int main(int argc, char **argv)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct bench b = {0};
	uint32_t depth;
	double iops;

	if (argc < 4) {
		fprintf(stderr, "usage: qpair_io CTRL DEPTH SECONDS [OPTION...]\n");
		return 2;
	}
	depth = (uint32_t)atoi(argv[2]);
	/* Room for twice as many: the ring is never full. */
	options.depth = depth < 64 ? 128 : depth * 2;
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "no-shadow") == 0)
			options.no_shadow = true;
		else if (strcmp(argv[i], "prp") == 0)
			options.prp_only = true;
		else if (strcmp(argv[i], "wait=irq") == 0)
			options.wait = NVM_WAIT_IRQ;
		else if (strcmp(argv[i], "wait=adaptive") == 0)
			options.wait = NVM_WAIT_ADAPTIVE;
	}
	if (!prepare(&b, argv[1], &options))
		return 1;
	iops = run(&b, depth, (unsigned int)atoi(argv[3]), options.wait != NVM_WAIT_POLL);
	if (!check(b.failed, "reading"))
		return 1;
	printf("%.0f%s\n", iops, b.qp->shadow ? " shadow" : "");
	nvm_qpair_destroy(b.qp);
	nvm_buf_destroy(b.buf);
	nvm_dma_unmap(b.dma);
	nvm_aq_destroy(b.aq);
	nvm_ctrl_free(b.ctrl);
	return 0;
}
