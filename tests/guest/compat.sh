# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A program written for the 2018 interface ($PROGRAM), run on a real controller.

set_driver "$MAIN" "$USER_DRIVER"
expect 0 "$PROGRAM" "$MAIN"
