/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * feature.c - Set Features and Get Features (Base, "Set Features command" and following).
 */
#include <string.h>

#include "controller.h"
#include "feature.h"

#define TEMP_OVER  0
#define TEMP_UNDER 1
#define TEMP_ALL   0xf /* TMPSEL: all sensors, of which there is the composite one */

#define ARBITRATION_BITS                                              \
	(NVM_FIELD_BITS(FEAT_ARB_AB) | NVM_FIELD_BITS(FEAT_ARB_LPW) | \
	 NVM_FIELD_BITS(FEAT_ARB_MPW) | NVM_FIELD_BITS(FEAT_ARB_HPW))
#define COALESCING_BITS (NVM_FIELD_BITS(FEAT_IC_THR) | NVM_FIELD_BITS(FEAT_IC_TIME))
#define EVENT_BITS                                                                  \
	(NVM_SMART_CW_SPARE | NVM_SMART_CW_TEMPERATURE | NVM_SMART_CW_RELIABILITY | \
	 NVM_SMART_CW_READ_ONLY | NVM_SMART_CW_BACKUP | NVM_OAES_NS_ATTR)
#define DEFAULT_ARBITRATION NVM_FIELD(FEAT_ARB_AB, 7)

/* What identifies a feature instance besides its identifier. */
struct request {
	struct emu *emu;
	const struct nvm_sqe *sqe;
	struct emu_features *features; /* those to change or to show */
};

static void defaults(const struct emu *emu, struct emu_features *features)
{
	memset(features, 0, sizeof(*features));
	features->arbitration = DEFAULT_ARBITRATION;
	features->temperature[TEMP_OVER] = EMU_WCTEMP;
	features->write_cache = emu->config.volatile_cache;
	features->n_queues = NVM_FIELD(FEAT_NQ_NSQ, emu->config.n_queue_pairs - 1) |
			     NVM_FIELD(FEAT_NQ_NCQ, emu->config.n_queue_pairs - 1);
	features->timestamp_from_ns = emu_now_ns();
	/* coalescing is never applied to the admin queue's vector */
	features->no_coalescing[0] = 1;
}

void emu_features_reset(struct emu *emu)
{
	defaults(emu, &emu->features);
	/* Nothing is lost: it is disabled only where it never was enabled. */
	emu_ns_table_write_cache(&emu->ns, emu->features.write_cache);
}

uint32_t emu_features_n_sqs(const struct emu *emu)
{
	return NVM_FEAT_NQ_NSQ(emu->features.n_queues) + 1;
}

uint32_t emu_features_n_cqs(const struct emu *emu)
{
	return NVM_FEAT_NQ_NCQ(emu->features.n_queues) + 1;
}

uint8_t emu_features_critical_warning(const struct emu *emu)
{
	const uint32_t *threshold = emu->features.temperature;

	return EMU_TEMPERATURE >= threshold[TEMP_OVER] || EMU_TEMPERATURE <= threshold[TEMP_UNDER]
		       ? NVM_SMART_CW_TEMPERATURE
		       : 0;
}

/* One pair of functions per feature that is more than a dword to keep. */

static emu_status_t set_power(struct request *r)
{
	/* There is one power state, and workload hints change nothing. */
	if (NVM_FEAT_PM_PS(r->sqe->cdw11))
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	r->features->power = r->sqe->cdw11 & NVM_FIELD_BITS(FEAT_PM_WH);
	return 0;
}

static emu_status_t set_temperature(struct request *r)
{
	uint32_t sensor = NVM_FEAT_TEMP_TMPSEL(r->sqe->cdw11);
	uint32_t type = NVM_FEAT_TEMP_THSEL(r->sqe->cdw11);
	uint8_t before = emu_features_critical_warning(r->emu);

	if ((sensor && sensor != TEMP_ALL) || type > TEMP_UNDER)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	r->features->temperature[type] = NVM_FEAT_TEMP_TMPTH(r->sqe->cdw11);
	if (emu_features_critical_warning(r->emu) & ~before & r->features->events)
		emu_event_raise(r->emu, EMU_EVENT_TEMPERATURE);
	return 0;
}

static emu_status_t get_temperature(struct request *r, uint32_t *dw0)
{
	uint32_t type = NVM_FEAT_TEMP_THSEL(r->sqe->cdw11);

	if (NVM_FEAT_TEMP_TMPSEL(r->sqe->cdw11) || type > TEMP_UNDER)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	*dw0 = r->features->temperature[type];
	return 0;
}

static emu_status_t set_error_recovery(struct request *r)
{
	uint32_t nsid = r->sqe->nsid;

	/* no error for deallocated blocks (NSFEAT) */
	if (NVM_FEAT_ERR_DULBE(r->sqe->cdw11))
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	for (uint32_t i = 0; i < EMU_MAX_NAMESPACES; i++) {
		if (nsid == NVM_NSID_ALL || nsid == i + 1)
			r->features->error_recovery[i] = NVM_FEAT_ERR_TLER(r->sqe->cdw11);
	}
	return 0;
}

