/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h - JSON output with json-c: values of the kinds that NVMe has, and nothing lost unseen.
 *
 * A value that could not be made, for want of memory, is remembered: tool_json_print() fails.
 */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object *json_make_object(void);
struct json_object *json_make_array(void);

/* Add to an object; the value belongs to it. */
void json_add(struct json_object *object, const char *key, struct json_object *value);
void json_add_uint(struct json_object *object, const char *key, uint64_t value);
void json_add_double(struct json_object *object, const char *key, double value);
void json_add_bool(struct json_object *object, const char *key, bool value);
void json_add_null(struct json_object *object, const char *key);
void json_add_text(struct json_object *object, const char *key, const char *text);

/* A field of fixed size: ends at a NUL or its padding of blanks; other than ASCII becomes '?'. */
void json_add_field(struct json_object *object, const char *key, const char *text, size_t size);

/* A text "0x…" of digits digits: registers and bit masks. */
void json_add_hex(struct json_object *object, const char *key, uint64_t value, unsigned int digits);

/* 128 bits, low half first, as an exact number. */
void json_add_uint128(struct json_object *object, const char *key, const uint64_t value[2]);

/* Append to an array; the value belongs to it. */
void json_append(struct json_object *array, struct json_object *value);

/* Print on stdout and release. Return TOOL_OK, or TOOL_FAILURE after a line. */
int tool_json_print(struct json_object *object);

#endif
