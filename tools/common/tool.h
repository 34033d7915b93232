/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tool.h - what every tool does alike: options, errors in one line, exit statuses, signals.
 *
 * Exit statuses: 0 success, 1 failure, 2 wrong usage, 128 + signal after an interruption. Errors
 * are one line on stderr, "nvm-xxx: cause: remedy".
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	TOOL_OK = 0,
	TOOL_FAILURE = 1,
	TOOL_USAGE = 2,
};

enum tool_format {
	TOOL_NORMAL,
	TOOL_JSON,
};

/* What the options that tools have in common say. Starts as zeroes. */
struct tool_common {
	const char *uri; /* --ctrl */
	bool force;
	enum tool_format format;
	bool done; /* --help or --version: nothing else to do */
};

/* These options, for a tool's struct option table; tool_common_option() takes them. */
#define TOOL_OPTION_HELP    'h'
#define TOOL_OPTION_VERSION 'V'
#define TOOL_OPTION_CTRL    'c'
#define TOOL_OPTION_FORMAT  0x1000
#define TOOL_OPTION_FORCE   0x1001
/* Of any name, with an argument: only a build with SmartIO can do what it asks for. */
#define TOOL_OPTION_SMARTIO 0x1002
/* Values for options without a letter start here. */
#define TOOL_OPTION_FIRST 0x1003
/* clang-format off */
/* Every tool's. */
#define TOOL_OPTIONS                                                     \
	{"help", no_argument, NULL, TOOL_OPTION_HELP},                   \
	{"version", no_argument, NULL, TOOL_OPTION_VERSION},             \
	{"output-format", required_argument, NULL, TOOL_OPTION_FORMAT}
/* Besides, of tools that use a controller. */
#define TOOL_CTRL_OPTIONS                                                \
	{"ctrl", required_argument, NULL, TOOL_OPTION_CTRL},             \
	{"force", no_argument, NULL, TOOL_OPTION_FORCE},                 \
	{"adapter", required_argument, NULL, TOOL_OPTION_SMARTIO}
/* clang-format on */

/*
 * Start of main(): set the name for messages ("nvm-identify"). A closed pipe, a closed standard
 * output and a file size limit become errors.
 */
void tool_begin(const char *name);

/*
 * End of main(): return tool_end(status). Standard output that could not be written turns success
 * into failure.
 */
int tool_end(int status);

/**
 * tool_getopt() - getopt_long() that says what is wrong in one line
 * @shorts: letters as for getopt(3), starting with ':'
 *
 * Return: as getopt_long(); '?' after any error, when the line is written: return TOOL_USAGE.
 */
int tool_getopt(int argc, char **argv, const char *shorts, const struct option *longs);

/**
 * tool_common_option() - do what an option says that tools have in common: the default of a switch
 * @common: what such options have said so far
 * @option: what tool_getopt() has returned last
 * @help: the text for --help
 *
 * Return: 0, or TOOL_USAGE after the line, also for an @option that is none of these. After success,
 * see @common->done.
 */
int tool_common_option(struct tool_common *common, int option, const char *help);

/* There must be no argument left after the options: 0, or TOOL_USAGE after the line. */
int tool_no_arguments(int argc, char **argv);

/* The same, and there must be a controller. */
int tool_ctrl_only(const struct tool_common *common, int argc, char **argv);

/* Print text on stdout. Return TOOL_OK. */
int tool_help(const char *text);
int tool_version(void);

/* One line on stderr. Return TOOL_USAGE; it ends in "; try nvm-xxx --help". */
int tool_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line on stderr. Return TOOL_FAILURE. */
int tool_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line on stderr with what nvm_errmsg() says of a failed libnvm call. Return TOOL_FAILURE. */
int tool_fail_status(int status);

/**
 * tool_number() - the value of an option that is a number
 * @option: as typed, "--blocks", for the message
 * @text: the argument
 * @min: least value
 * @max: largest value
 * @value: where it goes
 *
 * Return: 0, or TOOL_USAGE after a line that says what the value may be.
 */
int tool_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* The same for bytes, with suffixes K, M, G and T. */
int tool_size(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* The argument of --output-format: "normal" or "json". */
int tool_format(const char *text, enum tool_format *format);

/* From now on SIGINT, SIGTERM and SIGHUP are noted, and system calls that wait end with EINTR. */
void tool_catch_signals(void);

/* The signal that asked this program to end, or 0. */
int tool_interrupted(void);

/* Exit status for an interruption: 130 for SIGINT, 143 for SIGTERM. */
int tool_interrupted_status(void);

#endif
