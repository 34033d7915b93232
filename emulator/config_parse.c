/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config_parse.c - a controller's configuration from text, "[PATH][?key=value&key=value…]".
 *
 * One function per kind of value, one table row per key. What is wrong is reported as one line
 * that repeats the key and the value and says what would be right.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

struct parse {
	struct emu_config *config;
	char *err;
	size_t err_size;
	const char *key;
	const char *value; /* decoded */
	uint32_t given;    /* bit i: keys[i], of a namespace's keys only since the last ns= */
	bool vwc_given;
	bool read_given;
	bool write_given;
};

#define NS(p) (&(p)->config->ns[(p)->config->n_ns - 1])

static void say(struct parse *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What is wrong, in one line: a macro, so that compilers see that it never gives 0. */
#define fail(p, ...) (say((p), __VA_ARGS__), EINVAL)

static void say(struct parse *p, const char *fmt, ...)
{
	va_list args;

	if (!p->err || !p->err_size)
		return;
	va_start(args, fmt);
	vsnprintf(p->err, p->err_size, fmt, args);
	va_end(args);
	/* one line, whatever the text had in it */
	for (char *c = p->err; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
}

/* An integer without sign and the text after it; false: no digits, or too large. */
static bool parse_uint(const char *text, uint64_t *value, const char **end)
{
	char *stop;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &stop, 10);
	*end = stop;
	return errno == 0;
}

static int parse_number(struct parse *p, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *end;

	if (!parse_uint(p->value, value, &end) || *end || *value < min || *value > max)
		return fail(p, "%s=%s: give a number from %" PRIu64 " to %" PRIu64, p->key,
			    p->value, min, max);
	return 0;
}

static int parse_u32(struct parse *p, uint32_t min, uint32_t max, uint32_t *value)
{
	uint64_t v;
	int rc = parse_number(p, min, max, &v);

	if (!rc)
		*value = (uint32_t)v;
	return rc;
}

static int parse_bool(struct parse *p, bool *value)
{
	static const char *const yes[] = {"1", "yes", "true", "on"};
	static const char *const no[] = {"0", "no", "false", "off"};

	for (unsigned int i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!strcmp(p->value, yes[i]) || !strcmp(p->value, no[i])) {
			*value = !strcmp(p->value, yes[i]);
			return 0;
		}
	}
	return fail(p, "%s=%s: give 0 or 1", p->key, p->value);
}

static int parse_size(struct parse *p, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *end;
	const char *unit;
	uint64_t v;
	unsigned int shift = 0;

	if (!parse_uint(p->value, &v, &end))
		return fail(p, "%s=%s: give bytes, or a number with K, M, G or T", p->key,
			    p->value);
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return fail(p, "%s=%s: give bytes, or a number with K, M, G or T", p->key,
				    p->value);
		shift = (unsigned int)(unit - units + 1) * 10;
	}
	if (v > UINT64_MAX >> shift)
		return fail(p, "%s=%s: give less than 16 EiB", p->key, p->value);
	*bytes = v << shift;
	return 0;
}

static int parse_time(struct parse *p, uint64_t *ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
	const char *end;
	uint64_t v;

	if (!parse_uint(p->value, &v, &end))
		return fail(p, "%s=%s: give a time such as 80us, 1ms or 2s", p->key, p->value);
	if (!*end && !v) {
		*ns = 0;
		return 0;
	}
	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		if (v > (uint64_t)INT64_MAX / units[i].ns)
			return fail(p, "%s=%s: give less than 292 years", p->key, p->value);
		*ns = v * units[i].ns;
		return 0;
	}
	return fail(p, "%s=%s: give a time with its unit: ns, us, ms or s", p->key, p->value);
}

/* A page size: power of two, 4 KiB to 128 MiB, as its exponent above 4 KiB. */
static int parse_page(struct parse *p, uint8_t *exponent)
{
	uint64_t bytes;
	int rc = parse_size(p, &bytes);

	if (rc)
		return rc;
	if (bytes < 4096 || bytes > UINT64_C(4096) << 15 || (bytes & (bytes - 1)))
		return fail(p, "%s=%s: give a power of two from 4K to 128M", p->key, p->value);
	*exponent = (uint8_t)(__builtin_ctzll(bytes) - 12);
	return 0;
}

static int parse_text(struct parse *p, char *text, size_t size)
{
	size_t length = strlen(p->value);

	if (length >= size)
		return fail(p, "%s=%s: give at most %zu characters", p->key, p->value, size - 1);
	memcpy(text, p->value, length + 1);
	return 0;
}

/* Namespace keys */

