/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bringup.c - the CC/CSTS state machine (Base Specification, "Controller Initialization",
 * "Controller Shutdown", "Controller Ready Modes").
 *
 *	        EN=1 RDY=0                          shut down
 *	LOOK --------------> WAIT_UP                EN=1 RDY=1      SHST=10b
 *	  | \__________________|__________________> WAIT_SHUTDOWN -----------.
 *	  |  EN=1              v                                             v
 *	  |-------------> clear EN <------------------------------------- clear EN
 *	  |  EN=0              |                                             |
 *	  '-------------> WAIT_DOWN -- RDY=0, goal disabled or shut down --> done
 *	                       |
 *	                       '------ RDY=0, goal enabled: AQA ASQ ACQ CC EN --> WAIT_READY --> done
 *
 * The only cure for a controller that does not do what it should is to clear EN, so every wait but
 * the last two goes on to that when its time is up. All ones in any read mean that the device is
 * gone.
 */
#include <errno.h>

#include "controller/bringup.h"
#include "controller/caps.h"
#include "controller/error.h"
#include "controller/wait.h"
#include "nvm_spec.h"

/*
 * How long a shutdown may take at least: the controller writes out its cache, and only Identify
 * (RTD3E), which there may be no queue for any more, tells how long that takes.
 */
#define MIN_SHUTDOWN_MS 10000

#define MIN_ENTRIES     2
#define MAX_ENTRIES     4096
#define IOSQES          6 /* log2 of an SQ entry's 64 bytes */
#define IOCQES          4 /* log2 of a CQ entry's 16 bytes */

enum state {
	LOOK,          /* nothing known yet */
	WAIT_UP,       /* somebody set EN: for RDY=1 */
	WAIT_SHUTDOWN, /* for SHST=10b */
	WAIT_DOWN,     /* EN=0: for RDY=0 */
	WAIT_READY,    /* we set EN: for RDY=1 */
	STATE_MASK = 0xff,
	/* What to report at the end of a shutdown that went on to disabling without success. */
	SHUTDOWN_LATE = 0x100,
	SHUTDOWN_FATAL = 0x200,
};

/* Not a status: the next state has something to do at once. */
#define GO_ON (-1)

static const char *name(const struct nvmi_bringup *b)
{
	return b->ctrl->be->name;
}

static int fail_gone(const struct nvmi_bringup *b, const char *reg)
{
	return nvmi_fail(ENODEV,
			 "%s: the device is gone: %s reads all ones (removed, or its memory space "
			 "switched off)",
			 name(b), reg);
}

static uint64_t shutdown_ms(const struct nvmi_bringup *b)
{
	uint64_t timeout = b->ctrl->handle.timeout;

	return timeout > MIN_SHUTDOWN_MS ? timeout : MIN_SHUTDOWN_MS;
}

static int wait_in(struct nvmi_bringup *b, enum state state, uint64_t timeout_ms, uint64_t now_ns)
{
	b->state = (b->state & ~STATE_MASK) | (int)state;
	b->deadline_ns = timeout_ms > (UINT64_MAX - now_ns) / 1000000
				 ? UINT64_MAX
				 : now_ns + timeout_ms * 1000000;
	return EAGAIN;
}

/* Clear EN. Other fields must not change while EN is 1, but a stale notification must not stay. */
static int clear_en(struct nvmi_bringup *b, uint64_t now_ns)
{
	uint32_t cc = nvmi_read32(b->ctrl, NVM_REG_CC);

	if (cc == UINT32_MAX)
		return fail_gone(b, "CC");
	cc &= ~(NVM_FIELD_BITS(CC_EN) | NVM_FIELD_BITS(CC_SHN));
	nvmi_write32(b->ctrl, NVM_REG_CC, cc);
	return wait_in(b, WAIT_DOWN, b->ctrl->handle.timeout, now_ns);
}

