/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's configuration: what text means, which text is refused and how.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

#include <cmocka.h>

#include "emu.h"

static struct emu_config config;
static char err[400];

static int parse(const char *spec)
{
	emu_config_free(&config);
	emu_config_init(&config);
	memset(err, 'x', sizeof(err) - 1);
	return emu_config_parse(&config, spec, err, sizeof(err));
}

static int teardown(void **state)
{
	(void)state;
	emu_config_free(&config);
	return 0;
}

static void nothing_means_256_mib_of_memory_and_the_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(config.n_ns, 1);
	assert_null(config.ns[0].path);
	assert_int_equal(config.ns[0].size, 0);
	assert_int_equal(config.ns[0].lba_size, 512);
	assert_false(config.ns[0].null);
	assert_false(config.ns[0].read_only);
	assert_int_equal(config.n_queue_pairs, 128);
	assert_int_equal(config.max_entries, 65536);
	assert_false(config.cqr);
	assert_int_equal(config.mdts, 8);
	assert_int_equal(config.dstrd, 0);
	assert_int_equal(config.mpsmin, 0);
	assert_int_equal(config.mpsmax, 4);
	assert_true(config.sgl);
	assert_true(config.doorbell_buffer);
	assert_false(config.volatile_cache);
	assert_int_equal(config.to, 20);
	assert_int_equal(config.n_threads, 1);
	assert_false(config.poll_busy);
	assert_string_equal(err, "");
}

static void every_key_sets_its_field(void **state)
{
	(void)state;
	assert_int_equal(parse("?size=4G&lba=4096&ro=1&queues=7&depth=1024&cqr=1&mdts=128K&dstrd=3"
			       "&mpsmin=8K&mpsmax=32768&sgl=0&dbbuf=off&vwc=yes&ready=30ms&to=0"
			       "&threads=2&poll=busy&latency=10us&read=80us&jitter=5ns"
			       "&serial=S1&model=M%201&vectors=9"),
			 0);
	assert_int_equal(config.ns[0].size, UINT64_C(4) << 30);
	assert_int_equal(config.ns[0].lba_size, 4096);
	assert_true(config.ns[0].read_only);
	assert_int_equal(config.n_queue_pairs, 7);
	assert_int_equal(config.max_entries, 1024);
	assert_true(config.cqr);
	assert_int_equal(config.mdts, 5);
	assert_int_equal(config.dstrd, 3);
	assert_int_equal(config.mpsmin, 1);
	assert_int_equal(config.mpsmax, 3);
	assert_false(config.sgl);
	assert_false(config.doorbell_buffer);
	assert_true(config.volatile_cache);
	assert_int_equal(config.ready_ms, 30);
	assert_int_equal(config.to, 0);
	assert_int_equal(config.n_threads, 2);
	assert_true(config.poll_busy);
	assert_int_equal(config.latency.read_ns, 80000);
	assert_int_equal(config.latency.write_ns, 10000);
	assert_int_equal(config.latency.other_ns, 10000);
	assert_int_equal(config.latency.jitter_ns, 5);
	assert_string_equal(config.serial, "S1");
	assert_string_equal(config.model, "M 1");
	assert_int_equal(config.n_vectors, 9);
}

static void read_and_write_times_win_over_latency_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(parse("?write=1s&latency=2ms"), 0);
	assert_int_equal(config.latency.read_ns, 2000000);
	assert_int_equal(config.latency.write_ns, 1000000000);
	assert_int_equal(config.latency.other_ns, 2000000);
}

static void sizes_have_binary_units(void **state)
{
	static const struct {
		const char *spec;
		uint64_t bytes;
	} sizes[] = {
		{"?size=512", 512},
		{"?size=1K", 1024},
		{"?size=3m", 3u << 20},
		{"?size=1G", 1u << 30},
		{"?size=2T", UINT64_C(2) << 40},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(parse(sizes[i].spec), 0);
		assert_int_equal(config.ns[0].size, sizes[i].bytes);
	}
}