static int set_path(struct parse *p, const char *path)
{
	struct emu_ns_config *ns = NS(p);

	free(ns->path);
	ns->path = NULL;
	ns->null = !strcmp(path, "null");
	if (ns->null || !*path)
		return 0;
	ns->path = strdup(path);
	return ns->path ? 0 : fail(p, "no memory for the path");
}

static int key_ns(struct parse *p)
{
	struct emu_config *config = p->config;

	if (config->n_ns == EMU_MAX_NAMESPACES)
		return fail(p, "ns=%s: give at most %d namespaces", p->value, EMU_MAX_NAMESPACES);
	memset(&config->ns[config->n_ns], 0, sizeof(config->ns[0]));
	config->ns[config->n_ns++].lba_size = 512;
	return set_path(p, p->value);
}

static int key_size(struct parse *p)
{
	int rc = parse_size(p, &NS(p)->size);

	if (!rc && !NS(p)->size)
		return fail(p, "size=%s: give at least one block", p->value);
	return rc;
}

static int key_lba(struct parse *p)
{
	uint64_t bytes;
	int rc = parse_size(p, &bytes);

	if (rc)
		return rc;
	if (bytes != 512 && bytes != 4096)
		return fail(p, "lba=%s: give 512 or 4096", p->value);
	NS(p)->lba_size = (uint32_t)bytes;
	return 0;
}

static int key_ro(struct parse *p)
{
	return parse_bool(p, &NS(p)->read_only);
}

/* Controller keys */

static int key_queues(struct parse *p)
{
	return parse_u32(p, 1, EMU_MAX_QUEUE_PAIRS, &p->config->n_queue_pairs);
}

static int key_depth(struct parse *p)
{
	return parse_u32(p, 2, EMU_MAX_ENTRIES, &p->config->max_entries);
}

static int key_cqr(struct parse *p)
{
	return parse_bool(p, &p->config->cqr);
}

static int key_mdts(struct parse *p)
{
	uint64_t bytes;
	int rc = parse_size(p, &bytes);

	if (rc)
		return rc;
	if (bytes && (bytes < 8192 || bytes > UINT64_C(1) << 32 || (bytes & (bytes - 1))))
		return fail(p, "mdts=%s: give a power of two from 8K to 4G, or 0 for unlimited",
			    p->value);
	p->config->mdts = bytes ? (uint8_t)(__builtin_ctzll(bytes) - 12) : 0;
	return 0;
}

static int key_dstrd(struct parse *p)
{
	uint64_t v;
	int rc = parse_number(p, 0, 8, &v);

	if (!rc)
		p->config->dstrd = (uint8_t)v;
	return rc;
}

static int key_mpsmin(struct parse *p)
{
	return parse_page(p, &p->config->mpsmin);
}

static int key_mpsmax(struct parse *p)
{
	return parse_page(p, &p->config->mpsmax);
}

static int key_sgl(struct parse *p)
{
	return parse_bool(p, &p->config->sgl);
}

static int key_dbbuf(struct parse *p)
{
	return parse_bool(p, &p->config->doorbell_buffer);
}

static int key_vwc(struct parse *p)
{
	p->vwc_given = true;
	return parse_bool(p, &p->config->volatile_cache);
}

static int key_ready(struct parse *p)
{
	uint64_t ns;
	int rc = parse_time(p, &ns);

	if (rc)
		return rc;
	if (ns % 1000000 || ns / 1000000 > UINT32_MAX)
		return fail(p, "ready=%s: give whole milliseconds, at most 49 days", p->value);
	p->config->ready_ms = (uint32_t)(ns / 1000000);
	return 0;
}

static int key_to(struct parse *p)
{
	uint64_t v;
	int rc = parse_number(p, 0, 255, &v);

	if (!rc)
		p->config->to = (uint8_t)v;
	return rc;
}

static int key_threads(struct parse *p)
{
	return parse_u32(p, 1, 256, &p->config->n_threads);
}

static int key_poll(struct parse *p)
{
	p->config->poll_busy = !strcmp(p->value, "busy");
	if (!p->config->poll_busy && strcmp(p->value, "adaptive") != 0)
		return fail(p, "poll=%s: give busy or adaptive", p->value);
	return 0;
}

/* The mean of everything that read= and write= do not say otherwise, in any order. */
static int key_latency(struct parse *p)
{
	struct emu_latency *latency = &p->config->latency;
	uint64_t ns;
	int rc = parse_time(p, &ns);

	if (rc)
		return rc;
	latency->other_ns = ns;
	if (!p->read_given)
		latency->read_ns = ns;
	if (!p->write_given)
		latency->write_ns = ns;
	return 0;
}