static int notify_shutdown(struct nvmi_bringup *b, uint32_t cc, uint64_t now_ns)
{
	cc &= ~NVM_FIELD_BITS(CC_SHN);
	cc |= NVM_FIELD(CC_SHN, NVM_SHN_NORMAL);
	nvmi_write32(b->ctrl, NVM_REG_CC, cc);
	return wait_in(b, WAIT_SHUTDOWN, shutdown_ms(b), now_ns);
}

static int check_queues(const struct nvmi_bringup *b)
{
	const struct nvmi_admin_queues *aq = &b->aq;
	uint64_t in_page = b->ctrl->handle.page_size - 1;

	if (aq->asq_entries < MIN_ENTRIES || aq->asq_entries > MAX_ENTRIES ||
	    aq->acq_entries < MIN_ENTRIES || aq->acq_entries > MAX_ENTRIES)
		return nvmi_fail(
			EINVAL, "%s: admin queues of %u and %u entries: %d to %d are possible",
			name(b), aq->asq_entries, aq->acq_entries, MIN_ENTRIES, MAX_ENTRIES);
	if ((aq->asq_ioaddr & in_page) != 0 || (aq->acq_ioaddr & in_page) != 0)
		return nvmi_fail(
			EINVAL,
			"%s: admin queues at bus addresses 0x%llx and 0x%llx: both must be "
			"multiples of the page size, %zu bytes",
			name(b), (unsigned long long)aq->asq_ioaddr,
			(unsigned long long)aq->acq_ioaddr, b->ctrl->handle.page_size);
	return 0;
}

/* What is the controller doing, and what does that ask for? */
static int look(struct nvmi_bringup *b, uint32_t csts, uint64_t now_ns)
{
	uint32_t cc = nvmi_read32(b->ctrl, NVM_REG_CC);

	if (cc == UINT32_MAX)
		return fail_gone(b, "CC");

	/* Somebody asked for a shutdown: a reset before its end would cost what it tries to save. */
	if (NVM_CSTS_SHST(csts) == NVM_SHST_OCCURRING && NVM_CSTS_CFS(csts) == 0)
		return wait_in(b, WAIT_SHUTDOWN, shutdown_ms(b), now_ns);
	if (NVM_CC_EN(cc) == 0)
		return wait_in(b, WAIT_DOWN, b->ctrl->handle.timeout, now_ns);
	if (NVM_CSTS_SHST(csts) != NVM_SHST_NORMAL)
		return clear_en(b, now_ns);

	if (NVM_CSTS_CFS(csts) != 0) {
		if (b->goal == NVMI_GOAL_SHUTDOWN)
			b->state |= SHUTDOWN_FATAL;
		return clear_en(b, now_ns);
	}
	/* EN must not be cleared on the way up ("CC.EN"): RDY has to follow first. */
	if (NVM_CSTS_RDY(csts) == 0)
		return wait_in(b, WAIT_UP, b->ctrl->handle.timeout, now_ns);
	return b->goal == NVMI_GOAL_SHUTDOWN ? notify_shutdown(b, cc, now_ns) : clear_en(b, now_ns);
}

static int wait_up(struct nvmi_bringup *b, uint32_t csts, uint64_t now_ns)
{
	if (NVM_CSTS_RDY(csts) != 0 || NVM_CSTS_CFS(csts) != 0 ||
	    NVM_CSTS_SHST(csts) != NVM_SHST_NORMAL) {
		b->state = LOOK;
		return GO_ON;
	}
	if (now_ns < b->deadline_ns)
		return EAGAIN;
	nvmi_log(NVMI_LOG_WARN,
		 "%s: enabled by somebody, but not ready after %llu ms: disabling it", name(b),
		 (unsigned long long)b->ctrl->handle.timeout);
	return clear_en(b, now_ns);
}

