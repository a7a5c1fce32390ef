"""What the simulated PayPal does with subscriptions, payouts, the vault, invoices, disputes and reports, as time goes by."""

import datetime

import pytest
from paypal_client import PaypalClient, usd
from simulator_process import Simulator

SUBSCRIPTIONS = "/v1/billing/subscriptions"
PAYOUTS = "/v1/payments/payouts"
DAY = 24 * 3600


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl", providers=("paypal",)) as running:
        running.steer("paypal/tokens", {"expires_in": 4000 * DAY})
        yield running


@pytest.fixture
def paypal(simulator):
    return PaypalClient(simulator)


def charges(simulator):
    return [entry["amount"] for entry in simulator.ledger_entries() if entry["type"] == "charge"]


# --- Subscriptions


def test_subscription_is_approved_then_charged_each_month(simulator, paypal):
    identifier = paypal.subscription(approved=False, custom_id="u1", application_context={"return_url": "https://x.example/ok"})
    made = paypal.get(f"{SUBSCRIPTIONS}/{identifier}")
    assert made["status"] == "APPROVAL_PENDING" and charges(simulator) == []
    back = paypal.approve(made)
    assert back.headers["Location"].startswith(f"https://x.example/ok?subscription_id={identifier}&ba_token=BA-")
    active = paypal.get(f"{SUBSCRIPTIONS}/{identifier}")
    assert (active["status"], active["billing_info"]["last_payment"]["amount"]) == ("ACTIVE", usd("10.00"))
    assert charges(simulator) == [1000]
    simulator.advance(31 * DAY)
    simulator.advance(31 * DAY)
    assert charges(simulator) == [1000] * 3
    (summary,) = simulator.movements()
    assert summary["metadata"] == {"subscription": identifier, "custom_id": "u1"}
    times = {"start_time": "2020-01-01T00:00:00Z", "end_time": "2090-01-01T00:00:00Z"}
    assert len(paypal.get(f"{SUBSCRIPTIONS}/{identifier}/transactions", **times)["transactions"]) == 3
    assert [s["id"] for s in paypal.get(SUBSCRIPTIONS, statuses="ACTIVE")["subscriptions"]] == [identifier]


def test_trial_setup_fee_and_end(simulator, paypal):
    plan = paypal.plan("20", total=2, trial="3", payment_preferences={"setup_fee": usd("5"), "payment_failure_threshold": 1})
    identifier = paypal.subscription(plan)
    assert charges(simulator) == [500, 300]
    for _ in range(4):
        simulator.advance(31 * DAY)
    assert charges(simulator) == [500, 300, 2000, 2000]
    ended = paypal.get(f"{SUBSCRIPTIONS}/{identifier}")
    assert ended["status"] == "EXPIRED"
    assert [c["cycles_completed"] for c in ended["billing_info"]["cycle_executions"]] == [1, 2]


def test_quantity_tax_and_later_start(simulator, paypal):
    plan = paypal.plan("10", quantity_supported=True, taxes={"percentage": "10", "inclusive": False})
    start = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    paypal.subscription(plan, quantity="3", start_time=start)
    assert charges(simulator) == []
    simulator.advance(6 * DAY)
    assert charges(simulator) == [3300]
    refused = {"plan_id": paypal.plan(), "quantity": "2"}
    assert paypal.refused("POST", SUBSCRIPTIONS, refused) == "SUBSCRIPTION_CANNOT_HAVE_QUANTITY"


def test_suspend_activate_cancel(simulator, paypal):
    path = f"{SUBSCRIPTIONS}/{paypal.subscription()}"
    assert paypal.refused("POST", f"{path}/suspend", {}, status=400) == "MISSING_REQUIRED_PARAMETER"
    assert paypal.call("POST", f"{path}/suspend", {"reason": "rest"}).status_code == 204
    assert paypal.refused("POST", f"{path}/suspend", {"reason": "rest"}) == "SUBSCRIPTION_STATUS_INVALID"
    simulator.advance(45 * DAY)
    assert charges(simulator) == [1000]
    assert paypal.call("POST", f"{path}/activate", {"reason": "on"}).status_code == 204
    simulator.advance(31 * DAY)
    assert charges(simulator) == [1000] * 2
    assert paypal.call("POST", f"{path}/cancel", {"reason": "over"}).status_code == 204
    assert paypal.get(path)["status"] == "CANCELLED"
    simulator.advance(90 * DAY)
    assert charges(simulator) == [1000] * 2
    assert paypal.refused("POST", f"{path}/activate", {"reason": "again"}) == "SUBSCRIPTION_STATUS_INVALID"


