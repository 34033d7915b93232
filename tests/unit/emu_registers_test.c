/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's registers: values, access rules, and the transitions of CC and CSTS.
 */
#include "support/emu_host.h"

#define RDY  NVM_FIELD_BITS(CSTS_RDY)
#define CFS  NVM_FIELD_BITS(CSTS_CFS)
#define SHST NVM_FIELD_BITS(CSTS_SHST)

static struct host host;

static void start(const char *spec)
{
	host_start(&host, spec);
}

static int stop(void **state)
{
	(void)state;
	host_destroy(&host);
	return 0;
}

static void cap_says_what_was_configured(void **state)
{
	uint64_t cap;

	(void)state;
	start("?depth=1000&cqr=1&to=3&dstrd=2&mpsmin=8K&mpsmax=64K");
	cap = emu_reg_read(host.emu, NVM_REG_CAP, 8);
	assert_int_equal(NVM_CAP_MQES(cap), 999);
	assert_int_equal(NVM_CAP_CQR(cap), 1);
	assert_int_equal(NVM_CAP_AMS(cap), 0);
	assert_int_equal(NVM_CAP_TO(cap), 3);
	assert_int_equal(NVM_CAP_DSTRD(cap), 2);
	assert_int_equal(NVM_CAP_NSSRS(cap), 1);
	assert_int_equal(NVM_CAP_CSS(cap), 1);
	assert_int_equal(NVM_CAP_MPSMIN(cap), 1);
	assert_int_equal(NVM_CAP_MPSMAX(cap), 4);
	assert_int_equal(cap >> 56, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CAP), (uint32_t)cap);
	assert_int_equal(host_read32(&host, NVM_REG_CAP + 4), cap >> 32);
	assert_int_equal(host_read32(&host, NVM_REG_VS), 0x10400);
}

static void mqes_of_the_deepest_queue_is_ffff(void **state)
{
	(void)state;
	start("?depth=65536");
	assert_int_equal(host_read32(&host, NVM_REG_CAP) & 0xffff, 0xffff);
}

static void power_on_values_are_zero(void **state)
{
	static const uint32_t zero[] = {
		NVM_REG_INTMS, NVM_REG_INTMC,   NVM_REG_CC,     NVM_REG_CSTS,
		NVM_REG_NSSR,  NVM_REG_AQA,     NVM_REG_ASQ,    NVM_REG_ASQ + 4,
		NVM_REG_ACQ,   NVM_REG_ACQ + 4, NVM_REG_CMBLOC, NVM_REG_CMBSZ,
		NVM_REG_CRTO,  NVM_REG_PMRCAP,  0x18,           0xffc};

	(void)state;
	start("");
	for (unsigned int i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		assert_int_equal(host_read32(&host, zero[i]), 0);
}

static void read_only_and_reserved_registers_ignore_writes(void **state)
{
	static const uint32_t offsets[] = {
		NVM_REG_CAP,  NVM_REG_CAP + 4, NVM_REG_VS, NVM_REG_CSTS, NVM_REG_CMBSZ,
		NVM_REG_CRTO, NVM_REG_PMRCAP,  0x18,       0x800};

	(void)state;
	start("");
	for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		uint32_t before = host_read32(&host, offsets[i]);

		host_write32(&host, offsets[i], 0xffffffff);
		assert_int_equal(host_read32(&host, offsets[i]), before);
	}
}

static void only_aligned_dwords_and_qwords_are_accesses(void **state)
{
	(void)state;
	start("");
	emu_reg_write(host.emu, NVM_REG_ASQ, 8, UINT64_C(0x1122334455667000));
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ASQ, 2), 0);
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ASQ + 2, 4), 0);
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ASQ + 4, 8), 0);
	assert_int_equal(emu_reg_read(host.emu, 0x1000, 4), 0);
	emu_reg_write(host.emu, NVM_REG_ASQ, 1, 0xff);
	emu_reg_write(host.emu, NVM_REG_ASQ + 2, 4, 0);
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ASQ, 8), UINT64_C(0x1122334455667000));
}

static void qword_registers_can_be_written_by_halves(void **state)
{
	(void)state;
	start("");
	host_write32(&host, NVM_REG_ACQ + 4, 0x12345678);
	host_write32(&host, NVM_REG_ACQ, 0x9abcd000);
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ACQ, 8), UINT64_C(0x123456789abcd000));
	/* and a qword access spans two dword registers */
	emu_reg_write(host.emu, NVM_REG_NSSR, 8, UINT64_C(0x001f000f00000000));
	assert_int_equal(host_read32(&host, NVM_REG_AQA), 0x1f000f);
}