static void a_path_names_a_file_and_turns_the_write_cache_on(void **state)
{
	(void)state;
	assert_int_equal(parse("/tmp/a%3fb%20c%25.img?size=1M"), 0);
	assert_string_equal(config.ns[0].path, "/tmp/a?b c%.img");
	assert_true(config.volatile_cache);
	assert_int_equal(parse("disk.img?vwc=0"), 0);
	assert_false(config.volatile_cache);
}

static void null_is_no_data(void **state)
{
	(void)state;
	assert_int_equal(parse("null"), 0);
	assert_true(config.ns[0].null);
	assert_null(config.ns[0].path);
	assert_false(config.volatile_cache);
	assert_int_equal(parse("./null"), 0);
	assert_false(config.ns[0].null);
	assert_string_equal(config.ns[0].path, "./null");
}

static void keys_belong_to_the_namespace_before_them(void **state)
{
	(void)state;
	assert_int_equal(parse("a?lba=4096&ns=&size=8K&ns=b%26&ro=1&queues=3&ns=null&lba=4K"), 0);
	assert_int_equal(config.n_ns, 4);
	assert_string_equal(config.ns[0].path, "a");
	assert_int_equal(config.ns[0].lba_size, 4096);
	assert_false(config.ns[0].read_only);
	assert_null(config.ns[1].path);
	assert_int_equal(config.ns[1].size, 8192);
	assert_int_equal(config.ns[1].lba_size, 512);
	assert_string_equal(config.ns[2].path, "b&");
	assert_true(config.ns[2].read_only);
	assert_true(config.ns[3].null);
	assert_int_equal(config.ns[3].lba_size, 4096);
	assert_int_equal(config.n_queue_pairs, 3);
}

static void sixty_four_namespaces_are_the_limit(void **state)
{
	char spec[1024] = "?";

	(void)state;
	for (int i = 0; i < EMU_MAX_NAMESPACES - 1; i++)
		strcat(spec, "ns=&");
	assert_int_equal(parse(spec), 0);
	assert_int_equal(config.n_ns, EMU_MAX_NAMESPACES);
	strcat(spec, "ns=");
	assert_int_equal(parse(spec), EINVAL);
	assert_non_null(strstr(err, "64"));
}

static void limits_are_inclusive(void **state)
{
	(void)state;
	assert_int_equal(parse("?queues=1&depth=2&dstrd=8&to=255&vectors=2048&threads=256"), 0);
	assert_int_equal(parse("?queues=1024&depth=65536&mpsmin=128M&mpsmax=128M&mdts=0"), 0);
	assert_int_equal(parse("?serial=12345678901234567890"), 0);
}