def test_failed_charges_suspend(simulator, paypal):
    identifier = paypal.subscription()
    simulator.steer(f"paypal/subscriptions/{identifier}/fails", {"fails": True})
    simulator.advance(65 * DAY)
    failed = paypal.get(f"{SUBSCRIPTIONS}/{identifier}")
    assert (failed["status"], failed["billing_info"]["failed_payments_count"]) == ("SUSPENDED", 2)
    assert failed["billing_info"]["outstanding_balance"] == usd("20.00")
    assert charges(simulator) == [1000]
    simulator.steer(f"paypal/subscriptions/{identifier}/fails", {"fails": False})
    wish = {"note": "now", "capture_type": "OUTSTANDING_BALANCE", "amount": usd("20.00")}
    assert paypal.post(f"{SUBSCRIPTIONS}/{identifier}/capture", wish, status=202)["status"] == "COMPLETED"
    assert charges(simulator) == [1000, 2000]


def test_revision_waits_for_the_payer(paypal):
    identifier = paypal.subscription()
    other = paypal.plan("30")
    revised = paypal.post(f"{SUBSCRIPTIONS}/{identifier}/revise", {"plan_id": other}, status=200)
    assert paypal.get(f"{SUBSCRIPTIONS}/{identifier}")["plan_id"] != other
    paypal.approve(revised)
    assert paypal.get(f"{SUBSCRIPTIONS}/{identifier}")["plan_id"] == other
    patch = [{"op": "replace", "path": "/custom_id", "value": "c2"}]
    paypal.ok("PATCH", f"{SUBSCRIPTIONS}/{identifier}", patch, status=204)
    assert paypal.get(f"{SUBSCRIPTIONS}/{identifier}")["custom_id"] == "c2"
    assert paypal.refused("PATCH", f"{SUBSCRIPTIONS}/{identifier}", [{"op": "replace", "path": "/status", "value": "ACTIVE"}]) == "INVALID_PATCH_PATH"


def test_sale_is_refunded(simulator, paypal):
    identifier = paypal.subscription()
    times = {"start_time": "2020-01-01T00:00:00Z", "end_time": "2090-01-01T00:00:00Z"}
    (sale,) = paypal.get(f"{SUBSCRIPTIONS}/{identifier}/transactions", **times)["transactions"]
    assert paypal.post(f"/v2/payments/captures/{sale['id']}/refund", {})["amount"] == usd("10.00")
    assert simulator.movements()[0]["refunded"] == 1000


def test_plans_and_products(paypal):
    plan = paypal.plan()
    path = f"/v1/billing/plans/{plan}"
    product = paypal.get(path)["product_id"]
    assert paypal.get(f"/v1/catalogs/products/{product}")["name"] == "Video"
    assert paypal.call("POST", f"{path}/deactivate").status_code == 204
    assert paypal.refused("POST", SUBSCRIPTIONS, {"plan_id": plan}) == "PLAN_STATUS_INVALID"
    assert paypal.call("POST", f"{path}/activate").status_code == 204
    scheme = {"billing_cycle_sequence": 2, "pricing_scheme": {"fixed_price": usd("50")}}
    assert paypal.call("POST", f"{path}/update-pricing-schemes", {"pricing_schemes": [scheme]}).status_code == 204
    assert paypal.get(path)["billing_cycles"][0]["pricing_scheme"]["fixed_price"] == usd("50")
    assert paypal.get("/v1/billing/plans", product_id=product, total_required="true")["total_items"] == 1
    paypal.ok("PATCH", f"/v1/catalogs/products/{product}", [{"op": "replace", "path": "/description", "value": "d"}], status=204)
    assert paypal.refused("POST", "/v1/catalogs/products", {"name": "n", "type": "ART"}, status=400) == "INVALID_PARAMETER_VALUE"


