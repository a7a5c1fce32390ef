"""A provider's own API through the gateway: byte for byte, with the vault's credentials; writes are operations, sent once."""
import base64

import pytest

from conftest import CREDENTIALS
from support.client import new_key
from support.waiting import eventually

STRIPE = "/v1/passthrough/stripe"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def api(four):
    return four.api


def send(api, method, path, data=None, headers=None, **options):
    return api.request(method, path, data=data, headers={**FORM, **(headers or {})} if data is not None else headers, **options)


def test_reads_come_back_as_they_are(four, api):
    made = api.pay(1234, provider="stripe")
    answer = api.get(f"{STRIPE}/v1/payment_intents/{made['provider_id']}")
    assert answer.status_code == 200
    assert (answer.json()["object"], answer.json()["amount"]) == ("payment_intent", 1234)
    assert answer.headers["X-Unigate-Provider"] == "stripe" and answer.headers["Content-Type"].startswith("application/json")
    assert "X-Unigate-Transaction-Id" not in answer.headers
    listed = api.get(f"{STRIPE}/v1/payment_intents?limit=1&created[gte]=1")
    assert listed.json()["object"] == "list" and len(listed.json()["data"]) == 1
    head = api.request("HEAD", f"{STRIPE}/v1/payment_intents/{made['provider_id']}")
    assert head.status_code == 200 and head.content == b""


@pytest.mark.parametrize("provider, path, member", [
    ("razorpay", "v1/payments?count=1", "items"), ("paypal", "v1/catalogs/products?page_size=1", "products"),
    ("twilio", f"2010-04-01/Accounts/{CREDENTIALS['twilio']['account_sid']}.json", "sid"),
])
def test_every_provider_is_reached_with_its_own_credentials(api, provider, path, member):
    answer = api.get(f"/v1/passthrough/{provider}/{path}")
    assert answer.status_code == 200, answer.text
    assert member in answer.json() and answer.headers["X-Unigate-Provider"] == provider


def test_a_write_is_a_transaction(four, api):
    answer = send(api, "POST", f"{STRIPE}/v1/customers", "name=Ada+L%C3%B6velace&metadata[a+b]=1", idempotency_key=new_key())
    assert answer.status_code == 200 and answer.json()["name"] == "Ada Lövelace"
    record = api.transaction(answer.headers["X-Unigate-Transaction-Id"])
    assert (record["operation"], record["state"], record["outcome"], record["provider"]) == ("passthrough", "succeeded", "done", "stripe")
    assert record["provider_ms"] > 0 and len(record["attempts"]) == 1
    assert record["id"] in [each["id"] for each in api.ok("GET", "/v1/transactions")["data"]]


def test_json_and_every_method_go_through(four, api):
    made = api.request("POST", "/v1/passthrough/paypal/v1/catalogs/products", body={"name": "Video", "type": "SERVICE"})
    assert made.status_code == 201, made.text
    product = made.json()["id"]
    change = [{"op": "replace", "path": "/description", "value": "All films"}]
    assert api.request("PATCH", f"/v1/passthrough/paypal/v1/catalogs/products/{product}", body=change).status_code == 204
    assert api.get(f"/v1/passthrough/paypal/v1/catalogs/products/{product}").json()["description"] == "All films"
    customer = send(api, "POST", f"{STRIPE}/v1/customers", "name=Gone").json()["id"]
    assert api.request("DELETE", f"{STRIPE}/v1/customers/{customer}").json()["deleted"] is True


def test_a_refusal_of_the_provider_comes_back_too(api):
    answer = send(api, "POST", f"{STRIPE}/v1/payment_intents", "amount=-5&currency=usd", idempotency_key=new_key())
    assert answer.status_code == 400 and answer.json()["error"]["type"] == "invalid_request_error"
    record = api.transaction(answer.headers["X-Unigate-Transaction-Id"])
    assert (record["state"], record["outcome"]) == ("failed", "declined")
    assert api.get(f"{STRIPE}/v1/payment_intents/pi_none").status_code == 404


def test_one_key_is_sent_once(four, api):
    key = new_key()
    first = send(api, "POST", f"{STRIPE}/v1/payment_intents", "amount=500&currency=usd", idempotency_key=key)
    again = send(api, "POST", f"{STRIPE}/v1/payment_intents", "amount=500&currency=usd", idempotency_key=key)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content and first.headers["Content-Type"] == again.headers["Content-Type"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Unigate-Transaction-Id"] == first.headers["X-Unigate-Transaction-Id"]
    assert len([seen for seen in four.simulator.posts("/v1/payment_intents") if seen["status"] == 200]) >= 1
    other = send(api, "POST", f"{STRIPE}/v1/payment_intents", "amount=501&currency=usd", idempotency_key=key)
    assert other.status_code == 422 and other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "truncate"])
