"""What the simulated Razorpay does with money, keys, time and webhooks, without anything from outside this repository but the official
SDK from npm."""

import hashlib
import hmac
import json
import shutil
import subprocess

import pytest
import requests
from node_tools import SOURCE, node_environment
from razorpay_client import KEY_ID, OWN_NUMBER, SECRET, RazorpayClient
from simulator_process import Simulator
from webhook_receiver import WebhookReceiver

DAY = 86400


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl", providers=("razorpay",)) as running:
        yield running


@pytest.fixture
def razorpay(simulator):
    return RazorpayClient(simulator)


def signature(text, secret=SECRET):
    return hmac.new(secret.encode(), text.encode() if isinstance(text, str) else text, hashlib.sha256).hexdigest()


def moved(simulator, kind):
    return [entry for entry in simulator.ledger_entries() if entry["type"] == kind]


# --- Payments


def test_checkout_hands_out_a_true_signature(razorpay):
    order = razorpay.order()
    answer = razorpay.pay(order)
    assert answer["razorpay_order_id"] == order
    assert answer["razorpay_signature"] == signature(f"{order}|{answer['razorpay_payment_id']}")


def test_captures_the_full_authorised_amount_once(simulator, razorpay):
    payment = razorpay.paid(1000, "authorized")
    path = f"/v1/payments/{payment}/capture"
    error = razorpay.refused("POST", path, {"amount": 999, "currency": "INR"})
    assert error["description"] == "Capture amount must be equal to the amount authorized."
    assert razorpay.post(path, {"amount": 1000, "currency": "INR"})["captured"] is True
    assert "already been captured" in razorpay.refused("POST", path, {"amount": 1000, "currency": "INR"})["description"]
    (summary,) = simulator.movements()
    assert [summary[k] for k in ("authorized", "captured", "refunded")] == [1000, 1000, 0]


def test_gives_back_what_is_never_captured(simulator, razorpay):
    payment = razorpay.paid(1000, "authorized")
    simulator.advance(6 * DAY)
    assert razorpay.get(f"/v1/payments/{payment}")["status"] == "refunded"
    assert [entry["amount"] for entry in moved(simulator, "void")] == [1000]


@pytest.mark.parametrize(
    "wish, reason",
    [({"method": "upi", "vpa": "failure@razorpay"}, "payment_cancelled"), ({"card": "4000000000000002"}, "card_declined"),
     ({"card": "4000000000009995"}, "insufficient_funds"), ({"outcome": "failed", "error": "gateway_technical_error"}, "gateway_technical_error")],
)
def test_magic_values_and_named_errors_fail(simulator, razorpay, wish, reason):
    order = razorpay.order()
    error = simulator.steer(f"razorpay/orders/{order}/pay", wish)["error"]
    payment = razorpay.get(f"/v1/payments/{error['metadata']['payment_id']}")
    assert (payment["status"], payment["error_reason"], error["reason"]) == ("failed", reason, reason)
    assert razorpay.get(f"/v1/orders/{order}")["status"] == "attempted"
    assert simulator.ledger_entries() == []


def test_order_is_paid_once(simulator, razorpay):
    order = razorpay.order()
    razorpay.pay(order)
    assert simulator.steer(f"razorpay/orders/{order}/pay", status=400)["error"]["description"].startswith("Your payment has been declined")


def test_refuses_in_the_words_of_the_provider(razorpay):
    for body, description in (
        ({"amount": 500}, "The currency field is required."),
        ({"amount": "1.5", "currency": "INR"}, "The amount must be an integer."),
        ({"amount": 99, "currency": "INR"}, "The amount must be at least INR 1.00"),
        ({"amount": 500, "currency": "INR", "colour": 1, "size": 2}, "colour, size is/are not required and should not be sent"),
        ({"amount": 500, "currency": "INR", "receipt": "r" * 41}, "The receipt may not be greater than 40 characters."),
    ):
        error = razorpay.refused("POST", "/v1/orders", body)
        assert (error["code"], error["description"]) == ("BAD_REQUEST_ERROR", description)
    assert razorpay.refused("GET", "/v1/orders/order_short")["description"] == "order_short is not a valid id"
    assert razorpay.refused("GET", "/v1/orders", params={"count": 0})["description"] == "The count must be at least 1."