# --- Payouts


def test_payout_goes_its_way(simulator, paypal):
    batch = paypal.payout("a@example.com", "b@example.com", batch="B1", key="p1")
    path = f"{PAYOUTS}/{batch}"
    assert paypal.get(path)["batch_header"]["batch_status"] == "PENDING"
    assert simulator.ledger_entries() == []
    simulator.advance(10)
    done = paypal.get(path)
    assert done["batch_header"]["batch_status"] == "SUCCESS"
    assert [i["transaction_status"] for i in done["items"]] == ["SUCCESS"] * 2
    paid = simulator.ledger_entries()
    assert [(e["type"], e["amount"], e["idempotency_key"], e["metadata"]["sender_batch_id"]) for e in paid] == [("payout", 1000, "p1", "B1")] * 2
    assert paypal.payout("a@example.com", batch="B1", key="p1") == batch
    assert paypal.refused("POST", PAYOUTS, {"sender_batch_header": {"sender_batch_id": "B1"}, "items": [
        {"receiver": "c@example.com", "amount": {"currency": "USD", "value": "1.00"}}]}, status=400) == "Batch with given sender_batch_id already exists"


@pytest.mark.parametrize("receiver, status, later", [("failed", "FAILED", "FAILED"), ("blocked", "BLOCKED", "BLOCKED"), ("onhold", "ONHOLD", "ONHOLD"),
                                                     ("returned", "UNCLAIMED", "RETURNED"), ("refunded", "SUCCESS", "REFUNDED"), ("reversed", "SUCCESS", "REVERSED")])
def test_receivers_decide_how_an_item_ends(simulator, paypal, receiver, status, later):
    path = f"{PAYOUTS}/{paypal.payout(f'{receiver}@example.com')}"
    simulator.advance(10)
    (item,) = paypal.get(path)["items"]
    assert item["transaction_status"] == status
    simulator.advance(61)
    assert paypal.get(f"{PAYOUTS}-item/{item['payout_item_id']}")["transaction_status"] == later
    moved = sum(e["amount"] if e["type"] == "payout" else -e["amount"] for e in simulator.ledger_entries())
    assert moved == 0


def test_unclaimed_item_is_canceled_or_claimed(simulator, paypal):
    path = f"{PAYOUTS}/{paypal.payout('unclaimed1@example.com', 'unclaimed2@example.com', 'ok@example.com')}"
    simulator.advance(10)
    first, second, third = [i["payout_item_id"] for i in paypal.get(path)["items"]]
    assert paypal.post(f"{PAYOUTS}-item/{first}/cancel")["transaction_status"] == "RETURNED"
    simulator.steer(f"paypal/payouts-item/{second}/claim")
    assert paypal.get(f"{PAYOUTS}-item/{second}")["transaction_status"] == "SUCCESS"
    assert paypal.refused("POST", f"{PAYOUTS}-item/{third}/cancel", status=400) == "ITEM_INCORRECT_STATUS"


def test_denied_batch_moves_nothing(simulator, paypal):
    path = f"{PAYOUTS}/{paypal.payout('denied@example.com')}"
    simulator.advance(10)
    assert paypal.get(path)["batch_header"]["batch_status"] == "DENIED"
    assert simulator.ledger_entries() == []


def test_payout_needs_funds(paypal):
    item = {"receiver": "a@example.com", "amount": {"currency": "USD", "value": "99000000.00"}}
    assert paypal.refused("POST", PAYOUTS, {"sender_batch_header": {}, "items": [item]}) == "INSUFFICIENT_FUNDS"


# --- Vault


