/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crc32c.h - the checksum CRC-32C (Castagnoli), as iSCSI and NVMe use it.
 */
#ifndef TOOLS_CRC32C_H
#define TOOLS_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * crc32c() - checksum of bytes, in one or several pieces
 * @crc: 0, or the checksum of what comes before
 * @data: bytes
 * @size: how many
 *
 * Uses the processor's instruction where it has one. Any thread.
 */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

/* The same without the instruction, for processors that lack it, and to compare with. */
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t size);

#endif
