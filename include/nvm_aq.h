/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_aq.h - the admin queue pair: exclusive owner of a controller, from reset to shutdown.
 *
 * Any thread may use a reference: commands of several threads are in flight together and each
 * completion finds its command by CID.
 */
#ifndef NVM_AQ_H
#define NVM_AQ_H

#include <stddef.h>
#include <stdint.h>

#include "nvm_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How long an admin command may take if the caller does not say, ms. */
#define NVM_AQ_TIMEOUT_MS 60000

/**
 * nvm_aq_create() - take ownership of a controller: reset it and set up its admin queues
 * @ref: where the reference goes; NULL on failure
 * @ctrl: controller; must not have an admin queue pair yet
 * @aq_mem: at least two controller pages with a vaddr: page 0 becomes the ACQ, page 1 the ASQ
 *
 * The memory stays the caller's, and stays mapped until nvm_aq_destroy() whatever else happens.
 *
 * Return: 0 or errno: EINVAL (@aq_mem), EBUSY (the controller has an admin queue pair), ERANGE (the
 * admin doorbells are not mapped), ETIME, EIO (CSTS.CFS), ENODEV, ENOMEM. One thread.
 */
int nvm_aq_create(nvm_aq_ref *ref, const nvm_ctrl_t *ctrl, const nvm_dma_t *aq_mem);

/**
 * nvm_aq_open() - nvm_aq_create() with memory of its own
 * @ref: where the reference goes; NULL on failure
 * @ctrl: controller
 *
 * Return: as nvm_aq_create() and nvm_dma_create().
 */
int nvm_aq_open(nvm_aq_ref *ref, const nvm_ctrl_t *ctrl);

/**
 * nvm_aq_destroy() - give the controller up
 * @ref: reference; NULL is safe
 *
 * Local: deletes every I/O queue that was created through it (SQs, then CQs), shuts the controller
 * down (CC.SHN, CSTS.SHST), disables it and waits for that; then releases memory. Remote: unbinds.
 * Commands still in flight get ECANCELED. One thread, when no other uses @ref any more.
 */
void nvm_aq_destroy(nvm_aq_ref ref);

/**
 * nvm_aq_submit() - submit an admin command without waiting
 * @ref: reference
 * @cmd: command, copied whole; its CID is replaced
 * @cid: where the CID that was used goes (for Abort)
 *
 * Every submitted command must be collected with nvm_aq_poll() or nvm_aq_wait().
 *
 * Return: 0 or errno: EAGAIN (as many commands in flight as the queue holds), ENODEV, EIO (the
 * controller has failed), ENOTSUP (remote reference). Any thread.
 */
int nvm_aq_submit(nvm_aq_ref ref, const nvm_cmd_t *cmd, uint16_t *cid);

/**
 * nvm_aq_poll() - collect a submitted command if it has completed
 * @ref: reference
 * @cid: from nvm_aq_submit()
 * @cpl: where the completion goes; may be NULL
 *
 * Return: packed status of the command once it has completed (the CID is free then); EAGAIN while
 * it has not; EINVAL for a CID that is not in flight; ENODEV or EIO when the controller is gone or
 * has failed. Any thread.
 */
int nvm_aq_poll(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl);

/**
 * nvm_aq_wait() - wait for a submitted command
 * @ref: reference
 * @cid: from nvm_aq_submit()
 * @cpl: where the completion goes; may be NULL
 * @timeout_ms: how long to wait, ms; 0 = NVM_AQ_TIMEOUT_MS
 *
 * Return: as nvm_aq_poll(), and ETIME if the time is up: the command is still in flight then and
 * may be waited for again. Any thread.
 */
int nvm_aq_wait(nvm_aq_ref ref, uint16_t cid, nvm_cpl_t *cpl, uint64_t timeout_ms);

/**
 * nvm_aq_exec() - run an admin command to its end
 * @ref: reference
 * @cmd: command; any opcode; its CID is ignored
 * @cpl: where the completion goes, with the CID of @cmd; may be NULL
 * @timeout_ms: how long it may take, ms; 0 = NVM_AQ_TIMEOUT_MS
 *
 * A command that does not complete in time is aborted. If not even that brings it back, its CID is
 * never used again before its completion arrives, and the memory it names must not be reused before
 * nvm_aq_destroy(). The same goes for EIO, ENODEV and ECANCELED: the command was not waited for.
 *
 * Return: packed status; ETIME if it did not complete in time, or found no room in the queue; EIO (the
 * controller has failed), ENODEV (it is gone), ECANCELED (the admin queue pair is being destroyed),
 * EINVAL. Any thread.
 */
int nvm_aq_exec(nvm_aq_ref ref, const nvm_cmd_t *cmd, nvm_cpl_t *cpl, uint64_t timeout_ms);

/**
 * nvm_aq_reset() - reset the controller and enable it again, with the same admin queues
 * @ref: reference
 *
 * For a controller that hangs or has failed (CSTS.CFS). Base Specification, "Controller Level Reset": CC.EN = 0,
 * or a function reset where that does not help; then it is enabled, and granted the same number of I/O
 * queues as before.
 *
 * All I/O queues are gone afterwards. Queue pairs (nvm_qpair.h) notice and make theirs anew; raw queues
 * must be created again. Admin commands in flight end with ECANCELED, and so do those that wait for
 * Asynchronous Events; features are what the controller starts with. Whatever commands were in flight may
 * have been executed or not. Other threads' admin commands wait meanwhile.
 *
 * Return: 0 or errno: ETIME, EIO or ENODEV (it does not come back: the reference is good for nvm_aq_destroy() and for
 * trying again only), ENOTSUP (remote reference), ECANCELED. Any thread.
 */
int nvm_aq_reset(nvm_aq_ref ref);

#ifdef __cplusplus
}
#endif

#endif
