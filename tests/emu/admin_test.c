/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_test.c - every admin command function against the software controller.
 */
#include <errno.h>
#include <string.h>

#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"
#include "nvm_util.h"
#include "support/emu_aq.h"

/* The NVMe status without CRD and DNR; 0 for an errno. */
static int status_code(int status)
{
	return NVM_ERR_UNPACK_SCT(status) << 8 | NVM_ERR_UNPACK_SC(status);
}

static void controller_information_is_complete(void **state)
{
	struct target t = open_target("emu:?serial=SN42&model=Some%20disk&mdts=128K&depth=1000"
				      "&dstrd=2&queues=5&size=1M");
	struct nvm_ctrl_info info;

	(void)state;
	assert_int_equal(nvm_admin_ctrl_info(t.ref, &info, t.data, t.ioaddr), 0);
	assert_int_equal(info.nvme_version, NVM_VS(1, 4, 0));
	assert_int_equal(info.page_size, t.ctrl->page_size);
	assert_int_equal(info.db_stride, 16);
	assert_int_equal(info.timeout, t.ctrl->timeout);
	assert_false(info.contiguous);
	assert_int_equal(info.max_entries, 1000);
	assert_memory_equal(info.serial_no, "SN42                ", 20);
	assert_memory_equal(info.model_no, "Some disk                               ", 40);
	assert_int_equal(info.max_data_size, 131072);
	assert_int_equal(info.max_data_pages, 131072 / info.page_size);
	assert_int_equal(info.sq_entry_size, 64);
	assert_int_equal(info.cq_entry_size, 16);
	assert_true(info.max_n_ns >= 1);
	close_target(&t);
}

static void no_mdts_is_unlimited(void **state)
{
	struct target t = open_target("emu:?mdts=0&cqr=1&size=1M");
	struct nvm_ctrl_info info;

	(void)state;
	assert_int_equal(nvm_admin_ctrl_info(t.ref, &info, t.data, t.ioaddr), 0);
	assert_true(info.max_data_size == NVM_UNLIMITED);
	assert_true(info.max_data_pages == NVM_UNLIMITED);
	assert_true(info.contiguous);
	close_target(&t);
}

