/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_faults_test.c - nvm_disk_t on a disk that completes commands again, in any order, with errors, or
 * too late: whose completion it was, whose status, and whose memory.
 */
#include "support/disk_device.h"

/* Completes the first command a second time when its slot belongs to another. */
struct repeat {
	unsigned int n;
	uint16_t first_cid;
	bool done;
};

static void repeat_first(struct disk_device *x, const struct nvm_sqe *sqe)
{
	struct repeat *r = x->arg;

	/* A queue of one command at a time: every command has the slot of the first. */
	if (r->n++ == 0) {
		r->first_cid = sqe->cid;
	} else if (!r->done) {
		r->done = true;
		disk_post(x, r->first_cid, 0, x->sq_head);
		return;
	}
	disk_execute(x, sqe);
	disk_post(x, sqe->cid, 0, x->sq_head);
}

static void a_late_repetition_does_not_complete_the_slots_next_command(void **state)
{
	struct repeat repeat = {.n = 0};
	struct disk_fixture t = begin_disk(repeat_first, NULL, &repeat, 2, 5000);
	unsigned char block[DISK_BLOCK_SIZE];

	(void)state;
	t.x->blocks[DISK_BLOCK_SIZE] = 0x77;
	assert_int_equal(nvm_disk_read(t.disk, block, 0, 1), 0);
	memset(block, 0xee, sizeof(block));
	assert_int_equal(nvm_disk_read(t.disk, block, 1, 1), EIO);
	assert_non_null(strstr(nvm_errmsg(), "controller fault"));
	/* The queue was made anew, and is good for further commands. */
	assert_int_equal(atomic_load(&t.x->n_deleted), 1);
	assert_int_equal(nvm_disk_read(t.disk, block, 1, 1), 0);
	assert_int_equal(block[0], 0x77);
	end_disk(&t);
}

/* Collects commands and completes them in disorder, each with a status of its own. */
struct batch {
	struct nvm_sqe held[7];
	unsigned int n, size;
};

static void fail_in_disorder(struct disk_device *x, const struct nvm_sqe *sqe)
{
	static const unsigned int order[] = {0, 4, 2, 6, 1, 5, 3};
	struct batch *b = x->arg;

	b->held[b->n++] = *sqe;
	if (b->n < b->size)
		return;
	for (b->n = 0; b->n < b->size; b->n++) {
		const struct nvm_sqe *held = &b->held[order[b->n]];

		/* Vendor specific statuses that name the block; block 0 is good. */
		disk_post(x, held->cid,
			  (uint16_t)(held->cdw10 == 0 ? 0 : 0x7c0 | (held->cdw10 / 16)),
			  x->sq_head);
	}
	b->n = 0;
}

static void the_status_is_that_of_the_first_block_that_failed(void **state)
{
	struct batch batch = {.size = 7};
	struct disk_fixture t = begin_disk(fail_in_disorder, NULL, &batch, 8, 5000);
	unsigned char *data = malloc((size_t)7 * DISK_MDTS_SIZE);

	(void)state;
	assert_non_null(data);
	/* Commands at blocks 0, 16, 32 ...: the one at 16 fails after some and before others. */
	assert_int_equal(nvm_disk_read(t.disk, data, 0, 7 * 16), -0x7c1);
	assert_non_null(strstr(nvm_errmsg(), "block 16:"));
	free(data);
	end_disk(&t);
}

/* Executes commands a long time after they were fetched, if their queue has not been deleted. */
struct late {
	struct nvm_sqe sqe;
	double due;
	bool is_held;
	unsigned int n_deleted; /* SQs deleted before it was fetched */
	unsigned int n_executed;
};

static void hold(struct disk_device *x, const struct nvm_sqe *sqe)
{
	struct late *late = x->arg;

	late->sqe = *sqe;
	late->due = seconds() + 0.3;
	late->n_deleted = atomic_load(&x->n_deleted);
	late->is_held = true;
}

static void execute_late(struct disk_device *x, unsigned int looks)
{
	struct late *late = x->arg;

	(void)looks;
	if (!late->is_held || seconds() < late->due)
		return;
	late->is_held = false;
	if (late->n_deleted != atomic_load(&x->n_deleted))
		return;
	late->n_executed++;
	disk_execute(x, &late->sqe);
	disk_post(x, late->sqe.cid, 0, x->sq_head);
}

static void finish_at_once(struct disk_device *x, const struct nvm_sqe *sqe)
{
	disk_execute(x, sqe);
	disk_post(x, sqe->cid, 0, x->sq_head);
}

static void nap(double s)
{
	double end_s = seconds() + s;

	while (seconds() < end_s)
		sched_yield();
}

/* In place and copied: memory that a call has given back does not change any more. */
static void after_a_timeout_the_disk_is_kept_from_the_memory(void **state)
{
	struct late late = {.is_held = false};
	struct disk_fixture t = begin_disk(hold, execute_late, &late, 4, 60);
	unsigned char *in_place = nvm_disk_alloc(t.disk, 4096);
	unsigned char copied[DISK_BLOCK_SIZE], other[DISK_BLOCK_SIZE];

	(void)state;
	assert_non_null(in_place);
	memset(t.x->blocks, 0x11, DISK_BLOCK_SIZE);
	memset(t.x->blocks + DISK_BLOCK_SIZE, 0x22, DISK_BLOCK_SIZE);
	assert_int_equal(nvm_disk_read(t.disk, in_place, 0, 1), ETIME);
	assert_int_equal(atomic_load(&t.x->n_deleted), 1);
	memset(in_place, 0x55, 4096);
	nap(0.4);
	for (int i = 0; i < 4096; i++)
		assert_int_equal(in_place[i], 0x55);

	assert_int_equal(nvm_disk_read(t.disk, copied, 0, 1), ETIME);
	assert_int_equal(atomic_load(&t.x->n_deleted), 2);
	/* The next call has the same slot, with its list and its part of the bounce buffer. */
	pthread_mutex_lock(&t.x->lock);
	t.x->fetched = finish_at_once;
	pthread_mutex_unlock(&t.x->lock);
	assert_int_equal(nvm_disk_read(t.disk, other, 1, 1), 0);
	assert_int_equal(other[0], 0x22);
	assert_int_equal(other[DISK_BLOCK_SIZE - 1], 0x22);
	pthread_mutex_lock(&t.x->lock);
	t.x->idle = NULL;
	assert_int_equal(late.n_executed, 0);
	pthread_mutex_unlock(&t.x->lock);
	nvm_disk_free(t.disk, in_place);
	end_disk(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_repetition_does_not_complete_the_slots_next_command),
		cmocka_unit_test(the_status_is_that_of_the_first_block_that_failed),
		cmocka_unit_test(after_a_timeout_the_disk_is_kept_from_the_memory),
	};

	return cmocka_run_group_tests_name("disk faults", tests, NULL, NULL);
}
