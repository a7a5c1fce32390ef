"""Payments: each route's way to success, each field, and each way a provider says no."""
import pytest

from support.client import new_key

ORDERS = "/v1/payments/orders"


def test_creates_and_captures_at_once(api, simulator):
    payment = api.pay(1050, "usd", description="Two teas", reference="order-1", metadata={"order": "1"},
                      statement_descriptor="TEA SHOP")
    assert payment["status"] == "succeeded"
    assert (payment["amount"], payment["currency"]) == (1050, "USD")
    assert (payment["amount_captured"], payment["amount_refunded"], payment["refund_status"]) == (1050, 0, "none")
    assert (payment["provider"], payment["connection"], payment["livemode"]) == ("stripe", "api_key", False)
    assert payment["capture_method"] == "automatic"
    assert (payment["description"], payment["reference"], payment["metadata"]) == ("Two teas", "order-1", {"order": "1"})
    assert payment["failure"] is None and payment["next_action"] is None
    [movement] = simulator.movements()
    assert (movement["payment"], movement["captured"], movement["currency"]) == (payment["provider_id"], 1050, "usd")


def test_location_leads_to_the_same_payment(api):
    response = api.post(ORDERS, {"amount": 700, "currency": "EUR", "provider": "stripe"}, idempotency_key=new_key())
    assert response.status_code == 201
    assert response.headers["Location"] == f"{ORDERS}/{response.json()['id']}"
    assert api.get(response.headers["Location"]).json() == response.json()


