// SPDX-License-Identifier: BSD-2-Clause
/*
 * function.c - a PCI function without a driver, through its files in sysfs.
 */
#include "backend/sysfs/function.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "controller/error.h"

/* Command register (PCI Express Base Specification, "Command Register"). */
#define PCI_COMMAND              0x04
#define PCI_COMMAND_MEMORY       0x0002
#define PCI_COMMAND_MASTER       0x0004
#define PCI_COMMAND_INTX_DISABLE 0x0400

static int read_command(const struct nvmi_function *f, uint16_t *command)
{
	uint16_t le;

	*command = UINT16_MAX;
	if (pread(f->config, &le, sizeof(le), PCI_COMMAND) != sizeof(le))
		return nvmi_fail(EIO,
				 "the configuration space of %s cannot be read: the device is "
				 "gone, or powered off",
				 f->bdf);
	*command = le16toh(le);
	return 0;
}

/* Set and clear bits of the command register and see that they took. */
static int change_command(const struct nvmi_function *f, uint16_t set, uint16_t clear)
{
	uint16_t command, le, now;
	int err;

	err = read_command(f, &command);
	if (err != 0)
		return err;
	if (command == UINT16_MAX)
		return nvmi_fail(ENODEV,
				 "the configuration space of %s reads all ones: the device is "
				 "gone, or powered off",
				 f->bdf);
	command = (uint16_t)((command | set) & ~clear);
	le = htole16(command);
	if (pwrite(f->config, &le, sizeof(le), PCI_COMMAND) != sizeof(le))
		return nvmi_fail(EIO,
				 "the configuration space of %s cannot be written: run as root",
				 f->bdf);
	err = read_command(f, &now);
	if (err == 0 && ((now & set) != set || (now & clear) != 0))
		err = nvmi_fail(EIO,
				"the command register of %s is 0x%04x where 0x%04x was written",
				f->bdf, now, command);
	return err;
}

int nvmi_function_master(struct nvmi_function *f, bool on)
{
	return on ? change_command(f, PCI_COMMAND_MASTER, 0)
		  : change_command(f, 0, PCI_COMMAND_MASTER);
}

static int write_attr(const struct nvmi_function *f, const char *name, const char *value)
{
	char path[PATH_MAX];
	int err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", f->bdf, name);

	return err != 0 ? err : nvmi_pci_write(path, value);
}

/* The first (and only) device of uio_pci_generic for the function. */
static int uio_entry(const char *name, void *arg)
{
	struct nvmi_function *f = arg;
	char path[PATH_MAX];

	if (strncmp(name, "uio", 3) != 0 || nvmi_pci_path(path, sizeof(path), "/dev/%s", name) != 0)
		return 0;
	f->uio = open(path, O_RDWR | O_CLOEXEC);
	if (f->uio < 0)
		nvmi_log(NVMI_LOG_WARN,
			 "cannot open %s (%s): bus mastering of %s will stay on if this "
			 "process is killed",
			 path, strerror(errno), f->bdf);
	return 1;
}

/*
 * Without a driver the function may be asleep, or was never switched on: "enable" wakes it. With one
 * that has been done, and "enable" refuses.
 */
static int wake(struct nvmi_function *f)
{
	char driver[NVMI_NAME_SIZE], path[PATH_MAX];
	int err;

	nvmi_pci_driver(f->bdf, driver);
	if (driver[0] != '\0') {
		if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/uio", f->bdf) == 0)
			nvmi_pci_each_entry(path, uio_entry, f);
		return 0;
	}
	err = write_attr(f, "enable", "1");
	if (err != 0)
		return nvmi_fail(err, "%s cannot be enabled: %s%s", f->bdf, strerror(err),
				 err == EACCES || err == EPERM ? ": run as root" : "");
	f->enabled = true;
	return 0;
}

int nvmi_function_open(struct nvmi_function *f, const char *bdf)
{
	char path[PATH_MAX];
	int err;

	memset(f, 0, sizeof(*f));
	f->uio = -1;
	strncpy(f->bdf, bdf, sizeof(f->bdf) - 1);
	err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	if (err != 0)
		return err;
	f->config = open(path, O_RDWR | O_CLOEXEC);
	if (f->config < 0)
		return nvmi_fail(errno, "cannot open %s: %s%s", path, strerror(errno),
				 errno == EACCES ? ": run as root" : "");
	err = wake(f);
	if (err == 0)
		err = change_command(f, PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE,
				     PCI_COMMAND_MASTER);
	if (err != 0)
		nvmi_function_close(f);
	return err;
}

int nvmi_function_reset(struct nvmi_function *f)
{
	uint16_t before;
	int err;

	err = read_command(f, &before);
	if (err != 0)
		return err;
	err = write_attr(f, "reset", "1");
	if (err == ENOENT)
		return nvmi_fail(ENOTSUP,
				 "%s has no function reset: nvm_aq_create() resets the "
				 "controller",
				 f->bdf);
	if (err != 0)
		return nvmi_fail(EIO, "%s cannot be reset: %s", f->bdf, strerror(err));
	return change_command(
		f, PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE | (before & PCI_COMMAND_MASTER),
		0);
}

void nvmi_function_close(struct nvmi_function *f)
{
	uint16_t command;

	/* A device that is gone has nothing left to switch off. */
	if (read_command(f, &command) == 0 && command != UINT16_MAX)
		nvmi_function_master(f, false);
	if (f->enabled)
		write_attr(f, "enable", "0");
	if (f->uio >= 0)
		close(f->uio);
	close(f->config);
}
