import gevent
from measure import measure

DEPTH = 50
CALLS = 2_000
must_wait = False


def descend(depth):
    if depth == 0:
        if must_wait:
            gevent.sleep(0)
        return 0
    return descend(depth - 1) + 1


def body():
    for _ in range(CALLS):
        descend(DEPTH)


gevent.spawn(measure, CALLS, body).get()
