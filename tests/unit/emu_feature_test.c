/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's features: current, default and saved values, what may be changed, and
 * what changing them does.
 */
#include "support/emu_admin_host.h"

static unsigned int set_ns(uint32_t nsid, uint32_t fid, uint32_t value, uint32_t *dw0)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_SET_FEATURES,
			      .nsid = nsid,
			      .cdw10 = fid,
			      .cdw11 = value,
			      .prp1 = io};

	return host_exec_dw0(&host.admin, &sqe, dw0);
}

static unsigned int set(uint32_t fid, uint32_t value)
{
	return set_ns(0, fid, value, NULL);
}

static unsigned int get_ns(uint32_t nsid, uint32_t fid, uint32_t sel, uint32_t cdw11, uint32_t *dw0)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_GET_FEATURES,
			      .nsid = nsid,
			      .cdw10 = fid | NVM_FIELD(FEAT_SEL, sel),
			      .cdw11 = cdw11,
			      .prp1 = io};

	return host_exec_dw0(&host.admin, &sqe, dw0);
}

static uint32_t get(uint32_t fid, uint32_t sel, uint32_t cdw11)
{
	uint32_t dw0;

	assert_int_equal(get_ns(0, fid, sel, cdw11, &dw0), 0);
	return dw0;
}

static void values_are_kept_and_defaults_stay(void **state)
{
	static const struct {
		uint32_t fid;
		uint32_t initial;
		uint32_t set;
		uint32_t expect;
	} features[] = {
		{NVM_FID_ARBITRATION, 7, 0x01020303, 0x01020303},
		{NVM_FID_ARBITRATION, 7, 0x000000ff, 0x00000007},
		{NVM_FID_TEMPERATURE_THRESHOLD, 343, 350, 350},
		{NVM_FID_TEMPERATURE_THRESHOLD, 343, 0xf0000 | 351, 351},
		{NVM_FID_INTERRUPT_COALESCING, 0, 0xffff0a05, 0x0a05},
		{NVM_FID_WRITE_ATOMICITY, 0, 0xffffffff, 1},
		{NVM_FID_ASYNC_EVENT_CONFIG, 0, 0xffffffff, 0x11f},
		{NVM_FID_VOLATILE_WRITE_CACHE, 1, 0, 0},
		{NVM_FID_POWER_MANAGEMENT, 0, 2 << 5, 2 << 5},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		uint32_t fid = features[i].fid;

		start("?size=1M&vwc=1");
		assert_int_equal(get(fid, NVM_FEAT_SEL_CURRENT, 0), features[i].initial);
		assert_int_equal(set(fid, features[i].set), 0);
		assert_int_equal(get(fid, NVM_FEAT_SEL_CURRENT, 0), features[i].expect);
		assert_int_equal(get(fid, NVM_FEAT_SEL_DEFAULT, 0), features[i].initial);
		assert_int_equal(get(fid, NVM_FEAT_SEL_SAVED, 0), features[i].initial);
		assert_int_equal(get(fid, NVM_FEAT_SEL_SUPPORTED, 0), NVM_FEAT_CAP_CHANGEABLE);
		/* nothing outlives a reset */
		host_write32(&host, NVM_REG_CC, 0);
		host_enable(&host);
		assert_int_equal(get(fid, NVM_FEAT_SEL_CURRENT, 0), features[i].initial);
		if (i + 1 < sizeof(features) / sizeof(features[0]))
			host_destroy(&host);
	}
}

static void unknown_features_and_selections_are_refused(void **state)
{
	static const uint8_t known[] = {1, 2, 4, 5, 7, 8, 9, 10, 11, 14, 0x81};
	uint32_t dw0;

	(void)state;
	start("?size=1M");
	for (unsigned int fid = 0; fid < 256; fid++) {
		if (memchr(known, (int)fid, sizeof(known)))
			continue;
		assert_int_equal(set(fid, 0), NVM_SC_INVALID_FIELD);
		assert_int_equal(get_ns(0, fid, 0, 0, &dw0), NVM_SC_INVALID_FIELD);
	}
	for (uint32_t sel = 4; sel < 8; sel++)
		assert_int_equal(get_ns(0, 1, sel, 0, &dw0), NVM_SC_INVALID_FIELD);
	assert_int_equal(set(NVM_FID_ARBITRATION | NVM_FIELD(FEAT_SV, 1), 1),
			 NVM_SC_FEATURE_NOT_SAVEABLE);
}

