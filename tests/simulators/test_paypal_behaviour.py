"""What the simulated PayPal does with tokens, orders, keys and faults."""

import pytest
import requests
from paypal_client import PaypalClient, usd
from simulator_process import Simulator

ORDERS = "/v2/checkout/orders"
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl", providers=("paypal",)) as running:
        yield running


@pytest.fixture
def paypal(simulator):
    return PaypalClient(simulator)


# --- Tokens


def test_token_is_needed_and_expires(simulator, paypal):
    answer = requests.get(paypal.url(f"{ORDERS}/1"), timeout=30)
    assert (answer.status_code, answer.json()["name"]) == (401, "AUTHENTICATION_FAILURE")
    simulator.steer("paypal/tokens", {"expires_in": 600})
    assert paypal.log_in()["expires_in"] == 600
    order = paypal.order()["id"]
    simulator.advance(601)
    answer = paypal.call("GET", f"{ORDERS}/{order}")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    paypal.log_in()
    assert paypal.get(f"{ORDERS}/{order}")["id"] == order


def test_revoked_token_is_refused(simulator, paypal):
    order = paypal.order()["id"]
    simulator.steer("paypal/tokens", {"revoke": True})
    assert paypal.call("GET", f"{ORDERS}/{order}").status_code == 401


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}])
def test_only_client_credentials_are_granted(paypal, form):
    answer = requests.post(paypal.url("/v1/oauth2/token"), auth=paypal.client, data=form, timeout=30)
    assert answer.status_code == 400 and answer.json()["error"]


