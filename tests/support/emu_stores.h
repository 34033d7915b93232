/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_stores.h - for tests of namespaces: a configuration, and a folder for files. Include after
 * cmocka.h.
 */
#ifndef TESTS_EMU_STORES_H
#define TESTS_EMU_STORES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespace.h"

#define MIB (1024ULL * 1024)

struct fixture {
	char dir[64];
	char path[96];  /* does not exist */
	char other[96]; /* neither */
	struct emu_config config;
	struct emu_ns_table table;
	char err[256];
};

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	emu_ns_table_close(&f->table);
	unlink(f->path);
	unlink(f->other);
	rmdir(f->dir);
	free(f);
	return 0;
}

static inline int open_table(struct fixture *f)
{
	f->err[0] = 0;
	return emu_ns_table_open(&f->table, &f->config, f->err, sizeof(f->err));
}

static inline void use_file(struct fixture *f, uint64_t size)
{
	f->config.ns[0].path = f->path;
	f->config.ns[0].size = size;
}

/* One line that contains the text. */
static inline void assert_line(const struct fixture *f, const char *text)
{
	assert_null(strchr(f->err, '\n'));
	if (!strstr(f->err, text))
		fail_msg("\"%s\" does not say \"%s\"", f->err, text);
}

static inline void make_file(const char *path, uint64_t size, const char *text)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	close(fd);
}

static inline uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? UINT64_MAX : (uint64_t)st.st_size;
}

static inline void read_bytes(struct emu_ns *ns, uint64_t offset, void *to, size_t size)
{
	struct iovec iov = {.iov_base = to, .iov_len = size};

	assert_int_equal(ns->ops->readv(ns, offset, &iov, 1, size), 0);
}

static inline void write_bytes(struct emu_ns *ns, uint64_t offset, const void *from, size_t size)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)from, .iov_len = size};

	assert_int_equal(ns->ops->writev(ns, offset, &iov, 1, size, true), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
