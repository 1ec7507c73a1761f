import os
import sys

import gevent
from gevent.event import Event
from measure import occupied, report

GREENLETS = 10_000
DEPTH = 4


def suspend(event, depth):
    if depth == 1:
        return event.wait()
    return suspend(event, depth - 1) and True


first = Event()
first_greenlet = gevent.spawn(suspend, first, DEPTH)
gevent.sleep(0)
first.set()
first_greenlet.join()

never = Event()
before = occupied()
suspended = [gevent.spawn(suspend, never, DEPTH) for _ in range(GREENLETS)]
gevent.sleep(0.05)
report({"bytes_per_op": (occupied() - before) / len(suspended)})

# Ending 10,000 greenlets is not part of the work.
sys.stdout.flush()
os._exit(0)
