/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spec_test.c - nvm_spec.h against numbers written down from the specification, against the
 * kernel's passthrough structure, and against register values of a known controller.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/nvme_ioctl.h>

#include "nvm_spec.h"

struct layout {
	const char *name;
	size_t offset, size;                   /* as compiled */
	size_t expected_offset, expected_size; /* as in the specification */
};

#define FIELD(type, field, first, last)                                                            \
	{                                                                                          \
#type "." #field, offsetof(struct type, field), sizeof(((struct type *)0)->field), \
			(first), (last) - (first) + 1                                              \
	}

#define WHOLE(type, bytes)                                \
	{                                                 \
#type, 0, sizeof(struct type), 0, (bytes) \
	}

static void check_layout(const struct layout *l, size_t n)
{
	for (; n > 0; l++, n--) {
		if (l->offset != l->expected_offset || l->size != l->expected_size)
			fail_msg("%s: offset %zu size %zu, expected %zu and %zu", l->name,
				 l->offset, l->size, l->expected_offset, l->expected_size);
	}
}

#define CHECK_LAYOUT(table) check_layout((table), sizeof(table) / sizeof((table)[0]))

static void queue_entries_have_the_specified_layout(void **state)
{
	static const struct layout l[] = {
		WHOLE(nvm_sqe, 64),
		FIELD(nvm_sqe, opc, 0, 0),
		FIELD(nvm_sqe, flags, 1, 1),
		FIELD(nvm_sqe, cid, 2, 3),
		FIELD(nvm_sqe, nsid, 4, 7),
		FIELD(nvm_sqe, mptr, 16, 23),
		FIELD(nvm_sqe, prp1, 24, 31),
		FIELD(nvm_sqe, prp2, 32, 39),
		FIELD(nvm_sqe, sgl1, 24, 39),
		FIELD(nvm_sqe, cdw10, 40, 43),
		FIELD(nvm_sqe, cdw15, 60, 63),
		WHOLE(nvm_cqe, 16),
		FIELD(nvm_cqe, dw0, 0, 3),
		FIELD(nvm_cqe, sqhd, 8, 9),
		FIELD(nvm_cqe, sqid, 10, 11),
		FIELD(nvm_cqe, cid, 12, 13),
		FIELD(nvm_cqe, status, 14, 15),
		WHOLE(nvm_sgl_desc, 16),
		FIELD(nvm_sgl_desc, addr, 0, 7),
		FIELD(nvm_sgl_desc, length, 8, 11),
		FIELD(nvm_sgl_desc, type, 15, 15),
	};

	(void)state;
	CHECK_LAYOUT(l);
}

static void submission_entry_agrees_with_kernel_passthrough(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct nvm_sqe, opc), offsetof(struct nvme_passthru_cmd, opcode));
	assert_int_equal(offsetof(struct nvm_sqe, nsid), offsetof(struct nvme_passthru_cmd, nsid));
	assert_int_equal(offsetof(struct nvm_sqe, cdw2), offsetof(struct nvme_passthru_cmd, cdw2));
	assert_int_equal(offsetof(struct nvm_sqe, mptr),
			 offsetof(struct nvme_passthru_cmd, metadata));
	assert_int_equal(offsetof(struct nvm_sqe, prp1), offsetof(struct nvme_passthru_cmd, addr));
	assert_int_equal(offsetof(struct nvm_sqe, cdw10),
			 offsetof(struct nvme_passthru_cmd, cdw10));
	assert_int_equal(offsetof(struct nvm_sqe, cdw15),
			 offsetof(struct nvme_passthru_cmd, cdw15));
}

static void dword_and_field_views_of_an_entry_are_the_same(void **state)
{
	struct nvm_sqe sqe;
	struct nvm_cqe cqe;

	(void)state;
	memset(&sqe, 0, sizeof(sqe));
	sqe.opc = NVM_IO_OPC_READ;
	sqe.flags = (uint8_t)NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_SGL);
	sqe.cid = 0xbeef;
	sqe.prp1 = 0x1122334455667788U;
	sqe.cdw12 = 7;
	assert_int_equal(sqe.cdw0, 0xbeef8002U);
	assert_int_equal(sqe.dword[0], 0xbeef8002U);
	assert_int_equal(sqe.dword[6], 0x55667788U);
	assert_int_equal(sqe.dword[7], 0x11223344U);
	assert_int_equal(sqe.dword[12], 7);

	memset(&cqe, 0, sizeof(cqe));
	cqe.dword[2] = 0x00030010U;
	cqe.dword[3] = 0x0001beefU;
	assert_int_equal(cqe.sqhd, 0x10);
	assert_int_equal(cqe.sqid, 3);
	assert_int_equal(cqe.cid, 0xbeef);
	assert_int_equal(cqe.status, 1);
}

