#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The bash completion proposes what the tools take.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-identify nvm-read-blocks
script=$SOURCE/packaging/completions/nvm-tools
bash -n "$script" || die "the script is not bash"
# shellcheck source=packaging/completions/nvm-tools
. "$script"

# A machine with two NVMe disks, one of them the kernel's, and a network card.
_nvm_sysfs=$WORK/sys
device() { # ADDRESS CLASS
	mkdir -p "$_nvm_sysfs/bus/pci/devices/$1"
	echo "$2" >"$_nvm_sysfs/bus/pci/devices/$1/class"
}
device 0000:05:00.0 0x010802
device 0000:06:00.0 0x010802
device 0000:07:00.0 0x020000
for nsid in 1 7; do
	mkdir -p "$_nvm_sysfs/bus/pci/devices/0000:06:00.0/nvme/nvme0/nvme0n$nsid"
	echo $nsid >"$_nvm_sysfs/bus/pci/devices/0000:06:00.0/nvme/nvme0/nvme0n$nsid/nsid"
done
mkdir folder
touch disk.img folder/other.img

# complete_line LINE: what bash would propose at its end.
complete_line() {
	COMP_LINE=$1 COMP_POINT=${#1}
	local -a words
	read -ra words <<<"$1"
	_nvm_tools "${words[0]}"
	reply=$(printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"} | sort | paste -sd' ')
}
proposes() { # LINE WANTED
	complete_line "$1"
	[ "$reply" = "$2" ] || die "'$1' gives '$reply' instead of '$2'"
}
offers() { # LINE WORD: among others
	complete_line "$1"
	[[ " $reply " == *" $2 "* ]] || die "'$1' gives '$reply', which lacks '$2'"
}

proposes 'nvm-identify --c' '--ctrl='
proposes 'nvm-identify --output' '--output-format='
proposes 'nvm-read-blocks --output' '--output-format= --output='
proposes 'nvm-read-blocks --wr' '--write='
offers 'nvm-read-blocks ' '--blocks='
offers 'nvm-read-blocks --n' '--no-flush'
proposes 'nvm-read-blocks --output-format=' 'json normal'
proposes 'nvm-read-blocks --output-format=j' 'json'
proposes 'nvm-read-blocks --output-format j' 'json'

# bash replaces what is after the last colon.
proposes 'nvm-identify --ctrl=0000:0' '05:00.0 06:00.0'
proposes 'nvm-identify --ctrl=0000:05' '05:00.0'
proposes 'nvm-identify --ctrl 0000:06:' '00.0'
proposes 'nvm-read-blocks -c 0' '0000:05:00.0 0000:06:00.0'
offers 'nvm-identify --ctrl=' 'emu:'
proposes 'nvm-identify --ctrl=pci:0000:06' '06:00.0'
proposes 'nvm-identify --ctrl=emu:d' 'disk.img'
proposes 'nvm-identify --ctrl=emu:f' 'folder/'
proposes 'nvm-identify --ctrl=emu:folder/' 'folder/other.img'
proposes "nvm-identify --ctrl='emu:d" 'emu:disk.img'
proposes "nvm-identify --ctrl='emu:disk.img?si" 'emu:disk.img?size='
proposes "nvm-identify --ctrl='emu:disk.img?size=4G&lb" 'emu:disk.img?size=4G&lba='

proposes 'nvm-identify --ctrl=0000:06:00.0 --ns=' '1 7 all'
proposes 'nvm-identify --ctrl 06:00.0 --ns ' '1 7 all'
proposes 'nvm-read-blocks --ctrl=06:00.0 -n ' '1 7'
proposes 'nvm-read-blocks --ctrl=0000:05:00.0 --namespace=' '1'
proposes "nvm-read-blocks --ctrl='emu:disk.img?size=1M&ns=&size=1M' --ns=" '1 2'

proposes 'nvm-read-blocks --write=di' 'disk.img'
proposes 'nvm-read-blocks -w folder/o' 'folder/other.img'
proposes 'nvm-read-blocks --output=fold' 'folder/'

if [ -x "$BUILD/bin/nvm-bind" ]; then
	proposes 'nvm-bind 0000:05' '05:00.0'
	proposes 'nvm-bind --driver=v' 'vfio-pci'
fi

for tool in nvm-identify nvm-identify-userspace nvm-read-blocks nvm-list nvm-bind nvm-latency-bench \
	nvm-integrity-util; do
	complete -p $tool >/dev/null || die "$tool has no completion"
done
