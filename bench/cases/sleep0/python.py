import gevent
from measure import measure

GREENLETS = 100
SLEEPS = 500


def sleeper():
    for _ in range(SLEEPS):
        gevent.sleep(0)


measure(GREENLETS * SLEEPS, lambda: gevent.joinall([gevent.spawn(sleeper) for _ in range(GREENLETS)]))
