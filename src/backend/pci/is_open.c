// SPDX-License-Identifier: BSD-2-Clause
/*
 * is_open.c - does a program drive a controller already?
 */
#include "backend/pci/pci.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What to look for among the open files of all processes. */
struct search {
	const char *pid;
	char files[2][NVMI_NAME_SIZE]; /* "/dev/vfio/12", "/dev/vfio/devices/vfio0"; "" if none */
	char *why;
	size_t size;
};

static void program_name(const char *pid, char name[NVMI_NAME_SIZE])
{
	char path[PATH_MAX];

	if (nvmi_pci_path(path, sizeof(path), "/proc/%s/comm", pid) != 0 ||
	    nvmi_pci_read_file(path, name, NVMI_NAME_SIZE) != 0)
		snprintf(name, NVMI_NAME_SIZE, "a program");
}

/*
 * Who holds the lock of nvmi_pci_lock()? /proc/locks says it without an attempt to take the lock:
 * "1: FLOCK  ADVISORY  WRITE 4711 00:16:12345 0 EOF", with the device's number in hexadecimal.
 */
static bool lock_holder(const char *bdf, char *pid, size_t size)
{
	char path[PATH_MAX], want[64], *line = NULL;
	size_t room = 0;
	struct stat st;
	FILE *f;

	pid[0] = '\0';
	if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf) != 0 ||
	    stat(path, &st) != 0)
		return false;
	snprintf(want, sizeof(want), "%02x:%02x:%llu", major(st.st_dev), minor(st.st_dev),
		 (unsigned long long)st.st_ino);
	f = fopen("/proc/locks", "re");
	if (f == NULL)
		return false;
	while (pid[0] == '\0' && getline(&line, &room, f) > 0) {
		char holder[32], inode[64];

		if (sscanf(line, "%*s FLOCK %*s %*s %31s %63s", holder, inode) == 2 &&
		    strcmp(inode, want) == 0)
			snprintf(pid, size, "%s", holder);
	}
	free(line);
	fclose(f);
	return pid[0] != '\0';
}

static int vfio_device_entry(const char *entry, void *arg)
{
	struct search *search = arg;

	snprintf(search->files[1], sizeof(search->files[1]), "/dev/vfio/devices/%.40s", entry);
	return 1;
}

static int fd_entry(const char *entry, void *arg)
{
	struct search *search = arg;
	char path[PATH_MAX], target[NVMI_NAME_SIZE], program[NVMI_NAME_SIZE];
	ssize_t n;

	if (nvmi_pci_path(path, sizeof(path), "/proc/%s/fd/%s", search->pid, entry) != 0)
		return 0;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return 0;
	target[n] = '\0';
	if (strcmp(target, search->files[0]) != 0 && strcmp(target, search->files[1]) != 0)
		return 0;
	program_name(search->pid, program);
	snprintf(search->why, search->size, "%s is open in %s (process %s)", target, program,
		 search->pid);
	return 1;
}

static int process_entry(const char *entry, void *arg)
{
	struct search *search = arg;
	char path[PATH_MAX];

	search->pid = entry;
	if (!isdigit((unsigned char)entry[0]) ||
	    nvmi_pci_path(path, sizeof(path), "/proc/%s/fd", entry) != 0)
		return 0;
	return nvmi_pci_each_entry(path, fd_entry, search);
}

bool nvmi_pci_is_open(const char *bdf, char *why, size_t size)
{
	struct search search = {.why = why, .size = size};
	int group = nvmi_pci_iommu_group(bdf);
	char path[PATH_MAX], pid[32], program[NVMI_NAME_SIZE];

	why[0] = '\0';
	if (lock_holder(bdf, pid, sizeof(pid))) {
		program_name(pid, program);
		snprintf(why, size, "its registers are mapped by %s (process %s)", program, pid);
		return true;
	}
	if (group >= 0)
		snprintf(search.files[0], sizeof(search.files[0]), "/dev/vfio/%d", group);
	if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev", bdf) == 0)
		nvmi_pci_each_entry(path, vfio_device_entry, &search);
	if (search.files[0][0] == '\0' && search.files[1][0] == '\0')
		return false;
	if (nvmi_pci_path(path, sizeof(path), "/proc") == 0)
		nvmi_pci_each_entry(path, process_entry, &search);
	return why[0] != '\0';
}
