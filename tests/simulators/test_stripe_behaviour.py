"""What the simulated Stripe does with payments, keys and faults, without anything from outside this repository but the official
SDK from npm."""

import json
import re
import shutil
import signal
import socket
import subprocess
import threading

import pytest
import requests
from node_tools import SOURCE, node_environment
from simulator_process import INTENTS, KEY, Simulator, StripeClient, error_of, refused


# --- Payments


def test_captures_part_and_releases_the_rest(simulator, stripe):
    payment = stripe.pay(1000, capture_method="manual").json()
    assert (payment["status"], payment["amount_capturable"], payment["amount_received"]) == ("requires_capture", 1000, 0)
    captured = stripe.post(f"{INTENTS}/{payment['id']}/capture", {"amount_to_capture": 600, "expand": ["latest_charge"]}).json()
    assert (captured["status"], captured["amount_received"], captured["amount_capturable"]) == ("succeeded", 600, 0)
    charge = captured["latest_charge"]
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (1000, 600, 400)
    (summary,) = simulator.movements()
    assert [summary[k] for k in ("authorized", "captured", "voided", "refunded")] == [1000, 600, 400, 0]


def test_never_captures_more_than_authorised_nor_twice(stripe):
    payment = stripe.pay(1000, capture_method="manual").json()["id"]
    error = refused(stripe, path=f"{INTENTS}/{payment}/capture", amount_to_capture=1001)
    assert (error["code"], error["param"]) == ("amount_too_large", "amount_to_capture")
    assert stripe.post(f"{INTENTS}/{payment}/capture").status_code == 200
    error = refused(stripe, path=f"{INTENTS}/{payment}/capture")
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["id"] == payment


def test_cancel_releases_and_closes(simulator, stripe):
    payment = stripe.pay(1000, capture_method="manual").json()["id"]
    canceled = stripe.post(f"{INTENTS}/{payment}/cancel", {"cancellation_reason": "abandoned"}).json()
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "abandoned")
    assert canceled["canceled_at"] > 0
    assert simulator.movements()[0]["voided"] == 1000
    for action in ("cancel", "capture", "confirm"):
        assert refused(stripe, path=f"{INTENTS}/{payment}/{action}")["code"] == "payment_intent_unexpected_state"


def test_update_merges_metadata_and_unsets_by_empty_text(stripe):
    payment = stripe.post(INTENTS, {"amount": 500, "currency": "usd", "metadata": {"a": 1, "b": 2}}).json()["id"]
    path = f"{INTENTS}/{payment}"
    assert stripe.post(path, {"metadata": {"a": "", "c": 3}}).json()["metadata"] == {"b": "2", "c": "3"}
    assert stripe.post(path, {"metadata": ""}).json()["metadata"] == {}
    assert stripe.post(path, {"amount": 700}).json()["amount"] == 700


def test_settled_payment_keeps_its_amount_but_takes_metadata(stripe):
    payment = stripe.pay().json()["id"]
    assert refused(stripe, path=f"{INTENTS}/{payment}", amount=1)["code"] == "payment_intent_unexpected_state"
    assert stripe.post(f"{INTENTS}/{payment}", {"metadata": {"k": "v"}}).json()["metadata"] == {"k": "v"}


def test_pages_run_through_every_payment_once(stripe):
    made = [stripe.pay(100 + i).json()["id"] for i in range(5)]
    newest_first = made[::-1]
    page = stripe.get(INTENTS, {"limit": 2}).json()
    assert [p["id"] for p in page["data"]] == newest_first[:2] and page["has_more"]
    page = stripe.get(INTENTS, {"limit": 3, "starting_after": newest_first[1]}).json()
    assert [p["id"] for p in page["data"]] == newest_first[2:] and not page["has_more"]
    page = stripe.get(INTENTS, {"limit": 2, "ending_before": newest_first[3]}).json()
    assert [p["id"] for p in page["data"]] == newest_first[1:3] and page["has_more"]
    assert error_of(stripe.get(INTENTS, {"limit": 101}), 400)["param"] == "limit"


