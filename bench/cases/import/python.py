import statistics
import subprocess
import sys
import time

from measure import report

PROGRAMS = 5


def start(program):
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - began


empty = []
full = []
for _ in range(PROGRAMS):
    empty.append(start(""))
    full.append(start("import gevent"))
report({"ns_per_op": (statistics.median(full) - statistics.median(empty)) * 1e9})
