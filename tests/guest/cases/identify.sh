# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# nvm-identify says what the kernel says of the same disk, as text and as JSON.

need nvm-identify
ctrl=/sys/class/nvme/$(kernel_ctrl "$MAIN")
read -r serial <"$ctrl/serial"
read -r model <"$ctrl/model"
read -r firmware <"$ctrl/firmware_rev"
read -r sectors <"/sys/block/$(basename "$(block_of "$MAIN")")/size"
set_driver "$MAIN" "$USER_DRIVER"

expect 0 nvm-identify --ctrl="$MAIN"
cp "$WORK/out" text
for line in "Serial Number *: *$serial" "Model Number *: *$model" "Firmware revision *: *$firmware" \
	"NVM Express version *: *1\.4\.0" "PCI Vendor ID *: *36 1b" "Controller page size *: *4096"; do
	grep -Eq "^$line *\$" text || die "no line: $line"
done

expect 0 nvm-identify --ctrl="$MAIN" --ns=1
grep -Eq "[^0-9]$sectors([^0-9]|\$)" "$WORK/out" || die "the namespace's $sectors blocks are not named"

expect 0 nvm-identify --ctrl="$MAIN" --ns=1 --output-format=json
jq -e --arg serial "$serial" 'any(.. | strings; sub(" +$"; "") == $serial)' "$WORK/out" >/dev/null ||
	die "the JSON output is none, or lacks the serial number"
jq -e --argjson n "$sectors" 'any(.. | numbers; . == $n)' "$WORK/out" >/dev/null ||
	die "the JSON output lacks the namespace's size"