static void identify_controller_has_the_specified_layout(void **state)
{
	static const struct layout l[] = {
#define F(field, first, last) FIELD(nvm_id_ctrl, field, first, last)
		F(vid, 0, 1),
		F(ssvid, 2, 3),
		F(sn, 4, 23),
		F(mn, 24, 63),
		F(fr, 64, 71),
		F(rab, 72, 72),
		F(ieee, 73, 75),
		F(cmic, 76, 76),
		F(mdts, 77, 77),
		F(cntlid, 78, 79),
		F(ver, 80, 83),
		F(rtd3r, 84, 87),
		F(rtd3e, 88, 91),
		F(oaes, 92, 95),
		F(ctratt, 96, 99),
		F(rrls, 100, 101),
		F(cntrltype, 111, 111),
		F(fguid, 112, 127),
		F(crdt1, 128, 129),
		F(crdt2, 130, 131),
		F(crdt3, 132, 133),
		F(nvmsr, 253, 253),
		F(vwci, 254, 254),
		F(mec, 255, 255),
		F(oacs, 256, 257),
		F(acl, 258, 258),
		F(aerl, 259, 259),
		F(frmw, 260, 260),
		F(lpa, 261, 261),
		F(elpe, 262, 262),
		F(npss, 263, 263),
		F(avscc, 264, 264),
		F(apsta, 265, 265),
		F(wctemp, 266, 267),
		F(cctemp, 268, 269),
		F(mtfa, 270, 271),
		F(hmpre, 272, 275),
		F(hmmin, 276, 279),
		F(tnvmcap, 280, 295),
		F(unvmcap, 296, 311),
		F(rpmbs, 312, 315),
		F(edstt, 316, 317),
		F(dsto, 318, 318),
		F(fwug, 319, 319),
		F(kas, 320, 321),
		F(hctma, 322, 323),
		F(mntmt, 324, 325),
		F(mxtmt, 326, 327),
		F(sanicap, 328, 331),
		F(hmminds, 332, 335),
		F(hmmaxd, 336, 337),
		F(nsetidmax, 338, 339),
		F(endgidmax, 340, 341),
		F(anatt, 342, 342),
		F(anacap, 343, 343),
		F(anagrpmax, 344, 347),
		F(nanagrpid, 348, 351),
		F(pels, 352, 355),
		F(domainid, 356, 357),
		F(megcap, 368, 383),
		F(sqes, 512, 512),
		F(cqes, 513, 513),
		F(maxcmd, 514, 515),
		F(nn, 516, 519),
		F(oncs, 520, 521),
		F(fuses, 522, 523),
		F(fna, 524, 524),
		F(vwc, 525, 525),
		F(awun, 526, 527),
		F(awupf, 528, 529),
		F(icsvscc, 530, 530),
		F(nwpc, 531, 531),
		F(acwu, 532, 533),
		F(ocfs, 534, 535),
		F(sgls, 536, 539),
		F(mnan, 540, 543),
		F(maxdna, 544, 559),
		F(maxcna, 560, 563),
		F(subnqn, 768, 1023),
		F(ioccsz, 1792, 1795),
		F(iorcsz, 1796, 1799),
		F(icdoff, 1800, 1801),
		F(fcatt, 1802, 1802),
		F(msdbd, 1803, 1803),
		F(ofcs, 1804, 1805),
		F(psd, 2048, 3071),
		F(vs, 3072, 4095),
#undef F
		WHOLE(nvm_id_ctrl, 4096),
	};

	(void)state;
	CHECK_LAYOUT(l);
}

