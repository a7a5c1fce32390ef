"""Opens kept-alive connections, asks one request on each, prints "open", holds them until standard input ends, and
prints how many of them the server has closed meanwhile.

usage: idle.py PORT COUNT
"""
import select
import socket
import sys


def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(request)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            sys.exit("a connection was not served")
        connections.append(connection)
    print("open", flush=True)
    sys.stdin.read()
    poller = select.poll()
    for connection in connections:
        poller.register(connection, select.POLLIN)
    print(len(poller.poll(0)), flush=True)


if __name__ == "__main__":
    main()
