/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_test.c - nvm_disk_t on the software controller: any length, any memory, any thread, every
 * refusal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backend/emu.h"
#include "emulator/emu.h"
#include "io/disk.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_disk.h"
#include "nvm_error.h"
#include "nvm_spec.h"
#include "nvm_util.h"

static void fill(unsigned char *p, size_t n, unsigned int seed)
{
	uint32_t x = seed * 2654435761U + 1;

	for (size_t i = 0; i < n; ++i) {
		x = x * 1664525U + 1013904223U;
		p[i] = (unsigned char)(x >> 24);
	}
}

static struct emu *emu_of(nvm_disk_t *disk)
{
	return nvmi_emu_of(nvm_ctrl_from_aq_ref(nvm_disk_aq(disk)));
}

static nvm_disk_t *open_disk(const char *uri, const struct nvm_disk_options *options)
{
	nvm_disk_t *disk = NULL;

	if (nvm_disk_open(&disk, uri, options) != 0)
		fail_msg("%s: %s", uri, nvm_errmsg());
	return disk;
}

/* Write and read back, around chunk and MDTS limits, in place and copied, aligned and not. */
static void check_lengths(const char *uri)
{
	static const size_t sizes[] = {1,   2,   3,   7,    8,    9,    15,   16,   17,
				       255, 256, 257, 2047, 2048, 2049, 4096, 5000, 12345};
	nvm_disk_t *disk = open_disk(uri, NULL);
	size_t bs = nvm_disk_block_size(disk);
	size_t room = 12345 * bs + 8192;
	unsigned char *wanted = malloc(room);
	unsigned char *dma = nvm_disk_alloc(disk, room);
	unsigned char *plain = malloc(room);

	assert_true(wanted != NULL && plain != NULL && dma != NULL);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
		size_t n = sizes[i];
		/* In place at offsets that are multiples of 4, or not (then it is copied). */
		static const size_t offsets[] = {0, 4, 2048, 4092, 1};

		if (n > nvm_disk_n_blocks(disk) - i)
			continue;
		for (size_t j = 0; j < 5; ++j) {
			size_t o = offsets[j];

			fill(wanted, n * bs, (unsigned int)(i * 5 + j));
			memcpy(dma + o, wanted, n * bs);
			assert_int_equal(nvm_disk_write(disk, dma + o, i, n), 0);
			memset(plain, 0xaa, room);
			assert_int_equal(nvm_disk_read(disk, plain + j, i, n), 0);
			assert_memory_equal(plain + j, wanted, n * bs);
			assert_int_equal(plain[j + n * bs], 0xaa);

			fill(wanted, n * bs, (unsigned int)(i * 5 + j + 1000));
			assert_int_equal(nvm_disk_write(disk, wanted, i, n), 0);
			memset(dma, 0xbb, room);
			assert_int_equal(nvm_disk_read(disk, dma + o, i, n), 0);
			assert_memory_equal(dma + o, wanted, n * bs);
			/* Nothing before, nothing behind. */
			for (size_t k = 0; k < o; ++k)
				assert_int_equal(dma[k], 0xbb);
			for (size_t k = o + n * bs; k < o + n * bs + 4096; ++k)
				assert_int_equal(dma[k], 0xbb);
		}
	}
	free(wanted);
	free(plain);
	nvm_disk_close(disk);
}

static void any_length_from_any_memory(void **state)
{
	(void)state;
	check_lengths("emu:?size=64M&lba=512");
	check_lengths("emu:?size=64M&lba=4096");
}

static void transfers_are_split_at_mdts(void **state)
{
	(void)state;
	check_lengths("emu:?size=16M&lba=512&mdts=8192");
	check_lengths("emu:?size=16M&lba=512&mdts=16384");
	check_lengths("emu:?size=16M&lba=512&mdts=0");
}

static void small_and_odd_rings_work(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	static const uint32_t depths[] = {2, 3, 5, 64, 100, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); ++i) {
		unsigned char data[64 * 512], back[64 * 512];
		nvm_disk_t *disk;

		options.queue_depth = depths[i];
		disk = open_disk("emu:?size=1M&mdts=8192", &options);
		for (unsigned int round = 0; round < 300; ++round) {
			fill(data, sizeof(data), round);
			assert_int_equal(nvm_disk_write(disk, data, round, 64), 0);
			assert_int_equal(nvm_disk_read(disk, back, round, 64), 0);
			assert_memory_equal(data, back, sizeof(data));
		}
		nvm_disk_close(disk);
	}
}