static void identify_namespace_has_the_specified_layout(void **state)
{
	static const struct layout l[] = {
#define F(field, first, last) FIELD(nvm_id_ns, field, first, last)
		F(nsze, 0, 7),
		F(ncap, 8, 15),
		F(nuse, 16, 23),
		F(nsfeat, 24, 24),
		F(nlbaf, 25, 25),
		F(flbas, 26, 26),
		F(mc, 27, 27),
		F(dpc, 28, 28),
		F(dps, 29, 29),
		F(nmic, 30, 30),
		F(rescap, 31, 31),
		F(fpi, 32, 32),
		F(dlfeat, 33, 33),
		F(nawun, 34, 35),
		F(nawupf, 36, 37),
		F(nacwu, 38, 39),
		F(nabsn, 40, 41),
		F(nabo, 42, 43),
		F(nabspf, 44, 45),
		F(noiob, 46, 47),
		F(nvmcap, 48, 63),
		F(npwg, 64, 65),
		F(npwa, 66, 67),
		F(npdg, 68, 69),
		F(npda, 70, 71),
		F(nows, 72, 73),
		F(mssrl, 74, 75),
		F(mcl, 76, 79),
		F(msrc, 80, 80),
		F(anagrpid, 92, 95),
		F(nsattr, 99, 99),
		F(nvmsetid, 100, 101),
		F(endgid, 102, 103),
		F(nguid, 104, 119),
		F(eui64, 120, 127),
		F(lbaf, 128, 383),
		F(vs, 384, 4095),
#undef F
		WHOLE(nvm_id_ns, 4096),
		WHOLE(nvm_lbaf, 4),
		FIELD(nvm_lbaf, lbads, 2, 2),
		FIELD(nvm_lbaf, rp, 3, 3),
	};

	(void)state;
	CHECK_LAYOUT(l);
}

static void other_identify_data_has_the_specified_layout(void **state)
{
	static const struct layout l[] = {
		WHOLE(nvm_psd, 32),
		FIELD(nvm_psd, flags, 3, 3),
		FIELD(nvm_psd, enlat, 4, 7),
		FIELD(nvm_psd, exlat, 8, 11),
		FIELD(nvm_psd, rrt, 12, 12),
		FIELD(nvm_psd, rwl, 15, 15),
		FIELD(nvm_psd, idlp, 16, 17),
		FIELD(nvm_psd, ips, 18, 18),
		FIELD(nvm_psd, actp, 20, 21),
		FIELD(nvm_psd, apws, 22, 22),
		WHOLE(nvm_id_ns_desc, 4),
		FIELD(nvm_id_ns_desc, nidl, 1, 1),
		WHOLE(nvm_id_ctrl_nvm, 4096),
		FIELD(nvm_id_ctrl_nvm, vsl, 0, 0),
		FIELD(nvm_id_ctrl_nvm, wzsl, 1, 1),
		FIELD(nvm_id_ctrl_nvm, wusl, 2, 2),
		FIELD(nvm_id_ctrl_nvm, dmrl, 3, 3),
		FIELD(nvm_id_ctrl_nvm, dmrsl, 4, 7),
		FIELD(nvm_id_ctrl_nvm, dmsl, 8, 15),
		WHOLE(nvm_id_ns_nvm, 4096),
		FIELD(nvm_id_ns_nvm, pic, 8, 8),
		FIELD(nvm_id_ns_nvm, elbaf, 12, 267),
		WHOLE(nvm_id_ns_indep, 4096),
		FIELD(nvm_id_ns_indep, anagrpid, 4, 7),
		FIELD(nvm_id_ns_indep, nsattr, 8, 8),
		FIELD(nvm_id_ns_indep, nvmsetid, 10, 11),
		FIELD(nvm_id_ns_indep, nstat, 14, 14),
		WHOLE(nvm_ctrl_list, 4096),
	};

	(void)state;
	CHECK_LAYOUT(l);
}

