/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's log pages: contents, offsets and lengths, and the events they belong
 * to.
 */
#include "support/emu_host.h"

static struct host host;
static uint64_t io;
static uint8_t *page; /* four pages */

static void start(const char *spec)
{
	host_start(&host, spec);
	host_enable(&host);
	page = host_alloc(&host, 4 * HOST_PAGE, &io);
}

static int stop(void **state)
{
	(void)state;
	host_destroy(&host);
	return 0;
}

static struct nvm_sqe log_command(uint32_t lid, uint64_t offset, uint32_t bytes)
{
	struct nvm_sqe sqe = {
		.opc = NVM_ADMIN_OPC_GET_LOG_PAGE, .prp1 = io, .prp2 = io + HOST_PAGE};
	uint32_t numd = bytes / 4 - 1;

	sqe.cdw10 = lid | NVM_FIELD(LOG_NUMDL, numd);
	sqe.cdw11 = NVM_FIELD(LOG_NUMDU, numd >> 16);
	sqe.cdw12 = (uint32_t)offset;
	sqe.cdw13 = (uint32_t)(offset >> 32);
	return sqe;
}

static unsigned int get_log(uint32_t lid, uint64_t offset, uint32_t bytes)
{
	struct nvm_sqe sqe = log_command(lid, offset, bytes);

	memset(page, 0xee, 4 * HOST_PAGE);
	return host_exec(&host.admin, &sqe);
}

static void a_length_of_any_dwords_is_exact(void **state)
{
	static const uint32_t lengths[] = {4, 8, 508, 512, 516, 4092, 4096, 4100, 8192};

	(void)state;
	start("");
	for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, 0, lengths[i]), 0);
		assert_int_equal(page[lengths[i]], 0xee);
		assert_int_not_equal(page[lengths[i] - 1], 0xee);
		/* beyond the page: zeroes */
		if (lengths[i] > 4096)
			assert_int_equal(page[4096], 0);
	}
}

static void offsets_begin_within_the_page(void **state)
{
	uint32_t whole[1024];

	(void)state;
	start("");
	assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, 0, 4096), 0);
	memcpy(whole, page, sizeof(whole));
	for (uint32_t offset = 0; offset < 4096; offset += 508) {
		assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, offset, 4096 - offset), 0);
		assert_memory_equal(page, (uint8_t *)whole + offset, 4096 - offset);
	}
	assert_int_equal(get_log(NVM_LID_SMART, 512, 8), 0);
	assert_int_equal(page[0], 0);
	assert_int_equal(get_log(NVM_LID_SMART, 516, 8), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_log(NVM_LID_SMART, 2, 8), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_log(NVM_LID_SMART, UINT64_C(1) << 32, 8), NVM_SC_INVALID_FIELD);
	struct nvm_sqe sqe = log_command(NVM_LID_SMART, 0, 8);

	sqe.cdw14 = NVM_FIELD(LOG_OT, 1);
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_FIELD);
}

static void mdts_limits_log_pages(void **state)
{
	(void)state;
	start("?mdts=8K");
	assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, 0, 8192), 0);
	assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, 0, 8196), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, 0, 1 << 30), NVM_SC_INVALID_FIELD);
}

static void log_pages_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	start("");
	for (uint32_t lid = 0; lid < 256; lid++)
		assert_int_equal(get_log(lid, 0, 512),
				 lid >= 1 && lid <= 5 ? 0 : NVM_SC_INVALID_LOG_PAGE);
}

