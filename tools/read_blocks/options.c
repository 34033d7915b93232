/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.c - the command line of nvm-read-blocks.
 */
#include <string.h>

#include "nvm_cmd.h"
#include "options.h"

static const char help[] =
	"Usage: nvm-read-blocks --ctrl=URI --blocks=N [--offset=LBA] [--output=FILE] [OPTION...]\n"
	"       nvm-read-blocks --ctrl=URI --write=FILE [--offset=LBA] [--blocks=N] [OPTION...]\n"
	"Read blocks of an NVMe disk, or write a file to them: these blocks and no other.\n"
	"\n"
	"  -c, --ctrl=URI              controller: a PCI address (0000:05:00.0), emu:FILE?size=1G\n"
	"  -n, --ns, --namespace=ID    namespace (1)\n"
	"  -o, --offset=LBA            first block (0)\n"
	"  -b, --blocks=N              number of blocks; for --write: what the file holds\n"
	"  -s, --chunk=N               blocks moved at once (2 MiB)\n"
	"      --output=FILE           read to FILE, \"-\" is standard output; without it, blocks are\n"
	"                              printed in hexadecimal\n"
	"      --ascii                 print characters instead\n"
	"  -w, --write=FILE            write FILE, \"-\" is standard input, which needs --blocks\n"
	"      --pad                   fill the last block with zeroes where FILE ends within it\n"
	"      --flush, --no-flush     make the written blocks survive a power loss (--flush)\n"
	"      --identify              print what the controller and the namespace are\n"
	"      --output-format=FORMAT  of the summary: normal or json\n"
	"  -q, --quiet                 no summary, no progress bar\n"
	"      --force                 although the disk seems to be in use: data loss is likely\n"
	"      --adapter=N, --segment-id=N  for SmartIO devices\n"
	"  -h, --help                  this text\n"
	"  -V, --version               version\n"
	"\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage, 128 + signal after an interruption.\n"
	"See nvm-read-blocks(1) and libnvm(7).\n";

enum {
	OPTION_OUTPUT = TOOL_OPTION_FIRST,
	OPTION_ASCII,
	OPTION_PAD,
	OPTION_FLUSH,
	OPTION_NO_FLUSH,
	OPTION_IDENTIFY,
};

static const struct option options[] = {
	{"blocks", required_argument, NULL, 'b'},
	{"chunk", required_argument, NULL, 's'},
	{"offset", required_argument, NULL, 'o'},
	{"namespace", required_argument, NULL, 'n'},
	{"ns", required_argument, NULL, 'n'},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"ascii", no_argument, NULL, OPTION_ASCII},
	{"identify", no_argument, NULL, OPTION_IDENTIFY},
	{"write", required_argument, NULL, 'w'},
	{"pad", no_argument, NULL, OPTION_PAD},
	{"flush", no_argument, NULL, OPTION_FLUSH},
	{"no-flush", no_argument, NULL, OPTION_NO_FLUSH},
	{"quiet", no_argument, NULL, 'q'},
	{"segment-id", required_argument, NULL, TOOL_OPTION_SMARTIO},
	TOOL_CTRL_OPTIONS,
	TOOL_OPTIONS,
	{NULL, 0, NULL, 0},
};

static int parse_number_option(struct arguments *args, int option)
{
	uint64_t number;
	int err;

	switch (option) {
	case 'b':
		return tool_number("--blocks", optarg, 1, UINT64_MAX, &args->n_blocks);
	case 's':
		return tool_number("--chunk", optarg, 1, MAX_CHUNK / 512, &args->chunk);
	case 'o':
		return tool_number("--offset", optarg, 0, UINT64_MAX, &args->lba);
	default:
		err = tool_number("--namespace", optarg, 1, NVM_CMD_NS_ALL - 1, &number);
		if (err == 0)
			args->ns_id = (uint32_t)number;
		return err;
	}
}

static int parse_option(struct arguments *args, int option)
{
	switch (option) {
	case 'b':
	case 's':
	case 'o':
	case 'n':
		return parse_number_option(args, option);
	case 'w':
		args->input = optarg;
		return 0;
	case OPTION_OUTPUT:
		args->output = optarg;
		return 0;
	case OPTION_ASCII:
		args->ascii = true;
		return 0;
	case OPTION_PAD:
		args->pad = true;
		return 0;
	case OPTION_FLUSH:
	case OPTION_NO_FLUSH:
		args->no_flush = option == OPTION_NO_FLUSH;
		return 0;
	case OPTION_IDENTIFY:
		args->identify = true;
		return 0;
	case 'q':
		args->quiet = true;
		return 0;
	default:
		return tool_common_option(&args->common, option, help);
	}
}

/* Options that say something together. */
static int check_arguments(const struct arguments *args)
{
	bool to_stdout = args->output != NULL && strcmp(args->output, "-") == 0;
	bool prints = args->input == NULL && args->output == NULL && args->n_blocks != 0;

	if (args->input != NULL && args->output != NULL)
		return tool_usage("--write and --output: it is either writing or reading");
	if ((args->input != NULL && args->input[0] == '\0') ||
	    (args->output != NULL && args->output[0] == '\0'))
		return tool_usage("--%s=FILE is empty: which file?",
				  args->input != NULL ? "write" : "output");
	if (args->input == NULL && args->n_blocks == 0 && (!args->identify || args->output != NULL))
		return tool_usage("--blocks=N is required: how many blocks to read?");
	if (args->ascii && !prints)
		return tool_usage("--ascii is for blocks that are printed: not with --output or "
				  "--write");
	if (args->pad && args->input == NULL)
		return tool_usage("--pad is for --write");
	if (to_stdout && args->identify)
		return tool_usage("--identify prints where --output=- sends the blocks: give a "
				  "file");
	if (args->common.format == TOOL_JSON && (to_stdout || prints || args->identify))
		return tool_usage("--output-format=json is for the summary alone: send the blocks "
				  "to a file and leave --identify to nvm-identify");
	if (args->input != NULL && strcmp(args->input, "-") == 0 && args->n_blocks == 0)
		return tool_usage("--write=- needs --blocks=N: how many blocks will come?");
	return 0;
}

int options_parse(struct arguments *args, int argc, char **argv)
{
	int option, err;

	*args = (struct arguments){.ns_id = 1};
	while ((option = tool_getopt(argc, argv, ":c:b:s:o:n:w:qhV", options)) != -1) {
		err = parse_option(args, option);
		if (err != 0 || args->common.done)
			return err;
	}
	err = tool_ctrl_only(&args->common, argc, argv);
	return err != 0 ? err : check_arguments(args);
}
