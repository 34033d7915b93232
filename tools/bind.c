// SPDX-License-Identifier: BSD-2-Clause
/*
 * nvm-bind - give a controller to another driver, and back.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/tool.h"
#include "nvm_error.h"
#include "nvm_pci.h"

static const char help[] =
	"Usage: nvm-bind ADDRESS... --driver=NAME [--force]\n"
	"       nvm-bind ADDRESS... --restore\n"
	"\n"
	"Binds NVMe controllers to a driver: vfio-pci for use with libnvm where there is an IOMMU, none\n"
	"where there is not, nvme for the kernel. The driver they had before is remembered until the\n"
	"machine is restarted.\n"
	"\n"
	"  -d, --driver=NAME   driver to bind to; \"none\" leaves the controller without one\n"
	"  -r, --restore       bind to the driver that the controller had at first\n"
	"  -f, --force         although the disk is in use: its data may be lost\n"
	"  -h, --help          print this\n"
	"  -V, --version       print the version\n"
	"\n"
	"nvm-list shows the addresses.\n";

/* What to do with every address. */
struct request {
	const char *driver; /* NULL: restore */
	unsigned int flags;
};

/*
 * Have a driver's module loaded, if modprobe is installed. Whether that worked is for nvm_pci_bind()
 * to see; what modprobe has to say is not for the user who asked for something else.
 */
static void load_module(const char *driver)
{
	char path[128];
	char program[] = "modprobe", quiet[] = "-q", end[] = "--", module[64];
	char *argv[] = {program, quiet, end, module, NULL};
	posix_spawn_file_actions_t files;
	pid_t pid;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%.64s", driver);
	if (strcmp(driver, "none") == 0 || driver[0] == '\0' || strpbrk(driver, "/ ") != NULL ||
	    strlen(driver) >= sizeof(module) || access(path, F_OK) == 0)
		return;
	snprintf(module, sizeof(module), "%.63s", driver);
	if (posix_spawn_file_actions_init(&files) != 0)
		return;
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* The path of root's programs is often missing from what sudo and su leave. */
	if (posix_spawnp(&pid, program, &files, NULL, argv, environ) == 0 ||
	    posix_spawn(&pid, "/sbin/modprobe", &files, NULL, argv, environ) == 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&files);
}

static const char *name_of(const struct nvm_pci_device *d)
{
	return d->driver[0] == '\0' ? "none" : d->driver;
}

static int change(const char *address, const struct request *request)
{
	struct nvm_pci_device before, after;
	int status = nvm_pci_info(&before, address);

	if (nvm_ok(status)) {
		if (request->driver == NULL) {
			status = nvm_pci_restore(address);
		} else {
			load_module(request->driver);
			status = nvm_pci_bind(address, request->driver, request->flags);
		}
	}
	if (nvm_ok(status))
		status = nvm_pci_info(&after, address);
	if (!nvm_ok(status))
		return tool_fail_status(status);
	printf("%s: %s -> %s\n", after.bdf, name_of(&before), name_of(&after));
	return TOOL_OK;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = {{"driver", required_argument, NULL, 'd'},
					      {"restore", no_argument, NULL, 'r'},
					      {"force", no_argument, NULL, 'f'},
					      {"help", no_argument, NULL, TOOL_OPTION_HELP},
					      {"version", no_argument, NULL, TOOL_OPTION_VERSION},
					      {NULL, 0, NULL, 0}};
	struct tool_common common = {.done = false};
	struct request request = {NULL, 0};
	bool restore = false;
	int option, result;

	while ((option = tool_getopt(argc, argv, ":d:rfhV", longs)) != -1) {
		switch (option) {
		case 'd':
			request.driver = optarg;
			break;
		case 'r':
			restore = true;
			break;
		case 'f':
			request.flags |= NVM_PCI_FORCE;
			break;
		default:
			result = tool_common_option(&common, option, help);
			if (result != 0 || common.done)
				return result;
		}
	}
	if (optind == argc)
		return tool_usage("no controller is given");
	if (restore == (request.driver != NULL))
		return tool_usage(restore ? "--driver and --restore exclude each other"
					  : "neither --driver nor --restore is given");
	if (restore && request.flags != 0)
		return tool_usage("--force is for --driver only");
	if (!restore && request.driver[0] == '\0')
		return tool_usage("--driver is empty: \"none\" leaves the controller without one");
	for (int i = optind; i < argc; i++) {
		result = change(argv[i], &request);
		if (result != TOOL_OK)
			return result;
	}
	return TOOL_OK;
}

int main(int argc, char **argv)
{
	tool_begin("nvm-bind");
	return tool_end(run(argc, argv));
}
