/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event.c - asynchronous events (Base, "Asynchronous Event Request command").
 *
 * An event that happened stays noted until a request is there to be completed with it. Having
 * been told, the host reads the log page that belongs to the event; until then further events of
 * that type stay quiet.
 */
#include <string.h>

#include "admin.h"
#include "controller.h"
#include "event.h"

static const struct {
	uint8_t type;
	uint8_t info;
	uint8_t lid;
} events[EMU_N_EVENTS] = {
	[EMU_EVENT_INVALID_DB_REGISTER] = {NVM_AER_TYPE_ERROR,
					   NVM_AER_INFO_ERROR_INVALID_DB_REGISTER, NVM_LID_ERROR},
	[EMU_EVENT_INVALID_DB_VALUE] = {NVM_AER_TYPE_ERROR, NVM_AER_INFO_ERROR_INVALID_DB_VALUE,
					NVM_LID_ERROR},
	[EMU_EVENT_TEMPERATURE] = {NVM_AER_TYPE_SMART, NVM_AER_INFO_SMART_TEMPERATURE,
				   NVM_LID_SMART},
	[EMU_EVENT_NS_CHANGED] = {NVM_AER_TYPE_NOTICE, NVM_AER_INFO_NOTICE_NS_CHANGED,
				  NVM_LID_CHANGED_NS},
};

void emu_event_raise(struct emu *emu, enum emu_event event)
{
	atomic_fetch_or(&emu->events, 1u << event);
}

emu_status_t emu_event_request(struct emu *emu, uint16_t cid)
{
	struct emu_event_state *state = &emu->event_state;

	if (state->n == EMU_MAX_AER)
		return EMU_FAIL(NVM_SC_AER_LIMIT_EXCEEDED);
	state->cid[state->n++] = cid;
	return EMU_PENDING;
}

/* Events that happened and are not masked. */
static uint32_t reportable(struct emu *emu)
{
	uint32_t bits = atomic_load_explicit(&emu->events, memory_order_relaxed);

	for (unsigned int i = 0; i < EMU_N_EVENTS && bits >> i; i++) {
		if (emu->event_state.masked & (1u << events[i].type))
			bits &= ~(1u << i);
	}
	return bits;
}

bool emu_event_waiting(struct emu *emu)
{
	return atomic_load_explicit(&emu->events, memory_order_relaxed) && emu->event_state.n &&
	       reportable(emu);
}

static void remove_at(struct emu_event_state *state, unsigned int i)
{
	state->n--;
	memmove(&state->cid[i], &state->cid[i + 1], (state->n - i) * sizeof(state->cid[0]));
}

void emu_event_deliver(struct emu_thread *thread)
{
	struct emu *emu = thread->emu;
	struct emu_event_state *state = &emu->event_state;
	struct emu_completion completion = {.sq = emu->admin_sq};

	while (emu_event_waiting(emu) && emu_cq_room(thread, emu->admin_cq, 1)) {
		unsigned int event = (unsigned int)__builtin_ctz(reportable(emu));

		atomic_fetch_and(&emu->events, ~(1u << event));
		state->masked |= (uint8_t)(1u << events[event].type);
		completion.cid = state->cid[0];
		completion.dw0 = NVM_FIELD(AER_TYPE, events[event].type) |
				 NVM_FIELD(AER_INFO, events[event].info) |
				 NVM_FIELD(AER_LID, events[event].lid);
		remove_at(state, 0);
		emu_cq_post(thread, completion.sq->cq, &completion, 1);
	}
	emu_cq_notify(thread, emu->admin_cq);
}

bool emu_event_abort(struct emu *emu, uint16_t cid)
{
	struct emu_event_state *state = &emu->event_state;

	for (unsigned int i = 0; i < state->n; i++) {
		if (state->cid[i] == cid) {
			remove_at(state, i);
			return true;
		}
	}
	return false;
}

void emu_event_log_read(struct emu *emu, uint8_t lid)
{
	for (unsigned int i = 0; i < EMU_N_EVENTS; i++) {
		if (events[i].lid == lid)
			emu->event_state.masked &= (uint8_t) ~(1u << events[i].type);
	}
}

void emu_event_reset(struct emu *emu)
{
	memset(&emu->event_state, 0, sizeof(emu->event_state));
	atomic_store(&emu->events, 0);
}
