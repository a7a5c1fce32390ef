"""What the simulated Stripe does beyond payments: subscriptions over time, payouts, disputes, links, accounts, events and webhooks."""

import hashlib
import hmac
import json
import re
import shutil
import subprocess

import pytest
import requests
from node_tools import SOURCE, node_environment
from simulator_process import INTENTS, KEY, StripeClient, error_of, refused
from webhook_receiver import WebhookReceiver

DAY = 86400
LATER = 3 * DAY  # when captured money is available


def price(stripe, amount=1500, interval="month"):
    product = stripe.post("/v1/products", {"name": "Gold"}).json()["id"]
    body = {"product": product, "currency": "usd", "unit_amount": amount}
    return stripe.post("/v1/prices", body | ({"recurring": {"interval": interval}} if interval else {})).json()["id"]


def customer(stripe, card="pm_card_visa"):
    made = stripe.post("/v1/customers", {"email": "zoe@example.com"}).json()["id"]
    if card:
        method = stripe.post(f"/v1/payment_methods/{card}/attach", {"customer": made}).json()["id"]
        stripe.post(f"/v1/customers/{made}", {"invoice_settings": {"default_payment_method": method}})
    return made


def subscribe(stripe, card="pm_card_visa", **fields):
    body = {"customer": customer(stripe, card), "items": [{"price": price(stripe)}], **fields}
    return stripe.post("/v1/subscriptions", body).json()


def moved(simulator, kind):
    return [entry["amount"] for entry in simulator.ledger_entries() if entry["type"] == kind]


def fund(stripe, amount=100000, currency="usd"):
    assert stripe.pay(amount, currency, method="pm_card_bypassPending").status_code == 200


# --- Setup intents


def test_setup_keeps_the_card_for_later(stripe):
    owner = customer(stripe, None)
    setup = stripe.post("/v1/setup_intents", {"customer": owner, "payment_method": "pm_card_visa", "confirm": True}).json()
    assert setup["status"] == "succeeded"
    assert stripe.get(f"/v1/payment_methods/{setup['payment_method']}").json()["customer"] == owner
    assert stripe.pay(customer=owner, method=setup["payment_method"], off_session=True).json()["status"] == "succeeded"


@pytest.mark.parametrize("outcome, status", [("succeed", "succeeded"), ("fail", "requires_payment_method")])
def test_setup_may_ask_for_three_d_secure(stripe, outcome, status):
    setup = stripe.post("/v1/setup_intents", {"payment_method": "pm_card_authenticationRequiredOnSetup", "confirm": True,
                                              "return_url": "https://shop.example/"}).json()
    assert setup["status"] == "requires_action"
    done = requests.get(setup["next_action"]["redirect_to_url"]["url"] + f"?outcome={outcome}", allow_redirects=False, timeout=30)
    assert done.status_code == 302 and f"setup_intent={setup['id']}" in done.headers["Location"]
    assert stripe.get(f"/v1/setup_intents/{setup['id']}").json()["status"] == status


def test_setup_declines_and_cancels(stripe):
    error = refused(stripe, 402, "/v1/setup_intents", payment_method="pm_card_chargeDeclined", confirm=True)
    assert (error["code"], error["setup_intent"]["status"]) == ("card_declined", "requires_payment_method")
    setup = stripe.post("/v1/setup_intents").json()["id"]
    assert stripe.post(f"/v1/setup_intents/{setup}/cancel").json()["status"] == "canceled"
    refused(stripe, path=f"/v1/setup_intents/{setup}/confirm", payment_method="pm_card_visa")


# --- Products, prices, search


def test_products_and_prices_are_found(stripe):
    made = price(stripe)
    product = stripe.get(f"/v1/prices/{made}").json()["product"]
    stripe.post(f"/v1/products/{product}", {"metadata": {"k": "v"}, "description": "d"})
    assert stripe.get("/v1/products/search", {"query": "metadata['k']:'v'"}).json()["data"][0]["id"] == product
    assert stripe.get("/v1/prices", {"product": product}).json()["data"][0]["id"] == made
    assert stripe.get(f"/v1/prices/{made}", {"expand": ["product"]}).json()["product"]["name"] == "Gold"
    assert stripe.post(f"/v1/prices/{made}", {"active": False, "nickname": "n"}).json()["active"] is False
    assert stripe.delete(f"/v1/products/{product}").status_code == 400
    other = stripe.post("/v1/products", {"name": "Silver"}).json()["id"]
    assert stripe.delete(f"/v1/products/{other}").json()["deleted"]
    assert stripe.get(f"/v1/products/{other}").status_code == 404


