/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mmio.c - registers of a BAR that is mapped into this process.
 */
#include "backend/backend.h"
#include "nvm_util.h"

static bool in_bar(const struct nvmi_backend *be, uint32_t offset, uint32_t size)
{
	return offset % size == 0 && be->bar_size >= size && offset <= be->bar_size - size;
}

/*
 * A register write may start something that reads ordinary memory (CC.EN: the admin queues), a
 * register read may tell that ordinary memory has been written. The mapping is uncached, so x86
 * orders both by itself; aarch64 needs barriers that cover the device (outer shareable).
 */
static inline void before_write(void)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb osh" ::: "memory");
#elif defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("" ::: "memory");
#else
	__sync_synchronize();
#endif
}

static inline void after_read(void)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb oshld" ::: "memory");
#elif defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("" ::: "memory");
#else
	__sync_synchronize();
#endif
}

uint32_t nvmi_mmio_read32(struct nvmi_backend *be, uint32_t offset)
{
	uint32_t value;

	if (!in_bar(be, offset, 4))
		return UINT32_MAX;
	value = *_REG(be->bar, offset, 32);
	after_read();
	return value;
}

uint64_t nvmi_mmio_read64(struct nvmi_backend *be, uint32_t offset)
{
	uint64_t value;

	if (!in_bar(be, offset, 8))
		return UINT64_MAX;
#if UINTPTR_MAX > 0xffffffffU
	value = *_REG(be->bar, offset, 64);
#else
	value = *_REG(be->bar, offset, 32);
	value |= (uint64_t)*_REG(be->bar, offset + 4, 32) << 32;
#endif
	after_read();
	return value;
}

void nvmi_mmio_write32(struct nvmi_backend *be, uint32_t offset, uint32_t value)
{
	if (!in_bar(be, offset, 4))
		return;
	before_write();
	*_REG(be->bar, offset, 32) = value;
}

void nvmi_mmio_write64(struct nvmi_backend *be, uint32_t offset, uint64_t value)
{
	if (!in_bar(be, offset, 8))
		return;
	before_write();
#if UINTPTR_MAX > 0xffffffffU
	*_REG(be->bar, offset, 64) = value;
#else
	*_REG(be->bar, offset, 32) = (uint32_t)value;
	*_REG(be->bar, offset + 4, 32) = (uint32_t)(value >> 32);
#endif
}