static void ranges_beyond_the_namespace_are_refused(void **state)
{
	nvm_disk_t *disk = open_disk("emu:?size=1M&lba=512", NULL);
	unsigned char block[1024];

	(void)state;
	assert_int_equal(nvm_disk_n_blocks(disk), 2048);
	assert_int_equal(nvm_disk_read(disk, block, 2047, 1), 0);
	assert_int_equal(nvm_disk_read(disk, block, 2047, 2), ERANGE);
	assert_int_equal(nvm_disk_read(disk, block, 2048, 1), ERANGE);
	assert_int_equal(nvm_disk_read(disk, block, UINT64_MAX, 1), ERANGE);
	assert_int_equal(nvm_disk_read(disk, block, UINT64_MAX, 2), ERANGE);
	assert_int_equal(nvm_disk_write(disk, block, 1, SIZE_MAX), ERANGE);
	assert_int_equal(nvm_disk_read(disk, block, 0, 0), EINVAL);
	assert_int_equal(nvm_disk_read(disk, NULL, 0, 1), EINVAL);
	nvm_disk_close(disk);
}

static void namespaces_are_found_or_refused_by_name(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	const char *uri = "emu:?size=1M&lba=512&ns=&size=8M&lba=4096";
	nvm_disk_t *disk = open_disk(uri, NULL);

	(void)state;
	assert_int_equal(nvm_disk_ns_info(disk)->ns_id, 1);
	nvm_disk_close(disk);
	options.ns_id = 2;
	disk = open_disk(uri, &options);
	assert_int_equal(nvm_disk_block_size(disk), 4096);
	assert_int_equal(nvm_disk_n_blocks(disk), 2048);
	nvm_disk_close(disk);
	options.ns_id = 3;
	assert_int_equal(nvm_disk_open(&disk, uri, &options), ENXIO);
	assert_null(disk);
	assert_non_null(strstr(nvm_errmsg(), "namespace 3"));
	options.ns_id = 0xffffffff;
	assert_int_equal(nvm_disk_open(&disk, uri, &options), ENXIO);
}

static void two_namespaces_share_a_controller(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	unsigned char a[4096], b[4096], back[4096];
	nvm_disk_t *one, *two;
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;

	(void)state;
	assert_int_equal(nvm_ctrl_open(&ctrl, "emu:?size=1M&lba=512&ns=&size=8M&lba=4096", NULL),
			 0);
	assert_int_equal(nvm_aq_open(&aq, ctrl), 0);
	options.ns_id = 1;
	assert_int_equal(nvm_disk_attach(&one, aq, &options), 0);
	options.ns_id = 2;
	assert_int_equal(nvm_disk_attach(&two, aq, &options), 0);
	fill(a, sizeof(a), 1);
	fill(b, sizeof(b), 2);
	assert_int_equal(nvm_disk_write(one, a, 0, 8), 0);
	assert_int_equal(nvm_disk_write(two, b, 0, 1), 0);
	assert_int_equal(nvm_disk_read(one, back, 0, 8), 0);
	assert_memory_equal(a, back, sizeof(a));
	assert_int_equal(nvm_disk_read(two, back, 0, 1), 0);
	assert_memory_equal(b, back, sizeof(b));
	nvm_disk_close(one);
	nvm_disk_close(two);
	nvm_aq_destroy(aq);
	nvm_ctrl_free(ctrl);
}

/* Compilers move a queue with instructions that fault where it is not aligned. */
static void queues_are_aligned_as_their_type_asks(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;

	(void)state;
	for (uint32_t n = 1; n <= 64; n *= 2) {
		nvm_disk_t *disk;

		options.n_queues = n;
		disk = open_disk("emu:?size=1M", &options);
		assert_int_equal((uintptr_t)disk->queues % _Alignof(struct nvmi_disk_queue), 0);
		nvm_disk_close(disk);
	}
}

static void close_shuts_the_controller_down(void **state)
{
	struct emu_stats stats;
	unsigned char block[512] = {0};
	nvm_ctrl_t *ctrl;
	nvm_disk_t *disk;
	nvm_aq_ref aq;

	(void)state;
	assert_int_equal(nvm_ctrl_open(&ctrl, "emu:?size=1M", NULL), 0);
	assert_int_equal(nvm_aq_open(&aq, ctrl), 0);
	assert_int_equal(nvm_disk_attach(&disk, aq, NULL), 0);
	assert_int_equal(nvm_disk_write(disk, block, 0, 1), 0);
	nvm_disk_close(disk);
	nvm_aq_destroy(aq);
	assert_int_equal(NVM_CSTS_RDY(nvm_ctrl_read32(ctrl, NVM_REG_CSTS)), 0);
	assert_int_equal(NVM_CC_EN(nvm_ctrl_read32(ctrl, NVM_REG_CC)), 0);
	emu_get_stats(nvmi_emu_of(ctrl), &stats);
	assert_int_equal(stats.unclean_disables, 0);
	assert_int_equal(stats.dma_faults, 0);
	assert_int_equal(stats.bad_doorbells, 0);
	nvm_ctrl_free(ctrl);
}

