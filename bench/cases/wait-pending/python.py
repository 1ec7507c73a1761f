"""gevent's AsyncResult is its promise; the loop sets it at its next turn."""

import gevent
from gevent.event import AsyncResult
from measure import measure

WAITS = 5_000
loop = gevent.get_hub().loop


def soon():
    result = AsyncResult()
    loop.run_callback(result.set, 1)
    return result


def body():
    for _ in range(WAITS):
        soon().get()


gevent.spawn(measure, WAITS, body).get()
