import gevent
from gevent.queue import Queue
from gevent.server import StreamServer
from load import measure_under_load

room = set()


def deliver(outbox, socket):
    for line in outbox:
        socket.sendall(line)


def serve(socket, _):
    outbox = Queue()
    writer = gevent.spawn(deliver, outbox, socket)
    room.add(outbox)
    for line in socket.makefile("rb"):
        for member in room:
            member.put(line)
    room.discard(outbox)
    writer.kill()


server = StreamServer(("127.0.0.1", 0), serve)
server.start()
measure_under_load("chat", server.server_port)
