/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctrl_test.c - the controller object: what CAP means, options, URIs, references, registers,
 * interrupts, resets, and a BAR0 that the caller has mapped.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/caps.h"
#include "nvm_error.h"
#include "nvm_util.h"
#include "support/fake_ctrl.h"

#define KIB 1024U

static void assert_message_has(const char *text)
{
	if (strstr(nvm_errmsg(), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", nvm_errmsg(), text);
}

static nvm_ctrl_t *make(struct fake_ctrl *f)
{
	nvm_ctrl_t *ctrl;

	assert_int_equal(nvmi_ctrl_new(&ctrl, &f->be, NULL), 0);
	assert_non_null(ctrl);
	return ctrl;
}

/* CAP */

static void page_size_suits_host_and_controller(void **state)
{
	/* Sizes in KiB; expected 0: ERANGE. */
	static const struct {
		size_t host;
		uint32_t mpsmin, mpsmax;
		size_t wanted, expected;
	} rows[] = {
		{4, 0, 0, 0, 4},    {4, 0, 4, 0, 4},    {16, 0, 4, 0, 16}, {16, 0, 1, 0, 8},
		{64, 0, 4, 0, 64},  {64, 0, 0, 0, 4},   {64, 0, 2, 0, 16}, {64, 2, 4, 0, 64},
		{64, 0, 15, 0, 64}, {4, 1, 4, 0, 0},    {4, 15, 15, 0, 0}, {64, 5, 6, 0, 0},
		{4, 0, 4, 4, 4},    {4, 0, 4, 8, 8},    {4, 0, 4, 64, 64}, {4, 0, 4, 128, 0},
		{64, 0, 4, 4, 4},   {64, 0, 4, 16, 16}, {64, 1, 4, 4, 0},  {4, 1, 4, 8, 8},
		{4, 0, 4, 12, 0},   {4, 0, 4, 2, 0},    {4, 0, 4, 1, 0},   {4, 3, 2, 0, 0},
		{4, 3, 2, 16, 0},   {64, 3, 2, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t cap = NVM_FIELD64(CAP_MPSMIN, rows[i].mpsmin) |
			       NVM_FIELD64(CAP_MPSMAX, rows[i].mpsmax);
		size_t got = 0;
		int status =
			nvmi_caps_page_size(&got, rows[i].host * KIB, cap, rows[i].wanted * KIB);

		assert_int_equal(status, rows[i].expected != 0 ? 0 : ERANGE);
		assert_int_equal(got, rows[i].expected * KIB);
	}
}

static void fields_come_from_cap(void **state)
{
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init(&f);
	f.cap |=
		NVM_FIELD64(CAP_MQES, 0xffff) | NVM_FIELD64(CAP_DSTRD, 3) | NVM_FIELD64(CAP_CQR, 1);
	f.be.bar = &f;
	f.be.bar_size = 12345;
	ctrl = make(&f);
	/* 0xffff is 65536 entries, not 0. */
	assert_int_equal(ctrl->max_entries, 65536);
	assert_int_equal(ctrl->dstrd, 3);
	assert_int_equal(ctrl->timeout, 5000);
	assert_ptr_equal(ctrl->mm_ptr, &f);
	assert_int_equal(ctrl->mm_size, 12345);
	assert_int_equal(nvmi_ctrl_of(ctrl)->cap, f.cap);
	assert_int_equal(nvmi_ctrl_of(ctrl)->vs, NVM_VS(1, 4, 0));
	assert_string_equal(nvm_ctrl_name(ctrl), "controller (fake)");
	/* Making it has changed nothing in the controller. */
	assert_int_equal(f.n_writes, 0);
	nvm_ctrl_free(ctrl);
	assert_int_equal(f.closed, 1);
}

static int new_status(struct fake_ctrl *f, const struct nvm_ctrl_options *options)
{
	nvm_ctrl_t *ctrl = (nvm_ctrl_t *)(void *)f;
	int status = nvmi_ctrl_new(&ctrl, &f->be, options);

	assert_null(ctrl);
	assert_int_equal(f->closed, 1);
	assert_message_has("controller (fake)");
	return status;
}

static void impossible_controllers_are_refused_and_closed(void **state)
{
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
	struct fake_ctrl f;

	(void)state;
	/* Gone when CAP is read, or after it. */
	for (uint64_t at = 0; at < 2; at++) {
		fake_init(&f);
		f.gone_at = at;
		assert_int_equal(new_status(&f, NULL), ENODEV);
	}

	/* Gone for a moment. */
	fake_init(&f);
	f.cap = UINT64_MAX;
	assert_int_equal(new_status(&f, NULL), ENODEV);

	/* CRTO may be all ones: VS tells. */
	for (uint64_t at = 1; at < 3; at++) {
		fake_init(&f);
		f.cap |= NVM_FIELD64(CAP_CRMS, 1);
		f.gone_at = at;
		assert_int_equal(new_status(&f, NULL), ENODEV);
	}

	fake_init(&f);
	f.cap &= ~NVM_FIELD64_BITS(CAP_MQES);
	assert_int_equal(new_status(&f, NULL), EIO);

	fake_init(&f);
	f.cap = 0;
	assert_int_equal(new_status(&f, NULL), EIO);

	fake_init(&f);
	f.cap &= ~NVM_FIELD64_BITS(CAP_CSS);
	assert_int_equal(new_status(&f, NULL), ENOTSUP);

	fake_init(&f);
	f.cap |= NVM_FIELD64(CAP_MPSMIN, 15) | NVM_FIELD64(CAP_MPSMAX, 15);
	assert_int_equal(new_status(&f, NULL), ERANGE);

	fake_init(&f);
	options.page_size = 5000;
	assert_int_equal(new_status(&f, &options), ERANGE);
}

static void all_ones_in_crto_are_a_long_time(void **state)
{
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init(&f);
	f.cap |= NVM_FIELD64(CAP_CRMS, 3);
	f.crto = UINT32_MAX;
	ctrl = make(&f);
	assert_int_equal(ctrl->timeout, 65535ULL * 500);
	nvm_ctrl_free(ctrl);
}

static void page_size_option_is_honoured(void **state)
{
	struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;

	(void)state;
	for (uint32_t size = 4 * KIB; size <= 64 * KIB; size *= 2) {
		struct fake_ctrl f;
		nvm_ctrl_t *ctrl;

		fake_init(&f);
		options.page_size = size;
		assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, &options), 0);
		assert_int_equal(ctrl->page_size, size);
		nvm_ctrl_free(ctrl);
	}
}

/* References */

static void the_last_reference_closes(void **state)
{
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;
	struct nvmi_ctrl *c;

	(void)state;
	fake_init(&f);
	ctrl = make(&f);
	c = nvmi_ctrl_of(ctrl);
	nvmi_ctrl_get(c);
	nvmi_ctrl_get(c);
	nvm_ctrl_free(ctrl);
	assert_int_equal(f.closed, 0);
	assert_int_equal(nvmi_read32(c, NVM_REG_VS), NVM_VS(1, 4, 0));
	nvmi_ctrl_put(c);
	assert_int_equal(f.closed, 0);
	nvmi_ctrl_put(c);
	assert_int_equal(f.closed, 1);
	nvm_ctrl_free(NULL);
}

static void *get_and_put(void *arg)
{
	struct nvmi_ctrl *c = arg;

	for (int i = 0; i < 10000; i++) {
		nvmi_ctrl_get(c);
		nvmi_ctrl_put(c);
	}
	nvmi_ctrl_put(c);
	return NULL;
}

static void references_may_be_taken_by_any_thread(void **state)
{
	pthread_t threads[4];
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init(&f);
	ctrl = make(&f);
	for (size_t i = 0; i < 4; i++) {
		nvmi_ctrl_get(nvmi_ctrl_of(ctrl));
		assert_int_equal(pthread_create(&threads[i], NULL, get_and_put, nvmi_ctrl_of(ctrl)),
				 0);
	}
	nvm_ctrl_free(ctrl);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(f.closed, 1);
}

/* Registers, interrupts, resets */

static void register_offsets_are_checked(void **state)
{
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;
	uint64_t before;

	(void)state;
	fake_init(&f);
	ctrl = make(&f);
	assert_int_equal(nvm_ctrl_read32(ctrl, NVM_REG_VS), f.vs);
	assert_int_equal(nvm_ctrl_read64(ctrl, NVM_REG_CAP), f.cap);
	assert_int_equal(nvm_ctrl_read32(ctrl, 0xffc), 0);
	assert_int_equal(nvm_ctrl_read64(ctrl, 0xff8), 0);
	assert_int_equal(nvm_ctrl_write32(ctrl, NVM_REG_AQA, 0x10001), 0);
	assert_int_equal(nvm_ctrl_write64(ctrl, NVM_REG_ASQ, 0x1000), 0);
	assert_int_equal(f.aqa, 0x10001);
	assert_int_equal(f.asq, 0x1000);

	before = f.n_accesses;
	assert_int_equal(nvm_ctrl_read32(ctrl, 0x1000), UINT32_MAX);
	assert_int_equal(nvm_ctrl_read32(ctrl, 0xffd), UINT32_MAX);
	assert_int_equal(nvm_ctrl_read32(ctrl, 2), UINT32_MAX);
	assert_int_equal(nvm_ctrl_read32(ctrl, UINT32_MAX - 3), UINT32_MAX);
	assert_true(nvm_ctrl_read64(ctrl, 4) == UINT64_MAX);
	assert_true(nvm_ctrl_read64(ctrl, 0xffc) == UINT64_MAX);
	assert_true(nvm_ctrl_read64(ctrl, 0x1000) == UINT64_MAX);
	assert_int_equal(nvm_ctrl_write32(ctrl, 0x1000, 0), EINVAL);
	assert_int_equal(nvm_ctrl_write32(ctrl, 1, 0), EINVAL);
	assert_int_equal(nvm_ctrl_write64(ctrl, 0x2c, 0), EINVAL);
	assert_int_equal(nvm_ctrl_write64(ctrl, UINT32_MAX - 7, 0), EINVAL);
	assert_message_has("multiple of 8");
	assert_int_equal(f.n_accesses, before);
	nvm_ctrl_free(ctrl);
}

static void interrupt_vectors_are_checked(void **state)
{
	struct nvmi_backend_ops without;
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init(&f);
	ctrl = make(&f);
	assert_int_equal(nvm_ctrl_n_irqs(ctrl), 2);
	assert_int_equal(nvm_ctrl_irq(ctrl, 1, 7), 0);
	assert_int_equal(f.irq_vector, 1);
	assert_int_equal(f.irq_eventfd, 7);
	assert_int_equal(nvm_ctrl_irq(ctrl, 0, -1), 0);
	assert_int_equal(f.irq_eventfd, -1);
	assert_int_equal(nvm_ctrl_irq(ctrl, 2, 7), EINVAL);
	assert_int_equal(nvm_ctrl_irq(ctrl, 0, -2), EINVAL);
	assert_int_equal(f.irq_eventfd, -1);

	without = *f.be.ops;
	without.irq = NULL;
	f.be.ops = &without;
	assert_int_equal(nvm_ctrl_n_irqs(ctrl), 0);
	assert_int_equal(nvm_ctrl_irq(ctrl, 0, 7), ENOTSUP);
	nvm_ctrl_free(ctrl);
}

static void function_reset_notices_that_the_device_is_gone(void **state)
{
	struct nvmi_backend_ops without;
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init_running(&f);
	ctrl = make(&f);
	assert_int_equal(nvm_ctrl_function_reset(ctrl), 0);
	assert_int_equal(f.resets, 1);
	assert_int_equal(f.cc, 0);
	f.gone_at = 0;
	assert_int_equal(nvm_ctrl_function_reset(ctrl), ENODEV);

	without = *f.be.ops;
	without.reset = NULL;
	f.be.ops = &without;
	assert_int_equal(nvm_ctrl_function_reset(ctrl), ENOTSUP);
	nvm_ctrl_free(ctrl);
}

static void raw_reset_sets_up_one_page_queues(void **state)
{
	/* KiB, MQES, AQA: a queue of a page has as many entries as nvm_queue_clear() says. */
	static const struct {
		uint32_t page, mqes, aqa;
	} rows[] = {{4, 1023, 0x00ff003f}, {64, 65535, 0x0fff03ff}, {4, 31, 0x001f001f}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nvm_ctrl_options options = NVM_CTRL_OPTIONS_INIT;
		struct fake_ctrl f;
		nvm_ctrl_t *ctrl;

		fake_init_running(&f);
		f.up_ns = f.down_ns = 0;
		f.cap &= ~NVM_FIELD64_BITS(CAP_MQES);
		f.cap |= NVM_FIELD64(CAP_MQES, rows[i].mqes);
		options.page_size = rows[i].page * KIB;
		assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, &options), 0);
		assert_int_equal(nvm_raw_ctrl_reset(ctrl, 0x7f0000, 0x450000), 0);
		assert_true(f.rdy);
		assert_int_equal(f.acq, 0x7f0000);
		assert_int_equal(f.asq, 0x450000);
		assert_int_equal(f.aqa, rows[i].aqa);
		assert_int_equal(f.violations, 0);

		assert_int_equal(nvm_raw_ctrl_reset(ctrl, 0x7f0040, 0x450000), EINVAL);
		assert_int_equal(nvm_raw_ctrl_reset(ctrl, 0x7f0000, 0x450800), EINVAL);
		nvm_ctrl_free(ctrl);
	}
}

