/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_load_check.c - queue pairs under load on a real controller: one to eight of them, of every
 * depth the controller has, each by a thread of its own; interrupts; queue pairs destroyed, and the
 * device taken away, with requests in flight. Every byte is compared. Overwrites the namespaces
 * without metadata.
 *
 * usage: qpair_load_check --ctrl=URI
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

#define MAX_QPAIRS 8
#define BYTES      4096 /* of a request at most */

struct lane;

/* What writes and reads its own blocks in turn; @generation is odd once they were written. */
struct worker {
	struct lane *lane;
	uint64_t lba;
	size_t offset;
	uint32_t n_blocks;
	uint32_t generation;
	unsigned int n_calls;
};

/* A queue pair and the requests that keep it full. */
struct lane {
	struct target *t;
	const nvm_ns_t *ns;
	nvm_qpair_t *qp;
	struct memory memory;
	struct worker *workers;
	uint32_t n_workers;
	uint64_t n_done, n_wanted;
	enum nvm_wait_mode wait;
	pthread_t thread;
};

static nvm_io_fn worker_done;

static void worker_start(struct worker *w)
{
	struct lane *l = w->lane;
	char *at = (char *)l->memory.dma->vaddr + w->offset;
	bool writes = w->generation++ % 2 == 0;
	int status;

	if (writes) {
		stamp_blocks(at, l->ns, w->lba, w->n_blocks, w->generation);
		status = nvm_qpair_write(l->qp, l->ns, l->memory.buf, w->offset, w->lba,
					 w->n_blocks, worker_done, w);
	} else {
		memset(at, 0xee, BYTES);
		status = nvm_qpair_read(l->qp, l->ns, l->memory.buf, w->offset, w->lba, w->n_blocks,
					worker_done, w);
	}
	CHECK(status == 0, "queue pair %u: refused: %s", l->qp->sq.no, nvm_strerror(status));
}

static void worker_compare(const struct worker *w)
{
	size_t size = (size_t)1 << w->lane->ns->lba_shift;
	const uint64_t *word = (const uint64_t *)((char *)w->lane->memory.dma->vaddr + w->offset);

	for (uint32_t b = 0; b < w->n_blocks; b++)
		for (size_t i = 0; i < size / 8; i++, word++)
			CHECK(*word == stamp(w->lba + b, w->generation - 1, i),
			      "queue pair %u: block %llu differs", w->lane->qp->sq.no,
			      (unsigned long long)(w->lba + b));
}

static void worker_done(void *arg, int status, uint32_t result)
{
	struct worker *w = arg;
	struct lane *l = w->lane;

	(void)result;
	CHECK(status == 0, "queue pair %u: %s", l->qp->sq.no, nvm_strerror(status));
	if (w->generation % 2 == 0)
		worker_compare(w);
	l->n_done++;
	if (l->n_done + nvm_qpair_depth(l->qp) <= l->n_wanted)
		worker_start(w);
}

static void *lane_run(void *arg)
{
	struct lane *l = arg;
	uint64_t last = 0, until = now_ms() + TIMEOUT_MS;

	nvm_qpair_plug(l->qp);
	for (uint32_t i = 0; i < l->n_workers; i++)
		worker_start(&l->workers[i]);
	nvm_qpair_unplug(l->qp);
	while (nvm_qpair_in_flight(l->qp) > 0) {
		if (l->wait != NVM_WAIT_POLL)
			CHECK(nvm_qpair_wait(l->qp, TIMEOUT_MS) == 0, "waited in vain");
		/* In batches and singly: the doorbells of both. */
		nvm_qpair_plug(l->qp);
		nvm_qpair_poll(l->qp, 1 + (uint32_t)l->n_done % 64);
		nvm_qpair_unplug(l->qp);
		nvm_qpair_poll(l->qp, 2);
		if (l->n_done == last) {
			sched_yield();
			CHECK(now_ms() < until, "queue pair %u: %u requests do not end",
			      l->qp->sq.no, nvm_qpair_in_flight(l->qp));
		} else if (l->n_done / 512 != last / 512) {
			until = now_ms() + TIMEOUT_MS;
		}
		last = l->n_done;
	}
	return NULL;
}

