# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Namespaces with metadata: nvm-identify shows them; the tools that move data alone refuse them in one line
# and write nothing.

need nvm-identify nvm-read-blocks nvm-latency-bench nvm-integrity-util
pattern 0 65536 new
kernel_read "$META" 1 0 64 before
set_driver "$META" "$USER_DRIVER"
sizes=([1]=8 [2]=64 [3]=8 [4]=16)
for nsid in 1 2 3 4; do
	works nvm-identify --ctrl="$META" --ns=$nsid --output-format=json
	jq -e --argjson size "${sizes[nsid]}" '.namespaces[0].metadata_size == $size' "$WORK/out" >/dev/null ||
		die "${sizes[nsid]} bytes of metadata are not shown"
	refused metadata nvm-read-blocks --ctrl="$META" --ns=$nsid --blocks=8 --output=back
	refused metadata nvm-read-blocks --ctrl="$META" --ns=$nsid --blocks=8 --write=new
done
refused metadata nvm-latency-bench --ctrl="$META" --ns=1 --blocks=8 --iterations=1
refused metadata nvm-integrity-util --ctrl="$META" --ns=4 --test --count=8
set_driver "$META" nvme
kernel_read "$META" 1 0 64 back
same back before