static void raw_reset_leaves_an_owner_alone(void **state)
{
	struct fake_ctrl f;
	nvm_ctrl_t *ctrl;

	(void)state;
	fake_init_running(&f);
	ctrl = make(&f);
	atomic_store(&nvmi_ctrl_of(ctrl)->has_aq, true);
	assert_int_equal(nvm_raw_ctrl_reset(ctrl, 0x10000, 0x20000), EBUSY);
	assert_int_equal(f.n_writes, 0);
	nvm_ctrl_free(ctrl);
}

/* A BAR0 of the caller's own */

static void a_mapped_bar_is_a_controller(void **state)
{
	size_t size = 2 * NVM_CTRL_MEM_MINSIZE;
	unsigned char *bar = aligned_alloc(4096, size);
	nvm_ctrl_t *ctrl;

	(void)state;
	assert_non_null(bar);
	memset(bar, 0, size);
	*_REG(bar, NVM_REG_CAP, 64) = NVM_FIELD64(CAP_MQES, 255) | NVM_FIELD64(CAP_TO, 20) |
				      NVM_FIELD64(CAP_CSS, NVM_CAP_CSS_NVM) |
				      NVM_FIELD64(CAP_MPSMAX, 4);
	*_REG(bar, NVM_REG_VS, 32) = NVM_VS(1, 2, 1);

	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar, size), 0);
	assert_int_equal(ctrl->page_size, sysconf(_SC_PAGESIZE));
	assert_int_equal(ctrl->max_entries, 256);
	assert_int_equal(ctrl->timeout, 10000);
	assert_ptr_equal(ctrl->mm_ptr, bar);
	assert_int_equal(ctrl->mm_size, size);
	assert_int_equal(nvm_ctrl_read32(ctrl, NVM_REG_VS), NVM_VS(1, 2, 1));
	assert_int_equal(nvm_ctrl_write32(ctrl, NVM_REG_AQA, 0x1f001f), 0);
	assert_int_equal(*_REG(bar, NVM_REG_AQA, 32), 0x1f001f);
	assert_int_equal(nvm_ctrl_write64(ctrl, NVM_REG_ACQ, 0x1234567890000ULL), 0);
	assert_int_equal(*_REG(bar, NVM_REG_ACQ, 64), 0x1234567890000ULL);
	assert_int_equal(nvm_ctrl_n_irqs(ctrl), 0);
	assert_int_equal(nvm_ctrl_irq(ctrl, 0, 1), ENOTSUP);
	assert_int_equal(nvm_ctrl_function_reset(ctrl), ENOTSUP);

	/* Registers of a backend end with its BAR. */
	assert_int_equal(nvmi_mmio_read32(nvmi_ctrl_of(ctrl)->be, (uint32_t)size - 4), 0);
	assert_int_equal(nvmi_mmio_read32(nvmi_ctrl_of(ctrl)->be, (uint32_t)size), UINT32_MAX);
	assert_true(nvmi_mmio_read64(nvmi_ctrl_of(ctrl)->be, (uint32_t)size - 4) == UINT64_MAX);
	nvmi_mmio_write32(nvmi_ctrl_of(ctrl)->be, (uint32_t)size, 1);
	nvmi_mmio_write64(nvmi_ctrl_of(ctrl)->be, UINT32_MAX - 7, 1);
	nvm_ctrl_free(ctrl);
	free(bar);
}