static void reserved_bits_of_aqa_and_cc_stay_zero(void **state)
{
	(void)state;
	start("");
	host_write32(&host, NVM_REG_AQA, 0xffffffff);
	assert_int_equal(host_read32(&host, NVM_REG_AQA), 0x0fff0fff);
	host_write32(&host, NVM_REG_CC, 0xfffffffe & ~NVM_FIELD_BITS(CC_SHN));
	assert_int_equal(host_read32(&host, NVM_REG_CC), 0x00ff3ff0);
}

static void interrupt_mask_is_set_and_cleared_by_ones(void **state)
{
	(void)state;
	start("");
	host_write32(&host, NVM_REG_INTMS, 0xf0);
	host_write32(&host, NVM_REG_INTMS, 0x01);
	assert_int_equal(host_read32(&host, NVM_REG_INTMS), 0xf1);
	host_write32(&host, NVM_REG_INTMC, 0x30);
	assert_int_equal(host_read32(&host, NVM_REG_INTMC), 0xc1);
	assert_int_equal(host_read32(&host, NVM_REG_INTMS), 0xc1);
}

static void enable_sets_rdy_and_disable_clears_it(void **state)
{
	(void)state;
	start("");
	host_enable(&host);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), RDY);
	host_write32(&host, NVM_REG_CC, host_cc(0) & ~1u);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	/* admin queue registers survive a controller reset */
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ASQ, 8), host.admin.sq_io);
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ACQ, 8), host.admin.cq_io);
	assert_int_equal(host_read32(&host, NVM_REG_AQA), 0x003f001f);
	host_enable(&host);
}

static void rdy_takes_the_configured_time(void **state)
{
	uint64_t begin;

	(void)state;
	start("?ready=60ms");
	begin = host_now_ns();
	host_enable(&host);
	assert_true(host_now_ns() - begin >= 60000000);
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	/* a reset before the time is up leaves it not ready */
	host_write32(&host, NVM_REG_CC, host_cc(0));
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	host_write32(&host, NVM_REG_CC, 0);
	usleep(80000);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
}

static uint32_t csts_after_enable(uint32_t aqa, uint64_t asq, uint64_t acq, uint32_t cc)
{
	uint32_t csts;

	host_write32(&host, NVM_REG_AQA, aqa);
	emu_reg_write(host.emu, NVM_REG_ASQ, 8, asq);
	emu_reg_write(host.emu, NVM_REG_ACQ, 8, acq);
	host_write32(&host, NVM_REG_CC, cc);
	csts = host_read32(&host, NVM_REG_CSTS);
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	return csts;
}

static void wrong_settings_are_fatal_until_reset(void **state)
{
	const uint64_t io = HOST_IO_BASE;
	const uint32_t aqa = 0x000f000f;
	const uint32_t cc = host_cc(1);

	(void)state;
	start("?mpsmin=8K&mpsmax=32K");
	assert_int_equal(csts_after_enable(aqa, io, io + 0x10000, cc), RDY);
	assert_int_equal(csts_after_enable(aqa, io, io + 0x10000, host_cc(0)), CFS);
	assert_int_equal(csts_after_enable(aqa, io, io + 0x10000, host_cc(3)), RDY);
	assert_int_equal(csts_after_enable(aqa, io, io + 0x10000, host_cc(4)), CFS);
	/* aligned to 4 KiB, but not to the page size chosen */
	assert_int_equal(csts_after_enable(aqa, io + 0x1000, io + 0x10000, cc), CFS);
	assert_int_equal(csts_after_enable(aqa, io, io + 0x1000, cc), CFS);
	assert_int_equal(csts_after_enable(aqa, io + 4, io, cc), CFS);
	/* queues of one entry */
	assert_int_equal(csts_after_enable(0x000f0000, io, io + 0x10000, cc), CFS);
	assert_int_equal(csts_after_enable(0x0000000f, io, io + 0x10000, cc), CFS);
	/* command set, arbitration, entry sizes */
	assert_int_equal(csts_after_enable(aqa, io, io, cc | NVM_FIELD(CC_CSS, 6)), CFS);
	assert_int_equal(csts_after_enable(aqa, io, io, cc | NVM_FIELD(CC_AMS, 1)), CFS);
	assert_int_equal(csts_after_enable(aqa, io, io, cc ^ NVM_FIELD(CC_IOSQES, 1)), CFS);
	assert_int_equal(csts_after_enable(aqa, io, io, cc ^ NVM_FIELD(CC_IOCQES, 1)), CFS);
	/* entry sizes may come later */
	assert_int_equal(csts_after_enable(aqa, io, io, NVM_FIELD(CC_EN, 1) | NVM_FIELD(CC_MPS, 1)),
			 RDY);
}

