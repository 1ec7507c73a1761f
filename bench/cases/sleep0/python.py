import gevent
from measure import measure, size

GREENLETS = size()
SLEEPS = max(10, 50_000 // GREENLETS)


def sleeper():
    for _ in range(SLEEPS):
        gevent.sleep(0)


measure(GREENLETS * SLEEPS, lambda: gevent.joinall([gevent.spawn(sleeper) for _ in range(GREENLETS)]))
