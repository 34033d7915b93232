/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event.h - asynchronous events: what happened, and the requests that wait to be told.
 */
#ifndef EMU_EVENT_H
#define EMU_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "data.h"

#define EMU_MAX_AER 4 /* outstanding Asynchronous Event Requests */

struct emu;
struct emu_thread;

enum emu_event {
	EMU_EVENT_INVALID_DB_REGISTER,
	EMU_EVENT_INVALID_DB_VALUE,
	EMU_EVENT_TEMPERATURE,
	EMU_EVENT_NS_CHANGED,
	EMU_N_EVENTS,
};

struct emu_event_state {
	uint16_t cid[EMU_MAX_AER]; /* outstanding requests, oldest first */
	unsigned int n;
	uint8_t masked; /* bit: event type reported, its log page not read since */
};

/* Something happened. Any thread, no lock. */
void emu_event_raise(struct emu *emu, enum emu_event event);

/* The command: EMU_PENDING, or status. */
emu_status_t emu_event_request(struct emu *emu, uint16_t cid);

/* Can an event be reported? */
bool emu_event_waiting(struct emu *emu);

/* Complete requests for what happened. First thread, under the lock. */
void emu_event_deliver(struct emu_thread *thread);

/* Take out an outstanding request. False: there is none with that CID. */
bool emu_event_abort(struct emu *emu, uint16_t cid);

/* The log page was read: events it tells of may be reported anew. */
void emu_event_log_read(struct emu *emu, uint8_t lid);

void emu_event_reset(struct emu *emu);

#endif
