# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A disk one process drives is refused to a second one; the first notices nothing.

need nvm-read-blocks nvm-identify
kernel_write "$SLOW" 1 0 512 "$PATTERN"
set_driver "$SLOW" "$USER_DRIVER"
nvm-read-blocks --ctrl="$SLOW" --blocks=65536 --output=back >first.out 2>&1 & # 8 s
pid=$!
wait_for holds_disk $pid
refused 'in use|busy|another|already|open' nvm-identify --ctrl="$SLOW"
refused 'in use|busy|another|already|open' nvm-read-blocks --ctrl="$SLOW" --blocks=8 --write="$PATTERN"
kill -0 $pid || die "the first process has ended too early for this test"
wait $pid || die "the first process failed: $(cat first.out)"
same back "$PATTERN" -n 2097152
expect 0 nvm-identify --ctrl="$SLOW"
