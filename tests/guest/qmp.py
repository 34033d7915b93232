#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Control QEMU while a guest runs.

qmp.py SOCKET COMMAND...      run commands, print their answers as JSON, one per line
qmp.py --serve SOCKET FOLDER  answer a guest: FOLDER/NAME.request (commands, one per line) becomes
                              FOLDER/NAME.answer, until QEMU ends

A COMMAND is a QMP object ({"execute": ...}), a bare QMP command name, or hmp:COMMAND.
"""
import json
import os
import socket
import sys
import time


class Qmp:
    def __init__(self, path, wait_s=20.0):
        deadline = time.monotonic() + wait_s
        # A socket's address is short: go to its folder and use its name.
        here = os.open('.', os.O_RDONLY)
        os.chdir(os.path.dirname(path) or '.')
        while True:
            try:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(os.path.basename(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        os.fchdir(here)
        os.close(here)
        self.sock.settimeout(30)
        self.lines = self.sock.makefile('r')
        self.lines.readline()
        self.execute({'execute': 'qmp_capabilities'})

    def execute(self, request):
        self.sock.sendall(json.dumps(request).encode() + b'\n')
        while True:
            line = self.lines.readline()
            if not line:
                raise ConnectionError('QEMU has ended')
            answer = json.loads(line)
            if 'event' not in answer:
                return answer

    def run(self, command):
        if command.startswith('hmp:'):
            return self.execute({'execute': 'human-monitor-command',
                                 'arguments': {'command-line': command[4:]}})
        if command.startswith('{'):
            return self.execute(json.loads(command))
        return self.execute({'execute': command})


def serve(qmp, folder):
    while True:
        for name in sorted(os.listdir(folder)):
            if not name.endswith('.request'):
                continue
            request = os.path.join(folder, name)
            with open(request, encoding='utf-8') as file:
                answers = [qmp.run(line.strip()) for line in file if line.strip()]
            os.unlink(request)
            answer = request[:-len('request')] + 'answer'
            with open(answer + '.tmp', 'w', encoding='utf-8') as file:
                file.writelines(json.dumps(entry) + '\n' for entry in answers)
            os.rename(answer + '.tmp', answer)
        # The caller kills us when QEMU has ended; an idle poll of a folder costs next to nothing.
        time.sleep(0.05)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == '--serve':
        try:
            serve(Qmp(sys.argv[2]), sys.argv[3])
        except (ConnectionError, FileNotFoundError):
            pass
    elif len(sys.argv) > 2:
        qmp = Qmp(sys.argv[1])
        for command in sys.argv[2:]:
            print(json.dumps(qmp.run(command)))
    else:
        sys.exit(__doc__)


main()
