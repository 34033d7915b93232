// SPDX-License-Identifier: BSD-2-Clause
/*
 * bind_test.c - binding and restoring against a kernel of our own: what is written to sysfs changes a tree of
 * files as the kernel would change it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "nvm_error.h"
#include "nvm_pci.h"
#include "support/fake_sysfs.h"

#define A    "0000:05:00.0"
#define NVME "0x010802\n"

/* How the kernel misbehaves in this test. */
static struct {
	const char *refuses; /* driver whose probe fails */
	int error;
	const char *vanishes; /* the device goes away when that file is written */
	int n_writes;
} kernel;

static void set_driver(const char *driver)
{
	char target[64];

	unlink(fake_path("/sys/bus/pci/devices/%s/driver", A));
	if (driver == NULL)
		return;
	snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%.32s", driver);
	fake_link(fake_path("/sys/bus/pci/devices/%s/driver", A), target);
}

static const char *driver_of(void)
{
	static char driver[NVMI_NAME_SIZE];

	nvmi_pci_driver(A, driver);
	return driver;
}

static const char *override_of(void)
{
	static char text[NVMI_NAME_SIZE];

	assert_int_equal(nvmi_pci_attr(A, "driver_override", text, sizeof(text)), 0);
	return text;
}

/* Of a path ".../drivers/NAME/bind". */
static void driver_in(const char *path, char *name)
{
	const char *at = strstr(path, "/drivers/") + 9;

	snprintf(name, NVMI_NAME_SIZE, "%.*s", (int)strcspn(at, "/"), at);
}

static int bind_device(const char *path)
{
	char name[NVMI_NAME_SIZE];
	const char *override;

	if (access(fake_path("/sys/bus/pci/devices/%s/class", A), F_OK) != 0)
		return ENODEV;
	override = override_of();
	driver_in(path, name);
	if (!nvmi_pci_driver_loaded(name))
		return ENOENT;
	if (driver_of()[0] != '\0')
		return EBUSY;
	if (override[0] != '\0' && strcmp(override, "(null)") != 0 ? strcmp(override, name) != 0
								   : strcmp(name, "nvme") != 0)
		return ENODEV;
	if (kernel.refuses != NULL && strcmp(kernel.refuses, name) == 0)
		return kernel.error;
	set_driver(name);
	return 0;
}

static int kernel_write(const char *path, const char *value)
{
	const char *file = strrchr(path, '/') + 1;

	kernel.n_writes++;
	if (kernel.vanishes != NULL && strcmp(file, kernel.vanishes) == 0) {
		set_driver(NULL);
		unlink(fake_path("/sys/bus/pci/devices/%s/class", A));
		unlink(fake_path("/sys/bus/pci/devices/%s/driver_override", A));
		return ENOENT;
	}
	if (strcmp(file, "driver_override") == 0) {
		if (access(path, F_OK) != 0)
			return ENOENT;
		fake_file(fake_path("/sys/bus/pci/devices/%s/driver_override", A),
			  value[0] == '\n' ? "(null)\n" : value);
		return 0;
	}
	assert_string_equal(value, A);
	if (strcmp(file, "bind") == 0)
		return bind_device(path);
	assert_string_equal(file, "unbind");
	if (driver_of()[0] == '\0')
		return ENOENT;
	set_driver(NULL);
	return 0;
}

static int setup(void **state)
{
	static const char *const drivers[] = {"nvme", "vfio-pci", "uio_pci_generic"};
	int err = fake_setup(state);

	if (err != 0)
		return err;
	memset(&kernel, 0, sizeof(kernel));
	nvmi_pci_write = kernel_write;
	fake_device(A, NVME, "nvme", 12);
	fake_disk(A, "nvme0", "nvme0n1", "nvme0n1", "259:0\n");
	for (size_t i = 0; i < 3; i++)
		fake_folders(fake_path("/sys/bus/pci/drivers/%s", drivers[i]), 1);
	fake_folders(fake_path("/run"), 1);
	return 0;
}

static int teardown(void **state)
{
	nvmi_pci_write = nvmi_pci_write_file;
	return fake_teardown(state);
}

static bool remembered(void)
{
	return access(fake_path("/run/libnvm/bind/%s", A), F_OK) == 0;
}

static void bind_and_restore(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind("05:00.0", "vfio-pci", 0), 0);
	assert_string_equal(driver_of(), "vfio-pci");
	assert_string_equal(override_of(), "vfio-pci");
	assert_true(remembered());
	assert_int_equal(nvm_pci_restore("pci:05:00.0"), 0);
	assert_string_equal(driver_of(), "nvme");
	assert_string_equal(override_of(), "(null)");
	assert_false(remembered());
}

static void first_driver_is_the_one_restored(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind(A, "uio_pci_generic", 0), 0);
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), 0);
	assert_int_equal(nvm_pci_bind(A, "none", 0), 0);
	assert_string_equal(driver_of(), "");
	assert_string_equal(override_of(), "none");
	assert_int_equal(nvm_pci_restore(A), 0);
	assert_string_equal(driver_of(), "nvme");
}

static void binding_back_by_name_forgets(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), 0);
	assert_int_equal(nvm_pci_bind(A, "nvme", 0), 0);
	assert_string_equal(override_of(), "(null)");
	assert_false(remembered());
	assert_int_equal(nvm_pci_restore(A), ENOENT);
	assert_non_null(strstr(nvm_errmsg(), "nothing is remembered"));
}

