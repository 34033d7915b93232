# SPDX-License-Identifier: BSD-2-Clause
"""The benchmarks: what is measured, in which cases, and the table of it."""
import json
import subprocess
import sys
from dataclasses import dataclass, field

from . import build, callgrind
from .table import number, size, spread, table

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass
class Outcome:
    rows: object = None
    table: str = ""
    skipped: str = ""
    missed: list = field(default_factory=list)


def progress(done, total):
    if sys.stderr.isatty():
        end = "\r\033[K" if done == total else ""
        print(f"\r  {done} of {total}{end}", end="", file=sys.stderr, flush=True)


def each(items):
    """Go through items, showing how far it is."""
    items = list(items)
    for i, item in enumerate(items):
        progress(i, len(items))
        yield item
    progress(len(items), len(items))


def flags(case):
    return f"{size(case['size'])}{', PRP lists' if case.get('prp') else ''}, batch {case['batch']}"


# Instructions per I/O that may not be exceeded: (layer, size, batch).
GOALS = {("raw", 4 * KIB, 32): 45}
for _layer in ("poll", "reap"):
    GOALS.update({(_layer, 4 * KIB, 32): 70, (_layer, 4 * KIB, 1): 105, (_layer, 128 * KIB, 32): 90})


def path_cases(quick):
    for layer in ("raw", "poll", "reap"):
        for batch in (1, 32) if quick else (1, 8, 32):
            yield dict(layer=layer, size=4 * KIB, batch=batch)
        yield dict(layer=layer, size=128 * KIB, batch=32)
        if layer != "raw":
            yield dict(layer=layer, size=128 * KIB, batch=32, prp=1)


def instructions(programs, quick):
    """instructions per I/O, submitted and collected, both doorbells; without the loop around it"""
    reason = callgrind.missing()
    if reason:
        return Outcome(skipped=reason)
    counter = callgrind.Counter(programs)
    rows, lines, missed = [], [], []
    for case in each(path_cases(quick)):
        count = counter.net(**case)
        goal = GOALS.get((case["layer"], case["size"], case["batch"]))
        rows.append({**case, "instructions": round(count, 2), "goal": goal})
        lines.append([f"{case['layer']}, {flags(case)}", f"{count:.1f}", goal or "",
                      "" if goal is None else "ok" if count <= goal else "MISSED"])
        if goal is not None and count > goal:
            missed.append(f"{case['layer']}, {flags(case)}: {count:.1f} instructions, at most {goal}")
    return Outcome(rows, table(["", "instructions", "goal", ""], lines), missed=missed)


def time(programs, quick):
    """ns per I/O of the same loops, with the device that completes at once"""
    rows, lines = [], []
    count, repeat = (1 << 18, 3) if quick else (1 << 20, 7)
    for case in each([dict(layer="none", size=4 * KIB, batch=32), *path_cases(quick)]):
        n = count // 8 if case["layer"] == "raw" and case["size"] > 4 * KIB else count
        row = build.run(programs, "path", count=n, repeat=repeat, **case)
        rows.append(row)
        name = "loop and device alone" if case["layer"] == "none" else f"{case['layer']}, {flags(case)}"
        lines.append([name, spread(row["ns_per_io"])])
    return Outcome(rows, table(["", "ns per I/O (min..max)"], lines))


def io_cases(quick):
    for ctrl in ("emu:null?size=1G&poll=busy", "emu:?size=1G&poll=busy"):
        for layer in ("raw", "poll") if quick else ("raw", "poll", "reap"):
            for queues, qd in ((1, 1), (1, 32)) if quick else ((1, 1), (1, 32), (1, 128), (4, 32), (8, 32)):
                yield dict(ctrl=ctrl, layer=layer, queues=queues, qd=qd, fill=0 if "null" in ctrl else 1)


def io(programs, quick):
    """4 KiB random reads from the software controller, end to end: I/Os per second, latency at depth 1"""
    ms, repeat = (50, 2) if quick else (100, 3)
    cases = list(io_cases(quick))
    rows = [None] * len(cases)
    # In turns, so that what else the machine does hits all of them.
    for turn in range(1 if quick else 2):
        for i in each(range(len(cases))):
            row = build.run(programs, "io", ms=ms, repeat=repeat, **cases[i])
            if turn == 0:
                rows[i] = row
            else:
                for key in ("iops", "p50_ns", "p99_ns"):
                    rows[i].setdefault(key, []).extend(row.get(key, []))
    lines = []
    for row in rows:
        name = f"{'null' if 'null' in row['ctrl'] else 'memory'}, {row['layer']}, {row['queues']} x QD {row['qd']}"
        if row.get("p50_ns"):
            lines.append([name, f"p50 {spread(row['p50_ns'], 0)} ns", f"p99 {spread(row['p99_ns'], 0)} ns"])
        else:
            lines.append([name, spread(row["iops"]) + " IOPS", ""])
    return Outcome(rows, table(["", "median (min..max)", ""], lines))


