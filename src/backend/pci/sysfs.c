// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysfs.c - reading what sysfs says of a PCI device: address, class, driver, IOMMU group, disks.
 */
#include "backend/pci/pci.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "controller/error.h"

const char *nvmi_pci_root = "";
int (*nvmi_pci_write)(const char *path, const char *value) = nvmi_pci_write_file;

/* Hexadecimal number of min..max digits at *text; moves *text behind it. */
static bool parse_hex(const char **text, int min, int max, unsigned int *value)
{
	int n = 0;

	*value = 0;
	for (; n < max && isxdigit((unsigned char)**text); n++, (*text)++) {
		unsigned char c = (unsigned char)**text;

		*value = *value * 16 + (unsigned int)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	return n >= min;
}

static bool parse_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* "05:00.0", what follows the domain. */
static bool parse_bdf(const char *p, unsigned int *bus, unsigned int *device,
		      unsigned int *function)
{
	return parse_hex(&p, 1, 2, bus) && parse_char(&p, ':') && parse_hex(&p, 1, 2, device) &&
	       *device < 32 && parse_char(&p, '.') && parse_hex(&p, 1, 1, function) &&
	       *function < 8 && *p == '\0';
}

int nvmi_pci_parse(const char *text, char bdf[NVMI_BDF_SIZE])
{
	unsigned int domain = 0, bus, device, function;
	const char *p = text;

	if (strncmp(p, "pci:", 4) == 0)
		p += 4;
	if (!parse_bdf(p, &bus, &device, &function)) {
		if (!parse_hex(&p, 1, 6, &domain) || !parse_char(&p, ':') ||
		    !parse_bdf(p, &bus, &device, &function))
			return nvmi_fail(EINVAL,
					 "\"%.40s\" is not a PCI address such as 0000:05:00.0",
					 text);
	}
	snprintf(bdf, NVMI_BDF_SIZE, "%04x:%02x:%02x.%x", domain, bus, device, function);
	return 0;
}

int nvmi_pci_path(char *path, size_t size, const char *fmt, ...)
{
	int n = snprintf(path, size, "%s", nvmi_pci_root), more = -1;
	va_list args;

	if (n >= 0 && (size_t)n < size) {
		va_start(args, fmt);
		more = vsnprintf(path + n, size - (size_t)n, fmt, args);
		va_end(args);
	}
	if (more < 0 || (size_t)more >= size - (size_t)n) {
		path[0] = '\0';
		return nvmi_fail(ENAMETOOLONG, "the path below \"%s\" is too long", nvmi_pci_root);
	}
	return 0;
}

int nvmi_pci_read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	size_t have = 0;

	text[0] = '\0';
	if (fd < 0)
		return errno;
	while (have < size - 1) {
		ssize_t n = read(fd, text + have, size - 1 - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = errno;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	close(fd);
	if (have > 0 && text[have - 1] == '\n')
		have--;
	text[have] = '\0';
	return err;
}

int nvmi_pci_write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	do {
		n = write(fd, value, strlen(value));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)strlen(value))
		err = n < 0 ? errno : EIO;
	close(fd);
	return err;
}

int nvmi_pci_attr(const char *bdf, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	int err = nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, name);

	return err != 0 ? err : nvmi_pci_read_file(path, text, size);
}

int nvmi_pci_attr_number(const char *bdf, const char *name, int64_t *value)
{
	char text[64], *end;
	int err = nvmi_pci_attr(bdf, name, text, sizeof(text));

	if (err != 0)
		return err;
	errno = 0;
	*value = strtoll(text, &end, 0);
	return errno != 0 ? errno : end == text || *end != '\0' ? EINVAL : 0;
}

/* Last component of what the link @name of a device points to, "" if there is no such link. */
static void link_name(const char *bdf, const char *name, char *text, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t n;

	text[0] = '\0';
	if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, name) != 0)
		return;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	base = strrchr(target, '/');
	base = base == NULL ? target : base + 1;
	if (strlen(base) < size)
		memcpy(text, base, strlen(base) + 1);
}