static void log_pages_have_the_specified_layout(void **state)
{
	static const struct layout l[] = {
		WHOLE(nvm_log_supported_pages, 1024),
		WHOLE(nvm_log_error_entry, 64),
		FIELD(nvm_log_error_entry, error_count, 0, 7),
		FIELD(nvm_log_error_entry, sqid, 8, 9),
		FIELD(nvm_log_error_entry, cid, 10, 11),
		FIELD(nvm_log_error_entry, status, 12, 13),
		FIELD(nvm_log_error_entry, pel, 14, 15),
		FIELD(nvm_log_error_entry, lba, 16, 23),
		FIELD(nvm_log_error_entry, nsid, 24, 27),
		FIELD(nvm_log_error_entry, vsia, 28, 28),
		FIELD(nvm_log_error_entry, trtype, 29, 29),
		FIELD(nvm_log_error_entry, cs, 32, 39),
		FIELD(nvm_log_error_entry, ttsi, 40, 41),
		WHOLE(nvm_log_smart, 512),
		FIELD(nvm_log_smart, temperature, 1, 2),
		FIELD(nvm_log_smart, avail_spare, 3, 3),
		FIELD(nvm_log_smart, spare_thresh, 4, 4),
		FIELD(nvm_log_smart, percent_used, 5, 5),
		FIELD(nvm_log_smart, endgrp_warning, 6, 6),
		FIELD(nvm_log_smart, data_units_read, 32, 47),
		FIELD(nvm_log_smart, data_units_written, 48, 63),
		FIELD(nvm_log_smart, host_reads, 64, 79),
		FIELD(nvm_log_smart, host_writes, 80, 95),
		FIELD(nvm_log_smart, ctrl_busy_time, 96, 111),
		FIELD(nvm_log_smart, power_cycles, 112, 127),
		FIELD(nvm_log_smart, power_on_hours, 128, 143),
		FIELD(nvm_log_smart, unsafe_shutdowns, 144, 159),
		FIELD(nvm_log_smart, media_errors, 160, 175),
		FIELD(nvm_log_smart, num_error_entries, 176, 191),
		FIELD(nvm_log_smart, warning_temp_time, 192, 195),
		FIELD(nvm_log_smart, critical_temp_time, 196, 199),
		FIELD(nvm_log_smart, temp_sensor, 200, 215),
		FIELD(nvm_log_smart, tmt1_count, 216, 219),
		FIELD(nvm_log_smart, tmt2_count, 220, 223),
		FIELD(nvm_log_smart, tmt1_time, 224, 227),
		FIELD(nvm_log_smart, tmt2_time, 228, 231),
		WHOLE(nvm_log_fw_slot, 512),
		FIELD(nvm_log_fw_slot, frs, 8, 63),
		WHOLE(nvm_log_changed_ns, 4096),
		WHOLE(nvm_log_cmd_effects, 4096),
		FIELD(nvm_log_cmd_effects, iocs, 1024, 2047),
		WHOLE(nvm_log_self_test, 564),
		FIELD(nvm_log_self_test, result, 4, 563),
		WHOLE(nvm_self_test_result, 28),
		FIELD(nvm_self_test_result, poh, 4, 11),
		FIELD(nvm_self_test_result, nsid, 12, 15),
		FIELD(nvm_self_test_result, flba, 16, 23),
		FIELD(nvm_self_test_result, sct, 24, 24),
		FIELD(nvm_self_test_result, sc, 25, 25),
	};

	(void)state;
	CHECK_LAYOUT(l);
}

static void command_data_has_the_specified_layout(void **state)
{
	static const struct layout l[] = {
		WHOLE(nvm_lba_range_type, 64),
		FIELD(nvm_lba_range_type, slba, 16, 23),
		FIELD(nvm_lba_range_type, nlb, 24, 31),
		FIELD(nvm_lba_range_type, guid, 32, 47),
		WHOLE(nvm_dsm_range, 16),
		FIELD(nvm_dsm_range, nlb, 4, 7),
		FIELD(nvm_dsm_range, slba, 8, 15),
		WHOLE(nvm_copy_range, 32),
		FIELD(nvm_copy_range, slba, 8, 15),
		FIELD(nvm_copy_range, nlb, 16, 17),
		FIELD(nvm_copy_range, eilbrt, 24, 27),
		FIELD(nvm_copy_range, elbat, 28, 29),
		FIELD(nvm_copy_range, elbatm, 30, 31),
		WHOLE(nvm_hmb_desc, 16),
		FIELD(nvm_hmb_desc, bsize, 8, 11),
	};

	(void)state;
	CHECK_LAYOUT(l);
}

