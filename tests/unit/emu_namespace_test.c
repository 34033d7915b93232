/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_namespace_test.c - the software controller's namespaces and their backing stores.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "namespace.h"
#include "stripes.h"

#define MIB (1024ULL * 1024)

struct fixture {
	char dir[64];
	char path[96];  /* does not exist */
	char other[96]; /* neither */
	struct emu_config config;
	struct emu_ns_table table;
	char err[256];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/emu-namespace-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/disk.img", f->dir);
	snprintf(f->other, sizeof(f->other), "%s/other.img", f->dir);
	f->config.n_ns = 1;
	f->config.n_threads = 1;
	f->config.volatile_cache = true;
	f->config.ns[0].lba_size = 512;
	strcpy(f->config.serial, "SN1");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	emu_ns_table_close(&f->table);
	unlink(f->path);
	unlink(f->other);
	rmdir(f->dir);
	free(f);
	return 0;
}

static int open_table(struct fixture *f)
{
	f->err[0] = 0;
	return emu_ns_table_open(&f->table, &f->config, f->err, sizeof(f->err));
}

static void use_file(struct fixture *f, uint64_t size)
{
	f->config.ns[0].path = f->path;
	f->config.ns[0].size = size;
}

/* One line that contains the text. */
static void assert_line(const struct fixture *f, const char *text)
{
	assert_null(strchr(f->err, '\n'));
	if (!strstr(f->err, text))
		fail_msg("\"%s\" does not say \"%s\"", f->err, text);
}

static void make_file(const char *path, uint64_t size, const char *text)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	close(fd);
}

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? UINT64_MAX : (uint64_t)st.st_size;
}

static void read_bytes(struct emu_ns *ns, uint64_t offset, void *to, size_t size)
{
	struct iovec iov = {.iov_base = to, .iov_len = size};

	assert_int_equal(ns->ops->readv(ns, offset, &iov, 1, size), 0);
}

static void write_bytes(struct emu_ns *ns, uint64_t offset, const void *from, size_t size)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)from, .iov_len = size};

	assert_int_equal(ns->ops->writev(ns, offset, &iov, 1, size, true), 0);
}

static void identify_tells_size_and_formats(void **state)
{
	struct fixture *f = *state;
	struct nvm_id_ns id;

	f->config.n_ns = 2;
	f->config.ns[0].size = 1 * MIB;
	f->config.ns[1].size = 2 * MIB;
	f->config.ns[1].lba_size = 4096;
	f->config.ns[1].read_only = true;
	assert_int_equal(open_table(f), 0);

	emu_ns_identify(emu_ns_get(&f->table, 1), &id);
	assert_int_equal(id.nsze, 2048);
	assert_int_equal(id.ncap, 2048);
	assert_int_equal(id.nuse, 2048);
	assert_int_equal(id.nlbaf, 1);
	assert_int_equal(id.lbaf[0].lbads, 9);
	assert_int_equal(id.lbaf[1].lbads, 12);
	assert_int_equal(id.flbas, 0);
	assert_int_equal(NVM_DLFEAT_READ(id.dlfeat), NVM_DLFEAT_READ_ZEROES);
	assert_int_equal(id.nvmcap[0], MIB);
	assert_int_equal(id.nsattr, 0);

	emu_ns_identify(emu_ns_get(&f->table, 2), &id);
	assert_int_equal(id.nsze, 512);
	assert_int_equal(id.flbas, 1);
	assert_int_equal(id.nsattr, NVM_NSATTR_WRITE_PROTECTED);
}

static void only_open_namespaces_are_found(void **state)
{
	struct fixture *f = *state;

	f->config.n_ns = 2;
	f->config.ns[1] = f->config.ns[0];
	assert_int_equal(open_table(f), 0);
	assert_null(emu_ns_get(&f->table, 0));
	assert_non_null(emu_ns_get(&f->table, 1));
	assert_non_null(emu_ns_get(&f->table, 2));
	assert_null(emu_ns_get(&f->table, 3));
	assert_null(emu_ns_get(&f->table, NVM_NSID_ALL));
	/* The default size. */
	assert_int_equal(emu_geometry_blocks(f->table.ns[0]->geometry) * 512, 256 * MIB);
}

