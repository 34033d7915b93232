/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * info.c - controllers and namespaces as the tools have printed them since 2018.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "info.h"
#include "nvm_spec.h"

/* ASCII of a fixed size without the padding at its end; the device may have put anything there. */
static void print_field(const char *label, const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	while (length > 0 && text[length - 1] == ' ')
		--length;
	printf("%-24s: ", label);
	for (size_t i = 0; i < length; ++i)
		putchar(text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?');
	putchar('\n');
}

static void print_number(const char *label, uint64_t value)
{
	printf("%-24s: %" PRIu64 "\n", label, value);
}

void info_print_ctrl(const struct nvm_ctrl_info *info, uint16_t n_cqs, uint16_t n_sqs)
{
	const uint8_t *pci = info->pci_vendor;
	uint32_t vs = info->nvme_version;

	puts("------------- Controller information -------------");
	printf("%-24s: %02x %02x\n", "PCI Vendor ID", pci[0], pci[1]);
	printf("%-24s: %02x %02x\n", "PCI Subsystem Vendor ID", pci[2], pci[3]);
	printf("%-24s: %u.%u.%u\n", "NVM Express version", NVM_VS_MJR(vs), NVM_VS_MNR(vs),
	       NVM_VS_TER(vs));
	print_number("Controller page size", info->page_size);
	print_number("Max queue entries", info->max_entries);
	print_field("Serial Number", info->serial_no, sizeof(info->serial_no));
	print_field("Model Number", info->model_no, sizeof(info->model_no));
	print_field("Firmware revision", info->firmware, sizeof(info->firmware));
	if (info->max_data_size == NVM_UNLIMITED)
		printf("%-24s: unlimited\n", "Max data transfer size");
	else
		print_number("Max data transfer size", info->max_data_size);
	print_number("Max outstanding commands", info->max_out_cmds);
	print_number("Max number of namespaces", info->max_n_ns);
	print_number("Current number of CQs", n_cqs);
	print_number("Current number of SQs", n_sqs);
}

void info_print_ns(const struct nvm_ns_info *info)
{
	puts("------------- Namespace information --------------");
	print_number("Namespace identifier", info->ns_id);
	print_number("Logical block size", info->lba_data_size);
	print_number("Metadata size", info->metadata_size);
	print_number("Namespace size", info->size);
	print_number("Namespace capacity", info->capacity);
	print_number("Namespace utilization", info->utilization);
}

void info_print_end(void)
{
	puts("--------------------------------------------------");
}
