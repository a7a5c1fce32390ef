"""What nobody could find out: a person looks at the provider, says what became of it, and everything follows from that."""
import json

import pytest
import requests

from support.client import new_key
from support.database import escalate, make_older, rows
from support.waiting import eventually, in_background

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}


@pytest.fixture
def lost(stack, simulator):
    """Starts an operation whose answers are lost for as long as the test wants, and gives it up. `before`: the provider
    never sees it; else it carries it out."""
    def lose(path, body, suffix, before=False, key=None):
        simulator.fault("drop_before" if before else "drop_after", prefix="/v", suffix=suffix, times=-1)
        response = stack.api.post(path, body, idempotency_key=key or new_key())
        assert response.status_code == 202, response.text
        # What a change of a payment is known by is not in the payment, which names the operation that made it.
        [newest] = stack.api.ok("GET", "/v1/transactions", params={"limit": 1})["data"]
        response.transaction_id = newest["id"]
        eventually(lambda: escalate(stack.gateway, response.transaction_id), "it waits for its next attempt", 30)
        simulator.clear_faults()
        return response
    return lose


def resolve(api, transaction_id, status=200, **body):
    return api.ok("POST", f"/v1/transactions/{transaction_id}/resolve", {"reason": "seen in the dashboard", **body}, status)


def test_an_escalated_payment_says_what_to_do_and_is_resolved_as_succeeded(stack, api, simulator, lost):
    key = new_key()
    first = lost(ORDERS, BODY, "/payment_intents", key=key)
    transaction_id = first.transaction_id
    record = api.transaction(transaction_id)
    assert (record["state"], record["finished_at"]) == ("escalated", None)
    assert record["escalated"]["reason"] == "unresolved for too long"
    assert transaction_id in record["escalated"]["what_to_do"]
    assert transaction_id in [t["id"] for t in api.ok("GET", "/v1/transactions", params={"status": "escalated"})["data"]]
    listed = stack.gateway.json("operation", "list")
    assert transaction_id in [each["transaction"]["id"] for each in listed]

    [movement] = simulator.movements()
    problem = resolve(api, transaction_id, 422, **{"as": "succeeded"})
    assert (problem["code"], problem["param"]) == ("provider_id_needed", "provider_id")
    resolved = resolve(api, transaction_id, **{"as": "succeeded", "provider_id": movement["payment"]})
    assert (resolved["state"], resolved["outcome"], resolved["escalated"]) == ("succeeded", "done", None)
    assert resolved["transitions"][-1]["actor"].startswith("api_key:key_")
    assert resolved["why"] == "resolved by hand as succeeded: seen in the dashboard"
    payment = api.payment(first.json()["id"])
    assert (payment["status"], payment["amount_captured"], payment["provider_id"]) == ("succeeded", 1050, movement["payment"])
    again = api.post(ORDERS, BODY, idempotency_key=key)
    assert again.content == first.content and again.headers["Idempotent-Replayed"] == "true"
    assert len(simulator.movements()) == 1


def test_nothing_else_changes_a_payment_until_a_person_has_decided(stack, api, simulator, lost):
    payment = api.pay(capture_method="manual")
    first = lost(f"{ORDERS}/{payment['id']}/capture", {}, "/capture", before=True)
    transaction_id = first.transaction_id
    sent = len(simulator.requests())
    for action in ("capture", "cancel"):
        refused = api.post(f"{ORDERS}/{payment['id']}/{action}", {}, idempotency_key=new_key())
        assert refused.status_code in (409, 422), refused.text
    assert len([r for r in simulator.requests()[sent:] if r["method"] == "POST"]) == 0
    done = stack.gateway.run("operation", "resolve", transaction_id, "--as", "failed", "--reason", "never arrived", "--by", "ann", "--json")
    shown = json.loads(done.stdout)
    assert shown["transaction"]["state"] == "failed" and shown["why"].endswith("never arrived")
    assert shown["transaction"]["transitions"][-1]["actor"] == "operator:ann"
    assert api.payment(payment["id"])["status"] == "requires_capture"
    captured = api.ok("POST", f"{ORDERS}/{payment['id']}/capture", {}, idempotency_key=new_key())
    assert (captured["status"], captured["amount_captured"]) == ("succeeded", 1050)
    [movement] = simulator.movements()
    assert (movement["captured"], movement["captures"]) == (1050, 1)


