"""A plain, fast HTTP/1.1 client on asyncio with connections that are kept: thousands of requests a second from one process."""
import asyncio
import json
from collections import deque
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    body: bytes
    replayed: bool

    def json(self):
        return json.loads(self.body)


class Connection:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    async def exchange(self, request):
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        status = int(lines[0].split(b" ", 2)[1])
        length, replayed, closes = 0, False, False
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name = name.lower()
            if name == b"content-length":
                length = int(value)
            elif name == b"idempotent-replayed":
                replayed = True
            elif name == b"connection" and value.strip().lower() == b"close":
                closes = True
        body = await self.reader.readexactly(length) if length else b""
        return Answer(status, body, replayed), closes

    def close(self):
        self.writer.close()


class Client:
    """Requests to one server. What breaks before an answer is complete is None: the caller knows nothing then."""

    def __init__(self, port, headers=None):
        self.port = port
        self.idle = deque()
        self.headers = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self.connected = 0

    async def request(self, method, target, body=None, key=None, timeout_s=40.0):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{self.headers}"
        if key is not None:
            head += f"Idempotency-Key: {key}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        head += f"Content-Length: {len(data)}\r\n\r\n"
        connection = None
        try:
            async with asyncio.timeout(timeout_s):
                connection = await self._connection()
                answer, closes = await connection.exchange(head.encode() + data)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            if connection:
                connection.close()
            return None
        except BaseException:
            if connection:
                connection.close()
            raise
        if closes:
            connection.close()
        else:
            self.idle.append(connection)
        return answer

    async def _connection(self):
        while self.idle:
            connection = self.idle.pop()
            if not connection.reader.at_eof() and not connection.writer.is_closing():
                return connection
            connection.close()
        self.connected += 1
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 21)
        return Connection(reader, writer)

    def forget(self):
        """Closes what is idle: the server has gone."""
        while self.idle:
            self.idle.pop().close()
