#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nvm-identify: the text is that of 2018, the JSON is complete, and both are true.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-identify nvm-identify-userspace
need jq

# --- text
uri='emu:disk.img?size=64M&serial=S%20123&model=A%20disk&queues=8&depth=256&mdts=128K'
works nvm-identify --ctrl="$uri"
grep -v -E '^(PCI|Firmware|NVM Express)' out | sed -E 's/^(Max (out|num).*: )[0-9]+$/\1N/' >text
cat >wanted <<END
Resetting controller and setting up admin queues...
------------- Controller information -------------
Controller page size    : $(getconf PAGESIZE)
Max queue entries       : 256
Serial Number           : S 123
Model Number            : A disk
Max data transfer size  : 131072
Max outstanding commands: N
Max number of namespaces: N
Current number of CQs   : 8
Current number of SQs   : 8
--------------------------------------------------
END
diff wanted text || die "the text is not that of 2018"
cut -c 1-26 out | sed -n '3,5p;10p' >labels
cat >wanted <<'END'
PCI Vendor ID           : 
PCI Subsystem Vendor ID : 
NVM Express version     : 
Firmware revision       : 
END
diff wanted labels || die "labels or their order are not those of 2018"
grep -Eq '^PCI Vendor ID           : [0-9a-f]{2} [0-9a-f]{2}$' out || die "no PCI vendor"
grep -Eq '^NVM Express version     : [1-9]\.[0-9]+\.[0-9]+$' out || die "no version"

works nvm-identify-userspace -c "$uri" -n 1
sed '1,/^Current number of SQs/d' out >text
cat >wanted <<'END'
------------- Namespace information --------------
Namespace identifier    : 1
Logical block size      : 512
Metadata size           : 0
Namespace size          : 131072
Namespace capacity      : 131072
END
head -n 6 text | diff wanted - || die "the namespace is not described"
grep -Eq '^Namespace utilization   : [0-9]+$' text || die "no utilization"
[ "$(tail -n 1 text)" = -------------------------------------------------- ] || die "no last line"

works nvm-identify --ctrl='emu:?mdts=0'
grep -q '^Max data transfer size  : unlimited$' out || die "no limit is not \"unlimited\""

# --- several namespaces
uri='emu:a.img?size=8M&ns=b.img&size=16M&lba=4096&ns=null&size=1T'
for option in --all --ns=all; do
	works nvm-identify --ctrl="$uri" $option
	grep -E '^(Namespace id|Logical|Namespace size)' out | sed 's/.*: //' | paste -sd' ' >text
	[ "$(cat text)" = '1 512 16384 2 4096 4096 3 512 2147483648' ] || die "namespaces: $(cat text)"
done
works nvm-identify --ctrl="$uri" --ns=2
[ "$(grep -c '^Namespace identifier' out)" = 1 ] || die "more than the namespace asked for"
refused 'namespace 4' nvm-identify --ctrl="$uri" --ns=4
refused 'namespace 4294967294' nvm-identify --ctrl="$uri" --ns=4294967294
refused 'namespace 9' nvm-identify --ctrl="$uri" --ns=9 --output-format=json
[ ! -s out ] || die "JSON although there was nothing to say"

# --- JSON
json() { jq -e "$1" out >/dev/null || die "not so: $1"; }
works nvm-identify --ctrl="$uri&serial=J1&queues=8&depth=256&mdts=128K" --output-format=json
json '.controller | .serial_number == "J1" and .completion_queues == 8 and .submission_queues == 8'
json '.controller | .max_queue_entries == 256 and .max_data_transfer_size == 131072'
json '.controller.cap | .mqes == 255 and (.raw | test("^0x[0-9a-f]{16}$"))'
json '.controller.vs | .mjr >= 1 and (.raw | test("^0x[0-9a-f]{8}$"))'
json '.controller | .nvme_version == "\(.vs.mjr).\(.vs.mnr).\(.vs.ter)"'
json '.controller.identify | .sn == "J1" and .nn >= 3 and .mdts == 5 and (.subnqn | startswith("nqn."))'
json '.controller.identify.psd | length == 1 + ('"$(jq .controller.identify.npss out)"')'
json '[.namespaces[].nsid] == [1, 2, 3]'
json '[.namespaces[].size] == [16384, 4096, 2147483648]'
json '[.namespaces[].block_size] == [512, 4096, 512]'
json 'all(.namespaces[]; .block_size as $b | [.lba_formats[] | select(.in_use)] |
	length == 1 and .[0].data_size == $b)'
json 'all(.namespaces[]; .identify.nsze == .size and has("eui64") and has("nguid") and has("uuid"))'
json '[.namespaces[] | .uuid // .nguid // .eui64 | strings] | length == 3 and (unique | length == 3)'
works nvm-identify --ctrl="$uri" --output-format=json --ns=2
json '[.namespaces[].nsid] == [2]'
works nvm-identify --ctrl='emu:?mdts=0' --output-format=json
json '.controller | .max_data_transfer_size == null and has("max_data_transfer_size")'

# Every key is explained; those from the specification are its abbreviations.
page=$SOURCE/docs/man/nvm-identify.1.scd
for key in $(jq -r 'del(.controller["cap", "vs", "identify"], .namespaces[].identify) | .. |
	objects | keys[]' out | sort -u); do
	grep -Fq "*$key*" "$page" || die "$page does not explain $key"
done
# A name that is no UTF-8 makes no JSON that is none.
for name in $'\xf6' $'a\xc3' $'\xc0\xafb' $'\xed\xa0\x80' $'\xf8' ö € 😀; do
	works nvm-identify --ctrl="emu:$name?size=1M" --output-format=json
	iconv -f UTF-8 -t UTF-8 out >/dev/null || die "not UTF-8"
	json '.controller.uri | startswith("emu:")'
done
json '.controller.uri == "emu:😀?size=1M"'

# --- nothing was written
cmp a.img /dev/zero -n 8388608 || die "identifying has written to the disk"
