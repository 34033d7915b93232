/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller and signals: a program's own do not reach the polling threads, what the
 * controller writes does not end the program, and a program that is killed keeps what was written.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "support/emu_host.h"

#define BLOCK 512u

static struct host host;
static struct host_queue queue;
static uint8_t *page;
static uint64_t page_io;
static char path[64];
static volatile sig_atomic_t n_signals;

static int make_path(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/emu-signal-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	if (host.emu)
		host_destroy(&host);
	memset(&host, 0, sizeof(host));
	unlink(path);
	return 0;
}

static void start(const char *options)
{
	char spec[200];

	snprintf(spec, sizeof(spec), "%s?size=2M%s", path, options);
	host_start(&host, spec);
	host_enable(&host);
	page = host_alloc(&host, HOST_PAGE, &page_io);
	host_queue_create(&host, &queue, 1, 16, 16);
}

static unsigned int block(uint8_t opcode, uint32_t slba)
{
	struct nvm_sqe sqe = {.opc = opcode, .nsid = 1, .prp1 = page_io, .cdw10 = slba};

	return host_exec(&queue, &sqe);
}

static void a_killed_program_keeps_what_was_written(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		start("");
		memset(page, 0x5a, BLOCK);
		if (block(NVM_IO_OPC_WRITE, 77))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	start("");
	assert_int_equal(block(NVM_IO_OPC_READ, 77), 0);
	for (unsigned int i = 0; i < BLOCK; i++)
		assert_int_equal(page[i], 0x5a);
}

static void a_file_size_limit_fails_the_write_only(void **state)
{
	struct rlimit limit, old;

	(void)state;
	start("");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 1u << 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(block(NVM_IO_OPC_WRITE, (1u << 20) / BLOCK - 1), 0);
	assert_int_equal(block(NVM_IO_OPC_WRITE, (1u << 20) / BLOCK), NVM_SC_CAPACITY_EXCEEDED);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(block(NVM_IO_OPC_WRITE, (1u << 20) / BLOCK), 0);
}

static void an_interrupt_that_nobody_can_read_is_dropped(void **state)
{
	int fds[2];

	(void)state;
	start("");
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(emu_set_irq(host.emu, 0, fds[1]), 0); /* that of the admin queue */
	assert_int_equal(host_identify(&host, NVM_CNS_CTRL, 0, page_io), 0);
	assert_int_equal(host_identify(&host, NVM_CNS_CTRL, 0, page_io), 0);
	assert_int_equal(emu_set_irq(host.emu, 0, -1), 0);
	close(fds[1]);
}

static void count(int number)
{
	(void)number;
	n_signals++;
}

static void signals_of_the_program_are_not_handled_by_polling_threads(void **state)
{
	struct sigaction action = {.sa_handler = count}, old_action;
	sigset_t set, old;

	(void)state;
	start("&threads=3");
	assert_int_equal(sigaction(SIGUSR1, &action, &old_action), 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	usleep(50000);
	assert_int_equal(n_signals, 0);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
	assert_int_equal(n_signals, 1);
	assert_int_equal(sigaction(SIGUSR1, &old_action, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)

int main(void)
{
	/* The first one forks: before there ever was a second thread. */
	const struct CMUnitTest tests[] = {
		TEST(a_killed_program_keeps_what_was_written),
		TEST(a_file_size_limit_fails_the_write_only),
		TEST(an_interrupt_that_nobody_can_read_is_dropped),
		TEST(signals_of_the_program_are_not_handled_by_polling_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