static void shutdown_ends_in_shst_complete(void **state)
{
	(void)state;
	start("");
	host_enable(&host);
	host_write32(&host, NVM_REG_CC, host_cc(0) | NVM_FIELD(CC_SHN, NVM_SHN_NORMAL));
	assert_true(host_wait_csts(&host, SHST, NVM_FIELD(CSTS_SHST, NVM_SHST_COMPLETE)));
	assert_int_equal(host_read32(&host, NVM_REG_CSTS) & RDY, RDY);
	/* no command is executed any more */
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES, .cdw10 = NVM_FID_ARBITRATION};
	struct nvm_cqe cqe;

	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	assert_false(host_wait_for(&host.admin, &cqe, 10000000));
	/* a reset brings it back */
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	host_enable(&host);
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
	/* abrupt, and while disabled, too */
	host_write32(&host, NVM_REG_CC, 0);
	host_write32(&host, NVM_REG_CC, NVM_FIELD(CC_SHN, NVM_SHN_ABRUPT));
	assert_true(host_wait_csts(&host, SHST, NVM_FIELD(CSTS_SHST, NVM_SHST_COMPLETE)));
	host_enable(&host);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), RDY);
}

static void subsystem_reset_needs_its_signature_and_leaves_nssro(void **state)
{
	(void)state;
	start("");
	host_enable(&host);
	host_write32(&host, NVM_REG_NSSR, 1);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), RDY);
	host_write32(&host, NVM_REG_NSSR, NVM_NSSR_RESET);
	assert_int_equal(host_read32(&host, NVM_REG_NSSR), 0);
	assert_int_equal(host_read32(&host, NVM_REG_CC), 0);
	assert_int_equal(host_read32(&host, NVM_REG_AQA), 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), NVM_FIELD_BITS(CSTS_NSSRO));
	host_enable(&host);
	/* a controller reset does not clear it, writing 0 neither, writing 1 does */
	host_write32(&host, NVM_REG_CC, 0);
	host_write32(&host, NVM_REG_CSTS, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), NVM_FIELD_BITS(CSTS_NSSRO));
	host_write32(&host, NVM_REG_CSTS, NVM_FIELD_BITS(CSTS_NSSRO));
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
}

static void function_reset_is_power_on_with_mappings_kept(void **state)
{
	(void)state;
	start("");
	host_enable(&host);
	emu_function_reset(host.emu);
	assert_int_equal(host_read32(&host, NVM_REG_CC), 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	assert_int_equal(emu_reg_read(host.emu, NVM_REG_ASQ, 8), 0);
	host_enable(&host);
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES, .cdw10 = NVM_FID_ARBITRATION};

	assert_int_equal(host_exec(&host.admin, &sqe), 0);
}

static void disabling_with_io_queues_is_unclean_unless_shut_down(void **state)
{
	struct host_queue q;

	(void)state;
	start("");
	host_enable(&host);
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_stats(&host).unclean_disables, 0);
	host_enable(&host);
	host_queue_create(&host, &q, 1, 16, 16);
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_stats(&host).unclean_disables, 1);
	host_enable(&host);
	host_queue_create(&host, &q, 1, 16, 16);
	host_write32(&host, NVM_REG_CC, host_cc(0) | NVM_FIELD(CC_SHN, NVM_SHN_NORMAL));
	assert_true(host_wait_csts(&host, SHST, NVM_FIELD(CSTS_SHST, NVM_SHST_COMPLETE)));
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_stats(&host).unclean_disables, 1);
	host_enable(&host);
	host_queue_create(&host, &q, 1, 16, 16);
	emu_function_reset(host.emu);
	assert_int_equal(host_stats(&host).unclean_disables, 2);
}

static void fatal_status_stops_commands_until_reset(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES, .cdw10 = NVM_FID_ARBITRATION};
	struct nvm_cqe cqe;

	(void)state;
	start("");
	host_enable(&host);
	emu_fatal(host.emu);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), RDY | CFS);
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	assert_false(host_wait_for(&host.admin, &cqe, 10000000));
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	host_enable(&host);
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
}

static void the_bar_shows_registers_and_is_large_enough_for_all_doorbells(void **state)
{
	size_t size;
	volatile uint32_t *bar;

	(void)state;
	start("?queues=1024&dstrd=4");
	bar = emu_bar(host.emu, &size);
	assert_true(size > NVM_REG_CQHDBL(1024, 4));
	assert_int_equal(size & (size - 1), 0);
	host_enable(&host);
	assert_int_equal(__atomic_load_n(&bar[NVM_REG_VS / 4], __ATOMIC_RELAXED), 0x10400);
	assert_int_equal(__atomic_load_n(&bar[NVM_REG_CC / 4], __ATOMIC_RELAXED), host_cc(0));
}

/* Fault hooks of registers */