static void namespaces_have_their_own_sizes(void **state)
{
	struct target t = open_target("emu:?size=1M&lba=512&ns=&size=3M&lba=4096&ns=null&size=1G");
	struct nvm_ns_info info;

	(void)state;
	assert_int_equal(nvm_admin_ns_info(t.ref, &info, 1, t.data, t.ioaddr), 0);
	assert_int_equal(info.ns_id, 1);
	assert_int_equal(info.size, 2048);
	assert_int_equal(info.capacity, 2048);
	assert_int_equal(info.lba_data_size, 512);
	assert_int_equal(info.metadata_size, 0);
	assert_int_equal(nvm_admin_ns_info(t.ref, &info, 2, t.data, t.ioaddr), 0);
	assert_int_equal(info.size, 768);
	assert_int_equal(info.lba_data_size, 4096);
	assert_int_equal(nvm_admin_ns_info(t.ref, &info, 3, t.data, t.ioaddr), 0);
	assert_int_equal(info.size * info.lba_data_size, 1 << 30);
	assert_int_equal(status_code(nvm_admin_ns_info(t.ref, &info, 4, t.data, t.ioaddr)),
			 NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(status_code(nvm_admin_ns_info(t.ref, &info, 5000, t.data, t.ioaddr)),
			 NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(nvm_admin_ns_info(t.ref, &info, 0, t.data, t.ioaddr), EINVAL);
	close_target(&t);
}

static void active_namespaces_are_listed(void **state)
{
	struct target t = open_target("emu:?size=1M&ns=&size=1M&ns=&size=1M&ns=&size=1M");
	uint32_t ns_ids[8] = {0};
	size_t n = 8;

	(void)state;
	assert_int_equal(nvm_admin_active_ns(t.ref, ns_ids, &n, t.data, t.ioaddr), 0);
	assert_int_equal(n, 4);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(ns_ids[i], i < 4 ? i + 1 : 0);
	ns_ids[2] = 99;
	n = 2;
	assert_int_equal(nvm_admin_active_ns(t.ref, ns_ids, &n, t.data, t.ioaddr), 0);
	assert_int_equal(n, 4);
	assert_int_equal(ns_ids[2], 99);
	n = 0;
	assert_int_equal(nvm_admin_active_ns(t.ref, NULL, &n, t.data, t.ioaddr), 0);
	assert_int_equal(n, 4);
	close_target(&t);
}

static bool any(const uint8_t *p, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found |= p[i] != 0;
	return found;
}

static void namespaces_can_be_told_apart(void **state)
{
	struct target t = open_target("emu:?size=1M&ns=&size=1M");
	struct nvm_ns_descs one, two;

	(void)state;
	assert_int_equal(nvm_admin_ns_descs(t.ref, &one, 1, t.data, t.ioaddr), 0);
	assert_int_equal(nvm_admin_ns_descs(t.ref, &two, 2, t.data, t.ioaddr), 0);
	assert_true(any(one.uuid, 16) || any(one.nguid, 16) || any(one.eui64, 8));
	assert_memory_not_equal(&one, &two, sizeof(one));
	assert_int_equal(one.csi, 0);
	assert_true(nvm_admin_ns_descs(t.ref, &two, 3, t.data, t.ioaddr) < 0);
	close_target(&t);
}

static void identify_takes_any_cns(void **state)
{
	struct target t = open_target("emu:?size=1M");
	struct nvm_id_ctrl *id = (struct nvm_id_ctrl *)(void *)t.data;

	(void)state;
	assert_int_equal(nvm_admin_identify(t.ref, NVM_CNS_CTRL, 0, 0, 0, t.data, t.ioaddr), 0);
	assert_int_equal(id->ver, NVM_VS(1, 4, 0));
	assert_int_equal(status_code(nvm_admin_identify(t.ref, 0xee, 0, 0, 0, t.data, t.ioaddr)),
			 NVM_SC_INVALID_FIELD);
	assert_non_null(strstr(nvm_errmsg(), "Identify (CNS 0xee"));
	close_target(&t);
}

static void features_are_set_and_read(void **state)
{
	struct target t = open_target("emu:?size=1M&vwc=1");
	uint32_t value = 0;

	(void)state;
	assert_int_equal(
		nvm_admin_get_feature(t.ref, NVM_FID_VOLATILE_WRITE_CACHE, 0, 0, 0, &value, 0), 0);
	assert_int_equal(value, 1);
	assert_int_equal(
		nvm_admin_set_feature(t.ref, NVM_FID_VOLATILE_WRITE_CACHE, false, 0, 0, NULL, 0),
		0);
	assert_int_equal(
		nvm_admin_get_feature(t.ref, NVM_FID_VOLATILE_WRITE_CACHE, 0, 0, 0, &value, 0), 0);
	assert_int_equal(value, 0);
	assert_int_equal(
		nvm_admin_get_feature(t.ref, NVM_FID_VOLATILE_WRITE_CACHE, 1, 0, 0, &value, 0), 0);
	assert_int_equal(value, 1);

	/* CDW11 is an argument of Get Features here: the threshold's type. */
	assert_int_equal(nvm_admin_set_feature(t.ref, NVM_FID_TEMPERATURE_THRESHOLD, false, 0,
					       NVM_FIELD(FEAT_TEMP_THSEL, 1) | 280, NULL, 0),
			 0);
	assert_int_equal(nvm_admin_get_feature(t.ref, NVM_FID_TEMPERATURE_THRESHOLD, 0, 0,
					       NVM_FIELD(FEAT_TEMP_THSEL, 1), &value, 0),
			 0);
	assert_int_equal(value, 280);
	assert_int_equal(status_code(nvm_admin_get_feature(t.ref, 0xee, 0, 0, 0, &value, 0)),
			 NVM_SC_INVALID_FIELD);
	close_target(&t);
}

static void features_with_data_use_the_buffer(void **state)
{
	struct target t = open_target("emu:?size=1M");
	const uint64_t when = 1234567890123ULL;
	uint64_t now;

	(void)state;
	memset(t.data, 0, 4096);
	memcpy(t.data, &when, 6);
	assert_int_equal(
		nvm_admin_set_feature(t.ref, NVM_FID_TIMESTAMP, false, 0, 0, NULL, t.ioaddr), 0);
	memset(t.data, 0, 4096);
	assert_int_equal(nvm_admin_get_feature(t.ref, NVM_FID_TIMESTAMP, 0, 0, 0, NULL, t.ioaddr),
			 0);
	memcpy(&now, t.data, sizeof(now));
	now &= 0xffffffffffffULL;
	assert_true(now >= when && now < when + 60000);
	close_target(&t);
}

static void queue_counts_may_differ(void **state)
{
	struct target t = open_target("emu:?size=1M&queues=20");
	uint16_t n_cqs = 3, n_sqs = 11;

	(void)state;
	assert_int_equal(nvm_admin_request_num_queues(t.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(n_cqs, 3);
	assert_int_equal(n_sqs, 11);
	assert_int_equal(nvm_admin_set_num_queues(t.ref, 13, 2), 0);
	assert_int_equal(nvm_admin_get_num_queues(t.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(n_cqs, 13);
	assert_int_equal(n_sqs, 2);
	n_cqs = 65535;
	n_sqs = 65535;
	assert_int_equal(nvm_admin_request_num_queues(t.ref, &n_cqs, &n_sqs), 0);
	assert_int_equal(n_cqs, 20);
	assert_int_equal(n_sqs, 20);
	n_cqs = 0;
	assert_int_equal(nvm_admin_request_num_queues(t.ref, &n_cqs, &n_sqs), EINVAL);
	assert_int_equal(nvm_admin_set_num_queues(t.ref, 1, 0), EINVAL);
	close_target(&t);
}

static void log_pages_are_read_in_any_pieces(void **state)
{
	static const size_t offsets[] = {0, 4, 2044, 4000, 4092};
	static const size_t sizes[] = {4, 96, 512, 2048, 4096};
	struct target t = open_target("emu:?size=1M&mdts=8K");
	unsigned char whole[4096];

	(void)state;
	/* The effects log has 4096 bytes and does not change. */
	assert_int_equal(nvm_admin_get_log_page(t.ref, NVM_CMD_NS_ALL, t.data, t.ioaddr,
						NVM_LID_CMD_EFFECTS, 0),
			 0);
	memcpy(whole, t.data, sizeof(whole));
	assert_int_equal(whole[NVM_ADMIN_IDENTIFY * 4] & 1, 1);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			const size_t at = 4096 - 8;

			if (offsets[i] + sizes[k] > sizeof(whole))
				continue;
			memset(t.data, 0xee, 3 * 4096);
			assert_int_equal(nvm_admin_log_page(t.ref, NVM_CMD_NS_ALL,
							    NVM_LID_CMD_EFFECTS, 0, false,
							    offsets[i], t.dma, at, sizes[k]),
					 0);
			assert_memory_equal(t.data + at, whole + offsets[i], sizes[k]);
			assert_int_equal(t.data[at - 1], 0xee);
			assert_int_equal(t.data[at + sizes[k]], 0xee);
		}
	}
	assert_true(target_stats(&t).dma_faults == 0);
	close_target(&t);
}

static void the_smart_log_is_a_log_page(void **state)
{
	struct target t = open_target("emu:?size=1M");
	const struct nvm_log_smart *smart = (const struct nvm_log_smart *)(void *)t.data;

	(void)state;
	assert_int_equal(nvm_admin_log_page(t.ref, NVM_CMD_NS_ALL, NVM_LID_SMART, 0, true, 0, t.dma,
					    0, sizeof(*smart)),
			 0);
	assert_int_equal(smart->avail_spare, 100);
	assert_int_equal(status_code(nvm_admin_log_page(t.ref, NVM_CMD_NS_ALL, 0xee, 0, true, 0,
							t.dma, 0, 512)),
			 NVM_SC_INVALID_LOG_PAGE);
	close_target(&t);
}

static void an_event_request_can_be_aborted(void **state)
{
	struct target t = open_target("emu:?size=1M");
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST}};
	bool aborted = false;
	uint16_t cid;

	(void)state;
	assert_int_equal(nvm_aq_submit(t.ref, &cmd, &cid), 0);
	assert_int_equal(nvm_aq_wait(t.ref, cid, NULL, 20), ETIME);
	assert_int_equal(nvm_admin_abort(t.ref, 0, cid, &aborted), 0);
	assert_true(aborted);
	assert_int_equal(status_code(nvm_aq_wait(t.ref, cid, NULL, 0)), NVM_SC_ABORT_REQUESTED);
	/* It is gone now, so there is nothing to abort. */
	assert_int_equal(nvm_admin_abort(t.ref, 0, cid, &aborted), 0);
	assert_false(aborted);
	close_target(&t);
}

static void an_event_request_can_outlive_the_queue_pair(void **state)
{
	struct target t = open_target("emu:?size=1M");
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST}};
	uint16_t cid;

	(void)state;
	assert_int_equal(nvm_aq_submit(t.ref, &cmd, &cid), 0);
	close_target(&t);
}