static void smart_counts_what_was_done(void **state)
{
	const struct nvm_log_smart *smart = NULL;
	struct host_queue q;

	(void)state;
	start("?size=1M");
	smart = (const void *)page;
	host_queue_create(&host, &q, 1, 16, 16);
	for (uint32_t i = 0; i < 30; i++) {
		struct nvm_sqe sqe = {.opc = i % 3 ? NVM_IO_OPC_READ : NVM_IO_OPC_WRITE,
				      .nsid = 1,
				      .prp1 = io,
				      .prp2 = io + HOST_PAGE,
				      .cdw12 = 15};

		assert_int_equal(host_exec(&q, &sqe), 0);
	}
	assert_int_equal(get_log(NVM_LID_SMART, 0, 512), 0);
	assert_int_equal(smart->host_reads[0], 20);
	assert_int_equal(smart->host_writes[0], 10);
	assert_int_equal(smart->data_units_read[0], 1);
	assert_int_equal(smart->data_units_written[0], 1);
	assert_int_equal(smart->critical_warning, 0);
	assert_int_equal(smart->temperature[0] | smart->temperature[1] << 8, 313);
	assert_int_equal(smart->avail_spare, 100);
	/* per namespace it is not kept */
	struct nvm_sqe sqe = log_command(NVM_LID_SMART, 0, 512);

	sqe.nsid = 1;
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_FIELD);
	sqe.nsid = NVM_NSID_ALL;
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
}

static void the_firmware_runs_from_slot_one(void **state)
{
	const struct nvm_log_fw_slot *slots = NULL;

	(void)state;
	start("");
	slots = (const void *)page;
	assert_int_equal(get_log(NVM_LID_FW_SLOT, 0, 512), 0);
	assert_int_equal(slots->afi, 1);
	assert_memory_equal(slots->frs[0], "1.0     ", 8);
	assert_int_equal(slots->frs[1][0], 0);
}

static void effects_name_exactly_the_commands_there_are(void **state)
{
	const struct nvm_log_cmd_effects *effects = NULL;
	static const uint8_t admin[] = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 0x7c, 0x80};

	(void)state;
	start("");
	effects = (const void *)page;
	assert_int_equal(get_log(NVM_LID_CMD_EFFECTS, 0, 4096), 0);
	for (unsigned int opcode = 0; opcode < 256; opcode++)
		assert_int_equal(effects->acs[opcode] & 1,
				 memchr(admin, (int)opcode, sizeof(admin)) != NULL);
	assert_int_equal(effects->iocs[NVM_IO_OPC_READ], NVM_EFFECTS_CSUPP);
	assert_int_equal(effects->iocs[NVM_IO_OPC_WRITE], NVM_EFFECTS_CSUPP | NVM_EFFECTS_LBCC);
	assert_int_equal(effects->iocs[0xff], 0);
}

static void errors_are_logged_newest_first(void **state)
{
	const struct nvm_log_error_entry *entry = NULL;
	struct nvm_sqe sqe = {.opc = 0xff, .nsid = 0x77};

	(void)state;
	start("");
	entry = (const void *)page;
	assert_int_equal(get_log(NVM_LID_ERROR, 0, 4096), 0);
	assert_int_equal(entry[0].error_count, 0);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_OPCODE);
	assert_int_equal(get_log(NVM_LID_ERROR, 0, 4096), 0);
	for (unsigned int i = 0; i < 64; i++) {
		assert_int_equal(entry[i].error_count, 100 - i);
		assert_int_equal(entry[i].sqid, 0);
		assert_int_equal(entry[i].nsid, 0x77);
		assert_int_equal(NVM_CQE_STATUS(entry[i].status), NVM_SC_INVALID_OPCODE);
	}
	assert_int_equal(entry[0].cid, sqe.cid);
	assert_int_equal(entry[1].cid, sqe.cid - 1);
	assert_int_equal(get_log(NVM_LID_SMART, 0, 512), 0);
	assert_int_equal(((const struct nvm_log_smart *)(const void *)page)->num_error_entries[0],
			 100);
}

/* Events: wanted by Asynchronous Event Configuration, told once, renewed by reading the page. */

static void configure_events(uint32_t bits)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_SET_FEATURES};

	sqe.cdw10 = NVM_FID_ASYNC_EVENT_CONFIG;
	sqe.cdw11 = bits;
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
}

