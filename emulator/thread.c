/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread.c - polling threads: their rounds, and how others pause and wake them.
 *
 * Pausing costs a polling thread one load per round: it acknowledges the number it finds in
 * emu->pause between two rounds. A thread that sleeps need not be woken for that: whoever pauses
 * takes hold of it by its state, and it cannot leave its sleep until it is let go.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "backoff.h"
#include "controller.h"
#include "doorbell.h"
#include "registers.h"

/* struct emu_thread.state */
enum {
	RUNNING,
	ASLEEP,
	HELD, /* asleep, and paused by another thread */
};

#define SCAN_ROUNDS 4096 /* busy: look at what is looked at when idle every so many rounds */

uint64_t emu_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Wait for another thread's few microseconds, or for its file system's milliseconds. */
static void wait_a_bit(unsigned int *round)
{
	static const struct timespec nap = {.tv_nsec = 20000};

	if (++*round < 100)
		sched_yield();
	else
		nanosleep(&nap, NULL);
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = (time_t)(ns / 1000000000u),
		.tv_nsec = (long)(ns % 1000000000u),
	};

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &ts, NULL, 0);
}

static void wake(struct emu_thread *thread)
{
	/*
	 * Either the thread finds the changed word when it goes to sleep, or we find it asleep:
	 * both sides store first and load then, all four sequentially consistent.
	 */
	atomic_fetch_add(&thread->wake, 1);
	if (atomic_load(&thread->state) != RUNNING)
		syscall(SYS_futex, &thread->wake, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void emu_kick(struct emu *emu)
{
	for (unsigned int i = 0; i < emu->n_threads; i++)
		wake(&emu->threads[i]);
}

void emu_pause(struct emu *emu, const struct emu_thread *self)
{
	uint32_t number = ++emu->pause_count;

	if (!number)
		number = ++emu->pause_count;
	atomic_store_explicit(&emu->pause, number, memory_order_release);
	for (unsigned int i = 0; i < emu->n_threads; i++) {
		struct emu_thread *thread = &emu->threads[i];
		unsigned int round = 0;
		uint32_t state = ASLEEP;

		if (thread == self || !thread->started)
			continue;
		/* Pairs with the release of acked and state: its last round is over. */
		while (atomic_load_explicit(&thread->acked, memory_order_acquire) != number &&
		       !atomic_compare_exchange_strong(&thread->state, &state, HELD)) {
			state = ASLEEP;
			wait_a_bit(&round);
		}
	}
}

void emu_resume(struct emu *emu)
{
	/* Pairs with the acquire in checkpoint() and wake_up(): they see what we changed. */
	atomic_store_explicit(&emu->pause, 0, memory_order_release);
	for (unsigned int i = 0; i < emu->n_threads; i++) {
		uint32_t state = HELD;

		atomic_compare_exchange_strong(&emu->threads[i].state, &state, ASLEEP);
	}
}

/* Between two rounds: stand still while somebody wants it. */
static void checkpoint(struct emu_thread *thread)
{
	struct emu *emu = thread->emu;
	uint32_t number = atomic_load_explicit(&emu->pause, memory_order_acquire);
	unsigned int round = 0;

	if (__builtin_expect(!number, 1))
		return;
	/* The thread that pauses comes by here only after it has resumed. */
	emu_dma_leave(thread->slot);
	atomic_store_explicit(&thread->acked, number, memory_order_release);
	while (atomic_load_explicit(&emu->pause, memory_order_acquire) == number)
		wait_a_bit(&round);
}

static void go_to_sleep(struct emu_thread *thread, uint32_t wake_word, uint64_t ns)
{
	uint32_t state = ASLEEP;
	unsigned int round = 0;

	emu_dma_leave(thread->slot);
	atomic_store(&thread->state, ASLEEP);
	futex_wait(&thread->wake, wake_word, ns);
	while (!atomic_compare_exchange_strong(&thread->state, &state, RUNNING)) {
		state = ASLEEP;
		wait_a_bit(&round);
	}
}

/* What only the first thread does besides its queues. */
static unsigned int poll_controller(struct emu_thread *thread, int mode)
{
	struct emu *emu = thread->emu;
	unsigned int n = 0;

	if (mode == EMU_RUNNING && !emu_event_waiting(emu) &&
	    !emu_sq_has_work(thread, emu->admin_sq) && !atomic_load(&emu->shutdown_requested)) {
		emu_doorbell_rearm(thread, &emu->admin_sq->db, emu->admin_sq->tail);
		return 0;
	}
	/* Whoever holds the lock may be about to pause us: never wait for it. */
	if (pthread_mutex_trylock(&emu->lock))
		return 0;
	if (emu_ctrl_due(emu))
		emu_ctrl_tick(emu, thread);
	if (atomic_load(&emu->shutdown_requested))
		emu_ctrl_finish_shutdown(emu);
	if (emu_mode(emu) == EMU_RUNNING) {
		n = emu_sq_poll(thread, emu->admin_sq);
		emu_event_deliver(thread);
	}
	pthread_mutex_unlock(&emu->lock);
	return n;
}

static unsigned int poll_queues(struct emu_thread *thread, bool all)
{
	unsigned int n = emu_rota_poll(&thread->rota, thread, all);

	if (thread->pending.n)
		n += emu_pending_poll(thread, emu_now_ns());
	return n;
}

/* Doorbells that are looked at for their mistakes only. */
static void scan(struct emu_thread *thread)
{
	for (unsigned int i = 0; i < thread->n_cqs; i++)
		emu_cq_update_head(thread, thread->cqs[i]);
	if (!thread->index) {
		emu_cq_update_head(thread, thread->emu->admin_cq);
		emu_doorbells_scan(thread);
	}
}

static unsigned int poll_round(struct emu_thread *thread, int mode, bool idle)
{
	unsigned int n = 0;

	if (!thread->index && mode != EMU_FAILED &&
	    (mode != EMU_DISABLED || atomic_load(&thread->emu->shutdown_requested)))
		n += poll_controller(thread, mode);
	/* Admin commands may have changed the mode. */
	if (emu_mode(thread->emu) != EMU_RUNNING)
		return n;
	n += poll_queues(thread, idle);
	if (idle)
		scan(thread);
	return n;
}

/* Is there something to look at that may change without a wake-up? */
static bool is_serving(const struct emu_thread *thread, int mode)
{
	if (thread->index)
		return mode == EMU_RUNNING && thread->rota.n;
	return mode == EMU_RUNNING || mode == EMU_ENABLING;
}

static void *thread_main(void *arg)
{
	struct emu_thread *thread = arg;
	struct emu *emu = thread->emu;
	struct emu_backoff backoff;
	uint32_t rounds = 0;

	prctl(PR_SET_TIMERSLACK, 1000);
	emu_backoff_init(&backoff, emu->config.poll_busy);
	while (!atomic_load_explicit(&emu->stop, memory_order_acquire)) {
		uint32_t wake_word = atomic_load(&thread->wake);
		uint64_t sleep_ns;
		unsigned int n;
		int mode;

		checkpoint(thread);
		mode = emu_mode(emu);
		emu_dma_enter(thread->slot);
		n = poll_round(thread, mode,
			       emu_backoff_scan(&backoff) || ++rounds % SCAN_ROUNDS == 0);
		if (n) {
			emu_backoff_work(&backoff);
			continue;
		}
		sleep_ns = emu_backoff_idle(&backoff, is_serving(thread, mode),
					    emu_pending_next(&thread->pending));
		if (sleep_ns)
			go_to_sleep(thread, wake_word, sleep_ns);
	}
	emu_dma_leave(thread->slot);
	return NULL;
}

static int init_thread(struct emu *emu, struct emu_thread *thread, unsigned int index)
{
	int rc;

	memset(thread, 0, sizeof(*thread));
	thread->emu = emu;
	thread->index = index;
	thread->slot = emu_dma_slot(emu->dma, index);
	thread->random = emu_now_ns() + index;
	rc = emu_pending_init(&thread->pending);
	if (!rc)
		rc = emu_io_init(&thread->io, thread->slot, &emu->ns, emu_max_transfer(emu));
	thread->io.data.sgl = emu->config.sgl;
	return rc;
}

/*
 * Threads begin with the signals of whoever makes them. Those of a program are not for ours to
 * handle; and writes that exceed a file size limit, or go to a pipe nobody reads, are to fail and
 * not to end the process. What a thread gets for its own mistakes stays as it was.
 */
static void block_signals(sigset_t *old)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
	sigset_t set;

	sigfillset(&set);
	for (unsigned int i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&set, own[i]);
	pthread_sigmask(SIG_BLOCK, &set, old);
}

static int create_threads(struct emu *emu)
{
	sigset_t old;
	int rc = 0;

	block_signals(&old);
	for (unsigned int i = 0; i < emu->n_threads && !rc; i++) {
		struct emu_thread *thread = &emu->threads[i];

		rc = pthread_create(&thread->handle, NULL, thread_main, thread);
		thread->started = !rc;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

int emu_threads_start(struct emu *emu)
{
	unsigned int n = emu->config.n_threads;
	int rc = 0;

	emu->threads = aligned_alloc(_Alignof(struct emu_thread), n * sizeof(*emu->threads));
	if (!emu->threads)
		return ENOMEM;
	memset(emu->threads, 0, n * sizeof(*emu->threads));
	for (emu->n_threads = 0; emu->n_threads < n && !rc; emu->n_threads++)
		rc = init_thread(emu, &emu->threads[emu->n_threads], emu->n_threads);
	if (!rc)
		rc = create_threads(emu);
	if (rc)
		emu_threads_stop(emu);
	return rc;
}

void emu_threads_stop(struct emu *emu)
{
	atomic_store(&emu->stop, true);
	emu_kick(emu);
	for (unsigned int i = 0; i < emu->n_threads; i++) {
		struct emu_thread *thread = &emu->threads[i];

		if (thread->started)
			pthread_join(thread->handle, NULL);
	}
	for (unsigned int i = 0; i < emu->n_threads; i++) {
		emu_io_release(&emu->threads[i].io);
		emu_pending_release(&emu->threads[i].pending);
		emu_rota_release(&emu->threads[i].rota);
		free(emu->threads[i].cqs);
	}
	free(emu->threads);
	emu->threads = NULL;
	emu->n_threads = 0;
}

struct emu_thread *emu_thread_of(struct emu *emu, uint16_t cqid)
{
	return &emu->threads[cqid ? (cqid - 1u) % emu->n_threads : 0];
}

int emu_thread_add_sq(struct emu_thread *thread, struct emu_sq *sq)
{
	int rc = emu_rota_add(&thread->rota, sq);

	/* It may have been without any and asleep for long. */
	if (!rc)
		wake(thread);
	return rc;
}

int emu_thread_add_cq(struct emu_thread *thread, struct emu_cq *cq)
{
	struct emu_cq **cqs = realloc(thread->cqs, (thread->n_cqs + 1) * sizeof(struct emu_cq *));

	if (!cqs)
		return ENOMEM;
	thread->cqs = cqs;
	thread->cqs[thread->n_cqs++] = cq;
	return 0;
}

void emu_thread_remove_sq(struct emu_thread *thread, struct emu_sq *sq)
{
	emu_rota_remove(&thread->rota, sq);
}

void emu_thread_remove_cq(struct emu_thread *thread, struct emu_cq *cq)
{
	for (unsigned int i = 0; i < thread->n_cqs; i++) {
		if (thread->cqs[i] == cq) {
			thread->cqs[i] = thread->cqs[--thread->n_cqs];
			return;
		}
	}
}
