/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * descriptors_test.c - what the library opens is closed again, also after failures, and never gets into
 * a program that the user's program executes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nvm_disk.h"
#include "support/emu_aq.h"

static char path[] = "/tmp/libnvm-descriptors-XXXXXX";

/* Open descriptors from 3 on; *inherited: those that a program executed now would have. */
static unsigned int count(unsigned int *inherited)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned int n = 0;

	assert_non_null(dir);
	*inherited = 0;
	while ((entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (fd < 3 || fd == dirfd(dir))
			continue;
		n++;
		if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
			++*inherited;
	}
	closedir(dir);
	return n;
}

static void none_is_inherited_and_none_is_left(void **state)
{
	unsigned int inherited_before, inherited, before;
	char uri[128];

	(void)state;
	close(mkstemp(path));
	snprintf(uri, sizeof(uri), "emu:%s?size=1M&ns=&size=1M&vectors=4", path);
	before = count(&inherited_before);
	for (int i = 0; i < 3; i++) {
		nvm_disk_t *disk;
		void *memory;

		assert_int_equal(truncate(path, 1 << 20), 0);
		assert_int_equal(nvm_disk_open(&disk, uri, NULL), 0);
		memory = nvm_disk_alloc(disk, 65536);
		assert_non_null(memory);
		assert_int_equal(nvm_disk_read(disk, memory, 0, 8), 0);
		assert_true(count(&inherited) > before);
		assert_int_equal(inherited, inherited_before);
		nvm_disk_close(disk);
		assert_int_equal(count(&inherited), before);
	}
	unlink(path);
}

static void failures_leave_none(void **state)
{
	static const char *const uris[] = {
		"emu:/no/such/folder/disk.img?size=1M",
		"emu:?size=1M&ns=/no/such/file",
		"emu:/dev/null?size=1M&lba=512",
		"emu:?size=1M&mpsmin=64K",
		"emu:?size=1M&nonsense=1",
		"0000:zz:00.0",
		"fffe:1f:1e.7",
	};
	unsigned int inherited, before = count(&inherited);

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		nvm_ctrl_t *ctrl = (nvm_ctrl_t *)&before;

		assert_int_not_equal(nvm_ctrl_open(&ctrl, uris[i], NULL), 0);
		assert_null(ctrl);
		assert_int_equal(count(&inherited), before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_inherited_and_none_is_left),
		cmocka_unit_test(failures_leave_none),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