# --- Subscriptions


def test_subscription_is_charged_each_period(simulator, stripe):
    made = subscribe(stripe)
    assert made["status"] == "active"
    simulator.advance(32 * DAY)
    simulator.advance(31 * DAY)
    invoices = stripe.get("/v1/invoices", {"subscription": made["id"]}).json()["data"]
    assert [(i["status"], i["amount_paid"]) for i in invoices] == [("paid", 1500)] * 3
    assert invoices[0]["billing_reason"] == "subscription_cycle"
    assert moved(simulator, "charge") == [1500] * 3


def test_trial_charges_nothing_until_it_ends(simulator, stripe):
    made = subscribe(stripe, trial_period_days=7)
    assert made["status"] == "trialing" and moved(simulator, "charge") == []
    simulator.advance(8 * DAY)
    assert stripe.get(f"/v1/subscriptions/{made['id']}").json()["status"] == "active"
    assert moved(simulator, "charge") == [1500]


def test_first_charge_that_fails_leaves_it_incomplete(simulator, stripe):
    made = subscribe(stripe, card="pm_card_chargeCustomerFail")
    assert made["status"] == "incomplete"
    simulator.advance(DAY)
    assert stripe.get(f"/v1/subscriptions/{made['id']}").json()["status"] == "incomplete_expired"
    body = {"customer": customer(stripe, "pm_card_chargeCustomerFail"), "items": [{"price": price(stripe)}], "payment_behavior": "error_if_incomplete"}
    assert error_of(stripe.post("/v1/subscriptions", body), 402)["code"] == "card_declined"


def test_later_charge_that_fails_makes_it_past_due_then_canceled(simulator, stripe):
    made = subscribe(stripe)
    path = f"/v1/subscriptions/{made['id']}"
    bad = stripe.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": made["customer"]}).json()["id"]
    stripe.post(path, {"default_payment_method": bad})
    simulator.advance(32 * DAY)
    assert stripe.get(path).json()["status"] == "past_due"
    simulator.advance(15 * DAY)
    assert stripe.get(path).json()["status"] == "canceled"


def test_pause_of_collection_voids_invoices_until_resumed(simulator, stripe):
    made = subscribe(stripe)
    path = f"/v1/subscriptions/{made['id']}"
    assert stripe.post(path, {"pause_collection": {"behavior": "void"}}).json()["pause_collection"]["behavior"] == "void"
    simulator.advance(32 * DAY)
    assert stripe.get("/v1/invoices", {"subscription": made["id"]}).json()["data"][0]["status"] == "void"
    assert stripe.post(path, {"pause_collection": ""}).json()["pause_collection"] is None
    simulator.advance(31 * DAY)
    assert moved(simulator, "charge") == [1500, 1500]


def test_canceled_at_period_end_or_at_once(simulator, stripe):
    made = subscribe(stripe)
    path = f"/v1/subscriptions/{made['id']}"
    assert stripe.post(path, {"cancel_at_period_end": True}).json()["status"] == "active"
    simulator.advance(32 * DAY)
    assert stripe.get(path).json()["status"] == "canceled"
    other = subscribe(stripe)
    ended = stripe.delete(f"/v1/subscriptions/{other['id']}").json()
    assert ended["status"] == "canceled" and ended["ended_at"]
    assert moved(simulator, "charge") == [1500, 1500]
    assert {s["id"] for s in stripe.get("/v1/subscriptions", {"status": "all"}).json()["data"]} == {made["id"], other["id"]}


def test_changed_items_are_charged_from_the_next_period(simulator, stripe):
    made = subscribe(stripe)
    item = made["items"]["data"][0]["id"]
    changed = stripe.post(f"/v1/subscriptions/{made['id']}", {"items": [{"id": item, "quantity": 3}]}).json()
    assert changed["items"]["data"][0]["quantity"] == 3
    simulator.advance(32 * DAY)
    assert moved(simulator, "charge") == [1500, 4500]


