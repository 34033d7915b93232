# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# nvm-bind gives a disk to each driver and back, and changes nothing when it cannot.

need nvm-bind
for driver in "$USER_DRIVER" uio_pci_generic none; do
	expect 0 nvm-bind "$MAIN" --driver="$driver"
	[ "$(driver_of "$MAIN")" = "$driver" ] || die "bound to $(driver_of "$MAIN") instead of $driver"
	expect 0 nvm-bind --restore "$MAIN"
	[ "$(driver_of "$MAIN")" = nvme ] || die "restored to $(driver_of "$MAIN") instead of nvme"
	wait_for block_of "$MAIN"
done
expect 0 nvm-bind "${MAIN#0000:}" --driver=none
expect 0 nvm-bind "$MAIN" --driver=nvme
wait_for block_of "$MAIN"
kernel_read "$MAIN" 1 0 8 back

refused 'nonesuch' nvm-bind "$MAIN" --driver=nonesuch
[ "$(driver_of "$MAIN")" = nvme ] || die "after a driver that is not there: $(driver_of "$MAIN")"
refused '1e\.0' nvm-bind 0000:00:1e.0 --driver=none
refused 'nvme' nvm-bind 0000:00:1f.2 --driver=uio_pci_generic # the SATA controller
[ "$(driver_of 0000:00:1f.2)" = none ] || die "a device that is no NVMe controller was bound"
