/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emu_mutate.h - commands of a hostile host: random addresses, descriptors and commands, most of
 * them nearly right, since what is all wrong is refused before anything happens.
 */
#ifndef TESTS_EMU_MUTATE_H
#define TESTS_EMU_MUTATE_H

#include "support/emu_host.h"

#define ARENA      (4u << 20) /* what pointers point to: behind the queues */
#define ARENA_AT   (8u << 20)
#define WINDOW     (3u * HOST_PAGE + 100)
#define WINDOW_AT  (HOST_IO_BASE + (UINT64_C(1) << 30) + 12)
#define TOP        (2u * HOST_PAGE)
#define TOP_AT     (UINT64_MAX - TOP + 1)
#define N_QUEUES   6

#define PICK(list) ((list)[below(sizeof(list) / sizeof((list)[0]))])

/* Of the random numbers: the seed, not 0. */
static _Thread_local uint64_t state;

static inline uint64_t rnd(void)
{
	/* xorshift64* */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static inline uint32_t below(uint64_t n)
{
	return (uint32_t)((rnd() >> 16) % n);
}

static inline bool one_in(uint32_t n)
{
	return !below(n);
}

/* Somewhere; mostly where there is something. */
static inline uint64_t rnd_addr(void)
{
	uint64_t arena = HOST_IO_BASE + ARENA_AT;

	switch (below(16)) {
	case 0:
		return arena + below(ARENA);
	case 1:
		return arena + (below(ARENA) & ~7u);
	case 2: /* the last slots of a page */
		return arena + below(ARENA / HOST_PAGE) * HOST_PAGE + HOST_PAGE - 8 - 16 * below(4);
	case 3: /* the end of what is mapped */
		return HOST_IO_BASE + HOST_MEM - HOST_PAGE * below(3) - 4 * below(4);
	case 4:
		return WINDOW_AT + below(WINDOW + 64) - 32;
	case 5:
		return TOP_AT + (below(TOP) & ~3u);
	case 6: /* the queues */
		return HOST_IO_BASE + below(ARENA_AT);
	case 7:
		return one_in(2) ? rnd() : rnd() & ~UINT64_C(0xfff);
	default:
		return arena + below(ARENA / HOST_PAGE) * HOST_PAGE;
	}
}

static inline struct nvm_sgl_desc rnd_desc(void)
{
	static const uint8_t types[] = {NVM_SGL_TYPE_DATA_BLOCK, NVM_SGL_TYPE_DATA_BLOCK,
					NVM_SGL_TYPE_DATA_BLOCK, NVM_SGL_TYPE_BIT_BUCKET,
					NVM_SGL_TYPE_SEGMENT,    NVM_SGL_TYPE_LAST_SEGMENT};
	static const uint32_t lengths[] = {0, 16, 32, 512, 512, 1024, 4096, 4096, 65536};
	struct nvm_sgl_desc desc = {.addr = rnd_addr(), .length = PICK(lengths)};

	if (one_in(16))
		desc.length = (uint32_t)rnd();
	desc.type = (uint8_t)(PICK(types) << 4);
	if (one_in(32))
		desc.type = (uint8_t)rnd();
	return desc;
}

static inline struct nvm_sqe mutate(struct nvm_sqe sqe)
{
	uint32_t dword[16];

	if (one_in(8)) {
		memcpy(dword, &sqe, sizeof(dword));
		dword[below(16)] ^= 1u << below(32);
		if (one_in(4))
			dword[below(16)] = (uint32_t)rnd();
		memcpy(&sqe, dword, sizeof(dword));
	}
	return sqe;
}

static inline struct nvm_sqe rnd_io(void)
{
	static const uint8_t opcodes[] = {NVM_IO_OPC_FLUSH,        NVM_IO_OPC_READ,
					  NVM_IO_OPC_WRITE,        NVM_IO_OPC_COMPARE,
					  NVM_IO_OPC_WRITE_ZEROES, NVM_IO_OPC_DATASET_MANAGEMENT,
					  NVM_IO_OPC_VERIFY,       NVM_IO_OPC_COPY,
					  NVM_IO_OPC_READ,         NVM_IO_OPC_WRITE};
	static const uint32_t nsids[] = {1, 1, 1, 1, 1, 1, 1, 2, 2,  2,  2,
					 2, 2, 3, 3, 4, 4, 5, 0, 64, 65, NVM_NSID_ALL};
	struct nvm_sqe sqe = {
		.opc = PICK(opcodes), .nsid = PICK(nsids), .cid = (uint16_t)below(48)};

	if (one_in(2)) {
		sqe.prp1 = rnd_addr();
		sqe.prp2 = rnd_addr();
	} else {
		sqe.flags = NVM_FIELD(SQE_PSDT, NVM_PSDT_SGL_MPTR_BUFFER);
		sqe.sgl1 = rnd_desc();
	}
	sqe.cdw10 = one_in(8) ? (uint32_t)rnd() : below(4096);
	sqe.cdw11 = one_in(32) ? (uint32_t)rnd() : 0;
	sqe.cdw12 = one_in(32) ? (uint32_t)rnd() : below(one_in(16) ? 2048 : 16);
	if (one_in(64))
		sqe.cdw12 |= 1u << 30; /* FUA */
	if (sqe.opc == NVM_IO_OPC_DATASET_MANAGEMENT) {
		sqe.cdw10 = below(256);
		sqe.cdw11 = NVM_FIELD(DSM_AD, 1);
	}
	return mutate(sqe);
}

static inline struct nvm_sqe rnd_admin(void)
{
	static const uint8_t opcodes[] = {
		NVM_ADMIN_OPC_DELETE_SQ,    NVM_ADMIN_OPC_CREATE_SQ,
		NVM_ADMIN_OPC_CREATE_SQ,    NVM_ADMIN_OPC_GET_LOG_PAGE,
		NVM_ADMIN_OPC_DELETE_CQ,    NVM_ADMIN_OPC_CREATE_CQ,
		NVM_ADMIN_OPC_CREATE_CQ,    NVM_ADMIN_OPC_IDENTIFY,
		NVM_ADMIN_OPC_ABORT,        NVM_ADMIN_OPC_SET_FEATURES,
		NVM_ADMIN_OPC_GET_FEATURES, NVM_ADMIN_OPC_ASYNC_EVENT_REQUEST,
		NVM_ADMIN_OPC_IDENTIFY,     NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG,
		NVM_ADMIN_OPC_GET_LOG_PAGE, NVM_ADMIN_OPC_FORMAT_NVM,
		NVM_ADMIN_OPC_ABORT,        NVM_ADMIN_OPC_SET_FEATURES};
	static const uint32_t nsids[] = {0, 0, 1, 2, 3, 4, 5, 64, 65, NVM_NSID_ALL};
	struct nvm_sqe sqe = {
		.opc = PICK(opcodes), .nsid = PICK(nsids), .cid = (uint16_t)below(48)};

	/* Formats and doorbell buffers change what happens for long: not all the time. */
	if (sqe.opc == NVM_ADMIN_OPC_FORMAT_NVM && !one_in(8))
		sqe.opc = NVM_ADMIN_OPC_IDENTIFY;
	if (sqe.opc == NVM_ADMIN_OPC_DOORBELL_BUFFER_CONFIG && !one_in(8))
		sqe.opc = NVM_ADMIN_OPC_GET_FEATURES;
	sqe.prp1 = rnd_addr();
	sqe.prp2 = rnd_addr();
	switch (sqe.opc) {
	case NVM_ADMIN_OPC_CREATE_CQ:
	case NVM_ADMIN_OPC_CREATE_SQ:
	case NVM_ADMIN_OPC_DELETE_CQ:
	case NVM_ADMIN_OPC_DELETE_SQ:
		sqe.cdw10 = below(N_QUEUES + 8) | below(one_in(8) ? 65536 : 300) << 16;
		sqe.cdw11 = below(4) | below(N_QUEUES + 8) << 16;
		break;
	case NVM_ADMIN_OPC_ABORT:
		sqe.cdw10 = below(N_QUEUES + 2) | below(48) << 16;
		break;
	case NVM_ADMIN_OPC_GET_LOG_PAGE:
		sqe.cdw10 = below(8) | below(2048) << 16;
		sqe.cdw11 = one_in(16) ? (uint32_t)rnd() : 0;
		sqe.cdw12 = one_in(2) ? 0 : below(5000);
		sqe.cdw13 = one_in(32) ? (uint32_t)rnd() : 0;
		break;
	case NVM_ADMIN_OPC_FORMAT_NVM:
		sqe.cdw10 = below(3);
		break;
	default:
		sqe.cdw10 = below(0x20) | (one_in(8) ? below(16) << 8 : 0);
		sqe.cdw11 = one_in(2) ? below(2048) : (uint32_t)rnd();
		break;
	}
	return mutate(sqe);
}

#endif
