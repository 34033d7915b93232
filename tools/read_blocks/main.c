/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm-read-blocks - read blocks of a namespace to a file or the terminal, or write a file to them.
 */
#include <inttypes.h>

#include "common/info.h"
#include "common/tool.h"
#include "job.h"
#include "nvm_admin.h"

static int open_disk(struct job *j)
{
	struct nvm_ctrl_options ctrl_options = NVM_CTRL_OPTIONS_INIT;
	struct nvm_disk_options disk_options = NVM_DISK_OPTIONS_INIT;
	int err;

	if (j->args->common.force)
		ctrl_options.flags |= NVM_CTRL_ALLOW_IN_USE;
	disk_options.ctrl = &ctrl_options;
	disk_options.ns_id = j->args->ns_id;
	err = nvm_disk_open(&j->disk, j->args->common.uri, &disk_options);
	if (err != 0)
		return tool_fail_status(err);
	j->block_size = nvm_disk_block_size(j->disk);
	return 0;
}

static int identify(struct job *j)
{
	uint16_t n_cqs, n_sqs;
	int err = nvm_admin_get_num_queues(nvm_disk_aq(j->disk), &n_cqs, &n_sqs);

	if (err != 0)
		return tool_fail_status(err);
	info_print_ctrl(nvm_disk_ctrl_info(j->disk), n_cqs, n_sqs);
	info_print_ns(nvm_disk_ns_info(j->disk));
	info_print_end();
	return 0;
}

static int run(const struct arguments *args)
{
	struct job j = {.args = args, .fd = -1};
	int status = 0;

	if (args->input != NULL)
		status = file_open_input(&j);
	if (status == 0)
		status = open_disk(&j);
	if (status == 0 && args->identify)
		status = identify(&j);
	if (status == 0 && (args->input != NULL || args->n_blocks != 0))
		status = transfer(&j);
	status = file_close(&j, status);
	/* Frees the buffer too, once the controller cannot reach it any more. */
	nvm_disk_close(j.disk);
	if (status == INTERRUPTED || (status == 0 && j.n_done < j.n_blocks)) {
		tool_fail("interrupted after %" PRIu64 " of %" PRIu64 " blocks", j.n_done,
			  j.n_blocks != 0 ? j.n_blocks : args->n_blocks);
		return tool_interrupted_status();
	}
	return status;
}

int main(int argc, char **argv)
{
	struct arguments args;
	int status;

	tool_begin("nvm-read-blocks");
	status = options_parse(&args, argc, argv);
	if (status != 0 || args.common.done)
		return tool_end(status);
	tool_catch_signals();
	return tool_end(run(&args));
}
