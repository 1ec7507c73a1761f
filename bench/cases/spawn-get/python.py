import gevent
from measure import measure

SPAWNS = 2_000


def work(x):
    return x + 1


def body():
    for i in range(SPAWNS):
        gevent.spawn(work, i).get()


measure(SPAWNS, body)
