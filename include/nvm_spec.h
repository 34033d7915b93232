/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvm_spec.h - structures and constants of the NVMe specification, under its own abbreviations.
 *
 * Covers NVM Express Base Specification 2.0 and NVM Command Set Specification 1.0. Section names in
 * the comments refer to these two. The header declares data only and needs nothing but <stdint.h>,
 * so that library, software controller, kernel module and device code share it.
 *
 * Conventions
 *   - Integers are little-endian on the bus and in memory. Only little-endian hosts are supported,
 *     therefore the fields are plain integers of the exact size.
 *   - A field that is not naturally aligned is an array of bytes. A 128-bit counter is an array of
 *     two 64-bit integers, the low one first.
 *   - A bit field F of register or dword R has three macros of one form:
 *       NVM_R_F_SHIFT   position of its lowest bit
 *       NVM_R_F_MASK    its width as a mask in bit 0 (not shifted)
 *       NVM_R_F(v)      its value in the register value v
 *     NVM_FIELD(R_F, x) places x in the field, NVM_FIELD_BITS(R_F) is the mask in place:
 *       cc = (cc & ~NVM_FIELD_BITS(CC_SHN)) | NVM_FIELD(CC_SHN, NVM_SHN_NORMAL);
 *     For the 64-bit registers (CAP, CMBMSC) use NVM_FIELD64 and NVM_FIELD64_BITS.
 *   - NVM_SC_* contain the status code type: NVM_SC_X is (SCT << 8) | SC, which is what
 *     NVM_CQE_STATUS() yields. Negated it is the library's packed status.
 *   - "0's based": the value 0 means one.
 */
#ifndef NVM_SPEC_H
#define NVM_SPEC_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "nvm_spec.h supports little-endian hosts only"
#endif