def test_trial_without_a_card_pauses_and_resumes(simulator, stripe):
    made = subscribe(stripe, card=None, trial_period_days=1, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    path = f"/v1/subscriptions/{made['id']}"
    simulator.advance(2 * DAY)
    assert stripe.get(path).json()["status"] == "paused"
    method = stripe.post("/v1/payment_methods/pm_card_visa/attach", {"customer": made["customer"]}).json()["id"]
    stripe.post(path, {"default_payment_method": method})
    assert stripe.post(f"{path}/resume").json()["status"] == "active"


# --- Invoices


def test_invoice_of_items_is_finalised_and_paid(simulator, stripe):
    owner = customer(stripe)
    stripe.post("/v1/invoiceitems", {"customer": owner, "amount": 700, "currency": "usd", "description": "Work"})
    invoice = stripe.post("/v1/invoices", {"customer": owner}).json()
    assert (invoice["status"], invoice["total"]) == ("draft", 700)
    opened = stripe.post(f"/v1/invoices/{invoice['id']}/finalize").json()
    assert opened["status"] == "open" and opened["number"]
    assert stripe.post(f"/v1/invoices/{invoice['id']}/pay").json()["status"] == "paid"
    refused(stripe, path=f"/v1/invoices/{invoice['id']}/pay")
    assert moved(simulator, "charge") == [700]


# --- Links and sessions


def test_link_is_paid_by_its_payer(simulator, stripe):
    link = stripe.post("/v1/payment_links", {"line_items": [{"price": price(stripe, interval=None), "quantity": 2}]}).json()
    session = simulator.steer(f"stripe/payment_links/{link['id']}/pay")
    assert (session["status"], session["payment_status"], session["amount_total"]) == ("complete", "paid", 3000)
    assert stripe.get(f"{INTENTS}/{session['payment_intent']}").json()["status"] == "succeeded"
    assert stripe.post(f"/v1/payment_links/{link['id']}", {"active": False}).json()["active"] is False
    simulator.steer(f"stripe/payment_links/{link['id']}/pay", status=400)


def test_session_completes_declines_or_expires(simulator, stripe):
    body = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [{"price": price(stripe, interval=None), "quantity": 1}]}
    session = stripe.post("/v1/checkout/sessions", body).json()
    assert session["url"] and session["status"] == "open"
    path = f"stripe/checkout/sessions/{session['id']}/complete"
    answer = requests.post(f"{simulator.url}/__sim/{path}", data={"payment_method": "pm_card_chargeDeclined"}, timeout=30)
    assert error_of(answer, 402)["code"] == "card_declined"
    assert stripe.get(f"/v1/checkout/sessions/{session['id']}").json()["status"] == "open"
    simulator.steer(path)
    found = stripe.get(f"/v1/checkout/sessions/{session['id']}", {"expand": ["line_items", "payment_intent"]}).json()
    assert found["payment_intent"]["status"] == "succeeded" and found["line_items"]["data"][0]["quantity"] == 1
    other = stripe.post("/v1/checkout/sessions", body).json()["id"]
    assert stripe.post(f"/v1/checkout/sessions/{other}/expire").json()["status"] == "expired"
    third = stripe.post("/v1/checkout/sessions", body).json()["id"]
    simulator.advance(2 * DAY)
    assert stripe.get(f"/v1/checkout/sessions/{third}").json()["status"] == "expired"


def test_session_starts_a_subscription(simulator, stripe):
    body = {"mode": "subscription", "success_url": "https://shop.example/", "line_items": [{"price": price(stripe), "quantity": 1}]}
    session = stripe.post("/v1/checkout/sessions", body).json()["id"]
    done = simulator.steer(f"stripe/checkout/sessions/{session}/complete")
    assert stripe.get(f"/v1/subscriptions/{done['subscription']}").json()["status"] == "active"


# --- Payouts, transfers, balance


def test_captured_money_becomes_available(simulator, stripe):
    stripe.pay(5000)
    balance = stripe.get("/v1/balance").json()
    assert (balance["available"][0]["amount"], balance["pending"][0]["amount"]) == (0, 5000)
    simulator.advance(LATER)
    balance = stripe.get("/v1/balance").json()
    assert (balance["available"][0]["amount"], balance["pending"][0]["amount"]) == (5000, 0)


@pytest.mark.parametrize("metadata, status, back", [({}, "paid", []), ({"sim_outcome": "failed"}, "failed", [1000])])
def test_payout_arrives_or_comes_back(simulator, stripe, metadata, status, back):
    fund(stripe)
    payout = stripe.post("/v1/payouts", {"amount": 1000, "currency": "usd", "metadata": metadata}, idempotency_key="payout").json()
    assert payout["status"] == "pending"
    simulator.advance(60)
    assert stripe.get(f"/v1/payouts/{payout['id']}").json()["status"] == status
    assert (moved(simulator, "payout"), moved(simulator, "payout_reversal")) == ([1000], back)
    assert [e["idempotency_key"] for e in simulator.ledger_entries() if e["type"] == "payout"] == ["payout"]


