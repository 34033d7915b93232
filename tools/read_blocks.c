/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm-read-blocks - read blocks of a namespace to a file or the terminal, or write a file to them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hexdump.h"
#include "common/human.h"
#include "common/info.h"
#include "common/json.h"
#include "common/progress.h"
#include "common/stream.h"
#include "common/tool.h"
#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_disk.h"

/* Bytes moved at once unless --chunk says otherwise: a huge page, and several commands. */
#define DEFAULT_CHUNK ((size_t)2 << 20)
#define MAX_CHUNK     ((size_t)1 << 30)

/* Besides exit statuses: asked to end before a chunk was moved whole, no failure. */
#define INTERRUPTED (-1)

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
	OPTION_FORCE,
	OPTION_ADAPTER,
	OPTION_SEGMENT,
};

static const struct option options[] = {
	{"ctrl", required_argument, NULL, 'c'},
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
	{"force", no_argument, NULL, OPTION_FORCE},
	{"adapter", required_argument, NULL, OPTION_ADAPTER},
	{"segment-id", required_argument, NULL, OPTION_SEGMENT},
	TOOL_OPTIONS,
	{NULL, 0, NULL, 0},
};

struct arguments {
	const char *uri;
	uint64_t n_blocks; /* 0 = not given */
	uint64_t chunk;    /* 0 = not given */
	uint64_t lba;
	uint32_t ns_id;
	const char *output; /* NULL = print */
	const char *input;  /* NULL = read */
	bool ascii;
	bool pad;
	bool no_flush;
	bool identify;
	bool quiet;
	bool force;
	enum tool_format format;
	bool done; /* --help or --version: nothing else to do */
};

/* A transfer: the disk on one side, a file or a hexdump on the other. */
struct job {
	const struct arguments *args;
	nvm_disk_t *disk;
	size_t block_size;
	uint64_t n_blocks;
	uint64_t n_done;
	size_t chunk; /* blocks */
	unsigned char *buffer;

	const char *file_name; /* for messages */
	int fd;                /* -1 = hexdump */
	struct stat file;      /* of the input */
	struct hexdump dump;

	struct progress progress;
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
	case 'c':
		if (args->uri != NULL)
			return tool_usage("--ctrl is given twice: which controller?");
		args->uri = optarg;
		return 0;
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
	case OPTION_FORCE:
		args->force = true;
		return 0;
	case OPTION_ADAPTER:
	case OPTION_SEGMENT:
		return tool_usage("--%s is for SmartIO devices: it needs a build with SmartIO",
				  option == OPTION_ADAPTER ? "adapter" : "segment-id");
	case TOOL_OPTION_FORMAT:
		return tool_format(optarg, &args->format);
	case TOOL_OPTION_HELP:
		args->done = true;
		return tool_help(help);
	case TOOL_OPTION_VERSION:
		args->done = true;
		return tool_version();
	default:
		return TOOL_USAGE;
	}
}

/* Options that say something together. */
static int check_arguments(const struct arguments *args)
{
	bool to_stdout = args->output != NULL && strcmp(args->output, "-") == 0;
	bool prints = args->input == NULL && args->output == NULL && args->n_blocks != 0;

	if (args->uri == NULL)
		return tool_usage("--ctrl=URI is required: which controller?");
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
	if (args->format == TOOL_JSON && (to_stdout || prints || args->identify))
		return tool_usage("--output-format=json is for the summary alone: send the blocks "
				  "to a file and leave --identify to nvm-identify");
	if (args->input != NULL && strcmp(args->input, "-") == 0 && args->n_blocks == 0)
		return tool_usage("--write=- needs --blocks=N: how many blocks will come?");
	return 0;
}

static int parse_arguments(struct arguments *args, int argc, char **argv)
{
	int option, err;

	*args = (struct arguments){.ns_id = 1, .format = TOOL_NORMAL};
	while ((option = tool_getopt(argc, argv, ":c:b:s:o:n:w:qhV", options)) != -1) {
		err = parse_option(args, option);
		if (err != 0 || args->done)
			return err;
	}
	err = tool_no_arguments(argc, argv);
	return err != 0 ? err : check_arguments(args);
}