static void memory_reads_as_zeroes_until_written(void **state)
{
	static uint8_t zero[8192], buf[8192];
	struct fixture *f = *state;
	struct emu_ns *ns;

	/* Far more than there is: only what is written takes memory. */
	f->config.ns[0].size = 1ULL << 40;
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	memset(buf, 1, sizeof(buf));
	read_bytes(ns, (1ULL << 40) - sizeof(buf), buf, sizeof(buf));
	assert_memory_equal(buf, zero, sizeof(buf));
	memset(buf, 2, sizeof(buf));
	write_bytes(ns, 512, buf, sizeof(buf));
	memset(buf, 3, sizeof(buf));
	read_bytes(ns, 0, buf, 1024);
	assert_memory_equal(buf, zero, 512);
	assert_int_equal(buf[512], 2);
	assert_int_equal(ns->ops->zero(ns, 0, 1ULL << 40, true), 0);
	read_bytes(ns, 512, buf, sizeof(buf));
	assert_memory_equal(buf, zero, sizeof(buf));
}

static void wrong_sizes_are_refused(void **state)
{
	struct fixture *f = *state;

	f->config.ns[0].lba_size = 520;
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "520");
	f->config.ns[0].lba_size = 4096;
	f->config.ns[0].size = 4096 + 512;
	assert_int_equal(open_table(f), EINVAL);
	assert_line(f, "multiple");
	assert_int_equal(f->table.n, 0);
}

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

static void memory_has_identifiers_of_its_controller_and_nsid(void **state)
{
	struct fixture *f = *state;
	struct nvm_id_ns first, second, other;

	f->config.n_ns = 2;
	f->config.ns[1] = f->config.ns[0];
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &first);
	emu_ns_identify(f->table.ns[1], &second);
	emu_ns_table_close(&f->table);
	assert_memory_not_equal(first.nguid, second.nguid, 16);
	strcpy(f->config.serial, "SN2");
	assert_int_equal(open_table(f), 0);
	emu_ns_identify(f->table.ns[0], &other);
	assert_memory_not_equal(first.nguid, other.nguid, 16);
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

static uint32_t format(unsigned int lbaf, unsigned int ses)
{
	return NVM_FIELD(FORMAT_LBAFL, lbaf) | NVM_FIELD(FORMAT_SES, ses);
}

static void format_erases_and_changes_the_block_size(void **state)
{
	static uint8_t zero[4096];
	struct fixture *f = *state;
	uint8_t buf[4096];

	for (int file = 0; file < 2; file++) {
		struct emu_ns *ns;

		f->config.ns[0].size = 1 * MIB;
		if (file)
			use_file(f, 1 * MIB);
		assert_int_equal(open_table(f), 0);
		ns = f->table.ns[0];
		memset(buf, 9, sizeof(buf));
		write_bytes(ns, 8192, buf, sizeof(buf));
		assert_int_equal(emu_ns_format(ns, format(1, NVM_FORMAT_SES_USER_DATA)), 0);
		assert_int_equal(emu_geometry_blocks(ns->geometry), 256);
		assert_int_equal(emu_geometry_shift(ns->geometry), 12);
		read_bytes(ns, 8192, buf, sizeof(buf));
		assert_memory_equal(buf, zero, sizeof(buf));
		assert_int_equal(emu_ns_format(ns, format(0, NVM_FORMAT_SES_NONE)), 0);
		assert_int_equal(emu_geometry_blocks(ns->geometry), 2048);
		emu_ns_table_close(&f->table);
	}
}

static void impossible_formats_are_refused(void **state)
{
	struct fixture *f = *state;
	struct emu_ns *ns;

	f->config.ns[0].size = 512; /* not even one block of 4096 */
	assert_int_equal(open_table(f), 0);
	ns = f->table.ns[0];
	assert_int_equal(emu_ns_format(ns, format(2, 0)), EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, NVM_FIELD(FORMAT_LBAFU, 1)),
			 EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, NVM_FIELD(FORMAT_PI, 1)),
			 EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, format(0, NVM_FORMAT_SES_CRYPTO)),
			 EMU_FAIL(NVM_SC_INVALID_FIELD));
	assert_int_equal(emu_ns_format(ns, format(1, 0)), EMU_FAIL(NVM_SC_INVALID_FORMAT));
	assert_int_equal(emu_ns_format(ns, format(0, 0)), 0);
	emu_ns_table_close(&f->table);

	f->config.ns[0].read_only = true;
	assert_int_equal(open_table(f), 0);
	assert_int_equal(emu_ns_format(f->table.ns[0], format(0, 0)),
			 EMU_FAIL(NVM_SC_NS_WRITE_PROTECTED));
}

