# SPDX-License-Identifier: BSD-2-Clause
"""Building the benchmarks, running one of them, and what machine this is."""
import datetime
import json
import os
import platform
import subprocess


class Failed(Exception):
    """One line with cause and remedy."""


def build(root):
    """Build as the goals are stated: gcc -O2 -march=x86-64-v3. Return the folder of the programs."""
    folder = root / "build" / "bench-release"
    folder.mkdir(parents=True, exist_ok=True)
    march = ["-DCMAKE_C_FLAGS=-march=x86-64-v3"] if platform.machine() == "x86_64" else []
    steps = (
        ["cmake", "-S", str(root), "-B", str(folder), "-G", "Ninja", "-DCMAKE_C_COMPILER=gcc", "-DCMAKE_BUILD_TYPE=Release",
         "-DCMAKE_C_FLAGS_RELEASE=-O2 -g -DNDEBUG", "-DNVM_TOOLS=OFF", "-DNVM_TESTS=OFF", *march],
        ["cmake", "--build", str(folder), "--target", "benchmarks"],
    )
    print("building in build/bench-release ...", flush=True)
    log = folder / "build.log"
    with log.open("w") as out:
        for step in steps:
            try:
                done = subprocess.run(step, stdout=out, stderr=subprocess.STDOUT, check=False)
            except FileNotFoundError as e:
                raise Failed(f"no {step[0]}: packaging/install-packages build") from e
            if done.returncode != 0:
                print("\n".join(log.read_text().splitlines()[-40:]))
                raise Failed(f"the build failed (above; all of it: {log})")
    return folder / "bin"


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def machine(root):
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            model = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), model)
    except OSError:
        pass
    return {
        "machine": f"{model}, {len(os.sched_getaffinity(0))} processors",
        "load": "%.2f" % os.getloadavg()[0],
        "kernel": platform.release(),
        "compiler": first_line(["gcc", "--version"]),
        "commit": first_line(["git", "-C", str(root), "describe", "--always", "--dirty"]),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    }


def run(programs, name, *wrapper, timeout=120, **options):
    """Run bench-NAME with options; its JSON. wrapper: a program to run it under."""
    command = [*wrapper, str(programs / f"bench-{name}")]
    command += [f"--{k}={v}" for k, v in options.items()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired as e:
        raise Failed(f"{' '.join(command)}: no end after {timeout} s") from e
    except OSError as e:
        raise Failed(f"{command[0]}: {e.strerror}") from e
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("==")] or done.stderr.splitlines()
        raise Failed(f"{' '.join(command)}: {lines[-1] if lines else 'exit status %d' % done.returncode}")
    return json.loads(done.stdout)
