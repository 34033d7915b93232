/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk_slow_command_test.c - one slow command of a call costs one of the commands in flight and nothing
 * else: the ring goes on around it, and neither its CID nor its memory goes to another meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "nvm_disk.h"
#include "nvm_spec.h"
#include "nvm_util.h"
#include "support/emu_aq.h"

#define N_COMMANDS 200
#define CHUNK      ((size_t)8192)
#define DELAY_NS   400000000ULL

/* The slow command, and what was fetched while it was out. */
struct watch {
	double slow_since;
	uint16_t slow_cid;
	uint64_t slow_prp;
	unsigned int n_seen, n_during;
	bool reused;
};

static void watch_commands(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;
	struct watch *w = arg;

	if (f->sqid == 0)
		return;
	if (++w->n_seen == 3) {
		f->delay_ns = DELAY_NS;
		w->slow_since = seconds();
		w->slow_cid = sqe->cid;
		w->slow_prp = sqe->prp1;
	} else if (w->n_seen > 3 && seconds() - w->slow_since < 0.75 * (double)DELAY_NS / 1e9) {
		w->n_during++;
		w->reused |= sqe->cid == w->slow_cid || sqe->prp1 == w->slow_prp;
	}
}

static void check_depth(uint32_t depth)
{
	struct nvm_disk_options options = NVM_DISK_OPTIONS_INIT;
	const struct emu_fault_hooks hooks = {.command = watch_commands};
	unsigned char *data = malloc(N_COMMANDS * CHUNK), *back = malloc(N_COMMANDS * CHUNK);
	struct watch watch = {.n_seen = 0};
	nvm_disk_t *disk;
	struct emu *emu;

	assert_true(data != NULL && back != NULL);
	for (size_t i = 0; i < N_COMMANDS * CHUNK; i++)
		data[i] = (unsigned char)(i / 512 * 13 + i);
	options.queue_depth = depth;
	assert_int_equal(nvm_disk_open(&disk, "emu:?size=4M&mdts=8192", &options), 0);
	assert_int_equal(nvm_disk_write(disk, data, 0, 1), 0);
	emu = nvmi_emu_of(nvm_ctrl_from_aq_ref(nvm_disk_aq(disk)));
	emu_set_fault_hooks(emu, &hooks, &watch);

	assert_int_equal(nvm_disk_write(disk, data, 0, N_COMMANDS * CHUNK / 512), 0);
	assert_int_equal(watch.n_seen, N_COMMANDS);
	/* All others, if this machine is not too busy; many more than the ring has slots, if it is. */
	assert_true(watch.n_during > 2 * depth);
	assert_false(watch.reused);

	emu_set_fault_hooks(emu, NULL, NULL);
	assert_int_equal(nvm_disk_read(disk, back, 0, N_COMMANDS * CHUNK / 512), 0);
	assert_memory_equal(back, data, N_COMMANDS * CHUNK);
	nvm_disk_close(disk);
	free(data);
	free(back);
}

static void a_slow_command_does_not_hold_up_the_ring(void **state)
{
	(void)state;
	check_depth(3);
	check_depth(8);
	check_depth(33);
	check_depth(64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_command_does_not_hold_up_the_ring),
	};

	return cmocka_run_group_tests_name("slow command", tests, NULL, NULL);
}
