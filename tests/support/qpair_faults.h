/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qpair_faults.h - a queue pair on a software controller that does what it should not, and a ledger of requests:
 * each must end once.
 */
#ifndef TESTS_SUPPORT_QPAIR_FAULTS_H
#define TESTS_SUPPORT_QPAIR_FAULTS_H

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "nvm_cmd.h"
#include "nvm_qpair.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

#define BLOCK      512
#define ABORTED_SQ (-NVM_SC_ABORTED_SQ_DELETION)
#define ABORTED    (-NVM_SC_ABORT_REQUESTED)

/* No test takes that long, however slow the machine is. */
#define TOO_LONG_S 60

/* What becomes of commands; counters say of how many. */
struct faults {
	atomic_int drop, delay, duplicate, unknown_cid, wrong_phase;
	atomic_ullong delay_ns;
	atomic_bool ignore_abort;  /* Abort never completes */
	atomic_bool ignore_delete; /* nor does Delete SQ */
	atomic_bool ignore_create; /* nor does Create CQ, until the controller is disabled */
	atomic_bool ignore_admin; /* nor does any admin command, until the controller is disabled */
	atomic_bool gone;         /* registers read all ones */
	atomic_bool cannot_be_enabled; /* CSTS.RDY stays 0 */
	atomic_bool slow_delete;       /* Delete SQ takes 100 ms */
	atomic_int n_aborts, n_io;
	atomic_int n_let_go; /* SQs deleted, and times the controller was disabled */
};

static inline bool take(atomic_int *left)
{
	return atomic_load(left) > 0 && atomic_fetch_sub(left, 1) > 0;
}