int nvmi_pci_check(const char *bdf)
{
	int64_t class;
	int err = nvmi_pci_attr_number(bdf, "class", &class);

	if (err == ENOENT)
		return nvmi_fail(ENODEV, "there is no PCI device %s: nvm-list shows what there is",
				 bdf);
	if (err != 0)
		return nvmi_fail(ENODEV, "the class of PCI device %s cannot be read: %s", bdf,
				 strerror(err));
	if (class != NVMI_PCI_CLASS_NVME)
		return nvmi_fail(ENODEV,
				 "PCI device %s has class 0x%06llx, NVMe controllers have 0x%06x",
				 bdf, (unsigned long long)class, NVMI_PCI_CLASS_NVME);
	return 0;
}

void nvmi_pci_driver(const char *bdf, char driver[NVMI_NAME_SIZE])
{
	link_name(bdf, "driver", driver, NVMI_NAME_SIZE);
}

bool nvmi_pci_driver_loaded(const char *driver)
{
	char path[PATH_MAX];

	return driver[0] != '\0' && strchr(driver, '/') == NULL &&
	       nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/drivers/%s", driver) == 0 &&
	       access(path, F_OK) == 0;
}

int nvmi_pci_iommu_group(const char *bdf)
{
	char text[NVMI_NAME_SIZE], *end;
	long group;

	link_name(bdf, "iommu_group", text, sizeof(text));
	group = strtol(text, &end, 10);
	return end == text || *end != '\0' || group < 0 || group > INT_MAX ? -1 : (int)group;
}

bool nvmi_pci_iommu_translates(const char *bdf)
{
	char type[32];

	if (nvmi_pci_iommu_group(bdf) < 0)
		return false;
	/* A kernel that does not say which type it is may translate: the safe answer is yes. */
	return nvmi_pci_attr(bdf, "iommu_group/type", type, sizeof(type)) != 0 ||
	       strcmp(type, "identity") != 0;
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int nvmi_pci_each_entry(const char *path, int (*fn)(const char *name, void *arg), void *arg)
{
	struct dirent **entries;
	int n = scandir(path, &entries, not_dots, versionsort), result = 0;

	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = fn(entries[i]->d_name, arg);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return result;
}

struct block_walk {
	const char *bdf;
	int (*fn)(const char *name, void *arg);
	void *arg;
};

/* An entry of a controller's folder: nvme0n1, or with multipath nvme0c1n1, a path of nvme0n1. */
static int block_entry(const char *entry, void *arg)
{
	struct block_walk *walk = arg;
	unsigned int subsystem, path, ns;
	char name[NVMI_NAME_SIZE];
	int end = 0;

	if (sscanf(entry, "nvme%un%u%n", &subsystem, &ns, &end) != 2 || entry[end] != '\0') {
		end = 0;
		if (sscanf(entry, "nvme%uc%un%u%n", &subsystem, &path, &ns, &end) != 3 ||
		    entry[end] != '\0')
			return 0;
	}
	snprintf(name, sizeof(name), "nvme%un%u", subsystem, ns);
	return walk->fn(name, walk->arg);
}

static int controller_entry(const char *entry, void *arg)
{
	struct block_walk *walk = arg;
	char path[PATH_MAX];

	if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/nvme/%s", walk->bdf,
			  entry) != 0)
		return 0;
	return nvmi_pci_each_entry(path, block_entry, walk);
}

int nvmi_pci_each_block(const char *bdf, int (*fn)(const char *name, void *arg), void *arg)
{
	struct block_walk walk = {bdf, fn, arg};
	char path[PATH_MAX];

	if (nvmi_pci_path(path, sizeof(path), "/sys/bus/pci/devices/%s/nvme", bdf) != 0)
		return 0;
	return nvmi_pci_each_entry(path, controller_entry, &walk);
}

int nvmi_pci_lock(int fd, const char *name)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return nvmi_fail(EBUSY, "%s is open in another program", name);
	return nvmi_fail(errno, "%s cannot be locked: %s", name, strerror(errno));
}