static int wait_shutdown(struct nvmi_bringup *b, uint32_t csts, uint64_t now_ns)
{
	bool ours = b->goal == NVMI_GOAL_SHUTDOWN;

	if (NVM_CSTS_SHST(csts) == NVM_SHST_COMPLETE)
		return clear_en(b, now_ns);
	/* Reset by whoever had asked for the shutdown. */
	if (!ours && NVM_CSTS_SHST(csts) == NVM_SHST_NORMAL) {
		b->state = LOOK;
		return GO_ON;
	}
	if (NVM_CSTS_CFS(csts) != 0) {
		b->state |= ours ? SHUTDOWN_FATAL : 0;
		return clear_en(b, now_ns);
	}
	if (now_ns < b->deadline_ns)
		return EAGAIN;
	nvmi_log(NVMI_LOG_WARN, "%s: shutdown not complete after %llu ms: disabling it", name(b),
		 (unsigned long long)shutdown_ms(b));
	b->state |= ours ? SHUTDOWN_LATE : 0;
	return clear_en(b, now_ns);
}

/* Set up the admin queues and CC while EN is 0, then EN by itself. */
static int enable(struct nvmi_bringup *b, uint64_t now_ns)
{
	const struct nvmi_ctrl *c = b->ctrl;
	uint32_t mps = (uint32_t)__builtin_ctzll(c->handle.page_size) - 12;
	uint32_t css = NVM_CC_CSS_NVM;
	uint32_t cc;

	/* Checked when the controller was opened. */
	nvmi_caps_css(&css, c->cap);

	cc = NVM_FIELD(CC_CSS, css) | NVM_FIELD(CC_MPS, mps) | NVM_FIELD(CC_AMS, NVM_CC_AMS_RR) |
	     NVM_FIELD(CC_SHN, NVM_SHN_NONE) | NVM_FIELD(CC_IOSQES, IOSQES) |
	     NVM_FIELD(CC_IOCQES, IOCQES);
	nvmi_write32(c, NVM_REG_AQA,
		     NVM_FIELD(AQA_ASQS, b->aq.asq_entries - 1) |
			     NVM_FIELD(AQA_ACQS, b->aq.acq_entries - 1));
	nvmi_write64(c, NVM_REG_ASQ, b->aq.asq_ioaddr);
	nvmi_write64(c, NVM_REG_ACQ, b->aq.acq_ioaddr);
	nvmi_write32(c, NVM_REG_CC, cc);
	nvmi_write32(c, NVM_REG_CC, cc | NVM_FIELD(CC_EN, 1));
	return wait_in(b, WAIT_READY, c->handle.timeout, now_ns);
}

/* Disabled: that was all, or the queues are next. */
static int is_down(struct nvmi_bringup *b, uint64_t now_ns)
{
	if (b->goal == NVMI_GOAL_ENABLED)
		return enable(b, now_ns);
	if ((b->state & SHUTDOWN_FATAL) != 0)
		return nvmi_fail(EIO,
				 "%s: disabled without a shutdown because of a fatal error "
				 "(CSTS.CFS): what it had not written out may be lost",
				 name(b));
	if ((b->state & SHUTDOWN_LATE) != 0)
		return nvmi_fail(
			ETIME,
			"%s: CSTS.SHST did not say complete within %llu ms of the shutdown "
			"notification; disabled nevertheless: what it had not written out "
			"may be lost",
			name(b), (unsigned long long)shutdown_ms(b));
	return 0;
}

static int wait_down(struct nvmi_bringup *b, uint32_t csts, uint64_t now_ns)
{
	if (NVM_CSTS_RDY(csts) == 0)
		return is_down(b, now_ns);
	if (now_ns < b->deadline_ns)
		return EAGAIN;
	if (NVM_CSTS_CFS(csts) != 0)
		return nvmi_fail(
			EIO,
			"%s: fatal error (CSTS.CFS), and CSTS.RDY stayed 1 for %llu ms with "
			"CC.EN = 0: reset the function or power-cycle the device",
			name(b), (unsigned long long)b->ctrl->handle.timeout);
	return nvmi_fail(
		ETIME,
		"%s: CSTS.RDY stayed 1 for %llu ms with CC.EN = 0 (CSTS 0x%08x): reset the "
		"function or power-cycle the device",
		name(b), (unsigned long long)b->ctrl->handle.timeout, csts);
}

