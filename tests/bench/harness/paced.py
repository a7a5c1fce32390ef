"""An open-loop client: requests leave at a fixed rate whatever the answers do. Prints percentiles as JSON.

usage: paced.py PORT KIND CREDENTIAL RATE SECONDS
The time of a request counts from its write to the end of its answer; how late writes were is told beside it.
"""
import asyncio
import gc
import json
import sys
import time
import uuid

RUN = uuid.uuid4().hex[:12]


def request_text(kind, credential, number):
    key = f"{RUN}-{number}"
    if kind == "order":
        path, content_type = "/v1/payments/orders", "application/json"
        body = (f'{{"amount":{1000 + number % 9000},"currency":"USD","confirm":true,"payment_method":"pm_card_visa",'
                f'"reference":"order-{key}"}}')
    else:
        path, content_type = "/v1/payment_intents", "application/x-www-form-urlencoded"
        body = (f"amount={1000 + number % 9000}&currency=usd&capture_method=automatic&payment_method=pm_card_visa&confirm=true"
                "&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"
                f"&metadata[unigate_operation]=txn_{key}&metadata[unigate_reference]=order-{key}")
    return (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {credential}\r\nContent-Type: {content_type}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request on it."""

    def __init__(self, bench):
        self.bench = bench
        self.buffer = b""
        self.wanted = 0
        self.sent_at = 0.0

    def connection_made(self, transport):
        self.transport = transport

    def send(self, text):
        self.buffer = b""
        self.wanted = 0
        self.sent_at = time.perf_counter()
        self.transport.write(text)

    def data_received(self, data):
        self.buffer += data
        if not self.wanted:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end].lower()
            self.wanted = end + 4 + int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(self.buffer) >= self.wanted:
            self.bench.answered(self, time.perf_counter() - self.sent_at, self.buffer[9:12])

    def connection_lost(self, _):
        self.bench.lost += 1


class Bench:
    def __init__(self, port, kind, credential, rate, seconds):
        self.port, self.kind, self.credential, self.rate, self.seconds = port, kind, credential, rate, seconds
        self.idle, self.times, self.late = [], [], []
        self.bad = self.lost = self.open = 0

    def answered(self, connection, seconds, status):
        self.open -= 1
        self.times.append(seconds)
        self.bad += not status.startswith(b"2")
        self.idle.append(connection)

    async def run(self):
        loop = asyncio.get_running_loop()
        for _ in range(max(64, int(self.rate * 0.4))):
            self.idle.append((await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port))[1])
        total = int(self.rate * self.seconds)
        texts = [request_text(self.kind, self.credential, number) for number in range(total)]
        gc.disable()
        began = time.perf_counter() + 0.05
        for number in range(total):
            due = began + number / self.rate
            while (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            if not self.idle:
                self.idle.append((await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port))[1])
            self.late.append(time.perf_counter() - due)
            self.open += 1
            self.idle.pop().send(texts[number])
        deadline = time.perf_counter() + 30
        while self.open and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        if self.open or self.bad or self.lost:
            sys.exit(f"{self.open} unanswered, {self.bad} not 2xx, {self.lost} connections lost")


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def main():
    port, kind, credential, rate, seconds = sys.argv[1:]
    bench = Bench(int(port), kind, credential, float(rate), float(seconds))
    asyncio.run(bench.run())
    print(json.dumps({"requests": len(bench.times), "p50_ms": percentile(bench.times, 50) * 1e3,
                      "p99_ms": percentile(bench.times, 99) * 1e3, "late_p99_ms": percentile(bench.late, 99) * 1e3}))


if __name__ == "__main__":
    main()
