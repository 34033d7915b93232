/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backoff.c - what a polling thread does when it finds nothing to do.
 *
 * Just after work more work is likely: spin. Soon give the core away in between, the host may
 * need it to submit. Then sleep, twice as long each time: at the longest sleep a look at the
 * queues costs well under a hundredth of a core, also where a wake-up takes 20 us.
 */
#include <sched.h>
#include <string.h>

#include "backoff.h"
#include "thread.h"

#define CLOCK_ROUNDS    32 /* look at the clock every so many rounds */
#define SPIN_NS         20000
#define YIELD_NS        150000
#define SLEEP_MIN_NS    50000
#define SLEEP_MAX_NS    2000000
#define LONG_IDLE_NS    200000000 /* after that, twice as long again */
#define SLEEP_UNUSED_NS 100000000 /* whoever has something for the thread wakes it */
#define WAKE_EARLY_NS   60000     /* for a completion that is due: no timer is exact */

void emu_backoff_init(struct emu_backoff *backoff, bool busy)
{
	memset(backoff, 0, sizeof(*backoff));
	backoff->busy = busy;
}

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static uint64_t longer(struct emu_backoff *backoff, uint64_t now_ns, uint64_t due_ns)
{
	uint64_t ns = backoff->sleep_ns ? backoff->sleep_ns * 2 : SLEEP_MIN_NS;
	uint64_t max = now_ns - backoff->since_ns < LONG_IDLE_NS ? SLEEP_MAX_NS : 2 * SLEEP_MAX_NS;

	backoff->sleep_ns = ns < max ? ns : max;
	if (due_ns == UINT64_MAX)
		return backoff->sleep_ns;
	if (due_ns <= now_ns + WAKE_EARLY_NS)
		return 0;
	ns = due_ns - now_ns - WAKE_EARLY_NS;
	return ns < backoff->sleep_ns ? ns : backoff->sleep_ns;
}

uint64_t emu_backoff_idle(struct emu_backoff *backoff, bool serving, uint64_t due_ns)
{
	uint64_t now_ns;

	if (!serving) {
		backoff->rounds = 0;
		return SLEEP_UNUSED_NS;
	}
	if (!backoff->rounds++) {
		backoff->since_ns = 0;
		backoff->sleep_ns = 0;
	}
	if (!backoff->sleep_ns && backoff->rounds % CLOCK_ROUNDS) {
		relax();
		return 0;
	}
	now_ns = emu_now_ns();
	if (!backoff->since_ns)
		backoff->since_ns = now_ns;
	if (now_ns - backoff->since_ns < SPIN_NS)
		return 0;
	if (backoff->busy || now_ns - backoff->since_ns < YIELD_NS) {
		sched_yield();
		return 0;
	}
	return longer(backoff, now_ns, due_ns);
}
