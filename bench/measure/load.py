"""Measures a server in this process, while a program of `load/` in another one asks of it what it can."""

import json
import os
import resource

from gevent import subprocess
from measure import report

WARM_UP = 3
MEASURING = 5


def measure_under_load(load, port):
    """Prints the time and the processor time that an operation of the load takes."""
    run(load, port, WARM_UP)
    before = processor_seconds()
    result = run(load, port, MEASURING)
    used = processor_seconds() - before
    report({"ns_per_op": result["ns"] / result["ops"], "cpu_ns_per_op": used * 1e9 / result["ops"]})


def run(load, port, share):
    program = os.path.join(os.path.dirname(__file__), "..", "load", load + ".mjs")
    ms = share * float(os.environ["BENCH_MS"])
    return json.loads(subprocess.check_output([os.environ["BENCH_NODE"], program, str(port), str(ms)]))


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
