// SPDX-License-Identifier: BSD-2-Clause
/*
 * ring.c - yardsticks of this machine, without any library: the bare NVMe ring protocol between two
 * processors, which no controller that another processor plays can beat, and random copies of 4 KiB,
 * which no memory-backed one can.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/support/bench.h"

#define DEPTH       1024
#define MAX_REPEATS 32

static struct {
	uint64_t ms, repeat, memory;
} args = {.ms = 200, .repeat = 5, .memory = 1U << 30};

static const struct bench_option options[] = {
	{"ms", &args.ms, NULL, "how long one measurement takes"},
	{"repeat", &args.repeat, NULL, "measurements, 1 to 32"},
	{"memory", &args.memory, NULL, "bytes that are copied from, at random"},
	{NULL, NULL, NULL, NULL},
};

/* The two rings and a doorbell; every part on lines of its own. */
static struct {
	struct {
		uint32_t dword[16];
	} sq[DEPTH] __attribute__((aligned(4096)));
	struct {
		uint32_t dword[3];
		_Atomic uint32_t last; /* CID and phase tag */
	} cq[DEPTH] __attribute__((aligned(4096)));
	_Atomic uint32_t sq_db __attribute__((aligned(64)));
	_Atomic bool stop __attribute__((aligned(64)));
} ring;

/* The device: whatever the doorbell hands over is completed at once. */
static void *device(void *arg)
{
	uint32_t head = 0, tail = 0, phase = 1;

	bench_pin(1);
	while (!atomic_load_explicit(&ring.stop, memory_order_relaxed)) {
		uint32_t db = atomic_load_explicit(&ring.sq_db, memory_order_acquire);

		while (head != db) {
			uint32_t cid = ring.sq[head].dword[0] >> 16;

			head = (head + 1) % DEPTH;
			ring.cq[tail].dword[2] = head;
			atomic_store_explicit(&ring.cq[tail].last, phase << 16 | cid,
					      memory_order_release);
			tail = (tail + 1) % DEPTH;
			if (tail == 0)
				phase ^= 1;
		}
	}
	return arg;
}

/* The host: @qd commands in flight, a doorbell per @batch of them; ns per command. */
static double host(uint32_t qd, uint32_t batch)
{
	uint64_t start = bench_now_ns(), end = start + args.ms * 1000000U, n_done = 0, n_sent = 0;
	uint32_t head = 0, tail = 0, phase = 1, unrung = 0;
	pthread_t thread;

	memset(&ring, 0, sizeof(ring));
	if (pthread_create(&thread, NULL, device, NULL) != 0)
		bench_fail(0, "no second thread");
	for (uint64_t round = 0; round % 1024 != 0 || n_done == 0 || bench_now_ns() < end;
	     ++round) {
		while (n_sent - n_done + batch <= qd || unrung != 0) {
			for (uint32_t i = 0; i < 16; ++i)
				ring.sq[tail].dword[i] = tail << 16;
			tail = (tail + 1) % DEPTH;
			++n_sent;
			if (++unrung == batch) {
				atomic_store_explicit(&ring.sq_db, tail, memory_order_release);
				unrung = 0;
			}
		}
		while ((atomic_load_explicit(&ring.cq[head].last, memory_order_acquire) >> 16) ==
		       phase) {
			head = (head + 1) % DEPTH;
			if (head == 0)
				phase ^= 1;
			++n_done;
		}
	}
	end = bench_now_ns();
	atomic_store(&ring.stop, true);
	pthread_join(thread, NULL);
	return (double)(end - start) / (double)n_done;
}

/* Copies of 4 KiB per second, from anywhere in the memory. */
static double copies(const unsigned char *memory)
{
	static unsigned char to[64][4096] __attribute__((aligned(4096)));
	uint64_t start = bench_now_ns(), end = start + args.ms * 1000000U, now, n = 0;
	uint64_t state = 88172645463325252U, n_pages = args.memory / 4096;

	do {
		for (int i = 0; i < 64; ++i, ++n)
			memcpy(to[i], memory + bench_random(&state) % n_pages * 4096, 4096);
		__asm__ volatile("" ::"r"(to) : "memory");
		now = bench_now_ns();
	} while (now < end);
	return (double)n * 1e9 / (double)(now - start);
}

static void measure_copies(void)
{
	double result[MAX_REPEATS];
	unsigned char *memory = mmap(NULL, args.memory, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (args.memory < 4096 || memory == MAP_FAILED)
		bench_fail(0, "no memory to copy from");
	madvise(memory, args.memory, MADV_HUGEPAGE);
	memset(memory, 1, args.memory);
	for (uint64_t i = 0; i < args.repeat; ++i)
		result[i] = copies(memory);
	munmap(memory, args.memory);
	bench_print_array("copies_per_s", result, args.repeat);
}

static void measure_rings(const char *name, uint32_t qd, uint32_t batch)
{
	double result[MAX_REPEATS];

	for (uint64_t i = 0; i < args.repeat; ++i)
		result[i] = host(qd, batch);
	bench_print_array(name, result, args.repeat);
	printf(", ");
}

int main(int argc, char **argv)
{
	bench_options(argc, argv, "What the machine does without any library.", options);
	if (args.repeat == 0 || args.repeat > MAX_REPEATS)
		bench_fail(0, "--repeat is 1 to 32");
	printf("{");
	if (bench_pin(1) && bench_pin(0)) {
		measure_rings("round_trip_ns", 1, 1);
		measure_rings("doorbell_each_ns", 512, 1);
		measure_rings("doorbell_per_32_ns", 512, 32);
	} else {
		printf("\"skipped\": \"rings: needs two processors\", ");
	}
	measure_copies();
	puts("}");
	return 0;
}
