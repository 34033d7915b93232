/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The software controller's Identify command: every data structure, and the identifiers refused.
 */
#include <ctype.h>
#include <stdio.h>

#include "support/emu_admin_host.h"

static void identify_controller_tells_the_truth(void **state)
{
	const struct nvm_id_ctrl *id;

	(void)state;
	start("?size=8M&ns=&size=4M&mdts=256K&serial=ABC&model=Some%20disk&depth=1024&vwc=1");
	id = (const void *)page;
	assert_int_equal(identify(NVM_CNS_CTRL, 0), 0);
	assert_memory_equal(id->sn, "ABC                 ", 20);
	assert_memory_equal(id->mn, "Some disk                               ", 40);
	assert_memory_equal(id->fr, "1.0     ", 8);
	assert_int_equal(id->mdts, 6);
	assert_int_equal(id->cntlid, 1);
	assert_int_equal(id->ver, 0x10400);
	assert_int_equal(id->cntrltype, NVM_CNTRLTYPE_IO);
	assert_int_equal(id->oacs, NVM_OACS_FORMAT | NVM_OACS_DOORBELL_BUFFER);
	assert_int_equal(id->acl, 3);
	assert_int_equal(id->aerl, 3);
	assert_int_equal(id->elpe, 63);
	assert_int_equal(id->npss, 0);
	assert_int_equal(id->lpa, NVM_LPA_CMD_EFFECTS | NVM_LPA_EXTENDED);
	assert_int_equal(id->sqes, 0x66);
	assert_int_equal(id->cqes, 0x44);
	assert_int_equal(id->maxcmd, 1023);
	assert_int_equal(id->nn, 64);
	assert_int_equal(id->vwc, 7);
	assert_int_equal(id->awupf, 0);
	assert_int_equal(id->fuses, 0);
	assert_int_equal(NVM_SGLS_SUPPORT(id->sgls), NVM_SGLS_SUPPORT_BYTE);
	assert_int_equal(id->tnvmcap[0], 12 << 20);
	assert_int_equal(strncmp(id->subnqn, "nqn.2014-08.org.nvmexpress:uuid:", 32), 0);
	assert_int_equal(strlen(id->subnqn), 32 + 36);
	for (unsigned int i = 32; i < 68; i++)
		assert_true(isxdigit((unsigned char)id->subnqn[i]) || id->subnqn[i] == '-');
}

static void switched_off_parts_are_not_reported(void **state)
{
	const struct nvm_id_ctrl *id;

	(void)state;
	start("?sgl=0&dbbuf=0&mdts=0");
	id = (const void *)page;
	assert_int_equal(identify(NVM_CNS_CTRL, 0), 0);
	assert_int_equal(id->sgls, 0);
	assert_int_equal(id->oacs, NVM_OACS_FORMAT);
	assert_int_equal(id->mdts, 0);
	assert_int_equal(id->vwc, 6);
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG, .prp1 = io, .prp2 = io};

	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_OPCODE);
}

static void mdts_counts_pages_of_mpsmin(void **state)
{
	const struct nvm_id_ctrl *id;

	(void)state;
	host_start(&host, "?mdts=256K&mpsmin=8K");
	/* rings of whole pages of 8 KiB: all stays aligned to them */
	host_enable_sized(&host, 128, 512, host_cc(1));
	page = host_alloc(&host, 2 * HOST_PAGE, &io);
	id = (const void *)page;
	assert_int_equal(identify(NVM_CNS_CTRL, 0), 0);
	assert_int_equal(id->mdts, 5);
}

static void serial_numbers_are_unique(void **state)
{
	char sn[20];

	(void)state;
	start("");
	assert_int_equal(identify(NVM_CNS_CTRL, 0), 0);
	memcpy(sn, page + 4, sizeof(sn));
	host_destroy(&host);
	start("");
	assert_int_equal(identify(NVM_CNS_CTRL, 0), 0);
	assert_memory_not_equal(sn, page + 4, sizeof(sn));
}