/*
 * Locks: threads add to counters that their range covers, without further protection.
 */
#define N_COUNTERS 400 /* more than there are locks, one per stripe */

struct counting {
	struct emu_stripes *stripes;
	uint64_t counter[N_COUNTERS];
	uint64_t expected[4][N_COUNTERS];
};

struct counter_thread {
	struct counting *shared;
	unsigned int index;
};

static void *count(void *arg)
{
	struct counter_thread *thread = arg;
	struct counting *shared = thread->shared;
	uint32_t seed = thread->index * 99 + 1;

	for (unsigned int round = 0; round < 1000; round++) {
		unsigned int first, n;
		uint64_t offset, bytes, sum = 0;
		bool exclusive;

		seed = seed * 1664525U + 1013904223U;
		first = (seed >> 8) % N_COUNTERS;
		n = 1 + (seed >> 20) % (round % 50 ? 4 : N_COUNTERS);
		n = n > N_COUNTERS - first ? N_COUNTERS - first : n;
		exclusive = seed >> 31;
		offset = ((uint64_t)first << EMU_STRIPE_SHIFT) + 5;
		bytes = ((uint64_t)n << EMU_STRIPE_SHIFT) - 9;
		emu_stripes_lock(shared->stripes, offset, bytes, exclusive);
		for (unsigned int i = first; i < first + n; i++) {
			if (exclusive) {
				shared->counter[i]++;
				shared->expected[thread->index][i]++;
			} else {
				sum += shared->counter[i];
			}
		}
		emu_stripes_unlock(shared->stripes, offset, bytes, exclusive);
		(void)sum;
	}
	return NULL;
}

static void locks_of_overlapping_ranges_exclude_each_other(void **state)
{
	struct counting *shared = calloc(1, sizeof(*shared));
	struct counter_thread thread[4];
	pthread_t id[4];

	(void)state;
	assert_non_null(shared);
	shared->stripes = emu_stripes_new();
	assert_non_null(shared->stripes);
	for (unsigned int i = 0; i < 4; i++) {
		thread[i] = (struct counter_thread){shared, i};
		assert_int_equal(pthread_create(&id[i], NULL, count, &thread[i]), 0);
	}
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	for (unsigned int i = 0; i < N_COUNTERS; i++) {
		uint64_t sum = 0;

		for (unsigned int t = 0; t < 4; t++)
			sum += shared->expected[t][i];
		assert_int_equal(shared->counter[i], sum);
	}
	for (unsigned int i = 0; i < EMU_STRIPES; i++) /* all given back */
		assert_int_equal(shared->stripes->stripe[i].state & ~0x40000000U, 0);
	free(shared->stripes);
	free(shared);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(identify_tells_size_and_formats),
		TEST(only_open_namespaces_are_found),
		TEST(memory_reads_as_zeroes_until_written),
		TEST(wrong_sizes_are_refused),
		TEST(a_missing_file_is_created_if_a_size_is_given),
		TEST(a_file_that_could_not_be_used_is_not_left_behind),
		TEST(an_existing_file_keeps_its_size_and_data),
		TEST(a_file_of_the_wrong_size_is_refused),
		TEST(an_empty_file_needs_a_size),
		TEST(what_is_no_file_is_refused),
		TEST(a_file_belongs_to_one_controller),
		TEST(readers_share_a_file),
		TEST(identifiers_follow_the_file),
		TEST(memory_has_identifiers_of_its_controller_and_nsid),
		TEST(a_file_keeps_what_was_written),
		TEST(deallocation_gives_space_back),
		TEST(a_file_that_shrank_gives_read_errors),
		TEST(a_full_file_system_is_capacity_exceeded),
		TEST(format_erases_and_changes_the_block_size),
		TEST(impossible_formats_are_refused),
		cmocka_unit_test(locks_of_overlapping_ranges_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
