from gevent.server import StreamServer
from load import measure_under_load


def echo(socket, _):
    while chunk := socket.recv(65536):
        socket.sendall(chunk)


server = StreamServer(("127.0.0.1", 0), echo)
server.start()
measure_under_load("echo", server.server_port)