/* @no of @n lanes: its own part of the namespace. */
static void lane_make(struct lane *l, struct target *t, const nvm_ns_t *ns, size_t no, size_t n,
		      const struct nvm_qpair_options *options)
{
	uint64_t share = ns->n_blocks / n, stride;

	l->t = t;
	l->ns = ns;
	l->wait = options->wait;
	l->qp = make_qpair(t, options);
	l->n_workers = nvm_qpair_depth(l->qp);
	l->n_done = 0;
	l->n_wanted = l->n_workers * 2ULL + 500;
	memory_make(&l->memory, t, l->n_workers * BYTES / t->ctrl->page_size + 1, false);
	l->workers = calloc(l->n_workers, sizeof(*l->workers));
	CHECK(l->workers != NULL, "memory");
	stride = share / l->n_workers;
	for (uint32_t i = 0; i < l->n_workers; i++) {
		uint32_t most = (uint32_t)(stride < 8 ? stride : 8);

		l->workers[i].lane = l;
		l->workers[i].lba = no * share + i * stride;
		l->workers[i].offset = i * (size_t)BYTES;
		l->workers[i].n_blocks = 1 + i % (most << ns->lba_shift > BYTES ? 1 : most);
	}
}

static void lane_free(struct lane *l)
{
	nvm_qpair_destroy(l->qp);
	memory_free(&l->memory);
	free(l->workers);
}

static void load(struct target *t, const nvm_ns_t *ns, size_t n, uint32_t depth,
		 enum nvm_wait_mode wait, bool no_shadow)
{
	static const char *const modes[] = {"polled", "interrupts", "adaptive"};
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct lane lanes[MAX_QPAIRS];
	uint64_t start, done = 0;
	bool shadow;

	options.depth = depth;
	options.wait = wait;
	options.no_shadow = no_shadow;
	for (size_t i = 0; i < n; i++)
		lane_make(&lanes[i], t, ns, i, n, &options);
	shadow = n > 0 && lanes[0].qp->shadow;
	CHECK(!no_shadow || !shadow, "a shadow in spite of no_shadow");
	start = now_ms();
	for (size_t i = 0; i < n; i++)
		CHECK(pthread_create(&lanes[i].thread, NULL, lane_run, &lanes[i]) == 0, "thread");
	for (size_t i = 0; i < n; i++) {
		CHECK(pthread_join(lanes[i].thread, NULL) == 0, "thread");
		done += lanes[i].n_done;
	}
	printf("namespace %u, %zu queue pairs of %u, %s%s: %llu requests in %llu ms\n", ns->ns_id,
	       n, depth, modes[wait], shadow ? ", shadow doorbells" : "", (unsigned long long)done,
	       (unsigned long long)(now_ms() - start));
	for (size_t i = 0; i < n; i++)
		lane_free(&lanes[i]);
}

