/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_backing_file_test.c - namespaces of the software controller in files.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "namespace.h"
#include "support/emu_stores.h"

static void a_missing_file_is_created_if_a_size_is_given(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	use_file(f, 0);
	assert_int_equal(open_table(f), ENOENT);
	assert_line(f, "size=");
	assert_int_equal(access(f->path, F_OK), -1);

	use_file(f, 64 * MIB);
	f->config.ns[0].read_only = true;
	assert_int_equal(open_table(f), ENOENT);
	assert_line(f, "ro=1");
	f->config.ns[0].read_only = false;

	assert_int_equal(open_table(f), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 64 * MIB);
	assert_true(st.st_blocks * 512 < 1 * (int64_t)MIB); /* sparse */
}

static void a_file_that_could_not_be_used_is_not_left_behind(void **state)
{
	struct fixture *f = *state;

	use_file(f, 1000);
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "multiple");
	assert_int_equal(access(f->path, F_OK), -1);
}

static void an_existing_file_keeps_its_size_and_data(void **state)
{
	struct fixture *f = *state;
	char buf[512];

	make_file(f->path, 1 * MIB, "precious");
	use_file(f, 2 * MIB);
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "size=");
	use_file(f, 512);
	assert_int_equal(open_table(f), EINVAL);
	assert_int_equal(file_size(f->path), 1 * MIB);

	use_file(f, 1 * MIB);
	assert_int_equal(open_table(f), 0);
	emu_ns_table_close(&f->table);
	use_file(f, 0);
	assert_int_equal(open_table(f), 0);
	assert_int_equal(emu_geometry_blocks(f->table.ns[0]->geometry), 2048);
	read_bytes(f->table.ns[0], 0, buf, sizeof(buf));
	assert_string_equal(buf, "precious");
}

static void a_file_of_the_wrong_size_is_refused(void **state)
{
	struct fixture *f = *state;

	make_file(f->path, 1 * MIB + 512, "x");
	use_file(f, 0);
	f->config.ns[0].lba_size = 4096;
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "4096");
	f->config.ns[0].lba_size = 512;
	assert_int_equal(open_table(f), 0);
}

static void an_empty_file_needs_a_size(void **state)
{
	struct fixture *f = *state;

	make_file(f->path, 0, "");
	use_file(f, 0);
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "size=");
	use_file(f, 1 * MIB);
	assert_int_equal(open_table(f), 0);
	assert_int_equal(file_size(f->path), 1 * MIB);
}

static void what_is_no_file_is_refused(void **state)
{
	struct fixture *f = *state;

	f->config.ns[0].path = f->dir;
	assert_int_not_equal(open_table(f), 0);
	assert_line(f, f->dir);
	f->config.ns[0].path = (char *)(uintptr_t) "/dev/null";
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "regular file");
}

static void a_file_belongs_to_one_controller(void **state)
{
	struct fixture *f = *state;
	struct emu_ns_table second;
	int status;
	pid_t pid;

	use_file(f, 1 * MIB);
	assert_int_equal(open_table(f), 0);
	assert_int_equal(emu_ns_table_open(&second, &f->config, f->err, sizeof(f->err)), EBUSY);
	assert_line(f, "in use");
	f->config.ns[0].read_only = true;
	assert_int_equal(emu_ns_table_open(&second, &f->config, f->err, sizeof(f->err)), EBUSY);
	f->config.ns[0].read_only = false;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(emu_ns_table_open(&second, &f->config, f->err, sizeof(f->err)) == EBUSY);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);

	/* Twice in one controller is no better. */
	emu_ns_table_close(&f->table);
	f->config.n_ns = 2;
	f->config.ns[1] = f->config.ns[0];
	assert_int_equal(open_table(f), EBUSY);
	/* All closed again, the first one included. */
	f->config.n_ns = 1;
	assert_int_equal(open_table(f), 0);
}

/* What a program prints must not reach the disk because it was started with a descriptor closed. */
static void a_file_keeps_away_from_the_standard_descriptors(void **state)
{
	struct fixture *f = *state;
	int input = dup(0);

	assert_true(input > 2);
	use_file(f, 1 * MIB);
	close(0);
	assert_int_equal(open_table(f), 0);
	assert_int_equal(fcntl(0, F_GETFD), -1);
	assert_int_equal(dup2(input, 0), 0);
	close(input);
}

static void readers_share_a_file(void **state)
{
	struct fixture *f = *state;
	struct emu_ns_table second;

	make_file(f->path, 1 * MIB, "shared");
	assert_int_equal(chmod(f->path, 0400), 0);
	use_file(f, 0);
	f->config.ns[0].read_only = true;
	assert_int_equal(open_table(f), 0);
	assert_int_equal(emu_ns_table_open(&second, &f->config, f->err, sizeof(f->err)), 0);
	emu_ns_table_close(&second);
}

