/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.c - what is going to be done: queues, ranges, what is overwritten; with --info, all there is to
 * know.
 */
#include <inttypes.h>

#include "bench.h"
#include "common/human.h"

static uint64_t buffer_pages(const struct bench *b)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < b->n_workers; ++i)
		if (b->workers[i].dma != NULL)
			bytes += b->workers[i].buf->size;
	return bytes / b->page_size;
}

static const char *order(const struct bench *b)
{
	if (b->args->random)
		return "random";
	return b->args->first_form && !b->args->parallel ? "linear" : "sequential";
}

/* What 2018's first form said of a queue. */
static void print_queue(const struct worker *w)
{
	const struct bench *b = w->bench;

	fprintf(b->text,
		"Queue #%02u local qd=%" PRIu32 " blocks=%" PRIu64 " offset=%" PRIu64
		" pattern=%s (%" PRIu64 " commands)\n",
		(unsigned int)w->spec->no, w->depth, w->pattern.n_blocks, w->pattern.first,
		order(b), w->pattern.length);
}

static void print_writing(const struct bench *b)
{
	if (b->args->write)
		fprintf(b->text,
			"Overwriting blocks %" PRIu64 "..%" PRIu64 " (%s) of namespace %" PRIu32
			" of %s\n",
			b->first, b->first + b->n_blocks - 1,
			human_bytes(b->n_blocks * b->block_size).text, b->ns.ns_id,
			nvm_ctrl_name(b->ctrl));
}

static void print_loop(const struct bench *b)
{
	if (b->args->rate != 0)
		fprintf(b->text,
			"Open loop: %" PRIu64 " commands per second; latency counts from when each "
			"was to start, so none is left out for want of a place in the queue\n",
			b->args->rate);
	if (!b->args->queues_given && !b->args->first_form)
		fputs("No --queue given: one queue of depth 32\n", b->text);
}

void report_plan(const struct bench *b)
{
	if (b->text == NULL)
		return;
	if (!b->args->first_form)
		fputs("Preparing queues... DONE\n", b->text);
	for (size_t i = 0; i < b->n_workers; ++i)
		print_queue(&b->workers[i]);
	if (b->args->first_form)
		fprintf(b->text, "Creating buffer (%" PRIu64 " pages)...\n", buffer_pages(b));
	else
		fputs("Preparing buffers and transfer lists... DONE\n", b->text);
	print_loop(b);
	print_writing(b);
	fflush(b->text);
}

static void print_worker_info(const struct worker *w)
{
	const struct bench *b = w->bench;
	const struct pattern *p = &w->pattern;
	unsigned int no = w->spec->no;

	fprintf(b->text, "- QUEUE no=%02u location=host cmds=%" PRIu32 " prps=%" PRIu32, no,
		w->depth, w->pages);
	if (w->cpu >= 0)
		fprintf(b->text, " cpu=%d", w->cpu);
	if (w->node >= 0)
		fprintf(b->text, " node=%d", w->node);
	fputc('\n', b->text);
	if (w->dma != NULL)
		fprintf(b->text, "- BUFFER location=ram size=%zu prps=%zu blocks=%zu\n",
			w->buf->size, w->dma->n_ioaddrs, w->buf->size / b->block_size);
	fprintf(b->text,
		"- TRANSFER queue=%02u pattern=%s total-cmds=%" PRIu64 " total-blocks=%" PRIu64
		" total-prps=%" PRIu64 " block-start=%" PRIu64 " block-count=%" PRIu64 "\n",
		no, b->args->random ? "random" : "sequential", p->length,
		p->n_blocks * b->args->repeat,
		p->n_blocks * b->args->repeat * b->block_size / b->page_size, p->first,
		p->n_blocks);
}

void report_info(struct bench *b)
{
	static const char *const waits[] = {"poll", "irq", "adaptive"};

	b->overhead_ns = command_overhead(&b->workers[0]);
	if (b->text == NULL || !b->args->info)
		return;
	fprintf(b->text,
		"- CTRL name=%s namespace=%" PRIu32 " block-size=%zu page-size=%zu "
		"total-blocks=%" PRIu64 " max-blocks=%" PRIu32 "\n",
		nvm_ctrl_name(b->ctrl), b->ns.ns_id, b->block_size, b->page_size, b->n_blocks,
		b->ns.max_blocks);
	for (size_t i = 0; i < b->n_workers; ++i)
		print_worker_info(&b->workers[i]);
	fprintf(b->text, "- CLOCK source=%s ns-per-tick=%.6f reading=%.1f ns\n",
		b->clock.counter ? "counter" : "CLOCK_MONOTONIC",
		(double)b->clock.ns_per_tick / 0x1p32, b->clock.read_ns);
	fprintf(b->text, "- OVERHEAD of this program: %.1f ns per command; wait=%s\n",
		b->overhead_ns, waits[b->args->wait]);
	fflush(b->text);
}