def test_wrong_secret_gets_no_token(paypal):
    answer = requests.post(
        paypal.url("/v1/oauth2/token"), auth=("id", "wrong"), data={"grant_type": "client_credentials"}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_accounts_do_not_see_one_another(simulator, paypal):
    order = paypal.order()["id"]
    other = PaypalClient(simulator, ("another", "client"))
    assert other.refused("GET", f"{ORDERS}/{order}", status=404) == "INVALID_RESOURCE_ID"


# --- Orders


def test_approved_order_is_captured_once(simulator, paypal):
    order = paypal.order("10.5", unit={"custom_id": "c1", "invoice_id": "i1"}, application_context={"return_url": "https://x.example/ok?a=1"})
    assert (order["status"], order["purchase_units"][0]["amount"]["value"]) == ("CREATED", "10.50")
    path = f"{ORDERS}/{order['id']}"
    assert paypal.refused("POST", f"{path}/capture") == "ORDER_NOT_APPROVED"
    back = paypal.approve(order)
    assert back.status_code == 302
    assert back.headers["Location"].startswith(f"https://x.example/ok?a=1&token={order['id']}&PayerID=")
    assert paypal.get(path)["status"] == "APPROVED"
    done = paypal.post(f"{path}/capture")
    (capture,) = done["purchase_units"][0]["payments"]["captures"]
    assert (done["status"], capture["status"], capture["amount"], capture["invoice_id"]) == ("COMPLETED", "COMPLETED", usd("10.50"), "i1")
    assert paypal.refused("POST", f"{path}/capture") == "ORDER_ALREADY_CAPTURED"
    assert paypal.approve(order).status_code == 409
    (summary,) = simulator.movements()
    assert (summary["payment"], summary["captured"], summary["currency"]) == (order["id"], 1050, "USD")
    assert summary["metadata"] == {"reference_id": "default", "custom_id": "c1", "invoice_id": "i1"}
    assert paypal.get(f"/v2/payments/captures/{capture['id']}") == capture


def test_payer_may_go_back(paypal):
    order = paypal.order(application_context={"cancel_url": "https://x.example/no"})
    (link,) = [link["href"] for link in order["links"] if link["rel"] == "approve"]
    back = requests.get(f"{link}&outcome=cancel", allow_redirects=False, timeout=30)
    assert back.headers["Location"] == f"https://x.example/no?token={order['id']}"
    assert paypal.get(f"{ORDERS}/{order['id']}")["status"] == "CREATED"


def test_short_answers_unless_the_whole_is_preferred(paypal):
    short = paypal.post(ORDERS, {"intent": "CAPTURE", "purchase_units": [{"amount": usd("1.00")}]}, whole=False)
    assert set(short) == {"id", "status", "links"}
    paypal.approve(short)
    assert set(paypal.post(f"{ORDERS}/{short['id']}/capture", whole=False)) == {"id", "status", "links"}


@pytest.mark.parametrize(
    "fields, status, issue",
    [
        ({"intent": None}, 400, "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "BUY"}, 400, "INVALID_PARAMETER_VALUE"),
        ({"purchase_units": []}, 400, "MISSING_REQUIRED_PARAMETER"),
        ({"purchase_units": [{"amount": usd("1.00")}] * 11}, 400, "INVALID_ARRAY_MAX_ITEMS"),
        ({"purchase_units": [{"amount": usd("1.00")}] * 2}, 422, "REFERENCE_ID_REQUIRED"),
        ({"purchase_units": [{"reference_id": "a", "amount": usd("1.00")}] * 2}, 422, "DUPLICATE_REFERENCE_ID"),
        ({"purchase_units": [{"reference_id": "a", "amount": usd("1.00")}, {"reference_id": "b", "amount": usd("1.00", "EUR")}]}, 422, "MULTI_CURRENCY_ORDER"),
        ({"purchase_units": [{"amount": usd("0")}]}, 422, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ({"purchase_units": [{"amount": usd("-1.00")}]}, 422, "CANNOT_BE_NEGATIVE"),
        ({"purchase_units": [{"amount": usd("1.001")}]}, 422, "DECIMAL_PRECISION"),
        ({"purchase_units": [{"amount": usd("1,00")}]}, 400, "INVALID_PARAMETER_SYNTAX"),
        ({"purchase_units": [{"amount": usd(1)}]}, 400, "INVALID_PARAMETER_SYNTAX"),
        ({"purchase_units": [{"amount": usd("1.00", "KWD")}]}, 422, "INVALID_CURRENCY_CODE"),
        ({"purchase_units": [{"amount": usd("1000.00", "JPY")}]}, 422, "DECIMALS_NOT_SUPPORTED"),
        ({"purchase_units": [{"amount": usd("10.5", "HUF")}]}, 422, "DECIMALS_NOT_SUPPORTED"),
        ({"purchase_units": [{"amount": usd("10.0", "TWD")}]}, 422, "DECIMALS_NOT_SUPPORTED"),
        ({"purchase_units": [{"amount": {**usd("5.00"), "breakdown": {"item_total": usd("4.00")}}}]}, 422, "AMOUNT_MISMATCH"),
        ({"purchase_units": [{"amount": usd("5.00"), "items": [{"name": "n", "quantity": "1", "unit_amount": usd("5.00")}]}]}, 422, "ITEM_TOTAL_REQUIRED"),
        ({"purchase_units": [{"amount": {**usd("5.00"), "breakdown": {"item_total": usd("5.00")}},
                              "items": [{"name": "n", "quantity": "2", "unit_amount": usd("5.00")}]}]}, 422, "ITEM_TOTAL_MISMATCH"),
    ],
)
def test_wrong_orders_are_refused(paypal, fields, status, issue):
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": usd("1.00")}], **fields}
    assert paypal.refused("POST", ORDERS, {k: v for k, v in body.items() if v is not None}, status=status) == issue


@pytest.mark.parametrize("code, value, units", [("USD", "10.99", 1099), ("JPY", "1000", 1000), ("HUF", "1000", 100000), ("TWD", "30", 3000)])
def test_money_keeps_every_unit(simulator, paypal, code, value, units):
    assert paypal.paid(value, code)["amount"] == usd(value, code)
    assert simulator.movements()[0]["captured"] == units


def test_order_is_patched_until_it_is_paid(paypal):
    order = paypal.order()
    path = f"{ORDERS}/{order['id']}"
    unit = "/purchase_units/@reference_id=='default'"
    paypal.ok("PATCH", path, [{"op": "replace", "path": f"{unit}/amount", "value": usd("12.00")},
                              {"op": "add", "path": f"{unit}/custom_id", "value": "new"}], status=204)
    assert paypal.get(path)["purchase_units"][0]["amount"] == usd("12.00")
    for patch, issue in [
        ([{"op": "replace", "path": "/status", "value": "COMPLETED"}], "NOT_PATCHABLE"),
        ([{"op": "remove", "path": f"{unit}/invoice_id"}], "INVALID_PATCH_OPERATION"),
        ([{"op": "replace", "path": "/purchase_units/@reference_id=='other'/amount", "value": usd("1.00")}], "REFERENCE_ID_NOT_FOUND"),
    ]:
        assert paypal.refused("PATCH", path, patch) == issue
    paypal.approve(order)
    assert paypal.post(f"{path}/capture")["status"] == "COMPLETED"
    assert paypal.refused("PATCH", path, [{"op": "add", "path": f"{unit}/custom_id", "value": "late"}]) == "ORDER_ALREADY_COMPLETED"


CARD = {"number": "4111111111111111", "expiry": "2040-01", "security_code": "123", "name": "Zoë"}


def test_card_pays_at_once_and_shows_no_number(paypal):
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": usd("5.00")}], "payment_source": {"card": CARD}}
    assert paypal.refused("POST", ORDERS, body, status=400) == "PAYPAL_REQUEST_ID_REQUIRED"
    answer = paypal.call("POST", ORDERS, body, key="card-1")
    order = answer.json()
    assert (order["status"], order["payment_source"]["card"]["last_digits"]) == ("COMPLETED", "1111")
    assert CARD["number"] not in answer.text


def test_confirmed_source_needs_the_payer_or_not(paypal):
    order = paypal.order()["id"]
    wallet = {"payment_source": {"paypal": {"email_address": "c@example.com", "experience_context": {"return_url": "https://x.example/r"}}}}
    confirmed = paypal.post(f"{ORDERS}/{order}/confirm-payment-source", wallet)
    assert confirmed["status"] == "PAYER_ACTION_REQUIRED"
    assert paypal.refused("POST", f"{ORDERS}/{order}/capture") == "PAYER_ACTION_REQUIRED"
    assert paypal.approve(confirmed).headers["Location"].startswith("https://x.example/r?token=")
    assert paypal.refused("POST", f"{ORDERS}/{order}/confirm-payment-source", wallet) == "PAYMENT_ALREADY_APPROVED"
    assert paypal.post(f"{ORDERS}/{order}/capture")["payer"]["email_address"] == "c@example.com"
    other = paypal.order()["id"]
    assert paypal.post(f"{ORDERS}/{other}/confirm-payment-source", {"payment_source": {"card": CARD}})["status"] == "APPROVED"


def test_invoice_id_pays_one_order_only(paypal):
    paypal.paid(unit={"invoice_id": "same"})
    order = paypal.order(unit={"invoice_id": "same"})
    paypal.approve(order)
    assert paypal.refused("POST", f"{ORDERS}/{order['id']}/capture") == "DUPLICATE_INVOICE_ID"


# --- Authorizations


def test_authorization_is_captured_in_parts_and_released(simulator, paypal):
    authorization = paypal.authorized("10.00")
    path = f"/v2/payments/authorizations/{authorization['id']}"
    assert authorization["status"] == "CREATED"
    first = paypal.post(f"{path}/capture", {"amount": usd("4.00")})
    assert (first["status"], first["final_capture"]) == ("COMPLETED", False)
    assert paypal.get(path)["status"] == "PARTIALLY_CAPTURED"
    assert paypal.refused("POST", f"{path}/capture", {"amount": usd("6.01")}) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert paypal.refused("POST", f"{path}/capture", {"amount": usd("1.00", "EUR")}) == "AUTH_CAPTURE_CURRENCY_MISMATCH"
    assert paypal.post(f"{path}/capture", {"amount": usd("1.00"), "final_capture": True})["final_capture"] is True
    assert paypal.get(path)["status"] == "CAPTURED"
    assert paypal.refused("POST", f"{path}/capture") == "AUTHORIZATION_ALREADY_CAPTURED"
    assert paypal.refused("POST", f"{path}/void") == "PREVIOUSLY_CAPTURED"
    (summary,) = simulator.movements()
    assert [summary[k] for k in ("authorized", "captured", "voided")] == [1000, 500, 500]


def test_void_and_its_repetition(simulator, paypal):
    path = f"/v2/payments/authorizations/{paypal.authorized()['id']}"
    assert paypal.call("POST", f"{path}/void", whole=False).status_code == 204
    assert paypal.refused("POST", f"{path}/void") == "PREVIOUSLY_VOIDED"
    assert paypal.refused("POST", f"{path}/capture") == "AUTHORIZATION_VOIDED"
    assert simulator.movements()[0]["voided"] == 1000


def test_reauthorization_takes_the_place_of_the_first(paypal):
    first = paypal.authorized()
    renewed = paypal.post(f"/v2/payments/authorizations/{first['id']}/reauthorize", {"amount": usd("11.00")})
    assert renewed["id"] != first["id"] and renewed["amount"] == usd("11.00")
    assert paypal.get(f"/v2/payments/authorizations/{first['id']}")["status"] == "VOIDED"
    assert paypal.post(f"/v2/payments/authorizations/{renewed['id']}/capture")["amount"] == usd("11.00")


def test_authorization_ends_after_29_days(simulator, paypal):
    authorization = paypal.authorized()
    simulator.advance(29 * DAY + 1)
    paypal.log_in()
    assert paypal.get(f"/v2/payments/authorizations/{authorization['id']}")["status"] == "VOIDED"


def test_order_for_authorization_is_not_captured_directly(paypal):
    order = paypal.order(intent="AUTHORIZE")
    paypal.approve(order)
    assert paypal.refused("POST", f"{ORDERS}/{order['id']}/capture") == "ACTION_DOES_NOT_MATCH_INTENT"


# --- Refunds


def test_refunds_in_parts_until_nothing_is_left(simulator, paypal):
    capture = paypal.paid("10.00")["id"]
    path = f"/v2/payments/captures/{capture}"
    first = paypal.post(f"{path}/refund", {"amount": usd("4.00"), "invoice_id": "R1"})
    assert (first["status"], first["amount"]) == ("COMPLETED", usd("4.00"))
    assert paypal.get(path)["status"] == "PARTIALLY_REFUNDED"
    assert paypal.refused("POST", f"{path}/refund", {"amount": usd("6.01")}) == "REFUND_AMOUNT_EXCEEDED"
    assert paypal.refused("POST", f"{path}/refund", {"amount": usd("1.00", "EUR")}) == "REFUND_CAPTURE_CURRENCY_MISMATCH"
    rest = paypal.post(f"{path}/refund", {})
    assert rest["amount"] == usd("6.00") and rest["seller_payable_breakdown"]["total_refunded_amount"] == usd("10.00")
    assert paypal.get(path)["status"] == "REFUNDED"
    assert paypal.refused("POST", f"{path}/refund", {}) == "CAPTURE_FULLY_REFUNDED"
    assert paypal.get(f"/v2/payments/refunds/{first['id']}") == first
    summary = simulator.movements()[0]
    assert (summary["captured"], summary["refunded"], summary["refunds"]) == (1000, 1000, 2)


def test_refund_without_a_body_is_full(paypal):
    capture = paypal.paid("10.00")["id"]
    assert paypal.post(f"/v2/payments/captures/{capture}/refund")["amount"] == usd("10.00")


# --- Magic


@pytest.mark.parametrize("value, issue", [("101.01", "INSTRUMENT_DECLINED"), ("104.04", "TRANSACTION_REFUSED"), ("105.05", "PAYER_CANNOT_PAY")])
def test_magic_amounts_are_refused(simulator, paypal, value, issue):
    order = paypal.order(value)
    paypal.approve(order)
    assert paypal.refused("POST", f"{ORDERS}/{order['id']}/capture") == issue
    assert simulator.movements() == []


@pytest.mark.parametrize("value, then", [("102.02", "COMPLETED"), ("102.03", "DECLINED")])
def test_pending_capture_is_decided_later(simulator, paypal, value, then):
    capture = paypal.paid(value)
    assert (capture["status"], capture["status_details"]["reason"]) == ("PENDING", "PENDING_REVIEW")
    assert simulator.movements() == []
    simulator.advance(61)
    assert paypal.get(f"/v2/payments/captures/{capture['id']}")["status"] == then
    assert len(simulator.movements()) == (then == "COMPLETED")


def test_completed_order_may_hold_a_declined_capture(simulator, paypal):
    assert paypal.paid("103.03")["status"] == "DECLINED"
    assert simulator.movements() == []


def test_pending_refund_completes_later(simulator, paypal):
    capture = paypal.paid("106.06")["id"]
    refund = paypal.post(f"/v2/payments/captures/{capture}/refund", {})
    assert refund["status"] == "PENDING" and simulator.movements()[0]["refunded"] == 0
    simulator.advance(61)
    assert paypal.get(f"/v2/payments/refunds/{refund['id']}")["status"] == "COMPLETED"
    assert simulator.movements()[0]["refunded"] == 10606


@pytest.mark.parametrize("code, status", [("INSTRUMENT_DECLINED", 422), ("PERMISSION_DENIED", 403), ("INTERNAL_SERVER_ERROR", 500),
                                          ("PREVIOUS_REQUEST_IN_PROGRESS", 409), ("INVALID_PARAMETER_VALUE", 400)])
def test_mock_header_asks_for_an_error(paypal, code, status):
    order = paypal.order()
    paypal.approve(order)
    mock = {"PayPal-Mock-Response": f'{{"mock_application_codes":"{code}"}}'}
    assert paypal.refused("POST", f"{ORDERS}/{order['id']}/capture", status=status, headers=mock) == code
    assert paypal.post(f"{ORDERS}/{order['id']}/capture")["status"] == "COMPLETED"


def test_card_of_a_refused_holder(paypal):
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": usd("5.00")}], "payment_source": {"card": {**CARD, "name": "CCREJECT-REFUSED"}}}
    assert paypal.refused("POST", ORDERS, body, key="k") == "INSTRUMENT_DECLINED"


# --- Keys and faults


def test_key_replays_with_200_for_six_hours(simulator, paypal):
    simulator.steer("paypal/tokens", {"expires_in": 10 * DAY})
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": usd("1.00")}]}
    first = paypal.call("POST", ORDERS, body, key="k1")
    again = paypal.call("POST", ORDERS, body, key="k1")
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    assert PaypalClient(simulator, ("other", "one")).call("POST", ORDERS, body, key="k1").json()["id"] != first.json()["id"]
    simulator.advance(6 * HOUR + 1)
    assert paypal.call("POST", ORDERS, body, key="k1").json()["id"] != first.json()["id"]


def test_refund_key_lives_45_days(simulator, paypal):
    simulator.steer("paypal/tokens", {"expires_in": 100 * DAY})
    path = f"/v2/payments/captures/{paypal.paid('10.00')['id']}/refund"
    first = paypal.post(path, {"amount": usd("1.00")}, key="r1")
    simulator.advance(44 * DAY)
    again = paypal.call("POST", path, {"amount": usd("1.00")}, key="r1")
    assert again.status_code == 201 and again.json()["id"] == first["id"]
    simulator.advance(2 * DAY)
    assert paypal.post(path, {"amount": usd("1.00")}, key="r1")["id"] != first["id"]
    assert simulator.movements()[0]["refunds"] == 2


def test_refused_request_leaves_its_key_free(paypal):
    order = paypal.order()
    path = f"{ORDERS}/{order['id']}/capture"
    assert paypal.refused("POST", path, key="k") == "ORDER_NOT_APPROVED"
    paypal.approve(order)
    assert paypal.post(path, key="k")["status"] == "COMPLETED"


def test_key_may_be_too_long(paypal):
    assert paypal.refused("POST", ORDERS, {}, status=400, key="k" * 109) == "INVALID_STRING_MAX_LENGTH"


@pytest.mark.parametrize("kind, captures", [("error_500_before", 0), ("error_500_after", 1), ("drop_before", 0), ("drop_after", 1), ("truncate", 1)])
def test_fault_never_doubles_a_keyed_capture(simulator, paypal, kind, captures):
    order = paypal.order()
    paypal.approve(order)
    path = f"{ORDERS}/{order['id']}/capture"
    simulator.add_fault(kind, {"path_suffix": "/capture"})
    try:
        assert paypal.call("POST", path, key="c1").status_code == 500
    except requests.exceptions.RequestException:
        assert kind in ("drop_before", "drop_after", "truncate")
    assert len(simulator.movements()) == captures
    assert paypal.post(path, key="c1")["status"] == "COMPLETED"
    (movement,) = simulator.ledger_entries()
    assert movement["idempotency_key"] == "c1"


def test_rate_limit_executes_nothing(simulator, paypal):
    paypal.log_in()
    simulator.add_fault("status_429")
    assert paypal.refused("POST", ORDERS, {}, status=429) == "RATE_LIMIT_REACHED"


# --- Restart


def test_state_survives_a_kill(simulator, paypal):
    capture = paypal.paid("102.02")
    key = paypal.call("POST", ORDERS, {"intent": "CAPTURE", "purchase_units": [{"amount": usd("1.00")}]}, key="k").json()
    simulator.stop(9)
    simulator.start()
    assert paypal.get(f"/v2/payments/captures/{capture['id']}")["status"] == "PENDING"
    assert paypal.call("POST", ORDERS, {}, key="k").json()["id"] == key["id"]
    simulator.advance(61)
    assert paypal.get(f"/v2/payments/captures/{capture['id']}")["status"] == "COMPLETED"
    simulator.stop(9)
    simulator.start()
    assert paypal.get(f"/v2/payments/captures/{capture['id']}")["status"] == "COMPLETED"
    assert len(simulator.ledger_entries()) == 1
    assert paypal.order()["id"] not in (key["id"], capture["id"])


def test_reset_forgets_all(simulator, paypal):
    order = paypal.order()["id"]
    simulator.steer("reset")
    assert paypal.call("GET", f"{ORDERS}/{order}").status_code == 401
    paypal.log_in()
    assert paypal.refused("GET", f"{ORDERS}/{order}", status=404)
