/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.c - the command line of nvm-latency-bench.
 */
#include <stdlib.h>
#include <string.h>

#include "nvm_cmd.h"
#include "option_values.h"
#include "options.h"

static const char help[] =
	"Usage: nvm-latency-bench --ctrl=URI --blocks=N [--queue=no=1,depth=32,prps=1]... [OPTION...]\n"
	"       nvm-latency-bench --compare A.json B.json\n"
	"Measure latency, bandwidth and IOPS of an NVMe disk. Nothing is written without --write.\n"
	"\n"
	"Where\n"
	"  -c, --ctrl=URI, --disk=, --dev=  controller: a PCI address, emu:FILE?size=1G\n"
	"  -n, --ns=ID, --namespace=ID  namespace (1)\n"
	"      --count=N, --size=N     units of data, from --offset=N on (0); with --runtime, the rest\n"
	"      --blocks[=N], --pages[=N], --prps[=N], --bytes[=N]  unit, and count (--blocks)\n"
	"      --random                commands in random order instead of sequential\n"
	"      --parallel              every queue accesses all of it; otherwise, each its part\n"
	"      --shared                the same, with one buffer for all queues\n"
	"      --seed=N                of random orders and of --verify (1)\n"
	"How\n"
	"      --queue=KEY=VALUE,...   a queue, may be repeated: no=N, depth=N (commands in flight),\n"
	"                              prps=N (pages per command), location=host\n"
	"      --queues=N, --depth=N   instead: N queues alike (1), of this depth (32)\n"
	"      --bs=SIZE               bytes per command (random: a page; otherwise: the largest)\n"
	"      --iterations=N, --outer=, --loops=  times to go through the data (1000)\n"
	"      --repeat=N, --inner=N   times that each command occurs in one iteration (1)\n"
	"      --bandwidth, --bw       keep the queue full, instead of timing one filling of it\n"
	"      --runtime=TIME          for so long (10s, 500ms), keeping the queue full\n"
	"      --warmup=TIME|COUNT     first, without measuring: a time with unit, or commands\n"
	"      --rate=IOPS             start so many commands per second, and count latency from when\n"
	"                              each should have started\n"
	"      --steady[=PERCENT]      stop when IOPS are steady (20)\n"
	"      --wait=poll|irq|adaptive  how to wait for completions (poll)\n"
	"      --cpus=LIST             a CPU for the thread of each queue: 0,2-4\n"
	"      --numa=NODE|auto        where the memory of queues comes from; auto: near their CPU\n"
	"Writing and checking\n"
	"      --write                 write, then read; THE DATA ON THE DISK IS LOST\n"
	"      --rwmix=PERCENT         reads and writes at once, so many of them reads; needs --write\n"
	"      --verify[=only]         check every block read: with --write, against what was\n"
	"                              written; with --infile, against the file; only: against what\n"
	"                              an earlier run has written\n"
	"      --infile=FILE, --input= what to write, or to compare with\n"
	"      --outfile=FILE, --output=  put what is on the disk into a file\n"
	"      --force                 although the disk seems to be in use: data loss is likely\n"
	"Output\n"
	"      --stats[=FILE]          one record per measurement\n"
	"      --info                  queues, buffers, transfers, and the clock\n"
	"      --histogram             of the latency of commands\n"
	"      --plot=FILE             latency by percentile: FILE.svg or FILE.png with gnuplot, - is\n"
	"                              the terminal\n"
	"      --pattern=sequential|linear|random|page  the form of early 2018, and its output\n"
	"      --output-format=FORMAT  normal or json\n"
	"      --compare=A B           ratios of two JSON results\n"
	"      --rpc, --client, --gpu=N, --segment=N, --adapter=N  not in this build\n"
	"  -h, --help                  this text\n"
	"  -V, --version               version\n"
	"\n"
	"Exit status: 0 success, 1 failure (a command that failed is one), 2 wrong usage, 128 + signal\n"
	"after an interruption. See nvm-latency-bench(1) and libnvm(7).\n";