static void a_bar_that_cannot_be_one_is_refused(void **state)
{
	unsigned char *bar = aligned_alloc(4096, NVM_CTRL_MEM_MINSIZE);
	nvm_ctrl_t *ctrl;

	(void)state;
	assert_non_null(bar);
	memset(bar, 0xff, NVM_CTRL_MEM_MINSIZE);
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE), ENODEV);
	assert_null(ctrl);
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar, NVM_CTRL_MEM_MINSIZE - 1), EINVAL);
	assert_null(ctrl);
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, NULL, NVM_CTRL_MEM_MINSIZE), EINVAL);
	assert_int_equal(nvm_raw_ctrl_init(&ctrl, bar + 4, NVM_CTRL_MEM_MINSIZE), EINVAL);
	free(bar);
}

/* URIs and options */

static int open_status(const char *uri, const struct nvm_ctrl_options *options)
{
	nvm_ctrl_t *ctrl = (nvm_ctrl_t *)(uintptr_t)1;
	int status = nvm_ctrl_open(&ctrl, uri, options);

	assert_null(ctrl);
	assert_int_not_equal(status, 0);
	assert_string_not_equal(nvm_errmsg(), "");
	return status;
}

static void uris_that_name_nothing_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"nonsense",
		"emu",
		"EMU:",
		"pci",
		"05:00",
		"05:00.",
		":00.0",
		"05:00.00",
		"05:00.0 ",
		" 05:00.0",
		"g5:00.0",
		"000005:00.0",
		"00:00:05:00.0",
		"05:00.0\n",
		"123456789:05:00.0",
		"disk.img",
		"http://host",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(open_status(rows[i], NULL), EINVAL);
		assert_message_has("\"emu:\"");
		assert_message_has("0000:05:00.0");
	}
	assert_int_equal(open_status(NULL, NULL), EINVAL);
}

