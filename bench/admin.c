/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.c - what the admin queue pair costs: round trip of Get Features through the library beside
 * that of a bare ring loop on the same controller, time from open to ready, 100,000 commands.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nvm_aq.h"
#include "nvm_cmd.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_queue.h"
#include "nvm_spec.h"

#define N_OPENS    20
#define N_IN_A_ROW 100000
#define WARM_UP    1000
#define SPIN_LIMIT 2000000000UL

static const char usage[] =
	"Usage: bench-admin [--ctrl=URI] [--count=N] [--json]\n"
	"Measure admin commands: through the library, and by a bare ring loop.\n"
	"\n"
	"  --ctrl=URI   controller (default emu:?size=16M&poll=busy)\n"
	"  --count=N    commands per measurement, 100 to 10000000 (default 20000)\n"
	"  --json       results as JSON\n"
	"  --help       this text\n";

/* Samples of one measurement, ns. */
struct samples {
	uint64_t *ns;
	size_t n;
};

struct results {
	struct samples open, bare, library;
	double in_a_row_s;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

static int samples_new(struct samples *s, size_t n)
{
	s->n = n;
	s->ns = calloc(n, sizeof(*s->ns));
	return s->ns != NULL ? 0 : ENOMEM;
}

static double quantile_us(const struct samples *s, double q)
{
	size_t i = (size_t)(q * (double)(s->n - 1) + 0.5);

	return (double)s->ns[i] / 1000;
}

static nvm_cmd_t get_features(void)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_GET_FEATURES}};

	cmd.dword[10] = NVM_FID_ARBITRATION;
	return cmd;
}

/* One command on the bare rings: nothing but a slot, a doorbell and a look at the phase tag. */
static int bare_command(nvm_queue_t *sq, nvm_queue_t *cq, uint16_t cid)
{
	nvm_cmd_t cmd = get_features();
	nvm_cmd_t *slot = nvm_sq_enqueue(sq);
	nvm_cpl_t *cpl = NULL;
	int status;

	if (slot == NULL)
		return EAGAIN;
	*slot = cmd;
	slot->dword[0] |= (uint32_t)cid << 16;
	nvm_sq_submit(sq);
	for (unsigned long i = 0; cpl == NULL && i < SPIN_LIMIT; i++)
		cpl = nvm_cq_dequeue(cq);
	if (cpl == NULL)
		return ETIME;
	status = nvm_err_from_cpl(cpl);
	nvm_sq_update(sq);
	nvm_cq_update(cq);
	return status;
}

static int bare_loop(nvm_ctrl_t *ctrl, nvm_dma_t *mem, struct samples *s)
{
	nvm_queue_t sq, cq;
	int status;

	memset(mem->vaddr, 0, 2 * mem->page_size);
	status = nvm_raw_ctrl_reset(ctrl, mem->ioaddrs[0], mem->ioaddrs[1]);
	if (status != 0)
		return status;
	nvm_queue_clear(&cq, ctrl, true, 0, mem->vaddr, mem->ioaddrs[0]);
	nvm_queue_clear(&sq, ctrl, false, 0, (char *)mem->vaddr + mem->page_size, mem->ioaddrs[1]);
	for (size_t i = 0; status == 0 && i < WARM_UP; i++)
		status = bare_command(&sq, &cq, (uint16_t)(i & 0xff));
	for (size_t i = 0; status == 0 && i < s->n; i++) {
		uint64_t start = now_ns();

		status = bare_command(&sq, &cq, (uint16_t)(i & 0xff));
		s->ns[i] = now_ns() - start;
	}
	return status;
}

static int measure_bare(const char *uri, struct samples *s)
{
	nvm_ctrl_t *ctrl;
	nvm_dma_t *mem;
	int status = nvm_ctrl_open(&ctrl, uri, NULL);

	if (status != 0)
		return status;
	status = nvm_dma_create(&mem, ctrl, 2 * ctrl->page_size);
	if (status == 0) {
		status = bare_loop(ctrl, mem, s);
		/* Off, before its queues go away. */
		nvm_ctrl_write32(ctrl, NVM_REG_CC, 0);
		while (status == 0 && NVM_CSTS_RDY(nvm_ctrl_read32(ctrl, NVM_REG_CSTS)) != 0)
			;
		nvm_dma_unmap(mem);
	}
	nvm_ctrl_free(ctrl);
	return status;
}