def test_lists_by_customer_and_time(stripe):
    customer = stripe.post("/v1/customers").json()["id"]
    mine = stripe.pay(customer=customer).json()
    stripe.pay()
    assert [p["id"] for p in stripe.get(INTENTS, {"customer": customer}).json()["data"]] == [mine["id"]]
    now = mine["created"]
    assert len(stripe.get(INTENTS, {"created": {"gte": now - 60}}).json()["data"]) == 2
    assert stripe.get(INTENTS, {"created": {"gte": now + 60}}).json()["data"] == []
    assert stripe.get(INTENTS, {"created": {"lt": now - 60}}).json()["data"] == []


def test_finds_by_metadata(stripe):
    found = stripe.pay(metadata={"order": "it's 7"}).json()["id"]
    stripe.pay(metadata={"order": "8"})
    query = "metadata['order']:'it\\'s 7' AND status:'succeeded'"
    assert [p["id"] for p in stripe.get(f"{INTENTS}/search", {"query": query}).json()["data"]] == [found]
    assert error_of(stripe.get(f"{INTENTS}/search", {"query": "nonsense"}), 400)["param"] == "query"


# --- Cards

DECLINES = [
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ("pm_card_visa_chargeDeclinedFraudulent", "card_declined", "fraudulent"),
]


@pytest.mark.parametrize("card, code, decline_code", DECLINES)
def test_declined_card_leaves_an_open_payment_that_says_why(simulator, stripe, card, code, decline_code):
    response = stripe.pay(method=card)
    error = error_of(response, 402)
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", code, decline_code)
    assert response.headers["Stripe-Should-Retry"] == "false"
    payment = error["payment_intent"]
    assert payment["status"] == "requires_payment_method" and payment["payment_method"] is None
    assert payment["last_payment_error"]["decline_code"] == decline_code
    charge = stripe.get(f"/v1/charges/{error['charge']}").json()
    assert (charge["status"], charge["paid"], charge["failure_code"]) == ("failed", False, code)
    assert stripe.get(f"{INTENTS}/{payment['id']}").json() == payment
    assert simulator.ledger_entries() == []
    retried = stripe.post(f"{INTENTS}/{payment['id']}/confirm", {"payment_method": "pm_card_visa"}).json()
    assert retried["status"] == "succeeded" and retried["last_payment_error"] is None


@pytest.mark.parametrize("card, brand", [("visa", "visa"), ("mastercard", "mastercard"), ("amex", "amex")])
def test_approved_cards_by_name_token_and_number(stripe, card, brand):
    numbers = {"visa": "4242424242424242", "mastercard": "5555555555554444", "amex": "378282246310005"}
    for data in ({"token": f"tok_{card}"}, {"number": numbers[card], "exp_month": 1, "exp_year": 2040, "cvc": "123"}):
        payment = stripe.post(
            INTENTS,
            {"amount": 900, "currency": "usd", "confirm": True, "expand": ["payment_method"],
             "payment_method_data": {"type": "card", "card": data}},
        ).json()
        assert payment["status"] == "succeeded" and payment["payment_method"]["card"]["brand"] == brand
    assert stripe.pay(method=f"pm_card_{card}").json()["status"] == "succeeded"


CHALLENGED = ["pm_card_authenticationRequired", "pm_card_authenticationRequiredOnSetup", "pm_card_threeDSecure2Required"]


def visit(payment, outcome):
    url = payment["next_action"]["redirect_to_url"]["url"]
    return requests.get(url, params={"outcome": outcome}, allow_redirects=False, timeout=30)


