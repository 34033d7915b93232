# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# With permission for its VFIO group a disk can be used by anybody.
# iommu: on

need nvm-read-blocks
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
as_nobody test -x "$BUILD/bin/nvm-read-blocks" || skip "$BUILD cannot be read by other users"
set_driver "$MAIN" vfio-pci
chmod 777 "$WORK"
pattern 0 1048576 new
if as_nobody test -w "/dev/vfio/$(group_of "$MAIN")"; then die "nobody may use the group already"; fi
refused '/dev/vfio|permission' as_nobody nvm-read-blocks --ctrl="$MAIN" --blocks=8 --output=back
chown 65534 "/dev/vfio/$(group_of "$MAIN")"
expect 0 as_nobody nvm-read-blocks --ctrl="$MAIN" --blocks=2048 --write=new
expect 0 as_nobody nvm-read-blocks --ctrl="$MAIN" --blocks=2048 --output=back
same back new
