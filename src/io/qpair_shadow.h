/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_shadow.h - the entries of a queue pair in the Doorbell Buffer.
 */
#ifndef NVMI_QPAIR_SHADOW_H
#define NVMI_QPAIR_SHADOW_H

#include <stdint.h>

/**
 * struct nvmi_qpair_shadow - where doorbells go, SQ [0] and CQ [1]
 * @db: shadow doorbell; NULL if this queue has none
 * @event: EventIdx of the same queue: the value beyond which the controller wants the register written
 */
struct nvmi_qpair_shadow {
	uint32_t *db[2];
	const uint32_t *event[2];
};

#endif
