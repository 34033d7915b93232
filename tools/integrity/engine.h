/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.h - moving every chunk of a range once, by several threads, each with a queue pair of its own.
 */
#ifndef INTEGRITY_ENGINE_H
#define INTEGRITY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/progress.h"
#include "device.h"
#include "order.h"
#include "tally.h"

/* Besides exit statuses: asked to end before all was done. */
#define INTERRUPTED (-1)

/* What is wrong, in one line. */
struct reason {
	char text[400];
};

/**
 * struct pass - once through a range
 * @lba, @n_blocks: the range
 * @order: of its chunks
 * @write: writes what @content makes; otherwise reads, and @content looks at it
 * @content: makes, or looks at, blocks in @data, by any thread; counts them in @tally when it looks.
 *	Returns 0, or something else after filling in @why
 * @arg: its first argument
 */
struct pass {
	uint64_t lba;
	uint64_t n_blocks;
	struct order order;
	bool write;
	int (*content)(void *arg, void *data, uint64_t lba, uint32_t n_blocks, struct tally *tally,
		       struct reason *why);
	void *arg;
};

/**
 * struct engine - how passes are done
 * @device: the disk, with its lanes
 * @progress: updated with bytes moved
 * @moved: bytes moved since @progress began; updated
 * @keep_going: count what the disk refuses and go on
 * @tally: what was found, by all passes so far
 * @save: called every second or so, by the thread that called engine_run(), with how far the pass is and
 *	what was found up to there; for a pass that writes, that survives a power loss. Fails like
 *	@content. NULL: not called
 * @save_arg: its first argument
 * @uncertain: what was written last could not be flushed: how far that was is not worth saving
 */
struct engine {
	struct device *device;
	struct progress *progress;
	uint64_t moved;
	bool keep_going;
	struct tally *tally;
	int (*save)(void *arg, uint64_t position, const struct tally *tally, struct reason *why);
	void *save_arg;
	bool uncertain;
};

/**
 * engine_run() - do a pass, or the rest of it
 * @e: how
 * @pass: what
 * @position: chunks done, in their order; updated
 *
 * Nothing is in flight when it returns, and a pass that writes was flushed. One thread.
 *
 * Return: 0, an exit status after the line, or INTERRUPTED.
 */
int engine_run(struct engine *e, const struct pass *pass, uint64_t *position);

#endif
