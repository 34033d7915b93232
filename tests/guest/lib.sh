# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the cases share: sourced in the guest, by cases and by run-cases. A case is a bash script run as root
# with -eu; it ends with status 0 (ok), 77 (skip) or anything else (not ok). Its first comment says what it
# asserts and may hold the lines
#   iommu: on | off        the case needs the IOMMU on (off); without the line it runs in both
#   kernel: 6.1 | 6.12     one kernel is enough: the case is about our programs; without the line it runs on both
#   expect: dma-fault      the IOMMU reporting a fault is part of the case
#   limit: SECONDS         instead of 60
# At its start every disk is bound to the kernel's nvme driver, idle and live; run-cases restores that.
# Environment: BUILD, the build folder, and IOMMU, on or off.

# shellcheck disable=SC2034 # for the cases
{
	MAIN=0000:00:05.0
	MULTI=0000:00:06.0
	FS=0000:00:07.0
	SMALL=0000:00:08.0
	PAIR_A=0000:00:09.0
	PAIR_B=0000:00:09.1
	SLOW=0000:00:0a.0
	META=0000:00:0b.0
	ALL_DISKS=("$MAIN" "$MULTI" "$FS" "$SMALL" "$PAIR_A" "$PAIR_B" "$SLOW" "$META")
	BAD_BLOCK=100000          # of SMALL
	PATTERN=/run/out/pattern  # 64 MiB of random bytes
	# The driver a user-space driver wants under this guest's IOMMU.
	if [ "$IOMMU" = on ]; then USER_DRIVER=vfio-pci; else USER_DRIVER=none; fi
}
PATH=$BUILD/bin:$PATH
WORK=/run/case # memory, emptied before every case

# --- ending a case

say() { echo "# $*"; }

die() {
	echo "FAILED: $*"
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 77
}

need() { # PROGRAM...: of ours; a case without them has failed, not been skipped
	local program
	for program; do
		[ -x "$BUILD/bin/$program" ] || die "$BUILD/bin/$program is not built"
	done
}

# --- running programs

# expect STATUS COMMAND...: run it, keep what it says in $WORK/out and $WORK/err, check its exit status.
expect() {
	local want=$1 got=0
	shift
	say "running: $*"
	"$@" >"$WORK/out" 2>"$WORK/err" </dev/null || got=$?
	head -c 4000 "$WORK/out" | tr -c '[:print:]\n\t' '?' | sed 's/^/    /'
	sed 's/^/ !! /' "$WORK/err"
	[ "$got" = "$want" ] || die "exit status $got instead of $want: $*"
}

# Success: and nothing on stderr.
works() {
	expect 0 "$@"
	[ ! -s "$WORK/err" ] || die "succeeds, but says something on stderr: $*"
}

one_line() { # PATTERN: stderr was one line, matching the extended regular expression
	[ "$(wc -l <"$WORK/err")" = 1 ] || die "stderr is not one line but $(wc -l <"$WORK/err")"
	grep -Eqi -- "$1" "$WORK/err" || die "stderr does not match /$1/"
}

refused() { # PATTERN COMMAND...: exit status 1 and one line that matches
	local pattern=$1
	shift
	expect 1 "$@"
	one_line "$pattern"
}

# The program under test moves N blocks from LBA on: whole files, through nvm-read-blocks.
lib_read() { # BDF NSID LBA N FILE
	expect 0 nvm-read-blocks --ctrl="$1" --ns="$2" --offset="$3" --blocks="$4" --output="$5"
}

lib_write() { # BDF NSID LBA N FILE
	expect 0 nvm-read-blocks --ctrl="$1" --ns="$2" --offset="$3" --blocks="$4" --write="$5"
}

# A part of the random bytes, to make the blocks of a case differ from those of others.
pattern() { # OFFSET SIZE FILE
	dd if="$PATTERN" of="$3" bs=64k iflag=skip_bytes,count_bytes skip="$1" count="$2" status=none
}

same() { # FILE FILE [CMP OPTIONS]
	cmp "$@" || die "the bytes differ: $*"
}

# Wait up to 20 s for a command to succeed.
wait_for() {
	local until=$((SECONDS + 20))
	while ((SECONDS < until)); do
		if "$@" >/dev/null 2>&1; then return; fi
		sleep 0.05
	done
	die "waited in vain for: $*"
}