/* CAP of QEMU's controller with its default settings, taken apart by hand */
static void capabilities_of_a_known_controller_are_decoded(void **state)
{
	const uint64_t cap = 0x004018200f0107ffU;

	(void)state;
	assert_int_equal(NVM_CAP_MQES(cap), 0x7ff);
	assert_int_equal(NVM_CAP_CQR(cap), 1);
	assert_int_equal(NVM_CAP_AMS(cap), 0);
	assert_int_equal(NVM_CAP_TO(cap), 15);
	assert_int_equal(NVM_CAP_DSTRD(cap), 0);
	assert_int_equal(NVM_CAP_NSSRS(cap), 0);
	assert_int_equal(NVM_CAP_CSS(cap),
			 NVM_CAP_CSS_NVM | NVM_CAP_CSS_IOCSS | NVM_CAP_CSS_NOIOCSS);
	assert_int_equal(NVM_CAP_BPS(cap), 0);
	assert_int_equal(NVM_CAP_CPS(cap), 0);
	assert_int_equal(NVM_CAP_MPSMIN(cap), 0);
	assert_int_equal(NVM_CAP_MPSMAX(cap), 4);
	assert_int_equal(NVM_CAP_PMRS(cap), 0);
	assert_int_equal(NVM_CAP_CMBS(cap), 0);
	assert_int_equal(NVM_CAP_CRMS(cap), 0);
}

/* One bit of CAP at a time: each belongs to the field the specification gives it. */
static void each_capability_bit_is_in_its_field(void **state)
{
	(void)state;
	assert_int_equal(NVM_CAP_NSSRS((uint64_t)1 << 36), 1);
	assert_int_equal(NVM_CAP_CSS((uint64_t)1 << 37), NVM_CAP_CSS_NVM);
	assert_int_equal(NVM_CAP_CSS((uint64_t)1 << 44), NVM_CAP_CSS_NOIOCSS);
	assert_int_equal(NVM_CAP_BPS((uint64_t)1 << 45), 1);
	assert_int_equal(NVM_CAP_CPS((uint64_t)3 << 46), 3);
	assert_int_equal(NVM_CAP_MPSMIN((uint64_t)0xf << 48), 0xf);
	assert_int_equal(NVM_CAP_MPSMAX((uint64_t)0xf << 52), 0xf);
	assert_int_equal(NVM_CAP_PMRS((uint64_t)1 << 56), 1);
	assert_int_equal(NVM_CAP_CMBS((uint64_t)1 << 57), 1);
	assert_int_equal(NVM_CAP_NSSS((uint64_t)1 << 58), 1);
	assert_int_equal(NVM_CAP_CRWMS((uint64_t)1 << 59), 1);
	assert_int_equal(NVM_CAP_CRIMS((uint64_t)1 << 60), 1);
	assert_int_equal(NVM_CAP_CRMS((uint64_t)1 << 60), 2);
	assert_int_equal(NVM_CAP_MQES(~(uint64_t)0xffff), 0);
	assert_true(NVM_FIELD64(CAP_MPSMAX, 0x14) == (uint64_t)4 << 52);
	assert_true(NVM_FIELD64_BITS(CAP_TO) == 0xff000000U);
	assert_true(NVM_CMBMSC_CBA(0xfedcba9876543000U) == 0xfedcba9876543U);
}

