/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin_features.c - Get Features and Set Features, Number of Queues among them.
 */
#include <errno.h>

#include "controller/admin.h"
#include "controller/error.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"

/* Most queues that the 0's based 16-bit fields can ask for: FFFFh is not allowed. */
#define MAX_IO_QUEUES 65535

static int run_feature(nvm_aq_ref ref, nvm_cmd_t *cmd, uint64_t ioaddr, uint32_t *dw0)
{
	nvm_cpl_t cpl;
	int status = nvmi_admin_check_ref(ref);

	if (status == 0 && ioaddr != 0)
		status = nvmi_admin_check_buffer(ref, ioaddr);
	if (status != 0)
		return status;
	nvm_cmd_data_ptr(cmd, ioaddr, 0);
	status = nvm_aq_exec(ref, cmd, &cpl, 0);
	if (status == 0 && dw0 != NULL)
		*dw0 = cpl.dword[0];
	return status;
}

int nvm_admin_get_feature(nvm_aq_ref ref, uint8_t fid, uint8_t sel, uint32_t ns_id, uint32_t cdw11,
			  uint32_t *value, uint64_t ioaddr)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_GET_FEATURES, ns_id}};
	int status;

	if (sel > NVM_FEAT_SEL_SUPPORTED)
		return nvmi_fail(EINVAL, "feature select %u is not 0..3", sel);
	cmd.dword[10] = NVM_FIELD(FEAT_FID, fid) | NVM_FIELD(FEAT_SEL, sel);
	cmd.dword[11] = cdw11;
	status = run_feature(ref, &cmd, ioaddr, value);
	return status == 0 ? 0 : nvmi_fail_more(status, "Get Features (FID 0x%02x)", fid);
}

int nvm_admin_set_feature(nvm_aq_ref ref, uint8_t fid, bool save, uint32_t ns_id, uint32_t cdw11,
			  uint32_t *result, uint64_t ioaddr)
{
	nvm_cmd_t cmd = {.dword = {NVM_ADMIN_SET_FEATURES, ns_id}};
	int status;

	cmd.dword[10] = NVM_FIELD(FEAT_FID, fid) | NVM_FIELD(FEAT_SV, save);
	cmd.dword[11] = cdw11;
	status = run_feature(ref, &cmd, ioaddr, result);
	return status == 0 ? 0 : nvmi_fail_more(status, "Set Features (FID 0x%02x)", fid);
}

static uint16_t one_based(uint32_t n)
{
	return n + 1 < MAX_IO_QUEUES ? (uint16_t)(n + 1) : MAX_IO_QUEUES;
}

/* Base Specification, "Number of Queues": SQs in the lower half, CQs in the upper half. */
static void read_num_queues(uint32_t dw0, uint16_t *n_cqs, uint16_t *n_sqs)
{
	*n_cqs = one_based(NVM_FEAT_NQ_NCQ(dw0));
	*n_sqs = one_based(NVM_FEAT_NQ_NSQ(dw0));
}

static int set_num_queues(nvm_aq_ref ref, uint16_t n_cqs, uint16_t n_sqs, uint32_t *granted)
{
	if (n_cqs == 0 || n_sqs == 0)
		return nvmi_fail(EINVAL, "a number of queues is 1..65535, not 0");
	return nvm_admin_set_feature(
		ref, NVM_FID_NUM_QUEUES, false, 0,
		NVM_FIELD(FEAT_NQ_NCQ, n_cqs - 1) | NVM_FIELD(FEAT_NQ_NSQ, n_sqs - 1), granted, 0);
}

int nvm_admin_set_num_queues(nvm_aq_ref ref, uint16_t n_cqs, uint16_t n_sqs)
{
	return set_num_queues(ref, n_cqs, n_sqs, NULL);
}

int nvm_admin_get_num_queues(nvm_aq_ref ref, uint16_t *n_cqs, uint16_t *n_sqs)
{
	uint32_t granted = 0;
	int status;

	if (n_cqs == NULL || n_sqs == NULL)
		return nvmi_fail(EINVAL, "no place for the number of queues was given");
	status = nvm_admin_get_feature(ref, NVM_FID_NUM_QUEUES, NVM_FEAT_SEL_CURRENT, 0, 0,
				       &granted, 0);
	if (status == 0)
		read_num_queues(granted, n_cqs, n_sqs);
	return status;
}

int nvm_admin_request_num_queues(nvm_aq_ref ref, uint16_t *n_cqs, uint16_t *n_sqs)
{
	uint32_t granted = 0;
	int status;

	if (n_cqs == NULL || n_sqs == NULL)
		return nvmi_fail(EINVAL, "no place for the number of queues was given");
	status = set_num_queues(ref, *n_cqs, *n_sqs, &granted);
	if (status == 0)
		read_num_queues(granted, n_cqs, n_sqs);
	return status;
}
