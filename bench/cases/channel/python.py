import gevent
from gevent.queue import Channel
from measure import measure

ITEMS = 5_000


def produce(queue):
    for i in range(ITEMS):
        queue.put(i)


def consume(queue):
    for _ in range(ITEMS):
        queue.get()


def body():
    queue = Channel()
    gevent.joinall([gevent.spawn(produce, queue), gevent.spawn(consume, queue)])


measure(ITEMS, body)