static void configuration_and_status_fields_round_trip(void **state)
{
	/* 64-byte SQ entries, 16-byte CQ entries, 4 KiB pages, enabled: as every driver writes it */
	const uint32_t cc = NVM_FIELD(CC_EN, 1) | NVM_FIELD(CC_IOSQES, 6) | NVM_FIELD(CC_IOCQES, 4);
	uint32_t v;

	(void)state;
	assert_int_equal(cc, 0x00460001U);
	v = (cc & ~NVM_FIELD_BITS(CC_SHN)) | NVM_FIELD(CC_SHN, NVM_SHN_ABRUPT);
	assert_int_equal(v, 0x00468001U);
	assert_int_equal(NVM_CC_SHN(v), NVM_SHN_ABRUPT);
	assert_int_equal(NVM_CC_EN(v), 1);
	assert_int_equal(NVM_CC_IOSQES(v), 6);
	assert_int_equal(NVM_CC_IOCQES(v), 4);
	assert_int_equal(NVM_FIELD(CC_MPS, 4), 0x200);
	assert_int_equal(NVM_FIELD(CC_CSS, NVM_CC_CSS_ALL), 0x60);
	assert_int_equal(NVM_FIELD(CC_AMS, 1), 0x800);
	assert_int_equal(NVM_FIELD(CC_CRIME, 1), 0x01000000);

	assert_int_equal(NVM_CSTS_RDY(0x1), 1);
	assert_int_equal(NVM_CSTS_CFS(0x2), 1);
	assert_int_equal(NVM_CSTS_SHST(0x9), NVM_SHST_COMPLETE);
	assert_int_equal(NVM_CSTS_NSSRO(0x10), 1);
	assert_int_equal(NVM_CSTS_PP(0x20), 1);
	assert_int_equal(NVM_CSTS_ST(0x40), 1);
	assert_int_equal(NVM_FIELD(AQA_ASQS, 31) | NVM_FIELD(AQA_ACQS, 63), 0x003f001f);
	assert_int_equal(NVM_CRTO_CRWMT(0x00200010U), 16);
	assert_int_equal(NVM_CRTO_CRIMT(0x00200010U), 32);
	assert_int_equal(NVM_VS(1, 4, 0), 0x00010400);
	assert_int_equal(NVM_VS_MJR(0x00020001U), 2);
	assert_int_equal(NVM_VS_TER(0x00020001U), 1);
}

static void doorbells_follow_the_stride(void **state)
{
	(void)state;
	assert_int_equal(NVM_REG_SQTDBL(0, 0), 0x1000);
	assert_int_equal(NVM_REG_CQHDBL(0, 0), 0x1004);
	assert_int_equal(NVM_REG_SQTDBL(1, 0), 0x1008);
	assert_int_equal(NVM_REG_CQHDBL(1, 0), 0x100c);
	assert_int_equal(NVM_REG_SQTDBL(512, 0), 0x2000);
	assert_int_equal(NVM_REG_CQHDBL(3, 2), 0x1000 + 7 * 16);
	/* the farthest doorbell there can be does not fit 32 bits */
	assert_true(NVM_REG_CQHDBL(65535, 15) == 0x1000 + (uint64_t)131071 * 131072);
}

static void completion_status_is_taken_apart(void **state)
{
	/* DNR, CRD 2, SCT 2, SC 81h, phase 1 */
	const uint16_t status = 0x8000 | (2 << 12) | (2 << 9) | (0x81 << 1) | 1;

	(void)state;
	assert_int_equal(NVM_CQE_P(status), 1);
	assert_int_equal(NVM_CQE_SC(status), 0x81);
	assert_int_equal(NVM_CQE_SCT(status), NVM_SCT_MEDIA);
	assert_int_equal(NVM_CQE_CRD(status), 2);
	assert_int_equal(NVM_CQE_M(status), 0);
	assert_int_equal(NVM_CQE_DNR(status), 1);
	assert_int_equal(NVM_CQE_STATUS(status), NVM_SC_UNRECOVERED_READ_ERROR);
}

