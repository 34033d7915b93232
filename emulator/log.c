/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.c - Get Log Page (Base, "Get Log Page command").
 */
#include <string.h>

#include "admin.h"
#include "controller.h"
#include "log.h"

#define MINUTE_NS UINT64_C(60000000000)

void emu_log_error(struct emu *emu, const struct nvm_log_error_entry *entry)
{
	struct emu_log *log = &emu->log;
	struct nvm_log_error_entry *slot;

	pthread_mutex_lock(&log->lock);
	slot = &log->errors[++log->error_count % EMU_ERROR_ENTRIES];
	*slot = *entry;
	slot->error_count = log->error_count;
	pthread_mutex_unlock(&log->lock);
}

void emu_log_command(struct emu *emu, uint16_t sqid, const struct nvm_sqe *sqe, emu_status_t status,
		     uint64_t lba)
{
	struct nvm_log_error_entry entry = {
		.sqid = sqid,
		.cid = sqe->cid,
		.status = (uint16_t)(status << 1),
		.pel = 0xffff, /* not a matter of one field */
		.lba = lba,
		.nsid = sqe->nsid,
	};

	emu_log_error(emu, &entry);
}

void emu_log_ns_changed(struct emu *emu, uint32_t nsid)
{
	emu->log.changed_ns |= UINT64_C(1) << (nsid - 1);
	if (emu->features.events & NVM_OAES_NS_ATTR)
		emu_event_raise(emu, EMU_EVENT_NS_CHANGED);
}

/* The pages, each into a zeroed buffer */

/* Newest first. */
static void error_log(struct emu *emu, struct nvm_log_error_entry *out)
{
	struct emu_log *log = &emu->log;

	pthread_mutex_lock(&log->lock);
	for (uint64_t i = 0; i < EMU_ERROR_ENTRIES && i < log->error_count; i++)
		out[i] = log->errors[(log->error_count - i) % EMU_ERROR_ENTRIES];
	pthread_mutex_unlock(&log->lock);
}

/* Thousands of 512 bytes, rounded up. */
static uint64_t data_units(uint64_t bytes)
{
	return (bytes + 511999) / 512000;
}

static void smart_log(struct emu *emu, struct nvm_log_smart *out)
{
	uint64_t read_bytes = 0;
	uint64_t written_bytes = 0;

	for (unsigned int i = 0; i < emu->n_threads; i++) {
		struct emu_io_stats *stats = &emu->threads[i].io.stats;

		read_bytes += atomic_load(&stats->read_bytes);
		written_bytes += atomic_load(&stats->written_bytes);
		out->host_reads[0] += atomic_load(&stats->reads);
		out->host_writes[0] += atomic_load(&stats->writes);
		out->media_errors[0] += atomic_load(&stats->media_errors);
	}
	out->data_units_read[0] = data_units(read_bytes);
	out->data_units_written[0] = data_units(written_bytes);
	out->critical_warning = emu_features_critical_warning(emu);
	out->temperature[0] = EMU_TEMPERATURE & 0xff;
	out->temperature[1] = EMU_TEMPERATURE >> 8;
	out->avail_spare = 100;
	out->spare_thresh = 10;
	out->power_cycles[0] = 1;
	out->power_on_hours[0] = (emu_now_ns() - emu->created_ns) / (60 * MINUTE_NS);
	pthread_mutex_lock(&emu->log.lock);
	out->num_error_entries[0] = emu->log.error_count;
	pthread_mutex_unlock(&emu->log.lock);
}

static void fw_slot_log(struct nvm_log_fw_slot *out)
{
	out->afi = (uint8_t)NVM_FIELD(AFI_ACTIVE, 1);
	memset(out->frs[0], ' ', sizeof(out->frs[0]));
	memcpy(out->frs[0], EMU_FIRMWARE, strlen(EMU_FIRMWARE));
}

static void changed_ns_log(struct emu *emu, struct nvm_log_changed_ns *out)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < EMU_MAX_NAMESPACES; i++) {
		if (emu->log.changed_ns & UINT64_C(1) << i)
			out->nsid[n++] = i + 1;
	}
}

static void effects_log(const struct emu *emu, struct nvm_log_cmd_effects *out)
{
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		out->acs[opcode] = emu_admin_effects(emu, (uint8_t)opcode);
		out->iocs[opcode] = emu_io_effects((uint8_t)opcode);
	}
}

union page {
	struct nvm_log_error_entry errors[EMU_ERROR_ENTRIES];
	struct nvm_log_smart smart;
	struct nvm_log_fw_slot fw_slot;
	struct nvm_log_changed_ns changed_ns;
	struct nvm_log_cmd_effects effects;
	uint8_t bytes[4096];
};

static emu_status_t make_page(struct emu *emu, const struct nvm_sqe *sqe, union page *page,
			      size_t *size)
{
	switch (NVM_LOG_LID(sqe->cdw10)) {
	case NVM_LID_ERROR:
		error_log(emu, page->errors);
		*size = sizeof(page->errors);
		return 0;
	case NVM_LID_SMART:
		/* not kept per namespace (LPA) */
		if (sqe->nsid != NVM_NSID_NONE && sqe->nsid != NVM_NSID_ALL)
			return EMU_FAIL(NVM_SC_INVALID_FIELD);
		smart_log(emu, &page->smart);
		*size = sizeof(page->smart);
		return 0;
	case NVM_LID_FW_SLOT:
		fw_slot_log(&page->fw_slot);
		*size = sizeof(page->fw_slot);
		return 0;
	case NVM_LID_CHANGED_NS:
		changed_ns_log(emu, &page->changed_ns);
		*size = sizeof(page->changed_ns);
		return 0;
	case NVM_LID_CMD_EFFECTS:
		effects_log(emu, &page->effects);
		*size = sizeof(page->effects);
		return 0;
	default:
		return EMU_FAIL(NVM_SC_INVALID_LOG_PAGE);
	}
}

emu_status_t emu_log_get(struct emu *emu, const struct nvm_sqe *sqe)
{
	uint64_t n_dwords =
		((uint64_t)NVM_LOG_NUMDU(sqe->cdw11) << 16 | NVM_LOG_NUMDL(sqe->cdw10)) + 1;
	uint64_t offset = (uint64_t)sqe->cdw13 << 32 | sqe->cdw12;
	uint64_t max = emu_max_transfer(emu);
	emu_status_t status;
	union page page;
	size_t size = 0;

	memset(&page, 0, sizeof(page));
	status = make_page(emu, sqe, &page, &size);
	if (status)
		return status;
	/* Offsets are bytes, in whole dwords, within the page; none by index. */
	if (offset % 4 || offset > size || NVM_LOG_OT(sqe->cdw14))
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	if (max && n_dwords * 4 > max)
		return EMU_FAIL(NVM_SC_INVALID_FIELD);
	status = emu_admin_send(emu, sqe, page.bytes + offset, size - offset, n_dwords * 4);
	if (status)
		return status;
	if (!NVM_LOG_RAE(sqe->cdw10)) {
		emu_event_log_read(emu, (uint8_t)NVM_LOG_LID(sqe->cdw10));
		if (NVM_LOG_LID(sqe->cdw10) == NVM_LID_CHANGED_NS)
			emu->log.changed_ns = 0;
	}
	return 0;
}
