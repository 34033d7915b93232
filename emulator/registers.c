/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registers.c - register accesses: what reads give, what writes change.
 *
 * Everything is done by dwords; an access of 8 bytes is two of them, the lower one first (Base,
 * "Controller Properties").
 */
#include "controller.h"
#include "fault.h"
#include "registers.h"

#define CC_WRITABLE                                                                    \
	(NVM_FIELD_BITS(CC_EN) | NVM_FIELD_BITS(CC_CSS) | NVM_FIELD_BITS(CC_MPS) |     \
	 NVM_FIELD_BITS(CC_AMS) | NVM_FIELD_BITS(CC_SHN) | NVM_FIELD_BITS(CC_IOSQES) | \
	 NVM_FIELD_BITS(CC_IOCQES))
#define AQA_WRITABLE (NVM_FIELD_BITS(AQA_ASQS) | NVM_FIELD_BITS(AQA_ACQS))

void emu_registers_init(struct emu *emu)
{
	const struct emu_config *config = &emu->config;

	emu->regs.cap =
		NVM_FIELD64(CAP_MQES, config->max_entries - 1) | NVM_FIELD64(CAP_CQR, config->cqr) |
		NVM_FIELD64(CAP_TO, config->to) | NVM_FIELD64(CAP_DSTRD, config->dstrd) |
		NVM_FIELD64(CAP_NSSRS, 1) | NVM_FIELD64(CAP_CSS, NVM_CAP_CSS_NVM) |
		NVM_FIELD64(CAP_MPSMIN, config->mpsmin) | NVM_FIELD64(CAP_MPSMAX, config->mpsmax);
	emu_registers_reset(emu);
}

void emu_registers_reset(struct emu *emu)
{
	atomic_store(&emu->regs.cc, 0);
	atomic_store(&emu->regs.csts, 0);
	atomic_store(&emu->regs.aqa, 0);
	atomic_store(&emu->regs.asq, 0);
	atomic_store(&emu->regs.acq, 0);
	atomic_store(&emu->regs.int_mask, 0);
}

static uint32_t half(uint64_t value, uint32_t offset)
{
	return (uint32_t)(value >> (offset & 4 ? 32 : 0));
}

static uint32_t read_dword(struct emu *emu, uint32_t offset)
{
	switch (offset) {
	case NVM_REG_CAP:
	case NVM_REG_CAP + 4:
		return half(emu->regs.cap, offset);
	case NVM_REG_VS:
		return EMU_VERSION;
	case NVM_REG_INTMS:
	case NVM_REG_INTMC:
		return atomic_load(&emu->regs.int_mask);
	case NVM_REG_CC:
		return atomic_load(&emu->regs.cc);
	case NVM_REG_CSTS:
		return atomic_load(&emu->regs.csts);
	case NVM_REG_AQA:
		return atomic_load(&emu->regs.aqa);
	case NVM_REG_ASQ:
	case NVM_REG_ASQ + 4:
		return half(atomic_load(&emu->regs.asq), offset);
	case NVM_REG_ACQ:
	case NVM_REG_ACQ + 4:
		return half(atomic_load(&emu->regs.acq), offset);
	default:
		return 0;
	}
}

void emu_registers_publish(struct emu *emu)
{
	for (uint32_t offset = 0; offset <= NVM_REG_ACQ + 4; offset += 4)
		__atomic_store_n((uint32_t *)(void *)(emu->bar + offset), read_dword(emu, offset),
				 __ATOMIC_RELAXED);
}

static void set_half(_Atomic uint64_t *reg, uint32_t offset, uint32_t value)
{
	unsigned int shift = offset & 4 ? 32 : 0;
	uint64_t kept = atomic_load(reg) & ~(UINT64_C(0xffffffff) << shift);

	atomic_store(reg, kept | (uint64_t)value << shift);
}

static void write_cc(struct emu *emu, uint32_t value)
{
	uint32_t old = atomic_load(&emu->regs.cc);

	value &= CC_WRITABLE;
	if (NVM_CC_EN(old) && !NVM_CC_EN(value)) {
		/* A shutdown notification does not outlive the reset. */
		value &= ~NVM_FIELD_BITS(CC_SHN);
		emu_ctrl_disable(emu);
		atomic_store(&emu->regs.cc, value);
		return;
	}
	atomic_store(&emu->regs.cc, value);
	if (!NVM_CC_EN(old) && NVM_CC_EN(value))
		emu_ctrl_enable(emu);
	if (!NVM_CC_SHN(old) && NVM_CC_SHN(value))
		emu_ctrl_shutdown(emu);
}

static void write_dword(struct emu *emu, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case NVM_REG_INTMS:
		atomic_fetch_or(&emu->regs.int_mask, value);
		break;
	case NVM_REG_INTMC:
		atomic_fetch_and(&emu->regs.int_mask, ~value);
		break;
	case NVM_REG_CC:
		write_cc(emu, value);
		break;
	case NVM_REG_CSTS:
		atomic_fetch_and(&emu->regs.csts, ~(value & NVM_FIELD_BITS(CSTS_NSSRO)));
		break;
	case NVM_REG_NSSR:
		if (value == NVM_NSSR_RESET) {
			emu_ctrl_power_on(emu);
			atomic_fetch_or(&emu->regs.csts, NVM_FIELD_BITS(CSTS_NSSRO));
		}
		break;
	case NVM_REG_AQA:
		atomic_store(&emu->regs.aqa, value & AQA_WRITABLE);
		break;
	case NVM_REG_ASQ:
	case NVM_REG_ASQ + 4:
		set_half(&emu->regs.asq, offset, value);
		break;
	case NVM_REG_ACQ:
	case NVM_REG_ACQ + 4:
		set_half(&emu->regs.acq, offset, value);
		break;
	default: /* read-only or reserved */
		break;
	}
}

static bool is_access(uint32_t offset, unsigned int size)
{
	return (size == 4 || size == 8) && offset % size == 0 && offset < NVM_REG_DBS;
}

uint64_t emu_reg_read(struct emu *emu, uint32_t offset, unsigned int size)
{
	uint64_t value;

	if (!is_access(offset, size))
		return 0;
	if (emu_ctrl_due(emu)) {
		pthread_mutex_lock(&emu->lock);
		emu_ctrl_tick(emu, NULL);
		pthread_mutex_unlock(&emu->lock);
	}
	value = read_dword(emu, offset);
	if (size == 8)
		value |= (uint64_t)read_dword(emu, offset + 4) << 32;
	value = emu_fault_reg_read(emu, offset, size, value);
	return size == 4 ? (uint32_t)value : value;
}

void emu_reg_write(struct emu *emu, uint32_t offset, unsigned int size, uint64_t value)
{
	if (!is_access(offset, size))
		return;
	if (size == 4)
		value = (uint32_t)value;
	if (emu_fault_reg_write(emu, offset, size, value))
		return;
	pthread_mutex_lock(&emu->lock);
	write_dword(emu, offset, (uint32_t)value);
	if (size == 8)
		write_dword(emu, offset + 4, (uint32_t)(value >> 32));
	emu_registers_publish(emu);
	pthread_mutex_unlock(&emu->lock);
	emu_kick(emu);
}
