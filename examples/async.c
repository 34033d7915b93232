/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * async.c - the request layer: 1000 reads, 8 in flight, each calling a function when it has ended.
 */
#include <stdio.h>
#include <stdlib.h>

#include <nvm_disk.h>
#include <nvm_dma.h>
#include <nvm_error.h>
#include <nvm_qpair.h>

#define IN_FLIGHT 8
#define READS     1000
#define SIZE      4096 /* bytes per read */

static nvm_qpair_t *qp;
static nvm_ns_t ns;
static nvm_buf_t *buf;
static unsigned int started, ended, failed;
static size_t offset[IN_FLIGHT]; /* where each reader's bytes go */

static void read_next(size_t *reader);

/* Called by nvm_qpair_poll(): the blocks are in the buffer, or status says why not. */
static void read_ended(void *arg, int status, uint32_t result)
{
	(void)result;
	++ended;
	failed += status != 0;
	read_next(arg);
}

static void read_next(size_t *reader)
{
	uint32_t n_blocks = SIZE >> ns.lba_shift;
	uint64_t lba = started * 7919 % (ns.n_blocks / n_blocks) * n_blocks;

	if (started == READS)
		return;
	++started;
	if (nvm_qpair_read(qp, &ns, buf, *reader, lba, n_blocks, read_ended, reader) != 0) {
		fprintf(stderr, "async: %s\n", nvm_errmsg());
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	nvm_disk_t *disk;
	nvm_dma_t *memory = NULL;
	int err = nvm_disk_open(&disk, argc > 1 ? argv[1] : "emu:", NULL);

	if (err == 0)
		err = nvm_ns_init(&ns, nvm_disk_aq(disk), 0);
	if (err == 0)
		err = nvm_dma_create(&memory, nvm_ctrl_from_aq_ref(nvm_disk_aq(disk)),
				     (size_t)IN_FLIGHT * SIZE);
	if (err == 0)
		err = nvm_buf_create(&buf, nvm_ctrl_from_aq_ref(nvm_disk_aq(disk)), memory);
	if (err == 0)
		err = nvm_qpair_create(&qp, nvm_disk_aq(disk), NULL);
	if (err != 0)
		fprintf(stderr, "async: %s\n", nvm_errmsg());
	for (size_t i = 0; err == 0 && i < IN_FLIGHT; i++) {
		offset[i] = i * SIZE;
		read_next(&offset[i]);
	}
	while (err == 0 && ended < READS && nvm_qpair_wait(qp, 10000) == 0)
		nvm_qpair_poll(qp, IN_FLIGHT);
	if (err == 0)
		printf("%u reads of %d bytes, %u failed\n", ended, SIZE, failed);
	nvm_qpair_destroy(qp);
	nvm_buf_destroy(buf);
	nvm_dma_unmap(memory);
	nvm_disk_close(disk); /* deletes the queues, shuts the controller down */
	return err != 0 || failed != 0 || ended != READS ? EXIT_FAILURE : EXIT_SUCCESS;
}
