"""Every request and answer of the simulated Stripe against the official contract (UNIGATE_CONTRACTS); skipped where that is absent."""

import json
import urllib.parse

import pytest
import requests
from contract_oracle import CONTRACTS, ORACLE, Observer, Oracle
from node_tools import node_modules
from simulator_process import INTENTS, StripeClient
from test_stripe_behaviour import CHALLENGED, DECLINES, visit

SPECIFICATION = CONTRACTS / "stripe" / "derived_2026-07-29.dahlia.json"
WIRE = CONTRACTS / "wire" / "stripe.json"

pytestmark = pytest.mark.skipif(
    not all(path.is_file() for path in (SPECIFICATION, WIRE, ORACLE)),
    reason=f"the provider contracts are not in {CONTRACTS}",
)


@pytest.fixture(scope="module")
def oracle():
    if node_modules() is None:
        pytest.skip("Node is not installed")
    oracle = Oracle(SPECIFICATION)
    yield oracle
    oracle.close()


@pytest.fixture
def observer(oracle):
    return Observer(oracle)


@pytest.fixture
def checked(simulator, observer):
    return StripeClient(simulator, observe=observer)


def test_the_oracle_bites(oracle, stripe):
    """Without this, an oracle that lets everything pass would pass everything here."""
    payment = stripe.pay()
    sent = payment.request
    spoilt = payment.json()
    del spoilt["status"]
    result = oracle.check("POST", INTENTS, sent.headers, sent.body + "&amout=1", 200, json.dumps(spoilt))
    assert any("amout" in fault for fault in result["request"])
    assert any("status" in fault for fault in result["answer"])


