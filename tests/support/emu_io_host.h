/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_io_host.h - for tests of the NVM command set: what executes commands, and a host's memory.
 * Include after cmocka.h.
 */
#ifndef TESTS_EMU_IO_HOST_H
#define TESTS_EMU_IO_HOST_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

#define N_BLOCKS    2048U
#define MEMORY_SIZE (2U << 20)
#define MEMORY_AT   0x40000000ULL /* on the bus */
#define LIST_AT     (MEMORY_AT + (1U << 20))
#define MDTS        (256U << 10)

/* A controller's insides with one executing thread, and a host's memory. */
struct fixture {
	struct emu_config config;
	struct emu_ns_table table;
	struct emu_dma *dma;
	struct emu_io io;
	uint8_t *memory;
	uint32_t lba_size;
	uint32_t dw0;
	uint32_t seed;
	char path[64];
};

static inline int setup_store(void **state, uint32_t lba_size, bool file, unsigned int n_threads)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char err[256];

	assert_non_null(f);
	f->lba_size = lba_size;
	f->seed = 4711;
	f->memory = aligned_alloc(4096, MEMORY_SIZE);
	assert_non_null(f->memory);
	memset(f->memory, 0, MEMORY_SIZE);
	f->config.n_ns = 3;
	f->config.n_threads = n_threads;
	f->config.volatile_cache = true;
	for (unsigned int i = 0; i < 3; i++) {
		f->config.ns[i].lba_size = lba_size;
		f->config.ns[i].size = (uint64_t)N_BLOCKS * lba_size;
	}
	f->config.ns[1].read_only = true;
	f->config.ns[2].null = true;
	if (file) {
		int fd;

		strcpy(f->path, "/tmp/emu-io-XXXXXX");
		fd = mkstemp(f->path);
		assert_true(fd >= 0);
		close(fd);
		f->config.ns[0].path = f->path;
	}
	assert_int_equal(emu_ns_table_open(&f->table, &f->config, err, sizeof(err)), 0);
	assert_int_equal(emu_dma_new(&f->dma, 8), 0);
	assert_int_equal(emu_dma_add(f->dma, MEMORY_AT, f->memory, MEMORY_SIZE, true), 0);
	assert_int_equal(emu_io_init(&f->io, emu_dma_slot(f->dma, 0), &f->table, MDTS), 0);
	emu_dma_enter(f->io.data.slot);
	*state = f;
	return 0;
}

static inline int setup_memory(void **state)
{
	return setup_store(state, 512, false, 1);
}

static inline int setup_shared_memory(void **state)
{
	return setup_store(state, 4096, false, 4);
}

static inline int setup_file(void **state)
{
	return setup_store(state, 512, true, 1);
}

static inline int setup_shared_file(void **state)
{
	return setup_store(state, 4096, true, 4);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	emu_dma_leave(f->io.data.slot);
	emu_io_release(&f->io);
	emu_dma_free(f->dma);
	assert_int_equal(emu_ns_table_close(&f->table), 0);
	if (f->path[0])
		unlink(f->path);
	free(f->memory);
	free(f);
	return 0;
}

static inline uint32_t rnd(struct fixture *f, uint32_t below)
{
	f->seed = f->seed * 1664525U + 1013904223U;
	return (f->seed >> 8) % below;
}

static inline emu_status_t execute(struct fixture *f, const struct nvm_sqe *sqe)
{
	return emu_io_execute(&f->io, sqe, &f->dw0);
}

/* A command on blocks, its data one contiguous SGL block at the beginning of the memory. */
static inline struct nvm_sqe block_command(struct fixture *f, uint8_t opc, uint64_t slba,
					   uint32_t n_blocks)
{
	struct nvm_sqe sqe = {.opc = opc,
			      .flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER),
			      .nsid = 1,
			      .cdw10 = (uint32_t)slba,
			      .cdw11 = (uint32_t)(slba >> 32),
			      .cdw12 = n_blocks - 1};

	sqe.sgl1.addr = MEMORY_AT;
	sqe.sgl1.length = n_blocks * f->lba_size;
	return sqe;
}

static inline emu_status_t blocks(struct fixture *f, uint8_t opc, uint64_t slba, uint32_t n_blocks)
{
	struct nvm_sqe sqe = block_command(f, opc, slba, n_blocks);

	return execute(f, &sqe);
}

static inline void write_fill(struct fixture *f, uint64_t slba, uint32_t n_blocks, uint8_t value)
{
	memset(f->memory, value, (size_t)n_blocks * f->lba_size);
	assert_int_equal(blocks(f, NVM_IO_OPC_WRITE, slba, n_blocks), 0);
}

/* All bytes of the blocks have the value. */
static inline void assert_fill(struct fixture *f, uint64_t slba, uint32_t n_blocks, uint8_t value)
{
	memset(f->memory, ~value, (size_t)n_blocks * f->lba_size);
	assert_int_equal(blocks(f, NVM_IO_OPC_READ, slba, n_blocks), 0);
	for (size_t i = 0; i < (size_t)n_blocks * f->lba_size; i++) {
		if (f->memory[i] != value)
			fail_msg("byte %zu of block %llu is %02x, not %02x", i,
				 (unsigned long long)slba, f->memory[i], value);
	}
}

static inline struct nvm_sqe list_command(uint8_t opc, uint32_t size)
{
	struct nvm_sqe sqe = {
		.opc = opc, .flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER), .nsid = 1};

	sqe.sgl1.addr = LIST_AT;
	sqe.sgl1.length = size;
	return sqe;
}

static inline emu_status_t deallocate(struct fixture *f, const struct nvm_dsm_range *range,
				      unsigned int n)
{
	struct nvm_sqe sqe =
		list_command(NVM_IO_OPC_DATASET_MANAGEMENT, n * (uint32_t)sizeof(*range));

	memcpy(f->memory + (LIST_AT - MEMORY_AT), range, n * sizeof(*range));
	sqe.cdw10 = NVM_FIELD(DSM_NR, n - 1);
	sqe.cdw11 = NVM_FIELD(DSM_AD, 1);
	return execute(f, &sqe);
}

static inline emu_status_t copy(struct fixture *f, uint64_t dest,
				const struct nvm_copy_range *range, unsigned int n, uint32_t cdw12)
{
	struct nvm_sqe sqe = list_command(NVM_IO_OPC_COPY, n * (uint32_t)sizeof(*range));

	memcpy(f->memory + (LIST_AT - MEMORY_AT), range, n * sizeof(*range));
	sqe.cdw10 = (uint32_t)dest;
	sqe.cdw11 = (uint32_t)(dest >> 32);
	sqe.cdw12 = NVM_FIELD(COPY_NR, n - 1) | cdw12;
	return execute(f, &sqe);
}

/* Every command on every kind of store. */
#define ON_ALL(test)                                                                     \
	{#test " (memory)", test, setup_memory, teardown, NULL},                         \
		{#test " (memory, threads)", test, setup_shared_memory, teardown, NULL}, \
		{#test " (file)", test, setup_file, teardown, NULL},                     \
	{                                                                                \
#test " (file, threads)", test, setup_shared_file, teardown, NULL        \
	}

#endif