@pytest.mark.parametrize("card", CHALLENGED)
def test_passed_challenge_moves_the_money_and_returns_the_payer(simulator, stripe, card):
    payment = stripe.pay(method=card, return_url="https://shop.example/back?order=1", idempotency_key="k").json()
    assert payment["status"] == "requires_action" and payment["latest_charge"] is None
    assert simulator.ledger_entries() == []
    assert "Approve" in requests.get(payment["next_action"]["redirect_to_url"]["url"], timeout=30).text
    done = visit(payment, "succeed")
    assert done.status_code == 302
    assert done.headers["Location"].startswith("https://shop.example/back?order=1&payment_intent=" + payment["id"])
    assert done.headers["Location"].endswith("redirect_status=succeeded")
    assert stripe.get(f"{INTENTS}/{payment['id']}").json()["status"] == "succeeded"
    (entry,) = simulator.ledger_entries()
    assert (entry["type"], entry["amount"], entry["idempotency_key"]) == ("charge", 2000, "k")
    assert visit(payment, "succeed").status_code == 409
    assert len(simulator.ledger_entries()) == 1


def test_failed_challenge_moves_nothing(simulator, stripe):
    payment = stripe.pay(method=CHALLENGED[0], return_url="https://shop.example/back").json()
    assert visit(payment, "maybe").status_code == 400
    assert visit(payment, "fail").headers["Location"].endswith("redirect_status=failed")
    after = stripe.get(f"{INTENTS}/{payment['id']}").json()
    assert after["status"] == "requires_payment_method"
    assert after["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert simulator.ledger_entries() == []


def test_challenge_without_return_url_uses_the_sdk(stripe):
    payment = stripe.pay(method=CHALLENGED[0]).json()
    assert payment["next_action"]["type"] == "use_stripe_sdk"


def test_challenge_cannot_be_met_off_session(stripe):
    assert error_of(stripe.pay(method=CHALLENGED[0], off_session=True), 402)["code"] == "authentication_required"
    assert error_of(stripe.pay(method=CHALLENGED[0], error_on_requires_action=True), 402)["code"] == "authentication_required"


def test_card_declined_after_the_challenge(simulator, stripe):
    card = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    payment = stripe.pay(method=card, return_url="https://shop.example/").json()
    assert visit(payment, "succeed").headers["Location"].endswith("redirect_status=failed")
    after = stripe.get(f"{INTENTS}/{payment['id']}").json()
    assert after["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert simulator.ledger_entries() == []


def test_card_set_up_once_pays_later_without_challenge(stripe):
    customer = stripe.post("/v1/customers").json()["id"]
    first = stripe.pay(
        method="pm_card_authenticationRequiredOnSetup", customer=customer,
        setup_future_usage="off_session", return_url="https://shop.example/",
    ).json()
    visit(first, "succeed")
    (kept,) = stripe.get(f"/v1/customers/{customer}/payment_methods").json()["data"]
    later = stripe.pay(method=kept["id"], customer=customer, off_session=True).json()
    assert later["status"] == "succeeded"


# --- Refunds and balance


def test_refunds_never_exceed_what_is_left(simulator, stripe):
    payment = stripe.pay(1000).json()
    refund = {"payment_intent": payment["id"]}
    assert stripe.post("/v1/refunds", {**refund, "amount": 300}).json()["status"] == "succeeded"
    assert refused(stripe, path="/v1/refunds", **refund, amount=701)["param"] == "amount"
    assert stripe.post("/v1/refunds", {"charge": payment["latest_charge"], "amount": 200}).json()["amount"] == 200
    assert stripe.post("/v1/refunds", refund).json()["amount"] == 500
    assert refused(stripe, path="/v1/refunds", **refund)["code"] == "charge_already_refunded"
    assert stripe.get(f"/v1/charges/{payment['latest_charge']}").json()["refunded"] is True
    for name, value in (("payment_intent", payment["id"]), ("charge", payment["latest_charge"])):
        listed = stripe.get("/v1/refunds", {name: value}).json()["data"]
        assert [r["amount"] for r in listed] == [500, 200, 300]
    (summary,) = simulator.movements()
    assert (summary["captured"], summary["refunded"], summary["refunds"]) == (1000, 1000, 3)


def test_only_captured_money_can_be_refunded(stripe):
    payment = stripe.pay(capture_method="manual").json()["id"]
    assert refused(stripe, path="/v1/refunds", payment_intent=payment)["code"] == "payment_intent_unexpected_state"
    assert refused(stripe, path="/v1/refunds")["code"] == "parameter_missing"


def test_refund_metadata_can_change_but_not_the_refund(stripe):
    payment = stripe.pay().json()["id"]
    refund = stripe.post("/v1/refunds", {"payment_intent": payment, "metadata": {"a": 1}}).json()["id"]
    assert stripe.post(f"/v1/refunds/{refund}", {"metadata": {"b": 2}}).json()["metadata"] == {"a": "1", "b": "2"}
    assert stripe.get(f"/v1/refunds/{refund}").json()["metadata"] == {"a": "1", "b": "2"}
    assert stripe.post(f"/v1/refunds/{refund}/cancel").status_code == 400


def test_balance_is_what_the_ledger_says(simulator, stripe):
    stripe.pay(1000)
    payment = stripe.pay(2000, "eur").json()["id"]
    stripe.post("/v1/refunds", {"payment_intent": payment, "amount": 500})
    pending = {p["currency"]: p["amount"] for p in stripe.get("/v1/balance").json()["pending"]}
    assert pending == {"eur": 1500, "usd": 1000}
    totals = simulator.control("movements")["totals"]
    assert totals == {"eur": {"captured": 2000, "refunded": 500}, "usd": {"captured": 1000, "refunded": 0}}


# --- Customers and payment methods


def test_customer_life(stripe):
    customer = stripe.post(
        "/v1/customers",
        {"name": "Zoë", "email": "zoe@example.com", "address": {"city": "SF"}, "metadata": {1: "one"}},
    ).json()
    path = f"/v1/customers/{customer['id']}"
    assert customer["address"]["city"] == "SF" and customer["metadata"] == {"1": "one"}
    changed = stripe.post(path, {"name": "", "address": "", "phone": "+1"}).json()
    assert (changed["name"], changed["address"], changed["phone"]) == (None, None, "+1")
    stripe.post("/v1/customers", {"email": "other@example.com"})
    listed = stripe.get("/v1/customers", {"email": "zoe@example.com"}).json()["data"]
    assert [c["id"] for c in listed] == [customer["id"]]
    assert stripe.delete(path).json() == {"id": customer["id"], "object": "customer", "deleted": True}
    assert stripe.get(path).json()["deleted"] is True
    assert error_of(stripe.post(path, {"name": "x"}), 404)["code"] == "resource_missing"
    assert stripe.get("/v1/customers", {"email": "zoe@example.com"}).json()["data"] == []
    assert refused(stripe, path="/v1/customers", email="nobody")["code"] == "email_invalid"


def test_payment_method_life(stripe):
    customer = stripe.post("/v1/customers").json()["id"]
    other = stripe.post("/v1/customers").json()["id"]
    method = stripe.post("/v1/payment_methods", {"type": "card", "card": {"token": "tok_visa"}}).json()["id"]
    path = f"/v1/payment_methods/{method}"
    assert stripe.post(f"{path}/attach", {"customer": customer}).json()["customer"] == customer
    assert refused(stripe, path=f"{path}/attach", customer=other)["code"] == "payment_method_unexpected_state"
    assert error_of(stripe.pay(method=method), 400)["param"] == "payment_method"
    assert error_of(stripe.pay(method=method, customer=other), 400)["param"] == "payment_method"
    assert stripe.pay(method=method, customer=customer).json()["status"] == "succeeded"
    assert len(stripe.get(f"/v1/customers/{customer}/payment_methods", {"type": "card"}).json()["data"]) == 1
    assert len(stripe.get("/v1/payment_methods", {"customer": customer}).json()["data"]) == 1
    assert stripe.post(f"{path}/detach").json()["customer"] is None
    assert stripe.get(f"/v1/customers/{customer}/payment_methods").json()["data"] == []
    declined = stripe.post("/v1/payment_methods/pm_card_chargeDeclined/attach", {"customer": customer})
    assert error_of(declined, 402)["code"] == "card_declined"
    later = stripe.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer}).json()
    assert error_of(stripe.pay(method=later["id"], customer=customer), 402)["code"] == "card_declined"


