// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory.c - what a queue pair takes: bytes of heap, of DMA memory, and what the whole process grows by,
 * which includes what the software controller needs for it.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/support/bench.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_ctrl.h"
#include "nvm_qpair.h"

#define MAX_QUEUES 128

static uint64_t depth = 1024, queues = 64;

static const struct bench_option options[] = {
	{"depth", &depth, NULL, "entries per queue"},
	{"queues", &queues, NULL, "queue pairs to take the mean of, 1 to 128"},
	{NULL, NULL, NULL, NULL},
};

/* Address space and resident memory of this process, bytes. */
static void memory_used(uint64_t *space, uint64_t *resident)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL || fscanf(f, "%" SCNu64 " %" SCNu64, space, resident) != 2)
		bench_fail(0, "cannot read /proc/self/statm");
	fclose(f);
	*space *= page;
	*resident *= page;
}

int main(int argc, char **argv)
{
	struct nvm_qpair_options o = NVM_QPAIR_OPTIONS_INIT;
	uint64_t space[2], resident[2], heap;
	uint16_t n_cqs = MAX_QUEUES, n_sqs = MAX_QUEUES;
	nvm_qpair_t *qps[MAX_QUEUES];
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq = NULL;
	int status;

	bench_options(argc, argv, "What a queue pair takes.", options);
	if (queues == 0 || queues > MAX_QUEUES)
		bench_fail(0, "--queues is 1 to 128");
	status = nvm_ctrl_open(&ctrl, "emu:null?size=1G", NULL);
	if (status == 0)
		status = nvm_aq_open(&aq, ctrl);
	if (status == 0)
		status = nvm_admin_request_num_queues(aq, &n_cqs, &n_sqs);
	/* The first queue pair pays for what all share. */
	o.depth = (uint32_t)depth;
	if (status == 0)
		status = nvm_qpair_create(&qps[0], aq, &o);
	if (status != 0)
		bench_fail(status, "queue pair");
	nvm_qpair_destroy(qps[0]);

	memory_used(&space[0], &resident[0]);
	heap = mallinfo2().uordblks;
	for (uint64_t i = 0; i < queues; ++i) {
		status = nvm_qpair_create(&qps[i], aq, &o);
		if (status != 0)
			bench_fail(status, "queue pair");
	}
	heap = mallinfo2().uordblks - heap;
	memory_used(&space[1], &resident[1]);
	printf("{\"depth\": %" PRIu64 ", \"queues\": %" PRIu64 ", \"heap_bytes\": %" PRIu64
	       ", \"address_space_bytes\": %" PRIu64 ", \"resident_bytes\": %" PRIu64 "}\n",
	       depth, queues, heap / queues, (space[1] - space[0]) / queues,
	       (resident[1] - resident[0]) / queues);
	for (uint64_t i = 0; i < queues; ++i)
		nvm_qpair_destroy(qps[i]);
	nvm_aq_destroy(aq);
	nvm_ctrl_free(ctrl);
	return 0;
}
