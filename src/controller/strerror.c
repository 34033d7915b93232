/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strerror.c - text of a packed status.
 *
 * The texts follow the status names of the Base Specification 2.0 ("Status Field Definition"), the
 * NVM, Zoned Namespace and Key Value command sets and Fabrics.
 */
#ifndef _GNU_SOURCE
#endif

#include <stdio.h>
#include <string.h>

#include "nvm_error.h"
#include "nvm_spec.h"

/* A table per status code type, indexed by status code: the compiler reports a code given twice. */
#define SC(name) [NVM_SC_##name & 0xff]

static const char *const generic_text[] = {
	SC(INVALID_OPCODE) = "Invalid command opcode",
	SC(INVALID_FIELD) = "Invalid field in command",
	SC(CID_CONFLICT) = "Command identifier conflict",
	SC(DATA_TRANSFER_ERROR) = "Data transfer error",
	SC(ABORTED_POWER_LOSS) = "Command aborted due to power loss notification",
	SC(INTERNAL_ERROR) = "Internal controller error",
	SC(ABORT_REQUESTED) = "Command abort requested",
	SC(ABORTED_SQ_DELETION) = "Command aborted due to submission queue deletion",
	SC(ABORTED_FAILED_FUSED) = "Command aborted due to failed fused command",
	SC(ABORTED_MISSING_FUSED) = "Command aborted due to missing fused command",
	SC(INVALID_NS_OR_FORMAT) = "Invalid namespace or format",
	SC(CMD_SEQUENCE_ERROR) = "Command sequence error",
	SC(SGL_INVALID_SEGMENT) = "Invalid SGL segment descriptor",
	SC(SGL_INVALID_NUMBER) = "Invalid number of SGL descriptors",
	SC(SGL_DATA_LENGTH_INVALID) = "Data SGL length invalid",
	SC(SGL_METADATA_LENGTH_INVALID) = "Metadata SGL length invalid",
	SC(SGL_TYPE_INVALID) = "SGL descriptor type invalid",
	SC(CMB_INVALID_USE) = "Invalid use of controller memory buffer",
	SC(PRP_OFFSET_INVALID) = "PRP offset invalid",
	SC(ATOMIC_WRITE_UNIT_EXCEEDED) = "Atomic write unit exceeded",
	SC(OPERATION_DENIED) = "Operation denied: insufficient access rights",
	SC(SGL_OFFSET_INVALID) = "SGL offset invalid",
	SC(HOSTID_INCONSISTENT) = "Host identifier inconsistent format",
	SC(KEEP_ALIVE_EXPIRED) = "Keep alive timer expired",
	SC(KEEP_ALIVE_INVALID) = "Keep alive timeout invalid",
	SC(ABORTED_PREEMPT) = "Command aborted due to preempt and abort",
	SC(SANITIZE_FAILED) = "Sanitize failed",
	SC(SANITIZE_IN_PROGRESS) = "Sanitize in progress",
	SC(SGL_GRANULARITY_INVALID) = "SGL data block granularity invalid",
	SC(CMD_IN_CMB_NOT_SUPPORTED) =
		"Command not supported for queue in controller memory buffer",
	SC(NS_WRITE_PROTECTED) = "Namespace is write protected",
	SC(CMD_INTERRUPTED) = "Command interrupted, may be retried",
	SC(TRANSIENT_TRANSPORT_ERROR) = "Transient transport error",
	SC(CMD_PROHIBITED_LOCKDOWN) = "Command prohibited by command and feature lockdown",
	SC(ADMIN_MEDIA_NOT_READY) = "Admin command requires media that is not ready",
	SC(INVALID_KEY_TAG) = "Invalid key tag",
	SC(HOST_DISPERSED_NS_NOT_ENABLED) = "Host dispersed namespace support not enabled",
	SC(HOSTID_NOT_INITIALIZED) = "Host identifier not initialized",
	SC(INCORRECT_KEY) = "Incorrect key",
	SC(FDP_DISABLED) = "Flexible data placement disabled",
	SC(INVALID_PLACEMENT_LIST) = "Invalid placement handle list",
	SC(LBA_OUT_OF_RANGE) = "LBA out of range",
	SC(CAPACITY_EXCEEDED) = "Capacity exceeded",
	SC(NS_NOT_READY) = "Namespace not ready",
	SC(RESERVATION_CONFLICT) = "Reservation conflict",
	SC(FORMAT_IN_PROGRESS) = "Format in progress",
	SC(KV_INVALID_VALUE_SIZE) = "Invalid value size (key value)",
	SC(KV_INVALID_KEY_SIZE) = "Invalid key size (key value)",
	SC(KV_KEY_NOT_FOUND) = "Key does not exist (key value)",
	SC(KV_UNRECOVERED_ERROR) = "Unrecovered error (key value)",
	SC(KV_KEY_EXISTS) = "Key exists (key value)",
};

