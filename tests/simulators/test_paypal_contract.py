"""Every request and answer of the simulated PayPal against the official contract (UNIGATE_CONTRACTS); skipped where that is absent."""

import datetime
import json

import pytest
import requests
from contract_oracle import CONTRACTS, ORACLE, Observer, Oracle
from node_tools import node_modules
from paypal_client import PaypalClient, usd
from simulator_process import Simulator

SPECIFICATIONS = sorted((CONTRACTS / "paypal").glob("*.pared.json")) + [CONTRACTS / "paypal" / "oauth2_token.ours.json"]
WIRE = CONTRACTS / "wire" / "paypal.json"
# Answers of newer operations than the documents of 2024 name.
UNDESCRIBED = {("GET", "/v1/billing/subscriptions")}

pytestmark = pytest.mark.skipif(
    not all(path.is_file() for path in (*SPECIFICATIONS, WIRE, ORACLE)),
    reason=f"the provider contracts are not in {CONTRACTS}",
)


@pytest.fixture(scope="module")
def oracle():
    if node_modules() is None:
        pytest.skip("Node is not installed")
    oracle = Oracle(*SPECIFICATIONS)
    yield oracle
    oracle.close()


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl", providers=("paypal",)) as running:
        yield running


@pytest.fixture
def paypal(simulator, oracle):
    return PaypalClient(simulator, observe=Observer(oracle))


