/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm-identify - what a controller and its namespaces say of themselves.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/identify_json.h"
#include "common/info.h"
#include "common/json.h"
#include "common/tool.h"
#include "nvm_admin.h"
#include "nvm_aq.h"
#include "nvm_cmd.h"
#include "nvm_ctrl.h"
#include "nvm_dma.h"
#include "nvm_error.h"
#include "nvm_spec.h"

static const char help[] =
	"Usage: nvm-identify --ctrl=URI [--ns=ID|all] [OPTION...]\n"
	"Reset an NVMe controller, set it up, and print what it and its namespaces say of\n"
	"themselves.\n"
	"\n"
	"  -c, --ctrl=URI              controller: a PCI address (0000:05:00.0), emu:FILE?size=1G\n"
	"  -n, --ns=ID                 that namespace too; \"all\": all active ones\n"
	"      --all                   the same as --ns=all\n"
	"      --output-format=FORMAT  normal, or json: everything, with all active namespaces\n"
	"                              unless --ns names one\n"
	"      --force                 although the disk seems to be in use: data loss is likely\n"
	"      --adapter=N, --segment=N  for SmartIO devices\n"
	"  -h, --help                  this text\n"
	"  -V, --version               version\n"
	"\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage. See nvm-identify(1) and libnvm(7).\n";

enum {
	OPTION_ALL = TOOL_OPTION_FIRST,
};

static const struct option options[] = {
	{"ns", required_argument, NULL, 'n'},
	{"namespace", required_argument, NULL, 'n'},
	{"all", no_argument, NULL, OPTION_ALL},
	{"segment", required_argument, NULL, TOOL_OPTION_SMARTIO},
	TOOL_CTRL_OPTIONS,
	TOOL_OPTIONS,
	{NULL, 0, NULL, 0},
};

struct arguments {
	struct tool_common common;
	uint32_t ns_id; /* 0 = none named */
	bool all;
};

/* A controller that is up, and a page that it can write to. */
struct target {
	nvm_ctrl_t *ctrl;
	nvm_aq_ref aq;
	nvm_dma_t *page;
};

/* What there is to print. */
struct findings {
	struct nvm_ctrl_info info;
	struct nvm_id_ctrl id;
	uint16_t n_cqs;
	uint16_t n_sqs;
	uint32_t *ns_ids;
	size_t n_ns;
};

static int parse_ns(struct arguments *args, const char *text)
{
	uint64_t number;
	int err;

	if (strcmp(text, "all") == 0) {
		args->all = true;
		return 0;
	}
	err = tool_number("--ns", text, 1, NVM_CMD_NS_ALL - 1, &number);
	if (err == 0)
		args->ns_id = (uint32_t)number;
	return err;
}

static int parse_option(struct arguments *args, int option)
{
	switch (option) {
	case 'n':
		return parse_ns(args, optarg);
	case OPTION_ALL:
		args->all = true;
		return 0;
	default:
		return tool_common_option(&args->common, option, help);
	}
}

static int parse_arguments(struct arguments *args, int argc, char **argv)
{
	int option, err;

	*args = (struct arguments){.ns_id = 0};
	while ((option = tool_getopt(argc, argv, ":c:n:hV", options)) != -1) {
		err = parse_option(args, option);
		if (err != 0 || args->common.done)
			return err;
	}
	err = tool_ctrl_only(&args->common, argc, argv);
	if (err != 0)
		return err;
	if (args->all && args->ns_id != 0)
		return tool_usage("either --ns=%" PRIu32 " or all namespaces", args->ns_id);
	return 0;
}

static void close_target(struct target *t)
{
	nvm_aq_destroy(t->aq);
	nvm_dma_unmap(t->page);
	nvm_ctrl_free(t->ctrl);
}

static int open_target(struct target *t, const struct arguments *args)
{
	struct nvm_ctrl_options ctrl_options = NVM_CTRL_OPTIONS_INIT;
	int err;

	*t = (struct target){NULL, NULL, NULL};
	if (args->common.force)
		ctrl_options.flags |= NVM_CTRL_ALLOW_IN_USE;
	err = nvm_ctrl_open(&t->ctrl, args->common.uri, &ctrl_options);
	if (err != 0)
		return tool_fail_status(err);
	if (args->common.format == TOOL_NORMAL) {
		puts("Resetting controller and setting up admin queues...");
		fflush(stdout);
	}
	err = nvm_dma_create(&t->page, t->ctrl, 4096);
	if (err == 0)
		err = nvm_aq_open(&t->aq, t->ctrl);
	return err == 0 ? 0 : tool_fail_status(err);
}

