/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue.c - the one function of the raw layer that is not inline: a dequeue that waits.
 */
#include <errno.h>
#include <inttypes.h>

#include "controller/error.h"
#include "controller/wait.h"
#include "nvm_queue.h"

nvm_cpl_t *nvm_cq_dequeue_block(nvm_queue_t *cq, uint64_t timeout_ms)
{
	nvm_cpl_t *cpl = nvm_cq_dequeue(cq);
	struct nvmi_waiter waiter;

	/* The clock is read only if there is something to wait for. */
	if (cpl != NULL)
		return cpl;
	nvmi_wait_begin(&waiter, nvmi_deadline_ns(timeout_ms));
	while (nvmi_wait_again(&waiter)) {
		cpl = nvm_cq_dequeue(cq);
		if (cpl != NULL)
			return cpl;
	}

	/* The completion may have come during the last pause. */
	cpl = nvm_cq_dequeue(cq);
	if (cpl == NULL)
		(void)nvmi_fail(ETIME, "no completion in CQ %u within %" PRIu64 " ms", cq->no,
				timeout_ms);
	return cpl;
}
