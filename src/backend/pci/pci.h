/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pci.h - what the kernel says of a PCI device in sysfs.
 *
 * A bdf below is a canonical address, "0000:05:00.0", as nvmi_pci_parse() makes it.
 */
#ifndef NVMI_PCI_H
#define NVMI_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a canonical address; a domain has up to six digits (Intel VMD's have five). */
#define NVMI_BDF_SIZE  16
#define NVMI_NAME_SIZE 64

/* PCI class of an NVMe I/O controller. */
#define NVMI_PCI_CLASS_NVME 0x010802U

/* In front of /sys, /proc, /dev and /run: "" but in unit tests, which have a tree of their own. */
extern const char *nvmi_pci_root;

/* How a sysfs attribute is written: nvmi_pci_write_file() but in unit tests. 0 or errno. */
extern int (*nvmi_pci_write)(const char *path, const char *value);
int nvmi_pci_write_file(const char *path, const char *value);

/**
 * nvmi_pci_parse() - canonical form of a PCI address
 * @text: "05:00.0", "0000:05:00.0", in either case, "pci:" in front or not
 * @bdf: where it goes
 *
 * Return: 0, or EINVAL with message.
 */
int nvmi_pci_parse(const char *text, char bdf[NVMI_BDF_SIZE]);

/* printf a path below nvmi_pci_root; 0 or ENAMETOOLONG with message. */
int nvmi_pci_path(char *path, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Whole contents of a small file, without the last newline. 0 or errno, no message. */
int nvmi_pci_read_file(const char *path, char *text, size_t size);

/* An attribute of a device: its text, or the number it holds (0x... or decimal). 0 or errno. */
int nvmi_pci_attr(const char *bdf, const char *name, char *text, size_t size);
int nvmi_pci_attr_number(const char *bdf, const char *name, int64_t *value);

/**
 * nvmi_pci_check() - is there an NVMe controller at that address?
 *
 * Return: 0, or ENODEV with message (no device, or of another class).
 */
int nvmi_pci_check(const char *bdf);

/* Driver that the device is bound to, "" if none. */
void nvmi_pci_driver(const char *bdf, char driver[NVMI_NAME_SIZE]);

/* Is a driver of that name loaded? */
bool nvmi_pci_driver_loaded(const char *driver);

/* IOMMU group number, -1 if there is none. */
int nvmi_pci_iommu_group(const char *bdf);

/* Does an IOMMU translate what the device's kernel driver (or no driver) hands it as addresses? */
bool nvmi_pci_iommu_translates(const char *bdf);

/**
 * nvmi_pci_each_block() - the block devices of the kernel's nvme driver for a controller
 * @bdf: controller
 * @fn: called with the name of every namespace ("nvme0n1"; multipath: the head, not the path) in
 *	the order of their numbers; a value other than 0 ends the walk
 * @arg: for @fn
 *
 * Return: what @fn returned last, 0 if it was not called.
 */
int nvmi_pci_each_block(const char *bdf, int (*fn)(const char *name, void *arg), void *arg);

/* The same for the entries of any folder, "." and ".." left out; @path as it is. */
int nvmi_pci_each_entry(const char *path, int (*fn)(const char *name, void *arg), void *arg);

/**
 * nvmi_pci_in_use() - does something on this machine use the controller's disk?
 * @bdf: controller
 * @why: "/dev/nvme0n1p2 is mounted at /", "" if it is not in use
 * @size: bytes at @why
 */
bool nvmi_pci_in_use(const char *bdf, char *why, size_t size);

/**
 * nvmi_pci_is_open() - has a user-space driver the controller open?
 * @bdf: controller
 * @why: "/dev/vfio/12 is open in nvm-emu (process 4711)", "" if it is not open
 * @size: bytes at @why
 *
 * Looks only: opening the device to see whether it can be opened would get in the way of others.
 * Sees all programs only if it runs as root.
 */
bool nvmi_pci_is_open(const char *bdf, char *why, size_t size);

/**
 * nvmi_pci_lock() - claim the controller through its open "resource0"
 * @fd: open file; the claim (flock(2)) lasts until it and its duplicates are closed
 * @name: for the message
 *
 * Two programs that map the same registers would destroy each other's queues, and nothing in sysfs
 * keeps them from it: an advisory lock that every libnvm program takes does. (VFIO has this itself.)
 *
 * Return: 0, or EBUSY with message.
 */
int nvmi_pci_lock(int fd, const char *name);

#endif
