"""The stopwatch of one child process, as measure.mjs: a warm-up, then the median of one operation."""

import gc
import json
import os
import re
import statistics
import time

WARM_UP_SHARE = 0.5
LEAST_SAMPLES = 3


def measure(ops, body):
    """Measures a body that does `ops` operations."""
    seconds = float(os.environ.get("BENCH_MS", 500)) / 1000
    began = time.perf_counter()
    while time.perf_counter() - began < seconds * WARM_UP_SHARE:
        body()
    samples = []
    began = time.perf_counter()
    while len(samples) < LEAST_SAMPLES or time.perf_counter() - began < seconds:
        lap_began = time.perf_counter()
        body()
        samples.append(time.perf_counter() - lap_began)
    report({"ns_per_op": statistics.median(samples) * 1e9 / ops})


def size():
    """The size that the case is played at."""
    return int(os.environ["BENCH_SIZE"])


def occupied():
    """Bytes of resident memory and page tables, after a garbage collection."""
    gc.collect()
    with open("/proc/self/status") as file:
        status = file.read()
    fields = re.findall(r"(?:VmRSS|VmPTE):\s+(\d+)", status)
    return sum(map(int, fields)) * 1024


def report(result):
    """The one line a child process prints."""
    print(json.dumps(result))