# --- Expansion


def test_expands_in_body_query_and_lists(stripe):
    payment = stripe.pay(expand=["latest_charge"]).json()
    assert payment["latest_charge"]["object"] == "charge"
    deep = stripe.get(f"{INTENTS}/{payment['id']}", {"expand": ["latest_charge.balance_transaction"]}).json()
    assert deep["latest_charge"]["balance_transaction"]["amount"] == 2000
    listed = stripe.get(INTENTS, {"expand": ["data.latest_charge"]}).json()["data"]
    assert listed[0]["latest_charge"]["object"] == "charge"
    assert "cannot be expanded" in error_of(stripe.get(INTENTS, {"expand": ["data.amount"]}), 400)["message"]


# --- Idempotency


def test_replays_the_first_answer_byte_for_byte(simulator, stripe):
    first = stripe.pay(idempotency_key="key", expand=["latest_charge"])
    stripe.post(f"{INTENTS}/{first.json()['id']}", {"metadata": {"changed": "since"}})
    stripe.post("/v1/refunds", {"payment_intent": first.json()["id"]})
    again = stripe.pay(idempotency_key="key", expand=["latest_charge"])
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotency-Key"] == "key"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert [m["captures"] for m in simulator.movements()] == [1]


def test_replays_declines_and_state_errors(simulator, stripe):
    first = stripe.pay(method="pm_card_chargeDeclined", idempotency_key="declined")
    again = stripe.pay(method="pm_card_chargeDeclined", idempotency_key="declined")
    assert again.status_code == 402 and again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