enum {
	OPTION_QUEUE = TOOL_OPTION_FIRST,
	OPTION_QUEUES,
	OPTION_DEPTH,
	OPTION_COUNT,
	OPTION_OFFSET,
	OPTION_BLOCKS,
	OPTION_PAGES,
	OPTION_BYTES,
	OPTION_BS,
	OPTION_RANDOM,
	OPTION_PARALLEL,
	OPTION_SHARED,
	OPTION_SEED,
	OPTION_BANDWIDTH,
	OPTION_PATTERN,
	OPTION_ITERATIONS,
	OPTION_REPEAT,
	OPTION_RUNTIME,
	OPTION_WARMUP,
	OPTION_RATE,
	OPTION_STEADY,
	OPTION_WRITE,
	OPTION_RWMIX,
	OPTION_VERIFY,
	OPTION_INPUT,
	OPTION_OUTPUT,
	OPTION_CPUS,
	OPTION_NUMA,
	OPTION_WAIT,
	OPTION_INFO,
	OPTION_STATS,
	OPTION_HISTOGRAM,
	OPTION_PLOT,
	OPTION_COMPARE,
	OPTION_RPC,
	OPTION_GPU,
};

/* Every name that the programs of 2018 took is taken. */
static const struct option options[] = {
	{"disk", required_argument, NULL, TOOL_OPTION_CTRL},
	{"dev", required_argument, NULL, TOOL_OPTION_CTRL},
	{"namespace", required_argument, NULL, 'n'},
	{"ns", required_argument, NULL, 'n'},
	{"queue", required_argument, NULL, OPTION_QUEUE},
	{"queues", required_argument, NULL, OPTION_QUEUES},
	{"depth", required_argument, NULL, OPTION_DEPTH},
	{"count", required_argument, NULL, OPTION_COUNT},
	{"size", required_argument, NULL, OPTION_COUNT},
	{"offset", required_argument, NULL, OPTION_OFFSET},
	{"offs", required_argument, NULL, OPTION_OFFSET},
	{"off", required_argument, NULL, OPTION_OFFSET},
	{"blocks", optional_argument, NULL, OPTION_BLOCKS},
	{"blks", optional_argument, NULL, OPTION_BLOCKS},
	{"pages", optional_argument, NULL, OPTION_PAGES},
	{"prps", optional_argument, NULL, OPTION_PAGES},
	{"bytes", optional_argument, NULL, OPTION_BYTES},
	{"bs", required_argument, NULL, OPTION_BS},
	{"random", no_argument, NULL, OPTION_RANDOM},
	{"parallel", no_argument, NULL, OPTION_PARALLEL},
	{"shared", no_argument, NULL, OPTION_SHARED},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"bandwidth", no_argument, NULL, OPTION_BANDWIDTH},
	{"bw", no_argument, NULL, OPTION_BANDWIDTH},
	{"pattern", required_argument, NULL, OPTION_PATTERN},
	{"iterations", required_argument, NULL, OPTION_ITERATIONS},
	{"outer", required_argument, NULL, OPTION_ITERATIONS},
	{"loops", required_argument, NULL, OPTION_ITERATIONS},
	{"repeat", required_argument, NULL, OPTION_REPEAT},
	{"inner", required_argument, NULL, OPTION_REPEAT},
	{"runtime", required_argument, NULL, OPTION_RUNTIME},
	{"warmup", required_argument, NULL, OPTION_WARMUP},
	{"rate", required_argument, NULL, OPTION_RATE},
	{"steady", optional_argument, NULL, OPTION_STEADY},
	{"write", no_argument, NULL, OPTION_WRITE},
	{"rwmix", required_argument, NULL, OPTION_RWMIX},
	{"verify", optional_argument, NULL, OPTION_VERIFY},
	{"infile", required_argument, NULL, OPTION_INPUT},
	{"input", required_argument, NULL, OPTION_INPUT},
	{"if", required_argument, NULL, OPTION_INPUT},
	{"outfile", required_argument, NULL, OPTION_OUTPUT},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"of", required_argument, NULL, OPTION_OUTPUT},
	{"cpus", required_argument, NULL, OPTION_CPUS},
	{"numa", required_argument, NULL, OPTION_NUMA},
	{"wait", required_argument, NULL, OPTION_WAIT},
	{"info", no_argument, NULL, OPTION_INFO},
	{"stats", optional_argument, NULL, OPTION_STATS},
	{"statistics", optional_argument, NULL, OPTION_STATS},
	{"histogram", no_argument, NULL, OPTION_HISTOGRAM},
	{"plot", required_argument, NULL, OPTION_PLOT},
	{"compare", required_argument, NULL, OPTION_COMPARE},
	{"rpc", no_argument, NULL, OPTION_RPC},
	{"client", no_argument, NULL, OPTION_RPC},
	{"rpc-client", no_argument, NULL, OPTION_RPC},
	{"gpu", required_argument, NULL, OPTION_GPU},
	{"segment", required_argument, NULL, TOOL_OPTION_SMARTIO},
	{"segment-id", required_argument, NULL, TOOL_OPTION_SMARTIO},
	{"segment-offset", required_argument, NULL, TOOL_OPTION_SMARTIO},
	TOOL_CTRL_OPTIONS,
	TOOL_OPTIONS,
	{NULL, 0, NULL, 0},
};