def yardsticks(programs, quick):
    """what this machine does at most: bare rings between two processors, copies of 4 KiB"""
    row = build.run(programs, "ring", ms=50 if quick else 200, repeat=2 if quick else 5,
                    memory=256 * MIB if quick else GIB)
    lines = []
    if "round_trip_ns" in row:
        lines = [["ring round trip", spread(row["round_trip_ns"]) + " ns"],
                 ["ring, a doorbell each", spread([1e9 / v for v in row["doorbell_each_ns"]]) + " /s"],
                 ["ring, a doorbell per 32", spread([1e9 / v for v in row["doorbell_per_32_ns"]]) + " /s"]]
    else:
        lines = [["rings", "SKIP: needs two processors"]]
    lines.append(["random copies of 4 KiB", spread(row["copies_per_s"]) + " /s"])
    return Outcome(row, table(["", "median (min..max)"], lines))


def scale_cases(quick):
    base = dict(layer="poll", size=4 * KIB, batch=32)
    for queues in (1, 128) if quick else (1, 8, 32, 128, 512, 1024):
        yield "queue pairs", number(queues, 0), {**base, "queues": queues, "depth": 64}
    for mapped in (MIB, GIB) if quick else (MIB, 32 * MIB, GIB, 4 * GIB, 16 * GIB):
        yield "registered memory", size(mapped), {**base, "mapped": mapped}
    for depth in (2, 1024) if quick else (2, 16, 128, 1024, 8192, 65536):
        yield "entries per queue", str(depth), {**base, "batch": 1, "depth": depth}
    for length in (512, 128 * KIB) if quick else (512, 4 * KIB, 8 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB):
        yield "request size, PRP lists", size(length), {**base, "size": length, "prp": 1}


def scale(programs, quick):
    """does an I/O cost the same however many queues, whatever memory, depth and size? (request layer, poll)"""
    counter = None if quick or callgrind.missing() else callgrind.Counter(programs)
    rows, lines = [], []
    for what, label, case in each(scale_cases(quick)):
        row = build.run(programs, "path", count=1 << 18 if quick else 1 << 19, repeat=3 if quick else 5, **case)
        row["what"] = what
        # Making a thousand queue pairs under callgrind takes longer than it is worth.
        if counter and case.get("queues", 1) <= 128:
            row["instructions"] = round(counter.net(**case), 2)
        rows.append(row)
        lines.append([f"{what}: {label}", f"{row['instructions']:.1f}" if "instructions" in row else "-",
                      spread(row["ns_per_io"])])
    return Outcome(rows, table(["", "instructions", "ns per I/O (min..max)"], lines))


def memory(programs, quick):
    """bytes that a queue pair takes"""
    rows = [build.run(programs, "memory", depth=depth, queues=64) for depth in ((1024,) if quick else (128, 1024))]
    lines = [[f"depth {row['depth']}", size(row["heap_bytes"]), size(row["address_space_bytes"]),
              size(row["resident_bytes"])] for row in rows]
    return Outcome(rows, table(["", "heap", "address space", "resident, with the controller's share"], lines))


def plain(programs, name):
    """A program whose JSON is one object: numbers, and samples with their quantiles."""
    path = str(programs / f"bench-{name}")
    try:
        row = json.loads(subprocess.run([path, "--json"], capture_output=True, check=True, timeout=120).stdout)
    except (OSError, subprocess.SubprocessError) as e:
        raise build.Failed(f"{path}: {e}") from e
    lines = [[key.replace("_", " "), f"{v['p50']:g} ({v['min']:g}..{v['p99']:g})" if isinstance(v, dict) else v]
             for key, v in row.items() if key != "benchmark"]
    return Outcome(row, table(["", "or p50 (min..p99)"], lines))


def admin(programs, _quick):
    """admin commands, and the time from open to ready"""
    return plain(programs, "admin")


def idle(programs, _quick):
    """what an idle software controller costs"""
    return plain(programs, "idle")


ALL = {f.__name__: f for f in (instructions, time, io, yardsticks, scale, memory, admin, idle)}
