# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# The disks of a test guest: sourced by run. lib.sh names them for the cases.
#
# make_disks FOLDER: make the images there and leave QEMU's arguments for them in the array disks.
#   00:05.0 nvm-main    128 MiB, 512 B blocks; the one most cases use
#   00:06.0 nvm-multi   namespaces 1 (512 B), 2 (4 KiB) and 3 (512 B + 16 B metadata); transfers of any size
#   00:07.0 nvm-fs      a partition with an ext4 file system, label NVMTEST
#   00:08.0 nvm-small   MDTS = 1 (8 KiB); block 100000 cannot be read or written
#   00:09.0 nvm-pair-a  \ two functions of one slot without isolation (ACS):
#   00:09.1 nvm-pair-b  / they share an IOMMU group
#   00:0a.0 nvm-slow    4 MiB/s, to be caught in the middle of a transfer
#   00:0b.0 nvm-meta    MDTS = 2 (16 KiB), metadata: 1 (512 + 8 B) and 2 (4096 + 64 B, protection type 1)
#                       apart from the data, 3 (512 + 8 B) and 4 (4096 + 16 B) in line with it

# shellcheck disable=SC2034 # used by run
disks=()

disk_drive() { # ID FILE SIZE [DRIVE OPTIONS]
	truncate -s "$3" "$2"
	disks+=(-drive "id=$1,file=${2//,/,,},format=raw,if=none,cache=unsafe${4:-}")
}

disk_plain() { # SERIAL ADDRESS SIZE [DEVICE OPTIONS] [DRIVE OPTIONS]
	disk_drive "$1" "$folder/$1.img" "$3" "${5:-}"
	disks+=(-device "nvme,id=$1-ctrl,serial=$1,drive=$1,addr=$2${4:-}")
}

disk_metadata() { # NSID BLOCK_SIZE DEVICE_OPTIONS: a namespace of nvm-meta
	disk_drive "nvm-meta-$1" "$folder/nvm-meta-$1.img" 16M
	disks+=(-device "nvme-ns,bus=nvm-meta-ctrl,drive=nvm-meta-$1,nsid=$1,${size//N/$2},$3")
}

# An MBR with one Linux partition from 1 MiB to the end, and an ext4 file system in it.
disk_file_system() { # FILE MIB
	local sectors=$((($2 - 1) * 2048)) size
	mkdir -p "$folder/files/sub"
	head -c 3000000 /dev/urandom >"$folder/files/data"
	head -c 70000 /dev/urandom >"$folder/files/sub/more"
	truncate -s "$2M" "$1"
	PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -L NVMTEST -d "$folder/files" -E offset=1048576 \
		"$1" $((sectors / 2))k || return
	printf -v size '\\x%02x' $((sectors & 255)) $((sectors >> 8 & 255)) $((sectors >> 16 & 255)) \
		$((sectors >> 24 & 255))
	# shellcheck disable=SC2059 # the escapes are the data
	printf "\\x00\\xfe\\xff\\xff\\x83\\xfe\\xff\\xff\\x00\\x08\\x00\\x00$size" |
		dd of="$1" bs=1 seek=446 conv=notrunc status=none
	printf '\x55\xaa' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
	rm -rf "$folder/files"
}

make_disks() { # FOLDER
	local folder=$1 n size=logical_block_size=N,physical_block_size=N
	disks=()
	disk_plain nvm-main 05.0 128M

	disks+=(-device "nvme-subsys,id=subsys0,nqn=multi"
		-device "nvme,id=nvm-multi-ctrl,serial=nvm-multi,subsys=subsys0,mdts=0,addr=06.0")
	for n in 1 2 3; do disk_drive "nvm-multi-$n" "$folder/nvm-multi-$n.img" 32M; done
	disks+=(-device "nvme-ns,bus=nvm-multi-ctrl,drive=nvm-multi-1,nsid=1,${size//N/512}"
		-device "nvme-ns,bus=nvm-multi-ctrl,drive=nvm-multi-2,nsid=2,${size//N/4096}"
		-device "nvme-ns,bus=nvm-multi-ctrl,drive=nvm-multi-3,nsid=3,${size//N/512},ms=16")

	disk_file_system "$folder/nvm-fs.img" 32 || return
	disk_plain nvm-fs 07.0 32M

	truncate -s 64M "$folder/nvm-small.img"
	# Event "none": without an image format above it nothing tells blkdebug of the others.
	disks+=(-blockdev "{\"node-name\": \"nvm-small\", \"driver\": \"blkdebug\", \"inject-error\":
		[{\"event\": \"none\", \"errno\": 5, \"sector\": 100000}], \"image\": {\"driver\": \"file\",
		\"filename\": \"$folder/nvm-small.img\", \"cache\": {\"no-flush\": true}}}"
		-device "nvme,id=nvm-small-ctrl,serial=nvm-small,drive=nvm-small,mdts=1,addr=08.0")

	disk_plain nvm-pair-a 09.0 16M ,multifunction=on
	disk_plain nvm-pair-b 09.1 16M ,multifunction=on
	disk_plain nvm-slow 0a.0 64M "" ,throttling.bps-total=4194304

	disks+=(-device "nvme-subsys,id=subsys1,nqn=meta"
		-device "nvme,id=nvm-meta-ctrl,serial=nvm-meta,subsys=subsys1,mdts=2,addr=0b.0")
	disk_metadata 1 512 ms=8
	disk_metadata 2 4096 ms=64,pi=1
	disk_metadata 3 512 ms=8,mset=1
	disk_metadata 4 4096 ms=16,mset=1
}
