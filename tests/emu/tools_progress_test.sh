#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# On a terminal, what takes over a second shows how far it is; elsewhere, and before that, nothing does.

. "$(dirname "$0")/tools_lib.sh"
tools nvm-read-blocks
need python3

# on_terminal COMMAND...: run it with stderr on a terminal of 80 columns; ./err gets what it shows.
cat >on_terminal.py <<'END'
import fcntl, os, pty, struct, subprocess, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(os.environ.get("WIDTH", "80")), 0, 0))
program = subprocess.Popen(sys.argv[1:], stderr=slave, stdout=open("out", "wb"))
os.close(slave)
shown = b""
while True:
    try:
        piece = os.read(master, 65536)
    except OSError:
        break
    if not piece:
        break
    shown += piece
open("err", "wb").write(shown)
sys.exit(program.wait())
END
on_terminal() { python3 on_terminal.py "$@"; }

# 100 chunks of 20 ms.
slow='emu:disk.img?size=8M&latency=20ms'
random 8M disk.img

on_terminal nvm-read-blocks --ctrl="$slow" --blocks=800 --chunk=8 --output=back
same back disk.img -n 409600
bar='reading +[0-9]+% \[=+ *\] [0-9.]+ KiB of 400.0 KiB, [0-9.]+ [KM]?i?B/s, [0-9]+:[0-9]+ left'
tr '\r' '\n' <err | grep -Eq "$bar" ||
	die "no progress bar: $(cat -v err)"
[ "$(tail -c 4 err)" = $'\r\e[K' ] || die "the bar is not removed: $(cat -v err)"
[ "$(wc -l <err)" = 0 ] || die "the bar scrolls the terminal"
# No wider than the terminal.
WIDTH=40 on_terminal nvm-read-blocks --ctrl="$slow" --blocks=800 --chunk=8 --output=back
tr '\r' '\n' <err | sed 's/\x1b\[K//' | awk 'length($0) > 40 { exit 1 }' ||
	die "wider than the terminal: $(cat -v err)"

on_terminal nvm-read-blocks --ctrl="$slow" --blocks=800 --chunk=8 --output=back --quiet
[ ! -s err ] || die "--quiet shows: $(cat -v err)"
on_terminal nvm-read-blocks --ctrl='emu:disk.img?size=8M' --blocks=16384 --output=back
[ ! -s err ] || die "a short transfer shows: $(cat -v err)"
works nvm-read-blocks --ctrl="$slow" --blocks=800 --chunk=8 --output=back