static emu_status_t get_error_recovery(struct request *r, uint32_t *dw0)
{
	*dw0 = r->features->error_recovery[r->sqe->nsid - 1];
	return 0;
}

static emu_status_t set_write_cache(struct request *r)
{
	emu_status_t status;

	if (!r->emu->config.volatile_cache)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	/*
	 * Writes under way took the cache to be as it was: they end before what the cache holds is
	 * written out.
	 */
	emu_pause(r->emu, &r->emu->threads[0]);
	r->features->write_cache = NVM_FEAT_VWC_WCE(r->sqe->cdw11);
	status = emu_ns_table_write_cache(&r->emu->ns, r->features->write_cache);
	emu_resume(r->emu);
	return status;
}

static emu_status_t get_write_cache(struct request *r, uint32_t *dw0)
{
	if (!r->emu->config.volatile_cache)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	*dw0 = r->features->write_cache;
	return 0;
}

static uint32_t allocate_queues(uint32_t wanted, uint32_t max)
{
	return wanted < max ? wanted : max;
}

static emu_status_t set_n_queues(struct request *r)
{
	uint32_t nsq = NVM_FEAT_NQ_NSQ(r->sqe->cdw11);
	uint32_t ncq = NVM_FEAT_NQ_NCQ(r->sqe->cdw11);
	uint32_t max = r->emu->config.n_queue_pairs - 1;

	if (r->emu->queues_created)
		return EMU_FAIL(NVM_SC_CMD_SEQUENCE_ERROR);
	if (nsq == 0xffff || ncq == 0xffff)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	r->features->n_queues = NVM_FIELD(FEAT_NQ_NSQ, allocate_queues(nsq, max)) |
				NVM_FIELD(FEAT_NQ_NCQ, allocate_queues(ncq, max));
	return 0;
}

static emu_status_t set_vector(struct request *r)
{
	uint32_t vector = NVM_FEAT_IV_IV(r->sqe->cdw11);

	if (vector >= r->emu->config.n_vectors)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	r->features->no_coalescing[vector] = (uint8_t)NVM_FEAT_IV_CD(r->sqe->cdw11);
	return 0;
}

static emu_status_t get_vector(struct request *r, uint32_t *dw0)
{
	uint32_t vector = NVM_FEAT_IV_IV(r->sqe->cdw11);

	if (vector >= r->emu->config.n_vectors)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	*dw0 = NVM_FIELD(FEAT_IV_IV, vector) |
	       NVM_FIELD(FEAT_IV_CD, r->features->no_coalescing[vector]);
	return 0;
}

/* Bytes 0-5: milliseconds since 1970. Byte 6, bits 3:1: 1 = set by the host. */
static emu_status_t set_timestamp(struct request *r)
{
	uint64_t value;
	emu_status_t status =
		emu_data_from_host(&r->emu->admin_data, r->sqe, &value, sizeof(value));

	if (status)
		return status;
	r->features->timestamp = value & 0xffffffffffffu;
	r->features->timestamp_from_ns = emu_now_ns();
	r->features->timestamp_set = true;
	return 0;
}

static emu_status_t get_timestamp(struct request *r, uint32_t *dw0)
{
	const struct emu_features *features = r->features;
	uint64_t since_ns = emu_now_ns() - features->timestamp_from_ns;
	uint64_t value = features->timestamp + since_ns / 1000000;

	*dw0 = 0;
	value &= 0xffffffffffffu;
	if (features->timestamp_set)
		value |= UINT64_C(1) << 49;
	return emu_data_to_host(&r->emu->admin_data, r->sqe, &value, sizeof(value));
}

/* CDW11 bit 0, EXHID: 128 bits instead of 64. */
static emu_status_t set_host_id(struct request *r)
{
	size_t size = r->sqe->cdw11 & 1 ? 16 : 8;
	uint8_t id[16] = {0};
	emu_status_t status = emu_data_from_host(&r->emu->admin_data, r->sqe, id, size);

	if (!status)
		memcpy(r->features->host_id, id, sizeof(id));
	return status;
}

static emu_status_t get_host_id(struct request *r, uint32_t *dw0)
{
	*dw0 = 0;
	return emu_data_to_host(&r->emu->admin_data, r->sqe, r->features->host_id,
				r->sqe->cdw11 & 1 ? 16 : 8);
}

#define DWORD(field) offsetof(struct emu_features, field)

