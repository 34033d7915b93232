/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lane.h - what the threads of a pass share: which chunk is next, and which are done.
 */
#ifndef INTEGRITY_LANE_H
#define INTEGRITY_LANE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine.h"

/* A chunk that is done, until all before it are. */
struct outcome {
	bool done;
	struct tally tally;
};

enum flush_state {
	FLUSH_NONE,
	FLUSH_WANTED, /* by whoever saves how far we are */
	FLUSH_BUSY,   /* a lane is at it */
	FLUSH_DONE,
};

/**
 * struct shared - a pass as its threads see it
 * @e, @pass: what is done
 * @lock: guards all that follows
 * @moved: signalled when @retired grows, or @stop is set
 * @ended: signalled when the last lane ends
 * @next: position of the next chunk to begin
 * @retired: all positions before this one are done
 * @bytes: done
 * @window: chunks that may be begun beyond @retired
 * @outcomes: of positions from @retired on, at position % @window
 * @n_running: lanes that have not ended
 * @stop: begin nothing more
 * @failed: @why says what has failed
 * @why: the first failure
 * @flush: of what was written so far
 */
struct shared {
	struct engine *e;
	const struct pass *pass;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	pthread_cond_t ended;
	uint64_t next;
	uint64_t retired;
	uint64_t bytes;
	uint64_t window;
	struct outcome *outcomes;
	unsigned int n_running;
	bool stop;
	bool failed;
	struct reason why;
	enum flush_state flush;
};

/* A thread of a pass. */
struct lane_thread {
	struct shared *s;
	struct lane *lane;
	pthread_t thread;
};

/* Its start routine; @arg is a struct lane_thread. */
void *lane_main(void *arg);

/* Something has failed: note it if nothing has before, and begin nothing more. */
void lane_fail(struct shared *s, const struct reason *why);

/* The blocks of a chunk, for its first block @lba: the last chunk may be shorter. */
uint32_t lane_chunk(const struct shared *s, uint64_t position, uint64_t *lba);

#endif
