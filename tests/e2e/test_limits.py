"""Limits that protect everybody from one: rate, half-sent requests, connections."""
import re
import resource
import socket
from contextlib import ExitStack
from time import monotonic

import pytest

from support.paths import SANITIZED
from support.waiting import eventually

ORDERS = "/v1/payments/orders"


def test_above_its_rate_a_key_gets_a_429_and_others_do_not(make_stack):
    running = make_stack({"limits": {"default_per_minute": 20}}).start()
    try:
        answers = [running.api.get(ORDERS) for _ in range(45)]
        refused = [a for a in answers if a.status_code == 429]
        assert answers[0].status_code == 200 and refused
        assert answers[0].headers["RateLimit-Policy"] == '"default";q=20;w=60'
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert re.search(r"r=0\b", refused[0].headers["RateLimit"])
        assert refused[0].json()["retryable"] is True
        other = running.client(running.gateway.key(running.org))
        assert other.get(ORDERS).status_code == 200
        generous = running.client(running.gateway.key(running.org, "test", "*", "--per-minute", "100000"))
        assert {generous.get(ORDERS).status_code for _ in range(60)} == {200}
    finally:
        running.stop()


def test_a_refused_payment_reaches_no_provider(make_stack):
    running = make_stack({"limits": {"default_per_minute": 5}}).start()
    try:
        body = {"amount": 1050, "currency": "USD"}
        answers = [running.api.post(ORDERS, body, idempotency_key=f"rate-{i}") for i in range(20)]
        assert {a.status_code for a in answers} == {201, 429}
        assert len(running.simulator.posts("/v1/payment_intents")) == sum(a.status_code == 201 for a in answers)
    finally:
        running.stop()


HALVES = 1_000 if SANITIZED else 5_000


def test_five_thousand_half_sent_requests_while_others_are_served(fresh):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HALVES + 1_000
    if hard < wanted:
        pytest.skip(f"needs {wanted} open files; the hard limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    with ExitStack() as open_ones:
        open_ones.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        halves = []
        started = monotonic()
        for i in range(HALVES):
            half = open_ones.enter_context(socket.create_connection(("127.0.0.1", fresh.gateway.port), timeout=10))
            half.sendall(b"POST /v1/payments/orders HTTP/1.1\r\nHost: x\r\nContent-Le" if i % 2 else b"G")
            halves.append(half)
        slowest = 0.0
        for _ in range(20):
            before = monotonic()
            assert fresh.api.pay()["status"] == "succeeded"
            assert fresh.api.get("/health").status_code == 200
            slowest = max(slowest, monotonic() - before)
        assert slowest < 2, f"a payment took {slowest:.1f} s among {HALVES} half-sent requests"
        assert fresh.gateway.process.running()

        def closed(connection):
            connection.setblocking(False)
            try:
                while connection.recv(4096):
                    pass
                return True
            except BlockingIOError:
                return False
            except OSError:
                return True
        eventually(lambda: all(closed(half) for half in halves[:200]), "half-sent requests are ended by their deadline",
                   30 - min(10, monotonic() - started), 0.2)
    assert len(fresh.simulator.movements()) == 20


def test_connections_of_one_address_are_capped(make_stack):
    running = make_stack({"limits": {"default_per_minute": 1000, "connections_per_address_max": 20}}).start()
    try:
        with ExitStack() as open_ones:
            def refused():
                half = open_ones.enter_context(socket.create_connection(("127.0.0.1", running.gateway.port), timeout=10))
                half.settimeout(0.2)
                try:
                    return half.recv(100) == b"" or True
                except TimeoutError:
                    return False
                except ConnectionResetError:
                    return True
            outcomes = [refused() for _ in range(30)]
        assert outcomes.count(True) >= 10 and outcomes.count(False) >= 10
        eventually(lambda: running.api.get("/health").status_code == 200, "served again", 10)
    finally:
        running.stop()
