"""Credentials, headers and parameters: what the simulated Stripe refuses before anything happens, and in which words."""

import pytest
import requests
from simulator_process import INTENTS, KEY, Simulator, StripeClient, error_of, refused


# --- Credentials and headers


@pytest.mark.parametrize("value", [None, "Bearer ", "Bearer pk_test_0000000000000000", "Bearer sk_test_x", "Basic !!!"])
def test_refuses_wrong_credentials(simulator, value):
    headers = {"Authorization": value} if value else {}
    response = requests.get(f"{simulator.url}/v1/balance", headers=headers, timeout=30)
    assert error_of(response, 401)["type"] == "invalid_request_error"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_accepts_the_key_as_user_name(simulator):
    assert requests.get(f"{simulator.url}/v1/balance", auth=(KEY, ""), timeout=30).status_code == 200


def test_accepts_only_the_keys_named_at_start(tmp_path):
    with Simulator(tmp_path / "ledger", "--stripe-key", KEY) as simulator:
        assert StripeClient(simulator).get("/v1/balance").status_code == 200
        other = StripeClient(simulator, key="sk_test_0000000000000099").get("/v1/balance")
        assert error_of(other, 401)["message"].endswith("0099")


def test_livemode_follows_the_key(simulator):
    live = StripeClient(simulator, key="sk_live_0000000000000001")
    assert live.pay().json()["livemode"] is True
    assert StripeClient(simulator).pay().json()["livemode"] is False


def test_accounts_do_not_see_each_other(simulator, stripe):
    payment = stripe.pay().json()["id"]
    other = StripeClient(simulator, key="sk_test_0000000000000002")
    assert error_of(other.get(f"{INTENTS}/{payment}"), 404)["code"] == "resource_missing"
    connected = stripe.get(f"{INTENTS}/{payment}", headers={"Stripe-Account": "acct_123"})
    assert connected.status_code == 404


def test_names_request_and_version(stripe):
    plain = stripe.get("/v1/balance").headers
    assert plain["Stripe-Version"] == "2026-07-29.dahlia" and plain["Request-Id"].startswith("req_")
    pinned = stripe.get("/v1/balance", headers={"Stripe-Version": "2023-08-16"}).headers
    assert pinned["Stripe-Version"] == "2023-08-16"
    assert error_of(stripe.get("/v1/balance", headers={"Stripe-Version": "new"}), 400)


def test_unknown_url_and_wrong_content_type(stripe):
    assert "Unrecognized request URL" in error_of(stripe.get("/v1/nothing"), 404)["message"]
    response = stripe.session.post(f"{stripe.simulator.url}{INTENTS}", json={"amount": 1})
    assert "x-www-form-urlencoded" in error_of(response, 400)["message"]


# --- Parameters


@pytest.mark.parametrize(
    "changes, code, param",
    [
        ({"amount": None}, "parameter_missing", "amount"),
        ({"currency": None}, "parameter_missing", "currency"),
        ({"amount": "12.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1e3"}, "parameter_invalid_integer", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 29, "currency": "gbp"}, "amount_too_small", "amount"),
        ({"amount": 100000000}, "amount_too_large", "amount"),
        ({"amount": 99999999999999999999}, "parameter_invalid_integer", "amount"),
        ({"amount": 12345, "currency": "kwd"}, "invalid_charge_amount", "amount"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"shipping": {"name": "Z", "address": {"planet": "x"}}}, "parameter_unknown", "shipping[address][planet]"),
        ({"shipping": {"name": "Z"}}, "parameter_missing", "shipping[address]"),
        ({"customer": ""}, "parameter_invalid_empty", "customer"),
        ({"customer": "cus_none"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"confirm": True}, "parameter_missing", "payment_method"),
        ({"return_url": "https://x.example"}, "payment_intent_invalid_parameter", "return_url"),
    ],
)
def test_refuses_wrong_parameters_in_stripes_words(stripe, changes, code, param):
    params = {"amount": 2000, "currency": "usd", **changes}
    error = refused(stripe, **{k: v for k, v in params.items() if v is not None})
    assert (error["code"], error["param"]) == (code, param)


def test_refuses_unknown_currency_boolean_and_word(stripe):
    assert refused(stripe, amount=2000, currency="abc")["message"].startswith("Invalid currency: abc")
    assert refused(stripe, amount=2000, currency="usd", confirm="yes")["param"] == "confirm"
    assert "must be one of" in refused(stripe, amount=2000, currency="usd", capture_method="later")["message"]


def test_metadata_has_limits(stripe):
    many = {f"k{i}": "v" for i in range(51)}
    for metadata in (many, {"k" * 41: "v"}, {"k": "v" * 501}):
        assert refused(stripe, amount=2000, currency="usd", metadata=metadata)["param"].startswith("metadata")
    full = {f"k{i}": "v" * 500 for i in range(50)}
    assert stripe.post(INTENTS, {"amount": 2000, "currency": "usd", "metadata": full}).json()["metadata"] == full


def test_currencies_keep_their_smallest_unit(stripe):
    assert stripe.pay(50, "jpy").json()["amount"] == 50
    assert stripe.pay(12340, "KWD").json()["currency"] == "kwd"


def test_refuses_text_that_is_not_utf8(stripe):
    response = stripe.session.post(
        f"{stripe.simulator.url}/v1/customers",
        data="name=%ff",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert "UTF-8" in error_of(response, 400)["message"]
