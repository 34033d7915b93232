/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * caps.h - what a controller's CAP and CRTO registers mean for the way it is run. Pure functions.
 */
#ifndef NVMI_CAPS_H
#define NVMI_CAPS_H

#include <stddef.h>
#include <stdint.h>

/* For a controller that reports CAP.TO = 0: the specification gives no time, so be patient. */
#define NVMI_MIN_TIMEOUT_MS 5000

/**
 * nvmi_caps_page_size() - choose the memory page size
 * @page_size: where it goes, bytes
 * @host_page: page size of this machine, bytes
 * @cap: CAP
 * @wanted: page size that the user asks for, bytes; 0 = the largest that suits host and controller
 *
 * A page larger than the host's is used only if it is asked for: memory for it must then be
 * contiguous on the bus over several host pages, which not every backend can do.
 *
 * Return: 0 or ERANGE with message.
 */
int nvmi_caps_page_size(size_t *page_size, size_t host_page, uint64_t cap, size_t wanted);

/* Most entries in an I/O queue, 1..65536 (1 is not legal: MQES is at least 1). */
uint32_t nvmi_caps_max_entries(uint64_t cap);

/**
 * nvmi_caps_timeout_ms() - how long the controller may take to become ready
 * @cap: CAP
 * @crto: CRTO; looked at only where CAP.CRMS says that it exists
 * @upper_ms: most that the user will wait, ms; 0 = whatever the controller says
 *
 * Base Specification, "Controller Ready Timeouts": CAP.TO stops at 127.5 s, CRTO has the real time.
 * Some controllers report a CRTO below CAP.TO, so the larger one counts.
 */
uint64_t nvmi_caps_timeout_ms(uint64_t cap, uint32_t crto, uint64_t upper_ms);

/**
 * nvmi_caps_css() - choose the command sets
 * @css: where the value for CC.CSS goes
 * @cap: CAP
 *
 * Return: 0, or ENOTSUP if CAP.CSS has nothing that can be selected (no message).
 */
int nvmi_caps_css(uint32_t *css, uint64_t cap);

#endif