static int key_read(struct parse *p)
{
	p->read_given = true;
	return parse_time(p, &p->config->latency.read_ns);
}

static int key_write(struct parse *p)
{
	p->write_given = true;
	return parse_time(p, &p->config->latency.write_ns);
}

static int key_jitter(struct parse *p)
{
	return parse_time(p, &p->config->latency.jitter_ns);
}

static int key_serial(struct parse *p)
{
	return parse_text(p, p->config->serial, sizeof(p->config->serial));
}

static int key_model(struct parse *p)
{
	return parse_text(p, p->config->model, sizeof(p->config->model));
}

static int key_vectors(struct parse *p)
{
	return parse_u32(p, 1, EMU_MAX_VECTORS, &p->config->n_vectors);
}

static const struct {
	const char *name;
	int (*set)(struct parse *p);
} keys[] = {
	{"size", key_size},       {"lba", key_lba},         {"ro", key_ro},
	{"ns", key_ns},           {"queues", key_queues},   {"depth", key_depth},
	{"cqr", key_cqr},         {"mdts", key_mdts},       {"dstrd", key_dstrd},
	{"mpsmin", key_mpsmin},   {"mpsmax", key_mpsmax},   {"sgl", key_sgl},
	{"dbbuf", key_dbbuf},     {"vwc", key_vwc},         {"ready", key_ready},
	{"to", key_to},           {"threads", key_threads}, {"poll", key_poll},
	{"latency", key_latency}, {"read", key_read},       {"write", key_write},
	{"jitter", key_jitter},   {"serial", key_serial},   {"model", key_model},
	{"vectors", key_vectors},
};

#define NS_KEYS 7U /* size, lba, ro: every namespace has its own */
_Static_assert(sizeof(keys) / sizeof(keys[0]) <= 32, "a bit each");

static int unknown_key(struct parse *p)
{
	char known[256] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, " %s", keys[i].name);
	return fail(p, "unknown key \"%s\"; the keys are%s", p->key, known);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* %XX in place; false: not two hexadecimal digits, or a zero byte. */
static bool decode(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text != '%') {
			*out++ = *text;
			continue;
		}
		if (hex_digit(text[1]) < 0 || hex_digit(text[2]) < 0)
			return false;
		*out = (char)(hex_digit(text[1]) << 4 | hex_digit(text[2]));
		if (!*out++)
			return false;
		text += 2;
	}
	*out = '\0';
	return true;
}

static int parse_pair(struct parse *p, char *pair)
{
	char *equals = strchr(pair, '=');

	p->key = pair;
	if (!equals)
		return fail(p, "\"%s\": give key=value", pair);
	*equals = '\0';
	if (!decode(equals + 1))
		return fail(p, "%s=%s: follow %% with the two hexadecimal digits of a character",
			    pair, equals + 1);
	p->value = equals + 1;
	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(pair, keys[i].name) != 0)
			continue;
		if (keys[i].set == key_ns)
			p->given &= ~NS_KEYS;
		else if (p->given & 1U << i)
			return fail(p, "%s=%s: is given twice", pair, p->value);
		else
			p->given |= 1U << i;
		return keys[i].set(p);
	}
	return unknown_key(p);
}

static int parse_all(struct parse *p, char *text)
{
	char *options = strchr(text, '?');
	char *pair;
	int rc;

	if (options)
		*options++ = '\0';
	if (!decode(text))
		return fail(p, "%s: follow %% with the two hexadecimal digits of a character",
			    text);
	if (!p->config->n_ns) {
		memset(&p->config->ns[0], 0, sizeof(p->config->ns[0]));
		p->config->ns[0].lba_size = 512;
	}
	p->config->n_ns = 1;
	rc = set_path(p, text);
	while (!rc && options && (pair = strsep(&options, "&"))) {
		if (*pair)
			rc = parse_pair(p, pair);
	}
	return rc;
}

int emu_config_parse(struct emu_config *config, const char *spec, char *err, size_t err_size)
{
	struct parse p = {.config = config, .err = err, .err_size = err_size};
	char *text = strdup(spec);
	int rc;

	if (err && err_size)
		*err = '\0';
	if (!text)
		return fail(&p, "no memory for the configuration");
	rc = parse_all(&p, text);
	free(text);
	if (rc)
		return rc;
	if (!p.vwc_given) {
		for (unsigned int i = 0; i < config->n_ns; i++)
			config->volatile_cache |= config->ns[i].path != NULL;
	}
	return emu_config_check(config, err, err_size);
}