def test_key_does_not_serve_other_parameters_or_endpoints(stripe):
    stripe.pay(idempotency_key="key")
    other = error_of(stripe.pay(2001, idempotency_key="key"), 400)
    assert other["type"] == "idempotency_error" and "same parameters" in other["message"]
    other = error_of(stripe.post("/v1/customers", {}, "key"), 400)
    assert other["type"] == "idempotency_error" and "same endpoint" in other["message"]


def test_order_of_parameters_does_not_matter(stripe):
    send = lambda body: stripe.session.post(  # noqa: E731
        stripe.simulator.url + INTENTS, data=body,
        headers={"Idempotency-Key": "key", "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert send("amount=500&currency=usd").content == send("currency=usd&amount=%3500").content


def test_refused_parameters_leave_the_key_free(stripe):
    assert stripe.pay(amount="x", idempotency_key="key").status_code == 400
    assert stripe.pay(amount=10, idempotency_key="key").status_code == 400
    assert stripe.pay(idempotency_key="key").json()["status"] == "succeeded"


def test_keys_belong_to_an_account(simulator, stripe):
    other = StripeClient(simulator, key="sk_test_0000000000000002")
    assert stripe.pay(idempotency_key="key").json()["id"] != other.pay(idempotency_key="key").json()["id"]


def test_key_has_a_longest_length(stripe):
    assert stripe.pay(idempotency_key="k" * 255).status_code == 200
    assert stripe.pay(idempotency_key="k" * 256).status_code == 400


def test_key_in_use_while_the_first_request_runs(simulator, stripe):
    simulator.add_fault("delay", delay_ms=1500, times=1)
    first = {}
    thread = threading.Thread(target=lambda: first.update(answer=StripeClient(simulator).pay(idempotency_key="key")))
    thread.start()
    simulator.wait_for_requests(1)
    second = stripe.pay(idempotency_key="key")
    error = error_of(second, 409)
    assert (error["type"], error["code"]) == ("idempotency_error", "idempotency_key_in_use")
    assert second.headers["Stripe-Should-Retry"] == "true"
    thread.join()
    third = stripe.pay(idempotency_key="key")
    assert third.content == first["answer"].content and third.headers["Idempotent-Replayed"] == "true"
    assert len(simulator.ledger_entries()) == 1


# --- Faults

CREATE = {"method": "POST", "path_prefix": INTENTS}


@pytest.mark.parametrize("kind, status", [("status_429", 429), ("error_500_before", 500)])
def test_fault_before_execution_does_nothing_and_keeps_nothing(simulator, stripe, kind, status):
    simulator.add_fault(kind, CREATE)
    response = stripe.pay(idempotency_key="key")
    assert response.status_code == status and response.headers["Stripe-Should-Retry"] == "true"
    assert simulator.ledger_entries() == []
    assert stripe.pay(idempotency_key="key").json()["status"] == "succeeded"
    assert len(simulator.ledger_entries()) == 1


def test_error_after_execution_is_replayed_as_stripe_documents(simulator, stripe):
    simulator.add_fault("error_500_after", CREATE)
    first = stripe.pay(idempotency_key="key")
    assert error_of(first, 500)["type"] == "api_error" and first.headers["Stripe-Should-Retry"] == "false"
    again = stripe.pay(idempotency_key="key")
    assert again.status_code == 500 and again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    (payment,) = stripe.get(INTENTS).json()["data"]
    assert payment["status"] == "succeeded" and len(simulator.ledger_entries()) == 1


def test_error_after_execution_may_keep_the_result(simulator, stripe):
    simulator.add_fault("error_500_after", CREATE, stored="result")
    assert stripe.pay(idempotency_key="key").status_code == 500
    again = stripe.pay(idempotency_key="key")
    assert again.json()["status"] == "succeeded" and again.headers["Idempotent-Replayed"] == "true"
    assert len(simulator.ledger_entries()) == 1


def test_error_before_execution_may_be_kept(simulator, stripe):
    simulator.add_fault("error_500_before", CREATE, stored="error")
    assert stripe.pay(idempotency_key="key").status_code == 500
    assert stripe.pay(idempotency_key="key").status_code == 500
    assert stripe.get(INTENTS).json()["data"] == [] and simulator.ledger_entries() == []


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("kind, moved", [("drop_before", 0), ("drop_after", 1)])
def test_dropped_connection(simulator, stripe, kind, moved, reset):
    simulator.add_fault(kind, CREATE, reset=reset)
    with pytest.raises(requests.exceptions.ConnectionError):
        stripe.pay(idempotency_key="key")
    assert len(simulator.ledger_entries()) == moved
    again = stripe.pay(idempotency_key="key")
    assert again.json()["status"] == "succeeded"
    assert ("Idempotent-Replayed" in again.headers) == bool(moved)
    assert len(simulator.ledger_entries()) == 1


def raw_exchange(simulator, path="/v1/balance"):
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=30) as connection:
        connection.sendall(request.encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_truncated_answer_announces_more_than_it_sends(simulator):
    simulator.add_fault("truncate")
    head, body = raw_exchange(simulator).split(b"\r\n\r\n", 1)
    announced = int(re.search(rb"Content-Length: (\d+)", head)[1])
    assert len(body) == announced // 2


def test_slow_headers_arrive_whole_in_the_end(simulator):
    simulator.add_fault("slow_headers", delay_ms=1)
    head, body = raw_exchange(simulator).split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200") and json.loads(body)["object"] == "balance"


def test_closed_listener_refuses_connections_and_comes_back(simulator, stripe):
    stripe.pay()
    simulator.add_fault("refuse_connections", delay_ms=1000)
    with pytest.raises(requests.exceptions.ConnectionError):
        StripeClient(simulator).get("/v1/balance")
    while True:
        try:
            assert len(StripeClient(simulator).get(INTENTS).json()["data"]) == 1
            break
        except requests.exceptions.ConnectionError:
            continue


def test_counted_connections_are_reset(simulator):
    simulator.add_fault("refuse_connections", times=2)
    for _ in range(2):
        with pytest.raises(requests.exceptions.ConnectionError):
            StripeClient(simulator).get("/v1/balance")
    assert StripeClient(simulator).get("/v1/balance").status_code == 200


def test_faults_strike_in_their_order_and_as_often_as_asked(simulator, stripe):
    simulator.add_fault("status_429", CREATE, times=2)
    simulator.add_fault("error_500_before", CREATE, times=1)
    simulator.add_fault("status_429", {"path_suffix": "/capture"}, times=-1)
    assert [stripe.pay().status_code for _ in range(4)] == [429, 429, 500, 200]
    assert stripe.get("/v1/balance").status_code == 200
    assert {stripe.post(f"{INTENTS}/pi_x/capture").status_code for _ in range(3)} == {429}
    assert [f["hits"] for f in simulator.control("faults")["faults"]] == [2, 1, 3]
    simulator.clear_faults()
    assert stripe.post(f"{INTENTS}/pi_x/capture").status_code == 404


def test_fault_of_one_request_by_its_header(simulator, stripe):
    response = stripe.pay(idempotency_key="key", headers={"X-Sim-Fault": "error_500_after; stored=result"})
    assert response.status_code == 500
    assert stripe.pay(idempotency_key="key").json()["status"] == "succeeded"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode", "provider": "stripe"},
        {"kind": "delay", "provider": "stripe"},
        {"kind": "drop_after"},
        {"kind": "drop_after", "provider": "stripe", "times": 0},
        {"kind": "drop_after", "provider": "stripe", "stored": "result"},
        {"kind": "refuse_connections", "provider": "stripe", "times": -1},
        {"kind": "drop_after", "provider": "stripe", "delay": 5},
        [],
    ],
)
def test_wrong_fault_is_refused(simulator, fault):
    assert requests.post(f"{simulator.url}/__sim/faults", json=fault, timeout=30).status_code == 400