/*
 * The NVM command set and Fabrics use 80h to 83h for different things. The status alone does not
 * tell them apart, so these texts name both.
 */
static const char *const cmd_specific_text[] = {
	SC(CQ_INVALID) = "Completion queue invalid",
	SC(INVALID_QID) = "Invalid queue identifier",
	SC(INVALID_QUEUE_SIZE) = "Invalid queue size",
	SC(ABORT_LIMIT_EXCEEDED) = "Abort command limit exceeded",
	SC(AER_LIMIT_EXCEEDED) = "Asynchronous event request limit exceeded",
	SC(INVALID_FW_SLOT) = "Invalid firmware slot",
	SC(INVALID_FW_IMAGE) = "Invalid firmware image",
	SC(INVALID_INTERRUPT_VECTOR) = "Invalid interrupt vector",
	SC(INVALID_LOG_PAGE) = "Invalid log page",
	SC(INVALID_FORMAT) = "Invalid format",
	SC(FW_NEEDS_CONVENTIONAL_RESET) = "Firmware activation requires conventional reset",
	SC(INVALID_QUEUE_DELETION) = "Invalid queue deletion",
	SC(FEATURE_NOT_SAVEABLE) = "Feature identifier not saveable",
	SC(FEATURE_NOT_CHANGEABLE) = "Feature not changeable",
	SC(FEATURE_NOT_NS_SPECIFIC) = "Feature not namespace specific",
	SC(FW_NEEDS_SUBSYSTEM_RESET) = "Firmware activation requires NVM subsystem reset",
	SC(FW_NEEDS_CTRL_RESET) = "Firmware activation requires controller level reset",
	SC(FW_NEEDS_MAX_TIME) = "Firmware activation requires maximum time violation",
	SC(FW_ACTIVATION_PROHIBITED) = "Firmware activation prohibited",
	SC(OVERLAPPING_RANGE) = "Overlapping range",
	SC(NS_INSUFFICIENT_CAPACITY) = "Namespace insufficient capacity",
	SC(NSID_UNAVAILABLE) = "Namespace identifier unavailable",
	SC(NS_ALREADY_ATTACHED) = "Namespace already attached",
	SC(NS_IS_PRIVATE) = "Namespace is private",
	SC(NS_NOT_ATTACHED) = "Namespace not attached",
	SC(THIN_PROVISIONING_NOT_SUPPORTED) = "Thin provisioning not supported",
	SC(CTRL_LIST_INVALID) = "Controller list invalid",
	SC(SELF_TEST_IN_PROGRESS) = "Device self-test in progress",
	SC(BOOT_PARTITION_WRITE_PROHIBITED) = "Boot partition write prohibited",
	SC(INVALID_CTRL_ID) = "Invalid controller identifier",
	SC(INVALID_SECONDARY_CTRL_STATE) = "Invalid secondary controller state",
	SC(INVALID_NUM_CTRL_RESOURCES) = "Invalid number of controller resources",
	SC(INVALID_RESOURCE_ID) = "Invalid resource identifier",
	SC(SANITIZE_PROHIBITED_PMR) =
		"Sanitize prohibited while persistent memory region is enabled",
	SC(ANA_GROUP_ID_INVALID) = "ANA group identifier invalid",
	SC(ANA_ATTACH_FAILED) = "ANA attach failed",
	SC(INSUFFICIENT_CAPACITY) = "Insufficient capacity",
	SC(NS_ATTACH_LIMIT_EXCEEDED) = "Namespace attachment limit exceeded",
	SC(LOCKDOWN_NOT_SUPPORTED) = "Prohibition of command execution not supported",
	SC(IOCS_NOT_SUPPORTED) = "I/O command set not supported",
	SC(IOCS_NOT_ENABLED) = "I/O command set not enabled",
	SC(IOCS_COMBINATION_REJECTED) = "I/O command set combination rejected",
	SC(INVALID_IOCS) = "Invalid I/O command set",
	SC(ID_UNAVAILABLE) = "Identifier unavailable",
	SC(STREAM_ALLOCATION_FAILED) = "Stream resource allocation failed",
	SC(CONFLICTING_ATTRIBUTES) = "Conflicting attributes (Connect: incompatible format)",
	SC(INVALID_PROTECTION_INFO) = "Invalid protection information (Connect: controller busy)",
	SC(WRITE_TO_READ_ONLY_RANGE) =
		"Attempted write to read only range (Connect: invalid parameters)",
	SC(CMD_SIZE_LIMIT_EXCEEDED) = "Command size limit exceeded (Connect: restart discovery)",
	SC(CONNECT_INVALID_HOST) = "Connect: invalid host",
	SC(INVALID_QUEUE_TYPE) = "Disconnect: invalid queue type",
	SC(DISCOVER_RESTART) = "Discover restart",
	SC(AUTH_REQUIRED) = "Authentication required",
	SC(ZNS_INVALID_ZONE_OPERATION) = "Invalid zone operation request",
	SC(ZNS_ZRWA_UNAVAILABLE) = "Zone random write area resources unavailable",
	SC(ZNS_BOUNDARY_ERROR) = "Zone boundary error",
	SC(ZNS_ZONE_FULL) = "Zone is full",
	SC(ZNS_ZONE_READ_ONLY) = "Zone is read only",
	SC(ZNS_ZONE_OFFLINE) = "Zone is offline",
	SC(ZNS_INVALID_WRITE) = "Zone invalid write",
	SC(ZNS_TOO_MANY_ACTIVE) = "Too many active zones",
	SC(ZNS_TOO_MANY_OPEN) = "Too many open zones",
	SC(ZNS_INVALID_TRANSITION) = "Invalid zone state transition",
};

