/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dma.h - what lies behind nvm_dma_t: references to mappings.
 */
#ifndef NVMI_DMA_H
#define NVMI_DMA_H

#include "nvm_dma.h"

/* Keep a mapping (and its memory) beyond the user's nvm_dma_unmap(); drop it again. Any thread. */
void nvmi_dma_get(const nvm_dma_t *dma);
void nvmi_dma_put(const nvm_dma_t *dma);

/* Bytes covered. */
static inline size_t nvmi_dma_size(const nvm_dma_t *dma)
{
	return dma->n_ioaddrs * dma->page_size;
}

#endif