static int identify(const struct target *t, uint8_t cns, uint32_t ns_id, void *copy)
{
	int err = nvm_admin_identify(t->aq, cns, ns_id, 0, 0, t->page->vaddr, t->page->ioaddrs[0]);

	if (err == 0)
		memcpy(copy, t->page->vaddr, 4096);
	return err;
}

/* Identifiers of all active namespaces. */
static int list_namespaces(const struct target *t, struct findings *f)
{
	size_t room = 1024;

	for (;;) {
		size_t n = room;
		uint32_t *ns_ids = calloc(room, sizeof(*ns_ids));
		int err;

		if (ns_ids == NULL)
			return tool_fail("out of memory for %zu namespaces", room);
		err = nvm_admin_active_ns(t->aq, ns_ids, &n, t->page->vaddr, t->page->ioaddrs[0]);
		if (err == 0 && n <= room) {
			f->ns_ids = ns_ids;
			f->n_ns = n;
			return 0;
		}
		free(ns_ids);
		if (err != 0)
			return tool_fail_status(err);
		room = n;
	}
}

static int find_out(const struct target *t, const struct arguments *args, struct findings *f)
{
	int err = nvm_admin_ctrl_info(t->aq, &f->info, t->page->vaddr, t->page->ioaddrs[0]);

	if (err == 0)
		err = identify(t, NVM_CNS_CTRL, 0, &f->id);
	if (err == 0)
		err = nvm_admin_get_num_queues(t->aq, &f->n_cqs, &f->n_sqs);
	if (err != 0)
		return tool_fail_status(err);

	if (args->all || (args->ns_id == 0 && args->common.format == TOOL_JSON))
		return list_namespaces(t, f);
	if (args->ns_id == 0)
		return 0;
	f->ns_ids = malloc(sizeof(*f->ns_ids));
	if (f->ns_ids == NULL)
		return tool_fail("out of memory");
	f->ns_ids[0] = args->ns_id;
	f->n_ns = 1;
	return 0;
}

static int ns_info(const struct target *t, const struct findings *f, uint32_t ns_id,
		   struct nvm_ns_info *info)
{
	int err;

	if (ns_id > f->info.max_n_ns)
		return tool_fail("there is no namespace %" PRIu32 ": the highest is %zu", ns_id,
				 f->info.max_n_ns);
	err = nvm_admin_ns_info(t->aq, info, ns_id, t->page->vaddr, t->page->ioaddrs[0]);
	if (err < 0 && (-err & 0x7ff) == NVM_SC_INVALID_NS_OR_FORMAT)
		return tool_fail("namespace %" PRIu32 " is not active: --all prints those that are",
				 ns_id);
	return err == 0 ? 0 : tool_fail_status(err);
}

static int print_normal(const struct target *t, const struct findings *f)
{
	info_print_ctrl(&f->info, f->n_cqs, f->n_sqs);
	for (size_t i = 0; i < f->n_ns; ++i) {
		struct nvm_ns_info info;
		int err;

		if (tool_interrupted())
			break;
		err = ns_info(t, f, f->ns_ids[i], &info);
		if (err != 0)
			return err;
		info_print_ns(&info);
	}
	info_print_end();
	return TOOL_OK;
}

