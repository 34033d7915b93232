/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.h - admin commands. All of it runs on the first polling thread, under the lock.
 */
#ifndef EMU_ADMIN_H
#define EMU_ADMIN_H

#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "nvm_spec.h"

struct emu;
struct emu_thread;

#define EMU_PENDING 0xffffU /* no status yet: the command completes later */
#define EMU_ACL     3       /* Abort Command Limit, 0's based */

/* Execute one. Return: 0, status, or EMU_PENDING. */
emu_status_t emu_admin_execute(struct emu_thread *thread, const struct nvm_sqe *sqe, uint32_t *dw0);

/* Commands Supported and Effects of an admin opcode; 0 = not supported. */
uint32_t emu_admin_effects(const struct emu *emu, uint8_t opcode);

/* The single commands that have files of their own. */
emu_status_t emu_identify(struct emu *emu, const struct nvm_sqe *sqe);
emu_status_t emu_admin_create_cq(struct emu_thread *thread, const struct nvm_sqe *sqe);
emu_status_t emu_admin_create_sq(struct emu_thread *thread, const struct nvm_sqe *sqe);
emu_status_t emu_admin_delete_cq(struct emu_thread *thread, const struct nvm_sqe *sqe);
emu_status_t emu_admin_delete_sq(struct emu_thread *thread, const struct nvm_sqe *sqe);

/*
 * Send len bytes to the host: those at buf, then zeroes.
 */
emu_status_t emu_admin_send(struct emu *emu, const struct nvm_sqe *sqe, const void *buf,
			    size_t buf_len, uint64_t len);

#endif