/* The file to write: what can be wrong with it is found before the controller is touched. */
static int open_input(struct job *j)
{
	const char *name = j->args->input;

	if (strcmp(name, "-") == 0) {
		j->file_name = "standard input";
		j->fd = STDIN_FILENO;
	} else {
		j->file_name = name;
		j->fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (j->fd < 0 && tool_interrupted())
		return INTERRUPTED;
	if (j->fd < 0 || fstat(j->fd, &j->file) != 0)
		return tool_fail("cannot read %s: %s", j->file_name, strerror(errno));
	if (S_ISDIR(j->file.st_mode))
		return tool_fail("cannot read %s: it is a directory", j->file_name);
	if (!S_ISREG(j->file.st_mode) && j->args->n_blocks == 0)
		return tool_fail("%s has no size of its own: say how many blocks with --blocks=N",
				 j->file_name);
	return 0;
}

/* Bytes from where the input stands, which for standard input need not be the start of the file. */
static uint64_t input_size(const struct job *j)
{
	off_t position = lseek(j->fd, 0, SEEK_CUR);

	return position < j->file.st_size ? (uint64_t)(j->file.st_size - position) : 0;
}

/* How many blocks to write: what --blocks says, or what the file holds; all of it must be there. */
static int size_input(struct job *j)
{
	uint64_t wanted = j->args->n_blocks;
	uint64_t size, whole;
	bool rest;

	j->n_blocks = wanted;
	if (!S_ISREG(j->file.st_mode))
		return 0;
	size = input_size(j);
	if (size == 0)
		return tool_fail("%s is empty: there is nothing to write", j->file_name);
	whole = size / j->block_size;
	rest = size % j->block_size != 0;
	if (wanted == 0)
		j->n_blocks = wanted = whole + rest;
	if (wanted <= whole || (wanted == whole + rest && j->args->pad))
		return 0;
	if (wanted == whole + rest)
		return tool_fail("%s has %" PRIu64 " bytes, which is not a multiple of the block "
				 "size of %zu bytes: --pad fills the last block with zeroes",
				 j->file_name, size, j->block_size);
	return tool_fail("%s is too short: %" PRIu64 " bytes, less than %" PRIu64
			 " blocks of %zu bytes",
			 j->file_name, size, wanted, j->block_size);
}

static int check_range(const struct job *j)
{
	uint64_t size = nvm_disk_n_blocks(j->disk);
	uint64_t lba = j->args->lba;

	if (lba < size && j->n_blocks <= size - lba)
		return 0;
	return tool_fail("%" PRIu64 " blocks from block %" PRIu64 " on reach beyond the end of "
			 "namespace %" PRIu32 ", which has %" PRIu64 " blocks",
			 j->n_blocks, lba, j->args->ns_id, size);
}

static int open_disk(struct job *j)
{
	struct nvm_ctrl_options ctrl_options = NVM_CTRL_OPTIONS_INIT;
	struct nvm_disk_options disk_options = NVM_DISK_OPTIONS_INIT;
	int err;

	if (j->args->force)
		ctrl_options.flags |= NVM_CTRL_ALLOW_IN_USE;
	disk_options.ctrl = &ctrl_options;
	disk_options.ns_id = j->args->ns_id;
	err = nvm_disk_open(&j->disk, j->args->uri, &disk_options);
	if (err != 0)
		return tool_fail_status(err);
	j->block_size = nvm_disk_block_size(j->disk);
	return 0;
}

static int allocate(struct job *j)
{
	uint64_t chunk = j->args->chunk;

	if (chunk > MAX_CHUNK / j->block_size)
		return tool_usage("--chunk=%" PRIu64 ": at most %zu blocks of %zu bytes", chunk,
				  MAX_CHUNK / j->block_size, j->block_size);
	if (chunk == 0)
		chunk = DEFAULT_CHUNK > j->block_size ? DEFAULT_CHUNK / j->block_size : 1;
	if (chunk > j->n_blocks)
		chunk = j->n_blocks;
	j->chunk = (size_t)chunk;
	j->buffer = nvm_disk_alloc(j->disk, j->chunk * j->block_size);
	return j->buffer != NULL ? 0 : tool_fail_status(ENOMEM);
}

/*
 * The file must not be one that a software controller, above all ours, keeps its blocks in: reading
 * would empty it, and writing it to itself would read what was just written. Controllers lock theirs.
 */
static int check_not_a_disk(const struct job *j, int operation)
{
	struct stat file;

	if (fstat(j->fd, &file) != 0 || !S_ISREG(file.st_mode) ||
	    flock(j->fd, operation | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return tool_fail("%s is in use as a disk, or locked by another program: give another file",
			 j->file_name);
}

/* Is this where standard output goes, under another name? */
static bool is_stdout(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Only now that everything else is known to be right: an existing file is emptied. */
static int open_output(struct job *j)
{
	const char *name = j->args->output;
	int status;

	j->file_name = "standard output";
	if (name == NULL) {
		hexdump_begin(&j->dump, stdout, j->args->lba * j->block_size, j->args->ascii);
	} else if (strcmp(name, "-") == 0) {
		j->fd = STDOUT_FILENO;
	} else {
		j->file_name = name;
		j->fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (j->fd < 0 && tool_interrupted())
			return INTERRUPTED;
		if (j->fd < 0)
			return tool_fail("cannot write %s: %s", name, strerror(errno));
		status = check_not_a_disk(j, LOCK_EX);
		if (status != 0)
			return status;
		/* What is no file has no size to set. */
		if (ftruncate(j->fd, 0) != 0 && errno != EINVAL)
			return tool_fail("cannot write %s: %s", name, strerror(errno));
	}
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

/* Bytes of a chunk to where they go. */
static int put_chunk(struct job *j, size_t size)
{
	int err = 0;

	if (j->fd >= 0) {
		err = stream_write(j->fd, j->buffer, size);
	} else {
		hexdump_add(&j->dump, j->buffer, size);
		if (ferror(stdout) != 0)
			err = errno;
	}
	if (err == 0)
		return 0;
	if (tool_interrupted())
		return INTERRUPTED;
	return tool_fail("cannot write %s: %s", j->file_name, strerror(err));
}

static int too_short(const struct job *j, size_t got)
{
	uint64_t bytes = j->n_done * j->block_size + got;

	return tool_fail("%s ended after %" PRIu64 " of %" PRIu64 " bytes: %" PRIu64 " of %" PRIu64
			 " blocks are written",
			 j->file_name, bytes, j->n_blocks * j->block_size, j->n_done, j->n_blocks);
}

/* Bytes of a chunk from where they come. */
static int get_chunk(struct job *j, size_t size, bool last)
{
	size_t done;
	int err = stream_read(j->fd, j->buffer, size, &done);

	if (err != 0 && !tool_interrupted())
		return tool_fail("cannot read %s: %s", j->file_name, strerror(err));
	if (err != 0)
		return INTERRUPTED;
	/* Only the very last block may be padded, and only if there is some of it. */
	if (done < size && !(last && j->args->pad && size - done < j->block_size))
		return too_short(j, done);
	memset(j->buffer + done, 0, size - done);
	return 0;
}

static int move_chunk(struct job *j)
{
	uint64_t left = j->n_blocks - j->n_done;
	size_t n = left < j->chunk ? (size_t)left : j->chunk;
	uint64_t lba = j->args->lba + j->n_done;
	int status;

	if (j->args->input != NULL) {
		status = get_chunk(j, n * j->block_size, n == left);
		if (status != 0)
			return status;
		status = nvm_disk_write(j->disk, j->buffer, lba, n);
		if (status != 0)
			return tool_fail_status(status);
	} else {
		status = nvm_disk_read(j->disk, j->buffer, lba, n);
		if (status != 0)
			return tool_fail_status(status);
		status = put_chunk(j, n * j->block_size);
		if (status != 0)
			return status;
	}
	j->n_done += n;
	progress_update(&j->progress, j->n_done * j->block_size);
	return 0;
}

static int move_all(struct job *j)
{
	bool writes = j->args->input != NULL;
	/* Blocks printed on a terminal are progress enough. */
	bool bar = !j->args->quiet && (writes || j->fd > STDOUT_FILENO || !isatty(STDOUT_FILENO));
	int status = 0;

	progress_begin(&j->progress, writes ? "writing" : "reading", j->n_blocks * j->block_size,
		       bar);
	while (status == 0 && j->n_done < j->n_blocks && !tool_interrupted())
		status = move_chunk(j);
	progress_end(&j->progress);
	if (status == INTERRUPTED)
		return 0;
	if (status != 0 || j->n_done < j->n_blocks)
		return status;

	if (writes && !j->args->no_flush) {
		status = nvm_disk_flush(j->disk);
		if (status != 0)
			return tool_fail_status(status);
	}
	if (!writes && j->fd < 0)
		hexdump_end(&j->dump);
	return 0;
}

static int summary_json(const struct job *j, double seconds)
{
	uint64_t bytes = j->n_blocks * j->block_size;
	struct json_object *o = json_make_object();
	bool writes = j->args->input != NULL;

	json_add_text(o, "operation", writes ? "write" : "read");
	json_add_text(o, "ctrl", j->args->uri);
	json_add_uint(o, "namespace", j->args->ns_id);
	json_add_uint(o, "offset", j->args->lba);
	json_add_uint(o, "blocks", j->n_blocks);
	json_add_uint(o, "block_size", j->block_size);
	json_add_uint(o, "bytes", bytes);
	json_add_text(o, "file", j->file_name);
	if (writes)
		json_add_bool(o, "flushed", !j->args->no_flush);
	json_add_double(o, "seconds", seconds);
	json_add_double(o, "bytes_per_second", seconds > 0 ? (double)bytes / seconds : 0);
	return tool_json_print(o);
}

static int summary(const struct job *j)
{
	double seconds = progress_seconds(&j->progress);
	uint64_t bytes = j->n_blocks * j->block_size;
	uint64_t rate = seconds > 0 ? (uint64_t)((double)bytes / seconds) : 0;

	if (j->args->format == TOOL_JSON)
		return summary_json(j, seconds);
	/* Where the blocks themselves go to standard output, nothing else does. */
	if (j->args->quiet ||
	    (j->args->input == NULL && (j->fd <= STDOUT_FILENO || is_stdout(j->fd))))
		return 0;
	printf("%s %" PRIu64 " blocks of %zu bytes (%s) from block %" PRIu64
	       " on in %.3f s (%s/s)\n",
	       j->args->input != NULL ? "Wrote" : "Read", j->n_blocks, j->block_size,
	       human_bytes(bytes).text, j->args->lba, seconds, human_bytes(rate).text);
	return 0;
}

/* An error may show only when a file is closed (NFS, quotas). */
static int close_file(struct job *j, int status)
{
	int err = 0;

	if (j->fd > STDERR_FILENO && close(j->fd) != 0 && j->args->output != NULL)
		err = errno;
	j->fd = -1;
	if (err != 0 && status == 0)
		return tool_fail("cannot write %s: %s", j->file_name, strerror(err));
	return status;
}

static int transfer(struct job *j)
{
	int status = 0;

	if (j->args->input != NULL && j->fd != STDIN_FILENO)
		status = check_not_a_disk(j, LOCK_SH);
	if (j->args->input != NULL && status == 0)
		status = size_input(j);
	else
		j->n_blocks = j->args->n_blocks;
	if (status == 0)
		status = check_range(j);
	if (status == 0)
		status = allocate(j);
	if (status == 0 && j->args->input == NULL)
		status = open_output(j);
	if (status == 0)
		status = move_all(j);
	if (status == 0 && j->n_done == j->n_blocks)
		status = summary(j);
	return status;
}

static int run(const struct arguments *args)
{
	struct job j = {.args = args, .fd = -1};
	int status = 0;

	if (args->input != NULL)
		status = open_input(&j);
	if (status == 0)
		status = open_disk(&j);
	if (status == 0 && args->identify)
		status = identify(&j);
	if (status == 0 && (args->input != NULL || args->n_blocks != 0))
		status = transfer(&j);
	status = close_file(&j, status);
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
	status = parse_arguments(&args, argc, argv);
	if (status != 0 || args.done)
		return tool_end(status);
	tool_catch_signals();
	return tool_end(run(&args));
}