static uint64_t cpu_ms(void)
{
	struct rusage usage;

	CHECK(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* The descriptor serves poll(2), without a look at the queue in between. */
static void interrupts(struct target *t)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct waiter w = {0};
	struct memory m;
	nvm_qpair_t *qp;

	options.wait = NVM_WAIT_IRQ;
	qp = make_qpair(t, &options);
	CHECK(nvm_qpair_fd(qp) >= 0, "no descriptor");
	memory_make(&m, t, 4, false);
	for (unsigned int i = 1; i <= 300; i++) {
		struct pollfd p = {.fd = nvm_qpair_fd(qp), .events = POLLIN};
		uint64_t count;

		CHECK(nvm_qpair_read(qp, &t->ns[0], m.buf, 0, i, 1, waiter_done, &w) == 0, "read");
		while (w.n_calls < i) {
			if (nvm_qpair_wait(qp, 0) != 0) {
				CHECK(poll(&p, 1, TIMEOUT_MS) == 1, "no interrupt for %u", i);
				CHECK(read(p.fd, &count, sizeof(count)) == sizeof(count), "read");
			}
			nvm_qpair_poll(qp, 8);
		}
		CHECK(w.status == 0, "read: %s", nvm_strerror(w.status));
	}
	nvm_qpair_destroy(qp);
	memory_free(&m);
	printf("interrupts through the descriptor\n");
}

/* A disk of 4 MiB/s: waiting for it costs no processor time, and ends when it should. */
static void slow(struct target *t)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	uint64_t start = now_ms(), cpu = cpu_ms();
	uint32_t n_late = 0, size = 6 << 20;
	struct waiter w = {0};
	struct memory m;
	nvm_qpair_t *qp;

	options.wait = NVM_WAIT_IRQ;
	qp = make_qpair(t, &options);
	memory_make(&m, t, size / t->ctrl->page_size, true);
	CHECK(nvm_qpair_read(qp, &t->ns[0], m.buf, 0, 0, size >> t->ns[0].lba_shift, waiter_done,
			     &w) == 0,
	      "read");
	while (w.n_calls == 0) {
		int status = nvm_qpair_wait(qp, 50);

		CHECK(status == 0 || status == ETIME, "wait: %s", nvm_strerror(status));
		n_late += status == ETIME;
		nvm_qpair_poll(qp, 8);
		CHECK(now_ms() - start < TIMEOUT_MS, "it does not end");
	}
	CHECK(w.status == 0, "read: %s", nvm_strerror(w.status));
	start = now_ms() - start;
	cpu = cpu_ms() - cpu;
	CHECK(start > 500 && n_late > 0, "6 MiB in %llu ms", (unsigned long long)start);
	CHECK(cpu < start / 3, "%llu ms of processor time in %llu ms", (unsigned long long)cpu,
	      (unsigned long long)start);
	nvm_qpair_destroy(qp);
	memory_free(&m);
	printf("%llu ms of processor time in %llu ms\n", (unsigned long long)cpu,
	       (unsigned long long)start);
}

static void destroyed_done(void *arg, int status, uint32_t result)
{
	struct worker *w = arg;

	(void)result;
	CHECK(status == 0 || status == ECANCELED, "destroyed: %s", nvm_strerror(status));
	w->n_calls++;
}

/* Each request in flight ends once, and then nothing reaches its memory. */
static void destroyed(struct target *t, const nvm_ns_t *ns)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	struct lane l;

	options.depth = 64;
	for (unsigned int round = 0; round < 6; round++) {
		lane_make(&l, t, ns, 0, 1, &options);
		for (uint32_t i = 0; i < l.n_workers; i++)
			CHECK(nvm_qpair_read(l.qp, ns, l.memory.buf, l.workers[i].offset, i, 1,
					     destroyed_done, &l.workers[i]) == 0,
			      "read %u", i);
		nvm_qpair_poll(l.qp, 1 + round * 8);
		nvm_qpair_destroy(l.qp);
		for (uint32_t i = 0; i < l.n_workers; i++)
			CHECK(l.workers[i].n_calls == 1, "request %u of %u ended %u times", i,
			      l.n_workers, l.workers[i].n_calls);
		memory_free(&l.memory);
		free(l.workers);
	}
	printf("destroyed with requests in flight\n");
}

static void *unbind(void *arg)
{
	int fd = open("/sys/bus/pci/drivers/vfio-pci/unbind", O_WRONLY | O_CLOEXEC);
	const char *address = arg;

	CHECK(fd >= 0 && write(fd, address, strlen(address)) == (ssize_t)strlen(address), "unbind");
	close(fd);
	return NULL;
}