/* Units of --count and --offset: plain numbers, for bytes with suffixes. They wait for the unit. */
struct texts {
	const char *count;
	const char *offset;
	uint64_t n_queues; /* --queues; 0 = not given */
	uint64_t depth;    /* --depth; 0 = not given */
};

static int parse_number_option(struct arguments *args, struct texts *texts, int option)
{
	uint64_t number = 0;
	int err;

	switch (option) {
	case 'n':
		err = tool_number("--namespace", optarg, 1, NVM_CMD_NS_ALL - 1, &number);
		args->ns_id = (uint32_t)number;
		return err;
	case OPTION_QUEUES:
		return tool_number("--queues", optarg, 1, UINT16_MAX, &texts->n_queues);
	case OPTION_DEPTH:
		return tool_number("--depth", optarg, 1, UINT16_MAX, &texts->depth);
	case OPTION_BS:
		return tool_size("--bs", optarg, 512, UINT32_MAX, &args->command_size);
	case OPTION_SEED:
		return tool_number("--seed", optarg, 0, UINT64_MAX, &args->seed);
	case OPTION_ITERATIONS:
		args->iterations_given = true;
		return tool_number("--iterations", optarg, 1, UINT64_MAX, &args->iterations);
	case OPTION_REPEAT:
		return tool_number("--repeat", optarg, 1, UINT32_MAX, &args->repeat);
	case OPTION_RATE:
		return tool_number("--rate", optarg, 1, 1000000000, &args->rate);
	default:
		err = tool_number("--rwmix", optarg, 0, 100, &number);
		args->rwmix = (int)number;
		return err;
	}
}

static void parse_unit(struct arguments *args, struct texts *texts, enum unit unit)
{
	args->unit = unit;
	if (optarg != NULL)
		texts->count = optarg;
}

static int parse_switch(struct arguments *args, struct texts *texts, int option)
{
	switch (option) {
	case OPTION_BLOCKS:
		parse_unit(args, texts, UNIT_BLOCKS);
		return 0;
	case OPTION_PAGES:
		parse_unit(args, texts, UNIT_PAGES);
		return 0;
	case OPTION_BYTES:
		parse_unit(args, texts, UNIT_BYTES);
		return 0;
	case OPTION_COUNT:
		texts->count = optarg;
		return 0;
	case OPTION_OFFSET:
		texts->offset = optarg;
		return 0;
	case OPTION_RANDOM:
		args->random = true;
		return 0;
	case OPTION_PARALLEL:
		args->parallel = true;
		return 0;
	case OPTION_SHARED:
		args->parallel = true;
		args->shared = true;
		return 0;
	case OPTION_BANDWIDTH:
		args->bandwidth = true;
		return 0;
	case OPTION_WRITE:
		args->write = true;
		return 0;
	case OPTION_INFO:
		args->info = true;
		return 0;
	case OPTION_STATS:
		args->stats = true;
		args->stats_file = optarg != NULL && strcmp(optarg, "-") == 0 ? NULL : optarg;
		return 0;
	case OPTION_HISTOGRAM:
		args->histogram = true;
		return 0;
	default:
		return tool_common_option(&args->common, option, help);
	}
}

