/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctrl_caps_test.c - what a new controller object takes from CAP and options, and what it refuses.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/caps.h"
#include "support/errmsg.h"
#include "support/fake_ctrl.h"

#define KIB 1024U

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
	assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, NULL), 0);
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
	assert_int_equal(nvmi_ctrl_new(&ctrl, &f.be, NULL), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_size_suits_host_and_controller),
		cmocka_unit_test(fields_come_from_cap),
		cmocka_unit_test(impossible_controllers_are_refused_and_closed),
		cmocka_unit_test(all_ones_in_crto_are_a_long_time),
		cmocka_unit_test(page_size_option_is_honoured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