def test_notes_are_a_list_when_empty(razorpay):
    assert razorpay.post("/v1/orders", {"amount": 500, "currency": "INR"})["notes"] == []
    assert razorpay.post("/v1/orders", {"amount": 500, "currency": "INR", "notes": {"a": "b"}})["notes"] == {"a": "b"}


def test_pages_by_count_skip_and_time(simulator, razorpay):
    made = []
    for _ in range(5):
        made.append(razorpay.order())
        simulator.advance(10)
    newest_first = made[::-1]
    items = razorpay.get("/v1/orders", count=2, skip=1)["items"]
    assert [order["id"] for order in items] == newest_first[1:3]
    middle = razorpay.get(f"/v1/orders/{made[2]}")["created_at"]
    items = razorpay.get("/v1/orders", **{"from": middle, "to": middle + 15})["items"]
    assert [order["id"] for order in items] == [made[3], made[2]]


def test_keys_are_accounts_and_wrong_ones_are_refused(razorpay):
    order = razorpay.order()
    simulator = razorpay.simulator
    other = RazorpayClient(simulator, key=("rzp_test_simulator0002", "other"))
    assert other.refused("GET", f"/v1/orders/{order}")["description"] == "The id provided does not exist"
    assert RazorpayClient(simulator, key=(KEY_ID, "wrong")).refused("GET", "/v1/orders", status=401)["description"] == "The api secret provided is invalid"
    url = simulator.url_of("razorpay") + "/v1/orders"
    header = requests.Request("GET", url, auth=(KEY_ID, SECRET)).prepare().headers["Authorization"]
    assert requests.get(url, headers={"Authorization": header.replace("Basic", "basic")}, timeout=30).status_code == 401


# --- Refunds


def test_refunds_parts_until_nothing_is_left(simulator, razorpay):
    payment = razorpay.paid(1000)
    path = f"/v1/payments/{payment}/refund"
    assert razorpay.post(path, {"amount": 400})["status"] == "processed"
    assert razorpay.get(f"/v1/payments/{payment}")["refund_status"] == "partial"
    assert "greater" in razorpay.refused("POST", path, {"amount": 700})["description"]
    assert razorpay.post(path, {})["amount"] == 600
    assert razorpay.get(f"/v1/payments/{payment}")["status"] == "refunded"
    assert "fully refunded" in razorpay.refused("POST", path, {})["description"]
    assert simulator.movements()[0]["refunded"] == 1000


def test_refund_key_replays_and_other_body_is_refused(simulator, razorpay):
    path = f"/v1/payments/{razorpay.paid(1000)}/refund"
    key = {"X-Refund-Idempotency": "refund-key-0001"}
    first = razorpay.call("POST", path, {"amount": 100}, headers=key)
    again = razorpay.call("POST", path, {"amount": 100}, headers=key)
    assert first.content == again.content
    assert "Different request" in razorpay.refused("POST", path, {"amount": 200}, status=409, headers=key)["description"]
    assert "at least 10" in razorpay.refused("POST", path, {"amount": 100}, headers={"X-Refund-Idempotency": "short"})["description"]
    (refund,) = moved(simulator, "refund")
    assert (refund["amount"], refund["idempotency_key"]) == (100, "refund-key-0001")


@pytest.mark.parametrize("outcome, status, left", [("pending", "processed", 0), ("failed", "failed", 1000)])
def test_refund_that_waits_ends_as_wished(simulator, razorpay, outcome, status, left):
    payment = razorpay.paid(1000)
    refund = razorpay.post(f"/v1/payments/{payment}/refund", {"notes": {"sim_outcome": outcome}})
    assert refund["status"] == "pending"
    simulator.advance(10)
    assert razorpay.get(f"/v1/refunds/{refund['id']}")["status"] == status
    assert 1000 - razorpay.get(f"/v1/payments/{payment}")["amount_refunded"] == left


# --- Payouts


