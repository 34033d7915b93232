#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Nothing changes that was not asked for: not the disk of a program whose standard output is closed, not
# a disk that is named as an output file, no file of a controller that cannot be made. Long arguments do
# not push the cause out of the line.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-identify nvm-read-blocks nvm-list nvm-bind

disk='emu:disk.img?size=1M'
random 1M disk.img
cp disk.img before
unchanged() { same disk.img before; }

# --- started without standard files, whose numbers a disk must not get
for closed in '>&-' '<&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	for command in 'nvm-identify' 'nvm-identify --ns=77' 'nvm-read-blocks --blocks=8 --offset=64' \
		'nvm-read-blocks --blocks=8 --offset=64 --output=-' 'nvm-read-blocks --blocks=1 --write=-'; do
		echo "# $command $closed"
		bash -c "$command --ctrl='$disk' $closed" >/dev/null 2>&1 </dev/null || true
		unchanged
	done
done
for command in "nvm-identify --ctrl='$disk'" "nvm-read-blocks --ctrl='$disk' --blocks=1 --output=-"; do
	status=0
	bash -c "$command >&-" 2>err || status=$?
	[ $status = 1 ] || die "exit status $status without standard output: $command"
	one_line 'standard output'
done
bash -c "nvm-read-blocks --ctrl='$disk' --blocks=2048 --output=back <&- >&- 2>&-" || true
same back disk.img

# --- the file behind the disk, by any name
ln disk.img hard
ln -s disk.img soft
for name in disk.img hard soft; do
	refused "$name is in use as a disk" nvm-read-blocks --ctrl="$disk" --blocks=1 --output=$name
	refused "$name is in use as a disk" nvm-read-blocks --ctrl="$disk&ro=1" --blocks=1 --output=$name
	refused "$name is in use as a disk" nvm-read-blocks --ctrl="$disk" --write=$name --blocks=8 --offset=8
	unchanged
done
# That of another process.
mkfifo hold
nvm-read-blocks --ctrl="$disk" --blocks=1 --write=- <hold >holder.out 2>holder.err &
holder=$!
exec 9>hold
# Look at the lock, do not try it: trying could take it from the holder.
for ((i = 0; i < 400; i++)); do
	if grep -Eq "FLOCK .* $holder " /proc/locks; then break; fi
	sleep 0.05
done
refused 'in use as a disk' nvm-read-blocks --ctrl=emu: --blocks=1 --output=disk.img
exec 9>&-
wait $holder && die "no input, but no failure"
unchanged
# Longer files are emptied, as ever.
random 4096 old
works nvm-read-blocks --ctrl="$disk" --blocks=1 --output=old
same old disk.img -n 512
[ "$(stat -c %s old)" = 512 ] || die "the end of the old file is still there"

# --- the blocks and nothing else go to standard output, by whatever name
nvm-read-blocks --ctrl="$disk" --blocks=2048 --output=/dev/stdout >back
same back disk.img

# --- a file size limit
(
	ulimit -f 64
	refused 'cannot write back: File too large' nvm-read-blocks --ctrl="$disk" --blocks=2048 --output=back
	refused 'File too large' nvm-identify --ctrl='emu:huge.img?size=64M'
	[ ! -e huge.img ] || die "half a file is left"
)

# --- files of a controller that cannot be made
refused 'missing.img' nvm-identify --ctrl='emu:new.img?size=1M&ns=missing.img'
[ ! -e new.img ] || die "a file was created for nothing"
works nvm-identify --ctrl='emu:new.img?size=1M'
refused 'missing.img' nvm-identify --ctrl='emu:new.img?ns=missing.img'
[ "$(stat -c %s new.img)" = 1048576 ] || die "a file that was there is gone"

# --- asked twice
misused 'ctrl is given twice' nvm-identify --ctrl=emu: --ctrl="$disk"
misused 'ctrl is given twice' nvm-read-blocks --ctrl="$disk" -c emu: --blocks=1
refused 'size=2M: is given twice' nvm-identify --ctrl='emu:?size=1M&size=2M'
misused 'write=FILE is empty' nvm-read-blocks --ctrl="$disk" --write=
misused 'output=FILE is empty' nvm-read-blocks --ctrl="$disk" --blocks=1 --output=

# --- long arguments: the cause is still there
for size in 300 600 5000; do
	long=$(printf "%${size}s" | tr ' ' a)
	refused 'names no controller' nvm-identify --ctrl="$long"
	refused 'File name too long' nvm-identify --ctrl="emu:$long?size=1M"
	refused 'the keys are size' nvm-identify --ctrl="emu:?$long=1"
	refused 'give at most 20 characters' nvm-identify --ctrl="emu:?serial=$long"
	misused 'not a whole number' nvm-identify --ctrl=emu: --ns="$long"
	refused 'not a PCI address' nvm-bind "$long" --driver=none
	[ "$(wc -c <err)" -lt 700 ] || die "a line of $(wc -c <err) bytes"
done

# --- a pipe that nobody opens the other end of
mkfifo nobody
for options in '--blocks=1 --write=nobody' '--blocks=1 --output=nobody'; do
	status=0
	# shellcheck disable=SC2086 # several options
	timeout --preserve-status -s TERM 2 nvm-read-blocks --ctrl="$disk" $options >out 2>err || status=$?
	[ $status = 143 ] || die "exit status $status after SIGTERM: $options: $(cat err)"
	one_line 'interrupted after 0 of 1 blocks'
done
unchanged