def test_payments_conform(checked):
    created = checked.post(
        INTENTS,
        {
            "amount": 1099, "currency": "usd", "description": "Order 7", "receipt_email": "z@example.com",
            "metadata": {"order": "7"}, "statement_descriptor_suffix": "SHOP",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "shipping": {"name": "Zoë", "phone": "+1", "address": {"line1": "1 Main St", "country": "US"}},
            "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        },
    ).json()
    path = f"{INTENTS}/{created['id']}"
    assert checked.post(path, {"description": "", "metadata": {"order": ""}}).status_code == 200
    assert checked.post(f"{path}/confirm", {"payment_method": "pm_card_visa"}).json()["status"] == "succeeded"
    expand = ["latest_charge.balance_transaction", "latest_charge.refunds", "customer", "payment_method"]
    assert checked.get(path, {"expand": expand}).status_code == 200
    held = checked.pay(capture_method="manual", setup_future_usage="on_session").json()["id"]
    assert checked.post(f"{INTENTS}/{held}/capture", {"amount_to_capture": 700}).json()["amount_received"] == 700
    held = checked.pay(capture_method="manual", payment_method_types=["card"]).json()["id"]
    assert checked.post(f"{INTENTS}/{held}/cancel", {"cancellation_reason": "fraudulent"}).status_code == 200
    connected = {"application_fee_amount": 12, "on_behalf_of": "acct_1", "transfer_data": {"destination": "acct_1", "amount": 90}}
    assert checked.pay(**connected, transfer_group="g").status_code == 200
    assert len(checked.get(INTENTS, {"limit": 3, "created": {"gte": 1700000000}, "expand": ["data.latest_charge"]}).json()["data"]) == 3
    assert checked.get(f"{INTENTS}/search", {"query": "status:'succeeded'", "limit": 1}).json()["has_more"]
    assert checked.get("/v1/charges", {"payment_intent": held}).status_code == 200
    assert checked.get("/v1/balance").status_code == 200


def test_refunds_conform(checked):
    payment = checked.pay().json()
    refund = checked.post("/v1/refunds", {"payment_intent": payment["id"], "amount": 100, "reason": "duplicate", "metadata": {"k": "v"}}).json()
    assert checked.post("/v1/refunds", {"charge": payment["latest_charge"], "expand": ["charge", "payment_intent", "balance_transaction"]}).status_code == 200
    assert checked.get(f"/v1/refunds/{refund['id']}").json() == refund
    assert checked.post(f"/v1/refunds/{refund['id']}", {"metadata": ""}).json()["metadata"] == {}
    assert len(checked.get("/v1/refunds", {"charge": payment["latest_charge"]}).json()["data"]) == 2
    assert checked.post("/v1/refunds", {"payment_intent": payment["id"]}).status_code == 400
    assert checked.post(f"/v1/refunds/{refund['id']}/cancel").status_code == 400
    assert checked.get(f"/v1/charges/{payment['latest_charge']}", {"expand": ["refunds"]}).json()["refunds"]["data"]


def test_customers_and_methods_conform(checked):
    customer = checked.post(
        "/v1/customers",
        {
            "name": "Zoë", "email": "zoe@example.com", "balance": -5, "preferred_locales": ["en-GB"], "tax_exempt": "reverse",
            "address": {"city": "SF"}, "shipping": {"name": "Z", "address": {"line1": "1 Main St"}},
            "invoice_settings": {"custom_fields": [{"name": "PO", "value": "1"}], "footer": "thanks"},
            "business_name": "Z Ltd", "metadata": {"1": "one"},
        },
    ).json()
    path = f"/v1/customers/{customer['id']}"
    assert checked.post(path, {"shipping": "", "address": "", "name": "", "email": ""}).status_code == 200
    billing = {"email": "z@example.com", "address": {"city": "SF"}}
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    method = checked.post("/v1/payment_methods", {"type": "card", "card": card, "billing_details": billing}).json()["id"]
    assert checked.post(f"/v1/payment_methods/{method}/attach", {"customer": customer["id"]}).status_code == 200
    assert checked.post(f"/v1/payment_methods/{method}", {"metadata": {"a": 1}, "card": {"exp_month": 3}}).status_code == 200
    assert checked.get(f"/v1/payment_methods/{method}", {"expand": ["customer"]}).status_code == 200
    assert checked.get("/v1/payment_methods", {"customer": customer["id"], "type": "card"}).json()["data"]
    assert checked.get(f"{path}/payment_methods", {"type": "card", "limit": 5}).json()["data"]
    assert checked.pay(customer=customer["id"], method=method, off_session=True, expand=["customer"]).status_code == 200
    assert checked.post(f"/v1/payment_methods/{method}/detach").status_code == 200
    assert checked.get("/v1/customers", {"email": "zoe@example.com"}).status_code == 200
    assert checked.get("/v1/customers/search", {"query": "metadata['1']:'one'"}).json()["data"]
    assert checked.delete(path).json()["deleted"]
    assert checked.get(path).json()["deleted"]


@pytest.mark.parametrize("card", [card for card, *_ in DECLINES])
def test_declines_conform(checked, card):
    error = checked.pay(method=card).json()["error"]
    assert checked.get(f"{INTENTS}/{error['payment_intent']['id']}").status_code == 200
    assert checked.get(f"/v1/charges/{error['charge']}").status_code == 200


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
@pytest.mark.parametrize("card", [*CHALLENGED, "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"])
def test_challenges_conform(checked, card, outcome):
    payment = checked.pay(method=card, return_url="https://shop.example/").json()
    visit(payment, outcome)
    assert checked.get(f"{INTENTS}/{payment['id']}", {"expand": ["latest_charge"]}).status_code == 200
    assert checked.pay(method=card).json()["next_action"]["type"] == "use_stripe_sdk"


def test_answers_to_wrong_requests_conform(checked, observer):
    observer.right = False
    answers = [
        checked.post(INTENTS, {"amount": "x", "currency": "usd"}),
        checked.post(INTENTS, {"amount": 10, "currency": "usd"}),
        checked.post(INTENTS, {"amount": 1000, "currency": "zzz"}),
        checked.post(INTENTS, {"amount": 1000, "currency": "usd", "colour": "red"}),
        checked.post(INTENTS, {"currency": "usd"}),
        checked.get(f"{INTENTS}/pi_none"),
        checked.get(INTENTS, {"limit": 0}),
        checked.get("/v1/balance", headers={"Authorization": ""}),
    ]
    assert [a.status_code for a in answers] == [400, 400, 400, 400, 400, 404, 400, 401]


@pytest.mark.parametrize("kind, status", [("status_429", 429), ("error_500_before", 500), ("error_500_after", 500)])
def test_answers_of_faults_conform(simulator, checked, kind, status):
    simulator.add_fault(kind)
    assert checked.pay(idempotency_key="key").status_code == status
    assert checked.pay(idempotency_key="key").status_code in (200, 500)
    assert checked.pay(2001, idempotency_key="key").status_code == 400


@pytest.mark.parametrize("kind", ["delay", "slow_headers"])
def test_late_answers_conform(simulator, checked, kind):
    simulator.add_fault(kind, delay_ms=1)
    assert checked.pay().status_code == 200


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate"])
def test_first_answer_after_a_broken_one_conforms(simulator, checked, kind):
    simulator.add_fault(kind)
    with pytest.raises(requests.exceptions.RequestException):
        checked.pay(idempotency_key="key")
    assert checked.pay(idempotency_key="key").json()["status"] == "succeeded"


def wire_records():
    if not WIRE.is_file():
        return []
    emulated = ("/v1/payment_intents", "/v1/charges", "/v1/refunds", "/v1/customers", "/v1/payment_methods", "/v1/balance")
    records = json.loads(WIRE.read_text())["records"]
    return [r for r in records if r["request"]["path"].startswith(emulated)]


# What a request in the right form may still be answered, because the objects it names are not there.
ABSENT = {"resource_missing", "payment_intent_unexpected_state"}


@pytest.mark.parametrize("record", wire_records(), ids=lambda record: record["op"])
def test_requests_of_the_official_sdk_are_understood(simulator, oracle, record):
    request = record["request"]
    url = request["path"] + (f"?{request['query']}" if request.get("query") else "")
    # The placeholder of the recording is a well-formed key; content-length is counted anew.
    headers = {k: v for k, v in request["headers"].items() if k != "content-length"}
    response = requests.request(request["method"], simulator.url + url, data=request["body"], headers=headers, timeout=30)
    assert oracle.check(request["method"], url, headers, request["body"], response.status_code, response.text)["answer"] == []
    if response.status_code != 200:
        error = response.json()["error"]
        assert response.status_code in (400, 404) and error.get("code") in ABSENT, (urllib.parse.unquote(url), error)


def test_every_operation_is_covered_by_the_wire_records_or_says_so():
    """The recordings hold most of the emulated operations; this pins which, so that a shrunken recording is noticed."""
    operations = {record["op"] for record in wire_records()}
    assert {"payment.get", "payment.confirm", "payment.list", "payment.search", "refund.create", "refund.list",
            "customer.create", "customer.delete", "customer.search", "instrument.list"} <= operations