static int parse_option(struct arguments *args, struct texts *texts, int option)
{
	switch (option) {
	case 'n':
	case OPTION_QUEUES:
	case OPTION_DEPTH:
	case OPTION_BS:
	case OPTION_SEED:
	case OPTION_ITERATIONS:
	case OPTION_REPEAT:
	case OPTION_RATE:
	case OPTION_RWMIX:
		return parse_number_option(args, texts, option);
	case OPTION_QUEUE:
		return queue_spec_parse(args, optarg);
	case OPTION_PATTERN:
		return option_pattern(args, optarg);
	case OPTION_RUNTIME:
		return option_time("--runtime", optarg, &args->runtime_ns);
	case OPTION_WARMUP:
		return option_warmup(args, optarg);
	case OPTION_STEADY:
		return option_steady(args, optarg);
	case OPTION_VERIFY:
		return option_verify(args, optarg);
	case OPTION_CPUS:
		return option_cpus(args, optarg);
	case OPTION_NUMA:
		return option_numa(args, optarg);
	case OPTION_WAIT:
		return option_wait(args, optarg);
	case OPTION_INPUT:
		args->input = optarg;
		return 0;
	case OPTION_OUTPUT:
		args->output = optarg;
		return 0;
	case OPTION_PLOT:
		args->plot = optarg;
		return 0;
	case OPTION_COMPARE:
		args->compare[0] = optarg;
		return 0;
	case OPTION_RPC:
		return tool_usage("--rpc asks another process for queues, which this build cannot: "
				  "leave it out to drive the controller itself");
	case OPTION_GPU:
		return tool_usage("--gpu=%s: this build has no GPU part: leave it out to use host "
				  "memory",
				  optarg);
	default:
		return parse_switch(args, texts, option);
	}
}

/* The queues that --queues and --depth stand for. */
static int make_queues(struct arguments *args, const struct texts *texts)
{
	uint64_t n = texts->n_queues != 0 ? texts->n_queues : 1;
	struct queue_spec spec = {.depth = texts->depth != 0 ? (uint32_t)texts->depth : 32};
	int err = 0;

	if (args->n_queues != 0) {
		args->queues_given = true;
		if (texts->n_queues != 0 || texts->depth != 0)
			return tool_usage("--queue says itself what --queues and --depth would: "
					  "give either");
		return 0;
	}
	args->queues_given = texts->n_queues != 0 || texts->depth != 0;
	for (uint64_t no = 1; err == 0 && no <= n; ++no) {
		spec.no = (uint16_t)no;
		err = queue_spec_add(args, &spec);
	}
	return err;
}

static int parse_units(struct arguments *args, const struct texts *texts)
{
	int (*parse)(const char *, const char *, uint64_t, uint64_t, uint64_t *) =
		args->unit == UNIT_BYTES ? tool_size : tool_number;
	int err = 0;

	if (texts->count != NULL)
		err = parse("--count", texts->count, 1, UINT64_MAX, &args->count);
	if (err == 0 && texts->offset != NULL)
		err = parse("--offset", texts->offset, 0, UINT64_MAX, &args->offset);
	return err;
}

int options_parse(struct arguments *args, int argc, char **argv)
{
	struct texts texts = {0};
	int option, err;

	*args = (struct arguments){
		.ns_id = 1,
		.seed = 1,
		.iterations = 1000,
		.repeat = 1,
		.rwmix = -1,
		.numa = NUMA_NONE,
		.wait = NVM_WAIT_POLL,
	};
	while ((option = tool_getopt(argc, argv, ":c:n:hV", options)) != -1) {
		err = parse_option(args, &texts, option);
		if (err != 0 || args->common.done)
			return err;
	}
	if (args->compare[0] != NULL) {
		if (optind + 1 != argc)
			return tool_usage("--compare takes two files: --compare A.json B.json");
		args->compare[1] = argv[optind];
		return 0;
	}
	err = tool_ctrl_only(&args->common, argc, argv);
	if (err == 0)
		err = make_queues(args, &texts);
	if (err == 0)
		err = parse_units(args, &texts);
	return err != 0 ? err : options_check(args);
}

void options_free(struct arguments *args)
{
	free(args->queues);
	free(args->cpus);
}
