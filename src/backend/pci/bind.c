// SPDX-License-Identifier: BSD-2-Clause
/*
 * bind.c - binding a controller to another driver, and back.
 *
 * driver_override names the only driver that may take the device, so nothing else can take it between
 * unbind and bind. The driver that it had at first is remembered in /run/libnvm/bind/ADDRESS. One
 * program at a time: a lock on that folder.
 */
#include "nvm_pci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/pci/pci.h"
#include "controller/error.h"

/* An override that no driver has: nothing takes the device by itself. */
#define NO_DRIVER "none"

static const char *or_none(const char *driver)
{
	return driver[0] == '\0' ? "no driver" : driver;
}

/* --- what is remembered */

static int make_folder(const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	return nvmi_fail(errno == EPERM || errno == EROFS ? EACCES : errno,
			 "%s cannot be made: %s: run as root", path, strerror(errno));
}

/* The folder, made and locked: a file descriptor to close, or -1 with *err. */
static int lock_records(int *err)
{
	static const char *const parts[] = {"/run/libnvm", "/run/libnvm/bind"};
	char path[PATH_MAX];
	int fd;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*err = nvmi_pci_path(path, sizeof(path), "%s", parts[i]);
		if (*err == 0)
			*err = make_folder(path);
		if (*err != 0)
			return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		*err = nvmi_fail(errno, "%s cannot be locked: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static int record_path(const char *bdf, char *path, size_t size)
{
	return nvmi_pci_path(path, size, "/run/libnvm/bind/%s", bdf);
}

/* The driver it had at first; ENOENT if nothing is remembered. */
static int read_record(const char *bdf, char driver[NVMI_NAME_SIZE])
{
	char path[PATH_MAX];
	int err = record_path(bdf, path, sizeof(path));

	return err != 0 ? err : nvmi_pci_read_file(path, driver, NVMI_NAME_SIZE);
}

static int write_record(const char *bdf, const char *driver)
{
	char path[PATH_MAX], line[NVMI_NAME_SIZE + 1];
	int err = record_path(bdf, path, sizeof(path)), fd;

	if (err != 0)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0)
		return nvmi_fail(errno, "%s cannot be written: %s: run as root", path,
				 strerror(errno));
	snprintf(line, sizeof(line), "%s\n", driver);
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line)) {
		err = nvmi_fail(errno == 0 ? EIO : errno, "%s cannot be written: %s", path,
				strerror(errno));
		unlink(path);
	}
	close(fd);
	return err;
}

static void forget_record(const char *bdf)
{
	char path[PATH_MAX];

	if (record_path(bdf, path, sizeof(path)) == 0)
		unlink(path);
}

/* --- what the kernel is told */

static int fail_write(const char *bdf, const char *what, int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
	case EROFS:
		return nvmi_fail(EACCES, "%s: no permission to %s: run as root", bdf, what);
	case ENOENT:
		return nvmi_fail(ENODEV, "%s went away", bdf);
	default:
		return nvmi_fail(err, "%s: the kernel does not %s: %s", bdf, what, strerror(err));
	}
}

static int set_override(const char *bdf, const char *driver)
{
	char path[PATH_MAX], line[NVMI_NAME_SIZE + 1];
	int err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", bdf);

	if (err != 0)
		return err;
	snprintf(line, sizeof(line), "%s\n", driver);
	err = nvmi_pci_write(path, line);
	return err == 0 ? 0 : fail_write(bdf, "override the choice of its driver", err);
}

/* Away from whatever driver it has; 0 if it has none. */
static int unbind(const char *bdf)
{
	char path[PATH_MAX], driver[NVMI_NAME_SIZE];
	int err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind", bdf);

	nvmi_pci_driver(bdf, driver);
	if (err != 0 || driver[0] == '\0')
		return err;
	err = nvmi_pci_write(path, bdf);
	nvmi_pci_driver(bdf, driver);
	if (driver[0] == '\0')
		return 0; /* by whomever: ENODEV says that it happened in between */
	return fail_write(bdf, "unbind it from its driver", err == 0 ? EBUSY : err);
}

/* To a driver that it may be bound to: the override must be that driver, or empty. */
static int bind_to(const char *bdf, const char *driver)
{
	char path[PATH_MAX], now[NVMI_NAME_SIZE];
	int err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", driver);

	if (err != 0)
		return err;
	err = nvmi_pci_write(path, bdf);
	nvmi_pci_driver(bdf, now);
	if (strcmp(now, driver) == 0)
		return 0;
	if (nvmi_pci_check(bdf) != 0)
		return nvmi_fail(ENODEV, "%s went away", bdf);
	if (err == ENOENT)
		return nvmi_fail(ENOENT, "the driver %s is not loaded: modprobe %s", driver,
				 driver);
	if (err == 0)
		return nvmi_fail(ENODEV, "%s is bound to %s instead of %s", bdf, or_none(now),
				 driver);
	return nvmi_fail(err == EPERM ? EACCES : err, "%s: %s does not take it: %s", bdf, driver,
			 strerror(err));
}

/*
 * From the driver it has to another, or to none (""). An override is left only where the kernel by itself
 * would choose differently: a disk that belongs to nvme again is as if nothing had been.
 */
static int change_driver(const char *bdf, const char *driver)
{
	bool ordinary = strcmp(driver, "nvme") == 0;
	int err = set_override(bdf, driver[0] == '\0' ? NO_DRIVER : driver);

	if (err == 0)
		err = unbind(bdf);
	if (err == 0 && driver[0] != '\0')
		err = bind_to(bdf, driver);
	if (err == 0 && ordinary)
		err = set_override(bdf, "");
	return err;
}

