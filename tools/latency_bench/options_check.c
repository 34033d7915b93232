/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options_check.c - options that say something together, before any controller is touched.
 */
#include <string.h>

#include "options.h"

static int check_writing(const struct arguments *args)
{
	if (args->rwmix >= 0 && args->rwmix < 100 && !args->write)
		return tool_usage("--rwmix=%d writes, which destroys data: say so with --write",
				  args->rwmix);
	if (args->verify == VERIFY_WRITTEN && args->input == NULL && !args->write)
		return tool_usage("--verify writes first, which destroys data: say so with "
				  "--write, or check what an earlier run has written with "
				  "--verify=only");
	if (args->verify == VERIFY_ONLY && args->write)
		return tool_usage("--verify=only checks what an earlier run has written: without "
				  "--write");
	if (args->verify == VERIFY_ONLY && args->input != NULL)
		return tool_usage("--verify=only or --infile: what is to be compared?");
	if (args->write && args->count == 0)
		return tool_usage("--write needs --count=N: how much may be overwritten, from "
				  "--offset on?");
	if (args->input != NULL && !args->write && args->verify == VERIFY_NO)
		return tool_usage("--infile is for --write or --verify");
	return 0;
}

static int check_files(const struct arguments *args)
{
	if ((args->input != NULL && args->input[0] == '\0') ||
	    (args->output != NULL && args->output[0] == '\0'))
		return tool_usage("--%s=FILE is empty: which file?",
				  args->input != NULL && args->input[0] == '\0' ? "infile"
										: "outfile");
	if (args->plot != NULL && args->plot[0] == '\0')
		return tool_usage("--plot=FILE is empty: which file?");
	if (args->stats_file != NULL && args->stats_file[0] == '\0')
		return tool_usage("--stats=FILE is empty: which file?");
	if (args->input != NULL && args->count == 0)
		return tool_usage("--infile needs --count=N: how much of it?");
	if (args->output != NULL && args->count == 0)
		return tool_usage("--outfile needs --count=N: how much is to be put there?");
	if (args->stats && args->stats_file == NULL && args->common.format == TOOL_JSON)
		return tool_usage("--stats and --output-format=json would mix on standard output: "
				  "give --stats=FILE");
	if (args->output != NULL && strcmp(args->output, "-") == 0 &&
	    (args->common.format == TOOL_JSON || (args->stats && args->stats_file == NULL)))
		return tool_usage("--outfile=- would mix with what else goes to standard output: "
				  "give a file");
	return 0;
}

int options_check(struct arguments *args)
{
	int err = check_writing(args);

	if (err == 0)
		err = check_files(args);
	if (err != 0)
		return err;
	if (args->count == 0 && args->runtime_ns == 0 && args->steady <= 0)
		return tool_usage("--blocks=N is required, or --runtime=TIME: how much is to be "
				  "read?");
	if (args->numa == NUMA_AUTO && args->n_cpus == 0)
		return tool_usage(
			"--numa=auto is the node of the CPUs: say which with --cpus=LIST");
	return 0;
}
