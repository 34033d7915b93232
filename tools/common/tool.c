/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tool.c - what every tool does alike: options, errors in one line, exit statuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nvm_error.h"
#include "parse.h"
#include "tool.h"

static const char *tool_name = "nvm";
static const struct option *last_long; /* what tool_getopt() has returned, NULL: a letter */

/*
 * A program started with standard output closed would get its number for the next file it opens:
 * a disk, which then gets what is printed. Taken this way round, using it fails as it should.
 */
static void occupy_standard_files(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", modes[fd]) != fd)
			_exit(TOOL_FAILURE);
}

void tool_begin(const char *name)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	tool_name = name;
	occupy_standard_files();
	/* A closed pipe and a limit of file sizes are errors: signals would leave a controller on. */
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

int tool_end(int status)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (!failed)
		failed = fflush(stdout) != 0;
	/* What cannot be written is not tried again when the program ends. */
	if (failed)
		__fpurge(stdout);
	if (!failed || status != TOOL_OK)
		return status;
	if (tool_interrupted())
		return tool_interrupted_status();
	return tool_fail("cannot write to standard output: %s",
			 errno != 0 ? strerror(errno) : "an earlier write failed");
}

/* Leave out the middle of a line that an argument has made too long: the cause is at its end. */
static void shorten(char *line)
{
	static const size_t head = 200, tail = 300;
	size_t length = strlen(line);

	if (length > head + tail + strlen("...")) {
		memset(line + head, '.', 3);
		memmove(line + head + 3, line + length - tail, tail + 1);
	}
}

/* Arguments may hold anything: what would end the line or steer the terminal becomes '?'. */
static void print_line(const char *fmt, va_list ap, const char *end)
{
	char *line = NULL;

	if (vasprintf(&line, fmt, ap) < 0) {
		fprintf(stderr, "%s: out of memory\n", tool_name);
		return;
	}
	shorten(line);
	for (char *p = line; *p != '\0'; ++p)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "%s: %s%s\n", tool_name, line, end);
	free(line);
}

int tool_usage(const char *fmt, ...)
{
	char end[64];
	va_list ap;

	snprintf(end, sizeof(end), "; try %s --help", tool_name);
	va_start(ap, fmt);
	print_line(fmt, ap, end);
	va_end(ap);
	return TOOL_USAGE;
}

int tool_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(fmt, ap, "");
	va_end(ap);
	return TOOL_FAILURE;
}

int tool_fail_status(int status)
{
	const char *message = nvm_errmsg();

	return tool_fail("%s", message[0] != '\0' ? message : nvm_strerror(status));
}

int tool_help(const char *text)
{
	fputs(text, stdout);
	return TOOL_OK;
}

int tool_version(void)
{
	printf("%s (libnvm) %s\n", tool_name, NVM_VERSION);
	return TOOL_OK;
}

/* The long option that getopt_long() found fault with; it has moved past it. */
static const struct option *long_option(const struct option *longs, const char *arg)
{
	size_t length = strcspn(arg, "=");
	const struct option *found = NULL;

	for (const struct option *o = longs; o->name != NULL; ++o) {
		if (strncmp(o->name, arg, length) != 0)
			continue;
		if (strlen(o->name) == length)
			return o;
		/* An abbreviation: good if all that it could mean is the same. */
		if (found != NULL && (found->val != o->val || found->has_arg != o->has_arg))
			return NULL;
		found = o;
	}
	return found;
}

/* arg: the argument that getopt_long() has moved past, if it is a long option. */
static void explain(const char *arg, int result, const struct option *longs)
{
	bool is_long = strncmp(arg, "--", 2) == 0;

	if (result == ':' && is_long)
		tool_usage("%s needs an argument", arg);
	else if (result == ':')
		tool_usage("-%c needs an argument", optopt);
	else if (is_long && long_option(longs, arg + 2) != NULL)
		tool_usage("--%s takes no argument", long_option(longs, arg + 2)->name);
	else if (is_long)
		tool_usage("%.*s is not an option", (int)strcspn(arg, "="), arg);
	else
		tool_usage("-%c is not an option", optopt);
}

int tool_getopt(int argc, char **argv, const char *shorts, const struct option *longs)
{
	int before = optind;
	int index = -1;
	int result;

	opterr = 0;
	result = getopt_long(argc, argv, shorts, longs, &index);
	last_long = index >= 0 ? &longs[index] : NULL;
	if (result == ':' || result == '?') {
		/* Within several letters after one "-" it does not move. */
		explain(optind > before ? argv[optind - 1] : "", result, longs);
		return '?';
	}
	return result;
}

int tool_common_option(struct tool_common *common, int option, const char *help)
{
	switch (option) {
	case TOOL_OPTION_CTRL:
		if (common->uri != NULL)
			return tool_usage("--ctrl is given twice: which controller?");
		common->uri = optarg;
		return 0;
	case TOOL_OPTION_FORCE:
		common->force = true;
		return 0;
	case TOOL_OPTION_SMARTIO:
		return tool_usage("--%s is for SmartIO devices: it needs a build with SmartIO",
				  last_long->name);
	case TOOL_OPTION_FORMAT:
		return tool_format(optarg, &common->format);
	case TOOL_OPTION_HELP:
		common->done = true;
		return tool_help(help);
	case TOOL_OPTION_VERSION:
		common->done = true;
		return tool_version();
	default:
		return TOOL_USAGE;
	}
}

int tool_no_arguments(int argc, char **argv)
{
	if (optind < argc)
		return tool_usage("'%s' is not expected: every argument belongs to an option",
				  argv[optind]);
	return 0;
}

int tool_ctrl_only(const struct tool_common *common, int argc, char **argv)
{
	int err = tool_no_arguments(argc, argv);

	if (err == 0 && common->uri == NULL)
		err = tool_usage("--ctrl=URI is required: which controller?");
	return err;
}

static int check(const char *option, const char *text, const char *what, int err, uint64_t min,
		 uint64_t max, uint64_t *value, uint64_t number)
{
	if (err == EINVAL)
		return tool_usage("%s=%s: not %s", option, text, what);
	if (err != 0 || number < min || number > max) {
		if (max == UINT64_MAX && min > 0 && err == 0)
			return tool_usage("%s=%s: must be at least %" PRIu64, option, text, min);
		return tool_usage("%s=%s: must be %" PRIu64 " to %" PRIu64, option, text, min, max);
	}
	*value = number;
	return 0;
}

int tool_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t number = 0;
	int err = parse_number(text, &number);

	return check(option, text, "a whole number", err, min, max, value, number);
}

int tool_size(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t number = 0;
	int err = parse_size(text, &number);

	return check(option, text, "a size such as 4096, 64K, 1M, 2G", err, min, max, value,
		     number);
}

int tool_format(const char *text, enum tool_format *format)
{
	if (strcmp(text, "normal") == 0)
		*format = TOOL_NORMAL;
	else if (strcmp(text, "json") == 0)
		*format = TOOL_JSON;
	else
		return tool_usage("--output-format=%s: must be normal or json", text);
	return 0;
}