def test_setup_token_becomes_a_payment_token_that_pays(paypal):
    source = {"paypal": {"usage_type": "MERCHANT", "experience_context": {"return_url": "https://x.example/v"}}}
    setup = paypal.post("/v3/vault/setup-tokens", {"customer": {"id": "customer_1"}, "payment_source": source})
    wish = {"payment_source": {"token": {"id": setup["id"], "type": "SETUP_TOKEN"}}}
    assert setup["status"] == "PAYER_ACTION_REQUIRED"
    assert paypal.refused("POST", "/v3/vault/payment-tokens", wish) == "PAYER_ACTION_REQUIRED"
    assert paypal.approve(setup).status_code == 302
    token = paypal.post("/v3/vault/payment-tokens", wish)
    listed = paypal.get("/v3/vault/payment-tokens", customer_id="customer_1", total_required="true")
    assert ([t["id"] for t in listed["payment_tokens"]], listed["total_items"]) == ([token["id"]], 1)
    order = paypal.order(payment_source={"paypal": {"vault_id": token["id"]}}, key="v1")
    assert order["status"] == "COMPLETED"
    assert paypal.call("DELETE", f"/v3/vault/payment-tokens/{token['id']}").status_code == 204
    assert paypal.refused("GET", f"/v3/vault/payment-tokens/{token['id']}", status=404) == "INVALID_RESOURCE_ID"


def test_vaulted_card_is_masked(paypal):
    card = {"number": "4111111111111111", "expiry": "2040-01", "security_code": "123"}
    answer = paypal.call("POST", "/v3/vault/setup-tokens", {"payment_source": {"card": card}})
    assert answer.json()["status"] == "APPROVED" and card["number"] not in answer.text
    assert answer.json()["payment_source"]["card"]["last_digits"] == "1111"


# --- Invoices


def invoice_of(paypal, value="10.00"):
    body = {"detail": {"currency_code": "USD", "reference": "r1"},
            "primary_recipients": [{"billing_info": {"email_address": "bill@example.com"}}],
            "items": [{"name": "Work", "quantity": "2", "unit_amount": usd(value), "tax": {"name": "VAT", "percent": "10"}}]}
    return paypal.post("/v2/invoicing/invoices", body)["id"]


def test_invoice_is_sent_and_paid(simulator, paypal):
    identifier = invoice_of(paypal)
    path = f"/v2/invoicing/invoices/{identifier}"
    draft = paypal.get(path)
    assert (draft["status"], draft["amount"]["value"], draft["due_amount"]) == ("DRAFT", "22.00", usd("22.00"))
    assert paypal.refused("POST", f"{path}/cancel") == "CANNOT_CANCEL_DRAFT_INVOICE"
    assert paypal.post(f"{path}/send", {"send_to_recipient": True})["rel"] == "payer-view"
    simulator.steer(f"paypal/invoices/{identifier}/pay")
    paid = paypal.get(path)
    assert (paid["status"], paid["due_amount"], paid["payments"]["paid_amount"]) == ("PAID", usd("0.00"), usd("22.00"))
    assert charges(simulator) == [2200]
    other = invoice_of(paypal)
    found = paypal.post("/v2/invoicing/search-invoices?total_required=true", {"status": ["DRAFT"]})
    assert ([i["id"] for i in found["items"]], found["total_items"]) == ([other], 1)
    assert [i["id"] for i in paypal.get("/v2/invoicing/invoices", page_size="1")["items"]] == [other]


def test_invoice_is_canceled_or_marked_as_paid(paypal):
    path = f"/v2/invoicing/invoices/{invoice_of(paypal)}"
    paypal.post(f"{path}/send")
    assert paypal.call("POST", f"{path}/cancel", {"note": "x"}).status_code == 204
    assert paypal.get(path)["status"] == "CANCELLED"
    path = f"/v2/invoicing/invoices/{invoice_of(paypal)}"
    paypal.post(f"{path}/send")
    paypal.post(f"{path}/payments", {"method": "CASH", "amount": usd("2.00")})
    assert paypal.get(path)["status"] == "PARTIALLY_PAID"
    paypal.post(f"{path}/payments", {"method": "CASH"})
    assert paypal.get(path)["status"] == "MARKED_AS_PAID"


# --- Disputes


