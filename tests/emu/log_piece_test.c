/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_piece_test.c - Get Log Page in pieces of 256 KiB and more, as there are with large controller
 * pages: their number of dwords needs its upper half.
 */
#include <string.h>

#include "nvm_admin.h"
#include "nvm_cmd.h"
#include "nvm_spec.h"
#include "support/emu_aq.h"

#define LARGE ((size_t)262144)

/* The length of every Get Log Page, in dwords. */
struct lengths {
	uint32_t n_dwords[16];
	unsigned int n;
};

static void note(void *arg, struct emu_fault_command *f)
{
	const struct nvm_sqe *sqe = f->sqe;
	struct lengths *l = arg;

	if (f->sqid == 0 && sqe->opc == NVM_ADMIN_GET_LOG_PAGE && l->n < 16)
		l->n_dwords[l->n++] =
			(NVM_LOG_NUMDL(sqe->cdw10) | NVM_LOG_NUMDU(sqe->cdw11) << 16) + 1;
}

static void large_pieces_have_their_whole_length(void **state)
{
	const struct nvm_ctrl_options options = {sizeof(options), 0, (uint32_t)LARGE, 0};
	const struct emu_fault_hooks hooks = {.command = note};
	struct lengths lengths = {.n = 0};
	struct target t = {.ctrl = NULL};
	const unsigned char *data;

	(void)state;
	assert_int_equal(
		nvm_ctrl_open(&t.ctrl, "emu:?size=1M&mpsmin=256K&mpsmax=256K&mdts=0", &options), 0);
	assert_int_equal(nvm_aq_open(&t.ref, t.ctrl), 0);
	assert_int_equal(nvm_dma_create(&t.dma, t.ctrl, 3 * LARGE), 0);
	emu_set_fault_hooks(nvmi_emu_of(t.ctrl), &hooks, &lengths);
	memset(t.dma->vaddr, 0xee, 3 * LARGE);
	assert_int_equal(nvm_admin_log_page(t.ref, NVM_CMD_NS_ALL, NVM_LID_SMART, 0, false, 0,
					    t.dma, 0, 2 * LARGE),
			 0);
	assert_int_equal(lengths.n, 1);
	assert_int_equal(lengths.n_dwords[0], 2 * LARGE / 4);
	/* To the last byte, and not beyond. */
	data = t.dma->vaddr;
	assert_int_equal(data[2 * LARGE - 1], 0);
	assert_int_equal(data[2 * LARGE], 0xee);
	close_target(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_pieces_have_their_whole_length),
	};

	return cmocka_run_group_tests_name("log pieces", tests, NULL, NULL);
}