def test_payout_needs_a_key_and_is_made_once_for_it(simulator, razorpay):
    account = razorpay.fund_account()
    body = {"account_number": OWN_NUMBER, "fund_account_id": account, "amount": 100000, "currency": "INR", "mode": "IMPS", "purpose": "payout"}
    assert razorpay.refused("POST", "/v1/payouts", body)["field"] == "X-Payout-Idempotency"
    first = razorpay.payout(account, key="same")
    assert razorpay.payout(account, key="same").content == first.content
    assert razorpay.payout(account, 200000, key="same").status_code == 409
    (payout,) = moved(simulator, "payout")
    assert (payout["amount"], payout["idempotency_key"]) == (100000, "same")


@pytest.mark.parametrize("number, status", [("765432123456789", "processed"), ("12345600001", "reversed"), ("12345600002", "failed"), ("12345600004", "processing")])
def test_payout_goes_as_the_account_number_says(simulator, razorpay, number, status):
    payout = razorpay.payout(razorpay.fund_account(account_number=number)).json()
    simulator.advance(3600)
    assert razorpay.get(f"/v1/payouts/{payout['id']}")["status"] == status
    back = sum(entry["amount"] for entry in moved(simulator, "payout_reversal"))
    assert back == (100000 if status in ("reversed", "failed") else 0)


def test_payout_may_be_reversed_after_it_was_processed(simulator, razorpay):
    payout = razorpay.payout(razorpay.fund_account()).json()["id"]
    simulator.advance(60)
    simulator.steer(f"razorpay/payouts/{payout}/set", {"status": "reversed"})
    assert razorpay.get(f"/v1/payouts/{payout}")["status"] == "reversed"


def test_queued_payout_can_be_cancelled_a_started_one_not(razorpay):
    account = razorpay.fund_account()
    assert "enough balance" in razorpay.payout(account, 10**12).json()["error"]["description"]
    queued = razorpay.payout(account, 10**12, queue_if_low_balance=True).json()
    assert queued["status"] == "queued"
    assert razorpay.post(f"/v1/payouts/{queued['id']}/cancel")["status"] == "cancelled"
    razorpay.refused("POST", f"/v1/payouts/{razorpay.payout(account).json()['id']}/cancel")


# --- Subscriptions, links, disputes


def test_subscription_runs_its_course(simulator, razorpay):
    subscription = razorpay.subscription(3)
    path = f"/v1/subscriptions/{subscription}"
    answer = simulator.steer(f"razorpay/subscriptions/{subscription}/authenticate", {"method": "card"})
    assert answer["razorpay_signature"] == signature(f"{answer['razorpay_payment_id']}|{subscription}")
    assert (razorpay.get(path)["status"], razorpay.get(path)["paid_count"]) == ("active", 1)
    simulator.advance(32 * DAY)
    assert razorpay.get(path)["paid_count"] == 2
    simulator.advance(40 * DAY)
    done = razorpay.get(path)
    assert (done["status"], done["paid_count"], done["remaining_count"]) == ("completed", 3, 0)
    assert [entry["amount"] for entry in moved(simulator, "charge")] == [69900] * 3
    assert razorpay.get("/v1/invoices", subscription_id=subscription)["count"] == 3


def test_subscription_that_starts_later_waits_authenticated(simulator, razorpay):
    start = simulator.control("clock")["now_ms"] // 1000 + 10 * DAY
    path = f"/v1/subscriptions/{razorpay.subscription(2, start_at=start)}"
    simulator.steer(f"razorpay/subscriptions/{path.rsplit('/', 1)[1]}/authenticate")
    assert (razorpay.get(path)["status"], razorpay.get(path)["paid_count"]) == ("authenticated", 0)
    simulator.advance(11 * DAY)
    assert (razorpay.get(path)["status"], razorpay.get(path)["current_start"]) == ("active", start)


def test_failing_charges_make_it_pending_then_halted(simulator, razorpay):
    subscription = razorpay.subscription(6)
    simulator.steer(f"razorpay/subscriptions/{subscription}/authenticate")
    simulator.steer(f"razorpay/subscriptions/{subscription}/charge", {"charges": "fail"})
    simulator.advance(32 * DAY)
    assert razorpay.get(f"/v1/subscriptions/{subscription}")["status"] == "pending"
    simulator.advance(5 * DAY)
    assert razorpay.get(f"/v1/subscriptions/{subscription}")["status"] == "halted"