def test_payout_needs_funds_and_can_be_canceled(simulator, stripe):
    assert refused(stripe, path="/v1/payouts", amount=1000, currency="usd")["code"] == "balance_insufficient"
    fund(stripe)
    payout = stripe.post("/v1/payouts", {"amount": 1000, "currency": "usd"}).json()["id"]
    assert stripe.post(f"/v1/payouts/{payout}/cancel").json()["status"] == "canceled"
    refused(stripe, path=f"/v1/payouts/{payout}/cancel")
    assert stripe.get("/v1/balance").json()["available"][0]["amount"] == 100000


def test_transfer_is_reversed_in_parts(simulator, stripe):
    fund(stripe)
    transfer = stripe.post("/v1/transfers", {"amount": 1000, "currency": "usd", "destination": "acct_1", "transfer_group": "g"}).json()["id"]
    path = f"/v1/transfers/{transfer}"
    assert stripe.post(f"{path}/reversals", {"amount": 400}).json()["object"] == "transfer_reversal"
    refused(stripe, path=f"{path}/reversals", amount=700)
    stripe.post(f"{path}/reversals")
    assert stripe.get(path).json()["reversed"] is True
    assert (moved(simulator, "transfer"), moved(simulator, "transfer_reversal")) == ([1000], [400, 600])


# --- Disputes


@pytest.mark.parametrize("text, status, back", [("winning_evidence", "won", [2000]), ("losing_evidence", "lost", [])])
def test_disputed_charge_is_decided_by_its_evidence(simulator, stripe, text, status, back):
    payment = stripe.pay(method="pm_card_createDispute").json()["id"]
    simulator.advance(10)
    (dispute,) = stripe.get("/v1/disputes", {"payment_intent": payment}).json()["data"]
    assert (dispute["status"], dispute["reason"]) == ("needs_response", "fraudulent")
    path = f"/v1/disputes/{dispute['id']}"
    assert stripe.post(path, {"evidence": {"customer_name": "Zoë"}, "submit": False}).json()["status"] == "needs_response"
    assert stripe.post(path, {"evidence": {"uncategorized_text": text}}).json()["status"] == "under_review"
    simulator.advance(10)
    assert stripe.get(path).json()["status"] == status
    assert (moved(simulator, "dispute"), moved(simulator, "dispute_reversal")) == ([2000], back)


def test_dispute_is_accepted_by_closing_it(simulator, stripe):
    charge = stripe.pay().json()["latest_charge"]
    dispute = simulator.steer(f"stripe/charges/{charge}/dispute")["id"]
    assert stripe.post(f"/v1/disputes/{dispute}/close").json()["status"] == "lost"
    refused(stripe, path=f"/v1/disputes/{dispute}/close")


# --- Accounts


def test_account_is_onboarded(simulator, stripe):
    account = stripe.post("/v1/accounts", {"type": "express", "email": "a@example.com", "capabilities": {"transfers": {"requested": True}}}).json()
    assert (account["payouts_enabled"], account["capabilities"]) == (False, {"transfers": "inactive"})
    link = stripe.post("/v1/account_links", {"account": account["id"], "type": "account_onboarding",
                                             "refresh_url": "https://a.example/", "return_url": "https://a.example/"}).json()
    assert link["expires_at"] > link["created"]
    refused(stripe, path=f"/v1/accounts/{account['id']}/login_links")
    simulator.steer(f"stripe/accounts/{account['id']}/onboard")
    assert stripe.post(f"/v1/accounts/{account['id']}/login_links").json()["url"]
    assert stripe.get(f"/v1/accounts/{account['id']}").json()["capabilities"] == {"transfers": "active"}
    assert stripe.delete(f"/v1/accounts/{account['id']}").json()["deleted"]
    assert stripe.get(f"/v1/accounts/{account['id']}").status_code == 403


# --- Events and webhooks