def test_a_capture_found_done_shows_with_the_next_read(api, simulator, lost):
    payment = api.pay(capture_method="manual")
    first = lost(f"{ORDERS}/{payment['id']}/capture", {}, "/capture")
    resolved = resolve(api, first.transaction_id, **{"as": "succeeded"})
    assert resolved["state"] == "succeeded"
    after = api.payment(payment["id"])
    assert (after["status"], after["amount_captured"]) == ("succeeded", 1050)


def test_a_refund_found_done_counts_against_its_payment(api, simulator, lost):
    payment = api.pay()
    first = lost(f"{ORDERS}/{payment['id']}/refunds", {"amount": 50}, "/refunds")
    assert api.payment(payment["id"])["amount_refunded"] == 0
    [refund_id] = [entry["id"] for entry in simulator.entries() if entry["type"] == "refund"]
    resolve(api, first.transaction_id, **{"as": "succeeded", "provider_id": refund_id})
    refund = api.ok("GET", f"/v1/payments/refunds/{first.json()['id']}")
    assert (refund["status"], refund["amount"]) == ("succeeded", 50)
    assert api.payment(payment["id"])["amount_refunded"] == 50


def test_a_refund_that_failed_takes_nothing_off(api, simulator, lost):
    payment = api.pay()
    first = lost(f"{ORDERS}/{payment['id']}/refunds", {"amount": 50}, "/refunds", before=True)
    resolve(api, first.transaction_id, **{"as": "failed"})
    refund = api.ok("GET", f"/v1/payments/refunds/{first.json()['id']}")
    assert refund["status"] == "failed"
    assert api.payment(payment["id"])["amount_refunded"] == 0


def test_asking_again_finds_it_out(stack, api, simulator, lost):
    first = lost(ORDERS, BODY, "/payment_intents")
    stack.gateway.run("operation", "ask", first.transaction_id, "--reason", "the provider is back", "--by", "ann")
    record = eventually(lambda: (r := api.transaction(first.transaction_id))["state"] == "succeeded" and r,
                        "a running gateway asks", 40, 0.1)
    assert "operator:ann" in [t["actor"] for t in record["transitions"]]
    assert api.payment(first.json()["id"])["status"] == "succeeded"
    assert len(simulator.movements()) == 1


def test_refusals_name_field_and_remedy(stack, api, simulator, lost):
    done = api.pay()["transaction_id"]
    assert resolve(api, done, 409, **{"as": "failed"})["code"] == "not_escalated"
    first = lost(ORDERS, BODY, "/payment_intents", before=True)
    transaction_id = first.transaction_id
    path = f"/v1/transactions/{transaction_id}/resolve"
    for body, param in (({"as": "failed"}, "reason"), ({"as": "lost", "reason": "x"}, "as"),
                        ({"as": "failed", "provider_id": "pi_1", "reason": "x"}, "provider_id"),
                        ({"as": "failed", "reason": "   "}, "reason")):
        assert api.problem("POST", path, body, 400)["param"] == param, body
    other = api.pay()
    taken = resolve(api, transaction_id, 422, **{"as": "succeeded", "provider_id": other["provider_id"]})
    assert (taken["code"], taken["param"]) == ("provider_id_taken", "provider_id")
    assert other["id"] in taken["detail"]
    reader = stack.client(stack.gateway.key(stack.org, "test", "transactions:read"))
    reader.problem("POST", path, {"as": "failed", "reason": "x"}, 403)
    stack.newcomer().problem("POST", path, {"as": "failed", "reason": "x"}, 404)
    assert api.transaction(transaction_id)["state"] == "escalated"
    assert stack.gateway.run("operation", "resolve", transaction_id, "--as", "failed", check=False).returncode == 2
    assert stack.gateway.run("operation", "show", "txn_nope", check=False).returncode == 1
    resolve(api, transaction_id, **{"as": "failed"})
    assert resolve(api, transaction_id, 409, **{"as": "succeeded"})["code"] == "not_escalated"


