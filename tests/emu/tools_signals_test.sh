#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Asked to end in the middle, the tools shut the controller down, say how far they got, and exit with 128
# and the number of the signal. The disk can be used at once.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-read-blocks nvm-identify

# Each chunk takes 50 ms: the whole transfer would take 100 s.
slow='emu:disk.img?size=8M&latency=50ms'
chunks=(--chunk=8)
random 8M disk.img
cp disk.img before
random 8M new

# interrupt SIGNAL STATUS COMMAND...: start it, signal it after a moment.
interrupt() {
	local signal=$1 want=$2 got=0 pid
	shift 2
	echo "# $signal: $*"
	# Background programs of a script have SIGINT ignored; env gives it back.
	env --default-signal=INT "$@" >out 2>err </dev/null &
	pid=$!
	sleep 0.7
	kill -"$signal" $pid
	wait $pid || got=$?
	[ $got = "$want" ] || die "exit status $got instead of $want: $(cat err)"
	one_line 'interrupted'
}

while read -r signal status; do
	interrupt "$signal" "$status" nvm-read-blocks --ctrl="$slow" --blocks=16384 "${chunks[@]}" --output=back
	one_line 'interrupted after [1-9][0-9]* of 16384 blocks'
	n=$(sed 's/.*after \([0-9]*\) of.*/\1/' err)
	[ "$(stat -c %s back)" = $((n * 512)) ] || die "$n blocks, but $(stat -c %s back) bytes"
	same back disk.img -n $((n * 512))
	nvm-identify --ctrl="$slow" >/dev/null || die "the disk cannot be used after $signal"
done <<END
INT 130
TERM 143
HUP 129
END

interrupt INT 130 nvm-read-blocks --ctrl="$slow" "${chunks[@]}" --write=new
n=$(sed 's/.*after \([0-9]*\) of.*/\1/' err)
[ "$n" -gt 0 ] || die "nothing was written"
same disk.img new -n $((n * 512))
# What was in flight may be written or not; nothing behind it.
same disk.img before -i $(((n + 8) * 512))

interrupt TERM 143 nvm-read-blocks --ctrl="$slow" --blocks=16384 "${chunks[@]}"

# Waiting for a pipe that does not move ends as well.
mkfifo fifo
exec 9<>fifo
interrupt INT 130 nvm-read-blocks --ctrl='emu:disk.img?size=8M' --blocks=16384 --output=fifo
# Nor does standard output, whatever is printed there.
for format in --output=- --quiet --ascii; do
	# shellcheck disable=SC2016 # for the shell that is started
	interrupt TERM 143 sh -c 'exec "$@" >fifo' sh nvm-read-blocks --ctrl='emu:disk.img?size=8M' \
		--blocks=16384 $format
done
exec 9>&-

# nohup and background jobs: a signal that was ignored stays ignored.
(
	trap '' INT
	exec nvm-read-blocks --ctrl="emu:disk.img?size=8M&latency=20ms" --blocks=320 "${chunks[@]}" --output=back
) >out 2>err &
pid=$!
sleep 0.3
kill -INT $pid
wait $pid || die "an ignored signal ended it: $(cat err)"
same back disk.img -n 163840