# --- Ledger, journal, restart


def test_ledger_tells_who_moved_what(simulator, stripe):
    payment = stripe.pay(1500, metadata={"unigate_operation": "op_1"}, idempotency_key="pay-1").json()
    refund = stripe.post("/v1/refunds", {"payment_intent": payment["id"], "metadata": {"unigate_operation": "op_2"}}, "ref-1").json()
    charged, refunded = [line for line in simulator.lines() if line["rec"] == "movement"]
    assert simulator.ledger_entries() == [charged, refunded]
    assert {k: charged[k] for k in ("seq", "type", "id", "payment", "amount", "currency", "idempotency_key", "key_last4")} == {
        "seq": 1, "type": "charge", "id": payment["latest_charge"], "payment": payment["id"], "amount": 1500,
        "currency": "usd", "idempotency_key": "pay-1", "key_last4": KEY[-4:],
    }
    assert (refunded["type"], refunded["id"], refunded["metadata"]) == ("refund", refund["id"], {"unigate_operation": "op_2"})
    assert KEY not in simulator.ledger.read_text()


def everything(stripe):
    return [stripe.get(path).content for path in (INTENTS, "/v1/charges", "/v1/refunds", "/v1/customers", "/v1/balance")]


def busy_day(simulator, stripe):
    """One of each kind of change; returns what a replay of it must give."""
    customer = stripe.post("/v1/customers", {"email": "a@b.example"}, "cust").json()["id"]
    paid = stripe.pay(customer=customer, idempotency_key="pay").json()
    stripe.post("/v1/refunds", {"payment_intent": paid["id"], "amount": 5}, "refund")
    stripe.pay(amount=10, idempotency_key="too-small")
    stripe.pay(method="pm_card_chargeDeclined", idempotency_key="declined")
    held = stripe.pay(capture_method="manual").json()["id"]
    stripe.post(f"{INTENTS}/{held}/capture", {"amount_to_capture": 100})
    challenged = stripe.pay(method=CHALLENGED[0], return_url="https://shop.example/").json()
    visit(challenged, "succeed")
    simulator.add_fault("error_500_after", CREATE)
    stripe.pay(idempotency_key="failed")
    attempts = [
        lambda: stripe.pay(customer=customer, idempotency_key="pay"),
        lambda: stripe.pay(method="pm_card_chargeDeclined", idempotency_key="declined"),
        lambda: stripe.pay(idempotency_key="failed"),
    ]
    return attempts


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_state_and_keys_survive_a_restart(simulator, stripe, how):
    attempts = busy_day(simulator, stripe)
    before = everything(stripe)
    answers = [(a.status_code, a.content) for a in (attempt() for attempt in attempts)]
    simulator.stop(how)
    simulator.start()
    assert everything(stripe) == before
    replays = [attempt() for attempt in attempts]
    assert [(r.status_code, r.content) for r in replays] == answers
    assert {r.headers["Idempotent-Replayed"] for r in replays} == {"true"}
    assert stripe.pay().status_code == 200


