import gevent
from measure import measure

DEPTH = 50
CALLS = 1_000


def descend(depth):
    if depth == 0:
        gevent.sleep(0)
        return 0
    return descend(depth - 1) + 1


def caller():
    for _ in range(CALLS):
        descend(DEPTH)


measure(2 * CALLS, lambda: gevent.joinall([gevent.spawn(caller), gevent.spawn(caller)]))
