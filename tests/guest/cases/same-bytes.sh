# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the library writes the kernel reads, and the other way round.

need nvm-read-blocks
pattern 0 8388608 first
pattern 20000000 8388608 second

kernel_write "$MAIN" 1 512 2048 first
set_driver "$MAIN" "$USER_DRIVER"
lib_read "$MAIN" 1 4096 16384 back
same back first

lib_write "$MAIN" 1 4096 16384 second
set_driver "$MAIN" nvme
kernel_read "$MAIN" 1 512 2048 back
same back second
