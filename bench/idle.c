/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * idle.c - what the software controller costs when nobody uses it: processor time of this process over
 * five seconds, with the controller enabled, eight I/O queue pairs and nothing to do.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nvm_disk.h"
#include "nvm_error.h"

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	const struct timespec pause = {.tv_sec = 5};
	int json = argc == 2 && strcmp(argv[1], "--json") == 0;
	double cpu, wall;
	nvm_disk_t *disk;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("Usage: bench-idle [--json]\n"
		     "Measure what an idle software controller costs, over five seconds.");
		return 0;
	}
	if (argc > 1 && !json) {
		fputs("bench-idle: the only option is --json; see bench-idle --help\n", stderr);
		return 2;
	}
	options.n_queues = 8;
	if (nvm_disk_open(&disk, "emu:?size=64M", &options) != 0) {
		fprintf(stderr, "idle: %s\n", nvm_errmsg());
		return 1;
	}
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	wall = seconds(CLOCK_MONOTONIC);
	nanosleep(&pause, NULL);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = seconds(CLOCK_MONOTONIC) - wall;
	nvm_disk_close(disk);

	if (json)
		printf("{\"idle_cpu_percent\": %.3f, \"seconds\": %.3f}\n", cpu / wall * 100, wall);
	else
		printf("idle emulator: %.2f %% of a core over %.1f s\n", cpu / wall * 100, wall);
	return 0;
}