static void uris_of_other_builds_say_what_this_one_reaches(void **state)
{
	static const char *const rows[] = {
		"/dev/libnvm0", "/dev/nvme0", "/dev/ng0n1",      "vfio-user:/run/x",
		"0x80000",      "0X80000",    "smartio:0x80000", "tcp://host:4420/nqn",
		"rdma://host",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(open_status(rows[i], NULL), ENOTSUP);
		assert_message_has(rows[i]);
		assert_message_has("\"emu:\"");
	}
}

static void uris_go_to_their_backend(void **state)
{
	static const char *const absent[] = {"fffe:ff:1f.7", "pci:fffe:ff:1f.7", "FFFE:FF:1F.7"};

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_int_equal(open_status(absent[i], NULL), ENODEV);
	assert_int_equal(open_status("emu:?no_such_option=1", NULL), EINVAL);
	assert_message_has("no_such_option");
	assert_int_equal(open_status("pci:nonsense", NULL), EINVAL);
}

static void options_must_make_sense(void **state)
{
	struct {
		struct nvm_ctrl_options known;
		uint64_t future[4];
	} newer = {NVM_CTRL_OPTIONS_INIT, {0}};
	struct nvm_ctrl_options *options = &newer.known;

	(void)state;
	/* ENODEV: the options were good, but there is no such device. */
	options->flags = NVM_CTRL_ALLOW_IN_USE;
	assert_int_equal(open_status("fffe:ff:1f.7", options), ENODEV);
	options->flags = 0x80000000;
	assert_int_equal(open_status("fffe:ff:1f.7", options), EINVAL);
	assert_message_has("0x80000000");

	/* An older program: flags lies beyond what it knows. */
	options->size = offsetof(struct nvm_ctrl_options, flags);
	assert_int_equal(open_status("fffe:ff:1f.7", options), ENODEV);

	/* A newer program: fine as long as it does not ask for what we do not know. */
	options->flags = 0;
	options->size = sizeof(newer);
	assert_int_equal(open_status("fffe:ff:1f.7", options), ENODEV);
	newer.future[3] = (uint64_t)1 << 63;
	assert_int_equal(open_status("fffe:ff:1f.7", options), EINVAL);

	/* Not initialised. */
	options->size = 0;
	assert_int_equal(open_status("fffe:ff:1f.7", options), EINVAL);
	options->size = SIZE_MAX;
	assert_int_equal(open_status("fffe:ff:1f.7", options), EINVAL);
	assert_message_has("NVM_CTRL_OPTIONS_INIT");
}