def test_keys_expire_after_a_day(simulator, stripe):
    first = stripe.pay(idempotency_key="key").json()["id"]
    simulator.stop()
    lines = simulator.lines()
    for line in lines:
        if line["rec"] == "request":
            line["at_ms"] -= 24 * 60 * 60 * 1000 + 1000
    simulator.ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))
    simulator.start()
    assert stripe.pay(idempotency_key="key").json()["id"] != first


def test_torn_last_line_is_left_behind(simulator, stripe):
    payment = stripe.pay().json()["id"]
    simulator.stop()
    with open(simulator.ledger, "a") as ledger:
        ledger.write('{"rec":"request","prov')
    simulator.start()
    assert [p["id"] for p in stripe.get(INTENTS).json()["data"]] == [payment]
    stripe.pay()
    assert len(simulator.ledger_entries()) == 2


def test_reset_forgets_but_never_gives_an_id_again(simulator, stripe):
    payment = stripe.pay(idempotency_key="key").json()["id"]
    assert requests.post(f"{simulator.url}/__sim/reset", timeout=30).status_code == 200
    assert simulator.ledger_entries() == [] and simulator.movements() == []
    assert stripe.get(f"{INTENTS}/{payment}").status_code == 404
    again = stripe.pay(idempotency_key="key").json()["id"]
    assert again != payment
    simulator.stop()
    simulator.start()
    assert [p["id"] for p in stripe.get(INTENTS).json()["data"]] == [again]
    assert [m["payment"] for m in simulator.movements()] == [again]


