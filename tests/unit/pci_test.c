// SPDX-License-Identifier: BSD-2-Clause
/*
 * pci_test.c - addresses, and what sysfs says of controllers, in a tree of our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/backend.h"
#include "nvm_error.h"
#include "nvm_pci.h"
#include "support/fake_sysfs.h"

#define A    "0000:05:00.0"
#define B    "0000:06:00.0"
#define VMD  "10000:01:00.0"
#define NVME "0x010802\n"

static void address_becomes_canonical(void **state)
{
	static const char *const good[][2] = {
		{"05:00.0", "0000:05:00.0"},      {"0000:05:00.0", "0000:05:00.0"},
		{"0000:AF:1f.7", "0000:af:1f.7"}, {"pci:5:0.0", "0000:05:00.0"},
		{"pci:0:5:0.0", "0000:05:00.0"},  {"10000:01:00.0", "10000:01:00.0"},
	};
	char bdf[NVMI_BDF_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(nvmi_pci_parse(good[i][0], bdf), 0);
		assert_string_equal(bdf, good[i][1]);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"05",
		"05:00",
		"05:00.",
		"05:00.8",
		"05:20.0",
		"100:00.0",
		"0000:05:00.0 ",
		" 05:00.0",
		"05:00.0x",
		"0000:05:00:0",
		"g5:00.0",
		"0000:0000:05.0",
		"emu:",
		"pci:",
		"../../etc",
		"05:00.00",
		"1000000:05:0.0",
		"0x05:00.0",
		"+5:00.0",
		"0000:05:00.-1",
		"pci:pci:5:0",
		"0000:05:00.0\n",
		"/05:00.0/..",
	};
	char bdf[NVMI_BDF_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(nvmi_pci_parse(bad[i], bdf), EINVAL);
		assert_non_null(strstr(nvm_errmsg(), "is not a PCI address"));
	}
}

static void check_names_what_is_wrong(void **state)
{
	(void)state;
	fake_device(A, NVME, NULL, -1);
	fake_device(B, "0x010601\n", "ahci", -1);
	assert_int_equal(nvmi_pci_check(A), 0);
	assert_int_equal(nvmi_pci_check(B), ENODEV);
	assert_non_null(strstr(nvm_errmsg(), "0x010601"));
	assert_int_equal(nvmi_pci_check("0000:07:00.0"), ENODEV);
	assert_non_null(strstr(nvm_errmsg(), "0000:07:00.0"));
}

static void facts_of_a_device_are_read(void **state)
{
	struct nvm_pci_device d;

	(void)state;
	fake_device(A, NVME, "nvme", 12);
	fake_file(fake_path("/sys/bus/pci/devices/%s/numa_node", A), "1\n");
	fake_disk(A, "nvme3", "nvme3n1", "nvme3n1", "259:0\n");
	fake_disk(A, "nvme3", "nvme3n10", "nvme3n10", "259:6\n");
	fake_disk(A, "nvme3", "nvme3n2", "nvme3n2", "259:5\n");
	/* What else lies in a controller's folder is no disk. */
	fake_folders(fake_path("/sys/bus/pci/devices/%s/nvme/nvme3/ng3n1", A), 1);
	fake_folders(fake_path("/sys/bus/pci/devices/%s/nvme/nvme3/nvme3n1p1", A), 1);
	fake_folders(fake_path("/sys/bus/pci/devices/%s/nvme/nvme3/hwmon0", A), 1);
	assert_int_equal(nvm_pci_info(&d, "05:00.0"), 0);
	assert_string_equal(d.bdf, A);
	assert_string_equal(d.uri, A);
	assert_int_equal(d.vendor, 0x1b36);
	assert_int_equal(d.device, 0x0010);
	assert_string_equal(d.driver, "nvme");
	assert_int_equal(d.iommu_group, 12);
	assert_true(d.iommu_translates);
	assert_int_equal(d.numa_node, 1);
	assert_string_equal(d.block_devices, "nvme3n1 nvme3n2 nvme3n10");
	assert_string_equal(d.in_use, "");
}

static void device_without_anything_is_described(void **state)
{
	struct nvm_pci_device d;

	(void)state;
	fake_device(A, NVME, NULL, -1);
	assert_int_equal(nvm_pci_info(&d, A), 0);
	assert_string_equal(d.driver, "");
	assert_int_equal(d.iommu_group, -1);
	assert_false(d.iommu_translates);
	assert_int_equal(d.numa_node, -1);
	assert_string_equal(d.block_devices, "");
}

static void identity_domain_does_not_translate(void **state)
{
	(void)state;
	fake_device(A, NVME, NULL, 3);
	assert_true(nvmi_pci_iommu_translates(A));
	fake_file(fake_path("/sys/kernel/iommu_groups/3/type"), "identity\n");
	assert_false(nvmi_pci_iommu_translates(A));
	unlink(fake_path("/sys/kernel/iommu_groups/3/type"));
	assert_true(nvmi_pci_iommu_translates(A));
}