static void features_of_the_controller_take_no_namespace(void **state)
{
	(void)state;
	start("?size=1M");
	assert_int_equal(set_ns(1, NVM_FID_ARBITRATION, 1, NULL), NVM_SC_FEATURE_NOT_NS_SPECIFIC);
	assert_int_equal(set_ns(NVM_NSID_ALL, NVM_FID_ARBITRATION, 1, NULL), 0);
	assert_int_equal(set_ns(99, NVM_FID_ARBITRATION, 1, NULL), NVM_SC_INVALID_NS_OR_FORMAT);
}

static void error_recovery_is_kept_per_namespace(void **state)
{
	uint32_t dw0;

	(void)state;
	start("?size=1M&ns=&size=1M");
	assert_int_equal(set_ns(2, NVM_FID_ERROR_RECOVERY, 7, NULL), 0);
	assert_int_equal(get_ns(1, NVM_FID_ERROR_RECOVERY, 0, 0, &dw0), 0);
	assert_int_equal(dw0, 0);
	assert_int_equal(get_ns(2, NVM_FID_ERROR_RECOVERY, 0, 0, &dw0), 0);
	assert_int_equal(dw0, 7);
	assert_int_equal(set_ns(NVM_NSID_ALL, NVM_FID_ERROR_RECOVERY, 9, NULL), 0);
	assert_int_equal(get_ns(1, NVM_FID_ERROR_RECOVERY, 0, 0, &dw0), 0);
	assert_int_equal(dw0, 9);
	assert_int_equal(get_ns(1, NVM_FID_ERROR_RECOVERY, NVM_FEAT_SEL_SUPPORTED, 0, &dw0), 0);
	assert_int_equal(dw0, NVM_FEAT_CAP_CHANGEABLE | NVM_FEAT_CAP_NS_SPECIFIC);
	assert_int_equal(set_ns(0, NVM_FID_ERROR_RECOVERY, 1, NULL), NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(set_ns(3, NVM_FID_ERROR_RECOVERY, 1, NULL), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_ns(NVM_NSID_ALL, NVM_FID_ERROR_RECOVERY, 0, 0, &dw0),
			 NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(set_ns(1, NVM_FID_ERROR_RECOVERY, 1 << 16, NULL), NVM_SC_INVALID_FIELD);
}

static void the_number_of_queues_is_granted_by_halves(void **state)
{
	struct host_queue q;
	uint32_t dw0;

	(void)state;
	start("null?queues=8");
	assert_int_equal(get(NVM_FID_NUM_QUEUES, 0, 0), 7 << 16 | 7);
	/* SQs in the low half, CQs in the high one; both 0's based */
	assert_int_equal(set_ns(0, NVM_FID_NUM_QUEUES, 2 << 16 | 4, &dw0), 0);
	assert_int_equal(dw0, 2 << 16 | 4);
	assert_int_equal(get(NVM_FID_NUM_QUEUES, 0, 0), 2 << 16 | 4);
	assert_int_equal(set_ns(0, NVM_FID_NUM_QUEUES, 1000 << 16 | 4, &dw0), 0);
	assert_int_equal(dw0, 7 << 16 | 4);
	assert_int_equal(set(NVM_FID_NUM_QUEUES, 0xffff), NVM_SC_INVALID_FIELD);
	assert_int_equal(set(NVM_FID_NUM_QUEUES, 0xffff0000), NVM_SC_INVALID_FIELD);
	/* more than was granted cannot be created */
	host_queue_init(&host, &q, 6, 16, 16);
	assert_int_equal(host_create_cq(&host, 6, 16, q.cq_io, 1), 0);
	assert_int_equal(host_create_sq(&host, 6, 16, q.sq_io, 6, 1), NVM_SC_INVALID_QID);
	assert_int_equal(host_create_sq(&host, 5, 16, q.sq_io, 6, 1), 0);
	/* and now it is too late to ask */
	assert_int_equal(set(NVM_FID_NUM_QUEUES, 0), NVM_SC_CMD_SEQUENCE_ERROR);
}

static void vectors_have_their_own_coalescing(void **state)
{
	uint32_t dw0;

	(void)state;
	start("?size=1M&vectors=4");
	assert_int_equal(get(NVM_FID_INTERRUPT_VECTOR_CONFIG, 0, 0), 1 << 16);
	assert_int_equal(get(NVM_FID_INTERRUPT_VECTOR_CONFIG, 0, 3), 3);
	assert_int_equal(set(NVM_FID_INTERRUPT_VECTOR_CONFIG, 1 << 16 | 3), 0);
	assert_int_equal(get(NVM_FID_INTERRUPT_VECTOR_CONFIG, 0, 3), 1 << 16 | 3);
	assert_int_equal(set(NVM_FID_INTERRUPT_VECTOR_CONFIG, 4), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_ns(0, NVM_FID_INTERRUPT_VECTOR_CONFIG, 0, 4, &dw0),
			 NVM_SC_INVALID_FIELD);
}

static void temperature_has_two_thresholds_and_one_sensor(void **state)
{
	uint32_t dw0;

	(void)state;
	start("?size=1M");
	assert_int_equal(set(NVM_FID_TEMPERATURE_THRESHOLD, 1 << 20 | 280), 0);
	assert_int_equal(get(NVM_FID_TEMPERATURE_THRESHOLD, 0, 1 << 20), 280);
	assert_int_equal(get(NVM_FID_TEMPERATURE_THRESHOLD, 0, 0), 343);
	assert_int_equal(set(NVM_FID_TEMPERATURE_THRESHOLD, 2 << 20), NVM_SC_INVALID_FIELD);
	assert_int_equal(set(NVM_FID_TEMPERATURE_THRESHOLD, 1 << 16), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_ns(0, NVM_FID_TEMPERATURE_THRESHOLD, 0, 1 << 16, &dw0),
			 NVM_SC_INVALID_FIELD);
}

static void a_write_cache_that_is_not_there_cannot_be_set(void **state)
{
	uint32_t dw0;

	(void)state;
	start("?size=1M&vwc=0");
	assert_int_equal(set(NVM_FID_VOLATILE_WRITE_CACHE, 1), NVM_SC_INVALID_FIELD);
	assert_int_equal(get_ns(0, NVM_FID_VOLATILE_WRITE_CACHE, 0, 0, &dw0), NVM_SC_INVALID_FIELD);
}

static void power_states_beyond_the_first_are_refused(void **state)
{
	(void)state;
	start("?size=1M");
	assert_int_equal(set(NVM_FID_POWER_MANAGEMENT, 1), NVM_SC_INVALID_FIELD);
}

static void the_timestamp_goes_on_from_what_was_set(void **state)
{
	const uint64_t when = UINT64_C(0x123456789a);
	uint64_t now;

	(void)state;
	start("?size=1M");
	get(NVM_FID_TIMESTAMP, 0, 0);
	memcpy(&now, page, 8);
	assert_int_equal(now >> 48, 0);
	memcpy(page, &when, 8);
	assert_int_equal(set(NVM_FID_TIMESTAMP, 0), 0);
	usleep(5000);
	get(NVM_FID_TIMESTAMP, 0, 0);
	memcpy(&now, page, 8);
	assert_in_range(now & 0xffffffffffff, when + 5, when + 60000);
	assert_int_equal(now >> 48, 2); /* set by the host */
}

static void a_reset_starts_the_timestamp_from_0(void **state)
{
	uint64_t now;

	(void)state;
	start("?size=1M");
	usleep(200000);
	host_write32(&host, NVM_REG_CC, 0);
	host_enable(&host);
	get(NVM_FID_TIMESTAMP, 0, 0);
	memcpy(&now, page, 8);
	assert_in_range(now, 0, 150);
}

static void the_host_identifier_has_two_lengths(void **state)
{
	(void)state;
	start("?size=1M");
	memcpy(page, "0123456789abcdef", 16);
	assert_int_equal(set(NVM_FID_HOST_ID, 1), 0);
	memset(page, 0, 32);
	get(NVM_FID_HOST_ID, 0, 1);
	assert_memory_equal(page, "0123456789abcdef\0", 17);
	memset(page, 0, 32);
	get(NVM_FID_HOST_ID, 0, 0);
	assert_memory_equal(page, "01234567\0", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_kept_and_defaults_stay),
		TEST(unknown_features_and_selections_are_refused),
		TEST(features_of_the_controller_take_no_namespace),
		TEST(error_recovery_is_kept_per_namespace),
		TEST(the_number_of_queues_is_granted_by_halves),
		TEST(vectors_have_their_own_coalescing),
		TEST(temperature_has_two_thresholds_and_one_sensor),
		TEST(a_write_cache_that_is_not_there_cannot_be_set),
		TEST(power_states_beyond_the_first_are_refused),
		TEST(the_timestamp_goes_on_from_what_was_set),
		TEST(a_reset_starts_the_timestamp_from_0),
		TEST(the_host_identifier_has_two_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
