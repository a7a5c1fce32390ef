"""Payments that recur: made of a plan or with one, changed, paused, resumed, canceled."""
import pytest

from support.client import new_key
from support.resources import cannot, found_out, listed, make, wrong

PATH = "/v1/subscriptions"
INLINE = {"name": "Monthly", "amount": 999, "interval": "month"}


def card_customer(four):
    customer = four.api.ok("POST", "/v1/customers", {"provider": "stripe", "email": "ada@example.com"}, 201)
    method = four.api.ok("POST", f"/v1/customers/{customer['id']}/payment-methods", {"payment_method": "pm_card_visa"}, 201)
    return customer, method


def plan_of(four, provider, currency):
    return four.api.ok("POST", "/v1/plans", {**INLINE, "provider": provider, "currency": currency}, 201)


@pytest.fixture
def paying(four):
    """A subscription at Stripe that is paid by a saved card."""
    customer, method = card_customer(four)
    plan = plan_of(four, "stripe", "USD")
    return make(four.api, PATH, {"plan_id": plan["id"], "customer": customer["id"], "payment_method": method["id"], "quantity": 2,
                                 "metadata": {"seat": "7"}}, "subscriptions.create")


def test_a_subscription_by_card(four, paying):
    assert (paying["status"], paying["quantity"], paying["provider"]) == ("active", 2, "stripe")
    assert paying["plan_id"].startswith("plan_") and paying["customer"].startswith("cus_") and paying["customer_provider_id"]
    assert (paying["amount"], paying["currency"]) in [(999, "USD"), (1998, "USD"), (None, "USD"), (None, None)]
    assert paying["current_period_end_at"] > paying["current_period_start_at"]
    assert paying["id"] in listed(four.api, PATH, customer=paying["customer"])
    assert paying["id"] in listed(four.api, PATH, plan_id=paying["plan_id"], **{"metadata[seat]": "7"})
    invoices = four.api.ok("GET", "/v1/invoices", params={"subscription": paying["id"]})["data"]
    assert [invoice["subscription"] for invoice in invoices] == [paying["id"]]


def test_its_life(four, paying):
    item = f"{PATH}/{paying['id']}"
    changed = four.api.ok("PATCH", item, {"quantity": 3, "metadata": {"seat": "8"}}, idempotency_key=new_key())
    assert (changed["quantity"], changed["metadata"]) == (3, {"seat": "8"})
    assert four.api.transaction(changed["transaction_id"])["operation"] == "subscriptions.update"
    assert four.api.ok("POST", f"{item}/pause", {"reason": "on holiday"})["status"] == "paused"
    assert four.api.ok("POST", f"{item}/resume")["status"] == "active"
    ending = four.api.ok("POST", f"{item}/cancel", {"at_period_end": True})
    assert (ending["cancel_at_period_end"], ending["status"]) == (True, "active")
    assert four.api.ok("POST", f"{item}/cancel", {})["status"] == "canceled"
    assert four.api.ok("GET", item)["canceled_at"]


def test_with_a_plan_of_its_own(four):
    made = make(four.api, PATH, {"provider": "razorpay", "plan": {**INLINE, "currency": "INR"}, "total_count": 12,
                                 "customer_notify": False}, "subscriptions.create")
    assert (made["status"], made["total_count"], made["paid_count"], made["quantity"]) == ("pending", 12, 0, 1)
    assert made["next_action"]["type"] in ("redirect", "sdk")


def test_the_payer_agrees_at_razorpay(four):
    plan = plan_of(four, "razorpay", "INR")
    made = make(four.api, PATH, {"plan_id": plan["id"], "total_count": 3}, "subscriptions.create")
    four.simulator.steer(f"razorpay/subscriptions/{made['provider_id']}/authenticate")
    assert four.api.ok("GET", f"{PATH}/{made['id']}")["status"] == "active"
    assert four.api.ok("POST", f"{PATH}/{made['id']}/cancel", {})["status"] == "canceled"


def test_the_payer_agrees_at_paypal(four):
    plan = plan_of(four, "paypal", "USD")
    made = make(four.api, PATH, {"plan_id": plan["id"], "return_url": "https://shop.example.com/r",
                                 "cancel_url": "https://shop.example.com/c"}, "subscriptions.create")
    assert (made["status"], made["next_action"]["type"]) == ("pending", "redirect")
    four.simulator.follow(made["next_action"]["url"])
    item = f"{PATH}/{made['id']}"
    assert four.api.ok("GET", item)["status"] == "active"
    assert four.api.ok("POST", f"{item}/pause", {"reason": "on holiday"})["status"] == "paused"
    assert four.api.ok("POST", f"{item}/resume", {"reason": "back"})["status"] == "active"
    assert four.api.ok("POST", f"{item}/cancel", {"reason": "enough"})["status"] == "canceled"


def test_who_cannot(four):
    cannot(four.api, PATH, {"plan": {**INLINE, "currency": "USD"}}, "twilio", ["paypal", "razorpay", "stripe"])


@pytest.mark.parametrize("body, param", [
    ({}, "plan_id"), ({"plan_id": "plan_x", "plan": {**INLINE, "currency": "USD"}}, "plan_id"),
    ({"plan": {"amount": 1.5, "currency": "USD", "interval": "month", "name": "x"}}, "plan.amount"),
    ({"plan": {**INLINE, "currency": "USD", "colour": "red"}}, "plan.colour"), ({"plan": "gold"}, "plan"),
    ({"plan": {**INLINE, "currency": "USD"}, "quantity": 0}, "quantity"), ({"plan": {**INLINE, "currency": "USD"}, "start_at": "soon"}, "start_at"),
    ({"plan": {**INLINE, "currency": "USD"}, "customer": "cus_x", "customer_email": "a@b.c"}, "customer"),
])
def test_wrong_fields_are_named(four, body, param):
    wrong(four.api, PATH, {"provider": "stripe", **body}, param)


def test_what_it_refers_to_must_be_there_and_at_one_provider(four):
    wrong(four.api, PATH, {"plan_id": "plan_" + "0" * 26}, "plan_id", 422)
    plan = plan_of(four, "razorpay", "INR")
    customer, _ = card_customer(four)
    problem = four.api.problem("POST", PATH, {"plan_id": plan["id"], "customer": customer["id"]}, 422)
    assert problem["code"] == "wrong_provider"
    assert four.api.problem("POST", PATH, {"plan_id": plan["id"], "provider": "stripe"}, 422)["code"] == "wrong_provider"


def test_a_lost_answer_is_found_out(four):
    customer, method = card_customer(four)
    plan = plan_of(four, "stripe", "USD")
    made = found_out(four, PATH, {"plan_id": plan["id"], "customer": customer["id"], "payment_method": method["id"]}, "stripe",
                     "/v1/subscriptions")
    assert four.api.ok("GET", f"{PATH}/{made['id']}")["status"] == "active"
    assert len(listed(four.api, PATH, source="provider", provider="stripe", customer=customer["id"])) == 1
