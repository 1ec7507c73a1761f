import gevent
from gevent.queue import Queue
from measure import measure

ITEMS = 10_000


def body():
    queue = Queue()
    for i in range(ITEMS):
        queue.put(i)
    for _ in range(ITEMS):
        queue.get()


# In a greenlet of its own, as the other sides: on the main one gevent takes a different path.
gevent.spawn(measure, ITEMS, body).get()
