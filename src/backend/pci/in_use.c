// SPDX-License-Identifier: BSD-2-Clause
/*
 * in_use.c - is a controller's disk in use on this machine?
 *
 * Looks without touching the disk: mounts, swap, holders (device mapper, MD, LVM, bcache), loop devices,
 * and last an exclusive open, which the kernel refuses while anything else has claimed the disk
 * (a mount in another namespace, a further disk of a btrfs or ZFS pool, a program with O_EXCL).
 */
#include "backend/pci/pci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "controller/error.h"

/* A question: in what way is this block device used? */
struct use {
	char name[NVMI_NAME_SIZE]; /* "nvme0n1", "nvme0n1p2" */
	const char *whole;         /* the disk that a partition is part of */
	char number[32];           /* "259:1", "" if not known */
	char *why;
	size_t size;
};

/* Is the file at @path (a name in /dev, or a link to one) the block device? */
static bool names_device(const struct use *use, const char *path)
{
	char number[32], file[PATH_MAX];
	struct stat st;

	if (strncmp(path, "/dev/", 5) == 0 && strcmp(path + 5, use->name) == 0)
		return true;
	if (path[0] != '/' || nvmi_pci_path(file, sizeof(file), "%s", path) != 0 ||
	    stat(file, &st) != 0 || !S_ISBLK(st.st_mode))
		return false;
	snprintf(number, sizeof(number), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	return strcmp(number, use->number) == 0;
}

/*
 * One line of /proc/self/mountinfo: "36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/root rw".
 * File systems of several disks (btrfs) have a number of their own there, so the source counts too.
 */
static bool mount_line(const struct use *use, char *line)
{
	char *number, *where, *source, *save = NULL;
	char *options = strstr(line, " - ");

	if (options == NULL)
		return false;
	*options = '\0';
	strtok_r(line, " ", &save);
	strtok_r(NULL, " ", &save);
	number = strtok_r(NULL, " ", &save);
	strtok_r(NULL, " ", &save);
	where = strtok_r(NULL, " ", &save);
	strtok_r(options + 3, " ", &save);
	source = strtok_r(NULL, " \n", &save);
	if (where == NULL)
		return false;
	if (strcmp(number, use->number) != 0 && (source == NULL || !names_device(use, source)))
		return false;
	snprintf(use->why, use->size, "/dev/%s is mounted at %s", use->name, where);
	return true;
}

/* A line of /proc/swaps: "/dev/nvme0n1p3 partition 2097148 0 -2". */
static bool swap_line(const struct use *use, char *line)
{
	char *save = NULL, *path = strtok_r(line, " \t\n", &save);

	if (path == NULL || !names_device(use, path))
		return false;
	snprintf(use->why, use->size, "/dev/%s is used as swap", use->name);
	return true;
}

static bool any_line(const struct use *use, const char *file,
		     bool (*fn)(const struct use *use, char *line))
{
	char path[PATH_MAX], *line = NULL;
	bool found = false;
	size_t room = 0;
	FILE *f;

	if (nvmi_pci_path(path, sizeof(path), "%s", file) != 0)
		return false;
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && getline(&line, &room, f) > 0)
		found = fn(use, line);
	free(line);
	fclose(f);
	return found;
}

static int holder_entry(const char *holder, void *arg)
{
	const struct use *use = arg;
	char path[PATH_MAX], name[NVMI_NAME_SIZE];

	/* Device mapper (LVM, dm-crypt, multipath) has names that people know. */
	if (nvmi_pci_path(path, sizeof(path), "/sys/class/block/%s/dm/name", holder) == 0 &&
	    nvmi_pci_read_file(path, name, sizeof(name)) == 0)
		snprintf(use->why, use->size, "/dev/%s is held by /dev/mapper/%s", use->name, name);
	else
		snprintf(use->why, use->size, "/dev/%s is held by /dev/%.60s", use->name, holder);
	return 1;
}

static bool has_holder(struct use *use)
{
	char path[PATH_MAX];
	int err;

	if (use->whole == NULL)
		err = nvmi_pci_path(path, sizeof(path), "/sys/block/%s/holders", use->name);
	else
		err = nvmi_pci_path(path, sizeof(path), "/sys/block/%s/%s/holders", use->whole,
				    use->name);
	return err == 0 && nvmi_pci_each_entry(path, holder_entry, use) != 0;
}

static int loop_entry(const char *entry, void *arg)
{
	const struct use *use = arg;
	char path[PATH_MAX], file[PATH_MAX];

	if (strncmp(entry, "loop", 4) != 0 ||
	    nvmi_pci_path(path, sizeof(path), "/sys/block/%s/loop/backing_file", entry) != 0 ||
	    nvmi_pci_read_file(path, file, sizeof(file)) != 0 || !names_device(use, file))
		return 0;
	snprintf(use->why, use->size, "/dev/%s is behind /dev/%.60s", use->name, entry);
	return 1;
}

static bool has_loop(struct use *use)
{
	char path[PATH_MAX];

	return nvmi_pci_path(path, sizeof(path), "/sys/block") == 0 &&
	       nvmi_pci_each_entry(path, loop_entry, use) != 0;
}

static bool is_claimed(const struct use *use)
{
	char path[PATH_MAX], number[32];
	struct stat st;
	int fd, err;

	if (nvmi_pci_path(path, sizeof(path), "/dev/%s", use->name) != 0 || stat(path, &st) != 0 ||
	    !S_ISBLK(st.st_mode))
		return false;
	snprintf(number, sizeof(number), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	if (strcmp(number, use->number) != 0)
		return false;
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	err = errno;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || err != EBUSY)
		return false;
	snprintf(use->why, use->size,
		 "/dev/%s is open exclusively (by a program, a pool of disks or a mount elsewhere)",
		 use->name);
	return true;
}

static bool is_used(struct use *use)
{
	char path[PATH_MAX];

	if (nvmi_pci_path(path, sizeof(path), "/sys/block/%s%s%s/dev",
			  use->whole == NULL ? "" : use->whole, use->whole == NULL ? "" : "/",
			  use->name) != 0 ||
	    nvmi_pci_read_file(path, use->number, sizeof(use->number)) != 0)
		use->number[0] = '\0';
	return any_line(use, "/proc/self/mountinfo", mount_line) ||
	       any_line(use, "/proc/swaps", swap_line) || has_holder(use) || has_loop(use);
}

/* An entry of a disk's folder: a partition has the disk's name in front. */
static int partition_entry(const char *entry, void *arg)
{
	const struct use *disk = arg;
	struct use use = {.whole = disk->name, .why = disk->why, .size = disk->size};
	size_t n = strlen(disk->name);

	if (strncmp(entry, disk->name, n) != 0 || entry[n] != 'p')
		return 0;
	snprintf(use.name, sizeof(use.name), "%.63s", entry);
	return is_used(&use) || is_claimed(&use);
}

static int disk_entry(const char *name, void *arg)
{
	struct use *use = arg;
	char path[PATH_MAX];

	snprintf(use->name, sizeof(use->name), "%.63s", name);
	if (is_used(use))
		return 1;
	/* Partitions before the claim: the kernel claims the disk too, and they say more. */
	if (nvmi_pci_path(path, sizeof(path), "/sys/block/%s", name) == 0 &&
	    nvmi_pci_each_entry(path, partition_entry, use) != 0)
		return 1;
	return is_claimed(use);
}

bool nvmi_pci_in_use(const char *bdf, char *why, size_t size)
{
	struct use use = {.why = why, .size = size};

	why[0] = '\0';
	return nvmi_pci_each_block(bdf, disk_entry, &use) != 0;
}