static void list_has_nvme_controllers_by_address(void **state)
{
	struct nvm_pci_device *devices;
	size_t n;

	(void)state;
	fake_device(VMD, NVME, NULL, -1);
	fake_device(B, NVME, "vfio-pci", 4);
	fake_device("0000:00:1f.2", "0x010601\n", "ahci", -1);
	fake_device(A, NVME, "nvme", 3);
	assert_int_equal(nvm_pci_list(&devices, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(devices[0].bdf, A);
	assert_string_equal(devices[1].bdf, B);
	assert_string_equal(devices[2].bdf, VMD);
	assert_string_equal(devices[1].driver, "vfio-pci");
	free(devices);
}

static void list_of_a_machine_without_pci_is_empty(void **state)
{
	struct nvm_pci_device *devices;
	size_t n = 7;

	(void)state;
	assert_int_equal(nvm_pci_list(&devices, &n), 0);
	assert_null(devices);
	assert_int_equal(n, 0);
}

/* More disks than names fit: those that do are whole. */
static void many_disks_do_not_overflow(void **state)
{
	struct nvm_pci_device d;
	char entry[32];
	size_t length;

	(void)state;
	fake_device(A, NVME, "nvme", -1);
	for (int i = 1; i <= 60; i++) {
		snprintf(entry, sizeof(entry), "nvme100n%d", 1000 + i);
		fake_folders(fake_path("/sys/bus/pci/devices/%s/nvme/nvme100/%s", A, entry), 1);
	}
	assert_int_equal(nvm_pci_info(&d, A), 0);
	length = strlen(d.block_devices);
	assert_true(length < sizeof(d.block_devices));
	/* 12 characters each and blanks in between. */
	assert_int_equal((length + 1) % 13, 0);
	assert_true(length > sizeof(d.block_devices) - 14);
}

static void open_is_decided_by_the_driver(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	fake_device(A, NVME, "nvme", 3);
	fake_device(B, NVME, "mydriver", -1);
	assert_int_equal(nvmi_pci_open(&be, A, 0), EBUSY);
	assert_null(be);
	assert_non_null(strstr(nvm_errmsg(), "nvm-bind 0000:05:00.0 --driver=vfio-pci"));
	assert_int_equal(nvmi_pci_open(&be, A, NVM_CTRL_ALLOW_IN_USE), EBUSY);
	assert_int_equal(nvmi_pci_open(&be, B, 0), ENOTSUP);
	assert_non_null(strstr(nvm_errmsg(), "mydriver"));
	assert_non_null(strstr(nvm_errmsg(), "--driver=none"));
	assert_int_equal(nvmi_pci_open(&be, "0000:99:00.0", 0), ENODEV);
	assert_int_equal(nvmi_pci_open(&be, "nonsense", 0), EINVAL);
}

static void disk_in_use_is_not_opened(void **state)
{
	struct nvmi_backend *be;

	(void)state;
	fake_device(A, NVME, "nvme", 3);
	fake_disk(A, "nvme0", "nvme0n1", "nvme0n1", "259:0\n");
	fake_file(fake_path("/proc/self/mountinfo"), "21 1 259:0 / / rw - ext4 /dev/root rw\n");
	assert_int_equal(nvmi_pci_open(&be, A, 0), EBUSY);
	assert_non_null(strstr(nvm_errmsg(), "/dev/nvme0n1 is mounted at /"));
}

/* flock(2) belongs to the open file: another one of the same process is as good as another process. */
static void second_lock_is_refused_and_seen(void **state)
{
	const char *path;
	char why[256];
	int first, second;

	(void)state;
	fake_device(A, NVME, NULL, -1);
	path = fake_path("/sys/bus/pci/devices/%s/resource0", A);
	first = open(path, O_RDWR | O_CLOEXEC);
	second = open(path, O_RDWR | O_CLOEXEC);
	assert_true(first >= 0 && second >= 0);
	assert_false(nvmi_pci_is_open(A, why, sizeof(why)));
	assert_int_equal(nvmi_pci_lock(first, A), 0);
	assert_int_equal(nvmi_pci_lock(second, A), EBUSY);
	assert_true(nvmi_pci_is_open(A, why, sizeof(why)));
	assert_non_null(strstr(why, "mapped by"));
	close(first);
	assert_false(nvmi_pci_is_open(A, why, sizeof(why)));
	assert_int_equal(nvmi_pci_lock(second, A), 0);
	close(second);
}

static void open_vfio_group_is_seen_with_its_program(void **state)
{
	char why[256];

	(void)state;
	fake_device(A, NVME, "vfio-pci", 12);
	fake_file(fake_path("/proc/4711/comm"), "nvm-emu\n");
	fake_link(fake_path("/proc/4711/fd/5"), "/dev/vfio/1");
	assert_false(nvmi_pci_is_open(A, why, sizeof(why)));
	fake_link(fake_path("/proc/4711/fd/6"), "/dev/vfio/12");
	assert_true(nvmi_pci_is_open(A, why, sizeof(why)));
	assert_string_equal(why, "/dev/vfio/12 is open in nvm-emu (process 4711)");
}

static void open_vfio_device_is_seen(void **state)
{
	char why[256];

	(void)state;
	fake_device(A, NVME, "vfio-pci", 12);
	fake_folders(fake_path("/sys/bus/pci/devices/%s/vfio-dev/vfio3", A), 1);
	fake_link(fake_path("/proc/12/fd/6"), "/dev/vfio/devices/vfio3");
	assert_true(nvmi_pci_is_open(A, why, sizeof(why)));
	assert_string_equal(why, "/dev/vfio/devices/vfio3 is open in a program (process 12)");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(address_becomes_canonical),
		TEST(what_is_no_address_is_refused),
		TEST(check_names_what_is_wrong),
		TEST(facts_of_a_device_are_read),
		TEST(device_without_anything_is_described),
		TEST(identity_domain_does_not_translate),
		TEST(list_has_nvme_controllers_by_address),
		TEST(list_of_a_machine_without_pci_is_empty),
		TEST(many_disks_do_not_overflow),
		TEST(open_is_decided_by_the_driver),
		TEST(disk_in_use_is_not_opened),
		TEST(second_lock_is_refused_and_seen),
		TEST(open_vfio_group_is_seen_with_its_program),
		TEST(open_vfio_device_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
