/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * option_values.c - values of options that are more than a number or a name.
 */
#include <errno.h>
#include <string.h>

#include "common/duration.h"
#include "cpus.h"
#include "option_values.h"

int option_pattern(struct arguments *args, const char *text)
{
	/* Of these, "sequential" had every queue access the same blocks. */
	args->first_form = true;
	args->parallel = strcmp(text, "linear") != 0;
	args->random = strcmp(text, "random") == 0 || strcmp(text, "chunk") == 0 ||
		       strcmp(text, "page") == 0;
	args->largest = args->random && strcmp(text, "page") != 0;
	if (args->random || !args->parallel || strcmp(text, "sequential") == 0 ||
	    strcmp(text, "seq") == 0)
		return 0;
	return tool_usage("--pattern=%s: must be sequential, linear, random or page", text);
}

int option_wait(struct arguments *args, const char *text)
{
	if (strcmp(text, "poll") == 0)
		args->wait = NVM_WAIT_POLL;
	else if (strcmp(text, "irq") == 0)
		args->wait = NVM_WAIT_IRQ;
	else if (strcmp(text, "adaptive") == 0)
		args->wait = NVM_WAIT_ADAPTIVE;
	else
		return tool_usage("--wait=%s: must be poll, irq or adaptive", text);
	return 0;
}

int option_time(const char *option, const char *text, uint64_t *ns)
{
	if (parse_duration(text, ns) != 0 || *ns == 0)
		return tool_usage("%s=%s: not a time such as 10s, 500ms or 2m", option, text);
	return 0;
}

int option_warmup(struct arguments *args, const char *text)
{
	args->warmup_ns = 0;
	args->warmup_commands = 0;
	if (has_time_unit(text))
		return option_time("--warmup", text, &args->warmup_ns);
	return tool_number("--warmup", text, 1, UINT64_MAX, &args->warmup_commands);
}

int option_steady(struct arguments *args, const char *text)
{
	uint64_t percent = 20;
	int err = text != NULL ? tool_number("--steady", text, 1, 100, &percent) : 0;

	args->steady = (double)percent;
	return err;
}

int option_cpus(struct arguments *args, const char *text)
{
	int err = cpus_parse(text, &args->cpus, &args->n_cpus);

	if (err == ENOMEM)
		return tool_fail("out of memory for the list of CPUs");
	return err == 0 ? 0 : tool_usage("--cpus=%s: not a list of CPUs such as 0,2-4", text);
}

int option_numa(struct arguments *args, const char *text)
{
	uint64_t node = 0;
	int err;

	if (strcmp(text, "auto") == 0) {
		args->numa = NUMA_AUTO;
		return 0;
	}
	err = tool_number("--numa", text, 0, 1023, &node);
	args->numa = (int)node;
	return err;
}

int option_verify(struct arguments *args, const char *text)
{
	if (text != NULL && strcmp(text, "only") != 0)
		return tool_usage("--verify=%s: must be --verify or --verify=only", text);
	args->verify = text != NULL ? VERIFY_ONLY : VERIFY_WRITTEN;
	return 0;
}
