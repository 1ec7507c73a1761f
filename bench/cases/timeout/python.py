import gevent
from measure import measure

CALLS = 5_000


def call():
    gevent.sleep(0)


def body():
    for _ in range(CALLS):
        gevent.with_timeout(1, call)


gevent.spawn(measure, CALLS, body).get()
