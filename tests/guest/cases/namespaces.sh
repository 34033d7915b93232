# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Several namespaces of one controller: 512 B and 4 KiB blocks, each its own bytes; with metadata nothing
# is moved to where it was not asked to go.
# kernel: 6.12

need nvm-read-blocks
for nsid in 1 2 3; do
	pattern $((nsid * 1048576)) 1048576 old$nsid
	pattern $((nsid * 1048576 + 8000000)) 1048576 new$nsid
done
for nsid in 1 2; do kernel_write "$MULTI" $nsid 16 256 old$nsid; done
set_driver "$MULTI" "$USER_DRIVER"

lib_read "$MULTI" 1 128 2048 back1
lib_read "$MULTI" 2 16 256 back2
for nsid in 1 2; do same back$nsid old$nsid; done
lib_write "$MULTI" 1 128 2048 new1
lib_write "$MULTI" 2 16 256 new2

# Namespace 3 keeps 16 B of metadata apart from each block: done right, or refused in one line.
status=0
nvm-read-blocks --ctrl="$MULTI" --ns=3 --offset=128 --blocks=2048 --write=new3 >"$WORK/out" 2>"$WORK/err" ||
	status=$?
cat "$WORK/err"
case $status in
0) lib_read "$MULTI" 3 128 2048 back3 && same back3 new3 ;;
1) one_line 'metadata' ;;
*) die "exit status $status for a namespace with metadata" ;;
esac

set_driver "$MULTI" nvme
for nsid in 1 2; do
	kernel_read "$MULTI" $nsid 16 256 back$nsid
	same back$nsid new$nsid
done
