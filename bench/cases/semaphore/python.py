import gevent
from gevent.lock import Semaphore
from measure import measure

GREENLETS = 10
TURNS = 500


def worker(semaphore):
    for _ in range(TURNS):
        semaphore.acquire()
        gevent.sleep(0)
        semaphore.release()


def body():
    semaphore = Semaphore(1)
    gevent.joinall([gevent.spawn(worker, semaphore) for _ in range(GREENLETS)])


measure(GREENLETS * TURNS, body)