def test_paused_subscription_is_not_charged_until_resumed(simulator, razorpay):
    subscription = razorpay.subscription(6)
    path = f"/v1/subscriptions/{subscription}"
    simulator.steer(f"razorpay/subscriptions/{subscription}/authenticate")
    razorpay.post(f"{path}/pause", {"pause_at": "now"})
    simulator.advance(70 * DAY)
    assert razorpay.get(path)["paid_count"] == 1
    razorpay.post(f"{path}/resume", {"resume_at": "now"})
    simulator.advance(1)
    assert razorpay.get(path)["paid_count"] == 2


def test_link_is_paid_in_parts_and_signs_each(simulator, razorpay):
    link = razorpay.post("/v1/payment_links", {"amount": 1000, "accept_partial": True, "reference_id": "ref-1"})["id"]
    part = simulator.steer(f"razorpay/payment_links/{link}/pay", {"amount": 400})
    assert part["razorpay_signature"] == signature(f"{link}|ref-1|partially_paid|{part['razorpay_payment_id']}")
    assert simulator.steer(f"razorpay/payment_links/{link}/pay")["razorpay_payment_link_status"] == "paid"
    assert "reference ID already attempted" in razorpay.refused("POST", "/v1/payment_links", {"amount": 1000, "reference_id": "ref-1"})["description"]
    razorpay.refused("POST", f"/v1/payment_links/{link}/cancel")


def test_link_expires(simulator, razorpay):
    now = simulator.control("clock")["now_ms"] // 1000
    link = razorpay.post("/v1/payment_links", {"amount": 1000, "expire_by": now + 3600})["id"]
    simulator.advance(3700)
    assert razorpay.get(f"/v1/payment_links/{link}")["status"] == "expired"


@pytest.mark.parametrize("summary, status, deducted", [("goods delivered", "won", 0), ("losing_evidence", "lost", 1000)])
def test_contested_dispute_is_decided_by_its_evidence(simulator, razorpay, summary, status, deducted):
    payment = razorpay.paid(1000)
    dispute = simulator.steer(f"razorpay/payments/{payment}/dispute")["id"]
    contested = razorpay.ok("PATCH", f"/v1/disputes/{dispute}/contest", {"summary": summary, "action": "submit"})
    assert contested["status"] == "under_review"
    simulator.advance(60)
    decided = razorpay.get(f"/v1/disputes/{dispute}")
    assert (decided["status"], decided["amount_deducted"]) == (status, deducted)


# --- Webhooks


def test_webhooks_are_signed_and_sent_again_until_taken(simulator, razorpay):
    with WebhookReceiver(statuses=[500]) as receiver:
        simulator.steer("webhooks", {"provider": "razorpay", "url": receiver.url, "secret": "whsec", "events": ["payment.captured", "order.paid"]})
        payment = razorpay.paid()
        first = receiver.next()
        simulator.advance(5)
        messages = [first, receiver.next(), receiver.next()]  # two events, and the refused one once more
        for headers, body in messages:
            assert headers["X-Razorpay-Signature"] == signature(body, "whsec")
        events = {headers["x-razorpay-event-id"]: json.loads(body) for headers, body in messages}
        assert {event["event"] for event in events.values()} == {"payment.captured", "order.paid"}
        captured = next(event for event in events.values() if event["event"] == "payment.captured")
        assert captured["payload"]["payment"]["entity"]["id"] == payment
        assert captured["contains"] == ["payment"] and captured["entity"] == "event"


def test_endpoint_registered_by_the_api_gets_its_events(simulator, razorpay):
    with WebhookReceiver() as receiver:
        razorpay.post("/v1/webhooks", {"url": receiver.url, "secret": "s3cret", "events": {"payment.failed": 1}})
        razorpay.pay(razorpay.order(), "failed")
        headers, body = receiver.next()
        assert headers["X-Razorpay-Signature"] == signature(body, "s3cret")
        assert json.loads(body)["event"] == "payment.failed"
    deliveries = simulator.control("webhooks")["deliveries"]
    assert [d["type"] for d in deliveries] == ["payment.failed"]
    assert "s3cret" not in json.dumps(simulator.control("webhooks"))


