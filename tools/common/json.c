/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.c - JSON output with json-c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tool.h"

static bool out_of_memory;

static struct json_object *made(struct json_object *value)
{
	if (value == NULL)
		out_of_memory = true;
	return value;
}

struct json_object *json_make_object(void)
{
	return made(json_object_new_object());
}

struct json_object *json_make_array(void)
{
	return made(json_object_new_array());
}

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
	if (object != NULL && json_object_object_add(object, key, value) == 0)
		return;
	json_object_put(value);
	out_of_memory = true;
}

void json_append(struct json_object *array, struct json_object *value)
{
	if (array != NULL && json_object_array_add(array, value) == 0)
		return;
	json_object_put(value);
	out_of_memory = true;
}

void json_add_uint(struct json_object *object, const char *key, uint64_t value)
{
	json_add(object, key, made(json_object_new_uint64(value)));
}

void json_add_double(struct json_object *object, const char *key, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.6f", value);
	json_add(object, key, made(json_object_new_double_s(value, text)));
}

void json_add_bool(struct json_object *object, const char *key, bool value)
{
	json_add(object, key, made(json_object_new_boolean(value)));
}

void json_add_null(struct json_object *object, const char *key)
{
	json_add(object, key, NULL);
}

/* Bytes of the UTF-8 character at s, 1 to 4; 0 if there is none. */
static size_t utf8_length(const unsigned char *s)
{
	/* The least code point of each length: what is below could be said in fewer bytes. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t code = n == 1 ? s[0] : s[0] & (0x7fU >> n);

	if ((s[0] >= 0x80 && s[0] < 0xc0) || s[0] >= 0xf8)
		return 0;
	for (size_t i = 1; i < n; ++i) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

/* JSON is UTF-8, names of files are any bytes: what is not UTF-8 becomes '?'. */
void json_add_text(struct json_object *object, const char *key, const char *text)
{
	char *copy = strdup(text);
	size_t n;

	for (char *p = copy; p != NULL && *p != '\0'; p += n != 0 ? n : 1) {
		n = utf8_length((const unsigned char *)p);
		if (n == 0)
			*p = '?';
	}
	json_add(object, key, made(copy != NULL ? json_object_new_string(copy) : NULL));
	free(copy);
}

void json_add_field(struct json_object *object, const char *key, const char *text, size_t size)
{
	size_t length = strnlen(text, size);
	char copy[256];

	if (length > sizeof(copy))
		length = sizeof(copy);
	while (length > 0 && text[length - 1] == ' ')
		--length;
	for (size_t i = 0; i < length; ++i)
		copy[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	json_add(object, key, made(json_object_new_string_len(copy, (int)length)));
}

void json_add_hex(struct json_object *object, const char *key, uint64_t value, unsigned int digits)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%0*" PRIx64, (int)digits, value);
	json_add_text(object, key, text);
}

void json_add_uint128(struct json_object *object, const char *key, const uint64_t value[2])
{
	__extension__ unsigned __int128 rest = (unsigned __int128)value[1] << 64 | value[0];
	char text[48];
	char *p = text + sizeof(text) - 1;

	if (value[1] == 0) {
		json_add_uint(object, key, value[0]);
		return;
	}
	/* json-c has no integers of 128 bits; a double with a text of its own is printed as that. */
	for (*p = '\0'; rest != 0; rest /= 10)
		*--p = (char)('0' + (int)(rest % 10));
	json_add(object, key, made(json_object_new_double_s((double)value[1] * 0x1p64, p)));
}

int tool_json_print(struct json_object *object)
{
	const int style =
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = NULL;
	int status = TOOL_OK;

	if (!out_of_memory)
		text = json_object_to_json_string_ext(object, style);
	if (text == NULL)
		status = tool_fail("out of memory for the JSON output");
	else if (puts(text) == EOF)
		status = tool_fail("cannot write to standard output: %s", strerror(errno));
	json_object_put(object);
	return status;
}
