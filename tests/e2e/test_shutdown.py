"""SIGTERM: what is in flight is finished, nothing new is taken, and the process ends by itself."""
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support.waiting import eventually


def test_finishes_what_is_in_flight(fresh):
    fresh.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=1500, times=5)
    with ThreadPoolExecutor(5) as pool:
        under_way = [pool.submit(fresh.api.pay) for _ in range(5)]
        eventually(lambda: len(fresh.simulator.posts("/v1/payment_intents")) == 5, "five are at the provider")
        assert fresh.gateway.stop() == 0
        assert [payment.result()["status"] for payment in under_way] == ["succeeded"] * 5
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{fresh.gateway.url}/health", timeout=2)
    fresh.gateway.restart()
    assert len(fresh.api.ok("GET", "/v1/payments/orders")["data"]) == 5


def test_an_idle_gateway_ends_at_once_with_idle_connections_open(fresh):
    fresh.api.get("/health")  # leaves a kept-alive connection
    assert fresh.gateway.process.terminate(10) == 0


def test_ready_says_no_while_it_drains(fresh):
    fresh.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=3000)
    kept = requests.Session()
    assert kept.get(f"{fresh.gateway.url}/ready").status_code == 200
    with ThreadPoolExecutor(2) as pool:
        paying = pool.submit(fresh.api.pay)
        eventually(lambda: fresh.simulator.posts("/v1/payment_intents"), "the payment is at the provider")
        stopping = pool.submit(fresh.gateway.stop)

        def refused():
            try:
                return kept.get(f"{fresh.gateway.url}/ready", timeout=2).status_code == 503
            except requests.ConnectionError:
                return True
        eventually(refused, "no longer ready", 5)
        assert paying.result()["status"] == "succeeded"
        assert stopping.result() == 0


def test_starts_again_on_the_same_port_at_once(fresh):
    for _ in range(3):
        fresh.gateway.stop()
        fresh.gateway.restart()
        assert fresh.api.pay()["status"] == "succeeded"