def test_no_webhook_leaves_this_machine(simulator, razorpay):
    razorpay.post("/v1/webhooks", {"url": "https://gw.example.com/w", "secret": "s", "events": {"payment.failed": 1}})
    razorpay.pay(razorpay.order(), "failed")
    (delivery,) = simulator.control("webhooks")["deliveries"]
    assert delivery["state"] == "not_loopback" and delivery["attempts"] == []


# --- Faults and restarts


def test_lost_answer_leaves_one_refund(simulator, razorpay):
    path = f"/v1/payments/{razorpay.paid(1000)}/refund"
    key = {"X-Refund-Idempotency": "refund-key-0001"}
    simulator.add_fault("drop_after", match={"method": "POST", "path_suffix": "/refund"})
    with pytest.raises(requests.exceptions.ConnectionError):
        razorpay.call("POST", path, {"amount": 100}, headers=key)
    assert razorpay.post(path, {"amount": 100}, headers=key)["amount"] == 100
    assert len(moved(simulator, "refund")) == 1


def test_order_has_no_key_and_a_second_request_makes_a_second_one(simulator, razorpay):
    simulator.add_fault("error_500_after")
    razorpay.refused("POST", "/v1/orders", {"amount": 500, "currency": "INR", "receipt": "same"}, status=500)
    razorpay.order(500, receipt="same")
    assert razorpay.get("/v1/orders", receipt="same")["count"] == 2


def test_restart_keeps_objects_time_and_plans(simulator, razorpay):
    subscription = razorpay.subscription(3)
    simulator.steer(f"razorpay/subscriptions/{subscription}/authenticate")
    payout = razorpay.payout(razorpay.fund_account(), key="kept").json()
    simulator.advance(32 * DAY)
    before = {path: razorpay.call("GET", path).text for path in (f"/v1/subscriptions/{subscription}", f"/v1/payouts/{payout['id']}", "/v1/payments", "/v1/invoices")}
    movements = simulator.ledger_entries()
    simulator.stop()
    simulator.start()
    assert {path: razorpay.call("GET", path).text for path in before} == before
    assert simulator.ledger_entries() == movements
    account = json.loads(before[f"/v1/payouts/{payout['id']}"])["fund_account_id"]
    assert razorpay.payout(account, key="kept").json()["id"] == payout["id"]
    simulator.advance(31 * DAY)
    assert razorpay.get(f"/v1/subscriptions/{subscription}")["status"] == "completed"
    assert len(moved(simulator, "charge")) == 3


# --- The official SDK


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_official_sdk_works(simulator, razorpay):
    razorpay.get("/v1/payments")  # shows the secret, so that Checkout can sign
    result = subprocess.run(
        ["node", str(SOURCE / "razorpay_sdk.js"), str(simulator.port), KEY_ID, SECRET],
        env=node_environment(), capture_output=True, text=True, timeout=120,
    )
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    wrong = {name: fact for name, fact in facts.items() if fact is not True}
    assert len(facts) >= 30 and not wrong, wrong


def test_nonsense_is_refused_and_survived(simulator, razorpay):
    url = simulator.url_of("razorpay")
    auth = (KEY_ID, SECRET)
    for method, path, body in (
        ("GET", "/v1/orders/%ff", None), ("GET", "/v1/orders?receipt=%ff", None), ("POST", "/v1/orders", b"\xff"), ("POST", "/v1/orders", b"[1]"),
        ("POST", "/v1/orders", b'{"amount":'), ("POST", "/v1/webhooks", b'{"url":"http://127.0.0.1:1/","events":[1]}'),
        ("POST", "/v1/orders", b'{"amount":1e30,"currency":"INR"}'), ("POST", "/v1/orders", b'{"amount":500,"currency":"INR","transfers":[1]}'),
    ):
        answer = requests.request(method, url + path, data=body, headers={"Content-Type": "application/json"}, auth=auth, timeout=30)
        assert 400 <= answer.status_code <= 500, (path, body, answer.text)
    assert razorpay.get("/v1/orders")["count"] == 0