static void missing_arguments_are_refused(void **state)
{
	struct target t = open_target("emu:?size=1M");
	struct nvm_ctrl_info ctrl_info;
	struct nvm_ns_info ns_info;
	uint16_t n = 1;
	size_t n_ns = 1;

	(void)state;
	assert_int_equal(nvm_admin_ctrl_info(t.ref, NULL, t.data, t.ioaddr), EINVAL);
	assert_int_equal(nvm_admin_ctrl_info(t.ref, &ctrl_info, NULL, t.ioaddr), EINVAL);
	assert_int_equal(nvm_admin_ctrl_info(NULL, &ctrl_info, t.data, t.ioaddr), EINVAL);
	assert_int_equal(nvm_admin_ctrl_info(t.ref, &ctrl_info, t.data, t.ioaddr + 8), EINVAL);
	assert_int_equal(nvm_admin_ns_info(t.ref, &ns_info, 1, NULL, t.ioaddr), EINVAL);
	assert_int_equal(nvm_admin_active_ns(t.ref, NULL, &n_ns, t.data, t.ioaddr), EINVAL);
	assert_int_equal(nvm_admin_get_num_queues(t.ref, NULL, &n), EINVAL);
	assert_int_equal(nvm_admin_request_num_queues(t.ref, &n, NULL), EINVAL);
	assert_int_equal(nvm_admin_log_page(t.ref, 0, 2, 0, 0, 0, NULL, 0, 512), EINVAL);
	assert_int_equal(nvm_admin_abort(NULL, 0, 0, NULL), EINVAL);
	assert_true(target_stats(&t).failed_commands == 0);
	close_target(&t);
}

