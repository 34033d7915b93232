/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c - sleep until a command has completed: an interrupt vector as an eventfd, and poll(2). Not
 * with controllers that are reached through sysfs: the kernel delivers no interrupts there.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <nvm_admin.h>
#include <nvm_aq.h>
#include <nvm_cmd.h>
#include <nvm_ctrl.h>
#include <nvm_dma.h>
#include <nvm_error.h>
#include <nvm_queue.h>

/* A Flush of namespace 1: how often the interrupt came until its completion was there; 0: it never did. */
static unsigned long flush(nvm_queue_t *sq, nvm_queue_t *cq, int event)
{
	struct pollfd pollfd = {.fd = event, .events = POLLIN};
	unsigned long n_interrupts = 0;
	nvm_cpl_t *cpl = NULL;
	uint64_t count;

	nvm_cmd_header(nvm_sq_enqueue(sq), 1, NVM_IO_FLUSH, 1);
	nvm_sq_submit(sq);
	/* The eventfd counts interrupts; completions are in the queue, however many it was. */
	while (cpl == NULL && poll(&pollfd, 1, 5000) > 0) {
		if (read(event, &count, sizeof(count)) == (ssize_t)sizeof(count))
			n_interrupts += (unsigned long)count;
		cpl = nvm_cq_dequeue(cq);
	}
	if (cpl == NULL || !NVM_ERR_OK(cpl))
		return 0;
	nvm_sq_update(sq);
	nvm_cq_update(cq);
	return n_interrupts;
}

int main(int argc, char **argv)
{
	int event = eventfd(0, EFD_CLOEXEC), err;
	unsigned int vector = 0;
	unsigned long n_interrupts = 0;
	nvm_ctrl_t *ctrl = NULL;
	nvm_dma_t *memory = NULL; /* a page for each queue */
	nvm_aq_ref aq = NULL;
	nvm_queue_t cq, sq;

	err = nvm_ctrl_open(&ctrl, argc > 1 ? argv[1] : "emu:", NULL);
	if (err == 0)
		err = nvm_aq_open(&aq, ctrl);
	if (err == 0) {
		/* Vector 0 is the admin queue's; shared, it would wake us for that too. */
		vector = nvm_ctrl_n_irqs(ctrl) > 1 ? 1 : 0;
		err = nvm_ctrl_irq(ctrl, vector, event);
	}
	if (err == 0)
		err = nvm_dma_create(&memory, ctrl, 2 * ctrl->page_size);
	if (err == 0)
		err = nvm_cq_create(aq, &cq, 1, 16, memory, 0, (int)vector);
	if (err == 0)
		err = nvm_sq_create(aq, &sq, &cq, 1, 16, memory, ctrl->page_size);
	if (err != 0)
		fprintf(stderr, "irq: %s\n", nvm_errmsg());
	else
		n_interrupts = flush(&sq, &cq, event);
	if (n_interrupts > 0)
		printf("completed, interrupts: %lu\n", n_interrupts);
	else if (err == 0)
		fputs("irq: no interrupt within 5 s, or the command failed\n", stderr);
	nvm_aq_destroy(aq);
	nvm_dma_unmap(memory);
	nvm_ctrl_free(ctrl);
	close(event);
	return n_interrupts == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
