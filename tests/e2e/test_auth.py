"""Who may do what: keys, environments, scopes, organisations."""
import pytest

from conftest import STRIPE_TEST_KEY
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD"}


@pytest.fixture
def anonymous(stack):
    return stack.client(None)


def test_no_key_is_a_401(anonymous):
    response = anonymous.get(ORDERS)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization" in response.json()["detail"]


def altered(key):
    """The same key with its last character changed: the checksum no longer fits."""
    return key[:-1] + ("0" if key[-1] != "0" else "1")


@pytest.mark.parametrize("make", [
    altered, lambda key: key + "x", lambda key: key[:-1], lambda key: key.replace("_test_", "_live_"), lambda key: "nonsense",
    lambda key: "unf_test_" + "0" * 36, lambda key: key.upper(),
], ids=["altered", "longer", "shorter", "other environment", "nonsense", "zeros", "upper case"])
def test_wrong_keys_are_a_401(stack, make):
    before = len(stack.simulator.requests())
    wrong = make(stack.key)
    response = stack.client(wrong).post(ORDERS, BODY)
    assert response.status_code == 401 and wrong not in response.text
    assert len(stack.simulator.requests()) == before


@pytest.mark.parametrize("headers", [
    lambda key: {"X-Platform-Key": key}, lambda key: {"Authorization": f"Bearer {key}"}, lambda key: {"Authorization": f"bearer {key}"},
    lambda key: {"Authorization": f"Bearer {key}", "X-Platform-Key": key},
])
def test_a_key_may_come_in_either_header(stack, anonymous, headers):
    assert anonymous.get(ORDERS, headers=headers(stack.key)).status_code == 200


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", ""])
def test_other_schemes_are_a_401(anonymous, header):
    assert anonymous.get(ORDERS, headers={"Authorization": header}).status_code == 401


def test_others_resources_look_unknown(stack, api):
    payment = api.pay()
    customer = api.ok("POST", "/v1/customers", {}, 201)
    other = stack.newcomer()
    for method, template, known in (
            ("GET", f"{ORDERS}/%s", payment["id"]), ("POST", f"{ORDERS}/%s/cancel", payment["id"]),
            ("GET", "/v1/transactions/%s", payment["transaction_id"]), ("GET", "/v1/customers/%s", customer["id"]),
            ("DELETE", "/v1/customers/%s", customer["id"])):
        path, unknown_path = template % known, template % (known.split("_")[0] + "_" + "0" * 26)
        theirs, unknown = other.request(method, path), other.request(method, unknown_path)
        assert theirs.status_code == unknown.status_code == 404
        assert theirs.json()["detail"] == unknown.json()["detail"]
    assert other.problem("POST", "/v1/payments/refunds", {"payment": payment["id"]}, 404)
    assert other.ok("GET", ORDERS)["data"] == []
    assert other.pay(status=422, customer=customer["id"])["param"] == "customer"


def test_live_and_test_are_apart(fresh):
    fresh.gateway.stop()
    fresh.gateway.settings["providers"]["stripe"]["endpoints"]["live"] = {"api": fresh.simulator.url}
    fresh.gateway.write_settings()
    fresh.gateway.restart()
    live = fresh.client(fresh.gateway.key(fresh.org, "live"))
    refused = live.post(ORDERS, BODY)  # no live credentials yet: the test ones must not serve
    assert 400 <= refused.status_code < 500, refused.text
    assert fresh.simulator.requests() == []
    fresh.gateway.service(fresh.org, {"secret_key": STRIPE_TEST_KEY.replace("_test_", "_live_")}, environment="live")
    eventually(lambda: live.post(ORDERS, BODY, idempotency_key="live-1").status_code == 201, "the live credentials are known", 10, 0.1)
    [real] = live.ok("GET", ORDERS)["data"]
    trial = fresh.api.ok("POST", ORDERS, BODY, 201)
    assert (real["livemode"], trial["livemode"]) == (True, False)
    live.problem("GET", f"{ORDERS}/{trial['id']}", None, 404)
    fresh.api.problem("GET", f"{ORDERS}/{real['id']}", None, 404)
    assert [p["id"] for p in live.ok("GET", ORDERS)["data"]] == [real["id"]]


def test_credentials_of_the_other_environment_are_refused(stack):
    file = stack.directory / "wrong.json"
    file.write_text('{"secret_key": "%s"}' % STRIPE_TEST_KEY)
    done = stack.gateway.run("service", "set", "--org", stack.org, "--provider", "stripe", "--environment", "live", "--from", file, check=False)
    assert done.returncode == 1 and "live" in done.stderr and STRIPE_TEST_KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("scopes, allowed, forbidden", [
    ("payments:read", [("GET", ORDERS)], [("POST", ORDERS), ("GET", "/v1/customers"), ("GET", "/v1/payments/refunds")]),
    ("payments:write", [("GET", ORDERS), ("POST", ORDERS)], [("POST", "/v1/customers"), ("GET", "/v1/balance")]),
    ("customers:write,balance:read", [("POST", "/v1/customers"), ("GET", "/v1/balance")], [("GET", ORDERS)]),
])
def test_a_key_does_what_its_scopes_say(stack, scopes, allowed, forbidden):
    client = stack.client(stack.gateway.key(stack.org, "test", scopes))
    bodies = {ORDERS: BODY, "/v1/customers": {}}
    for method, path in allowed:
        assert client.request(method, path, body=bodies.get(path) if method == "POST" else None).status_code in (200, 201)
    for method, path in forbidden:
        problem = client.problem(method, path, bodies.get(path) if method == "POST" else None, 403)
        assert "scope" in problem["detail"]


def test_unknown_scopes_are_refused(stack):
    done = stack.gateway.run("key", "create", "--org", stack.org, "--environment", "test", "--scopes", "payments:fly", check=False)
    assert done.returncode in (1, 2) and "payments:fly" in done.stderr


def test_no_secret_is_in_the_log_or_the_database(stack, api):
    api.pay()
    api.get("/v1/balance", params={"include": "raw"})
    log = stack.gateway.log()
    stored = b"".join(file.read_bytes() for file in stack.directory.glob("unigate.db*"))
    for secret in (STRIPE_TEST_KEY, stack.key):
        assert secret not in log
        assert secret.encode() not in stored