static const char *const media_text[] = {
	SC(WRITE_FAULT) = "Write fault",
	SC(UNRECOVERED_READ_ERROR) = "Unrecovered read error",
	SC(GUARD_CHECK_ERROR) = "End-to-end guard check error",
	SC(APPTAG_CHECK_ERROR) = "End-to-end application tag check error",
	SC(REFTAG_CHECK_ERROR) = "End-to-end reference tag check error",
	SC(COMPARE_FAILURE) = "Compare failure",
	SC(ACCESS_DENIED) = "Access denied",
	SC(DEALLOCATED_OR_UNWRITTEN) = "Deallocated or unwritten logical block",
	SC(STORAGE_TAG_CHECK_ERROR) = "End-to-end storage tag check error",
};

static const char *const path_text[] = {
	SC(INTERNAL_PATH_ERROR) = "Internal path error",
	SC(ANA_PERSISTENT_LOSS) = "Asymmetric access persistent loss",
	SC(ANA_INACCESSIBLE) = "Asymmetric access inaccessible",
	SC(ANA_TRANSITION) = "Asymmetric access transition",
	SC(CTRL_PATHING_ERROR) = "Controller pathing error",
	SC(HOST_PATHING_ERROR) = "Host pathing error",
	SC(ABORTED_BY_HOST) = "Command aborted by host",
};

#define TABLE(t)                              \
	{                                     \
		t, sizeof(t) / sizeof((t)[0]) \
	}

static const struct {
	const char *const *text;
	size_t n;
} tables[] = {
	[NVM_SCT_GENERIC] = TABLE(generic_text),
	[NVM_SCT_CMD_SPECIFIC] = TABLE(cmd_specific_text),
	[NVM_SCT_MEDIA] = TABLE(media_text),
	[NVM_SCT_PATH] = TABLE(path_text),
};

/* The text of a status that is in no table is made here, in the calling thread's own buffer. */
static _Thread_local char made_text[96];

#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 32)
#define HAVE_STRERRORDESC 1
#endif
#endif

#ifdef HAVE_STRERRORDESC
static const char *errno_text(int err)
{
	return strerrordesc_np(err);
}
#else
/* strerror_r() returns an int by POSIX, the text itself in glibc. */
static const char *from_posix(int rc)
{
	return rc == 0 ? made_text : NULL;
}

static const char *from_gnu(char *text)
{
	return text;
}

static const char *errno_text(int err)
{
	return _Generic(strerror_r(err, made_text, sizeof(made_text)),
			int: from_posix,
			char *: from_gnu)(strerror_r(err, made_text, sizeof(made_text)));
}
#endif

static const char *nvme_text(unsigned int sct, unsigned int sc)
{
	const char *kind;

	if (sct < sizeof(tables) / sizeof(tables[0]) && sc < tables[sct].n && tables[sct].text[sc])
		return tables[sct].text[sc];

	if (sct == NVM_SCT_GENERIC && sc == 0)
		kind = "Invalid error value: success";
	else if (sct == NVM_SCT_VENDOR || (sct <= NVM_SCT_PATH && sc >= 0xc0))
		kind = "Vendor specific";
	else
		kind = "Reserved";
	snprintf(made_text, sizeof(made_text), "%s status (SCT %Xh, SC 0x%02X)", kind, sct, sc);
	return made_text;
}

const char *nvm_strerror(int status)
{
	const char *text;
	unsigned int field;

	if (status == 0)
		return "Success";

	if (status > 0) {
		text = errno_text(status);
		if (text)
			return text;
		snprintf(made_text, sizeof(made_text), "Unknown error %d", status);
		return made_text;
	}

	/* Negated as unsigned: INT_MIN has no positive counterpart. CRD, M and DNR do not matter. */
	field = 0U - (unsigned int)status;
	return nvme_text(NVM_CQE_SCT(field << 1), NVM_CQE_SC(field << 1));
}
