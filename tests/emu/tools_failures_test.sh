#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What can go wrong is one line that names it, with the right exit status, and changes nothing.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-identify nvm-read-blocks

disk='emu:disk.img?size=8M'
random 8M disk.img
cp disk.img before
random 4096 new
unchanged() { same disk.img before; }

# --- controllers that are not there
for tool in nvm-identify 'nvm-read-blocks --blocks=1'; do
	refused . $tool --ctrl=
	refused . $tool --ctrl=nonsense
	refused . $tool --ctrl=emu:disk.img?nonsense=1
	refused 'size' $tool --ctrl=emu:disk.img?size=1X
	refused . $tool --ctrl=emu:missing.img
	refused . $tool --ctrl=emu:/no/such/folder/disk.img?size=1M
	refused . $tool --ctrl=0000:zz:00.0
	refused . $tool --ctrl=00:00:00:00.0
	refused . $tool --ctrl=fffe:1f:1e.7
	refused . $tool --ctrl=/dev/null
	refused . $tool --ctrl=vfio-user:/no/such/socket
done
[ ! -e missing.img ] || die "a misspelt file was created"

# --- namespaces and ranges; the output file is not touched
echo precious >output
for range in '16384 1' '16380 5' '0 16385' '18446744073709551608 16' '1 18446744073709551615' \
	'18446744073709551615 18446744073709551615'; do
	refused 'blocks? .*beyond.*16384' nvm-read-blocks --ctrl="$disk" --offset="${range% *}" \
		--blocks="${range#* }" --output=output
done
refused 'beyond' nvm-read-blocks --ctrl="$disk" --offset=16377 --write=new
refused 'namespace 2' nvm-read-blocks --ctrl="$disk" --ns=2 --blocks=1 --output=output
refused 'namespace 2' nvm-read-blocks --ctrl="$disk" --ns=2 --write=new
[ "$(cat output)" = precious ] || die "the output file was emptied for nothing"
unchanged
misused 'chunk' nvm-read-blocks --ctrl="$disk&ns=&lba=4096&size=8M" --ns=2 --blocks=1 --chunk=2097152 \
	--output=output

# --- files
refused 'missing: No such file' nvm-read-blocks --ctrl="$disk" --write=missing
refused 'directory' nvm-read-blocks --ctrl="$disk" --write=.
refused 'no size of its own.*--blocks' nvm-read-blocks --ctrl="$disk" --write=/dev/zero
refused '/no/such/file: No such file' nvm-read-blocks --ctrl="$disk" --blocks=1 --output=/no/such/file
refused 'directory' nvm-read-blocks --ctrl="$disk" --blocks=1 --output=.
unchanged

# --- permissions: root has all, so it goes without for a moment
as_user=()
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
chmod 755 .
if [ "$(id -u)" != 0 ] ||
	{ [ ${#as_user[@]} -gt 0 ] && "${as_user[@]}" nvm-identify --version >/dev/null 2>&1; }; then
	cp new secret
	chmod 0 secret
	chmod 666 disk.img
	refused 'secret: Permission denied' "${as_user[@]}" nvm-read-blocks --ctrl="$disk" --write=secret
	refused 'secret: Permission denied' "${as_user[@]}" nvm-read-blocks --ctrl="$disk" --blocks=1 \
		--output=secret
	chmod 0 disk.img
	refused 'permission' "${as_user[@]}" nvm-identify --ctrl="$disk"
	chmod 600 disk.img
fi

# --- a read-only namespace
refused . nvm-read-blocks --ctrl="$disk&ro=1" --write=new
unchanged

# --- a full file system, an output that cannot be written
if [ -w /dev/full ]; then
	refused 'No space left' nvm-read-blocks --ctrl="$disk" --blocks=16 --output=/dev/full
	for format in '--blocks=1' '--blocks=16384' '--blocks=16384 --output=-' '--identify'; do
		status=0
		# shellcheck disable=SC2086 # several options
		nvm-read-blocks --ctrl="$disk" $format >/dev/full 2>err || status=$?
		[ $status = 1 ] || die "exit status $status for $format although stdout is full"
		one_line 'standard output: No space left'
	done
	status=0
	nvm-identify --ctrl="$disk" >/dev/full 2>err || status=$?
	[ $status = 1 ] || die "nvm-identify: exit status $status although stdout is full"
	one_line 'standard output'
fi

# --- a pipe that nobody reads
for format in '' '--ascii' '--output=-'; do
	# shellcheck disable=SC2086 # an option, or none
	{ nvm-read-blocks --ctrl="$disk" --blocks=16384 $format 2>err && echo 0 >status || echo $? >status; } |
		head -c 1 >/dev/null
	[ "$(cat status)" = 1 ] || die "exit status $(cat status) for a closed pipe"
	one_line 'standard output: Broken pipe'
done

# --- a closed standard output
status=0
nvm-read-blocks --ctrl="$disk" --blocks=1 >&- 2>err || status=$?
[ $status = 1 ] || die "exit status $status without standard output"
one_line 'standard output'

# --- in use by another process
mkfifo hold
nvm-read-blocks --ctrl="$disk" --blocks=8 --write=- --offset=16000 <hold >holder.out &
holder=$!
exec 9>hold
# Look at the lock, do not try it: trying could take it from the holder.
for ((i = 0; i < 400; i++)); do
	if grep -Eq "FLOCK .* $holder " /proc/locks; then break; fi
	sleep 0.05
done
refused . nvm-identify --ctrl="$disk"
cat new >&9
exec 9>&-
wait $holder || die "the holder was disturbed"
patch before 512 16000 new
unchanged
