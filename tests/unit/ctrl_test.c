/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctrl_test.c - the controller object: references, registers, interrupts, resets.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/errmsg.h"
#include "support/fake_ctrl.h"

static nvm_ctrl_t *make(struct fake_ctrl *f)
{
	nvm_ctrl_t *ctrl;

	assert_int_equal(nvmi_ctrl_new(&ctrl, &f->be, NULL), 0);
	assert_non_null(ctrl);
	return ctrl;
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
		options.page_size = rows[i].page * 1024;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_reference_closes),
		cmocka_unit_test(references_may_be_taken_by_any_thread),
		cmocka_unit_test(register_offsets_are_checked),
		cmocka_unit_test(interrupt_vectors_are_checked),
		cmocka_unit_test(function_reset_notices_that_the_device_is_gone),
		cmocka_unit_test(raw_reset_sets_up_one_page_queues),
		cmocka_unit_test(raw_reset_leaves_an_owner_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
