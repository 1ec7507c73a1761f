import gevent
from gevent.pywsgi import WSGIServer
from load import measure_under_load


def application(_, start_response):
    gevent.sleep(0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello world"]


server = WSGIServer(("127.0.0.1", 0), application, log=None)
server.start()
measure_under_load("http", server.server_port)
