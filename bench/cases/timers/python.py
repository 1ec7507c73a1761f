import gevent
from measure import measure

GREENLETS = 10_000
SLEEPS = 2


def sleeper():
    for _ in range(SLEEPS):
        gevent.sleep(0.001)


measure(GREENLETS * SLEEPS, lambda: gevent.joinall([gevent.spawn(sleeper) for _ in range(GREENLETS)]))