def test_a_client_that_was_never_answered_gets_the_final_answer(fresh):
    fresh.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=2000)
    client = in_background(lambda: fresh.api.post(ORDERS, BODY, idempotency_key="never-1"))
    eventually(lambda: fresh.simulator.posts("/v1/payment_intents"), "the request is at the provider")
    fresh.gateway.kill()
    client.join(10)
    [(transaction_id,)] = rows(fresh.gateway, "SELECT id FROM operations WHERE client_key = 'never-1'")
    assert escalate(fresh.gateway, transaction_id)
    fresh.gateway.restart()
    in_use = fresh.api.post(ORDERS, BODY, idempotency_key="never-1")
    assert in_use.status_code == 409
    fresh.gateway.run("operation", "resolve", transaction_id, "--as", "failed", "--reason", "refunded at once", "--by", "ann")
    answer = fresh.api.post(ORDERS, BODY, idempotency_key="never-1")
    assert answer.status_code == 422 and answer.headers["Idempotent-Replayed"] == "true"
    assert (answer.json()["code"], answer.json()["transaction_id"]) == ("resolved_as_failed", transaction_id)
    assert fresh.api.post(ORDERS, BODY, idempotency_key="never-1").content == answer.content
    assert len(fresh.simulator.posts("/v1/payment_intents")) == 1


def test_a_passthrough_that_was_cut_off_waits_for_a_person(fresh):
    """Nobody but the caller knows what it means, so nobody can ask."""
    fresh.simulator.fault("delay", prefix="/v1/customers", delay_ms=2000)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    client = in_background(lambda: fresh.api.request("POST", "/v1/passthrough/stripe/v1/customers", data=b"name=Ada", headers=headers))
    eventually(lambda: fresh.simulator.posts("/v1/customers"), "the request is at the provider")
    fresh.gateway.kill()
    client.join(10)
    fresh.gateway.restart()
    [waiting] = eventually(lambda: fresh.api.ok("GET", "/v1/transactions", params={"status": "escalated"})["data"], "it is given up")
    assert "unigate_operations_escalated 1" in requests.get(fresh.gateway.metrics_url, timeout=10).text
    asked = fresh.gateway.run("operation", "ask", waiting["id"], "--reason", "x", check=False)
    assert asked.returncode == 1 and "resolve it" in asked.stderr
    fresh.gateway.run("operation", "resolve", waiting["id"], "--as", "succeeded", "--reason", "it is there", "--by", "ann")
    assert fresh.gateway.json("operation", "list") == []
    assert len(fresh.simulator.posts("/v1/customers")) == 1


def test_after_a_day_of_silence_a_person_is_called(fresh):
    fresh.simulator.fault("drop_after", prefix="/v1/payment_intents", times=-1)
    first = fresh.api.post(ORDERS, BODY)
    assert first.status_code == 202
    transaction_id = first.json()["transaction_id"]
    fresh.gateway.stop()
    make_older(fresh.gateway, transaction_id, hours=25)
    fresh.simulator.fault("drop_before", method="GET", prefix="/v1/", times=-1)
    sent = len(fresh.simulator.posts("/v1/payment_intents"))
    fresh.gateway.start()
    record = eventually(lambda: (r := fresh.api.transaction(transaction_id))["state"] == "escalated" and r, "it is given up", 90, 0.2)
    assert record["escalated"]["reason"] == "unresolved for too long"
    assert record["attempts"][-1]["action"] == "query" and record["attempts"][-1]["outcome"] == "unknown"
    assert len(fresh.simulator.posts("/v1/payment_intents")) == sent  # the provider's key is too old to be used again