struct worker {
	nvm_disk_t *disk;
	unsigned int number;
	bool in_place;
};

static void *work(void *arg)
{
	struct worker *w = (struct worker *)arg;
	size_t size = (size_t)96 * 512;
	unsigned char *wanted = malloc(size);
	unsigned char *data = w->in_place ? nvm_disk_alloc(w->disk, size) : malloc(size);

	assert_true(wanted != NULL && data != NULL);
	for (unsigned int i = 0; i < 100; ++i) {
		uint64_t lba = w->number * 200 + i;

		fill(wanted, size, w->number * 1000 + i);
		memcpy(data, wanted, size);
		assert_int_equal(nvm_disk_write(w->disk, data, lba, 96), 0);
		memset(data, 0, size);
		assert_int_equal(nvm_disk_read(w->disk, data, lba, 96), 0);
		assert_memory_equal(data, wanted, size);
		if (i % 10 == 0)
			assert_int_equal(nvm_disk_flush(w->disk), 0);
	}
	free(wanted);
	if (w->in_place)
		nvm_disk_free(w->disk, data);
	else
		free(data);
	return NULL;
}

static void threads_share_a_disk(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	struct worker workers[8];
	pthread_t threads[8];
	nvm_disk_t *disk;

	(void)state;
	options.n_queues = 3;
	disk = open_disk("emu:?size=4M&mdts=8192", &options);
	for (unsigned int i = 0; i < 8; ++i) {
		workers[i] = (struct worker){disk, i, i % 2 == 0};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < 8; ++i)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	nvm_disk_close(disk);
}

/* Faults: what the hook does to I/O commands. */
struct fault {
	int left;
	int status;
	bool drop;
	int cid;
	bool duplicate;
};

static void inject(void *arg, struct emu_fault_command *f)
{
	struct fault *fault = (struct fault *)arg;

	if (f->sqid == 0 || __atomic_fetch_sub(&fault->left, 1, __ATOMIC_RELAXED) != 1)
		return;
	if (fault->status >= 0)
		f->status = fault->status;
	if (fault->cid >= 0)
		f->cid = fault->cid;
	f->drop = fault->drop;
	f->duplicate = fault->duplicate;
}

static nvm_disk_t *open_with_fault(struct fault *fault, uint64_t timeout_ms)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	const struct emu_fault_hooks hooks = {.command = inject};
	nvm_disk_t *disk;

	options.timeout_ms = timeout_ms;
	disk = open_disk("emu:?size=4M&mdts=8192", &options);
	emu_set_fault_hooks(emu_of(disk), &hooks, fault);
	return disk;
}

static void an_nvme_status_reaches_the_caller_and_the_disk_goes_on(void **state)
{
	struct fault fault = {.left = 5, .status = NVM_SC_UNRECOVERED_READ_ERROR, .cid = -1};
	nvm_disk_t *disk = open_with_fault(&fault, 0);
	unsigned char data[128 * 512];
	int status;

	(void)state;
	status = nvm_disk_read(disk, data, 0, 128);
	assert_int_equal(-status & 0x7ff, NVM_SC_UNRECOVERED_READ_ERROR);
	assert_non_null(strstr(nvm_errmsg(), "block 64"));
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), 0);
	nvm_disk_close(disk);
}

static void a_lost_command_times_out_and_the_queue_comes_back(void **state)
{
	struct fault fault = {.left = 3, .status = -1, .drop = true, .cid = -1};
	nvm_disk_t *disk = open_with_fault(&fault, 100);
	unsigned char data[128 * 512];

	(void)state;
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), ETIME);
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), 0);
	nvm_disk_close(disk);
}

static void a_completion_with_a_wrong_cid_is_a_controller_fault(void **state)
{
	struct fault fault = {.left = 3, .status = -1, .cid = 0xfffe};
	nvm_disk_t *disk = open_with_fault(&fault, 1000);
	unsigned char data[128 * 512];

	(void)state;
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), EIO);
	assert_non_null(strstr(nvm_errmsg(), "controller fault"));
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), 0);
	nvm_disk_close(disk);
}

static void a_repeated_completion_is_a_controller_fault(void **state)
{
	struct fault fault = {.left = 3, .status = -1, .cid = -1, .duplicate = true};
	nvm_disk_t *disk = open_with_fault(&fault, 1000);
	unsigned char data[128 * 512];
	int status = nvm_disk_read(disk, data, 0, 128);

	(void)state;
	/* Should the second one come after the call's end, the next call sees it. */
	if (status == 0)
		status = nvm_disk_read(disk, data, 0, 1);
	assert_int_equal(status, EIO);
	assert_int_equal(nvm_disk_read(disk, data, 0, 128), 0);
	nvm_disk_close(disk);
}

