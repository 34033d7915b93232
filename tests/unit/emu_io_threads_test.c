/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_io_threads_test.c - the software controller's NVM command set under many commands: held
 * against an array, and by several threads at once.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io.h"
#include "support/emu_io_host.h"

/* Random commands against an array that should hold the same. */
static void random_command(struct fixture *f, uint8_t *shadow)
{
	uint32_t slba = rnd(f, N_BLOCKS), n = 1 + rnd(f, 40), size, at;
	struct nvm_dsm_range dsm;
	struct nvm_copy_range source;

	n = n > N_BLOCKS - slba ? N_BLOCKS - slba : n;
	size = n * f->lba_size;
	at = slba * f->lba_size;
	switch (rnd(f, 8)) {
	case 0:
	case 1:
		for (uint32_t i = 0; i < size; i++)
			f->memory[i] = (uint8_t)(f->seed + i * 7 + (i >> 9));
		assert_int_equal(blocks(f, NVM_IO_OPC_WRITE, slba, n), 0);
		memcpy(shadow + at, f->memory, size);
		break;
	case 2:
		assert_int_equal(blocks(f, NVM_IO_OPC_WRITE_ZEROES, slba, n), 0);
		memset(shadow + at, 0, size);
		break;
	case 3:
		dsm = (struct nvm_dsm_range){.nlb = n, .slba = slba};
		assert_int_equal(deallocate(f, &dsm, 1), 0);
		if (f->table.ns[0]->can_deallocate)
			memset(shadow + at, 0, size);
		break;
	case 4:
		source = (struct nvm_copy_range){.slba = rnd(f, N_BLOCKS - n),
						 .nlb = (uint16_t)(n - 1)};
		if (source.slba < slba + n && slba < source.slba + n)
			break; /* overlaps: undefined */
		assert_int_equal(copy(f, slba, &source, 1, 0), 0);
		memcpy(shadow + at, shadow + source.slba * f->lba_size, size);
		break;
	case 5:
		memcpy(f->memory, shadow + at, size);
		assert_int_equal(blocks(f, NVM_IO_OPC_COMPARE, slba, n), 0);
		break;
	default:
		assert_int_equal(blocks(f, NVM_IO_OPC_READ, slba, n), 0);
		assert_memory_equal(f->memory, shadow + at, size);
		break;
	}
}

static void random_commands_agree_with_an_array(void **state)
{
	struct fixture *f = *state;
	uint8_t *shadow = calloc(N_BLOCKS, f->lba_size);

	assert_non_null(shadow);
	for (unsigned int i = 0; i < 3000; i++)
		random_command(f, shadow);
	free(shadow);
}

/*
 * Several threads write and read the same blocks: no block may be seen half old and half new. One
 * thread formats now and then, to the other block size and back.
 */
struct worker {
	struct fixture *f;
	unsigned int index;
	unsigned int torn;
	unsigned int failed;
	bool formats;
};

#define CONTESTED 40 /* blocks */

static void check_uniform(struct worker *w, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size; at += 512) {
		for (size_t i = 1; i < 512; i++) {
			if (data[at + i] != data[at]) {
				w->torn++;
				return;
			}
		}
	}
}

static void work(struct worker *w, struct emu_io *io, uint32_t random, uint8_t *data)
{
	uint32_t n = 1 + (random >> 8) % 20, slba = (random >> 16) % (CONTESTED - n), dw0;
	struct nvm_sqe sqe = {.nsid = 1,
			      .flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER),
			      .opc = random & 1 ? NVM_IO_OPC_READ : NVM_IO_OPC_WRITE,
			      .cdw10 = slba,
			      .cdw12 = n - 1};
	uint64_t geometry = atomic_load(&w->f->table.ns[0]->geometry);
	uint32_t size = n << emu_geometry_shift(geometry);
	emu_status_t status;

	sqe.sgl1.addr = MEMORY_AT + (uint64_t)w->index * 0x40000;
	sqe.sgl1.length = size;
	memset(data, (int)(random >> 10), size);
	if (random % 32 == 3)
		sqe.opc = NVM_IO_OPC_WRITE_ZEROES;
	status = emu_io_execute(io, &sqe, &dw0);
	/* The block size changed in between: the length does not fit any more. */
	if (status == EMU_FAIL(NVM_SC_SGL_DATA_LENGTH_INVALID))
		return;
	if (status)
		w->failed++;
	else if (sqe.opc == NVM_IO_OPC_READ)
		check_uniform(w, data, size);
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	struct fixture *f = w->f;
	uint8_t *data = f->memory + (size_t)w->index * 0x40000;
	struct nvm_sqe format = {.opc = NVM_ADMIN_OPC_FORMAT_NVM, .nsid = 1};
	uint32_t random = w->index * 12345;
	struct emu_io io;

	if (emu_io_init(&io, emu_dma_slot(f->dma, 1 + w->index), &f->table, MDTS)) {
		w->failed++;
		return NULL;
	}
	for (unsigned int round = 0; round < 1500; round++) {
		random = random * 1664525U + 1013904223U;
		emu_dma_enter(io.data.slot);
		work(w, &io, random >> 2, data);
		if (w->formats && round % 100 == 99) {
			format.cdw10 ^= 1;
			w->failed += !!emu_admin_format(&f->table, &format);
		}
	}
	emu_dma_leave(io.data.slot);
	emu_io_release(&io);
	return NULL;
}

static void blocks_do_not_tear_between_threads(void **state)
{
	struct fixture *f = *state;
	struct worker worker[4];
	pthread_t thread[4];

	for (unsigned int i = 0; i < 4; i++) {
		worker[i] = (struct worker){.f = f, .index = i, .formats = i == 3};
		assert_int_equal(pthread_create(&thread[i], NULL, worker_run, &worker[i]), 0);
	}
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(worker[i].failed, 0);
		assert_int_equal(worker[i].torn, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(random_commands_agree_with_an_array),
		cmocka_unit_test_setup_teardown(blocks_do_not_tear_between_threads,
						setup_shared_memory, teardown),
		{"blocks_do_not_tear_between_threads (file)", blocks_do_not_tear_between_threads,
		 setup_shared_file, teardown, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
