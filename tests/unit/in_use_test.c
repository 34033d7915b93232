// SPDX-License-Identifier: BSD-2-Clause
/*
 * in_use_test.c - every way in which a disk may be in use, in a tree of our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support/fake_sysfs.h"

#define A    "0000:05:00.0"
#define NVME "0x010802\n"

static char why[256];

static int setup(void **state)
{
	int err = fake_setup(state);

	if (err != 0)
		return err;
	fake_device(A, NVME, "nvme", -1);
	fake_disk(A, "nvme0", "nvme0n1", "nvme0n1", "259:0\n");
	fake_partition("nvme0n1", "nvme0n1p1", "259:1\n");
	fake_partition("nvme0n1", "nvme0n1p2", "259:2\n");
	fake_file(fake_path("/proc/self/mountinfo"),
		  "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		  "22 21 0:20 / /proc rw - proc proc rw\n");
	fake_file(fake_path("/proc/swaps"), "Filename\tType\tSize\tUsed\tPriority\n"
					    "/dev/sda2 partition 2097148 0 -2\n");
	return 0;
}

static void assert_free(void)
{
	assert_false(nvmi_pci_in_use(A, why, sizeof(why)));
	assert_string_equal(why, "");
}

static void assert_used(const char *text)
{
	assert_true(nvmi_pci_in_use(A, why, sizeof(why)));
	assert_string_equal(why, text);
}

static void idle_disk_is_free(void **state)
{
	(void)state;
	assert_free();
}

static void controller_without_disks_is_free(void **state)
{
	(void)state;
	fake_device("0000:06:00.0", NVME, "vfio-pci", 4);
	assert_false(nvmi_pci_in_use("0000:06:00.0", why, sizeof(why)));
	assert_false(nvmi_pci_in_use("0000:77:00.0", why, sizeof(why)));
}

static void mounted_disk(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/self/mountinfo"), "30 1 259:0 / /srv rw - xfs /dev/root rw\n");
	assert_used("/dev/nvme0n1 is mounted at /srv");
}

/* Options before and after the dash vary, and the mount point may hold blanks. */
static void mounted_partition(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/self/mountinfo"),
		  "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		  "30 1 259:2 /sub /mnt/a\\040b rw,noatime shared:4 master:2 - ext4 /dev/x rw\n");
	assert_used("/dev/nvme0n1p2 is mounted at /mnt/a\\040b");
}

/* 259:1 is not 259:12, and /dev/nvme0n1p1 is not /dev/nvme0n1p12. */
static void similar_numbers_and_names_are_others(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/self/mountinfo"),
		  "30 1 259:12 / /a rw - ext4 /dev/nvme0n1p12 rw\n"
		  "31 1 1259:1 / /b rw - ext4 /dev/nvme10n1 rw\n");
	fake_file(fake_path("/proc/swaps"), "Filename Type\n/dev/nvme0n12 partition 1 0 -2\n");
	assert_free();
}

/* btrfs has a number of its own in mountinfo. */
static void mounted_by_its_source(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/self/mountinfo"),
		  "30 1 0:35 /root /data rw - btrfs /dev/nvme0n1p1 rw\n");
	assert_used("/dev/nvme0n1p1 is mounted at /data");
}

static void damaged_mountinfo_is_survived(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/self/mountinfo"), "\n - \n1 2 - \n1 2 3 - x\nno dash at all\n"
						     "30 1 259:0 / /srv rw -");
	assert_free();
}

static void swap_partition(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/swaps"), "Filename\tType\tSize\tUsed\tPriority\n"
					    "/dev/nvme0n1p1 partition\t2097148\t0\t-2\n");
	assert_used("/dev/nvme0n1p1 is used as swap");
}

static void held_by_device_mapper(void **state)
{
	(void)state;
	fake_link(fake_path("/sys/block/nvme0n1/nvme0n1p2/holders/dm-3"), "x");
	fake_file(fake_path("/sys/class/block/dm-3/dm/name"), "vg0-root\n");
	assert_used("/dev/nvme0n1p2 is held by /dev/mapper/vg0-root");
}

static void held_by_raid(void **state)
{
	(void)state;
	fake_link(fake_path("/sys/block/nvme0n1/holders/md127"), "x");
	assert_used("/dev/nvme0n1 is held by /dev/md127");
}

static void behind_a_loop_device(void **state)
{
	(void)state;
	fake_file(fake_path("/sys/block/loop7/loop/backing_file"), "/dev/nvme0n1p1\n");
	assert_used("/dev/nvme0n1p1 is behind /dev/loop7");
	fake_file(fake_path("/sys/block/loop7/loop/backing_file"), "/home/disk.img\n");
	assert_free();
}

static void second_namespace_counts(void **state)
{
	(void)state;
	fake_disk(A, "nvme0", "nvme0n2", "nvme0n2", "259:7\n");
	fake_file(fake_path("/proc/self/mountinfo"), "30 1 259:7 / /b rw - ext4 /dev/nvme0n2 rw\n");
	assert_used("/dev/nvme0n2 is mounted at /b");
}

/* With multipath the controller has paths; what is used is the head. */
static void head_of_a_path_counts(void **state)
{
	(void)state;
	fake_disk(A, "nvme0", "nvme2c0n4", "nvme2n4", "259:9\n");
	fake_partition("nvme2n4", "nvme2n4p1", "259:10\n");
	fake_file(fake_path("/proc/self/mountinfo"), "30 1 259:10 / /b rw - ext4 /dev/x rw\n");
	assert_used("/dev/nvme2n4p1 is mounted at /b");
}

static void long_reasons_are_cut(void **state)
{
	char line[2048], small[24];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "30 1 259:0 / /", 14);
	strcpy(line + 1900, " rw - ext4 /dev/nvme0n1 rw\n");
	fake_file(fake_path("/proc/self/mountinfo"), line);
	assert_true(nvmi_pci_in_use(A, small, sizeof(small)));
	assert_string_equal(small, "/dev/nvme0n1 is mounted");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(idle_disk_is_free),
		TEST(controller_without_disks_is_free),
		TEST(mounted_disk),
		TEST(mounted_partition),
		TEST(similar_numbers_and_names_are_others),
		TEST(mounted_by_its_source),
		TEST(damaged_mountinfo_is_survived),
		TEST(swap_partition),
		TEST(held_by_device_mapper),
		TEST(held_by_raid),
		TEST(behind_a_loop_device),
		TEST(second_namespace_counts),
		TEST(head_of_a_path_counts),
		TEST(long_reasons_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
