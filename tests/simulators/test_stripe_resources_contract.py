"""The resources beyond payments against the official contract (UNIGATE_CONTRACTS); skipped where that is absent."""

import json

import pytest
import requests
from contract_oracle import CONTRACTS, ORACLE, Observer, Oracle
from node_tools import node_modules
from simulator_process import StripeClient
from test_stripe_contract import SPECIFICATION, WIRE
from test_stripe_resources import DAY, customer, fund, price, subscribe

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
def checked(simulator, oracle):
    return StripeClient(simulator, observe=Observer(oracle))


def ok(response):
    assert response.status_code == 200, response.text
    return response.json()


def test_setup_intents_conform(checked):
    setup = ok(checked.post("/v1/setup_intents", {"customer": customer(checked, None), "description": "d", "usage": "off_session", "metadata": {"k": "v"}}))
    ok(checked.post(f"/v1/setup_intents/{setup['id']}/confirm", {"payment_method": "pm_card_visa"}))
    ok(checked.get(f"/v1/setup_intents/{setup['id']}", {"expand": ["payment_method", "customer"]}))
    challenged = ok(checked.post("/v1/setup_intents", {"payment_method": "pm_card_authenticationRequired", "confirm": True}))
    requests.get(challenged["next_action"]["use_stripe_sdk"]["stripe_js"] + "?outcome=fail", timeout=30)
    assert ok(checked.get(f"/v1/setup_intents/{challenged['id']}"))["last_setup_error"]
    ok(checked.post(f"/v1/setup_intents/{challenged['id']}/cancel", {"cancellation_reason": "abandoned"}))
    assert checked.post("/v1/setup_intents", {"payment_method": "pm_card_chargeDeclined", "confirm": True}).status_code == 402
    assert len(ok(checked.get("/v1/setup_intents", {"limit": 2}))["data"]) == 2