static struct json_object *ctrl_json(const struct target *t, const struct findings *f,
				     const char *uri)
{
	const struct nvm_ctrl_info *info = &f->info;
	struct json_object *o = json_make_object();
	uint32_t vs = info->nvme_version;
	char version[32];

	snprintf(version, sizeof(version), "%u.%u.%u", NVM_VS_MJR(vs), NVM_VS_MNR(vs),
		 NVM_VS_TER(vs));
	json_add_text(o, "uri", uri);
	json_add_text(o, "name", nvm_ctrl_name(t->ctrl));
	json_add_hex(o, "pci_vendor_id", f->id.vid, 4);
	json_add_hex(o, "pci_subsystem_vendor_id", f->id.ssvid, 4);
	json_add_text(o, "nvme_version", version);
	json_add_uint(o, "page_size", info->page_size);
	json_add_uint(o, "doorbell_stride", info->db_stride);
	json_add_uint(o, "ready_timeout_ms", info->timeout);
	json_add_bool(o, "contiguous_queues", info->contiguous);
	json_add_uint(o, "max_queue_entries", info->max_entries);
	json_add_field(o, "serial_number", info->serial_no, sizeof(info->serial_no));
	json_add_field(o, "model_number", info->model_no, sizeof(info->model_no));
	json_add_field(o, "firmware_revision", info->firmware, sizeof(info->firmware));
	if (info->max_data_size == NVM_UNLIMITED)
		json_add_null(o, "max_data_transfer_size");
	else
		json_add_uint(o, "max_data_transfer_size", info->max_data_size);
	json_add_uint(o, "max_outstanding_commands", info->max_out_cmds);
	json_add_uint(o, "max_namespaces", info->max_n_ns);
	json_add_uint(o, "completion_queues", f->n_cqs);
	json_add_uint(o, "submission_queues", f->n_sqs);
	json_add_uint(o, "interrupt_vectors", nvm_ctrl_n_irqs(t->ctrl));
	json_add(o, "cap", identify_json_cap(nvm_ctrl_read64(t->ctrl, NVM_REG_CAP)));
	json_add(o, "vs", identify_json_vs(nvm_ctrl_read32(t->ctrl, NVM_REG_VS)));
	json_add(o, "identify", identify_json_ctrl(&f->id));
	return o;
}

/* Fill in the object of a namespace. */
static int add_ns(const struct target *t, const struct findings *f, uint32_t ns_id,
		  struct json_object *o)
{
	struct nvm_ns_descs descs = {0};
	struct nvm_ns_info info = {0};
	struct nvm_id_ns id;
	int err = ns_info(t, f, ns_id, &info);

	if (err != 0)
		return err;
	err = identify(t, NVM_CNS_NS, ns_id, &id);
	if (err != 0)
		return tool_fail_status(err);
	/* Controllers before NVMe 1.3 have no descriptors, but these two fields. */
	if (nvm_admin_ns_descs(t->aq, &descs, ns_id, t->page->vaddr, t->page->ioaddrs[0]) < 0) {
		memcpy(descs.eui64, id.eui64, sizeof(descs.eui64));
		memcpy(descs.nguid, id.nguid, sizeof(descs.nguid));
	}

	json_add_uint(o, "nsid", ns_id);
	json_add_uint(o, "block_size", info.lba_data_size);
	json_add_uint(o, "metadata_size", info.metadata_size);
	json_add_uint(o, "size", info.size);
	json_add_uint(o, "capacity", info.capacity);
	json_add_uint(o, "utilization", info.utilization);
	identify_json_descs(o, &descs);
	json_add(o, "lba_formats", identify_json_lba_formats(&id));
	json_add(o, "identify", identify_json_ns(&id));
	return 0;
}

static int print_json(const struct target *t, const struct findings *f, const char *uri)
{
	struct json_object *root = json_make_object();
	struct json_object *array = json_make_array();

	json_add(root, "controller", ctrl_json(t, f, uri));
	json_add(root, "namespaces", array);
	for (size_t i = 0; i < f->n_ns && !tool_interrupted(); ++i) {
		struct json_object *o = json_make_object();
		int err = add_ns(t, f, f->ns_ids[i], o);

		json_append(array, o);
		if (err != 0) {
			json_object_put(root);
			return err;
		}
	}
	if (tool_interrupted()) {
		json_object_put(root);
		return TOOL_OK;
	}
	return tool_json_print(root);
}

static int run(const struct arguments *args)
{
	struct findings f = {0};
	struct target t;
	int status = open_target(&t, args);

	if (status == TOOL_OK && !tool_interrupted())
		status = find_out(&t, args, &f);
	if (status == TOOL_OK && !tool_interrupted())
		status = args->common.format == TOOL_JSON ? print_json(&t, &f, args->common.uri)
							  : print_normal(&t, &f);
	free(f.ns_ids);
	close_target(&t);
	if (status == TOOL_OK && tool_interrupted()) {
		tool_fail("interrupted");
		return tool_interrupted_status();
	}
	return status;
}

int main(int argc, char **argv)
{
	struct arguments args;
	int status;

	tool_begin("nvm-identify");
	status = parse_arguments(&args, argc, argv);
	if (status != 0 || args.common.done)
		return tool_end(status);
	tool_catch_signals();
	return tool_end(run(&args));
}