/* Wrong text, and what the line about it must name. */
static void wrong_text_is_refused_with_one_line_that_names_it(void **state)
{
	static const char *const wrong[][2] = {
		{"?foo=1", "foo"},
		{"?ro", "ro"},
		{"?size=", "size="},
		{"?size=0", "size=0"},
		{"?size=12X", "size=12X"},
		{"?size=1KB", "size=1KB"},
		{"?size=-1", "size=-1"},
		{"?size= 1", "size= 1"},
		{"?size=99999999999999999999", "size=9999"},
		{"?size=16777216T", "size=16777216T"},
		{"?size=1000", "size=1000"},
		{"?lba=4096&size=512", "size=512"},
		{"?lba=1024", "lba=1024"},
		{"?ro=2", "ro=2"},
		{"?queues=0", "queues=0"},
		{"?queues=1025", "queues=1025"},
		{"?queues=1x", "queues=1x"},
		{"?depth=1", "depth=1"},
		{"?depth=65537", "depth=65537"},
		{"?cqr=maybe", "cqr=maybe"},
		{"?mdts=4096", "mdts=4096"},
		{"?mdts=12K", "mdts=12K"},
		{"?mpsmin=64K&mdts=64K", "mdts=65536"},
		{"?dstrd=9", "dstrd=9"},
		{"?mpsmin=2048", "mpsmin=2048"},
		{"?mpsmax=256M", "mpsmax=256M"},
		{"?mpsmin=8K&mpsmax=4K", "mpsmin=8192"},
		{"?ready=10", "ready=10"},
		{"?ready=10us", "ready=10us"},
		{"?ready=10min", "ready=10min"},
		{"?to=256", "to=256"},
		{"?threads=0", "threads=0"},
		{"?poll=always", "poll=always"},
		{"?latency=fast", "latency=fast"},
		{"?read=99999999999s", "read=99999999999s"},
		{"?serial=123456789012345678901", "serial=1234"},
		{"?serial=%0a", "serial="},
		{"?model=%ff", "model="},
		{"?vectors=2049", "vectors=2049"},
		{"?serial=%4", "serial=%4"},
		{"?serial=%00", "serial="},
		{"a%zz", "a%zz"},
		{"?size=1M&size=2M", "size=2M"},
		{"?queues=8&ns=&queues=8", "queues=8"},
		{"?ns=&lba=512&lba=4096", "lba=4096"},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(wrong[i][0]) != EINVAL)
			fail_msg("\"%s\" was accepted", wrong[i][0]);
		if (!strstr(err, wrong[i][1]) || strchr(err, '\n'))
			fail_msg("\"%s\": \"%s\"", wrong[i][0], err);
	}
}

static void the_line_for_an_unknown_key_lists_all_keys(void **state)
{
	(void)state;
	assert_int_equal(parse("?sise=1"), EINVAL);
	assert_non_null(strstr(err, " size"));
	assert_non_null(strstr(err, " vectors"));
}

static void a_small_error_buffer_is_respected(void **state)
{
	char small[8];

	(void)state;
	emu_config_free(&config);
	emu_config_init(&config);
	assert_int_equal(emu_config_parse(&config, "?queues=99999", small, sizeof(small)), EINVAL);
	assert_int_equal(strlen(small), sizeof(small) - 1);
	assert_int_equal(emu_config_parse(&config, "?queues=99999", NULL, 0), EINVAL);
}

static void create_refuses_what_parse_would_refuse(void **state)
{
	struct emu *emu;

	(void)state;
	assert_int_equal(parse(""), 0);
	config.n_queue_pairs = 0;
	assert_int_equal(emu_create(&emu, &config, err, sizeof(err)), EINVAL);
	assert_null(emu);
	assert_non_null(strstr(err, "queues=0"));
	config.n_queue_pairs = 1;
	config.ns[0].lba_size = 520;
	assert_int_equal(emu_create(&emu, &config, err, sizeof(err)), EINVAL);
	assert_non_null(strstr(err, "lba=520"));
	config.ns[0].lba_size = 512;
	config.latency.jitter_ns = UINT64_MAX;
	assert_int_equal(emu_create(&emu, &config, err, sizeof(err)), EINVAL);
	assert_non_null(strstr(err, "jitter="));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_means_256_mib_of_memory_and_the_defaults),
		cmocka_unit_test(every_key_sets_its_field),
		cmocka_unit_test(read_and_write_times_win_over_latency_in_any_order),
		cmocka_unit_test(sizes_have_binary_units),
		cmocka_unit_test(a_path_names_a_file_and_turns_the_write_cache_on),
		cmocka_unit_test(null_is_no_data),
		cmocka_unit_test(keys_belong_to_the_namespace_before_them),
		cmocka_unit_test(sixty_four_namespaces_are_the_limit),
		cmocka_unit_test(limits_are_inclusive),
		cmocka_unit_test(wrong_text_is_refused_with_one_line_that_names_it),
		cmocka_unit_test(the_line_for_an_unknown_key_lists_all_keys),
		cmocka_unit_test(a_small_error_buffer_is_respected),
		cmocka_unit_test(create_refuses_what_parse_would_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
