"""What customers have saved to pay with, and the saving of it."""
import pytest

from support.client import new_key
from support.resources import cannot, make, wrong

SETUPS = "/v1/setup-intents"


@pytest.fixture
def customer(four):
    return four.api.ok("POST", "/v1/customers", {"provider": "stripe", "email": "ada@example.com"}, 201)


def test_a_card_is_saved_used_and_forgotten(four, customer):
    methods = f"/v1/customers/{customer['id']}/payment-methods"
    method = make(four.api, methods, {"payment_method": "pm_card_visa"}, "payment_methods.attach")
    assert (method["type"], method["brand"], method["last4"], method["customer"]) == ("card", "visa", "4242", customer["id"])
    assert [each["id"] for each in four.api.ok("GET", methods)["data"]] == [method["id"]]
    paid = four.api.pay(1200, provider="stripe", customer=customer["id"], payment_method=method["id"])
    assert paid["status"] == "succeeded"
    forgotten = four.api.ok("DELETE", f"{methods}/{method['id']}")
    assert forgotten["status"] == "detached"
    assert four.api.ok("GET", methods)["data"] == []


def test_only_ones_own(four, customer):
    other = four.api.ok("POST", "/v1/customers", {"provider": "stripe"}, 201)
    method = four.api.ok("POST", f"/v1/customers/{other['id']}/payment-methods", {"payment_method": "pm_card_visa"}, 201)
    four.api.problem("DELETE", f"/v1/customers/{customer['id']}/payment-methods/{method['id']}", None, 404)
    four.api.problem("GET", f"/v1/customers/cus_{'0' * 26}/payment-methods", None, 404)
    wrong(four.api, f"/v1/customers/{customer['id']}/payment-methods", {}, "payment_method")


def test_who_cannot_attach(four):
    customer = four.api.ok("POST", "/v1/customers", {"provider": "razorpay", "name": "Ada", "email": f"{new_key()}@example.com"}, 201)
    problem = four.api.problem("POST", f"/v1/customers/{customer['id']}/payment-methods", {"payment_method": "token_1"}, 501)
    assert problem["providers"] == ["paypal", "stripe"]


def test_a_setup_intent_by_card(four, customer):
    made = make(four.api, SETUPS, {"customer": customer["id"], "payment_method": "pm_card_visa", "confirm": True, "usage": "off_session"},
                "setup_intents.create")
    assert (made["status"], made["usage"], made["customer"]) == ("succeeded", "off_session", customer["id"])
    assert made["client_secret"] and made["client_secret"] not in four.gateway.log()


def test_a_setup_intent_by_redirect(four):
    made = make(four.api, SETUPS, {"provider": "paypal", "return_url": "https://shop.example.com/r", "cancel_url": "https://shop.example.com/c"},
                "setup_intents.create")
    assert (made["status"], made["next_action"]["type"]) == ("requires_action", "redirect")
    four.simulator.follow(made["next_action"]["url"])
    assert four.api.ok("GET", f"{SETUPS}/{made['id']}")["status"] in ("requires_confirmation", "succeeded")


def test_who_cannot_set_up(four):
    cannot(four.api, SETUPS, {}, "razorpay", ["paypal", "stripe"])


@pytest.mark.parametrize("body, param, status", [
    ({"usage": "sometimes"}, "usage", 400), ({"confirm": "yes"}, "confirm", 400), ({"return_url": "x"}, "return_url", 400),
    ({"customer": "cus_" + "0" * 26}, "customer", 422), ({"payment_method": "4242424242424242"}, "payment_method", 422),
])
def test_wrong_fields_are_named(four, body, param, status):
    wrong(four.api, SETUPS, {"provider": "stripe", **body}, param, status)
