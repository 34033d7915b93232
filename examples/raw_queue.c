/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw_queue.c - the raw layer: reset a controller, create a queue pair, read block 0 by hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include <nvm_admin.h>
#include <nvm_aq.h>
#include <nvm_cmd.h>
#include <nvm_ctrl.h>
#include <nvm_dma.h>
#include <nvm_error.h>
#include <nvm_queue.h>

/* One Read of one block of namespace 1 into page 0 of data, and its status. */
static int read_block(nvm_queue_t *sq, nvm_queue_t *cq, const nvm_dma_t *data)
{
	nvm_cmd_t *cmd = nvm_sq_enqueue(sq); /* a free slot: the queue is empty */
	nvm_cpl_t *cpl;
	int status;

	nvm_cmd_header(cmd, 1, NVM_IO_READ, 1);
	nvm_cmd_data_ptr(cmd, data->ioaddrs[0], 0);
	nvm_cmd_rw_blks(cmd, 0, 1);
	nvm_sq_submit(sq); /* rings the doorbell */

	cpl = nvm_cq_dequeue_block(cq, 5000);
	if (cpl == NULL) {
		fputs("raw_queue: no completion within 5 s\n", stderr);
		exit(EXIT_FAILURE);
	}
	status = NVM_ERR_PACK(cpl, 0);
	nvm_sq_update(sq); /* the command's slot is free again */
	nvm_cq_update(cq); /* and the completion's */
	return status;
}

int main(int argc, char **argv)
{
	nvm_ctrl_t *ctrl = NULL;
	nvm_dma_t *data = NULL, *cq_mem = NULL, *sq_mem = NULL;
	nvm_aq_ref aq = NULL;
	nvm_queue_t cq, sq;
	uint16_t n_cqs = 1, n_sqs = 1;
	uint32_t depth = 64;
	int err = nvm_ctrl_open(&ctrl, argc > 1 ? argv[1] : "emu:", NULL);

	if (err == 0 && depth > ctrl->max_entries)
		depth = ctrl->max_entries;
	if (err == 0)
		err = nvm_aq_open(&aq, ctrl); /* resets the controller */
	if (err == 0)
		err = nvm_admin_request_num_queues(aq, &n_cqs, &n_sqs);
	if (err == 0)
		err = nvm_dma_create(&cq_mem, ctrl, nvm_queue_mem_size(ctrl, true, depth));
	if (err == 0)
		err = nvm_cq_create(aq, &cq, 1, depth, cq_mem, 0, -1);
	if (err == 0)
		err = nvm_dma_create(&sq_mem, ctrl, nvm_queue_mem_size(ctrl, false, depth));
	if (err == 0)
		err = nvm_sq_create(aq, &sq, &cq, 1, depth, sq_mem, 0);
	if (err == 0)
		err = nvm_dma_create(&data, ctrl, ctrl->page_size);
	if (err != 0) {
		fprintf(stderr, "raw_queue: %s\n", nvm_errmsg());
	} else {
		err = read_block(&sq, &cq, data);
		printf("block 0: %s, the first byte is 0x%02x\n", nvm_strerror(err),
		       *(unsigned char *)data->vaddr);
	}
	nvm_aq_destroy(aq); /* deletes the queues, shuts the controller down */
	nvm_dma_unmap(data);
	nvm_dma_unmap(sq_mem);
	nvm_dma_unmap(cq_mem);
	nvm_ctrl_free(ctrl);
	return err != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