def test_dispute_is_answered_or_accepted(simulator, paypal):
    first, second = paypal.paid()["id"], paypal.paid()["id"]
    dispute = simulator.steer(f"paypal/captures/{first}/dispute", {"reason": "UNAUTHORISED"})["dispute_id"]
    path = f"/v1/customer/disputes/{dispute}"
    assert paypal.get(path)["status"] == "WAITING_FOR_SELLER_RESPONSE"
    files = {"input": (None, '{"evidences":[{"evidence_type":"PROOF_OF_FULFILLMENT","notes":"sent"}]}', "application/json"),
             "file1": ("proof.pdf", b"%PDF-1.4", "application/pdf")}
    assert paypal.call("POST", f"{path}/provide-evidence", files=files).status_code == 200
    answered = paypal.get(path)
    assert (answered["status"], answered["evidences"][0]["notes"]) == ("UNDER_REVIEW", "sent")
    simulator.steer(f"paypal/disputes/{dispute}/resolve", {"outcome": "RESOLVED_SELLER_FAVOUR"})
    assert paypal.get(path)["dispute_outcome"]["outcome_code"] == "RESOLVED_SELLER_FAVOUR"
    other = simulator.steer(f"paypal/captures/{second}/dispute")["dispute_id"]
    assert paypal.post(f"/v1/customer/disputes/{other}/accept-claim", {"note": "our fault"})["links"]
    assert [e["amount"] for e in simulator.ledger_entries() if e["type"] == "dispute"] == [1000]
    listed = paypal.get("/v1/customer/disputes", page_size="1")
    assert [d["dispute_id"] for d in listed["items"]] == [other]
    assert any(link["rel"] == "next" for link in listed["links"])
    assert [d["dispute_id"] for d in paypal.get("/v1/customer/disputes", disputed_transaction_id=first)["items"]] == [dispute]


def test_unanswered_dispute_is_lost(simulator, paypal):
    dispute = simulator.steer(f"paypal/captures/{paypal.paid()['id']}/dispute")["dispute_id"]
    simulator.advance(11 * DAY)
    assert paypal.get(f"/v1/customer/disputes/{dispute}")["dispute_outcome"]["outcome_code"] == "RESOLVED_BUYER_FAVOUR"


# --- Reports, partners


def test_reports_follow_the_money(simulator, paypal):
    before = next(b for b in paypal.get("/v1/reporting/balances")["balances"] if b["currency"] == "USD")
    capture = paypal.paid("100.00")
    paypal.post(f"/v2/payments/captures/{capture['id']}/refund", {"amount": usd("30.00")})
    (after,) = paypal.get("/v1/reporting/balances", currency_code="USD")["balances"]
    fee = float(capture["seller_receivable_breakdown"]["paypal_fee"]["value"])
    assert float(after["available_balance"]["value"]) - float(before["available_balance"]["value"]) == pytest.approx(70 - fee)
    now = datetime.datetime.now(datetime.timezone.utc)
    dates = {"start_date": (now - datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "end_date": (now + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    rows = [d["transaction_info"] for d in paypal.get("/v1/reporting/transactions", **dates)["transaction_details"]]
    assert [r["transaction_amount"]["value"] for r in rows] == ["100.00", "-30.00"]
    assert paypal.get("/v1/reporting/transactions", **dates, transaction_id=capture["id"])["total_items"] == 2
    assert paypal.refused("GET", "/v1/reporting/transactions", status=400) == "MISSING_REQUIRED_PARAMETER"


def test_referral_leads_to_onboarding(paypal):
    body = {"tracking_id": "t1", "operations": [{"operation": "API_INTEGRATION"}], "products": ["EXPRESS_CHECKOUT"],
            "legal_consents": [{"type": "SHARE_DATA_CONSENT", "granted": True}],
            "partner_config_override": {"return_url": "https://x.example/done"}}
    made = paypal.post("/v2/customer/partner-referrals", body)
    (action,) = [link["href"] for link in made["links"] if link["rel"] == "action_url"]
    back = paypal.session.get(action, allow_redirects=False, timeout=30)
    assert "merchantIdInPayPal=" in back.headers["Location"]
    assert paypal.refused("POST", "/v2/customer/partner-referrals", {}, status=400) == "MISSING_REQUIRED_PARAMETER"