static void gone_done(void *arg, int status, uint32_t result)
{
	struct worker *w = arg;

	(void)result;
	CHECK(status == 0 || status == ENODEV, "taken away: %s", nvm_strerror(status));
	w->n_calls++;
	w->generation = (uint32_t)status;
}

/* The kernel wants the disk back: each request ends once, those not done with ENODEV. */
static void taken_away(struct target *t, char *address)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	uint64_t until = now_ms() + TIMEOUT_MS;
	uint32_t n_gone = 0;
	pthread_t thread;
	struct lane l;
	int status;

	options.depth = 33;
	lane_make(&l, t, &t->ns[0], 0, 1, &options);
	/* 32 times 64 KiB: half a second. */
	memory_free(&l.memory);
	memory_make(&l.memory, t, 16, false);
	for (uint32_t i = 0; i < l.n_workers; i++)
		CHECK(nvm_qpair_read(l.qp, l.ns, l.memory.buf, 0, i, 65536 >> l.ns->lba_shift,
				     gone_done, &l.workers[i]) == 0,
		      "read %u", i);
	CHECK(pthread_create(&thread, NULL, unbind, address) == 0, "thread");
	while (nvm_qpair_in_flight(l.qp) > 0) {
		nvm_qpair_poll(l.qp, 8);
		CHECK(now_ms() < until, "%u requests do not end", nvm_qpair_in_flight(l.qp));
	}
	CHECK(pthread_join(thread, NULL) == 0, "the device was not given back");
	for (uint32_t i = 0; i < l.n_workers; i++) {
		CHECK(l.workers[i].n_calls == 1, "request %u ended %u times", i,
		      l.workers[i].n_calls);
		n_gone += l.workers[i].generation == ENODEV;
	}
	status = nvm_qpair_read(l.qp, l.ns, l.memory.buf, 0, 0, 1, gone_done, &l.workers[0]);
	CHECK(status == ENODEV && n_gone > 0, "%u of %u ended with ENODEV, the next one: %s",
	      n_gone, l.n_workers, nvm_strerror(status));
	lane_free(&l);
	printf("taken away by the kernel: %u requests ended with ENODEV\n", n_gone);
}

int main(int argc, char **argv)
{
	static const uint32_t depths[] = {2, 3, 64, 1023, 1024, 2048};
	struct target t = {0};
	bool irqs;

	target_open(&t, argc, argv);
	irqs = nvm_ctrl_n_irqs(t.ctrl) > MAX_QPAIRS;
	if (target_is(&t, "nvm-slow")) {
		if (irqs) {
			slow(&t);
			taken_away(&t, argv[1] + strlen("--ctrl="));
		}
		target_close(&t);
		return irqs ? 0 : 77;
	}
	for (size_t i = 0; i < t.n_ns; i++) {
		const nvm_ns_t *ns = &t.ns[i];

		if (ns->metadata_size != 0)
			continue;
		/* Shadow doorbells are on for good from the first queue pair that wants them. */
		for (size_t j = 0; j < sizeof(depths) / sizeof(depths[0]); j++)
			if (depths[j] <= t.ctrl->max_entries)
				load(&t, ns, 1, depths[j], NVM_WAIT_POLL, i == 0 && j < 3);
		for (size_t n = 2; n <= MAX_QPAIRS; n *= 2)
			load(&t, ns, n, n == MAX_QPAIRS ? 1024 : 32, NVM_WAIT_POLL, false);
		for (int wait = NVM_WAIT_IRQ; irqs && wait <= NVM_WAIT_ADAPTIVE; wait++) {
			load(&t, ns, 1, 2, (enum nvm_wait_mode)wait, false);
			load(&t, ns, 4, 64, (enum nvm_wait_mode)wait, false);
		}
		destroyed(&t, ns);
	}
	if (irqs && t.ns[0].metadata_size == 0)
		interrupts(&t);
	target_close(&t);
	return 0;
}