static void descriptors_that_are_no_bar_are_refused(void **state)
{
	nvm_ctrl_t *ctrl;
	int fds[2];

	(void)state;
	assert_int_equal(nvm_ctrl_init(&ctrl, -1), EBADF);
	assert_null(ctrl);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(nvm_ctrl_init(&ctrl, fds[0]), EINVAL);
	assert_null(ctrl);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_size_suits_host_and_controller),
		cmocka_unit_test(fields_come_from_cap),
		cmocka_unit_test(impossible_controllers_are_refused_and_closed),
		cmocka_unit_test(all_ones_in_crto_are_a_long_time),
		cmocka_unit_test(page_size_option_is_honoured),
		cmocka_unit_test(the_last_reference_closes),
		cmocka_unit_test(references_may_be_taken_by_any_thread),
		cmocka_unit_test(register_offsets_are_checked),
		cmocka_unit_test(interrupt_vectors_are_checked),
		cmocka_unit_test(function_reset_notices_that_the_device_is_gone),
		cmocka_unit_test(raw_reset_sets_up_one_page_queues),
		cmocka_unit_test(raw_reset_leaves_an_owner_alone),
		cmocka_unit_test(a_mapped_bar_is_a_controller),
		cmocka_unit_test(a_bar_that_cannot_be_one_is_refused),
		cmocka_unit_test(uris_that_name_nothing_are_refused),
		cmocka_unit_test(uris_of_other_builds_say_what_this_one_reaches),
		cmocka_unit_test(uris_go_to_their_backend),
		cmocka_unit_test(options_must_make_sense),
		cmocka_unit_test(descriptors_that_are_no_bar_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
