# SPDX-License-Identifier: BSD-2-Clause
"""Two result folders beside each other."""
import json
import statistics

from . import build
from .table import number, table

# What is measured; everything else in a row says which case it is.
VALUES = {"instructions", "ns_per_io", "iops", "p50_ns", "p99_ns", "round_trip_ns", "doorbell_each_ns",
          "doorbell_per_32_ns", "copies_per_s", "heap_bytes", "address_space_bytes", "resident_bytes",
          "idle_cpu_percent", "added_p50_us", "in_a_row_s"}
NO_CASE = {"goal", "count", "seconds", "what"}


def values(folder):
    """(benchmark, case, what) -> number."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        if path.name == "machine.json":
            continue
        rows = json.loads(path.read_text())
        for row in rows if isinstance(rows, list) else [rows]:
            case = " ".join(f"{k}={v}" for k, v in sorted(row.items())
                            if k not in VALUES | NO_CASE and not isinstance(v, (dict, list)))
            for key, value in row.items():
                if isinstance(value, dict) and "p50" in value:
                    found[path.stem, case, key] = value["p50"]
                elif key in VALUES and value not in (None, []):
                    found[path.stem, case, key] = statistics.median(value) if isinstance(value, list) else value
    return found


def run(a, b):
    for folder in (a, b):
        if not (folder / "machine.json").is_file():
            raise build.Failed(f"{folder} is no folder that bench/run has filled")
        machine = json.loads((folder / "machine.json").read_text())
        print(f"{folder}: " + "; ".join(f"{k}: {v}" for k, v in machine.items()))
    first, second = values(a), values(b)
    lines = []
    for key in first:
        if key in second:
            ratio = f"{second[key] / first[key]:.2f}" if first[key] else "-"
            lines.append([f"{key[0]}: {key[1]}", key[2], number(first[key]), number(second[key]), ratio])
    print(table(["", "", "A", "B", "B / A"], lines))
    missing = len(first.keys() ^ second.keys())
    if missing:
        print(f"{missing} numbers are in one of the folders only")
    return 0
