# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A test program of ours ($PROGRAM), run against a real controller: it says itself whether it passed.
# limit: 150

# Rings of several pages are contiguous on the bus with an IOMMU, or in a huge page.
case $PROGRAM in */qpair_load_check) huge_pages 40 ;; *) huge_pages 16 ;; esac
status=77
# One kernel's turn with limited transfers and one namespace, the other's with neither limit.
case $(uname -r) in 6.1.*) disks=("$MULTI") ;; *) disks=("$MAIN") ;; esac
case $PROGRAM in
*/qpair_load_check) disks+=("$SLOW") ;;
*/qpair_check) disks+=("$SMALL") ;;
*/metadata_check) disks=("$META" "$MULTI") ;;
esac
for bdf in "${disks[@]}"; do
	set_driver "$bdf" "$USER_DRIVER"
	say "running: $PROGRAM --ctrl=$bdf"
	result=0
	"$PROGRAM" --ctrl="$bdf" || result=$?
	case $result in
	0) if [ $status = 77 ]; then status=0; fi ;;
	77) ;;
	*) die "exit status $result with $bdf" ;;
	esac
done
huge_pages 0
[ $status = 0 ] || skip "the program says so"
