/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * function.h - a PCI function without a driver: power, memory space, bus mastering, reset.
 */
#ifndef NVMI_SYSFS_FUNCTION_H
#define NVMI_SYSFS_FUNCTION_H

#include <stdbool.h>

#include "backend/pci/pci.h"

/**
 * struct nvmi_function - an open PCI function
 * @bdf: its address
 * @config: open "config"
 * @uio: open /dev/uioN of uio_pci_generic, which ends bus mastering when this process dies; -1 if
 *	there is none
 * @enabled: "enable" was counted up by us
 */
struct nvmi_function {
	char bdf[NVMI_BDF_SIZE];
	int config;
	int uio;
	bool enabled;
};

/**
 * nvmi_function_open() - switch on registers, switch off bus mastering and INTx
 * @f: filled in
 * @bdf: canonical address
 *
 * A controller that its last owner left running must not get at memory that is somebody else's by
 * now: so bus mastering is off until nvmi_function_master().
 *
 * Return: 0 or errno with message.
 */
int nvmi_function_open(struct nvmi_function *f, const char *bdf);

/* Bus mastering on or off. 0 or errno with message. */
int nvmi_function_master(struct nvmi_function *f, bool on);

/* Function reset; memory space and bus mastering are afterwards as before. 0 or errno with message. */
int nvmi_function_reset(struct nvmi_function *f);

/* Bus mastering off, power as it was found. Memory space stays on. */
void nvmi_function_close(struct nvmi_function *f);

#endif
