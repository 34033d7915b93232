# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# nvm-list names every disk with its driver, as text and as JSON.

need nvm-list
set_driver "$SMALL" none
expect 0 nvm-list
for bdf in "${ALL_DISKS[@]}"; do grep -q "$bdf" "$WORK/out" || die "$bdf is not listed"; done
grep "$MAIN" "$WORK/out" | grep -qw nvme || die "the driver of $MAIN is not named"
expect 0 nvm-list --output-format=json
for bdf in "${ALL_DISKS[@]}"; do
	jq -e --arg bdf "$bdf" 'any(.. | strings; . == $bdf)' "$WORK/out" >/dev/null ||
		die "$bdf is not in the JSON output"
done
