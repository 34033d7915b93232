/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctrl_open_test.c - opening a controller: URIs, options, and a BAR0 that the caller has mapped.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/backend.h"
#include "controller/controller.h"
#include "nvm_spec.h"
#include "nvm_util.h"
#include "support/errmsg.h"

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
