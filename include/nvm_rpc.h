/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_rpc.h - admin commands through a reference, wherever its owner is.
 */
#ifndef NVM_RPC_H
#define NVM_RPC_H

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * nvm_raw_rpc() - relay one admin command and wait for its completion
 * @ref: admin queue reference, local or remote
 * @cmd: command; a remote owner's filter may rewrite it
 * @cpl: where the completion goes, with the CID of @cmd
 *
 * Return: packed status; ETIME after NVM_AQ_TIMEOUT_MS. Any thread.
 */
int nvm_raw_rpc(nvm_aq_ref ref, nvm_cmd_t *cmd, nvm_cpl_t *cpl);

#ifdef __cplusplus
}
#endif

#endif