static const struct feature {
	uint8_t fid;
	bool per_ns;
	uint32_t bits; /* of CDW11 that are kept, if there is no function */
	size_t offset; /* of the dword in struct emu_features, likewise */
	emu_status_t (*set)(struct request *r);
	emu_status_t (*get)(struct request *r, uint32_t *dw0);
} table[] = {
	{NVM_FID_ARBITRATION, false, ARBITRATION_BITS, DWORD(arbitration), NULL, NULL},
	{NVM_FID_POWER_MANAGEMENT, false, 0, DWORD(power), set_power, NULL},
	{NVM_FID_TEMPERATURE_THRESHOLD, false, 0, 0, set_temperature, get_temperature},
	{NVM_FID_ERROR_RECOVERY, true, 0, 0, set_error_recovery, get_error_recovery},
	{NVM_FID_VOLATILE_WRITE_CACHE, false, 0, 0, set_write_cache, get_write_cache},
	{NVM_FID_NUM_QUEUES, false, 0, DWORD(n_queues), set_n_queues, NULL},
	{NVM_FID_INTERRUPT_COALESCING, false, COALESCING_BITS, DWORD(coalescing), NULL, NULL},
	{NVM_FID_INTERRUPT_VECTOR_CONFIG, false, 0, 0, set_vector, get_vector},
	{NVM_FID_WRITE_ATOMICITY, false, NVM_FIELD_BITS(FEAT_WA_DN), DWORD(write_atomicity), NULL,
	 NULL},
	{NVM_FID_ASYNC_EVENT_CONFIG, false, EVENT_BITS, DWORD(events), NULL, NULL},
	{NVM_FID_TIMESTAMP, false, 0, 0, set_timestamp, get_timestamp},
	{NVM_FID_HOST_ID, false, 0, 0, set_host_id, get_host_id},
};

static const struct feature *find_feature(const struct emu *emu, uint32_t fid)
{
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].fid != fid)
			continue;
		/* without a volatile write cache there is no such feature */
		if (fid == NVM_FID_VOLATILE_WRITE_CACHE && !emu->config.volatile_cache)
			return NULL;
		return &table[i];
	}
	return NULL;
}

static uint32_t *dword_at(struct emu_features *features, const struct feature *feature)
{
	return (uint32_t *)(void *)((uint8_t *)features + feature->offset);
}

/* The namespace a feature is asked for, active unless all are meant. */
static emu_status_t check_nsid(const struct emu *emu, uint32_t nsid, bool all_allowed)
{
	if (nsid == NVM_NSID_ALL && all_allowed)
		return 0;
	if (!nsid || nsid > EMU_MAX_NAMESPACES)
		return EMU_FAIL(NVM_SC_INVALID_NS_OR_FORMAT);
	return nsid > emu->ns.n ? EMU_FAIL(NVM_SC_INVALID_FIELD) : 0;
}

emu_status_t emu_features_set(struct emu *emu, const struct nvm_sqe *sqe, uint32_t *dw0)
{
	const struct feature *feature = find_feature(emu, NVM_FEAT_FID(sqe->cdw10));
	struct request r = {.emu = emu, .sqe = sqe, .features = &emu->features};
	emu_status_t status;

	if (!feature)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (NVM_FEAT_SV(sqe->cdw10))
		return EMU_FAIL(NVM_SC_FEATURE_NOT_SAVEABLE);
	if (feature->per_ns || (sqe->nsid && sqe->nsid != NVM_NSID_ALL)) {
		status = check_nsid(emu, sqe->nsid, true);
		if (status)
			return status;
		if (!feature->per_ns)
			return EMU_FAIL(NVM_SC_FEATURE_NOT_NS_SPECIFIC);
	}
	if (!feature->set) {
		*dword_at(&emu->features, feature) = sqe->cdw11 & feature->bits;
		return 0;
	}
	status = feature->set(&r);
	if (!status && feature->fid == NVM_FID_NUM_QUEUES)
		*dw0 = emu->features.n_queues;
	return status;
}

emu_status_t emu_features_get(struct emu *emu, const struct nvm_sqe *sqe, uint32_t *dw0)
{
	const struct feature *feature = find_feature(emu, NVM_FEAT_FID(sqe->cdw10));
	struct request r = {.emu = emu, .sqe = sqe, .features = &emu->features};
	struct emu_features initial;
	emu_status_t status;

	if (!feature)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (feature->per_ns) {
		status = check_nsid(emu, sqe->nsid, false);
		if (status)
			return status;
	}
	switch (NVM_FEAT_SEL(sqe->cdw10)) {
	case NVM_FEAT_SEL_CURRENT:
		break;
	case NVM_FEAT_SEL_DEFAULT:
	case NVM_FEAT_SEL_SAVED: /* nothing is: the default */
		defaults(emu, &initial);
		r.features = &initial;
		break;
	case NVM_FEAT_SEL_SUPPORTED:
		*dw0 = NVM_FEAT_CAP_CHANGEABLE | (feature->per_ns ? NVM_FEAT_CAP_NS_SPECIFIC : 0);
		return 0;
	default:
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	}
	if (feature->get)
		return feature->get(&r, dw0);
	*dw0 = *dword_at(r.features, feature);
	return 0;
}
