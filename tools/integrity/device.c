/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device.c - the disk: a controller, one namespace, and queue pairs with buffers.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "device.h"
#include "nvm_admin.h"
#include "nvm_aq.h"

/* A field of the controller's: blanks at the end are padding, what is not ASCII becomes '?'. */
static void copy_field(char *to, const char *from, size_t size)
{
	size_t length = strnlen(from, size);

	while (length > 0 && from[length - 1] == ' ')
		--length;
	for (size_t i = 0; i < length; ++i)
		to[i] = from[i] >= ' ' && from[i] < 0x7f ? from[i] : '?';
	to[length] = '\0';
}

static int learn_names(struct device *d)
{
	struct nvm_ctrl_info info;
	int err = nvm_dma_create(&d->names, d->ctrl, 4096);

	if (err == 0)
		err = nvm_admin_ctrl_info(d->aq, &info, d->names->vaddr, d->names->ioaddrs[0]);
	if (err != 0)
		return err;
	copy_field(d->serial, info.serial_no, sizeof(info.serial_no));
	copy_field(d->model, info.model_no, sizeof(info.model_no));
	return 0;
}

int device_open(struct device *d, const char *uri, uint32_t ns_id, bool force)
{
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
	int err;

	*d = (struct device){0};
	if (force)
		options.flags |= NVM_CTRL_ALLOW_IN_USE;
	err = nvm_ctrl_open(&d->ctrl, uri, &options);
	if (err == 0)
		err = nvm_aq_open(&d->aq, d->ctrl);
	if (err == 0)
		err = learn_names(d);
	if (err == 0)
		err = nvm_ns_init(&d->ns, d->aq, ns_id);
	if (err != 0)
		return tool_fail_status(err);
	d->block_size = (size_t)1 << d->ns.lba_shift;
	if (d->ns.metadata_size != 0)
		return tool_fail("namespace %" PRIu32 " has %" PRIu32 " bytes of metadata per "
				 "block: format it without metadata",
				 ns_id, d->ns.metadata_size);
	return 0;
}

/* Ask for the queue pairs together, so that too many are refused before any is made. */
static int request_queues(const struct device *d, unsigned int n)
{
	uint16_t n_cqs = (uint16_t)n, n_sqs = (uint16_t)n, granted;
	int err = nvm_admin_request_num_queues(d->aq, &n_cqs, &n_sqs);

	if (err != 0)
		return tool_fail_status(err);
	granted = n_cqs < n_sqs ? n_cqs : n_sqs;
	if (granted < n)
		return tool_fail("the controller grants %u queue %s, not %u: --queues=%u at most",
				 granted, granted == 1 ? "pair" : "pairs", n, granted);
	return 0;
}

/* Entries per queue: what is in flight may be more commands than requests, where they are split. */
static uint32_t entries(const struct device *d)
{
	uint64_t commands = (d->chunk + d->ns.max_blocks - 1) / d->ns.max_blocks;
	uint64_t n = commands * d->depth + 1;

	if (n > d->ctrl->max_entries)
		n = d->ctrl->max_entries;
	return n < 2 ? 2 : (uint32_t)n;
}

static int make_lane(struct device *d, struct lane *lane)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	int err;

	options.depth = entries(d);
	err = nvm_qpair_create(&lane->qp, d->aq, &options);
	if (err == 0)
		err = nvm_dma_create(&lane->dma, d->ctrl, d->depth * d->stride);
	if (err == 0)
		err = nvm_buf_create(&lane->buf, d->ctrl, lane->dma);
	return err != 0 ? tool_fail_status(err) : 0;
}

int device_make_lanes(struct device *d, unsigned int n, unsigned int depth, uint32_t chunk)
{
	size_t page = d->ctrl->page_size, total;
	int status = request_queues(d, n);

	if (status != 0)
		return status;
	d->depth = depth;
	d->chunk = chunk;
	d->stride = (chunk * d->block_size + page - 1) / page * page;
	if (__builtin_mul_overflow(d->stride, (size_t)depth, &total))
		return tool_fail("%u requests of %" PRIu32 " blocks do not fit in memory: reduce "
				 "--depth or --chunk",
				 depth, chunk);
	d->lanes = calloc(n, sizeof(*d->lanes));
	if (d->lanes == NULL)
		return tool_fail("out of memory");
	for (d->n_lanes = 0; status == 0 && d->n_lanes < n; ++d->n_lanes)
		status = make_lane(d, &d->lanes[d->n_lanes]);
	return status;
}

void device_close(struct device *d)
{
	for (unsigned int i = 0; i < d->n_lanes; ++i) {
		nvm_qpair_destroy(d->lanes[i].qp);
		nvm_buf_destroy(d->lanes[i].buf);
	}
	nvm_aq_destroy(d->aq);
	/* Only now no command reaches it any more, whatever has happened. */
	for (unsigned int i = 0; i < d->n_lanes; ++i)
		nvm_dma_unmap(d->lanes[i].dma);
	nvm_dma_unmap(d->names);
	nvm_ctrl_free(d->ctrl);
	free(d->lanes);
	*d = (struct device){0};
}