def test_waits_for_a_payment_method_and_is_confirmed_later(api, simulator):
    payment = api.ok("POST", ORDERS, {"amount": 900, "currency": "USD"}, 201, idempotency_key=new_key())
    assert payment["status"] == "requires_payment_method"
    assert payment["client_secret"]
    assert simulator.movements() == []
    confirmed = api.ok("POST", f"{ORDERS}/{payment['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert (confirmed["id"], confirmed["status"], confirmed["amount_captured"]) == (payment["id"], "succeeded", 900)
    assert api.payment(payment["id"]) == confirmed
    assert [m["captured"] for m in simulator.movements()] == [900]


def test_waits_for_confirmation_when_it_has_a_method(api):
    payment = api.pay(confirm=False)
    assert payment["status"] == "requires_confirmation"
    assert api.ok("POST", f"{ORDERS}/{payment['id']}/confirm")["status"] == "succeeded"


@pytest.mark.parametrize("body, taken", [(None, 1050), ({}, 1050), ({"amount": 800}, 800)])
def test_authorises_then_captures(api, simulator, body, taken):
    payment = api.pay(capture_method="manual")
    assert (payment["status"], payment["amount_captured"]) == ("requires_capture", 0)
    captured = api.ok("POST", f"{ORDERS}/{payment['id']}/capture", body, idempotency_key=new_key())
    assert (captured["status"], captured["amount_captured"]) == ("succeeded", taken)
    [movement] = simulator.movements()
    assert (movement["authorized"], movement["captured"]) == (1050, taken)


def test_captures_no_more_than_was_authorised(api, simulator):
    payment = api.pay(capture_method="manual")
    problem = api.problem("POST", f"{ORDERS}/{payment['id']}/capture", {"amount": 1051}, 422)
    assert problem["param"] == "amount" and "1050" in problem["detail"]
    assert [m["captured"] for m in simulator.movements()] == [0]


def test_captures_once_only(api, simulator):
    payment = api.pay(capture_method="manual")
    api.ok("POST", f"{ORDERS}/{payment['id']}/capture")
    problem = api.problem("POST", f"{ORDERS}/{payment['id']}/capture", None, 422)
    assert problem["retryable"] is False
    assert [m["captured"] for m in simulator.movements()] == [1050]


def test_cancels_and_releases(api, simulator):
    payment = api.pay(capture_method="manual")
    canceled = api.ok("POST", f"{ORDERS}/{payment['id']}/cancel", {"reason": "requested_by_customer"})
    assert (canceled["status"], canceled["amount_captured"]) == ("canceled", 0)
    [movement] = simulator.movements()
    assert (movement["captured"], movement["voided"]) == (0, 1050)
    assert api.problem("POST", f"{ORDERS}/{payment['id']}/capture", None, 422)["outcome"] in ("declined", "not_executed")


def test_three_d_secure_asks_the_payer(api, simulator):
    payment = api.pay(payment_method="pm_card_authenticationRequired", return_url="https://shop.example.com/back")
    assert payment["status"] == "requires_action"
    assert payment["next_action"]["type"] == "redirect"
    assert payment["next_action"]["url"].startswith("http")
    assert simulator.movements() == []


@pytest.mark.parametrize("card, decline_code", [
    ("pm_card_chargeDeclined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ("pm_card_chargeDeclinedLostCard", "lost_card"),
])
def test_decline_is_a_402_with_the_issuers_code(api, simulator, card, decline_code):
    problem = api.pay(status=402, payment_method=card)
    assert problem["decline_code"] == decline_code
    assert (problem["outcome"], problem["provider"], problem["retryable"]) == ("declined", "stripe", False)
    assert problem["provider_code"] == "card_declined" and problem["provider_message"]
    assert simulator.movements() == []
    assert api.transaction(problem["transaction_id"])["state"] == "failed"


def test_expired_card_is_a_402(api):
    problem = api.pay(status=402, payment_method="pm_card_chargeDeclinedExpiredCard")
    assert (problem["code"], problem["outcome"]) == ("expired_card", "declined")


@pytest.mark.parametrize("currency, amount", [("JPY", 500), ("KRW", 100000), ("KWD", 12340), ("EUR", 1), ("INR", 50000)])
def test_amounts_stay_exact_in_every_kind_of_currency(api, simulator, currency, amount):
    response = api.post(ORDERS, {"amount": amount, "currency": currency, "confirm": True, "payment_method": "pm_card_visa"},
                        idempotency_key=new_key())
    if response.status_code == 201:
        assert (response.json()["amount"], response.json()["currency"]) == (amount, currency)
        assert [(m["captured"], m["currency"]) for m in simulator.movements()] == [(amount, currency.lower())]
    else:  # below the provider's minimum
        problem = response.json()
        assert (problem["provider_code"], problem["param"]) == ("amount_too_small", "amount")
        assert "above" not in problem["detail"]
        assert simulator.movements() == []


def test_payment_of_a_customer(api):
    customer = api.ok("POST", "/v1/customers", {"email": "ada@example.com"}, 201)
    payment = api.pay(customer=customer["id"])
    assert payment["customer"] == customer["id"]
    assert [p["id"] for p in api.ok("GET", ORDERS, params={"customer": customer["id"]})["data"]] == [payment["id"]]


def test_payers_details_without_a_customer(api):
    payment = api.pay(customer_email="ada@example.com", customer_name="Ada Lovelace", customer_phone="+15005550006")
    assert payment["customer"] is None


def test_unknown_customer_is_refused(api, simulator):
    problem = api.pay(status=422, customer="cus_" + "0" * 26)
    assert problem["param"] == "customer"
    assert simulator.posts("/v1/payment_intents") == []


def test_raw_shows_the_providers_answer_without_secrets(api):
    payment = api.pay()
    assert "raw" not in payment
    shown = api.ok("GET", f"{ORDERS}/{payment['id']}", params={"include": "raw"})
    assert shown["raw"]["id"] == payment["provider_id"]
    assert shown["raw"]["object"] == "payment_intent"
    assert payment["client_secret"] not in str(shown["raw"])
    created = api.ok("POST", f"{ORDERS}?include=raw", {"amount": 5000, "currency": "USD"}, 201)
    assert created["raw"]["amount"] == 5000


def test_provider_that_is_not_there_is_refused_with_those_that_are(api):
    problem = api.pay(status=400, provider="nowhere")
    assert "stripe" in str(problem)


def test_unknown_and_malformed_ids_look_the_same(api):
    unknown = api.problem("GET", f"{ORDERS}/pay_{'0' * 26}", None, 404)
    malformed = api.problem("GET", f"{ORDERS}/nonsense", None, 404)
    assert (unknown["code"], unknown["detail"]) == (malformed["code"], malformed["detail"])
