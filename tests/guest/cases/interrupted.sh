# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Ctrl-C in the middle of a transfer: exit status 130, the controller shut down, the disk usable at once.
# kernel: 6.12

need nvm-read-blocks nvm-identify
set_driver "$SLOW" "$USER_DRIVER"
before=$(shutdowns)
# 64 MiB at 4 MiB/s; as a terminal would, SIGINT goes to the program.
expect 130 timeout --preserve-status -k 10 -s INT 2 \
	nvm-read-blocks --ctrl="$SLOW" --blocks=131072 --output=back
one_line .
[ "$(shutdowns)" -gt "$before" ] || die "the controller was not told to shut down"
if [ "$IOMMU" = off ]; then
	[ $(($(register "$SLOW" 0x14) & 1)) = 0 ] || die "CC.EN is still set"
	[ $(($(register "$SLOW" 0x1c) & 1)) = 0 ] || die "CSTS.RDY is still set"
fi
expect 0 nvm-identify --ctrl="$SLOW"
set_driver "$SLOW" nvme
kernel_read "$SLOW" 1 0 8 back
