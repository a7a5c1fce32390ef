"""Limits beyond a key's own: organisations, addresses, routes, several processes through Redis."""
import re

import pytest
import requests

from support.processes import Gateway
from support.redis_server import RedisServer
from support.waiting import eventually

ORDERS = "/v1/payments/orders"


def statuses(client, count, path=ORDERS, **options):
    return [client.get(path, **options).status_code for _ in range(count)]


@pytest.fixture
def limited(make_stack):
    running = []

    def make(limits, **settings):
        running.append(make_stack({"limits": limits, **settings}).start())
        return running[-1]
    yield make
    for each in running:
        each.stop()


def test_an_organisation_has_a_limit_over_all_its_keys(limited):
    stack = limited({"per_organisation_per_minute": 30})
    second = stack.client(stack.gateway.key(stack.org))
    answers = [client.get(ORDERS) for _ in range(25) for client in (stack.api, second)]
    assert 30 <= sum(a.status_code == 200 for a in answers) <= 32
    refused = [a for a in answers if a.status_code == 429]
    assert refused[0].json()["limit"] == "organisation" and "organisation" in refused[0].json()["detail"]
    assert re.fullmatch(r'"default";q=1000000;w=60, "organisation";q=30;w=60', refused[0].headers["RateLimit-Policy"])
    assert '"organisation";r=0' in refused[0].headers["RateLimit"]
    assert stack.newcomer().get(ORDERS).status_code == 200


def test_a_route_has_a_limit_of_its_own(limited):
    stack = limited({"routes": {f"GET {ORDERS}": 5}})
    answers = [stack.api.get(ORDERS) for _ in range(12)]
    assert 5 <= sum(a.status_code == 200 for a in answers) <= 6
    assert answers[-1].status_code == 429 and answers[-1].json()["limit"] == "route"
    assert stack.api.get("/v1/transactions").status_code == 200


def test_an_address_is_held_back_before_its_key_is_looked_up(limited):
    stack = limited({"per_address_per_minute": 20})
    answers = [requests.get(stack.gateway.url + ORDERS, headers={"Authorization": "Bearer nonsense"}, timeout=10) for _ in range(40)]
    assert {a.status_code for a in answers} == {401, 429}
    assert answers[-1].json()["limit"] == "address"
    assert requests.get(stack.gateway.url + "/no/such/path", timeout=10).status_code == 429


def test_behind_a_trusted_proxy_the_client_counts(limited):
    stack = limited({"per_address_per_minute": 200}, server={"trusted_proxies": ["127.0.0.1"]})
    session = requests.Session()

    def send(address, count):
        return [session.get(stack.gateway.url + ORDERS, timeout=10, headers={"X-Forwarded-For": address}).status_code for _ in range(count)]
    assert 429 in send("203.0.113.9", 230)
    assert set(send("203.0.113.10", 20)) == {401}
    # Hearsay before the last address is not believed.
    assert 429 in send("198.51.100.1, 203.0.113.9", 5)


def test_nobody_else_may_say_whose_request_it_is(limited):
    stack = limited({"per_address_per_minute": 20})
    seen = {requests.get(stack.gateway.url + ORDERS, timeout=10, headers={"X-Forwarded-For": f"203.0.113.{i}"}).status_code for i in range(40)}
    assert 429 in seen


def metric(gateway, name):
    text = requests.get(gateway.metrics_url, timeout=10).text
    return float(re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)[1])


@pytest.fixture
def pair(make_stack, tmp_path):
    """Two gateways with databases of their own that share one Redis and, by its id, one API key's bucket: the same
    organisation limit holds for both only when the second serves a copy of the first one's database."""
    redis = RedisServer(tmp_path).start()
    first = make_stack({"limits": {"redis_url": redis.url, "default_per_minute": 40}}).start()
    first.gateway.stop()
    twin = Gateway(tmp_path, {"limits": {"redis_url": redis.url, "default_per_minute": 40}, "providers": first.gateway.settings["providers"]})
    for name in ("kek", "unigate.db", "unigate.db-wal"):
        source = first.directory / name
        if source.exists():
            (tmp_path / name).write_bytes(source.read_bytes())
            (tmp_path / name).chmod(0o600)
    first.gateway.start()
    twin.start()
    yield first, twin, redis
    twin.stop()
    first.stop()
    redis.kill()


def test_two_gateways_share_their_limits_and_survive_without_redis(pair):
    first, twin, redis = pair
    for gateway in (first.gateway, twin):
        eventually(lambda gateway=gateway: metric(gateway, "unigate_limiter_shared") == 1, "Redis decides", 20)
    session = requests.Session()

    def ask(gateway, key, count):
        answers = [session.get(gateway.url + ORDERS, timeout=10, headers={"Authorization": f"Bearer {key}"}) for _ in range(count)]
        return sum(a.status_code == 200 for a in answers)
    key = first.key
    allowed = sum(ask(gateway, key, 5) for _ in range(8) for gateway in (first.gateway, twin))
    assert 40 <= allowed <= 43, f"{allowed} of 80 with a limit of 40 in two processes"
    assert ask(first.gateway, key, 3) <= 1 and ask(twin, key, 3) <= 1

    # Without Redis each goes on by itself, and says so.
    redis.kill()
    eventually(lambda: ask(twin, "unf_test_nonsense", 1) == 0 and metric(twin, "unigate_limiter_shared") in (0, 1), "it answers", 10)
    assert session.get(twin.url + "/health", timeout=5).status_code == 200
    answered = [session.get(gateway.url + ORDERS, timeout=10, headers={"Authorization": f"Bearer {key}"}).status_code
                for gateway in (first.gateway, twin) for _ in range(5)]
    assert set(answered) <= {200, 429}
    for gateway in (first.gateway, twin):
        eventually(lambda gateway=gateway: metric(gateway, "unigate_limiter_shared") == 0, "Redis is known to be away", 20)
    assert "Redis is away" in twin.log() and metric(twin, "unigate_limiter_redis_failures_total") >= 1

    # Back again, without a restart.
    redis.start()
    for gateway in (first.gateway, twin):
        eventually(lambda gateway=gateway: metric(gateway, "unigate_limiter_shared") == 1, "Redis decides again", 20)
    before = metric(twin, "unigate_limiter_shared_decisions_total")
    ask(twin, key, 1)
    eventually(lambda: ask(twin, key, 1) >= 0 and metric(twin, "unigate_limiter_shared_decisions_total") > before, "by Redis", 20)


def test_a_redis_that_hangs_delays_no_payment_for_long(limited, tmp_path):
    redis = RedisServer(tmp_path).start()
    try:
        stack = limited({"redis_url": redis.url})
        eventually(lambda: metric(stack.gateway, "unigate_limiter_shared") == 1, "Redis decides", 20)
        assert stack.api.pay()["status"] == "succeeded"
        redis.cli("client", "pause", "15000", "all")
        slowest = max(stack.api.request("GET", ORDERS).elapsed.total_seconds() for _ in range(10))
        assert slowest < 2
        assert stack.api.pay()["status"] == "succeeded"
    finally:
        redis.kill()


def test_a_misspelled_route_and_a_bad_proxy_are_told(limited, make_stack):
    stack = limited({"routes": {"GET /v1/payment/orders": 5}})
    assert f"GET {ORDERS}" in stack.gateway.log()
    gateway = stack.gateway
    gateway.stop()
    gateway.settings["server"]["trusted_proxies"] = ["proxy.example.com"]
    gateway.write_settings()
    told = gateway.run("config", "check", check=False)
    assert told.returncode == 1 and "server.trusted_proxies" in told.stderr
