/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.c - the command line of nvm-integrity-util.
 */
#include <string.h>

#include "nvm_cmd.h"
#include "options.h"
#include "tally.h"

static const char help[] =
	"Usage: nvm-integrity-util --ctrl=URI [--offset=LBA] [OPTION...] FILE\n"
	"       nvm-integrity-util --ctrl=URI --read=BYTES [--offset=LBA] [OPTION...] FILE\n"
	"       nvm-integrity-util --ctrl=URI --test --count=N [--offset=LBA] [OPTION...]\n"
	"       nvm-integrity-util --ctrl=URI --state=FILE --resume [OPTION...]\n"
	"Write FILE to an NVMe disk and compare it with what is read back, read such a file back, or test\n"
	"a range of blocks: all that is in the range is overwritten.\n"
	"\n"
	"  -c, --ctrl=URI              controller: a PCI address (0000:05:00.0), emu:FILE?size=1G\n"
	"  -n, --ns, --namespace=ID    namespace (1)\n"
	"  -o, --offset=LBA            first block (0)\n"
	"  -q, --queues=N              queue pairs, each with a thread of its own (1)\n"
	"      --depth=N               requests in flight in each of them (16)\n"
	"  -s, --chunk=N               blocks of one request (128 KiB)\n"
	"      --keep-going            count what the disk cannot read or write, and go on\n"
	"Files:\n"
	"  -r, --read=BYTES            read so many bytes to FILE\n"
	"      --no-compare            write FILE without reading it back\n"
	"Tests:\n"
	"      --test                  fill the range with blocks that say what they are, and check\n"
	"                              them; --fill and --check do one of both\n"
	"  -b, --count=N               number of blocks: required; \"all\" is up to the end\n"
	"      --passes=N              how often, each pass with the next generation (1)\n"
	"      --seed=N                of the blocks: required for --check (chosen at random)\n"
	"      --generation=N          of the first pass: required for --check (1)\n"
	"      --random                in random order\n"
	"      --state=FILE            keep in FILE how far the test is\n"
	"      --resume                go on where FILE says\n"
	"Output:\n"
	"      --list=N                how many bad blocks to show (10)\n"
	"      --output-format=FORMAT  normal or json\n"
	"      --quiet                 no progress bar, and no output unless something is wrong\n"
	"      --force                 although the disk seems to be in use: data loss is likely\n"
	"  -a, --adapter=N, --id-offset=N  for SmartIO devices\n"
	"  -h, --help                  this text\n"
	"  -V, --version               version\n"
	"\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage, 3 blocks are not as written, 128 + signal after\n"
	"an interruption.\n"
	"See nvm-integrity-util(1) and libnvm(7).\n";

enum {
	OPTION_DEPTH = TOOL_OPTION_FIRST,
	OPTION_KEEP_GOING,
	OPTION_NO_COMPARE,
	OPTION_TEST,
	OPTION_FILL,
	OPTION_CHECK,
	OPTION_PASSES,
	OPTION_SEED,
	OPTION_GENERATION,
	OPTION_RANDOM,
	OPTION_STATE,
	OPTION_RESUME,
	OPTION_LIST,
	OPTION_QUIET,
};

static const struct option options[] = {
	{"namespace", required_argument, NULL, 'n'},
	{"ns", required_argument, NULL, 'n'},
	{"offset", required_argument, NULL, 'o'},
	{"queues", required_argument, NULL, 'q'},
	{"depth", required_argument, NULL, OPTION_DEPTH},
	{"chunk", required_argument, NULL, 's'},
	{"keep-going", no_argument, NULL, OPTION_KEEP_GOING},
	{"read", required_argument, NULL, 'r'},
	{"no-compare", no_argument, NULL, OPTION_NO_COMPARE},
	{"test", no_argument, NULL, OPTION_TEST},
	{"fill", no_argument, NULL, OPTION_FILL},
	{"check", no_argument, NULL, OPTION_CHECK},
	{"count", required_argument, NULL, 'b'},
	{"passes", required_argument, NULL, OPTION_PASSES},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"generation", required_argument, NULL, OPTION_GENERATION},
	{"random", no_argument, NULL, OPTION_RANDOM},
	{"state", required_argument, NULL, OPTION_STATE},
	{"resume", no_argument, NULL, OPTION_RESUME},
	{"list", required_argument, NULL, OPTION_LIST},
	{"quiet", no_argument, NULL, OPTION_QUIET},
	{"id-offset", required_argument, NULL, TOOL_OPTION_SMARTIO},
	TOOL_CTRL_OPTIONS,
	TOOL_OPTIONS,
	{NULL, 0, NULL, 0},
};

/* A number of 32 bits. */
static int small_number(const char *option, uint32_t min, uint32_t max, uint32_t *value)
{
	uint64_t number;
	int err = tool_number(option, optarg, min, max, &number);

	if (err == 0)
		*value = (uint32_t)number;
	return err;
}

static int parse_count(struct arguments *args)
{
	args->given |= GIVEN_COUNT;
	args->count = COUNT_ALL;
	if (strcmp(optarg, "all") == 0)
		return 0;
	return tool_number("--count", optarg, 1, UINT64_MAX - 1, &args->count);
}

