/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * populate.h - is a range of addresses memory that a controller may read and write?
 */
#ifndef NVMI_POPULATE_H
#define NVMI_POPULATE_H

#include <stddef.h>

/**
 * nvmi_populate() - have the kernel put pages behind a range, as writing to it would
 * @vaddr: start, aligned to the host's page
 * @size: bytes, a multiple of the same
 *
 * Where writing would raise a signal, this returns an error instead.
 *
 * Return: 0; ENOSYS if the kernel is too old to do it; otherwise what madvise(2) says of
 * MADV_POPULATE_WRITE. No message. Any thread.
 */
int nvmi_populate(void *vaddr, size_t size);

/**
 * nvmi_check_memory() - make sure that a range is memory this process can read and write
 * @vaddr: start, aligned to the host's page
 * @size: bytes, a multiple of the same; the range does not wrap
 *
 * Return: 0, EFAULT (not mapped, or not writable) or ENOMEM, with message. Any thread.
 */
int nvmi_check_memory(void *vaddr, size_t size);

#endif