static void memory_out_of_reach_is_a_status_not_a_crash(void **state)
{
	struct target t = open_target("emu:?size=1M");

	(void)state;
	assert_true(nvm_admin_identify(t.ref, NVM_CNS_CTRL, 0, 0, 0, NULL, 0xdead000000ULL) < 0);
	assert_true(target_stats(&t).dma_faults != 0);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controller_information_is_complete),
		cmocka_unit_test(no_mdts_is_unlimited),
		cmocka_unit_test(namespaces_have_their_own_sizes),
		cmocka_unit_test(active_namespaces_are_listed),
		cmocka_unit_test(namespaces_can_be_told_apart),
		cmocka_unit_test(identify_takes_any_cns),
		cmocka_unit_test(features_are_set_and_read),
		cmocka_unit_test(features_with_data_use_the_buffer),
		cmocka_unit_test(queue_counts_may_differ),
		cmocka_unit_test(log_pages_are_read_in_any_pieces),
		cmocka_unit_test(the_smart_log_is_a_log_page),
		cmocka_unit_test(an_event_request_can_be_aborted),
		cmocka_unit_test(an_event_request_can_outlive_the_queue_pair),
		cmocka_unit_test(missing_arguments_are_refused),
		cmocka_unit_test(memory_out_of_reach_is_a_status_not_a_crash),
	};

	return cmocka_run_group_tests_name("admin commands", tests, NULL, NULL);
}