def test_a_lost_answer_is_unknown_and_never_sent_again(four, api, kind):
    before = len(four.simulator.posts("/v1/payment_intents"))
    four.simulator.fault(kind, prefix="/v1/payment_intents")
    key = new_key()
    lost = send(api, "POST", f"{STRIPE}/v1/payment_intents", "amount=700&currency=usd", idempotency_key=key, timeout=90)
    problem = lost.json()
    assert (lost.status_code, problem["outcome"], problem["retryable"]) == (504, "unknown", False)
    again = send(api, "POST", f"{STRIPE}/v1/payment_intents", "amount=700&currency=usd", idempotency_key=key)
    assert again.status_code == 504 and again.headers["Idempotent-Replayed"] == "true" and again.content == lost.content
    eventually(lambda: api.transaction(problem["transaction_id"])["state"] == "escalated", "a person is called", 60, 0.2)
    assert len(four.simulator.posts("/v1/payment_intents")) == before + 1


def test_a_provider_that_is_down_executed_nothing(make_stack):
    running = make_stack().start()
    try:
        running.simulator.stop()
        key = new_key()
        refused = send(running.api, "POST", f"{STRIPE}/v1/customers", "name=Ada", idempotency_key=key, timeout=90)
        assert refused.status_code == 503 and refused.json()["outcome"] == "not_executed"
        running.simulator.start()
        assert send(running.api, "POST", f"{STRIPE}/v1/customers", "name=Ada", idempotency_key=key).status_code == 200
    finally:
        running.stop()


@pytest.mark.parametrize("path, status, code", [
    ("/v1/passthrough/nobody/v1/x", 404, "not_found"), (f"{STRIPE}/oauth/token", 404, "unknown_path"),
    (f"{STRIPE}/v1/%2e%2e/x", 400, "invalid_request"), (f"{STRIPE}/v1/../../x", 404, None),
])
def test_only_what_the_manifest_allows(api, path, status, code):
    import requests
    # Sent as it stands: no client tidies up the dots.
    request = requests.Request("GET", "http://x").prepare()
    request.url = api.url + path
    request.headers["Authorization"] = f"Bearer {api.key}"
    answer = api.session.send(request)
    assert answer.headers["Content-Type"] == "application/problem+json" and "X-Unigate-Provider" not in answer.headers
    assert answer.status_code == status or code is None and answer.status_code in (400, 404), answer.text
    assert code is None or answer.json()["code"] == code


@pytest.mark.parametrize("path, data", [
    ("v1/tokens", "card[number]=4242424242424242"), ("v1/tokens", "card[number]=4242+4242+4242+4242"),
    ("v1/tokens", "card[number]=4242%204242%204242%204242"), ("v1/tokens?n=4242424242424242", "a=1"), ("v1/4242424242424242", "a=1"),
])
def test_card_numbers_are_refused(four, api, path, data):
    seen = len(four.simulator.requests())
    answer = send(api, "POST", f"{STRIPE}/{path}", data)
    assert answer.status_code == 422 and answer.json()["code"] == "card_number_refused"
    assert "4242424242424242" not in answer.text
    assert len(four.simulator.requests()) == seen
    json = api.request("POST", f"{STRIPE}/v1/tokens", body={"card": {"number": "4242424242424242"}})
    assert json.status_code == 422


def test_scopes(four, api):
    reads = four.client(four.gateway.key(four.org, "test", "passthrough:read"))
    assert reads.get(f"{STRIPE}/v1/balance").status_code == 200
    assert send(reads, "POST", f"{STRIPE}/v1/customers", "name=Ada").status_code == 403
    others = four.client(four.gateway.key(four.org, "test", "payments:read"))
    assert others.get(f"{STRIPE}/v1/balance").status_code == 403
    live = four.client(four.gateway.key(four.org, "live"))
    assert live.get(f"{STRIPE}/v1/balance").json()["code"] == "provider_not_configured"


def test_the_body_is_limited(api):
    answer = send(api, "POST", f"{STRIPE}/v1/customers", b"a=" + b"x" * (1024 * 1024))
    assert answer.status_code == 413


def test_nothing_secret_is_logged_or_passed_on(four, api):
    send(api, "POST", f"{STRIPE}/v1/customers", "name=log-canary-ada", headers={"Cookie": "session=canary-cookie"})
    log = four.gateway.log()
    secret = CREDENTIALS["stripe"]["secret_key"]
    for text in (secret, "log-canary-ada", "canary-cookie", api.key, base64.b64encode(secret.encode()).decode()):
        assert text not in log
    database = (four.gateway.directory / "unigate.db").read_bytes()
    assert b"log-canary-ada" not in database.replace(b'"name":"log-canary-ada"', b"").replace(b'"name": "log-canary-ada"', b"")
