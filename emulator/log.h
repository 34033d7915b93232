/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - Get Log Page, and what is kept for it.
 */
#ifndef EMU_LOG_H
#define EMU_LOG_H

#include <pthread.h>
#include <stdint.h>

#include "data.h"
#include "nvm_spec.h"

#define EMU_ERROR_ENTRIES 64

struct emu;

struct emu_log {
	pthread_mutex_t lock; /* of the error log: any thread adds */
	uint64_t error_count;
	struct nvm_log_error_entry errors[EMU_ERROR_ENTRIES]; /* error n is at n % 64 */
	uint64_t changed_ns;                                  /* bit n - 1: namespace n */
};

/* Add an entry to the error log. error_count is filled in. Any thread. */
void emu_log_error(struct emu *emu, const struct nvm_log_error_entry *entry);

/* A command that completed with an error status. */
void emu_log_command(struct emu *emu, uint16_t sqid, const struct nvm_sqe *sqe, emu_status_t status,
		     uint64_t lba);

/* A namespace's attributes changed. First thread. */
void emu_log_ns_changed(struct emu *emu, uint32_t nsid);

/* The command. First thread, under the lock. Return: 0 or status. */
emu_status_t emu_log_get(struct emu *emu, const struct nvm_sqe *sqe);

#endif