# --- disks, through sysfs only: the tools under test have no part in it
# In bash alone where it can be: starting a program takes the guest 10 ms.

driver_of() ( # a subshell: it changes the folder
	if [ -e "/sys/bus/pci/devices/$1/driver" ]; then
		cd -P "/sys/bus/pci/devices/$1/driver" || exit
		echo "${PWD##*/}"
	else
		echo none
	fi
)

group_of() (
	cd -P "/sys/bus/pci/devices/$1/iommu_group" || exit
	echo "${PWD##*/}"
)

# The kernel's controller (nvme0) of a disk, when it is live.
kernel_ctrl() {
	local dir state
	for dir in "/sys/bus/pci/devices/$1/nvme"/nvme*; do
		if read -r state 2>/dev/null <"$dir/state" && [ "$state" = live ]; then
			echo "${dir##*/}"
			return
		fi
	done
	return 1
}

# The block device of a disk's namespace. A path (nvme1c2n3) has its disk at the multipath head (nvme1n3).
block_of() { # BDF [NSID]
	local ctrl dir name nsid size
	ctrl=$(kernel_ctrl "$1") || return 1
	for dir in "/sys/class/nvme/$ctrl"/nvme*n*; do
		if read -r nsid 2>/dev/null <"$dir/nsid" && [ "$nsid" = "${2:-1}" ]; then
			name=${dir##*/}
			if [[ $name =~ ^(nvme[0-9]+)c[0-9]+(n[0-9]+)$ ]]; then
				name=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
			fi
			[ -b "/dev/$name" ] && read -r size <"/sys/block/$name/size" && [ "$size" != 0 ] ||
				return 1
			echo "/dev/$name"
			return
		fi
	done
	return 1
}

# set_driver BDF nvme|vfio-pci|uio_pci_generic|none; for nvme also waits for the block device.
set_driver() {
	local device=/sys/bus/pci/devices/$1
	if [ "$(driver_of "$1")" != "$2" ]; then
		if [ -e "$device/driver" ]; then echo "$1" >"$device/driver/unbind"; fi
		if [ "$2" != none ]; then
			echo "$2" >"$device/driver_override"
			echo "$1" >/sys/bus/pci/drivers_probe
			echo >"$device/driver_override"
		fi
	fi
	[ "$(driver_of "$1")" = "$2" ] || die "the kernel did not bind $1 to $2 but to $(driver_of "$1")"
	if [ "$2" = nvme ]; then wait_for block_of "$1"; fi
}

# A controller register, 32 bits, of a disk without a driver.
register() { # BDF OFFSET
	local start
	read -r start _ <"/sys/bus/pci/devices/$1/resource"
	busybox devmem $((start + $2)) 32
}

# Read and write through the kernel: LBA and count in blocks of 4 KiB, never from its cache.
kernel_read() { # BDF NSID LBA4K N FILE
	dd if="$(block_of "$1" "$2")" of="$5" bs=256k iflag=direct,skip_bytes,count_bytes skip=$(($3 * 4096)) \
		count=$(($4 * 4096)) status=none
}

kernel_write() { # BDF NSID LBA4K N FILE
	dd if="$5" of="$(block_of "$1" "$2")" bs=256k iflag=count_bytes count=$(($4 * 4096)) \
		oflag=direct,seek_bytes seek=$(($3 * 4096)) status=none
}

# Shutdown notifications (CC.SHN) that QEMU's controllers have been sent so far, by whomever.
shutdowns() { grep -c pci_nvme_mmio_shutdown_set /run/out/qemu.stderr || true; }

# Has process $1 mapped the registers of a disk?
holds_disk() { grep -Eq 'vfio-device|vfio/devices|/resource0' "/proc/$1/maps"; }

huge_pages() { # N: have N 2 MiB pages, exactly
	local file=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
	echo "$1" >$file
	[ "$(cat $file)" = "$1" ] || die "the guest has $(cat $file) huge pages instead of $1"
}

# Run QMP commands (see qmp.py) in the machine that runs this guest and print the answers.
qmp() {
	local name=/run/out/qmp/$BASHPID.$RANDOM
	printf '%s\n' "$@" >"$name.tmp"
	mv "$name.tmp" "$name.request"
	wait_for test -e "$name.answer"
	cat "$name.answer"
}