static inline void wait_ms(long ms)
{
	const struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

static inline void faults_admin(struct faults *x, struct emu_fault_command *f, uint8_t opcode)
{
	if (opcode == NVM_ADMIN_OPC_ABORT)
		atomic_fetch_add(&x->n_aborts, 1);
	f->drop = atomic_load(&x->ignore_admin) ||
		  (opcode == NVM_ADMIN_OPC_ABORT && atomic_load(&x->ignore_abort)) ||
		  (opcode == NVM_ADMIN_OPC_DELETE_SQ && atomic_load(&x->ignore_delete)) ||
		  (opcode == NVM_ADMIN_OPC_CREATE_CQ && atomic_load(&x->ignore_create));
	if (f->drop)
		f->status = 0; /* without being executed either */
	else if (opcode == NVM_ADMIN_OPC_DELETE_SQ)
		atomic_fetch_add(&x->n_let_go, 1);
	if (opcode == NVM_ADMIN_OPC_DELETE_SQ && atomic_load(&x->slow_delete))
		wait_ms(100);
}

static inline void faults_command(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;
	struct faults *x = arg;

	if (f->sqid == 0) {
		faults_admin(x, f, sqe->opc);
		return;
	}
	atomic_fetch_add(&x->n_io, 1);
	f->drop = take(&x->drop);
	if (take(&x->delay))
		f->delay_ns = atomic_load(&x->delay_ns);
	f->duplicate = take(&x->duplicate);
	f->wrong_phase = take(&x->wrong_phase);
	if (take(&x->unknown_cid))
		f->cid = 0xffff;
}

static inline void faults_read(void *arg, uint32_t offset, unsigned int size, uint64_t *value)
{
	struct faults *x = arg;

	(void)offset;
	if (atomic_load(&x->gone))
		*value = size == 8 ? UINT64_MAX : UINT32_MAX;
}

static inline bool faults_write(void *arg, uint32_t offset, unsigned int size, uint64_t value)
{
	struct faults *x = arg;

	(void)size;
	if (offset == NVM_REG_CC && NVM_CC_EN(value) == 0) {
		atomic_store(&x->ignore_admin, false);
		atomic_store(&x->ignore_create, false);
		atomic_fetch_add(&x->n_let_go, 1);
	}
	return false;
}

static inline bool faults_stuck(void *arg, bool enabling)
{
	struct faults *x = arg;

	return enabling && atomic_load(&x->cannot_be_enabled);
}

/**
 * struct rig - a controller with a queue pair
 * @t: controller, admin queue
 * @x: its faults
 * @ns: namespace
 * @dma, @buf: data
 * @qp: queue pair
 */
struct rig {
	struct target t;
	struct faults x;
	nvm_ns_t ns;
	nvm_buf_t *buf;
	nvm_qpair_t *qp;
};

/* A request in the ledger. */
struct entry {
	unsigned int n_done;
	int status;
};

static inline void entry_done(void *arg, int status, uint32_t result)
{
	struct entry *e = arg;

	(void)result;
	++e->n_done;
	e->status = status;
}

static inline nvm_qpair_t *make_qpair(struct rig *r, uint64_t timeout_ms, enum nvm_wait_mode wait)
{
	struct nvm_qpair_options options = NVM_QPAIR_OPTIONS_INIT;
	nvm_qpair_t *qp;

	options.timeout_ms = timeout_ms;
	options.wait = wait;
	if (nvm_qpair_create(&qp, r->t.ref, &options) != 0)
		fail_msg("%s", nvm_errmsg());
	return qp;
}

static inline void begin_rig(struct rig *r, const char *uri, uint64_t timeout_ms)
{
	static const struct emu_fault_hooks hooks = {
		.command = faults_command,
		.reg_read = faults_read,
		.reg_write = faults_write,
		.stuck_ready = faults_stuck,
	};

	memset(r, 0, sizeof(*r));
	r->t = open_target(uri);
	assert_int_equal(nvm_ns_init(&r->ns, r->t.ref, 0), 0);
	assert_int_equal(nvm_buf_create(&r->buf, r->t.ctrl, r->t.dma), 0);
	r->qp = make_qpair(r, timeout_ms, NVM_WAIT_POLL);
	emu_set_fault_hooks(nvmi_emu_of(r->t.ctrl), &hooks, &r->x);
}

static inline void end_rig(struct rig *r)
{
	nvm_qpair_destroy(r->qp);
	nvm_buf_destroy(r->buf);
	nvm_aq_destroy(r->t.ref);
	nvm_dma_unmap(r->t.dma);
	nvm_ctrl_free(r->t.ctrl);
}

/* A read of one block into its own place. */
static inline void read_block(struct rig *r, nvm_qpair_t *qp, struct entry *e, unsigned int i)
{
	*e = (struct entry){.n_done = 0};
	if (nvm_qpair_read(qp, &r->ns, r->buf, (size_t)i * BLOCK, i, 1, entry_done, e) != 0)
		fail_msg("%s", nvm_errmsg());
}

/* Collect until all of them have ended, and each once. Returns how long it took. */
static inline double finish(nvm_qpair_t *qp, struct entry *e, unsigned int n)
{
	double start = seconds();
	unsigned int n_done;

	do {
		(void)nvm_qpair_wait(qp, 10);
		nvm_qpair_poll(qp, 64);
		n_done = 0;
		for (unsigned int i = 0; i < n; i++) {
			assert_in_range(e[i].n_done, 0, 1);
			n_done += e[i].n_done;
		}
		assert_true(seconds() - start < TOO_LONG_S);
	} while (n_done < n);
	assert_int_equal(nvm_qpair_in_flight(qp), 0);
	return seconds() - start;
}

static inline unsigned int count_status(const struct entry *e, unsigned int n, int status)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < n; i++)
		found += e[i].status == status;
	return found;
}

/* Have an idle queue pair look at the controller. */
static inline void let_notice(nvm_qpair_t *qp)
{
	for (double start = seconds(); seconds() - start < 0.1;)
		nvm_qpair_poll(qp, 1);
}

/* Data goes where it should: more requests than the queue has entries, written and read back. */
static inline void check_data(struct rig *r, nvm_qpair_t *qp, unsigned int seed)
{
	unsigned char *data = r->buf->vaddr;
	struct entry e[32];

	for (unsigned int round = 0; round < 16; round++) {
		memset(e, 0, sizeof(e));
		for (unsigned int i = 0; i < 32; i++) {
			memset(data + (size_t)i * BLOCK, (int)(seed + round * 37 + i), BLOCK);
			assert_int_equal(nvm_qpair_write(qp, &r->ns, r->buf, (size_t)i * BLOCK, i,
							 1, entry_done, &e[i]),
					 0);
		}
		(void)finish(qp, e, 32);
		assert_int_equal(count_status(e, 32, 0), 32);
		memset(data, 0, (size_t)32 * BLOCK);
		for (unsigned int i = 0; i < 32; i++)
			read_block(r, qp, &e[i], i);
		(void)finish(qp, e, 32);
		assert_int_equal(count_status(e, 32, 0), 32);
		for (unsigned int i = 0; i < 32 * BLOCK; i++)
			assert_int_equal(data[i], (unsigned char)(seed + round * 37 + i / BLOCK));
	}
}

#endif
