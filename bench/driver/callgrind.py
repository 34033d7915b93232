# SPDX-License-Identifier: BSD-2-Clause
"""Instructions per I/O: bench-path under callgrind."""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import build

# What is not the library's: the device, and the body of the program's function.
NOT_OURS = ("bench_device_run", "bench_done")
COUNT = 8192


def missing():
    """Why instructions cannot be counted here, or None."""
    if os.uname().machine != "x86_64":
        return "instructions are counted on x86-64, with its compiler flags"
    if shutil.which("valgrind") is None:
        return "no valgrind: packaging/install-packages bench"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        if not re.search(r"^flags.* avx2 .*bmi2", f.read(), re.M):
            return "the processor is older than x86-64-v3"
    return None


def self_costs(path):
    """Instructions by function, without those of the functions it calls."""
    names, costs = {}, {}
    function, skip = None, False
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"(c?fn)=\((\d+)\)(?: (.*))?", line)
            if m:
                if m.group(3):
                    names[m.group(2)] = m.group(3).strip()
                if m.group(1) == "fn":
                    function = names[m.group(2)]
            elif line.startswith("calls="):
                skip = True  # the next line is the cost of the call, all included
            else:
                m = re.match(r"[+*\-\d]\S* (\d+)$", line)
                if m and function is not None:
                    if not skip:
                        costs[function] = costs.get(function, 0) + int(m.group(1))
                    skip = False
    return costs


def gross(programs, **options):
    """Instructions per I/O of the loop and all that it calls but NOT_OURS; dict of self costs per I/O."""
    with tempfile.TemporaryDirectory() as tmp:
        out = Path(tmp) / "callgrind.out"
        build.run(programs, "path", "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                  "--toggle-collect=bench_loop_*", "--error-exitcode=9", timeout=300,
                  count=COUNT, repeat=1, **options)
        costs = self_costs(out)
    if not any(name.startswith("bench_loop_") for name in costs):
        raise build.Failed("callgrind did not find the measured loop: was bench-path stripped?")
    return {name: cost / COUNT for name, cost in costs.items() if name not in NOT_OURS}


class Counter:
    """Counts, less what the loop around the library takes, which is counted once per batch size."""

    def __init__(self, programs):
        self.programs = programs
        self.loops = {}

    def loop(self, layer, batch, queues):
        kind = {"raw": "none-raw", "reap": "none-reap"}.get(layer, "none")
        key = (kind, batch, queues)
        if key not in self.loops:
            self.loops[key] = sum(gross(self.programs, layer=kind, batch=batch, queues=queues).values())
        return self.loops[key]

    def net(self, layer, batch=32, queues=1, **options):
        total = gross(self.programs, layer=layer, batch=batch, queues=queues, **options)
        return sum(total.values()) - self.loop(layer, batch, queues)
