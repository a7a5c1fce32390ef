"""Payments at the providers where the payer pays in a page or a checkout of theirs."""
import pytest

from support.client import new_key
from support.resources import cannot, found_out, make

ORDERS = "/v1/payments/orders"
RUPEES = {"provider": "razorpay", "amount": 5000, "currency": "INR"}
DOLLARS = {"provider": "paypal", "amount": 1050, "currency": "USD", "return_url": "https://shop.example.com/r"}


def checkout(four, payment, **wish):
    return four.simulator.steer(f"razorpay/orders/{payment['provider_id']}/pay", {"outcome": "captured", **wish})


def test_razorpays_checkout(four):
    payment = make(four.api, ORDERS, RUPEES, "payments.create")
    assert payment["status"] in ("created", "requires_payment_method", "requires_action")
    assert payment["next_action"]["type"] == "sdk" and payment["next_action"]["data"]["order_id"] == payment["provider_id"]
    handed = checkout(four, payment)
    paid = four.api.ok("POST", f"{ORDERS}/{payment['id']}/confirm", {"checkout_result": handed}, idempotency_key=new_key())
    assert (paid["status"], paid["amount_captured"]) == ("succeeded", 5000)
    refund = four.api.ok("POST", f"{ORDERS}/{payment['id']}/refunds", {"amount": 2000}, 201, idempotency_key=new_key())
    assert refund["amount"] == 2000 and four.api.payment(payment["id"])["refund_status"] == "partial"


def test_a_checkout_that_somebody_made_up_is_refused(four):
    payment = make(four.api, ORDERS, RUPEES, "payments.create")
    handed = checkout(four, payment)
    forged = {**handed, "razorpay_signature": "0" * 64}
    problem = four.api.problem("POST", f"{ORDERS}/{payment['id']}/confirm", {"checkout_result": forged}, 422)
    assert problem["code"] == "invalid_signature"
    another = make(four.api, ORDERS, {**RUPEES, "amount": 100}, "payments.create")
    four.api.problem("POST", f"{ORDERS}/{another['id']}/confirm", {"checkout_result": handed}, 422)


def test_paypals_approval(four):
    payment = make(four.api, ORDERS, {**DOLLARS, "reference": "order-9"}, "payments.create")
    assert payment["reference"] == "order-9"
    assert (payment["status"], payment["next_action"]["type"]) == ("requires_action", "redirect")
    assert payment["next_action"]["url"].startswith("http")
    four.simulator.follow(payment["next_action"]["url"])
    paid = four.api.ok("POST", f"{ORDERS}/{payment['id']}/confirm", {}, idempotency_key=new_key())
    assert (paid["status"], paid["amount_captured"]) == ("succeeded", 1050)
    refund = four.api.ok("POST", f"{ORDERS}/{payment['id']}/refunds", {"amount": 50}, 201, idempotency_key=new_key())
    assert (refund["status"], refund["amount"]) == ("succeeded", 50)


def test_paypal_authorises_and_captures_in_parts(four):
    payment = make(four.api, ORDERS, {**DOLLARS, "capture_method": "manual"}, "payments.create")
    four.simulator.follow(payment["next_action"]["url"])
    held = four.api.ok("POST", f"{ORDERS}/{payment['id']}/confirm", {}, idempotency_key=new_key())
    assert held["status"] == "requires_capture"
    part = four.api.ok("POST", f"{ORDERS}/{payment['id']}/capture", {"amount": 800}, idempotency_key=new_key())
    assert part["amount_captured"] == 800


@pytest.mark.parametrize("body, prefix", [(RUPEES, "/v1/orders"), (DOLLARS, "/v2/checkout/orders")], ids=["razorpay", "paypal"])
def test_a_lost_answer_is_found_out(four, body, prefix):
    payment = found_out(four, ORDERS, body, body["provider"], prefix)
    assert four.api.payment(payment["id"])["next_action"]


def test_who_cannot(four):
    cannot(four.api, ORDERS, {"amount": 1050, "currency": "USD"}, "twilio", ["paypal", "razorpay", "stripe"])


@pytest.mark.parametrize("provider", ["stripe", "razorpay", "paypal", "twilio"])
def test_balances(four, provider):
    balance = four.api.ok("GET", "/v1/balance", params={"provider": provider})
    assert balance["provider"] == provider and isinstance(balance["available"], list)


def test_a_provider_must_be_named_among_several(four):
    problem = four.api.problem("POST", ORDERS, {"amount": 1050, "currency": "USD"}, 400)
    assert problem["code"] == "provider_required" and problem["providers"] == ["paypal", "razorpay", "stripe"]


@pytest.mark.parametrize("provider, currency, amount", [("stripe", "JPY", 1050), ("stripe", "KWD", 1050), ("paypal", "JPY", 1050), ("razorpay", "KWD", 10500)])
def test_currencies_of_other_exponents_come_back_as_they_went(four, provider, currency, amount):
    body = {"provider": provider, "amount": amount, "currency": currency, "return_url": "https://shop.example.com/r"}
    payment = make(four.api, ORDERS, body, "payments.create")
    assert (payment["amount"], payment["currency"]) == (amount, currency)
    assert four.api.payment(payment["id"])["amount"] == amount