/*
 * The controller has failed on the way up. It must not come up later, with queues in memory that
 * the caller is about to reuse.
 */
static void abandon(const struct nvmi_bringup *b)
{
	uint32_t cc = nvmi_read32(b->ctrl, NVM_REG_CC);

	if (cc != UINT32_MAX)
		nvmi_write32(b->ctrl, NVM_REG_CC, cc & ~NVM_FIELD_BITS(CC_EN));
}

static int wait_ready(struct nvmi_bringup *b, uint32_t csts, uint64_t now_ns)
{
	if (NVM_CSTS_CFS(csts) != 0) {
		abandon(b);
		return nvmi_fail(
			EIO,
			"%s: fatal error while it was enabled (CSTS.CFS, CSTS 0x%08x): reset "
			"the function or power-cycle the device",
			name(b), csts);
	}
	if (NVM_CSTS_RDY(csts) != 0)
		return 0;
	if (now_ns < b->deadline_ns)
		return EAGAIN;
	abandon(b);
	return nvmi_fail(
		ETIME,
		"%s: CSTS.RDY stayed 0 for %llu ms with CC.EN = 1 (CSTS 0x%08x): reset the "
		"function or power-cycle the device",
		name(b), (unsigned long long)b->ctrl->handle.timeout, csts);
}

void nvmi_bringup_begin(struct nvmi_bringup *b, struct nvmi_ctrl *ctrl, enum nvmi_bringup_goal goal,
			const struct nvmi_admin_queues *aq)
{
	static const struct nvmi_admin_queues none;

	b->ctrl = ctrl;
	b->goal = goal;
	b->aq = aq != NULL ? *aq : none;
	b->state = LOOK;
	b->deadline_ns = 0;
}

static int step_once(struct nvmi_bringup *b, uint64_t now_ns)
{
	uint32_t csts = nvmi_read32(b->ctrl, NVM_REG_CSTS);

	if (csts == UINT32_MAX)
		return fail_gone(b, "CSTS");

	switch (b->state & STATE_MASK) {
	case WAIT_UP:
		return wait_up(b, csts, now_ns);
	case WAIT_SHUTDOWN:
		return wait_shutdown(b, csts, now_ns);
	case WAIT_DOWN:
		return wait_down(b, csts, now_ns);
	case WAIT_READY:
		return wait_ready(b, csts, now_ns);
	default:
		return look(b, csts, now_ns);
	}
}

int nvmi_bringup_step(struct nvmi_bringup *b, uint64_t now_ns)
{
	int status;

	if (b->goal == NVMI_GOAL_ENABLED && b->state == LOOK) {
		status = check_queues(b);
		if (status != 0)
			return status;
	}
	do
		status = step_once(b, now_ns);
	while (status == GO_ON);
	return status;
}

int nvmi_bringup_run(struct nvmi_ctrl *ctrl, enum nvmi_bringup_goal goal,
		     const struct nvmi_admin_queues *aq)
{
	struct nvmi_waiter waiter;
	struct nvmi_bringup b;
	int status, state;

	nvmi_bringup_begin(&b, ctrl, goal, aq);
	do {
		/* Every wait starts with spinning: most take microseconds. Deadlines are the steps'. */
		state = b.state;
		nvmi_wait_begin(&waiter, UINT64_MAX);
		while ((status = nvmi_bringup_step(&b, nvmi_now_ns())) == EAGAIN &&
		       b.state == state)
			nvmi_wait_again(&waiter);
	} while (status == EAGAIN);
	return status;
}

void nvmi_bringup_halt(struct nvmi_ctrl *ctrl)
{
	if (nvmi_bringup_run(ctrl, NVMI_GOAL_DISABLED, NULL) == 0)
		return;
	nvmi_log(NVMI_LOG_ERROR, "disabling: %s", nvm_errmsg());
	if (ctrl->be->ops->stop_dma != NULL)
		ctrl->be->ops->stop_dma(ctrl->be);
}