struct faults {
	uint64_t all_ones_at;
	bool swallow_cc;
	bool stuck_enabling;
	bool stuck_disabling;
};

static void reg_read_hook(void *arg, uint32_t offset, unsigned int size, uint64_t *value)
{
	struct faults *faults = arg;

	(void)size;
	if (offset == faults->all_ones_at)
		*value = UINT64_MAX;
}

static bool reg_write_hook(void *arg, uint32_t offset, unsigned int size, uint64_t value)
{
	struct faults *faults = arg;

	(void)size;
	(void)value;
	return faults->swallow_cc && offset == NVM_REG_CC;
}

static bool stuck_hook(void *arg, bool enabling)
{
	struct faults *faults = arg;

	return enabling ? faults->stuck_enabling : faults->stuck_disabling;
}

static const struct emu_fault_hooks hooks = {
	.reg_read = reg_read_hook,
	.reg_write = reg_write_hook,
	.stuck_ready = stuck_hook,
};

static void hooks_change_what_registers_give_and_take(void **state)
{
	struct faults faults = {.all_ones_at = NVM_REG_CSTS};

	(void)state;
	start("");
	emu_set_fault_hooks(host.emu, &hooks, &faults);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0xffffffff);
	assert_int_equal(host_read32(&host, NVM_REG_VS), 0x10400);
	faults = (struct faults){.all_ones_at = UINT64_MAX, .swallow_cc = true};
	host_write32(&host, NVM_REG_CC, NVM_FIELD(CC_IOSQES, 6));
	assert_int_equal(host_read32(&host, NVM_REG_CC), 0);
	emu_set_fault_hooks(host.emu, NULL, NULL);
	host_write32(&host, NVM_REG_CC, NVM_FIELD(CC_IOSQES, 6));
	assert_int_equal(host_read32(&host, NVM_REG_CC), NVM_FIELD(CC_IOSQES, 6));
}

static void rdy_can_be_stuck_both_ways(void **state)
{
	struct faults faults = {.all_ones_at = UINT64_MAX, .stuck_enabling = true};

	(void)state;
	start("");
	emu_set_fault_hooks(host.emu, &hooks, &faults);
	host_write32(&host, NVM_REG_AQA, 0x000f000f);
	emu_reg_write(host.emu, NVM_REG_ASQ, 8, HOST_IO_BASE);
	emu_reg_write(host.emu, NVM_REG_ACQ, 8, HOST_IO_BASE + 0x1000);
	host_write32(&host, NVM_REG_CC, host_cc(0));
	usleep(5000);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
	host_write32(&host, NVM_REG_CC, 0);
	faults.stuck_enabling = false;
	host_enable(&host);
	faults.stuck_disabling = true;
	host_write32(&host, NVM_REG_CC, 0);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), RDY);
	emu_function_reset(host.emu);
	assert_int_equal(host_read32(&host, NVM_REG_CSTS), 0);
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void an_idle_controller_hardly_uses_the_processor(void **state)
{
	struct host_queue q;
	uint64_t before;

	(void)state;
	start("?threads=2");
	/* disabled */
	before = cpu_ns();
	usleep(200000);
	assert_true(cpu_ns() - before < 4000000);
	/* enabled, with queues; after the time it takes to fall asleep */
	host_enable(&host);
	host_queue_create(&host, &q, 1, 16, 16);
	usleep(50000);
	before = cpu_ns();
	usleep(500000);
	/* 1 % of each of two threads would be 10 ms; sanitizers are slower */
	assert_true(cpu_ns() - before < 25000000);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cap_says_what_was_configured),
		TEST(mqes_of_the_deepest_queue_is_ffff),
		TEST(power_on_values_are_zero),
		TEST(read_only_and_reserved_registers_ignore_writes),
		TEST(only_aligned_dwords_and_qwords_are_accesses),
		TEST(qword_registers_can_be_written_by_halves),
		TEST(reserved_bits_of_aqa_and_cc_stay_zero),
		TEST(interrupt_mask_is_set_and_cleared_by_ones),
		TEST(enable_sets_rdy_and_disable_clears_it),
		TEST(rdy_takes_the_configured_time),
		TEST(wrong_settings_are_fatal_until_reset),
		TEST(shutdown_ends_in_shst_complete),
		TEST(subsystem_reset_needs_its_signature_and_leaves_nssro),
		TEST(function_reset_is_power_on_with_mappings_kept),
		TEST(disabling_with_io_queues_is_unclean_unless_shut_down),
		TEST(fatal_status_stops_commands_until_reset),
		TEST(the_bar_shows_registers_and_is_large_enough_for_all_doorbells),
		TEST(hooks_change_what_registers_give_and_take),
		TEST(rdy_can_be_stuck_both_ways),
		TEST(an_idle_controller_hardly_uses_the_processor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