def test_events_tell_what_happened(stripe):
    payment = stripe.pay(idempotency_key="key").json()["id"]
    stripe.post("/v1/refunds", {"payment_intent": payment})
    events = stripe.get("/v1/events").json()["data"]
    assert [e["type"] for e in events] == ["refund.created", "charge.refunded", "payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]
    succeeded = events[2]
    assert succeeded["data"]["object"]["status"] == "succeeded" and succeeded["request"]["idempotency_key"] == "key"
    assert stripe.get(f"/v1/events/{succeeded['id']}").json() == succeeded
    assert len(stripe.get("/v1/events", {"type": "charge.*"}).json()["data"]) == 2


def test_registered_endpoint_gets_signed_events(simulator, stripe):
    with WebhookReceiver() as receiver:
        endpoint = stripe.post("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["payment_intent.succeeded"]}).json()
        assert endpoint["secret"].startswith("whsec_")
        assert "secret" not in stripe.get(f"/v1/webhook_endpoints/{endpoint['id']}").json()
        payment = stripe.pay().json()["id"]
        headers, body = receiver.next()
        t, v1 = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Stripe-Signature"]).groups()
        assert hmac.new(endpoint["secret"].encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest() == v1
        event = json.loads(body)
        assert (event["type"], event["data"]["object"]["id"]) == ("payment_intent.succeeded", payment)
        assert stripe.get(f"/v1/events/{event['id']}").json() == event
        assert stripe.delete(f"/v1/webhook_endpoints/{endpoint['id']}").json()["deleted"]
    assert simulator.control("webhooks")["endpoints"] == []


def test_other_accounts_events_stay_with_them(simulator, stripe):
    with WebhookReceiver() as receiver:
        stripe.post("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
        StripeClient(simulator, key="sk_test_simulator00000002").pay()
        mine = stripe.post(INTENTS, {"amount": 500, "currency": "usd"}).json()["id"]
        _, body = receiver.next()
        assert json.loads(body)["data"]["object"]["id"] == mine


# --- Restarts


def test_restart_keeps_objects_time_and_plans(simulator, stripe):
    made = subscribe(stripe)
    fund(stripe)
    payout = stripe.post("/v1/payouts", {"amount": 1000, "currency": "usd"}).json()["id"]
    simulator.advance(32 * DAY)
    paths = [f"/v1/subscriptions/{made['id']}", f"/v1/payouts/{payout}", "/v1/invoices", "/v1/events", "/v1/balance"]
    before = [stripe.get(path).text for path in paths]
    movements = simulator.ledger_entries()
    simulator.stop()
    simulator.start()
    assert [stripe.get(path).text for path in paths] == before
    assert simulator.ledger_entries() == movements
    simulator.advance(31 * DAY)
    assert moved(simulator, "charge").count(1500) == 3


# --- The official SDK


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_official_sdk_works(simulator):
    result = subprocess.run(
        ["node", str(SOURCE / "stripe_resources_sdk.js"), str(simulator.port), KEY],
        env=node_environment(), capture_output=True, text=True, timeout=120,
    )
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    wrong = {name: fact for name, fact in facts.items() if fact is not True}
    assert len(facts) >= 25 and not wrong, wrong


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_sdk_accepts_the_signature(simulator, stripe):
    """The official SDK itself verifies what the simulator sends."""
    with WebhookReceiver() as receiver:
        simulator.steer("webhooks", {"provider": "stripe", "url": receiver.url, "secret": "whsec_test", "events": ["charge.succeeded"]})
        stripe.pay()
        headers, body = receiver.next()
    script = "const s=require('stripe');const [b,h]=process.argv.slice(1);console.log(new s('sk_test_x').webhooks.constructEvent(b,h,'whsec_test').type)"
    result = subprocess.run(["node", "-e", script, body.decode(), headers["Stripe-Signature"]], env=node_environment(), capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "charge.succeeded", result.stderr


def test_nonsense_is_refused_and_survived(stripe):
    for path, params in (
        ("/v1/checkout/sessions", {"line_items": [{"price_data": {"product_data": "x", "currency": "usd"}}]}),
        ("/v1/payment_links", {"line_items": [{"price": price(stripe, interval=None), "quantity": 1}], "after_completion": {"type": "redirect"}}),
        ("/v1/accounts", {"capabilities": "x"}), ("/v1/subscriptions", {"customer": customer(stripe), "items": [{"price": {"a": 1}}]}),
        ("/v1/prices", {"currency": "usd", "product_data": {"name": "x"}, "unit_amount": -1}),
    ):
        assert 400 <= stripe.post(path, params).status_code < 500, path
    assert stripe.get("/v1/balance").status_code == 200
