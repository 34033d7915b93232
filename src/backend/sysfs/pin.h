/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pin.h - keeping pages where they are without a driver of our own.
 */
#ifndef NVMI_PIN_H
#define NVMI_PIN_H

#include <stddef.h>

struct nvmi_pin;

/**
 * nvmi_pin_new() - pin memory: its pages neither move nor are they swapped out
 * @pin: where the pin goes; NULL on failure
 * @vaddr: start, aligned to the host's page
 * @size: bytes, a multiple of the same
 *
 * The pages stay pinned also when the memory is unmapped, until nvmi_pin_delete() or the end of the
 * process.
 *
 * Return: 0; ENOTSUP if this system does not let us pin (no message); EFAULT, ENOMEM, EMFILE... with
 * message. Any thread.
 */
int nvmi_pin_new(struct nvmi_pin **pin, void *vaddr, size_t size);

/* Let go, before it returns. NULL is safe. */
void nvmi_pin_delete(struct nvmi_pin *pin);

#endif
