/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * feature.h - Set Features and Get Features, and the values others ask for.
 *
 * Nothing is saveable: a reset brings the defaults back.
 */
#ifndef EMU_FEATURE_H
#define EMU_FEATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "data.h"
#include "nvm_spec.h"

#define EMU_TEMPERATURE 313 /* kelvin: always 40 degrees Celsius */
#define EMU_WCTEMP      343
#define EMU_CCTEMP      358

struct emu;

struct emu_features {
	uint32_t arbitration;
	uint32_t power;
	uint32_t temperature[2]; /* thresholds: over, under; kelvin */
	uint32_t error_recovery[EMU_MAX_NAMESPACES];
	uint32_t write_cache;
	uint32_t n_queues; /* allocated, as in the feature: NSQ and NCQ 0's based */
	uint32_t coalescing;
	uint8_t no_coalescing[EMU_MAX_VECTORS];
	uint32_t write_atomicity;
	uint32_t events;            /* Asynchronous Event Configuration */
	uint64_t timestamp;         /* ms, as set */
	uint64_t timestamp_from_ns; /* when; at first: when it was reset to 0 */
	bool timestamp_set;
	uint8_t host_id[16];
};

void emu_features_reset(struct emu *emu);

/* The commands. First thread, under the lock. Return: 0 or status. */
emu_status_t emu_features_set(struct emu *emu, const struct nvm_sqe *sqe, uint32_t *dw0);
emu_status_t emu_features_get(struct emu *emu, const struct nvm_sqe *sqe, uint32_t *dw0);

/* I/O queues the host may create. */
uint32_t emu_features_n_sqs(const struct emu *emu);
uint32_t emu_features_n_cqs(const struct emu *emu);

/* SMART critical warning bits that the thresholds make. */
uint8_t emu_features_critical_warning(const struct emu *emu);

#endif
