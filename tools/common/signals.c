/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signals.c - asked to end: note it, so that the controller is shut down before the program ends.
 */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "tool.h"

static volatile sig_atomic_t caught;

/*
 * A signal that comes just before a system call that waits, or in the middle of a write that then
 * goes on, does not end it: SIGALRM does, a second later, as often as it takes.
 */
static void note(int signal_number)
{
	if (signal_number != SIGALRM)
		caught = signal_number;
	alarm(1);
}

void tool_catch_signals(void)
{
	/* No SA_RESTART: a write to a pipe that nobody reads must end. */
	struct sigaction action = {.sa_handler = note};
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i) {
		struct sigaction old;

		/* nohup(1), and shells for background programs, have signals ignored: keep that. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

int tool_interrupted(void)
{
	return caught;
}

int tool_interrupted_status(void)
{
	return 128 + caught;
}
