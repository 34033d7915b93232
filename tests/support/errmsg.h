/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errmsg.h - what the last failure of the library said. Include after cmocka.h.
 */
#ifndef TESTS_SUPPORT_ERRMSG_H
#define TESTS_SUPPORT_ERRMSG_H

#include <string.h>

#include "nvm_error.h"

static inline void assert_message_has(const char *text)
{
	if (strstr(nvm_errmsg(), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", nvm_errmsg(), text);
}

#endif
