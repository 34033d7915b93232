/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wait.c - spin, then yield, then sleep: quick answers cost no sleep, slow ones no processor.
 */
#include <sched.h>
#include <time.h>

#include "controller/wait.h"

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

/* Most admin commands are done by then, and a context switch costs several microseconds. */
#define SPIN_NS        (50 * NS_PER_US)
#define YIELD_NS       (1 * NS_PER_MS)

#define FIRST_SLEEP_NS (20 * NS_PER_US)
#define MAX_SLEEP_NS   (1 * NS_PER_MS)

uint64_t nvmi_now_ns(void)
{
	struct timespec ts;

	/* Cannot fail: the clock exists and the pointer is good. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t nvmi_deadline_ns(uint64_t timeout_ms)
{
	uint64_t now = nvmi_now_ns();

	return timeout_ms > (UINT64_MAX - now) / NS_PER_MS ? UINT64_MAX
							   : now + timeout_ms * NS_PER_MS;
}

void nvmi_wait_begin(struct nvmi_waiter *w, uint64_t deadline_ns)
{
	w->start_ns = nvmi_now_ns();
	w->deadline_ns = deadline_ns;
	w->rounds = 0;
}

static void pause_processor(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/* A signal may cut the sleep short: the caller looks again, which does no harm. */
static void sleep_ns(uint64_t ns)
{
	struct timespec ts = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

bool nvmi_wait_again(struct nvmi_waiter *w)
{
	uint64_t now = nvmi_now_ns();
	uint64_t pause_ns;

	if (now >= w->deadline_ns)
		return false;

	if (now - w->start_ns < SPIN_NS) {
		pause_processor();
		return true;
	}
	if (now - w->start_ns < YIELD_NS) {
		sched_yield();
		return true;
	}

	/* rounds counts the sleeps: 20, 40, 80, ... µs. */
	pause_ns = w->rounds < 6 ? FIRST_SLEEP_NS << w->rounds : MAX_SLEEP_NS;
	w->rounds++;
	if (pause_ns > w->deadline_ns - now)
		pause_ns = w->deadline_ns - now;
	sleep_ns(pause_ns);
	return true;
}
