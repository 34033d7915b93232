/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu.c - making and freeing a controller, and what its host does besides registers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "controller.h"
#include "registers.h"

/* BAR0: registers and all doorbells, a power of two as BARs are. */
static int map_bar(struct emu *emu)
{
	size_t need = NVM_REG_CQHDBL(emu->config.n_queue_pairs, emu->config.dstrd) + 4;
	size_t size = 2 * NVM_REG_DBS;

	while (size < need)
		size *= 2;
	/* Shared anonymous memory: doorbells stay the same memory across fork(). */
	emu->bar = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (emu->bar == MAP_FAILED) {
		emu->bar = NULL;
		return errno;
	}
	emu->bar_size = size;
	return 0;
}

static int allocate(struct emu *emu)
{
	size_t n_queues = emu->config.n_queue_pairs + 1;
	int rc;

	emu->sqs = calloc(n_queues, sizeof(struct emu_sq *));
	emu->cqs = calloc(n_queues, sizeof(struct emu_cq *));
	emu->irqs = calloc(emu->config.n_vectors, sizeof(*emu->irqs));
	if (!emu->sqs || !emu->cqs || !emu->irqs)
		return ENOMEM;
	for (uint32_t i = 0; i < emu->config.n_vectors; i++)
		atomic_init(&emu->irqs[i], -1);
	rc = map_bar(emu);
	if (!rc)
		rc = emu_dma_new(&emu->dma, emu->config.n_threads);
	return rc;
}

static int fail(struct emu *emu, int rc, const char *what, char *err, size_t err_size)
{
	if (what && err && err_size)
		snprintf(err, err_size, "%s: %s", what, strerror(rc));
	emu_destroy(emu);
	return rc;
}

static int no_memory(char *err, size_t err_size)
{
	if (err && err_size)
		snprintf(err, err_size, "no memory for the controller");
	return ENOMEM;
}

static bool has_latency(const struct emu_latency *latency)
{
	return latency->read_ns || latency->write_ns || latency->other_ns || latency->jitter_ns;
}

int emu_create(struct emu **emup, const struct emu_config *config, char *err, size_t err_size)
{
	struct emu *emu;
	int rc;

	*emup = NULL;
	if (err && err_size)
		*err = '\0';
	rc = emu_config_check(config, err, err_size);
	if (rc)
		return rc;
	emu = aligned_alloc(_Alignof(struct emu), sizeof(*emu));
	if (!emu)
		return no_memory(err, err_size);
	memset(emu, 0, sizeof(*emu));
	pthread_mutex_init(&emu->lock, NULL);
	pthread_mutex_init(&emu->log.lock, NULL);
	pthread_rwlock_init(&emu->hooks_lock, NULL);
	emu->created_ns = emu_now_ns();
	rc = emu_config_copy(&emu->config, config);
	if (!rc)
		rc = allocate(emu);
	if (rc)
		return fail(emu, rc, "cannot allocate the controller", err, err_size);
	rc = emu_ns_table_open(&emu->ns, &emu->config, err, err_size);
	if (rc)
		return fail(emu, rc, NULL, err, err_size);
	emu->delayed = has_latency(&emu->config.latency);
	emu->admin_data.slot = emu_dma_slot(emu->dma, 0);
	emu->admin_data.page_size = 4096;
	emu_registers_init(emu);
	emu_registers_publish(emu);
	emu_features_reset(emu);
	rc = emu_threads_start(emu);
	if (rc)
		return fail(emu, rc, "cannot start the polling threads", err, err_size);
	*emup = emu;
	return 0;
}

void emu_destroy(struct emu *emu)
{
	if (!emu)
		return;
	if (emu->threads) {
		atomic_store(&emu->stop, true);
		emu_kick(emu);
		for (unsigned int i = 0; i < emu->n_threads; i++) {
			if (emu->threads[i].started)
				pthread_join(emu->threads[i].handle, NULL);
			emu->threads[i].started = false;
		}
		emu_ctrl_drop_queues(emu);
		emu_threads_stop(emu);
	}
	emu_ns_table_close(&emu->ns);
	if (emu->dma)
		emu_dma_free(emu->dma);
	if (emu->bar)
		munmap(emu->bar, emu->bar_size);
	free(emu->sqs);
	free(emu->cqs);
	free(emu->irqs);
	emu_config_free(&emu->config);
	pthread_rwlock_destroy(&emu->hooks_lock);
	pthread_mutex_destroy(&emu->log.lock);
	pthread_mutex_destroy(&emu->lock);
	free(emu);
}

volatile void *emu_bar(struct emu *emu, size_t *size)
{
	if (size)
		*size = emu->bar_size;
	return emu->bar;
}

int emu_dma_map(struct emu *emu, uint64_t ioaddr, void *vaddr, size_t size, bool writable)
{
	return emu_dma_add(emu->dma, ioaddr, vaddr, size, writable);
}

int emu_dma_unmap(struct emu *emu, uint64_t ioaddr, size_t size)
{
	return emu_dma_remove(emu->dma, ioaddr, size);
}

int emu_set_irq(struct emu *emu, unsigned int vector, int eventfd)
{
	if (vector >= emu->config.n_vectors)
		return EINVAL;
	if (atomic_exchange(&emu->irqs[vector], eventfd < 0 ? -1 : eventfd) < 0)
		return 0;
	/* A thread may be about to write to the old one: its owner closes it next. */
	pthread_mutex_lock(&emu->lock);
	emu_pause(emu, NULL);
	emu_resume(emu);
	pthread_mutex_unlock(&emu->lock);
	return 0;
}

unsigned int emu_n_irqs(const struct emu *emu)
{
	return emu->config.n_vectors;
}

void emu_get_stats(struct emu *emu, struct emu_stats *stats)
{
	*stats = (struct emu_stats){
		.dma_faults = emu_dma_faults(emu->dma),
		.unclean_disables = atomic_load(&emu->unclean_disables),
	};
	for (unsigned int i = 0; i < emu->n_threads; i++) {
		struct emu_thread *t = &emu->threads[i];

		stats->admin_commands += atomic_load(&t->counters.admin_commands);
		stats->io_commands += atomic_load(&t->counters.io_commands);
		stats->bad_doorbells += atomic_load(&t->counters.bad_doorbells);
		stats->failed_commands += atomic_load(&t->counters.failed_commands);
		stats->interrupts += atomic_load(&t->counters.interrupts);
		stats->read_blocks += atomic_load(&t->io.stats.read_blocks);
		stats->written_blocks += atomic_load(&t->io.stats.written_blocks);
	}
}