static void identify_namespace_by_identifier(void **state)
{
	const struct nvm_id_ns *id;

	(void)state;
	start("?size=8M&ns=&size=4M&lba=4096");
	id = (const void *)page;
	assert_int_equal(identify(NVM_CNS_NS, 1), 0);
	assert_int_equal(id->nsze, 16384);
	assert_int_equal(id->lbaf[NVM_FLBAS_LBAFL(id->flbas)].lbads, 9);
	assert_int_equal(identify(NVM_CNS_ALLOCATED_NS, 2), 0);
	assert_int_equal(id->nsze, 1024);
	assert_int_equal(id->lbaf[NVM_FLBAS_LBAFL(id->flbas)].lbads, 12);
	/* not active: zeroes; not valid: refused */
	assert_int_equal(identify(NVM_CNS_NS, 3), 0);
	assert_true(all_zero(page, HOST_PAGE));
	assert_int_equal(identify(NVM_CNS_NS, 64), 0);
	assert_true(all_zero(page, HOST_PAGE));
	assert_int_equal(identify(NVM_CNS_NS, 0), NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(identify(NVM_CNS_NS, 65), NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(identify(NVM_CNS_NS, NVM_NSID_ALL), NVM_SC_INVALID_NS_OR_FORMAT);
}

static void namespace_lists_begin_after_the_identifier(void **state)
{
	const uint32_t *list;

	(void)state;
	start("?size=1M&ns=&size=1M&ns=&size=1M");
	list = (const void *)page;
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t cns = i ? NVM_CNS_ALLOCATED_NS_LIST : NVM_CNS_ACTIVE_NS_LIST;

		assert_int_equal(identify(cns, 0), 0);
		assert_int_equal(list[0], 1);
		assert_int_equal(list[2], 3);
		assert_true(all_zero(list + 3, HOST_PAGE - 12));
		assert_int_equal(identify(cns, 2), 0);
		assert_int_equal(list[0], 3);
		assert_int_equal(list[1], 0);
		assert_int_equal(identify(cns, 0xfffffffd), 0);
		assert_true(all_zero(list, HOST_PAGE));
		assert_int_equal(identify(cns, 0xfffffffe), NVM_SC_INVALID_NS_OR_FORMAT);
		assert_int_equal(identify(cns, 0xffffffff), NVM_SC_INVALID_NS_OR_FORMAT);
	}
}

static void namespace_descriptors_repeat_the_identifiers(void **state)
{
	struct nvm_id_ns id;

	(void)state;
	start("?size=1M");
	assert_int_equal(identify(NVM_CNS_NS, 1), 0);
	memcpy(&id, page, sizeof(id));
	assert_int_equal(identify(NVM_CNS_NS_DESC_LIST, 1), 0);
	assert_int_equal(page[0], NVM_NIDT_NGUID);
	assert_int_equal(page[1], 16);
	assert_memory_equal(page + 4, id.nguid, 16);
	assert_int_equal(page[20], NVM_NIDT_EUI64);
	assert_int_equal(page[21], 8);
	assert_memory_equal(page + 24, id.eui64, 8);
	assert_int_equal(page[32], NVM_NIDT_CSI);
	assert_int_equal(page[33], 1);
	assert_int_equal(page[36], 0);
	assert_true(all_zero(page + 37, HOST_PAGE - 37));
	assert_int_equal(identify(NVM_CNS_NS_DESC_LIST, 2), NVM_SC_INVALID_FIELD);
	assert_int_equal(identify(NVM_CNS_NS_DESC_LIST, 0), NVM_SC_INVALID_NS_OR_FORMAT);
}

static void controller_lists_name_the_one_controller(void **state)
{
	const struct nvm_ctrl_list *list;

	(void)state;
	start("?size=1M");
	list = (const void *)page;
	assert_int_equal(identify(NVM_CNS_CTRL_LIST, 0), 0);
	assert_int_equal(list->num, 1);
	assert_int_equal(list->id[0], 1);
	assert_int_equal(identify(NVM_CNS_CTRL_LIST | NVM_FIELD(IDENTIFY_CNTID, 2), 0), 0);
	assert_int_equal(list->num, 0);
	assert_int_equal(identify(NVM_CNS_NS_CTRL_LIST, 1), 0);
	assert_int_equal(list->num, 1);
	assert_int_equal(identify(NVM_CNS_NS_CTRL_LIST, 9), NVM_SC_INVALID_FIELD);
}

static void command_set_specific_pages_are_those_of_nvm(void **state)
{
	struct nvm_sqe sqe = {.opc = NVM_ADMIN_OPC_IDENTIFY, .nsid = 1};

	(void)state;
	start("?size=1M");
	assert_int_equal(identify(NVM_CNS_CSI_NS, 1), 0);
	assert_true(all_zero(page, HOST_PAGE));
	/* an inactive namespace is all zeroes, as with CNS 00h */
	memset(page, 0xff, HOST_PAGE);
	assert_int_equal(identify(NVM_CNS_CSI_NS, 2), 0);
	assert_true(all_zero(page, HOST_PAGE));
	assert_int_equal(identify(NVM_CNS_CSI_NS, 0), NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(identify(NVM_CNS_CSI_NS, NVM_NSID_ALL), NVM_SC_INVALID_NS_OR_FORMAT);
	assert_int_equal(identify(NVM_CNS_CSI_CTRL, 0), 0);
	sqe.prp1 = io;
	sqe.cdw10 = NVM_CNS_CSI_CTRL;
	sqe.cdw11 = NVM_FIELD(IDENTIFY_CSI, NVM_CSI_ZNS);
	assert_int_equal(host_exec(&host.admin, &sqe), NVM_SC_INVALID_FIELD);
	for (uint32_t cns = 0; cns < 256; cns++) {
		if (cns <= 3 || cns == 5 || cns == 6 || (cns >= 0x10 && cns <= 0x13))
			continue;
		assert_int_equal(identify(cns, 1), NVM_SC_INVALID_FIELD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(identify_controller_tells_the_truth),
		TEST(switched_off_parts_are_not_reported),
		TEST(mdts_counts_pages_of_mpsmin),
		TEST(serial_numbers_are_unique),
		TEST(identify_namespace_by_identifier),
		TEST(namespace_lists_begin_after_the_identifier),
		TEST(namespace_descriptors_repeat_the_identifiers),
		TEST(controller_lists_name_the_one_controller),
		TEST(command_set_specific_pages_are_those_of_nvm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