def test_catalog_conforms(checked):
    product = ok(checked.post("/v1/products", {
        "name": "Gold", "description": "d", "images": ["https://a.example/i.png"], "metadata": {"k": "v"},
        "default_price_data": {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "week", "interval_count": 2}}}))
    ok(checked.post(f"/v1/products/{product['id']}", {"name": "Platinum", "active": True, "url": "https://a.example/"}))
    ok(checked.get(f"/v1/products/{product['id']}", {"expand": ["default_price"]}))
    ok(checked.get("/v1/products", {"active": True, "limit": 1}))
    ok(checked.get("/v1/products/search", {"query": "name:'Platinum'"}))
    made = ok(checked.post("/v1/prices", {"product": product["id"], "currency": "jpy", "unit_amount_decimal": "12", "lookup_key": "gold", "nickname": "n", "tax_behavior": "inclusive"}))
    ok(checked.post("/v1/prices", {"product_data": {"name": "Tin"}, "currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}}))
    ok(checked.post(f"/v1/prices/{made['id']}", {"metadata": {"a": "b"}, "active": False}))
    ok(checked.get(f"/v1/prices/{made['id']}", {"expand": ["product"]}))
    assert ok(checked.get("/v1/prices", {"lookup_keys": ["gold"]}))["data"][0]["id"] == made["id"]
    ok(checked.get("/v1/prices/search", {"query": "lookup_key:'gold'"}))
    ok(checked.delete(f"/v1/products/{ok(checked.post('/v1/products', {'name': 'x'}))['id']}"))


def test_subscriptions_and_invoices_conform(simulator, checked):
    made = subscribe(checked, metadata={"k": "v"}, description="d", expand=["latest_invoice"])
    assert made["latest_invoice"]["status"] == "paid"
    path = f"/v1/subscriptions/{made['id']}"
    ok(checked.post(path, {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 2}], "proration_behavior": "none"}))
    ok(checked.post(path, {"pause_collection": {"behavior": "mark_uncollectible"}}))
    simulator.advance(32 * DAY)
    ok(checked.post(path, {"pause_collection": "", "cancel_at_period_end": True}))
    ok(checked.get(path, {"expand": ["customer", "default_payment_method"]}))
    trial = subscribe(checked, trial_period_days=3)
    ok(checked.get("/v1/subscriptions", {"customer": trial["customer"], "status": "trialing", "limit": 3}))
    ok(checked.get("/v1/subscriptions/search", {"query": "metadata['k']:'v'"}))
    ok(checked.delete(f"/v1/subscriptions/{trial['id']}"))
    invoice = ok(checked.get("/v1/invoices", {"subscription": made["id"], "limit": 1}))["data"][0]
    ok(checked.get(f"/v1/invoices/{invoice['id']}", {"expand": ["customer"]}))
    owner = customer(checked)
    ok(checked.post("/v1/invoiceitems", {"customer": owner, "amount": 700, "currency": "usd", "description": "Work"}))
    ok(checked.get("/v1/invoiceitems", {"customer": owner}))
    drafted = ok(checked.post("/v1/invoices", {"customer": owner, "description": "d", "metadata": {"k": "v"}}))["id"]
    ok(checked.post(f"/v1/invoices/{drafted}", {"footer": "thanks"}))
    ok(checked.post(f"/v1/invoices/{drafted}/finalize"))
    ok(checked.post(f"/v1/invoices/{drafted}/send"))
    ok(checked.post(f"/v1/invoices/{drafted}/pay"))
    ok(checked.get("/v1/invoices/search", {"query": "status:'paid'"}))
    ok(checked.post("/v1/invoiceitems", {"customer": owner, "amount": 700, "currency": "usd"}))
    voided = ok(checked.post("/v1/invoices", {"customer": owner}))["id"]
    ok(checked.post(f"/v1/invoices/{voided}/finalize"))
    assert ok(checked.post(f"/v1/invoices/{voided}/void"))["status"] == "void"


def test_links_and_sessions_conform(simulator, checked):
    once = price(checked, interval=None)
    link = ok(checked.post("/v1/payment_links", {"line_items": [{"price": once, "quantity": 1}], "metadata": {"k": "v"}}))
    ok(checked.post(f"/v1/payment_links/{link['id']}", {"active": False}))
    ok(checked.get(f"/v1/payment_links/{link['id']}"))
    ok(checked.get("/v1/payment_links", {"active": False, "limit": 1}))
    body = {"mode": "payment", "success_url": "https://a.example/", "cancel_url": "https://a.example/", "client_reference_id": "r",
            "line_items": [{"price_data": {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Gold"}}, "quantity": 2}]}
    session = ok(checked.post("/v1/checkout/sessions", body))
    simulator.steer(f"stripe/checkout/sessions/{session['id']}/complete")
    ok(checked.get(f"/v1/checkout/sessions/{session['id']}", {"expand": ["line_items", "payment_intent"]}))
    other = ok(checked.post("/v1/checkout/sessions", body))
    ok(checked.post(f"/v1/checkout/sessions/{other['id']}/expire"))
    ok(checked.get("/v1/checkout/sessions", {"status": "expired", "limit": 2}))


def test_payouts_transfers_and_disputes_conform(simulator, checked):
    fund(checked)
    payout = ok(checked.post("/v1/payouts", {"amount": 1000, "currency": "usd", "description": "d", "metadata": {"k": "v"}, "statement_descriptor": "s"}))
    canceled = ok(checked.post("/v1/payouts", {"amount": 1000, "currency": "usd"}))
    ok(checked.post(f"/v1/payouts/{canceled['id']}/cancel"))
    failed = ok(checked.post("/v1/payouts", {"amount": 1000, "currency": "usd", "metadata": {"sim_outcome": "failed"}}))
    simulator.advance(60)
    assert ok(checked.get(f"/v1/payouts/{failed['id']}"))["failure_code"] == "account_closed"
    ok(checked.post(f"/v1/payouts/{payout['id']}/reverse"))
    ok(checked.get("/v1/payouts", {"status": "paid", "limit": 3}))
    transfer = ok(checked.post("/v1/transfers", {"amount": 1000, "currency": "usd", "destination": "acct_1", "description": "d", "transfer_group": "g"}))
    ok(checked.post(f"/v1/transfers/{transfer['id']}/reversals", {"amount": 100, "metadata": {"k": "v"}}))
    ok(checked.get(f"/v1/transfers/{transfer['id']}"))
    ok(checked.get("/v1/transfers", {"transfer_group": "g"}))
    for card in ("pm_card_createDispute", "pm_card_createDisputeProductNotReceived", "pm_card_createDisputeInquiry"):
        checked.pay(method=card)
    simulator.advance(10)
    disputes = ok(checked.get("/v1/disputes", {"limit": 3}))["data"]
    assert [d["status"] for d in disputes] == ["warning_needs_response", "needs_response", "needs_response"]
    ok(checked.post(f"/v1/disputes/{disputes[1]['id']}", {"evidence": {"uncategorized_text": "winning_evidence", "customer_name": "Z"}, "submit": True}))
    ok(checked.post(f"/v1/disputes/{disputes[2]['id']}/close"))
    simulator.advance(10)
    ok(checked.get(f"/v1/disputes/{disputes[1]['id']}", {"expand": ["charge", "payment_intent"]}))
    assert checked.post("/v1/payouts", {"amount": 10**9, "currency": "usd"}).status_code == 400


def test_accounts_events_and_endpoints_conform(simulator, checked):
    account = ok(checked.post("/v1/accounts", {
        "type": "express", "country": "US", "email": "a@example.com", "business_profile": {"name": "A", "url": "https://a.example/"},
        "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}}, "metadata": {"k": "v"}}))["id"]
    ok(checked.post(f"/v1/accounts/{account}", {"business_type": "individual"}))
    ok(checked.post("/v1/account_links", {"account": account, "type": "account_onboarding", "refresh_url": "https://a.example/", "return_url": "https://a.example/"}))
    simulator.steer(f"stripe/accounts/{account}/onboard")
    ok(checked.post(f"/v1/accounts/{account}/login_links"))
    ok(checked.get(f"/v1/accounts/{account}"))
    ok(checked.get("/v1/accounts", {"limit": 1}))
    ok(checked.get("/v1/account"))
    endpoint = ok(checked.post("/v1/webhook_endpoints", {"url": "https://gw.example.com/w", "enabled_events": ["charge.succeeded", "refund.created"], "description": "d", "api_version": "2026-07-29.dahlia"}))["id"]
    ok(checked.post(f"/v1/webhook_endpoints/{endpoint}", {"disabled": True, "enabled_events": ["*"]}))
    ok(checked.get(f"/v1/webhook_endpoints/{endpoint}"))
    ok(checked.get("/v1/webhook_endpoints", {"limit": 1}))
    checked.pay(500)
    ok(checked.get("/v1/events", {"limit": 2, "types": ["charge.succeeded", "payment_intent.succeeded"]}))
    event = ok(checked.get("/v1/events", {"type": "charge.succeeded"}))["data"][0]
    ok(checked.get(f"/v1/events/{event['id']}"))
    ok(checked.delete(f"/v1/webhook_endpoints/{endpoint}"))
    ok(checked.delete(f"/v1/accounts/{account}"))


COVERED = ("/v1/payment_intents", "/v1/charges", "/v1/refunds", "/v1/customers", "/v1/payment_methods", "/v1/balance")


def wire_records():
    if not WIRE.is_file():
        return []
    return [r for r in json.loads(WIRE.read_text())["records"] if not r["request"]["path"].startswith(COVERED)]


ABSENT = {"resource_missing", "balance_insufficient", "account_invalid"}


@pytest.mark.parametrize("record", wire_records(), ids=lambda record: record["op"])
def test_requests_of_the_official_sdk_are_understood(simulator, oracle, record):
    request = record["request"]
    url = request["path"] + (f"?{request['query']}" if request.get("query") else "")
    headers = {k: v for k, v in request["headers"].items() if k != "content-length"}
    response = requests.request(request["method"], simulator.url + url, data=request["body"], headers=headers, timeout=30)
    assert oracle.check(request["method"], url, headers, request["body"], response.status_code, response.text)["answer"] == []
    if response.status_code != 200:
        error = response.json()["error"]
        assert error.get("code") in ABSENT, (url, request["body"], error)
