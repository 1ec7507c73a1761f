"""The bare `greenlet` library, without gevent's hub; both sides are greenlets other than the main one."""

from greenlet import getcurrent, greenlet
from measure import measure

ROUND_TRIPS = 10_000


def drive():
    home = getcurrent()

    def answer():
        while True:
            home.switch()

    other = greenlet(answer)

    def body():
        for _ in range(ROUND_TRIPS):
            other.switch()

    measure(2 * ROUND_TRIPS, body)


greenlet(drive).switch()
