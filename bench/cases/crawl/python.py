"""A connection of the standard library's client for each worker, kept alive."""

from gevent import monkey

monkey.patch_all()

import http.client
import os
import re
from urllib.parse import urlsplit

import gevent
from gevent.queue import JoinableQueue
from measure import measure

PAGES = 2_000
AT_ONCE = 50
site = urlsplit(os.environ["BENCH_URL"])
links = re.compile('href="([^"]+)"')


def worker(queue, seen):
    connection = http.client.HTTPConnection(site.hostname, site.port)
    while True:
        connection.request("GET", queue.get())
        page = connection.getresponse().read().decode()
        for link in links.findall(page):
            if link not in seen:
                seen.add(link)
                queue.put(link)
        queue.task_done()


def crawl():
    seen = {"/0"}
    queue = JoinableQueue()
    queue.put("/0")
    workers = [gevent.spawn(worker, queue, seen) for _ in range(AT_ONCE)]
    queue.join()
    gevent.killall(workers)
    assert len(seen) == PAGES


measure(PAGES, crawl)