static int library_loop(nvm_aq_ref ref, struct results *r)
{
	nvm_cmd_t cmd = get_features();
	struct samples *s = &r->library;
	uint64_t start;
	int status = 0;

	for (size_t i = 0; status == 0 && i < WARM_UP; i++)
		status = nvm_aq_exec(ref, &cmd, NULL, 0);
	for (size_t i = 0; status == 0 && i < s->n; i++) {
		start = now_ns();
		status = nvm_aq_exec(ref, &cmd, NULL, 0);
		s->ns[i] = now_ns() - start;
	}
	start = now_ns();
	for (size_t i = 0; status == 0 && i < N_IN_A_ROW; i++)
		status = nvm_aq_exec(ref, &cmd, NULL, 0);
	r->in_a_row_s = (double)(now_ns() - start) / 1e9;
	return status;
}

/* Open to ready several times; the last of them stays for the commands. */
static int measure_library(const char *uri, struct results *r)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < r->open.n; i++) {
		uint64_t start = now_ns();
		nvm_ctrl_t *ctrl;
		nvm_aq_ref ref;

		status = nvm_ctrl_open(&ctrl, uri, NULL);
		if (status != 0)
			break;
		status = nvm_aq_open(&ref, ctrl);
		r->open.ns[i] = now_ns() - start;
		if (status == 0 && i + 1 == r->open.n)
			status = library_loop(ref, r);
		nvm_aq_destroy(ref);
		nvm_ctrl_free(ctrl);
	}
	return status;
}

static void print_json_samples(const char *name, const struct samples *s)
{
	printf(" \"%s\": {\"n\": %zu, \"min\": %.3f, \"p50\": %.3f, \"p99\": %.3f},\n", name, s->n,
	       quantile_us(s, 0), quantile_us(s, 0.5), quantile_us(s, 0.99));
}

static void print_json(const struct results *r)
{
	printf("{\"benchmark\": \"admin\",\n");
	print_json_samples("open_to_ready_us", &r->open);
	print_json_samples("bare_round_trip_us", &r->bare);
	print_json_samples("library_round_trip_us", &r->library);
	printf(" \"added_p50_us\": %.3f,\n",
	       quantile_us(&r->library, 0.5) - quantile_us(&r->bare, 0.5));
	printf(" \"commands_in_a_row\": %d, \"in_a_row_s\": %.3f}\n", N_IN_A_ROW, r->in_a_row_s);
}

static void print_row(const char *name, const struct samples *s)
{
	printf("%-32s %10.3f %10.3f %10.3f\n", name, quantile_us(s, 0), quantile_us(s, 0.5),
	       quantile_us(s, 0.99));
}

static void print_normal(const struct results *r)
{
	printf("%-32s %10s %10s %10s\n", "", "min", "p50", "p99");
	print_row("open to ready, us", &r->open);
	print_row("bare ring round trip, us", &r->bare);
	print_row("nvm_aq_exec() round trip, us", &r->library);
	printf("the library adds %.3f us (p50); %d commands in a row took %.3f s\n",
	       quantile_us(&r->library, 0.5) - quantile_us(&r->bare, 0.5), N_IN_A_ROW,
	       r->in_a_row_s);
}

static int run(const char *uri, size_t count, bool json)
{
	struct results r;
	int status;

	memset(&r, 0, sizeof(r));
	if (samples_new(&r.open, N_OPENS) != 0 || samples_new(&r.bare, count) != 0 ||
	    samples_new(&r.library, count) != 0) {
		fprintf(stderr, "bench-admin: no memory for the samples\n");
		status = ENOMEM;
		goto out;
	}
	status = measure_bare(uri, &r.bare);
	if (status == 0)
		status = measure_library(uri, &r);
	if (status != 0) {
		fprintf(stderr, "bench-admin: %s: %s (%s)\n", uri, nvm_strerror(status),
			nvm_errmsg());
		goto out;
	}
	qsort(r.open.ns, r.open.n, sizeof(uint64_t), compare);
	qsort(r.bare.ns, r.bare.n, sizeof(uint64_t), compare);
	qsort(r.library.ns, r.library.n, sizeof(uint64_t), compare);
	if (json)
		print_json(&r);
	else
		print_normal(&r);
out:
	free(r.open.ns);
	free(r.bare.ns);
	free(r.library.ns);
	return status == 0 ? 0 : 1;
}

static int usage_error(const char *what)
{
	fprintf(stderr, "bench-admin: %s; see bench-admin --help\n", what);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"ctrl", required_argument, NULL, 'c'},
		{"count", required_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *uri = "emu:?size=16M&poll=busy";
	unsigned long count = 20000;
	bool json = false;
	char *end;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			uri = optarg;
			break;
		case 'n':
			count = strtoul(optarg, &end, 10);
			if (*end != '\0' || count < 100 || count > 10000000)
				return usage_error("--count is a number from 100 to 10000000");
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return usage_error("unknown option, or no value for it");
		}
	}
	if (optind != argc)
		return usage_error("there are no arguments but options");
	return run(uri, count, json);
}