static void a_fatal_controller_is_noticed_before_the_timeout(void **state)
{
	struct fault fault = {.left = 1, .status = -1, .drop = true, .cid = -1};
	nvm_disk_t *disk = open_with_fault(&fault, 60000);
	unsigned char data[512];
	struct emu *emu = emu_of(disk);

	(void)state;
	emu_fatal(emu);
	assert_int_equal(nvm_disk_read(disk, data, 0, 1), EIO);
	assert_non_null(strstr(nvm_errmsg(), "CSTS.CFS"));
	nvm_disk_close(disk);
}

static void all_ones(void *arg, uint32_t offset, unsigned int size, uint64_t *value)
{
	(void)offset;
	if (__atomic_load_n((int *)arg, __ATOMIC_RELAXED))
		*value = size == 8 ? UINT64_MAX : UINT32_MAX;
}

static void drop_all(void *arg, struct emu_fault_command *f)
{
	f->drop = __atomic_load_n((int *)arg, __ATOMIC_RELAXED) != 0;
}

static void a_removed_disk_is_noticed_before_the_timeout(void **state)
{
	const struct emu_fault_hooks hooks = {.command = drop_all, .reg_read = all_ones};
	nvm_disk_t *disk = open_disk("emu:?size=1M", NULL);
	unsigned char data[512];
	int gone = 1;

	(void)state;
	emu_set_fault_hooks(emu_of(disk), &hooks, &gone);
	assert_int_equal(nvm_disk_read(disk, data, 0, 1), ENODEV);
	nvm_disk_close(disk);
}

/* A program may have been compiled with an older or newer structure, as with that of a controller. */
static void options_of_another_version_are_understood(void **state)
{
	struct {
		struct nvm_disk_options options;
		uint64_t newer;
	} longer = {.options = NVM_DISK_OPTIONS_INIT};
	nvm_disk_t *disk;

	(void)state;
	longer.options.ns_id = 2;
	longer.options.size = offsetof(struct nvm_disk_options, queue_depth);
	longer.options.queue_depth = 1; /* not in an options structure that ends before it */
	disk = open_disk("emu:?ns=", &longer.options);
	assert_int_equal(nvm_disk_ns_info(disk)->ns_id, 2);
	nvm_disk_close(disk);

	longer.options.queue_depth = 0;
	longer.options.size = sizeof(longer);
	disk = open_disk("emu:?ns=", &longer.options);
	assert_int_equal(nvm_disk_ns_info(disk)->ns_id, 2);
	nvm_disk_close(disk);
	longer.newer = 1;
	assert_int_equal(nvm_disk_open(&disk, "emu:?ns=", &longer.options), EINVAL);
	assert_null(disk);
}

static void wrong_options_are_refused(void **state)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	nvm_disk_t *disk;

	(void)state;
	options.size = 0;
	assert_int_equal(nvm_disk_open(&disk, "emu:", &options), EINVAL);
	options.size = sizeof(options);
	options.reserved = 1;
	assert_int_equal(nvm_disk_open(&disk, "emu:", &options), EINVAL);
	options.reserved = 0;
	options.queue_depth = 1;
	assert_int_equal(nvm_disk_open(&disk, "emu:", &options), EINVAL);
	options.queue_depth = 65537;
	assert_int_equal(nvm_disk_open(&disk, "emu:", &options), EINVAL);
	nvm_disk_close(NULL);
	nvm_disk_free(NULL, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_length_from_any_memory),
		cmocka_unit_test(transfers_are_split_at_mdts),
		cmocka_unit_test(small_and_odd_rings_work),
		cmocka_unit_test(ranges_beyond_the_namespace_are_refused),
		cmocka_unit_test(namespaces_are_found_or_refused_by_name),
		cmocka_unit_test(two_namespaces_share_a_controller),
		cmocka_unit_test(queues_are_aligned_as_their_type_asks),
		cmocka_unit_test(close_shuts_the_controller_down),
		cmocka_unit_test(threads_share_a_disk),
		cmocka_unit_test(an_nvme_status_reaches_the_caller_and_the_disk_goes_on),
		cmocka_unit_test(a_lost_command_times_out_and_the_queue_comes_back),
		cmocka_unit_test(a_completion_with_a_wrong_cid_is_a_controller_fault),
		cmocka_unit_test(a_repeated_completion_is_a_controller_fault),
		cmocka_unit_test(a_fatal_controller_is_noticed_before_the_timeout),
		cmocka_unit_test(a_removed_disk_is_noticed_before_the_timeout),
		cmocka_unit_test(options_of_another_version_are_understood),
		cmocka_unit_test(wrong_options_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