/* A failed change undone; its message stays, with what became of the device in front if that is worse. */
static int undo(const char *bdf, const char *driver, const char *override, int err)
{
	char message[256], now[NVMI_NAME_SIZE];
	int64_t class;

	if (nvmi_pci_attr_number(bdf, "class", &class) == ENOENT)
		return err;
	snprintf(message, sizeof(message), "%s", nvm_errmsg());
	nvmi_pci_driver(bdf, now);
	if (strcmp(now, driver) != 0)
		change_driver(bdf, driver);
	set_override(bdf, override);
	nvmi_pci_driver(bdf, now);
	if (strcmp(now, driver) != 0)
		return nvmi_fail(err, "%s (and %s could not be given back to %s: it has %s)",
				 message, bdf, or_none(driver), or_none(now));
	return nvmi_fail(err, "%s", message);
}

static int change_or_undo(const char *bdf, const char *from, const char *to)
{
	char override[NVMI_NAME_SIZE];
	int err;

	if (nvmi_pci_attr(bdf, "driver_override", override, sizeof(override)) != 0 ||
	    strcmp(override, "(null)") == 0)
		override[0] = '\0';
	err = change_driver(bdf, to);
	return err == 0 ? 0 : undo(bdf, from, override, err);
}

/* --- what is asked for */

/* vfio-pci cannot take a device without an IOMMU: say so before the disk is taken from its driver. */
static int check_driver(const char *bdf, const char *driver)
{
	if (driver[0] == '\0')
		return 0;
	if (strchr(driver, '/') != NULL || strlen(driver) >= NVMI_NAME_SIZE)
		return nvmi_fail(EINVAL, "\"%.64s\" is not the name of a driver", driver);
	if (!nvmi_pci_driver_loaded(driver))
		return nvmi_fail(ENOENT, "the driver %s is not loaded: modprobe %s", driver,
				 driver);
	if (strcmp(driver, "vfio-pci") == 0 && nvmi_pci_iommu_group(bdf) < 0)
		return nvmi_fail(
			ENOTSUP,
			"%s has no IOMMU group, which vfio-pci needs: switch the IOMMU on, or "
			"use --driver=none",
			bdf);
	return 0;
}

static int check_idle(const char *bdf, unsigned int flags)
{
	char why[256];

	if ((flags & NVM_PCI_FORCE) != 0)
		return 0;
	if (nvmi_pci_in_use(bdf, why, sizeof(why)))
		return nvmi_fail(EBUSY, "%s is in use: %s", bdf, why);
	if (nvmi_pci_is_open(bdf, why, sizeof(why)))
		return nvmi_fail(EBUSY, "%s is in use: %s", bdf, why);
	return 0;
}

static int bind_locked(const char *bdf, const char *driver, unsigned int flags)
{
	char now[NVMI_NAME_SIZE], first[NVMI_NAME_SIZE];
	bool remembered;
	int err;

	nvmi_pci_driver(bdf, now);
	if (strcmp(now, driver) == 0)
		return 0;
	err = check_idle(bdf, flags);
	if (err == 0)
		err = check_driver(bdf, driver);
	if (err != 0)
		return err;
	/* Before anything changes, so that no end of this program can lose it. */
	remembered = read_record(bdf, first) == 0;
	if (!remembered) {
		snprintf(first, sizeof(first), "%s", now);
		err = write_record(bdf, now);
	}
	if (err == 0)
		err = change_or_undo(bdf, now, driver);
	if ((err != 0 && !remembered) || (err == 0 && strcmp(first, driver) == 0))
		forget_record(bdf);
	return err;
}

static int restore_locked(const char *bdf, const char *unused, unsigned int flags)
{
	char now[NVMI_NAME_SIZE], first[NVMI_NAME_SIZE];
	int err = read_record(bdf, first);

	(void)unused;
	if (err == ENOENT)
		return nvmi_fail(ENOENT,
				 "nothing is remembered of %s: name the driver with "
				 "nvm-bind %s --driver=nvme",
				 bdf, bdf);
	if (err != 0)
		return nvmi_fail(err, "what is remembered of %s cannot be read: %s", bdf,
				 strerror(err));
	nvmi_pci_driver(bdf, now);
	if (strcmp(now, first) != 0) {
		err = check_idle(bdf, flags);
		if (err == 0)
			err = check_driver(bdf, first);
		if (err == 0)
			err = change_or_undo(bdf, now, first);
	}
	if (err == 0)
		err = set_override(bdf, "");
	if (err == 0)
		forget_record(bdf);
	return err;
}

static int with_lock(int (*fn)(const char *bdf, const char *driver, unsigned int flags),
		     const char *text, const char *driver, unsigned int flags)
{
	char bdf[NVMI_BDF_SIZE];
	int err, fd;

	if (text == NULL)
		return nvmi_fail(EINVAL, "no PCI address is given");
	err = nvmi_pci_parse(text, bdf);
	if (err == 0)
		err = nvmi_pci_check(bdf);
	if (err != 0)
		return err;
	fd = lock_records(&err);
	if (fd < 0)
		return err;
	err = fn(bdf, driver, flags);
	close(fd);
	return err;
}

int nvm_pci_bind(const char *bdf, const char *driver, unsigned int flags)
{
	if (driver == NULL || (flags & ~NVM_PCI_FORCE) != 0)
		return nvmi_fail(EINVAL, "nvm_pci_bind(): no driver, or unknown flags");
	return with_lock(bind_locked, bdf, strcmp(driver, NO_DRIVER) == 0 ? "" : driver, flags);
}

int nvm_pci_restore(const char *bdf)
{
	return with_lock(restore_locked, bdf, "", 0);
}