def test_without_journal_only_movements_are_written(tmp_path):
    simulator = Simulator(tmp_path / "ledger", "--no-journal")
    with simulator:
        stripe = StripeClient(simulator)
        payment = stripe.pay().json()["id"]
        assert {line["rec"] for line in simulator.lines()} == {"start", "movement"}
        simulator.stop()
        simulator.start()
        assert stripe.get(f"{INTENTS}/{payment}").status_code == 404
        assert [m["payment"] for m in simulator.movements()] == [payment]


def test_request_log_is_bounded_and_says_what_was_answered(simulator, stripe):
    stripe.pay(idempotency_key="key")
    stripe.pay(idempotency_key="key")
    seen = simulator.control("requests")
    assert seen["count"] == 2
    first, second = seen["requests"]
    assert (first["method"], first["path"], first["idempotency_key"], first["status"]) == ("POST", INTENTS, "key", 200)
    assert second["replayed"] and not first["replayed"]
    for _ in range(1001):
        stripe.get("/v1/balance")
    seen = simulator.control("requests")
    assert seen["count"] == 1003 and len(seen["requests"]) == 1000
    assert len(simulator.control("requests?limit=3")["requests"]) == 3


# --- The official SDK


@pytest.mark.skipif(not shutil.which("npm"), reason="Node is not installed")
def test_official_sdk_works_against_the_simulator(simulator):
    result = subprocess.run(
        ["node", str(SOURCE / "stripe_sdk.js"), str(simulator.port), KEY],
        env=node_environment(), capture_output=True, text=True, timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "customer": ["Zoë", None],
        "manual": ["requires_payment_method", "requires_capture", "succeeded", 2000],
        "refund": ["succeeded", 2000, 1000],
        "canceled": "canceled",
        "listed": True,
        "declined": ["StripeCardError", 402, "card_declined", "insufficient_funds", "requires_payment_method"],
        "replayed": True,
        "keyReused": "StripeIdempotencyError",
        "deleted": True,
        "pending": 1500,
    }