static void set_over_temperature(uint32_t kelvin)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_SET_FEATURES};

	sqe.cdw10 = NVM_FID_TEMPERATURE_THRESHOLD;
	sqe.cdw11 = kelvin;
	assert_int_equal(host_exec(&host.admin, &sqe), 0);
}

static void request_event(uint16_t cid)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST, .cid = cid};

	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
}

static void expect_event(uint16_t cid, uint32_t type, uint32_t info, uint32_t lid)
{
	struct nvm_cqe cqe = {0};

	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, cid);
	assert_int_equal(cqe.dw0, type | info << 8 | lid << 16);
}

static void expect_nothing(void)
{
	struct nvm_cqe cqe;

	assert_false(host_wait_for(&host.admin, &cqe, 5000000));
}

static void temperature_warns_once_until_the_smart_log_is_read(void **state)
{
	struct nvm_sqe rae;

	(void)state;
	start("");
	/* not asked for: no event, but the warning is there */
	set_over_temperature(300);
	request_event(0x300);
	expect_nothing();
	assert_int_equal(get_log(NVM_LID_SMART, 0, 512), 0);
	assert_int_equal(page[0], NVM_SMART_CW_TEMPERATURE);
	set_over_temperature(340);
	configure_events(NVM_SMART_CW_TEMPERATURE);
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_SET_FEATURES, .cid = 0x40};

	sqe.cdw10 = NVM_FID_TEMPERATURE_THRESHOLD;
	sqe.cdw11 = 300;
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	struct nvm_cqe cqe = {0};

	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x40);
	expect_event(0x300, NVM_AER_TYPE_SMART, NVM_AER_INFO_SMART_TEMPERATURE, NVM_LID_SMART);
	/* again, but masked */
	request_event(0x301);
	set_over_temperature(340);
	set_over_temperature(300);
	expect_nothing();
	/* a look that retains the event changes nothing */
	rae = log_command(NVM_LID_SMART, 0, 512);
	rae.cdw10 |= NVM_FIELD(LOG_RAE, 1);
	assert_int_equal(host_exec(&host.admin, &rae), 0);
	expect_nothing();
	rae.cdw10 &= ~NVM_FIELD_BITS(LOG_RAE);
	rae.cid = 0x41;
	host_push(&host.admin, &rae);
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x41);
	expect_event(0x301, NVM_AER_TYPE_SMART, NVM_AER_INFO_SMART_TEMPERATURE, NVM_LID_SMART);
}

static void changed_namespaces_are_listed_until_read(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_FORMAT_NVM, .nsid = 2, .cdw10 = 1, .cid = 0x40};
	const uint32_t *list = NULL;
	struct nvm_cqe cqe = {0};

	(void)state;
	start("?size=1M&ns=&size=1M");
	list = (const void *)page;
	configure_events(NVM_OAES_NS_ATTR);
	request_event(0x300);
	host_push(&host.admin, &sqe);
	host_ring(&host.admin);
	host_wait(&host.admin, &cqe);
	assert_int_equal(cqe.cid, 0x40);
	expect_event(0x300, NVM_AER_TYPE_NOTICE, NVM_AER_INFO_NOTICE_NS_CHANGED,
		     NVM_LID_CHANGED_NS);
	assert_int_equal(get_log(NVM_LID_CHANGED_NS, 0, 4096), 0);
	assert_int_equal(list[0], 2);
	assert_int_equal(list[1], 0);
	assert_int_equal(get_log(NVM_LID_CHANGED_NS, 0, 4096), 0);
	assert_int_equal(list[0], 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_length_of_any_dwords_is_exact),
		TEST(offsets_begin_within_the_page),
		TEST(mdts_limits_log_pages),
		TEST(log_pages_that_do_not_exist_are_refused),
		TEST(smart_counts_what_was_done),
		TEST(the_firmware_runs_from_slot_one),
		TEST(effects_name_exactly_the_commands_there_are),
		TEST(errors_are_logged_newest_first),
		TEST(temperature_warns_once_until_the_smart_log_is_read),
		TEST(changed_namespaces_are_listed_until_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
