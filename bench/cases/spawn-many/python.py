import gevent
from measure import measure

SPAWNS = 10_000


def work(x):
    return x + 1


measure(SPAWNS, lambda: gevent.joinall([gevent.spawn(work, i) for i in range(SPAWNS)]))
