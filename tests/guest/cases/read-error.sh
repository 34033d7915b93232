# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A block that the disk cannot read or write is an error, in one line, and no output is passed off as data.
# kernel: 6.12

need nvm-read-blocks
set_driver "$SMALL" "$USER_DRIVER"
pattern 0 16384 new
refused 'read|281|unrecovered' nvm-read-blocks --ctrl="$SMALL" --offset=$((BAD_BLOCK - 16)) --blocks=32 --output=back
refused 'write|280' nvm-read-blocks --ctrl="$SMALL" --offset=$((BAD_BLOCK - 16)) --blocks=32 --write=new
# The controller is none the worse.
lib_write "$SMALL" 1 $((BAD_BLOCK + 1)) 32 new
lib_read "$SMALL" 1 $((BAD_BLOCK + 1)) 32 back
same back new
