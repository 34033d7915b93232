/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine.h - what has become of a block that is not what it should be.
 */
#ifndef INTEGRITY_EXAMINE_H
#define INTEGRITY_EXAMINE_H

#include "stamp.h"
#include "tally.h"

/**
 * examine() - tell apart how a block is wrong
 * @block: as it was read
 * @size: bytes, a multiple of 512 up to 65536
 * @wanted: what it should be; stamp_is() has said that it is not
 * @finding: filled in
 */
void examine(const void *block, size_t size, const struct stamp *wanted, struct finding *finding);

#endif