#ifdef __cplusplus
#define NVM_STATIC_ASSERT(cond, msg) static_assert(cond, msg)
extern "C" {
#else
#define NVM_STATIC_ASSERT(cond, msg) _Static_assert(cond, msg)
#endif

#define NVM_ASSERT_SIZE(type, size) NVM_STATIC_ASSERT(sizeof(type) == (size), "size of " #type)
#define NVM_ASSERT_OFFSET(type, field, offset)                         \
	NVM_STATIC_ASSERT(__builtin_offsetof(type, field) == (offset), \
			  "offset of " #type "." #field)

#define NVM_FIELD_GET(f, v)   (((uint32_t)(v) >> NVM_##f##_SHIFT) & (uint32_t)NVM_##f##_MASK)
#define NVM_FIELD(f, x)       (((uint32_t)(x) & (uint32_t)NVM_##f##_MASK) << NVM_##f##_SHIFT)
#define NVM_FIELD_BITS(f)     ((uint32_t)NVM_##f##_MASK << NVM_##f##_SHIFT)
#define NVM_FIELD_GET64(f, v) (((uint64_t)(v) >> NVM_##f##_SHIFT) & (uint64_t)NVM_##f##_MASK)
#define NVM_FIELD64(f, x)     (((uint64_t)(x) & (uint64_t)NVM_##f##_MASK) << NVM_##f##_SHIFT)
#define NVM_FIELD64_BITS(f)   ((uint64_t)NVM_##f##_MASK << NVM_##f##_SHIFT)

/*
 * Controller properties: offsets in BAR0 (Base, "Controller Properties")
 */
#define NVM_REG_CAP     0x0000 /* 64 bits: Controller Capabilities */
#define NVM_REG_VS      0x0008 /* Version */
#define NVM_REG_INTMS   0x000c /* Interrupt Mask Set */
#define NVM_REG_INTMC   0x0010 /* Interrupt Mask Clear */
#define NVM_REG_CC      0x0014 /* Controller Configuration */
#define NVM_REG_CSTS    0x001c /* Controller Status */
#define NVM_REG_NSSR    0x0020 /* NVM Subsystem Reset */
#define NVM_REG_AQA     0x0024 /* Admin Queue Attributes */
#define NVM_REG_ASQ     0x0028 /* 64 bits: Admin Submission Queue Base Address */
#define NVM_REG_ACQ     0x0030 /* 64 bits: Admin Completion Queue Base Address */
#define NVM_REG_CMBLOC  0x0038 /* Controller Memory Buffer Location */
#define NVM_REG_CMBSZ   0x003c /* Controller Memory Buffer Size */
#define NVM_REG_BPINFO  0x0040 /* Boot Partition Information */
#define NVM_REG_BPRSEL  0x0044 /* Boot Partition Read Select */
#define NVM_REG_BPMBL   0x0048 /* 64 bits: Boot Partition Memory Buffer Location */
#define NVM_REG_CMBMSC  0x0050 /* 64 bits: CMB Memory Space Control */
#define NVM_REG_CMBSTS  0x0058 /* CMB Status */
#define NVM_REG_CMBEBS  0x005c /* CMB Elasticity Buffer Size */
#define NVM_REG_CMBSWTP 0x0060 /* CMB Sustained Write Throughput */
#define NVM_REG_NSSD    0x0064 /* NVM Subsystem Shutdown */
#define NVM_REG_CRTO    0x0068 /* Controller Ready Timeouts */
#define NVM_REG_PMRCAP  0x0e00 /* Persistent Memory Region Capabilities */
#define NVM_REG_PMRCTL  0x0e04 /* PMR Control */
#define NVM_REG_PMRSTS  0x0e08 /* PMR Status */
#define NVM_REG_PMREBS  0x0e0c /* PMR Elasticity Buffer Size */
#define NVM_REG_PMRSWTP 0x0e10 /* PMR Sustained Write Throughput */
#define NVM_REG_PMRMSCL 0x0e14 /* PMR Memory Space Control, lower half */
#define NVM_REG_PMRMSCU 0x0e18 /* PMR Memory Space Control, upper half */
#define NVM_REG_DBS     0x1000 /* first doorbell: admin SQ tail */

/* Doorbell offsets of queue qid (0: admin), dstrd = CAP.DSTRD as encoded; 64 bits wide */
#define NVM_REG_SQTDBL(qid, dstrd) (NVM_REG_DBS + ((uint64_t)(qid)*2 << (2 + (dstrd))))
#define NVM_REG_CQHDBL(qid, dstrd) (NVM_REG_DBS + (((uint64_t)(qid)*2 + 1) << (2 + (dstrd))))

/* CAP: Controller Capabilities */
#define NVM_CAP_MQES_SHIFT   0 /* Maximum Queue Entries Supported, 0's based */
#define NVM_CAP_MQES_MASK    0xffffU
#define NVM_CAP_MQES(v)      NVM_FIELD_GET64(CAP_MQES, v)
#define NVM_CAP_CQR_SHIFT    16 /* Contiguous Queues Required */
#define NVM_CAP_CQR_MASK     0x1U
#define NVM_CAP_CQR(v)       NVM_FIELD_GET64(CAP_CQR, v)
#define NVM_CAP_AMS_SHIFT    17 /* Arbitration Mechanism Supported, NVM_CAP_AMS_* */
#define NVM_CAP_AMS_MASK     0x3U
#define NVM_CAP_AMS(v)       NVM_FIELD_GET64(CAP_AMS, v)
#define NVM_CAP_TO_SHIFT     24 /* Timeout, units of 500 ms */
#define NVM_CAP_TO_MASK      0xffU
#define NVM_CAP_TO(v)        NVM_FIELD_GET64(CAP_TO, v)
#define NVM_CAP_DSTRD_SHIFT  32 /* Doorbell Stride is 4 << DSTRD bytes */
#define NVM_CAP_DSTRD_MASK   0xfU
#define NVM_CAP_DSTRD(v)     NVM_FIELD_GET64(CAP_DSTRD, v)
#define NVM_CAP_NSSRS_SHIFT  36 /* NVM Subsystem Reset Supported */
#define NVM_CAP_NSSRS_MASK   0x1U
#define NVM_CAP_NSSRS(v)     NVM_FIELD_GET64(CAP_NSSRS, v)
#define NVM_CAP_CSS_SHIFT    37 /* Command Sets Supported, NVM_CAP_CSS_* */
#define NVM_CAP_CSS_MASK     0xffU
#define NVM_CAP_CSS(v)       NVM_FIELD_GET64(CAP_CSS, v)
#define NVM_CAP_BPS_SHIFT    45 /* Boot Partition Support */
#define NVM_CAP_BPS_MASK     0x1U
#define NVM_CAP_BPS(v)       NVM_FIELD_GET64(CAP_BPS, v)
#define NVM_CAP_CPS_SHIFT    46 /* Controller Power Scope */
#define NVM_CAP_CPS_MASK     0x3U
#define NVM_CAP_CPS(v)       NVM_FIELD_GET64(CAP_CPS, v)
#define NVM_CAP_MPSMIN_SHIFT 48 /* smallest memory page is 4096 << MPSMIN bytes */
#define NVM_CAP_MPSMIN_MASK  0xfU
#define NVM_CAP_MPSMIN(v)    NVM_FIELD_GET64(CAP_MPSMIN, v)
#define NVM_CAP_MPSMAX_SHIFT 52 /* largest memory page is 4096 << MPSMAX bytes */
#define NVM_CAP_MPSMAX_MASK  0xfU
#define NVM_CAP_MPSMAX(v)    NVM_FIELD_GET64(CAP_MPSMAX, v)
#define NVM_CAP_PMRS_SHIFT   56 /* Persistent Memory Region Supported */
#define NVM_CAP_PMRS_MASK    0x1U
#define NVM_CAP_PMRS(v)      NVM_FIELD_GET64(CAP_PMRS, v)
#define NVM_CAP_CMBS_SHIFT   57 /* Controller Memory Buffer Supported */
#define NVM_CAP_CMBS_MASK    0x1U
#define NVM_CAP_CMBS(v)      NVM_FIELD_GET64(CAP_CMBS, v)
#define NVM_CAP_NSSS_SHIFT   58 /* NVM Subsystem Shutdown Supported */
#define NVM_CAP_NSSS_MASK    0x1U
#define NVM_CAP_NSSS(v)      NVM_FIELD_GET64(CAP_NSSS, v)
#define NVM_CAP_CRMS_SHIFT   59 /* Controller Ready Modes Supported: CRWMS and CRIMS */
#define NVM_CAP_CRMS_MASK    0x3U
#define NVM_CAP_CRMS(v)      NVM_FIELD_GET64(CAP_CRMS, v)
#define NVM_CAP_CRWMS_SHIFT  59 /* Controller Ready With Media Support */
#define NVM_CAP_CRWMS_MASK   0x1U
#define NVM_CAP_CRWMS(v)     NVM_FIELD_GET64(CAP_CRWMS, v)
#define NVM_CAP_CRIMS_SHIFT  60 /* Controller Ready Independent of Media Support */
#define NVM_CAP_CRIMS_MASK   0x1U
#define NVM_CAP_CRIMS(v)     NVM_FIELD_GET64(CAP_CRIMS, v)

#define NVM_CAP_AMS_WRR      0x1  /* weighted round robin with urgent priority class */
#define NVM_CAP_AMS_VS       0x2  /* vendor specific */
#define NVM_CAP_CSS_NVM      0x01 /* NVM command set */
#define NVM_CAP_CSS_IOCSS    0x40 /* one or more I/O command sets, see Identify CNS 1Ch */
#define NVM_CAP_CSS_NOIOCSS  0x80 /* no I/O command set: admin only */

/* VS: Version */
#define NVM_VS_TER_SHIFT 0 /* Tertiary Version Number */
#define NVM_VS_TER_MASK  0xffU
#define NVM_VS_TER(v)    NVM_FIELD_GET(VS_TER, v)
#define NVM_VS_MNR_SHIFT 8 /* Minor Version Number */
#define NVM_VS_MNR_MASK  0xffU
#define NVM_VS_MNR(v)    NVM_FIELD_GET(VS_MNR, v)
#define NVM_VS_MJR_SHIFT 16 /* Major Version Number */
#define NVM_VS_MJR_MASK  0xffffU
#define NVM_VS_MJR(v)    NVM_FIELD_GET(VS_MJR, v)
#define NVM_VS(mjr, mnr, ter) \
	(NVM_FIELD(VS_MJR, mjr) | NVM_FIELD(VS_MNR, mnr) | NVM_FIELD(VS_TER, ter))

/* CC: Controller Configuration */
#define NVM_CC_EN_SHIFT     0 /* Enable */
#define NVM_CC_EN_MASK      0x1U
#define NVM_CC_EN(v)        NVM_FIELD_GET(CC_EN, v)
#define NVM_CC_CSS_SHIFT    4 /* I/O Command Set Selected, NVM_CC_CSS_* */
#define NVM_CC_CSS_MASK     0x7U
#define NVM_CC_CSS(v)       NVM_FIELD_GET(CC_CSS, v)
#define NVM_CC_MPS_SHIFT    7 /* Memory Page Size is 4096 << MPS bytes */
#define NVM_CC_MPS_MASK     0xfU
#define NVM_CC_MPS(v)       NVM_FIELD_GET(CC_MPS, v)
#define NVM_CC_AMS_SHIFT    11 /* Arbitration Mechanism Selected, NVM_CC_AMS_* */
#define NVM_CC_AMS_MASK     0x7U
#define NVM_CC_AMS(v)       NVM_FIELD_GET(CC_AMS, v)
#define NVM_CC_SHN_SHIFT    14 /* Shutdown Notification, NVM_SHN_* */
#define NVM_CC_SHN_MASK     0x3U
#define NVM_CC_SHN(v)       NVM_FIELD_GET(CC_SHN, v)
#define NVM_CC_IOSQES_SHIFT 16 /* I/O SQ entry size is 1 << IOSQES bytes */
#define NVM_CC_IOSQES_MASK  0xfU
#define NVM_CC_IOSQES(v)    NVM_FIELD_GET(CC_IOSQES, v)
#define NVM_CC_IOCQES_SHIFT 20 /* I/O CQ entry size is 1 << IOCQES bytes */
#define NVM_CC_IOCQES_MASK  0xfU
#define NVM_CC_IOCQES(v)    NVM_FIELD_GET(CC_IOCQES, v)
#define NVM_CC_CRIME_SHIFT  24 /* Controller Ready Independent of Media Enable */
#define NVM_CC_CRIME_MASK   0x1U
#define NVM_CC_CRIME(v)     NVM_FIELD_GET(CC_CRIME, v)

#define NVM_CC_CSS_NVM      0x0 /* NVM command set */
#define NVM_CC_CSS_ALL      0x6 /* all supported I/O command sets */
#define NVM_CC_CSS_ADMIN    0x7 /* admin command set only */
#define NVM_CC_AMS_RR       0x0 /* round robin */
#define NVM_CC_AMS_WRR      0x1 /* weighted round robin with urgent priority class */
#define NVM_CC_AMS_VS       0x7 /* vendor specific */
#define NVM_SHN_NONE        0x0 /* no notification */
#define NVM_SHN_NORMAL      0x1 /* normal shutdown */
#define NVM_SHN_ABRUPT      0x2 /* abrupt shutdown */

/* CSTS: Controller Status */
#define NVM_CSTS_RDY_SHIFT   0 /* Ready */
#define NVM_CSTS_RDY_MASK    0x1U
#define NVM_CSTS_RDY(v)      NVM_FIELD_GET(CSTS_RDY, v)
#define NVM_CSTS_CFS_SHIFT   1 /* Controller Fatal Status */
#define NVM_CSTS_CFS_MASK    0x1U
#define NVM_CSTS_CFS(v)      NVM_FIELD_GET(CSTS_CFS, v)
#define NVM_CSTS_SHST_SHIFT  2 /* Shutdown Status, NVM_SHST_* */
#define NVM_CSTS_SHST_MASK   0x3U
#define NVM_CSTS_SHST(v)     NVM_FIELD_GET(CSTS_SHST, v)
#define NVM_CSTS_NSSRO_SHIFT 4 /* NVM Subsystem Reset Occurred, write 1 to clear */
#define NVM_CSTS_NSSRO_MASK  0x1U
#define NVM_CSTS_NSSRO(v)    NVM_FIELD_GET(CSTS_NSSRO, v)
#define NVM_CSTS_PP_SHIFT    5 /* Processing Paused */
#define NVM_CSTS_PP_MASK     0x1U
#define NVM_CSTS_PP(v)       NVM_FIELD_GET(CSTS_PP, v)
#define NVM_CSTS_ST_SHIFT    6 /* Shutdown Type: 1 if SHST is about an NVM subsystem shutdown */
#define NVM_CSTS_ST_MASK     0x1U
#define NVM_CSTS_ST(v)       NVM_FIELD_GET(CSTS_ST, v)

#define NVM_SHST_NORMAL      0x0 /* normal operation, no shutdown requested */
#define NVM_SHST_OCCURRING   0x1 /* shutdown processing occurring */
#define NVM_SHST_COMPLETE    0x2 /* shutdown processing complete */

/* NSSR and NSSD: the values that start the action */
#define NVM_NSSR_RESET  0x4e564d65U /* "NVMe" */
#define NVM_NSSD_NORMAL 0x4e726d6cU /* "Nrml" */
#define NVM_NSSD_ABRUPT 0x41627074U /* "Abpt" */

/* AQA: Admin Queue Attributes */
#define NVM_AQA_ASQS_SHIFT 0 /* Admin Submission Queue Size, entries, 0's based */
#define NVM_AQA_ASQS_MASK  0xfffU
#define NVM_AQA_ASQS(v)    NVM_FIELD_GET(AQA_ASQS, v)
#define NVM_AQA_ACQS_SHIFT 16 /* Admin Completion Queue Size, entries, 0's based */
#define NVM_AQA_ACQS_MASK  0xfffU
#define NVM_AQA_ACQS(v)    NVM_FIELD_GET(AQA_ACQS, v)

/* CMBLOC, CMBSZ, CMBMSC, CMBSTS, CMBEBS, CMBSWTP: Controller Memory Buffer */
#define NVM_CMBLOC_BIR_SHIFT      0 /* Base Indicator Register: the BAR */
#define NVM_CMBLOC_BIR_MASK       0x7U
#define NVM_CMBLOC_BIR(v)         NVM_FIELD_GET(CMBLOC_BIR, v)
#define NVM_CMBLOC_CQMMS_SHIFT    3 /* queues: mixed with other memory allowed */
#define NVM_CMBLOC_CQMMS_MASK     0x1U
#define NVM_CMBLOC_CQMMS(v)       NVM_FIELD_GET(CMBLOC_CQMMS, v)
#define NVM_CMBLOC_CQPDS_SHIFT    4 /* queues: physically discontiguous allowed */
#define NVM_CMBLOC_CQPDS_MASK     0x1U
#define NVM_CMBLOC_CQPDS(v)       NVM_FIELD_GET(CMBLOC_CQPDS, v)
#define NVM_CMBLOC_CDPMLS_SHIFT   5 /* data pointer mixed locations allowed */
#define NVM_CMBLOC_CDPMLS_MASK    0x1U
#define NVM_CMBLOC_CDPMLS(v)      NVM_FIELD_GET(CMBLOC_CDPMLS, v)
#define NVM_CMBLOC_CDPCILS_SHIFT  6 /* data pointer and command in different locations allowed */
#define NVM_CMBLOC_CDPCILS_MASK   0x1U
#define NVM_CMBLOC_CDPCILS(v)     NVM_FIELD_GET(CMBLOC_CDPCILS, v)
#define NVM_CMBLOC_CDMMMS_SHIFT   7 /* data and metadata in different memory allowed */
#define NVM_CMBLOC_CDMMMS_MASK    0x1U
#define NVM_CMBLOC_CDMMMS(v)      NVM_FIELD_GET(CMBLOC_CDMMMS, v)
#define NVM_CMBLOC_CQDA_SHIFT     8 /* queues: dword alignment */
#define NVM_CMBLOC_CQDA_MASK      0x1U
#define NVM_CMBLOC_CQDA(v)        NVM_FIELD_GET(CMBLOC_CQDA, v)
#define NVM_CMBLOC_OFST_SHIFT     12 /* Offset in the BAR, units of CMBSZ.SZU */
#define NVM_CMBLOC_OFST_MASK      0xfffffU
#define NVM_CMBLOC_OFST(v)        NVM_FIELD_GET(CMBLOC_OFST, v)
#define NVM_CMBSZ_SQS_SHIFT       0 /* Submission Queue Support */
#define NVM_CMBSZ_SQS_MASK        0x1U
#define NVM_CMBSZ_SQS(v)          NVM_FIELD_GET(CMBSZ_SQS, v)
#define NVM_CMBSZ_CQS_SHIFT       1 /* Completion Queue Support */
#define NVM_CMBSZ_CQS_MASK        0x1U
#define NVM_CMBSZ_CQS(v)          NVM_FIELD_GET(CMBSZ_CQS, v)
#define NVM_CMBSZ_LISTS_SHIFT     2 /* PRP and SGL List Support */
#define NVM_CMBSZ_LISTS_MASK      0x1U
#define NVM_CMBSZ_LISTS(v)        NVM_FIELD_GET(CMBSZ_LISTS, v)
#define NVM_CMBSZ_RDS_SHIFT       3 /* Read Data Support */
#define NVM_CMBSZ_RDS_MASK        0x1U
#define NVM_CMBSZ_RDS(v)          NVM_FIELD_GET(CMBSZ_RDS, v)
#define NVM_CMBSZ_WDS_SHIFT       4 /* Write Data Support */
#define NVM_CMBSZ_WDS_MASK        0x1U
#define NVM_CMBSZ_WDS(v)          NVM_FIELD_GET(CMBSZ_WDS, v)
#define NVM_CMBSZ_SZU_SHIFT       8 /* Size Units: 4096 << (4 * SZU) bytes */
#define NVM_CMBSZ_SZU_MASK        0xfU
#define NVM_CMBSZ_SZU(v)          NVM_FIELD_GET(CMBSZ_SZU, v)
#define NVM_CMBSZ_SZ_SHIFT        12 /* Size, units of SZU */
#define NVM_CMBSZ_SZ_MASK         0xfffffU
#define NVM_CMBSZ_SZ(v)           NVM_FIELD_GET(CMBSZ_SZ, v)
#define NVM_CMBMSC_CRE_SHIFT      0 /* Capabilities Registers Enabled */
#define NVM_CMBMSC_CRE_MASK       0x1U
#define NVM_CMBMSC_CRE(v)         NVM_FIELD_GET64(CMBMSC_CRE, v)
#define NVM_CMBMSC_CMSE_SHIFT     1 /* Controller Memory Space Enable */
#define NVM_CMBMSC_CMSE_MASK      0x1U
#define NVM_CMBMSC_CMSE(v)        NVM_FIELD_GET64(CMBMSC_CMSE, v)
#define NVM_CMBMSC_CBA_SHIFT      12 /* Controller Base Address, bits 63:12 */
#define NVM_CMBMSC_CBA_MASK       0xfffffffffffffULL
#define NVM_CMBMSC_CBA(v)         NVM_FIELD_GET64(CMBMSC_CBA, v)
#define NVM_CMBSTS_CBAI_SHIFT     0 /* Controller Base Address Invalid */
#define NVM_CMBSTS_CBAI_MASK      0x1U
#define NVM_CMBSTS_CBAI(v)        NVM_FIELD_GET(CMBSTS_CBAI, v)
#define NVM_CMBEBS_CMBSZU_SHIFT   0 /* size units: 1 << (10 * CMBSZU) bytes */
#define NVM_CMBEBS_CMBSZU_MASK    0xfU
#define NVM_CMBEBS_CMBSZU(v)      NVM_FIELD_GET(CMBEBS_CMBSZU, v)
#define NVM_CMBEBS_RBB_SHIFT      4 /* Read Bypass Behavior */
#define NVM_CMBEBS_RBB_MASK       0x1U
#define NVM_CMBEBS_RBB(v)         NVM_FIELD_GET(CMBEBS_RBB, v)
#define NVM_CMBEBS_CMBWBZ_SHIFT   8 /* elasticity buffer size, units of CMBSZU */
#define NVM_CMBEBS_CMBWBZ_MASK    0xffffffU
#define NVM_CMBEBS_CMBWBZ(v)      NVM_FIELD_GET(CMBEBS_CMBWBZ, v)
#define NVM_CMBSWTP_CMBSWTU_SHIFT 0 /* throughput units: 1 << (10 * CMBSWTU) bytes per second */
#define NVM_CMBSWTP_CMBSWTU_MASK  0xfU
#define NVM_CMBSWTP_CMBSWTU(v)    NVM_FIELD_GET(CMBSWTP_CMBSWTU, v)
#define NVM_CMBSWTP_CMBSWTV_SHIFT 8 /* sustained write throughput, units of CMBSWTU */
#define NVM_CMBSWTP_CMBSWTV_MASK  0xffffffU
#define NVM_CMBSWTP_CMBSWTV(v)    NVM_FIELD_GET(CMBSWTP_CMBSWTV, v)

/* BPINFO, BPRSEL: Boot Partitions */
#define NVM_BPINFO_BPSZ_SHIFT  0 /* Boot Partition Size, units of 128 KiB */
#define NVM_BPINFO_BPSZ_MASK   0x7fffU
#define NVM_BPINFO_BPSZ(v)     NVM_FIELD_GET(BPINFO_BPSZ, v)
#define NVM_BPINFO_BRS_SHIFT   24 /* Boot Read Status */
#define NVM_BPINFO_BRS_MASK    0x3U
#define NVM_BPINFO_BRS(v)      NVM_FIELD_GET(BPINFO_BRS, v)
#define NVM_BPINFO_ABPID_SHIFT 31 /* Active Boot Partition ID */
#define NVM_BPINFO_ABPID_MASK  0x1U
#define NVM_BPINFO_ABPID(v)    NVM_FIELD_GET(BPINFO_ABPID, v)
#define NVM_BPRSEL_BPRSZ_SHIFT 0 /* Boot Partition Read Size, units of 4 KiB */
#define NVM_BPRSEL_BPRSZ_MASK  0x3ffU
#define NVM_BPRSEL_BPRSZ(v)    NVM_FIELD_GET(BPRSEL_BPRSZ, v)
#define NVM_BPRSEL_BPROF_SHIFT 10 /* Boot Partition Read Offset, units of 4 KiB */
#define NVM_BPRSEL_BPROF_MASK  0xfffffU
#define NVM_BPRSEL_BPROF(v)    NVM_FIELD_GET(BPRSEL_BPROF, v)
#define NVM_BPRSEL_BPID_SHIFT  31 /* Boot Partition Identifier */
#define NVM_BPRSEL_BPID_MASK   0x1U
#define NVM_BPRSEL_BPID(v)     NVM_FIELD_GET(BPRSEL_BPID, v)

/* CRTO: Controller Ready Timeouts */
#define NVM_CRTO_CRWMT_SHIFT 0 /* Controller Ready With Media Timeout, units of 500 ms */
#define NVM_CRTO_CRWMT_MASK  0xffffU
#define NVM_CRTO_CRWMT(v)    NVM_FIELD_GET(CRTO_CRWMT, v)
#define NVM_CRTO_CRIMT_SHIFT 16 /* Controller Ready Independent of Media Timeout, units of 500 ms */
#define NVM_CRTO_CRIMT_MASK  0xffffU
#define NVM_CRTO_CRIMT(v)    NVM_FIELD_GET(CRTO_CRIMT, v)

/* PMRCAP, PMRCTL, PMRSTS, PMREBS, PMRSWTP, PMRMSCL: Persistent Memory Region */
#define NVM_PMRCAP_RDS_SHIFT      3 /* Read Data Support */
#define NVM_PMRCAP_RDS_MASK       0x1U
#define NVM_PMRCAP_RDS(v)         NVM_FIELD_GET(PMRCAP_RDS, v)
#define NVM_PMRCAP_WDS_SHIFT      4 /* Write Data Support */
#define NVM_PMRCAP_WDS_MASK       0x1U
#define NVM_PMRCAP_WDS(v)         NVM_FIELD_GET(PMRCAP_WDS, v)
#define NVM_PMRCAP_BIR_SHIFT      5 /* Base Indicator Register: the BAR */
#define NVM_PMRCAP_BIR_MASK       0x7U
#define NVM_PMRCAP_BIR(v)         NVM_FIELD_GET(PMRCAP_BIR, v)
#define NVM_PMRCAP_PMRTU_SHIFT    8 /* time units of PMRTO: 0: 500 ms, 1: minutes */
#define NVM_PMRCAP_PMRTU_MASK     0x3U
#define NVM_PMRCAP_PMRTU(v)       NVM_FIELD_GET(PMRCAP_PMRTU, v)
#define NVM_PMRCAP_PMRWBM_SHIFT   10 /* Write Barrier Mechanisms */
#define NVM_PMRCAP_PMRWBM_MASK    0xfU
#define NVM_PMRCAP_PMRWBM(v)      NVM_FIELD_GET(PMRCAP_PMRWBM, v)
#define NVM_PMRCAP_PMRTO_SHIFT    16 /* Timeout, units of PMRTU */
#define NVM_PMRCAP_PMRTO_MASK     0xffU
#define NVM_PMRCAP_PMRTO(v)       NVM_FIELD_GET(PMRCAP_PMRTO, v)
#define NVM_PMRCAP_CMSS_SHIFT     24 /* Controller Memory Space Supported */
#define NVM_PMRCAP_CMSS_MASK      0x1U
#define NVM_PMRCAP_CMSS(v)        NVM_FIELD_GET(PMRCAP_CMSS, v)
#define NVM_PMRCTL_EN_SHIFT       0 /* Enable */
#define NVM_PMRCTL_EN_MASK        0x1U
#define NVM_PMRCTL_EN(v)          NVM_FIELD_GET(PMRCTL_EN, v)
#define NVM_PMRSTS_ERR_SHIFT      0 /* Error */
#define NVM_PMRSTS_ERR_MASK       0xffU
#define NVM_PMRSTS_ERR(v)         NVM_FIELD_GET(PMRSTS_ERR, v)
#define NVM_PMRSTS_NRDY_SHIFT     8 /* Not Ready */
#define NVM_PMRSTS_NRDY_MASK      0x1U
#define NVM_PMRSTS_NRDY(v)        NVM_FIELD_GET(PMRSTS_NRDY, v)
#define NVM_PMRSTS_HSTS_SHIFT     9 /* Health Status */
#define NVM_PMRSTS_HSTS_MASK      0x7U
#define NVM_PMRSTS_HSTS(v)        NVM_FIELD_GET(PMRSTS_HSTS, v)
#define NVM_PMRSTS_CBAI_SHIFT     12 /* Controller Base Address Invalid */
#define NVM_PMRSTS_CBAI_MASK      0x1U
#define NVM_PMRSTS_CBAI(v)        NVM_FIELD_GET(PMRSTS_CBAI, v)
#define NVM_PMREBS_PMRSZU_SHIFT   0 /* size units: 1 << (10 * PMRSZU) bytes */
#define NVM_PMREBS_PMRSZU_MASK    0xfU
#define NVM_PMREBS_PMRSZU(v)      NVM_FIELD_GET(PMREBS_PMRSZU, v)
#define NVM_PMREBS_RBB_SHIFT      4 /* Read Bypass Behavior */
#define NVM_PMREBS_RBB_MASK       0x1U
#define NVM_PMREBS_RBB(v)         NVM_FIELD_GET(PMREBS_RBB, v)
#define NVM_PMREBS_PMRWBZ_SHIFT   8 /* elasticity buffer size, units of PMRSZU */
#define NVM_PMREBS_PMRWBZ_MASK    0xffffffU
#define NVM_PMREBS_PMRWBZ(v)      NVM_FIELD_GET(PMREBS_PMRWBZ, v)
#define NVM_PMRSWTP_PMRSWTU_SHIFT 0 /* throughput units: 1 << (10 * PMRSWTU) bytes per second */
#define NVM_PMRSWTP_PMRSWTU_MASK  0xfU
#define NVM_PMRSWTP_PMRSWTU(v)    NVM_FIELD_GET(PMRSWTP_PMRSWTU, v)
#define NVM_PMRSWTP_PMRSWTV_SHIFT 8 /* sustained write throughput, units of PMRSWTU */
#define NVM_PMRSWTP_PMRSWTV_MASK  0xffffffU
#define NVM_PMRSWTP_PMRSWTV(v)    NVM_FIELD_GET(PMRSWTP_PMRSWTV, v)
#define NVM_PMRMSCL_CMSE_SHIFT    1 /* Controller Memory Space Enable */
#define NVM_PMRMSCL_CMSE_MASK     0x1U
#define NVM_PMRMSCL_CMSE(v)       NVM_FIELD_GET(PMRMSCL_CMSE, v)
#define NVM_PMRMSCL_CBA_SHIFT     12 /* Controller Base Address, bits 31:12 */
#define NVM_PMRMSCL_CBA_MASK      0xfffffU
#define NVM_PMRMSCL_CBA(v)        NVM_FIELD_GET(PMRMSCL_CBA, v)

/*
 * Opcodes (Base, "Admin Command Set" and "I/O Commands"; command set specifications)
 */
#define NVM_ADMIN_OPC_DELETE_SQ              0x00
#define NVM_ADMIN_OPC_CREATE_SQ              0x01
#define NVM_ADMIN_OPC_GET_LOG_PAGE           0x02
#define NVM_ADMIN_OPC_DELETE_CQ              0x04
#define NVM_ADMIN_OPC_CREATE_CQ              0x05
#define NVM_ADMIN_OPC_IDENTIFY               0x06
#define NVM_ADMIN_OPC_ABORT                  0x08
#define NVM_ADMIN_OPC_SET_FEATURES           0x09
#define NVM_ADMIN_OPC_GET_FEATURES           0x0a
#define NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST    0x0c
#define NVM_ADMIN_OPC_NS_MANAGEMENT          0x0d
#define NVM_ADMIN_OPC_FW_COMMIT              0x10
#define NVM_ADMIN_OPC_FW_IMAGE_DOWNLOAD      0x11
#define NVM_ADMIN_OPC_DEVICE_SELF_TEST       0x14
#define NVM_ADMIN_OPC_NS_ATTACHMENT          0x15
#define NVM_ADMIN_OPC_KEEP_ALIVE             0x18
#define NVM_ADMIN_OPC_DIRECTIVE_SEND         0x19
#define NVM_ADMIN_OPC_DIRECTIVE_RECEIVE      0x1a
#define NVM_ADMIN_OPC_VIRT_MANAGEMENT        0x1c
#define NVM_ADMIN_OPC_NVME_MI_SEND           0x1d
#define NVM_ADMIN_OPC_NVME_MI_RECEIVE        0x1e
#define NVM_ADMIN_OPC_CAPACITY_MANAGEMENT    0x20
#define NVM_ADMIN_OPC_LOCKDOWN               0x24
#define NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG 0x7c
#define NVM_ADMIN_OPC_FABRICS                0x7f
#define NVM_ADMIN_OPC_FORMAT_NVM             0x80
#define NVM_ADMIN_OPC_SECURITY_SEND          0x81
#define NVM_ADMIN_OPC_SECURITY_RECEIVE       0x82
#define NVM_ADMIN_OPC_SANITIZE               0x84
#define NVM_ADMIN_OPC_GET_LBA_STATUS         0x86
#define NVM_ADMIN_OPC_VENDOR_FIRST           0xc0 /* up to FFh: vendor specific */

#define NVM_IO_OPC_FLUSH                     0x00
#define NVM_IO_OPC_WRITE                     0x01
#define NVM_IO_OPC_READ                      0x02
#define NVM_IO_OPC_WRITE_UNCORRECTABLE       0x04
#define NVM_IO_OPC_COMPARE                   0x05
#define NVM_IO_OPC_WRITE_ZEROES              0x08
#define NVM_IO_OPC_DATASET_MANAGEMENT        0x09
#define NVM_IO_OPC_VERIFY                    0x0c
#define NVM_IO_OPC_RESV_REGISTER             0x0d
#define NVM_IO_OPC_RESV_REPORT               0x0e
#define NVM_IO_OPC_RESV_ACQUIRE              0x11
#define NVM_IO_OPC_RESV_RELEASE              0x15
#define NVM_IO_OPC_COPY                      0x19
#define NVM_IO_OPC_FABRICS                   0x7f
#define NVM_IO_OPC_VENDOR_FIRST              0x80 /* up to FFh: vendor specific */

/* Zoned Namespace and Key Value command sets */
#define NVM_ZNS_OPC_ZONE_MGMT_SEND    0x79
#define NVM_ZNS_OPC_ZONE_MGMT_RECEIVE 0x7a
#define NVM_ZNS_OPC_ZONE_APPEND       0x7d
#define NVM_KV_OPC_STORE              0x01
#define NVM_KV_OPC_RETRIEVE           0x02
#define NVM_KV_OPC_LIST               0x06
#define NVM_KV_OPC_DELETE             0x10
#define NVM_KV_OPC_EXIST              0x14

/* Fabrics command types, in byte 4 of a command with opcode 7Fh */
#define NVM_FABRICS_TYPE_PROPERTY_SET 0x00
#define NVM_FABRICS_TYPE_CONNECT      0x01
#define NVM_FABRICS_TYPE_PROPERTY_GET 0x04
#define NVM_FABRICS_TYPE_AUTH_SEND    0x05
#define NVM_FABRICS_TYPE_AUTH_RECEIVE 0x06
#define NVM_FABRICS_TYPE_DISCONNECT   0x08

/* Data transfer direction, the low two bits of an opcode (Fabrics: of the command type) */
#define NVM_OPC_XFER(opc)          ((uint32_t)(opc)&0x3U)
#define NVM_OPC_XFER_NONE          0x0
#define NVM_OPC_XFER_HOST_TO_CTRL  0x1
#define NVM_OPC_XFER_CTRL_TO_HOST  0x2
#define NVM_OPC_XFER_BIDIRECTIONAL 0x3

/* Namespace identifiers and I/O command set identifiers with a meaning of their own */
#define NVM_NSID_NONE 0x00000000U
#define NVM_NSID_ALL  0xffffffffU /* broadcast */
#define NVM_NSID_MAX  0xfffffffeU /* highest possible namespace identifier */
#define NVM_CSI_NVM   0x00
#define NVM_CSI_KV    0x01
#define NVM_CSI_ZNS   0x02

/*
 * Status (Base, "Status Field Definition"). The status word of a completion: 16 bits, bit 0 is the
 * phase tag.
 */
#define NVM_CQE_P_SHIFT      0 /* Phase Tag */
#define NVM_CQE_P_MASK       0x1U
#define NVM_CQE_P(v)         NVM_FIELD_GET(CQE_P, v)
#define NVM_CQE_SC_SHIFT     1 /* Status Code */
#define NVM_CQE_SC_MASK      0xffU
#define NVM_CQE_SC(v)        NVM_FIELD_GET(CQE_SC, v)
#define NVM_CQE_SCT_SHIFT    9 /* Status Code Type */
#define NVM_CQE_SCT_MASK     0x7U
#define NVM_CQE_SCT(v)       NVM_FIELD_GET(CQE_SCT, v)
#define NVM_CQE_CRD_SHIFT    12 /* Command Retry Delay: 0 or index of Identify Controller CRDTn */
#define NVM_CQE_CRD_MASK     0x3U
#define NVM_CQE_CRD(v)       NVM_FIELD_GET(CQE_CRD, v)
#define NVM_CQE_M_SHIFT      14 /* More information in the Error Information log */
#define NVM_CQE_M_MASK       0x1U
#define NVM_CQE_M(v)         NVM_FIELD_GET(CQE_M, v)
#define NVM_CQE_DNR_SHIFT    15 /* Do Not Retry */
#define NVM_CQE_DNR_MASK     0x1U
#define NVM_CQE_DNR(v)       NVM_FIELD_GET(CQE_DNR, v)
#define NVM_CQE_STATUS_SHIFT 1 /* SCT and SC together: NVM_SC_* */
#define NVM_CQE_STATUS_MASK  0x7ffU
#define NVM_CQE_STATUS(v)    NVM_FIELD_GET(CQE_STATUS, v)

#define NVM_SCT_GENERIC      0x0
#define NVM_SCT_CMD_SPECIFIC 0x1
#define NVM_SCT_MEDIA        0x2 /* media and data integrity */
#define NVM_SCT_PATH         0x3
#define NVM_SCT_VENDOR       0x7

/* Generic command status, SCT 0 */
#define NVM_SC_SUCCESS                     0x000
#define NVM_SC_INVALID_OPCODE              0x001
#define NVM_SC_INVALID_FIELD               0x002
#define NVM_SC_CID_CONFLICT                0x003
#define NVM_SC_DATA_TRANSFER_ERROR         0x004
#define NVM_SC_ABORTED_POWER_LOSS          0x005
#define NVM_SC_INTERNAL_ERROR              0x006
#define NVM_SC_ABORT_REQUESTED             0x007
#define NVM_SC_ABORTED_SQ_DELETION         0x008
#define NVM_SC_ABORTED_FAILED_FUSED        0x009
#define NVM_SC_ABORTED_MISSING_FUSED       0x00a
#define NVM_SC_INVALID_NS_OR_FORMAT        0x00b
#define NVM_SC_CMD_SEQUENCE_ERROR          0x00c
#define NVM_SC_SGL_INVALID_SEGMENT         0x00d
#define NVM_SC_SGL_INVALID_NUMBER          0x00e
#define NVM_SC_SGL_DATA_LENGTH_INVALID     0x00f
#define NVM_SC_SGL_METADATA_LENGTH_INVALID 0x010
#define NVM_SC_SGL_TYPE_INVALID            0x011
#define NVM_SC_CMB_INVALID_USE             0x012
#define NVM_SC_PRP_OFFSET_INVALID          0x013
#define NVM_SC_ATOMIC_WRITE_UNIT_EXCEEDED  0x014
#define NVM_SC_OPERATION_DENIED            0x015
#define NVM_SC_SGL_OFFSET_INVALID          0x016
#define NVM_SC_HOSTID_INCONSISTENT         0x018
#define NVM_SC_KEEP_ALIVE_EXPIRED          0x019
#define NVM_SC_KEEP_ALIVE_INVALID          0x01a
#define NVM_SC_ABORTED_PREEMPT             0x01b
#define NVM_SC_SANITIZE_FAILED             0x01c
#define NVM_SC_SANITIZE_IN_PROGRESS        0x01d
#define NVM_SC_SGL_GRANULARITY_INVALID     0x01e
#define NVM_SC_CMD_IN_CMB_NOT_SUPPORTED    0x01f
#define NVM_SC_NS_WRITE_PROTECTED          0x020
#define NVM_SC_CMD_INTERRUPTED             0x021
#define NVM_SC_TRANSIENT_TRANSPORT_ERROR   0x022
#define NVM_SC_CMD_PROHIBITED_LOCKDOWN     0x023
#define NVM_SC_ADMIN_MEDIA_NOT_READY       0x024
/* 25h to 2Ah came after revision 2.0 */
#define NVM_SC_INVALID_KEY_TAG               0x025
#define NVM_SC_HOST_DISPERSED_NS_NOT_ENABLED 0x026
#define NVM_SC_HOSTID_NOT_INITIALIZED        0x027
#define NVM_SC_INCORRECT_KEY                 0x028
#define NVM_SC_FDP_DISABLED                  0x029
#define NVM_SC_INVALID_PLACEMENT_LIST        0x02a
/* Generic status of the I/O command sets; 85h to 89h belong to Key Value */
#define NVM_SC_LBA_OUT_OF_RANGE      0x080
#define NVM_SC_CAPACITY_EXCEEDED     0x081
#define NVM_SC_NS_NOT_READY          0x082
#define NVM_SC_RESERVATION_CONFLICT  0x083
#define NVM_SC_FORMAT_IN_PROGRESS    0x084
#define NVM_SC_KV_INVALID_VALUE_SIZE 0x085
#define NVM_SC_KV_INVALID_KEY_SIZE   0x086
#define NVM_SC_KV_KEY_NOT_FOUND      0x087
#define NVM_SC_KV_UNRECOVERED_ERROR  0x088
#define NVM_SC_KV_KEY_EXISTS         0x089

/* Command specific status, SCT 1 */
#define NVM_SC_CQ_INVALID                      0x100
#define NVM_SC_INVALID_QID                     0x101
#define NVM_SC_INVALID_QUEUE_SIZE              0x102
#define NVM_SC_ABORT_LIMIT_EXCEEDED            0x103
#define NVM_SC_AER_LIMIT_EXCEEDED              0x105
#define NVM_SC_INVALID_FW_SLOT                 0x106
#define NVM_SC_INVALID_FW_IMAGE                0x107
#define NVM_SC_INVALID_INTERRUPT_VECTOR        0x108
#define NVM_SC_INVALID_LOG_PAGE                0x109
#define NVM_SC_INVALID_FORMAT                  0x10a
#define NVM_SC_FW_NEEDS_CONVENTIONAL_RESET     0x10b
#define NVM_SC_INVALID_QUEUE_DELETION          0x10c
#define NVM_SC_FEATURE_NOT_SAVEABLE            0x10d
#define NVM_SC_FEATURE_NOT_CHANGEABLE          0x10e
#define NVM_SC_FEATURE_NOT_NS_SPECIFIC         0x10f
#define NVM_SC_FW_NEEDS_SUBSYSTEM_RESET        0x110
#define NVM_SC_FW_NEEDS_CTRL_RESET             0x111
#define NVM_SC_FW_NEEDS_MAX_TIME               0x112
#define NVM_SC_FW_ACTIVATION_PROHIBITED        0x113
#define NVM_SC_OVERLAPPING_RANGE               0x114
#define NVM_SC_NS_INSUFFICIENT_CAPACITY        0x115
#define NVM_SC_NSID_UNAVAILABLE                0x116
#define NVM_SC_NS_ALREADY_ATTACHED             0x118
#define NVM_SC_NS_IS_PRIVATE                   0x119
#define NVM_SC_NS_NOT_ATTACHED                 0x11a
#define NVM_SC_THIN_PROVISIONING_NOT_SUPPORTED 0x11b
#define NVM_SC_CTRL_LIST_INVALID               0x11c
#define NVM_SC_SELF_TEST_IN_PROGRESS           0x11d
#define NVM_SC_BOOT_PARTITION_WRITE_PROHIBITED 0x11e
#define NVM_SC_INVALID_CTRL_ID                 0x11f
#define NVM_SC_INVALID_SECONDARY_CTRL_STATE    0x120
#define NVM_SC_INVALID_NUM_CTRL_RESOURCES      0x121
#define NVM_SC_INVALID_RESOURCE_ID             0x122
#define NVM_SC_SANITIZE_PROHIBITED_PMR         0x123
#define NVM_SC_ANA_GROUP_ID_INVALID            0x124
#define NVM_SC_ANA_ATTACH_FAILED               0x125
#define NVM_SC_INSUFFICIENT_CAPACITY           0x126
#define NVM_SC_NS_ATTACH_LIMIT_EXCEEDED        0x127
#define NVM_SC_LOCKDOWN_NOT_SUPPORTED          0x128
#define NVM_SC_IOCS_NOT_SUPPORTED              0x129
#define NVM_SC_IOCS_NOT_ENABLED                0x12a
#define NVM_SC_IOCS_COMBINATION_REJECTED       0x12b
#define NVM_SC_INVALID_IOCS                    0x12c
#define NVM_SC_ID_UNAVAILABLE                  0x12d
#define NVM_SC_STREAM_ALLOCATION_FAILED        0x17f /* Streams directive */
/* NVM command set */
#define NVM_SC_CONFLICTING_ATTRIBUTES   0x180
#define NVM_SC_INVALID_PROTECTION_INFO  0x181
#define NVM_SC_WRITE_TO_READ_ONLY_RANGE 0x182
#define NVM_SC_CMD_SIZE_LIMIT_EXCEEDED  0x183
/* Fabrics commands: the same numbers as the NVM command set's */
#define NVM_SC_CONNECT_INCOMPATIBLE_FORMAT 0x180
#define NVM_SC_CONNECT_CTRL_BUSY           0x181
#define NVM_SC_CONNECT_INVALID_PARAMETERS  0x182
#define NVM_SC_CONNECT_RESTART_DISCOVERY   0x183
#define NVM_SC_CONNECT_INVALID_HOST        0x184
#define NVM_SC_INVALID_QUEUE_TYPE          0x185
#define NVM_SC_DISCOVER_RESTART            0x190
#define NVM_SC_AUTH_REQUIRED               0x191
/* Zoned Namespace command set */
#define NVM_SC_ZNS_INVALID_ZONE_OPERATION 0x1b6
#define NVM_SC_ZNS_ZRWA_UNAVAILABLE       0x1b7
#define NVM_SC_ZNS_BOUNDARY_ERROR         0x1b8
#define NVM_SC_ZNS_ZONE_FULL              0x1b9
#define NVM_SC_ZNS_ZONE_READ_ONLY         0x1ba
#define NVM_SC_ZNS_ZONE_OFFLINE           0x1bb
#define NVM_SC_ZNS_INVALID_WRITE          0x1bc
#define NVM_SC_ZNS_TOO_MANY_ACTIVE        0x1bd
#define NVM_SC_ZNS_TOO_MANY_OPEN          0x1be
#define NVM_SC_ZNS_INVALID_TRANSITION     0x1bf

/* Media and data integrity errors, SCT 2 */
#define NVM_SC_WRITE_FAULT              0x280
#define NVM_SC_UNRECOVERED_READ_ERROR   0x281
#define NVM_SC_GUARD_CHECK_ERROR        0x282
#define NVM_SC_APPTAG_CHECK_ERROR       0x283
#define NVM_SC_REFTAG_CHECK_ERROR       0x284
#define NVM_SC_COMPARE_FAILURE          0x285
#define NVM_SC_ACCESS_DENIED            0x286
#define NVM_SC_DEALLOCATED_OR_UNWRITTEN 0x287
#define NVM_SC_STORAGE_TAG_CHECK_ERROR  0x288

/* Path related status, SCT 3 */
#define NVM_SC_INTERNAL_PATH_ERROR 0x300
#define NVM_SC_ANA_PERSISTENT_LOSS 0x301
#define NVM_SC_ANA_INACCESSIBLE    0x302
#define NVM_SC_ANA_TRANSITION      0x303
#define NVM_SC_CTRL_PATHING_ERROR  0x360
#define NVM_SC_HOST_PATHING_ERROR  0x370
#define NVM_SC_ABORTED_BY_HOST     0x371

/*
 * Feature identifiers (Base, "Set Features command")
 */
#define NVM_FID_ARBITRATION             0x01
#define NVM_FID_POWER_MANAGEMENT        0x02
#define NVM_FID_LBA_RANGE_TYPE          0x03
#define NVM_FID_TEMPERATURE_THRESHOLD   0x04
#define NVM_FID_ERROR_RECOVERY          0x05
#define NVM_FID_VOLATILE_WRITE_CACHE    0x06
#define NVM_FID_NUM_QUEUES              0x07
#define NVM_FID_INTERRUPT_COALESCING    0x08
#define NVM_FID_INTERRUPT_VECTOR_CONFIG 0x09
#define NVM_FID_WRITE_ATOMICITY         0x0a
#define NVM_FID_ASYNC_EVENT_CONFIG      0x0b
#define NVM_FID_APST                    0x0c /* Autonomous Power State Transition */
#define NVM_FID_HMB                     0x0d /* Host Memory Buffer */
#define NVM_FID_TIMESTAMP               0x0e
#define NVM_FID_KATO                    0x0f /* Keep Alive Timer */
#define NVM_FID_HCTM                    0x10 /* Host Controlled Thermal Management */
#define NVM_FID_NOPSC                   0x11 /* Non-Operational Power State Config */
#define NVM_FID_READ_RECOVERY_LEVEL     0x12
#define NVM_FID_PLM_CONFIG              0x13 /* Predictable Latency Mode */
#define NVM_FID_PLM_WINDOW              0x14
#define NVM_FID_LBA_STATUS_INFO         0x15
#define NVM_FID_HOST_BEHAVIOR           0x16
#define NVM_FID_SANITIZE_CONFIG         0x17
#define NVM_FID_ENDGRP_EVENT_CONFIG     0x18
#define NVM_FID_IOCS_PROFILE            0x19
#define NVM_FID_SPINUP_CONTROL          0x1a
#define NVM_FID_KV_CONFIG               0x20
#define NVM_FID_ENHANCED_CTRL_METADATA  0x7d
#define NVM_FID_CTRL_METADATA           0x7e
#define NVM_FID_NS_METADATA             0x7f
#define NVM_FID_SW_PROGRESS_MARKER      0x80
#define NVM_FID_HOST_ID                 0x81
#define NVM_FID_RESV_NOTIFY_MASK        0x82
#define NVM_FID_RESV_PERSISTENCE        0x83
#define NVM_FID_NS_WRITE_PROTECT        0x84
#define NVM_FID_BP_WRITE_PROTECT        0x85 /* Boot Partition */
#define NVM_FID_VENDOR_FIRST            0xc0 /* up to FFh: vendor specific */

/*
 * Log page identifiers (Base, "Get Log Page command")
 */
#define NVM_LID_SUPPORTED_PAGES   0x00
#define NVM_LID_ERROR             0x01
#define NVM_LID_SMART             0x02
#define NVM_LID_FW_SLOT           0x03
#define NVM_LID_CHANGED_NS        0x04
#define NVM_LID_CMD_EFFECTS       0x05
#define NVM_LID_SELF_TEST         0x06
#define NVM_LID_TELEMETRY_HOST    0x07
#define NVM_LID_TELEMETRY_CTRL    0x08
#define NVM_LID_ENDURANCE_GROUP   0x09
#define NVM_LID_PLM_NVM_SET       0x0a
#define NVM_LID_PLM_AGGREGATE     0x0b
#define NVM_LID_ANA               0x0c
#define NVM_LID_PERSISTENT_EVENT  0x0d
#define NVM_LID_LBA_STATUS        0x0e
#define NVM_LID_ENDGRP_AGGREGATE  0x0f
#define NVM_LID_MEDIA_UNIT_STATUS 0x10
#define NVM_LID_CAPACITY_CONFIGS  0x11
#define NVM_LID_FEATURE_EFFECTS   0x12
#define NVM_LID_MI_CMD_EFFECTS    0x13
#define NVM_LID_LOCKDOWN          0x14
#define NVM_LID_BOOT_PARTITION    0x15
#define NVM_LID_ROTATIONAL_MEDIA  0x16
#define NVM_LID_DISCOVERY         0x70
#define NVM_LID_RESV_NOTIFICATION 0x80
#define NVM_LID_SANITIZE_STATUS   0x81
#define NVM_LID_CHANGED_ZONES     0xbf
#define NVM_LID_VENDOR_FIRST      0xc0 /* up to FFh: vendor specific */

/*
 * Identify: Controller or Namespace Structure (Base, "Identify command")
 */
#define NVM_CNS_NS                    0x00 /* struct nvm_id_ns */
#define NVM_CNS_CTRL                  0x01 /* struct nvm_id_ctrl */
#define NVM_CNS_ACTIVE_NS_LIST        0x02 /* uint32_t[1024], NSIDs above the given one */
#define NVM_CNS_NS_DESC_LIST          0x03 /* sequence of struct nvm_id_ns_desc */
#define NVM_CNS_NVM_SET_LIST          0x04
#define NVM_CNS_CSI_NS                0x05 /* CSI 0: struct nvm_id_ns_nvm */
#define NVM_CNS_CSI_CTRL              0x06 /* CSI 0: struct nvm_id_ctrl_nvm */
#define NVM_CNS_CSI_ACTIVE_NS_LIST    0x07
#define NVM_CNS_INDEP_NS              0x08 /* struct nvm_id_ns_indep */
#define NVM_CNS_NS_FORMAT             0x09 /* NVM command set: by user data format */
#define NVM_CNS_CSI_NS_FORMAT         0x0a
#define NVM_CNS_ALLOCATED_NS_LIST     0x10
#define NVM_CNS_ALLOCATED_NS          0x11
#define NVM_CNS_NS_CTRL_LIST          0x12 /* struct nvm_ctrl_list */
#define NVM_CNS_CTRL_LIST             0x13 /* struct nvm_ctrl_list */
#define NVM_CNS_PRIMARY_CTRL_CAPS     0x14
#define NVM_CNS_SECONDARY_CTRL_LIST   0x15
#define NVM_CNS_NS_GRANULARITY_LIST   0x16
#define NVM_CNS_UUID_LIST             0x17
#define NVM_CNS_DOMAIN_LIST           0x18
#define NVM_CNS_ENDURANCE_GROUP_LIST  0x19
#define NVM_CNS_CSI_ALLOCATED_NS_LIST 0x1a
#define NVM_CNS_CSI_ALLOCATED_NS      0x1b
#define NVM_CNS_IOCS                  0x1c

/* Identify Controller CNTRLTYPE */
#define NVM_CNTRLTYPE_NOT_REPORTED 0x00
#define NVM_CNTRLTYPE_IO           0x01
#define NVM_CNTRLTYPE_DISCOVERY    0x02
#define NVM_CNTRLTYPE_ADMIN        0x03

/*
 * Asynchronous events: completion dword 0 (Base, "Asynchronous Event Request command")
 */
#define NVM_AER_TYPE_SHIFT                     0 /* NVM_AER_TYPE_* */
#define NVM_AER_TYPE_MASK                      0x7U
#define NVM_AER_TYPE(v)                        NVM_FIELD_GET(AER_TYPE, v)
#define NVM_AER_INFO_SHIFT                     8 /* NVM_AER_INFO_<type>_* */
#define NVM_AER_INFO_MASK                      0xffU
#define NVM_AER_INFO(v)                        NVM_FIELD_GET(AER_INFO, v)
#define NVM_AER_LID_SHIFT                      16 /* log page that tells more and clears the event */
#define NVM_AER_LID_MASK                       0xffU
#define NVM_AER_LID(v)                         NVM_FIELD_GET(AER_LID, v)

#define NVM_AER_TYPE_ERROR                     0x0
#define NVM_AER_TYPE_SMART                     0x1
#define NVM_AER_TYPE_NOTICE                    0x2
#define NVM_AER_TYPE_IMMEDIATE                 0x3
#define NVM_AER_TYPE_IOCS                      0x6 /* I/O command set specific */
#define NVM_AER_TYPE_VENDOR                    0x7

#define NVM_AER_INFO_ERROR_INVALID_DB_REGISTER 0x00
#define NVM_AER_INFO_ERROR_INVALID_DB_VALUE    0x01
#define NVM_AER_INFO_ERROR_DIAGNOSTIC_FAILURE  0x02
#define NVM_AER_INFO_ERROR_PERSISTENT_INTERNAL 0x03
#define NVM_AER_INFO_ERROR_TRANSIENT_INTERNAL  0x04
#define NVM_AER_INFO_ERROR_FW_IMAGE_LOAD       0x05
#define NVM_AER_INFO_SMART_RELIABILITY         0x00
#define NVM_AER_INFO_SMART_TEMPERATURE         0x01
#define NVM_AER_INFO_SMART_SPARE               0x02
#define NVM_AER_INFO_NOTICE_NS_CHANGED         0x00
#define NVM_AER_INFO_NOTICE_FW_ACTIVATION      0x01
#define NVM_AER_INFO_NOTICE_TELEMETRY          0x02
#define NVM_AER_INFO_NOTICE_ANA                0x03
#define NVM_AER_INFO_NOTICE_PLM_AGGREGATE      0x04
#define NVM_AER_INFO_NOTICE_LBA_STATUS         0x05
#define NVM_AER_INFO_NOTICE_ENDGRP_AGGREGATE   0x06
#define NVM_AER_INFO_NOTICE_ZONE_CHANGED       0xef
#define NVM_AER_INFO_NOTICE_DISCOVERY_CHANGED  0xf0
#define NVM_AER_INFO_IMMEDIATE_SUBSYS_SHUTDOWN 0x00
#define NVM_AER_INFO_IOCS_RESV_LOG             0x00
#define NVM_AER_INFO_IOCS_SANITIZE_DONE        0x01
#define NVM_AER_INFO_IOCS_SANITIZE_UNEXPECTED  0x02

/*
 * Submission queue entry flags (Base, "Submission Queue Entry")
 */
#define NVM_SQE_FUSE_SHIFT       0 /* Fused Operation, NVM_FUSE_* */
#define NVM_SQE_FUSE_MASK        0x3U
#define NVM_SQE_FUSE(v)          NVM_FIELD_GET(SQE_FUSE, v)
#define NVM_SQE_PSDT_SHIFT       6 /* PRP or SGL for Data Transfer, NVM_PSDT_* */
#define NVM_SQE_PSDT_MASK        0x3U
#define NVM_SQE_PSDT(v)          NVM_FIELD_GET(SQE_PSDT, v)

#define NVM_FUSE_NONE            0x0
#define NVM_FUSE_FIRST           0x1
#define NVM_FUSE_SECOND          0x2
#define NVM_PSDT_PRP             0x0
#define NVM_PSDT_SGL_MPTR_BUFFER 0x1 /* SGL; MPTR is the address of a contiguous buffer */
#define NVM_PSDT_SGL_MPTR_SGL    0x2 /* SGL; MPTR is the address of an SGL segment */

/* SGL descriptor type byte (Base, "Scatter Gather Lists") */
#define NVM_SGL_SUBTYPE_SHIFT             0 /* NVM_SGL_SUBTYPE_* */
#define NVM_SGL_SUBTYPE_MASK              0xfU
#define NVM_SGL_SUBTYPE(v)                NVM_FIELD_GET(SGL_SUBTYPE, v)
#define NVM_SGL_TYPE_SHIFT                4 /* NVM_SGL_TYPE_* */
#define NVM_SGL_TYPE_MASK                 0xfU
#define NVM_SGL_TYPE(v)                   NVM_FIELD_GET(SGL_TYPE, v)

#define NVM_SGL_TYPE_DATA_BLOCK           0x0
#define NVM_SGL_TYPE_BIT_BUCKET           0x1
#define NVM_SGL_TYPE_SEGMENT              0x2
#define NVM_SGL_TYPE_LAST_SEGMENT         0x3
#define NVM_SGL_TYPE_KEYED_DATA_BLOCK     0x4
#define NVM_SGL_TYPE_TRANSPORT_DATA_BLOCK 0x5
#define NVM_SGL_TYPE_VENDOR               0xf
#define NVM_SGL_SUBTYPE_ADDRESS           0x0
#define NVM_SGL_SUBTYPE_OFFSET            0x1
#define NVM_SGL_SUBTYPE_TRANSPORT_FIRST   0xa /* up to Fh: transport specific */

/*
 * Command dwords. NVM_<command>_<field>, the dword is named in the line above the fields.
 */
/* Create I/O Submission Queue, Create I/O Completion Queue, Delete: CDW10 */
#define NVM_QCREATE_QID_SHIFT   0 /* Queue Identifier */
#define NVM_QCREATE_QID_MASK    0xffffU
#define NVM_QCREATE_QID(v)      NVM_FIELD_GET(QCREATE_QID, v)
#define NVM_QCREATE_QSIZE_SHIFT 16 /* Queue Size, entries, 0's based */
#define NVM_QCREATE_QSIZE_MASK  0xffffU
#define NVM_QCREATE_QSIZE(v)    NVM_FIELD_GET(QCREATE_QSIZE, v)
/* Create I/O Submission Queue: CDW11 */
#define NVM_SQCREATE_PC_SHIFT    0 /* Physically Contiguous */
#define NVM_SQCREATE_PC_MASK     0x1U
#define NVM_SQCREATE_PC(v)       NVM_FIELD_GET(SQCREATE_PC, v)
#define NVM_SQCREATE_QPRIO_SHIFT 1 /* Queue Priority, NVM_QPRIO_* */
#define NVM_SQCREATE_QPRIO_MASK  0x3U
#define NVM_SQCREATE_QPRIO(v)    NVM_FIELD_GET(SQCREATE_QPRIO, v)
#define NVM_SQCREATE_CQID_SHIFT  16 /* Completion Queue Identifier */
#define NVM_SQCREATE_CQID_MASK   0xffffU
#define NVM_SQCREATE_CQID(v)     NVM_FIELD_GET(SQCREATE_CQID, v)
/* Create I/O Submission Queue: CDW12 */
#define NVM_SQCREATE_NVMSETID_SHIFT 0 /* NVM Set Identifier */
#define NVM_SQCREATE_NVMSETID_MASK  0xffffU
#define NVM_SQCREATE_NVMSETID(v)    NVM_FIELD_GET(SQCREATE_NVMSETID, v)
/* Create I/O Completion Queue: CDW11 */
#define NVM_CQCREATE_PC_SHIFT  0 /* Physically Contiguous */
#define NVM_CQCREATE_PC_MASK   0x1U
#define NVM_CQCREATE_PC(v)     NVM_FIELD_GET(CQCREATE_PC, v)
#define NVM_CQCREATE_IEN_SHIFT 1 /* Interrupts Enabled */
#define NVM_CQCREATE_IEN_MASK  0x1U
#define NVM_CQCREATE_IEN(v)    NVM_FIELD_GET(CQCREATE_IEN, v)
#define NVM_CQCREATE_IV_SHIFT  16 /* Interrupt Vector */
#define NVM_CQCREATE_IV_MASK   0xffffU
#define NVM_CQCREATE_IV(v)     NVM_FIELD_GET(CQCREATE_IV, v)

#define NVM_QPRIO_URGENT       0x0
#define NVM_QPRIO_HIGH         0x1
#define NVM_QPRIO_MEDIUM       0x2
#define NVM_QPRIO_LOW          0x3

/* Abort: CDW10; completion dword 0 */
#define NVM_ABORT_SQID_SHIFT        0 /* Submission Queue Identifier */
#define NVM_ABORT_SQID_MASK         0xffffU
#define NVM_ABORT_SQID(v)           NVM_FIELD_GET(ABORT_SQID, v)
#define NVM_ABORT_CID_SHIFT         16 /* Command Identifier */
#define NVM_ABORT_CID_MASK          0xffffU
#define NVM_ABORT_CID(v)            NVM_FIELD_GET(ABORT_CID, v)
#define NVM_ABORT_NOT_ABORTED_SHIFT 0 /* completion: 1 if the command was not aborted */
#define NVM_ABORT_NOT_ABORTED_MASK  0x1U
#define NVM_ABORT_NOT_ABORTED(v)    NVM_FIELD_GET(ABORT_NOT_ABORTED, v)
/* Identify: CDW10 */
#define NVM_IDENTIFY_CNS_SHIFT   0 /* NVM_CNS_* */
#define NVM_IDENTIFY_CNS_MASK    0xffU
#define NVM_IDENTIFY_CNS(v)      NVM_FIELD_GET(IDENTIFY_CNS, v)
#define NVM_IDENTIFY_CNTID_SHIFT 16 /* Controller Identifier */
#define NVM_IDENTIFY_CNTID_MASK  0xffffU
#define NVM_IDENTIFY_CNTID(v)    NVM_FIELD_GET(IDENTIFY_CNTID, v)
/* Identify: CDW11 */
#define NVM_IDENTIFY_CNSSPEC_SHIFT 0 /* CNS Specific Identifier: NVM set, domain, endurance group */
#define NVM_IDENTIFY_CNSSPEC_MASK  0xffffU
#define NVM_IDENTIFY_CNSSPEC(v)    NVM_FIELD_GET(IDENTIFY_CNSSPEC, v)
#define NVM_IDENTIFY_CSI_SHIFT     24 /* Command Set Identifier, NVM_CSI_* */
#define NVM_IDENTIFY_CSI_MASK      0xffU
#define NVM_IDENTIFY_CSI(v)        NVM_FIELD_GET(IDENTIFY_CSI, v)
/* Get Log Page: CDW10 */
#define NVM_LOG_LID_SHIFT   0 /* NVM_LID_* */
#define NVM_LOG_LID_MASK    0xffU
#define NVM_LOG_LID(v)      NVM_FIELD_GET(LOG_LID, v)
#define NVM_LOG_LSP_SHIFT   8 /* Log Specific Parameter */
#define NVM_LOG_LSP_MASK    0x7fU
#define NVM_LOG_LSP(v)      NVM_FIELD_GET(LOG_LSP, v)
#define NVM_LOG_RAE_SHIFT   15 /* Retain Asynchronous Event */
#define NVM_LOG_RAE_MASK    0x1U
#define NVM_LOG_RAE(v)      NVM_FIELD_GET(LOG_RAE, v)
#define NVM_LOG_NUMDL_SHIFT 16 /* Number of Dwords, lower half, 0's based */
#define NVM_LOG_NUMDL_MASK  0xffffU
#define NVM_LOG_NUMDL(v)    NVM_FIELD_GET(LOG_NUMDL, v)
/* Get Log Page: CDW11 */
#define NVM_LOG_NUMDU_SHIFT 0 /* Number of Dwords, upper half */
#define NVM_LOG_NUMDU_MASK  0xffffU
#define NVM_LOG_NUMDU(v)    NVM_FIELD_GET(LOG_NUMDU, v)
#define NVM_LOG_LSI_SHIFT   16 /* Log Specific Identifier */
#define NVM_LOG_LSI_MASK    0xffffU
#define NVM_LOG_LSI(v)      NVM_FIELD_GET(LOG_LSI, v)
/* Get Log Page: CDW14 */
#define NVM_LOG_UUID_SHIFT 0 /* UUID Index */
#define NVM_LOG_UUID_MASK  0x7fU
#define NVM_LOG_UUID(v)    NVM_FIELD_GET(LOG_UUID, v)
#define NVM_LOG_OT_SHIFT   23 /* Offset Type: 1 if CDW12 and CDW13 are an index */
#define NVM_LOG_OT_MASK    0x1U
#define NVM_LOG_OT(v)      NVM_FIELD_GET(LOG_OT, v)
#define NVM_LOG_CSI_SHIFT  24 /* Command Set Identifier */
#define NVM_LOG_CSI_MASK   0xffU
#define NVM_LOG_CSI(v)     NVM_FIELD_GET(LOG_CSI, v)
/* Get Features, Set Features: CDW10 */
#define NVM_FEAT_FID_SHIFT       0 /* NVM_FID_* */
#define NVM_FEAT_FID_MASK        0xffU
#define NVM_FEAT_FID(v)          NVM_FIELD_GET(FEAT_FID, v)
#define NVM_FEAT_SEL_SHIFT       8 /* Get: Select, NVM_FEAT_SEL_* */
#define NVM_FEAT_SEL_MASK        0x7U
#define NVM_FEAT_SEL(v)          NVM_FIELD_GET(FEAT_SEL, v)
#define NVM_FEAT_SV_SHIFT        31 /* Set: Save */
#define NVM_FEAT_SV_MASK         0x1U
#define NVM_FEAT_SV(v)           NVM_FIELD_GET(FEAT_SV, v)

#define NVM_FEAT_SEL_CURRENT     0x0
#define NVM_FEAT_SEL_DEFAULT     0x1
#define NVM_FEAT_SEL_SAVED       0x2
#define NVM_FEAT_SEL_SUPPORTED   0x3
#define NVM_FEAT_CAP_SAVEABLE    0x1U /* bits of dword 0 for SEL_SUPPORTED */
#define NVM_FEAT_CAP_NS_SPECIFIC 0x2U
#define NVM_FEAT_CAP_CHANGEABLE  0x4U

/* Feature values: CDW11 of Set Features, completion dword 0 of Get Features */
#define NVM_FEAT_ARB_AB_SHIFT     0 /* Arbitration Burst is 1 << AB commands, 7: no limit */
#define NVM_FEAT_ARB_AB_MASK      0x7U
#define NVM_FEAT_ARB_AB(v)        NVM_FIELD_GET(FEAT_ARB_AB, v)
#define NVM_FEAT_ARB_LPW_SHIFT    8 /* Low Priority Weight, 0's based */
#define NVM_FEAT_ARB_LPW_MASK     0xffU
#define NVM_FEAT_ARB_LPW(v)       NVM_FIELD_GET(FEAT_ARB_LPW, v)
#define NVM_FEAT_ARB_MPW_SHIFT    16 /* Medium Priority Weight, 0's based */
#define NVM_FEAT_ARB_MPW_MASK     0xffU
#define NVM_FEAT_ARB_MPW(v)       NVM_FIELD_GET(FEAT_ARB_MPW, v)
#define NVM_FEAT_ARB_HPW_SHIFT    24 /* High Priority Weight, 0's based */
#define NVM_FEAT_ARB_HPW_MASK     0xffU
#define NVM_FEAT_ARB_HPW(v)       NVM_FIELD_GET(FEAT_ARB_HPW, v)
#define NVM_FEAT_PM_PS_SHIFT      0 /* Power State */
#define NVM_FEAT_PM_PS_MASK       0x1fU
#define NVM_FEAT_PM_PS(v)         NVM_FIELD_GET(FEAT_PM_PS, v)
#define NVM_FEAT_PM_WH_SHIFT      5 /* Workload Hint */
#define NVM_FEAT_PM_WH_MASK       0x7U
#define NVM_FEAT_PM_WH(v)         NVM_FIELD_GET(FEAT_PM_WH, v)
#define NVM_FEAT_LBART_NUM_SHIFT  0 /* Number of LBA Ranges, 0's based */
#define NVM_FEAT_LBART_NUM_MASK   0x3fU
#define NVM_FEAT_LBART_NUM(v)     NVM_FIELD_GET(FEAT_LBART_NUM, v)
#define NVM_FEAT_TEMP_TMPTH_SHIFT 0 /* Temperature Threshold, kelvin */
#define NVM_FEAT_TEMP_TMPTH_MASK  0xffffU
#define NVM_FEAT_TEMP_TMPTH(v)    NVM_FIELD_GET(FEAT_TEMP_TMPTH, v)
#define NVM_FEAT_TEMP_TMPSEL_SHIFT \
	16 /* Threshold Temperature Select: 0 composite, 1-8 sensor, Fh all */
#define NVM_FEAT_TEMP_TMPSEL_MASK 0xfU
#define NVM_FEAT_TEMP_TMPSEL(v)   NVM_FIELD_GET(FEAT_TEMP_TMPSEL, v)
#define NVM_FEAT_TEMP_THSEL_SHIFT 20 /* Threshold Type Select: 0 over, 1 under */
#define NVM_FEAT_TEMP_THSEL_MASK  0x3U
#define NVM_FEAT_TEMP_THSEL(v)    NVM_FIELD_GET(FEAT_TEMP_THSEL, v)
#define NVM_FEAT_ERR_TLER_SHIFT   0 /* Time Limited Error Recovery, units of 100 ms */
#define NVM_FEAT_ERR_TLER_MASK    0xffffU
#define NVM_FEAT_ERR_TLER(v)      NVM_FIELD_GET(FEAT_ERR_TLER, v)
#define NVM_FEAT_ERR_DULBE_SHIFT  16 /* Deallocated or Unwritten Logical Block Error Enable */
#define NVM_FEAT_ERR_DULBE_MASK   0x1U
#define NVM_FEAT_ERR_DULBE(v)     NVM_FIELD_GET(FEAT_ERR_DULBE, v)
#define NVM_FEAT_VWC_WCE_SHIFT    0 /* Volatile Write Cache Enable */
#define NVM_FEAT_VWC_WCE_MASK     0x1U
#define NVM_FEAT_VWC_WCE(v)       NVM_FIELD_GET(FEAT_VWC_WCE, v)
#define NVM_FEAT_NQ_NSQ_SHIFT     0 /* I/O submission queues requested or allocated, 0's based */
#define NVM_FEAT_NQ_NSQ_MASK      0xffffU
#define NVM_FEAT_NQ_NSQ(v)        NVM_FIELD_GET(FEAT_NQ_NSQ, v)
#define NVM_FEAT_NQ_NCQ_SHIFT     16 /* I/O completion queues requested or allocated, 0's based */
#define NVM_FEAT_NQ_NCQ_MASK      0xffffU
#define NVM_FEAT_NQ_NCQ(v)        NVM_FIELD_GET(FEAT_NQ_NCQ, v)
#define NVM_FEAT_IC_THR_SHIFT     0 /* Aggregation Threshold, completions, 0's based */
#define NVM_FEAT_IC_THR_MASK      0xffU
#define NVM_FEAT_IC_THR(v)        NVM_FIELD_GET(FEAT_IC_THR, v)
#define NVM_FEAT_IC_TIME_SHIFT    8 /* Aggregation Time, units of 100 us */
#define NVM_FEAT_IC_TIME_MASK     0xffU
#define NVM_FEAT_IC_TIME(v)       NVM_FIELD_GET(FEAT_IC_TIME, v)
#define NVM_FEAT_IV_IV_SHIFT      0 /* Interrupt Vector */
#define NVM_FEAT_IV_IV_MASK       0xffffU
#define NVM_FEAT_IV_IV(v)         NVM_FIELD_GET(FEAT_IV_IV, v)
#define NVM_FEAT_IV_CD_SHIFT      16 /* Coalescing Disable */
#define NVM_FEAT_IV_CD_MASK       0x1U
#define NVM_FEAT_IV_CD(v)         NVM_FIELD_GET(FEAT_IV_CD, v)
#define NVM_FEAT_WA_DN_SHIFT      0 /* Disable Normal: AWUN and NAWUN need not be honoured */
#define NVM_FEAT_WA_DN_MASK       0x1U
#define NVM_FEAT_WA_DN(v)         NVM_FIELD_GET(FEAT_WA_DN, v)
#define NVM_FEAT_AEC_SMART_SHIFT  0 /* events for SMART critical warnings, NVM_SMART_CW_* */
#define NVM_FEAT_AEC_SMART_MASK   0xffU
#define NVM_FEAT_AEC_SMART(v)     NVM_FIELD_GET(FEAT_AEC_SMART, v)
#define NVM_FEAT_APST_APSTE_SHIFT 0 /* Autonomous Power State Transition Enable */
#define NVM_FEAT_APST_APSTE_MASK  0x1U
#define NVM_FEAT_APST_APSTE(v)    NVM_FIELD_GET(FEAT_APST_APSTE, v)
#define NVM_FEAT_HMB_EHM_SHIFT    0 /* Enable Host Memory */
#define NVM_FEAT_HMB_EHM_MASK     0x1U
#define NVM_FEAT_HMB_EHM(v)       NVM_FIELD_GET(FEAT_HMB_EHM, v)
#define NVM_FEAT_HMB_MR_SHIFT     1 /* Memory Return */
#define NVM_FEAT_HMB_MR_MASK      0x1U
#define NVM_FEAT_HMB_MR(v)        NVM_FIELD_GET(FEAT_HMB_MR, v)
#define NVM_FEAT_AEC_NOTICES      NVM_OAES_ALL /* event notices have the bits of OAES */

/* Namespace Management, Namespace Attachment: CDW10 */
#define NVM_NSMGMT_SEL_SHIFT    0 /* NVM_NSMGMT_SEL_* */
#define NVM_NSMGMT_SEL_MASK     0xfU
#define NVM_NSMGMT_SEL(v)       NVM_FIELD_GET(NSMGMT_SEL, v)
#define NVM_NSATTACH_SEL_SHIFT  0 /* NVM_NSATTACH_SEL_* */
#define NVM_NSATTACH_SEL_MASK   0xfU
#define NVM_NSATTACH_SEL(v)     NVM_FIELD_GET(NSATTACH_SEL, v)
#define NVM_NSMGMT_SEL_CREATE   0x0
#define NVM_NSMGMT_SEL_DELETE   0x1
#define NVM_NSATTACH_SEL_ATTACH 0x0
#define NVM_NSATTACH_SEL_DETACH 0x1

/* Firmware Commit: CDW10 */
#define NVM_FWCOMMIT_FS_SHIFT            0 /* Firmware Slot, 0: the controller chooses */
#define NVM_FWCOMMIT_FS_MASK             0x7U
#define NVM_FWCOMMIT_FS(v)               NVM_FIELD_GET(FWCOMMIT_FS, v)
#define NVM_FWCOMMIT_CA_SHIFT            3 /* Commit Action, NVM_FWCOMMIT_CA_* */
#define NVM_FWCOMMIT_CA_MASK             0x7U
#define NVM_FWCOMMIT_CA(v)               NVM_FIELD_GET(FWCOMMIT_CA, v)
#define NVM_FWCOMMIT_BPID_SHIFT          31 /* Boot Partition ID */
#define NVM_FWCOMMIT_BPID_MASK           0x1U
#define NVM_FWCOMMIT_BPID(v)             NVM_FIELD_GET(FWCOMMIT_BPID, v)
#define NVM_FWCOMMIT_CA_REPLACE          0x0 /* store the image */
#define NVM_FWCOMMIT_CA_REPLACE_ACTIVATE 0x1 /* store it, activate at the next reset */
#define NVM_FWCOMMIT_CA_ACTIVATE         0x2 /* activate the slot at the next reset */
#define NVM_FWCOMMIT_CA_ACTIVATE_NOW     0x3 /* activate without reset */
#define NVM_FWCOMMIT_CA_BP_REPLACE       0x6 /* replace a boot partition */
#define NVM_FWCOMMIT_CA_BP_ACTIVATE      0x7 /* make a boot partition the active one */

/* Device Self-test: CDW10 */
#define NVM_SELFTEST_STC_SHIFT    0 /* Self-test Code, NVM_SELFTEST_STC_* */
#define NVM_SELFTEST_STC_MASK     0xfU
#define NVM_SELFTEST_STC(v)       NVM_FIELD_GET(SELFTEST_STC, v)
#define NVM_SELFTEST_STC_SHORT    0x1
#define NVM_SELFTEST_STC_EXTENDED 0x2
#define NVM_SELFTEST_STC_VENDOR   0xe
#define NVM_SELFTEST_STC_ABORT    0xf

/* Format NVM: CDW10 */
#define NVM_FORMAT_LBAFL_SHIFT   0 /* LBA format index, low bits */
#define NVM_FORMAT_LBAFL_MASK    0xfU
#define NVM_FORMAT_LBAFL(v)      NVM_FIELD_GET(FORMAT_LBAFL, v)
#define NVM_FORMAT_MSET_SHIFT    4 /* Metadata Settings: 1 as part of an extended LBA */
#define NVM_FORMAT_MSET_MASK     0x1U
#define NVM_FORMAT_MSET(v)       NVM_FIELD_GET(FORMAT_MSET, v)
#define NVM_FORMAT_PI_SHIFT      5 /* Protection Information type, 0: none */
#define NVM_FORMAT_PI_MASK       0x7U
#define NVM_FORMAT_PI(v)         NVM_FIELD_GET(FORMAT_PI, v)
#define NVM_FORMAT_PIL_SHIFT     8 /* Protection Information Location: 1 first bytes of metadata */
#define NVM_FORMAT_PIL_MASK      0x1U
#define NVM_FORMAT_PIL(v)        NVM_FIELD_GET(FORMAT_PIL, v)
#define NVM_FORMAT_SES_SHIFT     9 /* Secure Erase Settings, NVM_FORMAT_SES_* */
#define NVM_FORMAT_SES_MASK      0x7U
#define NVM_FORMAT_SES(v)        NVM_FIELD_GET(FORMAT_SES, v)
#define NVM_FORMAT_LBAFU_SHIFT   12 /* LBA format index, high bits */
#define NVM_FORMAT_LBAFU_MASK    0x3U
#define NVM_FORMAT_LBAFU(v)      NVM_FIELD_GET(FORMAT_LBAFU, v)
#define NVM_FORMAT_SES_NONE      0x0
#define NVM_FORMAT_SES_USER_DATA 0x1
#define NVM_FORMAT_SES_CRYPTO    0x2

/* Sanitize: CDW10 */
#define NVM_SANITIZE_SANACT_SHIFT        0 /* Sanitize Action, NVM_SANITIZE_SANACT_* */
#define NVM_SANITIZE_SANACT_MASK         0x7U
#define NVM_SANITIZE_SANACT(v)           NVM_FIELD_GET(SANITIZE_SANACT, v)
#define NVM_SANITIZE_AUSE_SHIFT          3 /* Allow Unrestricted Sanitize Exit */
#define NVM_SANITIZE_AUSE_MASK           0x1U
#define NVM_SANITIZE_AUSE(v)             NVM_FIELD_GET(SANITIZE_AUSE, v)
#define NVM_SANITIZE_OWPASS_SHIFT        4 /* Overwrite Pass Count, 0: 16 */
#define NVM_SANITIZE_OWPASS_MASK         0xfU
#define NVM_SANITIZE_OWPASS(v)           NVM_FIELD_GET(SANITIZE_OWPASS, v)
#define NVM_SANITIZE_OIPBP_SHIFT         8 /* Overwrite Invert Pattern Between Passes */
#define NVM_SANITIZE_OIPBP_MASK          0x1U
#define NVM_SANITIZE_OIPBP(v)            NVM_FIELD_GET(SANITIZE_OIPBP, v)
#define NVM_SANITIZE_NDAS_SHIFT          9 /* No-Deallocate After Sanitize */
#define NVM_SANITIZE_NDAS_MASK           0x1U
#define NVM_SANITIZE_NDAS(v)             NVM_FIELD_GET(SANITIZE_NDAS, v)
#define NVM_SANITIZE_SANACT_EXIT_FAILURE 0x1
#define NVM_SANITIZE_SANACT_BLOCK_ERASE  0x2
#define NVM_SANITIZE_SANACT_OVERWRITE    0x3
#define NVM_SANITIZE_SANACT_CRYPTO_ERASE 0x4

/* Read, Write, Compare, Verify, Write Zeroes, Write Uncorrectable: CDW12 */
#define NVM_RW_NLB_SHIFT    0 /* Number of Logical Blocks, 0's based */
#define NVM_RW_NLB_MASK     0xffffU
#define NVM_RW_NLB(v)       NVM_FIELD_GET(RW_NLB, v)
#define NVM_RW_DTYPE_SHIFT  20 /* Write: Directive Type */
#define NVM_RW_DTYPE_MASK   0xfU
#define NVM_RW_DTYPE(v)     NVM_FIELD_GET(RW_DTYPE, v)
#define NVM_RW_STC_SHIFT    24 /* Storage Tag Check */
#define NVM_RW_STC_MASK     0x1U
#define NVM_RW_STC(v)       NVM_FIELD_GET(RW_STC, v)
#define NVM_RW_DEAC_SHIFT   25 /* Write Zeroes: Deallocate */
#define NVM_RW_DEAC_MASK    0x1U
#define NVM_RW_DEAC(v)      NVM_FIELD_GET(RW_DEAC, v)
#define NVM_RW_PRINFO_SHIFT 26 /* Protection Information: PRACT and PRCHK */
#define NVM_RW_PRINFO_MASK  0xfU
#define NVM_RW_PRINFO(v)    NVM_FIELD_GET(RW_PRINFO, v)
#define NVM_RW_PRCHK_SHIFT  26 /* Protection Information Check, NVM_PRCHK_* */
#define NVM_RW_PRCHK_MASK   0x7U
#define NVM_RW_PRCHK(v)     NVM_FIELD_GET(RW_PRCHK, v)
#define NVM_RW_PRACT_SHIFT  29 /* Protection Information Action */
#define NVM_RW_PRACT_MASK   0x1U
#define NVM_RW_PRACT(v)     NVM_FIELD_GET(RW_PRACT, v)
#define NVM_RW_FUA_SHIFT    30 /* Force Unit Access */
#define NVM_RW_FUA_MASK     0x1U
#define NVM_RW_FUA(v)       NVM_FIELD_GET(RW_FUA, v)
#define NVM_RW_LR_SHIFT     31 /* Limited Retry */
#define NVM_RW_LR_MASK      0x1U
#define NVM_RW_LR(v)        NVM_FIELD_GET(RW_LR, v)
/* Read, Write: CDW13 */
#define NVM_RW_DSM_AF_SHIFT             0 /* Access Frequency */
#define NVM_RW_DSM_AF_MASK              0xfU
#define NVM_RW_DSM_AF(v)                NVM_FIELD_GET(RW_DSM_AF, v)
#define NVM_RW_DSM_AL_SHIFT             4 /* Access Latency */
#define NVM_RW_DSM_AL_MASK              0x3U
#define NVM_RW_DSM_AL(v)                NVM_FIELD_GET(RW_DSM_AL, v)
#define NVM_RW_DSM_SEQ_SHIFT            6 /* Sequential Request */
#define NVM_RW_DSM_SEQ_MASK             0x1U
#define NVM_RW_DSM_SEQ(v)               NVM_FIELD_GET(RW_DSM_SEQ, v)
#define NVM_RW_DSM_INCOMPRESSIBLE_SHIFT 7 /* Incompressible */
#define NVM_RW_DSM_INCOMPRESSIBLE_MASK  0x1U
#define NVM_RW_DSM_INCOMPRESSIBLE(v)    NVM_FIELD_GET(RW_DSM_INCOMPRESSIBLE, v)
#define NVM_RW_DSPEC_SHIFT              16 /* Write: Directive Specific */
#define NVM_RW_DSPEC_MASK               0xffffU
#define NVM_RW_DSPEC(v)                 NVM_FIELD_GET(RW_DSPEC, v)
/* Read, Write, Compare, Verify, Write Zeroes: CDW15 */
#define NVM_RW_LBAT_SHIFT  0 /* (expected) Logical Block Application Tag */
#define NVM_RW_LBAT_MASK   0xffffU
#define NVM_RW_LBAT(v)     NVM_FIELD_GET(RW_LBAT, v)
#define NVM_RW_LBATM_SHIFT 16 /* (expected) Logical Block Application Tag Mask */
#define NVM_RW_LBATM_MASK  0xffffU
#define NVM_RW_LBATM(v)    NVM_FIELD_GET(RW_LBATM, v)
#define NVM_PRCHK_REF      0x1 /* reference tag */
#define NVM_PRCHK_APP      0x2 /* application tag */
#define NVM_PRCHK_GUARD    0x4 /* guard */

/* Dataset Management: CDW10, CDW11 */
#define NVM_DSM_NR_SHIFT  0 /* Number of Ranges, 0's based */
#define NVM_DSM_NR_MASK   0xffU
#define NVM_DSM_NR(v)     NVM_FIELD_GET(DSM_NR, v)
#define NVM_DSM_IDR_SHIFT 0 /* Attribute: Integral Dataset for Read */
#define NVM_DSM_IDR_MASK  0x1U
#define NVM_DSM_IDR(v)    NVM_FIELD_GET(DSM_IDR, v)
#define NVM_DSM_IDW_SHIFT 1 /* Attribute: Integral Dataset for Write */
#define NVM_DSM_IDW_MASK  0x1U
#define NVM_DSM_IDW(v)    NVM_FIELD_GET(DSM_IDW, v)
#define NVM_DSM_AD_SHIFT  2 /* Attribute: Deallocate */
#define NVM_DSM_AD_MASK   0x1U
#define NVM_DSM_AD(v)     NVM_FIELD_GET(DSM_AD, v)
/* Dataset Management range: context attributes */
#define NVM_DSM_CATTR_AF_SHIFT   0 /* Access Frequency */
#define NVM_DSM_CATTR_AF_MASK    0xfU
#define NVM_DSM_CATTR_AF(v)      NVM_FIELD_GET(DSM_CATTR_AF, v)
#define NVM_DSM_CATTR_AL_SHIFT   4 /* Access Latency */
#define NVM_DSM_CATTR_AL_MASK    0x3U
#define NVM_DSM_CATTR_AL(v)      NVM_FIELD_GET(DSM_CATTR_AL, v)
#define NVM_DSM_CATTR_SR_SHIFT   8 /* Sequential Read Range */
#define NVM_DSM_CATTR_SR_MASK    0x1U
#define NVM_DSM_CATTR_SR(v)      NVM_FIELD_GET(DSM_CATTR_SR, v)
#define NVM_DSM_CATTR_SW_SHIFT   9 /* Sequential Write Range */
#define NVM_DSM_CATTR_SW_MASK    0x1U
#define NVM_DSM_CATTR_SW(v)      NVM_FIELD_GET(DSM_CATTR_SW, v)
#define NVM_DSM_CATTR_WP_SHIFT   10 /* Write Prepare */
#define NVM_DSM_CATTR_WP_MASK    0x1U
#define NVM_DSM_CATTR_WP(v)      NVM_FIELD_GET(DSM_CATTR_WP, v)
#define NVM_DSM_CATTR_CASZ_SHIFT 24 /* Command Access Size, logical blocks */
#define NVM_DSM_CATTR_CASZ_MASK  0xffU
#define NVM_DSM_CATTR_CASZ(v)    NVM_FIELD_GET(DSM_CATTR_CASZ, v)
#define NVM_DSM_MAX_RANGES       256

/* Copy: CDW12 */
#define NVM_COPY_NR_SHIFT      0 /* Number of Ranges, 0's based */
#define NVM_COPY_NR_MASK       0xffU
#define NVM_COPY_NR(v)         NVM_FIELD_GET(COPY_NR, v)
#define NVM_COPY_DESFMT_SHIFT  8 /* Descriptor Format */
#define NVM_COPY_DESFMT_MASK   0xfU
#define NVM_COPY_DESFMT(v)     NVM_FIELD_GET(COPY_DESFMT, v)
#define NVM_COPY_PRINFOR_SHIFT 12 /* Protection Information of the reads */
#define NVM_COPY_PRINFOR_MASK  0xfU
#define NVM_COPY_PRINFOR(v)    NVM_FIELD_GET(COPY_PRINFOR, v)
#define NVM_COPY_DTYPE_SHIFT   20 /* Directive Type */
#define NVM_COPY_DTYPE_MASK    0xfU
#define NVM_COPY_DTYPE(v)      NVM_FIELD_GET(COPY_DTYPE, v)
#define NVM_COPY_STCW_SHIFT    24 /* Storage Tag Check of the write */
#define NVM_COPY_STCW_MASK     0x1U
#define NVM_COPY_STCW(v)       NVM_FIELD_GET(COPY_STCW, v)
#define NVM_COPY_STCR_SHIFT    25 /* Storage Tag Check of the reads */
#define NVM_COPY_STCR_MASK     0x1U
#define NVM_COPY_STCR(v)       NVM_FIELD_GET(COPY_STCR, v)
#define NVM_COPY_PRINFOW_SHIFT 26 /* Protection Information of the write */
#define NVM_COPY_PRINFOW_MASK  0xfU
#define NVM_COPY_PRINFOW(v)    NVM_FIELD_GET(COPY_PRINFOW, v)
#define NVM_COPY_FUA_SHIFT     30 /* Force Unit Access */
#define NVM_COPY_FUA_MASK      0x1U
#define NVM_COPY_FUA(v)        NVM_FIELD_GET(COPY_FUA, v)
#define NVM_COPY_LR_SHIFT      31 /* Limited Retry */
#define NVM_COPY_LR_MASK       0x1U
#define NVM_COPY_LR(v)         NVM_FIELD_GET(COPY_LR, v)

/*
 * Flags of Identify Controller (Base, "Identify Controller data structure")
 */
#define NVM_CMIC_MULTI_PORT        0x01
#define NVM_CMIC_MULTI_CTRL        0x02
#define NVM_CMIC_SRIOV             0x04
#define NVM_CMIC_ANA               0x08

#define NVM_OAES_NS_ATTR           0x00000100U /* Namespace Attribute Notices */
#define NVM_OAES_FW_ACTIVATION     0x00000200U
#define NVM_OAES_ANA               0x00000800U
#define NVM_OAES_PLM_AGGREGATE     0x00001000U
#define NVM_OAES_LBA_STATUS        0x00002000U
#define NVM_OAES_ENDGRP_AGGREGATE  0x00004000U
#define NVM_OAES_SUBSYS_SHUTDOWN   0x00008000U
#define NVM_OAES_ZONE_CHANGED      0x08000000U
#define NVM_OAES_DISCOVERY_CHANGED 0x80000000U
#define NVM_OAES_ALL                                                                         \
	(NVM_OAES_NS_ATTR | NVM_OAES_FW_ACTIVATION | NVM_OAES_ANA | NVM_OAES_PLM_AGGREGATE | \
	 NVM_OAES_LBA_STATUS | NVM_OAES_ENDGRP_AGGREGATE | NVM_OAES_SUBSYS_SHUTDOWN |        \
	 NVM_OAES_ZONE_CHANGED | NVM_OAES_DISCOVERY_CHANGED)

#define NVM_CTRATT_HOSTID_128           0x00000001U
#define NVM_CTRATT_NOPSPM               0x00000002U /* Non-Operational Power State Permissive Mode */
#define NVM_CTRATT_NVM_SETS             0x00000004U
#define NVM_CTRATT_READ_RECOVERY_LEVELS 0x00000008U
#define NVM_CTRATT_ENDURANCE_GROUPS     0x00000010U
#define NVM_CTRATT_PLM                  0x00000020U /* Predictable Latency Mode */
#define NVM_CTRATT_TBKAS                0x00000040U /* Traffic Based Keep Alive */
#define NVM_CTRATT_NS_GRANULARITY       0x00000080U
#define NVM_CTRATT_SQ_ASSOCIATIONS      0x00000100U
#define NVM_CTRATT_UUID_LIST            0x00000200U
#define NVM_CTRATT_MDS                  0x00000400U /* Multi-Domain Subsystem */
#define NVM_CTRATT_FIXED_CAPACITY       0x00000800U
#define NVM_CTRATT_VARIABLE_CAPACITY    0x00001000U
#define NVM_CTRATT_DELETE_ENDGRP        0x00002000U
#define NVM_CTRATT_DELETE_NVM_SET       0x00004000U
#define NVM_CTRATT_ELBAS                0x00008000U /* Extended LBA Formats */

#define NVM_OACS_SECURITY               0x0001
#define NVM_OACS_FORMAT                 0x0002
#define NVM_OACS_FIRMWARE               0x0004
#define NVM_OACS_NS_MANAGEMENT          0x0008
#define NVM_OACS_SELF_TEST              0x0010
#define NVM_OACS_DIRECTIVES             0x0020
#define NVM_OACS_NVME_MI                0x0040
#define NVM_OACS_VIRT_MANAGEMENT        0x0080
#define NVM_OACS_DOORBELL_BUFFER        0x0100
#define NVM_OACS_GET_LBA_STATUS         0x0200
#define NVM_OACS_LOCKDOWN               0x0400

#define NVM_FRMW_SLOT1_RO_SHIFT         0 /* slot 1 is read only */
#define NVM_FRMW_SLOT1_RO_MASK          0x1U
#define NVM_FRMW_SLOT1_RO(v)            NVM_FIELD_GET(FRMW_SLOT1_RO, v)
#define NVM_FRMW_SLOTS_SHIFT            1 /* number of firmware slots, 1 to 7 */
#define NVM_FRMW_SLOTS_MASK             0x7U
#define NVM_FRMW_SLOTS(v)               NVM_FIELD_GET(FRMW_SLOTS, v)
#define NVM_FRMW_NO_RESET_SHIFT         4 /* activation without reset supported */
#define NVM_FRMW_NO_RESET_MASK          0x1U
#define NVM_FRMW_NO_RESET(v)            NVM_FIELD_GET(FRMW_NO_RESET, v)
#define NVM_FRMW_SMUD_SHIFT             5 /* Support Multiple Update Detection */
#define NVM_FRMW_SMUD_MASK              0x1U
#define NVM_FRMW_SMUD(v)                NVM_FIELD_GET(FRMW_SMUD, v)

#define NVM_LPA_SMART_PER_NS            0x01
#define NVM_LPA_CMD_EFFECTS             0x02
#define NVM_LPA_EXTENDED                0x04 /* 32-bit length and offset in Get Log Page */
#define NVM_LPA_TELEMETRY               0x08
#define NVM_LPA_PERSISTENT_EVENT        0x10
#define NVM_LPA_EFFECTS_PAGES           0x20 /* log pages 00h, 12h, 13h; scope in 05h */
#define NVM_LPA_TELEMETRY_AREA4         0x40

#define NVM_SANICAP_CRYPTO_ERASE        0x00000001U
#define NVM_SANICAP_BLOCK_ERASE         0x00000002U
#define NVM_SANICAP_OVERWRITE           0x00000004U
#define NVM_SANICAP_NDI                 0x20000000U /* No-Deallocate Inhibited */
#define NVM_SANICAP_NODMMAS_SHIFT       30 /* No-Deallocate Modifies Media After Sanitize */
#define NVM_SANICAP_NODMMAS_MASK        0x3U
#define NVM_SANICAP_NODMMAS(v)          NVM_FIELD_GET(SANICAP_NODMMAS, v)

/* SQES and CQES have the same fields; sizes are 1 << value bytes */
#define NVM_QES_MIN_SHIFT            0 /* required (minimum) entry size */
#define NVM_QES_MIN_MASK             0xfU
#define NVM_QES_MIN(v)               NVM_FIELD_GET(QES_MIN, v)
#define NVM_QES_MAX_SHIFT            4 /* maximum entry size */
#define NVM_QES_MAX_MASK             0xfU
#define NVM_QES_MAX(v)               NVM_FIELD_GET(QES_MAX, v)

#define NVM_ONCS_COMPARE             0x0001
#define NVM_ONCS_WRITE_UNCORRECTABLE 0x0002
#define NVM_ONCS_DSM                 0x0004
#define NVM_ONCS_WRITE_ZEROES        0x0008
#define NVM_ONCS_FEATURE_SAVE        0x0010 /* Save and Select fields of Set/Get Features */
#define NVM_ONCS_RESERVATIONS        0x0020
#define NVM_ONCS_TIMESTAMP           0x0040
#define NVM_ONCS_VERIFY              0x0080
#define NVM_ONCS_COPY                0x0100

#define NVM_FUSES_COMPARE_WRITE      0x0001

#define NVM_FNA_FORMAT_ALL           0x01 /* a format applies to all namespaces */
#define NVM_FNA_ERASE_ALL            0x02 /* a secure erase applies to all namespaces */
#define NVM_FNA_CRYPTO_ERASE         0x04
#define NVM_FNA_NO_BROADCAST         0x08 /* NSID FFFFFFFFh is not supported */

#define NVM_VWC_PRESENT_SHIFT        0 /* there is a volatile write cache */
#define NVM_VWC_PRESENT_MASK         0x1U
#define NVM_VWC_PRESENT(v)           NVM_FIELD_GET(VWC_PRESENT, v)
#define NVM_VWC_FLUSH_SHIFT          1 /* Flush with NSID FFFFFFFFh, NVM_VWC_FLUSH_* */
#define NVM_VWC_FLUSH_MASK           0x3U
#define NVM_VWC_FLUSH(v)             NVM_FIELD_GET(VWC_FLUSH, v)
#define NVM_VWC_FLUSH_NOT_INDICATED  0x0
#define NVM_VWC_FLUSH_NO_BROADCAST   0x2
#define NVM_VWC_FLUSH_BROADCAST      0x3

#define NVM_SGLS_SUPPORT_SHIFT       0 /* NVM_SGLS_SUPPORT_* */
#define NVM_SGLS_SUPPORT_MASK        0x3U
#define NVM_SGLS_SUPPORT(v)          NVM_FIELD_GET(SGLS_SUPPORT, v)
#define NVM_SGLS_SUPPORT_NONE        0x0
#define NVM_SGLS_SUPPORT_BYTE        0x1 /* no alignment requirement */
#define NVM_SGLS_SUPPORT_DWORD       0x2 /* dword alignment and granularity */
#define NVM_SGLS_KEYED               0x00000004U
#define NVM_SGLS_SDT_SHIFT           8 /* SGL Descriptor Threshold: recommended limit per command */
#define NVM_SGLS_SDT_MASK            0xffU
#define NVM_SGLS_SDT(v)              NVM_FIELD_GET(SGLS_SDT, v)
#define NVM_SGLS_BIT_BUCKET          0x00010000U
#define NVM_SGLS_MPTR_BYTE_ALIGNED   0x00020000U
#define NVM_SGLS_OVERSIZE            0x00040000U /* may describe more than the transfer */
#define NVM_SGLS_MPTR_SGL            0x00080000U /* PSDT 2 supported */
#define NVM_SGLS_OFFSET              0x00100000U
#define NVM_SGLS_TRANSPORT           0x00200000U

/*
 * Flags of Identify Namespace (NVM Command Set, "Identify Namespace data structure")
 */
#define NVM_NSFEAT_THINP             0x01 /* Thin Provisioning */
#define NVM_NSFEAT_NSABP             0x02 /* NAWUN, NAWUPF, NACWU valid */
#define NVM_NSFEAT_DAE               0x04 /* Deallocated or Unwritten error supported */
#define NVM_NSFEAT_UIDREUSE          0x08 /* NGUID and EUI64 never reused */
#define NVM_NSFEAT_OPTPERF           0x10 /* NPWG, NPWA, NPDG, NPDA, NOWS valid */

#define NVM_FLBAS_LBAFL_SHIFT        0 /* LBA format index, low bits */
#define NVM_FLBAS_LBAFL_MASK         0xfU
#define NVM_FLBAS_LBAFL(v)           NVM_FIELD_GET(FLBAS_LBAFL, v)
#define NVM_FLBAS_EXTENDED_SHIFT     4 /* metadata at the end of each logical block */
#define NVM_FLBAS_EXTENDED_MASK      0x1U
#define NVM_FLBAS_EXTENDED(v)        NVM_FIELD_GET(FLBAS_EXTENDED, v)
#define NVM_FLBAS_LBAFU_SHIFT        5 /* LBA format index, high bits */
#define NVM_FLBAS_LBAFU_MASK         0x3U
#define NVM_FLBAS_LBAFU(v)           NVM_FIELD_GET(FLBAS_LBAFU, v)

#define NVM_MC_EXTENDED              0x01
#define NVM_MC_SEPARATE              0x02

#define NVM_DPC_TYPE1                0x01
#define NVM_DPC_TYPE2                0x02
#define NVM_DPC_TYPE3                0x04
#define NVM_DPC_FIRST                0x08 /* as the first bytes of metadata */
#define NVM_DPC_LAST                 0x10 /* as the last bytes of metadata */
#define NVM_DPS_TYPE_SHIFT           0    /* enabled protection information type, 0: none */
#define NVM_DPS_TYPE_MASK            0x7U
#define NVM_DPS_TYPE(v)              NVM_FIELD_GET(DPS_TYPE, v)
#define NVM_DPS_FIRST_SHIFT          3 /* as the first bytes of metadata */
#define NVM_DPS_FIRST_MASK           0x1U
#define NVM_DPS_FIRST(v)             NVM_FIELD_GET(DPS_FIRST, v)

#define NVM_NMIC_SHARED              0x01
#define NVM_NSATTR_WRITE_PROTECTED   0x01

#define NVM_FPI_REMAINING_SHIFT      0 /* Format Progress: percent that remains */
#define NVM_FPI_REMAINING_MASK       0x7fU
#define NVM_FPI_REMAINING(v)         NVM_FIELD_GET(FPI_REMAINING, v)
#define NVM_FPI_SUPPORTED_SHIFT      7 /* REMAINING is valid */
#define NVM_FPI_SUPPORTED_MASK       0x1U
#define NVM_FPI_SUPPORTED(v)         NVM_FIELD_GET(FPI_SUPPORTED, v)

#define NVM_DLFEAT_READ_SHIFT        0 /* what a deallocated block reads as, NVM_DLFEAT_READ_* */
#define NVM_DLFEAT_READ_MASK         0x7U
#define NVM_DLFEAT_READ(v)           NVM_FIELD_GET(DLFEAT_READ, v)
#define NVM_DLFEAT_WZ_DEAC_SHIFT     3 /* Deallocate in Write Zeroes supported */
#define NVM_DLFEAT_WZ_DEAC_MASK      0x1U
#define NVM_DLFEAT_WZ_DEAC(v)        NVM_FIELD_GET(DLFEAT_WZ_DEAC, v)
#define NVM_DLFEAT_GUARD_SHIFT       4 /* guard of deallocated blocks is that of the value read */
#define NVM_DLFEAT_GUARD_MASK        0x1U
#define NVM_DLFEAT_GUARD(v)          NVM_FIELD_GET(DLFEAT_GUARD, v)
#define NVM_DLFEAT_READ_NOT_REPORTED 0x0
#define NVM_DLFEAT_READ_ZEROES       0x1
#define NVM_DLFEAT_READ_ONES         0x2

/*
 * Flags of log pages
 */
#define NVM_SMART_CW_SPARE             0x01 /* critical warning: available spare low */
#define NVM_SMART_CW_TEMPERATURE       0x02
#define NVM_SMART_CW_RELIABILITY       0x04 /* NVM subsystem reliability degraded */
#define NVM_SMART_CW_READ_ONLY         0x08
#define NVM_SMART_CW_BACKUP            0x10 /* volatile memory backup failed */
#define NVM_SMART_CW_PMR               0x20 /* Persistent Memory Region read only */

#define NVM_AFI_ACTIVE_SHIFT           0 /* firmware slot that runs */
#define NVM_AFI_ACTIVE_MASK            0x7U
#define NVM_AFI_ACTIVE(v)              NVM_FIELD_GET(AFI_ACTIVE, v)
#define NVM_AFI_NEXT_SHIFT             4 /* firmware slot of the next reset, 0: the same */
#define NVM_AFI_NEXT_MASK              0x7U
#define NVM_AFI_NEXT(v)                NVM_FIELD_GET(AFI_NEXT, v)

#define NVM_EFFECTS_CSUPP              0x00000001U /* Command Supported */
#define NVM_EFFECTS_LBCC               0x00000002U /* Logical Block Content Change */
#define NVM_EFFECTS_NCC                0x00000004U /* Namespace Capability Change */
#define NVM_EFFECTS_NIC                0x00000008U /* Namespace Inventory Change */
#define NVM_EFFECTS_CCC                0x00000010U /* Controller Capability Change */
#define NVM_EFFECTS_UUID               0x00080000U /* UUID selection supported */
#define NVM_EFFECTS_CSE_SHIFT          16 /* Command Submission and Execution, NVM_EFFECTS_CSE_* */
#define NVM_EFFECTS_CSE_MASK           0x7U
#define NVM_EFFECTS_CSE(v)             NVM_FIELD_GET(EFFECTS_CSE, v)
#define NVM_EFFECTS_CSP_SHIFT          20 /* Command Scope */
#define NVM_EFFECTS_CSP_MASK           0xfffU
#define NVM_EFFECTS_CSP(v)             NVM_FIELD_GET(EFFECTS_CSP, v)
#define NVM_EFFECTS_CSE_NONE           0x0
#define NVM_EFFECTS_CSE_NS             0x1 /* alone in its namespace */
#define NVM_EFFECTS_CSE_ALL            0x2 /* alone in all namespaces */

#define NVM_SUPPORTED_LID_LSUPP_SHIFT  0 /* LID Supported */
#define NVM_SUPPORTED_LID_LSUPP_MASK   0x1U
#define NVM_SUPPORTED_LID_LSUPP(v)     NVM_FIELD_GET(SUPPORTED_LID_LSUPP, v)
#define NVM_SUPPORTED_LID_IOS_SHIFT    1 /* Index Offset Supported */
#define NVM_SUPPORTED_LID_IOS_MASK     0x1U
#define NVM_SUPPORTED_LID_IOS(v)       NVM_FIELD_GET(SUPPORTED_LID_IOS, v)
#define NVM_SUPPORTED_LID_LIDS_SHIFT   16 /* LID Specific */
#define NVM_SUPPORTED_LID_LIDS_MASK    0xffffU
#define NVM_SUPPORTED_LID_LIDS(v)      NVM_FIELD_GET(SUPPORTED_LID_LIDS, v)

#define NVM_SELFTEST_DSTS_RESULT_SHIFT 0 /* result: 0 passed, Fh entry not used */
#define NVM_SELFTEST_DSTS_RESULT_MASK  0xfU
#define NVM_SELFTEST_DSTS_RESULT(v)    NVM_FIELD_GET(SELFTEST_DSTS_RESULT, v)
#define NVM_SELFTEST_DSTS_CODE_SHIFT   4 /* NVM_SELFTEST_STC_* of the operation */
#define NVM_SELFTEST_DSTS_CODE_MASK    0xfU
#define NVM_SELFTEST_DSTS_CODE(v)      NVM_FIELD_GET(SELFTEST_DSTS_CODE, v)

/*
 * Structures
 */

/**
 * struct nvm_sgl_desc - SGL descriptor (Base, "SGL Descriptor")
 * @addr: address of the data block or next segment; data block at an offset: offset in the capsule
 * @length: bytes
 * @rsvd: reserved
 * @type: NVM_FIELD(SGL_TYPE, ...) | NVM_FIELD(SGL_SUBTYPE, ...)
 */
struct nvm_sgl_desc {
	uint64_t addr;
	uint32_t length;
	uint8_t rsvd[3];
	uint8_t type;
};

/* Anonymous structures inside of unions are standard in C11 and an extension in C++. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"

/**
 * struct nvm_sqe - submission queue entry (Base, "Submission Queue Entry")
 *
 * The members show one entry as dwords (dword, cdw0) or by the common command format. The data
 * pointer is prp1 and prp2, or sgl1 if PSDT says so.
 */
struct nvm_sqe {
	union {
		uint32_t dword[16];
		struct {
			union {
				uint32_t cdw0;
				struct {
					uint8_t opc;   /* Opcode */
					uint8_t flags; /* FUSE, PSDT: NVM_SQE_* */
					uint16_t cid;  /* Command Identifier */
				};
			};
			uint32_t nsid;
			uint32_t cdw2;
			uint32_t cdw3;
			uint64_t mptr; /* Metadata Pointer */
			union {
				struct {
					uint64_t prp1;
					uint64_t prp2;
				};
				struct nvm_sgl_desc sgl1;
			};
			uint32_t cdw10;
			uint32_t cdw11;
			uint32_t cdw12;
			uint32_t cdw13;
			uint32_t cdw14;
			uint32_t cdw15;
		};
	};
};

/**
 * struct nvm_cqe - completion queue entry (Base, "Completion Queue Entry")
 *
 * The status member includes the phase tag: take it apart with NVM_CQE_P(), NVM_CQE_STATUS(), ...
 */
struct nvm_cqe {
	union {
		uint32_t dword[4];
		struct {
			uint32_t dw0;  /* command specific */
			uint32_t dw1;  /* command specific */
			uint16_t sqhd; /* SQ Head Pointer */
			uint16_t sqid; /* SQ Identifier */
			uint16_t cid;  /* Command Identifier */
			uint16_t status;
		};
	};
};

#pragma GCC diagnostic pop

/**
 * struct nvm_psd - power state descriptor (Base, "Power State Descriptor Data Structure")
 */
struct nvm_psd {
	uint16_t mp; /* Maximum Power, 10 mW or, if flags bit 0, 0.1 mW */
	uint8_t rsvd2;
	uint8_t flags;  /* bit 0: MXPS, bit 1: Non-Operational State */
	uint32_t enlat; /* Entry Latency, us */
	uint32_t exlat; /* Exit Latency, us */
	uint8_t rrt;    /* Relative Read Throughput */
	uint8_t rrl;    /* Relative Read Latency */
	uint8_t rwt;    /* Relative Write Throughput */
	uint8_t rwl;    /* Relative Write Latency */
	uint16_t idlp;  /* Idle Power, in the scale of ips */
	uint8_t ips;    /* Idle Power Scale in bits 7:6 */
	uint8_t rsvd19;
	uint16_t actp; /* Active Power, in the scale of apws */
	uint8_t apws;  /* Active Power Workload in bits 2:0, Scale in bits 7:6 */
	uint8_t rsvd23[9];
};

/**
 * struct nvm_id_ctrl - Identify Controller data structure, CNS 01h (Base, "Identify Controller data
 * structure")
 *
 * Text fields are ASCII padded with spaces, not terminated, except subnqn, which is UTF-8 and
 * terminated.
 */
struct nvm_id_ctrl {
	uint16_t vid;    /* PCI Vendor ID */
	uint16_t ssvid;  /* PCI Subsystem Vendor ID */
	char sn[20];     /* Serial Number */
	char mn[40];     /* Model Number */
	char fr[8];      /* Firmware Revision */
	uint8_t rab;     /* Recommended Arbitration Burst, 1 << rab commands */
	uint8_t ieee[3]; /* IEEE OUI, low byte first */
	uint8_t cmic;    /* NVM_CMIC_* */
	uint8_t mdts;    /* Maximum Data Transfer Size, 1 << mdts pages of MPSMIN; 0: no limit */
	uint16_t cntlid; /* Controller ID */
	uint32_t ver;    /* Version, as register VS */
	uint32_t rtd3r;  /* RTD3 Resume Latency, us */
	uint32_t rtd3e;  /* RTD3 Entry Latency, us */
	uint32_t oaes;   /* Optional Asynchronous Events Supported, NVM_OAES_* */
	uint32_t ctratt; /* Controller Attributes, NVM_CTRATT_* */
	uint16_t rrls;   /* Read Recovery Levels Supported */
	uint8_t rsvd102[9];
	uint8_t cntrltype; /* NVM_CNTRLTYPE_* */
	uint8_t fguid[16]; /* FRU Globally Unique Identifier */
	uint16_t crdt1;    /* Command Retry Delay Time 1, units of 100 ms */
	uint16_t crdt2;    /* ... 2 */
	uint16_t crdt3;    /* ... 3 */
	uint8_t rsvd134[119];
	uint8_t nvmsr;       /* NVM Subsystem Report */
	uint8_t vwci;        /* VPD Write Cycle Information */
	uint8_t mec;         /* Management Endpoint Capabilities */
	uint16_t oacs;       /* Optional Admin Command Support, NVM_OACS_* */
	uint8_t acl;         /* Abort Command Limit, 0's based */
	uint8_t aerl;        /* Asynchronous Event Request Limit, 0's based */
	uint8_t frmw;        /* Firmware Updates, NVM_FRMW_* */
	uint8_t lpa;         /* Log Page Attributes, NVM_LPA_* */
	uint8_t elpe;        /* Error Log Page Entries, 0's based */
	uint8_t npss;        /* Number of Power States Support, 0's based */
	uint8_t avscc;       /* Admin Vendor Specific Command Configuration */
	uint8_t apsta;       /* Autonomous Power State Transition Attributes */
	uint16_t wctemp;     /* Warning Composite Temperature Threshold, kelvin */
	uint16_t cctemp;     /* Critical Composite Temperature Threshold, kelvin */
	uint16_t mtfa;       /* Maximum Time for Firmware Activation, units of 100 ms */
	uint32_t hmpre;      /* Host Memory Buffer Preferred Size, units of 4 KiB */
	uint32_t hmmin;      /* Host Memory Buffer Minimum Size, units of 4 KiB */
	uint64_t tnvmcap[2]; /* Total NVM Capacity, bytes */
	uint64_t unvmcap[2]; /* Unallocated NVM Capacity, bytes */
	uint32_t rpmbs;      /* Replay Protected Memory Block Support */
	uint16_t edstt;      /* Extended Device Self-test Time, minutes */
	uint8_t dsto;        /* Device Self-test Options */
	uint8_t fwug;        /* Firmware Update Granularity, units of 4 KiB; FFh: no restriction */
	uint16_t kas;        /* Keep Alive Support, granularity in units of 100 ms */
	uint16_t hctma;      /* Host Controlled Thermal Management Attributes */
	uint16_t mntmt;      /* Minimum Thermal Management Temperature, kelvin */
	uint16_t mxtmt;      /* Maximum Thermal Management Temperature, kelvin */
	uint32_t sanicap;    /* Sanitize Capabilities, NVM_SANICAP_* */
	uint32_t hmminds;    /* Host Memory Buffer Minimum Descriptor Entry Size, units of 4 KiB */
	uint16_t hmmaxd;     /* Host Memory Maximum Descriptors Entries */
	uint16_t nsetidmax;  /* NVM Set Identifier Maximum */
	uint16_t endgidmax;  /* Endurance Group Identifier Maximum */
	uint8_t anatt;       /* ANA Transition Time, seconds */
	uint8_t anacap;      /* Asymmetric Namespace Access Capabilities */
	uint32_t anagrpmax;  /* ANA Group Identifier Maximum */
	uint32_t nanagrpid;  /* Number of ANA Group Identifiers */
	uint32_t pels;       /* Persistent Event Log Size, units of 64 KiB */
	uint16_t domainid;   /* Domain Identifier */
	uint8_t rsvd358[10];
	uint64_t megcap[2]; /* Max Endurance Group Capacity, bytes */
	uint8_t rsvd384[128];
	uint8_t sqes;       /* Submission Queue Entry Size, NVM_QES_* */
	uint8_t cqes;       /* Completion Queue Entry Size, NVM_QES_* */
	uint16_t maxcmd;    /* Maximum Outstanding Commands */
	uint32_t nn;        /* Number of Namespaces: highest valid NSID */
	uint16_t oncs;      /* Optional NVM Command Support, NVM_ONCS_* */
	uint16_t fuses;     /* Fused Operation Support, NVM_FUSES_* */
	uint8_t fna;        /* Format NVM Attributes, NVM_FNA_* */
	uint8_t vwc;        /* Volatile Write Cache, NVM_VWC_* */
	uint16_t awun;      /* Atomic Write Unit Normal, logical blocks, 0's based */
	uint16_t awupf;     /* Atomic Write Unit Power Fail, logical blocks, 0's based */
	uint8_t icsvscc;    /* I/O Command Set Vendor Specific Command Configuration */
	uint8_t nwpc;       /* Namespace Write Protection Capabilities */
	uint16_t acwu;      /* Atomic Compare & Write Unit, logical blocks, 0's based */
	uint16_t ocfs;      /* Optional Copy Formats Supported, bit n: descriptor format n */
	uint32_t sgls;      /* SGL Support, NVM_SGLS_* */
	uint32_t mnan;      /* Maximum Number of Allowed Namespaces, 0: nn */
	uint64_t maxdna[2]; /* Maximum Domain Namespace Attachments */
	uint32_t maxcna;    /* Maximum I/O Controller Namespace Attachments */
	uint8_t rsvd564[204];
	char subnqn[256]; /* NVM Subsystem NVMe Qualified Name */
	uint8_t rsvd1024[768];
	uint32_t ioccsz; /* Fabrics: I/O Queue Command Capsule Supported Size, units of 16 bytes */
	uint32_t iorcsz; /* Fabrics: I/O Queue Response Capsule Supported Size, units of 16 bytes */
	uint16_t icdoff; /* Fabrics: In Capsule Data Offset, units of 16 bytes */
	uint8_t fcatt;   /* Fabrics: Controller Attributes */
	uint8_t msdbd;   /* Fabrics: Maximum SGL Data Block Descriptors, 0: no limit */
	uint16_t ofcs;   /* Fabrics: Optional Fabrics Commands Support */
	uint8_t rsvd1806[242];
	struct nvm_psd psd[32]; /* Power State Descriptors */
	uint8_t vs[1024];       /* vendor specific */
};

/**
 * struct nvm_lbaf - LBA format (NVM Command Set, "LBA Format Data Structure")
 */
struct nvm_lbaf {
	uint16_t ms;   /* Metadata Size per logical block, bytes */
	uint8_t lbads; /* LBA Data Size is 1 << lbads bytes; below 9: format not available */
	uint8_t rp;    /* Relative Performance in bits 1:0, 0 is best */
};

/**
 * struct nvm_id_ns - Identify Namespace data structure, CNS 00h (NVM Command Set, "Identify
 * Namespace data structure")
 *
 * All zeroes for a namespace that is not active.
 */
struct nvm_id_ns {
	uint64_t nsze;   /* Namespace Size, logical blocks */
	uint64_t ncap;   /* Namespace Capacity, logical blocks */
	uint64_t nuse;   /* Namespace Utilization, logical blocks */
	uint8_t nsfeat;  /* Namespace Features, NVM_NSFEAT_* */
	uint8_t nlbaf;   /* Number of LBA Formats, 0's based */
	uint8_t flbas;   /* Formatted LBA Size, NVM_FLBAS_* */
	uint8_t mc;      /* Metadata Capabilities, NVM_MC_* */
	uint8_t dpc;     /* End-to-end Data Protection Capabilities, NVM_DPC_* */
	uint8_t dps;     /* End-to-end Data Protection Type Settings, NVM_DPS_* */
	uint8_t nmic;    /* Multi-path I/O and Sharing Capabilities, NVM_NMIC_* */
	uint8_t rescap;  /* Reservation Capabilities */
	uint8_t fpi;     /* Format Progress Indicator, NVM_FPI_* */
	uint8_t dlfeat;  /* Deallocate Logical Block Features, NVM_DLFEAT_* */
	uint16_t nawun;  /* Namespace Atomic Write Unit Normal, logical blocks, 0's based */
	uint16_t nawupf; /* Namespace Atomic Write Unit Power Fail, logical blocks, 0's based */
	uint16_t nacwu;  /* Namespace Atomic Compare & Write Unit, logical blocks, 0's based */
	uint16_t nabsn;  /* Namespace Atomic Boundary Size Normal, logical blocks, 0's based */
	uint16_t nabo;   /* Namespace Atomic Boundary Offset, logical blocks */
	uint16_t nabspf; /* Namespace Atomic Boundary Size Power Fail, logical blocks, 0's based */
	uint16_t noiob;  /* Namespace Optimal I/O Boundary, logical blocks */
	uint64_t nvmcap[2]; /* NVM Capacity, bytes */
	uint16_t npwg;      /* Namespace Preferred Write Granularity, logical blocks, 0's based */
	uint16_t npwa;      /* Namespace Preferred Write Alignment, logical blocks, 0's based */
	uint16_t npdg;  /* Namespace Preferred Deallocate Granularity, logical blocks, 0's based */
	uint16_t npda;  /* Namespace Preferred Deallocate Alignment, logical blocks, 0's based */
	uint16_t nows;  /* Namespace Optimal Write Size, logical blocks, 0's based */
	uint16_t mssrl; /* Maximum Single Source Range Length of Copy, logical blocks */
	uint32_t mcl;   /* Maximum Copy Length, logical blocks */
	uint8_t msrc;   /* Maximum Source Range Count of Copy, 0's based */
	uint8_t rsvd81[11];
	uint32_t anagrpid; /* ANA Group Identifier */
	uint8_t rsvd96[3];
	uint8_t nsattr;    /* Namespace Attributes, NVM_NSATTR_* */
	uint16_t nvmsetid; /* NVM Set Identifier */
	uint16_t endgid;   /* Endurance Group Identifier */
	uint8_t nguid[16]; /* Namespace Globally Unique Identifier, big-endian */
	uint8_t eui64[8];  /* IEEE Extended Unique Identifier, big-endian */
	struct nvm_lbaf lbaf[64];
	uint8_t vs[3712]; /* vendor specific */
};

/**
 * struct nvm_id_ns_desc - head of a namespace identification descriptor, CNS 03h (Base, "Namespace
 * Identification Descriptor list")
 *
 * nidl bytes of identifier follow, then the next descriptor; one with nidl 0 ends the list.
 */
struct nvm_id_ns_desc {
	uint8_t nidt; /* Namespace Identifier Type, NVM_NIDT_* */
	uint8_t nidl; /* Namespace Identifier Length, bytes, NVM_NIDT_*_LEN */
	uint8_t rsvd2[2];
};

#define NVM_NIDT_EUI64     0x01
#define NVM_NIDT_NGUID     0x02
#define NVM_NIDT_UUID      0x03
#define NVM_NIDT_CSI       0x04
#define NVM_NIDT_EUI64_LEN 8
#define NVM_NIDT_NGUID_LEN 16
#define NVM_NIDT_UUID_LEN  16
#define NVM_NIDT_CSI_LEN   1

/**
 * struct nvm_id_ctrl_nvm - I/O Command Set specific Identify Controller, CNS 06h, CSI 00h (NVM
 * Command Set, "I/O Command Set Specific Identify Controller data structure")
 *
 * Limits are 1 << value pages of MPSMIN; 0: no limit reported.
 */
struct nvm_id_ctrl_nvm {
	uint8_t vsl;    /* Verify Size Limit */
	uint8_t wzsl;   /* Write Zeroes Size Limit */
	uint8_t wusl;   /* Write Uncorrectable Size Limit */
	uint8_t dmrl;   /* Dataset Management Ranges Limit, 0: no limit */
	uint32_t dmrsl; /* Dataset Management Range Size Limit, logical blocks */
	uint64_t dmsl;  /* Dataset Management Size Limit, logical blocks */
	uint8_t rsvd16[4080];
};

/**
 * struct nvm_id_ns_nvm - I/O Command Set specific Identify Namespace, CNS 05h, CSI 00h (NVM Command
 * Set, "I/O Command Set Specific Identify Namespace data structure")
 */
struct nvm_id_ns_nvm {
	uint64_t lbstm; /* Logical Block Storage Tag Mask */
	uint8_t pic;    /* Protection Information Capabilities */
	uint8_t rsvd9[3];
	uint32_t elbaf[64]; /* Extended LBA Formats: Storage Tag Size, Guard Format */
	uint8_t rsvd268[3828];
};

/**
 * struct nvm_id_ns_indep - I/O Command Set independent Identify Namespace, CNS 08h (Base, "I/O
 * Command Set Independent Identify Namespace data structure")
 */
struct nvm_id_ns_indep {
	uint8_t nsfeat; /* bit 3: NVM_NSFEAT_UIDREUSE, bit 4: rotational media */
	uint8_t nmic;   /* NVM_NMIC_* */
	uint8_t rescap;
	uint8_t fpi;       /* NVM_FPI_* */
	uint32_t anagrpid; /* ANA Group Identifier */
	uint8_t nsattr;    /* NVM_NSATTR_* */
	uint8_t rsvd9;
	uint16_t nvmsetid; /* NVM Set Identifier */
	uint16_t endgid;   /* Endurance Group Identifier */
	uint8_t nstat;     /* Namespace Status, bit 0: ready */
	uint8_t rsvd15[4081];
};

/**
 * struct nvm_ctrl_list - controller list, CNS 12h and 13h (Base, "Controller List")
 */
struct nvm_ctrl_list {
	uint16_t num; /* identifiers in the list, ascending */
	uint16_t id[2047];
};

/**
 * struct nvm_log_supported_pages - Supported Log Pages, LID 00h (Base, "Supported Log Pages")
 */
struct nvm_log_supported_pages {
	uint32_t lid[256]; /* NVM_SUPPORTED_LID_* */
};

/**
 * struct nvm_log_error_entry - entry of Error Information, LID 01h (Base, "Error Information")
 *
 * The newest error comes first. csi, opc and lpver came after revision 2.0 and are 0 before.
 */
struct nvm_log_error_entry {
	uint64_t error_count; /* 0: entry not valid */
	uint16_t sqid;
	uint16_t cid;
	uint16_t status; /* as in a completion; bit 0 may be the phase tag */
	uint16_t pel;    /* Parameter Error Location: byte in bits 7:0, bit in bits 10:8 */
	uint64_t lba;
	uint32_t nsid;
	uint8_t vsia;   /* Vendor Specific Information Available: log page, 0: none */
	uint8_t trtype; /* Transport Type */
	uint8_t csi;    /* Command Set Indicator */
	uint8_t opc;    /* Opcode */
	uint64_t cs;    /* Command Specific Information */
	uint16_t ttsi;  /* Transport Type Specific Information */
	uint8_t rsvd42[21];
	uint8_t lpver; /* Log Page Version */
};

/**
 * struct nvm_log_smart - SMART / Health Information, LID 02h (Base, "SMART / Health Information")
 */
struct nvm_log_smart {
	uint8_t critical_warning; /* NVM_SMART_CW_* */
	uint8_t temperature[2];   /* composite, kelvin, low byte first */
	uint8_t avail_spare;      /* percent */
	uint8_t spare_thresh;     /* percent */
	uint8_t percent_used;     /* percent, 255: 255 or more */
	uint8_t endgrp_warning;   /* Endurance Group Critical Warning Summary */
	uint8_t rsvd7[25];
	uint64_t data_units_read[2];    /* units of 512,000 bytes */
	uint64_t data_units_written[2]; /* units of 512,000 bytes */
	uint64_t host_reads[2];         /* commands */
	uint64_t host_writes[2];        /* commands */
	uint64_t ctrl_busy_time[2];     /* minutes */
	uint64_t power_cycles[2];
	uint64_t power_on_hours[2];
	uint64_t unsafe_shutdowns[2];
	uint64_t media_errors[2];
	uint64_t num_error_entries[2];
	uint32_t warning_temp_time;  /* minutes */
	uint32_t critical_temp_time; /* minutes */
	uint16_t temp_sensor[8];     /* kelvin, 0: not implemented */
	uint32_t tmt1_count;         /* transitions to light throttling */
	uint32_t tmt2_count;         /* transitions to heavy throttling */
	uint32_t tmt1_time;          /* seconds */
	uint32_t tmt2_time;          /* seconds */
	uint8_t rsvd232[280];
};

/**
 * struct nvm_log_fw_slot - Firmware Slot Information, LID 03h (Base, "Firmware Slot Information")
 */
struct nvm_log_fw_slot {
	uint8_t afi; /* Active Firmware Info, NVM_AFI_* */
	uint8_t rsvd1[7];
	char frs[7][8]; /* Firmware Revision of slots 1 to 7, ASCII; zeroes: empty */
	uint8_t rsvd64[448];
};

/**
 * struct nvm_log_changed_ns - Changed Namespace List, LID 04h (Base, "Changed Namespace List")
 */
struct nvm_log_changed_ns {
	uint32_t nsid[1024]; /* ascending; first entry FFFFFFFFh: more than fit */
};

/**
 * struct nvm_log_cmd_effects - Commands Supported and Effects, LID 05h (Base, "Commands Supported
 * and Effects")
 */
struct nvm_log_cmd_effects {
	uint32_t acs[256];  /* admin commands by opcode, NVM_EFFECTS_* */
	uint32_t iocs[256]; /* I/O commands by opcode, NVM_EFFECTS_* */
	uint8_t rsvd2048[2048];
};

/**
 * struct nvm_self_test_result - result in the Device Self-test log (Base, "Self-test Result Data
 * Structure")
 */
struct nvm_self_test_result {
	uint8_t dsts; /* Device Self-test Status, NVM_SELFTEST_DSTS_* */
	uint8_t seg;  /* Segment Number that failed first */
	uint8_t vdi;  /* Valid Diagnostic Information: bits 0 nsid, 1 flba, 2 sct, 3 sc */
	uint8_t rsvd3;
	uint8_t poh[8]; /* Power On Hours, 64 bits */
	uint32_t nsid;
	uint8_t flba[8]; /* Failing LBA, 64 bits */
	uint8_t sct;
	uint8_t sc;
	uint8_t vs[2];
};

/**
 * struct nvm_log_self_test - Device Self-test, LID 06h (Base, "Device Self-test")
 */
struct nvm_log_self_test {
	uint8_t current_op;         /* NVM_SELFTEST_STC_* in bits 3:0, 0: none */
	uint8_t current_completion; /* percent in bits 6:0 */
	uint8_t rsvd2[2];
	struct nvm_self_test_result result[20]; /* newest first */
};

/**
 * struct nvm_lba_range_type - entry of the LBA Range Type feature (NVM Command Set, "LBA Range Type
 * - Data Structure Entry")
 */
struct nvm_lba_range_type {
	uint8_t type;       /* 0 general purpose, 1 filesystem, 2 RAID, 3 cache, 4 swap */
	uint8_t attributes; /* bit 0: may be overwritten, bit 1: hide from the OS */
	uint8_t rsvd2[14];
	uint64_t slba; /* Starting LBA */
	uint64_t nlb;  /* Number of Logical Blocks, 0's based */
	uint8_t guid[16];
	uint8_t rsvd48[16];
};

/**
 * struct nvm_dsm_range - range of Dataset Management (NVM Command Set, "Dataset Management - Range
 * Definition")
 */
struct nvm_dsm_range {
	uint32_t cattr; /* Context Attributes, NVM_DSM_CATTR_* */
	uint32_t nlb;   /* Length in Logical Blocks, not 0's based */
	uint64_t slba;  /* Starting LBA */
};

/**
 * struct nvm_copy_range - source range of Copy, descriptor format 0h (NVM Command Set, "Copy -
 * Source Range Entries Descriptor Format 0h")
 */
struct nvm_copy_range {
	uint8_t rsvd0[8];
	uint64_t slba; /* Starting LBA */
	uint16_t nlb;  /* Number of Logical Blocks, 0's based */
	uint8_t rsvd18[6];
	uint32_t eilbrt; /* Expected Initial Logical Block Reference Tag */
	uint16_t elbat;  /* Expected Logical Block Application Tag */
	uint16_t elbatm; /* Expected Logical Block Application Tag Mask */
};

/**
 * struct nvm_hmb_desc - Host Memory Buffer descriptor entry (Base, "Host Memory Buffer")
 */
struct nvm_hmb_desc {
	uint64_t badd;  /* Buffer Address, aligned to CC.MPS */
	uint32_t bsize; /* Buffer Size, units of CC.MPS */
	uint32_t rsvd12;
};

NVM_ASSERT_SIZE(struct nvm_sgl_desc, 16);
NVM_ASSERT_OFFSET(struct nvm_sgl_desc, type, 15);
NVM_ASSERT_SIZE(struct nvm_sqe, 64);
NVM_ASSERT_OFFSET(struct nvm_sqe, cid, 2);
NVM_ASSERT_OFFSET(struct nvm_sqe, nsid, 4);
NVM_ASSERT_OFFSET(struct nvm_sqe, mptr, 16);
NVM_ASSERT_OFFSET(struct nvm_sqe, prp1, 24);
NVM_ASSERT_OFFSET(struct nvm_sqe, sgl1, 24);
NVM_ASSERT_OFFSET(struct nvm_sqe, cdw10, 40);
NVM_ASSERT_SIZE(struct nvm_cqe, 16);
NVM_ASSERT_OFFSET(struct nvm_cqe, sqhd, 8);
NVM_ASSERT_OFFSET(struct nvm_cqe, status, 14);
NVM_ASSERT_SIZE(struct nvm_psd, 32);
NVM_ASSERT_OFFSET(struct nvm_psd, actp, 20);
NVM_ASSERT_SIZE(struct nvm_id_ctrl, 4096);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, ver, 80);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, cntrltype, 111);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, oacs, 256);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, sanicap, 328);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, sqes, 512);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, sgls, 536);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, subnqn, 768);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, ioccsz, 1792);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, psd, 2048);
NVM_ASSERT_OFFSET(struct nvm_id_ctrl, vs, 3072);
NVM_ASSERT_SIZE(struct nvm_lbaf, 4);
NVM_ASSERT_SIZE(struct nvm_id_ns, 4096);
NVM_ASSERT_OFFSET(struct nvm_id_ns, nvmcap, 48);
NVM_ASSERT_OFFSET(struct nvm_id_ns, anagrpid, 92);
NVM_ASSERT_OFFSET(struct nvm_id_ns, nguid, 104);
NVM_ASSERT_OFFSET(struct nvm_id_ns, lbaf, 128);
NVM_ASSERT_OFFSET(struct nvm_id_ns, vs, 384);
NVM_ASSERT_SIZE(struct nvm_id_ns_desc, 4);
NVM_ASSERT_SIZE(struct nvm_id_ctrl_nvm, 4096);
NVM_ASSERT_SIZE(struct nvm_id_ns_nvm, 4096);
NVM_ASSERT_OFFSET(struct nvm_id_ns_nvm, elbaf, 12);
NVM_ASSERT_SIZE(struct nvm_id_ns_indep, 4096);
NVM_ASSERT_OFFSET(struct nvm_id_ns_indep, nstat, 14);
NVM_ASSERT_SIZE(struct nvm_ctrl_list, 4096);
NVM_ASSERT_SIZE(struct nvm_log_supported_pages, 1024);
NVM_ASSERT_SIZE(struct nvm_log_error_entry, 64);
NVM_ASSERT_OFFSET(struct nvm_log_error_entry, cs, 32);
NVM_ASSERT_SIZE(struct nvm_log_smart, 512);
NVM_ASSERT_OFFSET(struct nvm_log_smart, data_units_read, 32);
NVM_ASSERT_OFFSET(struct nvm_log_smart, warning_temp_time, 192);
NVM_ASSERT_SIZE(struct nvm_log_fw_slot, 512);
NVM_ASSERT_SIZE(struct nvm_log_changed_ns, 4096);
NVM_ASSERT_SIZE(struct nvm_log_cmd_effects, 4096);
NVM_ASSERT_SIZE(struct nvm_self_test_result, 28);
NVM_ASSERT_SIZE(struct nvm_log_self_test, 564);
NVM_ASSERT_SIZE(struct nvm_lba_range_type, 64);
NVM_ASSERT_SIZE(struct nvm_dsm_range, 16);
NVM_ASSERT_SIZE(struct nvm_copy_range, 32);
NVM_ASSERT_OFFSET(struct nvm_copy_range, eilbrt, 24);
NVM_ASSERT_SIZE(struct nvm_hmb_desc, 16);

#ifdef __cplusplus
}
#endif

#endif