/* Options of what is moved, and how. */
static int parse_transfer_option(struct arguments *args, int option)
{
	switch (option) {
	case 'n':
		args->given |= GIVEN_NAMESPACE;
		return small_number("--namespace", 1, NVM_CMD_NS_ALL - 1, &args->ns_id);
	case 'o':
		args->given |= GIVEN_OFFSET;
		return tool_number("--offset", optarg, 0, UINT64_MAX, &args->offset);
	case 'q':
		return small_number("--queues", 1, 65534, &args->n_queues);
	case OPTION_DEPTH:
		return small_number("--depth", 1, 65535, &args->depth);
	case 's':
		args->given |= GIVEN_CHUNK;
		return tool_number("--chunk", optarg, 1, UINT32_MAX, &args->chunk);
	case OPTION_KEEP_GOING:
		args->keep_going = true;
		return 0;
	case 'r':
		return tool_size("--read", optarg, 1, INT64_MAX, &args->read);
	case OPTION_NO_COMPARE:
		args->no_compare = true;
		return 0;
	default:
		return tool_common_option(&args->common, option, help);
	}
}

static int parse_option(struct arguments *args, int option)
{
	switch (option) {
	case OPTION_TEST:
	case OPTION_FILL:
	case OPTION_CHECK:
		args->fill |= option != OPTION_CHECK;
		args->check |= option != OPTION_FILL;
		return 0;
	case 'b':
		return parse_count(args);
	case OPTION_PASSES:
		args->given |= GIVEN_PASSES;
		return small_number("--passes", 1, 1000000000, &args->passes);
	case OPTION_SEED:
		args->given |= GIVEN_SEED;
		return tool_number("--seed", optarg, 0, UINT64_MAX, &args->seed);
	case OPTION_GENERATION:
		args->given |= GIVEN_GENERATION;
		return small_number("--generation", 1, UINT32_MAX, &args->generation);
	case OPTION_RANDOM:
		args->given |= GIVEN_RANDOM;
		args->random = true;
		return 0;
	case OPTION_STATE:
		args->state = optarg;
		return 0;
	case OPTION_RESUME:
		args->resume = true;
		return 0;
	case OPTION_LIST:
		return tool_number("--list", optarg, 0, MAX_FINDINGS, &args->list);
	case OPTION_QUIET:
		args->quiet = true;
		return 0;
	case 'a':
		return tool_usage("-a is for SmartIO devices: it needs a build with SmartIO");
	default:
		return parse_transfer_option(args, option);
	}
}

static int check_file_arguments(const struct arguments *args)
{
	const uint32_t of_tests =
		GIVEN_SEED | GIVEN_GENERATION | GIVEN_PASSES | GIVEN_RANDOM | GIVEN_COUNT;

	if (args->fill || args->check || args->state != NULL || args->resume)
		return tool_usage("'%s' and a test: it is either a file or a test", args->file);
	if (args->given & of_tests)
		return tool_usage("--count, --passes, --seed, --generation and --random are for "
				  "tests: with a file, its size counts");
	if (args->file[0] == '\0')
		return tool_usage("FILE is empty: which file?");
	if (args->read != 0 && args->no_compare)
		return tool_usage("--no-compare is for writing a file: reading compares nothing");
	return 0;
}

static int check_test_arguments(const struct arguments *args)
{
	if (args->read != 0)
		return tool_usage("--read=BYTES needs a FILE to read to");
	if (args->no_compare)
		return tool_usage("--no-compare is for files: --fill writes without checking");
	if (args->state != NULL && args->state[0] == '\0')
		return tool_usage("--state=FILE is empty: which file?");
	if (args->resume && args->state == NULL)
		return tool_usage("--resume needs --state=FILE: what to go on with?");
	if (args->resume)
		return 0;
	if (!args->fill && !args->check)
		return tool_usage(
			"there is no FILE, and no --test, --fill or --check: what to do?");
	if (!(args->given & GIVEN_COUNT))
		return tool_usage("--count=N is required: how many blocks, or \"all\"?");
	if (!args->fill && (~args->given & (GIVEN_SEED | GIVEN_GENERATION)))
		return tool_usage("--check needs the --seed=N and --generation=N that --fill has "
				  "printed");
	return 0;
}

static int check_arguments(const struct arguments *args)
{
	if (args->common.uri == NULL)
		return tool_usage("--ctrl=URI is required: which controller?");
	if (args->passes - 1 > UINT32_MAX - args->generation)
		return tool_usage("--generation=%u with --passes=%u: the last generation is beyond "
				  "%u",
				  args->generation, args->passes, UINT32_MAX);
	return args->file != NULL ? check_file_arguments(args) : check_test_arguments(args);
}

int options_parse(struct arguments *args, int argc, char **argv)
{
	int option, err;

	*args = (struct arguments){
		.ns_id = 1,
		.n_queues = 1,
		.depth = 16,
		.list = 10,
		.generation = 1,
		.passes = 1,
	};
	while ((option = tool_getopt(argc, argv, ":c:n:o:q:s:r:b:a:hV", options)) != -1) {
		if (option == '?')
			return TOOL_USAGE;
		err = parse_option(args, option);
		if (err != 0 || args->common.done)
			return err;
	}
	if (optind < argc)
		args->file = argv[optind++];
	if (optind < argc)
		return tool_usage("'%s' is not expected: one FILE is all", argv[optind]);
	return check_arguments(args);
}
