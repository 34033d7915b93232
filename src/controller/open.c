/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open.c - which backend reaches a controller: by the form of its URI, or by what the caller has.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "controller/controller.h"
#include "controller/error.h"
#include "controller/options.h"
#include "nvm_ctrl.h"

#define KNOWN_FLAGS NVM_CTRL_ALLOW_IN_USE

#define FORMS       "\"emu:\" (software controller) and PCI addresses such as 0000:05:00.0"

/* Forms that other builds of the library may know. */
static const struct {
	const char *prefix;
	const char *what;
} unreachable[] = {
	{"vfio-user:", "a controller in another process (vfio-user)"},
	{"smartio:", "a SmartIO device"},
	{"0x", "a SmartIO device"},
	{"0X", "a SmartIO device"},
	{"tcp://", "an NVMe-oF target"},
	{"rdma://", "an NVMe-oF target"},
};

static int read_options(struct nvm_ctrl_options *known, const struct nvm_ctrl_options *options)
{
	int status;

	*known = (struct nvm_ctrl_options)NVM_CTRL_OPTIONS_INIT;
	status = nvmi_options_read(known, sizeof(*known), options, "NVM_CTRL_OPTIONS_INIT");
	if (status == 0 && (known->flags & ~KNOWN_FLAGS) != 0)
		status = nvmi_fail(EINVAL, "options.flags is 0x%x: this libnvm knows 0x%x only",
				   known->flags, KNOWN_FLAGS);
	return status;
}

/* Skip min..max hexadecimal digits and the character after them. NULL if they are not there. */
static const char *skip_hex(const char *s, int min, int max, char after)
{
	int n = 0;

	while (n < max && isxdigit((unsigned char)s[n]))
		n++;
	return n >= min && s[n] == after ? s + n + 1 : NULL;
}

/* [domain:]bus:device.function, nothing else; whether it exists is the PCI backends' business. */
static bool is_pci_address(const char *s)
{
	const char *bus = skip_hex(s, 1, 8, ':');
	const char *device = bus != NULL ? skip_hex(bus, 1, 2, ':') : NULL;
	const char *function;

	if (device == NULL)
		device = skip_hex(s, 1, 2, ':');
	function = device != NULL ? skip_hex(device, 1, 2, '.') : NULL;
	return function != NULL && skip_hex(function, 1, 1, '\0') != NULL;
}

/* What comes after the prefix; NULL if s does not start with it. */
static const char *after_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

static int fail_unreachable(const char *uri)
{
	if (after_prefix(uri, "/dev/") != NULL)
		return nvmi_fail(
			ENOTSUP,
			"%s: this build reaches no controller through a device file, only " FORMS
			": nvm-list shows the PCI address of every NVMe disk",
			uri);
	for (size_t i = 0; i < sizeof(unreachable) / sizeof(unreachable[0]); i++) {
		if (after_prefix(uri, unreachable[i].prefix) != NULL)
			return nvmi_fail(ENOTSUP, "%s: this build cannot reach %s, only " FORMS,
					 uri, unreachable[i].what);
	}
	return nvmi_fail(EINVAL, "\"%s\" names no controller: possible are " FORMS, uri);
}

static int open_backend(struct nvmi_backend **be, const char *uri, uint32_t flags)
{
	const char *rest;

	rest = after_prefix(uri, "emu:");
	if (rest != NULL)
		return nvmi_emu_open(be, rest);
	rest = after_prefix(uri, "pci:");
	if (rest != NULL)
		return nvmi_pci_open(be, rest, flags);
	if (is_pci_address(uri))
		return nvmi_pci_open(be, uri, flags);
	return fail_unreachable(uri);
}

int nvm_ctrl_open(nvm_ctrl_t **ctrl, const char *uri, const struct nvm_ctrl_options *options)
{
	struct nvm_ctrl_options known;
	struct nvmi_backend *be = NULL;
	int status;

	*ctrl = NULL;
	status = read_options(&known, options);
	if (status != 0)
		return status;
	if (uri == NULL)
		return nvmi_fail(EINVAL, "no controller is named: possible are " FORMS);
	status = open_backend(&be, uri, known.flags);
	if (status != 0)
		return status;
	return nvmi_ctrl_new(ctrl, be, &known);
}

int nvm_ctrl_init(nvm_ctrl_t **ctrl, int fd)
{
	struct nvmi_backend *be = NULL;
	int status;

	*ctrl = NULL;
	status = nvmi_sysfs_open_fd(&be, fd);
	if (status != 0)
		return status;
	return nvmi_ctrl_new(ctrl, be, NULL);
}

int nvm_raw_ctrl_init(nvm_ctrl_t **ctrl, volatile void *mm_ptr, size_t mm_size)
{
	struct nvmi_backend *be = NULL;
	int status;

	*ctrl = NULL;
	status = nvmi_raw_open(&be, mm_ptr, mm_size);
	if (status != 0)
		return status;
	return nvmi_ctrl_new(ctrl, be, NULL);
}