static void command_dwords_are_built_as_specified(void **state)
{
	(void)state;
	/* SQ 5 with 1024 entries on CQ 3 */
	assert_int_equal(NVM_FIELD(QCREATE_QID, 5) | NVM_FIELD(QCREATE_QSIZE, 1023), 0x03ff0005);
	assert_int_equal(NVM_FIELD(SQCREATE_PC, 1) | NVM_FIELD(SQCREATE_CQID, 3), 0x00030001);
	assert_int_equal(NVM_FIELD(SQCREATE_QPRIO, NVM_QPRIO_LOW), 6);
	assert_int_equal(NVM_FIELD(CQCREATE_IEN, 1) | NVM_FIELD(CQCREATE_IV, 9), 0x00090002);
	/* 16 KiB log page: 4096 dwords */
	assert_int_equal(NVM_FIELD(LOG_LID, NVM_LID_SMART) | NVM_FIELD(LOG_RAE, 1) |
				 NVM_FIELD(LOG_NUMDL, 4095),
			 0x0fff8002);
	assert_int_equal(NVM_FIELD(FEAT_NQ_NSQ, 7) | NVM_FIELD(FEAT_NQ_NCQ, 3), 0x00030007);
	assert_int_equal(NVM_FIELD(FEAT_SV, 1), 0x80000000U);
	assert_int_equal(NVM_FIELD(FEAT_SEL, NVM_FEAT_SEL_SUPPORTED), 0x300);
	assert_int_equal(NVM_FIELD(RW_FUA, 1) | NVM_FIELD(RW_NLB, 7), 0x40000007);
	assert_int_equal(NVM_FIELD(RW_LR, 1), 0x80000000U);
	assert_int_equal(NVM_FIELD(RW_DEAC, 1), 0x02000000);
	assert_int_equal(NVM_FIELD(RW_PRACT, 1) | NVM_FIELD(RW_PRCHK, NVM_PRCHK_GUARD), 0x30000000);
	assert_int_equal(NVM_FIELD(DSM_AD, 1), 4);
	assert_int_equal(NVM_FIELD(FORMAT_LBAFL, 1) | NVM_FIELD(FORMAT_SES, NVM_FORMAT_SES_CRYPTO),
			 0x401);
	assert_int_equal(NVM_FIELD(ABORT_CID, 0x1234) | NVM_FIELD(ABORT_SQID, 2), 0x12340002);
	assert_int_equal(NVM_FIELD(SGL_TYPE, NVM_SGL_TYPE_LAST_SEGMENT), 0x30);
	assert_int_equal(NVM_AER_LID(0x00040002U), NVM_LID_CHANGED_NS);
	assert_int_equal(NVM_AER_TYPE(0x00040002U), NVM_AER_TYPE_NOTICE);
}

static void transfer_direction_is_in_the_opcode(void **state)
{
	(void)state;
	assert_int_equal(NVM_OPC_XFER(NVM_IO_OPC_WRITE), NVM_OPC_XFER_HOST_TO_CTRL);
	assert_int_equal(NVM_OPC_XFER(NVM_IO_OPC_READ), NVM_OPC_XFER_CTRL_TO_HOST);
	assert_int_equal(NVM_OPC_XFER(NVM_IO_OPC_FLUSH), NVM_OPC_XFER_NONE);
	assert_int_equal(NVM_OPC_XFER(NVM_IO_OPC_DATASET_MANAGEMENT), NVM_OPC_XFER_HOST_TO_CTRL);
	assert_int_equal(NVM_OPC_XFER(NVM_ADMIN_OPC_IDENTIFY), NVM_OPC_XFER_CTRL_TO_HOST);
	assert_int_equal(NVM_OPC_XFER(NVM_ADMIN_OPC_GET_LOG_PAGE), NVM_OPC_XFER_CTRL_TO_HOST);
	assert_int_equal(NVM_OPC_XFER(NVM_ADMIN_OPC_FW_IMAGE_DOWNLOAD), NVM_OPC_XFER_HOST_TO_CTRL);
	assert_int_equal(NVM_OPC_XFER(NVM_ADMIN_OPC_FORMAT_NVM), NVM_OPC_XFER_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_entries_have_the_specified_layout),
		cmocka_unit_test(submission_entry_agrees_with_kernel_passthrough),
		cmocka_unit_test(dword_and_field_views_of_an_entry_are_the_same),
		cmocka_unit_test(identify_controller_has_the_specified_layout),
		cmocka_unit_test(identify_namespace_has_the_specified_layout),
		cmocka_unit_test(other_identify_data_has_the_specified_layout),
		cmocka_unit_test(log_pages_have_the_specified_layout),
		cmocka_unit_test(command_data_has_the_specified_layout),
		cmocka_unit_test(capabilities_of_a_known_controller_are_decoded),
		cmocka_unit_test(each_capability_bit_is_in_its_field),
		cmocka_unit_test(configuration_and_status_fields_round_trip),
		cmocka_unit_test(doorbells_follow_the_stride),
		cmocka_unit_test(completion_status_is_taken_apart),
		cmocka_unit_test(command_dwords_are_built_as_specified),
		cmocka_unit_test(transfer_direction_is_in_the_opcode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