def test_the_oracle_bites(oracle, paypal):
    response = paypal.call("POST", "/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [{"amount": usd("1.00")}]})
    spoilt = response.json()
    spoilt["status"] = 7
    body = '{"intent":"CAPTURE","purchase_units":[{"amount":{"currency_code":"USD","value":1}}]}'
    result = oracle.check("POST", "/v2/checkout/orders", response.request.headers, body, 201, json.dumps(spoilt))
    assert result["request"] and result["answer"]


def test_payments_conform(paypal):
    capture = paypal.paid(unit={"custom_id": "c", "invoice_id": "i", "description": "d"})
    paypal.get(f"/v2/payments/captures/{capture['id']}")
    refund = paypal.post(f"/v2/payments/captures/{capture['id']}/refund", {"amount": usd("1.00"), "note_to_payer": "n"})
    paypal.get(f"/v2/payments/refunds/{refund['id']}")
    authorization = paypal.authorized()
    path = f"/v2/payments/authorizations/{authorization['id']}"
    paypal.get(path)
    paypal.post(f"{path}/capture", {"amount": usd("1.00"), "final_capture": False})
    paypal.post(f"{path}/void")
    renewed = paypal.post(f"/v2/payments/authorizations/{paypal.authorized()['id']}/reauthorize", {"amount": usd("10.00")})
    assert renewed["status"] == "CREATED"
    order = paypal.order()
    paypal.get(f"/v2/checkout/orders/{order['id']}")
    paypal.post(f"/v2/checkout/orders/{order['id']}/confirm-payment-source", {"payment_source": {"paypal": {"email_address": "c@example.com"}}})
    card = {"number": "4111111111111111", "expiry": "2040-01", "name": "Zoe"}
    paypal.order(payment_source={"card": card}, key="k1")
    for value in ("102.02", "103.03"):
        paypal.paid(value)
    assert paypal.refused("POST", f"/v2/checkout/orders/{order['id']}/capture") == "PAYER_ACTION_REQUIRED"
    assert paypal.call("GET", "/v2/checkout/orders/NONE").status_code == 404


def test_billing_conforms(simulator, paypal):
    plan = paypal.plan(total=3, trial="1", payment_preferences={"setup_fee": usd("5"), "auto_bill_outstanding": True})
    paypal.get(f"/v1/billing/plans/{plan}")
    paypal.get("/v1/billing/plans", page_size="2", total_required="true")
    paypal.get("/v1/catalogs/products", total_required="true")
    path = f"/v1/billing/subscriptions/{paypal.subscription(plan, custom_id='u1')}"
    assert paypal.get(path)["status"] == "ACTIVE"
    simulator.advance(3600)
    times = {"start_time": "2020-01-01T00:00:00Z", "end_time": "2090-01-01T00:00:00Z"}
    assert paypal.get(f"{path}/transactions", **times)["transactions"]
    paypal.post(f"{path}/revise", {"plan_id": plan}, status=200)
    for action in ("suspend", "activate", "cancel"):
        paypal.ok("POST", f"{path}/{action}", {"reason": "r"}, status=204)
    assert paypal.refused("POST", f"{path}/suspend", {"reason": "r"}) == "SUBSCRIPTION_STATUS_INVALID"


def test_payouts_and_vault_conform(simulator, paypal):
    path = f"/v1/payments/payouts/{paypal.payout('a@example.com', 'failed@example.com', 'unclaimed@example.com', batch='B1')}"
    simulator.advance(10)
    items = paypal.get(path)["items"]
    assert [i["transaction_status"] for i in items] == ["SUCCESS", "FAILED", "UNCLAIMED"]
    paypal.get(f"/v1/payments/payouts-item/{items[0]['payout_item_id']}")
    paypal.post(f"/v1/payments/payouts-item/{items[2]['payout_item_id']}/cancel")
    setup = paypal.post("/v3/vault/setup-tokens", {"customer": {"id": "customer_1"}, "payment_source": {"paypal": {"usage_type": "MERCHANT"}}}, key="s1")
    paypal.approve(setup)
    paypal.get(f"/v3/vault/setup-tokens/{setup['id']}")
    paypal.observe.right = False  # the document does not know SETUP_TOKEN (its errata)
    token = paypal.post("/v3/vault/payment-tokens", {"payment_source": {"token": {"id": setup["id"], "type": "SETUP_TOKEN"}}}, key="t1")["id"]
    paypal.observe.right = True
    paypal.get(f"/v3/vault/payment-tokens/{token}")
    paypal.get("/v3/vault/payment-tokens", customer_id="customer_1")
    paypal.ok("DELETE", f"/v3/vault/payment-tokens/{token}", status=204)


def test_invoices_disputes_and_reports_conform(simulator, paypal):
    body = {"detail": {"currency_code": "USD"}, "items": [{"name": "Work", "quantity": "2", "unit_amount": usd("5.00")}],
            "primary_recipients": [{"billing_info": {"email_address": "bill@example.com"}}]}
    path = f"/v2/invoicing/invoices/{paypal.post('/v2/invoicing/invoices', body)['id']}"
    paypal.post(f"{path}/send", {"send_to_recipient": True})
    paypal.post(f"{path}/payments", {"method": "CASH", "amount": usd("2.00")})
    assert paypal.get(path)["status"] == "PARTIALLY_PAID"
    paypal.get("/v2/invoicing/invoices", page_size="5", total_required="true")
    paypal.post("/v2/invoicing/search-invoices", {"status": ["SENT"]})
    capture = paypal.paid()["id"]
    dispute = simulator.steer(f"paypal/captures/{capture}/dispute")["dispute_id"]
    assert paypal.get(f"/v1/customer/disputes/{dispute}")["status"] == "WAITING_FOR_SELLER_RESPONSE"
    paypal.get("/v1/customer/disputes", disputed_transaction_id=capture)
    simulator.steer(f"paypal/disputes/{dispute}/resolve")
    assert paypal.get(f"/v1/customer/disputes/{dispute}")["status"] == "RESOLVED"
    paypal.get("/v1/reporting/balances", currency_code="USD")
    now = datetime.datetime.now(datetime.timezone.utc)
    days = [(now + datetime.timedelta(days=d)).strftime("%Y-%m-%dT%H:%M:%SZ") for d in (-1, 1)]
    assert paypal.get("/v1/reporting/transactions", start_date=days[0], end_date=days[1])["transaction_details"]
    paypal.post("/v2/customer/partner-referrals", {
        "operations": [{"operation": "API_INTEGRATION"}], "legal_consents": [{"type": "SHARE_DATA_CONSENT", "granted": True}]})


def test_webhooks_conform(paypal):
    hook = paypal.post("/v1/notifications/webhooks", {"url": "https://x.example/h", "event_types": [{"name": "PAYMENT.CAPTURE.COMPLETED"}]})
    path = f"/v1/notifications/webhooks/{hook['id']}"
    assert paypal.get(path)["url"] == "https://x.example/h"
    paypal.get("/v1/notifications/webhooks")
    paypal.ok("PATCH", path, [{"op": "replace", "path": "/event_types", "value": [{"name": "*"}]}])
    paypal.paid()
    event = paypal.get("/v1/notifications/webhooks-events", event_type="PAYMENT.CAPTURE.COMPLETED")["events"][0]
    paypal.observe.right = False  # the document's pattern knows no "WH-...", which is what PayPal sends
    assert paypal.get(f"/v1/notifications/webhooks-events/{event['id']}") == event
    paypal.observe.right = True
    paypal.get("/v1/notifications/webhooks-event-types")
    paypal.ok("DELETE", path, status=204)


def wire_records():
    return json.loads(WIRE.read_text())["records"] if WIRE.is_file() else []


# What a request in the right form may still be answered, because the objects that it names are not there.
ABSENT = {404: {"INVALID_RESOURCE_ID"}, 422: {"TOKEN_ID_NOT_FOUND"}}


@pytest.mark.parametrize("record", wire_records(), ids=lambda record: record["op"])
def test_requests_of_the_official_sdk_are_understood(simulator, oracle, record):
    request = record["request"]
    url = request["path"] + (f"?{request['query']}" if request.get("query") else "")
    client = PaypalClient(simulator)
    client.log_in()
    headers = {k: v for k, v in request["headers"].items() if k != "content-length"}
    if headers["authorization"].startswith("Bearer"):
        headers["authorization"] = f"Bearer {client.token}"
    response = requests.request(request["method"], simulator.url + url, data=request["body"].encode(), headers=headers, timeout=30)
    answer = oracle.check(request["method"], url, headers, request["body"], response.status_code, response.text)["answer"]
    if (request["method"], request["path"]) not in UNDESCRIBED:
        assert answer == [], response.text
    if response.status_code >= 300:
        assert response.json()["details"][0]["issue"] in ABSENT[response.status_code], response.text