static void no_driver_is_restored_too(void **state)
{
	(void)state;
	set_driver(NULL);
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), 0);
	assert_int_equal(nvm_pci_restore(A), 0);
	assert_string_equal(driver_of(), "");
	assert_string_equal(override_of(), "(null)");
}

static void same_driver_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind(A, "nvme", 0), 0);
	set_driver(NULL);
	assert_int_equal(nvm_pci_bind(A, "none", 0), 0);
	assert_int_equal(kernel.n_writes, 0);
	assert_false(remembered());
}

static void missing_driver_is_named_before_anything_changes(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind(A, "libnvm helper", 0), ENOENT);
	assert_non_null(strstr(nvm_errmsg(), "libnvm helper"));
	assert_non_null(strstr(nvm_errmsg(), "modprobe"));
	assert_int_equal(nvm_pci_bind(A, "../vfio-pci", 0), EINVAL);
	assert_int_equal(kernel.n_writes, 0);
	assert_string_equal(driver_of(), "nvme");
	assert_false(remembered());
}

static void vfio_without_iommu_is_refused(void **state)
{
	(void)state;
	unlink(fake_path("/sys/bus/pci/devices/%s/iommu_group", A));
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), ENOTSUP);
	assert_non_null(strstr(nvm_errmsg(), "IOMMU"));
	assert_int_equal(kernel.n_writes, 0);
}

static void disk_in_use_is_left_alone_without_force(void **state)
{
	(void)state;
	fake_file(fake_path("/proc/self/mountinfo"), "21 1 259:0 / / rw - ext4 /dev/root rw\n");
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), EBUSY);
	assert_non_null(strstr(nvm_errmsg(), "/dev/nvme0n1 is mounted at /"));
	assert_int_equal(kernel.n_writes, 0);
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", NVM_PCI_FORCE), 0);
	assert_string_equal(driver_of(), "vfio-pci");
}

static void open_controller_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), 0);
	fake_file(fake_path("/proc/77/comm"), "fio\n");
	fake_link(fake_path("/proc/77/fd/9"), "/dev/vfio/12");
	kernel.n_writes = 0;
	assert_int_equal(nvm_pci_restore(A), EBUSY);
	assert_non_null(strstr(nvm_errmsg(), "fio"));
	assert_int_equal(nvm_pci_bind(A, "nvme", 0), EBUSY);
	assert_int_equal(kernel.n_writes, 0);
	assert_true(remembered());
}

static void failed_bind_gives_it_back(void **state)
{
	(void)state;
	kernel.refuses = "vfio-pci";
	kernel.error = EINVAL;
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), EINVAL);
	assert_non_null(strstr(nvm_errmsg(), "vfio-pci does not take it"));
	assert_string_equal(driver_of(), "nvme");
	assert_string_equal(override_of(), "(null)");
	assert_false(remembered());
}

static void failed_bind_keeps_a_foreign_override(void **state)
{
	(void)state;
	fake_file(fake_path("/sys/bus/pci/devices/%s/driver_override", A), "nvme\n");
	kernel.refuses = "uio_pci_generic";
	kernel.error = ENODEV;
	assert_int_equal(nvm_pci_bind(A, "uio_pci_generic", 0), ENODEV);
	assert_string_equal(driver_of(), "nvme");
	assert_string_equal(override_of(), "nvme");
}

static void failed_restore_can_be_tried_again(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), 0);
	kernel.refuses = "nvme";
	kernel.error = EIO;
	assert_int_equal(nvm_pci_restore(A), EIO);
	assert_string_equal(driver_of(), "vfio-pci");
	assert_true(remembered());
	kernel.refuses = NULL;
	assert_int_equal(nvm_pci_restore(A), 0);
	assert_string_equal(driver_of(), "nvme");
}

static void device_that_vanishes_is_said(void **state)
{
	static const char *const files[] = {"driver_override", "unbind", "bind"};

	for (size_t i = 0; i < 3; i++) {
		kernel.vanishes = files[i];
		assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), ENODEV);
		assert_non_null(strstr(nvm_errmsg(), "went away"));
		assert_false(remembered());
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	assert_int_equal(nvm_pci_bind("5", "vfio-pci", 0), EINVAL);
	assert_int_equal(nvm_pci_bind(NULL, "vfio-pci", 0), EINVAL);
	assert_int_equal(nvm_pci_bind(A, NULL, 0), EINVAL);
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0x80), EINVAL);
	assert_int_equal(nvm_pci_bind("0000:06:00.0", "vfio-pci", 0), ENODEV);
	assert_int_equal(nvm_pci_restore("0000:06:00.0"), ENODEV);
	fake_file(fake_path("/sys/bus/pci/devices/%s/class", A), "0x020000\n");
	assert_int_equal(nvm_pci_bind(A, "vfio-pci", 0), ENODEV);
	assert_non_null(strstr(nvm_errmsg(), "0x020000"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bind_and_restore),
		TEST(first_driver_is_the_one_restored),
		TEST(binding_back_by_name_forgets),
		TEST(no_driver_is_restored_too),
		TEST(same_driver_changes_nothing),
		TEST(missing_driver_is_named_before_anything_changes),
		TEST(vfio_without_iommu_is_refused),
		TEST(disk_in_use_is_left_alone_without_force),
		TEST(open_controller_is_left_alone),
		TEST(failed_bind_gives_it_back),
		TEST(failed_bind_keeps_a_foreign_override),
		TEST(failed_restore_can_be_tried_again),
		TEST(device_that_vanishes_is_said),
		TEST(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