static void identifiers_follow_the_file(void **state)
{
	struct fixture *f = *state;
	struct nvm_id_ns first, id;
	char dotted[128];

	use_file(f, 1 * MIB);
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &first);
	emu_ns_table_close(&f->table);
	assert_true(first.eui64[0] & 0x02); /* locally administered */

	/* The same file under another name. */
	snprintf(dotted, sizeof(dotted), "%s/./disk.img", f->dir);
	f->config.ns[0].path = dotted;
	strcpy(f->config.serial, "SN2");
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &id);
	emu_ns_table_close(&f->table);
	assert_memory_equal(id.nguid, first.nguid, 16);
	assert_memory_equal(id.eui64, first.eui64, 8);

	f->config.ns[0].path = f->other;
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &id);
	emu_ns_table_close(&f->table);
	assert_memory_not_equal(id.nguid, first.nguid, 16);
	assert_memory_not_equal(id.eui64, first.eui64, 8);
}

static void a_file_keeps_what_was_written(void **state)
{
	struct fixture *f = *state;
	uint8_t out[4096], in[4096];

	for (unsigned int i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 3);
	use_file(f, 1 * MIB);
	assert_int_equal(open_table(f), 0);
	write_bytes(f->table.ns[0], 8192, out, sizeof(out));
	assert_int_equal(emu_ns_table_close(&f->table), 0);
	assert_int_equal(open_table(f), 0);
	read_bytes(f->table.ns[0], 8192, in, sizeof(in));
	assert_memory_equal(in, out, sizeof(in));
}

static void deallocation_gives_space_back(void **state)
{
	static uint8_t buf[MIB], zero[4096];
	struct fixture *f = *state;
	struct nvm_id_ns id;
	struct emu_ns *ns;

	use_file(f, 8 * MIB);
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	if (!ns->can_deallocate)
		skip();
	memset(buf, 7, sizeof(buf));
	write_bytes(ns, MIB, buf, sizeof(buf));
	emu_ns_identify(ns, &id);
	assert_in_range(id.nuse, MIB / 512, 2 * MIB / 512);
	assert_int_equal(ns->ops->zero(ns, MIB, MIB, true), 0);
	emu_ns_identify(ns, &id);
	assert_true(id.nuse < MIB / 512);
	assert_int_equal(id.ncap, 8 * MIB / 512);
	read_bytes(ns, MIB + 4096, buf, 4096);
	assert_memory_equal(buf, zero, 4096);
	assert_int_equal(file_size(f->path), 8 * MIB);
}

static void a_file_that_shrank_gives_read_errors(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[512];
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct emu_ns *ns;

	use_file(f, 1 * MIB);
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	assert_int_equal(truncate(f->path, 4096), 0);
	assert_int_equal(ns->ops->readv(ns, 0, &iov, 1, 512), 0);
	assert_int_equal(ns->ops->readv(ns, 8192, &iov, 1, 512), NVM_SC_UNRECOVERED_READ_ERROR);
}

static void a_full_file_system_is_capacity_exceeded(void **state)
{
	static uint8_t buf[MIB];
	struct fixture *f = *state;
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	emu_status_t status = 0;
	struct emu_ns *ns;

	if (geteuid() || mount("tmpfs", f->dir, "tmpfs", 0, "size=2m"))
		skip(); /* needs a file system that can be filled */
	use_file(f, 16 * MIB);
	if (!open_table(f)) {
		ns = f->table.ns[0];
		for (uint64_t at = 0; !status && at < 16 * MIB; at += MIB)
			status = ns->ops->writev(ns, at, &iov, 1, MIB, false);
		emu_ns_table_close(&f->table);
	}
	umount(f->dir);
	assert_int_equal(status, EMU_FAIL(NVM_SC_CAPACITY_EXCEEDED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missing_file_is_created_if_a_size_is_given),
		TEST(a_file_that_could_not_be_used_is_not_left_behind),
		TEST(an_existing_file_keeps_its_size_and_data),
		TEST(a_file_of_the_wrong_size_is_refused),
		TEST(an_empty_file_needs_a_size),
		TEST(what_is_no_file_is_refused),
		TEST(a_file_belongs_to_one_controller),
		TEST(a_file_keeps_away_from_the_standard_descriptors),
		TEST(readers_share_a_file),
		TEST(identifiers_follow_the_file),
		TEST(a_file_keeps_what_was_written),
		TEST(deallocation_gives_space_back),
		TEST(a_file_that_shrank_gives_read_errors),
		TEST(a_full_file_system_is_capacity_exceeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
