/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.c - reading a structure of options from a program that was compiled with another version of it.
 */
#include <errno.h>
#include <string.h>

#include "controller/error.h"
#include "controller/options.h"

/* No future version of any options is that long: whoever says so has not set the field. */
#define MAX_OPTIONS_SIZE 4096

int nvmi_options_read(void *known, size_t known_size, const void *options, const char *init)
{
	const unsigned char *bytes = options;
	size_t size;

	if (options == NULL)
		return 0;
	memcpy(&size, options, sizeof(size));
	if (size < sizeof(size) || size > MAX_OPTIONS_SIZE)
		return nvmi_fail(EINVAL, "options.size is %zu: initialise the options with %s",
				 size, init);
	for (size_t i = known_size; i < size; i++) {
		if (bytes[i] != 0)
			return nvmi_fail(
				EINVAL,
				"the options set something that this libnvm does not know "
				"(byte %zu): use the libnvm that the program was built for",
				i);
	}
	memcpy(known, options, size < known_size ? size : known_size);
	memcpy(known, &known_size, sizeof(known_size));
	return 0;
}
