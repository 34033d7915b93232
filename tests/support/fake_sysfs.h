/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_sysfs.h - a tree of files in a temporary folder that looks like /sys, /proc, /dev and /run to the PCI
 * functions.
 */
#ifndef FAKE_SYSFS_H
#define FAKE_SYSFS_H

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/pci/pci.h"

static char fake_root[] = "/tmp/nvm-test-XXXXXX";

/* Anything that goes wrong here is no fault of what is tested. */
static inline void fake_must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(99);
	}
}

__attribute__((format(printf, 1, 2))) static inline const char *fake_path(const char *fmt, ...)
{
	static char path[PATH_MAX];
	va_list args;
	int n = snprintf(path, sizeof(path), "%s", fake_root);

	va_start(args, fmt);
	vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, args);
	va_end(args);
	return path;
}

/* The folders above a file or of a folder: as mkdir -p. */
static inline void fake_folders(const char *path, int itself)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + strlen(fake_root) + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		fake_must(mkdir(part, 0755) == 0 || errno == EEXIST, part);
		*p = '/';
	}
	if (itself)
		fake_must(mkdir(part, 0755) == 0 || errno == EEXIST, part);
}

static inline void fake_file(const char *path, const char *text)
{
	FILE *f;

	fake_folders(path, 0);
	f = fopen(path, "w");
	fake_must(f != NULL, path);
	fake_must(fputs(text, f) >= 0 && fclose(f) == 0, path);
}

static inline void fake_link(const char *path, const char *target)
{
	fake_folders(path, 0);
	unlink(path);
	fake_must(symlink(target, path) == 0, path);
}

static inline int fake_remove_entry(const char *path, const struct stat *st, int type,
				    struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

/* cmocka's setup and teardown: an empty tree for every test. */
static inline int fake_setup(void **state)
{
	(void)state;
	strcpy(fake_root, "/tmp/nvm-test-XXXXXX");
	if (mkdtemp(fake_root) == NULL)
		return -1;
	nvmi_pci_root = fake_root;
	return 0;
}

static inline int fake_teardown(void **state)
{
	(void)state;
	nvmi_pci_root = "";
	return nftw(fake_root, fake_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* An NVMe controller; driver NULL: none; group -1: none. */
static inline void fake_device(const char *bdf, const char *class, const char *driver, int group)
{
	char text[64];

	fake_file(fake_path("/sys/bus/pci/devices/%s/class", bdf), class);
	fake_file(fake_path("/sys/bus/pci/devices/%s/vendor", bdf), "0x1b36\n");
	fake_file(fake_path("/sys/bus/pci/devices/%s/device", bdf), "0x0010\n");
	fake_file(fake_path("/sys/bus/pci/devices/%s/numa_node", bdf), "-1\n");
	fake_file(fake_path("/sys/bus/pci/devices/%s/driver_override", bdf), "(null)\n");
	fake_file(fake_path("/sys/bus/pci/devices/%s/resource0", bdf), "");
	if (driver != NULL) {
		fake_folders(fake_path("/sys/bus/pci/drivers/%s", driver), 1);
		snprintf(text, sizeof(text), "../../../../bus/pci/drivers/%.32s", driver);
		fake_link(fake_path("/sys/bus/pci/devices/%s/driver", bdf), text);
	}
	if (group >= 0) {
		fake_file(fake_path("/sys/kernel/iommu_groups/%d/type", group), "DMA-FQ\n");
		snprintf(text, sizeof(text), "../../../../kernel/iommu_groups/%d", group);
		fake_link(fake_path("/sys/bus/pci/devices/%s/iommu_group", bdf), text);
	}
}

/* A namespace of the kernel's nvme driver, entry "nvme0n1" or a path "nvme0c1n1" of head name. */
static inline void fake_disk(const char *bdf, const char *ctrl, const char *entry, const char *name,
			     const char *number)
{
	fake_folders(fake_path("/sys/bus/pci/devices/%s/nvme/%s/%s", bdf, ctrl, entry), 1);
	fake_file(fake_path("/sys/block/%s/dev", name), number);
	fake_folders(fake_path("/sys/block/%s/holders", name), 1);
}

static inline void fake_partition(const char *disk, const char *name, const char *number)
{
	fake_file(fake_path("/sys/block/%s/%s/dev", disk, name), number);
	fake_folders(fake_path("/sys/block/%s/%s/holders", disk, name), 1);
}

#endif
